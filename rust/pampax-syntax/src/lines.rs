//! Where the lines of a text begin.

use pampax_base::{ByteSpan, LineSpan};

/// The lines of a text. A line ends at `\n` (in `\r\n` the `\r` belongs to the line) or at the end of the text; an empty
/// text has no line. Lines are counted from 0 here and from 1 in [`LineSpan`].
pub(crate) struct Lines<'text> {
    text: &'text str,
    /// The first byte of each line, and the end of the text.
    starts: Vec<u32>,
}

impl<'text> Lines<'text> {
    /// Finds the lines of `text`, which must be shorter than 4 GiB.
    pub(crate) fn of(text: &'text str) -> Self {
        let mut starts = Vec::with_capacity(text.len() / 32 + 2);
        if !text.is_empty() {
            starts.push(0);
            starts.extend(text.match_indices('\n').map(|(position, _)| position as u32 + 1));
            if text.ends_with('\n') {
                starts.pop();
            }
        }
        starts.push(text.len() as u32);
        Self { text, starts }
    }

    /// How many lines there are.
    pub(crate) fn count(&self) -> u32 {
        self.starts.len() as u32 - 1
    }

    /// The first byte of line `line`; the end of the text for any line past the last.
    pub(crate) fn start(&self, line: u32) -> u32 {
        self.starts.get(line as usize).copied().unwrap_or(self.text.len() as u32)
    }

    /// The line that holds byte `position`.
    pub(crate) fn line_at(&self, position: u32) -> u32 {
        let after = self.starts.partition_point(|&start| start <= position) as u32;
        after.saturating_sub(1).min(self.count().saturating_sub(1))
    }

    /// The lines that hold the bytes of `span`.
    pub(crate) fn span_of(&self, span: ByteSpan) -> LineSpan {
        let first = self.line_at(span.start);
        let last = if span.is_empty() { first } else { self.line_at(span.end - 1) };
        LineSpan::new(first + 1, last + 1)
    }

    /// The bytes of the lines `first..end`.
    pub(crate) fn bytes(&self, first: u32, end: u32) -> ByteSpan {
        ByteSpan::new(self.start(first), self.start(end))
    }

    /// Whether a line holds nothing but white space.
    pub(crate) fn is_blank(&self, line: u32) -> bool {
        self.text.as_bytes()[self.bytes(line, line + 1).range()].iter().all(u8::is_ascii_whitespace)
    }

    /// How many bytes of the lines `first..end` are not white space; counting stops past `limit`.
    pub(crate) fn ink(&self, first: u32, end: u32, limit: usize) -> usize {
        let bytes = &self.text.as_bytes()[self.bytes(first, end).range()];
        bytes.iter().filter(|byte| !byte.is_ascii_whitespace()).take(limit + 1).count()
    }
}
