//! Symbols, references and chunks from tree-sitter grammars.
//!
//! [`Parser::parse`] takes a language and a text and gives a [`FileSyntax`]: the definitions in the file with their
//! containers, signatures and doc comments; the names it uses; its comments; and its chunks, the units of retrieval.
//!
//! What is a definition, a use or a comment is data: one query file per language below `queries/`, described in
//! `queries/README.md`. The code here knows no language. It matches the patterns once over the tree and then works on spans:
//!
//! 1. `limits` refuses text that no grammar should see (NUL bytes, absurd nesting, minified lines) and bounds the work.
//! 2. `tree` writes the nodes of the syntax tree into one list; `matcher` finds in it the patterns that `pattern_text` read
//!    and `pattern` looked up in the grammar. Not tree-sitter's own queries: they take 20 to 490 ms to compile for each
//!    language in each process, and half as long as parsing to run. The files are in their language, and the tests compare.
//! 3. `extract` collects the captures, `query` says what they mean.
//! 4. `outline` makes symbols of them: one per name, containers by byte range, doc comments and attributes attached.
//! 5. `links` makes imports, bindings, routes and configuration keys of them; `chain` reads what stands before a name.
//! 6. `chunk` gives every line to the innermost symbol that makes a chunk and cuts what is long where the tree is
//!    shallow.
//!
//! Three promises, each with a property test:
//!
//! * It never fails. A text that cannot be parsed is cut into chunks by lines, and [`Parsed::Lines`] says why.
//! * Chunks tile the file: every line is in exactly one chunk, also in broken, truncated or foreign text.
//! * The same text gives the same answer, on any machine, whatever the parser read before. Work is bounded by counting
//!   steps; the clock is a backstop far beyond what real files need.
//!
//! Not here: reading files, deciding the language, resolving references to definitions.
//!
//! ```
//! use pampax_base::{Language, SymbolKind};
//! use pampax_syntax::{Parsed, Parser};
//!
//! let text = "class Session:\n    \"\"\"Signs cookies.\"\"\"\n\n    def sign(self, value):\n        return mac(value)\n";
//! let syntax = Parser::new().parse(Some(Language::Python), text);
//! assert_eq!(syntax.parsed, Parsed::Tree);
//!
//! let sign = &syntax.symbols[1];
//! assert_eq!((sign.name.as_str(), sign.kind, sign.container), ("sign", SymbolKind::Method, Some(0)));
//! assert_eq!(&text[sign.signature.range()], "def sign(self, value):");
//! assert_eq!(syntax.qualified_name(1), "Session.sign");
//! assert_eq!(&text[syntax.symbols[0].doc.range()], "\"\"\"Signs cookies.\"\"\"");
//!
//! // The class keeps its header, the method is a chunk of its own.
//! let chunks: Vec<_> = syntax.chunks.iter().map(|chunk| (chunk.span.start, chunk.span.end, chunk.symbol)).collect();
//! assert_eq!(chunks, [(1, 3, Some(0)), (4, 5, Some(1))]);
//! assert_eq!(&text[syntax.references[0].name.range()], "mac");
//! ```
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod chain;
mod chunk;
mod extract;
mod grammars;
mod limits;
mod lines;
mod links;
mod matcher;
mod outline;
mod parser;
mod pattern;
mod pattern_text;
mod query;
mod syntax;
mod tree;

pub use chain::{chain_before, receiver_before};
pub use grammars::{QuerySource, grammar, has_edge_queries, query_sources};
pub use parser::Parser;
pub use syntax::{Binding, Chunk, FileSyntax, Import, Mark, Parsed, Reference, Symbol};
