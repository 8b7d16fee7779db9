//! What kind of question a query is.

use pampax_base::{Error, Result};
use pampax_rank::INTENTS;
use serde::Serialize;

use crate::query::Query;

/// What kind of question a query is. Each has its own weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Intent {
    /// A name: where is it defined?
    Symbol,
    /// What does it, how is it done?
    Behaviour,
    /// How do parts work together?
    Architecture,
    /// An error message or a stack trace.
    Error,
    /// A setting, its default, who reads it.
    Configuration,
    /// A path or a file name.
    Path,
}

impl Intent {
    /// All intents, in the order of [`pampax_rank::INTENTS`].
    pub const ALL: [Self; INTENTS.len()] =
        [Self::Symbol, Self::Behaviour, Self::Architecture, Self::Error, Self::Configuration, Self::Path];

    /// The name, as in [`pampax_rank::INTENTS`].
    pub const fn name(self) -> &'static str {
        pampax_rank::INTENTS[self as usize]
    }

    /// The intent of this name.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] names the intents there are.
    pub fn from_name(name: &str) -> Result<Self> {
        let detail = || format!("{name:?} is none; there are {}", INTENTS.join(", "));
        let known = Self::ALL.into_iter().find(|intent| intent.name() == name);
        known.ok_or_else(|| Error::InvalidInput { what: "intent", detail: detail() })
    }

    /// What kind of question `text` is taken for.
    pub fn detect(text: &str) -> Self {
        Query::parse_as(text, None).intent
    }
}
