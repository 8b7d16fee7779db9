//! A query as it looks, and linear models over it.
//!
//! What is cheap to see: which lists of words its words are in, how it begins, how long it is, what looks like code. Two models
//! use it: one tells the intent (`data/intent.toml`), one the form (`data/form.toml`).

use std::collections::HashMap;

use pampax_base::{Error, Result};

use crate::intent::{FILE_NAMES, FIRST_UNSPACED, is_error_name, is_setting};
use crate::query::{Place, is_capitalised_name, looks_like_code};

/// A query as detection sees it.
pub(crate) struct Surface<'a> {
    pub(crate) text: &'a str,
    pub(crate) tokens: &'a [&'a str],
    pub(crate) places: &'a [Place],
    /// Whether it has frames of a stack trace.
    pub(crate) is_traced: bool,
}

impl Surface<'_> {
    /// The values of the features, in the order of [`Model::names`].
    pub(crate) fn values(&self, model: &Model) -> Vec<f32> {
        let mut values = vec![0.0_f32; model.names.len()];
        for (number, token) in self.tokens.iter().enumerate() {
            let lower = token.to_lowercase();
            let lists = model.words.get(lower.as_str()).map_or(&[][..], Vec::as_slice);
            for &list in lists {
                // Twice says no more than once, but a little.
                let value = &mut values[usize::from(list)];
                *value = (*value + if *value == 0.0 { 1.0 } else { 0.5 }).min(2.0);
                if number == 0 {
                    values[model.lists + usize::from(list)] = 1.0;
                }
            }
        }
        // Languages that put no spaces between words.
        if !self.text.is_ascii() {
            for (part, list) in &model.parts {
                if self.text.contains(part.as_str()) {
                    values[usize::from(*list)] = 1.0;
                }
            }
        }
        let start = 2 * model.lists;
        let code = self.tokens.iter().filter(|token| looks_like_code(token) || is_capitalised_name(token)).count();
        for (value, shape) in values[start..].iter_mut().zip(self.shapes(code)) {
            *value = f32::from(u8::from(shape));
        }
        values[start + SHAPES.len() - 1] = code as f32 / self.tokens.len().max(1) as f32;
        values
    }

    /// The shapes that are there or not, in the order of [`SHAPES`]; `code` of the tokens look like code.
    fn shapes(&self, code: usize) -> [bool; SHAPES.len() - 1] {
        let shaped = self.tokens.iter().filter(|token| looks_like_code(token)).count();
        let words = || self.text.split_whitespace();
        let any = |test: fn(&str) -> bool| words().any(test);
        let length = self.tokens.len();
        let lower = |token: Option<&&str>| token.map_or(String::new(), |token| token.to_lowercase());
        let (first, last) = (lower(self.tokens.first()), lower(self.tokens.last()));
        [
            true,
            length <= 2,
            (3..=4).contains(&length),
            (5..=8).contains(&length),
            length > 14,
            self.text.contains('\n'),
            self.text.trim_end().ends_with('?'),
            self.text.trim_end().ends_with('.'),
            code > 0 && code == length,
            shaped > 0,
            shaped > 1,
            !self.places.is_empty(),
            self.places.iter().any(|place| place.line.is_some()),
            any(|word| word.ends_with(':') && word.len() > 1),
            any(is_error_name),
            any(is_setting),
            any(|word| word.starts_with("--")),
            words().nth(1) == Some("=") || words().next().is_some_and(|word| word.ends_with(':')) && length <= 3,
            self.text.contains(['"', '\'', '`', '‘', '“']),
            any(|word| word.bytes().any(|byte| byte.is_ascii_digit())),
            any(|word| matches!(word.trim_matches(|c: char| !c.is_alphabetic()), "ERROR" | "WARN" | "FATAL" | "ERR")),
            any(|word| word.contains(['*', '{', '}', '<', '>', '(', ')'])),
            !self.text.is_ascii(),
            self.text.starts_with(char::is_uppercase),
            any(|word| FILE_NAMES.contains(&word.to_lowercase().trim_end_matches(['?', '.']))),
            first.len() > 3 && first.ends_with('s') && !first.ends_with("ss"),
            first.len() > 4 && first.ends_with("ing"),
            first.len() > 3 && first.ends_with("ed"),
            begins_with_label(self.text),
            any(is_ticket),
            (5..=6).contains(&length),
            NOMINAL.iter().any(|end| last.len() > end.len() + 2 && last.ends_with(end)),
        ]
    }
}

/// The names of the features that are shapes, in the order of [`Surface::values`].
const SHAPES: [&str; 33] = [
    "any",
    "words_2",
    "words_4",
    "words_8",
    "words_many",
    "lines",
    "ends_in_question_mark",
    "ends_in_full_stop",
    "all_code",
    "has_code",
    "has_codes",
    "has_path",
    "has_line",
    "has_colon",
    "has_error_name",
    "has_setting",
    "has_flag",
    "is_assignment",
    "has_quotes",
    "has_digits",
    "has_log_level",
    "has_brackets",
    "is_not_ascii",
    "begins_upper",
    "has_file_name",
    "first_ends_in_s",
    "first_ends_in_ing",
    "first_ends_in_ed",
    "begins_with_label",
    "has_ticket",
    "words_6",
    "ends_in_nominal",
    "code_share",
];

/// A linear model over surfaces: word lists and weights for each of some classes.
pub(crate) struct Model {
    /// How many lists of words there are.
    lists: usize,
    /// Every word with the lists it is in.
    words: HashMap<String, Vec<u8>>,
    /// Words of languages without spaces, with their list.
    parts: Vec<(String, u8)>,
    /// The features: `word.LIST`, `first.LIST`, then [`SHAPES`].
    pub(crate) names: Vec<String>,
    /// Weights by class, in the order of the names.
    weights: Vec<Vec<f32>>,
}

impl Model {
    /// Reads a file in the form of `data/intent.toml`: `[words]`, and a table of weights for each of `classes`.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] names what is no list, no feature or no finite number.
    pub(crate) fn parse(text: &str, classes: &[&str]) -> Result<Self> {
        let wrong = |detail: String| Error::InvalidInput { what: "model of questions", detail };
        let tables: toml::Table = text.parse().map_err(|error: toml::de::Error| wrong(error.to_string()))?;
        let table = |name: &str| tables.get(name).and_then(toml::Value::as_table);
        let lists = table("words").ok_or_else(|| wrong("[words] is missing".to_owned()))?;
        let (mut words, mut parts): (HashMap<String, Vec<u8>>, _) = (HashMap::new(), Vec::new());
        for (number, (name, list)) in (0_u8..).zip(lists) {
            let list = list.as_str().ok_or_else(|| wrong(format!("words.{name}: not a text")))?;
            for word in list.split_whitespace() {
                words.entry(word.to_owned()).or_default().push(number);
                if word.chars().all(|letter| letter >= FIRST_UNSPACED) {
                    parts.push((word.to_owned(), number));
                }
            }
        }
        let of = |kind: &'static str| lists.keys().map(move |name| format!("{kind}.{name}"));
        let names: Vec<String> =
            of("word").chain(of("first")).chain(SHAPES.iter().map(|shape| (*shape).to_owned())).collect();
        let mut weights = vec![vec![0.0; names.len()]; classes.len()];
        for (class, weights) in classes.iter().zip(&mut weights) {
            for (name, value) in table(class).into_iter().flatten() {
                let at = names.iter().position(|known| known == name);
                let number = value.as_float().or_else(|| value.as_integer().map(|number| number as f64));
                let (Some(at), Some(number)) = (at, number.filter(|number| number.is_finite())) else {
                    return Err(wrong(format!("{class}.{name}: no such feature, or not a finite number")));
                };
                weights[at] = number as f32;
            }
        }
        Ok(Self { lists: lists.len(), words, parts, names, weights })
    }

    /// The sum of values times weights for each class.
    pub(crate) fn sums(&self, values: &[f32]) -> Vec<f32> {
        let sum = |weights: &Vec<f32>| values.iter().zip(weights).map(|(value, weight)| value * weight).sum();
        self.weights.iter().map(sum).collect()
    }
}

/// Ends of nouns that name an activity or what does it.
const NOMINAL: &[&str] = &["ing", "ion", "ions", "ment", "er", "ers", "or", "ors"];

/// Whether a line begins as messages of commits do: `fix: …`, `feat(parser)!: …`.
fn begins_with_label(text: &str) -> bool {
    let Some((label, rest)) = text.trim_start().split_once(':') else { return false };
    let label = label.strip_suffix('!').unwrap_or(label);
    let (kind, is_closed) =
        label.split_once('(').map_or((label, true), |(kind, scope)| (kind, scope.find(')') == Some(scope.len() - 1)));
    let is_word = !kind.is_empty() && kind.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ','));
    is_closed && is_word && rest.starts_with(char::is_whitespace)
}

/// The number of an issue: `#123`, `KEY-123`.
fn is_ticket(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '#');
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let key =
        word.split_once('-').filter(|(key, _)| key.len() > 1 && key.bytes().all(|byte| byte.is_ascii_uppercase()));
    word.strip_prefix('#').is_some_and(is_number) || key.is_some_and(|(_, number)| is_number(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_that_is_none_is_refused_by_name() {
        for (text, part) in [
            ("[", "model of questions"),
            ("[symbol]\n", "[words]"),
            ("[words]\nhow = 1\n", "words.how"),
            ("[words]\nhow = \"how\"\n[symbol]\n\"word.hwo\" = 1\n", "word.hwo"),
            ("[words]\nhow = \"how\"\n[symbol]\n\"word.how\" = nan\n", "finite"),
        ] {
            let message = Model::parse(text, &["symbol"]).err().unwrap().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
    }

    #[test]
    fn messages_of_commits_are_seen() {
        for text in ["fix: a", "feat(ui)!: a", "net/http: a", "process,unix: a"] {
            assert_eq!(begins_with_label(text), !text.starts_with("net/"), "{text}");
        }
        assert!(!begins_with_label("std::vector") && !begins_with_label("a b: c"));
        assert!(is_ticket("(#12)") && is_ticket("KTOR-12,") && !is_ticket("utf-8") && !is_ticket("#define"));
    }
}
