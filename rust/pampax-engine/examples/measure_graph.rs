//! Measures questions about a large graph: two edges out from ten seeds, on the graph file of a store, and whole answers.
//!
//! `cargo run --release -p pampax-engine --example measure_graph -- [FILES]`
//!
//! Writes FILES (2000) Python files with 50 functions that make 10 calls each to functions of other files, indexes them
//! without vectors, and asks. 2000 files have a million calls. Everything is made from a fixed seed in a folder that is removed.
#![expect(clippy::print_stdout, reason = "a program that prints its measurements")]

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use pampax_base::{Error, Result};
use pampax_engine::{Filters, GraphOptions, Options, Relation, Repository};
use pampax_store::Edges;

const FUNCTIONS: u64 = 50;
const CALLS: u64 = 10;
/// Files that define a function of the same name: the seeds of a question about it.
const SEEDS: u64 = 10;
const ROUNDS: usize = 1000;

/// Numbers that look random, the same in every run (Steele, Lea and Flood 2014, `SplitMix64`).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end.max(1)
    }
}

/// The name of a function of a file; the first of ten files each are called the same.
fn name(file: u64, function: u64) -> String {
    if function == 0 { format!("shared_{}", file / SEEDS) } else { format!("f{file}_{function}") }
}

fn write_tree(root: &Path, files: u64, numbers: &mut Numbers) -> Result<()> {
    for file in 0..files {
        let others: Vec<u64> = (0..20).map(|_| numbers.below(files)).collect();
        let mut text = String::new();
        for other in &others {
            let _ = writeln!(text, "import module_{other}");
        }
        for function in 0..FUNCTIONS {
            let _ = writeln!(text, "\n\ndef {}():", name(file, function));
            for _ in 0..CALLS {
                let other = others[numbers.below(others.len() as u64) as usize];
                let _ = writeln!(text, "    module_{other}.{}()", name(other, numbers.below(FUNCTIONS)));
            }
        }
        let path = root.join(format!("module_{file}.py"));
        std::fs::write(&path, text).map_err(Error::io("write", &path))?;
    }
    Ok(())
}

/// The nodes at most two edges away from `seeds`, in either direction.
fn near(edges: &Edges, seeds: &[u32]) -> usize {
    let mut seen: HashSet<u32> = seeds.iter().copied().collect();
    let mut level = seeds.to_vec();
    for _ in 0..2 {
        let mut next = Vec::new();
        for &node in &level {
            let out = edges.out(node).into_iter().map(|edge| edge.target);
            next.extend(out.chain(edges.incoming(node).map(|(source, _)| source)).filter(|&other| seen.insert(other)));
        }
        level = next;
    }
    seen.len()
}

fn print_times(what: &str, mut times_ms: Vec<f64>, of: &str) {
    times_ms.sort_by(f64::total_cmp);
    let (median, late) = (times_ms[times_ms.len() / 2], times_ms[times_ms.len() * 95 / 100]);
    println!("{what}: median {median:.3} ms, 95th percentile {late:.3} ms, {of}");
}

fn timed<T>(rounds: usize, mut work: impl FnMut(usize) -> Result<T>) -> Result<(Vec<f64>, Vec<T>)> {
    let (mut times_ms, mut results) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let start = Instant::now();
        let result = work(round)?;
        times_ms.push(start.elapsed().as_secs_f64() * 1e3);
        results.push(result);
    }
    Ok((times_ms, results))
}

fn main() -> Result<()> {
    let files = std::env::args().nth(1).and_then(|files| files.parse().ok()).unwrap_or(2000);
    let folder = tempfile::tempdir().map_err(Error::io("make", &std::env::temp_dir()))?;
    let (tree, store) = (folder.path().join("tree"), folder.path().join("store"));
    std::fs::create_dir(&tree).map_err(Error::io("make", &tree))?;
    let mut numbers = Numbers(1);
    write_tree(&tree, files, &mut numbers)?;
    let options = Options { store: Some(store.clone()), ..Options::default() };
    let repository = Repository::open(&tree, options)?;
    let report = repository.index(false, &mut |_| true)?;
    println!("{} files, {} symbols, {} edges", report.files, report.symbols, report.edges);

    let views = store.join("views");
    let found = std::fs::read_dir(&views).map_err(Error::io("list", &views))?.flatten().map(|entry| entry.path());
    let graph = found.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "graph"));
    let edges = Edges::open(&graph.ok_or_else(|| Error::internal("find the graph", "there is none"))?)?;
    let nodes = edges.node_count() as u64;
    let (times_ms, reached) = timed(ROUNDS, |_| {
        let seeds: Vec<u32> = (0..SEEDS).map(|_| (files + numbers.below(nodes - files)) as u32).collect();
        Ok(near(&edges, &seeds))
    })?;
    let mean = reached.iter().sum::<usize>() / reached.len().max(1);
    print_times("two edges in both directions from ten symbols", times_ms, &format!("{mean} nodes reached"));

    for (relation, depth) in [(Relation::Callees, 2), (Relation::Callers, 2), (Relation::Callers, 1)] {
        let options = GraphOptions { depth, limit: 50, confidence: 0.0, filters: Filters::default() };
        let names: Vec<String> = (0..ROUNDS).map(|_| name(numbers.below(files), 0)).collect();
        let (times_ms, answers) = timed(ROUNDS, |round| repository.graph(&names[round], relation, &options))?;
        let mean = answers.iter().map(|answer| answer.edges.len()).sum::<usize>() / answers.len().max(1);
        let what = format!("whole answer: {} of ten definitions, depth {depth}", relation.name());
        print_times(&what, times_ms, &format!("{mean} edges shown"));
    }
    Ok(())
}
