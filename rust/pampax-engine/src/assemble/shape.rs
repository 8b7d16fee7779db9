//! What a bundle is made of, by what kind of task it is for.

use serde::Serialize;

use crate::intent::Intent;
use crate::query::Query;

/// What kind of bundle a task needs. `data/bundle.toml` says what each is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Shape {
    /// A definition, one use of it, its test.
    Symbol,
    /// What does it, over several files.
    Behaviour,
    /// How parts work together, over many files.
    Architecture,
    /// The frames of a trace, what calls them, what changed there lately.
    Error,
    /// A key, its default, what reads it.
    Configuration,
    /// A file.
    Path,
    /// A handler, where its route is registered, the types it takes and gives.
    Api,
    /// A change under review: what changed, who depends on it, what tests it.
    Change,
}

impl Shape {
    pub(crate) const ALL: &'static [Self] = &[
        Self::Symbol,
        Self::Behaviour,
        Self::Architecture,
        Self::Error,
        Self::Configuration,
        Self::Path,
        Self::Api,
        Self::Change,
    ];

    /// The name in the data and in bundles.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Symbol => "symbol",
            Self::Behaviour => "behaviour",
            Self::Architecture => "architecture",
            Self::Error => "error",
            Self::Configuration => "configuration",
            Self::Path => "path",
            Self::Api => "api",
            Self::Change => "change",
        }
    }

    /// The shape for a task; `reaches_routes` says whether one of the best hits answers a route, and is asked if that matters.
    pub(crate) fn of(query: &Query, text: &str, is_change: bool, reaches_routes: impl Fn() -> bool) -> Self {
        if is_change {
            return Self::Change;
        }
        match query.intent {
            Intent::Symbol => Self::Symbol,
            Intent::Error => Self::Error,
            Intent::Configuration => Self::Configuration,
            Intent::Path => Self::Path,
            Intent::Behaviour | Intent::Architecture if asks_for_route(text) && reaches_routes() => Self::Api,
            Intent::Behaviour => Self::Behaviour,
            Intent::Architecture => Self::Architecture,
        }
    }
}

/// Words with which people ask for what answers a request.
const ROUTE_WORDS: &[&str] =
    &["endpoint", "endpoints", "route", "routes", "handler", "handlers", "api", "http", "url", "rest"];

/// Whether a task names a route ("/users/{id}", "POST /users") or speaks of one.
fn asks_for_route(text: &str) -> bool {
    text.split_whitespace().any(|word| {
        let bare = word.trim_matches(|character: char| !character.is_alphanumeric() && character != '/');
        (bare.starts_with('/') && bare.len() > 1) || ROUTE_WORDS.contains(&bare.to_ascii_lowercase().as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_asked_for_by_path_or_by_word() {
        for text in ["what answers POST /users/{id}", "the endpoint that creates orders", "which HTTP handler"] {
            assert!(asks_for_route(text), "{text}");
        }
        for text in ["sort the rows / columns", "therapist", "read src/app.py"] {
            assert!(!asks_for_route(text), "{text}");
        }
    }
}
