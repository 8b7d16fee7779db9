//! Sending the index of a worktree to another machine: [`export`] writes it into one file, [`import`] makes it the view of a root.
//!
//! What leaves is what the view sees and nothing else: entries of other branches and worktrees stay behind, and so do the times of
//! the files here. Segments are numbered anew from 1.
//!
//! What comes in was written by somebody else. It is verified, unpacked beside what is there, looked through, and made visible by
//! one commit. Its files are compared with those of the root once, by their hashes; the others keep times that no file has, so that
//! the next index run reads them.

pub(crate) mod check;
pub(crate) mod export;
pub(crate) mod import;

use pampax_store::{Blob, Facts, Seen, View};
use serde::{Deserialize, Serialize};

use crate::segment::TRIGRAMS;

pub(crate) use export::export;
pub(crate) use import::{ImportOptions, import};

/// The members of an archive that are not of a segment.
const VIEW: &str = "view";
const GRAPH: &str = "graph";
const TEXT: &str = "text";

/// What an exported index is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Version of this record.
    pub schema: String,
    /// The pampax that wrote it.
    pub version: String,
    /// The format of the store it comes from.
    pub store_format: u32,
    /// The commit that was checked out, if it is a git worktree.
    pub commit: Option<String>,
    /// Files it sees.
    pub files: u64,
    /// Chunks of these.
    pub chunks: u64,
    /// Symbols of these.
    pub symbols: u64,
    /// Bytes of these.
    pub bytes: u64,
    /// Segments it has.
    pub segments: u64,
    /// The files of segments with vectors: their names tell the models.
    pub vectors: Vec<String>,
    /// Whether the text of the files is inside.
    pub has_text: bool,
}

/// The name of a member that is a file of the `number`-th segment.
fn member_of_segment(number: usize, file: &str) -> String {
    format!("segments/{number}/{file}")
}

/// Whether a file of this name is one that travels. The record of a segment is written on the other side; graphs of vectors are
/// not taken from others, as the library that reads them believes what they say.
fn is_file_of_segment(name: &str) -> bool {
    let is_vectors = name.starts_with("vectors") || name.starts_with("remote");
    matches!(name, "facts" | "words" | TRIGRAMS) || (is_vectors && !name.contains('.'))
}

/// A file of an index.
struct IndexedFile {
    path: String,
    bytes: u64,
    blob: Blob,
}

/// The file of an entry; `None` if there is no such entry.
fn indexed_file(facts: &[Facts], seen: &Seen) -> Option<IndexedFile> {
    let facts = facts.get(seen.segment as usize)?;
    let record = facts.entries().get(seen.entry as usize)?;
    Some(IndexedFile { path: facts.path(seen.entry).to_owned(), bytes: record.bytes, blob: record.blob })
}

/// The files of a view, in the order of its entries.
fn indexed_files(facts: &[Facts], view: &View) -> Vec<IndexedFile> {
    view.seen().iter().filter_map(|seen| indexed_file(facts, seen)).collect()
}
