//! What a search returns.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::intent::Intent;
use crate::report::is_zero;

/// Why a hit stands where it stands: the sum of value × weight over `features` is its score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The sources that proposed the hit.
    pub sources: Vec<SourceRank>,
    /// The score of reciprocal-rank fusion over these ranks, before it is divided by the best candidate's.
    pub fusion: f64,
    /// Features that are not zero. The last may be `repeat_penalty`: how many hits of the same file come before.
    pub features: Vec<FeatureShare>,
}

/// A source that proposed a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SourceRank {
    /// The source.
    pub source: &'static str,
    /// Where it ranked the hit, from 1.
    pub rank: u32,
}

/// One term of the score.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct FeatureShare {
    /// The feature.
    pub feature: &'static str,
    /// Its value for this hit.
    pub value: f32,
    /// Its weight for this intent.
    pub weight: f32,
}

/// One result.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hit {
    /// From 1.
    pub rank: u32,
    /// Path relative to the root.
    pub path: String,
    /// Where to look first, 1-based: the line of the definition's name if the hit begins with one, else its first line.
    pub line: u32,
    /// First line.
    pub start_line: u32,
    /// Last line, included.
    pub end_line: u32,
    /// The symbol these lines belong to, with the names around it; `None` for top-level lines.
    pub symbol: Option<String>,
    /// Its kind.
    pub kind: Option<&'static str>,
    /// The file's language.
    pub language: Option<&'static str>,
    /// The score of the ranker. Comparable within one answer only.
    pub score: f32,
    /// What a reranker said of it, which then decides where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reranked: Option<Reranked>,
    /// Why it is here, in words.
    pub why: Vec<String>,
    /// The score in full, if asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explain: Option<Explanation>,
}

/// The judgement of a reranker.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Reranked {
    /// Its score; comparable within one answer only.
    pub score: f32,
    /// Where the hit stood without it, from 1.
    pub rank_before: u32,
}

/// What an answer is based on.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Coverage {
    /// The generation; `None` if the repository is not indexed.
    pub generation: Option<u64>,
    /// Files that were searched.
    pub files_indexed: u64,
    /// Files that wait for being indexed: a run goes on, or was stopped.
    pub files_pending: u64,
    /// Of how many files the graph does not know yet, or not as they are: edges from and to them are missing.
    #[serde(skip_serializing_if = "is_zero")]
    pub graph_files_behind: u64,
    /// Files not indexed, by reason.
    pub files_skipped: BTreeMap<String, u64>,
    /// Files by language, of the languages whose imports and types are not read: in the graph, what is theirs hangs together by
    /// names alone.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub edges_by_name_only: BTreeMap<&'static str, u64>,
    /// Files that have no symbols, as to parse them would have taken more than the ceiling for memory.
    #[serde(skip_serializing_if = "is_zero")]
    pub files_without_symbols: u64,
    /// "present", "partial" or "absent": how much of the view has vectors of the local model. With a model that is asked,
    /// "remote" if it was its vectors that were compared, and "local" for "present".
    pub vectors: &'static str,
    /// Whether there were more candidates than were ranked or shown.
    pub truncated: bool,
    /// Paths in this answer whose files changed or went since they were indexed.
    pub stale_paths: Vec<String>,
    /// Whether the files are still those that were indexed: "fresh", "stale", or "unchecked" if the time did not suffice or no
    /// check was asked for.
    pub freshness: &'static str,
    /// How many files changed, came or went since they were indexed: at least so many if the time did not suffice.
    pub stale_files: u64,
    /// Anything else that limits the answer.
    pub notes: Vec<String>,
}

/// The answer to a query.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// Version of this record.
    pub schema: &'static str,
    /// The query as given.
    pub query: String,
    /// What kind of question it was taken for.
    pub intent: Intent,
    /// Results, best first.
    pub hits: Vec<Hit>,
    /// What they are based on.
    pub coverage: Coverage,
    /// Why there are no hits, if there are none.
    pub empty_reason: Option<&'static str>,
    /// Milliseconds per stage.
    #[serde(rename = "timings_ms", skip_serializing_if = "BTreeMap::is_empty")]
    pub timings: BTreeMap<&'static str, f64>,
}

impl Hit {
    /// Where the ranker put it, from 1.
    pub(crate) fn rank_by_ranker(&self) -> u32 {
        self.reranked.map_or(self.rank, |reranked| reranked.rank_before)
    }
}

impl Coverage {
    /// The JSON text that stands in answers.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Answer {
    /// The documented JSON text. Without `timings` equal answers are equal bytes.
    pub fn to_json(&self, timings: bool) -> String {
        if timings || self.timings.is_empty() {
            return serde_json::to_string(self).unwrap_or_default();
        }
        serde_json::to_string(&Self { timings: BTreeMap::new(), ..self.clone() }).unwrap_or_default()
    }
}
