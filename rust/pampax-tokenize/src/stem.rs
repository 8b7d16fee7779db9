//! English stems, remembered.
//!
//! The stemmer takes some hundred nanoseconds and several allocations a word, and source code says the same few thousand
//! words over and over. So stems are kept in a table of fixed size. A stem is nearly always a prefix of its word, sometimes
//! with one to three letters in place of the rest ("happy" → "happi"), which needs four bytes; the word itself is kept in
//! sixteen. A word or a stem that fits neither is stemmed anew each time.

use rust_stemmers::{Algorithm, Stemmer};

/// Two words per set: a common word is not thrown out by a rare one with the same hash.
const SETS: usize = 4096;

/// The longest word whose stem is remembered, in bytes.
pub(crate) const CACHED_BYTES: usize = 16;

/// How a stem is made from its word: the first `keep` bytes, then `tail_len` bytes of `tail`.
#[derive(Clone, Copy, Default)]
struct Recipe {
    keep: u8,
    tail_len: u8,
    tail: [u8; 3],
}

/// A remembered word. The word's bytes are padded with zeros; no word is all zeros, so an empty slot matches none.
#[derive(Clone, Copy, Default)]
struct Slot {
    word: [u64; 2],
    recipe: Recipe,
}

/// The stemmer with its table. Its answers do not depend on what was asked before.
pub(crate) struct StemCache {
    stemmer: Stemmer,
    slots: Vec<[Slot; 2]>,
    built: String,
}

impl StemCache {
    pub(crate) fn new() -> Self {
        Self {
            stemmer: Stemmer::create(Algorithm::English),
            slots: vec![[Slot::default(); 2]; SETS],
            built: String::with_capacity(64),
        }
    }

    /// The stem of `text[start..end]`, which holds only lower-case ASCII letters. Faster if at least [`CACHED_BYTES`] bytes
    /// follow `start` in `text`.
    pub(crate) fn stem<'a>(&'a mut self, text: &'a str, start: usize, end: usize) -> &'a str {
        let word = &text[start..end];
        let len = word.len();
        if len > CACHED_BYTES {
            return self.stem_anew(word);
        }
        let key = key_of(text.as_bytes(), start, len);
        let mixed = (key[0] ^ key[1].rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let set = &mut self.slots[(mixed >> 52) as usize % SETS];
        let recipe = if set[0].word == key {
            set[0].recipe
        } else if set[1].word == key {
            // The later of the two used stays in front; the one behind is replaced first.
            set.swap(0, 1);
            set[0].recipe
        } else {
            let Some(recipe) = recipe_of(word, &self.stemmer.stem(word)) else {
                return self.stem_anew(word);
            };
            set[1] = set[0];
            set[0] = Slot { word: key, recipe };
            recipe
        };
        let keep = &word[..usize::from(recipe.keep)];
        if recipe.tail_len == 0 {
            return keep;
        }
        self.built.clear();
        self.built.push_str(keep);
        self.built.extend(recipe.tail[..usize::from(recipe.tail_len)].iter().map(|&byte| char::from(byte)));
        &self.built
    }

    fn stem_anew(&mut self, word: &str) -> &str {
        self.built.clear();
        self.built.push_str(&self.stemmer.stem(word));
        &self.built
    }
}

/// The word's bytes as two numbers, padded with zeros.
fn key_of(bytes: &[u8], start: usize, len: usize) -> [u64; 2] {
    let mut padded = [0_u8; CACHED_BYTES];
    if let Some(window) = bytes.get(start..start + CACHED_BYTES) {
        // A copy of fixed length and a mask: a copy of `len` bytes is a call.
        padded.copy_from_slice(window);
        let all = u128::from_le_bytes(padded) & (u128::MAX >> (128 - 8 * len as u32));
        return [all as u64, (all >> 64) as u64];
    }
    padded[..len].copy_from_slice(&bytes[start..start + len]);
    let all = u128::from_le_bytes(padded);
    [all as u64, (all >> 64) as u64]
}

/// How to make `stem` from `word`, if it differs in few enough bytes.
fn recipe_of(word: &str, stem: &str) -> Option<Recipe> {
    let keep = word.bytes().zip(stem.bytes()).take_while(|(left, right)| left == right).count();
    let rest = stem.as_bytes().get(keep..)?;
    let mut tail = [0; 3];
    tail.get_mut(..rest.len())?.copy_from_slice(rest);
    Some(Recipe { keep: keep as u8, tail_len: rest.len() as u8, tail })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_stems_twice_each() {
        let mut cache = StemCache::new();
        for _ in 0..2 {
            for (word, stem) in [
                ("parsing", "pars"),
                ("configs", "config"),
                ("happy", "happi"),
                ("skies", "sky"),
                ("dying", "die"),
                ("sensibility", "sensibl"),
                ("conflated", "conflat"),
                ("internationalization", "internation"),
                ("abcdefghijklmnop", "abcdefghijklmnop"),
            ] {
                assert_eq!(cache.stem(word, 0, word.len()), stem);
                let padded = format!("x{word}                 ");
                assert_eq!(cache.stem(&padded, 1, 1 + word.len()), stem);
            }
        }
    }

    proptest! {
        #[test]
        fn the_table_never_changes_an_answer(words in proptest::collection::vec("[a-z]{4,20}|[a-c]{4}(ing|ed|ies|ational|ly|y)", 1..200)) {
            let mut cache = StemCache::new();
            let plain = Stemmer::create(Algorithm::English);
            for word in words.iter().chain(&words) {
                prop_assert_eq!(cache.stem(word, 0, word.len()), plain.stem(word));
            }
        }
    }
}
