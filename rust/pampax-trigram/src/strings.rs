//! Small sets of byte strings: what a match is, begins with, or ends with.

use std::collections::BTreeSet;

use crate::condition::{Condition, has};
use crate::trigram;

/// A set of byte strings, ASCII letters in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Strings(BTreeSet<Vec<u8>>);

impl Strings {
    /// The set of the empty string: nothing is known.
    pub(crate) fn nothing() -> Self {
        Self(BTreeSet::from([Vec::new()]))
    }

    /// Of these, folded.
    pub(crate) fn of(strings: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let fold = |mut string: Vec<u8>| {
            string.make_ascii_lowercase();
            string
        };
        Self(strings.into_iter().map(fold).collect())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The bytes of all together.
    pub(crate) fn bytes(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }

    pub(crate) fn union(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Each of these followed by each of `other`.
    pub(crate) fn cross(&self, other: &Self) -> Self {
        let pair = |left: &Vec<u8>| {
            let left = left.clone();
            other.0.iter().map(move |right| [left.as_slice(), right].concat())
        };
        Self(self.0.iter().flat_map(pair).collect())
    }

    /// The first bytes of each, at most so many.
    pub(crate) fn heads(&self, bytes: usize) -> Self {
        Self(self.0.iter().map(|string| string[..string.len().min(bytes)].to_vec()).collect())
    }

    /// The last bytes of each, at most so many.
    pub(crate) fn tails(&self, bytes: usize) -> Self {
        Self(self.0.iter().map(|string| string[string.len() - string.len().min(bytes)..].to_vec()).collect())
    }

    /// What holds of a text that has one of the strings in it.
    pub(crate) fn condition(&self) -> Condition {
        let of_string = |string: &Vec<u8>| {
            let windows = string.windows(3).filter(|window| !window.contains(&b'\n'));
            windows
                .filter_map(|window| window.try_into().ok())
                .fold(Condition::Any, |all, bytes| all.and(has(trigram(bytes))))
        };
        let mut all = self.0.iter().map(of_string);
        let first = all.next().unwrap_or(Condition::Any);
        all.fold(first, Condition::or)
    }
}
