//! A question compared with short texts.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use pampax_embed::{Comparison, Likeness, StaticModel};
use proptest::prelude::*;

fn model() -> StaticModel {
    StaticModel::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../python/pampax/model")).unwrap()
}

#[test]
fn the_same_words_are_wholly_alike_and_nothing_is_like_nothing() {
    let model = model();
    let mut comparison = Comparison::new(&model, "parse header", |_| true);
    let same = comparison.compare("parseHeader", 12);
    for value in [same.similarity, same.coverage, same.share] {
        assert!((value - 1.0).abs() < 1e-4, "{same:?}");
    }
    assert_eq!(comparison.compare("", 12), Likeness::default());
    assert_eq!(comparison.compare("parse", 0), Likeness::default());
}

#[test]
fn coverage_is_of_the_question_and_share_of_the_text() {
    let model = model();
    let mut comparison = Comparison::new(&model, "parse header", |_| true);
    let part = comparison.compare("header", 12);
    assert!(part.share > 0.999 && part.coverage < 0.9, "{part:?}");
    let more = comparison.compare("parse_header_of_invoice", 12);
    assert!(more.coverage > 0.999 && more.share < 0.9, "{more:?}");
}

#[test]
fn words_of_like_meaning_are_counterparts() {
    let model = model();
    let mut comparison = Comparison::new(&model, "remove the user", |word| word != "the");
    let (near, far) = (comparison.compare("delete_account", 12), comparison.compare("render_pixels", 12));
    assert!(near.coverage > far.coverage + 0.1 && near.similarity > far.similarity, "{near:?} {far:?}");
}

#[test]
fn similarity_is_the_cosine_of_the_vectors() {
    let model = model();
    let (mut left, mut right) = (vec![0.0; model.dimensions()], vec![0.0; model.dimensions()]);
    for (question, text) in [("where are sessions signed", "SessionSigner"), ("count tokens", "tokens/count.rs")] {
        model.embed(question, &mut left).unwrap();
        model.embed(text, &mut right).unwrap();
        let cosine: f32 = left.iter().zip(&right).map(|(left, right)| left * right).sum();
        let found = Comparison::new(&model, question, |_| true).compare(text, 100).similarity;
        assert!((found - cosine).abs() < 1e-4, "{question}: {found}, not {cosine}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn any_text_is_compared_within_bounds_and_as_if_it_were_the_first(question in ".{0,200}", texts in prop::collection::vec(".{0,60}", 1..5)) {
        let model = model();
        let mut comparison = Comparison::new(&model, &question, |_| true);
        for text in &texts {
            let like = comparison.compare(text, 12);
            prop_assert!((-1.001..=1.001).contains(&like.similarity));
            prop_assert!((0.0..=1.001).contains(&like.coverage) && (0.0..=1.001).contains(&like.share));
            prop_assert_eq!(like, Comparison::new(&model, &question, |_| true).compare(text, 12));
        }
    }
}
