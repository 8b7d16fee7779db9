//! Records of assembled bundles, by their ids: what `expand` and `have` go back to.
//!
//! They are conveniences, not truth: nothing is synced, the oldest go once there are many, and a store that cannot be written to
//! has none.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use pampax_base::{Error, Result};

use crate::store::Store;

/// Records that are kept.
const KEPT: usize = 512;
/// So many more may gather before the oldest are removed, so that not every bundle lists the folder's times.
const SLACK: usize = 128;
/// The largest record that is read.
const BYTES_MAX: u64 = 16 << 20;

/// Whether a text has the form of a bundle's id: sixteen hexadecimal digits.
pub fn is_bundle_id(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

impl Store {
    fn bundle_path(&self, id: &str) -> Result<PathBuf> {
        if is_bundle_id(id) {
            return Ok(self.folder().join("bundles").join(format!("{id}.json")));
        }
        Err(Error::InvalidInput {
            what: "bundle",
            detail: format!("{id:?} is no bundle id: those are 16 hexadecimal digits"),
        })
    }

    /// Keeps the record of a bundle.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for what is no id, [`Error::Io`].
    pub fn keep_bundle(&self, id: &str, record: &[u8]) -> Result<()> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let path = self.bundle_path(id)?;
        let folder = self.folder().join("bundles");
        std::fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
        // Two threads or processes may keep the same bundle at once; each writes a file of its own, with the same bytes.
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let beside = folder.join(format!("{id}.{}-{number}.new", std::process::id()));
        std::fs::write(&beside, record).map_err(Error::io("write", &beside))?;
        std::fs::rename(&beside, &path).map_err(Error::io("rename", &beside))?;
        // Ids are hashes: one in sixteen begins so, which is often enough to look at all of them.
        if id.starts_with('0') {
            self.forget_old_bundles();
        }
        Ok(())
    }

    /// The record of a bundle; `None` if there is none by this id, or none any more.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for what is no id, [`Error::Io`], [`Error::Corrupt`] for a record too large to be one.
    pub fn bundle(&self, id: &str) -> Result<Option<Vec<u8>>> {
        let path = self.bundle_path(id)?;
        match std::fs::metadata(&path) {
            Ok(metadata) if metadata.len() > BYTES_MAX => Err(Error::corrupt(
                &path,
                format!("has {} bytes, more than a bundle's record can have", metadata.len()),
            )),
            Ok(_) => std::fs::read(&path).map(Some).map_err(Error::io("read", &path)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("read", &path)(error)),
        }
    }

    fn forget_old_bundles(&self) {
        let Ok(entries) = std::fs::read_dir(self.folder().join("bundles")) else { return };
        let paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        if paths.len() <= KEPT + SLACK {
            return;
        }
        let written = |path: &PathBuf| path.metadata().and_then(|metadata| metadata.modified());
        let mut by_age: Vec<(SystemTime, PathBuf)> =
            paths.into_iter().map(|path| (written(&path).unwrap_or(SystemTime::UNIX_EPOCH), path)).collect();
        by_age.sort();
        for (_, path) in &by_age[..by_age.len() - KEPT] {
            // Another process may have removed it.
            let _ = std::fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_kept_by_id_and_the_oldest_go() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path().join("store"));
        assert_eq!(store.bundle("0123456789abcdef").unwrap(), None);
        for wrong in ["", "0123", "../../../../etc/a", "0123456789abcdeF", "0123456789abcde/"] {
            assert!(store.bundle(wrong).is_err() && store.keep_bundle(wrong, b"").is_err(), "{wrong}");
        }
        let count = KEPT + SLACK + 1;
        for number in 0..count {
            store.keep_bundle(&format!("{number:016x}"), format!("{number}").as_bytes()).unwrap();
        }
        let kept = std::fs::read_dir(folder.path().join("store/bundles")).unwrap().count();
        assert_eq!(kept, KEPT);
        assert_eq!(store.bundle(&format!("{:016x}", count - 1)).unwrap().unwrap(), format!("{}", count - 1).as_bytes());
    }
}
