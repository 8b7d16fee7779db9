//! The text of files, as it is now, for answers that show lines.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use pampax_base::{Crew, Error, LineSpan, Result};
use pampax_tokenize::Tokenizer;

use crate::read::{hash, to_text};
use crate::snapshot::Snapshot;

/// A thread's tokenizer, for the next thread when it ends: making one takes longer than a short query, and threads come and go.
struct Lent(RefCell<Option<Tokenizer>>);

/// Tokenizers that no thread has.
static FREE: Mutex<Vec<Tokenizer>> = Mutex::new(Vec::new());
/// More of them are not kept: each has a table of stems.
const FREE_MAX: usize = 8;

impl Drop for Lent {
    fn drop(&mut self) {
        let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
        if free.len() < FREE_MAX {
            free.extend(self.0.take());
        }
    }
}

thread_local! {
    static TOKENIZER: Lent = const { Lent(RefCell::new(None)) };
}

/// Calls `visit` with each term of `text`, by the tokenizer of this thread.
pub(crate) fn for_each_term(text: &str, visit: &mut dyn FnMut(&str)) {
    let free = || FREE.lock().unwrap_or_else(PoisonError::into_inner).pop();
    TOKENIZER.with(|lent| {
        lent.0.borrow_mut().get_or_insert_with(|| free().unwrap_or_default()).for_each(text, visit);
    });
}

/// Files read for one answer.
pub(crate) struct Texts<'a> {
    snapshot: &'a Snapshot,
    root: &'a Path,
    files: HashMap<u32, Option<Lines>>,
}

/// A file's text, cut into lines.
pub(crate) struct Lines {
    text: String,
    ends: Vec<usize>,
}

impl Lines {
    pub(crate) fn new(text: String) -> Self {
        let mut ends: Vec<usize> = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1).collect();
        if ends.last().copied().unwrap_or(0) < text.len() {
            ends.push(text.len());
        }
        Self { text, ends }
    }

    /// How many lines there are.
    pub(crate) fn len(&self) -> u32 {
        self.ends.len() as u32
    }

    /// The lines of a span with their line ends; what is past the end is left out.
    pub(crate) fn get(&self, span: LineSpan) -> &str {
        let end_of = |line: u32| if line == 0 { 0 } else { self.ends[(line as usize - 1).min(self.ends.len() - 1)] };
        if self.ends.is_empty() || span.start > self.len() {
            return "";
        }
        &self.text[end_of(span.start.max(1) - 1)..end_of(span.end)]
    }

    /// The bytes of a span of the text.
    pub(crate) fn bytes(&self, span: pampax_base::ByteSpan) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// The line a byte is on, 1-based.
    pub(crate) fn line_of(&self, byte: u32) -> u32 {
        (self.ends.partition_point(|&end| end <= byte as usize) as u32 + 1).min(self.len().max(1))
    }
}

impl<'a> Texts<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot, root: &'a Path) -> Self {
        Self { snapshot, root, files: HashMap::new() }
    }

    /// The lines of an entry (numbered over all segments), if its file is still the one that was indexed.
    pub(crate) fn get(&mut self, entry: u32) -> Option<&Lines> {
        let (snapshot, root) = (self.snapshot, self.root);
        self.files.entry(entry).or_insert_with(|| read(snapshot, root, entry)).as_ref()
    }

    /// The lines of an entry that was asked for before, likewise.
    pub(crate) fn known(&self, entry: u32) -> Option<&Lines> {
        self.files.get(&entry)?.as_ref()
    }

    /// Reads the files of entries, each on whichever thread is free.
    pub(crate) fn read(&mut self, crew: &Crew<'_, '_>, entries: impl IntoIterator<Item = u32>) {
        let mut entries: Vec<u32> = entries.into_iter().filter(|entry| !self.files.contains_key(entry)).collect();
        entries.sort_unstable();
        entries.dedup();
        let files = crew.map(&entries, |&entry| read(self.snapshot, self.root, entry));
        self.files.extend(entries.into_iter().zip(files));
    }

    /// The entries whose texts were asked for.
    pub(crate) fn entries(&self) -> Vec<u32> {
        self.files.keys().copied().collect()
    }
}

/// The lines of an entry, if its file is still the one that was indexed.
fn read(snapshot: &Snapshot, root: &Path, entry: u32) -> Option<Lines> {
    let (segment, local) = snapshot.entry(entry);
    let record = segment.open.facts.entries().get(local as usize)?;
    let bytes = std::fs::read(root.join(segment.open.facts.path(local))).ok()?;
    (hash(&bytes) == record.blob).then(|| to_text(bytes).map(Lines::new))?
}

/// Lines `start..=end` of the file at `path` below `root`, as they are now.
///
/// # Errors
/// [`Error::BadPath`] for a path that leaves the root, [`Error::Io`] if the file cannot be read.
pub(crate) fn lines_of(root: &Path, path: &str, start: u32, end: u32) -> Result<String> {
    let full = inside(root, path)?;
    let bytes = std::fs::read(&full).map_err(Error::io("read", &full))?;
    let text = to_text(bytes).ok_or_else(|| Error::BadPath {
        path: full.clone(),
        detail: "is binary: there are no lines to show".to_owned(),
    })?;
    Ok(Lines::new(text).get(LineSpan::new(start, end)).to_owned())
}

/// The file `path` names, if it lies inside the root however it is spelled or linked.
pub(crate) fn inside(root: &Path, path: &str) -> Result<PathBuf> {
    let full = root.join(path);
    let real = full.canonicalize().map_err(Error::io("open", &full))?;
    if real.starts_with(root) {
        return Ok(real);
    }
    Err(Error::BadPath { path: PathBuf::from(path), detail: "lies outside the repository".to_owned() })
}

/// The longest prefix of at most `bytes` bytes.
pub(crate) fn clip(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_with_and_without_a_last_newline() {
        for text in ["a\nb\nc", "a\nb\nc\n"] {
            let lines = Lines::new(text.to_owned());
            assert_eq!(lines.len(), 3);
            assert_eq!(lines.get(LineSpan::new(2, 2)), "b\n");
            assert!(lines.get(LineSpan::new(2, 9)).starts_with("b\nc"));
            assert_eq!(lines.get(LineSpan::new(4, 9)), "");
            assert_eq!((lines.line_of(0), lines.line_of(2), lines.line_of(4)), (1, 2, 3));
        }
        assert_eq!(Lines::new(String::new()).get(LineSpan::new(1, 1)), "");
    }

    #[test]
    fn no_path_leaves_the_root() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("root");
        std::fs::create_dir(&root).unwrap();
        std::fs::write(root.join("a"), "x\n").unwrap();
        std::fs::write(root.parent().unwrap().join("secret"), "s\n").unwrap();
        std::os::unix::fs::symlink("../secret", root.join("link")).unwrap();
        assert_eq!(lines_of(&root, "a", 1, 1).unwrap(), "x\n");
        for path in ["../secret", "link", "/etc/passwd", "a/../../secret"] {
            assert!(lines_of(&root, path, 1, 1).is_err(), "{path}");
        }
    }
}
