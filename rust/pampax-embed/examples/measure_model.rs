//! Measures a model: how long it takes to open, how many chunks a second it embeds, how long a question takes.
//!
//! `cargo run --release -p pampax-embed --example measure_model -- MODEL_FOLDER TEXT_FILE`: the text file is cut into chunks of
//! about 800 bytes at line ends. Of many runs over 200 chunks the median and the least time are shown.
#![expect(clippy::print_stdout, reason = "a program that prints its measurements")]

use std::time::Instant;

use pampax_base::{Error, Result};
use pampax_embed::StaticModel;

const CHUNK_BYTES: usize = 800;
const QUESTIONS: [&str; 4] = [
    "where are sessions signed",
    "parseHttpResponse",
    "retry a request when the server answers with too many requests",
    "how does the scheduler decide which task runs next on an idle worker",
];

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, file] = arguments.as_slice() else {
        return Err(Error::InvalidInput { what: "arguments", detail: "MODEL_FOLDER TEXT_FILE".to_owned() });
    };
    let text = std::fs::read_to_string(file).map_err(Error::io("read", file))?;
    let mut chunks = vec![String::new()];
    for line in text.split_inclusive('\n') {
        if chunks.last().is_some_and(|chunk| chunk.len() + line.len() > CHUNK_BYTES) {
            chunks.push(String::new());
        }
        if let Some(chunk) = chunks.last_mut() {
            chunk.push_str(line);
        }
    }

    let start = Instant::now();
    let model = StaticModel::open(folder.as_ref())?;
    println!(
        "open: {:.1} ms, {} dimensions, {}",
        start.elapsed().as_secs_f64() * 1e3,
        model.dimensions(),
        model.identity()
    );

    let tokens: usize = chunks.iter().map(|chunk| model.tokens(chunk).len()).sum();
    println!("{} chunks of {} bytes, {} tokens", chunks.len(), text.len() / chunks.len(), tokens / chunks.len());
    show("tokens of a chunk", &chunks, |chunks| chunks.iter().map(|chunk| model.tokens(chunk).len()).sum());
    show("vector of a chunk", &chunks, |chunks| model.embed_many(chunks).len());

    let mut out = vec![0; model.dimensions()];
    let questions: Vec<String> = (0..4000).map(|number| QUESTIONS[number % QUESTIONS.len()].to_owned()).collect();
    show("vector of a question", &questions, |questions| {
        questions.iter().filter(|question| model.embed_i8(question, &mut out).is_ok()).count()
    });
    Ok(())
}

/// Shows how long `work` takes for one of `texts`, in microseconds.
fn show(what: &str, texts: &[String], mut work: impl FnMut(&[String]) -> usize) {
    let mut times: Vec<f64> = texts
        .chunks(200)
        .map(|some| {
            let start = Instant::now();
            std::hint::black_box(work(some));
            start.elapsed().as_secs_f64() * 1e6 / some.len() as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let (median, least) = (times[times.len() / 2], times[0]);
    println!("{what}: {median:.2} µs, least {least:.2} µs; {:.0} a second", 1e6 / median);
}
