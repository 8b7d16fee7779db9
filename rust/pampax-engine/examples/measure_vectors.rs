//! Measures ways to search the vectors of real code: the figures beside `FIRST_PASS_FROM` and in `pampax-vector/src/graph.rs`.
//!
//! `cargo run --release -p pampax-engine --example measure_vectors -- MODEL QUESTIONS ROWS [graph] -- VECTOR_FILE…`
//!
//! MODEL is a folder of a model (python/pampax/model), QUESTIONS a text file with one question a line, ROWS how many vectors to
//! take, and the vector files are those of any stores made with that model (`STORE/segments/*/vectors*`). With `graph` an
//! HNSW graph is built, too. Times of searches are the median and the least over the questions, in milliseconds.
#![expect(clippy::print_stdout, reason = "a program that prints its measurements")]

use std::path::{Path, PathBuf};
use std::time::Instant;

use pampax_base::{Error, Result};
use pampax_embed::StaticModel;
use pampax_vector::{SignQuery, VectorSet, VectorSetBuilder};

const LIMIT: usize = 50;

type Hits = Vec<(u32, f32)>;

/// The answers to all questions, and the median and the least time of one in milliseconds.
fn timed(questions: &[Vec<i8>], search: impl Fn(&[i8]) -> Result<Hits>) -> Result<(Vec<Hits>, f64, f64)> {
    let (mut answers, mut times) = (Vec::new(), Vec::new());
    for question in questions {
        let start = Instant::now();
        answers.push(search(question)?);
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    Ok((answers, times[times.len() / 2], times[0]))
}

/// The share of what is near that was found, over all questions. Equal vectors are as good as each other, so it is the
/// similarity that counts.
fn recall(found: &[Hits], exact: &[Hits]) -> f64 {
    let hits: usize = found
        .iter()
        .zip(exact)
        .map(|(found, exact)| {
            let least = exact.last().map_or(0.0, |hit| hit.1);
            found.iter().filter(|hit| hit.1 >= least).count().min(exact.len())
        })
        .sum();
    hits as f64 / exact.iter().map(Vec::len).sum::<usize>().max(1) as f64
}

/// The best by similarity of the `first` best by estimate.
fn two_passes(set: &VectorSet, question: &[i8], first: usize) -> Result<Hits> {
    let best_first = |left: &(u32, f32), right: &(u32, f32)| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0));
    let mut hits: Hits = Vec::with_capacity(4 * first);
    let mut least = f32::NEG_INFINITY;
    set.estimate(&SignQuery::new(question), 0..set.blocks(), least, |key, estimate| {
        hits.push((key, estimate));
        if hits.len() == 4 * first {
            hits.select_nth_unstable_by(first - 1, best_first);
            hits.truncate(first);
            least = hits[first - 1].1;
        }
        least
    })?;
    hits.sort_unstable_by(best_first);
    hits.truncate(first);
    let keys: Vec<u32> = hits.drain(..).map(|hit| hit.0).collect();
    set.similarities(keys, question, |key, similarity| hits.push((key, similarity)))?;
    hits.sort_unstable_by(best_first);
    hits.truncate(LIMIT);
    Ok(hits)
}

fn questions(model: &Path, file: &Path) -> Result<Vec<Vec<i8>>> {
    let model = StaticModel::open(model)?;
    let text = std::fs::read_to_string(file).map_err(Error::io("read", file))?;
    let embed = |line: &str| {
        let mut vector = vec![0; model.dimensions()];
        model.embed_i8(line, &mut vector).map(|()| vector)
    };
    text.lines().map(embed).collect()
}

fn gather(files: &[PathBuf], rows: usize, dimensions: usize) -> Result<VectorSetBuilder> {
    let mut builder = VectorSetBuilder::new(dimensions)?;
    for file in files {
        let set = VectorSet::open(file)?;
        for &key in set.keys() {
            if let Some(vector) = set.get(key)?.filter(|vector| vector.iter().any(|&value| value != 0))
                && builder.len() < rows
            {
                builder.add(builder.len() as u32, &vector)?;
            }
        }
    }
    Ok(builder)
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let wrong = || Error::InvalidInput { what: "arguments", detail: "see the head of this file".to_owned() };
    let split = arguments.iter().position(|argument| argument == "--").ok_or_else(wrong)?;
    let [model, file, rows] = arguments.get(..3).and_then(|three| three.first_chunk()).ok_or_else(wrong)?;
    let with_graph = arguments[..split].iter().any(|argument| argument == "graph");
    let questions = questions(model.as_ref(), file.as_ref())?;
    let files: Vec<PathBuf> = arguments[split + 1..].iter().map(PathBuf::from).collect();
    let dimensions = questions.first().ok_or_else(wrong)?.len();
    let builder = gather(&files, rows.parse().map_err(|_| wrong())?, dimensions)?;
    println!("{} vectors, {} questions", builder.len(), questions.len());

    let folder = std::env::temp_dir().join(format!("pampax-measure-vectors-{}", std::process::id()));
    std::fs::create_dir(&folder).map_err(Error::io("make", &folder))?;
    let outcome = measure(&folder.join("set"), builder, &questions, with_graph);
    std::fs::remove_dir_all(&folder).map_err(Error::io("remove", &folder))?;
    outcome
}

fn measure(path: &Path, builder: VectorSetBuilder, questions: &[Vec<i8>], with_graph: bool) -> Result<()> {
    let start = Instant::now();
    let written = builder.clone().write(path)?;
    println!("write: {:.2} s, {} bytes", start.elapsed().as_secs_f64(), written.bytes);
    let set = VectorSet::open(path)?;
    set.verify()?;
    let (exact, median, least) = timed(questions, |question| set.search_exactly(question, LIMIT, |_| true))?;
    println!("exact: {median:.3} ms, least {least:.3} ms");

    for first in [600, 1_000, 2_000, 4_000, 8_000] {
        let two_passes = |question: &[i8]| two_passes(&set, question, first);
        let (found, median, least) = timed(questions, two_passes)?;
        let recall = recall(&found, &exact);
        println!("first pass, {first} compared: {median:.3} ms, least {least:.3} ms, recall@{LIMIT} {recall:.4}");
    }
    let start = Instant::now();
    for question in questions {
        set.estimate(&SignQuery::new(question), 0..set.blocks(), f32::INFINITY, |_, _| f32::INFINITY)?;
    }
    println!("first pass alone: {:.3} ms", start.elapsed().as_secs_f64() * 1e3 / questions.len() as f64);

    if with_graph {
        let path = path.with_extension("graph");
        let start = Instant::now();
        let written = builder.graph_from(1).write(&path)?;
        println!("graph: {:.1} s, {} bytes more", start.elapsed().as_secs_f64(), written.graph_bytes);
        let set = VectorSet::open(&path)?;
        set.verify()?;
        let (found, median, least) = timed(questions, |question| set.search(question, LIMIT, |_| true))?;
        println!("graph: {median:.3} ms, least {least:.3} ms, recall@{LIMIT} {:.4}", recall(&found, &exact));
    }
    Ok(())
}
