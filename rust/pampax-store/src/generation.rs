//! The commit point: which segments and views exist at one moment.

use std::io::Write;
use std::path::Path;

use pampax_base::{Error, Result};
use serde::{Deserialize, Serialize};

/// The store format this build writes, and the newest it reads.
pub const FORMAT: u32 = 5;
/// The name of the commit point.
pub(crate) const FILE_NAME: &str = "generation";

/// A file of the store with what it must hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Its path, relative to the store.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// CRC-32 of its content.
    pub crc32: u32,
}

/// A segment as a generation names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentRecord {
    /// Its number.
    pub id: u64,
    /// How many entries it holds, seen by a view or not.
    pub entries: u32,
    /// How many chunks.
    pub chunks: u32,
    /// How many symbols.
    pub symbols: u32,
    /// Its files.
    pub files: Vec<FileRecord>,
}

/// A view as a generation names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewRecord {
    /// Hash of the root's path.
    pub id: String,
    /// The root of the worktree.
    pub root: String,
    /// The file that holds it.
    pub file: FileRecord,
    /// The file that holds its graph of code.
    #[serde(default)]
    pub graph: Option<FileRecord>,
    /// Of how many files that graph does not know, or not as they are in the view.
    #[serde(default)]
    pub graph_behind: u64,
    /// Entries it sees.
    pub entries: u32,
    /// The generation in which it last changed.
    pub generation: u64,
    /// When, in seconds since 1970.
    pub created_s: u64,
}

/// One committed state of the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generation {
    /// Format of everything it names.
    pub format: u32,
    /// Its number; grows by one with each commit that changes an answer.
    pub number: u64,
    /// Its segments, by number.
    pub segments: Vec<SegmentRecord>,
    /// Its views, by id.
    pub views: Vec<ViewRecord>,
}

impl Generation {
    /// The state before the first commit.
    pub(crate) fn empty() -> Self {
        Self { format: FORMAT, number: 0, segments: Vec::new(), views: Vec::new() }
    }

    /// The view of one worktree.
    pub fn view(&self, id: &str) -> Option<&ViewRecord> {
        self.views.iter().find(|view| view.id == id)
    }

    /// A segment by its number.
    pub fn segment(&self, id: u64) -> Option<&SegmentRecord> {
        self.segments.iter().find(|segment| segment.id == id)
    }
}

/// Reads a JSON text that ends in its own checksum; `None` if there is no such file.
pub(crate) fn read_checked<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<Option<T>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            return Err(Error::corrupt(path, "it is not text"));
        }
        Err(error) => return Err(Error::io("read", path)(error)),
    };
    let (body, checksum) = text.trim_end_matches('\n').rsplit_once('\n').unwrap_or(("", ""));
    if checksum != format!("crc32 {:08x}", crc32fast::hash(body.as_bytes())) {
        return Err(Error::corrupt(path, "its checksum does not match"));
    }
    serde_json::from_str(body).map(Some).map_err(|error| Error::corrupt(path, error.to_string()))
}

/// Writes `value` with its checksum beside `path`, syncs it, and puts it in place by one rename.
pub(crate) fn write_checked<T: Serialize>(path: &Path, value: &T, durable: bool) -> Result<()> {
    let body = serde_json::to_string(value).map_err(|error| Error::internal("write generation", error))?;
    let text = format!("{body}\ncrc32 {:08x}\n", crc32fast::hash(body.as_bytes()));
    let temporary = path.with_extension("new");
    let mut file = std::fs::File::create(&temporary).map_err(Error::io("create", &temporary))?;
    file.write_all(text.as_bytes()).map_err(Error::io("write", &temporary))?;
    if durable {
        file.sync_data().map_err(Error::io("sync", &temporary))?;
    }
    drop(file);
    std::fs::rename(&temporary, path).map_err(Error::io("rename", path))?;
    if durable {
        sync_folder(path.parent().unwrap_or(path))?;
    }
    Ok(())
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(path: &Path) -> Result<()> {
    std::fs::File::open(path).and_then(|folder| folder.sync_all()).map_err(Error::io("sync", path))
}

/// A file of the store as it is now.
pub(crate) fn file_record(store: &Path, name: &str) -> Result<FileRecord> {
    let path = store.join(name);
    let (bytes, crc32) = checksum(&path)?;
    Ok(FileRecord { name: name.to_owned(), bytes, crc32 })
}

/// Size and CRC-32 of a file.
pub(crate) fn checksum(path: &Path) -> Result<(u64, u32)> {
    let length = std::fs::metadata(path).map_err(Error::io("inspect", path))?.len();
    if length == 0 {
        return Ok((0, 0));
    }
    let map = pampax_base::map_file(path)?;
    Ok((map.len() as u64, crc32fast::hash(&map)))
}
