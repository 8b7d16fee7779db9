package tidewater.ledger

import java.time.LocalDate

final case class Posting(account: String, cents: Long)

final case class Entry private (day: LocalDate, text: String, postings: List[Posting])

object Entry:
  def of(day: LocalDate, text: String, postings: List[Posting]): Either[String, Entry] =
    val difference = postings.map(_.cents).sum
    if postings.sizeIs < 2 then Left("an entry touches at least two accounts")
    else if difference != 0 then Left(s"debit and credit differ by $difference")
    else Right(Entry(day, text, postings))

final class Journal(entries: Vector[Entry]):
  def record(entry: Entry): Journal =
    require(entries.lastOption.forall(!_.day.isAfter(entry.day)), "the books of that day are closed")
    Journal(entries :+ entry)

  def balance(account: String, until: LocalDate): Long =
    entries.iterator
      .takeWhile(!_.day.isAfter(until))
      .flatMap(_.postings)
      .collect { case Posting(`account`, cents) => cents }
      .sum
