// Written for this project: the forms of a Kotlin definition that the other fixtures lack.
@file:JvmName("Forms")

package forms.model

import kotlin.math.max
import kotlin.collections.List as Items
import kotlinx.coroutines.*

/** The default size. */
const val DEFAULT_SIZE = 64
val names: MutableList<String> = mutableListOf()
var counter = 0
    private set
val (first, second) = 1 to 2
lateinit var title: String
val String.shout: String
    get() = uppercase()
val settings by lazy { mapOf("a" to 1) }

typealias Handler<T> = (T) -> Unit

/** Adds two numbers. */
fun add(a: Int, b: Int): Int = max(a, 0) + b

suspend fun <T : Any> load(path: String, block: suspend (T) -> Unit): T? {
    fun local(x: Int) = x + 1
    val value = read<T>(path)
    value?.let { block(it) }
    return value
}

inline fun <reified T> List<T>.second(): T = this[1]

infix fun Int.plusTwice(other: Int) = this + other * 2

/** Something that has a name. */
interface Named {
    val name: String
    fun rename(newName: String)
    fun describe(): String = "named $name"
}

fun interface Action<T> {
    fun run(value: T)
}

data class Person(val name: String, var age: Int = 0, nickname: String? = null) : Named {
    override fun rename(newName: String) = Unit
}

sealed class Shape {
    data class Circle(val radius: Double) : Shape()
    object Empty : Shape()
    data object Nothing : Shape()
}

@JvmInline
value class UserId(val value: Int)

annotation class Fancy(val why: String)

/** The planets. */
enum class Planet(val mass: Double) : Named {
    /** Close to the sun. */
    MERCURY(3.3e23) {
        override fun rename(newName: String) = Unit
    },
    EARTH(5.9e24);

    val weight get() = mass * 9.8

    companion object {
        fun heaviest(): Planet = EARTH
    }
}

enum class Color { RED, GREEN, BLUE }

abstract class Store<T : Named>(private val capacity: Int) : Iterable<T>, AutoCloseable by Closer() {
    private val items = HashMap<String, T>()
    protected abstract val path: String
    var size: Int = 0
        get() = field
        set(value) {
            field = value
        }

    init {
        counter += capacity
    }

    constructor() : this(DEFAULT_SIZE) {
        println("created")
    }

    operator fun get(name: String): T? = items[name]

    protected abstract suspend fun put(item: T): Boolean

    @Deprecated("use put")
    @Suppress("unused")
    open fun add(item: T) {
        val task = object : Runnable {
            override fun run() {
                put(item)
            }
        }
        task.run()
    }

    inner class Cursor(val position: Int)

    companion object Factory {
        const val LIMIT = 10
        @JvmStatic
        fun create(): Store<Person> = TODO()
    }
}

object Registry : Named by Person("registry") {
    private val entries = mutableListOf<String>()
    fun register(name: String) {
        entries += name
    }
}

fun Registry.clear() = counter.also { println(it) }
