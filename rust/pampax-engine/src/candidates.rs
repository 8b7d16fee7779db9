//! Candidates of a query: chunks that some source proposes, and where each source ranks them.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use pampax_lexical::{Field, Scorer, Scores};
use pampax_rank::{DEFAULT_K, fuse};

use crate::filter::Filter;
use crate::query::{Intent, Query};
use crate::snapshot::Snapshot;

/// How many candidates are ranked by all their features.
const CANDIDATES_MAX: usize = 300;
/// Symbols of one name that are considered: past that, a name says nothing about where to look.
const SYMBOLS_PER_NAME_MAX: usize = 400;
/// Symbols a prefix may stand for.
const SYMBOLS_PER_PREFIX_MAX: usize = 100;

/// The sources, in the order of their numbers, with how many candidates each may propose.
pub(crate) const SOURCES: [(&str, usize); 8] = [
    ("definition", 120),
    ("chunk_text", 150),
    ("chunk_names", 80),
    ("chunk_signature", 60),
    ("chunk_comments", 60),
    ("file_text", 80),
    ("file_path", 40),
    ("place", 60),
];

/// A chunk with what the sources said of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Candidate {
    /// The chunk, numbered over all segments of the snapshot.
    pub(crate) chunk: u32,
    /// Its entry, likewise.
    pub(crate) entry: u32,
    /// Its row in [`Scores::chunks`].
    pub(crate) chunk_row: Option<u32>,
    /// Its entry's row in [`Scores::entries`].
    pub(crate) entry_row: Option<u32>,
    /// Rank in each source, from 1; 0 if the source did not propose it.
    pub(crate) ranks: [u32; SOURCES.len()],
    /// Score of reciprocal-rank fusion.
    pub(crate) fusion: f64,
    /// The query names the symbol it defines.
    pub(crate) defines: bool,
    /// The query names the beginning of it.
    pub(crate) defines_prefix: bool,
    /// The query holds its file's path.
    pub(crate) path_match: bool,
}

/// What the sources found beyond the candidates themselves.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) candidates: Vec<Candidate>,
    /// For each entry, how many of the query's names it defines.
    pub(crate) defined_names: BTreeMap<u32, u32>,
    /// Something was found before the filter.
    pub(crate) any_unfiltered: bool,
    /// Chunks that hold a term of the query, in files that pass the filter.
    pub(crate) matching_chunks: usize,
    /// Something that the filter on kinds took out was in a file without symbols.
    pub(crate) any_unparsed: bool,
}

/// Orders chunks with equal scores by path and line, so that the order does not depend on how the store is cut.
pub(crate) fn by_place(snapshot: &Snapshot, left: u32, right: u32) -> Ordering {
    let place = |chunk: u32| {
        let (segment, local) = snapshot.chunk(chunk);
        let entry = segment.open.facts.entry_of_chunk(local);
        (segment.open.facts.path(entry), local)
    };
    let ((left_path, left_local), (right_path, right_local)) = (place(left), place(right));
    // Two chunks of one file are of one entry, where numbers follow lines.
    left_path.cmp(right_path).then(left_local.cmp(&right_local))
}

/// Collects the candidates of a query.
pub(crate) struct Collector<'a> {
    pub(crate) snapshot: &'a Snapshot,
    scorer: &'a Scorer,
    pub(crate) scores: &'a Scores,
    pub(crate) query: &'a Query,
    pub(crate) filter: &'a Filter,
    entry_passes: Vec<bool>,
    best_chunk: Vec<u32>,
    found: Found,
}

const NONE: u32 = u32::MAX;

impl<'a> Collector<'a> {
    /// `scores` are those that `scorer` gave last.
    pub(crate) fn new(
        snapshot: &'a Snapshot,
        scorer: &'a Scorer,
        scores: &'a Scores,
        query: &'a Query,
        filter: &'a Filter,
    ) -> Self {
        let entry_passes = scores
            .entries
            .iter()
            .map(|score| {
                let (segment, entry) = snapshot.entry(score.entry);
                filter.entry(segment, entry)
            })
            .collect();
        let mut collector = Self {
            snapshot,
            scorer,
            scores,
            query,
            filter,
            entry_passes,
            best_chunk: Vec::new(),
            found: Found::default(),
        };
        collector.found.any_unfiltered = !scores.entries.is_empty();
        collector.found.matching_chunks =
            scores.chunks.iter().filter(|chunk| collector.entry_passes[chunk.entry as usize]).count();
        collector.best_chunk = collector.best_chunks();
        collector
    }

    /// For each entry row the chunk row with the best body score that passes the filter.
    fn best_chunks(&self) -> Vec<u32> {
        let mut best = vec![NONE; self.scores.entries.len()];
        for (row, chunk) in self.scores.chunks.iter().enumerate() {
            let slot = &mut best[chunk.entry as usize];
            if self.entry_passes[chunk.entry as usize]
                && (*slot == NONE || self.chunk_order(row as u32, *slot, |row| self.chunk_weight(row)).is_lt())
                && self.passes_kind(chunk.chunk)
            {
                *slot = row as u32;
            }
        }
        best
    }

    fn chunk_weight(&self, row: u32) -> f32 {
        let chunk = &self.scores.chunks[row as usize];
        chunk.fields[0] + chunk.fields[1] + 0.5 * (chunk.fields[2] + chunk.fields[3])
    }

    fn chunk_order(&self, left: u32, right: u32, value: impl Fn(u32) -> f32) -> Ordering {
        let chunk = |row: u32| self.scores.chunks[row as usize].chunk;
        value(right).total_cmp(&value(left)).then_with(|| by_place(self.snapshot, chunk(left), chunk(right)))
    }

    fn passes_kind(&self, chunk: u32) -> bool {
        if !self.filter.has_kinds() {
            return true;
        }
        let (segment, local) = self.snapshot.chunk(chunk);
        let facts = &segment.open.facts;
        let symbol = facts.symbol_of_chunk(local).map(|symbol| facts.symbols()[symbol as usize].kind());
        self.filter.kind(symbol)
    }

    /// Asks every source and fuses what they propose.
    pub(crate) fn collect(mut self) -> Found {
        let mut rankings: Vec<Vec<u32>> = vec![Vec::new(); SOURCES.len()];
        let mut all: BTreeMap<u32, Candidate> = BTreeMap::new();
        rankings[0] = self.definitions(&mut all);
        for field in [Field::Body, Field::Names, Field::Signature, Field::Comments] {
            let source = 1 + field as usize;
            rankings[source] = self.top_chunks(field, SOURCES[source].1);
        }
        rankings[5] = self.top_files(Field::Body, SOURCES[5].1);
        rankings[6] = self.top_files(Field::Path, SOURCES[6].1);
        rankings[7] = self.places(&mut all);
        for (source, ranking) in rankings.iter().enumerate() {
            for (rank, &chunk) in ranking.iter().enumerate() {
                let candidate = all.entry(chunk).or_default();
                candidate.ranks[source] = rank as u32 + 1;
            }
        }
        self.fuse(&all, &rankings)
    }

    /// Fuses the rankings. Ids are positions in the order of path and line, so that ties do not depend on the store.
    fn fuse(mut self, all: &BTreeMap<u32, Candidate>, rankings: &[Vec<u32>]) -> Found {
        let mut chunks: Vec<u32> = all.keys().copied().collect();
        chunks.sort_by(|&left, &right| by_place(self.snapshot, left, right));
        let position: BTreeMap<u32, u64> = chunks.iter().enumerate().map(|(at, &chunk)| (chunk, at as u64)).collect();
        let lists: Vec<Vec<u64>> =
            rankings.iter().map(|ranking| ranking.iter().map(|chunk| position[chunk]).collect()).collect();
        let slices: Vec<&[u64]> = lists.iter().map(Vec::as_slice).collect();
        // Only non-finite weights can fail, and there are none.
        let (ids, values) = fuse(&slices, None, DEFAULT_K, Some(CANDIDATES_MAX)).unwrap_or_default();
        for (id, value) in ids.into_iter().zip(values) {
            let chunk = chunks[id as usize];
            let Some(mut candidate) = all.get(&chunk).cloned() else { continue };
            candidate.chunk = chunk;
            candidate.fusion = value;
            self.found.candidates.push(candidate);
        }
        self.complete();
        self.found
    }

    /// Fills in rows and entries of the chosen candidates.
    fn complete(&mut self) {
        for candidate in &mut self.found.candidates {
            let (segment, local) = self.snapshot.chunk(candidate.chunk);
            let entry = segment.open.facts.entry_of_chunk(local);
            candidate.entry = segment.first_entry + entry;
            candidate.chunk_row = self.scorer.chunk_row(candidate.chunk);
            candidate.entry_row = self.scorer.entry_row(candidate.entry);
        }
    }

    /// The best chunks by one field.
    fn top_chunks(&mut self, field: Field, limit: usize) -> Vec<u32> {
        let value = |row: u32| self.scores.chunks[row as usize].fields[field as usize];
        let mut rows: Vec<u32> = Vec::new();
        let mut unparsed = false;
        for (row, chunk) in self.scores.chunks.iter().enumerate() {
            if chunk.fields[field as usize] > 0.0 && self.entry_passes[chunk.entry as usize] {
                if self.passes_kind(chunk.chunk) {
                    rows.push(row as u32);
                } else {
                    unparsed |= self.is_unparsed(chunk.chunk);
                }
            }
        }
        self.found.any_unparsed |= unparsed;
        keep_best(&mut rows, limit, |left, right| self.chunk_order(*left, *right, value));
        rows.into_iter().map(|row| self.scores.chunks[row as usize].chunk).collect()
    }

    fn is_unparsed(&self, chunk: u32) -> bool {
        let (segment, local) = self.snapshot.chunk(chunk);
        let entry = segment.open.facts.entry_of_chunk(local);
        segment.open.facts.entries().get(entry as usize).is_some_and(|record| record.language().is_none())
    }

    /// The best chunks of the best files by one field; for the path, path and stem together.
    fn top_files(&self, field: Field, limit: usize) -> Vec<u32> {
        let value = |row: u32| {
            let fields = &self.scores.entries[row as usize].fields;
            fields[field as usize] + if field == Field::Path { fields[Field::Stem as usize] } else { 0.0 }
        };
        let mut rows: Vec<u32> = (0..self.scores.entries.len() as u32)
            .filter(|&row| self.entry_passes[row as usize] && value(row) > 0.0)
            .collect();
        let path = |row: u32| {
            let (segment, entry) = self.snapshot.entry(self.scores.entries[row as usize].entry);
            segment.open.facts.path(entry)
        };
        keep_best(&mut rows, limit, |&left, &right| {
            value(right).total_cmp(&value(left)).then_with(|| path(left).cmp(path(right)))
        });
        rows.into_iter().filter_map(|row| self.representative(row)).collect()
    }

    /// The chunk that stands for a file: its best, or its first if only its path matches.
    fn representative(&self, entry_row: u32) -> Option<u32> {
        let best = self.best_chunk[entry_row as usize];
        if best != NONE {
            return Some(self.scores.chunks[best as usize].chunk);
        }
        let (segment, entry) = self.snapshot.entry(self.scores.entries[entry_row as usize].entry);
        let mut chunks = segment.open.facts.chunks_of(entry).map(|chunk| segment.first_chunk + chunk);
        chunks.find(|&chunk| self.passes_kind(chunk))
    }

    /// Chunks that define the names of the query, exactly or, for a query that is a name, by its beginning.
    fn definitions(&mut self, all: &mut BTreeMap<u32, Candidate>) -> Vec<u32> {
        let mut exact: Vec<(u32, bool)> = Vec::new();
        let mut by_prefix: Vec<(u32, bool)> = Vec::new();
        for name in &self.query.names {
            let mut entries: Vec<u32> = Vec::new();
            let mut hits = self.symbols(name, false, SYMBOLS_PER_NAME_MAX, &mut entries);
            entries.sort_unstable();
            entries.dedup();
            for entry in entries {
                *self.found.defined_names.entry(entry).or_insert(0) += 1;
            }
            exact.append(&mut hits);
            if self.query.intent == Intent::Symbol && name.len() >= 3 {
                by_prefix.append(&mut self.symbols(name, true, SYMBOLS_PER_PREFIX_MAX, &mut Vec::new()));
            }
        }
        let order = |left: &(u32, bool), right: &(u32, bool)| {
            right.1.cmp(&left.1).then_with(|| by_place(self.snapshot, left.0, right.0))
        };
        exact.sort_by(order);
        by_prefix.sort_by(order);
        let mut ranking: Vec<u32> = Vec::new();
        for (list, is_exact) in [(&exact, true), (&by_prefix, false)] {
            for &(chunk, _) in list {
                let candidate = all.entry(chunk).or_default();
                candidate.defines |= is_exact;
                candidate.defines_prefix = true;
                if !ranking.contains(&chunk) && ranking.len() < SOURCES[0].1 {
                    ranking.push(chunk);
                }
            }
        }
        all.retain(|chunk, _| ranking.contains(chunk));
        ranking
    }

    /// Chunks that define a symbol of this name (or prefix), with whether its case is the same. `entries` gets their entries.
    fn symbols(&mut self, name: &str, prefix: bool, limit: usize, entries: &mut Vec<u32>) -> Vec<(u32, bool)> {
        let mut hits = Vec::new();
        for viewed in &self.snapshot.segments {
            let facts = &viewed.open.facts;
            let names = if prefix { facts.names_starting(name) } else { facts.names_equal(name) };
            for number in names {
                let same_case = facts.name(number).starts_with(name);
                for &symbol in facts.symbols_named(number) {
                    let entry = facts.entry_of_symbol(symbol);
                    if hits.len() >= limit || !viewed.has(entry) {
                        continue;
                    }
                    self.found.any_unfiltered = true;
                    let record = facts.symbols()[symbol as usize];
                    if !self.filter.entry(viewed, entry) || !self.filter.kind(Some(record.kind())) {
                        continue;
                    }
                    if let Some(chunk) = facts.chunk_of_symbol(symbol) {
                        entries.push(viewed.first_entry + entry);
                        hits.push((viewed.first_chunk + chunk, same_case));
                    }
                }
            }
        }
        hits
    }

    /// Chunks at the places the query names: the line of a stack trace, or the first chunk of a file.
    fn places(&mut self, all: &mut BTreeMap<u32, Candidate>) -> Vec<u32> {
        let mut ranking = Vec::new();
        for place in &self.query.paths {
            let mut matching: Vec<(&str, u32)> = Vec::new();
            for (viewed, entry) in self.snapshot.entries() {
                let path = viewed.open.facts.path(entry);
                if !ends_with_path(path, &place.path) && !ends_with_path(&place.path, path) {
                    continue;
                }
                self.found.any_unfiltered = true;
                if !self.filter.entry(viewed, entry) {
                    continue;
                }
                let chunks = viewed.open.facts.chunks_of(entry);
                let line = place.line.unwrap_or(1);
                let records = &viewed.open.facts.chunks()[chunks.start as usize..chunks.end as usize];
                let at = records.partition_point(|chunk| chunk.span().end < line).min(records.len().saturating_sub(1));
                if !records.is_empty() {
                    matching.push((path, viewed.first_chunk + chunks.start + at as u32));
                }
            }
            matching.sort_unstable();
            for (_, chunk) in matching {
                if ranking.len() < SOURCES[7].1 && !ranking.contains(&chunk) && self.passes_kind(chunk) {
                    all.entry(chunk).or_default().path_match = true;
                    ranking.push(chunk);
                }
            }
        }
        ranking
    }
}

/// Whether `path` is `end`, or ends in it at a folder.
pub(crate) fn ends_with_path(path: &str, end: &str) -> bool {
    path.len() >= end.len()
        && path.ends_with(end)
        && (path.len() == end.len() || path.as_bytes()[path.len() - end.len() - 1] == b'/')
}

/// Leaves the best `limit` rows, sorted.
fn keep_best<T>(rows: &mut Vec<T>, limit: usize, order: impl Fn(&T, &T) -> Ordering) {
    if rows.len() > limit {
        rows.select_nth_unstable_by(limit, &order);
        rows.truncate(limit);
    }
    rows.sort_unstable_by(&order);
}
