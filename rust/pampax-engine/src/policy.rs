//! What is asked for a query of each intent: which sources, how many candidates of each, and what their ranks count.
//!
//! The defaults are data (`data/policy.toml`); whoever opens a repository may change single values.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use pampax_base::{Error, Result};
use pampax_rank::INTENTS;

use crate::candidates::SOURCES;
use crate::intent::Intent;

/// The most that a limit may be: every candidate is ranked by all its features.
const LIMIT_MAX: f64 = 1000.0;
/// The most that a weight may be.
const WEIGHT_MAX: f64 = 100.0;

/// What is asked for queries of one intent. Sources are in the order of [`SOURCES`].
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Policy {
    /// How many candidates are ranked by all their features.
    pub(crate) candidates: usize,
    /// Symbols of one name that are considered.
    pub(crate) symbols_per_name: usize,
    /// Symbols that the beginning of a name may stand for; 0: names are taken as whole.
    pub(crate) symbols_per_prefix: usize,
    /// What a definition of a name in the query counts, against the name that is the whole query.
    pub(crate) named: f32,
    /// How many candidates each source may propose; 0: it is not asked.
    pub(crate) limits: [usize; SOURCES.len()],
    /// What a rank in each source counts in fusion.
    pub(crate) weights: [f64; SOURCES.len()],
}

impl Policy {
    /// Sets one value, named as in `data/policy.toml`: `candidates`, `vector.limit`, …
    fn set(&mut self, key: &str, number: f64) -> Result<()> {
        let wrong = |detail: String| Err(Error::InvalidInput { what: "intent policy", detail });
        let is_weight = key == "named" || key.ends_with(".weight");
        let least = if key == "candidates" { 1.0 } else { 0.0 };
        let most = if is_weight { WEIGHT_MAX } else { LIMIT_MAX };
        // Not a number fails the comparison.
        if !(least..=most).contains(&number) || (!is_weight && number.fract() != 0.0) {
            let kind = if is_weight { "a number" } else { "a whole number" };
            return wrong(format!("{key}: {number} is not {kind} from {least} to {most}"));
        }
        match key {
            "candidates" => self.candidates = number as usize,
            "symbols_per_name" => self.symbols_per_name = number as usize,
            "symbols_per_prefix" => self.symbols_per_prefix = number as usize,
            "named" => self.named = number as f32,
            _ => {
                let (source, field) = key.split_once('.').unwrap_or((key, ""));
                match (SOURCES.iter().position(|known| *known == source), field) {
                    (Some(source), "limit") => self.limits[source] = number as usize,
                    (Some(source), "weight") => self.weights[source] = number,
                    _ => {
                        return wrong(format!(
                            "{key}: no such value; known are candidates, symbols_per_name, symbols_per_prefix, named, and \
                             SOURCE.limit and SOURCE.weight of {}",
                            SOURCES.join(", ")
                        ));
                    }
                }
            }
        }
        Ok(())
    }
}

/// The policy of every intent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Policies([Policy; INTENTS.len()]);

impl Policies {
    /// The policies in the package.
    pub(crate) fn packaged() -> &'static Self {
        static PACKAGED: OnceLock<Policies> = OnceLock::new();
        // The file is part of the program: a test reads it, so a fault in it cannot reach a user.
        PACKAGED
            .get_or_init(|| Self::parse(include_str!("../data/policy.toml")).unwrap_or_else(|error| panic!("{error}")))
    }

    /// Reads a file in the form of `data/policy.toml`.
    fn parse(text: &str) -> Result<Self> {
        let wrong = |detail: String| Error::InvalidInput { what: "intent policy", detail };
        let tables: toml::Table = text.parse().map_err(|error: toml::de::Error| wrong(error.to_string()))?;
        let mut policies = Self(Default::default());
        let default = tables.get("default").into_iter().flat_map(|table| (0..INTENTS.len()).map(move |at| (at, table)));
        let named = INTENTS.iter().enumerate().filter_map(|(at, name)| Some((at, tables.get(*name)?)));
        for (intent, table) in default.chain(named) {
            let policy = &mut policies.0[intent];
            for (key, value) in table.as_table().into_iter().flatten() {
                match value.as_table() {
                    Some(fields) => {
                        for (field, value) in fields {
                            policy.set(&format!("{key}.{field}"), number(value))?;
                        }
                    }
                    None => policy.set(key, number(value))?,
                }
            }
        }
        match tables.keys().find(|name| *name != "default" && !INTENTS.contains(&name.as_str())) {
            Some(name) => Err(wrong(format!("[{name}]: no such intent; known are {}", INTENTS.join(", ")))),
            None => Ok(policies),
        }
    }

    /// The policies in the package with a caller's changes: for each intent's name `key=number` pairs with commas between,
    /// such as `vector.limit=0, place.weight=2`.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for an unknown intent or key, or a number out of range.
    pub(crate) fn changed(changes: &BTreeMap<String, String>) -> Result<Self> {
        let mut policies = Self::packaged().clone();
        for (name, text) in changes {
            let policy = &mut policies.0[Intent::from_name(name)? as usize];
            for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
                let parsed = pair.split_once('=').map(|(key, value)| (key.trim(), value.trim().parse::<f64>()));
                let Some((key, Ok(number))) = parsed else {
                    let detail = format!("{name}: {pair:?} is not of the form key=number");
                    return Err(Error::InvalidInput { what: "intent policy", detail });
                };
                policy.set(key, number)?;
            }
        }
        Ok(policies)
    }

    /// The policy of an intent.
    pub(crate) fn of(&self, intent: Intent) -> &Policy {
        &self.0[intent as usize]
    }
}

/// A number of a policy file; what is none becomes one that no value accepts.
fn number(value: &toml::Value) -> f64 {
    value.as_float().or_else(|| value.as_integer().map(|number| number as f64)).unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(intent: &str, text: &str) -> Result<Policies> {
        Policies::changed(&BTreeMap::from([(intent.to_owned(), text.to_owned())]))
    }

    #[test]
    fn the_packaged_policies_have_every_value_and_differ_by_intent() {
        let policies = Policies::packaged();
        for policy in &policies.0 {
            assert!(policy.candidates > 0 && policy.symbols_per_name > 0);
            assert!(policy.weights.iter().all(|&weight| weight > 0.0), "{policy:?}");
        }
        let vector = SOURCES.iter().position(|source| *source == "vector").unwrap();
        assert_eq!(policies.of(Intent::Symbol).limits[vector], 0);
        assert!(policies.of(Intent::Behaviour).limits[vector] > 0);
    }

    #[test]
    fn a_change_holds_for_its_intent_alone() {
        let policies = changed("error", "place.limit=7, candidates = 50,place.weight=2.5").unwrap();
        let place = SOURCES.iter().position(|source| *source == "place").unwrap();
        let policy = policies.of(Intent::Error);
        assert_eq!((policy.limits[place], policy.candidates, policy.weights[place]), (7, 50, 2.5));
        assert_eq!(policies.of(Intent::Path), Policies::packaged().of(Intent::Path));
        assert_eq!(&changed("error", "").unwrap(), Policies::packaged());
    }

    #[test]
    fn what_is_unknown_or_out_of_range_is_refused_by_name() {
        for (intent, text, part) in [
            ("errors", "candidates=1", "errors"),
            ("error", "candidate=1", "candidate"),
            ("error", "place=1", "place"),
            ("error", "place.limits=1", "place.limits"),
            ("error", "place.limit=1001", "1001"),
            ("error", "place.limit=1.5", "whole"),
            ("error", "candidates=0", "candidates"),
            ("error", "place.weight=-1", "-1"),
            ("error", "place.weight=NaN", "NaN"),
            ("error", "place.limit", "key=number"),
        ] {
            let message = changed(intent, text).unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
        for (text, part) in [("[x]", "x"), ("[default]\nvector = \"a\"", "vector"), ("[", "intent policy")] {
            let message = Policies::parse(text).unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
