//! The postings of one block that count, and what is found of them.

use tantivy::postings::BlockSegmentPostings;

use crate::rows::Rows;
use crate::slice::Slice;

/// Chunks of a block of postings.
const BLOCK: usize = 128;

/// Those postings of a block that count.
pub(crate) struct Block {
    len: usize,
    chunks: [u32; BLOCK],
    frequencies: [u32; BLOCK],
    entries: [u32; BLOCK],
    /// The rows of those chunks that have one, with their numbers and frequencies.
    scored: usize,
    rows: [u32; BLOCK],
    row_chunks: [u32; BLOCK],
    row_frequencies: [u32; BLOCK],
}

/// How often an entry has the term at hand in all its chunks.
#[derive(Clone, Copy, Default)]
pub(crate) struct Run {
    /// Its number within its slice, then its row.
    pub(crate) entry_or_row: u32,
    pub(crate) frequency: u32,
    /// The length of its field, once it is known.
    pub(crate) length: u32,
}

impl Default for Block {
    fn default() -> Self {
        let none = [0; BLOCK];
        Self {
            len: 0,
            chunks: none,
            frequencies: none,
            entries: none,
            scored: 0,
            rows: none,
            row_chunks: none,
            row_frequencies: none,
        }
    }
}

impl Block {
    /// Takes those of the postings that are of the slice and whose entry has a row.
    pub(crate) fn take_known(&mut self, postings: &BlockSegmentPostings, slice: &Slice<'_>, rows: &Rows) {
        let mut len = 0;
        for (&chunk, &frequency) in postings.docs().iter().zip(postings.freqs()).take(BLOCK) {
            let chunk = chunk.wrapping_sub(slice.chunks.start);
            (self.chunks[len], self.frequencies[len]) = (chunk, frequency);
            len += usize::from(rows.is_of_known(chunk));
        }
        self.len = len;
        self.gather(slice);
    }

    /// Takes those of the postings that are of the slice and whose entry the view has.
    pub(crate) fn take_all(&mut self, postings: &BlockSegmentPostings, slice: &Slice<'_>) {
        let own = postings.docs().iter().zip(postings.freqs()).take(BLOCK).enumerate();
        for (at, (&chunk, &frequency)) in own {
            (self.chunks[at], self.frequencies[at]) = (chunk.wrapping_sub(slice.chunks.start), frequency);
        }
        self.len = postings.docs().len().min(BLOCK);
        self.gather(slice);
        let mut len = 0;
        for at in 0..self.len {
            let (chunk, frequency, entry) = (self.chunks[at], self.frequencies[at], self.entries[at]);
            (self.chunks[len], self.frequencies[len], self.entries[len]) = (chunk, frequency, entry);
            len += usize::from(slice.has(entry));
        }
        self.len = len;
    }

    /// Finds the entries of its chunks.
    fn gather(&mut self, slice: &Slice<'_>) {
        for (entry, &chunk) in self.entries.iter_mut().zip(&self.chunks).take(self.len) {
            *entry = slice.entry_of(chunk);
        }
    }

    /// Finds those of its chunks that have a row.
    pub(crate) fn find_chunks(&mut self, rows: &Rows) {
        let mut scored = 0;
        for (&chunk, &frequency) in self.chunks.iter().zip(&self.frequencies).take(self.len) {
            let row = rows.of_chunks.get(chunk as usize).copied().unwrap_or(0);
            self.rows[scored] = row.wrapping_sub(1);
            (self.row_chunks[scored], self.row_frequencies[scored]) = (chunk, frequency);
            scored += usize::from(row > 0);
        }
        self.scored = scored;
    }

    /// Of those of its chunks that have a row the row, the number and the frequency.
    pub(crate) fn scored(&self) -> impl Iterator<Item = (u32, u32, u32)> {
        let rows = self.rows.iter().zip(&self.row_chunks).zip(&self.row_frequencies).take(self.scored);
        rows.map(|((&row, &chunk), &frequency)| (row, chunk, frequency))
    }

    /// The chunks that count, with their entries.
    pub(crate) fn chunks(&self) -> impl Iterator<Item = (u32, u32)> {
        self.chunks.iter().copied().zip(self.entries.iter().copied()).take(self.len)
    }
}

/// Adds up how often each entry of a block has the term. The first entry may be the last of the block before, if that is of the same
/// list: the runs of a list are those from `first` on.
pub(crate) fn add_runs(runs: &mut Vec<Run>, first: usize, last: &mut u32, block: &Block) {
    let mut count = runs.len();
    runs.resize(count + block.len, Run::default());
    for (&entry, &frequency) in block.entries.iter().zip(&block.frequencies).take(block.len) {
        let is_next = entry != *last || count == first;
        count += usize::from(is_next);
        let run = &mut runs[count - 1];
        *run = Run { entry_or_row: entry, frequency: run.frequency + frequency, length: 0 };
        *last = entry;
    }
    runs.truncate(count);
}
