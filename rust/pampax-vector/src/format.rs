//! The header and the layout of a vector file.

use std::fs::File;
use std::path::{Path, PathBuf};

use memmap2::Mmap;
use pampax_base::{Error, Result};

use crate::codes::{sign_bytes, size_bytes};
use crate::signs::GROUP_ROWS;

/// The version of the file this build writes, and the only one it reads.
pub const FORMAT_VERSION: u32 = 4;

/// The most dimensions a vector may have. A dot product of this many int8 values still fits an `i32` by far.
pub const MAX_DIMENSIONS: usize = 8192;

/// How many rows share one checksum: 64 KiB at 256 dimensions once they are made again, so that a block is still in the cache when, right after its
/// check, its dot products are computed.
pub const BLOCK_ROWS: usize = 256;

/// The length of the header in bytes, and what every section's start is a multiple of.
pub(crate) const ALIGNMENT: usize = 64;

const MAGIC: [u8; 8] = *b"PAMPVEC\0";

/// Bytes of the header that its own checksum covers.
const HEADER_CHECKED: usize = 60;

/// What the header of a vector file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub dimensions: u32,
    pub count: u64,
    /// CRC-32 of everything between the header and the signs.
    pub tables_checksum: u32,
    /// Length of the graph file in bytes; 0 if there is none.
    pub graph_bytes: u64,
    /// CRC-32 of the graph file.
    pub graph_checksum: u32,
}

/// Where the sections of a file lie: byte offsets from its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub keys: usize,
    pub inverse_lengths: usize,
    pub factors: usize,
    pub checksums: usize,
    pub sign_checksums: usize,
    pub blocks: usize,
    /// In groups of rows, the last one filled up.
    pub signs: usize,
    pub sizes: usize,
    pub end: usize,
}

impl Layout {
    /// The layout of `count` rows of `dimensions`, or `None` if no file can be that long.
    pub fn of(count: usize, dimensions: usize) -> Option<Self> {
        let after = |start: usize, items: usize, size: usize| {
            items.checked_mul(size)?.checked_add(start)?.checked_next_multiple_of(ALIGNMENT)
        };
        let blocks = count.div_ceil(BLOCK_ROWS);
        let keys = ALIGNMENT;
        let inverse_lengths = after(keys, count, 4)?;
        let factors = after(inverse_lengths, count, 4)?;
        let checksums = after(factors, count, 4)?;
        let sign_checksums = after(checksums, blocks, 4)?;
        let signs = after(sign_checksums, blocks, 4)?;
        let sizes = after(signs, count.checked_next_multiple_of(GROUP_ROWS)?, sign_bytes(dimensions))?;
        let end = count.checked_mul(size_bytes(dimensions))?.checked_add(sizes)?;
        Some(Self { keys, inverse_lengths, factors, checksums, sign_checksums, blocks, signs, sizes, end })
    }
}

impl Header {
    /// The header as it stands in the file; `end` is the file's length in bytes.
    pub fn to_bytes(self, end: u64) -> [u8; ALIGNMENT] {
        let mut bytes = [0; ALIGNMENT];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&FORMAT_VERSION.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.dimensions.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.count.to_le_bytes());
        bytes[24..32].copy_from_slice(&end.to_le_bytes());
        bytes[32..36].copy_from_slice(&self.tables_checksum.to_le_bytes());
        bytes[36..40].copy_from_slice(&self.graph_checksum.to_le_bytes());
        bytes[40..48].copy_from_slice(&self.graph_bytes.to_le_bytes());
        let checksum = crc32fast::hash(&bytes[..HEADER_CHECKED]);
        bytes[HEADER_CHECKED..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// Reads the header of `file`, checks it against the file's length, and gives the layout that follows from it.
    pub fn read(path: &Path, file: &[u8]) -> Result<(Self, Layout)> {
        if file.get(..8) != Some(MAGIC.as_slice()) {
            return Err(Error::corrupt(path, "this is not a vector file (wrong magic)"));
        }
        let Some(header) = file.get(..ALIGNMENT) else {
            return Err(Error::corrupt(path, format!("the file ends inside its header, after {} bytes", file.len())));
        };
        // Before the checksum: what a newer version puts after its version number is not ours to judge.
        let version = read_u32(header, 8);
        if version > FORMAT_VERSION {
            return Err(Error::NewerFormat { path: path.to_path_buf(), found: version, supported: FORMAT_VERSION });
        }
        if version < FORMAT_VERSION {
            let detail = format!("it has version {version} of the format, which is read no more");
            return Err(Error::corrupt(path, detail));
        }
        if crc32fast::hash(&header[..HEADER_CHECKED]) != read_u32(header, HEADER_CHECKED) {
            return Err(Error::corrupt(path, "the header does not match its checksum"));
        }
        let found = Self {
            dimensions: read_u32(header, 12),
            count: read_u64(header, 16),
            tables_checksum: read_u32(header, 32),
            graph_checksum: read_u32(header, 36),
            graph_bytes: read_u64(header, 40),
        };
        let dimensions = found.dimensions as usize;
        let layout = usize::try_from(found.count).ok().and_then(|count| Layout::of(count, dimensions));
        let layout = layout.filter(|layout| {
            (1..=MAX_DIMENSIONS).contains(&dimensions)
                && u32::try_from(found.count).is_ok()
                && layout.end as u64 == read_u64(header, 24)
        });
        let Some(layout) = layout else {
            return Err(Error::corrupt(path, "the header contradicts itself"));
        };
        if layout.end != file.len() {
            let detail = format!("the file has {} bytes where its header says {}", file.len(), layout.end);
            return Err(Error::corrupt(path, detail));
        }
        if crc32fast::hash(&file[ALIGNMENT..layout.signs]) != found.tables_checksum {
            return Err(Error::corrupt(path, "the table of keys does not match its checksum"));
        }
        Ok((found, layout))
    }
}

/// Where the graph of the vector file at `path` lies.
pub(crate) fn graph_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(".hnsw");
    PathBuf::from(name)
}

/// Maps the file at `path` for reading.
pub(crate) fn map(path: &Path) -> Result<Mmap> {
    let file = File::open(path).map_err(Error::io("open", path))?;
    #[expect(
        unsafe_code,
        reason = "files of a store are written once and never changed afterwards; see VectorSet::open"
    )]
    let mapped = unsafe { Mmap::map(&file) };
    mapped.map_err(Error::io("map", path))
}

fn read_u32(bytes: &[u8], at: usize) -> u32 {
    let mut number = [0; 4];
    number.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(number)
}

fn read_u64(bytes: &[u8], at: usize) -> u64 {
    let mut number = [0; 8];
    number.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(number)
}
