//! Threads that help with the pieces of one short piece of work.
//!
//! A search has a dozen stages of a tenth of a millisecond to some, each of which can be shared, with what cannot between them. To
//! start a thread for each stage takes as long as the stage: 60 to 120 µs until its work is done and it is waited for. So the helpers
//! are started once and watch for the next stage for a moment before they sleep, which takes 1 to 4 µs.
//!
//! They do not outlive the work: a process that forks, as Python programs do, would find threads that are kept for the next time
//! missing in its child.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::Scope;
use std::time::{Duration, Instant};

/// A helper looks so often for something to do before it lets others have the processor in between.
const LOOKS: u32 = 200;
/// A helper that had nothing to do for so long sleeps until there is something.
const PATIENCE: Duration = Duration::from_millis(1);

/// Members of crews at work in this process, those who asked for a crew included.
static AT_WORK: AtomicUsize = AtomicUsize::new(0);

type Job<'j> = &'j (dyn Fn() + Sync);

/// What is posted for helpers.
struct Board {
    /// Raised with each change of what is posted.
    turn: AtomicU64,
    posted: Mutex<Posted>,
    is_changed: Condvar,
    /// Helpers at work on what was posted last.
    at_work: AtomicUsize,
}

#[derive(Default)]
struct Posted {
    job: Option<Job<'static>>,
    is_over: bool,
    asleep: u32,
}

impl Board {
    fn posted(&self) -> MutexGuard<'_, Posted> {
        self.posted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn post(&self, job: Option<Job<'static>>, is_over: bool) {
        let mut posted = self.posted();
        (posted.job, posted.is_over) = (job, is_over);
        self.turn.fetch_add(1, Ordering::Release);
        if posted.asleep > 0 {
            self.is_changed.notify_all();
        }
    }

    /// What a helper does from its start to its end.
    fn help(&self) {
        let mut seen = 0;
        while let Some(job) = self.next(&mut seen) {
            // Counted down even if the job panics, which whoever waits for the thread is told of.
            let _done = CountsDown(&self.at_work);
            job();
        }
    }

    /// The next job posted after the turn `seen`, counted as at work; `None` when all is over.
    fn next(&self, seen: &mut u64) -> Option<Job<'static>> {
        let mut since = None;
        for look in 1_u32.. {
            if self.turn.load(Ordering::Acquire) != *seen {
                let posted = self.posted();
                *seen = self.turn.load(Ordering::Acquire);
                if posted.is_over {
                    return None;
                }
                if let Some(job) = posted.job {
                    self.at_work.fetch_add(1, Ordering::Relaxed);
                    return Some(job);
                }
            }
            if look < LOOKS {
                std::hint::spin_loop();
            } else if since.get_or_insert_with(Instant::now).elapsed() < PATIENCE {
                std::thread::yield_now();
            } else {
                let mut posted = self.posted();
                posted.asleep += 1;
                let is_same = |_: &mut Posted| self.turn.load(Ordering::Acquire) == *seen;
                let woken = self.is_changed.wait_while(posted, is_same);
                woken.unwrap_or_else(PoisonError::into_inner).asleep -= 1;
            }
        }
        None
    }
}

struct CountsDown<'c>(&'c AtomicUsize);

impl Drop for CountsDown<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Release);
    }
}

/// Ends the help when it is dropped.
struct Ends<'b>(&'b Board);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.post(None, true);
    }
}

/// Takes a job down when it is dropped, and waits for those at work on it.
struct TakesDown<'b>(&'b Board);

impl Drop for TakesDown<'_> {
    fn drop(&mut self) {
        self.0.post(None, false);
        for look in 1_u32.. {
            if self.0.at_work.load(Ordering::Acquire) == 0 {
                break;
            }
            if look < LOOKS { std::hint::spin_loop() } else { std::thread::yield_now() }
        }
    }
}

/// A thread with helpers: [`with_crew`].
pub struct Crew<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    board: &'env Board,
    helpers: usize,
    are_started: Cell<bool>,
}

impl std::fmt::Debug for Crew<'_, '_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Crew").field("helpers", &self.helpers).finish_non_exhaustive()
    }
}

impl Crew<'_, '_> {
    /// How many threads may be at work on a job: the one that has the crew, and its helpers.
    pub fn members(&self) -> usize {
        1 + self.helpers
    }

    /// Calls `job` on this thread and, meanwhile, on each helper that is free before this thread is done. So the job is to take pieces
    /// of the work until there are none left: it may be that nobody helps.
    ///
    /// # Panics
    /// If the job panics here; if it panics on a helper, [`with_crew`] does in the end.
    pub fn share(&self, job: &(dyn Fn() + Sync)) {
        if self.helpers == 0 {
            return job();
        }
        #[expect(
            unsafe_code,
            reason = "a job is made after the threads that it is for, so no lifetime of theirs can name it"
        )]
        // SAFETY: the job outlives this call, and no helper has it after: helpers take it only while it is posted, under the lock,
        // and count themselves as at work before they let go of that; `TakesDown` takes it down under the lock, then waits until
        // none is at work, also while a panic unwinds.
        let posted = unsafe { std::mem::transmute::<Job<'_>, Job<'static>>(job) };
        let _taken_down = TakesDown(self.board);
        self.board.post(Some(posted), false);
        if !self.are_started.replace(true) {
            for _ in 0..self.helpers {
                // Without a thread there is one helper less.
                let _ = std::thread::Builder::new().spawn_scoped(self.scope, || self.board.help());
            }
        }
        job();
    }

    /// What `job` gives for each of `inputs`, in their order, each called on whichever thread is free.
    ///
    /// # Panics
    /// If the job panics here; if it panics on a helper, [`with_crew`] does in the end.
    pub fn map<I: Sync, O: Send>(&self, inputs: &[I], job: impl Fn(&I) -> O + Sync) -> Vec<O> {
        if inputs.len() < 2 {
            return inputs.iter().map(job).collect();
        }
        let (next, given) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(inputs.len())));
        self.share(&|| {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(input) = inputs.get(number) else { break };
                let output = job(input);
                given.lock().unwrap_or_else(PoisonError::into_inner).push((number, output));
            }
        });
        let mut given = given.into_inner().unwrap_or_else(PoisonError::into_inner);
        given.sort_unstable_by_key(|(number, _)| *number);
        given.into_iter().map(|(_, output)| output).collect()
    }

    /// What `left` and `right` give, each called on whichever thread is free.
    ///
    /// # Panics
    /// If either panics.
    pub fn both<L: Send, R: Send>(&self, left: impl FnOnce() -> L + Send, right: impl FnOnce() -> R + Send) -> (L, R) {
        let (left, right) = (Once::new(left), Once::new(right));
        self.share(&|| {
            left.run();
            right.run();
        });
        (left.finish(), right.finish())
    }
}

/// A job for whoever comes first, and then what it gave.
struct Once<F, T> {
    job: Mutex<Option<F>>,
    given: Mutex<Option<T>>,
}

impl<T, F: FnOnce() -> T> Once<F, T> {
    fn new(job: F) -> Self {
        Self { job: Mutex::new(Some(job)), given: Mutex::new(None) }
    }

    fn run(&self) {
        let job = self.job.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(job) = job {
            let given = job();
            *self.given.lock().unwrap_or_else(PoisonError::into_inner) = Some(given);
        }
    }

    fn finish(self) -> T {
        let given = self.given.into_inner().unwrap_or_else(PoisonError::into_inner);
        given.unwrap_or_else(|| panic!("a job panicked on the thread of a helper"))
    }
}

/// Calls `work` with a crew of up to `members` threads, this one included. They are started when the first job is shared, and end with
/// `work`. All crews of the process together have no more helpers than there are processors left: to several questions at a time each
/// thread answers one.
///
/// # Panics
/// If `work` or a job panics.
pub fn with_crew<T>(members: usize, work: impl FnOnce(&Crew<'_, '_>) -> T) -> T {
    // To ask takes files of the system: longer than to start a helper.
    static PROCESSORS: OnceLock<usize> = OnceLock::new();
    let processors = *PROCESSORS.get_or_init(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get));
    with_crew_of(members.min(processors.saturating_sub(AT_WORK.load(Ordering::Relaxed))), work)
}

/// [`with_crew`], whatever else is at work.
fn with_crew_of<T>(members: usize, work: impl FnOnce(&Crew<'_, '_>) -> T) -> T {
    let helpers = members.saturating_sub(1);
    AT_WORK.fetch_add(1 + helpers, Ordering::Relaxed);
    let _counted = Counted(1 + helpers);
    let board = Board {
        turn: AtomicU64::new(0),
        posted: Mutex::default(),
        is_changed: Condvar::new(),
        at_work: AtomicUsize::new(0),
    };
    std::thread::scope(|scope| {
        let _ends = Ends(&board);
        work(&Crew { scope, board: &board, helpers, are_started: Cell::new(false) })
    })
}

/// Members of a crew, counted until it is dropped.
struct Counted(usize);

impl Drop for Counted {
    fn drop(&mut self) {
        AT_WORK.fetch_sub(self.0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn every_piece_is_done_once_by_however_many() {
        for members in [0, 1, 2, 5] {
            with_crew_of(members, |crew| {
                assert_eq!(crew.members(), members.max(1));
                for pieces in [0, 1, 7, 1000] {
                    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
                    crew.share(&|| {
                        loop {
                            let piece = next.fetch_add(1, Ordering::Relaxed);
                            if piece >= pieces {
                                break;
                            }
                            done.lock().unwrap().push(piece);
                        }
                    });
                    let mut done = done.into_inner().unwrap();
                    done.sort_unstable();
                    assert_eq!(done, (0..pieces).collect::<Vec<_>>());
                }
            });
        }
    }

    #[test]
    fn what_is_given_is_in_the_order_of_the_inputs() {
        for members in [1, 2, 5] {
            with_crew_of(members, |crew| {
                for count in [0, 1, 2, 500] {
                    let inputs: Vec<u32> = (0..count).collect();
                    assert_eq!(
                        crew.map(&inputs, |input| 3 * input),
                        (0..count).map(|input| 3 * input).collect::<Vec<_>>()
                    );
                }
            });
        }
    }

    #[test]
    fn helpers_help_and_are_woken_when_they_sleep() {
        with_crew_of(3, |crew| {
            for pause in [Duration::ZERO, 4 * PATIENCE] {
                std::thread::sleep(pause);
                // Nobody gets past it before all three are there.
                let barrier = Barrier::new(3);
                crew.share(&|| {
                    barrier.wait();
                });
            }
        });
    }

    #[test]
    fn a_panic_is_told_and_leaves_nobody_behind() {
        for on_helper in [false, true] {
            let told = catch_unwind(AssertUnwindSafe(|| {
                with_crew_of(2, |crew| {
                    let (own, both) = (std::thread::current().id(), Barrier::new(2));
                    crew.share(&|| {
                        both.wait();
                        assert!((std::thread::current().id() == own) == on_helper, "as it is wanted");
                    });
                });
            }));
            assert!(told.is_err());
        }
        // What they counted is free again, but for tests beside this one.
        assert!(AT_WORK.load(Ordering::Relaxed) <= 5 + 3 + 2);
    }

    #[test]
    fn both_are_done_by_one_or_two() {
        for members in [1, 2] {
            let given = with_crew_of(members, |crew| crew.both(|| 1, || "two"));
            assert_eq!(given, (1, "two"));
        }
        let told = catch_unwind(|| with_crew_of(2, |crew| crew.both(|| (), || assert_eq!(1, 2))));
        assert!(told.is_err());
    }

    #[test]
    fn crews_leave_one_another_processors() {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        with_crew_of(processors + 1, |_| {
            assert_eq!(with_crew(4, |crew| crew.members()), 1);
        });
    }
}
