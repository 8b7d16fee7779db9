//! Symbols, references and chunks from tree-sitter grammars.
#![forbid(unsafe_code)]

mod chunk;
mod extract;
mod grammars;
mod limits;
mod lines;
mod nesting;
mod outline;
mod parser;
mod query;
mod syntax;

pub use grammars::{QuerySource, grammar, query_sources};
pub use parser::Parser;
pub use syntax::{Chunk, FileSyntax, Parsed, Reference, Symbol};
