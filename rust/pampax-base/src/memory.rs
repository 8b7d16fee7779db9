//! What the process holds of the system's memory.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So often at most what was freed is given back beside other work: it takes some milliseconds.
const PAUSE: Duration = Duration::from_secs(5);

/// Gives what has been freed back to the system. glibc keeps it for the next time, so that a process that goes on for days would hold
/// what its largest piece of work took. Elsewhere nothing is done: other allocators give back by themselves.
pub fn give_back_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        #[expect(unsafe_code, reason = "no other way to ask for it; it touches nothing that is in use")]
        // SAFETY: it may be called at any time, from any thread.
        unsafe {
            libc::malloc_trim(0);
        }
    }
}

/// Has the process share as many arenas of its allocator as there are processors: more threads than that do not run at once. glibc
/// makes up to eight times as many, each of which keeps what its busiest moment left in pieces, so that a process whose threads come
/// and go grows for half an hour. A number that the user has set stands. Elsewhere nothing is done.
pub fn share_arenas() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        static ONCE: std::sync::Once = std::sync::Once::new();
        ONCE.call_once(|| {
            let is_set = std::env::var_os("MALLOC_ARENA_MAX").is_some()
                || std::env::var("GLIBC_TUNABLES").is_ok_and(|tunables| tunables.contains("malloc.arena_max"));
            let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
            if !is_set {
                #[expect(unsafe_code, reason = "no other way to ask for it; it touches nothing that is in use")]
                // SAFETY: it may be called at any time, from any thread.
                unsafe {
                    libc::mallopt(libc::M_ARENA_MAX, i32::try_from(processors).unwrap_or(i32::MAX));
                }
            }
        });
    }
}

/// The last field of something large that is replaced now and then: when that is dropped, and all before this field is freed, the
/// memory is given back to the system, if [`Self::expect`] was called.
#[derive(Debug, Default)]
pub struct GivesBackMemory {
    is_expected: AtomicBool,
}

impl GivesBackMemory {
    /// The owner was replaced, in a process that goes on: its memory is not needed for the next one.
    pub fn expect(&self) {
        self.is_expected.store(true, Ordering::Relaxed);
    }
}

impl Drop for GivesBackMemory {
    fn drop(&mut self) {
        if *self.is_expected.get_mut() {
            give_back_memory_soon();
        }
    }
}

/// [`give_back_memory`] on a thread of its own, [`PAUSE`] after the last time at the earliest. Whatever else is freed until then goes
/// with it.
fn give_back_memory_soon() {
    static LAST: Mutex<Option<Instant>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    let now = Instant::now();
    // If the last time is still to come, it is for this one too.
    if last.is_some_and(|last| last > now) {
        return;
    }
    let at = last.map_or(now, |last| (last + PAUSE).max(now));
    let give_back = move || {
        std::thread::sleep(at.saturating_duration_since(Instant::now()));
        give_back_memory();
    };
    // Without a thread it is done the next time.
    if std::thread::Builder::new().name("pampax-memory".to_owned()).spawn(give_back).is_ok() {
        *last = Some(at);
    }
}
