//! What an answer is made from: the newest state, and the vectors that the question is compared with.
//!
//! With a model that is asked, there are two sets: its own, if the view has all of it and the model answers in time, else that
//! of the local model. Which it was, and why, stands in the coverage.

use std::sync::Arc;
use std::time::Instant;

use pampax_base::{Error, Result};

use crate::query::{Intent, Query};
use crate::remote::RemoteEmbedder;
use crate::repository::Repository;
use crate::snapshot::Snapshot;
use crate::text::clip;

/// Of a longer query this much is compared by its vector.
const QUESTION_BYTES_MAX: usize = 4096;

/// What an answer is made from.
pub(crate) struct Answering {
    pub(crate) snapshot: Arc<Snapshot>,
    /// The question's vector, if there are any to compare it with.
    pub(crate) vector: Option<Vec<i8>>,
    /// Which vectors those are, for the coverage.
    pub(crate) vectors: &'static str,
    /// What limits the answer.
    pub(crate) notes: Vec<String>,
    /// How long it took to get the vector.
    pub(crate) vectors_ms: f64,
}

impl Answering {
    /// What `repository` answers the question `text` from; `None` if it is not indexed. What cannot be had is done without
    /// and noted.
    ///
    /// # Errors
    /// Errors of the store, [`Error::Cancelled`].
    pub(crate) fn of(repository: &Repository, text: &str) -> Result<Option<Self>> {
        let mut notes = Vec::new();
        if let Some(remote) = repository.remote() {
            match Self::remotely(repository, remote, text)? {
                Remotely::Answers(answering) => return Ok(Some(answering)),
                Remotely::NotIndexed => return Ok(None),
                Remotely::Fails(note) => notes.push(note),
            }
        }
        let embedder = repository.embedder().unwrap_or_else(|error| {
            notes.push(format!("the embedding model cannot be used, words alone answer: {error}"));
            None
        });
        let Some((snapshot, repaired)) = repository.snapshot(embedder)? else { return Ok(None) };
        notes.extend(repaired);
        let started = Instant::now();
        let vectors = snapshot.vectors();
        let embedder = embedder.filter(|_| vectors != "absent" && is_worth_comparing(text));
        // Only a vector of the wrong length can fail.
        let vector = embedder.and_then(|embedder| embedder.embed(clip(text, QUESTION_BYTES_MAX)).ok());
        let vectors = if repository.remote().is_some() && vectors == "present" { "local" } else { vectors };
        Ok(Some(Self { snapshot, vector, vectors, notes, vectors_ms: milliseconds(started) }))
    }

    fn remotely(repository: &Repository, remote: &RemoteEmbedder, text: &str) -> Result<Remotely> {
        let Some((snapshot, notes)) = repository.remote_snapshot(remote)? else { return Ok(Remotely::NotIndexed) };
        let missing = snapshot.chunks_without_vectors();
        if missing > 0 {
            return Ok(Remotely::Fails(format!(
                "{missing} of {} chunks have no vectors of {} yet (run `pampax index`): vectors of the local model were \
                 compared instead",
                snapshot.statistics.chunks,
                remote.name()
            )));
        }
        let started = Instant::now();
        let vector = match is_worth_comparing(text).then(|| remote.question(clip(text, QUESTION_BYTES_MAX))) {
            None => None,
            Some(Ok(vector)) if snapshot.dimensions().is_none_or(|expected| expected == vector.len()) => Some(vector),
            Some(Ok(vector)) => {
                return Ok(Remotely::Fails(format!(
                    "{} now gives vectors of {} dimensions, others than those in the index (run `pampax index --force`): \
                     vectors of the local model were compared instead",
                    remote.name(),
                    vector.len()
                )));
            }
            Some(Err(Error::Cancelled)) => return Err(Error::Cancelled),
            Some(Err(error)) => {
                return Ok(Remotely::Fails(format!("{error}: vectors of the local model were compared instead")));
            }
        };
        let vectors_ms = milliseconds(started);
        Ok(Remotely::Answers(Self { snapshot, vector, vectors: "remote", notes, vectors_ms }))
    }
}

/// What came of asking a remote model.
enum Remotely {
    Answers(Answering),
    NotIndexed,
    Fails(String),
}

/// A name is found by its letters, a path by its parts: neither gains by its vector.
fn is_worth_comparing(text: &str) -> bool {
    !matches!(Query::parse(text).intent, Intent::Symbol | Intent::Path)
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}
