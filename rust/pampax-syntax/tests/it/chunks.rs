//! The chunk rules, one by one.

use std::fmt::Write as _;

use pampax_base::Language;
use pampax_syntax::{Parsed, Parser};

use crate::render::render_chunks;

/// Checks the chunks of `source`: one line each, `first-last  symbol`.
fn check_chunks(language: Language, source: &str, expected: &[&str]) {
    let syntax = Parser::new().parse(Some(language), source);
    let chunks = render_chunks(&syntax);
    let chunks: Vec<&str> = chunks.lines().skip(1).collect();
    assert_eq!(chunks, expected, "\n{source}");
}

#[test]
fn functions_take_their_comments_decorators_and_the_blank_lines_below() {
    let source = "import os\n\n# about f\n@cache\ndef f():\n    return 1\n\n\nx = 1\ny = 2\n\ndef g(): return 2\n";
    check_chunks(Language::Python, source, &["1-2  -", "3-8  f", "9-11  -", "12-12  g"]);
}

#[test]
fn a_class_is_a_header_and_its_methods_are_chunks() {
    let source = "class A:\n    x = 1\n\n    def f(self):\n        pass\n\n    y_of_the_class = 2\n\n    def g(self):\n        pass\n";
    check_chunks(Language::Python, source, &["1-3  A", "4-6  A.f", "7-8  A (continued)", "9-10  A.g"]);
}

#[test]
fn a_class_without_methods_is_one_chunk() {
    check_chunks(Language::Python, "class A:\n    x = 1\n\n    y = 2\n\nclass B: pass\n", &["1-5  A", "6-6  B"]);
}

#[test]
fn closing_brackets_go_with_the_member_before_them() {
    let source = "impl A {\n    fn f() {\n    }\n\n    fn g() {\n    }\n}\n\nfn h() {\n}\n";
    check_chunks(Language::Rust, source, &["1-1  A", "2-4  A.f", "5-8  A.g", "9-10  h"]);
}

#[test]
fn functions_inside_functions_stay_inside() {
    let source =
        "def f():\n    def g():\n        pass\n    class C:\n        def m(self):\n            pass\n    return g\n";
    check_chunks(Language::Python, source, &["1-7  f"]);
}

#[test]
fn functions_in_javascript_get_their_names_from_assignments() {
    let source = "const f = () => {\n  return 1;\n};\nexports.g = function () {\n  return 2;\n};\nconst o = {\n  h() {\n    return 3;\n  },\n  k: () => {\n    return 4;\n  },\n};\n";
    check_chunks(Language::JavaScript, source, &["1-3  f", "4-6  g", "7-7  o", "8-10  o.h", "11-14  o.k"]);
}

#[test]
fn tests_inside_a_suite_are_chunks() {
    let source = "describe('adding', () => {\n  it('adds', () => {\n    expect(1);\n  });\n  it('fails', function () {\n    expect(2);\n  });\n});\n";
    check_chunks(Language::TypeScript, source, &["1-1  adding", "2-4  adding.adds", "5-8  adding.fails"]);
}

#[test]
fn prototypes_and_constants_stay_in_the_top_level_run() {
    let source = "#include <a.h>\nint f(int a);\nstatic int x = 1;\n\nint f(int a)\n{\n  return a;\n}\n";
    check_chunks(Language::C, source, &["1-4  -", "5-8  f"]);
}

#[test]
fn two_definitions_on_one_line_share_the_chunk_of_the_first() {
    check_chunks(Language::JavaScript, "function f() {} function g() {}\n", &["1-1  f"]);
    check_chunks(Language::JavaScript, "class A { f() {} g() {} }\n", &["1-1  A"]);
    check_chunks(Language::JavaScript, "function f() {\n} function g() {\n  return 1;\n}\n", &["1-2  f", "3-4  g"]);
}

#[test]
fn leading_and_trailing_blank_lines_belong_to_a_chunk() {
    check_chunks(Language::Python, "\n\ndef f():\n    pass\n\n\n", &["1-6  f"]);
    check_chunks(Language::Python, "\n\n\n", &["1-3  -"]);
}

#[test]
fn long_bodies_are_cut_between_statements() {
    let mut source = String::from("def f(items):\n");
    for number in 0..40 {
        let _ = write!(source, "    if items[{number}]:\n        use(\n            items[{number}],\n        )\n");
    }
    let syntax = Parser::new().parse(Some(Language::Python), &source);
    assert!(syntax.chunks.len() > 2);
    assert!(syntax.chunks[0].first && syntax.chunks[1..].iter().all(|chunk| !chunk.first));
    for chunk in &syntax.chunks {
        assert_eq!(chunk.symbol, Some(0));
        assert!(chunk.span.len() <= 80, "{chunk:?}");
    }
    for chunk in &syntax.chunks[1..] {
        assert!(source[chunk.bytes.range()].starts_with("    if "), "{chunk:?}");
    }
}

#[test]
fn long_lines_are_cut_by_bytes() {
    let source = format!("def f():\n{}", format!("    x = '{}'\n", "a".repeat(500)).repeat(40));
    let syntax = Parser::new().parse(Some(Language::Python), &source);
    assert!(syntax.chunks.len() >= 4);
    assert!(syntax.chunks.iter().all(|chunk| chunk.bytes.len() <= 6000));
}

#[test]
fn unknown_languages_are_cut_at_blank_lines() {
    let paragraph = format!("{}\n", "some words\n".repeat(6));
    let text = paragraph.repeat(30);
    let syntax = Parser::new().parse(None, &text);
    assert_eq!(syntax.parsed, Parsed::Lines("no grammar"));
    assert!(syntax.chunks.len() > 3);
    for chunk in &syntax.chunks {
        assert!(chunk.span.len() <= 60);
        assert!(text[chunk.bytes.range()].ends_with("\n\n"), "{chunk:?}");
    }
}
