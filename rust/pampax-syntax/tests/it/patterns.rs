//! The matcher finds what tree-sitter's own queries find.

use std::collections::BTreeSet;

use pampax_base::{Language, ReferenceKind};
use pampax_syntax::{Parser, grammar};
use streaming_iterator::StreamingIterator as _;
use tree_sitter::{Query, QueryCursor};

const SOURCE: &str = "\
import os.path as p
# one
# two
x = f(1, 2, key=g)
class A(B, C):
    # three
    def m(self, a, b=1): return a
    def n(self): pass
class D: pass
y = z = [x, y, *w]
";

/// The names a pattern captures as a call, by our matcher.
fn ours(pattern: &str, source: &str) -> BTreeSet<String> {
    let syntax = Parser::new().parse_with_query(Language::Python, pattern, source).expect(pattern);
    let calls = syntax.references.iter().filter(|reference| reference.kind == ReferenceKind::Call);
    calls.map(|reference| format!("{} {}", reference.name.start, &source[reference.name.range()])).collect()
}

/// The same by tree-sitter's.
fn theirs(pattern: &str, source: &str) -> BTreeSet<String> {
    let grammar = grammar(Language::Python);
    let query = Query::new(&grammar, pattern).expect(pattern);
    let mut parser = tree_sitter::Parser::new();
    parser.set_language(&grammar).expect("the grammar loads");
    let tree = parser.parse(source, None).expect("a tree");
    let mut cursor = QueryCursor::new();
    let mut captures = cursor.captures(&query, tree.root_node(), source.as_bytes());
    let mut names = BTreeSet::new();
    while let Some((found, index)) = captures.next() {
        let capture = found.captures()[*index];
        if query.capture_names()[capture.index as usize] == "reference.call" {
            let range = capture.node.byte_range();
            names.insert(format!("{} {}", range.start, &source[range.clone()]));
        }
    }
    names
}

#[test]
fn every_construct_finds_what_tree_sitter_finds() {
    let patterns = [
        "(identifier) @reference.call",
        "(_ (identifier) @reference.call)",
        "(call function: (identifier) @reference.call)",
        "(call arguments: (argument_list (_) @reference.call))",
        "(argument_list . (_) @reference.call)",
        "(argument_list (_) @reference.call .)",
        "(argument_list . (_) . (_) @reference.call)",
        "(argument_list . \"(\" . (_) @reference.call)",
        "(argument_list _ . (integer) @reference.call)",
        "(argument_list [(integer) (identifier)] @reference.call)",
        "(argument_list (integer) . [(integer) (keyword_argument name: (identifier) @reference.call)])",
        "(parameters (identifier) (identifier)? @reference.call (default_parameter)? . )",
        "(parameters . (identifier) @reference.call . (identifier)? .)",
        "(module (comment)+ @reference.call . (expression_statement))",
        "(module . (import_statement) . (comment)* . (expression_statement (assignment left: (_) @reference.call)))",
        "(class_definition superclasses: (argument_list (identifier) @reference.call) body: (block (function_definition)))",
        "(class_definition name: (identifier) @reference.call !type_parameters)",
        "(class_definition name: (identifier) @reference.call !superclasses)",
        "(function_definition parameters: (parameters (default_parameter)) body: (_ (_) @reference.call))",
        "((identifier) @reference.call (#eq? @reference.call \"x\"))",
        "((identifier) @reference.call (#not-eq? @reference.call \"x\"))",
        "((identifier) @reference.call (#any-of? @reference.call \"x\" \"g\"))",
        "((identifier) @reference.call (#match? @reference.call \"^[xyz]$\"))",
        "((call function: (_) @_f arguments: (argument_list (_) @reference.call)) (#eq? @_f \"f\"))",
        "(assignment left: (_) @reference.call right: [(assignment) (list)])",
        "(expression_statement (assignment right: (assignment left: (identifier) @reference.call)))",
        "\"def\" @reference.call",
        "[(integer) \"=\"] @reference.call",
    ];
    for pattern in patterns {
        // Of overlapping or repeated captures we keep one reference for each place.
        let (ours, theirs) = (ours(pattern, SOURCE), theirs(pattern, SOURCE));
        assert!(!theirs.is_empty(), "{pattern} finds nothing: no test");
        assert_eq!(ours, theirs, "{pattern}");
    }
}

#[test]
fn what_is_not_supported_is_refused_with_its_place() {
    let refusals = [
        ("(module ((comment) (comment)))", "one node in a group"),
        ("((identifier) @_a (#eq? @_a @_b))", "two captures"),
        ("((identifier) @_a (#match? @_a \"(\"))", "unclosed group"),
        ("((identifier) (#eq? @_a \"x\"))", "@_a is tested but not captured"),
        ("(module field (comment))", "a colon after the name of a field"),
        ("(comment) \"unended", "the end of a string"),
        ("name: (identifier)", "a pattern begins with a node"),
        ("(expression) @comment", "supertype"),
        ("(module colour: (_))", "no field \"colour\""),
    ];
    for (pattern, expected) in refusals {
        let message = Parser::new().parse_with_query(Language::Python, pattern, "").expect_err(pattern);
        assert!(message.contains("line 1") && message.contains(expected), "{pattern}: {message}");
    }
}
