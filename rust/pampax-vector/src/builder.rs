//! Writing a set of vectors.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use pampax_base::{Error, Result};

use crate::codes::{decode, encode, sign_bytes, size_bytes};
use crate::format::{ALIGNMENT, BLOCK_ROWS, Header, Layout, MAX_DIMENSIONS, graph_path};
use crate::graph;
use crate::scan::inverse_length;
use crate::set::CodedVector;
use crate::signs;

/// Gathers the vectors of one segment and writes them as a file.
///
/// Holds half a byte for each dimension of a vector, and 12 bytes more. Where a graph is built, usearch holds a second copy
/// of the vectors and the edges meanwhile (together 400 bytes for each vector of 256 dimensions in the file).
#[derive(Clone, Debug)]
pub struct VectorSetBuilder {
    dimensions: usize,
    keys: Vec<u32>,
    signs: Vec<u8>,
    sizes: Vec<u8>,
    factors: Vec<f32>,
    inverse_lengths: Vec<f32>,
    graph_from: usize,
}

/// What [`VectorSetBuilder::write`] wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// How many vectors.
    pub count: usize,
    /// Length of the vector file in bytes.
    pub bytes: u64,
    /// Length of the graph file beside it in bytes; 0 if it has none.
    pub graph_bytes: u64,
}

impl VectorSetBuilder {
    /// A builder of vectors with this many dimensions: 1 to [`MAX_DIMENSIONS`], otherwise [`Error::InvalidInput`].
    pub fn new(dimensions: usize) -> Result<Self> {
        if !(1..=MAX_DIMENSIONS).contains(&dimensions) {
            let detail = format!("{dimensions} given, 1 to {MAX_DIMENSIONS} accepted");
            return Err(Error::InvalidInput { what: "dimensions", detail });
        }
        Ok(Self {
            dimensions,
            keys: Vec::new(),
            signs: Vec::new(),
            sizes: Vec::new(),
            factors: Vec::new(),
            inverse_lengths: Vec::new(),
            graph_from: usize::MAX,
        })
    }

    /// Builds a graph if there are at least `count` vectors; without this there is none.
    #[must_use]
    pub fn graph_from(mut self, count: usize) -> Self {
        self.graph_from = count;
        self
    }

    /// Adds the vector of the chunk `key`. Any order of keys is accepted, ascending is fastest; a key that comes twice makes
    /// [`Self::write`] fail. A vector of another length is [`Error::InvalidInput`].
    pub fn add(&mut self, key: u32, vector: &[i8]) -> Result<()> {
        if vector.len() != self.dimensions {
            let detail = format!("{} dimensions given, this set has {}", vector.len(), self.dimensions);
            return Err(Error::InvalidInput { what: "vector", detail });
        }
        self.keys.push(key);
        let (first_sign, first_size) = (self.signs.len(), self.sizes.len());
        self.signs.resize(first_sign + sign_bytes(self.dimensions), 0);
        self.sizes.resize(first_size + size_bytes(self.dimensions), 0);
        let (signs, sizes) = (&mut self.signs[first_sign..], &mut self.sizes[first_size..]);
        self.factors.push(encode(vector, signs, sizes));
        let mut made = vec![0; self.dimensions];
        decode(signs, sizes, self.dimensions, &mut made);
        let is_zero = vector.iter().all(|&value| value == 0);
        self.inverse_lengths.push(if is_zero { 0.0 } else { inverse_length(&made) });
        Ok(())
    }

    /// Adds the vector of the chunk `key` as another set of the same dimensions has it ([`crate::VectorSet::coded`]): it stays the
    /// same to the bit, however often it is copied.
    pub fn add_coded(&mut self, key: u32, vector: &CodedVector<'_>) -> Result<()> {
        if vector.signs.len() != sign_bytes(self.dimensions) || vector.sizes.len() != size_bytes(self.dimensions) {
            let detail = format!("its code is not that of {} dimensions", self.dimensions);
            return Err(Error::InvalidInput { what: "vector", detail });
        }
        self.keys.push(key);
        self.signs.extend_from_slice(&vector.signs);
        self.sizes.extend_from_slice(vector.sizes);
        self.factors.push(vector.factor);
        self.inverse_lengths.push(vector.inverse_length);
        Ok(())
    }

    /// Memory held now, in bytes, about.
    pub fn memory_bytes(&self) -> usize {
        self.signs.len() + self.sizes.len() + 12 * self.keys.len()
    }

    /// How many vectors were added.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether none was added.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Writes the set to `path` (and its graph to `path` with `.hnsw` appended) and flushes both to the disk. The same vectors
    /// give the same bytes, in whatever order they were added.
    ///
    /// [`Error::InvalidInput`] if a key was added twice; otherwise only what the system reports.
    pub fn write(self, path: &Path) -> Result<Written> {
        self.write_while(path, &|| true)
    }

    /// [`Self::write`] that asks `keep_going` every 32 vectors (20 to 60 ms) while it builds a graph, and stops with
    /// [`Error::Cancelled`] when the answer is no.
    pub fn write_while(mut self, path: &Path, keep_going: &dyn Fn() -> bool) -> Result<Written> {
        self.sort()?;
        let count = self.keys.len();
        let layout = Layout::of(count, self.dimensions)
            .ok_or_else(|| Error::internal("lay out a vector file", "too many vectors"))?;
        let graph = graph_path(path);
        let (graph_bytes, graph_checksum) = if count > 0 && count >= self.graph_from {
            let mut rows = vec![0; count * self.dimensions];
            decode(&self.signs, &self.sizes, self.dimensions, &mut rows);
            graph::write(&graph, self.dimensions, &rows, keep_going)?
        } else {
            (0, 0)
        };
        let groups = signs::group(&self.signs, sign_bytes(self.dimensions));
        let tables = self.tables(&layout, &groups);
        let header = Header {
            dimensions: self.dimensions as u32,
            count: count as u64,
            tables_checksum: crc32fast::hash(&tables),
            graph_bytes,
            graph_checksum,
        };
        let mut out = BufWriter::new(File::create(path).map_err(Error::io("create", path))?);
        let mut put = |bytes: &[u8]| out.write_all(bytes).map_err(Error::io("write", path));
        put(&header.to_bytes(layout.end as u64))?;
        put(&tables)?;
        put(&groups)?;
        put(&self.sizes)?;
        let file = out.into_inner().map_err(|error| Error::io("write", path)(error.into_error()))?;
        file.sync_all().map_err(Error::io("flush", path))?;
        if graph_bytes == 0 {
            remove_if_there(&graph)?;
        }
        Ok(Written { count, bytes: layout.end as u64, graph_bytes })
    }

    /// Brings the vectors into the order of their keys.
    fn sort(&mut self) -> Result<()> {
        if !self.keys.is_sorted() {
            let mut order: Vec<(u32, usize)> = self.keys.iter().copied().zip(0..).collect();
            order.sort_unstable();
            let reordered = |all: &[u8], bytes: usize| {
                order.iter().flat_map(|&(_, from)| &all[from * bytes..(from + 1) * bytes]).copied().collect::<Vec<u8>>()
            };
            self.signs = reordered(&self.signs, sign_bytes(self.dimensions));
            self.sizes = reordered(&self.sizes, size_bytes(self.dimensions));
            self.factors = order.iter().map(|&(_, from)| self.factors[from]).collect();
            self.inverse_lengths = order.iter().map(|&(_, from)| self.inverse_lengths[from]).collect();
            self.keys = order.into_iter().map(|(key, _)| key).collect();
        }
        match self.keys.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(twice) => Err(Error::InvalidInput { what: "key", detail: format!("{} was added twice", twice[0]) }),
            None => Ok(()),
        }
    }

    /// Everything between the header and the signs, which are laid out as `groups`.
    fn tables(&self, layout: &Layout, groups: &[u8]) -> Vec<u8> {
        let mut tables = vec![0; layout.signs - ALIGNMENT];
        let mut put = |at: usize, value: [u8; 4]| tables[at - ALIGNMENT..at - ALIGNMENT + 4].copy_from_slice(&value);
        for (number, key) in self.keys.iter().enumerate() {
            put(layout.keys + 4 * number, key.to_le_bytes());
        }
        for (number, inverse) in self.inverse_lengths.iter().enumerate() {
            put(layout.inverse_lengths + 4 * number, inverse.to_le_bytes());
        }
        for (number, block) in self.sizes.chunks(BLOCK_ROWS * size_bytes(self.dimensions)).enumerate() {
            put(layout.checksums + 4 * number, crc32fast::hash(block).to_le_bytes());
        }
        for (number, factor) in self.factors.iter().enumerate() {
            put(layout.factors + 4 * number, factor.to_le_bytes());
        }
        for (number, block) in groups.chunks(BLOCK_ROWS * sign_bytes(self.dimensions)).enumerate() {
            put(layout.sign_checksums + 4 * number, crc32fast::hash(block).to_le_bytes());
        }
        tables
    }
}

/// Removes the graph that an earlier, larger set may have left under the same name.
fn remove_if_there(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io("remove", path)(error)),
        _ => Ok(()),
    }
}
