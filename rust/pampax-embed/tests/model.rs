//! Models as their users see them: the vectors of model2vec, and what is refused.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use pampax_base::Error;
use pampax_embed::{StaticModel, quantise};
use proptest::prelude::*;
use safetensors::tensor::{Dtype, TensorView};
use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// A text with the tokens and the vector that model2vec gave it; `tests/data/README.md` says how.
#[derive(Deserialize)]
struct Expected {
    text: String,
    tokens: Vec<u32>,
    vector: Vec<f32>,
}

fn compare_with_model2vec(name: &str, tolerance: f32) {
    let model = StaticModel::open(&data(name)).unwrap();
    let expected: Vec<Expected> = serde_json::from_slice(&fs::read(data(name).join("expected.json")).unwrap()).unwrap();
    assert!(expected.len() > 10);
    let mut vector = vec![0.0; model.dimensions()];
    for Expected { text, tokens, vector: wanted } in &expected {
        assert_eq!(&model.tokens(text), tokens, "tokens of {text:?}");
        model.embed(text, &mut vector).unwrap();
        for (number, (found, wanted)) in vector.iter().zip(wanted).enumerate() {
            assert!((found - wanted).abs() <= tolerance, "{text:?}, dimension {number}: {found}, not {wanted}");
        }
    }
}

#[test]
fn a_float_model_with_a_lowercasing_bert_tokenizer_equals_model2vec() {
    compare_with_model2vec("bert-f32", 2e-6);
}

#[test]
fn a_half_precision_model_with_a_cased_tokenizer_and_no_limit_equals_model2vec() {
    // model2vec rounds its mean to half precision, which has 11 bits.
    compare_with_model2vec("bert-cased-f16", 1e-3);
}

#[test]
fn an_int8_model_with_clustered_weighted_tokens_equals_model2vec() {
    compare_with_model2vec("identifier-i8-clustered", 2e-6);
}

/// A model of four tokens in two dimensions, in files; `edit` may change them before they are written.
struct Parts {
    config: Value,
    tokenizer: Value,
    tensors: Vec<(&'static str, Dtype, Vec<usize>, Vec<u8>)>,
}

fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn small_model(edit: impl FnOnce(&mut Parts)) -> TempDir {
    let mut parts = Parts {
        config: json!({"max_length": 512}),
        tokenizer: json!({
            "added_tokens": [],
            "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                           "strip_accents": null, "lowercase": true},
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                      "max_input_chars_per_word": 100,
                      "vocab": {"[UNK]": 0, "east": 1, "north": 2, "##ward": 3}},
        }),
        tensors: vec![("embeddings", Dtype::F32, vec![4, 2], floats(&[9.0, 9.0, 1.0, 0.0, 0.0, 2.0, -1.0, 0.0]))],
    };
    edit(&mut parts);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("config.json"), parts.config.to_string()).unwrap();
    fs::write(folder.path().join("tokenizer.json"), parts.tokenizer.to_string()).unwrap();
    let views: HashMap<&str, TensorView<'_>> = parts
        .tensors
        .iter()
        .map(|(name, dtype, shape, bytes)| (*name, TensorView::new(*dtype, shape.clone(), bytes).unwrap()))
        .collect();
    fs::write(folder.path().join("model.safetensors"), safetensors::serialize(&views, None).unwrap()).unwrap();
    folder
}

fn vector(folder: &TempDir, text: &str) -> [f32; 2] {
    let mut out = [7.0; 2];
    StaticModel::open(folder.path()).unwrap().embed(text, &mut out).unwrap();
    out
}

fn refusal(edit: impl FnOnce(&mut Parts)) -> String {
    match StaticModel::open(small_model(edit).path()) {
        Err(Error::BadPath { detail, .. }) => detail,
        other => panic!("it was not refused: {other:?}"),
    }
}

fn near(found: [f32; 2], wanted: [f32; 2]) {
    assert!(found.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-6), "{found:?}, not {wanted:?}");
}

#[test]
fn the_mean_is_brought_to_length_one() {
    let folder = small_model(|_| {});
    near(vector(&folder, "East"), [1.0, 0.0]);
    near(vector(&folder, "north, NORTH!"), [0.0, 1.0]);
    // (1,0) + (0,2): the length of the sum is the square root of five.
    near(vector(&folder, "east north"), [0.447_213_6, 0.894_427_2]);
    // (0,2) + (-1,0), and the unknown word counts for nothing.
    near(vector(&folder, "westward northward"), [-0.447_213_6, 0.894_427_2]);
}

#[test]
fn a_text_without_a_known_token_is_zero() {
    let folder = small_model(|_| {});
    for text in ["", " ", "?!", "west", "[UNK]"] {
        assert_eq!(vector(&folder, text).map(f32::to_bits), [0, 0], "{text:?}");
    }
    // (1,0) + (-1,0): known tokens, but no direction.
    assert_eq!(vector(&folder, "eastward").map(f32::to_bits), [0, 0]);
}

#[test]
fn weights_and_mapping_are_applied_by_token() {
    let folder = small_model(|parts| {
        parts.tensors = vec![
            ("embeddings", Dtype::I8, vec![2, 2], vec![100, 0, 0, 100]),
            ("mapping", Dtype::I32, vec![4], [0_i32, 0, 1, 1].iter().flat_map(|row| row.to_le_bytes()).collect()),
            ("weights", Dtype::F64, vec![4], [1.0_f64, 3.0, 4.0, 0.0].iter().flat_map(|n| n.to_le_bytes()).collect()),
        ];
    });
    near(vector(&folder, "east north"), [0.6, 0.8]);
    near(vector(&folder, "eastward"), [1.0, 0.0]);
}

#[test]
fn max_length_counts_tokens_and_unknown_ones_too() {
    let limited = |limit: Value| small_model(|parts| parts.config = json!({"max_length": limit}));
    near(vector(&limited(json!(2)), "x east north"), [1.0, 0.0]);
    near(vector(&limited(json!(1)), "x east north"), [0.0, 0.0]);
    near(vector(&limited(json!(3)), "x east north"), [0.447_213_6, 0.894_427_2]);
    // The median token has 5 characters: of "[UNK]", "east", "north", "##ward" the middle two have 5 each.
    near(vector(&limited(json!(2)), &format!("{}east", " ".repeat(8))), [0.0, 0.0]);
    near(vector(&limited(json!(2)), &format!("{}east", " ".repeat(6))), [1.0, 0.0]);
    let long = format!("{}north", "east ".repeat(600));
    let whole = vector(&limited(Value::Null), &long);
    assert!(whole[1] > 0.0);
    let cut = small_model(|parts| parts.config = json!({}));
    near(vector(&cut, &long), [1.0, 0.0]);
}

#[test]
fn int8_vectors_keep_the_direction() {
    let model = StaticModel::open(&data("bert-f32")).unwrap();
    let texts = ["the search index", "", "limit=10"];
    let many = model.embed_many(&texts);
    for (text, rounded) in texts.iter().zip(many.chunks(8)) {
        let (mut exact, mut alone) = ([0.0_f32; 8], [9_i8; 8]);
        model.embed(text, &mut exact).unwrap();
        model.embed_i8(text, &mut alone).unwrap();
        assert_eq!(rounded, alone, "{text:?}");
        let largest = rounded.iter().map(|value| value.unsigned_abs()).max().unwrap();
        assert_eq!(largest, if text.is_empty() { 0 } else { 127 });
        let dot: f32 = exact.iter().zip(rounded).map(|(&a, &b)| a * f32::from(b)).sum();
        let length = rounded.iter().map(|&value| f32::from(value).powi(2)).sum::<f32>().sqrt();
        assert!(text.is_empty() || dot / length > 0.9999, "{text:?}: {}", dot / length);
    }
    let mut out = [5_i8; 3];
    quantise(&[f32::NAN, 1.0, 2.0], &mut out);
    assert_eq!(out, [0; 3]);
    quantise(&[1e-45, 0.0, 0.0], &mut out);
    assert_eq!(out, [0; 3]);
}

#[test]
fn the_identity_follows_the_content() {
    let identity = |edit: fn(&mut Parts)| StaticModel::open(small_model(edit).path()).unwrap().identity().to_owned();
    let original = identity(|_| {});
    assert_eq!(original, identity(|_| {}));
    assert_eq!(original.len(), 32);
    assert_eq!(original, identity(|parts| parts.config = json!({"max_length": 512, "language": "en"})));
    assert_ne!(original, identity(|parts| parts.config = json!({"max_length": 256})));
    assert_ne!(original, identity(|parts| parts.tensors[0].3[0] ^= 1));
    assert_ne!(original, identity(|parts| parts.tokenizer["normalizer"]["lowercase"] = json!(false)));
}

#[test]
fn what_is_not_read_is_refused_by_name() {
    for (kind, expected) in [("BPE", "BPE"), ("Unigram", "Unigram"), ("WordLevel", "WordLevel")] {
        assert!(refusal(|parts| parts.tokenizer["model"]["type"] = json!(kind)).contains(expected));
    }
    let unigram = refusal(|parts| parts.tokenizer["model"] = json!({"type": "Unigram", "vocab": [["a", -1.5]]}));
    assert!(unigram.contains("only WordPiece is read"));
    let refused = |pointer: &str, value: Value| refusal(|parts| *parts.tokenizer.pointer_mut(pointer).unwrap() = value);
    assert!(refused("/normalizer", json!({"type": "NFKC"})).contains("NFKC"));
    let pattern = json!({"type": "Replace", "pattern": {"Regex": "a"}, "content": " "});
    assert!(refused("/normalizer", pattern).contains("Replace"));
    assert!(refused("/pre_tokenizer", json!({"type": "Metaspace"})).contains("Metaspace"));
    assert!(refused("/pre_tokenizer", Value::Null).contains("no pre-tokenizer"));
    let split = json!({"type": "Split", "pattern": {"Regex": "[^a-z0-9]+"}, "behavior": "Isolated"});
    assert!(refused("/pre_tokenizer", split).contains("Split"));
    let added = json!([{"id": 1, "content": "east", "normalized": true}]);
    assert!(refused("/added_tokens", added).contains("normalized"));
    assert!(refused("/model/unk_token", json!("[NONE]")).contains("[NONE]"));
    assert!(refused("/model", json!({"vocab": {}})).contains("without a type"));
}

#[test]
fn files_that_do_not_belong_together_are_refused() {
    let tensors = |tensors: Vec<(&'static str, Dtype, Vec<usize>, Vec<u8>)>| refusal(|parts| parts.tensors = tensors);
    let matrix = || ("embeddings", Dtype::F32, vec![4, 2], floats(&[1.0; 8]));
    assert!(tensors(vec![("weights", Dtype::F32, vec![1], floats(&[1.0]))]).contains("no tensor named embeddings"));
    assert!(tensors(vec![("embeddings", Dtype::F32, vec![8], floats(&[1.0; 8]))]).contains("shape"));
    assert!(tensors(vec![("embeddings", Dtype::F32, vec![4, 0], Vec::new())]).contains("empty"));
    assert!(tensors(vec![("embeddings", Dtype::I64, vec![4, 2], vec![0; 64])]).contains("I64"));
    assert!(tensors(vec![("embeddings", Dtype::F32, vec![3, 2], floats(&[1.0; 6]))]).contains("tokens"));
    let infinite = ("embeddings", Dtype::F32, vec![4, 2], floats(&[f32::INFINITY; 8]));
    assert!(tensors(vec![infinite]).contains("not finite"));
    assert!(tensors(vec![matrix(), ("weights", Dtype::F32, vec![3], floats(&[1.0; 3]))]).contains("3 weights"));
    for row in [-1_i64, 4] {
        let rows = [0, 0, 0, row].iter().flat_map(|row: &i64| row.to_le_bytes()).collect();
        assert!(tensors(vec![matrix(), ("mapping", Dtype::I64, vec![4], rows)]).contains("outside"));
    }
    assert!(refusal(|parts| parts.config = json!({"max_length": "many"})).contains("configuration"));
}

#[test]
fn a_missing_file_is_an_io_error_and_a_wrong_length_is_invalid_input() {
    let folder = small_model(|_| {});
    let model = StaticModel::open(folder.path()).unwrap();
    assert!(matches!(model.embed("east", &mut [0.0; 3]), Err(Error::InvalidInput { .. })));
    assert!(matches!(model.embed_i8("east", &mut []), Err(Error::InvalidInput { .. })));
    fs::remove_file(folder.path().join("tokenizer.json")).unwrap();
    assert!(matches!(StaticModel::open(folder.path()), Err(Error::Io { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any file may be damaged in any place: the model is refused or still works, it never panics.
    #[test]
    fn damaged_files_never_panic(
        which in prop_oneof![Just("config.json"), Just("tokenizer.json"), Just("model.safetensors")],
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<bool>(),
    ) {
        let folder = small_model(|_| {});
        let path = folder.path().join(which);
        let mut bytes = fs::read(&path).unwrap();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        fs::write(&path, bytes).unwrap();
        if let Ok(model) = StaticModel::open(folder.path()) {
            let mut out = vec![0.0; model.dimensions()];
            model.embed("east northward [UNK]", &mut out).unwrap();
            prop_assert!(out.iter().all(|value| value.is_finite()));
        }
    }

    #[test]
    fn any_text_has_a_vector_of_length_one_or_zero(text in "\\PC{0,300}", name in prop_oneof![Just("bert-f32"), Just("identifier-i8-clustered")]) {
        let model = StaticModel::open(&data(name)).unwrap();
        let mut out = vec![0.0; model.dimensions()];
        model.embed(&text, &mut out).unwrap();
        let length = out.iter().map(|value| value * value).sum::<f32>().sqrt();
        prop_assert!(length.abs() < 1e-6 || (length - 1.0).abs() < 1e-5, "{}", length);
        prop_assert_eq!(length == 0.0, model.tokens(&text).is_empty());
    }
}
