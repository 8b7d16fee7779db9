//! Where the store of a root lives.

use std::path::{Path, PathBuf};

use pampax_base::{Error, Result};

/// The folder of the store for the worktree or folder `root`, without making it.
///
/// Inside a git worktree it is `<git common dir>/pampax`: all worktrees of a clone share it, git never commits it, and a
/// repository cannot ship one. Elsewhere, or where the git folder cannot be written to, it is a folder of the user's cache.
///
/// # Errors
/// [`Error::BadPath`] if there is no git folder and the user has no cache folder.
pub fn store_folder(root: &Path) -> Result<PathBuf> {
    if let Some(common) = git_common_folder(root) {
        let folder = common.join("pampax");
        if is_writable(if folder.is_dir() { &folder } else { &common }) {
            return Ok(folder);
        }
    }
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let cache =
        cache.or_else(|| std::env::home_dir().filter(|home| home.is_absolute()).map(|home| home.join(".cache")));
    let cache = cache.ok_or_else(|| Error::BadPath {
        path: root.to_path_buf(),
        detail: "no place for its index: set HOME or XDG_CACHE_HOME, or give --store".to_owned(),
    })?;
    let hash = blake3::hash(root.as_os_str().as_encoded_bytes()).to_hex();
    let name = root.file_name().map_or_else(|| "root".to_owned(), |name| name.to_string_lossy().into_owned());
    Ok(cache.join("pampax").join(format!("{name}-{}", &hash[..16])))
}

/// The git folder that all worktrees of a clone share, for `path` or any folder above it.
fn git_common_folder(path: &Path) -> Option<PathBuf> {
    let git = path.ancestors().map(|folder| folder.join(".git")).find(|git| git.exists())?;
    let own = if git.is_dir() {
        git
    } else {
        let text = std::fs::read_to_string(&git).ok()?;
        git.parent()?.join(text.strip_prefix("gitdir:")?.trim())
    };
    let common = match std::fs::read_to_string(own.join("commondir")) {
        Ok(text) => own.join(text.trim()),
        Err(_) => own,
    };
    // A folder that merely has the name is no git folder; writing into it would be a surprise.
    let common = common.canonicalize().ok()?;
    (common.join("HEAD").is_file() && common.join("objects").is_dir()).then_some(common)
}

fn is_writable(folder: &Path) -> bool {
    let probe = folder.join(format!(".pampax-{}", std::process::id()));
    let made = std::fs::File::create(&probe).is_ok();
    let _ = std::fs::remove_file(&probe);
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worktrees_share_the_git_folder_and_plain_folders_use_the_cache() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let clone = root.join("clone");
        std::fs::create_dir_all(clone.join(".git/objects")).unwrap();
        std::fs::create_dir_all(clone.join(".git/worktrees/two")).unwrap();
        std::fs::create_dir_all(clone.join("src")).unwrap();
        std::fs::write(clone.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
        std::fs::write(clone.join(".git/worktrees/two/commondir"), "../..\n").unwrap();
        let second = root.join("second");
        std::fs::create_dir(&second).unwrap();
        std::fs::write(second.join(".git"), format!("gitdir: {}\n", clone.join(".git/worktrees/two").display()))
            .unwrap();
        let expected = clone.join(".git/pampax");
        assert_eq!(store_folder(&clone).unwrap(), expected);
        assert_eq!(store_folder(&clone.join("src")).unwrap(), expected);
        assert_eq!(store_folder(&second).unwrap(), expected);
        let plain = root.join("plain");
        std::fs::create_dir_all(plain.join(".git")).unwrap();
        assert!(!store_folder(&plain).unwrap().starts_with(&plain), "a folder named .git is no git folder");
    }
}
