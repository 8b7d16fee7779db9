package tidewater.scanner

import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.first
import kotlin.time.Duration.Companion.seconds

class SyncQueue(
    private val outbox: Outbox,
    private val online: Flow<Boolean>,
    private val send: suspend (List<Scan>) -> Set<String>,
) {
    suspend fun run() {
        var pause = 1.seconds
        while (true) {
            online.first { it }
            val batch = outbox.oldest(100)
            if (batch.isEmpty()) {
                delay(5.seconds)
                continue
            }
            try {
                outbox.remove(send(batch))
                pause = 1.seconds
            } catch (lost: java.io.IOException) {
                delay(pause)
                pause = minOf(pause * 2, 120.seconds)
            }
        }
    }
}
