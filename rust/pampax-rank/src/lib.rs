//! Ranking: how several orderings of the same things become one.
//!
//! Everything here works on numbers only. Ids are opaque, scores are plain `f64`, and nothing in this crate has ever seen a
//! path, a token or a file: that is what lets the same code rank hits of a search and the ids of a caller's own index.
//!
//! Three rules hold for every function:
//!
//! * **Deterministic to the bit.** The same input gives the same ids and the same score bits on every machine, whatever the
//!   order in which equivalent inputs are listed. Nothing iterates a hash table, ties are broken by id.
//! * **No panic.** Input that makes no sense is a typed error that names the argument.
//! * **Pure.** No input or output, no clock, no threads, no global state.
//!
//! [`fuse()`] is reciprocal-rank fusion: it needs no calibration between its sources because it looks at ranks alone.
//!
//! ```
//! use pampax_rank::{DEFAULT_K, fuse};
//!
//! let by_words = [7, 3, 9];
//! let by_meaning = [3, 8];
//! let (ids, scores) = fuse(&[&by_words, &by_meaning], None, DEFAULT_K, Some(2))?;
//! assert_eq!(ids, [3, 7]); // 3 is second and first, 7 is first in one list only
//! assert!((scores[0] - (1.0 / 62.0 + 1.0 / 61.0)).abs() < 1e-15);
//! # Ok::<(), pampax_base::Error>(())
//! ```
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod features;
mod fuse;
mod ranker;

pub use features::{FEATURES, Feature, Features};
pub use fuse::{DEFAULT_K, fuse};
pub use ranker::{FORMS, INTENTS, Ranker, Weights};
