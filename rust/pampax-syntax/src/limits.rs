//! What is parsed at all, and how much work a file may cost.
//!
//! Some grammars need quadratic time, or overrun a fixed buffer and abort the process, on text that nobody wrote by hand.
//! Such text is told by cheap counts before the grammar sees it; these, and the budget of steps, depend on nothing but the
//! text, so that every machine gives the same answer. The clock is only a backstop far beyond what real files need.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use pampax_base::Language;

/// Files beyond this size are cut by lines: they are data, whatever their name says.
const LARGEST_PARSED_BYTES: usize = 16 << 20;
/// Brackets nested deeper than this are not code anybody wrote.
const DEEPEST_BRACKETS: u32 = 1500;
/// Indentation nested deeper than this is not code anybody wrote. The scanners of YAML and Python keep their open blocks in
/// a buffer of 1024 bytes and do not stop at its end: 253 and 383 entries, of which one level here costs at most two.
const DEEPEST_INDENTATION: usize = 100;
/// A line beyond this is long; a file most of which stands in long lines is minified or data.
const LONG_LINE_BYTES: usize = 10_000;
/// Steps of 100 operations of the parser or the query that a file of any size may take.
const BASE_STEPS: u64 = 500;
/// Bytes for which one step more is allowed. Ordinary files take one step for 30 to 200 bytes.
const BYTES_PER_STEP: u64 = 10;
/// No file may take longer than this and [`BACKSTOP_PER_BYTE`] together, whatever its steps cost.
const BACKSTOP: Duration = Duration::from_secs(5);
/// A tenth of the speed of ordinary files.
const BACKSTOP_PER_BYTE: Duration = Duration::from_micros(2);

/// Why `text` should not be given to the grammar of `language`, if it should not.
pub(crate) fn refusal(language: Language, text: &str) -> Option<&'static str> {
    let bytes = text.as_bytes();
    if bytes.len() > LARGEST_PARSED_BYTES {
        return Some("too large");
    }
    if bytes.contains(&0) {
        return Some("contains NUL");
    }
    if bracket_depth(bytes) > DEEPEST_BRACKETS {
        return Some("too deep");
    }
    let mut in_long_lines = 0;
    let mut blocks = Blocks::default();
    for line in bytes.split(|&byte| byte == b'\n') {
        if line.len() > LONG_LINE_BYTES {
            in_long_lines += line.len();
        }
        blocks.enter(line);
        if language == Language::Yaml {
            blocks.enter_indicators(line);
        }
        if blocks.open.len() > DEEPEST_INDENTATION {
            return Some("too deep");
        }
    }
    (in_long_lines * 2 > bytes.len()).then_some("long lines")
}

/// The deepest nesting of brackets, strings and comments not told apart.
fn bracket_depth(bytes: &[u8]) -> u32 {
    let (mut depth, mut deepest) = (0_u32, 0);
    for byte in bytes {
        match byte {
            b'(' | b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The columns at which the open blocks of an indented language begin, each greater than the one before.
#[derive(Default)]
struct Blocks {
    open: Vec<usize>,
}

impl Blocks {
    /// Closes the blocks that `line` ends by its indentation, and opens one at its first word.
    fn enter(&mut self, line: &[u8]) {
        let Some(column) = line.iter().position(|byte| !byte.is_ascii_whitespace()) else { return };
        while self.open.last().is_some_and(|&open| open > column) {
            self.open.pop();
        }
        self.push(column);
    }

    /// Opens the blocks that YAML's indicators (`-`, `?`, and `:` where no key stands before it) may open on one line.
    fn enter_indicators(&mut self, line: &[u8]) {
        let mut after_indicator = true;
        for (column, &byte) in line.iter().enumerate() {
            let is_indicator =
                matches!(byte, b'-' | b'?' | b':') && line.get(column + 1).is_none_or(u8::is_ascii_whitespace);
            if is_indicator && (after_indicator || byte != b':') {
                self.push(column);
            }
            if is_indicator || !byte.is_ascii_whitespace() {
                after_indicator = is_indicator;
            }
            if self.open.len() > DEEPEST_INDENTATION {
                return;
            }
        }
    }

    fn push(&mut self, column: usize) {
        if self.open.last().is_none_or(|&open| open < column) {
            self.open.push(column);
        }
    }
}

/// The bytes to give to the grammar: those of `text`, byte for byte at the same places.
///
/// The scanner of Bash looks characters up in a table of 384 entries without asking whether they are in it, and reads far
/// outside for a character such as an emoji after `{`. Outside ASCII there are only words, strings and comments in a shell
/// script, so each such byte is read as a letter; names are taken from the text itself.
pub(crate) fn readable(language: Language, text: &str) -> Cow<'_, [u8]> {
    if language != Language::Bash || text.is_ascii() {
        return Cow::Borrowed(text.as_bytes());
    }
    Cow::Owned(text.bytes().map(|byte| if byte.is_ascii() { byte } else { b'x' }).collect())
}

/// How much work a file may still cost.
pub(crate) struct Budget {
    steps: u64,
    end: Instant,
}

impl Budget {
    /// The budget of a file of this size.
    pub(crate) fn of(bytes: usize) -> Self {
        let longest = BACKSTOP + BACKSTOP_PER_BYTE * bytes.min(LARGEST_PARSED_BYTES) as u32;
        Self { steps: BASE_STEPS + bytes as u64 / BYTES_PER_STEP, end: Instant::now() + longest }
    }

    /// Takes one step; `false` if none is left.
    pub(crate) fn spend(&mut self) -> bool {
        self.steps = self.steps.saturating_sub(1);
        self.steps > 0 && Instant::now() < self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_not_refused() {
        let text = "a:\n  - b: c\n    d: \"e: f - g\"\n  - [1, {h: i}]\n";
        assert_eq!(refusal(Language::Yaml, text), None);
        let json_in_yaml = format!("a: '{{{}}}'\n", "\"key\": \"value\", ".repeat(500));
        assert_eq!(refusal(Language::Yaml, &json_in_yaml), None);
        let image = format!("const a = 1;\n{}const b = '{}';\n", "call();\n".repeat(3000), "A".repeat(15_000));
        assert_eq!(refusal(Language::JavaScript, &image), None);
    }

    #[test]
    fn extreme_text_is_refused_with_its_reason() {
        let nested: String = (0..150).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
        assert_eq!(refusal(Language::Yaml, &nested), Some("too deep"));
        assert_eq!(refusal(Language::Python, &nested), Some("too deep"));
        assert_eq!(refusal(Language::Yaml, &"- ".repeat(150)), Some("too deep"));
        assert_eq!(refusal(Language::Yaml, &": ".repeat(150)), Some("too deep"));
        assert_eq!(refusal(Language::Markdown, &"- ".repeat(150)), None);
        assert_eq!(refusal(Language::Json, &"[".repeat(2000)), Some("too deep"));
        assert_eq!(refusal(Language::JavaScript, &"a;".repeat(20_000)), Some("long lines"));
        assert_eq!(refusal(Language::JavaScript, "a\0b"), Some("contains NUL"));
        assert_eq!(refusal(Language::JavaScript, &"a;\n".repeat(6 << 20)), Some("too large"));
    }
}
