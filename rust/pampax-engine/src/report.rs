//! What an index run did.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::graph::exact::ScipReport;

/// How far an index run is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// "walk", "index", "commit", "vectors", "trigrams", "graph" or "merge".
    pub stage: &'static str,
    /// Files seen (walk) or done (index).
    pub files_done: u64,
    /// Files to do; 0 while walking.
    pub files_total: u64,
    /// Bytes done.
    pub bytes_done: u64,
    /// Bytes to do.
    pub bytes_total: u64,
    /// Seconds since the run began.
    pub seconds: f64,
}

/// The outcome of an index run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct IndexReport {
    /// Version of this record.
    pub schema: &'static str,
    /// The generation that holds now.
    pub generation: u64,
    /// Files in the view.
    pub files: u64,
    /// Files that were not in the view before.
    pub added: u64,
    /// Files with other content than before.
    pub changed: u64,
    /// Files that are gone.
    pub removed: u64,
    /// Files as they were.
    pub unchanged: u64,
    /// Files whose content was known to the store already (another worktree, an earlier state) and cost no parsing.
    pub reused: u64,
    /// Chunks in the view.
    pub chunks: u64,
    /// Symbols in the view.
    pub symbols: u64,
    /// Edges of the graph between files and symbols of the view.
    pub edges: u64,
    /// Of how many files the graph does not know yet, or not as they are: a later run makes it anew.
    #[serde(skip_serializing_if = "is_zero")]
    pub graph_behind: u64,
    /// What was left out, as it would take more memory than the ceiling allows: "symbols of large files",
    /// "vectors", "graph". Answers do without it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deferred: Vec<&'static str>,
    /// Bytes of source in the view.
    pub bytes: u64,
    /// Files not indexed, by reason.
    pub skipped: BTreeMap<String, u64>,
    /// Parts of the store that were damaged and have been built anew.
    pub rebuilt: Vec<String>,
    /// What came of the SCIP indexes, if any were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scip: Option<ScipReport>,
    /// What became of the vectors of a model that is asked for them; `None` if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_vectors: Option<RemoteVectors>,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
}

/// The vectors of a model that is asked for them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RemoteVectors {
    /// The model and where it is.
    pub service: String,
    /// Chunks that got a vector in this run.
    pub embedded: u64,
    /// Chunks of the view that have none yet.
    pub missing: u64,
    /// Why it stopped before the end.
    pub problem: Option<String>,
}

/// What is nothing is not said.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
pub(crate) fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl IndexReport {
    /// The documented JSON text; `timings` adds the seconds, without which equal runs give equal bytes.
    pub fn to_json(&self, timings: bool) -> String {
        let mut report = self.clone();
        if !timings {
            report.seconds = None;
        }
        serde_json::to_string(&report).unwrap_or_default()
    }
}
