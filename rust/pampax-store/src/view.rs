//! What one worktree sees.

use std::path::Path;

use bytemuck::{Pod, Zeroable};
use pampax_base::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::columns::{Columns, ColumnsWriter};

mod tag {
    pub(super) const SEGMENTS: u64 = 1;
    pub(super) const SEEN: u64 = 2;
    pub(super) const SKIPPED: u64 = 3;
    pub(super) const PENDING: u64 = 4;
    pub(super) const WALKED: u64 = 5;
}

/// An entry of a view, with what `stat` said of its file when it was read. A column row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Seen {
    /// Which of the view's segments.
    pub segment: u32,
    /// Which entry of that segment.
    pub entry: u32,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Its time of change of content, in nanoseconds since 1970.
    pub modified_ns: i64,
    /// Its time of change of status, likewise.
    pub changed_ns: i64,
    /// 1 if the file was so young when it was read that it could change again without a new time; else 0.
    pub racy: u64,
}

/// A file that is not indexed, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Skipped {
    /// Path relative to the root; bytes that are no UTF-8 are replaced.
    pub path: String,
    /// One of the documented reasons.
    pub reason: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// More about it, if there is more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Both times of the file in nanoseconds since 1970, if it was opened: it is not opened again while they hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times_ns: Option<[i64; 2]>,
}

/// Collects a view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ViewBuilder {
    /// Numbers of the segments it sees entries of.
    pub segments: Vec<u64>,
    /// Its entries; sorted when written.
    pub seen: Vec<Seen>,
    /// Files not indexed; sorted when written.
    pub skipped: Vec<Skipped>,
    /// How many files are still to be indexed: the run that made the view goes on, or was stopped.
    pub pending: u64,
    /// When the walk began that found the files, in nanoseconds since 1970: folders that changed since may hold others.
    pub walked_ns: i64,
}

impl ViewBuilder {
    /// The position of a segment in `segments`, adding it if needed.
    pub fn segment(&mut self, id: u64) -> u32 {
        let position = self.segments.iter().position(|&known| known == id).unwrap_or_else(|| {
            self.segments.push(id);
            self.segments.len() - 1
        });
        position as u32
    }

    /// Sorts everything, so that equal views are equal files.
    pub fn normalise(&mut self) {
        let mut order: Vec<u64> = self.segments.clone();
        order.sort_unstable();
        order.dedup();
        for seen in &mut self.seen {
            let id = self.segments.get(seen.segment as usize).copied().unwrap_or(0);
            seen.segment = order.partition_point(|&known| known < id) as u32;
        }
        self.segments = order;
        self.seen.sort_unstable_by_key(|seen| (seen.segment, seen.entry));
        self.skipped.sort_unstable();
    }

    /// Writes the view at `path` and syncs it.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(&self, path: &Path) -> Result<()> {
        let skipped = serde_json::to_vec(&self.skipped).map_err(|error| Error::internal("write view", error))?;
        let (pending, walked) = ([self.pending], [self.walked_ns]);
        let mut writer = ColumnsWriter::default();
        writer.add(tag::SEGMENTS, &self.segments);
        writer.add(tag::SEEN, &self.seen);
        writer.add(tag::SKIPPED, &skipped);
        writer.add(tag::PENDING, &pending);
        writer.add(tag::WALKED, &walked);
        writer.write(path)
    }
}

/// An open view.
pub struct View {
    columns: Columns,
}

impl View {
    /// Maps the view at `path`.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Corrupt`].
    pub fn open(path: &Path) -> Result<Self> {
        Ok(Self { columns: Columns::open(path)? })
    }

    /// Numbers of the segments it sees entries of, ascending.
    pub fn segments(&self) -> &[u64] {
        self.columns.get(tag::SEGMENTS)
    }

    /// Its entries, by segment and entry.
    pub fn seen(&self) -> &[Seen] {
        self.columns.get(tag::SEEN)
    }

    /// The files not indexed, by path.
    pub fn skipped(&self) -> Vec<Skipped> {
        serde_json::from_slice(self.columns.get(tag::SKIPPED)).unwrap_or_default()
    }

    /// How many files are still to be indexed.
    pub fn pending(&self) -> u64 {
        self.columns.get::<u64>(tag::PENDING).first().copied().unwrap_or(0)
    }

    /// When the walk began that found the files, in nanoseconds since 1970.
    pub fn walked_ns(&self) -> i64 {
        self.columns.get::<i64>(tag::WALKED).first().copied().unwrap_or(0)
    }

    /// A copy that can be changed.
    pub fn to_builder(&self) -> ViewBuilder {
        ViewBuilder {
            segments: self.segments().to_vec(),
            seen: self.seen().to_vec(),
            skipped: self.skipped(),
            pending: self.pending(),
            walked_ns: self.walked_ns(),
        }
    }
}
