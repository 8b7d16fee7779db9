//! Shows what the grammar and the query of a language see in a file. The query files are read from disk, so that a change
//! to them needs no build.
//!
//! ```text
//! cargo run -p pampax-syntax --example captures -- FILE             the captures of the query
//! cargo run -p pampax-syntax --example captures -- --tree FILE      the syntax tree
//! cargo run -p pampax-syntax --example captures -- --outline FILE   the symbols and chunks
//! ```

use std::io::Write as _;
use std::path::Path;

use pampax_base::Language;
use pampax_syntax::{Parser, grammar, query_sources};
use streaming_iterator::StreamingIterator as _;
use tree_sitter::{Node, Query, QueryCursor, Tree};

#[path = "../tests/it/render.rs"]
mod render;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut mode = String::from("--captures");
    let mut path = None;
    for argument in std::env::args().skip(1) {
        if argument.starts_with("--") { mode = argument } else { path = Some(argument) }
    }
    let path = path.ok_or("usage: captures [--tree | --outline] FILE")?;
    let text = std::fs::read_to_string(&path)?;
    let language = Language::from_path(&path)
        .or_else(|| Language::from_first_line(text.lines().next().unwrap_or_default()))
        .ok_or("no language for this file")?;
    let mut out = std::io::stdout().lock();
    let mut parser = tree_sitter::Parser::new();
    parser.set_language(&grammar(language))?;
    let tree = parser.parse(&text, None).ok_or("the parser gave no tree")?;
    match mode.as_str() {
        "--tree" => print_tree(&mut out, &tree, &text),
        "--outline" => {
            let syntax = Parser::new().parse_with_query(language, &source_from_disk(language)?, &text)?;
            Ok(out.write_all(render::render(&syntax, &text).as_bytes())?)
        }
        _ => print_captures(&mut out, &tree, &text, &grammar(language), &source_from_disk(language)?),
    }
}

/// The query of `language`, read from `queries/` beside this crate's manifest.
fn source_from_disk(language: Language) -> Result<String, Failure> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("queries");
    let mut source = String::new();
    for (path, _) in query_sources(language) {
        source.push_str(&std::fs::read_to_string(folder.join(path))?);
        source.push('\n');
    }
    Ok(source)
}

/// The first line of a node's text, cut to 70 characters.
fn excerpt(node: Node<'_>, text: &str) -> String {
    let line = text[node.byte_range()].lines().next().unwrap_or_default();
    line.chars().take(70).collect()
}

fn print_tree(out: &mut impl std::io::Write, tree: &Tree, text: &str) -> Result<(), Failure> {
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        if node.is_named() || node.is_missing() {
            let indent = "  ".repeat(cursor.depth() as usize);
            let field = cursor.field_name().map(|name| format!("{name}: ")).unwrap_or_default();
            let missing = if node.is_missing() { "MISSING " } else { "" };
            let line = node.start_position().row + 1;
            writeln!(out, "{indent}{field}{missing}({})  {line}: {}", node.kind(), excerpt(node, text))?;
        }
        if cursor.goto_first_child() || cursor.goto_next_sibling() {
            continue;
        }
        loop {
            if !cursor.goto_parent() {
                return Ok(());
            }
            if cursor.goto_next_sibling() {
                break;
            }
        }
    }
}

fn print_captures(
    out: &mut impl std::io::Write,
    tree: &Tree,
    text: &str,
    grammar: &tree_sitter::Language,
    source: &str,
) -> Result<(), Failure> {
    let query = Query::new(grammar, source)?;
    let mut cursor = QueryCursor::new();
    let mut captures = cursor.captures(&query, tree.root_node(), text.as_bytes());
    while let Some((found, index)) = captures.next() {
        let capture = found.captures()[*index];
        let (first, last) = (capture.node.start_position().row + 1, capture.node.end_position().row + 1);
        let name = query.capture_names()[capture.index as usize];
        let text = excerpt(capture.node, text);
        writeln!(
            out,
            "pattern {:3}  @{name:<24} {first}-{last}  ({})  {text}",
            found.pattern_index,
            capture.node.kind()
        )?;
    }
    Ok(())
}
