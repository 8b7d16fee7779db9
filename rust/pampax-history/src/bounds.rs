//! Looks over git's index before the library decodes it, for what would cost it the process: a stack that overflows or memory
//! that runs out cannot be caught. All else that may be wrong with an index is left to the library, which says so.
//!
//! The library decodes the folders of two extensions by recursion, follows a shared index without end, and holds the paths of
//! version 4, each told by what it has of the one before, in full.

use std::path::Path;

use pampax_base::{Error, Result};

/// The largest index read, in bytes: room for some five million files.
const INDEX_BYTES_MAX: u64 = 512 << 20;

/// How long the paths of an index may be together, in bytes.
const PATH_BYTES_MAX: usize = 512 << 20;

/// How deep folders may lie in each other in an extension.
const DEPTH_MAX: usize = 512;

/// The bytes of a hash.
const HASH_BYTES: usize = 20;

/// Whether the index at `path`, and the one it shares entries of, can be decoded safely.
pub(crate) fn check(path: &Path) -> Result<()> {
    let wrong = |detail: &str| Error::BadPath { path: path.to_path_buf(), detail: format!("git's index {detail}") };
    let look_over = |path: &Path| {
        let found = std::fs::metadata(path).map_err(Error::io("read", path))?;
        if !found.is_file() || found.len() > INDEX_BYTES_MAX {
            return Err(wrong("is no file, or larger than 512 MiB"));
        }
        let content = std::fs::read(path).map_err(Error::io("read", path))?;
        look_over(&content).map_err(wrong)
    };
    let Some(shared) = look_over(path)? else { return Ok(()) };
    let name = shared.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let shared = path.with_file_name(format!("sharedindex.{name}"));
    // That it is missing is found by the library, too.
    if shared.exists() && look_over(&shared)?.is_some() {
        return Err(wrong("shares entries of one that shares entries"));
    }
    Ok(())
}

/// The hash of the index that this one shares entries of, if any. What cannot be decoded ends the look: the library gets no
/// further either.
fn look_over(content: &[u8]) -> Result<Option<[u8; HASH_BYTES]>, &'static str> {
    let Some((entries, version, count)) = header(content) else { return Ok(None) };
    let Some(mut rest) = skip_entries(entries, version, count)? else { return Ok(None) };
    let mut shared = None;
    rest.0 = rest.0.get(..rest.0.len().saturating_sub(HASH_BYTES)).unwrap_or_default();
    while let Some((signature, data)) = extension(&mut rest) {
        let is_too_deep = match signature {
            b"TREE" => nests_too_deep(Bytes(data), folders_in_tree),
            b"UNTR" => skip_to_folders(data).is_some_and(|data| nests_too_deep(data, folders_untracked)),
            _ => false,
        };
        if is_too_deep {
            return Err("holds folders that lie too deep");
        }
        if signature == b"link" {
            shared = data.first_chunk().copied();
        }
    }
    Ok(shared)
}

/// What is not read yet.
#[derive(Clone, Copy)]
struct Bytes<'content>(&'content [u8]);

impl<'content> Bytes<'content> {
    fn take(&mut self, count: usize) -> Option<&'content [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// What stands before the next `end`, which is taken, too.
    fn until(&mut self, end: u8) -> Option<&'content [u8]> {
        let length = self.0.iter().position(|byte| *byte == end)?;
        let taken = self.take(length)?;
        self.take(1)?;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        self.take(4)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
    }

    /// A number in as many bytes as it needs, each with seven bits of it.
    fn short_number(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for place in 0.. {
            let byte = *self.take(1)?.first()?;
            let carried = if place == 0 { 0 } else { value.checked_add(1)?.checked_mul(128)? };
            value = carried.checked_add(u64::from(byte & 127))?;
            if byte & 128 == 0 {
                break;
            }
        }
        Some(value)
    }
}

/// The entries, the version, and how many entries there are.
fn header(content: &[u8]) -> Option<(Bytes<'_>, u32, u32)> {
    let mut rest = Bytes(content);
    rest.take(4)?;
    let (version, count) = (rest.number()?, rest.number()?);
    Some((rest, version, count))
}

/// What follows the entries; `None` if they are cut off.
fn skip_entries(mut rest: Bytes<'_>, version: u32, count: u32) -> Result<Option<Bytes<'_>>, &'static str> {
    let mut path_bytes = 0;
    let mut length = 0;
    for _ in 0..count {
        let Some(next) = skip_entry(&mut rest, version, length) else { return Ok(None) };
        length = next;
        path_bytes += length;
        if path_bytes > PATH_BYTES_MAX {
            return Err("holds paths of more than 512 MiB");
        }
    }
    Ok(Some(rest))
}

/// The length of the path of the next entry, if the one before has `length`.
fn skip_entry(rest: &mut Bytes<'_>, version: u32, length: usize) -> Option<usize> {
    /// Set where two more bytes of flags follow.
    const EXTENDED: u16 = 0x4000;
    /// The length of the path, or all of these bits if it is longer.
    const LENGTH: u16 = 0x0fff;

    let start = rest.0.len();
    rest.take(40 + HASH_BYTES)?;
    let flags = u16::from_be_bytes(*rest.take(2)?.first_chunk()?);
    if flags & EXTENDED != 0 {
        rest.take(2)?;
    }
    if version == 4 {
        let cut = usize::try_from(rest.short_number()?).ok()?;
        let suffix = rest.until(0)?.len();
        // The first path has none to be cut from.
        return Some(length.saturating_sub(cut) + suffix);
    }
    if flags & LENGTH == LENGTH {
        return Some(rest.until(0)?.len());
    }
    let length = usize::from(flags & LENGTH);
    rest.take(length)?;
    // One to eight zeros, up to a multiple of eight.
    rest.take(8 - (start - rest.0.len()) % 8)?;
    Some(length)
}

fn extension<'content>(rest: &mut Bytes<'content>) -> Option<(&'content [u8; 4], &'content [u8])> {
    let signature = rest.take(4)?.first_chunk()?;
    let size = rest.number()? as usize;
    Some((signature, rest.take(size)?))
}

/// Whether folders lie too deep in each other. `folders_in` reads one and says how many are in it; these follow.
fn nests_too_deep(mut data: Bytes<'_>, folders_in: fn(&mut Bytes<'_>) -> Option<u64>) -> bool {
    // How many folders of each level are still to come.
    let mut levels = vec![1];
    while let Some(expected) = levels.last_mut() {
        if *expected == 0 {
            levels.pop();
            continue;
        }
        *expected -= 1;
        let Some(count) = folders_in(&mut data) else { return false };
        levels.push(count);
        if levels.len() > DEPTH_MAX {
            return true;
        }
    }
    false
}

fn folders_in_tree(data: &mut Bytes<'_>) -> Option<u64> {
    data.until(0)?;
    let files: i32 = str::from_utf8(data.until(b' ')?).ok()?.parse().ok()?;
    let count = str::from_utf8(data.until(b'\n')?).ok()?.parse().ok()?;
    // Negative: git has changed the folder and not hashed it since.
    if files >= 0 {
        data.take(HASH_BYTES)?;
    }
    Some(count)
}

/// What stands before the first folder of what git knows of untracked files is left out.
fn skip_to_folders(data: &[u8]) -> Option<Bytes<'_>> {
    let mut rest = Bytes(data);
    let length = usize::try_from(rest.short_number()?).ok()?;
    rest.take(length)?;
    // What `stat` said of two files, flags, and the hashes of the two.
    rest.take(36 + 36 + 4 + 2 * HASH_BYTES)?;
    rest.until(0)?;
    rest.short_number()?;
    Some(rest)
}

fn folders_untracked(data: &mut Bytes<'_>) -> Option<u64> {
    let (files, folders) = (data.short_number()?, data.short_number()?);
    data.until(0)?;
    for _ in 0..files {
        data.until(0)?;
    }
    Some(folders)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(version: u32, entries: &[Vec<u8>], extensions: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
        let mut content = b"DIRC".to_vec();
        content.extend(version.to_be_bytes());
        content.extend((entries.len() as u32).to_be_bytes());
        content.extend(entries.concat());
        for (signature, data) in extensions {
            content.extend(*signature);
            content.extend((data.len() as u32).to_be_bytes());
            content.extend(data);
        }
        content.extend([0; HASH_BYTES]);
        content
    }

    fn entry(flags: u16, path: &[u8]) -> Vec<u8> {
        [&[0; 60], flags.to_be_bytes().as_slice(), path].concat()
    }

    #[test]
    fn an_index_that_nests_too_deep_is_refused() {
        for (levels, expected) in [(DEPTH_MAX - 2, true), (DEPTH_MAX + 2, false)] {
            let tree = [b"\0-1 1\n".repeat(levels), b"\0-1 0\n".to_vec()].concat();
            let hashed = [b"\x000 1\n01234567890123456789".repeat(levels), b"\0-1 0\n".to_vec()].concat();
            let untracked = [vec![0; 1 + 36 + 36 + 4 + 40 + 1 + 1], b"\0\x01\0".repeat(levels)].concat();
            for extension in [(b"TREE", tree), (b"TREE", hashed), (b"UNTR", untracked)] {
                // After an entry whose path has the length that leaves most to be filled up.
                let content = index(2, &[entry(2, b"ab\0\0\0\0\0\0\0\0")], &[(b"XXXX", vec![7; 9]), extension]);
                assert_eq!(look_over(&content).is_ok(), expected, "{levels}");
            }
        }
    }

    #[test]
    fn paths_that_would_fill_memory_are_refused() {
        let first = entry(0x0fff, &[vec![0], vec![b'p'; 1 << 20], vec![0]].concat());
        let next = entry(0x0fff, b"\0x\0");
        let mut entries = vec![first];
        entries.resize(500, next.clone());
        assert_eq!(look_over(&index(4, &entries, &[])), Ok(None));
        entries.resize(600, next);
        assert!(look_over(&index(4, &entries, &[])).is_err());
    }

    #[test]
    fn the_index_whose_entries_are_shared_is_named() {
        assert_eq!(look_over(&index(2, &[], &[(b"link", vec![5; 20])])), Ok(Some([5; 20])));
        assert_eq!(look_over(&index(2, &[], &[(b"link", vec![5; 3])])), Ok(None));
        assert_eq!(look_over(b"DIRC"), Ok(None));
    }

    #[test]
    fn short_numbers_are_as_git_writes_them() {
        let read = |bytes: &[u8]| Bytes(bytes).short_number();
        assert_eq!((read(&[5]), read(&[0x80, 0]), read(&[0x81, 1])), (Some(5), Some(128), Some(257)));
        assert_eq!((read(&[0x80]), read(&[0xff; 30])), (None, None));
    }
}
