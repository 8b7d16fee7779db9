//! Token counts of short pieces, remembered.
//!
//! Merging the bytes of a piece takes most of the time of counting, and text says the same pieces (" the", "self", "();\n")
//! over and over. So the counts of pieces of up to fifteen bytes are kept, per thread and encoding, in a table of fixed size
//! in which a new piece replaces the one that lay in its place.

use std::cell::RefCell;

use bpe_openai::Tokenizer;

use crate::Encoding;

/// How many pieces each table holds; with 24 bytes each, 384 kB.
const SLOTS: usize = 1 << 14;

/// The longest piece whose count is remembered, in bytes.
const CACHED_BYTES: usize = 15;

thread_local! {
    static COUNTS: RefCell<[Vec<Slot>; Encoding::ALL.len()]> =
        const { RefCell::new([const { Vec::new() }; Encoding::ALL.len()]) };
}

/// A remembered piece: its bytes, padded with zeros, and its length in the last byte. No piece is empty, so an empty slot
/// matches none.
#[derive(Clone, Copy, Default)]
struct Slot {
    piece: [u64; 2],
    count: u8,
}

/// Counts tokens of pieces of one encoding on one thread.
pub(crate) struct PieceCounter<'a> {
    table: &'static Tokenizer,
    slots: &'a mut [Slot],
}

/// Calls `work` with this thread's counter. `work` must not call this function again.
pub(crate) fn with_counter<T>(
    encoding: Encoding,
    table: &'static Tokenizer,
    work: impl FnOnce(&mut PieceCounter<'_>) -> T,
) -> T {
    COUNTS.with_borrow_mut(|tables| {
        let slots = &mut tables[encoding as usize];
        if slots.is_empty() {
            slots.resize(SLOTS, Slot::default());
        }
        work(&mut PieceCounter { table, slots })
    })
}

impl PieceCounter<'_> {
    /// The number of tokens of one piece.
    pub(crate) fn count(&mut self, piece: &str) -> usize {
        let bytes = piece.as_bytes();
        if bytes.len() > CACHED_BYTES {
            return self.table.bpe.count(bytes);
        }
        let mut padded = [0_u8; CACHED_BYTES + 1];
        padded[..bytes.len()].copy_from_slice(bytes);
        padded[CACHED_BYTES] = bytes.len() as u8;
        let all = u128::from_le_bytes(padded);
        let key = [all as u64, (all >> 64) as u64];
        let mixed = (key[0] ^ key[1].rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let slot = &mut self.slots[(mixed >> 50) as usize % SLOTS];
        if slot.piece != key {
            *slot = Slot { piece: key, count: self.table.bpe.count(bytes) as u8 };
        }
        usize::from(slot.count)
    }
}
