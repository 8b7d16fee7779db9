//! What a query asks for: its terms, the names and paths in it, and its intent.

use std::collections::BTreeSet;

use pampax_lexical::QueryTerm;
use pampax_tokenize::is_stop_word;

use crate::intent::Intent;
use crate::text::{clip, for_each_term};

/// Distinct terms a query may have; of longer ones (a pasted stack trace) the first and the last are taken.
const TERMS_MAX: usize = 64;
/// Names looked up as symbols.
const NAMES_MAX: usize = 24;
/// Bytes of a query that are read; the rest of a pasted log repeats what came before.
const QUERY_BYTES_MAX: usize = 64 * 1024;
/// What a pair of words joined to one name counts, against a word of the query.
const JOINED_WEIGHT: f32 = 0.4;

/// A query, understood.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Query {
    pub(crate) intent: Intent,
    /// Terms for the word index.
    pub(crate) terms: Vec<QueryTerm>,
    /// Names that may be symbols.
    pub(crate) names: Vec<Name>,
    /// Words of the query in lower case, for comparing with file stems.
    pub(crate) words: BTreeSet<String>,
    /// Parts that look like paths, without leading "./" and without line numbers.
    pub(crate) paths: Vec<Place>,
}

/// A name in the query that may be a symbol's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// The name as written; of a qualified one the last part.
    pub(crate) text: String,
    /// The qualified name it is the end of, in lower case, its parts joined by dots.
    pub(crate) qualified: Option<String>,
}

/// A path in the query, with the line a stack trace gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) path: String,
    pub(crate) line: Option<u32>,
}

/// Words that ask how parts work together.
const ARCHITECTURE: &[&str] =
    &["architecture", "overview", "structure", "structured", "organized", "lifecycle", "pipeline", "flow", "design"];
/// Words that ask for settings.
const CONFIGURATION: &[&str] = &[
    "config",
    "configuration",
    "configure",
    "configured",
    "setting",
    "settings",
    "option",
    "options",
    "environment",
    "env",
    "flag",
    "flags",
];
/// Words that errors are made of.
const ERROR: &[&str] =
    &["error", "exception", "traceback", "panic", "panicked", "failed", "fatal", "segfault", "undefined", "stacktrace"];

impl Query {
    /// Reads a query. Any text is a query.
    #[cfg(test)]
    pub(crate) fn parse(text: &str) -> Self {
        Self::parse_as(text, None)
    }

    /// Reads a query that is taken for what `asked` says; by default the text decides.
    pub(crate) fn parse_as(text: &str, asked: Option<Intent>) -> Self {
        let text = clip(text, QUERY_BYTES_MAX);
        let tokens: Vec<&str> = text
            .split(is_separator)
            .map(|token| token.trim_matches(is_edge))
            .filter(|token| !token.is_empty())
            .collect();
        let paths: Vec<Place> = places(text, &tokens);
        let intent = asked.unwrap_or_else(|| intent(text, &tokens, &paths));
        let names = names(&tokens, intent);
        let words = tokens.iter().map(|token| token.to_ascii_lowercase()).collect();
        Self { intent, terms: terms(text, &tokens), names, words, paths }
    }
}

/// Between tokens: white space and brackets, quotes and commas; not what names and paths are made of.
fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '(' | ')'
                | '['
                | ']'
                | '{'
                | '}'
                | '"'
                | '\''
                | '`'
                | ','
                | ';'
                | '<'
                | '>'
                | '='
                | '|'
                | '!'
                | '?'
                | '*'
                | '&'
        )
}

/// Around tokens: punctuation of sentences.
fn is_edge(character: char) -> bool {
    matches!(character, '.' | ':' | '?' | '!' | '…' | '“' | '”' | '‘' | '’' | '—' | '–')
}

fn is_name_character(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || character == '$'
}

/// Whether a token is written as code writes names: parts joined by `_`, a hump, a path of `.` or `::`.
fn looks_like_code(token: &str) -> bool {
    let joined = token.contains("::") || token.contains("->") || token.contains('#') || token.contains('_');
    let hump =
        token.chars().zip(token.chars().skip(1)).any(|(left, right)| left.is_lowercase() && right.is_uppercase());
    let dotted =
        token.contains('.') && token.split('.').all(|part| !part.is_empty() && part.chars().all(is_name_character));
    joined || hump || (dotted && token.chars().any(char::is_alphabetic))
}

/// Paths and `file:line` places. A dotted name counts only with an extension that is a language's or with a slash.
fn places(text: &str, tokens: &[&str]) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for token in tokens {
        let mut parts = token.split(':');
        let path = parts.next().unwrap_or("").trim_start_matches("./");
        let line = parts.next().and_then(|part| part.parse().ok());
        let name = path.rsplit('/').next().unwrap_or("");
        let known = pampax_base::Language::from_path(path).is_some() && name.contains('.');
        let slashed = path.contains('/') && !path.contains("//") && path.len() > 2 && name.contains('.');
        // A name alone with a dot in it may be that of a file: whether there is one, the index knows.
        let alone = tokens.len() == 1 && name.contains('.') && !name.contains("..") && !token.contains("::");
        if (known || slashed || alone) && !places.iter().any(|place| place.path == path && place.line == line) {
            places.push(Place { path: path.to_owned(), line });
        }
        if places.len() == NAMES_MAX {
            break;
        }
    }
    // Python writes `File "x.py", line 12`.
    for place in places.iter_mut().filter(|place| place.line.is_none()) {
        let after = text.split_once(&place.path).map_or("", |(_, after)| after);
        let line = after.trim_start_matches(['"', ',', ' ']).strip_prefix("line ");
        place.line = line.and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok());
    }
    places
}

fn intent(text: &str, tokens: &[&str], paths: &[Place]) -> Intent {
    let has = |list: &[&str]| tokens.iter().any(|token| list.contains(&token.to_ascii_lowercase().as_str()));
    let framed = text.lines().filter(|line| is_frame(line)).count();
    if framed >= 2 || text.contains("Traceback (most recent call last)") {
        return Intent::Error;
    }
    let is_path = |place: &Place| place.path.contains('/') || pampax_base::Language::from_path(&place.path).is_some();
    if tokens.len() == 1 && paths.iter().any(is_path) {
        return Intent::Path;
    }
    let code = tokens.iter().filter(|token| looks_like_code(token) || is_capitalised_name(token)).count();
    if tokens.len() == 1
        || (tokens.len() <= 3 && code == tokens.len())
        || (code > 0 && tokens.len() == 2 && is_definition_word(tokens))
    {
        return Intent::Symbol;
    }
    if tokens.iter().any(|token| is_error_name(token)) || (has(ERROR) && text.contains(':')) {
        return Intent::Error;
    }
    if has(CONFIGURATION) {
        return Intent::Configuration;
    }
    let lower = text.trim_start().to_ascii_lowercase();
    if has(ARCHITECTURE)
        || ((lower.starts_with("how does")
            || lower.starts_with("how do ")
            || lower.starts_with("how is")
            || lower.starts_with("how are"))
            && tokens.len() <= 12)
    {
        return Intent::Architecture;
    }
    Intent::Behaviour
}

fn is_definition_word(tokens: &[&str]) -> bool {
    const WORDS: &[&str] = &[
        "class",
        "struct",
        "function",
        "method",
        "def",
        "fn",
        "func",
        "interface",
        "trait",
        "enum",
        "type",
        "definition",
        "macro",
        "module",
    ];
    tokens.iter().any(|token| WORDS.contains(&token.to_ascii_lowercase().as_str()))
}

fn is_capitalised_name(token: &str) -> bool {
    token.chars().next().is_some_and(char::is_uppercase) && token.chars().all(is_name_character)
}

fn is_error_name(token: &str) -> bool {
    ["Error", "Exception", "Panic"].iter().any(|end| token.len() > end.len() && token.ends_with(end))
}

/// A line of a stack trace, of the languages that print them.
fn is_frame(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("at ")
        || line.starts_with("File \"")
        || (line.starts_with("from ") && line.contains(":in "))
        || line.starts_with('#') && line.get(1..2).is_some_and(|digit| digit.as_bytes()[0].is_ascii_digit())
        || (line.contains(".go:") || line.contains(".rs:") || line.contains(".rb:") || line.contains(".c:"))
}

/// Names to look up: what is written as code, and in a query that is nothing but a name, every word.
fn names(tokens: &[&str], intent: Intent) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::new();
    for token in tokens {
        let code = looks_like_code(token) || is_capitalised_name(token);
        if !(code || intent == Intent::Symbol) {
            continue;
        }
        let dotted = token.replace("->", ".");
        let parts: Vec<&str> = dotted.split(['.', ':', '#', '/']).filter(|part| !part.is_empty()).collect();
        let last = parts.last().copied().unwrap_or(token);
        let qualified = (parts.len() > 1).then(|| parts.join(".").to_lowercase());
        for (text, qualified) in [(last, qualified), (token, None)] {
            if text.chars().any(char::is_alphanumeric) && !names.iter().any(|known| known.text == text) {
                names.push(Name { text: text.to_owned(), qualified });
            }
        }
        if names.len() >= NAMES_MAX {
            break;
        }
    }
    names
}

/// The terms of the query, in order, each once. Stop words go unless nothing else is there; neighbouring words are also
/// tried as one name ("session cookie" finds `session_cookie`).
fn terms(text: &str, tokens: &[&str]) -> Vec<QueryTerm> {
    let mut all: Vec<String> = Vec::new();
    for_each_term(text, &mut |term| all.push(term.to_owned()));
    let content: Vec<&String> = all.iter().filter(|term| !is_stop_word(term)).collect();
    let chosen: Vec<&String> = if content.is_empty() { all.iter().collect() } else { content };
    let mut terms: Vec<QueryTerm> = Vec::new();
    let mut seen = BTreeSet::new();
    for term in chosen {
        if seen.insert(term.clone()) {
            terms.push(QueryTerm { text: term.clone(), weight: 1.0 });
        }
    }
    if terms.len() > TERMS_MAX {
        terms.drain(TERMS_MAX / 2..terms.len() - TERMS_MAX / 2);
        return terms;
    }
    let plain: Vec<String> = tokens
        .iter()
        .filter(|token| token.chars().all(char::is_alphanumeric) && !is_stop_word(&token.to_ascii_lowercase()))
        .map(|token| token.to_lowercase())
        .collect();
    for pair in plain.windows(2) {
        let joined = pair.concat();
        if joined.len() <= 40 && seen.insert(joined.clone()) {
            terms.push(QueryTerm { text: joined, weight: JOINED_WEIGHT });
        }
    }
    terms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intents() {
        for (text, expected) in [
            ("getUserById", Intent::Symbol),
            ("Session", Intent::Symbol),
            ("SessionStore.save", Intent::Symbol),
            ("class SessionStore", Intent::Symbol),
            ("src/flask/ctx.py", Intent::Path),
            ("where are sessions signed", Intent::Behaviour),
            ("how does routing work", Intent::Architecture),
            ("default value of the timeout setting", Intent::Configuration),
            ("Traceback (most recent call last):\n  File \"a.py\", line 3, in f\nKeyError: 'x'", Intent::Error),
            ("thread main panicked at src/main.rs:3:5\n  at foo.rs:1\n  at bar.rs:2", Intent::Error),
        ] {
            assert_eq!(Query::parse(text).intent, expected, "{text}");
        }
    }

    #[test]
    fn names_and_places() {
        let query = Query::parse("why does app::Session.save() fail in src/app/session.rs:42?");
        let save = Name { text: "save".to_owned(), qualified: Some("app.session.save".to_owned()) };
        assert!(query.names.contains(&save), "{:?}", query.names);
        assert_eq!(query.paths, [Place { path: "src/app/session.rs".to_owned(), line: Some(42) }]);
        let trace = Query::parse("  File \"pkg/mod.py\", line 12, in run\n  File \"pkg/b.py\", line 7, in go");
        assert_eq!(trace.paths[0], Place { path: "pkg/mod.py".to_owned(), line: Some(12) });
        assert_eq!(trace.paths[1].line, Some(7));
    }

    #[test]
    fn any_text_is_a_query() {
        for text in ["", " ", "\0", "((((", "\"", "AND OR NOT", "a:b:c", "🦀🦀", "日本語の検索", "*", "\u{202e}x", "-"]
        {
            let _ = Query::parse(text);
        }
        let long = "at frame(file.py:1) ".repeat(20_000);
        assert!(Query::parse(&long).terms.len() <= TERMS_MAX);
    }

    #[test]
    fn neighbouring_words_are_tried_as_one_name() {
        let terms = Query::parse("session cookie").terms;
        assert!(terms.iter().any(|term| term.text == "sessioncookie" && term.weight < 1.0), "{terms:?}");
    }
}
