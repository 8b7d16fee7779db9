//! How the ceiling for memory is kept while indexing: who may hold how much, and what is left out before it is exceeded.
//!
//! In this order: segments get smaller, fewer threads work, large files are parsed one at a time, vectors are made after the words and
//! segment by segment; then files that are too large to be parsed are cut by lines, vectors of segments that are too large are left
//! out, and at last the graph. Words are always made. What is left out is in the report, and what concerns answers in their coverage.

use pampax_store::Facts;

use crate::graph::build::SYMBOL_GRAPH_BYTES;
use crate::graph::names::SYMBOL_NAME_BYTES;

/// What a file costs in the lists of a run: what the walk found, the plan, the row of the view.
const FILE_BYTES: u64 = 600;
/// The model, buffers and code that every run has.
const FIXED_BYTES: u64 = 40 << 20;
/// A file takes up to so many times its text while it is parsed: measured on 3.3 MB of calls in JavaScript, 84; a table of numbers in
/// C took 52 times its size, JSON 44, a header of constants 36, the kernel's code 20 to 30.
const PARSE_FACTOR: u64 = 84;
/// A worker with less than this spends its time writing segments.
const SEGMENT_BYTES_WANTED: u64 = 12 << 20;
/// The least a segment gets: smaller ones are not worth the files they lie in.
const SEGMENT_BYTES_MIN: u64 = 4 << 20;
/// What one reference costs while the graph is made.
const REFERENCE_GRAPH_BYTES: u64 = 4;

/// Who may hold how much in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shares {
    /// Workers.
    pub(crate) threads: usize,
    /// What a segment may take before it is written; it takes about as much again while it is.
    pub(crate) segment_bytes: u64,
    /// Texts larger than this are parsed one at a time.
    pub(crate) parsed_at_once_bytes: u64,
    /// Texts larger than this are not parsed.
    pub(crate) parsed_bytes_max: u64,
    /// Whether chunks get their vectors with the words, or after.
    pub(crate) vectors_with_words: bool,
}

impl Shares {
    /// The shares of a run over `files` files under a ceiling of `memory_bytes` on up to `threads` threads.
    pub(crate) fn of(memory_bytes: u64, threads: usize, files: u64) -> Self {
        let left = memory_bytes.saturating_sub(FIXED_BYTES + files * FILE_BYTES);
        let share = |threads: usize| left / (4 * threads.max(1) as u64);
        let mut working = threads.max(1);
        while working > 1 && share(working) < SEGMENT_BYTES_WANTED {
            working -= 1;
        }
        let segment_bytes = share(working).max(SEGMENT_BYTES_MIN);
        Self {
            threads: working,
            segment_bytes,
            parsed_at_once_bytes: share(working) / PARSE_FACTOR,
            parsed_bytes_max: left.saturating_sub(2 * working as u64 * segment_bytes) / PARSE_FACTOR,
            vectors_with_words: share(working) >= SEGMENT_BYTES_WANTED,
        }
    }
}

/// Whether the vectors of a segment with so many chunks may be made at once.
pub(crate) fn allows_vectors(memory_bytes: u64, chunks: u64, dimensions: usize) -> bool {
    // Half a byte for each dimension; the tables are made once more while they are written.
    chunks * (dimensions as u64 / 2 + 24) <= memory_bytes / 2
}

/// Whether a graph over what is in these segments may be made. About what it takes: a row for each symbol, what names mean, and
/// the edges themselves.
pub(crate) fn allows_graph<'a>(memory_bytes: u64, facts: impl Iterator<Item = &'a Facts>) -> bool {
    allows_graph_with(memory_bytes, SYMBOL_GRAPH_BYTES, facts)
}

/// Whether a table of all names may be made beside that graph.
pub(crate) fn allows_names_table<'a>(memory_bytes: u64, facts: impl Iterator<Item = &'a Facts>) -> bool {
    allows_graph_with(memory_bytes, SYMBOL_GRAPH_BYTES + SYMBOL_NAME_BYTES, facts)
}

fn allows_graph_with<'a>(memory_bytes: u64, symbol_bytes: u64, facts: impl Iterator<Item = &'a Facts>) -> bool {
    let bytes = facts.map(|facts| {
        u64::from(facts.symbol_count()) * symbol_bytes + facts.reference_bytes() as u64 * REFERENCE_GRAPH_BYTES
    });
    FIXED_BYTES + bytes.sum::<u64>() <= memory_bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn segments_shrink_then_threads_then_vectors_wait() {
        let roomy = Shares::of(1024 * MIB, 2, 1_000);
        assert!(roomy.threads == 2 && roomy.segment_bytes > 100 * MIB && roomy.vectors_with_words);
        assert!(roomy.parsed_bytes_max > 4 * MIB, "by default all files that are not too large are parsed");
        let less = Shares::of(256 * MIB, 2, 1_000);
        assert!(less.threads == 2 && less.segment_bytes < 30 * MIB && less.vectors_with_words);
        let least = Shares::of(128 * MIB, 8, 1_000);
        assert!(least.threads == 1 && least.vectors_with_words, "{least:?}");
        let crowded = Shares::of(128 * MIB, 8, 130_000);
        assert_eq!((crowded.threads, crowded.segment_bytes, crowded.vectors_with_words), (1, 4 * MIB, false));
    }

    #[test]
    fn large_sets_of_vectors_are_left_out() {
        assert!(allows_vectors(128 * MIB, 100_000, 256));
        assert!(!allows_vectors(128 * MIB, 2_000_000, 256));
    }
}
