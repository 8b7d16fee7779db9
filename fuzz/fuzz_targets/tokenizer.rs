//! Any text: terms are bounded and repeatable, counts agree with each other, cuts fit their budget.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pampax_tokenize::{Encoding, MAX_TERM_BYTES, count_at_most, count_tokens, identifier_parts, terms, truncate};

fuzz_target!(|input: (u8, &str)| {
    let (limit, text) = (usize::from(input.0), input.1);
    let found = terms(text);
    assert_eq!(found, terms(text));
    assert!(found.iter().all(|term| !term.is_empty() && term.len() <= MAX_TERM_BYTES));
    assert!(identifier_parts(text).iter().all(|part| !part.is_empty()));

    for encoding in [Encoding::O200kBase, Encoding::Cl100kBase] {
        let count = count_tokens(text, encoding);
        assert!(count <= text.len());
        assert_eq!(count_at_most(text, encoding, limit), (count <= limit).then_some(count));
        let cut = truncate(text, encoding, limit);
        assert!(text.starts_with(cut));
        assert!(count_tokens(cut, encoding) <= limit);
        assert!(count > limit || cut == text, "cut although it fits");
    }
});
