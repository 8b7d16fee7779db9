//! Exact search: every line that a regular expression matches, as the files are now.
//!
//! The trigrams of the segments say which files can have a match (`view.rs`); those are read and searched by ripgrep's own
//! libraries (`file.rs`), so that a line found here is one that ripgrep finds. What the index cannot speak for is searched
//! without asking it: files that were left out of the index though they are text, and those that the caller names because
//! they changed.

mod answer;
mod complete;
mod file;
mod others;
mod view;

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use ignore::overrides::{Override, OverrideBuilder};
use pampax_base::{Error, Result};
use pampax_trigram::{Syntax, plan};

pub use answer::{GrepAnswer, GrepCoverage, GrepFile, GrepLine};
pub(crate) use complete::{add as add_trigrams, complete as complete_trigrams};
pub(crate) use others::update as update_others;
pub(crate) use view::GrepView;

use crate::filter::{Filter, Filters};
use crate::freshness::UNCHECKED;
use file::{Found, Search};
use view::Candidate;

/// The longest expression, in bytes.
const PATTERN_BYTES_MAX: usize = 100_000;
/// The most lines before and after a match.
const CONTEXT_MAX: usize = 1000;
/// Text of an answer, in bytes: what comes after is left out.
const ANSWER_BYTES_MAX: usize = 256 << 20;
/// Files for one thread: below this a thread more costs more than it gives.
const FILES_PER_THREAD: usize = 16;
/// Files a thread takes at once.
const BATCH_FILES: usize = 8;

/// What an answer lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GrepMode {
    /// The lines.
    #[default]
    Lines,
    /// How many lines each file has.
    Counts,
    /// The files alone.
    Files,
}

/// How a pattern is searched for.
#[derive(Clone, Debug, PartialEq)]
pub struct GrepOptions {
    /// Letters match in either case.
    pub ignore_case: bool,
    /// Matches begin and end at the ends of words.
    pub word: bool,
    /// The pattern is plain text.
    pub fixed: bool,
    /// Globs as ripgrep's `--glob` takes them: a later one overrides an earlier one, `!` leaves out.
    pub globs: Vec<String>,
    /// Which files may be in the answer. Kinds do not apply: lines have none.
    pub filters: Filters,
    /// Lines to show before a match.
    pub before: usize,
    /// Lines to show after a match.
    pub after: usize,
    /// What is listed.
    pub mode: GrepMode,
    /// The most matching lines of one file.
    pub max_count: Option<u64>,
    /// The most matching lines of the answer; in the other modes the most files.
    pub limit: usize,
}

impl Default for GrepOptions {
    fn default() -> Self {
        Self {
            ignore_case: false,
            word: false,
            fixed: false,
            globs: Vec::new(),
            filters: Filters::default(),
            before: 0,
            after: 0,
            mode: GrepMode::default(),
            max_count: None,
            limit: 100_000,
        }
    }
}

impl GrepOptions {
    fn check(&self, pattern: &str) -> Result<()> {
        let wrong = |what, detail: String| Err(Error::InvalidInput { what, detail });
        if self.limit == 0 {
            return wrong("limit", "0 is too small: ask for at least 1".to_owned());
        }
        if self.max_count == Some(0) {
            return wrong("max_count", "0 is too small: ask for at least 1".to_owned());
        }
        if self.before.max(self.after) > CONTEXT_MAX {
            return wrong("context", format!("at most {CONTEXT_MAX} lines before and after a match"));
        }
        if pattern.len() > PATTERN_BYTES_MAX {
            return wrong("pattern", format!("longer than {PATTERN_BYTES_MAX} bytes"));
        }
        if !self.filters.kinds.is_empty() {
            return wrong("kinds", "a search for lines knows no kinds of symbols".to_owned());
        }
        Ok(())
    }
}

/// Searches the files of `view` below `root` for `pattern`. The files at `also` are searched whatever the index says of them:
/// it is out of date there. `keep_going` is asked now and then.
pub(crate) fn grep(
    view: &GrepView,
    (root, threads): (&Path, usize),
    pattern: &str,
    options: &GrepOptions,
    also: &[String],
    keep_going: &(dyn Fn() -> bool + Sync),
) -> Result<GrepAnswer> {
    options.check(pattern)?;
    let search = Search::new(pattern, options)?;
    let filter = Filter::new(&options.filters)?;
    let globs = overrides(root, &options.globs)?;
    let condition = plan(pattern, &Syntax { ignore_case: options.ignore_case, fixed: options.fixed })?;
    let (mut candidates, notes) = view.candidates(root, &condition, &filter, also);
    if !globs.is_empty() {
        candidates.retain(|candidate| is_let_through(&globs, candidate.path));
    }
    let mut answer = GrepAnswer {
        schema: "pampax.grep/1",
        pattern: pattern.to_owned(),
        planned: !condition.is_any(),
        matches: 0,
        files: Vec::new(),
        coverage: GrepCoverage {
            generation: view.generation(),
            files: view.files(),
            files_pending: view.pending(),
            truncated: false,
            stale_paths: Vec::new(),
            freshness: UNCHECKED,
            stale_files: 0,
            notes,
        },
        grouped: options.before + options.after > 0,
        mode: options.mode,
        candidates: candidates.len() as u64,
    };
    let found = search_all(&search, root, &candidates, options, threads, keep_going)?;
    collect(&mut answer, &candidates, found, options);
    Ok(answer)
}

/// Puts the answer together, in the order of paths, up to its limits.
fn collect(answer: &mut GrepAnswer, candidates: &[Candidate<'_>], found: Vec<(usize, Found)>, options: &GrepOptions) {
    let (mut room, mut bytes) = (options.limit as u64, ANSWER_BYTES_MAX);
    let mut unreadable = Vec::new();
    for (number, found) in found {
        let path = candidates[number].path;
        if let Some(problem) = found.problem {
            unreadable.push(format!("{path}: {problem}"));
        }
        let Some(mut file) = found.file else { continue };
        let size = if options.mode == GrepMode::Lines { file.matches } else { 1 };
        if room == 0 || bytes < found.bytes {
            answer.coverage.truncated = true;
            break;
        }
        if size > room {
            file.cut_to(room);
            answer.coverage.truncated = true;
        }
        room -= size.min(room);
        bytes -= found.bytes;
        answer.matches += file.matches;
        path.clone_into(&mut file.path);
        if found.stale {
            answer.coverage.stale_paths.push(file.path.clone());
        }
        answer.files.push(file);
    }
    answer.coverage.notes.extend(unreadable);
}

/// What the threads share.
struct Shared {
    next: AtomicUsize,
    stop: AtomicBool,
    progress: Mutex<Progress>,
}

/// How far the candidates are searched.
#[derive(Default)]
struct Progress {
    found: Vec<(usize, Found)>,
    /// For each batch what it counts towards the limit, once it is done.
    batches: Vec<Option<(u64, usize)>>,
    /// Batches from the first that are all done, and what they count together.
    done: usize,
    total: (u64, usize),
}

/// Searches the candidates on several threads; gives what was found in their order. It stops early only once the candidates
/// up to some point are all searched and exceed the limits, so that the answer does not depend on who was faster.
fn search_all(
    search: &Search,
    root: &Path,
    candidates: &[Candidate<'_>],
    options: &GrepOptions,
    threads: usize,
    keep_going: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<(usize, Found)>> {
    let threads = threads.min(candidates.len().div_ceil(FILES_PER_THREAD)).max(1);
    let shared = Shared {
        next: AtomicUsize::new(0),
        stop: AtomicBool::new(false),
        progress: Mutex::new(Progress {
            batches: vec![None; candidates.len().div_ceil(BATCH_FILES)],
            ..Progress::default()
        }),
    };
    let is_over = |(matches, bytes): (u64, usize)| matches > options.limit as u64 || bytes > ANSWER_BYTES_MAX;
    let go_on = || {
        if !shared.stop.load(Ordering::Relaxed) && !keep_going() {
            shared.stop.store(true, Ordering::Relaxed);
        }
        !shared.stop.load(Ordering::Relaxed)
    };
    let work = || {
        let mut searcher = search.worker(root, &go_on);
        loop {
            let batch = shared.next.fetch_add(1, Ordering::Relaxed);
            let start = batch * BATCH_FILES;
            if start >= candidates.len() || !go_on() {
                return;
            }
            let (mut found, mut size) = (Vec::new(), (0, 0));
            let end = (start + BATCH_FILES).min(candidates.len());
            for (number, candidate) in (start..end).zip(&candidates[start..end]) {
                let one = searcher.search(candidate);
                size.0 += one.file.as_ref().map_or(0, |file| match options.mode {
                    GrepMode::Lines => file.matches,
                    _ => 1,
                });
                size.1 += one.bytes;
                if one.file.is_some() || one.problem.is_some() {
                    found.push((number, one));
                }
            }
            let mut progress = shared.progress.lock().unwrap_or_else(PoisonError::into_inner);
            progress.take(batch, found, size);
            if is_over(progress.total) {
                shared.next.store(candidates.len(), Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        for number in 1..threads {
            let thread = std::thread::Builder::new().name(format!("pampax-grep-{number}"));
            if thread.spawn_scoped(scope, work).is_err() {
                // Fewer threads do the same work.
                break;
            }
        }
        work();
    });
    if shared.stop.load(Ordering::Relaxed) {
        return Err(Error::Cancelled);
    }
    let mut found = shared.progress.into_inner().unwrap_or_else(PoisonError::into_inner).found;
    found.sort_unstable_by_key(|&(number, _)| number);
    Ok(found)
}

impl Progress {
    fn take(&mut self, batch: usize, mut found: Vec<(usize, Found)>, size: (u64, usize)) {
        self.found.append(&mut found);
        if let Some(place) = self.batches.get_mut(batch) {
            *place = Some(size);
        }
        while let Some(Some((matches, bytes))) = self.batches.get(self.done) {
            self.total = (self.total.0 + matches, self.total.1 + bytes);
            self.done += 1;
        }
    }
}

fn overrides(root: &Path, globs: &[String]) -> Result<Override> {
    let wrong = |error: ignore::Error| Error::InvalidInput { what: "glob", detail: error.to_string() };
    let mut builder = OverrideBuilder::new(root);
    for glob in globs {
        builder.add(glob).map_err(wrong)?;
    }
    builder.build().map_err(wrong)
}

/// Whether a walk with these globs reaches the file: no folder on the way is left out, nor is the file.
fn is_let_through(globs: &Override, path: &str) -> bool {
    let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
    folders.map(|folder| (folder, true)).chain([(path, false)]).all(|(part, is_folder)| {
        let matched = globs.matched(part, is_folder);
        !matched.is_ignore()
    })
}
