//! Text into terms.

use crate::split::{CLASSES, Class, identifier_end, is_cjk, is_word_char, split_identifier};
use crate::stem::{CACHED_BYTES, StemCache};

/// The longest term, in bytes. Longer ones are hashes and encoded data.
pub const MAX_TERM_BYTES: usize = 64;

/// The most digits of a number that is a term.
pub const MAX_DIGITS: usize = 10;

/// Words shorter than this, in letters, are not stemmed.
const STEMMED_FROM: usize = 4;

/// An underscore-free run of at least this many bytes may be found to be noise.
const NOISE_BYTES: usize = 16;

/// Splits text into terms, with its own buffers and table of stems. Make one per thread and use it again: making one costs
/// some microseconds and about 200 kB. What it gives depends only on the text. The rules are in the crate's documentation.
pub struct Tokenizer {
    stems: StemCache,
    buffers: Buffers,
}

/// What a walk over the text writes into, apart from the stems so that both can be borrowed at once.
#[derive(Default)]
struct Buffers {
    /// The identifier at hand, lower-cased, with padding after it for [`StemCache::stem`].
    lower: String,
    /// The identifier at hand without underscores.
    whole: String,
    parts: Vec<(u32, u32)>,
}

/// What the walk found: text and the range in it that is the word. `stem`: it is a part, to be stemmed if it is long enough.
struct Found<'a> {
    text: &'a str,
    start: usize,
    end: usize,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A part of lower-case ASCII letters.
    Letters,
    /// A part of digits, or a word that is not ASCII.
    Other,
    /// A whole identifier of several parts.
    Whole,
}

impl Default for Tokenizer {
    fn default() -> Self {
        Self::new()
    }
}

impl Tokenizer {
    /// A tokenizer with an empty table of stems.
    pub fn new() -> Self {
        Self { stems: StemCache::new(), buffers: Buffers::default() }
    }

    /// Calls `visit` with each term of `text`, in the order of the text: the parts of an identifier, then the whole of it.
    /// No term is empty, longer than [`MAX_TERM_BYTES`] or has an upper-case ASCII letter.
    ///
    /// ```
    /// let mut tokenizer = pampax_tokenize::Tokenizer::new();
    /// let mut count = 0;
    /// tokenizer.for_each("fn main() {}", |_term| count += 1);
    /// assert_eq!(count, 2);
    /// ```
    pub fn for_each(&mut self, text: &str, mut visit: impl FnMut(&str)) {
        let Self { stems, buffers } = self;
        walk(text, buffers, |found| {
            if found.kind == Kind::Letters && found.end - found.start >= STEMMED_FROM {
                visit(stems.stem(found.text, found.start, found.end));
            } else {
                visit(&found.text[found.start..found.end]);
            }
        });
    }

    /// The terms of `text` in a vector, as [`Self::for_each`] gives them.
    pub fn terms(&mut self, text: &str) -> Vec<String> {
        let mut terms = Vec::new();
        self.for_each(text, |term| terms.push(term.to_owned()));
        terms
    }
}

/// The terms of `text`, for a single short text; use a [`Tokenizer`] for many.
pub fn terms(text: &str) -> Vec<String> {
    Tokenizer::new().terms(text)
}

/// The parts of a name, lower-cased and not stemmed, without the name as a whole: "parseJSON2Map" gives "parse", "json", "2",
/// "map". Separators of any kind may stand in it (`a.b::c-d`).
pub fn identifier_parts(name: &str) -> Vec<String> {
    let mut parts = Vec::new();
    walk(name, &mut Buffers::default(), |found| {
        if found.kind != Kind::Whole {
            parts.push(found.text[found.start..found.end].to_owned());
        }
    });
    parts
}

/// Calls `visit` with each part and each whole identifier of `text`.
fn walk(text: &str, buffers: &mut Buffers, mut visit: impl FnMut(Found<'_>)) {
    let bytes = text.as_bytes();
    let mut position = 0;
    while let Some(&byte) = bytes.get(position) {
        match CLASSES[usize::from(byte)] {
            Class::Separator => position += 1,
            Class::Foreign => position = foreign_word(text, position, buffers, &mut visit),
            _ => {
                let (end, all_lower) = identifier_end(bytes, position);
                if bytes.get(end).is_some_and(|&next| CLASSES[usize::from(next)] == Class::Foreign)
                    && text[end..].chars().next().is_some_and(is_word_char)
                {
                    position = foreign_word(text, position, buffers, &mut visit);
                    continue;
                }
                if all_lower && end - position <= MAX_TERM_BYTES {
                    // Most words by far: nothing to split and nothing to lower.
                    visit(Found { text, start: position, end, kind: Kind::Letters });
                } else {
                    identifier(&text[position..end], buffers, &mut visit);
                }
                position = end;
            }
        }
    }
}

/// The parts of an ASCII identifier and, if there are several, the whole.
fn identifier(text: &str, buffers: &mut Buffers, visit: &mut impl FnMut(Found<'_>)) {
    const PADDING: &str = "                ";
    const { assert!(PADDING.len() == CACHED_BYTES) };
    let Buffers { lower, whole, parts } = buffers;
    split_identifier(text.as_bytes(), parts);
    lower.clear();
    lower.push_str(text);
    lower.make_ascii_lowercase();
    lower.push_str(PADDING);

    let is_noise = text.len() >= NOISE_BYTES && is_noise(text, parts);
    let mut whole_len = 0;
    for &(start, end) in parts.iter() {
        let (start, end) = (start as usize, end as usize);
        whole_len += end - start;
        if is_noise {
            continue;
        }
        if text.as_bytes()[start].is_ascii_digit() {
            if end - start <= MAX_DIGITS {
                visit(Found { text: lower, start, end, kind: Kind::Other });
            }
        } else if end - start <= MAX_TERM_BYTES {
            visit(Found { text: lower, start, end, kind: Kind::Letters });
        }
    }
    if parts.len() < 2 || whole_len > MAX_TERM_BYTES {
        return;
    }
    whole.clear();
    for &(start, end) in parts.iter() {
        whole.push_str(&lower[start as usize..end as usize]);
    }
    if whole_len <= MAX_DIGITS || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        visit(Found { text: whole, start: 0, end: whole_len, kind: Kind::Whole });
    }
}

/// Whether a run without underscores falls into so many parts that it is a hash or encoded data.
fn is_noise(text: &str, parts: &[(u32, u32)]) -> bool {
    parts.len() * 3 > text.len() && !text.as_bytes().contains(&b'_')
}

/// A word that has non-ASCII letters and begins at `from`; gives where it ends. If no letter or digit stands there, the
/// character there is passed over.
#[cold]
fn foreign_word(text: &str, from: usize, buffers: &mut Buffers, visit: &mut impl FnMut(Found<'_>)) -> usize {
    let rest = &text[from..];
    let len = rest.find(|character| !is_word_char(character)).unwrap_or(rest.len());
    if len == 0 {
        return from + rest.chars().next().map_or(1, char::len_utf8);
    }
    let mut word = &rest[..len];
    while let Some(first) = word.chars().next() {
        let cjk = is_cjk(first);
        let end = word.find(|character| is_cjk(character) != cjk).unwrap_or(word.len());
        let (run, after) = word.split_at(end);
        if cjk {
            pairs(run, visit);
        } else if run.is_ascii() {
            identifier(run, buffers, visit);
        } else {
            lower_cased(run, visit);
        }
        word = after;
    }
    from + len
}

/// Every two neighbouring characters of `run`, or its only one.
fn pairs(run: &str, visit: &mut impl FnMut(Found<'_>)) {
    let mut starts = run.char_indices().map(|(start, character)| (start, start + character.len_utf8()));
    let Some((mut start, end)) = starts.next() else { return };
    if end == run.len() {
        visit(Found { text: run, start, end, kind: Kind::Other });
    }
    for (next_start, next_end) in starts {
        visit(Found { text: run, start, end: next_end, kind: Kind::Other });
        start = next_start;
    }
}

/// The words between the underscores of `run` and, if there are several, all of them as one.
fn lower_cased(run: &str, visit: &mut impl FnMut(Found<'_>)) {
    let lower = run.to_lowercase();
    let mut words = 0;
    for word in lower.split('_').filter(|word| !word.is_empty()) {
        words += 1;
        if word.len() <= MAX_TERM_BYTES {
            visit(Found { text: word, start: 0, end: word.len(), kind: Kind::Other });
        }
    }
    if words > 1 {
        let whole = lower.replace('_', "");
        if whole.len() <= MAX_TERM_BYTES {
            visit(Found { text: &whole, start: 0, end: whole.len(), kind: Kind::Whole });
        }
    }
}
