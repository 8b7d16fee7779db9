//! Answers to questions that were asked before.
//!
//! Agents ask the same again and again. An answer is given again only if a fresh search would give the same: the state is the
//! same, and every file whose text the search read, or whose lines it shows, is still the one that was indexed. What depends on
//! the moment (freshness, timings) is made anew each time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::answer::Answer;
use crate::search::SearchOptions;

/// Answers that are kept; the least recently used goes first.
const ANSWERS_MAX: usize = 256;

/// An answer with what it rests on.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) answer: Answer,
    /// The entries whose files were read or are shown, numbered over all segments.
    pub(crate) entries: Vec<u32>,
    used: u64,
}

/// How often an answer was found in the cache, and how often not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheStatistics {
    /// Answers given again.
    pub hits: u64,
    /// Answers made.
    pub misses: u64,
}

#[derive(Default)]
struct Answers {
    /// The state all answers are about.
    identity: String,
    kept: HashMap<String, Kept>,
    clock: u64,
    statistics: CacheStatistics,
}

/// The answers of one repository.
#[derive(Default)]
pub(crate) struct AnswerCache(Mutex<Answers>);

impl AnswerCache {
    /// What names a question.
    pub(crate) fn key(text: &str, options: &SearchOptions) -> String {
        format!("{options:?}\n{text}")
    }

    /// The answer to a question about a state, if `still_holds` says so of the entries it rests on.
    pub(crate) fn get(&self, identity: &str, key: &str, still_holds: impl Fn(&[u32]) -> bool) -> Option<Answer> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.clock += 1;
        let clock = all.clock;
        let found = (all.identity == identity).then(|| all.kept.get_mut(key)).flatten();
        let answer = found.filter(|kept| still_holds(&kept.entries)).map(|kept| {
            kept.used = clock;
            kept.answer.clone()
        });
        match answer {
            Some(_) => all.statistics.hits += 1,
            None => all.statistics.misses += 1,
        }
        answer
    }

    /// Keeps an answer.
    pub(crate) fn put(&self, identity: &str, key: String, answer: &Answer, entries: Vec<u32>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.identity != identity {
            all.kept.clear();
            identity.clone_into(&mut all.identity);
        }
        if all.kept.len() >= ANSWERS_MAX {
            let oldest = all.kept.iter().min_by_key(|(_, kept)| kept.used).map(|(key, _)| key.clone());
            oldest.and_then(|key| all.kept.remove(&key));
        }
        let used = all.clock;
        all.kept.insert(key, Kept { answer: answer.clone(), entries, used });
    }

    pub(crate) fn statistics(&self) -> CacheStatistics {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).statistics
    }
}
