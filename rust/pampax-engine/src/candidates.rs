//! Candidates of a query: chunks that some source proposes, and where each source ranks them.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use pampax_base::{Crew, LineSpan, SymbolKind};
use pampax_lexical::{EntryScore, Field, Scores};
use pampax_rank::{DEFAULT_K, fuse};
use pampax_store::Facts;

use crate::best::Best;
use crate::filter::Filter;
use crate::first_pass::Similar;
use crate::policy::Policy;
use crate::query::{Name, Origin, Place, Query};
use crate::snapshot::{Snapshot, ViewedSegment};

/// How well a name fits that is written in other case than the query's.
const OTHER_CASE: f32 = 0.6;
/// How well a name fits of which the query gives the beginning, times the share of it that is given.
const PREFIX: f32 = 0.3;
/// How well a symbol fits whose containers are not those that the query names.
const OTHER_CONTAINER: f32 = 0.3;
/// How well a file fits whose path ends as the query's, or that is the end of the query's.
const END_OF_PATH: f32 = 0.8;
/// So many chunks with a score take longer to look through than a helper to start.
const CHUNKS_FOR_TWO: usize = 2_000;
/// How well a frame fits, against the one before that is in the repository.
const NEXT_FRAME: f32 = 0.95;

/// The sources, in the order of their numbers. How many candidates each may propose, [`Policy::limits`] says.
pub(crate) const SOURCES: [&str; 9] = [
    "definition",
    "chunk_text",
    "chunk_names",
    "chunk_signature",
    "chunk_comments",
    "file_text",
    "file_path",
    "place",
    "vector",
];
/// The number of the source that compares vectors.
pub(crate) const VECTOR: usize = 8;

/// A chunk with what the sources said of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Candidate {
    /// The chunk, numbered over all segments of the snapshot.
    pub(crate) chunk: u32,
    /// Its entry, likewise.
    pub(crate) entry: u32,
    /// Its row in [`Scores`].
    pub(crate) chunk_row: Option<u32>,
    /// Its entry's row in [`Scores`].
    pub(crate) entry_row: Option<u32>,
    /// Rank in each source, from 1; 0 if the source did not propose it.
    pub(crate) ranks: [u32; SOURCES.len()],
    /// Score of reciprocal-rank fusion.
    pub(crate) fusion: f64,
    /// The query names the symbol it defines.
    pub(crate) defines: bool,
    /// The query names the beginning of it.
    pub(crate) defines_prefix: bool,
    /// How well the symbol it defines is what the query names, 0 to 1.
    pub(crate) named: f32,
    /// How well it is the place the query names, 0 to 1.
    pub(crate) place: f32,
    /// What share of the query stands in it in one run of words.
    pub(crate) literal: f32,
}

/// What the sources found beyond the candidates themselves.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) candidates: Vec<Candidate>,
    /// For each entry, how many of the query's names it defines.
    pub(crate) defined_names: BTreeMap<u32, u32>,
    /// Something was found before the filter.
    pub(crate) any_unfiltered: bool,
    /// Chunks with a score in files that pass the filter.
    matching_chunks: usize,
    /// Whether more chunks match than there are candidates.
    pub(crate) cut: bool,
    /// Something that the filter on kinds took out was in a file without symbols.
    pub(crate) any_unparsed: bool,
}

/// Orders chunks with equal scores by path and line, so that the order does not depend on how the store is cut.
pub(crate) fn by_place(snapshot: &Snapshot, left: u32, right: u32) -> Ordering {
    let place = |chunk: u32| {
        let (segment, local) = snapshot.chunk(chunk);
        let entry = segment.open.facts.entry_of_chunk(local);
        (segment.open.facts.path_bytes(entry), local)
    };
    let ((left_path, left_local), (right_path, right_local)) = (place(left), place(right));
    // Two chunks of one file are of one entry, where numbers follow lines.
    left_path.cmp(right_path).then(left_local.cmp(&right_local))
}

/// Orders (score, chunk) by score, the best first, and equals by place.
pub(crate) fn best_first(snapshot: &Snapshot, left: (f32, u32), right: (f32, u32)) -> Ordering {
    right.0.total_cmp(&left.0).then_with(|| by_place(snapshot, left.1, right.1))
}

/// A definition: a symbol of a segment, with the number of its name there.
struct Defined<'a> {
    viewed: &'a ViewedSegment,
    name: u32,
    symbol: u32,
}

/// Of definitions of a name or a prefix `limit`: of a name those in its own letters first, of a prefix the first names, then by the
/// content of their files.
fn first_of<'a>(defined: Vec<Defined<'a>>, name: &Name, prefix: bool, limit: usize) -> Vec<Defined<'a>> {
    if defined.len() <= limit {
        return defined;
    }
    let place = |one: &Defined<'a>| {
        let facts = &one.viewed.open.facts;
        (facts.path_bytes(facts.entry_of_symbol(one.symbol)), one.symbol)
    };
    let with_order = |one: Defined<'a>| {
        let facts = &one.viewed.open.facts;
        let known = facts.name(one.name);
        let lower = if prefix { known.to_ascii_lowercase() } else { String::new() };
        let by_name = (lower, !known.starts_with(&name.text));
        (by_name, file_key(facts, facts.entry_of_symbol(one.symbol)), one)
    };
    let mut defined: Vec<_> = defined.into_iter().map(with_order).collect();
    defined.select_nth_unstable_by(limit, |left, right| {
        let by_key = (&left.0, left.1).cmp(&(&right.0, right.1));
        by_key.then_with(|| place(&left.2).cmp(&place(&right.2)))
    });
    defined.into_iter().take(limit).map(|(.., one)| one).collect()
}

/// The beginning of the hash of a file's content.
fn file_key(facts: &Facts, entry: u32) -> u64 {
    let record = facts.entries().get(entry as usize);
    record.map_or(0, |record| u64::from_be_bytes(std::array::from_fn(|byte| record.blob[byte])))
}

/// The beginning of the hash of a chunk's file: an order for choosing among equals that is cheap and, with [`by_place`]
/// where it is equal, does not depend on how the store is cut.
fn content_key(snapshot: &Snapshot, chunk: u32) -> u64 {
    let (segment, local) = snapshot.chunk(chunk);
    file_key(&segment.open.facts, segment.open.facts.entry_of_chunk(local))
}

/// Orders chunks by content, then by place.
pub(crate) fn by_content(snapshot: &Snapshot, left: u32, right: u32) -> Ordering {
    content_key(snapshot, left).cmp(&content_key(snapshot, right)).then_with(|| by_place(snapshot, left, right))
}

/// A file that a place of the query may mean: its path, the chunk at the line, how well it fits.
type NamedFile<'a> = (&'a str, u32, f32);

/// Collects the candidates of a query.
pub(crate) struct Collector<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) scores: &'a Scores<'a>,
    pub(crate) query: &'a Query,
    /// The query's vector, if there are any to compare it with.
    vector: Option<&'a [i8]>,
    /// The chunks that a first pass let through, with their similarities; without one all are compared.
    near: Option<Similar>,
    pub(crate) filter: &'a Filter,
    policy: &'a Policy,
    /// For each entry row whether the filter lets it through; `None` if there is nothing to filter.
    entry_passes: Option<&'a [bool]>,
    found: Found,
}

impl<'a> Collector<'a> {
    /// `entry_passes` is what [`passing`] says of the scores.
    pub(crate) fn new(
        snapshot: &'a Snapshot,
        scores: &'a Scores<'a>,
        query: &'a Query,
        (vector, near): (Option<&'a [i8]>, Option<Similar>),
        (filter, entry_passes): (&'a Filter, Option<&'a [bool]>),
        policy: &'a Policy,
    ) -> Self {
        let found = Found { any_unfiltered: scores.entry_count() > 0, cut: scores.is_cut(), ..Found::default() };
        Self { snapshot, scores, query, vector, near, filter, policy, entry_passes, found }
    }

    fn entry_passes(&self, row: u32) -> bool {
        self.entry_passes.is_none_or(|passes| passes[row as usize])
    }

    fn chunk_weight(&self, row: u32) -> f32 {
        let fields = self.scores.chunk(row).map_or([0.0; 4], |score| score.fields);
        fields[0] + fields[1] + 0.5 * (fields[2] + fields[3])
    }

    fn passes_kind(&self, chunk: u32) -> bool {
        let (segment, local) = self.snapshot.chunk(chunk);
        self.filter.chunk(segment, local)
    }

    /// Asks every source and fuses what they propose.
    pub(crate) fn collect(mut self, crew: &Crew<'_, '_>) -> Found {
        let (snapshot, scores, filter) = (self.snapshot, self.scores, (self.filter, self.entry_passes));
        let limits = std::array::from_fn(|field| self.policy.limits[1 + field]);
        let chunks = move || TopChunks::of(snapshot, scores, filter, limits);
        let mut others = || self.collect_others();
        let much = scores.chunk_count() >= CHUNKS_FOR_TWO;
        let (chunks, (mut rankings, mut all)) = if much { crew.both(chunks, others) } else { (chunks(), others()) };
        for (source, ranking) in (1..).zip(chunks.rankings) {
            rankings[source] = ranking;
        }
        self.found.matching_chunks = chunks.matching;
        self.found.any_unparsed |= chunks.any_unparsed;
        for (source, ranking) in rankings.iter().enumerate() {
            for (rank, &chunk) in ranking.iter().enumerate() {
                let candidate = all.entry(chunk).or_default();
                candidate.ranks[source] = rank as u32 + 1;
            }
        }
        self.fuse(&all, &rankings)
    }

    /// What all sources propose but those of [`TopChunks`], and what is known of it.
    fn collect_others(&mut self) -> (Vec<Vec<u32>>, BTreeMap<u32, Candidate>) {
        let mut rankings: Vec<Vec<u32>> = vec![Vec::new(); SOURCES.len()];
        let mut all: BTreeMap<u32, Candidate> = BTreeMap::new();
        rankings[0] = self.definitions(&mut all);
        rankings[5] = self.top_files(Field::Body, self.policy.limits[5]);
        rankings[6] = self.top_files(Field::Path, self.policy.limits[6]);
        rankings[7] = self.places(&mut all);
        rankings[8] = self.similar();
        (rankings, all)
    }

    /// Fuses the rankings. Ids are positions in the order of content, so that ties do not depend on the store.
    fn fuse(mut self, all: &BTreeMap<u32, Candidate>, rankings: &[Vec<u32>]) -> Found {
        let mut chunks: Vec<(u64, u32)> = all.keys().map(|&chunk| (content_key(self.snapshot, chunk), chunk)).collect();
        chunks.sort_unstable_by(|left, right| {
            left.0.cmp(&right.0).then_with(|| by_place(self.snapshot, left.1, right.1))
        });
        let chunks: Vec<u32> = chunks.into_iter().map(|(_, chunk)| chunk).collect();
        let position: BTreeMap<u32, u64> = chunks.iter().enumerate().map(|(at, &chunk)| (chunk, at as u64)).collect();
        let lists: Vec<Vec<u64>> =
            rankings.iter().map(|ranking| ranking.iter().map(|chunk| position[chunk]).collect()).collect();
        let slices: Vec<&[u64]> = lists.iter().map(Vec::as_slice).collect();
        // Only non-finite weights can fail, and there are none.
        let (ids, values) =
            fuse(&slices, Some(&self.policy.weights), DEFAULT_K, Some(self.policy.candidates)).unwrap_or_default();
        for (id, value) in ids.into_iter().zip(values) {
            let chunk = chunks[id as usize];
            let Some(mut candidate) = all.get(&chunk).cloned() else { continue };
            candidate.chunk = chunk;
            candidate.fusion = value;
            self.found.candidates.push(candidate);
        }
        self.found.cut |= self.found.matching_chunks > self.found.candidates.len();
        self.complete();
        self.found
    }

    /// Fills in rows and entries of the chosen candidates.
    fn complete(&mut self) {
        for candidate in &mut self.found.candidates {
            let (segment, local) = self.snapshot.chunk(candidate.chunk);
            let entry = segment.open.facts.entry_of_chunk(local);
            candidate.entry = segment.first_entry + entry;
            candidate.chunk_row = self.scores.chunk_row(candidate.chunk);
            candidate.entry_row = self.scores.entry_row(candidate.entry);
        }
    }

    /// The chunks whose vectors are most similar to the query's.
    fn similar(&mut self) -> Vec<u32> {
        // Every chunk has some similarity to anything: what has no word that occurs anywhere is not asked of this repository.
        let is_known = self.scores.entry_count() > 0;
        let Some(vector) = self.vector.filter(|_| is_known) else { return Vec::new() };
        let limit = self.policy.limits[VECTOR];
        let mut best = Best::new(limit);
        // A damaged set is told by the checksums of the store when the snapshot opens; here it proposes nothing.
        if let Some(near) = &self.near {
            for &(similarity, chunk) in near {
                best.offer(similarity, chunk);
            }
        } else {
            for viewed in &self.snapshot.segments {
                let Some(set) = &viewed.open.vectors else { continue };
                let passes = |chunk: u32| self.filter.passes(viewed, chunk);
                for (chunk, similarity) in set.search(vector, limit, passes).unwrap_or_default() {
                    best.offer(similarity, viewed.first_chunk + chunk);
                }
            }
        }
        self.found.any_unfiltered |= !best.is_empty();
        // Every chunk has some similarity: whatever comes after the last one is left out.
        self.found.cut |= best.is_full();
        best.finish(|left, right| by_content(self.snapshot, left, right))
    }

    /// The best chunks of the best files by one field; for the path, path and stem together.
    fn top_files(&self, field: Field, limit: usize) -> Vec<u32> {
        let value = |score: &EntryScore| {
            let stem = if field == Field::Path { score.fields[Field::Stem as usize] } else { 0.0 };
            score.fields[field as usize] + stem
        };
        let mut best = Best::new(limit);
        for (row, score) in (0..).zip(self.scores.entries()).filter(|&(row, _)| self.entry_passes(row)) {
            best.offer(value(score), row);
        }
        let path = |row: u32| {
            let place = self.scores.entry(row).map(|score| self.snapshot.entry(score.entry));
            place.map_or(&[][..], |(segment, entry)| segment.open.facts.path_bytes(entry))
        };
        let rows = best.finish(|left, right| path(left).cmp(path(right)));
        rows.into_iter().filter_map(|row| self.representative(row)).collect()
    }

    /// The chunk that stands for a file: its best, or its first if only its path matches.
    fn representative(&self, entry_row: u32) -> Option<u32> {
        let (segment, entry) = self.snapshot.entry(self.scores.entry(entry_row)?.entry);
        let chunks = segment.open.facts.chunks_of(entry);
        let chunks = segment.first_chunk + chunks.start..segment.first_chunk + chunks.end;
        let mut best: Option<(f32, u32)> = None;
        for (chunk, row) in self.scores.chunk_rows(chunks.clone()) {
            let weight = self.chunk_weight(row);
            if best.is_none_or(|(most, _)| weight > most) && self.passes_kind(chunk) {
                best = Some((weight, chunk));
            }
        }
        let first = || chunks.into_iter().find(|&chunk| self.passes_kind(chunk));
        best.map(|(_, chunk)| chunk).or_else(first)
    }

    /// Chunks that define the names of the query, exactly or, for a query that is a name, by its beginning.
    fn definitions(&mut self, all: &mut BTreeMap<u32, Candidate>) -> Vec<u32> {
        if self.policy.limits[0] == 0 {
            return Vec::new();
        }
        let mut exact: Vec<(u32, f32)> = Vec::new();
        let mut by_prefix: Vec<(u32, f32)> = Vec::new();
        for name in &self.query.names {
            let mut entries: Vec<u32> = Vec::new();
            let mut hits = self.symbols(name, false, self.policy.symbols_per_name, &mut entries);
            entries.sort_unstable();
            entries.dedup();
            for entry in entries {
                *self.found.defined_names.entry(entry).or_insert(0) += 1;
            }
            exact.append(&mut hits);
            if self.policy.symbols_per_prefix > 0 && name.text.len() >= 3 {
                by_prefix.append(&mut self.symbols(name, true, self.policy.symbols_per_prefix, &mut Vec::new()));
            }
        }
        let exact = self.best_named(exact, self.policy.limits[0]);
        // Those that are exact count first, so there may be as many more.
        let by_prefix = self.best_named(by_prefix, 2 * self.policy.limits[0]);
        let mut ranking: Vec<u32> = Vec::new();
        for (list, is_exact) in [(&exact, true), (&by_prefix, false)] {
            for &(chunk, named) in list {
                let candidate = all.entry(chunk).or_default();
                candidate.named = candidate.named.max(named);
                candidate.defines |= is_exact;
                candidate.defines_prefix = true;
                if !ranking.contains(&chunk) && ranking.len() < self.policy.limits[0] {
                    ranking.push(chunk);
                }
            }
        }
        all.retain(|chunk, _| ranking.contains(chunk));
        ranking
    }

    /// The best of chunks that define what is named, best first, each once. Names like `run` have hundreds, of which few are taken.
    fn best_named(&self, mut hits: Vec<(u32, f32)>, limit: usize) -> Vec<(u32, f32)> {
        hits.sort_unstable_by(|left, right| left.0.cmp(&right.0).then(right.1.total_cmp(&left.1)));
        hits.dedup_by_key(|hit| hit.0);
        let order = |left: &(u32, f32), right: &(u32, f32)| {
            right.1.total_cmp(&left.1).then_with(|| by_place(self.snapshot, left.0, right.0))
        };
        if hits.len() > limit {
            hits.select_nth_unstable_by(limit, order);
            hits.truncate(limit);
        }
        hits.sort_unstable_by(order);
        hits
    }

    /// Chunks that define a symbol of this name (or prefix), with how well it is what the name means. `entries` gets their
    /// entries. Of more than `limit` definitions those are taken whose files come first by content, of names that begin so the
    /// first names: which they are does not depend on how the store is cut.
    fn symbols(&mut self, name: &Name, prefix: bool, limit: usize, entries: &mut Vec<u32>) -> Vec<(u32, f32)> {
        let defined = first_of(self.defined(name, prefix, limit), name, prefix, limit);
        let mut hits = Vec::with_capacity(defined.len());
        for Defined { viewed, name: number, symbol } in defined {
            let facts = &viewed.open.facts;
            let known = facts.name(number);
            let same_case = if known.starts_with(&name.text) { 1.0 } else { OTHER_CASE };
            let whole = if prefix { PREFIX * name.text.len() as f32 / known.len().max(1) as f32 } else { 1.0 };
            if let Some(chunk) = facts.chunk_of_symbol(symbol) {
                entries.push(viewed.first_entry + facts.entry_of_symbol(symbol));
                let kind = facts.symbol_kind(symbol).unwrap_or(SymbolKind::Variable);
                let fits = kind_fits(kind) * qualifier_fits(facts, symbol, name);
                hits.push((viewed.first_chunk + chunk, same_case * whole * fits));
            }
        }
        hits
    }

    /// The definitions of a name that pass the filter; of a prefix at least the first `limit` in the order of names, if there are as
    /// many.
    fn defined(&mut self, name: &Name, prefix: bool, limit: usize) -> Vec<Defined<'a>> {
        let mut defined = Vec::new();
        for viewed in &self.snapshot.segments {
            let facts = &viewed.open.facts;
            let names = if prefix { facts.names_starting(&name.text) } else { facts.names_equal(&name.text) };
            let start = defined.len();
            for number in names {
                let is_next = |number: u32| !facts.name(number).eq_ignore_ascii_case(facts.name(number - 1));
                if prefix && defined.len() - start >= limit && is_next(number) {
                    break;
                }
                for &symbol in facts.symbols_named(number) {
                    let entry = facts.entry_of_symbol(symbol);
                    if !viewed.has(entry) {
                        continue;
                    }
                    self.found.any_unfiltered = true;
                    if self.filter.entry(viewed, entry) && self.filter.symbol(facts, entry, Some(symbol)) {
                        defined.push(Defined { viewed, name: number, symbol });
                    }
                }
            }
        }
        defined
    }

    /// Chunks at the places the query names: the line of a stack trace, or the first chunk of a file.
    fn places(&mut self, all: &mut BTreeMap<u32, Candidate>) -> Vec<u32> {
        let mut ranking = Vec::new();
        // Of a trace, the innermost frame that is in the repository comes first.
        let mut depth = 1.0;
        for (mut matching, place) in self.files_named().into_iter().zip(&self.query.paths) {
            if matching.is_empty() {
                continue;
            }
            matching.sort_unstable_by_key(|&(path, chunk, _)| (path.len(), path, chunk));
            for (_, chunk, fits) in matching {
                if ranking.len() < self.policy.limits[7] && !ranking.contains(&chunk) && self.passes_kind(chunk) {
                    let fitting = &mut all.entry(chunk).or_default().place;
                    *fitting = fitting.max(depth * fits);
                    ranking.push(chunk);
                }
            }
            if place.origin != Origin::Typed {
                depth *= NEXT_FRAME;
            }
        }
        ranking
    }

    /// For each place of the query the files it may mean, with the chunk at its line and how well it fits.
    fn files_named(&mut self) -> Vec<Vec<NamedFile<'a>>> {
        let mut files = vec![Vec::new(); self.query.paths.len()];
        for (place, files) in self.query.paths.iter().zip(&mut files) {
            // Files and places are compared only if the last parts of their paths are equal.
            for viewed in &self.snapshot.segments {
                let facts = &viewed.open.facts;
                for entry in viewed.open.entries_named(place.path.as_bytes()).filter(|&entry| viewed.has(entry)) {
                    let path = facts.path(entry);
                    let Some(parts) = equal_parts(place, path) else { continue };
                    self.found.any_unfiltered = true;
                    if self.filter.entry(viewed, entry) {
                        let named =
                            place.function.as_deref().and_then(|name| function_near(facts, entry, name, place.line));
                        let chunk = named.or_else(|| chunk_at(facts, entry, place.line.unwrap_or(1)));
                        let fits = if path == place.path { 1.0 } else { END_OF_PATH };
                        files.extend(chunk.map(|chunk| (parts, (path, viewed.first_chunk + chunk, fits))));
                    }
                }
            }
        }
        let places = files.into_iter().zip(&self.query.paths);
        let longest = |(mut files, place): (Vec<(usize, NamedFile<'a>)>, &Place)| {
            if place.origin == Origin::Absolute {
                let most = files.iter().map(|(parts, _)| *parts).max();
                files.retain(|(parts, _)| Some(*parts) == most);
            }
            files.into_iter().map(|(_, file)| file).collect()
        };
        places.map(longest).collect()
    }
}

/// For each entry with a score whether the filter lets it through; `None` if there is nothing to filter.
pub(crate) fn passing(snapshot: &Snapshot, scores: &Scores<'_>, filter: &Filter) -> Option<Vec<bool>> {
    let passes = |score: &EntryScore| {
        let (segment, entry) = snapshot.entry(score.entry);
        filter.entry(segment, entry)
    };
    (!filter.is_open_for_files()).then(|| scores.entries().map(passes).collect())
}

/// The best chunks by each field.
struct TopChunks {
    rankings: [Vec<u32>; 4],
    /// Chunks with a score in files that pass the filter.
    matching: usize,
    /// Something that the filter on kinds took out was in a file without symbols.
    any_unparsed: bool,
}

impl TopChunks {
    fn of(
        snapshot: &Snapshot,
        scores: &Scores<'_>,
        (filter, entry_passes): (&Filter, Option<&[bool]>),
        limits: [usize; 4],
    ) -> Self {
        let mut best = limits.map(Best::new);
        let (mut matching, mut any_unparsed) = (0, false);
        for (row, score) in (0..).zip(scores.chunks()) {
            if entry_passes.is_some_and(|passes| !passes[score.entry as usize]) {
                continue;
            }
            matching += 1;
            if filter.has_kinds() {
                let (segment, local) = snapshot.chunk(score.chunk);
                if !filter.chunk(segment, local) {
                    let entry = segment.open.facts.entry_of_chunk(local);
                    let record = segment.open.facts.entries().get(entry as usize);
                    any_unparsed |= record.is_some_and(|record| record.language().is_none());
                    continue;
                }
            }
            for (best, value) in best.iter_mut().zip(score.fields) {
                best.offer(value, row);
            }
        }
        let chunk = |row: u32| scores.chunk(row).map_or(0, |score| score.chunk);
        let rankings = best.map(|best| {
            let rows = best.finish(|left, right| by_content(snapshot, chunk(left), chunk(right)));
            rows.into_iter().map(chunk).collect()
        });
        Self { rankings, matching, any_unparsed }
    }
}

/// How many parts at the ends of the paths are equal, if the file at `path` may be what `place` means.
fn equal_parts(place: &Place, path: &str) -> Option<usize> {
    let parts = place.path.rsplit('/').zip(path.rsplit('/')).take_while(|(left, right)| left == right).count();
    let is_end = ends_with_path(path, &place.path);
    let is_meant = match place.origin {
        Origin::Typed | Origin::Frame => is_end || ends_with_path(&place.path, path),
        // A file name alone is no evidence: every project has a `server.go`.
        Origin::Absolute => is_end || ends_with_path(&place.path, path) || parts >= 2,
        Origin::Installed => is_end,
    };
    is_meant.then_some(parts)
}

/// Who asks for a name wants what it stands for: the type before its implementations, code before a heading of that name.
fn kind_fits(kind: SymbolKind) -> f32 {
    match kind {
        SymbolKind::Implementation => 0.8,
        SymbolKind::Field | SymbolKind::EnumMember | SymbolKind::Variable => 0.7,
        SymbolKind::Section | SymbolKind::Key => 0.5,
        _ => 1.0,
    }
}

/// Whether the symbol stands in the containers that the query names, if it names any.
fn qualifier_fits(facts: &Facts, symbol: u32, name: &Name) -> f32 {
    let Some(wanted) = &name.qualified else { return 1.0 };
    let known = facts.qualified_name(symbol).to_lowercase();
    // The query may name fewer containers (`Session.save` of `app.Session.save`) or more (a module before them).
    let is_end =
        |long: &str, short: &str| long.strip_suffix(short).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let fits = is_end(&known, wanted) || (known.contains('.') && is_end(wanted, &known));
    if fits { 1.0 } else { OTHER_CONTAINER }
}

/// The chunk of an entry that holds a line, or its last one.
fn chunk_at(facts: &Facts, entry: u32, line: u32) -> Option<u32> {
    let chunks = facts.chunks_of(entry);
    let records = facts.chunks().get(chunks.start as usize..chunks.end as usize)?;
    let at = records.partition_point(|chunk| chunk.span().end < line).min(records.len().checked_sub(1)?);
    Some(chunks.start + at as u32)
}

/// The chunk of the function `name` of an entry, the one nearest to `line` if there are several. The line's own chunk if that is
/// part of the function.
fn function_near(facts: &Facts, entry: u32, name: &str, line: Option<u32>) -> Option<u32> {
    let line = line.unwrap_or(1);
    let distance = |symbol: u32| {
        let span = facts.symbol(symbol).map_or(LineSpan::new(1, 1), |record| record.span());
        if line < span.start { span.start - line } else { line.saturating_sub(span.end) }
    };
    let is_called = |symbol: &u32| {
        let is_named = facts.symbol_name(*symbol).is_some_and(|number| facts.name(number) == name);
        is_named && facts.symbol_kind(*symbol).is_some_and(|kind| kind.is_callable() || kind.is_type())
    };
    let symbols = facts.symbols_of(entry).filter(is_called);
    let is_callable = |symbol: u32| facts.symbol_kind(symbol).is_some_and(SymbolKind::is_callable);
    let nearest = symbols.min_by_key(|&symbol| (!is_callable(symbol), distance(symbol)))?;
    let inside = distance(nearest) == 0 && is_callable(nearest);
    if inside { chunk_at(facts, entry, line) } else { facts.chunk_of_symbol(nearest) }
}

/// Whether `path` is `end`, or ends in it at a folder.
pub(crate) fn ends_with_path(path: &str, end: &str) -> bool {
    path.len() >= end.len()
        && path.ends_with(end)
        && (path.len() == end.len() || path.as_bytes()[path.len() - end.len() - 1] == b'/')
}
