//! `tokenizer.json`: what of it is read, and the tokens it gives a text.

use std::path::Path;

use pampax_base::Result;
use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::normalize::{BertSteps, Normalizer, PreTokenizer};
use crate::table::bad;
use crate::wordpiece::WordPiece;

/// The one `Replace` that is read: it puts a space between the words of an identifier.
const CAMEL_CASE: &str = "(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])";

/// The one `Split` that is read.
const NOT_ALPHANUMERIC: &str = "[^a-z0-9]+";

#[derive(Deserialize)]
struct TokenizerFile {
    #[serde(default)]
    added_tokens: Vec<AddedToken>,
    normalizer: Option<NormalizerEntry>,
    pre_tokenizer: Option<PreTokenizerEntry>,
    model: ModelEntry,
}

#[derive(Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "the file has these four independent switches")]
struct AddedToken {
    id: u32,
    content: String,
    #[serde(default)]
    single_word: bool,
    #[serde(default)]
    lstrip: bool,
    #[serde(default)]
    rstrip: bool,
    #[serde(default)]
    normalized: bool,
}

#[derive(Deserialize)]
struct NormalizerEntry {
    #[serde(rename = "type")]
    kind: String,
    clean_text: Option<bool>,
    handle_chinese_chars: Option<bool>,
    strip_accents: Option<bool>,
    lowercase: Option<bool>,
    pattern: Option<Pattern>,
    content: Option<String>,
    #[serde(default)]
    normalizers: Vec<NormalizerEntry>,
}

#[derive(Deserialize)]
struct PreTokenizerEntry {
    #[serde(rename = "type")]
    kind: String,
    pattern: Option<Pattern>,
    behavior: Option<String>,
    #[serde(default)]
    invert: bool,
}

#[derive(Deserialize)]
struct Pattern {
    #[serde(rename = "Regex")]
    regex: Option<String>,
}

#[derive(Deserialize)]
struct ModelEntry {
    #[serde(rename = "type")]
    kind: Option<String>,
    unk_token: Option<String>,
    continuing_subword_prefix: Option<String>,
    max_input_chars_per_word: Option<usize>,
    #[serde(default)]
    vocab: Vocabulary,
}

/// Tokens and their ids. Read without a map in between: there are tens of thousands of them.
#[derive(Default)]
struct Vocabulary(Vec<(String, u32)>);

impl<'de> Deserialize<'de> for Vocabulary {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Tokens;
        impl<'de> Visitor<'de> for Tokens {
            type Value = Vocabulary;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a vocabulary")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vocabulary, A::Error> {
                let mut tokens = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    tokens.push(entry);
                }
                Ok(Vocabulary(tokens))
            }

            // The vocabulary of a Unigram model, which is refused by its name afterwards.
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vocabulary, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Vocabulary::default())
            }
        }
        deserializer.deserialize_any(Tokens)
    }
}

/// A tokenizer of the kinds that are read.
pub(crate) struct Tokenizer {
    /// Tokens that are found in the raw text before anything else, longest first, with their ids.
    added: Vec<(String, u32)>,
    normalizers: Vec<Normalizer>,
    words: PreTokenizer,
    pieces: WordPiece,
    /// The token of unknown words. It is in no result: it has no meaning to add.
    unknown: u32,
    /// One more than the largest id.
    pub tokens: usize,
    /// The median length of a token in characters, rounded down.
    pub median_length: usize,
}

impl Tokenizer {
    /// Reads the file `path`, whose content is `bytes`.
    pub fn read(path: &Path, bytes: &[u8]) -> Result<Self> {
        let file: TokenizerFile = serde_json::from_slice(bytes)
            .map_err(|error| bad(path, format!("this is not a tokenizer of Hugging Face tokenizers: {error}")))?;
        let kind = file.model.kind.as_deref().unwrap_or("without a type");
        if kind != "WordPiece" {
            return Err(bad(path, format!("the tokenizer's model is {kind}; only WordPiece is read")));
        }
        let mut normalizers = Vec::new();
        if let Some(entry) = file.normalizer {
            read_normalizer(path, entry, &mut normalizers)?;
        }
        let words = read_pre_tokenizer(path, file.pre_tokenizer.as_ref())?;
        let Vocabulary(vocabulary) = file.model.vocab;
        let unknown_token = file.model.unk_token.as_deref().unwrap_or("[UNK]");
        let Some(unknown) = vocabulary.iter().find_map(|(token, id)| (token == unknown_token).then_some(*id)) else {
            return Err(bad(path, format!("the vocabulary lacks the unknown token {unknown_token}")));
        };
        let prefix = file.model.continuing_subword_prefix.as_deref().unwrap_or("##");
        let longest_word = file.model.max_input_chars_per_word.unwrap_or(100);
        let pieces = WordPiece::new(&vocabulary, prefix, unknown, longest_word);
        let added = read_added(path, file.added_tokens)?;

        // Added tokens are in the vocabulary, or should be.
        let not_known = |token: &&(String, u32)| !pieces.has(&token.0);
        let all = || vocabulary.iter().chain(added.iter().filter(not_known));
        let largest = all().map(|&(_, id)| id).max().unwrap_or(0);
        let median_length = median(all().map(|(token, _)| token.chars().count()).collect());
        Ok(Self { added, normalizers, words, pieces, unknown, tokens: largest as usize + 1, median_length })
    }

    /// The tokens of `text`, at most `limit` of them, unknown ones counted but left out.
    pub fn tokens(&self, text: &str, limit: usize) -> Vec<u32> {
        let mut ids = Vec::with_capacity((text.len() / 3).min(limit) + 8);
        let mut room = Room::default();
        let mut rest = text;
        while ids.len() < limit {
            let (before, added) = self.next_added(rest);
            self.plain_tokens(before, limit, &mut ids, &mut room);
            let Some((after, id)) = added else { break };
            ids.push(id);
            rest = after;
        }
        ids.truncate(limit);
        ids.retain(|&id| id != self.unknown);
        ids
    }

    /// The text up to the next added token, and what follows it with its id.
    fn next_added<'a>(&self, text: &'a str) -> (&'a str, Option<(&'a str, u32)>) {
        let bytes = text.as_bytes();
        // Added tokens nearly always begin with the same character, "[" or "<", which is rare enough to look at one by one.
        let first = |byte: u8| self.added.iter().any(|(token, _)| token.as_bytes()[0] == byte);
        for at in (0..bytes.len()).filter(|&at| first(bytes[at])) {
            let found = self.added.iter().find(|(token, _)| bytes[at..].starts_with(token.as_bytes()));
            if let Some((token, id)) = found {
                return (&text[..at], Some((&text[at + token.len()..], *id)));
            }
        }
        (text, None)
    }

    /// Appends the tokens of a text without added tokens; stops soon after `limit`.
    fn plain_tokens(&self, text: &str, limit: usize, ids: &mut Vec<u32>, room: &mut Room) {
        let mut normalised = text;
        for (number, step) in self.normalizers.iter().enumerate() {
            // The step before wrote into one of the two strings, this one writes into the other.
            if number > 0 {
                std::mem::swap(&mut room.read, &mut room.written);
                room.written.clear();
                step.apply(&room.read, &mut room.written);
            } else {
                room.written.clear();
                step.apply(text, &mut room.written);
            }
        }
        if !self.normalizers.is_empty() {
            normalised = &room.written;
        }
        let hashes = &mut room.hashes;
        self.words.words(normalised, |word| {
            self.pieces.cut(word, ids, hashes);
            ids.len() < limit
        });
    }
}

/// Strings and numbers to work in, kept from one piece of a text to the next.
#[derive(Default)]
struct Room {
    read: String,
    written: String,
    hashes: Vec<u64>,
}

fn read_added(path: &Path, tokens: Vec<AddedToken>) -> Result<Vec<(String, u32)>> {
    let mut added = Vec::with_capacity(tokens.len());
    for token in tokens {
        let flags = [
            (token.single_word, "single_word"),
            (token.lstrip, "lstrip"),
            (token.rstrip, "rstrip"),
            (token.normalized, "normalized"),
        ];
        if let Some((_, flag)) = flags.iter().find(|(set, _)| *set) {
            let detail = format!("the added token {:?} has {flag} set, which is not read", token.content);
            return Err(bad(path, detail));
        }
        if !token.content.is_empty() {
            added.push((token.content, token.id));
        }
    }
    added.sort_unstable_by(|left, right| right.0.len().cmp(&left.0.len()).then_with(|| left.cmp(right)));
    Ok(added)
}

fn read_normalizer(path: &Path, entry: NormalizerEntry, steps: &mut Vec<Normalizer>) -> Result<()> {
    match entry.kind.as_str() {
        "Sequence" => {
            for inner in entry.normalizers {
                read_normalizer(path, inner, steps)?;
            }
        }
        "BertNormalizer" => {
            let lowercase = entry.lowercase.unwrap_or(true);
            steps.push(Normalizer::Bert(BertSteps {
                clean: entry.clean_text.unwrap_or(true),
                chinese: entry.handle_chinese_chars.unwrap_or(true),
                strip_accents: entry.strip_accents.unwrap_or(lowercase),
                lowercase,
            }));
        }
        "Lowercase" => steps.push(Normalizer::Lowercase),
        "Replace" if is_regex(entry.pattern.as_ref(), CAMEL_CASE) && entry.content.as_deref() == Some(" ") => {
            steps.push(Normalizer::SplitCamelCase);
        }
        "Replace" => {
            return Err(bad(path, format!("the only Replace normalizer read puts a space where {CAMEL_CASE} matches")));
        }
        other => {
            let detail = format!(
                "the normalizer is {other}; read are BertNormalizer, Lowercase, Replace for camel case, and Sequence"
            );
            return Err(bad(path, detail));
        }
    }
    Ok(())
}

fn read_pre_tokenizer(path: &Path, entry: Option<&PreTokenizerEntry>) -> Result<PreTokenizer> {
    let Some(entry) = entry else {
        return Err(bad(path, "there is no pre-tokenizer; read are BertPreTokenizer and Split"));
    };
    match entry.kind.as_str() {
        "BertPreTokenizer" => Ok(PreTokenizer::Bert),
        "Split"
            if is_regex(entry.pattern.as_ref(), NOT_ALPHANUMERIC)
                && entry.behavior.as_deref() == Some("Removed")
                && !entry.invert =>
        {
            Ok(PreTokenizer::AlphanumericRuns)
        }
        "Split" => Err(bad(path, format!("the only Split pre-tokenizer read removes {NOT_ALPHANUMERIC}"))),
        other => Err(bad(path, format!("the pre-tokenizer is {other}; read are BertPreTokenizer and Split"))),
    }
}

fn is_regex(pattern: Option<&Pattern>, expected: &str) -> bool {
    pattern.and_then(|pattern| pattern.regex.as_deref()) == Some(expected)
}

/// The median of some lengths, rounded down, as `int(numpy.median(…))` gives it.
fn median(mut lengths: Vec<usize>) -> usize {
    let middle = lengths.len() / 2;
    if lengths.is_empty() {
        return 0;
    }
    let is_odd = lengths.len() % 2 == 1;
    let (before, &mut upper, _) = lengths.select_nth_unstable(middle);
    let lower = before.iter().copied().max().unwrap_or(upper);
    if is_odd { upper } else { usize::midpoint(lower, upper) }
}
