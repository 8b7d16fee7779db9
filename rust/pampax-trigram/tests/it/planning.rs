//! No match is ever lost, and what can be left out is.

use pampax_trigram::{Syntax, plan};
use proptest::prelude::*;
use regex::bytes::RegexBuilder;

use crate::indexed;

/// Whether the file of `text` is read for `pattern`.
fn is_candidate(pattern: &str, ignore_case: bool, text: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    // With a second entry, so that a trigram in all of them is not free.
    let trigrams = indexed(&[text, "\u{1}"], &folder.path().join("trigrams"));
    let condition = plan(pattern, &Syntax { ignore_case, fixed: false }).unwrap();
    trigrams.candidates(&condition).unwrap().is_none_or(|found| found.contains(&0))
}

#[test]
fn what_a_pattern_needs() {
    for (pattern, ignore_case, text, expected) in [
        ("kref_get", false, "kref_get(ref)", true),
        ("kref_get", false, "kref_put(ref)", false),
        ("kref_(get|put)", false, "kref_put", true),
        ("kref_(get|put)", false, "kref_gut", false),
        ("a.*needle", false, "needle", true),
        ("foo[0-9]bar", false, "foo7bar", true),
        ("foo[0-9]bar", false, "foo and bar", false),
        ("(abc)+d", false, "abcabcd", true),
        ("(abc)+d", false, "abd", false),
        ("x{3}y", false, "xxxy", true),
        ("x{3}y", false, "xxy", false),
        ("abc?", false, "ab", true),
        ("struct \\w+ \\{", false, "struct x {", true),
        ("struct \\w+ \\{", false, "enum x {", false),
        ("NEEDLE", true, "a needle", true),
        ("task", true, "ta\u{17f}\u{212a}", true),
        ("stra\u{df}e", true, "STRA\u{1e9e}E", true),
        ("\u{e9}t\u{e9}", true, "\u{c9}T\u{c9}", true),
        ("\u{e9}t\u{e9}", true, "ete", false),
        ("(?i:abc)DEF", false, "ABCDEF", true),
        ("^line$", false, "one\nline\n", true),
        ("one\\sline", false, "one\nline\n", false),
        ("[^a]bcd", false, "\nbcd", true),
        ("(?-u)\\xffab", false, "ab", false),
    ] {
        assert_eq!(is_candidate(pattern, ignore_case, text), expected, "{pattern} in {text:?}");
    }
}

#[test]
fn patterns_without_three_sure_characters_are_not_planned() {
    for pattern in ["", ".", "ab", "a.b.c", "\\w+", "(abc|)", "(abc)?", "[a-z]{5}", "abc|de"] {
        assert!(plan(pattern, &Syntax::default()).unwrap().is_any(), "{pattern}");
    }
    assert!(plan("(", &Syntax::default()).is_err());
    assert!(!plan("(((", &Syntax { fixed: true, ..Syntax::default() }).unwrap().is_any());
}

#[test]
fn hostile_patterns_take_no_time() {
    let deep = format!("{}a{}", "(x|(yyyy".repeat(60), "){6})".repeat(60));
    let wide = (0..3000).map(|number| format!("word{number}")).collect::<Vec<_>>().join("|");
    for pattern in
        [deep.as_str(), wide.as_str(), &"[ab]".repeat(300), &"(a|bb)".repeat(200), "((((a{6}b){6}c){6}d){6}e){6}"]
    {
        let started = std::time::Instant::now();
        let _ = plan(pattern, &Syntax { ignore_case: true, fixed: false });
        assert!(started.elapsed().as_secs() < 10);
    }
}

#[test]
fn entries_that_are_skipped_are_always_candidates() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trigrams");
    let mut builder = pampax_trigram::TrigramsBuilder::new();
    builder.add(b"one two");
    builder.skip();
    builder.add(b"three");
    assert!(builder.memory_bytes() > 0);
    builder.finish(&path).unwrap();
    let trigrams = pampax_trigram::Trigrams::open(&path, 3).unwrap();
    let candidates = |pattern| trigrams.candidates(&plan(pattern, &Syntax::default()).unwrap()).unwrap();
    assert_eq!(candidates("three"), Some(vec![1, 2]));
    assert_eq!(candidates("four"), Some(vec![1]));
}

/// Characters that fold in odd ways, beside plain ones.
const SIGNS: &[&str] = &[
    "a", "b", "C", "k", "K", "s", "S", "\u{17f}", "\u{212a}", "\u{e9}", "\u{c9}", "\u{df}", "\u{1e9e}", "_", " ", "1",
];

fn sign() -> impl Strategy<Value = String> {
    prop::sample::select(SIGNS).prop_map(str::to_owned)
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop_oneof![12 => sign(), 1 => Just("\n".to_owned())], 0..60).prop_map(|signs| signs.concat())
}

fn pattern() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => prop::collection::vec(sign(), 1..5).prop_map(|signs| signs.concat()),
        1 => Just(".".to_owned()),
        1 => Just("\\w".to_owned()),
        1 => Just("\\s".to_owned()),
        1 => Just("[^b]".to_owned()),
        1 => prop::collection::vec(sign(), 1..4).prop_map(|signs| format!("[{}]", signs.concat())),
        1 => Just("^".to_owned()),
        1 => Just("$".to_owned()),
        1 => Just("\\b".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| format!("({})", parts.join("|"))),
            inner.clone().prop_map(|part| format!("({part})?")),
            inner.clone().prop_map(|part| format!("({part})*")),
            inner.clone().prop_map(|part| format!("({part})+")),
            (inner.clone(), 0_u32..4, 0_u32..3)
                .prop_map(|(part, least, more)| format!("({part}){{{least},{}}}", least + more)),
            inner.clone().prop_map(|part| format!("(?i:{part})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn no_match_is_lost(pattern in pattern(), texts in prop::collection::vec(text(), 1..8), ignore_case in any::<bool>()) {
        let Ok(regex) = RegexBuilder::new(&pattern).case_insensitive(ignore_case).multi_line(true).build() else { return Ok(()) };
        let folder = tempfile::tempdir().unwrap();
        let trigrams = indexed(&texts, &folder.path().join("trigrams"));
        let condition = plan(&pattern, &Syntax { ignore_case, fixed: false }).unwrap();
        let candidates = trigrams.candidates(&condition).unwrap();
        for (number, text) in texts.iter().enumerate() {
            let matches = text.split('\n').any(|line| regex.is_match(line.as_bytes()));
            let read = candidates.as_ref().is_none_or(|candidates| candidates.contains(&(number as u32)));
            prop_assert!(read || !matches, "{pattern:?} matches in {text:?}: {condition:?}");
        }
    }

    #[test]
    fn a_piece_of_the_text_is_found(texts in prop::collection::vec(text(), 1..8), which in any::<prop::sample::Index>(), start in 0_usize..40, length in 1_usize..20) {
        let number = which.index(texts.len());
        let piece: String = texts[number].chars().skip(start).take(length).filter(|&sign| sign != '\n').collect();
        let folder = tempfile::tempdir().unwrap();
        let trigrams = indexed(&texts, &folder.path().join("trigrams"));
        for ignore_case in [false, true] {
            let condition = plan(&piece, &Syntax { ignore_case, fixed: true }).unwrap();
            let candidates = trigrams.candidates(&condition).unwrap();
            let is_there = texts[number].split('\n').any(|line| line.contains(&piece));
            prop_assert!(!is_there || candidates.is_none_or(|candidates| candidates.contains(&(number as u32))));
        }
    }
}
