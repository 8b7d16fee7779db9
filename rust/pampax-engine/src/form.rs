//! In what form something is asked for, beside what kind of question it is.
//!
//! "how are sessions signed" asks for files, "returns the session's cookie" describes one function, "fix: expired sessions are
//! kept" is a change to make and asks for what it touches. All three are questions about behaviour, but the same evidence counts
//! differently for each. The form is not decided: a linear model (`data/form.toml`, fitted by `pampax train-ranker`) says how
//! likely each is, and the weights of the ranker are mixed in these shares.

use std::sync::OnceLock;

use pampax_rank::FORMS;

use crate::intent::Intent;
use crate::query::{Query, tokenize};
use crate::surface::{Model, Surface};

/// How likely a query is of each of [`FORMS`]; the shares sum to 1, or are all 0 for a name or a path.
pub(crate) type Form = [f32; FORMS.len()];

/// The form of a query.
pub(crate) fn form(surface: &Surface<'_>, intent: Intent) -> Form {
    if !has_form(intent) {
        return Form::default();
    }
    let sums = model().sums(&surface.values(model()));
    let greatest = sums.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    // The softmax of multinomial logistic regression.
    let mut form = Form::default();
    for (share, sum) in form.iter_mut().zip(&sums) {
        *share = (sum - greatest).exp();
    }
    let total: f32 = form.iter().sum();
    form.map(|share| share / total)
}

/// What the model of forms sees of `text`, by the name of the feature; `None` for a name or a path, which have no form.
pub fn form_features(text: &str) -> Option<Vec<(&'static str, f32)>> {
    let query = Query::parse_as(text, None);
    let tokens = tokenize(text);
    let surface = Surface { text, tokens: &tokens, places: &query.paths, is_traced: false };
    let model = model();
    let named = |values: Vec<f32>| model.names.iter().map(String::as_str).zip(values).collect();
    has_form(query.intent).then(|| named(surface.values(model)))
}

fn has_form(intent: Intent) -> bool {
    !matches!(intent, Intent::Symbol | Intent::Path)
}

/// The model in the package.
fn model() -> &'static Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    let parse = || Model::parse(include_str!("../data/form.toml"), &FORMS);
    // The file is part of the program: a test reads it, so a fault in it cannot reach a user.
    MODEL.get_or_init(|| parse().unwrap_or_else(|error| panic!("{error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn likeliest(text: &str) -> &'static str {
        let query = Query::parse_as(text, None);
        let best = FORMS.into_iter().zip(query.form).reduce(|best, next| if next.1 > best.1 { next } else { best });
        best.unwrap().0
    }

    #[test]
    fn a_topic_a_description_and_a_task_are_told_apart() {
        for (text, expected) in [
            ("how are expired sessions removed", "topic"),
            ("session storage and signing", "topic"),
            ("returns the number of bytes that the frame takes", "description"),
            ("checks if the given path is inside of the root", "description"),
            ("fix: do not keep expired sessions", "task"),
            ("remove the deprecated session option", "task"),
        ] {
            assert_eq!(likeliest(text), expected, "{text}");
        }
    }

    #[test]
    fn shares_sum_to_one_and_names_have_none() {
        let sum = |text: &str| Query::parse_as(text, None).form.iter().sum::<f32>();
        assert!((sum("where do sessions end") - 1.0).abs() < 1e-5);
        assert!(sum("SessionStore").abs() < f32::EPSILON);
        assert_eq!(form_features("src/session.rs"), None);
        assert!(form_features("where do sessions end").is_some_and(|values| values.contains(&("first.question", 1.0))));
    }
}
