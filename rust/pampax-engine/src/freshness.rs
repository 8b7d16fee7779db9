//! Is the worktree still what was indexed?
//!
//! Asked beside each search and assembly, within a bound of time: `stat` of every file of the view, and of its folders, whose
//! times change when something comes or goes. A folder that is younger than the walk is listed, so that new files count and
//! ignored ones do not. What is not known when the time is up is said to be unchecked, never to be fresh.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::answer::Coverage;
use crate::plan::is_same;
use crate::repository::Repository;
use crate::snapshot::{Snapshot, ViewedSegment};
use crate::walk::{Found, Walked, files_of_folder};

/// An answer about freshness holds so long for the next questions in the same process: to ask for every one of them would cost
/// more than they do.
const HOLDS: Duration = Duration::from_secs(1);
/// How many files are looked at between two looks at the clock.
const FILES_PER_LOOK: usize = 64;
/// Below this many files a second thread costs more than it gives.
const FILES_PER_THREAD: usize = 2_000;

/// What coverage says if nothing is known.
pub(crate) const UNCHECKED: &str = "unchecked";

/// Whether the files are still those that were indexed, and how many are not.
#[derive(Clone)]
pub(crate) struct Freshness {
    pub(crate) state: &'static str,
    /// The files that changed, came or went: at least these.
    pub(crate) stale: Arc<Vec<String>>,
}

impl Freshness {
    /// Nothing is known.
    fn unknown() -> Self {
        Self { state: UNCHECKED, stale: Arc::default() }
    }
}

/// The last answer, with the state it is about.
pub(crate) type LastFreshness = Mutex<Option<(String, Instant, Freshness)>>;

/// What a thread found.
pub(crate) struct Part {
    is_complete: bool,
    stale: Vec<String>,
}

/// A check that runs.
pub(crate) enum Check {
    Known(Freshness),
    Running { parts: usize, receiver: Receiver<Part>, deadline: Instant, identity: String },
}

impl Repository {
    /// Starts to check, unless the last answer still holds or none is asked for.
    pub(crate) fn begin_check(&self, snapshot: &Arc<Snapshot>) -> Check {
        let bound = Duration::from_millis(self.freshness_ms());
        if bound.is_zero() {
            return Check::Known(Freshness::unknown());
        }
        let identity = snapshot.identity();
        let last = self.last_freshness().lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((of, at, freshness)) = last
            && of == identity
            && at.elapsed() < HOLDS
        {
            return Check::Known(freshness);
        }
        let deadline = Instant::now() + bound;
        let files = snapshot.statistics.entries as usize;
        let parts = self.threads().clamp(1, files.div_ceil(FILES_PER_THREAD).max(1));
        let (sender, receiver) = channel();
        let mut started = 0;
        for part in 0..parts {
            let (snapshot, sender) = (Arc::clone(snapshot), sender.clone());
            let (root, store) = (self.root().to_path_buf(), self.store().to_path_buf());
            // On threads of their own, so that a file system that hangs does not hold the answer up.
            let work = move || {
                let mut found = compare(&snapshot, &root, (part, parts), deadline);
                if part == 0 {
                    let folders = new_files(&snapshot, (&root, &store), deadline);
                    found.is_complete &= folders.is_complete;
                    found.stale.extend(folders.stale);
                }
                let _ = sender.send(found);
            };
            started += usize::from(std::thread::Builder::new().name("pampax-freshness".to_owned()).spawn(work).is_ok());
        }
        if started < parts {
            return Check::Known(Freshness::unknown());
        }
        Check::Running { parts, receiver, deadline, identity }
    }

    /// Waits for a check until its time is up, and writes into `coverage` what it found.
    pub(crate) fn finish_check(&self, check: Check, coverage: &mut Coverage) {
        let freshness = self.await_check(check);
        coverage.freshness = freshness.state;
        coverage.stale_files = freshness.stale.len() as u64;
    }

    /// Waits for a check until its time is up.
    pub(crate) fn await_check(&self, check: Check) -> Freshness {
        let (parts, receiver, deadline, identity) = match check {
            Check::Known(freshness) => return freshness,
            Check::Running { parts, receiver, deadline, identity } => (parts, receiver, deadline, identity),
        };
        let (mut stale, mut is_complete) = (Vec::new(), true);
        for _ in 0..parts {
            match receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(part) => {
                    stale.extend(part.stale);
                    is_complete &= part.is_complete;
                }
                Err(_) => is_complete = false,
            }
        }
        let state = match (!stale.is_empty(), is_complete) {
            (true, _) => "stale",
            (false, true) => "fresh",
            (false, false) => UNCHECKED,
        };
        let freshness = Freshness { state, stale: Arc::new(stale) };
        *self.last_freshness().lock().unwrap_or_else(PoisonError::into_inner) =
            Some((identity, Instant::now(), freshness.clone()));
        freshness
    }
}

/// Compares one of so many parts of the files with what `stat` says now.
fn compare(snapshot: &Snapshot, root: &Path, (part, parts): (usize, usize), deadline: Instant) -> Part {
    let mut found = Part { is_complete: true, stale: Vec::new() };
    let mut path = PathBuf::new();
    let files = snapshot.seen_files();
    let size = files.len().div_ceil(parts);
    let own = files.skip(part * size).take(size);
    for (number, (segment, entry, seen)) in own.enumerate() {
        if number % FILES_PER_LOOK == 0 && Instant::now() >= deadline {
            found.is_complete = false;
            break;
        }
        path.clear();
        path.push(root);
        path.push(segment.open.facts.path(entry));
        let now = std::fs::symlink_metadata(&path).map(|metadata| Found::new(String::new(), &metadata));
        if !now.is_ok_and(|now| is_same(seen, &now)) && !is_settled(&path, segment, entry, seen) {
            found.stale.push(segment.open.facts.path(entry).to_owned());
        }
    }
    found
}

/// Whether a file that was too young when it was read still has the content that was read: its times say nothing.
fn is_settled(path: &Path, segment: &ViewedSegment, entry: u32, seen: &pampax_store::Seen) -> bool {
    let blob = segment.open.facts.entries().get(entry as usize).map(|entry| entry.blob);
    seen.racy != 0 && std::fs::read(path).is_ok_and(|bytes| Some(crate::read::hash(&bytes)) == blob)
}

/// Counts the files that the view does not know, in folders that changed since the walk.
fn new_files(snapshot: &Snapshot, (root, store): (&Path, &Path), deadline: Instant) -> Part {
    let mut found = Part { is_complete: true, stale: Vec::new() };
    if snapshot.pending > 0 {
        // Files that are still to be indexed are counted as such.
        return found;
    }
    let mut skipped: Option<HashSet<String>> = None;
    for (number, folder) in snapshot.folders().iter().enumerate() {
        if number % FILES_PER_LOOK == 0 && Instant::now() >= deadline {
            found.is_complete = false;
            break;
        }
        // Folders that went, or are no folders any more: their files tell.
        let Ok(metadata) = std::fs::symlink_metadata(root.join(folder)) else { continue };
        let changed_ns = Found::new(String::new(), &metadata).modified_ns;
        if changed_ns < snapshot.walked_ns() || !metadata.is_dir() {
            continue;
        }
        let is_known = |folder: &str| snapshot.folders().contains(folder);
        let Walked { found: files, .. } = files_of_folder(root, store, folder, &is_known);
        let skipped =
            skipped.get_or_insert_with(|| snapshot.skipped_files().into_iter().map(|skipped| skipped.path).collect());
        let world = snapshot.world();
        let is_new = |file: &Found| world.find_path(&file.path).is_none() && !skipped.contains(&file.path);
        found.stale.extend(files.into_iter().filter(is_new).map(|file| file.path));
    }
    found
}
