//! The files on disk, and what git's index says of them.

use std::collections::{BTreeMap, HashMap};
use std::fs::Metadata;
use std::io::{ErrorKind, Read as _};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use gix::ObjectId;
use gix::index::entry::{Flags, Mode, Stage};
use pampax_base::{Error, Result};

use crate::bounds;
use crate::objects::{Content, FILE_BYTES_MAX, Objects};
use crate::paths;

/// What git's index says of a file.
pub(crate) struct Tracked {
    /// The blob that was on disk when git last looked; none while a merge of the file is not done.
    pub(crate) id: Option<ObjectId>,
    /// Its size then; git cuts it to 32 bits.
    pub(crate) size: u32,
    /// When it was last written, in seconds and nanoseconds.
    pub(crate) modified: (u32, u32),
    /// When its status last changed, likewise.
    pub(crate) changed: (u32, u32),
    /// Whether the file is meant not to be on disk (a sparse checkout).
    pub(crate) is_left_out: bool,
}

/// Git's index, as far as it is about the root.
#[derive(Default)]
pub(crate) struct Index {
    /// The regular files, by path relative to the root.
    pub(crate) files: BTreeMap<String, Tracked>,
    /// Paths that are not Unicode.
    pub(crate) unnameable: Vec<String>,
    /// Folders that are not on disk by intent, each with a slash at its end.
    left_out: Vec<String>,
    /// When the index was written.
    pub(crate) written: (u32, u32),
}

impl Index {
    /// Reads the index; one that was never written is empty.
    pub(crate) fn read(objects: &Objects) -> Result<Self> {
        Self::read_of(objects, None)
    }

    /// Reads the index, of the files only those `wanted`, if not all are.
    pub(crate) fn read_of(objects: &Objects, wanted: Option<&[&str]>) -> Result<Self> {
        let path = objects.git.index_path();
        match std::fs::metadata(&path) {
            Ok(_) => bounds::check(&path)?,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(Error::io("read", &path)(error)),
        }
        let index = objects.git.open_index().map_err(|error| Error::BadPath {
            path: path.clone(),
            detail: format!("git's index is damaged (`git status` may say more): {error}"),
        })?;
        let timestamp = index.timestamp();
        let mut read = Self { written: (timestamp.unix_seconds() as u32, timestamp.nanoseconds()), ..Self::default() };
        let prefix = objects.prefix.iter().map(|name| format!("{name}/")).collect::<String>();
        for entry in index.entries() {
            let whole: &[u8] = entry.path(&index).as_ref();
            let is_folder = entry.mode == Mode::DIR;
            let whole = if is_folder { whole.strip_suffix(b"/").unwrap_or(whole) } else { whole };
            if !paths::is_inside(whole) {
                let detail = format!("git's index is damaged: it holds the path {}", paths::shown(whole));
                return Err(Error::BadPath { path, detail });
            }
            if is_folder && prefix.as_bytes().starts_with(whole) && prefix.as_bytes().get(whole.len()) == Some(&b'/') {
                // The root itself is left out; an empty prefix is a prefix of every path.
                read.left_out.push(String::new());
            }
            let Some(path) = whole.strip_prefix(prefix.as_bytes()) else { continue };
            let Ok(path) = str::from_utf8(path) else {
                read.unnameable.push(String::from_utf8_lossy(path).into_owned());
                continue;
            };
            if is_folder {
                read.left_out.push(format!("{path}/"));
                continue;
            }
            let is_wanted = || wanted.is_none_or(|wanted| wanted.contains(&path));
            if !matches!(entry.mode, Mode::FILE | Mode::FILE_EXECUTABLE) || !is_wanted() {
                continue;
            }
            let tracked = Tracked {
                id: (entry.stage() == Stage::Unconflicted).then_some(entry.id),
                size: entry.stat.size,
                modified: (entry.stat.mtime.secs, entry.stat.mtime.nsecs),
                changed: (entry.stat.ctime.secs, entry.stat.ctime.nsecs),
                is_left_out: entry.flags.contains(Flags::SKIP_WORKTREE),
            };
            read.files.insert(path.to_owned(), tracked);
        }
        Ok(read)
    }

    /// Whether `path` is not on disk by intent.
    pub(crate) fn leaves_out(&self, path: &str) -> bool {
        self.files.get(path).is_some_and(|tracked| tracked.is_left_out)
            || self.left_out.iter().any(|folder| path.starts_with(folder.as_str()))
    }

    /// The blob that `path` holds on disk, if that is known without reading it: it is as git last saw it, and it was written
    /// before the index was, so that a later change would show in its time.
    pub(crate) fn blob_on_disk(&self, path: &str, metadata: &Metadata) -> Option<ObjectId> {
        let tracked = self.files.get(path)?;
        let id = tracked.id?;
        // Git writes size 0 for a file whose time it does not trust.
        let is_distrusted = tracked.size == 0 && id != ObjectId::empty_blob(id.kind());
        let modified = seconds(metadata.modified().ok()?)?;
        let is_same = u64::from(tracked.size) == metadata.len() && tracked.modified == modified;
        (is_same && !is_distrusted && modified < self.written).then_some(id)
    }
}

/// A time as git's index has it.
fn seconds(time: SystemTime) -> Option<(u32, u32)> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    Some((u32::try_from(since.as_secs()).ok()?, since.subsec_nanos()))
}

/// The folders and files below the root.
pub(crate) struct Disk {
    root: PathBuf,
    /// Which folders are folders and no symbolic links.
    folders: HashMap<String, bool>,
}

impl Disk {
    /// The files at the root of `objects`.
    pub(crate) fn new(objects: &Objects) -> Self {
        Self { root: objects.root.clone(), folders: HashMap::new() }
    }

    /// The regular file at `path`, which has to be inside; `None` if there is none, or only by way of a symbolic link: that
    /// could lead anywhere, and for git such a file is gone, too.
    pub(crate) fn file(&mut self, path: &str) -> Option<Metadata> {
        if let Some((folder, _)) = path.rsplit_once('/')
            && !self.is_folder(folder)
        {
            return None;
        }
        std::fs::symlink_metadata(self.root.join(path)).ok().filter(Metadata::is_file)
    }

    fn is_folder(&mut self, path: &str) -> bool {
        if let Some(known) = self.folders.get(path) {
            return *known;
        }
        let is_inside_folder = path.rsplit_once('/').is_none_or(|(parent, _)| self.is_folder(parent));
        let is_folder =
            is_inside_folder && std::fs::symlink_metadata(self.root.join(path)).is_ok_and(|found| found.is_dir());
        self.folders.insert(path.to_owned(), is_folder);
        is_folder
    }

    /// The content of a file that [`Disk::file`] found.
    pub(crate) fn read(&self, path: &str, metadata: &Metadata) -> Content {
        if metadata.len() > FILE_BYTES_MAX {
            return Content::Unknown;
        }
        let mut content = Vec::with_capacity(metadata.len() as usize);
        // One byte more than is accepted shows that a file has grown.
        let read = std::fs::File::open(self.root.join(path))
            .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut content));
        match read {
            Ok(_) if content.len() as u64 <= FILE_BYTES_MAX => Content::Bytes(content),
            _ => Content::Unknown,
        }
    }
}
