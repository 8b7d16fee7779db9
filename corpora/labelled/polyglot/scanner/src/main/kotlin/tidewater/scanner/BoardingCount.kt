package tidewater.scanner

class BoardingCount(private val certified: Int) {
    private val aboard = mutableSetOf<String>()

    val remaining: Int get() = certified - aboard.size

    @Synchronized
    fun enter(ticket: String): Boolean {
        if (remaining <= 0) return false
        return aboard.add(ticket)
    }

    @Synchronized
    fun leave(ticket: String) = aboard.remove(ticket)

    fun summary(): String = "${aboard.size} of $certified aboard, ${"%.0f".format(100.0 * aboard.size / certified)} %"
}
