//! What the process holds of the system's memory.

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

/// [`give_back_memory`] on a thread of its own, unless that was done a moment ago: for whoever replaces something large now and then
/// and answers questions all the time.
pub fn give_back_memory_meanwhile() {
    static LAST: Mutex<Option<Instant>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.is_none_or(|last| last.elapsed() >= PAUSE) {
        *last = Some(Instant::now());
        // Without a thread it is done the next time.
        let _ = std::thread::Builder::new().name("pampax-memory".to_owned()).spawn(give_back_memory);
    }
}
