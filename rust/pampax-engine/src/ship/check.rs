//! Looking through an index that came from elsewhere, before anything of it is used.
//!
//! Checksums say that it is what was written, not who wrote it. So every number that leads somewhere is followed once here, under
//! a guard: what would panic later is refused now.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use pampax_base::{Error, Result};
use pampax_lexical::WordsFile;
use pampax_store::{Edges, Facts, FactsBuilder, GraphFile, View};
use pampax_trigram::Trigrams;
use pampax_vector::VectorSet;

use crate::graph::world::Numbering;
use crate::segment::TRIGRAMS;

/// Entries that are copied into one throw-away builder.
const BATCH_ENTRIES: u32 = 512;
/// The longest path.
const PATH_BYTES_MAX: usize = 4096;

fn wrong(path: &Path, detail: impl Into<String>) -> Error {
    Error::BadPath { path: path.to_path_buf(), detail: format!("this index cannot be used: {}", detail.into()) }
}

/// Runs `look` and makes an error of a panic.
fn guarded<T>(path: &Path, look: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(look)).unwrap_or_else(|_| Err(wrong(path, "its parts do not fit together")))
}

/// Whether the segment in `folder` holds together. `files` are the names of its files.
pub(crate) fn check_segment(folder: &Path, files: &[String]) -> Result<()> {
    guarded(folder, || {
        let facts = Facts::open(&folder.join("facts"))?;
        let words = WordsFile::open(&folder.join("words"))?;
        if words.chunks() as usize != facts.chunks().len() {
            return Err(wrong(folder, "its words and its facts do not fit together"));
        }
        let entries = facts.entries().len() as u32;
        if facts.chunk_entries().iter().any(|entry| *entry >= entries) {
            return Err(wrong(folder, "a chunk is of no file"));
        }
        if !facts.chunk_entries().is_sorted() {
            return Err(wrong(folder, "its chunks are not in the order of its files"));
        }
        for first in (0..entries).step_by(BATCH_ENTRIES as usize) {
            let mut builder = FactsBuilder::new();
            for entry in first..(first + BATCH_ENTRIES).min(entries) {
                if !is_safe_path(facts.path(entry)) {
                    return Err(wrong(folder, format!("it names the file {:?}", clipped(facts.path(entry)))));
                }
                // Follows every list and every name of the entry.
                facts.copy_entry(entry, &mut builder);
            }
        }
        for chunk in 0..words.chunks() {
            words.lengths(chunk);
        }
        for name in files {
            match name.as_str() {
                "facts" | "words" => {}
                TRIGRAMS => Trigrams::open(&folder.join(TRIGRAMS), entries).map(drop)?,
                name => VectorSet::open(&folder.join(name)).map(drop)?,
            }
        }
        Ok(())
    })
}

/// Whether the view sees entries there are, each once, and no file twice. Its segments are `facts`, numbered from 1.
pub(crate) fn check_view(path: &Path, view: &View, facts: &[Facts]) -> Result<()> {
    guarded(path, || {
        if !view.segments().iter().copied().eq(1..=facts.len() as u64) {
            return Err(wrong(path, "its segments are not those that came with it"));
        }
        let ascending =
            view.seen().windows(2).all(|pair| (pair[0].segment, pair[0].entry) < (pair[1].segment, pair[1].entry));
        if !ascending {
            return Err(wrong(path, "its entries are not in order"));
        }
        let mut paths = HashSet::with_capacity(view.seen().len());
        for seen in view.seen() {
            let facts = facts.get(seen.segment as usize);
            let known = facts.filter(|facts| (seen.entry as usize) < facts.entries().len());
            let Some(facts) = known else { return Err(wrong(path, "it sees an entry that is not there")) };
            if !paths.insert(facts.path(seen.entry)) {
                return Err(wrong(path, format!("it has the file {:?} twice", clipped(facts.path(seen.entry)))));
            }
        }
        Ok(())
    })
}

/// Whether the graph is that of `view` and its edges lead to nodes there are.
pub(crate) fn check_graph(path: &Path, edges: &Edges, view: &View, facts: &[Facts]) -> Result<()> {
    guarded(path, || {
        let entries = view.seen().iter().map(|seen| [seen.segment, seen.entry]);
        let numbering = Numbering::new(&facts.iter().collect::<Vec<_>>(), entries);
        let is_that_of = |(file, &[segment, entry]): (GraphFile<'_>, &[u32; 2])| {
            let facts = &facts[segment as usize];
            let blob = facts.entries().get(entry as usize).map(|entry| entry.blob);
            file.path == facts.path_bytes(entry) && Some(file.blob) == blob && file.face == facts.face_of(entry)
        };
        let same = edges.file_count() == numbering.files.len()
            && numbering.first_symbols == edges.first_symbols()
            && edges.files().zip(&numbering.files).all(is_that_of);
        if !same {
            return Err(wrong(path, "its graph is that of another tree"));
        }
        let nodes = edges.node_count() as u32;
        for node in 0..nodes {
            let out = edges.out(node).iter().all(|edge| edge.target < nodes);
            if !out || edges.sources(node).any(|source| source >= nodes) {
                return Err(wrong(path, "its graph leads nowhere"));
            }
        }
        Ok(())
    })
}

/// Whether `path` stays inside the folder it is joined to, and out of what version control keeps there.
pub(crate) fn is_safe_path(path: &str) -> bool {
    let is_name = |name: &str| {
        !matches!(name, "" | "." | "..")
            && !name.eq_ignore_ascii_case(".git")
            && !name.bytes().any(|byte| byte == 0 || (cfg!(windows) && matches!(byte, b'\\' | b':')))
    };
    path.len() <= PATH_BYTES_MAX && path.split('/').all(is_name)
}

fn clipped(path: &str) -> String {
    path.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::is_safe_path;

    #[test]
    fn paths_that_lead_out_are_told() {
        for good in ["a", "a/b.c", "..a", ".github/x"] {
            assert!(is_safe_path(good), "{good}");
        }
        for bad in ["", "/a", "a//b", "../a", "a/../b", "a/.", ".git/hooks/x", "a/.GIT/config", "a\0"] {
            assert!(!is_safe_path(bad), "{bad}");
        }
        assert!(!is_safe_path(&"a/".repeat(5000)));
    }
}
