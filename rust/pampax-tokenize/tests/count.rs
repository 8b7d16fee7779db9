//! Token counts against the tokenizer of the models' makers and against a slow one written here.

use std::collections::HashMap;
use std::sync::LazyLock;

use pampax_tokenize::{Encoding, PartCounts, count_at_most, count_tokens, truncate};
use proptest::prelude::*;

const VECTORS: &str = include_str!("data/tiktoken.tsv");

fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        plain.push(match character {
            '\\' => match characters.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                other => other.expect("an escape has a second character"),
            },
            other => other,
        });
    }
    plain
}

/// Encoding, text and token ids of each vector.
fn vectors() -> Vec<(Encoding, String, Vec<u32>)> {
    VECTORS
        .split('\n')
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            let ids = fields[2].split_whitespace().map(|id| id.parse().expect("a token id")).collect();
            (Encoding::from_name(fields[0]).expect("an encoding"), unescape(fields[1]), ids)
        })
        .collect()
}

#[test]
fn counts_are_those_of_tiktoken() {
    let vectors = vectors();
    assert!(vectors.len() > 300, "the vectors were not read");
    for (encoding, text, ids) in &vectors {
        assert_eq!(count_tokens(text, *encoding), ids.len(), "{} {text:?}", encoding.name());
    }
    // Published by OpenAI: https://github.com/openai/tiktoken/blob/main/tests/test_simple_public.py
    let hello = vectors.iter().find(|(encoding, text, _)| *encoding == Encoding::Cl100kBase && text == "hello world");
    assert_eq!(hello.unwrap().2, [15339, 1917]);
}

#[test]
fn names_of_encodings() {
    for &encoding in Encoding::ALL {
        assert_eq!(Encoding::from_name(encoding.name()).unwrap(), encoding);
    }
    let message = Encoding::from_name("p50k_base").unwrap_err().to_string();
    assert!(message.contains("p50k_base") && message.contains("o200k_base, cl100k_base"), "{message}");
}

#[test]
fn edges_of_truncate() {
    let encoding = Encoding::O200kBase;
    assert_eq!(truncate("", encoding, 0), "");
    assert_eq!(truncate("hello world", encoding, 0), "");
    assert_eq!(truncate("hello world", encoding, 2), "hello world");
    assert_eq!(truncate("hello world", encoding, usize::MAX), "hello world");
    for text in
        ["x".repeat(100_000), " ".repeat(100_000), "\n ".repeat(50_000), "あB".repeat(30_000), "=".repeat(100_000)]
    {
        for tokens in [1, 7, 100, 1000] {
            let cut = truncate(&text, encoding, tokens);
            let count = count_tokens(cut, encoding);
            assert!(count <= tokens && (count + 2 >= tokens || cut == text), "{count} of {tokens}: {:?}", &text[..10]);
        }
    }
}

/// The tables as plain maps from bytes to rank, and nothing else of the library that is tested.
static RANKS: LazyLock<HashMap<&'static [u8], u32>> = LazyLock::new(|| {
    let bpe = &bpe_openai::o200k_base().bpe;
    (0..bpe.num_tokens() as u32).map(|token| (bpe.token_bytes(token), token)).collect()
});

/// Byte-pair encoding as it is defined: merge the leftmost pair of lowest rank until none is left.
fn naive_tokens(piece: &[u8]) -> Vec<u32> {
    let mut borders: Vec<usize> = (0..=piece.len()).collect();
    loop {
        let rank = |at: usize| RANKS.get(&piece[borders[at]..borders[at + 2]]).map(|&rank| (rank, at));
        let Some((_, at)) = (0..borders.len().saturating_sub(2)).filter_map(rank).min() else { break };
        borders.remove(at + 1);
    }
    borders.windows(2).map(|pair| RANKS[&piece[pair[0]..pair[1]]]).collect()
}

#[test]
fn the_naive_encoder_agrees_with_tiktoken() {
    for (encoding, text, ids) in vectors() {
        if encoding == Encoding::O200kBase {
            let naive: Vec<u32> =
                bpe_openai::o200k_base().split(&text).flat_map(|piece| naive_tokens(piece.as_bytes())).collect();
            assert_eq!(naive, ids, "{text:?}");
        }
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~\n\t]{0,150}",
        "[ \n\r\tab'sLl1!/あ漢éÉ\u{301}\u{a0}]{0,60}",
        "( {0,9}(if|for|the|don't|x1|==|\\{|\n|\t)){0,30}",
    ]
}

proptest! {
    #[test]
    fn counts_are_those_of_the_naive_encoder(text in text()) {
        let table = bpe_openai::o200k_base();
        prop_assert_eq!(table.split(&text).map(str::len).sum::<usize>(), text.len(), "the pieces leave something out");
        let naive: usize = table.split(&text).map(|piece| naive_tokens(piece.as_bytes()).len()).sum();
        prop_assert_eq!(count_tokens(&text, Encoding::O200kBase), naive);
    }

    #[test]
    fn a_limit_changes_nothing_below_it(text in text(), limit in 0_usize..80) {
        for &encoding in Encoding::ALL {
            let count = count_tokens(&text, encoding);
            prop_assert_eq!(count_at_most(&text, encoding, limit), (count <= limit).then_some(count));
            prop_assert_eq!(count_at_most(&text, encoding, count), Some(count));
        }
    }

    #[test]
    fn truncate_gives_the_longest_prefix_that_fits(text in text(), tokens in 0_usize..60) {
        for &encoding in Encoding::ALL {
            let cut = truncate(&text, encoding, tokens);
            let longest = text
                .char_indices()
                .map(|(at, _)| at)
                .chain([text.len()])
                .filter(|&at| count_tokens(&text[..at], encoding) <= tokens)
                .max();
            prop_assert_eq!(Some(cut), longest.map(|at| &text[..at]), "{:?}", encoding);
        }
    }
}

proptest! {
    /// However texts share their lines, and whatever stands around line feeds.
    #[test]
    fn counts_by_parts_are_those_of_the_whole(
        texts in prop::collection::vec(
            prop::collection::vec(
                prop_oneof![
                    Just("\n"), Just("\n"), Just("\r\n"), Just(" "), Just("\t"), Just("\u{b}"), Just("\u{85}"), Just("\u{a0}"),
                    Just("\u{2028}"), Just("/"), Just("//"), Just("'s"), Just("'"), Just("`"), Just("```"), Just("}"), Just(");"),
                    Just("fn"), Just("Word"), Just("1234"), Just("é"), Just("日本"), Just("🙂"), Just("\u{301}"), Just("_"), Just("\0"),
                ],
                0..60,
            ),
            1..6,
        ),
    ) {
        for &encoding in Encoding::ALL {
            let (mut counts, mut others) = (PartCounts::new(encoding), PartCounts::new(encoding));
            for (number, pieces) in texts.iter().enumerate() {
                let text = pieces.concat();
                let by_parts = if number % 2 == 0 { counts.count(&text) } else { others.count(&text) };
                prop_assert_eq!(by_parts, count_tokens(&text, encoding), "{} {:?}", encoding.name(), text);
            }
            counts.add(others);
            for pieces in &texts {
                let text = pieces.concat();
                prop_assert_eq!(counts.count(&text), count_tokens(&text, encoding));
            }
        }
    }
}
