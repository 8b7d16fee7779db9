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
    /// The innermost symbol in which it stands.
    pub symbol: Option<u32>,
    /// Where the name stands; for `a.b.save(x)` the bytes of `save`, for an import path without its quotes.
    pub name: ByteSpan,
    /// What the use does with the name.
    pub kind: ReferenceKind,
    /// The line of the name, 1-based.
    pub line: u32,
}

/// What a file takes from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The module as it is written, without quotes: `..models`, `./session`, `java.util.List`, `crate::store::Store`.
    pub module: String,
    /// The name taken from the module: empty for the module itself, `*` for all it has, `default` for its default export.
    pub name: String,
    /// The name under which it is known in this file; empty if that is its own.
    pub alias: String,
    /// The line, 1-based.
    pub line: u32,
    /// Whether this file hands it on as its own.
    pub exports: bool,
}

/// What the text shows of the type of a variable, a parameter, a field, or of what a function returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The variable or field; the function, if it tells what is returned.
    pub name: String,
    /// Its type, or the chain of the expression it was made by: see [`crate::chain_before`].
    pub of: String,
    /// Whether `of` is a type rather than an expression.
    pub is_type: bool,
    /// Where it holds: a function for its variables and parameters, a type for its fields, the function itself for what it
    /// returns; `None` for the whole file.
    pub symbol: Option<u32>,
    /// Whether it tells what the function `symbol` returns.
    pub returns: bool,
}

/// A place that ties code to a name outside of it: a route of a server, a key of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Whether it is a route; else it reads a key of the configuration.
    pub is_route: bool,
    /// The path of the route, or the key.
    pub text: String,
    /// The method of the route in capitals, if the text names one.
    pub method: String,
    /// The chain that names the handler of a route; empty if that is the symbol in which it stands.
    pub handler: String,
    /// The innermost symbol in which it stands.
    pub symbol: Option<u32>,
    /// The line, 1-based.
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
    /// What it takes from other files, in file order.
    pub imports: Vec<Import>,
    /// What the text shows of types, in file order.
    pub bindings: Vec<Binding>,
    /// Its routes and its uses of configuration keys, in file order.
    pub marks: Vec<Mark>,
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
