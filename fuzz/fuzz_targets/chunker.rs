//! Any text in any language: never a panic, and the chunks tile the text.
#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use pampax_base::Language;
use pampax_syntax::Parser;

thread_local! {
    // Compiling a language's queries takes longer than parsing a small text.
    static PARSER: RefCell<Parser> = RefCell::new(Parser::new());
}

fuzz_target!(|data: &[u8]| {
    let Some((&first, rest)) = data.split_first() else { return };
    // One value more than there are languages: text of none.
    let language = Language::from_number(first % (Language::ALL.len() as u8 + 1));
    let text = String::from_utf8_lossy(rest);
    let syntax = PARSER.with_borrow_mut(|parser| parser.parse(language, &text));

    let (mut byte, mut line) = (0, 1);
    for chunk in &syntax.chunks {
        assert_eq!(chunk.bytes.start, byte, "a gap or an overlap in bytes");
        assert_eq!(chunk.span.start, line, "a gap or an overlap in lines");
        assert!(chunk.bytes.end > chunk.bytes.start);
        assert!(text.is_char_boundary(chunk.bytes.end as usize));
        assert!(chunk.symbol.is_none_or(|symbol| (symbol as usize) < syntax.symbols.len()));
        byte = chunk.bytes.end;
        line = chunk.span.end + 1;
    }
    assert_eq!(byte as usize, text.len(), "the chunks end before the text does");
    let lines = text.matches('\n').count() + usize::from(!text.is_empty() && !text.ends_with('\n'));
    assert_eq!(line as usize, lines + 1, "the chunks end before the lines do");

    for (number, symbol) in syntax.symbols.iter().enumerate() {
        assert!(symbol.container.is_none_or(|container| (container as usize) < number));
        for span in [symbol.bytes, symbol.signature, symbol.doc] {
            assert!(text.get(span.range()).is_some(), "a span outside the text or inside a character");
        }
        assert!(symbol.span.end as usize <= lines);
    }
    for reference in &syntax.references {
        assert!(text.get(reference.name.range()).is_some());
    }
    let mut end = 0;
    for comment in &syntax.comments {
        assert!(comment.start >= end, "comments overlap or are out of order");
        assert!(text.get(comment.range()).is_some());
        end = comment.end;
    }
});
