//! The words every other crate of pampax speaks: languages, spans, symbol kinds and errors.
//!
//! This crate has no heavy dependency and no behaviour beyond naming things. It exists so that the parser, the store, the
//! word index and the ranker can exchange facts about a file without knowing each other.
//!
//! * [`Language`] says what a file is written in, decided by its path (and, for scripts, its first line).
//! * [`LineSpan`] is a range of lines as people count them: 1-based, both ends included.
//! * [`ByteSpan`] is a range of bytes as the machine counts them: 0-based, end excluded.
//! * [`SymbolKind`] and [`ReferenceKind`] name definitions and uses.
//! * [`with_crew`] has short pieces of work shared between threads.
//! * [`map_file`] opens an immutable file of the store as memory.
//! * [`Error`] is the one error type of the Rust side; every variant carries the path and the operation it failed in.
//!
//! ```
//! use pampax_base::{Language, LineSpan};
//! assert_eq!(Language::from_path("src/main.rs"), Some(Language::Rust));
//! let span = LineSpan::new(3, 7);
//! assert_eq!(span.len(), 5);
//! assert!(span.overlaps(LineSpan::new(7, 9)));
//! ```
#![deny(missing_docs)]

mod crew;
mod error;
mod language;
mod mapped;
mod memory;
mod span;
mod symbol;

pub use crew::{Crew, with_crew};
pub use error::{Error, Result};
pub use language::Language;
pub use mapped::map_file;
pub use memory::{GivesBackMemory, bound_allocator, give_back_memory};
pub use span::{ByteSpan, LineSpan};
pub use symbol::{ReferenceKind, SymbolKind};

/// Folders in which version control keeps its own files: what is in them is neither indexed nor watched.
pub const CONTROL_FOLDERS: [&str; 5] = [".git", ".hg", ".svn", ".jj", ".bzr"];
