//! What the process holds of the system's memory.

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
