//! The linear ranker: a score is the sum of features times weights.
//!
//! Weights are data (the engine's `data/ranker.toml`), one table per intent; a table holds what differs from `[default]`. A linear model is
//! the one whose explanation is the score itself.

use pampax_base::{Error, Result};

use crate::features::{FEATURES, Feature, Features};

/// The intents a query may have; the names of the tables of the weights file.
pub const INTENTS: [&str; 6] = ["symbol", "behaviour", "architecture", "error", "configuration", "path"];

/// Weights per intent.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranker {
    weights: [Features; INTENTS.len()],
    repeat: [f32; INTENTS.len()],
}

/// The name under which the weights file states what a further hit in the same file loses.
const REPEAT: &str = "repeat_penalty";

impl Ranker {
    /// Reads a weights file: `[default]` with a number for each feature it uses, and tables named as in [`INTENTS`] that
    /// override some. `repeat_penalty` is what each earlier hit in the same file takes from a score.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for text that is no TOML, an unknown table or feature, or a value that is no finite number.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |detail: String| Error::InvalidInput { what: "ranker weights", detail };
        let tables: toml::Table = text.parse().map_err(|error: toml::de::Error| wrong(error.to_string()))?;
        let mut ranker = Self { weights: [[0.0; FEATURES]; INTENTS.len()], repeat: [0.0; INTENTS.len()] };
        let default =
            tables.get("default").into_iter().flat_map(|table| (0..INTENTS.len()).map(move |intent| (intent, table)));
        let named = INTENTS.iter().enumerate().filter_map(|(intent, name)| Some((intent, tables.get(*name)?)));
        for (intent, table) in default.chain(named) {
            let table = table.as_table().ok_or_else(|| wrong("every key at the top is a table".to_owned()))?;
            for (name, value) in table {
                let number = value.as_float().or_else(|| value.as_integer().map(|number| number as f64));
                let number = number.filter(|number| number.is_finite());
                let number = number.ok_or_else(|| wrong(format!("{name}: not a finite number")))? as f32;
                if name == REPEAT {
                    ranker.repeat[intent] = number;
                } else {
                    let feature = Feature::ALL.iter().find(|feature| feature.name() == name);
                    let feature = *feature.ok_or_else(|| wrong(format!("{name}: no such feature")))?;
                    ranker.weights[intent][feature as usize] = number;
                }
            }
        }
        match tables.keys().find(|name| *name != "default" && !INTENTS.contains(&name.as_str())) {
            Some(name) => Err(wrong(format!("[{name}]: no such intent; known are {}", INTENTS.join(", ")))),
            None => Ok(ranker),
        }
    }

    /// The weights of an intent, by its position in [`INTENTS`].
    pub fn weights(&self, intent: usize) -> &Features {
        &self.weights[intent.min(INTENTS.len() - 1)]
    }

    /// What each earlier hit in the same file takes from a score.
    pub fn repeat_penalty(&self, intent: usize) -> f32 {
        self.repeat[intent.min(INTENTS.len() - 1)]
    }

    /// The score of a candidate: Σ feature × weight, added in the order of the features.
    pub fn score(&self, intent: usize, features: &Features) -> f32 {
        let weights = self.weights(intent);
        features.iter().zip(weights).map(|(value, weight)| value * weight).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intents_override_the_default_and_the_score_is_the_sum() {
        let text = "[default]\nfile_body = 2.0\nchunk_body = 1\nrepeat_penalty = 0.5\n[symbol]\nchunk_body = 3.0\n";
        let ranker = Ranker::parse(text).unwrap();
        let mut features = [0.0; FEATURES];
        features[Feature::FileBody as usize] = 0.5;
        features[Feature::ChunkBody as usize] = 0.25;
        assert!((ranker.score(0, &features) - 1.75).abs() < 1e-6);
        assert!((ranker.score(1, &features) - 1.25).abs() < 1e-6);
        assert!((ranker.repeat_penalty(3) - 0.5).abs() < 1e-6);
    }

    #[test]
    fn what_is_unknown_is_refused_by_name() {
        for (text, part) in [
            ("[default]\nfile_bodi = 1", "file_bodi"),
            ("[defualt]\n", "defualt"),
            ("[default]\nfile_body = \"x\"", "finite"),
            ("file_body = 1", "no such intent"),
            ("[", "TOML"),
        ] {
            let message = Ranker::parse(text).unwrap_err().to_string();
            assert!(message.contains(part) || part == "TOML", "{text}: {message}");
        }
        let mut names: Vec<_> = Feature::ALL.iter().map(|feature| feature.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FEATURES);
    }
}
