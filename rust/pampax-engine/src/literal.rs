//! Words of a query that stand one after the other in code: a copied message, an option, a key.
//!
//! The index of words knows no positions. So the texts of the few chunks that hold nearly all of the query are read.

use std::collections::HashMap;

use crate::candidates::Candidate;
use crate::query::QUERY_BYTES_MAX;
use crate::snapshot::Snapshot;
use crate::text::{Texts, clip};

/// Texts that are read for one query.
const READ_MAX: usize = 16;
/// A chunk that holds less of the query's weight is not read.
const COVERAGE_MIN: f32 = 0.6;
/// Words of a query that are compared; what follows is the rest of a log.
const WORDS_MAX: usize = 64;
/// So many words one after the other are no accident.
const RUN_MIN: usize = 4;
/// The whole of a query, if it has so many words or is written as one.
const WHOLE_MIN: usize = 3;
/// A shorter part of the query than this says little of it.
const SHARE_MIN: f32 = 0.4;

/// The words of a query, to be found one after the other.
pub(crate) struct Literal {
    words: Vec<String>,
    is_one: bool,
}

impl Literal {
    pub(crate) fn new(query: &str) -> Self {
        let query = clip(query, QUERY_BYTES_MAX);
        let words: Vec<String> = words(query).take(WORDS_MAX).collect();
        Self { is_one: words.len() > 1 && query.split_whitespace().count() == 1, words }
    }

    /// The share of the query that stands in `text` in one run, 0 if that may be an accident.
    pub(crate) fn share(&self, text: &str) -> f32 {
        let mut at: HashMap<&str, Vec<usize>> = HashMap::new();
        for (position, word) in self.words.iter().enumerate() {
            at.entry(word).or_default().push(position);
        }
        // The length of the run that ends at each position of the query, for the last word of the text and for this one.
        let (mut before, mut now) = (vec![0_usize; self.words.len() + 1], vec![0_usize; self.words.len() + 1]);
        let mut longest = 0;
        for word in words(text) {
            now.fill(0);
            for &position in at.get(word.as_str()).into_iter().flatten() {
                now[position + 1] = before[position] + 1;
                longest = longest.max(now[position + 1]);
            }
            std::mem::swap(&mut before, &mut now);
        }
        let share = longest as f32 / self.words.len().max(1) as f32;
        let is_whole = longest == self.words.len() && (longest >= WHOLE_MIN || self.is_one);
        if is_whole || (longest >= RUN_MIN && share >= SHARE_MIN) { share } else { 0.0 }
    }

    /// Says of the candidates that hold nearly all of the query how much of it stands in them in one run. `coverage` is what
    /// share of the query's weight a candidate holds.
    pub(crate) fn mark(
        &self,
        snapshot: &Snapshot,
        texts: &mut Texts<'_>,
        candidates: &mut [Candidate],
        coverage: impl Fn(&Candidate) -> f32,
    ) {
        if self.words.len() < WHOLE_MIN && !self.is_one {
            return;
        }
        let mut likely: Vec<(f32, usize)> = candidates
            .iter()
            .enumerate()
            .map(|(number, candidate)| (coverage(candidate), number))
            .filter(|(coverage, _)| *coverage >= COVERAGE_MIN)
            .collect();
        likely.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
        for (_, number) in likely.into_iter().take(READ_MAX) {
            let candidate = &mut candidates[number];
            let (segment, local) = snapshot.chunk(candidate.chunk);
            let Some(chunk) = segment.open.facts.chunks().get(local as usize) else { continue };
            candidate.literal = texts.get(candidate.entry).map_or(0.0, |lines| self.share(lines.get(chunk.span())));
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(query: &str, text: &str) -> f32 {
        Literal::new(query).share(text)
    }

    #[test]
    fn messages_are_found_whatever_stands_between_and_around() {
        let code = "if (slot != other) { reply(\"-CROSSSLOT Keys in request don't hash to the same slot\"); }";
        assert!((share("CROSSSLOT Keys in request don't hash to the same slot", code) - 1.0).abs() < 1e-6);
        let pasted = "error: CROSSSLOT Keys in request don't hash to the same slot (node 3)";
        assert!(share(pasted, code) > 0.7);
        assert!(share("keys are not in the same slot of a cluster", code) < 0.01);
    }

    #[test]
    fn one_word_of_several_parts_is_found_whole_or_not_at_all() {
        assert!(share("used_memory_human", "\"used_memory_human:%s\\r\\n\"") > 0.99);
        assert!(share("--storage.tsdb.retention.size", "Flag(\"storage.tsdb.retention.size\", \"…\")") > 0.99);
        assert_eq!(share("used_memory_human", "bytes_to_human(used_memory)").to_bits(), 0);
        assert_eq!(share("retry", "retry").to_bits(), 0, "a plain word is no message");
        assert_eq!(share("session management", "session management").to_bits(), 0);
        assert_eq!(share("", "").to_bits(), 0);
    }

    #[test]
    fn repeated_words_are_counted_in_their_order() {
        assert!(share("a b a b a c", "x a b a b a b a c") > 0.99);
        assert!(share("one two three four five", "one two three. four five") > 0.99);
        assert_eq!(share("one two three four five", "five four three two one").to_bits(), 0);
    }
}
