//! Index, search, assemble: pampax without Python.
//!
//! [`Repository`] is the whole interface. Opening one reads nothing; [`Repository::index`] brings its index up to date at the
//! cost of what changed; [`Repository::search`] and [`Repository::assemble`] answer from the newest committed generation,
//! from any thread, while another process may be writing the next one.
//!
//! How an index run flows: `walk` (ignore rules) → compare with the view → `read` (decode, hash, refuse) → known entry? done →
//! `segment` (parse, facts, words) → seal → `merge` → commit. How a query flows: `query` (terms, names, places, intent) →
//! words scored per field → `candidates` (nine sources, fused by rank) → features → linear ranker → hits, or → pieces with
//! levels of detail → packed under the budget.
//!
//! Invariants: an answer carries its coverage; equal views give equal answers, bit for bit, however the store is cut into
//! segments; nothing outside the root is read; a fault in one file never stops a run.
//!
//! ```
//! use pampax_engine::{Options, Repository, SearchOptions};
//! let folder = tempfile::tempdir().unwrap();
//! let root = folder.path().join("project");
//! std::fs::create_dir(&root).unwrap();
//! std::fs::write(root.join("session.py"), "def sign_cookie(secret):\n    return secret\n").unwrap();
//! let options = Options { store: Some(folder.path().join("store")), ..Options::default() };
//! let repository = Repository::open(&root, options).unwrap();
//! repository.index(false, &mut |_| true).unwrap();
//! let answer = repository.search("where are cookies signed", &SearchOptions::default()).unwrap();
//! assert_eq!(answer.hits[0].symbol.as_deref(), Some("sign_cookie"));
//! ```
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod ahead;
mod answer;
mod answering;
mod assemble;
mod best;
mod bundle;
mod cache;
mod candidates;
mod ceiling;
mod extractor;
mod filter;
mod first_pass;
mod form;
mod freshness;
mod gc;
mod graph;
mod grep;
mod index;
mod intent;
mod kind_of_file;
mod literal;
mod merge;
mod plan;
mod policy;
mod provider;
mod query;
mod read;
mod remote;
mod render;
mod report;
mod repository;
mod rerank;
mod search;
mod segment;
mod ship;
mod siblings;
mod snapshot;
mod status;
mod surface;
mod symbols;
mod text;
mod trace;
mod vectors;
mod walk;
mod watch;
mod work;

pub use ahead::Asking;
pub use answer::{Answer, Coverage, Explanation, FeatureShare, Hit, Reranked, SourceRank};
pub use assemble::{AssembleOptions, Profile};
pub use bundle::{Bundle, Category, DroppedItem, Format, Item, ItemEdge, Level, More};
pub use cache::CacheStatistics;
pub use filter::Filters;
pub use form::form_features;
pub use gc::{GcReport, GoneView};
pub use graph::exact::ScipReport;
pub use graph::overview::{MapFile, MapOptions, MapSymbol, Outline, OutlineSymbol, RepositoryMap};
pub use graph::query::{GraphAnswer, GraphEdge, GraphNode, GraphOptions, Relation};
pub use grep::{GrepAnswer, GrepCoverage, GrepFile, GrepLine, GrepMode, GrepOptions};
pub use index::ProgressSink;
pub use intent::Intent;
pub use provider::{BatchLimits, Purpose, Reranker, TextEmbedder};
pub use report::{IndexReport, Progress, RemoteVectors};
pub use repository::{Options, Repository, encoding};
pub use search::SearchOptions;
pub use ship::About;
pub use ship::export::ExportReport;
pub use ship::import::ImportReport;
pub use status::{SkippedFile, Status};
pub use symbols::{SymbolHit, SymbolOptions};
pub use watch::{Told, Watch};
