//! Packing profiles: what counts how much in the bundles of one repository.

use pampax_base::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::bundle::Category;

/// The most that a weight may be.
const WEIGHT_MAX: f64 = 10.0;

/// Weights of what pieces are. 1 leaves their value as it is, 0 leaves them out.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Profile {
    /// Code that is none of the others.
    pub code: f64,
    /// Tests.
    pub tests: f64,
    /// Examples and benchmarks.
    pub examples: f64,
    /// Settings and data.
    pub configuration: f64,
    /// Documents.
    pub documents: f64,
    /// The documentation within code: at 0 none is shown.
    pub comments: f64,
}

impl Default for Profile {
    fn default() -> Self {
        Self { code: 1.0, tests: 1.0, examples: 1.0, configuration: 1.0, documents: 1.0, comments: 1.0 }
    }
}

impl Profile {
    /// Reads pairs with commas between, such as "tests=0.5, documents=0". What is not named counts 1.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for an unknown name or a number that is not from 0 to 10.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |detail: String| Error::InvalidInput { what: "packing profile", detail };
        let mut profile = Self::default();
        for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let parsed = pair.split_once('=').map(|(name, number)| (name.trim(), number.trim().parse::<f64>()));
            let Some((name, Ok(number))) = parsed else {
                return Err(wrong(format!("{pair:?} is not of the form name=number")));
            };
            if !(0.0..=WEIGHT_MAX).contains(&number) {
                return Err(wrong(format!("{name}: {number} is not a number from 0 to {WEIGHT_MAX}")));
            }
            let slot = match name {
                "code" => &mut profile.code,
                "tests" => &mut profile.tests,
                "examples" => &mut profile.examples,
                "configuration" => &mut profile.configuration,
                "documents" => &mut profile.documents,
                "comments" => &mut profile.comments,
                _ => {
                    return Err(wrong(format!(
                        "\"{name}\" is unknown; known are code, tests, examples, configuration, documents, comments"
                    )));
                }
            };
            *slot = number;
        }
        Ok(profile)
    }

    /// The weight of a kind of piece.
    pub(crate) fn of(&self, category: Category) -> f64 {
        match category {
            Category::Code => self.code,
            Category::Tests => self.tests,
            Category::Examples => self.examples,
            Category::Configuration => self.configuration,
            Category::Documents => self.documents,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_changes_and_the_rest_stays() {
        let profile = Profile::parse("tests=0.5, documents = 0,").unwrap();
        assert_eq!(profile, Profile { tests: 0.5, documents: 0.0, ..Profile::default() });
        assert_eq!(Profile::parse("").unwrap(), Profile::default());
        for (text, part) in [("test=1", "\"test\""), ("tests=11", "11"), ("tests", "name=number"), ("code=NaN", "NaN")]
        {
            let message = Profile::parse(text).unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
