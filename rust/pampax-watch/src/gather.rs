//! What was told and not taken yet.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{Event, EventKind};
use pampax_base::{CONTROL_FOLDERS, Error, Result};

use crate::watch::{Told, system_error};

/// The names of files that are made to hear of them begin so.
pub(crate) const COOKIE: &str = "heard-";

/// What the system's thread, who takes what it tells, and who answers other processes share.
pub(crate) struct Gathering {
    root: PathBuf,
    store: PathBuf,
    /// The paths of this watch's cookies, without the numbers at their ends.
    cookie_prefix: PathBuf,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    paths: BTreeSet<String>,
    has_folders: bool,
    is_incomplete: bool,
    is_over: bool,
    problem: Option<Error>,
    /// When the first of `paths` came, and the last that was not among them.
    came: Option<(Instant, Instant)>,
    /// The last cookie that was heard of.
    cookie: u64,
    /// The state of the index that has everything that was taken.
    settled: Option<String>,
}

impl Gathering {
    pub(crate) fn new(root: &Path, store: &Path, cookie_prefix: PathBuf) -> Self {
        Self {
            root: root.to_path_buf(),
            store: store.to_path_buf(),
            cookie_prefix,
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The path of a cookie.
    pub(crate) fn cookie(&self, number: u64) -> PathBuf {
        let mut path = self.cookie_prefix.clone().into_os_string();
        path.push(number.to_string());
        path.into()
    }

    /// Notes what the system tells.
    pub(crate) fn hear(&self, told: notify::Result<Event>) {
        let mut state = self.lock();
        match told {
            Ok(event) => {
                if event.need_rescan() {
                    state.is_incomplete = true;
                    self.changed.notify_all();
                }
                // A file that is only read is none that changed; one that was written to through memory tells when it is closed.
                let is_change = match event.kind {
                    EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
                    _ => true,
                };
                for path in event.paths.iter().filter(|_| is_change) {
                    let is_noted = self.note(&mut state, path);
                    let may_come = matches!(event.kind, EventKind::Create(_) | EventKind::Modify(ModifyKind::Name(_)));
                    state.has_folders |=
                        is_noted && may_come && path.symlink_metadata().is_ok_and(|found| found.is_dir());
                }
            }
            Err(error) => {
                state.problem.get_or_insert_with(|| system_error(&self.root, error));
                self.changed.notify_all();
            }
        }
    }

    /// Notes a path; gives whether it is one that may be indexed.
    fn note(&self, state: &mut State, path: &Path) -> bool {
        if path.starts_with(&self.store) {
            if let Some(number) = self.cookie_number(path) {
                state.cookie = state.cookie.max(number);
                self.changed.notify_all();
            }
            return false;
        }
        let Some(path) = self.in_root(path) else { return false };
        if state.paths.insert(path) {
            let now = Instant::now();
            let first = state.came.map_or(now, |(first, _)| first);
            state.came = Some((first, now));
            self.changed.notify_all();
        }
        true
    }

    fn cookie_number(&self, path: &Path) -> Option<u64> {
        let path = path.as_os_str().as_encoded_bytes();
        let number = path.strip_prefix(self.cookie_prefix.as_os_str().as_encoded_bytes())?;
        str::from_utf8(number).ok()?.parse().ok()
    }

    /// A path relative to the root, "." for the root itself; `None` if nothing there is indexed. Of what has a name that is no
    /// text, the folder it is in.
    fn in_root(&self, path: &Path) -> Option<String> {
        let inside = path.strip_prefix(&self.root).ok()?;
        if inside.components().any(|part| CONTROL_FOLDERS.iter().any(|folder| part.as_os_str() == *folder)) {
            return None;
        }
        let text = inside.ancestors().find_map(Path::to_str).unwrap_or_default();
        Some(if text.is_empty() { ".".to_owned() } else { text.to_owned() })
    }

    /// See [`crate::Watch::next`].
    pub(crate) fn next(&self, pause: Duration, gather_most: Duration, timeout: Duration) -> Result<Told> {
        let deadline = Instant::now() + timeout;
        let mut state = self.lock();
        loop {
            if let Some(problem) = state.problem.take() {
                // What is heard from now on is not all.
                state.is_incomplete = true;
                state.settled = None;
                return Err(problem);
            }
            let now = Instant::now();
            let due = match state.came {
                _ if state.is_incomplete || state.is_over => now,
                Some((first, last)) => (last + pause).min(first + gather_most),
                None => deadline,
            };
            if due <= now {
                break;
            }
            (state, _) = self.changed.wait_timeout(state, due - now).unwrap_or_else(PoisonError::into_inner);
        }
        let told = Told {
            paths: std::mem::take(&mut state.paths).into_iter().collect(),
            has_folders: std::mem::take(&mut state.has_folders),
            is_incomplete: std::mem::take(&mut state.is_incomplete),
            is_over: state.is_over,
        };
        state.came = None;
        if !told.paths.is_empty() || told.is_incomplete || told.is_over {
            state.settled = None;
        }
        Ok(told)
    }

    /// See [`crate::Watch::settle`].
    pub(crate) fn settle(&self, index_state: Option<String>) {
        self.lock().settled = index_state;
    }

    /// Waits until the system told of a cookie; then, the state of the index that has everything told before, if there is one.
    pub(crate) fn state_at(&self, cookie: u64, patience: Duration) -> Option<String> {
        let is_awaited = |state: &mut State| state.cookie < cookie;
        let waited = self.changed.wait_timeout_while(self.lock(), patience, is_awaited);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let is_heard = state.cookie >= cookie;
        let is_all_taken = state.paths.is_empty() && !(state.is_incomplete || state.is_over) && state.problem.is_none();
        if is_heard && is_all_taken { state.settled.clone() } else { None }
    }

    /// There are folders of which nothing is heard: the watch is to be begun anew.
    pub(crate) fn note_over(&self) {
        self.lock().is_over = true;
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use notify::event::Flag;
    use notify::{Event, EventKind};

    use super::*;

    const SHORT: Duration = Duration::from_millis(1);

    #[test]
    fn events_that_the_system_dropped_are_said_to_be_missing_and_nothing_is_settled() {
        // To overflow the real queue takes more writes than the system can be kept from reading.
        let gathering = Gathering::new(Path::new("/tree"), Path::new("/store"), "/store/watch/heard-".into());
        gathering.settle(Some("first".to_owned()));
        assert_eq!(gathering.state_at(0, SHORT).as_deref(), Some("first"));
        gathering.hear(Ok(Event::new(EventKind::Other).set_flag(Flag::Rescan)));
        assert_eq!(gathering.state_at(0, SHORT), None);
        let told = gathering.next(SHORT, SHORT, SHORT).unwrap();
        assert_eq!(told, Told { is_incomplete: true, ..Told::default() });
        assert_eq!(gathering.state_at(0, SHORT), None, "what was dropped is not in the index");
        assert_eq!(gathering.next(SHORT, SHORT, SHORT).unwrap(), Told::default());
    }

    #[test]
    fn a_cookie_that_was_not_heard_of_in_time_proves_nothing() {
        let gathering = Gathering::new(Path::new("/tree"), Path::new("/store"), "/store/watch/heard-".into());
        gathering.settle(Some("first".to_owned()));
        assert_eq!(gathering.state_at(1, SHORT), None);
        gathering.hear(Ok(Event::new(EventKind::Any).add_path(gathering.cookie(1))));
        assert_eq!(gathering.state_at(1, SHORT).as_deref(), Some("first"));
        assert_eq!(gathering.state_at(2, SHORT), None);
    }

    #[test]
    fn a_watch_that_failed_says_so_once_and_settles_nothing() {
        let gathering = Gathering::new(Path::new("/tree"), Path::new("/store"), "/store/watch/heard-".into());
        gathering.settle(Some("first".to_owned()));
        gathering.hear(Err(notify::Error::new(notify::ErrorKind::MaxFilesWatch)));
        assert_eq!(gathering.state_at(0, SHORT), None);
        let error = gathering.next(SHORT, SHORT, SHORT).unwrap_err();
        assert!(error.to_string().contains("limit"), "{error}");
        assert!(gathering.next(SHORT, SHORT, SHORT).unwrap().is_incomplete);
    }
}
