//! What parsing a file gives.

use pampax_base::{ByteSpan, LineSpan, ReferenceKind, SymbolKind};

/// A definition: a function, a class, a constant, a heading, a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// The bare name (`search`): no container, no quotes. For a heading its text, for a key the key.
    pub name: String,
    /// The name of what it belongs to where that does not stand around it: the type of a Go method's receiver, what stands
    /// before the name in `void Session::save()`. Empty for all others.
    pub qualifier: String,
    /// What kind of definition it is.
    pub kind: SymbolKind,
    /// Index into [`FileSyntax::symbols`] of the symbol that encloses it; always smaller than its own index.
    pub container: Option<u32>,
    /// Its lines, with the doc comments, attributes and decorators that belong to it.
    pub span: LineSpan,
    /// The bytes of the same text as `span`, from the first doc comment or attribute to the end of the body.
    pub bytes: ByteSpan,
    /// The line on which the name stands; the first line of its span if the name does not stand in the text.
    pub name_line: u32,
    /// The byte at which the name stands; 0 if the name does not stand in the text (`export default () => 1`).
    pub name_start: u32,
    /// The head of the declaration without the body: `def search(self, query, limit=10):`. May span several lines.
    pub signature: ByteSpan,
    /// Its doc comment or docstring; empty if it has none.
    pub doc: ByteSpan,
}

/// A use of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Where the name stands; for `a.b.save(x)` the bytes of `save`, for an import path without its quotes.
    pub name: ByteSpan,
    /// What the use does with the name.
    pub kind: ReferenceKind,
    /// The line of the name, 1-based.
    pub line: u32,
}

/// The unit of retrieval: one symbol's own lines, or a run of top-level lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Its lines.
    pub span: LineSpan,
    /// Its bytes: whole lines, with their line ends.
    pub bytes: ByteSpan,
    /// The innermost symbol whose own lines these are; `None` for top-level lines.
    pub symbol: Option<u32>,
    /// Whether this is the first chunk of its symbol (a long body is split into several). Always true without a symbol.
    pub first: bool,
}

/// How a file was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// The grammar read all of it.
    Tree,
    /// The grammar read it but for some places, which it skipped.
    TreeWithErrors,
    /// It was cut into chunks by lines only, for the reason given: `"no grammar"`, `"too slow"`, `"too deep"`,
    /// `"too large"`, `"long lines"` (minified), `"contains NUL"`, `"no query"`.
    Lines(&'static str),
}

/// All that is known about one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSyntax {
    /// Its definitions, in the order in which they begin; a container comes before its members.
    pub symbols: Vec<Symbol>,
    /// Its uses of names, in file order.
    pub references: Vec<Reference>,
    /// All comments and docstrings, sorted, without overlap.
    pub comments: Vec<ByteSpan>,
    /// Its chunks. They tile the file: sorted, no gap, no overlap, from line 1 and byte 0 to the last line and byte.
    pub chunks: Vec<Chunk>,
    /// How it was read.
    pub parsed: Parsed,
}

impl FileSyntax {
    /// The name of a symbol with those of its containers before it, joined by a dot: `Session.sign`. Empty for an index
    /// that is out of range.
    pub fn qualified_name(&self, symbol: u32) -> String {
        let mut names = Vec::new();
        let mut next = Some(symbol);
        while let Some(symbol) = next.and_then(|index| self.symbols.get(index as usize)) {
            names.push(symbol.name.as_str());
            names.extend((!symbol.qualifier.is_empty()).then_some(symbol.qualifier.as_str()));
            next = symbol.container;
        }
        names.reverse();
        names.join(".")
    }
}
