package tidewater.scanner

import java.security.PublicKey
import java.security.Signature
import java.time.Clock
import java.time.Duration
import java.util.Base64

sealed interface Verdict {
    data class Welcome(val seat: String?) : Verdict
    data object Forged : Verdict
    data object UsedBefore : Verdict
    data class WrongSailing(val booked: String) : Verdict
    data object Expired : Verdict
}

class TicketVerifier(
    private val key: PublicKey,
    private val used: UsedTickets,
    private val clock: Clock,
    private val grace: Duration = Duration.ofMinutes(20),
) {
    /** Needs no connection: the code carries all that is printed on the ticket, and a signature. */
    fun check(code: String, sailing: String): Verdict {
        val (payload, signature) = code.split('.', limit = 2).map { Base64.getUrlDecoder().decode(it) }
        if (!isGenuine(payload, signature)) return Verdict.Forged
        val ticket = Ticket.decode(payload)
        return when {
            ticket.sailing != sailing -> Verdict.WrongSailing(ticket.sailing)
            clock.instant() > ticket.departs + grace -> Verdict.Expired
            !used.markIfFresh(ticket.number) -> Verdict.UsedBefore
            else -> Verdict.Welcome(ticket.seat)
        }
    }

    private fun isGenuine(payload: ByteArray, signature: ByteArray): Boolean =
        Signature.getInstance("Ed25519").run {
            initVerify(key)
            update(payload)
            verify(signature)
        }
}
