//! Which files can a regular expression match in?
//!
//! A match of `static inline .*kref_get` holds the bytes `kref_get`, hence the trigrams (three bytes in a row) `kre`, `ref`,
//! `ef_`, … A file that lacks one of them has no match and need not be opened. This crate keeps, for the entries of one
//! segment, which trigrams they hold, and turns an expression into a condition over trigrams; see Russ Cox, "Regular
//! Expression Matching with a Trigram Index" (2012). What passes the condition is a *candidate*: only reading the file says
//! whether there is a match.
//!
//! * [`TrigramsBuilder`] takes the bytes of one entry after the other and writes the file; [`merge`] makes one file of several
//!   without seeing any text again.
//! * [`plan`] gives the condition of an expression, [`Trigrams::candidates`] the entries that meet it.
//!
//! What is indexed, and why an answer never lacks a match:
//!
//! * Matches are looked for within lines, so no trigram with a line feed is kept, and none is asked for.
//! * ASCII letters are folded to lower case, in the file and in the condition. So one index serves both kinds of search. All
//!   other bytes stay as they are: what equals `é` or `k` when case is ignored (`É`, the Kelvin sign) is spelled out by the
//!   parser of expressions, and becomes an alternative of the condition.
//! * Entries whose trigrams are not known (their bytes are not what a search reads, or an older segment lacks them) are always
//!   candidates: [`TrigramsBuilder::skip`].
//!
//! How it lies on disk: the postings of a trigram are the sorted numbers of its entries. They are written by binary
//! interpolative coding (Moffat and Stuiver, 2000; `bits.rs`): the middle number first, in as few bits as its bounds allow, then
//! each half within the bounds it now has. Runs cost next to nothing, and a trigram that every entry has costs nothing at all,
//! so neither bitmaps nor complements are needed. A dictionary in blocks of 64 trigrams stands beside them, so that a look-up
//! is a binary search in the mapped file and a walk over one block.
//!
//! ```
//! use pampax_trigram::{Syntax, Trigrams, TrigramsBuilder, plan};
//! let folder = tempfile::tempdir().unwrap();
//! let path = folder.path().join("trigrams");
//! let mut builder = TrigramsBuilder::new();
//! builder.add(b"fn open(path: &Path) -> Socket");
//! builder.add(b"class OpenFile:");
//! builder.finish(&path).unwrap();
//!
//! let trigrams = Trigrams::open(&path, 2).unwrap();
//! let syntax = Syntax { ignore_case: true, ..Syntax::default() };
//! let condition = plan("open *file", &syntax).unwrap();
//! assert_eq!(trigrams.candidates(&condition).unwrap(), Some(vec![1]));
//! // Nothing in `.+` says which files to leave out: all are candidates.
//! assert_eq!(trigrams.candidates(&plan(".+", &syntax).unwrap()).unwrap(), None);
//! ```
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod bits;
mod build;
mod condition;
mod file;
mod merge;
mod plan;
mod strings;
mod write;

pub use build::TrigramsBuilder;
pub use condition::Condition;
pub use file::Trigrams;
pub use merge::merge;
pub use plan::{Syntax, plan};

/// Three bytes in a row, the first one highest, ASCII letters in lower case.
pub(crate) type Trigram = u32;

/// The trigram of three bytes.
pub(crate) fn trigram(bytes: [u8; 3]) -> Trigram {
    bytes.into_iter().fold(0, next_trigram)
}

/// The trigram that ends with `byte` and begins with the last two bytes of the one before.
pub(crate) fn next_trigram(before: Trigram, byte: u8) -> Trigram {
    (before << 8 | u32::from(byte.to_ascii_lowercase())) & 0xff_ffff
}
