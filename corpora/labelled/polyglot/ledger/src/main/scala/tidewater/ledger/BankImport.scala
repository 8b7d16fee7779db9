package tidewater.ledger

import scala.util.matching.Regex

final case class Transfer(reference: String, cents: Long, payer: String)

object BankImport:
  private val BookingCode: Regex = raw"TW-(\d{4})-([A-Z0-9]{6})".r

  /** Which open invoice a transfer pays: by the code in its reference, else by the amount if that is unambiguous. */
  def assign(transfer: Transfer, open: Map[String, Long]): Option[String] =
    val named = BookingCode.findFirstIn(transfer.reference.toUpperCase).filter(open.contains)
    named.orElse {
      open.filter(_._2 == transfer.cents).keys.toList match
        case only :: Nil => Some(only)
        case _           => None
    }
