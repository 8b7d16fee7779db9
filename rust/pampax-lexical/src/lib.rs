//! BM25 over several fields of chunks, on tantivy's postings.
//!
//! A *words file* is one immutable tantivy segment packed into a single file: its document numbers are the chunk numbers of
//! the store's segment with the same name, so that nothing has to be stored beside the postings. [`WordsBuilder`] writes
//! one, [`WordsFile`] opens one from memory-mapped bytes, [`Scorer`] scores a query over several of them at once.
//!
//! tantivy gives the term dictionary, the compressed postings and the length norms. Scoring is done here, term by term,
//! because three things are needed that a collector over tantivy's own scorers does not give:
//!
//! * every field on its own, as features for the ranker, for chunks and for whole files at once, in one pass;
//! * statistics of the *view* (the entries one worktree sees), not of everything the store holds, so that an index built by
//!   a hundred edits scores exactly as a clean one;
//! * sums in a fixed order, so that the same query gives the same bits whatever the segments are.
//!
//! Not here: which chunks are alive, where they are, how features become a rank.
//!
//! ```
//! use pampax_lexical::{ChunkWords, WordsBuilder, WordsFile};
//! let folder = tempfile::tempdir().unwrap();
//! let path = folder.path().join("words");
//! let mut builder = WordsBuilder::new(|text, visit| text.split(' ').for_each(visit)).unwrap();
//! builder.add(&ChunkWords { body: "fn open_store() {}", names: "open_store", ..ChunkWords::default() }).unwrap();
//! builder.finish(&path).unwrap();
//! let words = WordsFile::open(&path).unwrap();
//! assert_eq!(words.chunks(), 1);
//! ```
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod alive;
mod block;
mod build;
mod field;
mod packed;
mod rows;
mod score;
mod scores;
mod share;
mod slice;
mod words;

pub use alive::Alive;
pub use build::{ChunkWords, Split, WordsBuilder, merge};
pub use field::{Field, Lengths};
pub use score::{Part, QueryTerm, Scorer, Statistics};
pub use scores::{ChunkScore, EntryScore, Scores};
pub use words::WordsFile;
