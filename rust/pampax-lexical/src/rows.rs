//! Which rows the chunks and entries of a slice have.

use std::ops::Range;

use crate::block::Block;
use crate::scores::{ChunkScore, EntryScore};
use crate::slice::Slice;

/// A table with more rows than one of so many places is faster to clear as a whole.
const PLACES_PER_ROW: usize = 16;

const NONE: u32 = u32::MAX;

/// What has a score in one slice.
#[derive(Default)]
pub(crate) struct Rows {
    /// The numbers of its first chunk and entry among all parts.
    pub(crate) first_chunk: u32,
    pub(crate) first_entry: u32,
    /// For each chunk the number of its row, counted from 1; 0 if it has none.
    pub(crate) of_chunks: Vec<u32>,
    /// For each entry likewise.
    pub(crate) of_entries: Vec<u32>,
    /// A bit for each chunk: whether its entry has a row.
    is_of_known: Vec<u64>,
    /// The chunks and entries that have rows, to forget them.
    chunks: Vec<u32>,
    entries: Vec<u32>,
}

impl Rows {
    /// Forgets all rows, and which slice they were of.
    pub(crate) fn clear(&mut self) {
        clear(&mut self.of_chunks, &mut self.chunks);
        clear(&mut self.of_entries, &mut self.entries);
        self.is_of_known.fill(0);
        // Slices that are not there hold nothing.
        (self.first_chunk, self.first_entry) = (NONE, NONE);
    }

    /// Begins with a slice, without any rows.
    pub(crate) fn begin(&mut self, slice: &Slice<'_>) {
        (self.first_chunk, self.first_entry) = (slice.first_chunk(), slice.first_entry());
        self.of_chunks.resize(slice.chunks.len(), 0);
        self.is_of_known.resize(slice.chunks.len().div_ceil(64), 0);
        self.of_entries.resize(slice.entries, 0);
    }

    /// Whether the entry of a chunk has a row.
    pub(crate) fn is_of_known(&self, chunk: u32) -> bool {
        let word = self.is_of_known.get(chunk as usize / 64).copied().unwrap_or(0);
        word >> (chunk % 64) & 1 == 1
    }

    /// The first chunk from `chunk` on whose entry has a row.
    pub(crate) fn next_of_known(&self, chunk: u32) -> Option<u32> {
        let mut word = chunk as usize / 64;
        let mut bits = self.is_of_known.get(word)? & (u64::MAX << (chunk % 64));
        while bits == 0 {
            word += 1;
            bits = *self.is_of_known.get(word)?;
        }
        Some(word as u32 * 64 + bits.trailing_zeros())
    }

    /// The row of an entry; one that there is not if it has none.
    pub(crate) fn row_of(&self, entry: u32) -> u32 {
        self.of_entries.get(entry as usize).and_then(|row| row.checked_sub(1)).unwrap_or(NONE)
    }

    /// The chunks of those given that have rows, with these; all are numbered among all parts.
    pub(crate) fn of_chunks(&self, chunks: Range<u32>) -> impl Iterator<Item = (u32, u32)> {
        let place = |chunk: u32| chunk.checked_sub(self.first_chunk).map(|chunk| chunk as usize);
        let places = place(chunks.start).zip(place(chunks.end));
        let rows = places.and_then(|(start, end)| self.of_chunks.get(start..end)).unwrap_or_default();
        (chunks.start..).zip(rows).filter_map(|(chunk, row)| Some((chunk, row.checked_sub(1)?)))
    }

    /// The row of an entry, numbered among all parts.
    pub(crate) fn of_entry(&self, entry: u32) -> Option<u32> {
        self.of_entries.get(entry.checked_sub(self.first_entry)? as usize)?.checked_sub(1)
    }

    /// Gives rows to the entries of a block that have none.
    pub(crate) fn add_entries(&mut self, slice: &Slice<'_>, block: &Block, scores: &mut Vec<EntryScore>) {
        for (_, entry) in block.chunks() {
            let Some(row) = self.of_entries.get_mut(entry as usize).filter(|row| **row == 0) else { continue };
            scores.push(EntryScore { entry: self.first_entry + entry, ..EntryScore::default() });
            *row = scores.len() as u32;
            self.entries.push(entry);
            set_bits(&mut self.is_of_known, slice.chunks_of(entry));
        }
    }

    /// Gives rows to the chunks of a block that have none; their entries have some.
    pub(crate) fn add_chunks(&mut self, block: &Block, scores: &mut Vec<ChunkScore>) {
        for (chunk, entry) in block.chunks() {
            let Some(row) = self.of_chunks.get_mut(chunk as usize).filter(|row| **row == 0) else { continue };
            let Some(entry) = self.of_entries.get(entry as usize).and_then(|row| row.checked_sub(1)) else { continue };
            scores.push(ChunkScore { chunk: self.first_chunk + chunk, entry, ..ChunkScore::default() });
            *row = scores.len() as u32;
            self.chunks.push(chunk);
        }
    }
}

/// Sets the bits of a range.
fn set_bits(words: &mut [u64], bits: Range<u32>) {
    for word in bits.start / 64..bits.end.div_ceil(64) {
        let (first, end) = (bits.start.saturating_sub(64 * word), (bits.end - 64 * word).min(64));
        if let Some(set) = words.get_mut(word as usize) {
            *set |= u64::MAX << first & u64::MAX >> (64 - end);
        }
    }
}

/// Sets the places of a table that are `set` to 0.
fn clear(table: &mut [u32], set: &mut Vec<u32>) {
    if set.len() * PLACES_PER_ROW > table.len() {
        table.fill(0);
        set.clear();
    }
    for place in set.drain(..) {
        table[place as usize] = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_set_from_the_first_to_before_the_end() {
        for start in 0..200 {
            for end in start..200 {
                let mut words = [0; 4];
                set_bits(&mut words, start..end);
                let is_set = |bit: u32| words[bit as usize / 64] >> (bit % 64) & 1 == 1;
                assert!((0..256).all(|bit| is_set(bit) == (start..end).contains(&bit)), "{start}..{end}");
            }
        }
        // What does not fit is left out.
        let mut words = [0; 1];
        set_bits(&mut words, 60..500);
        assert_eq!(words, [0xf << 60]);
    }

    #[test]
    fn rows_are_forgotten_however_many_there_are() {
        for set in [1, 7, 60, 100] {
            let mut table: Vec<u32> = (0..100).map(|place| u32::from(place < set)).collect();
            let mut places = (0..set).collect();
            clear(&mut table, &mut places);
            assert!(places.is_empty() && table.iter().all(|&row| row == 0), "{set}");
        }
    }

    #[test]
    fn the_next_of_what_is_known_is_found_from_everywhere() {
        let mut rows = Rows { is_of_known: vec![0; 4], ..Rows::default() };
        assert_eq!(rows.next_of_known(0), None);
        set_bits(&mut rows.is_of_known, 70..72);
        set_bits(&mut rows.is_of_known, 255..256);
        for chunk in 0..300 {
            let expected = [70, 71, 255].into_iter().find(|&known| known >= chunk);
            assert_eq!(rows.next_of_known(chunk), expected, "{chunk}");
        }
    }
}
