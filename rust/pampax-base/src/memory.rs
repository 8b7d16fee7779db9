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

/// Blocks above this are the system's own, and go back to it when they are freed: the arrays of an open state and the places of its
/// questions. glibc raises its threshold to the size of the largest block that was freed, up to 32 MiB; from then on such blocks lie
/// between small ones, and what one leaves is too small for the next.
const OWN_BLOCK_BYTES: i32 = 2 << 20;
/// What is free at the end of an arena beyond this goes back to the system. Less, and each question would ask for it again.
const FREE_END_BYTES: i32 = 8 << 20;

/// Has glibc's allocator keep a process from growing that answers while files change. Its threads share as many arenas as there are
/// processors, as more threads than that do not run at once: glibc makes up to eight times as many, each of which keeps what its
/// busiest moment left in pieces. And large blocks are the system's own. What the user has set stands. Elsewhere nothing is done.
pub fn bound_allocator() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        static ONCE: std::sync::Once = std::sync::Once::new();
        ONCE.call_once(|| {
            let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
            let processors = i32::try_from(processors).unwrap_or(i32::MAX);
            for (variable, tunable, option, value) in [
                ("MALLOC_ARENA_MAX", "malloc.arena_max", libc::M_ARENA_MAX, processors),
                ("MALLOC_MMAP_THRESHOLD_", "malloc.mmap_threshold", libc::M_MMAP_THRESHOLD, OWN_BLOCK_BYTES),
                ("MALLOC_TRIM_THRESHOLD_", "malloc.trim_threshold", libc::M_TRIM_THRESHOLD, FREE_END_BYTES),
            ] {
                let is_set = std::env::var_os(variable).is_some()
                    || std::env::var("GLIBC_TUNABLES").is_ok_and(|tunables| tunables.contains(tunable));
                if !is_set {
                    #[expect(unsafe_code, reason = "no other way to ask for it; it touches nothing that is in use")]
                    // SAFETY: it may be called at any time, from any thread.
                    unsafe {
                        libc::mallopt(option, value);
                    }
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
