//! Answering a query: score, propose, fuse, rank, explain.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::OnceLock;
use std::time::Instant;

use pampax_base::SymbolKind;
use pampax_lexical::{Field, Scorer, Scores};
use pampax_rank::{FEATURES, Feature, Features, Ranker};
use pampax_tokenize::{Tokenizer, identifier_parts};

use crate::answer::{Answer, Coverage, Explanation, FeatureShare, Hit, SourceRank};
use crate::candidates::{Candidate, Collector, Found, SOURCES, by_place};
use crate::filter::{Filter, Filters};
use crate::kind_of_file::{CONFIGURATION, DECLARATION, DOCUMENT, EXAMPLE, TEST, VENDORED};
use crate::query::{Intent, Query};
use crate::snapshot::Snapshot;
use crate::walk::Found as FoundFile;

/// What a caller may ask of a search.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchOptions {
    /// The most hits returned.
    pub limit: usize,
    /// Where hits may come from.
    pub filters: Filters,
    /// Whether each hit carries its score in full.
    pub explain: bool,
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self { limit: 10, filters: Filters::default(), explain: false }
    }
}

/// The weights in the package.
pub(crate) fn ranker() -> &'static Ranker {
    static RANKER: OnceLock<Ranker> = OnceLock::new();
    // The file is part of the program: a test reads it, so a fault in it cannot reach a user.
    RANKER.get_or_init(|| Ranker::parse(include_str!("../data/ranker.toml")).unwrap_or_else(|error| panic!("{error}")))
}

/// A candidate with its score.
#[derive(Clone, Debug)]
pub(crate) struct Ranked {
    pub(crate) candidate: Candidate,
    pub(crate) features: Features,
    pub(crate) score: f32,
    /// How many hits of the same file come before.
    pub(crate) repeats: u32,
}

/// The candidates of a query in their final order.
pub(crate) struct Ranking {
    pub(crate) query: Query,
    pub(crate) ranked: Vec<Ranked>,
    /// Whether more chunks match than were ranked.
    pub(crate) cut: bool,
    pub(crate) found_any_unfiltered: bool,
    pub(crate) found_any_unparsed: bool,
    pub(crate) timings: BTreeMap<&'static str, f64>,
}

/// Ranks everything the sources propose for `text`.
pub(crate) fn rank(snapshot: &Snapshot, scorer: &mut Scorer, text: &str, filter: &Filter) -> Ranking {
    let mut clock = Clock::new();
    let query = Query::parse(text);
    clock.lap("query");
    let scores = scorer.score(&snapshot.parts(), &snapshot.statistics, &query.terms);
    clock.lap("words");
    let mut found = Collector::new(snapshot, scorer, &scores, &query, filter).collect();
    clock.lap("candidates");
    let candidates = std::mem::take(&mut found.candidates);
    let mut extractor = Extractor::new(snapshot, &scores, &query, &found);
    let intent = query.intent as usize;
    let best_fusion = candidates.iter().map(|candidate| candidate.fusion).fold(0.0, f64::max);
    let ranked: Vec<Ranked> = candidates
        .into_iter()
        .map(|candidate| {
            let features = extractor.features(&candidate, best_fusion);
            let score = ranker().score(intent, &features);
            Ranked { candidate, features, score, repeats: 0 }
        })
        .collect();
    let cut = found.matching_chunks > ranked.len();
    let ranked = order(snapshot, ranked, ranker().repeat_penalty(intent));
    clock.lap("rank");
    Ranking {
        query,
        ranked,
        cut,
        found_any_unfiltered: found.any_unfiltered,
        found_any_unparsed: found.any_unparsed,
        timings: clock.laps,
    }
}

/// Sorts by score, each hit losing a little for every earlier one of the same file. Adding hits never changes the order of
/// those before, so a larger limit gives a superset.
fn order(snapshot: &Snapshot, mut ranked: Vec<Ranked>, penalty: f32) -> Vec<Ranked> {
    ranked.sort_by(|left, right| {
        right.score.total_cmp(&left.score).then_with(|| by_place(snapshot, left.candidate.chunk, right.candidate.chunk))
    });
    // Within a file the order is that of the scores, so the k-th of a file loses k penalties whatever the others do.
    let mut earlier: HashMap<u32, u32> = HashMap::new();
    for hit in &mut ranked {
        let count = earlier.entry(hit.candidate.entry).or_insert(0);
        hit.repeats = *count;
        hit.score -= penalty * *count as f32;
        *count += 1;
    }
    ranked.sort_by(|left, right| {
        right.score.total_cmp(&left.score).then_with(|| by_place(snapshot, left.candidate.chunk, right.candidate.chunk))
    });
    ranked
}

/// Milliseconds per stage.
struct Clock {
    last: Instant,
    laps: BTreeMap<&'static str, f64>,
}

impl Clock {
    fn new() -> Self {
        Self { last: Instant::now(), laps: BTreeMap::new() }
    }

    fn lap(&mut self, name: &'static str) {
        let now = Instant::now();
        self.laps.insert(name, (now - self.last).as_secs_f64() * 1000.0);
        self.last = now;
    }
}

/// Computes features of candidates; what is common to all is computed once.
struct Extractor<'a> {
    snapshot: &'a Snapshot,
    scores: &'a Scores,
    query: &'a Query,
    found: &'a Found,
    terms: BTreeSet<&'a str>,
    entry_best: Vec<f32>,
    entry_three: Vec<f32>,
    entry_max: [f32; Field::ALL.len()],
    best_max: f32,
    three_max: f32,
    chunk_max: [f32; 4],
    tokenizer: Tokenizer,
}

impl<'a> Extractor<'a> {
    fn new(snapshot: &'a Snapshot, scores: &'a Scores, query: &'a Query, found: &'a Found) -> Self {
        let mut top = vec![[0.0_f32; 3]; scores.entries.len()];
        let mut chunk_max = [0.0_f32; 4];
        for chunk in &scores.chunks {
            for (max, value) in chunk_max.iter_mut().zip(chunk.fields) {
                *max = max.max(value);
            }
            let best = &mut top[chunk.entry as usize];
            let mut value = chunk.fields[0];
            for slot in best.iter_mut() {
                if value > *slot {
                    std::mem::swap(slot, &mut value);
                }
            }
        }
        let mut entry_max = [0.0_f32; Field::ALL.len()];
        for entry in &scores.entries {
            for (max, value) in entry_max.iter_mut().zip(entry.fields) {
                *max = max.max(value);
            }
        }
        let entry_best: Vec<f32> = top.iter().map(|best| best[0]).collect();
        let entry_three: Vec<f32> = top.iter().map(|best| best.iter().sum()).collect();
        Self {
            snapshot,
            scores,
            query,
            found,
            terms: query.terms.iter().map(|term| term.text.as_str()).collect(),
            best_max: entry_best.iter().copied().fold(0.0, f32::max),
            three_max: entry_three.iter().copied().fold(0.0, f32::max),
            entry_best,
            entry_three,
            entry_max,
            chunk_max,
            tokenizer: Tokenizer::new(),
        }
    }

    fn features(&mut self, candidate: &Candidate, best_fusion: f64) -> Features {
        let mut features = [0.0_f32; FEATURES];
        self.file_features(candidate, &mut features);
        self.chunk_features(candidate, &mut features);
        if best_fusion > 0.0 {
            features[Feature::Fusion as usize] = (candidate.fusion / best_fusion) as f32;
        }
        features
    }

    fn file_features(&mut self, candidate: &Candidate, features: &mut Features) {
        let mut set = |feature: Feature, value: f32| features[feature as usize] = value;
        if let Some(row) = candidate.entry_row {
            let score = &self.scores.entries[row as usize];
            let share = |field: Field| ratio(score.fields[field as usize], self.entry_max[field as usize]);
            set(Feature::FileBody, share(Field::Body));
            set(Feature::FileNames, share(Field::Names));
            set(Feature::FileSignature, share(Field::Signature));
            set(Feature::FileComments, share(Field::Comments));
            set(Feature::FilePath, share(Field::Path));
            set(Feature::FileStem, share(Field::Stem));
            set(Feature::FileBestChunk, ratio(self.entry_best[row as usize], self.best_max));
            set(Feature::FileThreeChunks, ratio(self.entry_three[row as usize], self.three_max));
            set(Feature::FileCoverage, score.coverage[Field::Body as usize]);
            set(Feature::FileNamesCoverage, score.coverage[Field::Names as usize]);
            set(Feature::FilePathCoverage, score.coverage[Field::Path as usize]);
        }
        let (segment, entry) = self.snapshot.entry(candidate.entry);
        let facts = &segment.open.facts;
        let path = facts.path(entry);
        if let Some(&names) = self.found.defined_names.get(&candidate.entry) {
            set(Feature::FileDefines, names as f32 / self.query.names.len().max(1) as f32);
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        let stem = name.split('.').next().unwrap_or(name);
        let mut stem_terms = 0;
        let mut matched = 0;
        self.tokenizer.for_each(stem, |term| {
            stem_terms += 1;
            matched += u32::from(self.terms.contains(term));
        });
        let whole = stem_terms > 0 && matched == stem_terms || self.query.words.contains(&stem.to_ascii_lowercase());
        set(Feature::FileStemMatch, f32::from(u8::from(whole)));
        set(Feature::FilePathMatch, f32::from(u8::from(candidate.path_match)));
        let Some(record) = facts.entries().get(entry as usize) else { return };
        for (feature, flag) in [
            (Feature::FileTest, TEST),
            (Feature::FileDocument, DOCUMENT),
            (Feature::FileExample, EXAMPLE),
            (Feature::FileVendored, VENDORED),
            (Feature::FileConfiguration, CONFIGURATION),
            (Feature::FileDeclaration, DECLARATION),
        ] {
            set(feature, f32::from(u8::from(record.flags & flag != 0)));
        }
        let index = matches!(stem, "__init__" | "mod" | "index" | "lib" | "main" | "__main__" | "package" | "init");
        set(Feature::FileIndex, f32::from(u8::from(index)));
        set(Feature::FileDepth, (path.matches('/').count() as f32 / 8.0).min(1.0));
        set(Feature::FileLength, logarithm(record.lines, 10_000));
    }

    fn chunk_features(&mut self, candidate: &Candidate, features: &mut Features) {
        let mut set = |feature: Feature, value: f32| features[feature as usize] = value;
        if let Some(row) = candidate.chunk_row {
            let score = &self.scores.chunks[row as usize];
            let share = |field: Field| ratio(score.fields[field as usize], self.chunk_max[field as usize]);
            set(Feature::ChunkBody, share(Field::Body));
            set(Feature::ChunkNames, share(Field::Names));
            set(Feature::ChunkSignature, share(Field::Signature));
            set(Feature::ChunkComments, share(Field::Comments));
            set(Feature::ChunkCoverage, score.coverage[Field::Body as usize]);
            set(Feature::ChunkNamesCoverage, score.coverage[Field::Names as usize]);
            set(Feature::ChunkSignatureCoverage, score.coverage[Field::Signature as usize]);
        }
        set(Feature::ChunkDefines, f32::from(u8::from(candidate.defines)));
        set(Feature::ChunkDefinesPrefix, f32::from(u8::from(candidate.defines_prefix)));
        let (segment, local) = self.snapshot.chunk(candidate.chunk);
        let facts = &segment.open.facts;
        let Some(chunk) = facts.chunks().get(local as usize) else { return };
        set(Feature::ChunkLength, logarithm(chunk.span().len(), 1000));
        let symbol = facts.symbol_of_chunk(local).map(|symbol| &facts.symbols()[symbol as usize]);
        let Some(symbol) = symbol else {
            set(Feature::ChunkTopLevel, 1.0);
            return;
        };
        set(Feature::ChunkCallable, f32::from(u8::from(symbol.kind().is_callable())));
        set(Feature::ChunkType, f32::from(u8::from(symbol.kind().is_type())));
        set(Feature::ChunkContinued, f32::from(u8::from(!chunk.is_first())));
        let (mut parts, mut matched) = (0, 0);
        self.tokenizer.for_each(facts.name(symbol.name()), |term| {
            parts += 1;
            matched += u32::from(self.terms.contains(term));
        });
        if parts > 0 {
            set(Feature::ChunkNameShare, matched as f32 / parts as f32);
        }
    }
}

fn ratio(value: f32, max: f32) -> f32 {
    if max > 0.0 { value / max } else { 0.0 }
}

/// ln(1 + value) as a share of ln(1 + full), at most 1.
fn logarithm(value: u32, full: u32) -> f32 {
    ((1.0 + value as f32).ln() / (1.0 + full as f32).ln()).min(1.0)
}

/// The hits of a ranking.
pub(crate) fn hits(snapshot: &Snapshot, ranking: &Ranking, limit: usize, explain: bool) -> Vec<Hit> {
    let take = ranking.ranked.iter().take(limit).enumerate();
    take.map(|(number, ranked)| hit(snapshot, &ranking.query, ranked, number as u32 + 1, explain)).collect()
}

fn hit(snapshot: &Snapshot, query: &Query, ranked: &Ranked, rank: u32, explain: bool) -> Hit {
    let (segment, local) = snapshot.chunk(ranked.candidate.chunk);
    let facts = &segment.open.facts;
    let entry = facts.entry_of_chunk(local);
    let span = facts.chunks().get(local as usize).map(|chunk| chunk.span());
    let symbol = facts.symbol_of_chunk(local);
    let record = symbol.map(|symbol| &facts.symbols()[symbol as usize]);
    Hit {
        rank,
        path: facts.path(entry).to_owned(),
        start_line: span.map_or(1, |span| span.start),
        end_line: span.map_or(1, |span| span.end),
        symbol: symbol.map(|symbol| facts.qualified_name(symbol)),
        kind: record.map(|record| record.kind().name()),
        language: facts
            .entries()
            .get(entry as usize)
            .and_then(|record| record.language())
            .map(|language| language.name()),
        score: ranked.score,
        why: why(query, ranked, record.map(|record| (facts.name(record.name()), record.kind()))),
        explain: explain.then(|| explanation(query.intent, ranked)),
    }
}

/// The reasons for a hit, strongest first, in words a reader can check.
pub(crate) fn why(query: &Query, ranked: &Ranked, symbol: Option<(&str, SymbolKind)>) -> Vec<String> {
    let feature = |feature: Feature| ranked.features[feature as usize];
    let mut reasons = Vec::new();
    if ranked.candidate.defines {
        reasons.push("defines a name of the query".to_owned());
    } else if ranked.candidate.defines_prefix {
        reasons.push("defines a name that begins like the query".to_owned());
    }
    if ranked.candidate.path_match {
        reasons.push("the query names this place".to_owned());
    }
    if let Some((name, _)) = symbol
        && feature(Feature::ChunkNameShare) > 0.0
        && !ranked.candidate.defines
    {
        let terms: BTreeSet<&str> = query.terms.iter().map(|term| term.text.as_str()).collect();
        let shared: Vec<String> = identifier_parts(name)
            .into_iter()
            .filter(|part| pampax_tokenize::terms(part).iter().any(|term| terms.contains(term.as_str())))
            .collect();
        if !shared.is_empty() {
            reasons.push(format!("its name has: {}", shared.join(" ")));
        }
    }
    if feature(Feature::ChunkCoverage) > 0.0 {
        reasons.push(format!("its text has {:.0} % of the query by weight", 100.0 * feature(Feature::ChunkCoverage)));
    }
    if feature(Feature::FilePathCoverage) > 0.0 {
        reasons.push(format!("its path has {:.0} %", 100.0 * feature(Feature::FilePathCoverage)));
    }
    if reasons.is_empty() {
        reasons.push(format!("its file has {:.0} % of the query by weight", 100.0 * feature(Feature::FileCoverage)));
    }
    reasons
}

fn explanation(intent: Intent, ranked: &Ranked) -> Explanation {
    let weights = ranker().weights(intent as usize);
    let share = |feature: &Feature| FeatureShare {
        feature: feature.name(),
        value: ranked.features[*feature as usize],
        weight: weights[*feature as usize],
    };
    let repeats = FeatureShare {
        feature: "repeat_penalty",
        value: ranked.repeats as f32,
        weight: -ranker().repeat_penalty(intent as usize),
    };
    let sources = SOURCES.iter().zip(ranked.candidate.ranks).filter(|(_, rank)| *rank > 0);
    Explanation {
        sources: sources.map(|((source, _), rank)| SourceRank { source, rank }).collect(),
        fusion: ranked.candidate.fusion,
        features: Feature::ALL.iter().map(share).chain([repeats]).filter(|share| share.value != 0.0).collect(),
    }
}

/// The coverage of answers from `snapshot`, before anything about the answer itself is known.
pub(crate) fn coverage(snapshot: &Snapshot, notes: &[String]) -> Coverage {
    Coverage {
        generation: Some(snapshot.generation),
        files_indexed: snapshot.statistics.entries,
        files_pending: 0,
        files_skipped: snapshot.skipped.clone(),
        vectors: "absent",
        truncated: false,
        stale_paths: Vec::new(),
        notes: notes.to_vec(),
    }
}

/// Which of `entries` (numbered over all segments) have another file on disk than the one indexed.
pub(crate) fn stale_paths(snapshot: &Snapshot, root: &Path, entries: impl Iterator<Item = u32>) -> Vec<String> {
    let mut stale = BTreeSet::new();
    for entry in entries.collect::<BTreeSet<u32>>() {
        let (segment, local) = snapshot.entry(entry);
        let path = segment.open.facts.path(local);
        let now = std::fs::symlink_metadata(root.join(path)).ok();
        let now = now.map(|metadata| FoundFile::new(String::new(), &metadata));
        let same = now.zip(snapshot.seen(segment, local)).is_some_and(|(now, seen)| now.has_stamps_of(seen));
        if !same {
            stale.insert(path.to_owned());
        }
    }
    stale.into_iter().collect()
}

/// An answer without hits.
pub(crate) fn empty(text: &str, coverage: Coverage, reason: &'static str) -> Answer {
    Answer {
        schema: "pampax.answer/1",
        query: text.to_owned(),
        intent: Query::parse(text).intent,
        hits: Vec::new(),
        coverage,
        empty_reason: Some(reason),
        timings: BTreeMap::new(),
    }
}
