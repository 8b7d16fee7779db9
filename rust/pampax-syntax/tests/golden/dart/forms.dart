// Written for this project: the forms of a Dart definition that the other fixtures lack.
library forms;

import 'dart:async';
import 'dart:math' as math show max, min;
export 'src/other.dart';
part 'forms.g.dart';

/// The default size.
const int defaultSize = 64, maximumSize = 4096;
final List<String> names = <String>[];
var counter = 0;
late String title;

/// Compares two values.
typedef Comparator2<T> = int Function(T a, T b);
typedef int OldStyle(String text);
typedef Pair = (int, int);

int get total => counter;
set total(int value) {
  counter = value;
}

external int nativeLength(String text);

/// Adds two numbers.
int add(int a, int b) => math.max(a, 0) + b;

Future<void> main(List<String> arguments) async {
  int local(int x) => x + 1;
  final values = [for (final a in arguments) local(a.length)];
  await for (final value in Stream.fromIterable(values)) {
    print('value $value');
  }
}

/// Something that has a name.
abstract interface class Named {
  String get name;
  void rename(String newName);
}

mixin Countable on Named {
  int count = 0;
  void increment() => count++;
}

base mixin Other implements Named {}

sealed class Shape {
  const Shape();
}

@immutable
final class Circle extends Shape with Comparable<Circle> implements Named {
  static const double pi = 3.14159;
  static int instances = 0;
  final double radius;
  @override
  final String name;
  late final int _hash;
  double? area, diameter;

  const Circle(this.radius, {this.name = 'circle'}) : super();

  Circle.unit() : this(1);

  /// Reads a circle.
  factory Circle.fromJson(Map<String, Object?> json) {
    return Circle(json['radius'] as double);
  }

  const factory Circle.redirected(double radius) = Circle;

  double get circumference => 2 * pi * radius;

  set scale(double factor) {
    print(factor);
  }

  @override
  bool operator ==(Object other) => other is Circle && other.radius == radius;

  Circle operator +(Circle other) => Circle(radius + other.radius);

  double operator [](int index) => radius;

  static Circle parse(String text) => Circle(double.parse(text));

  external void draw();

  @override
  void rename(String newName) => throw UnsupportedError('no');

  @override
  int compareTo(Circle other) => radius.compareTo(other.radius);
}

class Alias = Shape with Other;

extension ListSum on List<int> {
  int get sum => fold(0, (a, b) => a + b);
  int weighted(int weight) => sum * weight;
}

extension on String {
  String shout() => toUpperCase();
}

extension type UserId(int value) implements int {
  UserId.zero() : value = 0;
  bool get isRoot => value == 0;
}

/// The planets.
enum Planet implements Named {
  /// Close to the sun.
  mercury(mass: 3.3e23, name: 'Mercury'),
  earth(mass: 5.9e24, name: 'Earth');

  const Planet({required this.mass, required this.name});

  final double mass;
  @override
  final String name;

  double get weight => mass * 9.8;

  @override
  void rename(String newName) {}
}

enum Color { red, green, blue }
