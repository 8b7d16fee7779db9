//! What is indexed.

use std::collections::BTreeMap;

use pampax_store::Skipped;
use serde::Serialize;

use crate::repository::Place;
use crate::snapshot::Snapshot;

/// The state of a repository's index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Version of this record.
    pub schema: &'static str,
    /// The root.
    pub root: String,
    /// The folder of the store.
    pub store: String,
    /// The generation; `None` if nothing is indexed.
    pub generation: Option<u64>,
    /// When it was made, in ISO 8601, UTC.
    pub created: Option<String>,
    /// Files in the view.
    pub files: u64,
    /// Chunks in the view.
    pub chunks: u64,
    /// Symbols in the view.
    pub symbols: u64,
    /// Bytes of source in the view.
    pub bytes: u64,
    /// Bytes of the store on disk, all views.
    pub store_bytes: u64,
    /// Files not indexed, by reason.
    pub skipped: BTreeMap<String, u64>,
    /// Files by language.
    pub languages: BTreeMap<&'static str, u64>,
    /// Segments the view uses.
    pub segments: u64,
    /// Worktrees that share the store.
    pub views: u64,
    /// Format of the store.
    pub format: u32,
}

impl Status {
    pub(crate) fn of(place: &Place, snapshot: Option<&Snapshot>) -> Self {
        let mut status = Self {
            schema: "pampax.status/1",
            root: place.root.to_string_lossy().into_owned(),
            store: place.store.folder().to_string_lossy().into_owned(),
            store_bytes: place.store.bytes_on_disk(),
            ..Self::default()
        };
        if let Ok(Some(generation)) = place.store.generation() {
            status.views = generation.views.len() as u64;
            status.format = generation.format;
        }
        let Some(snapshot) = snapshot else { return status };
        status.generation = Some(snapshot.generation);
        status.created = Some(iso_8601(snapshot.created_s));
        status.files = snapshot.statistics.entries;
        status.chunks = snapshot.statistics.chunks;
        status.skipped.clone_from(&snapshot.skipped);
        status.segments = snapshot.segments.len() as u64;
        for (segment, entry) in snapshot.entries() {
            let Some(record) = segment.open.facts.entries().get(entry as usize) else { continue };
            status.bytes += record.bytes;
            status.symbols += segment.open.facts.symbols_of(entry).len() as u64;
            *status.languages.entry(record.language().map_or("text", |language| language.name())).or_insert(0) += 1;
        }
        status
    }

    /// The documented JSON text.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// A time as ISO 8601 in UTC, by Howard Hinnant's `civil_from_days`.
fn iso_8601(seconds_since_1970: u64) -> String {
    let (days, seconds) = (seconds_since_1970 / 86_400 + 719_468, seconds_since_1970 % 86_400);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// A file that is not indexed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SkippedFile {
    /// Path relative to the root; bytes that are no UTF-8 are replaced.
    pub path: String,
    /// Why: "binary", "too-large", "generated", "minified", "not-a-file", "symlink-outside", "symlink-broken", "unreadable",
    /// "not-utf8-path" or "changed-while-read".
    pub reason: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// What the system said, if it said something.
    pub detail: Option<String>,
}

impl From<Skipped> for SkippedFile {
    fn from(skipped: Skipped) -> Self {
        Self { path: skipped.path, reason: skipped.reason, bytes: skipped.bytes, detail: skipped.detail }
    }
}

#[cfg(test)]
mod tests {
    use super::iso_8601;

    #[test]
    fn times() {
        assert_eq!(iso_8601(0), "1970-01-01T00:00:00Z");
        assert_eq!(iso_8601(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(iso_8601(1_798_761_599), "2026-12-31T23:59:59Z");
    }
}
