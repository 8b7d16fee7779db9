//! A file's syntax as text, for golden files and for reading.

use std::fmt::Write as _;

use pampax_syntax::FileSyntax;

/// The symbols (indented by container, with their lines and signature, the first line of the doc below), then the chunks.
pub fn render(syntax: &FileSyntax, text: &str) -> String {
    format!("{}{}", render_symbols(syntax, text), render_chunks(syntax))
}

/// One line per symbol: kind, qualified name, lines, signature.
pub fn render_symbols(syntax: &FileSyntax, text: &str) -> String {
    let mut out = String::new();
    let (references, comments) = (syntax.references.len(), syntax.comments.len());
    let _ = writeln!(out, "# {:?}, {references} references, {comments} comments", syntax.parsed);
    for (index, symbol) in syntax.symbols.iter().enumerate() {
        let name = syntax.qualified_name(index as u32);
        let depth = std::iter::successors(symbol.container, |&outer| syntax.symbols[outer as usize].container).count();
        let indent = "  ".repeat(depth);
        let signature: Vec<&str> = text[symbol.signature.range()].split_whitespace().collect();
        let (kind, first, last) = (symbol.kind.name(), symbol.span.start, symbol.span.end);
        let _ = writeln!(out, "{indent}{kind} {name}  {first}-{last}  {}", signature.join(" "));
        if !symbol.doc.is_empty() {
            let doc: Vec<&str> = text[symbol.doc.range()].split_whitespace().collect();
            let _ = writeln!(out, "{indent}    doc: {}", doc.join(" ").chars().take(90).collect::<String>());
        }
    }
    out
}

/// One line per chunk: its lines and the symbol they belong to.
pub fn render_chunks(syntax: &FileSyntax) -> String {
    let mut out = String::from("# chunks\n");
    for chunk in &syntax.chunks {
        let name = chunk.symbol.map_or_else(|| "-".to_owned(), |symbol| syntax.qualified_name(symbol));
        let more = if chunk.first { "" } else { " (continued)" };
        let _ = writeln!(out, "{}-{}  {name}{more}", chunk.span.start, chunk.span.end);
    }
    out
}
