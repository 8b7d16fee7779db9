//! How fast files are parsed on one core: `cargo run --release -p pampax-syntax --example speed -- PATH…` reads all files
//! below the paths and prints for each language the megabytes per second (best of three passes), and what they gave.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use pampax_base::Language;
use pampax_syntax::{Parsed, Parser};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    if cfg!(debug_assertions) {
        return Err("build with --release: the figures of a debug build mean nothing".into());
    }
    let mut texts: BTreeMap<Language, Vec<String>> = BTreeMap::new();
    let mut waiting: Vec<PathBuf> = std::env::args().skip(1).map(PathBuf::from).collect();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(std::fs::read_dir(&path)?.flatten().map(|entry| entry.path()));
        } else if let Some(language) = language_of(&path) {
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            texts.entry(language).or_default().push(text);
        }
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "language          files  kilobytes   MB/s  slowest ms  symbols  references  errors  by lines")?;
    for (language, texts) in &texts {
        let mut parser = Parser::new();
        parser.parse(Some(*language), "");
        let (mut best, mut slowest) = (Duration::MAX, Duration::ZERO);
        for _ in 0..3 {
            let started = Instant::now();
            for text in texts {
                let file = Instant::now();
                std::hint::black_box(parser.parse(Some(*language), text));
                slowest = slowest.max(file.elapsed());
            }
            best = best.min(started.elapsed());
        }
        let (mut symbols, mut references, mut errors, mut by_lines) = (0, 0, 0, 0);
        for text in texts {
            let syntax = parser.parse(Some(*language), text);
            symbols += syntax.symbols.len();
            references += syntax.references.len();
            errors += usize::from(syntax.parsed == Parsed::TreeWithErrors);
            by_lines += usize::from(matches!(syntax.parsed, Parsed::Lines(_)));
        }
        let bytes: usize = texts.iter().map(String::len).sum();
        let speed = bytes as f64 / best.as_secs_f64() / 1e6;
        let (name, files, kilobytes, slowest) =
            (language.name(), texts.len(), bytes / 1000, slowest.as_secs_f64() * 1e3);
        writeln!(
            out,
            "{name:<16} {files:>6} {kilobytes:>10} {speed:>6.2} {slowest:>11.1} {symbols:>8} {references:>11} {errors:>7} {by_lines:>9}"
        )?;
    }
    Ok(())
}

fn language_of(path: &Path) -> Option<Language> {
    Language::from_path(path.to_str()?)
}
