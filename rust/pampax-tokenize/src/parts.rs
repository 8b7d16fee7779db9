//! Token counts of texts that have most of their lines in common.

use std::collections::HashMap;

use crate::count::{Encoding, count_tokens};

/// Counts tokens, of lines that were counted before without looking at them: who fits a text into a budget counts nearly the same
/// one again and again.
///
/// Texts are cut where the pieces of [`count_tokens`] end whatever follows. Both published tables cut text by an expression in which
/// only white space, line feeds and slashes may follow a line feed within a piece. So between a line feed and any other character
/// one piece ends and the next one begins.
///
/// ```
/// use pampax_tokenize::{Encoding, PartCounts, count_tokens};
/// let mut counts = PartCounts::new(Encoding::O200kBase);
/// for text in ["fn one() {\n    1\n}\n", "fn one() {\n    1\n}\nfn two() {\n    2\n}\n"] {
///     assert_eq!(counts.count(text), count_tokens(text, Encoding::O200kBase));
/// }
/// ```
#[derive(Debug)]
pub struct PartCounts {
    encoding: Encoding,
    counts: HashMap<Box<str>, usize>,
}

impl PartCounts {
    /// Nothing is counted yet.
    pub fn new(encoding: Encoding) -> Self {
        Self { encoding, counts: HashMap::new() }
    }

    /// The number of tokens of `text`, as [`count_tokens`] gives it.
    pub fn count(&mut self, text: &str) -> usize {
        if !self.encoding.is_exact() {
            // This bound is rounded once for a whole text.
            return count_tokens(text, self.encoding);
        }
        let mut tokens = 0;
        for part in parts(text) {
            tokens += if let Some(count) = self.counts.get(part) {
                *count
            } else {
                let count = count_tokens(part, self.encoding);
                self.counts.insert(part.into(), count);
                count
            };
        }
        tokens
    }

    /// Takes over what `other` has counted, in the same encoding.
    pub fn add(&mut self, other: Self) {
        debug_assert_eq!(self.encoding, other.encoding);
        self.counts.extend(other.counts);
    }
}

/// Cuts a text between a line feed and a character that can be in no piece with it. Only ASCII is looked at: among the rest there is
/// white space, too.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let is_apart = |next: u8| next.is_ascii() && !next.is_ascii_whitespace() && next != b'/' && next != 0x0b;
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut ends = rest.match_indices('\n').map(|(at, _)| at + 1);
        let end = ends.find(|&end| rest.as_bytes().get(end).is_some_and(|&next| is_apart(next)));
        let (part, others) = rest.split_at(end.unwrap_or(rest.len()));
        rest = others;
        Some(part).filter(|part| !part.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_the_text_and_end_where_nothing_else_can_follow() {
        let text = "a\nb\n c\n\n#\r\n/d\n\u{85}e\n\u{0b}f\n}\n```\n\n";
        let cut: Vec<&str> = parts(text).collect();
        assert_eq!(cut, ["a\n", "b\n c\n\n", "#\r\n/d\n\u{85}e\n\u{0b}f\n", "}\n", "```\n\n"]);
        assert_eq!(cut.concat(), text);
        assert_eq!(parts("").count(), 0);
    }
}
