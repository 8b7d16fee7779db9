//! Answering a query: score, propose, fuse, rank, explain.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::OnceLock;
use std::time::Instant;

use pampax_base::{Crew, LineSpan, SymbolKind, with_crew};
use pampax_lexical::Scorer;
use pampax_rank::{Feature, Features, Ranker, Weights};
use pampax_store::{ChunkRecord, SymbolRecord};
use pampax_tokenize::identifier_parts;

use crate::answer::{Answer, Coverage, Explanation, FeatureShare, Hit, SourceRank};
use crate::answering::Answering;
use crate::candidates::{Candidate, Collector, SOURCES, best_first, passing};
use crate::extractor::{ComparedFiles, Extractor, SimilarFiles, coverage_of};
use crate::filter::{Filter, Filters};
use crate::first_pass::{FirstPass, THREADS_MAX, threads_for_words};
use crate::freshness::UNCHECKED;
use crate::intent::Intent;
use crate::literal::Literal;
use crate::policy::Policies;
use crate::query::Query;
use crate::snapshot::Snapshot;
use crate::text::{Texts, for_each_term};
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
    /// What kind of question it is to be taken for; by default the text decides.
    pub intent: Option<Intent>,
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self { limit: 10, filters: Filters::default(), explain: false, intent: None }
    }
}

/// The weights in the package: those for words alone, or those for words and vectors.
pub(crate) fn ranker(with_vectors: bool) -> &'static Ranker {
    static RANKERS: [OnceLock<Ranker>; 2] = [OnceLock::new(), OnceLock::new()];
    const TEXTS: [&str; 2] = [include_str!("../data/ranker.toml"), include_str!("../data/ranker-vectors.toml")];
    let number = usize::from(with_vectors);
    // The files are part of the program: a test reads them, so a fault in them cannot reach a user.
    RANKERS[number].get_or_init(|| Ranker::parse(TEXTS[number]).unwrap_or_else(|error| panic!("{error}")))
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
    /// The weights it was made with.
    weights: Weights,
    /// The vectors that were compared, for the coverage.
    pub(crate) vectors: &'static str,
    /// The entries whose files were read.
    pub(crate) read: Vec<u32>,
    pub(crate) timings: BTreeMap<&'static str, f64>,
}

impl Ranking {
    /// What each earlier hit of the same file took from a score.
    pub(crate) fn penalty(&self) -> f32 {
        self.weights.repeat_penalty
    }
}

/// Ranks everything the sources propose for a query.
pub(crate) fn rank(
    answering: &Answering<'_>,
    scorer: &mut Scorer,
    query: (Query, &str),
    policies: &Policies,
    filter: &Filter,
    root: &Path,
) -> Ranking {
    with_crew(THREADS_MAX, |crew| rank_with(crew, answering, scorer, query, policies, (filter, root)))
}

fn rank_with(
    crew: &Crew<'_, '_>,
    answering: &Answering<'_>,
    scorer: &mut Scorer,
    (query, text): (Query, &str),
    policies: &Policies,
    (filter, root): (&Filter, &Path),
) -> Ranking {
    let (snapshot, vector) = (&*answering.snapshot, answering.vector.as_deref());
    let mut clock = Clock::new();
    let policy = policies.of(query.intent);
    let pass = FirstPass::new(snapshot, vector, filter);
    let meanwhile = || pass.as_ref().is_some_and(FirstPass::step);
    let (view, terms) = ((&*snapshot.parts(), &snapshot.statistics), (&*query.terms, filter.is_set()));
    let scores = scorer.score_with(crew, threads_for_words(snapshot), view, terms, &meanwhile);
    clock.lap("words");
    let near = pass.map(|pass| pass.finish(crew));
    clock.lap("first_pass");
    clock.laps.insert("vectors", answering.vectors_ms);
    let passes = passing(snapshot, &scores, filter);
    let filter = (filter, passes.as_deref());
    let mut found = Collector::new(snapshot, &scores, &query, (vector, near), filter, policy).collect(crew);
    clock.lap("candidates");
    let mut candidates = std::mem::take(&mut found.candidates);
    let mut texts = Texts::new(snapshot, root);
    // Who asks for a name that is defined here wants the definition, not who writes the name.
    let is_literal = query.intent != Intent::Symbol || !candidates.iter().any(|candidate| candidate.defines);
    let files = vector.map(|vector| ComparedFiles::of(snapshot, vector, &candidates));
    let mark = is_literal.then_some(|| {
        Literal::new(text).mark(snapshot, &mut texts, &mut candidates, |one| coverage_of(&scores, one));
    });
    let similar = compare(crew, mark, files);
    let mut extractor = Extractor::new(snapshot, &scores, (&query, policy.named), &found, &candidates);
    if let Some(vector) = vector {
        extractor.compare(vector, answering.comparison(), similar);
    }
    let features = extractor.features(crew, &candidates);
    let weights = ranker(vector.is_some()).weights(query.intent as usize, &query.form);
    let ranked = candidates.into_iter().zip(features).map(|(candidate, features)| {
        let score = weights.score(&features);
        Ranked { candidate, features, score, repeats: 0 }
    });
    let ranked = order(snapshot, ranked.collect(), weights.repeat_penalty);
    clock.lap("rank");
    Ranking {
        query,
        ranked,
        read: texts.entries(),
        cut: found.cut,
        found_any_unfiltered: found.any_unfiltered,
        found_any_unparsed: found.any_unparsed,
        weights,
        vectors: answering.vectors,
        timings: clock.laps,
    }
}

/// Compares the files of candidates with the query's vector while one thread looks for the query in their texts.
fn compare(crew: &Crew<'_, '_>, mark: Option<impl FnOnce() + Send>, files: Option<ComparedFiles<'_>>) -> SimilarFiles {
    let mark = || mark.into_iter().for_each(|mark| mark());
    let Some(files) = files else {
        mark();
        return SimilarFiles::new();
    };
    let mark_first = || {
        mark();
        files.work();
    };
    crew.both(mark_first, || files.work());
    files.finish()
}

/// Earlier hits of a file that take from the score of a further one, at most: a file with many pieces that fit is no worse than
/// one with some.
const REPEATS_MAX: u32 = 6;

/// Sorts by score, each hit losing a little for every earlier one of the same file. Adding hits never changes the order of
/// those before, so a larger limit gives a superset.
fn order(snapshot: &Snapshot, ranked: Vec<Ranked>, penalty: f32) -> Vec<Ranked> {
    // Numbers are sorted instead of hits, which are large.
    let mut order: Vec<(f32, u32)> = ranked.iter().map(|hit| hit.score).zip(0..).collect();
    let chunk = |number: u32| ranked[number as usize].candidate.chunk;
    let by_score = |left: &(f32, u32), right: &(f32, u32)| {
        best_first(snapshot, (left.0, chunk(left.1)), (right.0, chunk(right.1)))
    };
    order.sort_by(by_score);
    // Within a file the order is that of the scores, so what a hit loses depends on those before it alone.
    let mut earlier: HashMap<u32, u32> = HashMap::new();
    let mut repeats = vec![0; ranked.len()];
    for (score, number) in &mut order {
        let candidate = &ranked[*number as usize].candidate;
        let count = earlier.entry(candidate.entry).or_insert(0);
        // What has the query word by word is meant itself, whatever else of its file fits.
        if candidate.literal <= 0.0 {
            repeats[*number as usize] = *count;
            *score -= penalty * *count as f32;
            *count = (*count + 1).min(REPEATS_MAX);
        }
    }
    order.sort_by(by_score);
    let mut ranked: Vec<Option<Ranked>> = ranked.into_iter().map(Some).collect();
    let take = |(score, number): (f32, u32)| {
        let hit = ranked[number as usize].take()?;
        Some(Ranked { score, repeats: repeats[number as usize], ..hit })
    };
    order.into_iter().filter_map(take).collect()
}

/// Milliseconds per stage.
pub(crate) struct Clock {
    last: Instant,
    pub(crate) laps: BTreeMap<&'static str, f64>,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { last: Instant::now(), laps: BTreeMap::new() }
    }

    pub(crate) fn lap(&mut self, name: &'static str) {
        let now = Instant::now();
        self.laps.insert(name, (now - self.last).as_secs_f64() * 1000.0);
        self.last = now;
    }
}

/// The hits of a ranking.
pub(crate) fn hits(snapshot: &Snapshot, ranking: &Ranking, limit: usize, explain: bool) -> Vec<Hit> {
    let take = ranking.ranked.iter().take(limit).enumerate();
    take.map(|(number, ranked)| hit(snapshot, ranking, ranked, number as u32 + 1, explain)).collect()
}

/// The lines of a chunk without the blank ones after the end of its symbol.
pub(crate) fn own_lines(chunk: LineSpan, symbol: Option<SymbolRecord>) -> LineSpan {
    let end = symbol.map_or(chunk.end, |symbol| chunk.end.min(symbol.span().end.max(chunk.start)));
    LineSpan::new(chunk.start, end)
}

fn hit(snapshot: &Snapshot, ranking: &Ranking, ranked: &Ranked, rank: u32, explain: bool) -> Hit {
    let query = &ranking.query;
    let (segment, local) = snapshot.chunk(ranked.candidate.chunk);
    let facts = &segment.open.facts;
    let entry = facts.entry_of_chunk(local);
    let chunk = facts.chunks().get(local as usize);
    let symbol = facts.symbol_of_chunk(local);
    let record = symbol.and_then(|symbol| facts.symbol(symbol));
    let span = chunk.map_or(LineSpan::new(1, 1), |chunk| own_lines(chunk.span(), record));
    let line =
        record.filter(|_| chunk.is_some_and(ChunkRecord::is_first)).map_or(span.start, |record| record.name_line());
    Hit {
        rank,
        path: facts.path(entry).to_owned(),
        line: line.clamp(span.start, span.end),
        start_line: span.start,
        end_line: span.end,
        symbol: symbol.map(|symbol| facts.qualified_name(symbol)),
        kind: record.map(|record| record.kind().name()),
        language: facts
            .entries()
            .get(entry as usize)
            .and_then(|record| record.language())
            .map(|language| language.name()),
        score: ranked.score,
        reranked: None,
        why: why(query, ranked, record.map(|record| (facts.name(record.name()), record.kind()))),
        explain: explain.then(|| explanation(ranked, &ranking.weights)),
    }
}

/// A smaller share of the query is no reason worth naming.
const TELLING_SHARE: f32 = 0.1;
/// From this similarity on (a share of the best hit's) meaning is a reason.
const LIKE_IN_MEANING: f32 = 0.6;

/// The reasons for a hit, strongest first, in words a reader can check.
pub(crate) fn why(query: &Query, ranked: &Ranked, symbol: Option<(&str, SymbolKind)>) -> Vec<String> {
    let feature = |feature: Feature| ranked.features[feature as usize];
    let mut reasons = Vec::new();
    if ranked.candidate.defines {
        reasons.push("defines a name of the query".to_owned());
    } else if ranked.candidate.defines_prefix {
        reasons.push("defines a name that begins like the query".to_owned());
    }
    if ranked.candidate.literal > 0.0 {
        reasons.push(format!("has {:.0} % of the query word by word", 100.0 * ranked.candidate.literal));
    }
    if ranked.candidate.place > 0.0 {
        reasons.push("the query names this place".to_owned());
    }
    if let Some((name, _)) = symbol
        && feature(Feature::ChunkNameShare) > 0.0
        && !ranked.candidate.defines
    {
        let terms: BTreeSet<&str> = query.terms.iter().map(|term| term.text.as_str()).collect();
        let is_shared = |part: &String| {
            let mut any = false;
            for_each_term(part, &mut |term| any |= terms.contains(term));
            any
        };
        let shared: Vec<String> = identifier_parts(name).into_iter().filter(is_shared).collect();
        if !shared.is_empty() {
            reasons.push(format!("name has {}", shared.join(" ")));
        }
    }
    for (value, what) in
        [(feature(Feature::ChunkCoverage), "text has"), (feature(Feature::FilePathCoverage), "path has")]
    {
        if value >= TELLING_SHARE {
            reasons.push(format!("{what} {:.0} % of the query", 100.0 * value));
        }
    }
    if reasons.is_empty() && feature(Feature::ChunkVector) >= LIKE_IN_MEANING {
        reasons.push("similar in meaning".to_owned());
    }
    if reasons.is_empty() {
        let share = feature(Feature::FileCoverage).max(feature(Feature::ChunkCoverage));
        reasons.push(format!("its file has {:.0} % of the query", 100.0 * share));
    }
    reasons
}

fn explanation(ranked: &Ranked, weights: &Weights) -> Explanation {
    let share = |feature: &Feature| FeatureShare {
        feature: feature.name(),
        value: ranked.features[*feature as usize],
        weight: weights.features[*feature as usize],
    };
    let repeats =
        FeatureShare { feature: "repeat_penalty", value: ranked.repeats as f32, weight: -weights.repeat_penalty };
    let sources = SOURCES.iter().zip(ranked.candidate.ranks).filter(|(_, rank)| *rank > 0);
    Explanation {
        sources: sources.map(|(source, rank)| SourceRank { source, rank }).collect(),
        fusion: ranked.candidate.fusion,
        features: Feature::ALL.iter().map(share).chain([repeats]).filter(|share| share.value != 0.0).collect(),
    }
}

/// What coverage says of vectors where no meaning is compared.
pub(crate) const NO_MEANING: &str = "absent";

/// The coverage of answers from `snapshot`, before anything about the answer itself is known.
pub(crate) fn coverage(snapshot: &Snapshot, vectors: &'static str, notes: &[String]) -> Coverage {
    let lacks = snapshot.lacks();
    Coverage {
        generation: Some(snapshot.generation),
        files_indexed: snapshot.statistics.entries,
        files_pending: snapshot.pending,
        graph_files_behind: snapshot.graph_behind,
        files_skipped: snapshot.skipped.clone(),
        edges_by_name_only: lacks.edges_by_name_only.clone(),
        files_without_symbols: lacks.unparsed,
        vectors,
        truncated: false,
        stale_paths: Vec::new(),
        freshness: UNCHECKED,
        stale_files: 0,
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
pub(crate) fn empty(text: &str, intent: Intent, coverage: Coverage, reason: &'static str) -> Answer {
    Answer {
        schema: "pampax.answer/1",
        query: text.to_owned(),
        intent,
        hits: Vec::new(),
        coverage,
        empty_reason: Some(reason),
        timings: BTreeMap::new(),
    }
}
