// Written for this project: the forms of a Scala 3 definition that the other fixtures lack.
package forms.next

import scala.compiletime.{erasedValue, summonInline as summoned}
import forms.base.given
export forms.base.{Named, Store}

/** The default size. */
val defaultSize: Int = 64

var counter = 0

/** Adds two numbers. */
def add(a: Int, b: Int): Int =
  val sum = a + b
  def local(x: Int) = x + 1
  local(sum)

@main def run(arguments: String*): Unit =
  for argument <- arguments do println(argument)

type Handler[A] = A => Unit

opaque type UserId = Int

object UserId:
  def apply(value: Int): UserId = value
  extension (id: UserId)
    def value: Int = id
    def isRoot: Boolean = id == 0
end UserId

trait Show[A]:
  def show(a: A): String
  extension (a: A) def display: String = show(a)

object Show:
  given Show[Int] with
    def show(a: Int): String = a.toString

  given text: Show[String] with
    def show(a: String): String = a

  given listShow[A](using inner: Show[A]): Show[List[A]] =
    new Show[List[A]]:
      def show(a: List[A]): String = a.map(inner.show).mkString(",")

  given Ordering[UserId] = Ordering.by(_.value)

  inline def derived[A](using mirror: Mirror.Of[A]): Show[A] = ???

/** The planets. */
enum Planet(val mass: Double) derives CanEqual:
  /** Close to the sun. */
  case Mercury extends Planet(3.3e23)
  case Earth extends Planet(5.9e24)

  def weight: Double = mass * 9.8

enum Color:
  case Red, Green, Blue

enum Tree[+A]:
  case Leaf(value: A)
  case Node(left: Tree[A], right: Tree[A])

open class Counter(using val config: Config)(start: Int = 0) extends Base, Named:
  private var count = start
  def increment()(using log: Log): Int =
    count += 1
    count

  infix def plus(other: Counter): Counter = Counter(count + other.count)

transparent trait Marker

case class Person(name: String, age: Int) derives Show
