//! Asking a process that watches.

use std::io::Read as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The folder of the store for what watches need.
pub(crate) const FOLDER: &str = "watch";
/// The first word of an answer: its format.
pub(crate) const FORMAT: &str = "pampax-watch/1";
/// An answer is not longer than this.
const ANSWER_BYTES_MAX: u64 = 4_096;

/// A question that was asked.
pub struct Asked(UnixStream);

/// Asks the process that watches the tree `name`, if there is one, which state of the index in `store` has everything that was
/// changed until now.
pub fn ask(store: &Path, name: &str) -> Option<Asked> {
    let place = SocketPlace::open(store, name).ok()?;
    UnixStream::connect(place.path()).ok().map(Asked)
}

impl Asked {
    /// The state of the index that has everything; `None` if that is not known, or not before `deadline`.
    pub fn answer(mut self, deadline: Instant) -> Option<String> {
        let mut text = Vec::new();
        loop {
            let patience = deadline.checked_duration_since(Instant::now()).filter(|time| *time > Duration::ZERO)?;
            self.0.set_read_timeout(Some(patience)).ok()?;
            match (&mut self.0).take(ANSWER_BYTES_MAX).read_to_end(&mut text) {
                Ok(_) => break,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => return None,
            }
        }
        let text = String::from_utf8(text).ok()?;
        // Without the end of the line it may have been cut off.
        let state = text.strip_prefix(FORMAT)?.strip_prefix(" current ")?.strip_suffix('\n')?;
        Some(state.to_owned())
    }
}

/// Where the socket for a tree is. Its path may be of any length, while an address of a socket may not.
pub(crate) struct SocketPlace {
    #[cfg(target_os = "linux")]
    folder: std::fs::File,
    #[cfg(not(target_os = "linux"))]
    folder: PathBuf,
    name: String,
}

impl SocketPlace {
    pub(crate) fn open(store: &Path, name: &str) -> std::io::Result<Self> {
        let folder = store.join(FOLDER);
        #[cfg(target_os = "linux")]
        let folder = std::fs::File::open(folder)?;
        Ok(Self { folder, name: format!("{name}.socket") })
    }

    pub(crate) fn path(&self) -> PathBuf {
        #[cfg(target_os = "linux")]
        let folder = {
            use std::os::fd::AsRawFd as _;
            PathBuf::from(format!("/proc/self/fd/{}", self.folder.as_raw_fd()))
        };
        #[cfg(not(target_os = "linux"))]
        let folder = &self.folder;
        folder.join(&self.name)
    }
}
