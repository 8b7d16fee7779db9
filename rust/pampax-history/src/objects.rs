//! Opens a repository and reads its commits, trees and blobs, with bounds on each.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use gix::ObjectId;
use gix::objs::Kind;
use pampax_base::{Error, Result};

use crate::paths;

/// The largest file compared, in bytes.
pub(crate) const FILE_BYTES_MAX: u64 = 4 << 20;

/// The largest commit or tree read, in bytes: real ones stay far below.
const RECORD_BYTES_MAX: u64 = 64 << 20;

/// Memory for commits and trees that are asked for again, in bytes.
const CACHE_BYTES: usize = 16 << 20;

/// Settings of gix that a repository's own configuration must not make.
const SETTINGS: [&str; 3] = [
    // It could be any file of this machine.
    "gitoxide.core.indexFile=index",
    // In bytes: what a pack says of the size of an object is believed before it is read.
    "gitoxide.objects.allocLimit=536870912",
    // Several threads would start where the index says, and not where it was looked over.
    "index.threads=1",
];

/// A repository and the folder of its worktree that is asked about.
pub(crate) struct Objects {
    /// What reads git's files.
    pub(crate) git: gix::Repository,
    /// The folder that is asked about, without symbolic links.
    pub(crate) root: PathBuf,
    /// The names of the folders that lead from the worktree to `root`.
    pub(crate) prefix: Vec<String>,
}

/// The content of a version of a file.
pub(crate) enum Content {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// It cannot be compared: too large, or not here.
    Unknown,
}

/// An entry of a tree.
pub(crate) enum TreeEntry {
    /// A regular file.
    File(ObjectId),
    /// A folder.
    Folder(ObjectId),
    /// A symbolic link or a submodule.
    Other,
}

/// What is said of an argument `revision` that does not work.
pub(crate) fn wrong_revision(detail: impl Into<String>) -> Error {
    Error::InvalidInput { what: "revision", detail: detail.into() }
}

impl Objects {
    /// Opens the repository that `root` is in.
    pub(crate) fn open(root: &Path) -> Result<Self> {
        let root = root.canonicalize().map_err(Error::io("open", root))?;
        // The worktree is where `.git` was found, whatever the repository's configuration says: `core.worktree` could name any
        // folder of this machine.
        let mut prefix = Vec::new();
        let mut worktree = root.as_path();
        while std::fs::symlink_metadata(worktree.join(".git")).is_err() {
            let (Some(parent), Some(name)) = (worktree.parent(), worktree.file_name()) else {
                return Err(wrong_revision(format!(
                    "{} is not in a git repository: changes can be told only where `git status` works",
                    root.display()
                )));
            };
            let name = name.to_str().ok_or_else(|| Error::BadPath {
                path: root.clone(),
                detail: "the name of a folder is not Unicode".to_owned(),
            })?;
            prefix.push(name.to_owned());
            worktree = parent;
        }
        prefix.reverse();
        let folder = worktree.join(".git");
        // Isolated: no configuration of the system, the user or the environment, no includes.
        let options = gix::open::Options::isolated().open_path_as_is(true).cli_overrides(SETTINGS);
        let mut git = options
            .open(&folder)
            .map_err(|error| Error::BadPath {
                path: folder,
                detail: format!("this git repository cannot be opened: {error}"),
            })?
            .to_thread_local();
        git.object_cache_size(CACHE_BYTES);
        Ok(Self { git, root, prefix })
    }

    /// An error for a repository that does not hold together.
    pub(crate) fn damaged(&self, detail: impl Display) -> Error {
        Error::BadPath {
            path: self.git.git_dir().to_path_buf(),
            detail: format!("this git repository is damaged (`git fsck` may say more): {detail}"),
        }
    }

    /// The commit that `HEAD` is; `None` if there is none yet.
    pub(crate) fn head(&self) -> Result<Option<ObjectId>> {
        let mut head = self.git.head().map_err(|error| self.damaged(format!("HEAD: {error}")))?;
        if head.is_unborn() {
            return Ok(None);
        }
        let id = head.peel_to_object().map_err(|error| self.damaged(format!("HEAD: {error}")))?.id;
        Ok(Some(id))
    }

    /// The commit that `revision` names.
    pub(crate) fn commit_named(&self, revision: &str) -> Result<ObjectId> {
        let name = revision.strip_suffix("...").unwrap_or(revision);
        let unknown = |_| {
            wrong_revision(format!(
                "no commit {name:?} here: a branch, a tag, an id or HEAD~3 is accepted, and any of these with `...` after it \
                 for where HEAD left it; in a shallow clone, fetch more history first (`git log` may say more)"
            ))
        };
        if name.is_empty() {
            return Err(wrong_revision("it is empty: give a branch, a tag, an id or HEAD~3"));
        }
        let commit = self
            .git
            .rev_parse_single(name)
            .and_then(|id| id.object())
            .and_then(|object| object.peel_to_commit())
            .map_err(unknown)?
            .id;
        if name.len() == revision.len() {
            return Ok(commit);
        }
        let head = self.head()?.ok_or_else(|| wrong_revision("HEAD has no commit yet"))?;
        let unrelated = |why: String| {
            wrong_revision(format!("{name:?} and HEAD have no common commit here{why}: is history cut off?"))
        };
        match self.git.merge_base(commit, head) {
            Ok(Some(base)) => Ok(base.detach()),
            Ok(None) => Err(unrelated(String::new())),
            Err(error) => Err(unrelated(format!(" ({error})"))),
        }
    }

    /// The bytes of the object `id`, which has to be of this kind; `None` if there is no such object.
    fn record(&self, id: ObjectId, kind: Kind) -> Result<Option<Vec<u8>>> {
        let failed = |error: gix::Error| self.damaged(format!("object {id}: {error}"));
        let Some(header) = self.git.try_find_header(id).map_err(failed)? else { return Ok(None) };
        if header.kind() != kind {
            return Err(self.damaged(format!("object {id} is a {}, not a {kind}", header.kind())));
        }
        if header.size() > RECORD_BYTES_MAX {
            return Err(self.damaged(format!("object {id} has {} bytes", header.size())));
        }
        let mut object = self.git.find_object(id).map_err(failed)?;
        Ok(Some(std::mem::take(&mut object.data)))
    }

    /// The tree of a commit, its first parent if it has one, and its message; `None` if the commit is not here.
    pub(crate) fn commit(&self, id: ObjectId) -> Result<Option<Commit>> {
        let Some(data) = self.record(id, Kind::Commit)? else { return Ok(None) };
        let commit = gix::objs::CommitRef::from_bytes(&data, self.git.object_hash())
            .map_err(|error| self.damaged(format!("commit {id}: {error}")))?;
        Ok(Some(Commit { tree: commit.tree(), parent: commit.parents().next(), subject: subject(commit.message) }))
    }

    /// The tree of a commit that has to be here.
    pub(crate) fn tree_of(&self, commit: ObjectId) -> Result<ObjectId> {
        let found = self.commit(commit)?.ok_or_else(|| self.damaged(format!("commit {commit} is missing")))?;
        Ok(found.tree)
    }

    /// The bytes of the tree `id`, which has to be here.
    pub(crate) fn tree(&self, id: ObjectId) -> Result<Vec<u8>> {
        self.record(id, Kind::Tree)?.ok_or_else(|| self.damaged(format!("tree {id} is missing")))
    }

    /// The entries of a tree, as [`Objects::tree`] gives it.
    pub(crate) fn entries<'tree>(
        &self,
        tree: &'tree [u8],
    ) -> impl Iterator<Item = Result<(&'tree [u8], TreeEntry)>> + use<'_, 'tree> {
        gix::objs::TreeRefIter::from_bytes(tree, self.git.object_hash()).map(|entry| {
            let entry = entry.map_err(|error| self.damaged(format!("a tree: {error}")))?;
            let id = entry.oid.to_owned();
            let kind = match (entry.mode.is_tree(), entry.mode.is_blob()) {
                (true, _) => TreeEntry::Folder(id),
                (_, true) => TreeEntry::File(id),
                _ => TreeEntry::Other,
            };
            let name: &[u8] = entry.filename.as_ref();
            if !paths::is_name(name) {
                return Err(self.damaged(format!("a tree holds a path that leads out of it: {}", paths::shown(name))));
            }
            Ok((name, kind))
        })
    }

    /// The content of the blob `id`.
    pub(crate) fn blob(&self, id: ObjectId) -> Result<Content> {
        let failed = |error: gix::Error| self.damaged(format!("blob {id}: {error}"));
        // A partial clone has blobs in name only.
        let Some(header) = self.git.try_find_header(id).map_err(failed)? else { return Ok(Content::Unknown) };
        if header.size() > FILE_BYTES_MAX {
            return Ok(Content::Unknown);
        }
        let mut blob = self.git.find_blob(id).map_err(failed)?;
        Ok(Content::Bytes(blob.take_data()))
    }
}

/// What of a commit is needed here.
pub(crate) struct Commit {
    /// Its tree.
    pub(crate) tree: ObjectId,
    /// Its first parent.
    pub(crate) parent: Option<ObjectId>,
    /// The first line of its message.
    pub(crate) subject: String,
}

/// The longest subject, in characters.
const SUBJECT_CHARACTERS_MAX: usize = 80;

/// The first line of a message that says something, cut, without characters that steer a terminal or reorder its text.
fn subject(message: &[u8]) -> String {
    let first = message.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    let steers = |character: &char| {
        character.is_control()
            || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    String::from_utf8_lossy(first.trim_ascii())
        .chars()
        .filter(|character| !steers(character))
        .take(SUBJECT_CHARACTERS_MAX)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_short_harmless_line() {
        assert_eq!(subject(b"\n\n  fix it\r\n\nbecause\n"), "fix it");
        assert_eq!(subject(b"\x1b[31mred\x07\xe2\x80\xae"), "[31mred");
        assert_eq!(subject("ä".repeat(100).as_bytes()).chars().count(), 80);
        assert_eq!(subject(b""), "");
    }
}
