//! Finding the files of a worktree.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use ignore::{DirEntry, WalkBuilder, WalkState};
use pampax_base::{CONTROL_FOLDERS, Error, Result};
use pampax_store::{Seen, Skipped};

/// A regular file that the ignore rules let through, with what `stat` says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Path relative to the root, separated by `/`.
    pub(crate) path: String,
    /// Size in bytes.
    pub(crate) bytes: u64,
    /// Time of change of content, nanoseconds since 1970.
    pub(crate) modified_ns: i64,
    /// Time of change of status, likewise.
    pub(crate) changed_ns: i64,
}

impl Found {
    /// What `stat` says of a file.
    pub(crate) fn new(path: String, metadata: &std::fs::Metadata) -> Self {
        Self {
            path,
            bytes: metadata.len(),
            modified_ns: metadata.mtime() * 1_000_000_000 + metadata.mtime_nsec(),
            changed_ns: metadata.ctime() * 1_000_000_000 + metadata.ctime_nsec(),
        }
    }

    /// Likewise, of a file below an open folder.
    pub(crate) fn of_stat(path: String, stat: &rustix::fs::Stat) -> Self {
        Self {
            path,
            bytes: stat.st_size as u64,
            modified_ns: stat.st_mtime * 1_000_000_000 + stat.st_mtime_nsec as i64,
            changed_ns: stat.st_ctime * 1_000_000_000 + stat.st_ctime_nsec as i64,
        }
    }

    /// Whether `stat` says of the file what it said when it was indexed.
    pub(crate) fn has_stamps_of(&self, seen: &Seen) -> bool {
        (self.bytes, self.modified_ns, self.changed_ns) == (seen.bytes, seen.modified_ns, seen.changed_ns)
    }
}

/// What a walk found.
#[derive(Debug, Default)]
pub(crate) struct Walked {
    /// Files to index, by path.
    pub(crate) found: Vec<Found>,
    /// Files that are not indexed whatever they hold, by path.
    pub(crate) skipped: Vec<Skipped>,
}

/// Walks `root` with the rules of .gitignore, .ignore and .pampaxignore (nested, applied before a folder is entered).
/// `store` is left out if it lies inside. `progress` is called now and then with the number of files seen and stops the
/// walk by returning false.
pub(crate) fn walk(root: &Path, store: &Path, threads: usize, progress: &mut dyn FnMut(u64) -> bool) -> Result<Walked> {
    if let Err(error) = std::fs::read_dir(root) {
        return Err(Error::io("list", root)(error));
    }
    let walker = builder(root, root, store).threads(threads).build_parallel();
    let seen = AtomicU64::new(0);
    let stop = AtomicBool::new(false);
    let all = Mutex::new(Walked::default());
    std::thread::scope(|scope| {
        let walking = scope.spawn(|| {
            walker.run(|| {
                let mut share = Share { all: &all, own: Walked::default() };
                let (seen, stop) = (&seen, &stop);
                Box::new(move |entry| {
                    take(root, entry, &mut share.own);
                    seen.fetch_add(1, Ordering::Relaxed);
                    if stop.load(Ordering::Relaxed) { WalkState::Quit } else { WalkState::Continue }
                })
            });
        });
        while !walking.is_finished() {
            // Most walks take a few milliseconds: look often, report seldom (the caller's sink decides).
            std::thread::park_timeout(std::time::Duration::from_micros(500));
            if !progress(seen.load(Ordering::Relaxed)) {
                stop.store(true, Ordering::Relaxed);
            }
        }
    });
    if stop.load(Ordering::Relaxed) {
        return Err(Error::Cancelled);
    }
    let mut walked = all.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    walked.sort();
    Ok(walked)
}

/// A walk of `folder` in `root` with the rules that hold there.
fn builder(root: &Path, folder: &Path, store: &Path) -> WalkBuilder {
    let store = store.to_path_buf();
    let in_repository = root.ancestors().any(|folder| folder.join(".git").exists());
    let mut builder = WalkBuilder::new(folder);
    builder
        .hidden(false)
        // As git does: rules of the repository around the root hold, rules above the repository do not.
        .require_git(in_repository)
        .parents(in_repository || folder != root)
        .follow_links(false)
        .add_custom_ignore_filename(".pampaxignore")
        .filter_entry(move |entry| {
            let control = entry.file_name().to_str().is_some_and(|name| CONTROL_FOLDERS.contains(&name));
            !(control || entry.path() == store)
        });
    builder
}

/// The folders a path lies in, the nearest first; without the root.
pub(crate) fn folders_of(path: &str) -> impl Iterator<Item = &str> {
    path.rmatch_indices('/').map(|(at, _)| &path[..at])
}

/// The folders in which the files of `paths` lie, with the root.
pub(crate) fn folders_of_all<'a>(paths: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let mut known = BTreeSet::from([String::new()]);
    let mut last = "";
    for path in paths {
        // Most files lie in the folder of the one before.
        let own = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if std::mem::replace(&mut last, own) == own {
            continue;
        }
        for folder in folders_of(path) {
            if !known.insert(folder.to_owned()) {
                break;
            }
        }
    }
    known
}

/// What is in the folders in which something may have changed.
pub(crate) struct Listing {
    pub(crate) walked: Walked,
    /// The folders that were listed: what of them is not in `walked` is not there, or ignored.
    pub(crate) folders: BTreeSet<String>,
    /// Folders that are no more.
    pub(crate) gone: BTreeSet<String>,
}

/// Names of files that hold ignore rules: when one changes, anything may have.
const RULES: [&str; 3] = [".gitignore", ".ignore", ".pampaxignore"];

/// Lists the folders of `paths` (relative to the root), one level deep; folders that `is_known` does not know are walked whole.
/// `None` if only a walk of everything will do.
pub(crate) fn list(root: &Path, store: &Path, paths: &[String], is_known: &dyn Fn(&str) -> bool) -> Option<Listing> {
    let mut listing = Listing { walked: Walked::default(), folders: BTreeSet::new(), gone: BTreeSet::new() };
    for path in paths {
        let name = path.rsplit('/').next().unwrap_or(path);
        let stays_inside = path.split('/').all(|part| !matches!(part, ".." | "."));
        if RULES.contains(&name) || !stays_inside {
            return None;
        }
        // What lies in an ignored folder shows in the nearest folder above it that is not.
        let nearest = folders_of(path).find(|folder| is_known(folder)).unwrap_or("");
        listing.folders.insert(nearest.to_owned());
        if is_known(path) && !root.join(path).is_dir() {
            listing.gone.insert(path.clone());
        }
        for folder in folders_of(path).filter(|folder| is_known(folder)) {
            if std::fs::symlink_metadata(root.join(folder)).is_ok_and(|metadata| metadata.is_dir()) {
                break;
            }
            listing.gone.insert(folder.to_owned());
        }
    }
    // Of what is gone the folder above is listed.
    let above = |folder: &String| folders_of(folder).find(|folder| root.join(folder).is_dir()).unwrap_or("").to_owned();
    let added: Vec<String> = listing.gone.iter().map(above).collect();
    listing.folders.extend(added);
    listing.folders.retain(|folder| !listing.gone.contains(folder));
    for folder in &listing.folders {
        let mut of_folder = files_of_folder(root, store, folder, is_known);
        listing.walked.found.append(&mut of_folder.found);
        listing.walked.skipped.append(&mut of_folder.skipped);
    }
    listing.walked.sort();
    Some(listing)
}

/// The files of a folder, one level deep, and all files of folders in it that `is_known` does not know.
pub(crate) fn files_of_folder(root: &Path, store: &Path, folder: &str, is_known: &dyn Fn(&str) -> bool) -> Walked {
    let mut walked = Walked::default();
    let mut new_folders = Vec::new();
    for entry in builder(root, &root.join(folder), store).max_depth(Some(1)).build() {
        if let Ok(entry) = &entry
            && entry.depth() == 1
            && entry.file_type().is_some_and(|kind| kind.is_dir())
            && !is_known(&relative(root, entry.path()).0)
        {
            new_folders.push(entry.path().to_path_buf());
        }
        take(root, entry, &mut walked);
    }
    for folder in new_folders {
        builder(root, &folder, store).build().for_each(|entry| take(root, entry, &mut walked));
    }
    walked
}

impl Walked {
    fn sort(&mut self) {
        self.found.sort_unstable_by(|left, right| left.path.cmp(&right.path));
        self.found.dedup();
        self.skipped.sort_unstable();
        self.skipped.dedup();
    }
}

/// What one thread of the walk found; handed over when the thread ends.
struct Share<'a> {
    all: &'a Mutex<Walked>,
    own: Walked,
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        let mut all = self.all.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        all.found.append(&mut self.own.found);
        all.skipped.append(&mut self.own.skipped);
    }
}

fn take(root: &Path, entry: std::result::Result<DirEntry, ignore::Error>, walked: &mut Walked) {
    let entry = match entry {
        Ok(entry) => entry,
        Err(error) => {
            // A broken ignore rule costs that rule only; a folder that cannot be read is counted.
            if let Some(path) = path_of(&error)
                && error.io_error().is_some()
            {
                let detail = error.io_error().map(ToString::to_string);
                walked.skipped.push(skip(&relative(root, &path).0, "unreadable", 0, detail));
            }
            return;
        }
    };
    let Some(kind) = entry.file_type() else { return };
    if kind.is_dir() {
        return;
    }
    let (path, is_text) = relative(root, entry.path());
    if kind.is_symlink() {
        match entry.path().canonicalize() {
            Ok(target) if target.starts_with(root) => {}
            Ok(_) => walked.skipped.push(skip(&path, "symlink-outside", 0, None)),
            Err(error) => walked.skipped.push(skip(&path, "symlink-broken", 0, Some(error.to_string()))),
        }
        return;
    }
    if !kind.is_file() {
        walked.skipped.push(skip(&path, "not-a-file", 0, None));
        return;
    }
    match entry.metadata() {
        Ok(metadata) if is_text => walked.found.push(Found::new(path, &metadata)),
        Ok(metadata) => walked.skipped.push(skip(&path, "not-utf8-path", metadata.len(), None)),
        Err(error) => walked.skipped.push(skip(&path, "unreadable", 0, Some(error.to_string()))),
    }
}

fn path_of(error: &ignore::Error) -> Option<PathBuf> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path.clone()),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}

/// The path relative to the root, and whether it is UTF-8 as it stands.
fn relative(root: &Path, path: &Path) -> (String, bool) {
    let relative = path.strip_prefix(root).unwrap_or(path);
    match relative.to_str() {
        Some(text) => (text.to_owned(), true),
        None => (relative.to_string_lossy().into_owned(), false),
    }
}

/// A skipped file.
pub(crate) fn skip(path: &str, reason: &str, bytes: u64, detail: Option<String>) -> Skipped {
    Skipped { path: path.to_owned(), reason: reason.to_owned(), bytes, detail, times_ns: None }
}
