//! Writing the file: postings as they come, the dictionary behind them.
//!
//! ```text
//! postings      one list after the other, each at a whole byte
//! dictionary    blocks of 64: for each trigram its distance from the one before, the number of its entries, and, unless
//!               all entries have it, the bytes of its list; all as groups of seven bits
//! blocks        for each block: its first trigram, the start of its dictionary (4 bytes each), the start of its lists (8)
//! always        the list of the entries that are always candidates
//! trailer       entries, trigrams, entries in `always`, bytes of `always` (4 each); bytes of postings and dictionary
//!               (8 each); the magic number
//! ```
//!
//! All numbers are little-endian.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use pampax_base::{Error, Result};

use crate::Trigram;
use crate::bits::{BitWriter, encode, write_varint};

/// Tells the file from others, and its format.
pub(crate) const MAGIC: &[u8; 8] = b"PXTRIG01";
/// Bytes of the trailer.
pub(crate) const TRAILER_BYTES: usize = 4 * 4 + 2 * 8 + MAGIC.len();
/// Trigrams of a block.
pub(crate) const BLOCK_TRIGRAMS: usize = 64;
/// Bytes of a row of the table of blocks.
pub(crate) const ROW_BYTES: usize = 16;

/// Writes a file of trigrams in their order.
pub(crate) struct TrigramsWriter {
    file: BufWriter<File>,
    path: PathBuf,
    entries: u32,
    trigrams: u32,
    last: Trigram,
    position: u64,
    dictionary: Vec<u8>,
    blocks: Vec<u8>,
    bits: BitWriter,
    list: Vec<u8>,
}

impl TrigramsWriter {
    /// Starts the file at `path`, for as many entries.
    pub(crate) fn create(path: &Path, entries: u32) -> Result<Self> {
        Ok(Self {
            file: BufWriter::new(File::create(path).map_err(Error::io("create", path))?),
            path: path.to_path_buf(),
            entries,
            trigrams: 0,
            last: 0,
            position: 0,
            dictionary: Vec::new(),
            blocks: Vec::new(),
            bits: BitWriter::default(),
            list: Vec::new(),
        })
    }

    /// Adds the next trigram with its entries, which rise. One without entries is left out.
    pub(crate) fn add(&mut self, trigram: Trigram, numbers: &[u32]) -> Result<()> {
        if numbers.is_empty() {
            return Ok(());
        }
        if (self.trigrams as usize).is_multiple_of(BLOCK_TRIGRAMS) {
            self.blocks.extend_from_slice(&trigram.to_le_bytes());
            self.blocks.extend_from_slice(&(self.dictionary.len() as u32).to_le_bytes());
            self.blocks.extend_from_slice(&self.position.to_le_bytes());
            self.last = trigram;
        }
        self.trigrams += 1;
        let length = self.pack(numbers);
        self.file.write_all(&self.list).map_err(Error::io("write", &self.path))?;
        self.position += length as u64;
        write_varint(&mut self.dictionary, trigram - self.last);
        write_varint(&mut self.dictionary, numbers.len() as u32);
        if numbers.len() < self.entries as usize {
            write_varint(&mut self.dictionary, length as u32);
        }
        self.last = trigram;
        Ok(())
    }

    /// Puts the coded list into `self.list`; gives its length.
    fn pack(&mut self, numbers: &[u32]) -> usize {
        self.list.clear();
        encode(&mut self.bits, numbers, 0, self.entries.saturating_sub(1));
        self.bits.flush_to(&mut self.list)
    }

    /// Writes the rest and syncs the file.
    pub(crate) fn finish(mut self, always: &[u32]) -> Result<()> {
        let always_bytes = self.pack(always);
        let mut end = Vec::with_capacity(TRAILER_BYTES);
        for number in [self.entries, self.trigrams, always.len() as u32, always_bytes as u32] {
            end.extend_from_slice(&number.to_le_bytes());
        }
        for number in [self.position, self.dictionary.len() as u64] {
            end.extend_from_slice(&number.to_le_bytes());
        }
        end.extend_from_slice(MAGIC);
        for part in [&self.dictionary, &self.blocks, &self.list, &end] {
            self.file.write_all(part).map_err(Error::io("write", &self.path))?;
        }
        let path = self.path;
        let file = self.file.into_inner().map_err(|error| Error::io("write", &path)(error.into_error()))?;
        file.sync_data().map_err(Error::io("sync", &path))
    }
}
