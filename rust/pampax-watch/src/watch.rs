//! The watch of a tree.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use notify::{Config, ErrorKind, EventKindMask, RecommendedWatcher, RecursiveMode, Watcher as _};
use pampax_base::{Error, Result};

use crate::ask::FOLDER;
use crate::gather::{COOKIE, Gathering};
use crate::tell::Teller;

/// The watches of this process, so that each has cookies of its own.
static WATCHES: AtomicU64 = AtomicU64::new(0);

/// What was told since the last time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// What came, changed or went, relative to the root, with "/" between the parts; "." is the root.
    pub paths: Vec<String>,
    /// Whether folders are among them. What comes into such a folder in the moment before it is watched is not told; a walk finds it.
    pub has_folders: bool,
    /// Whether there may have been more, anywhere.
    pub is_incomplete: bool,
    /// Whether the watch should be begun anew: something was mounted in the tree, and is not watched.
    pub is_over: bool,
}

/// A watch of a tree. It ends when it is dropped.
pub struct Watch {
    gathering: Arc<Gathering>,
    /// Dropped before the system's watch: it waits for what that tells.
    teller: Option<Teller>,
    _system: RecommendedWatcher,
}

impl Watch {
    /// Begins to watch the folder `root` and everything below it but links, the folder `store`, and what version control keeps.
    /// Both are absolute and canonical. What changed before this returns was perhaps not told.
    ///
    /// # Errors
    /// [`Error::Io`] where the system does not watch: its limit is reached, or a folder may not be read.
    pub fn begin(root: &Path, store: &Path) -> Result<Self> {
        let folder = store.join(FOLDER);
        std::fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
        let started = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        let number = WATCHES.fetch_add(1, Ordering::Relaxed);
        let cookie_prefix = folder.join(format!("{COOKIE}{}-{started}-{number}-", std::process::id()));
        let gathering = Arc::new(Gathering::new(root, store, cookie_prefix));
        // Not of files that are merely opened and read: whoever searches a whole tree would fill the system's queue.
        let kinds = EventKindMask::CORE | EventKindMask::ACCESS_CLOSE;
        let config = Config::default().with_follow_symlinks(false).with_event_kinds(kinds);
        let hearing = Arc::clone(&gathering);
        let refused = |error| system_error(root, error);
        let mut system = RecommendedWatcher::new(move |told| hearing.hear(told), config).map_err(refused)?;
        system.watch(root, RecursiveMode::Recursive).map_err(refused)?;
        if !folder.starts_with(root) {
            system.watch(&folder, RecursiveMode::NonRecursive).map_err(refused)?;
        }
        Ok(Self { gathering, teller: None, _system: system })
    }

    /// What was told since the last call. Waits `timeout` at most for something to be told; from then on for a `pause` in which
    /// nothing else comes, but `gather_most` at most.
    ///
    /// # Errors
    /// [`Error::Io`] if the system cannot watch all folders any more. The watch is of no use then.
    pub fn next(&self, pause: Duration, gather_most: Duration, timeout: Duration) -> Result<Told> {
        self.gathering.next(pause, gather_most, timeout)
    }

    /// Begins to tell other processes that [`ask`](crate::ask) for `name` whether the index has everything. If nothing can be told,
    /// as another process does it or the tree is on a file system that others can write to, it gives why, in words.
    ///
    /// # Errors
    /// [`Error::Io`] if no socket can be made in the store.
    pub fn tell_others(&mut self, root: &Path, store: &Path, name: &str) -> Result<Option<String>> {
        match Teller::begin(&self.gathering, root, store, name)? {
            Ok(teller) => self.teller = Some(teller),
            Err(why) => return Ok(Some(why)),
        }
        Ok(None)
    }

    /// Everything that was taken so far is in the state `index_state` of the index. That is told to others until the next change.
    /// `None` if it is not so, or not known.
    pub fn settle(&self, index_state: Option<String>) {
        self.gathering.settle(index_state);
    }
}

/// Our error for one of notify's.
pub(crate) fn system_error(root: &Path, error: notify::Error) -> Error {
    let path = error.paths.into_iter().next();
    let source = match error.kind {
        ErrorKind::Io(source) => source,
        ErrorKind::PathNotFound => std::io::Error::from_raw_os_error(libc::ENOENT),
        // At which folder a limit is met says nothing.
        ErrorKind::MaxFilesWatch => {
            let source = std::io::Error::new(std::io::ErrorKind::QuotaExceeded, "its limit of watches is reached");
            return Error::Io { operation: "watch", path: root.to_path_buf(), source };
        }
        kind => std::io::Error::other(format!("{kind:?}")),
    };
    Error::Io { operation: "watch", path: path.unwrap_or_else(|| root.to_path_buf()), source }
}
