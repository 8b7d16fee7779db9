//! Exact token counts, and a bound for models whose tokens are not published.
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
    /// No table: a bound by characters, for models whose tokenizer is not public. Two ASCII characters, or one byte of any other,
    /// count as a token. Code has three to four characters a token in the published tables, so this is on the safe side
    /// for whatever tokenizer does at least half as well.
    Characters,
}

impl Encoding {
    /// Every encoding.
    pub const ALL: &'static [Self] = &[Self::O200kBase, Self::Cl100kBase, Self::Characters];

    /// Whether counts are exact, rather than a bound.
    pub const fn is_exact(self) -> bool {
        !matches!(self, Self::Characters)
    }

    /// The published name, "`o200k_base`" or "`cl100k_base`"; "characters" for the bound.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Characters => "characters",
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

    fn table(self) -> Option<&'static bpe_openai::Tokenizer> {
        match self {
            Self::O200kBase => Some(bpe_openai::o200k_base()),
            Self::Cl100kBase => Some(bpe_openai::cl100k_base()),
            Self::Characters => None,
        }
    }
}

/// A table of tokens in use.
#[derive(Clone, Copy)]
struct Table {
    encoding: Encoding,
    tokenizer: &'static bpe_openai::Tokenizer,
}

impl Table {
    fn of(encoding: Encoding) -> Option<Self> {
        encoding.table().map(|tokenizer| Self { encoding, tokenizer })
    }

    /// The longest token of the table, in bytes.
    fn longest_token_bytes(self) -> usize {
        static LONGEST: [OnceLock<usize>; Encoding::ALL.len()] = [const { OnceLock::new() }; Encoding::ALL.len()];
        *LONGEST[self.encoding as usize].get_or_init(|| {
            let bpe = &self.tokenizer.bpe;
            (0..bpe.num_tokens() as u32).map(|token| bpe.token_len(token)).max().unwrap_or(1)
        })
    }

    fn with_counter<T>(self, work: impl FnOnce(&mut PieceCounter<'_>) -> T) -> T {
        with_counter(self.encoding, self.tokenizer, work)
    }
}

/// What the bound by characters counts in half tokens: one for an ASCII character, two for each byte of another.
fn half_tokens(character: char) -> usize {
    if character.is_ascii() { 1 } else { 2 * character.len_utf8() }
}

/// Begins to load the table of `encoding` on a thread of its own, once a process, and comes back at once. Loading takes some 35 ms,
/// which whoever is going to count later need not wait for; who counts before it is done waits for the rest.
pub fn prepare(encoding: Encoding) {
    static BEGUN: [OnceLock<()>; Encoding::ALL.len()] = [const { OnceLock::new() }; Encoding::ALL.len()];
    BEGUN[encoding as usize].get_or_init(|| {
        // Without a thread, the first count loads it.
        let _ = std::thread::Builder::new().spawn(move || encoding.table().map(|_| ()));
    });
}

/// The number of tokens of `text`. Special tokens (`<|endoftext|>`) are counted as the text they are.
pub fn count_tokens(text: &str, encoding: Encoding) -> usize {
    match Table::of(encoding) {
        Some(table) => {
            table.with_counter(|counter| table.tokenizer.split(text).map(|piece| counter.count(piece)).sum())
        }
        None => text.chars().map(half_tokens).sum::<usize>().div_ceil(2),
    }
}

/// The number of tokens of `text` if it is at most `limit`, else `None`. The time taken follows the smaller of the two: text
/// beyond the limit is not looked at.
pub fn count_at_most(text: &str, encoding: Encoding, limit: usize) -> Option<usize> {
    if text.len() <= limit {
        // A token has at least one byte, so the limit holds and only the number is wanted.
        return Some(count_tokens(text, encoding));
    }
    let Some(table) = Table::of(encoding) else {
        let halves = text
            .chars()
            .map(half_tokens)
            .try_fold(0_usize, |sum, halves| Some(sum + halves).filter(|&sum| sum <= limit.saturating_mul(2)));
        return halves.map(|halves| halves.div_ceil(2));
    };
    let longest = table.longest_token_bytes();
    if text.len() > limit.saturating_mul(longest) {
        return None;
    }
    table.with_counter(|counter| {
        table.tokenizer.split(text).try_fold(0, |count, piece| {
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
    let Some(table) = Table::of(encoding) else { return truncate_by_characters(text, tokens) };
    match table.with_counter(|counter| first_excess(counter, text, table, tokens)) {
        None => text,
        Some(Excess { start, end, tokens }) => cut(text, table, start, end, tokens),
    }
}

fn truncate_by_characters(text: &str, tokens: usize) -> &str {
    let mut halves = 0;
    for (at, character) in text.char_indices() {
        halves += half_tokens(character);
        if halves > tokens.saturating_mul(2) {
            return &text[..at];
        }
    }
    text
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
fn first_excess(counter: &mut PieceCounter<'_>, text: &str, table: Table, tokens: usize) -> Option<Excess> {
    let longest = table.longest_token_bytes();
    let (mut start, mut count_at_start) = (0, 0);
    let (mut end, mut count) = (0, 0);
    let mut after_space = false;
    for piece in table.tokenizer.split(text) {
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
fn cut(text: &str, table: Table, start: usize, end: usize, tokens: usize) -> &str {
    let fits = |at: usize| count_at_most(&text[start..at], table.encoding, tokens).is_some();
    let mut last = end.min(start + tokens.saturating_mul(table.longest_token_bytes()));
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
