//! Files of the store as memory.

use std::fs::File;
use std::path::Path;

use memmap2::Mmap;

use crate::{Error, Result};

/// Maps the file at `path` for reading. Pages are loaded when they are touched, so a store larger than memory costs only
/// what a query reads.
///
/// Only for files that nobody writes to after they got their name: the store's segments and views.
///
/// # Errors
/// [`Error::Io`] if the file cannot be opened or mapped.
pub fn map_file(path: &Path) -> Result<Mmap> {
    let file = File::open(path).map_err(Error::io("open", path))?;
    #[expect(unsafe_code, reason = "mapping is the point; the store never changes a file once it is named")]
    // SAFETY: files of the store are immutable once named and are replaced by rename only, never truncated in place.
    unsafe { Mmap::map(&file) }.map_err(Error::io("map", path))
}
