//! Exact token counts.
//!
//! An encoding first cuts text into *pieces* by a regular expression (a word with the space before it, up to three digits, a
//! run of punctuation, a run of white space) and then merges the bytes of each piece into tokens. Pieces do not influence
//! each other, so counts add up over pieces.

use std::sync::OnceLock;

use pampax_base::{Error, Result};

use crate::pieces::{PieceCounter, with_counter};

/// A published table of tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// `o200k_base`, of GPT-4o and later models. The default.
    #[default]
    O200kBase,
    /// `cl100k_base`, of GPT-4, GPT-3.5 and the text-embedding-3 models.
    Cl100kBase,
}

impl Encoding {
    /// Every encoding.
    pub const ALL: &'static [Self] = &[Self::O200kBase, Self::Cl100kBase];

    /// The published name: "`o200k_base`", "`cl100k_base`".
    pub const fn name(self) -> &'static str {
        match self {
            Self::O200kBase => "o200k_base",
            Self::Cl100kBase => "cl100k_base",
        }
    }

    /// The encoding with this name.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if there is none; the message lists those there are.
    pub fn from_name(name: &str) -> Result<Self> {
        Self::ALL.iter().copied().find(|encoding| encoding.name() == name).ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|encoding| encoding.name()).collect();
            Error::InvalidInput {
                what: "encoding",
                detail: format!("there is no encoding {name:?}; there are {}", known.join(", ")),
            }
        })
    }

    pub(crate) fn table(self) -> &'static bpe_openai::Tokenizer {
        match self {
            Self::O200kBase => bpe_openai::o200k_base(),
            Self::Cl100kBase => bpe_openai::cl100k_base(),
        }
    }

    /// The longest token of the table, in bytes.
    fn longest_token_bytes(self) -> usize {
        static LONGEST: [OnceLock<usize>; 2] = [OnceLock::new(), OnceLock::new()];
        *LONGEST[self as usize].get_or_init(|| {
            let bpe = &self.table().bpe;
            (0..bpe.num_tokens() as u32).map(|token| bpe.token_len(token)).max().unwrap_or(1)
        })
    }
}

/// The number of tokens of `text`. Special tokens (`<|endoftext|>`) are counted as the text they are.
pub fn count_tokens(text: &str, encoding: Encoding) -> usize {
    with_counter(encoding, |counter| encoding.table().split(text).map(|piece| counter.count(piece)).sum())
}

/// The number of tokens of `text` if it is at most `limit`, else `None`. The time taken follows the smaller of the two: text
/// beyond the limit is not looked at.
pub fn count_at_most(text: &str, encoding: Encoding, limit: usize) -> Option<usize> {
    if text.len() <= limit {
        // A token has at least one byte, so the limit holds and only the number is wanted.
        return Some(count_tokens(text, encoding));
    }
    let longest = encoding.longest_token_bytes();
    if text.len() > limit.saturating_mul(longest) {
        return None;
    }
    with_counter(encoding, |counter| {
        encoding.table().split(text).try_fold(0, |count, piece| {
            let more = count_piece(counter, piece, longest, limit - count)?;
            Some(count + more)
        })
    })
}

/// The tokens of one piece, if they are at most `limit`.
fn count_piece(counter: &mut PieceCounter<'_>, piece: &str, longest: usize, limit: usize) -> Option<usize> {
    if piece.len() > limit.saturating_mul(longest) {
        return None;
    }
    Some(counter.count(piece)).filter(|&count| count <= limit)
}

/// Inside an unbroken piece of more bytes than this, [`truncate`] looks for its end by halving.
const SCANNED_BYTES: usize = 512;

/// The longest prefix of `text` that has at most `tokens` tokens and ends at a character border.
///
/// The longest exactly, with one exception: if the cut falls into an unbroken run of more than 512 bytes (one endless word,
/// or white space only), the prefix never has too many tokens but may be shorter than the longest by a few bytes.
///
/// This is not the text of the first tokens: the last word before a cut may have other tokens than it had in the whole text.
pub fn truncate(text: &str, encoding: Encoding, tokens: usize) -> &str {
    if text.len() <= tokens {
        return text;
    }
    if tokens == 0 {
        return "";
    }
    match with_counter(encoding, |counter| first_excess(counter, text, encoding, tokens)) {
        None => text,
        Some(Excess { start, end, tokens }) => cut(text, encoding, start, end, tokens),
    }
}

/// Where a text becomes too long: the longest prefix that fits ends in `[start, end]`, and `tokens` tokens are left at `start`.
struct Excess {
    start: usize,
    end: usize,
    tokens: usize,
}

/// The place where `text` passes `tokens` tokens, if it does.
///
/// Wherever the cut falls after `start`, the pieces before it stay as they are: a piece does not depend on what follows it.
/// Only white space at the end of a text makes other pieces than white space before a word, so after pieces of white space
/// `start` stays where they began.
fn first_excess(counter: &mut PieceCounter<'_>, text: &str, encoding: Encoding, tokens: usize) -> Option<Excess> {
    let longest = encoding.longest_token_bytes();
    let (mut start, mut count_at_start) = (0, 0);
    let (mut end, mut count) = (0, 0);
    let mut after_space = false;
    for piece in encoding.table().split(text) {
        if !after_space {
            (start, count_at_start) = (end, count);
        }
        after_space = piece.chars().all(char::is_whitespace);
        let Some(more) = count_piece(counter, piece, longest, tokens - count) else {
            let end = if after_space { end_of_space(text, end) } else { end + piece.len() };
            return Some(Excess { start, end, tokens: tokens - count_at_start });
        };
        count += more;
        end += piece.len();
    }
    None
}

/// Where the white space that begins at `from` ends.
fn end_of_space(text: &str, from: usize) -> usize {
    text[from..].find(|character: char| !character.is_whitespace()).map_or(text.len(), |len| from + len)
}

/// The longest prefix of `text` up to a character border in `[start, end]` such that `text[start..]` of it has at most
/// `tokens` tokens.
fn cut(text: &str, encoding: Encoding, start: usize, end: usize, tokens: usize) -> &str {
    let fits = |at: usize| count_at_most(&text[start..at], encoding, tokens).is_some();
    let mut last = end.min(start + tokens.saturating_mul(encoding.longest_token_bytes()));
    if last - start > SCANNED_BYTES {
        // Nearly monotone: one more character can make fewer tokens, but only by a few.
        let (mut fitting, mut failing) = (start, last + 1);
        while failing - fitting > 1 {
            let middle = floor_border(text, usize::midpoint(fitting, failing));
            if middle == fitting {
                break;
            }
            if fits(middle) { fitting = middle } else { failing = middle }
        }
        last = (fitting + SCANNED_BYTES / 4).min(last);
    }
    last = floor_border(text, last);
    while last > start && !fits(last) {
        last = floor_border(text, last - 1);
    }
    &text[..last]
}

/// The last character border at or before `at`. (`str::floor_char_boundary` is newer than the oldest compiler supported.)
fn floor_border(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|&border| text.is_char_boundary(border)).unwrap_or(0)
}
