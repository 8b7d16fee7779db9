//! Reading and searching a set of vectors.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use memmap2::Mmap;
use pampax_base::{Error, Result};

use crate::codes::{decode, sign_bytes, size_bytes};
use crate::format::{BLOCK_ROWS, Header, Layout, graph_path, map};
use crate::graph::LazyGraph;
use crate::prefetch::prefetch;
use crate::scan::{Best, cosine, dot_rows, inverse_length};
use crate::signs::{GROUP_ROWS, SignQuery, ungroup, ungroup_row};

/// Rows are called for so many before they are compared.
const ROWS_AHEAD: usize = 3;

/// A vector as a set has it.
#[derive(Clone, Debug)]
pub struct CodedVector<'a> {
    pub(crate) signs: Vec<u8>,
    pub(crate) sizes: &'a [u8],
    pub(crate) factor: f32,
    pub(crate) inverse_length: f32,
}

/// An opened set of vectors. Cheap to open (only the tables are read), safe to share between threads.
pub struct VectorSet {
    path: PathBuf,
    mapped: Mmap,
    layout: Layout,
    count: usize,
    dimensions: usize,
    /// Most sets have every chunk of their segment.
    keys_are_rows: bool,
    graph: Option<LazyGraph>,
    /// One bit a block: whether its checksum was found right.
    checked: Vec<AtomicU64>,
    /// Likewise for the signs of a block.
    checked_signs: Vec<AtomicU64>,
}

impl fmt::Debug for VectorSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("VectorSet")
            .field("path", &self.path)
            .field("count", &self.count)
            .field("dimensions", &self.dimensions)
            .field("graph", &self.graph.is_some())
            .finish_non_exhaustive()
    }
}

/// Of so many estimates it is asked at once whether one is large enough.
const LOOKED_AT: usize = 32;

impl VectorSet {
    /// Opens the set at `path` by mapping it into memory. The file, and the graph beside it, must not be changed or cut while
    /// the set is open; removing or replacing them by name is fine.
    ///
    /// [`Error::Io`] if it is not there, [`Error::Corrupt`] if it is not a vector file, is cut short or damaged in its header
    /// or tables, or lacks its graph; [`Error::NewerFormat`] if a newer pampax wrote it.
    pub fn open(path: &Path) -> Result<Self> {
        let mapped = map(path)?;
        let (header, layout) = Header::read(path, &mapped)?;
        let mut set = Self {
            path: path.to_path_buf(),
            count: header.count as usize,
            dimensions: header.dimensions as usize,
            keys_are_rows: false,
            graph: match header.graph_bytes {
                0 => None,
                bytes => Some(LazyGraph::map(graph_path(path), bytes, header.graph_checksum)?),
            },
            checked: bits(layout.blocks),
            checked_signs: bits(layout.blocks),
            mapped,
            layout,
        };
        if !set.keys().is_sorted_by(|left, right| left < right) {
            return Err(Error::corrupt(path, "the keys are not in ascending order"));
        }
        // Keys ascend: the last one is as large as this only if none is missing.
        set.keys_are_rows = set.keys().last().is_none_or(|&last| last as usize + 1 == set.count);
        Ok(set)
    }

    /// How many vectors the set has.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether the set has no vectors.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many dimensions each vector has.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Whether the set has a graph, so that large searches are approximate.
    pub fn has_graph(&self) -> bool {
        self.graph.is_some()
    }

    /// The keys of all vectors, ascending.
    pub fn keys(&self) -> &[u32] {
        bytemuck::cast_slice(&self.mapped[self.layout.keys..self.layout.keys + 4 * self.count])
    }

    /// The vector of `key`, in sixteen levels, or `None` if the set has none; [`Error::Corrupt`] if its block is damaged.
    pub fn get(&self, key: u32) -> Result<Option<Vec<i8>>> {
        let Some(row) = self.row_of(key) else { return Ok(None) };
        let mut room = self.room_for_row();
        self.make_row(row, &mut room)?;
        Ok(Some(room.values))
    }

    /// The vector of `key` as it is kept, for [`crate::VectorSetBuilder::add_coded`]. The same errors.
    pub fn coded(&self, key: u32) -> Result<Option<CodedVector<'_>>> {
        let Some(row) = self.row_of(key) else { return Ok(None) };
        let mut signs = vec![0; sign_bytes(self.dimensions)];
        ungroup_row(self.group(row)?, row % GROUP_ROWS, &mut signs);
        let sizes = self.sizes_of(row)?;
        let (factor, inverse_length) = (self.floats(self.layout.factors)[row], self.inverse_lengths()[row]);
        Ok(Some(CodedVector { signs, sizes, factor, inverse_length }))
    }

    /// The cosine between the vector of `key` and `query`, −1 to 1; 0 if either has no length. `None` if the set has no such
    /// key. [`Error::InvalidInput`] if the query has other dimensions, [`Error::Corrupt`] if the block is damaged.
    pub fn similarity(&self, key: u32, query: &[i8]) -> Result<Option<f32>> {
        self.check_query(query)?;
        let Some(row) = self.row_of(key) else { return Ok(None) };
        Ok(Some(self.cosine_of(row, query, inverse_length(query), &mut self.room_for_row())?))
    }

    /// Calls `visit` with the cosine between `query` and the vector of each of `keys` that the set has, in their order, as
    /// [`Self::similarity`] gives it, in less time. The same errors.
    pub fn similarities(
        &self,
        keys: impl IntoIterator<Item = u32>,
        query: &[i8],
        mut visit: impl FnMut(u32, f32),
    ) -> Result<()> {
        self.check_query(query)?;
        let query_inverse = inverse_length(query);
        let mut room = self.room_for_row();
        let rows: Vec<(u32, usize)> =
            keys.into_iter().filter_map(|key| self.row_of(key).map(|row| (key, row))).collect();
        for (number, &(key, row)) in rows.iter().enumerate() {
            // Rows that lie apart are waited for in memory, one after the other, unless they are called for before.
            if let Some(&(_, ahead)) = rows.get(number + ROWS_AHEAD)
                && ahead / GROUP_ROWS != rows[number + ROWS_AHEAD - 1].1 / GROUP_ROWS
            {
                self.prefetch(ahead);
            }
            visit(key, self.cosine_of(row, query, query_inverse, &mut room)?);
        }
        Ok(())
    }

    /// How many blocks of [`BLOCK_ROWS`] vectors there are; the last one may have fewer.
    pub fn blocks(&self) -> usize {
        self.layout.blocks
    }

    /// Calls `visit` with an estimate of the cosine between `query` and each vector of these blocks, keys ascending, that is not below
    /// `least`, which then is what `visit` gave last: a first pass over very many vectors, from the signs of their values. The estimate
    /// for a vector does not depend on what else is in the set. It is off by some hundredths.
    ///
    /// [`Error::InvalidInput`] if the query has other dimensions, [`Error::Corrupt`] if the signs are damaged.
    pub fn estimate(
        &self,
        query: &SignQuery,
        blocks: Range<usize>,
        mut least: f32,
        mut visit: impl FnMut(u32, f32) -> f32,
    ) -> Result<()> {
        self.check_dimensions(query.dimensions)?;
        let factors = self.floats(self.layout.factors);
        let mut estimates = [0.0; BLOCK_ROWS];
        for block in blocks.start..blocks.end.min(self.layout.blocks) {
            let range = self.rows_of(block);
            query.estimate(self.signs(block)?, &factors[range.clone()], &mut estimates);
            for (start, estimates) in range.clone().step_by(LOOKED_AT).zip(estimates[..range.len()].chunks(LOOKED_AT)) {
                // Nearly always none is. A sum has no way out before the end, so that it takes a few comparisons of whole registers.
                if estimates.iter().map(|&estimate| u32::from(estimate >= least)).sum::<u32>() > 0 {
                    for (row, &estimate) in (start..).zip(estimates) {
                        if estimate >= least {
                            least = visit(self.key_of(row), estimate);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// The `limit` vectors most similar to `query` among those whose key `filter` accepts: pairs of key and cosine, cosine
    /// descending, ties by key ascending.
    ///
    /// Exact if the set has no graph. With a graph some neighbours are missed (2 of 100 at 500,000 rows), unless `filter`
    /// refuses so many that the exact scan is the better way. `filter` is asked only about vectors that would be in the answer.
    ///
    /// [`Error::InvalidInput`] if the query has other dimensions, [`Error::Corrupt`] if what the search reads is damaged.
    pub fn search(&self, query: &[i8], limit: usize, filter: impl Fn(u32) -> bool) -> Result<Vec<(u32, f32)>> {
        self.check_query(query)?;
        let limit = limit.min(self.count);
        match self.search_graph(query, limit, &filter)? {
            Some(found) => Ok(found),
            None => self.scan(query, limit, &filter),
        }
    }

    /// [`Self::search`] by the exact scan alone, whether or not the set has a graph.
    pub fn search_exactly(&self, query: &[i8], limit: usize, filter: impl Fn(u32) -> bool) -> Result<Vec<(u32, f32)>> {
        self.check_query(query)?;
        self.scan(query, limit.min(self.count), &filter)
    }

    /// Reads everything and checks it: all rows, and the graph. [`Error::Corrupt`] names what is damaged.
    pub fn verify(&self) -> Result<()> {
        for block in 0..self.layout.blocks {
            self.sizes(block)?;
            self.signs(block)?;
        }
        if let Some(graph) = &self.graph {
            graph.open(self.count, self.dimensions)?;
        }
        Ok(())
    }

    fn scan(&self, query: &[i8], limit: usize, filter: &impl Fn(u32) -> bool) -> Result<Vec<(u32, f32)>> {
        let mut best = Best::new(limit);
        if limit == 0 {
            return Ok(Vec::new());
        }
        let query_inverse = inverse_length(query);
        let (keys, inverse_lengths) = (self.keys(), self.inverse_lengths());
        let mut dots = [0; BLOCK_ROWS];
        let mut rows = vec![0; BLOCK_ROWS * self.dimensions];
        let mut signs = vec![0; BLOCK_ROWS * sign_bytes(self.dimensions)];
        for block in 0..self.layout.blocks {
            let range = self.rows_of(block);
            let rows = &mut rows[..range.len() * self.dimensions];
            let group_bytes = GROUP_ROWS * sign_bytes(self.dimensions);
            for (group, signs) in self.signs(block)?.chunks_exact(group_bytes).zip(signs.chunks_exact_mut(group_bytes))
            {
                ungroup(group, sign_bytes(self.dimensions), signs);
            }
            decode(&signs, self.sizes(block)?, self.dimensions, rows);
            dot_rows(query, rows, &mut dots);
            for ((&product, &inverse), &key) in dots.iter().zip(&inverse_lengths[range.clone()]).zip(&keys[range]) {
                let similarity = cosine(product, inverse, query_inverse);
                // An equal one is no better: keys ascend, so the one already kept has the smaller key.
                if similarity > best.least() && filter(key) {
                    best.offer(key, similarity);
                }
            }
        }
        Ok(best.into_ranked())
    }

    /// The answer of the graph, or `None` if there is none or too few of what it found pass the filter.
    fn search_graph(
        &self,
        query: &[i8],
        limit: usize,
        filter: &impl Fn(u32) -> bool,
    ) -> Result<Option<Vec<(u32, f32)>>> {
        let Some(graph) = &self.graph else { return Ok(None) };
        // Half of the rows may be refused before the exact scan takes over. The filter is not handed to usearch: a panic in it
        // would have to pass through C++.
        let wanted = limit.saturating_mul(2).saturating_add(32).min(self.count);
        if limit == 0 || limit >= self.count / 8 {
            return Ok(None);
        }
        let query_inverse = inverse_length(query);
        let mut best = Best::new(limit);
        let mut passed = 0;
        let mut room = self.room_for_row();
        for row in graph.open(self.count, self.dimensions)?.search(query, wanted)? {
            let row = row as usize;
            let Some(&key) = self.keys().get(row) else { continue };
            if filter(key) {
                passed += 1;
                best.offer(key, self.cosine_of(row, query, query_inverse, &mut room)?);
            }
        }
        Ok((passed >= limit).then(|| best.into_ranked()))
    }

    fn check_query(&self, query: &[i8]) -> Result<()> {
        self.check_dimensions(query.len())
    }

    fn check_dimensions(&self, dimensions: usize) -> Result<()> {
        if dimensions == self.dimensions {
            return Ok(());
        }
        let detail = format!("{dimensions} dimensions given, this set has {}", self.dimensions);
        Err(Error::InvalidInput { what: "query vector", detail })
    }

    /// The key of a row.
    fn key_of(&self, row: usize) -> u32 {
        // To read it waits for memory.
        if self.keys_are_rows { row as u32 } else { self.keys()[row] }
    }

    /// The row of `key`.
    fn row_of(&self, key: u32) -> Option<usize> {
        if self.keys_are_rows {
            Some(key as usize).filter(|&row| row < self.count)
        } else {
            self.keys().binary_search(&key).ok()
        }
    }

    fn cosine_of(&self, row: usize, query: &[i8], query_inverse: f32, room: &mut Room) -> Result<f32> {
        self.make_row(row, room)?;
        let mut product = [0];
        dot_rows(query, &room.values, &mut product);
        Ok(cosine(product[0], self.inverse_lengths()[row], query_inverse))
    }

    fn room_for_row(&self) -> Room {
        Room {
            signs: vec![0; sign_bytes(self.dimensions)],
            values: vec![0; self.dimensions],
            last_group: usize::MAX,
            whole_group: usize::MAX,
            of_group: Vec::new(),
        }
    }

    /// Makes a row again.
    fn make_row(&self, row: usize, room: &mut Room) -> Result<()> {
        let group = row / GROUP_ROWS;
        // To take a whole group apart costs as much as ten of its rows: the chunks of a file follow one another.
        if group == room.last_group && group != room.whole_group {
            room.of_group.resize(GROUP_ROWS * room.signs.len(), 0);
            ungroup(self.group(row)?, room.signs.len(), &mut room.of_group);
            room.whole_group = group;
        }
        room.last_group = group;
        let sizes = self.sizes_of(row)?;
        if group == room.whole_group {
            let start = row % GROUP_ROWS * room.signs.len();
            decode(&room.of_group[start..start + room.signs.len()], sizes, self.dimensions, &mut room.values);
        } else {
            ungroup_row(self.group(row)?, row % GROUP_ROWS, &mut room.signs);
            decode(&room.signs, sizes, self.dimensions, &mut room.values);
        }
        Ok(())
    }

    /// The signs of the group that has a row.
    fn group(&self, row: usize) -> Result<&[u8]> {
        let bytes = GROUP_ROWS * sign_bytes(self.dimensions);
        Ok(&self.signs(row / BLOCK_ROWS)?[row % BLOCK_ROWS / GROUP_ROWS * bytes..][..bytes])
    }

    /// Asks the processor to bring a row near: its group of signs, and its sizes.
    fn prefetch(&self, row: usize) {
        let (signs, sizes) = (sign_bytes(self.dimensions), size_bytes(self.dimensions));
        let group = &self.mapped[self.layout.signs + row / GROUP_ROWS * GROUP_ROWS * signs..];
        let own = &self.mapped[self.layout.sizes + row * sizes..];
        prefetch(group.as_ptr(), GROUP_ROWS * signs);
        prefetch(own.as_ptr(), sizes);
    }

    /// The sizes of a row.
    fn sizes_of(&self, row: usize) -> Result<&[u8]> {
        let bytes = size_bytes(self.dimensions);
        Ok(&self.sizes(row / BLOCK_ROWS)?[row % BLOCK_ROWS * bytes..][..bytes])
    }

    /// Which rows the block has.
    fn rows_of(&self, block: usize) -> Range<usize> {
        block * BLOCK_ROWS..((block + 1) * BLOCK_ROWS).min(self.count)
    }

    /// The sizes of a block, row after row; their checksum is checked the first time.
    fn sizes(&self, block: usize) -> Result<&[u8]> {
        let (rows, bytes) = (self.rows_of(block), size_bytes(self.dimensions));
        let range = self.layout.sizes + rows.start * bytes..self.layout.sizes + rows.end * bytes;
        self.checked_block(block, range, self.layout.checksums, &self.checked, "vectors")
    }

    /// The signs of a block in groups, likewise.
    fn signs(&self, block: usize) -> Result<&[u8]> {
        let (rows, bytes) = (self.rows_of(block), sign_bytes(self.dimensions));
        let end = rows.end.next_multiple_of(GROUP_ROWS);
        let range = self.layout.signs + rows.start * bytes..self.layout.signs + end * bytes;
        self.checked_block(block, range, self.layout.sign_checksums, &self.checked_signs, "signs of the vectors")
    }

    /// The bytes of a block in one section.
    fn checked_block(
        &self,
        block: usize,
        range: Range<usize>,
        checksums: usize,
        checked: &[AtomicU64],
        what: &str,
    ) -> Result<&[u8]> {
        let bytes = &self.mapped[range];
        let bit = 1_u64 << (block % 64);
        if checked[block / 64].load(Ordering::Relaxed) & bit == 0 {
            let at = checksums + 4 * block;
            if self.mapped[at..at + 4] != crc32fast::hash(bytes).to_le_bytes() {
                let range = self.rows_of(block);
                let detail = format!("the {what} {} to {} do not match their checksum", range.start, range.end);
                return Err(Error::corrupt(&self.path, detail));
            }
            // Relaxed is enough: the bit guards no memory, the worst is that two threads check the same block.
            checked[block / 64].fetch_or(bit, Ordering::Relaxed);
        }
        Ok(bytes)
    }

    fn inverse_lengths(&self) -> &[f32] {
        self.floats(self.layout.inverse_lengths)
    }

    /// One number for each row.
    fn floats(&self, start: usize) -> &[f32] {
        bytemuck::cast_slice(&self.mapped[start..start + 4 * self.count])
    }
}

/// Room for a row that is made again.
struct Room {
    signs: Vec<u8>,
    values: Vec<i8>,
    /// The group of the last row, and the one whose signs are in `of_group`.
    last_group: usize,
    whole_group: usize,
    of_group: Vec<u8>,
}

/// A bit for each of `count` things, none set.
fn bits(count: usize) -> Vec<AtomicU64> {
    (0..count.div_ceil(64)).map(|_| AtomicU64::new(0)).collect()
}
