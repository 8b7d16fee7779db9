//! What assembling returns.

use std::collections::BTreeMap;

use pampax_base::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::answer::Coverage;
use crate::intent::Intent;
use crate::render;

/// How much of a piece of code an item shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The first line of its signature.
    Outline,
    /// Its signature and documentation.
    Signature,
    /// Its signature and documentation, and the lines that the task names something of; or all but the documentation.
    Trimmed,
    /// All its lines.
    Full,
}

impl Level {
    /// Every level, the least first.
    pub const ALL: &'static [Self] = &[Self::Outline, Self::Signature, Self::Trimmed, Self::Full];

    /// The name in JSON and Markdown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Outline => "outline",
            Self::Signature => "signature",
            Self::Trimmed => "trimmed",
            Self::Full => "full",
        }
    }

    /// The level with this name.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] names those there are.
    pub fn from_name(name: &str) -> Result<Self> {
        named("level", name, Self::ALL, Self::name)
    }
}

/// In what form a bundle is written. The budget is a bound on that text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// The code alone, each piece with its place and its reason: to be put before a model.
    #[default]
    Markdown,
    /// The same with a summary, a table of evidence, what was dropped and what it cost: to be read by people.
    Report,
    /// The code in tags.
    Xml,
}

impl Format {
    /// Every format.
    pub const ALL: &'static [Self] = &[Self::Markdown, Self::Report, Self::Xml];

    /// Its name on the command line and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Markdown => "markdown",
            Self::Report => "report",
            Self::Xml => "xml",
        }
    }

    /// The format with this name.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] names those there are.
    pub fn from_name(name: &str) -> Result<Self> {
        named("format", name, Self::ALL, Self::name)
    }
}

fn named<T: Copy>(what: &'static str, name: &str, all: &[T], name_of: fn(T) -> &'static str) -> Result<T> {
    all.iter().copied().find(|value| name_of(*value) == name).ok_or_else(|| {
        let known = all.iter().map(|value| name_of(*value)).collect::<Vec<_>>().join(", ");
        Error::InvalidInput { what, detail: format!("\"{name}\" is unknown; known are {known}") }
    })
}

/// What a piece of a repository is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// What the repository is about.
    Code,
    /// Tests.
    Tests,
    /// Examples and benchmarks.
    Examples,
    /// Settings and data.
    Configuration,
    /// Documents.
    Documents,
}

impl Category {
    /// The name in JSON and in packing profiles.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Tests => "tests",
            Self::Examples => "examples",
            Self::Configuration => "configuration",
            Self::Documents => "documents",
        }
    }
}

/// How a piece hangs together with the one it was reached from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Surrounding {
    /// The header of what holds it.
    Container,
    /// A function that it calls, or a value that it names.
    Definition,
    /// A type that it names.
    Type,
    /// What it is a kind of.
    Base,
    /// What calls it.
    Caller,
    /// What tests it.
    Test,
    /// Where its route is registered.
    Route,
    /// A configuration key that it reads.
    Key,
    /// What reads this configuration key.
    Reader,
}

impl Surrounding {
    pub(crate) const ALL: &'static [Self] = &[
        Self::Container,
        Self::Definition,
        Self::Type,
        Self::Base,
        Self::Caller,
        Self::Test,
        Self::Route,
        Self::Key,
        Self::Reader,
    ];

    /// The name in the data.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Definition => "definition",
            Self::Type => "type",
            Self::Base => "base",
            Self::Caller => "caller",
            Self::Test => "test",
            Self::Route => "route",
            Self::Key => "key",
            Self::Reader => "reader",
        }
    }

    /// How many are considered for one piece if its shape does not say.
    pub(crate) const fn usual_limit(self) -> usize {
        match self {
            Self::Container => 1,
            Self::Definition => 6,
            Self::Type | Self::Caller | Self::Reader => 3,
            Self::Base | Self::Test | Self::Route | Self::Key => 2,
        }
    }

    /// Why a piece is there that was reached in this way from the one called `name`.
    pub(crate) fn reason(self, name: &str) -> String {
        match self {
            Self::Container => format!("holds {name}"),
            Self::Definition | Self::Type => format!("used by {name}"),
            Self::Base => format!("base of {name}"),
            Self::Caller => format!("calls {name}"),
            Self::Test => format!("tests {name}"),
            Self::Route => format!("routes to {name}"),
            Self::Key => format!("read by {name}"),
            Self::Reader => format!("reads {name}"),
        }
    }
}

/// The edge over which an item was reached from another piece.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ItemEdge {
    /// "container", "definition", "type", "base", "caller", "test", "route", "key" or "reader".
    pub kind: String,
    /// The piece it was reached from: its symbol, or its path.
    pub of: String,
    /// How sure the edge is, from 0 to 1.
    pub confidence: f32,
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
    /// Whether the piece is only part of its symbol, which is too long for one.
    pub part: bool,
    /// What it is.
    pub category: Category,
    /// How much of it is shown.
    pub level: Level,
    /// Its place among the hits of the search, from 1; `None` if it was not found by the words of the task.
    pub rank: Option<u32>,
    /// The edge over which it was reached; `None` if it was found by the words of the task alone.
    pub edge: Option<ItemEdge>,
    /// Tokens of the item as it stands in the Markdown.
    pub tokens: u32,
    /// What it is worth at its full level: the share of the lines one needs that it is expected to hold.
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
    /// Tokens it would have cost in full, about.
    pub tokens: u32,
}

/// What a quarter more budget would have added.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct More {
    /// The larger budget.
    pub budget: u32,
    /// Items it would add or show in more detail.
    pub items: u32,
    /// Tokens it would use more.
    pub tokens: u32,
    /// By how much more than this bundle it would be worth, as a share of this bundle's worth.
    pub worth: f64,
    /// The first places it would add or show in more detail: "path:line symbol (level)".
    pub first: Vec<String>,
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
    /// What kind of bundle that made: the intent, or "api" or "change".
    pub shape: &'static str,
    /// The pieces, files together, best file first, lines in order.
    pub items: Vec<Item>,
    /// Tokens of [`Bundle::to_text`]: exactly, or at most if `exact` is false.
    pub tokens: u32,
    /// The bound.
    pub budget: u32,
    /// The encoding tokens are counted in.
    pub encoding: &'static str,
    /// Whether tokens are counted, rather than bounded by characters.
    pub exact: bool,
    /// The form of the text that is counted.
    pub format: Format,
    /// What was left out, most valuable first; at most 50.
    pub dropped: Vec<DroppedItem>,
    /// How many pieces were left out, listed or not.
    pub dropped_total: u32,
    /// Why there is no more in it.
    pub stop_reason: String,
    /// What more budget would give.
    pub more: More,
    /// The commit a change is reviewed against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
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

    /// The bundle in its format. Its tokens are [`Bundle::tokens`].
    pub fn to_text(&self) -> String {
        match self.format {
            Format::Markdown => self.to_markdown(),
            Format::Report => self.to_report(),
            Format::Xml => self.to_xml(),
        }
    }

    /// The code as Markdown: one section a file, one block an item.
    pub fn to_markdown(&self) -> String {
        render::markdown(&self.items)
    }

    /// The bundle as a report for people, in Markdown.
    pub fn to_report(&self) -> String {
        render::report(self)
    }

    /// The code in tags.
    pub fn to_xml(&self) -> String {
        render::xml(self)
    }
}
