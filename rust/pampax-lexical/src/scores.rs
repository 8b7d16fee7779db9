//! What a query touched, where the threads that scored it left it.

use std::ops::Range;

use crate::field::Field;
use crate::share::Share;

/// The scores of one chunk. Fields are numbered as in [`Field`]; path and stem belong to the entry.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ChunkScore {
    /// The chunk, numbered over all parts.
    pub chunk: u32,
    /// The row of its entry.
    pub entry: u32,
    /// BM25 of body, names, signature and comments.
    pub fields: [f32; 4],
    /// Share of the query's idf found in each of these fields, 0 to 1.
    pub coverage: [f32; 4],
}

/// The scores of one entry (a file).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct EntryScore {
    /// The entry, numbered over all parts.
    pub entry: u32,
    /// BM25 of each field, over the whole file.
    pub fields: [f32; Field::ALL.len()],
    /// Share of the query's idf found in each field, 0 to 1.
    pub coverage: [f32; Field::ALL.len()],
}

/// Everything a query touched: the chunks and entries with at least one of its terms, in no particular order of rank. Where
/// its terms are common, those that have only the most common of them are left out.
///
/// Chunks and entries are numbered by rows, each from 0 on. They stay where each thread scored them, as there may be hundreds of
/// thousands, which take longer to copy than to score.
#[derive(Clone, Copy)]
pub struct Scores<'a> {
    shares: &'a [Share],
    cut: bool,
    chunk_max: [f32; 4],
    entry_max: [f32; Field::ALL.len()],
}

impl<'a> Scores<'a> {
    pub(crate) fn new(shares: &'a [Share], cut: bool) -> Self {
        let (mut chunk_max, mut entry_max) = ([0.0_f32; 4], [0.0_f32; Field::ALL.len()]);
        for share in shares {
            chunk_max.iter_mut().zip(share.chunk_max).for_each(|(max, value)| *max = max.max(value));
            entry_max.iter_mut().zip(share.entry_max).for_each(|(max, value)| *max = max.max(value));
        }
        Self { shares, cut, chunk_max, entry_max }
    }

    /// Whether chunks were left out.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// The greatest score of a chunk in each of its fields.
    pub fn chunk_max(&self) -> &[f32; 4] {
        &self.chunk_max
    }

    /// The greatest score of an entry in each field.
    pub fn entry_max(&self) -> &[f32; Field::ALL.len()] {
        &self.entry_max
    }

    /// How many chunks have a row.
    pub fn chunk_count(&self) -> usize {
        self.shares.iter().map(|share| share.chunks.len()).sum()
    }

    /// How many entries have a row.
    pub fn entry_count(&self) -> usize {
        self.shares.iter().map(|share| share.entries.len()).sum()
    }

    /// The chunks, in the order of their rows.
    pub fn chunks(&self) -> impl Iterator<Item = &'a ChunkScore> + use<'a> {
        self.shares.iter().flat_map(|share| &share.chunks)
    }

    /// The entries, in the order of their rows.
    pub fn entries(&self) -> impl Iterator<Item = &'a EntryScore> + use<'a> {
        self.shares.iter().flat_map(|share| &share.entries)
    }

    /// The chunk of a row; `None` if there is no such row.
    pub fn chunk(&self, row: u32) -> Option<&'a ChunkScore> {
        self.shares.iter().find_map(|share| share.chunks.get(row.checked_sub(share.first_chunk_row)? as usize))
    }

    /// The entry of a row; `None` if there is no such row.
    pub fn entry(&self, row: u32) -> Option<&'a EntryScore> {
        self.shares.iter().find_map(|share| share.entries.get(row.checked_sub(share.first_entry_row)? as usize))
    }

    /// Those of the chunks of one entry that have a row, ascending, with their rows.
    pub fn chunk_rows(&self, chunks: Range<u32>) -> impl Iterator<Item = (u32, u32)> + use<'a> {
        self.shares.iter().flat_map(move |share| share.chunk_rows(chunks.clone()))
    }

    /// The row of a chunk.
    pub fn chunk_row(&self, chunk: u32) -> Option<u32> {
        self.chunk_rows(chunk..chunk + 1).next().map(|(_, row)| row)
    }

    /// The row of an entry.
    pub fn entry_row(&self, entry: u32) -> Option<u32> {
        self.shares.iter().find_map(|share| share.entry_row(entry))
    }
}
