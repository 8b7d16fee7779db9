//! What happens to a text before it is cut into pieces: characters are cleaned and folded, then words are found.

use unicode_normalization::UnicodeNormalization;

use crate::unicode::{is_chinese, is_control, is_nonspacing_mark, is_punctuation};

/// One step of normalising a text. A step reads one string and appends to another.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Normalizer {
    /// What a BERT model does.
    Bert(BertSteps),
    /// Every character's lower case, by itself (so a Greek final sigma is not made).
    Lowercase,
    /// A space between the words of an identifier: `parseHTTPResponse` becomes `parse HTTP Response`. ASCII only.
    SplitCamelCase,
}

/// The four switches of `BertNormalizer`, in the order in which they act.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "the file has these four independent switches")]
pub(crate) struct BertSteps {
    /// Controls are dropped and every kind of space becomes a space.
    pub clean: bool,
    /// Chinese characters are set apart by spaces.
    pub chinese: bool,
    /// Characters are decomposed and their accents dropped.
    pub strip_accents: bool,
    pub lowercase: bool,
}

impl Normalizer {
    pub fn apply(self, text: &str, out: &mut String) {
        match self {
            Self::Bert(steps) => bert(text, out, steps),
            Self::Lowercase => lower(text, out),
            Self::SplitCamelCase => split_camel_case(text, out),
        }
    }
}

fn lower(text: &str, out: &mut String) {
    if text.is_ascii() {
        let start = out.len();
        out.push_str(text);
        out[start..].make_ascii_lowercase();
    } else {
        out.extend(text.chars().flat_map(char::to_lowercase));
    }
}

fn split_camel_case(text: &str, out: &mut String) {
    let bytes = text.as_bytes();
    let mut copied = 0;
    for at in 1..bytes.len() {
        if !bytes[at].is_ascii_uppercase() {
            continue;
        }
        let before = bytes[at - 1];
        let ends_a_word = before.is_ascii_lowercase() || before.is_ascii_digit();
        let begins_a_word = before.is_ascii_uppercase() && bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
        if ends_a_word || begins_a_word {
            // Both neighbours are ASCII, so this is a border between characters.
            out.push_str(&text[copied..at]);
            out.push(' ');
            copied = at;
        }
    }
    out.push_str(&text[copied..]);
}

fn bert(text: &str, out: &mut String, steps: BertSteps) {
    let BertSteps { clean, chinese, strip_accents, lowercase } = steps;
    if text.is_ascii() {
        // No accents, nothing Chinese; dropping and folding work on bytes.
        out.extend(text.bytes().map(char::from).filter_map(|character| {
            let character = if clean { cleaned(character)? } else { character };
            Some(if lowercase { character.to_ascii_lowercase() } else { character })
        }));
        return;
    }
    let mut spaced = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        let Some(character) = (if clean { cleaned(character) } else { Some(character) }) else { continue };
        if chinese && is_chinese(character) {
            spaced.extend([' ', character, ' ']);
        } else {
            spaced.push(character);
        }
    }
    let stripped: String =
        if strip_accents { spaced.nfd().filter(|&character| !is_nonspacing_mark(character)).collect() } else { spaced };
    if lowercase { lower(&stripped, out) } else { out.push_str(&stripped) }
}

/// The character as cleaning leaves it; `None` if it drops it.
fn cleaned(character: char) -> Option<char> {
    match character {
        '\0' | '\u{fffd}' => None,
        _ if is_control(character) => None,
        _ if character.is_whitespace() => Some(' '),
        _ => Some(character),
    }
}

/// How a normalised text is divided into words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PreTokenizer {
    /// At spaces; punctuation is a word of its own.
    Bert,
    /// Runs of `a-z` and `0-9`; everything else is dropped.
    AlphanumericRuns,
}

impl PreTokenizer {
    /// Calls `word` with each word until it answers `false`.
    #[inline]
    pub fn words(self, text: &str, mut word: impl FnMut(&str) -> bool) {
        match self {
            Self::Bert => {
                let mut start = 0;
                for (at, character) in text.char_indices() {
                    let space = character.is_whitespace();
                    if !space && !is_punctuation(character) {
                        continue;
                    }
                    let end = at + character.len_utf8();
                    if (start < at && !word(&text[start..at])) || (!space && !word(&text[at..end])) {
                        return;
                    }
                    start = end;
                }
                if start < text.len() {
                    word(&text[start..]);
                }
            }
            Self::AlphanumericRuns => {
                let belongs = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
                let bytes = text.as_bytes();
                let mut at = 0;
                while at < bytes.len() {
                    let start = at;
                    while at < bytes.len() && belongs(bytes[at]) {
                        at += 1;
                    }
                    if start < at && !word(&text[start..at]) {
                        return;
                    }
                    at += 1;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normalised(step: Normalizer, text: &str) -> String {
        let mut out = String::new();
        step.apply(text, &mut out);
        out
    }

    fn words(pre_tokenizer: PreTokenizer, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        pre_tokenizer.words(text, |word| {
            found.push(word.to_owned());
            true
        });
        found
    }

    #[test]
    fn camel_case_is_split_as_the_pattern_says() {
        for (text, expected) in [
            ("parseHTTPResponse_fooBar2X", "parse HTTP Response_foo Bar2 X"),
            ("XMLHttpRequest", "XML Http Request"),
            ("ABC", "ABC"),
            ("ÄB aÉ", "ÄB aÉ"),
            ("", ""),
            ("A", "A"),
        ] {
            assert_eq!(normalised(Normalizer::SplitCamelCase, text), expected);
        }
    }

    #[test]
    fn bert_cleans_spaces_and_folds() {
        let all = Normalizer::Bert(BertSteps { clean: true, chinese: true, strip_accents: true, lowercase: true });
        assert_eq!(normalised(all, "Äé\u{0}\tß\u{200b}東X"), "ae ß 東 x");
        assert_eq!(normalised(all, "A\u{7}\r\nB\u{7f}"), "a  b");
        let none = Normalizer::Bert(BertSteps { clean: false, chinese: false, strip_accents: false, lowercase: false });
        assert_eq!(normalised(none, "Äé\u{0}\t東X"), "Äé\u{0}\t東X");
    }

    #[test]
    fn words_end_where_they_should() {
        assert_eq!(words(PreTokenizer::Bert, " a.b\u{a0}c—d"), ["a", ".", "b", "c", "—", "d"]);
        assert_eq!(words(PreTokenizer::AlphanumericRuns, "_ab9--c é d"), ["ab9", "c", "d"]);
        let mut count = 0;
        PreTokenizer::Bert.words("a b c", |_| {
            count += 1;
            count < 2
        });
        assert_eq!(count, 2);
    }
}
