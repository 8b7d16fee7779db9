//! Prints the pieces that bundles are chosen from, for `tools/train_bundle.py`.
//!
//!     cargo run --release -p pampax-engine --example bundle_pieces -- MODEL < TASKS
//!
//! TASKS has a JSON object a line, `{"root": "…", "query": "…"}`; one line is printed for each. MODEL is the folder of the
//! embedding model. Roots must be indexed.

use std::collections::HashMap;
use std::io::{BufRead, Write};
use std::path::PathBuf;

use pampax_engine::{Options, Repository};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let model = std::env::args().nth(1).map(PathBuf::from);
    let mut open: HashMap<String, Repository> = HashMap::new();
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let task: serde_json::Value = serde_json::from_str(&line?)?;
        let text = |key: &str| task[key].as_str().unwrap_or_default().to_owned();
        let root = text("root");
        if !open.contains_key(&root) {
            let options = Options { embedder: model.clone(), ..Options::default() };
            open.insert(root.clone(), Repository::open(PathBuf::from(&root).as_path(), options)?);
        }
        writeln!(out, "{}", open[&root].bundle_pieces(&text("query"))?)?;
    }
    Ok(())
}
