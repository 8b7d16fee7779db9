//! Collecting the trigrams of entries in memory.

use std::cell::RefCell;
use std::path::Path;

use pampax_base::Result;

use crate::bits::{read_varint, write_varint};
use crate::write::TrigramsWriter;
use crate::{Trigram, next_trigram};

/// Leaves of the table: the last byte of a trigram.
const LEAF: usize = 256;
/// The most trigrams of one entry; what has more is no text that anybody wrote. It is a candidate for everything.
const ENTRY_TRIGRAMS_MAX: usize = 1 << 18;
/// No leaf, no slot.
const NONE: u32 = u32::MAX;

/// Collects which entries hold which trigrams. Memory is about a byte and a half for each pair of the two.
pub struct TrigramsBuilder {
    /// For the first two bytes of a trigram its leaf.
    leaves: Vec<u32>,
    /// For each leaf and last byte the slot of the trigram.
    slots: Vec<[u32; LEAF]>,
    postings: Vec<Posting>,
    posting_bytes: usize,
    entries: u32,
    /// Entries that are always candidates.
    always: Vec<u32>,
}

thread_local! {
    /// One for each thread, as it is empty between two entries: more would be two more megabytes for each segment that is built.
    static SEEN: RefCell<Seen> = RefCell::new(Seen { has: vec![0; (1 << 24) / 64], trigrams: Vec::new() });
}

/// Which trigrams a text has.
struct Seen {
    /// A bit for each trigram there can be: a text has few of them, in few places of memory.
    has: Vec<u64>,
    /// Those it has, each once.
    trigrams: Vec<Trigram>,
}

impl Seen {
    /// Takes in the trigrams of a text; says whether it has no more than an entry may have.
    fn see(&mut self, text: &[u8]) -> bool {
        // How many bytes of the line at hand were read, and the last three of them.
        let (mut bytes, mut last) = (0_usize, 0);
        for &byte in text {
            (bytes, last) = (bytes + 1, next_trigram(last, byte));
            if byte == b'\n' {
                bytes = 0;
            } else if bytes >= 3 {
                let (word, bit) = (&mut self.has[last as usize / 64], 1 << (last % 64));
                if *word & bit == 0 {
                    if self.trigrams.len() == ENTRY_TRIGRAMS_MAX {
                        return false;
                    }
                    *word |= bit;
                    self.trigrams.push(last);
                }
            }
        }
        true
    }

    fn forget(&mut self) {
        for trigram in self.trigrams.drain(..) {
            self.has[trigram as usize / 64] = 0;
        }
    }
}

/// The entries of a trigram: distances from one to the next.
struct Posting {
    trigram: Trigram,
    last: u32,
    bytes: Vec<u8>,
}

impl Default for TrigramsBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl TrigramsBuilder {
    /// A builder without entries.
    pub fn new() -> Self {
        Self {
            leaves: vec![NONE; 1 << 16],
            slots: Vec::new(),
            postings: Vec::new(),
            posting_bytes: 0,
            entries: 0,
            always: Vec::new(),
        }
    }

    /// Adds the next entry: the bytes that a search will see of it.
    pub fn add(&mut self, text: &[u8]) {
        let entry = self.entries;
        self.entries += 1;
        SEEN.with_borrow_mut(|seen| {
            if seen.see(text) {
                seen.trigrams.iter().for_each(|&trigram| self.note(trigram, entry));
            } else {
                self.always.push(entry);
            }
            seen.forget();
        });
    }

    /// Adds the next entry without its trigrams: it is a candidate for everything.
    pub fn skip(&mut self) {
        self.always.push(self.entries);
        self.entries += 1;
    }

    /// Notes that the entry has the trigram, of which it was not said before.
    fn note(&mut self, trigram: Trigram, entry: u32) {
        let leaf = &mut self.leaves[(trigram >> 8) as usize];
        if *leaf == NONE {
            *leaf = self.slots.len() as u32;
            self.slots.push([NONE; LEAF]);
        }
        let slot = &mut self.slots[*leaf as usize][(trigram & 0xff) as usize];
        if *slot == NONE {
            *slot = self.postings.len() as u32;
            self.postings.push(Posting { trigram, last: 0, bytes: Vec::new() });
        }
        let posting = &mut self.postings[*slot as usize];
        let before = posting.bytes.len();
        write_varint(&mut posting.bytes, entry - posting.last);
        self.posting_bytes += posting.bytes.len() - before;
        posting.last = entry;
    }

    /// How many entries were added.
    pub fn entries(&self) -> u32 {
        self.entries
    }

    /// Memory held now, in bytes, about.
    pub fn memory_bytes(&self) -> usize {
        self.leaves.len() * size_of::<u32>()
            + self.slots.len() * LEAF * size_of::<u32>()
            + self.postings.len() * (size_of::<Posting>() + 32)
            + self.posting_bytes * 3 / 2
            + self.always.len() * size_of::<u32>()
    }

    /// Writes the file at `path` and syncs it.
    ///
    /// # Errors
    /// [`pampax_base::Error::Io`].
    pub fn finish(mut self, path: &Path) -> Result<()> {
        let mut writer = TrigramsWriter::create(path, self.entries)?;
        self.slots = Vec::new();
        self.postings.sort_unstable_by_key(|posting| posting.trigram);
        let mut numbers = Vec::new();
        for posting in self.postings.drain(..) {
            numbers.clear();
            let (mut bytes, mut last) = (posting.bytes.as_slice(), 0);
            while let Some(distance) = read_varint(&mut bytes) {
                last += distance;
                numbers.push(last);
            }
            writer.add(posting.trigram, &numbers)?;
        }
        writer.finish(&self.always)
    }
}

impl std::fmt::Debug for TrigramsBuilder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "TrigramsBuilder({} entries, {} trigrams)", self.entries, self.postings.len())
    }
}
