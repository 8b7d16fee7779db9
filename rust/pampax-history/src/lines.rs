//! Which lines of a text are not in an older text.

use imara_diff::{Algorithm, Diff, Hunk, InternedInput, Token};
use pampax_base::LineSpan;

use crate::coarse;

/// How much of a file is searched for a NUL byte, which makes it binary: as git does it.
const BINARY_PROBE_BYTES: usize = 8000;

/// What comparisons may cost together, in pairs of lines: two or three seconds. The time of one can grow with the product of
/// its changed regions, and a file of 4 MiB has room for two million lines.
const PAIRS_MAX: u64 = 1 << 32;

/// What a comparison may cost in any case, in pairs of lines: a few milliseconds.
const PAIRS_FREE: u64 = 1 << 22;

/// What comparisons may still cost. It is counted and not timed, so that the same texts give the same answer on any machine.
pub(crate) struct Effort {
    pairs_left: u64,
}

impl Effort {
    /// For one call of this crate.
    pub(crate) fn new() -> Self {
        Self { pairs_left: PAIRS_MAX }
    }

    /// Whether the better comparison of these may be made; if so, its cost is taken off.
    fn allows(&mut self, before: &[Token], after: &[Token]) -> bool {
        let start = coarse::same(before.iter(), after.iter());
        let (before, after) = (&before[start..], &after[start..]);
        let end = coarse::same(before.iter().rev(), after.iter().rev());
        let pairs = (before.len() - end) as u64 * (after.len() - end) as u64;
        if pairs > PAIRS_FREE {
            let Some(left) = self.pairs_left.checked_sub(pairs) else { return false };
            self.pairs_left = left;
        }
        true
    }
}

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

/// Whether two texts have the same lines.
pub(crate) fn same_lines(old: &[u8], new: &[u8]) -> bool {
    lines(old).eq(lines(new))
}

/// The lines of `new` that are not in `old`, and the lines that stand where lines of `old` were; `None` if the two have the same
/// lines. No spans if lines were removed and none is left.
pub(crate) fn changed_lines(old: &[u8], new: &[u8], effort: &mut Effort) -> Option<Vec<LineSpan>> {
    if same_lines(old, new) {
        return None;
    }
    let mut input: InternedInput<&[u8]> = InternedInput::default();
    input.update_before(lines(old));
    input.update_after(lines(new));
    let hunks: Vec<Hunk> = if effort.allows(&input.before, &input.after) {
        let mut diff = Diff::compute(Algorithm::Histogram, &input);
        diff.postprocess_lines(&input);
        diff.hunks().collect()
    } else {
        coarse::hunks(&input.before, &input.after, input.interner.num_tokens())
    };
    let last = input.after.len() as u32;
    let mut spans: Vec<LineSpan> = Vec::new();
    for hunk in hunks {
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
    use std::iter::repeat_n;

    use super::*;

    fn spans(old: &str, new: &str) -> Option<Vec<(u32, u32)>> {
        changed_lines(old.as_bytes(), new.as_bytes(), &mut Effort::new())
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

    #[test]
    fn effort_is_spent_on_what_differs_only() {
        let mut input: InternedInput<&str> = InternedInput::default();
        input.update_before(repeat_n("same", 100_000).chain(repeat_n("a", 3000)));
        input.update_after(repeat_n("same", 100_000).chain(repeat_n("b", 2000)));
        let mut effort = Effort { pairs_left: 7_000_000 };
        assert!(effort.allows(&input.before, &input.after));
        assert_eq!(effort.pairs_left, 1_000_000);
        assert!(!effort.allows(&input.before, &input.after));
        assert!(effort.allows(&input.before[..102_000], &input.after), "small ones are made in any case");
        assert_eq!(effort.pairs_left, 1_000_000);
    }
}
