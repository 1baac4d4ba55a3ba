//! Memory given back to the system: after an article of 10 MB the process is as small as before it.
//!
//! glibc keeps what is freed for the next request. It raises the size from which on a piece of memory is the system's
//! own each time such a piece is freed, up to 32 MB; then the long vectors of long articles lie in the heap of a worker,
//! and each worker keeps as much as its longest article took.

#![allow(unsafe_code)]

/// From this size on, a piece of memory is taken from the system by itself and given back when it is freed.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const OWN: libc::c_int = 1 << 20;

/// Fixes the size from which on memory is given back at once.
pub fn set_up() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: mallopt sets a number, under a lock of its own.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, OWN);
        libc::mallopt(libc::M_TRIM_THRESHOLD, 4 * OWN);
    }
}

/// Gives back what lies free between pieces in use; takes some milliseconds.
pub fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: malloc_trim touches free memory only, under the locks of the heaps.
    unsafe {
        libc::malloc_trim(0);
    }
}
