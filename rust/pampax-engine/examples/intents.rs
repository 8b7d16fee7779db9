//! Prints how well intents are detected: `intents LABELS [HALF]` for accuracy and confusion (HALF is `test` by default, `development`
//! or `all`), `intents --misses LABELS HALF` for the queries taken for something else, `intents --speed LABELS` for time.
//! `intents --features LABELS HALF` writes a JSON object a line with what the model sees, for `tools/train_intent.py`.
//! LABELS is in the form of `corpora/labelled/intents.jsonl`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints its measurements")]

use std::time::Instant;

use pampax_engine::Intent;

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let option = arguments.first().filter(|first| first.starts_with("--")).cloned();
    if option.is_some() {
        arguments.remove(0);
    }
    let Some(path) = arguments.first() else {
        eprintln!("usage: intents [--misses | --speed | --features] LABELS [test | development | all]");
        std::process::exit(2);
    };
    let half = arguments.get(1).map_or("test", String::as_str);
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let rows: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{path}: {error}: {line}")))
        .filter(|row: &serde_json::Value| half == "all" || row["split"] == half)
        .collect();
    let cases: Vec<(&str, Intent)> = rows
        .iter()
        .map(|row| {
            let intent = row["intent"].as_str().and_then(|name| Intent::from_name(name).ok());
            row["query"].as_str().zip(intent).unwrap_or_else(|| panic!("{path}: {row} has no query or no known intent"))
        })
        .collect();
    match option.as_deref() {
        Some("--misses") => misses(&cases),
        Some("--speed") => speed(&cases),
        Some("--features") => features(&cases),
        _ => confusion(&cases),
    }
}

fn misses(cases: &[(&str, Intent)]) {
    for (text, intent) in cases {
        let found = Intent::detect(text);
        if found != *intent {
            println!("{} taken for {}: {text:?}", intent.name(), found.name());
        }
    }
}

fn features(cases: &[(&str, Intent)]) {
    for (text, intent) in cases {
        let values: Option<serde_json::Map<_, _>> =
            Intent::features(text).map(|values| values.into_iter().map(|(name, value)| (name, value.into())).collect());
        println!("{}", serde_json::json!({"intent": intent.name(), "features": values}));
    }
}

fn speed(cases: &[(&str, Intent)]) {
    const ROUNDS: usize = 20;
    let start = Instant::now();
    for _ in 0..ROUNDS {
        for (text, _) in cases {
            std::hint::black_box(Intent::detect(std::hint::black_box(text)));
        }
    }
    let each_us = start.elapsed().as_secs_f64() * 1e6 / (ROUNDS * cases.len()) as f64;
    println!("{each_us:.2} microseconds a query, terms and names included");
}

fn confusion(cases: &[(&str, Intent)]) {
    let mut counts = [[0_usize; Intent::ALL.len()]; Intent::ALL.len()];
    for (text, intent) in cases {
        counts[*intent as usize][Intent::detect(text) as usize] += 1;
    }
    print!("{:14}", "is \\ taken for");
    for intent in Intent::ALL {
        print!("{:>14}", intent.name());
    }
    println!("{:>10}", "accuracy");
    let mut right = 0;
    for intent in Intent::ALL {
        let row = counts[intent as usize];
        right += row[intent as usize];
        print!("{:14}", intent.name());
        for count in row {
            print!("{count:>14}");
        }
        println!("{:>10.3}", row[intent as usize] as f64 / row.iter().sum::<usize>().max(1) as f64);
    }
    println!("{right} of {}: {:.3}", cases.len(), right as f64 / cases.len().max(1) as f64);
}
