//! Measures the exact scan and the graph on clustered random vectors: the figures beside `HNSW_FROM`.
//!
//! `cargo run --release -p pampax-vector --example measure_vectors -- 100000 256 graph` (rows, dimensions, and `graph` to build one).
//! Times of searches are the median and the least of 100.
#![expect(clippy::print_stdout, reason = "a program that prints its measurements")]

use std::time::Instant;

use pampax_base::{Error, Result};
use pampax_vector::{VectorSet, VectorSetBuilder};

const QUERIES: usize = 100;
const LIMIT: usize = 50;

/// A xorshift generator: the same numbers in every run.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn normal(&mut self) -> f32 {
        (0..4).map(|_| (self.next() >> 40) as f32 / 16_777_216.0 - 0.5).sum()
    }

    /// A vector near one of the centres.
    fn near(&mut self, centres: &[Vec<f32>]) -> Vec<i8> {
        let centre = &centres[(self.next() >> 20) as usize % centres.len()];
        let values: Vec<f32> = centre.iter().map(|value| value + 0.7 * self.normal()).collect();
        let largest = values.iter().fold(f32::MIN_POSITIVE, |largest, value| largest.max(value.abs()));
        values.iter().map(|value| (value / largest * 127.0).round() as i8).collect()
    }
}

type Hits = Vec<(u32, f32)>;

/// The answers to all queries, and the median and the least time of one in milliseconds.
fn timed(queries: &[Vec<i8>], search: impl Fn(&[i8]) -> Result<Hits>) -> Result<(Vec<Hits>, f64, f64)> {
    let (mut answers, mut times) = (Vec::new(), Vec::new());
    for query in queries {
        let start = Instant::now();
        answers.push(search(query)?);
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    Ok((answers, times[times.len() / 2], times[0]))
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: usize| arguments.next().and_then(|text| text.parse().ok()).unwrap_or(default);
    let (rows, dimensions) = (number(100_000), number(256));
    let with_graph = std::env::args().any(|argument| argument == "graph");

    let mut noise = Noise(88_172_645_463_325_252);
    let centres: Vec<Vec<f32>> =
        (0..rows.div_ceil(50)).map(|_| (0..dimensions).map(|_| noise.normal()).collect()).collect();
    let mut builder = VectorSetBuilder::new(dimensions)?.graph_from(if with_graph { 1 } else { usize::MAX });
    for key in 0..rows as u32 {
        builder.add(key, &noise.near(&centres))?;
    }
    let queries: Vec<Vec<i8>> = (0..QUERIES).map(|_| noise.near(&centres)).collect();

    let path = std::env::temp_dir().join(format!("pampax-vector-measure-{}", std::process::id()));
    let start = Instant::now();
    let written = builder.write(&path)?;
    println!("write: {:.1} s, {} + {} bytes", start.elapsed().as_secs_f64(), written.bytes, written.graph_bytes);
    let start = Instant::now();
    let set = VectorSet::open(&path)?;
    println!("open: {:.3} ms", start.elapsed().as_secs_f64() * 1e3);

    let start = Instant::now();
    set.search_exactly(&queries[0], LIMIT, |_| true)?;
    println!("first exact search, with checksums: {:.3} ms", start.elapsed().as_secs_f64() * 1e3);
    let (exact, median, least) = timed(&queries, |query| set.search_exactly(query, LIMIT, |_| true))?;
    println!("exact search: {median:.3} ms, least {least:.3} ms, {:.1} million rows/s", rows as f64 / least / 1e3);

    if with_graph {
        let start = Instant::now();
        set.search(&queries[0], LIMIT, |_| true)?;
        println!("first graph search, with checksum: {:.3} ms", start.elapsed().as_secs_f64() * 1e3);
        let (near, median, least) = timed(&queries, |query| set.search(query, LIMIT, |_| true))?;
        let found: usize =
            near.iter().zip(&exact).map(|(near, exact)| near.iter().filter(|hit| exact.contains(hit)).count()).sum();
        let recall = found as f64 / (QUERIES * LIMIT) as f64;
        println!("graph search: {median:.3} ms, least {least:.3} ms, recall@{LIMIT} {recall:.4}");
        std::fs::remove_file(format!("{}.hnsw", path.display())).map_err(Error::io("remove", &path))?;
    }
    std::fs::remove_file(&path).map_err(Error::io("remove", &path))
}
