//! Which lines of a text are not in an older text.

use imara_diff::{Algorithm, Diff, InternedInput};
use pampax_base::LineSpan;

/// How much of a file is searched for a NUL byte, which makes it binary: as git does it.
const BINARY_PROBE_BYTES: usize = 8000;

/// Whether `content` is not text.
pub(crate) fn is_binary(content: &[u8]) -> bool {
    content[..content.len().min(BINARY_PROBE_BYTES)].contains(&0)
}

/// The lines of `content` without their ends, neither `\n` nor `\r\n`.
fn lines(content: &[u8]) -> impl Iterator<Item = &[u8]> {
    // What follows the last line end is a line only if there is something.
    let text = content.strip_suffix(b"\n").unwrap_or(content);
    let count_if_empty = usize::from(!content.is_empty());
    let limit = if text.is_empty() { count_if_empty } else { usize::MAX };
    text.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)).take(limit)
}

/// All lines of a text as a span; none if it is empty.
pub(crate) fn all_lines(content: &[u8]) -> Vec<LineSpan> {
    match lines(content).count() as u32 {
        0 => Vec::new(),
        count => vec![LineSpan::new(1, count)],
    }
}

/// The lines of `new` that are not in `old`, and the lines that stand where lines of `old` were; `None` if the two have the same
/// lines. No spans if lines were removed and none is left.
pub(crate) fn changed_lines(old: &[u8], new: &[u8]) -> Option<Vec<LineSpan>> {
    let mut input: InternedInput<&[u8]> = InternedInput::default();
    input.update_before(lines(old));
    input.update_after(lines(new));
    if input.before == input.after {
        return None;
    }
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_lines(&input);
    let last = input.after.len() as u32;
    let mut spans: Vec<LineSpan> = Vec::new();
    for hunk in diff.hunks() {
        // Hunks count from 0 and exclude their end. An empty one stands before the line that now is at that place.
        let (start, end) = match hunk.after.is_empty() {
            true => ((hunk.after.start + 1).min(last), (hunk.after.start + 1).min(last)),
            false => (hunk.after.start + 1, hunk.after.end),
        };
        if start == 0 {
            continue;
        }
        match spans.last_mut() {
            // A removal's line may touch the next hunk, or be the end of the one before.
            Some(before) if start <= before.end + 1 => before.end = before.end.max(end),
            _ => spans.push(LineSpan::new(start, end)),
        }
    }
    Some(spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(old: &str, new: &str) -> Option<Vec<(u32, u32)>> {
        changed_lines(old.as_bytes(), new.as_bytes())
            .map(|spans| spans.into_iter().map(|span| (span.start, span.end)).collect())
    }

    #[test]
    fn lines_are_counted_as_people_do() {
        let count = |text: &str| lines(text.as_bytes()).count();
        assert_eq!(
            (count(""), count("\n"), count("a"), count("a\n"), count("a\n\n"), count("\r\nb")),
            (0, 1, 1, 1, 2, 2)
        );
        assert_eq!(all_lines(b"a\nb"), [LineSpan::new(1, 2)]);
        assert_eq!(all_lines(b""), []);
    }

    #[test]
    fn line_ends_are_no_change() {
        assert_eq!(spans("a\nb\n", "a\r\nb\r\n"), None);
        assert_eq!(spans("a\nb\n", "a\nb"), None);
    }

    #[test]
    fn a_removal_is_the_line_at_its_place() {
        assert_eq!(spans("a\nb\nc\n", "a\nc\n"), Some(vec![(2, 2)]));
        assert_eq!(spans("a\nb\nc\n", "a\nb\n"), Some(vec![(2, 2)]), "clamped");
        assert_eq!(spans("a\nb\n", ""), Some(vec![]), "no line is left to name");
    }

    #[test]
    fn additions_and_changes_are_their_lines() {
        assert_eq!(spans("a\nb\nc\n", "a\nx\nc\nd\n"), Some(vec![(2, 2), (4, 4)]));
        assert_eq!(spans("", "a\nb\n"), Some(vec![(1, 2)]));
    }

    #[test]
    fn spans_that_touch_are_one() {
        assert_eq!(spans("a\nb\nc\nd\n", "a\nc\nx\n"), Some(vec![(2, 3)]));
    }
}
