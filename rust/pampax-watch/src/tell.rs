//! Answering processes that ask.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use pampax_base::{Error, Result};

use crate::ask::{FOLDER, FORMAT, SocketPlace};
use crate::gather::{COOKIE, Gathering};
use crate::mounts::{Mount, local_mounts};

/// So long the system has to tell of a file that was made.
const PATIENCE: Duration = Duration::from_millis(100);
/// So long whoever asks has to take the answer.
const TAKING: Duration = Duration::from_secs(1);

/// A thread that answers. It ends when this is dropped.
pub(crate) struct Teller {
    place: SocketPlace,
    is_closing: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Teller {
    /// `Err` says in words why nobody can be told.
    pub(crate) fn begin(
        gathering: &Arc<Gathering>,
        root: &Path,
        store: &Path,
        name: &str,
    ) -> Result<std::result::Result<Self, String>> {
        let folder = store.join(FOLDER);
        let mounts = match local_mounts(root) {
            Ok(mounts) => mounts,
            Err(why) => return Ok(Err(why)),
        };
        let place = SocketPlace::open(store, name).map_err(Error::io("open", &folder))?;
        let listener = match UnixListener::bind(place.path()) {
            Err(error) if error.kind() == ErrorKind::AddrInUse => {
                if UnixStream::connect(place.path()).is_ok() {
                    return Ok(Err("another process watches the same tree and tells them".to_owned()));
                }
                // Whoever listened there is gone.
                let _ = std::fs::remove_file(place.path());
                UnixListener::bind(place.path())
            }
            bound => bound,
        };
        let listener = listener.map_err(Error::io("listen in", &folder))?;
        sweep(&folder);
        let is_closing = Arc::new(AtomicBool::new(false));
        let mut answering = Answering {
            gathering: Arc::clone(gathering),
            root: root.to_path_buf(),
            mounts,
            is_closing: Arc::clone(&is_closing),
            asked: 0,
        };
        let thread = std::thread::Builder::new().name("pampax-teller".to_owned());
        let thread =
            thread.spawn(move || answering.run(&listener)).map_err(Error::io("start a thread for", &folder))?;
        Ok(Ok(Self { place, is_closing, thread: Some(thread) }))
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        self.is_closing.store(true, Ordering::Release);
        let _ = UnixStream::connect(self.place.path());
        let _ = std::fs::remove_file(self.place.path());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Removes cookies that a killed process left. Those of others that are asked at this moment were heard of when they were made.
fn sweep(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(COOKIE.as_bytes()) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

struct Answering {
    gathering: Arc<Gathering>,
    root: PathBuf,
    /// What the tree was on when the watch began.
    mounts: Vec<Mount>,
    is_closing: Arc<AtomicBool>,
    asked: u64,
}

impl Answering {
    fn run(&mut self, listener: &UnixListener) {
        for stream in listener.incoming() {
            if self.is_closing.load(Ordering::Acquire) {
                return;
            }
            // What cannot be answered is asked for in vain, and looked for by whoever asked.
            let Ok(mut stream) = stream else {
                std::thread::sleep(PATIENCE);
                continue;
            };
            let _ = stream.set_write_timeout(Some(TAKING));
            let answer = match self.state() {
                Some(state) => format!("{FORMAT} current {state}\n"),
                None => format!("{FORMAT} unknown\n"),
            };
            let _ = stream.write_all(answer.as_bytes());
        }
    }

    /// The state of the index that has everything which was changed before this is called, if there is one.
    fn state(&mut self) -> Option<String> {
        if local_mounts(&self.root).as_ref() != Ok(&self.mounts) {
            self.gathering.note_over();
            return None;
        }
        self.asked += 1;
        let cookie = self.gathering.cookie(self.asked);
        let made = File::create(&cookie);
        let state = made.is_ok().then(|| self.gathering.state_at(self.asked, PATIENCE)).flatten();
        let _ = std::fs::remove_file(&cookie);
        state
    }
}
