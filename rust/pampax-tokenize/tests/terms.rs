//! The rules of terms, by example and as properties.

use pampax_tokenize::{MAX_TERM_BYTES, Tokenizer, identifier_parts, is_stop_word, terms};
use proptest::prelude::*;

fn check(text: &str, expected: &str) {
    assert_eq!(terms(text).join(" "), expected, "{text:?}");
}

#[test]
fn identifiers_give_their_parts_and_themselves() {
    check("get_user", "get user getuser");
    check("getUser", "get user getuser");
    check("HTTPServer", "http server httpserver");
    check("parseJSON2Map", "pars json 2 map parsejson2map");
    check("__init__", "init");
    check("MAX_RETRY_COUNT", "max retri count maxretrycount");
    check("utf8", "utf 8 utf8");
    check("userIDs", "user ids userids");
    check("parse-http.server/config::load", "pars http server config load");
    check("_", "");
    check("", "");
    check(" \n\t(){}[]", "");
}

#[test]
fn prose_is_stemmed_and_short_words_are_not() {
    check("Sessions are signed by the Signer", "session are sign by the signer");
    check("caching cached caches", "cach cach cach");
    check("its bus was", "its bus was");
}

#[test]
fn numbers_and_noise() {
    check("1_000_000", "1 000 000 1000000");
    check("1234567890", "1234567890");
    check("12345678901", "");
    check("id_12345678901", "id id12345678901");
    check("da39a3ee5e6b4b0d3255bfef95601890afd80709", "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    check(&"a1".repeat(33), "");
    check(&"x".repeat(64), &"x".repeat(64));
    check(&"x".repeat(65), "");
    // A long name with underscores keeps its parts, but is too long as a whole.
    let name = "the_session_".repeat(8);
    assert_eq!(terms(&name).len(), 16);
    assert!(terms(&name).iter().all(|term| term == "the" || term == "session"));
}

#[test]
fn other_scripts() {
    check("日本語", "日本 本語");
    check("語", "語");
    check("日本語text処理", "日本 本語 text 処理");
    check("한국어", "한국 국어");
    check("Größe", "größe");
    check("GRÖSSE_Wert", "grösse wert grössewert");
    check("naïveBayes", "naïvebayes");
    check("Привет, мир!", "привет мир");
    check("a—b…c", "a b c");
    check("x\u{301}y", "x y");
    check("\u{1f600}ok", "ok");
}

#[test]
fn parts_of_names() {
    assert_eq!(identifier_parts("parseJSON2Map"), ["parse", "json", "2", "map"]);
    assert_eq!(identifier_parts("a.B::cD"), ["a", "b", "c", "d"]);
    assert_eq!(identifier_parts("Übergröße_x"), ["übergröße", "x"]);
    assert!(identifier_parts("").is_empty());
}

#[test]
fn question_words_are_stop_words_as_they_are_and_as_terms() {
    for term in terms("How, where, what and why does this please explain anything about something located there?") {
        assert!(is_stop_word(&term), "{term}");
    }
    for word in ["session", "get_user", "return", "not", "parse", ""] {
        assert!(!is_stop_word(word), "{word}");
    }
}

/// Text that looks like code: names in all styles among separators and other scripts.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~\n\t]{0,200}",
        "([A-Z]{0,3}[a-z]{0,5}[0-9]{0,12}_{0,2}){0,12}",
        "[a-zA-Z0-9_ éßÄλЖ日本語한국ー\u{301}.]{0,120}",
        "[a-zA-Z0-9+/]{0,90}",
    ]
}

proptest! {
    #[test]
    fn terms_are_bounded_lower_case_and_reproducible(text in text()) {
        let mut tokenizer = Tokenizer::new();
        let first = tokenizer.terms(&text);
        for term in &first {
            prop_assert!(!term.is_empty());
            prop_assert!(term.len() <= MAX_TERM_BYTES);
            prop_assert!(!term.bytes().any(|byte| byte.is_ascii_uppercase()), "{}", term);
            prop_assert!(term.chars().all(|character| !character.is_ascii() || character.is_ascii_alphanumeric()), "{}", term);
        }
        prop_assert_eq!(&tokenizer.terms(&text), &first);
        prop_assert_eq!(terms(&text), first);
    }

    #[test]
    fn an_identifier_of_several_parts_gives_itself(parts in proptest::collection::vec("[a-z]{2,8}", 2..6)) {
        let whole: String = parts.concat();
        let snake = parts.join("_");
        let camel: String = parts.iter().map(|part| part[..1].to_ascii_uppercase() + &part[1..]).collect();
        let of_snake = terms(&snake);
        prop_assert_eq!(of_snake.last(), Some(&whole));
        prop_assert_eq!(of_snake.len(), parts.len() + 1);
        prop_assert_eq!(&identifier_parts(&snake), &parts);
        prop_assert_eq!(identifier_parts(&camel), parts);
        prop_assert_eq!(terms(&camel), of_snake);
    }

    #[test]
    fn separators_are_all_alike(words in proptest::collection::vec("[a-z]{1,9}", 1..6), separator in "[-./:; \n(){}<>'\"]{1,3}") {
        let spaced = words.join(" ");
        prop_assert_eq!(terms(&words.join(&separator)), terms(&spaced));
    }

    #[test]
    fn the_parts_hold_every_letter(name in "[A-Za-z_]{0,15}") {
        let letters: String = name.to_ascii_lowercase().replace('_', "");
        prop_assert_eq!(identifier_parts(&name).concat(), letters);
    }
}
