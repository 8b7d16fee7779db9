//! Files of typed columns: a header, a table of sections, the sections at multiples of 8 bytes.
//!
//! Read by mapping: opening costs the table only, a column costs the pages that are touched. Numbers are in the machine's
//! order (the store is a cache of one machine; the magic number read back tells another order apart).

use std::io::Write;
use std::ops::Range;
use std::path::Path;

use bytemuck::{NoUninit, Pod};
use memmap2::Mmap;
use pampax_base::{Error, Result, map_file};

const MAGIC: u64 = u64::from_le_bytes(*b"PXCOLS01");
const HEADER_BYTES: usize = 16;
const ROW_BYTES: usize = 24;
/// More sections than any file has; a larger count is a damaged header.
const SECTIONS_MAX: usize = 64;

/// Collects sections and writes them as one file.
#[derive(Default)]
pub(crate) struct ColumnsWriter<'a> {
    sections: Vec<(u64, &'a [u8])>,
}

impl<'a> ColumnsWriter<'a> {
    /// Adds a section. `tag` is its number, unique in the file.
    pub(crate) fn add<T: NoUninit>(&mut self, tag: u64, values: &'a [T]) {
        self.sections.push((tag, bytemuck::cast_slice(values)));
    }

    /// Writes the file and syncs it.
    pub(crate) fn write(self, path: &Path) -> Result<()> {
        let mut file = std::io::BufWriter::new(std::fs::File::create(path).map_err(Error::io("create", path))?);
        let mut write = |bytes: &[u8]| file.write_all(bytes).map_err(Error::io("write", path));
        write(&MAGIC.to_ne_bytes())?;
        write(&(self.sections.len() as u64).to_ne_bytes())?;
        let mut position = (HEADER_BYTES + ROW_BYTES * self.sections.len()) as u64;
        for (tag, bytes) in &self.sections {
            write(&tag.to_ne_bytes())?;
            write(&position.to_ne_bytes())?;
            write(&(bytes.len() as u64).to_ne_bytes())?;
            position += bytes.len().next_multiple_of(8) as u64;
        }
        for (_, bytes) in &self.sections {
            write(bytes)?;
            write(&[0; 8][..bytes.len().next_multiple_of(8) - bytes.len()])?;
        }
        let file = file.into_inner().map_err(|error| Error::io("write", path)(error.into_error()))?;
        file.sync_data().map_err(Error::io("sync", path))
    }
}

/// An open file of columns.
pub(crate) struct Columns {
    map: Mmap,
    sections: Vec<(u64, Range<usize>)>,
}

impl Columns {
    /// Maps the file and checks its table; the contents are guarded by the checksum in the generation.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let map = map_file(path)?;
        let sections = read_table(&map).ok_or_else(|| Error::corrupt(path, "not a file of columns"))?;
        Ok(Self { map, sections })
    }

    /// The section `tag` as a slice; empty if the file has none or its size does not fit.
    pub(crate) fn get<T: Pod>(&self, tag: u64) -> &[T] {
        let section = self.sections.iter().find(|section| section.0 == tag);
        section
            .and_then(|(_, range)| self.map.get(range.clone()))
            .and_then(|bytes| bytemuck::try_cast_slice(bytes).ok())
            .unwrap_or(&[])
    }
}

fn read_table(map: &[u8]) -> Option<Vec<(u64, Range<usize>)>> {
    let number = |at: usize| -> Option<u64> { Some(u64::from_ne_bytes(map.get(at..at + 8)?.try_into().ok()?)) };
    let count = usize::try_from(number(8)?).ok()?;
    if number(0)? != MAGIC || count > SECTIONS_MAX {
        return None;
    }
    let mut sections = Vec::with_capacity(count);
    for row in 0..count {
        let at = HEADER_BYTES + ROW_BYTES * row;
        let start = usize::try_from(number(at + 8)?).ok()?;
        let end = start.checked_add(usize::try_from(number(at + 16)?).ok()?)?;
        if end > map.len() || !start.is_multiple_of(8) {
            return None;
        }
        sections.push((number(at)?, start..end));
    }
    Some(sections)
}
