//! Answers "what changed?" from a git repository, without running a program and without writing to it.
//!
//! [`changed_since`] compares the files on disk with a commit: which files are changed, new or gone, and on which lines of the
//! files as they are now. [`recently_changed`] says the same of given files and their last few changes, uncommitted ones
//! included, with the newest commit that changed each.
//!
//! [`same_files`] says which files of two worktrees hold the same bytes, by what git's indexes say of them.
//!
//! Repositories are hostile until shown otherwise. Git runs programs that a repository names: hooks, filters, textconv, external
//! diffs, fsmonitor. So git is not asked. Its files are read by a library (gix), built without its filters, attributes, status and
//! network, with the repository's own configuration only; and `core.worktree` is not followed: the files compared are those
//! beside the `.git` that was found. Sizes and counts are bounded, symbolic links are not followed, and what is damaged is an
//! error.
//!
//! What this costs: a file that git stores other than it lies on disk (Git LFS, `working-tree-encoding`, `ident`) counts as
//! changed once git's index no longer vouches for it. Line ends are the exception: `\r\n` and `\n` are the same here.
//!
//! Not here: renames (an old path is removed, a new one is new), files git does not track, submodules.
//!
//! ```
//! use std::path::Path;
//!
//! use pampax_base::Error;
//! use pampax_history::changed_since;
//!
//! // The root of a file system is no repository, and the error says so.
//! let error = changed_since(Path::new("/"), "HEAD").unwrap_err();
//! assert!(matches!(&error, Error::InvalidInput { what: "revision", .. }), "{error}");
//! ```
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod bounds;
mod coarse;
mod lines;
mod objects;
mod paths;
mod recent;
mod same;
mod since;
mod worktree;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use pampax_base::{Error, LineSpan, Result};

/// A file that is changed or new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedFile {
    /// Its path relative to the root, with forward slashes.
    pub path: String,
    /// The lines of the file as it is on disk that were added or changed, ascending and apart. Where lines were only removed:
    /// the line that now stands at that place, or the last one. Where very many lines differ (tens of thousands), lines that
    /// are as they were may be among them.
    pub spans: Vec<LineSpan>,
    /// Whether the commit has no such file.
    pub is_new: bool,
}

/// What is different from a commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The commit compared with, all of its hex digits.
    pub base: String,
    /// The changed and the new files, by path.
    pub files: Vec<ChangedFile>,
    /// The files of the commit that are gone, by path.
    pub removed: Vec<String>,
    /// Files that may have changed and were not compared, by path: binary, larger than 4 MiB, not readable, or in the
    /// repository in name only (a partial clone).
    pub skipped: Vec<String>,
    /// Whether there are more than 5,000 of these files: the others are left out.
    pub truncated: bool,
}

/// A file with changes in the window asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentFile {
    /// Its path relative to the root, with forward slashes.
    pub path: String,
    /// The lines of the file as it is on disk that were added or changed, as in [`ChangedFile::spans`].
    pub spans: Vec<LineSpan>,
    /// The first 10 hex digits of the newest commit that changed it, or `uncommitted` if it differs from `HEAD`.
    pub commit: String,
    /// The first line of that commit's message, at most 80 characters and none that steer a terminal; empty if uncommitted.
    pub subject: String,
}

/// Compares the files at `root`, a folder of a git worktree, with the commit `revision`: a branch, a tag, an id, `HEAD~3`, or
/// any of these with `...` after it for the commit where `HEAD` left it (their merge base).
///
/// Files that are neither in git's index nor in the commit are not looked at.
///
/// # Errors
/// [`Error::InvalidInput`] if `root` is in no git repository or there is no such commit, [`Error::Io`], or
/// [`Error::BadPath`] for a repository that is damaged.
pub fn changed_since(root: &Path, revision: &str) -> Result<Changes> {
    guarded(root, || since::changed_since(root, revision))
}

/// Says for each of `paths` (relative to `root`, with forward slashes) which lines its last `changes` commits and what is not
/// committed yet have changed, in the order given. Files without a change have no entry; neither have those that are
/// binary, larger than 4 MiB, gone, or not tracked by git.
///
/// History is followed along first parents, at most 500 commits. If it ends before (a shallow clone), the oldest version
/// known is compared with.
///
/// # Errors
/// As of [`changed_since`]; a path that leads out of `root` is [`Error::InvalidInput`], too.
pub fn recently_changed(root: &Path, paths: &[&str], changes: usize) -> Result<Vec<RecentFile>> {
    guarded(root, || recent::recently_changed(root, paths, changes))
}

/// What `stat` says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamps {
    /// Size in bytes.
    pub bytes: u64,
    /// Time of change of content, in nanoseconds since 1970.
    pub modified_ns: i64,
    /// Time of change of status, likewise.
    pub changed_ns: i64,
}

/// A file that holds the same bytes in two worktrees, as long as `stat` says this of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SameFile {
    /// Its path relative to both roots, with forward slashes.
    pub path: String,
    /// What `stat` has to say of it here.
    pub here: Stamps,
    /// What `stat` has to say of it there.
    pub there: Stamps,
}

/// Says which files hold the same bytes at `here` and at `there`, both folders of worktrees of the same clone, by path. No file
/// of the worktrees is read but `.gitattributes`: git's indexes vouch for them, as they do for `git status`.
///
/// `None` where that cannot be told: other clones, folders at different places in them, or attributes that may name filters or
/// encodings. Of git's configuration and attributes outside the repository it is only asked whether they name some.
///
/// # Errors
/// As of [`changed_since`].
pub fn same_files(here: &Path, there: &Path) -> Result<Option<Vec<SameFile>>> {
    guarded(here, || same::same_files(here, there))
}

/// The commit that is checked out at `root`, all of its hex digits; `None` if there is none yet.
///
/// # Errors
/// As of [`changed_since`].
pub fn head_commit(root: &Path) -> Result<Option<String>> {
    guarded(root, || Ok(objects::Objects::open(root)?.head()?.map(|id| id.to_string())))
}

/// Runs `work`, and makes an error of a panic: the library that parses git's files sees bytes an attacker may have chosen, and a
/// bug in it must not end the process.
fn guarded<T>(root: &Path, work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(Error::BadPath {
            path: root.to_path_buf(),
            detail: "its git repository cannot be read: is it damaged? `git fsck` may say more".to_owned(),
        })
    })
}
