//! Word pieces: a word is cut into the longest pieces the vocabulary has, from left to right.

/// The piece number of a slot without a piece.
const EMPTY: u32 = u32::MAX;

/// Pieces and their ids, found by their hash.
///
/// An open-addressing table: a slot holds 32 bits of the hash beside the piece's number, so that a piece that is not there is
/// nearly always recognised without looking at any text.
struct Pieces {
    slots: Vec<(u32, u32)>,
    /// For each piece: where its text ends in `text`, and its id.
    ends: Vec<(u32, u32)>,
    text: Vec<u8>,
    /// Length in bytes of the longest piece that begins with this byte.
    longest: [u32; 256],
}

const HASH_START: u64 = 0xcbf2_9ce4_8422_2325;

/// One step of the FNV-1a hash, which makes the hashes of all prefixes of a word in one pass.
#[inline]
fn hash_step(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
}

/// Spreads the hash over all its bits: the upper half is kept in the slot, the lower half says which slot.
#[inline]
fn hash_finish(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ (hash >> 29)
}

fn hash_of(bytes: &[u8]) -> u64 {
    hash_finish(bytes.iter().fold(HASH_START, |hash, &byte| hash_step(hash, byte)))
}

impl Pieces {
    /// The table of these pieces. Of two equal ones the first wins; empty ones are left out.
    fn new<'a>(pieces: impl Iterator<Item = (&'a str, u32)> + Clone) -> Self {
        let capacity = (2 * pieces.clone().count()).next_power_of_two().max(8);
        let mut table =
            Self { slots: vec![(0, EMPTY); capacity], ends: Vec::new(), text: Vec::new(), longest: [0; 256] };
        for (piece, id) in pieces {
            let bytes = piece.as_bytes();
            let Some(&first) = bytes.first() else { continue };
            let hash = hash_of(bytes);
            if let Err(slot) = table.probe(hash, bytes) {
                table.slots[slot] = ((hash >> 32) as u32, table.ends.len() as u32);
                table.text.extend_from_slice(bytes);
                table.ends.push((table.text.len() as u32, id));
                let longest = &mut table.longest[usize::from(first)];
                *longest = (*longest).max(bytes.len() as u32);
            }
        }
        table
    }

    /// The id of the piece with this text and hash, or the slot where it would go.
    #[inline]
    fn probe(&self, hash: u64, bytes: &[u8]) -> Result<u32, usize> {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let (upper, number) = self.slots[slot];
            if number == EMPTY {
                return Err(slot);
            }
            if upper == (hash >> 32) as u32 {
                let number = number as usize;
                let start = if number == 0 { 0 } else { self.ends[number - 1].0 as usize };
                let (end, id) = self.ends[number];
                if &self.text[start..end as usize] == bytes {
                    return Ok(id);
                }
            }
            slot = (slot + 1) & mask;
        }
    }

    /// The longest piece that `word` begins with: its length in bytes and its id. `hashes` is room to work in.
    #[inline]
    fn longest_prefix(&self, word: &[u8], hashes: &mut Vec<u64>) -> Option<(usize, u32)> {
        let longest = self.longest[usize::from(*word.first()?)] as usize;
        let word = &word[..longest.min(word.len())];
        hashes.clear();
        let mut hash = HASH_START;
        hashes.extend(word.iter().map(|&byte| {
            hash = hash_step(hash, byte);
            hash
        }));
        (1..=word.len())
            .rev()
            .find_map(|length| Some((length, self.probe(hash_finish(hashes[length - 1]), &word[..length]).ok()?)))
    }
}

/// A `WordPiece` vocabulary.
pub(crate) struct WordPiece {
    /// What a word may begin with.
    initial: Pieces,
    /// What it may go on with; without the prefix (`##`) that marks such pieces in the vocabulary.
    continuing: Pieces,
    /// The token of a word that cannot be cut into pieces.
    unknown: u32,
    longest_word: usize,
}

impl WordPiece {
    /// The vocabulary of these tokens and ids. `longest_word` is counted in characters; a longer one is `unknown`.
    pub fn new(tokens: &[(String, u32)], continuing_prefix: &str, unknown: u32, longest_word: usize) -> Self {
        let all = tokens.iter().map(|(token, id)| (token.as_str(), *id));
        let continuing = all.clone().filter_map(|(token, id)| Some((token.strip_prefix(continuing_prefix)?, id)));
        Self { initial: Pieces::new(all), continuing: Pieces::new(continuing), unknown, longest_word }
    }

    /// Whether the vocabulary has a token of this text.
    pub fn has(&self, token: &str) -> bool {
        self.initial.probe(hash_of(token.as_bytes()), token.as_bytes()).is_ok()
    }

    /// Appends the tokens of `word` to `ids`. `hashes` is room to work in, kept between calls.
    #[inline]
    pub fn cut(&self, word: &str, ids: &mut Vec<u32>, hashes: &mut Vec<u64>) {
        // No character is shorter than a byte, so short words need not be counted.
        if word.len() > self.longest_word && word.chars().count() > self.longest_word {
            ids.push(self.unknown);
            return;
        }
        let before = ids.len();
        let mut rest = word.as_bytes();
        let mut pieces = &self.initial;
        while !rest.is_empty() {
            // Pieces are whole characters and so is the word: a piece never ends inside a character.
            let Some((length, id)) = pieces.longest_prefix(rest, hashes) else {
                ids.truncate(before);
                ids.push(self.unknown);
                return;
            };
            ids.push(id);
            rest = &rest[length..];
            pieces = &self.continuing;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    /// The definition, word for word: try every end from the right.
    fn by_definition(tokens: &[(String, u32)], longest_word: usize, word: &str) -> Vec<u32> {
        let vocabulary: HashMap<&str, u32> = tokens.iter().rev().map(|(token, id)| (token.as_str(), *id)).collect();
        let characters: Vec<char> = word.chars().collect();
        if characters.len() > longest_word {
            return vec![0];
        }
        let (mut ids, mut start) = (Vec::new(), 0);
        while start < characters.len() {
            let found = (start + 1..=characters.len()).rev().find_map(|end| {
                let piece: String = characters[start..end].iter().collect();
                let piece = if start == 0 { piece } else { format!("##{piece}") };
                Some((end, *vocabulary.get(piece.as_str())?))
            });
            let Some((end, id)) = found else { return vec![0] };
            ids.push(id);
            start = end;
        }
        ids
    }

    proptest! {
        #[test]
        fn pieces_are_those_of_the_definition(
            pieces in proptest::collection::vec("(##)?[abé]{0,4}", 0..40),
            words in proptest::collection::vec("(##)?[abéx]{0,12}", 1..20),
            longest_word in 1_usize..14,
        ) {
            let tokens: Vec<(String, u32)> =
                std::iter::once("[UNK]".to_owned()).chain(pieces).zip(0_u32..).collect();
            let vocabulary = WordPiece::new(&tokens, "##", 0, longest_word);
            let mut hashes = Vec::new();
            for word in &words {
                let mut ids = vec![99];
                vocabulary.cut(word, &mut ids, &mut hashes);
                prop_assert_eq!(&ids[1..], by_definition(&tokens, longest_word, word), "{}", word);
            }
        }
    }
}
