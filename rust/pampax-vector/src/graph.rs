//! The HNSW graph: usearch, kept behind two functions and a type.
//!
//! Measured on one core of an AMD EPYC with vectors of real chunks (256 dimensions, the packaged model) and 400 first
//! sentences of doc comments as questions, the 50 nearest, by `pampax-engine/examples/measure_vectors.rs`:
//!
//! | rows | exact scan | graph | recall | graph build | graph file | first pass over two bits, 600 compared | recall | codes |
//! |---|---|---|---|---|---|---|---|---|
//! | 100,000 | 1.9 ms | 0.51 ms | 0.893 | 36 s | 40 MB | 0.83 ms | 0.9998 | 7 MB |
//! | 500,000 | 13.5 ms | 0.63 ms | 0.869 | 169 s | 202 MB | 2.96 ms | 0.9996 | 34 MB |
//!
//! (At 500,000 rows the times of scan and first pass are the least of 400, as the machine was busy.) Questions lie apart
//! from code, which is what a graph over code is worst at. Its answers also depend on which rows share a graph, and so on how
//! the store is cut. So no graph is built unless it is asked for, and the engine does not ask.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};

use memmap2::Mmap;
use pampax_base::{Error, Result};
use usearch::{Index, IndexOptions, MetricKind, ScalarKind};

use crate::format::map;

/// Edges a node keeps in each layer; twice as many in the lowest. The default of usearch.
const CONNECTIVITY: usize = 16;

/// Candidates kept while a row is inserted.
const EXPANSION_ADD: usize = 128;

/// Candidates kept during a search. Half as many lose one neighbour in 200 to 300 more, twice as many double the time.
const EXPANSION_SEARCH: usize = 128;

/// How many rows are inserted between two questions whether to stop: 20 to 60 ms.
const ROWS_BETWEEN_CHECKS: usize = 32;

fn new_index(dimensions: usize) -> Result<Index> {
    Index::new(&IndexOptions {
        dimensions,
        metric: MetricKind::Cos,
        quantization: ScalarKind::I8,
        connectivity: CONNECTIVITY,
        expansion_add: EXPANSION_ADD,
        expansion_search: EXPANSION_SEARCH,
        multi: false,
    })
    .map_err(|error| Error::internal("make a vector graph", error))
}

/// Builds the graph of `rows` and writes it to `path`; gives the file's length and its CRC-32. The nodes are known by their
/// row numbers. One thread inserts the rows in order, so the same rows give the same file.
pub(crate) fn write(path: &Path, dimensions: usize, rows: &[i8], keep_going: &dyn Fn() -> bool) -> Result<(u64, u32)> {
    let index = new_index(dimensions)?;
    let failed = |error| Error::internal("build a vector graph", error);
    index.reserve_capacity_and_threads(rows.len() / dimensions, 1).map_err(failed)?;
    for (number, row) in rows.chunks_exact(dimensions).enumerate() {
        if number % ROWS_BETWEEN_CHECKS == 0 && !keep_going() {
            return Err(Error::Cancelled);
        }
        index.add(number as u64, row).map_err(failed)?;
    }
    if let Some(name) = path.to_str().filter(|name| name.is_ascii()) {
        index.save(name).map_err(|error| Error::internal("write a vector graph", error))?;
    } else {
        // usearch hands the name to the C library, whose encoding of names is not known.
        let mut bytes = vec![0; index.serialized_length()];
        index.save_to_buffer(&mut bytes).map_err(|error| Error::internal("write a vector graph", error))?;
        fs::write(path, bytes).map_err(Error::io("write", path))?;
    }
    let file = File::options().read(true).write(true).open(path).map_err(Error::io("open", path))?;
    file.sync_all().map_err(Error::io("flush", path))?;
    let mapped = map(path)?;
    Ok((mapped.len() as u64, crc32fast::hash(&mapped)))
}

/// A graph opened for searching.
pub(crate) struct Graph {
    // Declared before the mapping that it reads from, so that it is dropped first.
    index: Index,
    _mapped: Mmap,
    seats: Seats,
}

impl Graph {
    /// Opens the graph at `path` if it has the `checksum` and belongs to `count` rows of `dimensions`.
    pub fn open(path: &Path, mapped: Mmap, checksum: u32, count: usize, dimensions: usize) -> Result<Self> {
        if crc32fast::hash(&mapped) != checksum {
            return Err(Error::corrupt(path, "the vector graph does not match its checksum"));
        }
        let unreadable = |error| Error::corrupt(path, format!("usearch cannot read this vector graph: {error}"));
        let index = new_index(dimensions)?;
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        index.reserve_capacity_and_threads(1, threads).map_err(unreadable)?;
        #[expect(unsafe_code, reason = "the bytes are those usearch wrote, and their mapping outlives the index")]
        unsafe { index.view_from_buffer(&mapped) }.map_err(unreadable)?;
        if index.size() != count || index.dimensions() != dimensions {
            return Err(Error::corrupt(path, "the vector graph belongs to other vectors"));
        }
        index.change_expansion_search(EXPANSION_SEARCH);
        Ok(Self { index, _mapped: mapped, seats: Seats::new(threads) })
    }

    /// The numbers of about `wanted` rows near `query`, in no promised order.
    pub fn search(&self, query: &[i8], wanted: usize) -> Result<Vec<u64>> {
        let _seat = self.seats.take();
        let matches =
            self.index.search(query, wanted).map_err(|error| Error::internal("search a vector graph", error))?;
        Ok(matches.keys)
    }
}

/// usearch refuses a search when more threads search at once than were reserved; here they wait instead.
struct Seats {
    free: Mutex<usize>,
    freed: Condvar,
}

impl Seats {
    fn new(count: usize) -> Self {
        Self { free: Mutex::new(count), freed: Condvar::new() }
    }

    fn take(&self) -> Seat<'_> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free == 0 {
            free = self.freed.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= 1;
        Seat(self)
    }
}

struct Seat<'a>(&'a Seats);

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}

/// The graph of a set: not there, or opened (and checked) when it is first searched.
pub(crate) struct LazyGraph {
    path: PathBuf,
    checksum: u32,
    state: Mutex<State>,
}

enum State {
    Mapped(Mmap),
    Open(std::sync::Arc<Graph>),
    Damaged(String),
}

impl LazyGraph {
    /// Maps the graph at `path`, which must have `bytes` bytes; does not read it.
    pub fn map(path: PathBuf, bytes: u64, checksum: u32) -> Result<Self> {
        let mapped = map(&path)?;
        if mapped.len() as u64 != bytes {
            let detail = format!("the vector graph has {} bytes where {bytes} were written", mapped.len());
            return Err(Error::corrupt(&path, detail));
        }
        Ok(Self { path, checksum, state: Mutex::new(State::Mapped(mapped)) })
    }

    /// The graph, checked and opened by the first call.
    pub fn open(&self, count: usize, dimensions: usize) -> Result<std::sync::Arc<Graph>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let found = std::mem::replace(&mut *state, State::Damaged("it could not be opened".to_owned()));
        let outcome = match found {
            State::Open(graph) => Ok(graph),
            State::Damaged(detail) => Err(Error::corrupt(&self.path, detail)),
            State::Mapped(mapped) => {
                Graph::open(&self.path, mapped, self.checksum, count, dimensions).map(std::sync::Arc::new)
            }
        };
        *state = match &outcome {
            Ok(graph) => State::Open(graph.clone()),
            Err(Error::Corrupt { detail, .. }) => State::Damaged(detail.clone()),
            Err(error) => State::Damaged(error.to_string()),
        };
        outcome
    }
}
