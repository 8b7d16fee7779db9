//! Reading a file of trigrams.

use std::ops::Range;
use std::path::{Path, PathBuf};

use memmap2::Mmap;
use pampax_base::{Error, Result, map_file};

use crate::Trigram;
use crate::bits::{BitReader, decode, read_varint};
use crate::write::{BLOCK_TRIGRAMS, MAGIC, ROW_BYTES, TRAILER_BYTES};

/// The trigrams of a segment's entries, open. What a damaged file says is checked wherever it is used.
pub struct Trigrams {
    map: Mmap,
    path: PathBuf,
    entries: u32,
    distinct: u32,
    postings: Range<usize>,
    dictionary: Range<usize>,
    blocks: Range<usize>,
    always: Vec<u32>,
}

/// The greatest trigram.
const TRIGRAM_MAX: Trigram = 0x00ff_ffff;

/// Where the entries of a trigram are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct List {
    /// How many there are.
    pub(crate) count: u32,
    start: usize,
    length: usize,
}

impl Trigrams {
    /// Maps the file at `path` of a segment with so many entries.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Corrupt`] for what is no file of trigrams or is that of another segment.
    pub fn open(path: &Path, entries: u32) -> Result<Self> {
        let map = map_file(path)?;
        // Memory is bounded by the number of entries, so it is not the file alone that says it.
        Self::read_trailer(map, path, entries)
            .ok_or_else(|| Error::corrupt(path, "not a file of trigrams of this segment"))
    }

    fn read_trailer(map: Mmap, path: &Path, expected: u32) -> Option<Self> {
        let trailer = map.get(map.len().checked_sub(TRAILER_BYTES)?..)?;
        let short = |at: usize| Some(u32::from_le_bytes(trailer.get(at..at + 4)?.try_into().ok()?));
        let long = |at: usize| usize::try_from(u64::from_le_bytes(trailer.get(at..at + 8)?.try_into().ok()?)).ok();
        if !trailer.ends_with(MAGIC) {
            return None;
        }
        let (entries, trigrams, always_count, always_bytes) = (short(0)?, short(4)?, short(8)?, short(12)? as usize);
        let (postings, dictionary) = (long(16)?, long(24)?);
        let blocks = (trigrams as usize).div_ceil(BLOCK_TRIGRAMS).checked_mul(ROW_BYTES)?;
        let dictionary = postings..postings.checked_add(dictionary)?;
        let blocks = dictionary.end..dictionary.end.checked_add(blocks)?;
        let end = blocks.end.checked_add(always_bytes)?;
        if end.checked_add(TRAILER_BYTES)? != map.len() || entries != expected {
            return None;
        }
        let always = numbers(map.get(blocks.end..end)?, always_count, entries)?;
        Some(Self {
            path: path.to_path_buf(),
            entries,
            distinct: trigrams,
            postings: 0..postings,
            dictionary,
            blocks,
            always,
            map,
        })
    }

    /// How many entries the segment has.
    pub fn entries(&self) -> u32 {
        self.entries
    }

    /// How many trigrams the entries hold together.
    pub fn trigrams(&self) -> u32 {
        self.distinct
    }

    /// The entries that are candidates for everything.
    pub fn always(&self) -> &[u32] {
        &self.always
    }

    /// What a caller hears of wrong content.
    pub(crate) fn damaged(&self) -> Error {
        Error::corrupt(&self.path, "its lists of trigrams are damaged")
    }

    fn row(&self, block: usize) -> Option<(Trigram, usize, usize)> {
        let row = self.map.get(self.blocks.clone())?.get(block * ROW_BYTES..(block + 1) * ROW_BYTES)?;
        let first = u32::from_le_bytes(row[..4].try_into().ok()?);
        let dictionary = u32::from_le_bytes(row[4..8].try_into().ok()?) as usize;
        let postings = usize::try_from(u64::from_le_bytes(row[8..].try_into().ok()?)).ok()?;
        Some((first, dictionary, postings))
    }

    /// The list of a trigram; `Ok(None)` if no entry has it.
    pub(crate) fn find(&self, trigram: Trigram) -> Result<Option<List>> {
        let (mut low, mut high) = (0, self.blocks.len() / ROW_BYTES);
        while low < high {
            let middle = low + (high - low) / 2;
            let first = self.row(middle).ok_or_else(|| self.damaged())?.0;
            if first <= trigram { low = middle + 1 } else { high = middle }
        }
        let Some(block) = low.checked_sub(1) else { return Ok(None) };
        let mut found = None;
        self.walk_block(block, |known, list| {
            found = (known == trigram).then_some(list);
            known < trigram
        })?;
        Ok(found)
    }

    /// Calls `visit` with each trigram of a block and its list until it says stop.
    fn walk_block(&self, block: usize, mut visit: impl FnMut(Trigram, List) -> bool) -> Result<()> {
        let damaged = || self.damaged();
        let (mut trigram, start, mut position) = self.row(block).ok_or_else(damaged)?;
        let dictionary = self.map.get(self.dictionary.clone()).ok_or_else(damaged)?;
        let mut rest = dictionary.get(start..).ok_or_else(damaged)?;
        let in_block = (self.distinct as usize - block * BLOCK_TRIGRAMS).min(BLOCK_TRIGRAMS);
        for _ in 0..in_block {
            let mut next = || read_varint(&mut rest).ok_or_else(damaged);
            trigram = trigram.checked_add(next()?).ok_or_else(damaged)?;
            let count = next()?;
            let length = if count < self.entries { next()? as usize } else { 0 };
            if !visit(trigram, List { count, start: position, length }) {
                break;
            }
            position = position.checked_add(length).ok_or_else(damaged)?;
        }
        Ok(())
    }

    /// The entries of a list.
    pub(crate) fn read(&self, list: List) -> Result<Vec<u32>> {
        let bytes = || self.map.get(self.postings.clone())?.get(list.start..list.start.checked_add(list.length)?);
        bytes().and_then(|bytes| numbers(bytes, list.count, self.entries)).ok_or_else(|| self.damaged())
    }

    /// Every trigram with its list, in order.
    pub(crate) fn lists(&self) -> Lists<'_> {
        Lists { of: self, block: 0, waiting: Vec::new(), next: 0 }
    }
}

/// Decodes `count` numbers below `entries`; `None` if that cannot be.
fn numbers(bytes: &[u8], count: u32, entries: u32) -> Option<Vec<u32>> {
    if count > entries {
        return None;
    }
    let mut numbers = vec![0; count as usize];
    let mut reader = BitReader::new(bytes);
    decode(&mut reader, &mut numbers, 0, entries.saturating_sub(1));
    (!reader.is_past_end()).then_some(numbers)
}

/// Goes through the trigrams of a file.
pub(crate) struct Lists<'a> {
    of: &'a Trigrams,
    block: usize,
    /// What is left of the block before, the next one last.
    waiting: Vec<(Trigram, List)>,
    /// The least that the next trigram may be.
    next: Trigram,
}

impl Lists<'_> {
    /// Nothing comes after an error.
    fn end(&mut self, error: Error) -> Error {
        self.waiting.clear();
        self.block = usize::MAX;
        error
    }
}

impl Iterator for Lists<'_> {
    type Item = Result<(Trigram, List)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.waiting.is_empty() && self.block < self.of.blocks.len() / ROW_BYTES {
            let walked = self.of.walk_block(self.block, |trigram, list| {
                self.waiting.push((trigram, list));
                true
            });
            self.block += 1;
            if let Err(error) = walked {
                return Some(Err(self.end(error)));
            }
            self.waiting.reverse();
        }
        let (trigram, list) = self.waiting.pop()?;
        if trigram < self.next || trigram > TRIGRAM_MAX {
            return Some(Err(self.end(self.of.damaged())));
        }
        self.next = trigram + 1;
        Some(Ok((trigram, list)))
    }
}

impl std::fmt::Debug for Trigrams {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Trigrams({} entries, {} trigrams)", self.entries, self.distinct)
    }
}
