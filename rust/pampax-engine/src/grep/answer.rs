//! What a search for lines returns.

use serde::Serialize;

use super::GrepMode;

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GrepLine {
    /// Its number, from 1.
    pub line: u64,
    /// Its text without the line end; bytes that are no UTF-8 are replaced.
    pub text: String,
    /// Where the matches are in `text`, in bytes, the end excluded. None for lines that are only shown around a match.
    pub spans: Vec<(u32, u32)>,
    /// Whether it stands around a match and has none itself.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub context: bool,
    /// Whether the line is longer than what is shown of it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
    /// The line as it is on disk, if it is no UTF-8.
    #[serde(skip)]
    pub bytes: Option<Vec<u8>>,
}

/// A file with matches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct GrepFile {
    /// Path relative to the root.
    pub path: String,
    /// Lines with matches; when only files are listed, 1.
    pub matches: u64,
    /// The lines, if they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<GrepLine>,
    /// Whether the search ended at a NUL byte, as what follows is no text.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub binary: bool,
}

impl GrepFile {
    fn write_lines(&self, grouped: bool, out: &mut Vec<u8>) {
        let mut last = 0;
        for line in &self.lines {
            if grouped && !out.is_empty() && (last == 0 || line.line > last + 1) {
                out.extend_from_slice(b"--\n");
            }
            last = line.line;
            let mark = if line.context { '-' } else { ':' };
            out.extend_from_slice(format!("{}{mark}{}{mark}", self.path, line.line).as_bytes());
            out.extend_from_slice(line.bytes.as_deref().unwrap_or(line.text.as_bytes()));
            out.extend_from_slice(if line.cut { b" [the line goes on]\n" } else { b"\n" });
        }
    }

    /// Leaves the first `matches` matching lines and what stands around them.
    pub(crate) fn cut_to(&mut self, matches: u64) {
        let mut seen = 0;
        let end = self.lines.iter().position(|line| {
            seen += u64::from(!line.context);
            seen > matches
        });
        self.lines.truncate(end.unwrap_or(self.lines.len()));
        self.matches = self.matches.min(matches);
    }
}

/// What an answer is based on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GrepCoverage {
    /// The generation.
    pub generation: u64,
    /// Files that the search spoke for.
    pub files: u64,
    /// Files that wait for being indexed: a run goes on, or was stopped. They were not searched.
    pub files_pending: u64,
    /// Whether there was more than the limits let through.
    pub truncated: bool,
    /// Paths in this answer whose files changed since they were indexed: they were searched as they are now.
    pub stale_paths: Vec<String>,
    /// Whether the files are still those that were indexed: "fresh", "stale" or "unchecked". Stale files are searched as they are
    /// now; what was not checked may have lines that are not here.
    pub freshness: &'static str,
    /// How many files changed, came or went since they were indexed.
    pub stale_files: u64,
    /// Anything else that limits the answer.
    pub notes: Vec<String>,
}

/// The answer to a search for lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GrepAnswer {
    /// Version of this record.
    pub schema: &'static str,
    /// The pattern as given.
    pub pattern: String,
    /// Whether the index could leave files out; if not, every file was read.
    pub planned: bool,
    /// Lines with matches in this answer; when only files are listed, those.
    pub matches: u64,
    /// The files, by path.
    pub files: Vec<GrepFile>,
    /// What the answer is based on.
    pub coverage: GrepCoverage,
    /// Whether lines around matches were asked for, so that groups are told apart.
    #[serde(skip)]
    pub grouped: bool,
    /// What is listed.
    #[serde(skip)]
    pub mode: GrepMode,
    /// How many files were read. It depends on how the store is cut into segments, and is not part of the answer.
    #[serde(skip)]
    pub candidates: u64,
}

impl GrepAnswer {
    /// What limits the answer, in words.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = self.coverage.notes.clone();
        if self.coverage.truncated {
            notes.insert(0, "there is more than the limits let through".to_owned());
        }
        notes
    }

    /// The answer as grep writes it: `path:line:text`, `path-line-text` for lines around a match, `--` between groups that do
    /// not touch; or `path:count`, or `path`. Bytes that are no UTF-8 are those of the file.
    pub fn to_lines(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for file in &self.files {
            match self.mode {
                GrepMode::Files => out.extend_from_slice(file.path.as_bytes()),
                GrepMode::Counts => out.extend_from_slice(format!("{}:{}", file.path, file.matches).as_bytes()),
                GrepMode::Lines => {
                    file.write_lines(self.grouped, &mut out);
                    continue;
                }
            }
            out.push(b'\n');
        }
        out
    }

    /// The answer as JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
