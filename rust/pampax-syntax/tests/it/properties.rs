//! What holds for any text in any language.

use std::sync::LazyLock;

use pampax_base::{ByteSpan, Language, LineSpan};
use pampax_syntax::{FileSyntax, Parser};
use proptest::prelude::*;

use crate::golden::golden_files;

static GOLDEN: LazyLock<Vec<(Language, String)>> =
    LazyLock::new(|| golden_files().into_iter().map(|(_, language, text)| (language, text)).collect());

/// Panics unless the chunks tile the text, containers come before their members and every span lies inside the text.
pub fn check_invariants(syntax: &FileSyntax, text: &str) {
    check_tiling(syntax, text);
    let size = text.len() as u32;
    let line_count = text.split_inclusive('\n').count() as u32;
    let inside = |span: ByteSpan| {
        assert!(
            span.end <= size && text.is_char_boundary(span.start as usize) && text.is_char_boundary(span.end as usize)
        );
    };
    let mut previous = 0;
    for (index, symbol) in syntax.symbols.iter().enumerate() {
        assert!(!symbol.name.is_empty());
        inside(symbol.bytes);
        inside(symbol.signature);
        inside(symbol.doc);
        assert!(text.is_char_boundary(symbol.name_start as usize) && symbol.name_start <= size);
        assert!(symbol.bytes.contains(symbol.signature), "{symbol:?}");
        assert!(symbol.span.start >= 1 && symbol.span.end <= line_count, "{symbol:?}");
        let first = text[..symbol.bytes.start as usize].matches('\n').count() as u32 + 1;
        assert_eq!(symbol.span.start, first, "{symbol:?}");
        if let Some(container) = symbol.container {
            assert!(container < index as u32, "{symbol:?}");
            assert!(syntax.symbols[container as usize].bytes.end >= symbol.bytes.end);
        }
        assert!(symbol.signature.start >= previous || symbol.container.is_some() || symbol.signature.is_empty());
        previous = previous.min(symbol.signature.start);
    }
    for reference in &syntax.references {
        inside(reference.name);
        assert!(!reference.name.is_empty());
        assert_eq!(reference.line, text[..reference.name.start as usize].matches('\n').count() as u32 + 1);
    }
    assert!(syntax.references.is_sorted_by(|a, b| a.name.start < b.name.start));
    for comment in &syntax.comments {
        inside(*comment);
    }
    assert!(syntax.comments.is_sorted_by(|a, b| a.end <= b.start));
}

fn check_tiling(syntax: &FileSyntax, text: &str) {
    assert_eq!(syntax.chunks.is_empty(), text.is_empty());
    let (mut line, mut byte) = (1, 0);
    let mut opened = std::collections::BTreeSet::new();
    for chunk in &syntax.chunks {
        assert_eq!((chunk.span.start, chunk.bytes.start), (line, byte), "{chunk:?}");
        let part = &text[chunk.bytes.range()];
        assert_eq!(part.split_inclusive('\n').count() as u32, chunk.span.len(), "{chunk:?}");
        assert!(part.ends_with('\n') || chunk.bytes.end as usize == text.len());
        if let Some(symbol) = chunk.symbol {
            assert!((symbol as usize) < syntax.symbols.len());
            assert_eq!(chunk.first, opened.insert(symbol), "{chunk:?}");
        } else {
            assert!(chunk.first);
        }
        (line, byte) = (chunk.span.end + 1, chunk.bytes.end);
    }
    if let Some(last) = syntax.chunks.last() {
        assert_eq!(last.bytes.end as usize, text.len());
        assert_eq!(last.span, LineSpan::new(last.span.start, text.split_inclusive('\n').count() as u32));
    }
}

fn any_language() -> impl Strategy<Value = Option<Language>> {
    prop::option::weighted(0.95, prop::sample::select(Language::ALL))
}

/// A golden file of which a part is cut out, doubled, or replaced by a piece of another file.
fn mutated_file() -> impl Strategy<Value = (Language, String)> {
    let position = || any::<prop::sample::Index>();
    (position(), position(), position(), position(), 0..4_u8).prop_map(|(file, other, start, end, how)| {
        let (language, text) = &GOLDEN[file.index(GOLDEN.len())];
        let boundary = |index: prop::sample::Index| text.floor_char_boundary(index.index(text.len() + 1));
        let (start, end) = (boundary(start).min(boundary(end)), boundary(start).max(boundary(end)));
        let (_, donor) = &GOLDEN[other.index(GOLDEN.len())];
        let piece = &donor[..donor.floor_char_boundary(end - start)];
        let text = match how {
            0 => text[start..end].to_owned(),
            1 => format!("{}{}", &text[..start], &text[end..]),
            2 => format!("{}{}", &text[..end], &text[start..]),
            _ => format!("{}{piece}{}", &text[..start], &text[end..]),
        };
        (*language, text)
    })
}

/// 192 cases, or as many as `PROPTEST_CASES` says.
fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(192);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_text_keeps_the_invariants(language in any_language(), text in "(?s).{0,400}") {
        check_invariants(&Parser::new().parse(language, &text), &text);
    }

    #[test]
    fn code_like_text_keeps_the_invariants(
        language in any_language(),
        parts in prop::collection::vec(prop::sample::select(&[
            "{", "}", "(", ")", "[", "]", "\n", "\n    ", "\n\t", " ", ";", ",", ":", "=", "=>", "->", "<", ">", "\"", "'", "`", "/*", "*/",
            "//", "#", "--", "def ", "class ", "fn ", "function ", "func ", "impl ", "struct ", "enum ", "end", "do ", "module ", "let ",
            "const ", "if ", "x", "Foo", "bar_baz", "1", "é", "\r\n", "@", "<?php ", "template<", "import ", "- ", "| ",
        ][..]), 0..120),
    ) {
        let text = parts.concat();
        check_invariants(&Parser::new().parse(language, &text), &text);
    }

    #[test]
    fn mutated_files_keep_the_invariants((language, text) in mutated_file()) {
        check_invariants(&Parser::new().parse(Some(language), &text), &text);
    }

    #[test]
    fn the_same_text_gives_the_same_answer((language, text) in mutated_file()) {
        let mut used = Parser::new();
        let first = used.parse(Some(language), &text);
        prop_assert_eq!(&first, &used.parse(Some(language), &text));
        prop_assert_eq!(&first, &Parser::new().parse(Some(language), &text));
    }

    /// The scanners of indented languages keep open blocks in small buffers, which such texts fill.
    #[test]
    fn indicators_and_indentation_keep_the_invariants(
        language in prop::sample::select(&[Language::Yaml, Language::Python, Language::Markdown, Language::Haskell, Language::Scala][..]),
        parts in prop::collection::vec((prop::sample::select(&[
            "- ", "? ", ": ", ":\n", "a: ", "|\n", ">2\n", "\n", "a", "\"x\" ", "[", "]", "{", "}", "\t", "&a ", "!t ", "# c\n", "---\n",
            "if x:\n", "f'{", "f\"", "where\n", "> ", "1. ", "do ", "let ", "\n\n", "  ",
        ][..]), 0..60_usize, 1..40_usize), 0..60),
    ) {
        let text: String = parts.iter().map(|(part, indent, count)| {
            let first = part.repeat(*count);
            if part.ends_with('\n') { format!("{}{first}{}", " ".repeat(*indent), " ".repeat(*indent)) } else { first }
        }).collect();
        check_invariants(&Parser::new().parse(Some(language), &text), &text);
    }
}
