//! Nothing panics and nothing hangs, whatever the text.

use std::time::{Duration, Instant};

use pampax_base::Language;
use pampax_syntax::{FileSyntax, Parsed, Parser};

use crate::golden::golden_files;
use crate::properties::check_invariants;

/// Parses `text` in every language and checks what must hold for any text.
fn check_all_languages(what: &str, text: &str) -> Vec<(Language, FileSyntax)> {
    let mut parser = Parser::new();
    let parse = |&language: &Language| {
        let started = Instant::now();
        let syntax = parser.parse(Some(language), text);
        let elapsed = started.elapsed();
        let name = language.name();
        // The bound is far above what is needed: it tells a hang from a slow machine.
        assert!(elapsed < Duration::from_secs(20), "{name}, {what}: {elapsed:?}");
        check_invariants(&syntax, text);
        (language, syntax)
    };
    Language::ALL.iter().map(parse).collect()
}

#[test]
fn empty_and_tiny_texts() {
    for text in ["", "\n", "\r\n", " ", "x", "\u{feff}", "\n\n\n", "}", "\"", "/*", "é", "\u{feff}x = 1\n"] {
        for (language, syntax) in check_all_languages(&format!("{text:?}"), text) {
            assert_eq!(syntax.chunks.is_empty(), text.is_empty(), "{}, {text:?}", language.name());
        }
    }
}

#[test]
fn ten_thousand_levels_of_nesting() {
    for (open, close) in [("(", ")"), ("{\"a\":", "}"), ("<div>", "</div>"), ("- ", ""), ("if x:\n", "")] {
        let text = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
        check_all_languages(open, &text);
    }
    let deep: String = (0..10_000).map(|level| format!("{}if x:\n", " ".repeat(level % 300))).collect();
    for (language, syntax) in check_all_languages("indentation", &deep) {
        assert_eq!(syntax.parsed, Parsed::Lines("too deep"), "{}", language.name());
    }
}

#[test]
fn nesting_just_below_the_bounds() {
    let indented: String = (0..99).map(|level| format!("{}if x:\n", " ".repeat(level))).collect();
    for text in [format!("{}1{}", "(".repeat(1_400), ")".repeat(1_400)), "- ".repeat(99), "? ".repeat(99), indented] {
        check_all_languages(&text[..4], &text);
    }
}

#[test]
fn one_line_of_a_megabyte() {
    for part in ["var a=function(b){return b+1};", "aaaaaaaa"] {
        let text = part.repeat((1 << 20) / part.len());
        for (language, syntax) in check_all_languages(part, &text) {
            assert_eq!(syntax.chunks.len(), 1);
            assert_eq!(syntax.parsed, Parsed::Lines("long lines"), "{}", language.name());
        }
    }
}

/// The scanner of Bash read outside its tables for such characters and the process died.
#[test]
fn characters_outside_every_table() {
    for text in ["echo {\u{1f600}..3}\n", "{\u{10ffff}", "{1..\u{10ffff}}\n", "\u{10ffff}", "$\u{e000}{\u{10ffff}}"] {
        check_all_languages(text, text);
    }
    let mut parser = Parser::new();
    let syntax = parser.parse(Some(Language::Bash), "größe() {\n  echo {\u{1f600}..3}\n}\n");
    assert_eq!(syntax.symbols[0].name, "größe");
}

#[test]
fn nul_bytes_are_not_parsed() {
    for (language, syntax) in check_all_languages("NUL", "def f():\n    return '\0'\n") {
        assert_eq!(syntax.parsed, Parsed::Lines("contains NUL"), "{}", language.name());
    }
}

#[test]
fn windows_line_ends_give_the_same_outline() {
    let mut parser = Parser::new();
    for (path, language, text) in golden_files() {
        if text.contains('\r') || matches!(language, Language::Markdown | Language::Yaml | Language::Haskell) {
            continue;
        }
        let windows = text.replace('\n', "\r\n");
        let (unix, windows) = (parser.parse(Some(language), &text), parser.parse(Some(language), &windows));
        let names = |syntax: &FileSyntax| -> Vec<_> {
            syntax.symbols.iter().map(|symbol| (symbol.name.clone(), symbol.kind, symbol.span)).collect()
        };
        let lines =
            |syntax: &FileSyntax| -> Vec<_> { syntax.chunks.iter().map(|chunk| (chunk.span, chunk.symbol)).collect() };
        assert_eq!(names(&unix), names(&windows), "{}", path.display());
        // Longer lines may move a cut by size, so only files without one are compared chunk by chunk.
        if unix.chunks.iter().all(|chunk| chunk.first) {
            assert_eq!(lines(&unix), lines(&windows), "{}", path.display());
        }
    }
}

#[test]
fn a_byte_order_mark_changes_nothing_but_the_first_bytes() {
    let mut parser = Parser::new();
    let text = "def f():\n    return 1\n";
    let plain = parser.parse(Some(Language::Python), text);
    let marked = parser.parse(Some(Language::Python), &format!("\u{feff}{text}"));
    assert_eq!(marked.symbols.len(), 1);
    assert_eq!(marked.symbols[0].span, plain.symbols[0].span);
    assert_eq!(marked.parsed, Parsed::Tree);
}

#[test]
fn a_parser_goes_on_after_a_file_it_gave_up() {
    let mut parser = Parser::new();
    let good = "def f():\n    return 1\n";
    let expected = parser.parse(Some(Language::Python), good);
    for text in ["[".repeat(20_000), "\0".to_owned(), "a = (((\n".repeat(1000)] {
        parser.parse(Some(Language::Python), &text);
        parser.parse(Some(Language::Json), &text);
        assert_eq!(parser.parse(Some(Language::Python), good), expected);
    }
}

#[test]
fn text_in_the_wrong_language_is_still_cut_into_chunks() {
    let mut parser = Parser::new();
    for (_, own, text) in golden_files() {
        for &language in Language::ALL {
            if language != own {
                check_invariants(&parser.parse(Some(language), &text), &text);
            }
        }
    }
}
