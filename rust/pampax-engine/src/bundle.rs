//! What assembling returns.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use crate::answer::Coverage;
use crate::intent::Intent;

/// How much of a piece of code an item shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The first line of its signature.
    Outline,
    /// Its signature and documentation.
    Signature,
    /// Its signature and documentation, and the lines that the task names something of.
    Trimmed,
    /// All its lines.
    Full,
}

impl Level {
    /// The name in JSON and Markdown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Outline => "outline",
            Self::Signature => "signature",
            Self::Trimmed => "trimmed",
            Self::Full => "full",
        }
    }
}

/// A piece of code in a bundle.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Item {
    /// Names the item within its bundle: "i1", "i2", …
    pub id: String,
    /// Path relative to the root.
    pub path: String,
    /// The lines shown: (first, last), ascending.
    pub spans: Vec<(u32, u32)>,
    /// The symbol they belong to.
    pub symbol: Option<String>,
    /// Its kind.
    pub kind: Option<&'static str>,
    /// The file's language.
    pub language: Option<&'static str>,
    /// How much of it is shown.
    pub level: Level,
    /// Tokens of the item as it stands in the Markdown.
    pub tokens: u32,
    /// What the item was worth to the packer at its full level.
    pub score: f64,
    /// Why it is here.
    pub why: Vec<String>,
    /// The lines, with `…` where lines between spans are left out.
    pub text: String,
}

/// A piece of code that was considered and is not in the bundle.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DroppedItem {
    /// Path relative to the root.
    pub path: String,
    /// First line.
    pub start_line: u32,
    /// Last line.
    pub end_line: u32,
    /// The symbol.
    pub symbol: Option<String>,
    /// Why it was dropped.
    pub reason: String,
    /// Tokens it would have cost in full.
    pub tokens: u32,
}

/// What a quarter more budget would have added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct More {
    /// The larger budget.
    pub budget: u32,
    /// Items it would add or show in more detail.
    pub items: u32,
    /// Tokens it would use more.
    pub tokens: u32,
}

/// An assembled context.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bundle {
    /// Version of this record.
    pub schema: &'static str,
    /// The same task, options and generation give the same id.
    pub id: String,
    /// The task as given.
    pub task: String,
    /// What kind of task it was taken for.
    pub intent: Intent,
    /// The pieces, files together, best file first, lines in order.
    pub items: Vec<Item>,
    /// Tokens of [`Bundle::to_markdown`], exactly.
    pub tokens: u32,
    /// The bound.
    pub budget: u32,
    /// The encoding tokens are counted in.
    pub encoding: &'static str,
    /// What was left out, most valuable first; at most 50.
    pub dropped: Vec<DroppedItem>,
    /// Why there is no more in it.
    pub stop_reason: &'static str,
    /// What more budget would give.
    pub more: More,
    /// What it is based on.
    pub coverage: Coverage,
    /// Why there are no items, if there are none.
    pub empty_reason: Option<&'static str>,
    /// Milliseconds per stage.
    #[serde(rename = "timings_ms", skip_serializing_if = "BTreeMap::is_empty")]
    pub timings: BTreeMap<&'static str, f64>,
}

impl Bundle {
    /// The documented JSON text. Without `timings` equal bundles are equal bytes.
    pub fn to_json(&self, timings: bool) -> String {
        if timings || self.timings.is_empty() {
            return serde_json::to_string(self).unwrap_or_default();
        }
        serde_json::to_string(&Self { timings: BTreeMap::new(), ..self.clone() }).unwrap_or_default()
    }

    /// The bundle as Markdown: one section a file, one block an item. Its tokens are [`Bundle::tokens`].
    pub fn to_markdown(&self) -> String {
        render(&self.items)
    }
}

/// Reasons that are shown with an item; all of them are in its record.
const SHOWN_REASONS_MAX: usize = 2;

/// Renders items. A path is written once for all items of its file that follow each other.
pub(crate) fn render(items: &[Item]) -> String {
    let mut text = String::new();
    for (number, item) in items.iter().enumerate() {
        if number > 0 {
            text.push('\n');
        }
        let is_continued = number > 0 && items[number - 1].path == item.path;
        render_item(item, is_continued, &mut text);
    }
    text
}

/// Renders one item: a header with path, lines, symbol and level, its first reasons, its lines in a fence. The header of one that
/// is continued is a level deeper and leaves out the path.
pub(crate) fn render_item(item: &Item, is_continued: bool, text: &mut String) {
    let spans: Vec<String> = item.spans.iter().map(|(start, end)| format!("{start}-{end}")).collect();
    let place = if is_continued { "### " } else { "## " };
    let path = if is_continued { "" } else { item.path.as_str() };
    let _ = write!(text, "{place}{path}:{}", spans.join(","));
    if let Some(symbol) = &item.symbol {
        let _ = write!(text, " {} `{symbol}`", item.kind.unwrap_or("symbol"));
    }
    if item.level != Level::Full {
        let _ = write!(text, " ({})", item.level.name());
    }
    let fence = fence(&item.text);
    let reasons = &item.why[..item.why.len().min(SHOWN_REASONS_MAX)];
    let _ = write!(text, "\n{}\n{fence}{}\n{}", reasons.join("; "), item.language.unwrap_or(""), item.text);
    if !item.text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(&fence);
    text.push('\n');
}

/// A fence longer than any run of backticks in the text, so that no text can end its own block.
fn fence(text: &str) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}
