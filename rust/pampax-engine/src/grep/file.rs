//! Searching one file.

use std::fs::File;
use std::io::{Error as IoError, Read};
use std::path::{Path, PathBuf};

use grep_matcher::Matcher;
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use grep_searcher::{
    BinaryDetection, Searcher, SearcherBuilder, Sink, SinkContext, SinkContextKind, SinkFinish, SinkMatch,
};
use pampax_base::{Error, Result};

use super::view::Candidate;
use super::{GrepFile, GrepLine, GrepMode, GrepOptions};
use crate::read::open_file;
use crate::walk;

/// The most memory of a compiled expression, in bytes.
const REGEX_BYTES_MAX: usize = 64 << 20;
/// The most memory of its states while it runs, in bytes, for each thread.
const STATES_BYTES_MAX: usize = 64 << 20;
/// The longest line that can be searched, in bytes.
const LINE_BYTES_MAX: usize = 256 << 20;
/// What is shown of a line, in bytes.
const SHOWN_BYTES_MAX: usize = 4096;
/// Memory a line of an answer takes beside its text, in bytes, about.
const LINE_BYTES: usize = 96;

/// An expression, compiled, and what is wanted of each file.
pub(super) struct Search {
    matcher: RegexMatcher,
    mode: GrepMode,
    max_count: Option<u64>,
    before: usize,
    after: usize,
}

/// What was found in a file.
#[derive(Default)]
pub(super) struct Found {
    /// The file, if it has matches; its path is left to the caller.
    pub(super) file: Option<GrepFile>,
    /// Memory of it, in bytes, about.
    pub(super) bytes: usize,
    /// Whether it is not the file that was indexed.
    pub(super) stale: bool,
    /// Why it could not be read.
    pub(super) problem: Option<String>,
}

impl Search {
    pub(super) fn new(pattern: &str, options: &GrepOptions) -> Result<Self> {
        // As ripgrep sets it up.
        let matcher = RegexMatcherBuilder::new()
            .multi_line(true)
            .unicode(true)
            .octal(false)
            .case_insensitive(options.ignore_case)
            .word(options.word)
            .fixed_strings(options.fixed)
            .line_terminator(Some(b'\n'))
            .dot_matches_new_line(false)
            .ban_byte(Some(b'\x00'))
            .size_limit(REGEX_BYTES_MAX)
            .dfa_size_limit(STATES_BYTES_MAX)
            .build_many(&[pattern])
            .map_err(|error| Error::InvalidInput { what: "pattern", detail: error.to_string() })?;
        let own = options.limit as u64 + 1;
        let max_count = match options.mode {
            GrepMode::Files => Some(1),
            GrepMode::Counts => options.max_count,
            // One line more than allowed tells that there are more.
            GrepMode::Lines => Some(options.max_count.map_or(own, |count| count.min(own))),
        };
        let (before, after) = if options.mode == GrepMode::Lines { (options.before, options.after) } else { (0, 0) };
        Ok(Self { matcher, mode: options.mode, max_count, before, after })
    }

    /// What one thread needs. `go_on` is asked now and then.
    pub(super) fn worker<'a>(&'a self, root: &'a Path, go_on: &'a dyn Fn() -> bool) -> Worker<'a> {
        let searcher = SearcherBuilder::new()
            .line_number(self.mode == GrepMode::Lines)
            .before_context(self.before)
            .after_context(self.after)
            .max_matches(self.max_count)
            .binary_detection(BinaryDetection::quit(b'\x00'))
            .heap_limit(Some(LINE_BYTES_MAX))
            .build();
        Worker { search: self, root, go_on, searcher, matcher: self.matcher.clone(), folder: None }
    }
}

/// Searches files on one thread.
pub(super) struct Worker<'a> {
    search: &'a Search,
    root: &'a Path,
    go_on: &'a dyn Fn() -> bool,
    searcher: Searcher,
    matcher: RegexMatcher,
    /// The folder of the file before, and whether it lies inside the root.
    folder: Option<(PathBuf, bool)>,
}

impl Worker<'_> {
    /// Searches a file as it is now. One that is gone has no matches.
    pub(super) fn search(&mut self, candidate: &Candidate<'_>) -> Found {
        let path = self.root.join(candidate.path);
        if !self.is_inside(&path) {
            return Found::default();
        }
        match self.search_path(&path, candidate) {
            Ok(found) => found,
            Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
                Found::default()
            }
            // A link has taken the place of the file: ripgrep does not follow it either.
            Err(error) if error.raw_os_error() == Some(libc::ELOOP) => Found::default(),
            Err(error) => Found { problem: Some(error.to_string()), ..Found::default() },
        }
    }

    fn search_path(&mut self, path: &Path, candidate: &Candidate<'_>) -> std::io::Result<Found> {
        let file = open_file(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Ok(Found::default());
        }
        let now = walk::Found::new(String::new(), &metadata);
        let stale = candidate.seen.is_some_and(|seen| !now.has_stamps_of(seen));
        let mut sink = Lines { matcher: &self.matcher, mode: self.search.mode, file: GrepFile::default(), bytes: 0 };
        let reader = Interruptible { file, go_on: self.go_on };
        match self.searcher.search_reader(&self.matcher, reader, &mut sink) {
            // The whole search has been told to stop: what was found is thrown away.
            Err(_) if !(self.go_on)() => return Ok(Found::default()),
            other => other?,
        }
        let Lines { file, bytes, .. } = sink;
        // As ripgrep does: lines before a NUL byte are shown, but a file that has one is not listed or counted.
        let counts = file.matches > 0 && !(file.binary && self.search.mode != GrepMode::Lines);
        Ok(Found { file: counts.then_some(file), bytes, stale, problem: None })
    }

    /// Whether the folder of a file lies inside the root however it is linked. Candidates come by path, so that most are in the
    /// folder of the one before.
    fn is_inside(&mut self, path: &Path) -> bool {
        let Some(folder) = path.parent() else { return false };
        if let Some((known, inside)) = &self.folder
            && known == folder
        {
            return *inside;
        }
        let inside = folder.canonicalize().is_ok_and(|real| real.starts_with(self.root));
        self.folder = Some((folder.to_path_buf(), inside));
        inside
    }
}

/// A file that ends with an error once the search is to stop.
struct Interruptible<'a> {
    file: File,
    go_on: &'a dyn Fn() -> bool,
}

impl Read for Interruptible<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if (self.go_on)() { self.file.read(buffer) } else { Err(IoError::other("interrupted")) }
    }
}

/// Keeps the lines that are found.
struct Lines<'a> {
    matcher: &'a RegexMatcher,
    mode: GrepMode,
    file: GrepFile,
    bytes: usize,
}

impl Lines<'_> {
    fn add(&mut self, number: Option<u64>, bytes: &[u8], spans: &[(usize, usize)], context: bool) {
        let shown = &bytes[..shown_bytes(bytes)];
        let text = String::from_utf8_lossy(shown);
        let is_text = matches!(text, std::borrow::Cow::Borrowed(_));
        let cut = shown.len() < bytes.len();
        // Where bytes were replaced, what stands before a position is longer than it was.
        let at = |position: usize| match is_text {
            true => position as u32,
            false => String::from_utf8_lossy(&shown[..position]).len() as u32,
        };
        let within = spans.iter().filter(|(start, end)| *start <= shown.len() && *end <= shown.len());
        let spans: Vec<(u32, u32)> = within.map(|&(start, end)| (at(start), at(end))).collect();
        self.bytes += text.len() + spans.len() * size_of::<(u32, u32)>() + LINE_BYTES;
        let bytes = (!is_text).then(|| shown.to_vec());
        self.file.lines.push(GrepLine {
            line: number.unwrap_or(0),
            text: text.into_owned(),
            spans,
            context,
            cut,
            bytes,
        });
    }

    fn spans(&self, line: &[u8]) -> Vec<(usize, usize)> {
        let mut spans = Vec::new();
        // It cannot fail: its error has no value.
        let _ = self.matcher.find_iter(line, |found| {
            spans.push((found.start(), found.end()));
            true
        });
        spans
    }
}

impl Sink for Lines<'_> {
    type Error = IoError;

    fn matched(&mut self, _: &Searcher, found: &SinkMatch<'_>) -> std::io::Result<bool> {
        self.file.matches += 1;
        if self.mode == GrepMode::Lines {
            let line = without_end(found.bytes());
            let spans = self.spans(line);
            self.add(found.line_number(), line, &spans, false);
        }
        Ok(true)
    }

    fn context(&mut self, _: &Searcher, found: &SinkContext<'_>) -> std::io::Result<bool> {
        if matches!(found.kind(), SinkContextKind::Before | SinkContextKind::After) {
            self.add(found.line_number(), without_end(found.bytes()), &[], true);
        }
        Ok(true)
    }

    fn finish(&mut self, _: &Searcher, found: &SinkFinish) -> std::io::Result<()> {
        self.file.binary = found.binary_byte_offset().is_some();
        Ok(())
    }
}

fn without_end(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\n").unwrap_or(line)
}

/// How many bytes of a line are shown: no character is cut in two.
fn shown_bytes(line: &[u8]) -> usize {
    if line.len() <= SHOWN_BYTES_MAX {
        return line.len();
    }
    let is_inside = |&at: &usize| line[at] & 0xC0 == 0x80;
    (SHOWN_BYTES_MAX - 3..=SHOWN_BYTES_MAX).rev().find(|at| !is_inside(at)).unwrap_or(SHOWN_BYTES_MAX)
}
