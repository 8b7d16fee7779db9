//! What an answer is made from: the newest state, and the vectors that the question is compared with.
//!
//! With a model that is asked, there are two sets: its own, if the view has all of it and the model answers in time, else that
//! of the local model. Which it was, and why, stands in the coverage.

use std::sync::Arc;
use std::time::Instant;

use pampax_base::{Error, Result};
use pampax_embed::Comparison;

use crate::candidates::VECTOR;
use crate::query::Query;
use crate::remote::RemoteEmbedder;
use crate::repository::Repository;
use crate::snapshot::Snapshot;
use crate::text::clip;
use crate::vectors::Embedder;

/// Of a longer query this much is compared by its vector.
const QUESTION_BYTES_MAX: usize = 4096;

/// What an answer is made from.
pub(crate) struct Answering<'a> {
    pub(crate) snapshot: Arc<Snapshot>,
    /// The question's vector, if there are any to compare it with.
    pub(crate) vector: Option<Vec<i8>>,
    /// Which vectors those are, for the coverage.
    pub(crate) vectors: &'static str,
    /// What limits the answer.
    pub(crate) notes: Vec<String>,
    /// How long it took to get the vector.
    pub(crate) vectors_ms: f64,
    /// The local model, and what it compares names and paths with.
    local: Option<(&'a Embedder, &'a str)>,
}

impl<'a> Answering<'a> {
    /// What `repository` answers the question `text`, understood as `query`, from; `None` if it is not indexed. What cannot be
    /// had is done without and noted.
    ///
    /// # Errors
    /// Errors of the store, [`Error::Cancelled`].
    pub(crate) fn of(repository: &'a Repository, query: &'a Query, text: &'a str) -> Result<Option<Self>> {
        let text = clip(query.focus(text), QUESTION_BYTES_MAX);
        let is_compared = repository.policies().of(query.intent).limits[VECTOR] > 0;
        let mut notes = Vec::new();
        if let Some(remote) = repository.remote() {
            match Self::remotely(repository, remote, text, is_compared)? {
                Remotely::Answers(answering) => return Ok(Some(answering)),
                Remotely::NotIndexed => return Ok(None),
                Remotely::Fails(why) => notes = why,
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
        let embedder = embedder.filter(|_| vectors != "absent" && is_compared);
        // Only a vector of the wrong length can fail.
        let vector = embedder.and_then(|embedder| embedder.embed(text).ok());
        let vectors = if repository.remote().is_some() && vectors == "present" { "local" } else { vectors };
        let local = embedder.map(|embedder| (embedder, text));
        Ok(Some(Self { snapshot, vector, vectors, notes, vectors_ms: milliseconds(started), local }))
    }

    /// The question, to compare names and paths with.
    pub(crate) fn comparison(&self) -> Option<Comparison<'a>> {
        self.local.map(|(embedder, text)| embedder.comparison(text))
    }

    /// With the vectors of `remote`, if the view has all of them and the question gets one.
    fn remotely(
        repository: &'a Repository,
        remote: &RemoteEmbedder,
        text: &'a str,
        is_compared: bool,
    ) -> Result<Remotely<'a>> {
        let Some((snapshot, mut notes)) = repository.remote_snapshot(remote)? else { return Ok(Remotely::NotIndexed) };
        let started = Instant::now();
        let problem = match remote_vector(&snapshot, remote, text, is_compared)? {
            Ok(vector) => {
                let vectors_ms = milliseconds(started);
                // Names and paths are compared here: that takes no question asked anywhere.
                let local = repository.embedder().ok().flatten().map(|embedder| (embedder, text));
                return Ok(Remotely::Answers(Self { snapshot, vector, vectors: "remote", notes, vectors_ms, local }));
            }
            Err(problem) => problem,
        };
        notes.push(format!("{problem}: vectors of the local model were compared instead"));
        Ok(Remotely::Fails(notes))
    }
}

/// The vector of a question that is worth one, or why there is none to compare with the view's.
fn remote_vector(
    snapshot: &Snapshot,
    remote: &RemoteEmbedder,
    text: &str,
    is_compared: bool,
) -> Result<std::result::Result<Option<Vec<i8>>, String>> {
    let name = remote.name();
    let missing = snapshot.chunks_without_vectors();
    if missing > 0 {
        let chunks = snapshot.statistics.chunks;
        return Ok(Err(format!("{missing} of {chunks} chunks have no vectors of {name} yet (run `pampax index`)")));
    }
    if !is_compared {
        return Ok(Ok(None));
    }
    match remote.question(text) {
        Ok(vector) if snapshot.dimensions().is_none_or(|expected| expected == vector.len()) => Ok(Ok(Some(vector))),
        Ok(vector) => Ok(Err(format!(
            "{name} now gives vectors of {} dimensions, others than those in the index (run `pampax index --force`)",
            vector.len()
        ))),
        Err(Error::Cancelled) => Err(Error::Cancelled),
        Err(error) => Ok(Err(error.to_string())),
    }
}

/// What came of asking a remote model.
enum Remotely<'a> {
    Answers(Answering<'a>),
    NotIndexed,
    /// With what there is to say about it.
    Fails(Vec<String>),
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}
