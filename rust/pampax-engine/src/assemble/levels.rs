//! How a piece can be shown: all of it, part of it, one line of it.

use std::collections::BTreeSet;

use pampax_base::LineSpan;
use pampax_store::SymbolRecord;

use crate::assemble::pieces::Piece;
use crate::assemble::value::ValueModel;
use crate::bundle::Level;
use crate::query::Query;
use crate::snapshot::Snapshot;
use crate::text::{Lines, for_each_term};

/// Pieces shorter than this are not worth trimming.
const TRIM_FROM_LINES: u32 = 12;
/// Documentation of fewer lines is not worth leaving out.
const DOC_FROM_LINES: u32 = 4;
/// What the documentation of a piece is worth against as many lines of its code.
const DOC_SHARE: f64 = 0.5;

/// A piece at one level.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shown {
    pub(crate) level: Level,
    pub(crate) spans: Vec<LineSpan>,
    /// What it is worth.
    pub(crate) value: f64,
}

/// What decides how pieces are shown.
pub(crate) struct Showing<'a> {
    pub(crate) model: &'a ValueModel,
    /// The words of the task.
    pub(crate) words: BTreeSet<&'a str>,
    /// The most that is shown of a piece.
    pub(crate) most: Level,
    /// The weight of documentation within code.
    pub(crate) comments: f64,
}

impl<'a> Showing<'a> {
    /// What decides how pieces are shown for `query`.
    pub(crate) fn new(model: &'a ValueModel, query: &'a Query, most: Level, comments: f64) -> Self {
        Self { model, words: query.terms.iter().map(|term| term.text.as_str()).collect(), most, comments }
    }

    /// The levels of a piece, the least first; none if whoever asks has all its lines. `held` are lines that they have;
    /// `by_words` says whether to look for the words of the task in it.
    pub(crate) fn levels(
        &self,
        snapshot: &Snapshot,
        piece: &Piece,
        lines: &Lines,
        held: &[LineSpan],
        by_words: bool,
    ) -> Vec<Shown> {
        let mut shown: Vec<Shown> = Vec::new();
        for (level, spans, share) in self.candidates(snapshot, piece, lines, by_words) {
            let spans = says_something(lines, &without(&spans, held));
            if level > self.most || spans.is_empty() {
                continue;
            }
            let value = piece.value * share;
            // Two levels of the same lines are one.
            match shown.iter_mut().find(|other| other.spans == spans) {
                Some(same) => (same.level, same.value) = (level, value.max(same.value)),
                None => shown.push(Shown { level, spans, value }),
            }
        }
        shown
    }

    fn candidates(
        &self,
        snapshot: &Snapshot,
        piece: &Piece,
        lines: &Lines,
        by_words: bool,
    ) -> Vec<(Level, Vec<LineSpan>, f64)> {
        let (segment, _) = snapshot.entry(piece.entry);
        let facts = &segment.open.facts;
        let chunk = &facts.chunks()[(piece.chunk - segment.first_chunk) as usize];
        let record = piece.symbol.and_then(|symbol| facts.symbol(symbol)).filter(|_| chunk.is_first());
        let doc = record.and_then(|record| doc_of(lines, &record, piece.span));
        let hidden: &[LineSpan] = if self.comments <= 0.0 { doc.as_slice() } else { &[] };
        let signature = record.map(|record| span_of(lines, record.signature()));
        let mut levels: Vec<(Level, Vec<LineSpan>, f64)> = Vec::new();
        let first = signature.map_or_else(|| self.best_line(lines, piece.span, by_words), |signature| signature.start);
        levels.push((
            Level::Outline,
            clip(vec![LineSpan::new(first, first)], piece.span),
            self.model.level(Level::Outline),
        ));
        let mut head: Vec<LineSpan> = signature.into_iter().collect();
        if let Some(signature) = signature {
            head.extend(doc.filter(|_| hidden.is_empty()));
            let spans = clip(head.clone(), piece.span);
            if count(&spans) > 1 || signature.len() == 1 {
                levels.push((Level::Signature, spans, self.model.level(Level::Signature)));
            }
        }
        if by_words && piece.span.len() >= TRIM_FROM_LINES {
            let mut parts = head;
            parts.extend(matching_lines(lines, piece.span, &self.words));
            parts.extend(piece.marked.iter().map(|line| around(*line, piece.span)));
            let parts = without(&clip(parts, piece.span), hidden);
            if !parts.is_empty() && count(&parts) * 3 < piece.span.len() * 2 {
                levels.push((Level::Trimmed, parts, self.model.level(Level::Trimmed)));
            }
        }
        if let Some(doc) = doc.filter(|doc| hidden.is_empty() && doc.len() >= DOC_FROM_LINES) {
            let share = DOC_SHARE * self.comments * f64::from(doc.len()) / f64::from(piece.span.len());
            levels.push((Level::Trimmed, without(&[piece.span], &[doc]), (1.0 - share).max(0.1)));
        }
        let all = without(&[piece.span], hidden);
        let level = if hidden.is_empty() { Level::Full } else { Level::Trimmed };
        levels.push((level, all, 1.0));
        levels.retain(|(_, spans, _)| !spans.is_empty());
        levels
    }

    /// The first of the lines that have most words of the task; without any, the first that says something.
    fn best_line(&self, lines: &Lines, span: LineSpan, by_words: bool) -> u32 {
        let (mut best, mut most) = (None, 0);
        for line in span.start..=span.end {
            let text = lines.get(LineSpan::new(line, line));
            let mut found = 0;
            if by_words {
                for_each_term(text, &mut |term| found += usize::from(self.words.contains(term)));
            } else if best.is_some() {
                break;
            }
            if found > most || (best.is_none() && is_said(text)) {
                (best, most) = (Some(line), found);
            }
        }
        best.unwrap_or(span.start)
    }
}

/// Whether a line is more than white space and brackets.
fn is_said(line: &str) -> bool {
    line.chars().any(char::is_alphanumeric)
}

/// Spans without the blank lines at their ends.
fn says_something(lines: &Lines, spans: &[LineSpan]) -> Vec<LineSpan> {
    let is_blank = |line: u32| lines.get(LineSpan::new(line, line)).trim().is_empty();
    let mut kept = Vec::with_capacity(spans.len());
    for span in spans {
        let Some(first) = (span.start..=span.end).find(|&line| !is_blank(line)) else { continue };
        let last = (first..=span.end).rev().find(|&line| !is_blank(line)).unwrap_or(first);
        kept.push(LineSpan::new(first, last));
    }
    kept
}

/// The text of spans with `…` where lines of `within` are left out that are not blank.
pub(crate) fn text_of(lines: &Lines, spans: &[LineSpan], within: LineSpan) -> String {
    let mut text = String::new();
    let mut next = within.start;
    let mark = |text: &mut String, first: u32, end: u32| {
        if first < end && !lines.get(LineSpan::new(first, end - 1)).trim().is_empty() {
            text.push_str("…\n");
        } else if first < end && !text.is_empty() && end <= within.end {
            text.push('\n');
        }
    };
    for span in spans {
        mark(&mut text, next, span.start);
        text.push_str(lines.get(*span));
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        next = span.end + 1;
    }
    mark(&mut text, next, within.end + 1);
    text
}

fn count(spans: &[LineSpan]) -> u32 {
    spans.iter().map(|span| span.len()).sum()
}

fn span_of(lines: &Lines, bytes: pampax_base::ByteSpan) -> LineSpan {
    LineSpan::new(lines.line_of(bytes.start), lines.line_of(bytes.end.saturating_sub(1).max(bytes.start)))
}

fn doc_of(lines: &Lines, record: &SymbolRecord, within: LineSpan) -> Option<LineSpan> {
    let doc = Some(record.doc()).filter(|doc| !doc.is_empty()).map(|doc| span_of(lines, doc))?;
    let doc = LineSpan::new(doc.start.max(within.start), doc.end.min(within.end));
    within.contains(doc).then_some(doc)
}

fn around(span: LineSpan, within: LineSpan) -> LineSpan {
    LineSpan::new(span.start.saturating_sub(1).max(within.start), (span.end + 1).min(within.end))
}

/// The lines of `span` that hold a word of the task, with one line around each.
fn matching_lines(lines: &Lines, span: LineSpan, words: &BTreeSet<&str>) -> Vec<LineSpan> {
    let mut matching = Vec::new();
    for line in span.start..=span.end {
        let own = LineSpan::new(line, line);
        let mut matched = false;
        for_each_term(lines.get(own), &mut |term| matched |= words.contains(term));
        if matched {
            matching.push(around(own, span));
        }
    }
    matching
}

/// Sorts spans, clips them to `within`, and joins those that touch or leave a single line out.
fn clip(mut spans: Vec<LineSpan>, within: LineSpan) -> Vec<LineSpan> {
    spans.retain(|span| span.overlaps(within));
    spans.sort_unstable();
    let mut joined: Vec<LineSpan> = Vec::new();
    for span in spans {
        let span = LineSpan::new(span.start.max(within.start), span.end.min(within.end));
        match joined.last_mut() {
            Some(last) if span.start <= last.end + 2 => last.end = last.end.max(span.end),
            _ => joined.push(span),
        }
    }
    joined
}

/// The lines of `spans` that are not in `taken`.
pub(crate) fn without(spans: &[LineSpan], taken: &[LineSpan]) -> Vec<LineSpan> {
    let mut left: Vec<LineSpan> = spans.to_vec();
    for taken in taken {
        let mut next = Vec::with_capacity(left.len() + 1);
        for span in left {
            if !span.overlaps(*taken) {
                next.push(span);
                continue;
            }
            if span.start < taken.start {
                next.push(LineSpan::new(span.start, taken.start - 1));
            }
            if span.end > taken.end {
                next.push(LineSpan::new(taken.end + 1, span.end));
            }
        }
        left = next;
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_joined_clipped_and_taken_from_each_other() {
        let span = LineSpan::new;
        assert_eq!(clip(vec![span(8, 9), span(1, 2), span(4, 5)], span(2, 8)), [span(2, 5), span(8, 8)]);
        assert_eq!(without(&[span(1, 10)], &[span(3, 4), span(9, 20)]), [span(1, 2), span(5, 8)]);
        assert_eq!(without(&[span(3, 4)], &[span(1, 10)]), []);
        assert_eq!(without(&[span(3, 4)], &[span(5, 6)]), [span(3, 4)]);
    }

    #[test]
    fn what_is_left_out_is_marked() {
        let lines = Lines::new("a\nb\nc\nd\n".to_owned());
        let span = LineSpan::new;
        assert_eq!(text_of(&lines, &[span(2, 2), span(4, 4)], span(1, 4)), "…\nb\n…\nd\n");
        assert_eq!(text_of(&lines, &[span(1, 2)], span(1, 4)), "a\nb\n…\n");
        assert_eq!(text_of(&lines, &[span(1, 4)], span(1, 4)), "a\nb\nc\nd\n");
        let lines = Lines::new("\na\n\nb\n\n".to_owned());
        assert_eq!(text_of(&lines, &[span(2, 2), span(4, 4)], span(1, 5)), "a\n\nb\n", "blank lines are no loss");
        assert_eq!(says_something(&lines, &[span(1, 5), span(3, 3)]), [span(2, 4)]);
    }
}
