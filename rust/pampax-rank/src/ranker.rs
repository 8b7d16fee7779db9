//! The linear ranker: a score is the sum of features times weights.
//!
//! Weights are data (the engine's `data/ranker.toml`): `[default]`, a table per intent that holds what differs from it, and a table
//! per form that holds what is added in the share of that form. A linear model is the one whose explanation is the score itself.

use pampax_base::{Error, Result};

use crate::features::{FEATURES, Feature, Features};

/// The intents a query may have; the names of the tables of the weights file.
pub const INTENTS: [&str; 6] = ["symbol", "behaviour", "architecture", "error", "configuration", "path"];

/// The forms in which something may be asked for: a topic, a description of what a piece of code does, a task to do.
/// Their tables in the weights file say what is added to the weights, times the share of the form.
pub const FORMS: [&str; 3] = ["topic", "description", "task"];

/// Weights for every intent and form.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranker {
    intents: [Weights; INTENTS.len()],
    forms: [Weights; FORMS.len()],
}

/// The weights of one query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights {
    /// What a feature is multiplied with.
    pub features: Features,
    /// What each earlier hit in the same file takes from a score.
    pub repeat_penalty: f32,
}

impl Weights {
    const NONE: Self = Self { features: [0.0; FEATURES], repeat_penalty: 0.0 };

    /// The score of a candidate: Σ feature × weight, added in the order of the features.
    pub fn score(&self, features: &Features) -> f32 {
        features.iter().zip(&self.features).map(|(value, weight)| value * weight).sum()
    }

    /// Takes the values of a table of the file.
    fn take(&mut self, table: &toml::Value) -> std::result::Result<(), String> {
        let table = table.as_table().ok_or("every key at the top is a table")?;
        for (name, value) in table {
            let number = value.as_float().or_else(|| value.as_integer().map(|number| number as f64));
            let number = number.filter(|number| number.is_finite());
            let number = number.ok_or_else(|| format!("{name}: not a finite number"))? as f32;
            if name == REPEAT {
                self.repeat_penalty = number;
            } else {
                let feature = Feature::ALL.iter().find(|feature| feature.name() == name);
                self.features[*feature.ok_or_else(|| format!("{name}: no such feature"))? as usize] = number;
            }
        }
        Ok(())
    }
}

/// The name under which the weights file states what a further hit in the same file loses.
const REPEAT: &str = "repeat_penalty";

impl Ranker {
    /// Reads a weights file: `[default]` with a number for each feature it uses, tables named as in [`INTENTS`] that override
    /// some, and tables named as in [`FORMS`] that add to some. `repeat_penalty` is what each earlier hit in the same file
    /// takes from a score.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for text that is no TOML, an unknown table or feature, or a value that is no finite number.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |detail: String| Error::InvalidInput { what: "ranker weights", detail };
        let tables: toml::Table = text.parse().map_err(|error: toml::de::Error| wrong(error.to_string()))?;
        let mut default = Weights::NONE;
        tables.get("default").map_or(Ok(()), |table| default.take(table)).map_err(wrong)?;
        let mut ranker = Self { intents: [default; INTENTS.len()], forms: [Weights::NONE; FORMS.len()] };
        for (name, table) in tables.iter().filter(|(name, _)| *name != "default") {
            let intent = INTENTS.iter().position(|known| known == name).map(|at| &mut ranker.intents[at]);
            let form = FORMS.iter().position(|known| known == name).map(|at| &mut ranker.forms[at]);
            let known = || format!("{}; {}", INTENTS.join(", "), FORMS.join(", "));
            let weights = intent.or(form);
            let weights =
                weights.ok_or_else(|| wrong(format!("[{name}]: no such intent or form; known are {}", known())))?;
            weights.take(table).map_err(|detail| wrong(format!("[{name}] {detail}")))?;
        }
        Ok(ranker)
    }

    /// The weights of a query, by the position of its intent in [`INTENTS`] and its share of each of [`FORMS`].
    pub fn weights(&self, intent: usize, form: &[f32; FORMS.len()]) -> Weights {
        let mut weights = self.intents[intent.min(INTENTS.len() - 1)];
        for (share, added) in form.iter().zip(&self.forms) {
            for (weight, more) in weights.features.iter_mut().zip(&added.features) {
                *weight += share * more;
            }
            weights.repeat_penalty += share * added.repeat_penalty;
        }
        weights
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
        let none = [0.0; FORMS.len()];
        assert!((ranker.weights(0, &none).score(&features) - 1.75).abs() < 1e-6);
        assert!((ranker.weights(1, &none).score(&features) - 1.25).abs() < 1e-6);
        assert!((ranker.weights(3, &none).repeat_penalty - 0.5).abs() < 1e-6);
    }

    #[test]
    fn forms_add_in_their_shares() {
        let text = "[default]\nfile_body = 2.0\nrepeat_penalty = 1\n[topic]\nfile_body = 1.0\nrepeat_penalty = 2\n[task]\nfile_body = -4";
        let weights = Ranker::parse(text).unwrap().weights(1, &[0.5, 0.25, 0.25]);
        assert!((weights.features[Feature::FileBody as usize] - 1.5).abs() < 1e-6);
        assert!((weights.repeat_penalty - 2.0).abs() < 1e-6);
    }

    #[test]
    fn what_is_unknown_is_refused_by_name() {
        for (text, part) in [
            ("[default]\nfile_bodi = 1", "file_bodi"),
            ("[defualt]\n", "defualt"),
            ("[default]\nfile_body = \"x\"", "finite"),
            ("file_body = 1", "no such intent"),
            ("[task]\nfile_bodi = 1", "file_bodi"),
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
