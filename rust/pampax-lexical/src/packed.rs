//! A tantivy index in one file.
//!
//! tantivy writes seven files a segment and syncs each. A store with one file per concern needs one checksum, one sync and
//! one mapping instead, which is what makes a small index run cost milliseconds. Layout: the files one after another (each
//! at a multiple of 8 bytes), a table of `name length, name, start, length`, and a trailer with the table's start and a
//! magic number. All numbers are little-endian.

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pampax_base::{Error, Result};
use tantivy::Directory;
use tantivy::directory::error::{DeleteError, OpenReadError, OpenWriteError};
use tantivy::directory::{FileHandle, OwnedBytes, RamDirectory, WatchCallback, WatchHandle, WritePtr};

const MAGIC: &[u8; 8] = b"PXWORDS1";
const TRAILER_BYTES: usize = 16;

/// Writes `names` of `directory` into one file at `path` and syncs it.
pub(crate) fn pack(directory: &RamDirectory, names: &[PathBuf], path: &Path) -> Result<()> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).map_err(Error::io("create", path))?);
    let mut table = Vec::new();
    let mut position = 0_u64;
    for name in names {
        let bytes = directory
            .open_read(name)
            .map_err(|error| Error::internal("pack words", error))?
            .read_bytes()
            .map_err(Error::io("read", name))?;
        file.write_all(&bytes).map_err(Error::io("write", path))?;
        let text = name.to_string_lossy();
        table.extend_from_slice(&(text.len() as u32).to_le_bytes());
        table.extend_from_slice(text.as_bytes());
        table.extend_from_slice(&position.to_le_bytes());
        table.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        let padding = (8 - bytes.len() % 8) % 8;
        file.write_all(&[0; 8][..padding]).map_err(Error::io("write", path))?;
        position += (bytes.len() + padding) as u64;
    }
    file.write_all(&table).map_err(Error::io("write", path))?;
    file.write_all(&position.to_le_bytes()).map_err(Error::io("write", path))?;
    file.write_all(MAGIC).map_err(Error::io("write", path))?;
    let file = file.into_inner().map_err(|error| Error::io("write", path)(error.into_error()))?;
    file.sync_data().map_err(Error::io("sync", path))
}

/// A read-only directory over a packed file.
#[derive(Clone)]
pub(crate) struct PackedDirectory {
    bytes: OwnedBytes,
    files: Arc<BTreeMap<PathBuf, Range<usize>>>,
}

impl PackedDirectory {
    /// Reads the table of a packed file. `path` is for messages only.
    pub(crate) fn open(bytes: OwnedBytes, path: &Path) -> Result<Self> {
        let files = read_table(&bytes).ok_or_else(|| Error::corrupt(path, "not a words file"))?;
        Ok(Self { bytes, files: Arc::new(files) })
    }

    fn slice(&self, path: &Path) -> std::result::Result<OwnedBytes, OpenReadError> {
        let range = self.files.get(path).ok_or_else(|| OpenReadError::FileDoesNotExist(path.to_path_buf()))?;
        Ok(self.bytes.slice(range.clone()))
    }
}

fn read_table(bytes: &[u8]) -> Option<BTreeMap<PathBuf, Range<usize>>> {
    let trailer = bytes.len().checked_sub(TRAILER_BYTES)?;
    if &bytes[trailer + 8..] != MAGIC {
        return None;
    }
    let start = usize::try_from(u64::from_le_bytes(bytes[trailer..trailer + 8].try_into().ok()?)).ok()?;
    let mut table = bytes.get(start..trailer)?;
    let mut files = BTreeMap::new();
    let take = |table: &mut &[u8], length: usize| -> Option<Vec<u8>> {
        let taken = table.get(..length)?.to_vec();
        *table = &table[length..];
        Some(taken)
    };
    while !table.is_empty() {
        let length = u32::from_le_bytes(take(&mut table, 4)?.try_into().ok()?) as usize;
        let name = String::from_utf8(take(&mut table, length)?).ok()?;
        let first = usize::try_from(u64::from_le_bytes(take(&mut table, 8)?.try_into().ok()?)).ok()?;
        let length = usize::try_from(u64::from_le_bytes(take(&mut table, 8)?.try_into().ok()?)).ok()?;
        let end = first.checked_add(length).filter(|&end| end <= start)?;
        files.insert(PathBuf::from(name), first..end);
    }
    Some(files)
}

impl std::fmt::Debug for PackedDirectory {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "PackedDirectory({} files)", self.files.len())
    }
}

fn read_only() -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::PermissionDenied, "a words file is immutable")
}

impl Directory for PackedDirectory {
    fn get_file_handle(&self, path: &Path) -> std::result::Result<Arc<dyn FileHandle>, OpenReadError> {
        Ok(Arc::new(self.slice(path)?))
    }

    fn delete(&self, path: &Path) -> std::result::Result<(), DeleteError> {
        Err(DeleteError::IoError { io_error: Arc::new(read_only()), filepath: path.to_path_buf() })
    }

    fn exists(&self, path: &Path) -> std::result::Result<bool, OpenReadError> {
        Ok(self.files.contains_key(path))
    }

    fn open_write(&self, path: &Path) -> std::result::Result<WritePtr, OpenWriteError> {
        Err(OpenWriteError::wrap_io_error(read_only(), path.to_path_buf()))
    }

    fn atomic_read(&self, path: &Path) -> std::result::Result<Vec<u8>, OpenReadError> {
        Ok(self.slice(path)?.as_slice().to_vec())
    }

    fn atomic_write(&self, _path: &Path, _data: &[u8]) -> std::io::Result<()> {
        Err(read_only())
    }

    fn sync_directory(&self) -> std::io::Result<()> {
        Ok(())
    }

    fn watch(&self, _callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}
