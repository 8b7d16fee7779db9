//! Is the worktree still what was indexed?
//!
//! Asked beside each search and assembly, within a bound of time: `stat` of every file of the view, and of its folders, whose
//! times change when something comes or goes. A folder that is younger than the walk is listed, so that new files count and
//! ignored ones do not. What is not known when the time is up is said to be unchecked, never to be fresh.
//!
//! Where a process watches the worktree, it is asked first: see [`pampax_watch`].

use std::collections::HashSet;
use std::ops::Range;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use pampax_watch::{Asked, ask};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat, open, statat};

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

/// So long after the time is up those who look are waited for, who then say what they have found: they look at the clock every few
/// tenths of a millisecond.
const LAST_WORD: Duration = Duration::from_millis(5);

/// So long a process that watches the worktree is waited for: it answers within a millisecond or two unless it has too much to do.
const ASKED_PATIENCE: Duration = Duration::from_millis(40);

/// How the root is opened; to look for what lies in a folder takes no right to list it.
#[cfg(target_os = "linux")]
const OPENED: OFlags = OFlags::DIRECTORY.union(OFlags::CLOEXEC).union(OFlags::PATH);
#[cfg(not(target_os = "linux"))]
const OPENED: OFlags = OFlags::DIRECTORY.union(OFlags::CLOEXEC);

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
    /// Every file is as it was indexed.
    pub(crate) fn fresh() -> Self {
        Self { state: "fresh", stale: Arc::default() }
    }

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

impl Part {
    /// Nothing was found.
    const COMPLETE: Self = Self { is_complete: true, stale: Vec::new() };
}

/// A check that runs.
pub(crate) enum Check {
    Known(Freshness),
    Running(Running),
}

/// A check that runs, and the state it is about. It ends when this is dropped.
pub(crate) struct Running {
    parts: usize,
    receiver: Receiver<Part>,
    deadline: Arc<Deadline>,
    identity: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.deadline.bring_forward(Instant::now());
    }
}

/// Until when a check may take. Who makes it looks here again and again, so that it can be brought forward.
struct Deadline {
    begun: Instant,
    bound_ns: AtomicU64,
}

impl Deadline {
    fn new(bound: Duration) -> Arc<Self> {
        Arc::new(Self { begun: Instant::now(), bound_ns: AtomicU64::new(nanoseconds(bound)) })
    }

    fn at(&self) -> Instant {
        self.begun + Duration::from_nanos(self.bound_ns.load(Ordering::Relaxed))
    }

    fn bring_forward(&self, at: Instant) {
        self.bound_ns.fetch_min(nanoseconds(at.saturating_duration_since(self.begun)), Ordering::Relaxed);
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

impl Repository {
    /// Asks the process that watches this worktree, if there is one and an answer may look at all, whether the index has everything.
    pub(crate) fn ask_watch(&self) -> Option<Asked> {
        (self.freshness_ms() > 0).then(|| ask(self.store(), self.view_id())).flatten()
    }

    /// Whether the process that watches this worktree says that the state `identity` has everything. Waits for it.
    pub(crate) fn is_told_fresh(&self, identity: &str) -> bool {
        let told = self.ask_watch().and_then(|asked| asked.answer(Instant::now() + ASKED_PATIENCE));
        told.is_some_and(|state| state == identity)
    }

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
        self.take_check_ahead(&identity)
            .or_else(|| self.begin_new_check(snapshot, self.ask_watch(), bound).map(Check::Running))
            .unwrap_or_else(|| Check::Known(Freshness::unknown()))
    }

    /// The check that was begun ahead, if it is about the state `identity` and young enough. It may go on as long as one that begins
    /// now.
    pub(crate) fn take_check_ahead(&self, identity: &str) -> Option<Check> {
        let until = Instant::now() + Duration::from_millis(self.freshness_ms());
        let ahead = self.check_ahead().lock().unwrap_or_else(PoisonError::into_inner).take();
        let check = ahead.filter(|check| check.identity == identity && until <= check.deadline.at())?;
        check.deadline.bring_forward(until);
        Some(Check::Running(check))
    }

    /// Starts to check for a question that comes later. Who watches the worktree may have been asked before.
    pub(crate) fn begin_check_ahead(&self, snapshot: &Arc<Snapshot>, asked: Option<Asked>) {
        let bound = Duration::from_millis(self.freshness_ms());
        if !bound.is_zero() {
            let check = self.begin_new_check(snapshot, asked, bound + HOLDS);
            *self.check_ahead().lock().unwrap_or_else(PoisonError::into_inner) = check;
        }
    }

    /// Keeps for a question that comes later that nothing has changed since the state `identity`.
    pub(crate) fn keep_fresh_ahead(&self, identity: String) {
        let deadline = Deadline::new(Duration::from_millis(self.freshness_ms()) + HOLDS);
        let check = Running { parts: 0, receiver: channel().1, deadline, identity };
        *self.check_ahead().lock().unwrap_or_else(PoisonError::into_inner) = Some(check);
    }

    /// Starts to check within `bound`; `None` if no thread can be started.
    fn begin_new_check(&self, snapshot: &Arc<Snapshot>, asked: Option<Asked>, bound: Duration) -> Option<Running> {
        let deadline = Deadline::new(bound);
        let files = snapshot.statistics.entries as usize;
        let parts = self.threads().clamp(1, files.div_ceil(FILES_PER_THREAD).max(1));
        let look = Arc::new(Look {
            snapshot: Arc::clone(snapshot),
            open_root: open(self.root(), OPENED, Mode::empty()).ok(),
            root: self.root().to_path_buf(),
            store: self.store().to_path_buf(),
            deadline: Arc::clone(&deadline),
            next_file: AtomicUsize::new(0),
            next_folder: AtomicUsize::new(0),
        });
        let (sender, receiver) = channel();
        let identity = snapshot.identity();
        let is_started = match asked {
            None => start(&look, parts, &sender),
            Some(asked) => {
                let identity = identity.clone();
                let until = Instant::now() + ASKED_PATIENCE;
                spawn(move || {
                    if asked.answer(until.min(look.deadline.at())).is_some_and(|state| state == identity) {
                        (0..parts).for_each(|_| drop(sender.send(Part::COMPLETE)));
                    } else {
                        // Parts that are not sent are not complete.
                        start(&look, parts, &sender);
                    }
                })
            }
        };
        is_started.then_some(Running { parts, receiver, deadline, identity })
    }

    /// Waits for a check until its time is up, and writes into `coverage` what it found.
    pub(crate) fn finish_check(&self, check: Check, coverage: &mut Coverage) {
        let freshness = self.await_check(check);
        coverage.freshness = freshness.state;
        coverage.stale_files = freshness.stale.len() as u64;
    }

    /// Waits for a check until its time is up.
    pub(crate) fn await_check(&self, check: Check) -> Freshness {
        let check = match check {
            Check::Known(freshness) => return freshness,
            Check::Running(running) => running,
        };
        let (mut stale, mut is_complete) = (Vec::new(), true);
        for _ in 0..check.parts {
            let until = check.deadline.at() + LAST_WORD;
            match check.receiver.recv_timeout(until.saturating_duration_since(Instant::now())) {
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
            Some((check.identity.clone(), Instant::now(), freshness.clone()));
        freshness
    }
}

/// Starts a thread. On threads of its own, a file system that hangs does not hold an answer up.
fn spawn(work: impl FnOnce() + Send + 'static) -> bool {
    std::thread::Builder::new().name("pampax-freshness".to_owned()).spawn(work).is_ok()
}

/// Starts a look on so many threads, each of which sends what it found.
fn start(look: &Arc<Look>, parts: usize, sender: &Sender<Part>) -> bool {
    (0..parts).all(|part| {
        let (look, sender) = (Arc::clone(look), sender.clone());
        spawn(move || {
            if part == 0 {
                // The list is made while others look at files.
                look.snapshot.folders();
            }
            let mut found = Part::COMPLETE;
            look.compare_files(&mut found);
            look.find_new_files(&mut found);
            let _ = sender.send(found);
        })
    })
}

/// A look at all files and folders of a view, on as many threads as it is made on.
struct Look {
    snapshot: Arc<Snapshot>,
    /// Files are looked for from here on: that takes a tenth less than from the root of the file system. `None` if it is gone.
    open_root: Option<OwnedFd>,
    root: PathBuf,
    store: PathBuf,
    deadline: Arc<Deadline>,
    next_file: AtomicUsize,
    next_folder: AtomicUsize,
}

impl Look {
    /// The next numbers below `count` to look at; `None` if there are none left, or no time.
    fn next(&self, counter: &AtomicUsize, count: usize, found: &mut Part) -> Option<Range<usize>> {
        let start = counter.fetch_add(FILES_PER_LOOK, Ordering::Relaxed);
        if start >= count {
            return None;
        }
        found.is_complete &= Instant::now() < self.deadline.at();
        found.is_complete.then_some(start..(start + FILES_PER_LOOK).min(count))
    }

    /// What `stat` says of a path below the root; `None` if it is not there.
    fn stat(&self, path: &[u8]) -> Option<Stat> {
        statat(self.open_root.as_ref()?, if path.is_empty() { b"." } else { path }, AtFlags::SYMLINK_NOFOLLOW).ok()
    }

    /// Compares files with what `stat` says now.
    fn compare_files(&self, found: &mut Part) {
        let count = self.snapshot.statistics.entries as usize;
        while let Some(numbers) = self.next(&self.next_file, count, found) {
            for (segment, entry, seen) in self.snapshot.seen_files(numbers) {
                let facts = &segment.open.facts;
                let now = self.stat(facts.path_bytes(entry)).map(|stat| Found::of_stat(String::new(), &stat));
                let is_settled = || is_settled(&self.root.join(facts.path(entry)), segment, entry, seen);
                if !now.is_some_and(|now| is_same(seen, &now)) && !is_settled() {
                    found.stale.push(facts.path(entry).to_owned());
                }
            }
        }
    }

    /// Finds the files that the view does not know, in folders that changed since the walk.
    fn find_new_files(&self, found: &mut Part) {
        let snapshot = &*self.snapshot;
        if snapshot.pending > 0 {
            // Files that are still to be indexed are counted as such.
            return;
        }
        let folders = snapshot.folders();
        let mut skipped: Option<HashSet<String>> = None;
        while let Some(numbers) = self.next(&self.next_folder, folders.len(), found) {
            for folder in &folders[numbers] {
                // Folders that went, or are no folders any more: their files tell.
                let Some(stat) = self.stat(folder.as_bytes()) else { continue };
                let changed_ns = Found::of_stat(String::new(), &stat).modified_ns;
                if changed_ns < snapshot.walked_ns() || FileType::from_raw_mode(stat.st_mode) != FileType::Directory {
                    continue;
                }
                let is_known = |folder: &str| folders.binary_search_by(|known| known.as_str().cmp(folder)).is_ok();
                let Walked { found: files, .. } = files_of_folder(&self.root, &self.store, folder, &is_known);
                let skipped = skipped
                    .get_or_insert_with(|| snapshot.skipped_files().into_iter().map(|skipped| skipped.path).collect());
                let is_new = |file: &Found| !snapshot.has_path(&file.path) && !skipped.contains(&file.path);
                found.stale.extend(files.into_iter().filter(is_new).map(|file| file.path));
            }
        }
    }
}

/// Whether a file that was too young when it was read still has the content that was read: its times say nothing.
fn is_settled(path: &Path, segment: &ViewedSegment, entry: u32, seen: &pampax_store::Seen) -> bool {
    let blob = segment.open.facts.entries().get(entry as usize).map(|entry| entry.blob);
    seen.racy != 0 && std::fs::read(path).is_ok_and(|bytes| Some(crate::read::hash(&bytes)) == blob)
}
