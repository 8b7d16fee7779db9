//! What a query asks for: its terms, the names and paths in it, and its intent.

use std::borrow::Cow;
use std::collections::BTreeSet;

use pampax_lexical::QueryTerm;
use pampax_tokenize::is_stop_word;

use crate::form::{Form, form};
use crate::intent::{Intent, detect};
use crate::surface::Surface;
use crate::text::{clip, for_each_term};
use crate::trace::Trace;

/// Distinct terms a query may have; of longer ones (a pasted stack trace) the first and the last are taken.
const TERMS_MAX: usize = 64;
/// Names looked up as symbols.
const NAMES_MAX: usize = 24;
/// Bytes of a query that are read; the rest of a pasted log repeats what came before.
pub(crate) const QUERY_BYTES_MAX: usize = 64 * 1024;
/// What a pair of words joined to one name counts, against a word of the query.
const JOINED_WEIGHT: f32 = 0.4;

/// A query, understood.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Query {
    pub(crate) intent: Intent,
    /// In what form it is asked.
    pub(crate) form: Form,
    /// Terms for the word index.
    pub(crate) terms: Vec<QueryTerm>,
    /// Names that may be symbols.
    pub(crate) names: Vec<Name>,
    /// Words of the query in lower case, for comparing with file stems.
    pub(crate) words: BTreeSet<String>,
    /// Parts that look like paths, without leading "./" and without line numbers.
    pub(crate) paths: Vec<Place>,
    /// The title of a longer text such as an issue: what it is about in short.
    pub(crate) title: Option<String>,
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
    /// Without leading `/` or `./`.
    pub(crate) path: String,
    pub(crate) line: Option<u32>,
    pub(crate) origin: Origin,
    /// The function of the frame it comes from: of another version of the file, the line says less than the name.
    pub(crate) function: Option<String>,
}

/// Where a path comes from: it decides which files it may mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Typed by whoever asks.
    Typed,
    /// A frame of a stack trace, relative to some folder.
    Frame,
    /// From the root of some machine: its beginning says nothing.
    Absolute,
    /// The path within an installed library.
    Installed,
}

impl Query {
    /// Reads a query. Any text is a query.
    #[cfg(test)]
    pub(crate) fn parse(text: &str) -> Self {
        Self::parse_as(text, None)
    }

    /// Reads a query that is taken for what `asked` says; by default the text decides.
    pub(crate) fn parse_as(text: &str, asked: Option<Intent>) -> Self {
        let text = clip(text, QUERY_BYTES_MAX);
        let tokens = tokenize(text);
        let trace = Trace::parse(text);
        let is_traced = trace.is_frame.contains(&true);
        // What frames say is read once.
        let rest: String = if is_traced {
            let lines = text.lines().zip(&trace.is_frame).filter(|(_, is_frame)| !**is_frame);
            lines.flat_map(|(line, _)| [line, "\n"]).collect()
        } else {
            String::new()
        };
        let untraced = if is_traced { tokenize(&rest) } else { tokens.clone() };
        let mut paths = trace.places;
        places(if is_traced { &rest } else { text }, &untraced, &mut paths);
        let surface = Surface { text, tokens: &tokens, places: &paths, is_traced };
        let intent = asked.unwrap_or_else(|| detect(&surface));
        let form = form(&surface, intent);
        let title = title(text, &trace.is_frame);
        let (terms, names, words) = match &title {
            Some(title) => {
                let told = tokenize(title);
                let code: Vec<&str> = untraced.iter().copied().filter(|token| is_telling(token)).collect();
                let words: Vec<&str> = told.iter().chain(&code).copied().collect();
                (titled_terms(title, &told, &code), names(trace.names, &words, intent), words)
            }
            None => (terms(text, &tokens), names(trace.names, &untraced, intent), tokens.clone()),
        };
        let words = words.iter().map(|token| token.to_ascii_lowercase()).collect();
        Self { intent, form, terms, names, words, paths, title }
    }

    /// What of `text` says what is asked: the title, if there is one.
    pub(crate) fn focus<'a>(&'a self, text: &'a str) -> &'a str {
        self.title.as_deref().unwrap_or(text)
    }
}

/// The longest line that may be a title, in bytes.
const TITLE_BYTES_MAX: usize = 160;
/// With less below it, a first line is no title but part of the question.
const BODY_BYTES_MIN: usize = 80;
/// Terms taken from the text below a title, and what they count against those in it.
const BODY_TERMS_MAX: usize = 12;
const BODY_WEIGHT: f32 = 0.35;

/// What is written like code in reports of faults and is none.
const PRODUCTS: &[&str] = &[
    "macOS",
    "iOS",
    "tvOS",
    "watchOS",
    "iPhone",
    "iPad",
    "GitHub",
    "GitLab",
    "JavaScript",
    "TypeScript",
    "PostgreSQL",
    "MySQL",
    "SQLite",
    "YouTube",
    "StackOverflow",
    "LinkedIn",
    "OpenSSL",
    "PowerShell",
    "WebStorm",
    "IntelliJ",
    "VSCode",
    "Node.js",
    "e.g",
    "i.e",
];

/// The title of a text that has one: a first line with a blank one below, and more text after that. The rest of an issue tells of
/// machines, versions and what was tried, and in sheer number its words would drown what it is about.
fn title(text: &str, is_frame: &[bool]) -> Option<String> {
    let mut lines = text.lines().enumerate().skip_while(|(_, line)| line.trim().is_empty());
    let (number, first) = lines.next()?;
    let (_, below) = lines.next()?;
    let rest: usize = lines.map(|(_, line)| line.trim().len()).sum();
    let first = first.trim().trim_start_matches('#').trim();
    let says = first.split_whitespace().filter(|word| !is_stop_word(&word.to_ascii_lowercase())).count() >= 2;
    let is_title = below.trim().is_empty()
        && rest >= BODY_BYTES_MIN
        && first.len() <= TITLE_BYTES_MAX
        && says
        && !is_frame.get(number).copied().unwrap_or(false);
    is_title.then(|| first.to_owned())
}

/// Whether a token below a title says what code it is about, rather than what happened to whom: it is written as code, and is no
/// link, no path of a machine and no version.
fn is_telling(token: &str) -> bool {
    let longest = token.split(|one: char| !one.is_alphabetic()).map(str::len).max().unwrap_or(0);
    looks_like_code(token)
        && !PRODUCTS.contains(&token)
        && longest >= 3
        && !token.contains("://")
        && !token.starts_with('/')
        && !token.contains("www.")
}

/// The terms of a title, and some of the code that the text below it names.
fn titled_terms(title: &str, told: &[&str], code: &[&str]) -> Vec<QueryTerm> {
    let mut all = terms(title, told);
    let mut below = 0;
    for token in code {
        for_each_term(token, &mut |term| {
            if below < BODY_TERMS_MAX && !is_stop_word(term) && !all.iter().any(|known| known.text == term) {
                all.push(QueryTerm { text: term.to_owned(), weight: BODY_WEIGHT });
                below += 1;
            }
        });
    }
    all
}

pub(crate) fn tokenize(text: &str) -> Vec<&str> {
    text.split(is_separator).map(|token| token.trim_matches(is_edge)).filter(|token| !token.is_empty()).collect()
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
pub(crate) fn looks_like_code(token: &str) -> bool {
    let joined = token.contains("::") || token.contains("->") || token.contains('#') || token.contains('_');
    let hump =
        token.chars().zip(token.chars().skip(1)).any(|(left, right)| left.is_lowercase() && right.is_uppercase());
    let dotted =
        token.contains('.') && token.split('.').all(|part| !part.is_empty() && part.chars().all(is_name_character));
    joined || hump || (dotted && token.chars().any(char::is_alphabetic))
}

/// Adds paths and `file:line` places. A dotted name counts only with an extension that is a language's or with a slash.
fn places(text: &str, tokens: &[&str], places: &mut Vec<Place>) {
    let framed = places.len();
    for token in tokens {
        if places.len() >= framed + NAMES_MAX {
            break;
        }
        let (path, line) = path_and_line(token);
        let absolute = path.starts_with('/');
        let path = path.trim_start_matches("./").trim_start_matches('/');
        let name = path.rsplit('/').next().unwrap_or("");
        let known = pampax_base::Language::from_path(path).is_some() && name.contains('.');
        let slashed = path.contains('/') && !path.contains("//") && path.len() > 2 && name.contains('.');
        // A name alone with a dot in it may be that of a file: whether there is one, the index knows.
        let alone = tokens.len() == 1 && name.contains('.') && !name.contains("..") && !token.contains("::");
        if (known || slashed || alone) && !places.iter().any(|place| place.path == path && place.line == line) {
            let origin = if absolute { Origin::Absolute } else { Origin::Typed };
            places.push(Place { path: path.to_owned(), line, origin, function: None });
        }
    }
    // Python writes `File "x.py", line 12`.
    for place in places.iter_mut().skip(framed).filter(|place| place.line.is_none()) {
        let after = text.split_once(&place.path).map_or("", |(_, after)| after);
        let line = after.trim_start_matches(['"', ',', ' ']).strip_prefix("line ");
        place.line = line.and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok());
    }
}

/// The path in a token and the line behind it: `x.c:12:5`, `x.c:12-20`, `x.c#L12`, a link to a forge, a path of Windows.
fn path_and_line(token: &str) -> (Cow<'_, str>, Option<u32>) {
    let (path, fragment) = token.split_once("#L").map_or((token, None), |(path, rest)| (path, Some(rest)));
    let linked = path.split_once("://").and_then(|(_, rest)| rest.split_once("/blob/")?.1.split_once('/'));
    let path = linked.map_or(path, |(_, path)| path);
    let is_drive = path.as_bytes().get(1) == Some(&b':') && path.as_bytes().get(2) == Some(&b'\\');
    let path = if is_drive { &path[2..] } else { path };
    let mut parts = path.split(':');
    let path = parts.next().unwrap_or("");
    let number = |text: &str| text.split('-').next().unwrap_or("").parse().ok();
    let line = fragment.or_else(|| parts.next()).and_then(number);
    (if path.contains('\\') { Cow::Owned(path.replace('\\', "/")) } else { Cow::Borrowed(path) }, line)
}

pub(crate) fn is_capitalised_name(token: &str) -> bool {
    token.chars().next().is_some_and(char::is_uppercase) && token.chars().all(is_name_character)
}

/// Names to look up: those of frames, what is written as code, and in a query that is nothing but a name, every word.
fn names(mut names: Vec<Name>, tokens: &[&str], intent: Intent) -> Vec<Name> {
    names.truncate(NAMES_MAX - NAMES_MAX / 3);
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
        assert_eq!(
            query.paths,
            [Place { path: "src/app/session.rs".to_owned(), line: Some(42), origin: Origin::Typed, function: None }]
        );
        for (text, path, line) in [
            ("lib/foo.js#L10", "lib/foo.js", Some(10)),
            ("src/store.rs:100-140", "src/store.rs", Some(100)),
            ("https://github.com/acme/app/blob/main/src/index.ts#L20-L31", "src/index.ts", Some(20)),
            ("C:\\code\\shop\\main.cs:7", "code/shop/main.cs", Some(7)),
            ("src/net/socket.c:210:13: error: no", "src/net/socket.c", Some(210)),
            ("views.py line 33", "views.py", Some(33)),
        ] {
            let place = Query::parse(text).paths.swap_remove(0);
            assert_eq!((place.path.as_str(), place.line), (path, line), "{text}");
        }
    }

    #[test]
    fn frames_come_before_what_else_a_trace_says() {
        let query = Query::parse(
            "KeyError in checkout.py\n  File \"pkg/mod.py\", line 12, in run\n  File \"pkg/b.py\", line 7, in go",
        );
        let places: Vec<_> = query.paths.iter().map(|place| (place.path.as_str(), place.line)).collect();
        assert_eq!(places, [("pkg/b.py", Some(7)), ("pkg/mod.py", Some(12)), ("checkout.py", None)]);
        let names: Vec<_> = query.names.iter().map(|name| name.text.as_str()).collect();
        assert_eq!(names[..2], ["go", "run"]);
        assert_eq!(query.intent, Intent::Error);
    }

    #[test]
    fn the_title_of_an_issue_says_what_it_is_about() {
        let body =
            "Describe the bug\nI got status 404 on macOS v10.13.2 with `Router.nest`, see https://example.com/a.b\n"
                .repeat(3);
        let query = Query::parse(&format!("# Fallback of nested routers\n\n{body}"));
        assert_eq!(query.title.as_deref(), Some("Fallback of nested routers"));
        let weight = |text: &str| query.terms.iter().find(|term| term.text == text).map(|term| term.weight);
        assert_eq!(weight("fallback"), Some(1.0));
        assert_eq!(weight("nest"), Some(1.0), "a word of the title, though it is below as well: {:?}", query.terms);
        for absent in ["got", "status", "macos", "example", "describe"] {
            assert_eq!(weight(absent), None, "{absent}: {:?}", query.terms);
        }
        assert!(query.names.iter().any(|name| name.text == "nest"));
        for untitled in ["where are\nsessions signed", "one line alone", &format!("{body}\n{body}")] {
            assert_eq!(Query::parse(untitled).title, None, "{untitled}");
        }
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
