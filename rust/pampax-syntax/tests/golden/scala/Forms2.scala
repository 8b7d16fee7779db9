// Written for this project: the forms of a Scala 2 definition that the other fixtures lack.
package forms
package model

import scala.collection.{mutable, immutable => imm}
import scala.util.Try
import forms.base._

/** The implicits of this package. */
package object implicits {
  type Result[A] = Either[String, A]
  implicit val ordering: Ordering[Point] = Ordering.by(_.x)
  implicit class RichText(val text: String) extends AnyVal {
    def shout: String = text.toUpperCase
  }
  implicit def toPoint(x: Int): Point = Point(x, 0)
}

/** A point of the plane. */
final case class Point(x: Int, y: Int = 0)(implicit val scale: Int) {
  def length: Double = math.sqrt((x * x + y * y).toDouble)
  def +(other: Point): Point = copy(x + other.x)
  def unary_- : Point = copy(-x)
}

object Point {
  val Origin: Point = Point(0)
  final val Limit = 10
  val Left, Right = 1
  val (first, second) = (1, 2)
  var count: Int = _
  lazy val heavy = compute()

  def apply(text: String): Try[Point] = Try {
    def local(value: String): Int = value.toInt
    val parsed = local(text)
    Point(parsed)
  }

  def unapply(point: Point): Option[(Int, Int)] = Some((point.x, point.y))

  private[model] def compute(): Int = {
    println("heavy")
    42
  }
}

sealed trait Shape extends Product with Serializable { self: Named =>
  type Unit
  type Bound <: AnyRef
  val sides: Int
  var name: String
  def area(unit: Unit): Double
  def describe: String = s"shape $name"
}

case object Empty extends Shape

@deprecated("use Store2", "1.0")
abstract class Store[A <: Named: Ordering](val capacity: Int, private var label: String, extra: Int)
    extends Base[A](capacity)
    with Iterable[A] {

  def this(capacity: Int) = this(capacity, "none", 0)

  private val items = mutable.Map.empty[String, A]

  @inline override def iterator: Iterator[A] = items.valuesIterator

  protected def load[B >: A](path: String)(block: B => Unit): Unit

  class Inner(val key: String)

  new Thread(new Runnable {
    override def run(): Unit = println("run")
  }).start()
}

object Color extends Enumeration {
  type Color = Value
  val Red, Green, Blue = Value
}

class `odd name`
