//! Checksums: is every file what it was when it was written?
//!
//! Reading a whole store for its checksums at each open would cost more than the queries. So a file is read only if `stat`
//! differs from what it said when the checksum was last right: size, both times and the inode number are kept in the file
//! `verified`. Any write to a file of the store changes its status time, which no program can set.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::generation::{FileRecord, Generation, checksum, read_checked, write_checked};

const FILE_NAME: &str = "verified";

/// A part of the store that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Damage {
    /// All of it: the store is of an older format, this one.
    OlderFormat(u32),
    /// The commit point itself.
    Generation,
    /// A segment, by its number: its entries are indexed anew.
    Segment(u64),
    /// A view, by its id: its tree is walked anew.
    View(String),
    /// The graph of a view, by its id: made anew from the segments.
    Graph(String),
    /// The catalogue: rebuilt from the segments.
    Catalogue,
}

impl std::fmt::Display for Damage {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OlderFormat(format) => write!(formatter, "an index of the older format {format}"),
            Self::Generation => write!(formatter, "the generation file"),
            Self::Segment(id) => write!(formatter, "segment {id}"),
            Self::View(id) => write!(formatter, "view {id}"),
            Self::Graph(id) => write!(formatter, "the graph of view {id}"),
            Self::Catalogue => write!(formatter, "the catalogue"),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    bytes: u64,
    modified_ns: i64,
    changed_ns: i64,
    inode: u64,
    crc32: u32,
}

/// Which files were right when.
#[derive(Debug, Default)]
pub(crate) struct Verifier {
    stamps: BTreeMap<String, Stamp>,
    changed: bool,
}

impl Verifier {
    /// Loads the stamps of the store in `folder`; damaged or missing stamps only cost the reading.
    pub(crate) fn load(folder: &Path) -> Self {
        let stamps = read_checked(&folder.join(FILE_NAME)).ok().flatten().unwrap_or_default();
        Self { stamps, changed: false }
    }

    /// Whether the file holds what the record says. A file that cannot be read does not.
    pub(crate) fn check(&mut self, folder: &Path, file: &FileRecord) -> bool {
        let path = folder.join(&file.name);
        let Some(mut stamp) = stamp(&path) else { return false };
        stamp.crc32 = file.crc32;
        if stamp.bytes != file.bytes {
            return false;
        }
        if self.stamps.get(&file.name) == Some(&stamp) {
            return true;
        }
        let right = checksum(&path).is_ok_and(|(bytes, crc32)| bytes == file.bytes && crc32 == file.crc32);
        if right {
            self.stamps.insert(file.name.clone(), stamp);
            self.changed = true;
        }
        right
    }

    /// Takes it as known that the file holds what the record says: it was just written.
    pub(crate) fn trust(&mut self, folder: &Path, file: &FileRecord) {
        if let Some(mut stamp) = stamp(&folder.join(&file.name)) {
            stamp.crc32 = file.crc32;
            self.stamps.insert(file.name.clone(), stamp);
            self.changed = true;
        }
    }

    /// The record last trusted for a file that no generation names (the catalogue).
    pub(crate) fn trusted(&self, name: &str) -> Option<FileRecord> {
        let stamp = self.stamps.get(name)?;
        Some(FileRecord { name: name.to_owned(), bytes: stamp.bytes, crc32: stamp.crc32 })
    }

    /// Writes the stamps of the files that `keep` names, if any changed. Failing costs only time at the next open.
    pub(crate) fn save(&mut self, folder: &Path, keep: impl Fn(&str) -> bool) {
        let before = self.stamps.len();
        self.stamps.retain(|name, _| keep(name));
        if self.changed || self.stamps.len() != before {
            let _ = write_checked(&folder.join(FILE_NAME), &self.stamps, false);
            self.changed = false;
        }
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = std::fs::metadata(path).ok()?;
    Some(Stamp {
        bytes: metadata.len(),
        modified_ns: metadata.mtime() * 1_000_000_000 + metadata.mtime_nsec(),
        changed_ns: metadata.ctime() * 1_000_000_000 + metadata.ctime_nsec(),
        inode: metadata.ino(),
        crc32: 0,
    })
}

/// Checks all segments of `generation` and the view `view_id`; what is wrong, in order. `thorough` reads every file anew.
pub(crate) fn verify(folder: &Path, generation: &Generation, view_id: Option<&str>, thorough: bool) -> Vec<Damage> {
    let mut verifier = if thorough { Verifier::default() } else { Verifier::load(folder) };
    let mut damage = Vec::new();
    for segment in &generation.segments {
        // No short cut at the first damaged file: the others' stamps are worth having.
        let wrong = segment.files.iter().filter(|file| !verifier.check(folder, file)).count();
        if wrong > 0 {
            damage.push(Damage::Segment(segment.id));
        }
    }
    for view in generation.views.iter().filter(|view| view_id.is_none_or(|id| view.id == id)) {
        if !verifier.check(folder, &view.file) {
            damage.push(Damage::View(view.id.clone()));
        }
        if view.graph.as_ref().is_some_and(|graph| !verifier.check(folder, graph)) {
            damage.push(Damage::Graph(view.id.clone()));
        }
    }
    if !thorough {
        verifier.save(folder, |_| true);
    }
    damage
}
