//! Every grammar loads and every query compiles.

use pampax_base::Language;
use pampax_syntax::{Parser, grammar, query_sources};
use tree_sitter::{LANGUAGE_VERSION, MIN_COMPATIBLE_LANGUAGE_VERSION};

#[test]
fn every_grammar_has_an_abi_the_library_reads() {
    for &language in Language::ALL {
        let version = grammar(language).abi_version();
        let name = language.name();
        assert!((MIN_COMPATIBLE_LANGUAGE_VERSION..=LANGUAGE_VERSION).contains(&version), "{name}: ABI {version}");
        tree_sitter::Parser::new().set_language(&grammar(language)).unwrap();
    }
}

#[test]
fn every_query_compiles_and_every_capture_has_a_meaning() {
    let mut failures = Vec::new();
    for &language in Language::ALL {
        let source: String = query_sources(language).iter().map(|(_, text)| format!("{text}\n")).collect();
        assert!(!query_sources(language).is_empty());
        if let Err(message) = Parser::new().parse_with_query(language, &source, "") {
            failures.push(message);
        } else if !source.contains("@definition.") {
            failures.push(format!("{}: no definitions", language.name()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn a_wrong_query_is_an_error_with_its_place() {
    let check = |source: &str, expected: &str| {
        let message = Parser::new().parse_with_query(Language::Python, source, "").unwrap_err();
        assert!(message.contains("python") && message.contains(expected), "{message}");
    };
    check("(no_such_node) @comment", "no_such_node");
    check("(comment) @remark", "@remark has no meaning");
    check("(class_definition name: (_) @name) @definition.klass", "@definition.klass has no meaning");
    check("((comment) @comment (#set! colour \"red\"))", "colour");
    check("((comment) @comment (#contains? @comment \"red\"))", "contains?");
    check("(comment", "comment");
}
