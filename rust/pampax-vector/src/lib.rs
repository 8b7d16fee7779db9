//! Nearest neighbours among int8 vectors: the only crate that names usearch.
//!
//! A segment of the store keeps the vectors of its chunks in one immutable file, made by [`VectorSetBuilder`] and read by
//! [`VectorSet`]. A vector is known by its chunk's number in the segment (`key`). Two vectors are compared by the cosine of
//! the angle between them, so the scale at which each of them was rounded to int8 does not matter. A set keeps four bits of each
//! value (`codes.rs`): on the labelled questions of 20 repositories that ranks as well as eight, in half the room.
//!
//! # Three ways to search
//! The **exact scan** reads every row, as it is kept. It is one integer dot product a row, which the compiler turns into vector
//! instructions, and it goes as fast as memory delivers. The **first pass** ([`VectorSet::estimate`]) reads
//! the signs alone and estimates every cosine (`signs.rs`); who searches compares the few thousand best exactly. The **HNSW graph** (usearch) reads a few thousand rows and is
//! built only on request: its build takes minutes, and of the neighbours of questions in English it misses one in eight
//! (figures in `graph.rs`). The graph is asked for somewhat more than twice as many rows as are wanted; if too few of them
//! pass the filter, or an eighth of all rows is wanted, the exact scan is made instead. Whichever way was taken, the
//! similarities returned are computed from the rows themselves, so they are the same numbers.
//!
//! # The file
//! Little endian; every section starts at a multiple of 64 bytes.
//!
//! | section | content |
//! |---|---|
//! | header, 64 bytes | magic, version, dimensions, count, file length, checksum of the tables, length and checksum of the graph file, checksum of the header |
//! | keys | `u32` each, strictly ascending |
//! | inverse lengths | `f32` each: 1 / the Euclidean length of the row, 0 for a row of zeros |
//! | factors | `f32` each: the length of the row divided by the dot product of the row and its signs |
//! | checksums | CRC-32 of the sizes of each block of [`BLOCK_ROWS`] rows |
//! | checksums of signs | CRC-32 of the signs of each such block |
//! | signs | one bit a dimension, a multiple of 32 bytes for each row, in groups of 32 rows |
//! | sizes | three bits a dimension, likewise, row by row: with them a row is made again in sixteen levels |
//!
//! The graph, if there is one, lies beside it in a file of the same name with `.hnsw` appended, as usearch writes it.
//!
//! Opening checks the header, the file's length and the tables. A block of signs or sizes is checked when it is first touched, and
//! the graph before usearch sees it, because usearch trusts what it reads. So damage is an [`Error::Corrupt`], never a
//! wrong answer, and opening does not read what a search does not need. [`VectorSet::verify`] checks everything at once.
//!
//! ```
//! use pampax_vector::{VectorSet, VectorSetBuilder};
//! # fn main() -> pampax_base::Result<()> {
//! let folder = tempfile::tempdir().map_err(pampax_base::Error::io("make", "a folder"))?;
//! let path = folder.path().join("segment.vectors");
//! let mut builder = VectorSetBuilder::new(4)?;
//! builder.add(7, &[127, 0, 0, 0])?;
//! builder.add(9, &[90, 90, 0, 0])?;
//! builder.write(&path)?;
//!
//! let set = VectorSet::open(&path)?;
//! let nearest = set.search(&[100, 10, 0, 0], 1, |_| true)?;
//! assert_eq!(nearest[0].0, 7);
//! assert!(nearest[0].1 > 0.99);
//! # Ok(())
//! # }
//! ```
//!
//! [`Error::Corrupt`]: pampax_base::Error::Corrupt
#![deny(missing_docs)]

mod builder;
mod codes;
mod format;
mod graph;
mod prefetch;
mod scan;
mod set;
mod signs;

pub use builder::{VectorSetBuilder, Written};
pub use format::{BLOCK_ROWS, FORMAT_VERSION, MAX_DIMENSIONS};
pub use set::{CodedVector, VectorSet};
pub use signs::SignQuery;

#[cfg(not(target_endian = "little"))]
compile_error!("the sections of a vector file are read in place and are little endian");
