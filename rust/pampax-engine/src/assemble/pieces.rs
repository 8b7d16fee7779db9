//! The pieces of code that a bundle is chosen from: hits, changed places, and what they hang together with.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use pampax_base::LineSpan;

use crate::assemble::profile::Profile;
use crate::assemble::record::RecordItem;
use crate::assemble::shape::Shape;
use crate::assemble::surroundings::surroundings;
use crate::assemble::value::{HIT_FEATURES, Packing, Standing, ValueModel, category};
use crate::bundle::{Category, ItemEdge, Surrounding};
use crate::candidates::best_first;
use crate::filter::Filter;
use crate::graph::query::GraphView;
use crate::search::{Ranked, Ranking, own_lines, why};
use crate::snapshot::Snapshot;

/// Hits that are considered.
pub(crate) const HITS_MAX: usize = 200;
/// Pieces whose surroundings are considered.
const CENTRES_MAX: usize = 16;

/// A piece of code that may go into the bundle.
pub(crate) struct Piece {
    /// The entry and the chunk, numbered over all segments.
    pub(crate) entry: u32,
    pub(crate) chunk: u32,
    pub(crate) span: LineSpan,
    /// The symbol, numbered in its segment.
    pub(crate) symbol: Option<u32>,
    pub(crate) category: Category,
    /// What it is worth: see `value.rs`.
    pub(crate) value: f64,
    /// Its place among the hits, from 1.
    pub(crate) rank: Option<u32>,
    /// What the value of a hit was told from.
    pub(crate) features: Option<[f64; HIT_FEATURES.len()]>,
    pub(crate) edge: Option<ItemEdge>,
    /// From which pieces it was reached, and how.
    pub(crate) reached: Vec<(Surrounding, usize, f32)>,
    pub(crate) why: Vec<String>,
    /// Lines of it that must not be left out when it is trimmed: changed ones, uses.
    pub(crate) marked: Vec<LineSpan>,
}

/// All pieces, by number.
pub(crate) struct Pieces<'a> {
    pub(crate) all: Vec<Piece>,
    by_chunk: HashMap<u32, usize>,
    /// What none is outside of.
    filter: &'a Filter,
}

impl<'a> Pieces<'a> {
    pub(crate) fn new(filter: &'a Filter) -> Self {
        Self { all: Vec::new(), by_chunk: HashMap::new(), filter }
    }

    /// The piece of a chunk, made if there is none; `None` if the filter leaves it out.
    fn of_chunk(&mut self, snapshot: &Snapshot, chunk: u32) -> Option<usize> {
        if let Some(&number) = self.by_chunk.get(&chunk) {
            return Some(number);
        }
        let piece = piece_of(snapshot, chunk)?;
        let (segment, entry) = snapshot.entry(piece.entry);
        if !self.filter.entry(segment, entry) || !self.filter.symbol(&segment.open.facts, entry, piece.symbol) {
            return None;
        }
        self.all.push(piece);
        self.by_chunk.insert(chunk, self.all.len() - 1);
        Some(self.all.len() - 1)
    }

    /// Adds what the words of the task found, with its value by the model.
    pub(crate) fn add_hits(&mut self, snapshot: &Snapshot, ranking: &Ranking, model: &ValueModel) {
        let hits = by_score(snapshot, ranking);
        let best = hits.first().map_or(0.0, |(score, _)| *score);
        let weights: Vec<f64> = hits.iter().map(|(score, _)| f64::from(score - best).exp()).collect();
        let total: f64 = weights.iter().sum();
        let mut files: BTreeMap<u32, (usize, f64, usize)> = BTreeMap::new();
        for ((_, ranked), weight) in hits.iter().zip(&weights) {
            let next = files.len();
            let file = files.entry(ranked.candidate.entry).or_insert((next, 0.0, 0));
            *file = (file.0, file.1 + weight / total, file.2 + 1);
        }
        for (rank, ((score, ranked), weight)) in hits.iter().zip(&weights).enumerate().take(HITS_MAX) {
            let Some(number) = self.of_chunk(snapshot, ranked.candidate.chunk) else { continue };
            let piece = &mut self.all[number];
            let (segment, entry) = snapshot.entry(piece.entry);
            let facts = &segment.open.facts;
            let record = piece.symbol.and_then(|symbol| facts.symbol(symbol));
            let (file_rank, file_share, file_hits) = files[&ranked.candidate.entry];
            let features = Standing {
                ranked,
                rank,
                gap: best - score,
                share: weight / total,
                file_rank,
                file_share,
                file_hits,
                lines: piece.span.len(),
                kind: record.map(|record| record.kind()),
                flags: facts.entries().get(entry as usize).map_or(0, |record| record.flags),
            }
            .features();
            piece.value += model.hit(&features);
            piece.features = Some(features);
            piece.rank = Some(rank as u32 + 1);
            let named = record.map(|record| (facts.name(record.name()), record.kind()));
            piece.why.extend(why(&ranking.query, ranked, named));
        }
    }

    /// Adds the chunks in which changed `lines` of an entry stand. `worth` is what each of these lines is worth.
    pub(crate) fn add_changed(
        &mut self,
        snapshot: &Snapshot,
        (entry, lines): (u32, &[LineSpan]),
        worth: f64,
        packing: &Packing,
        reason: &str,
    ) {
        let (segment, local) = snapshot.entry(entry);
        let facts = &segment.open.facts;
        for chunk in facts.chunks_of(local) {
            let span = facts.chunks()[chunk as usize].span();
            let within: Vec<LineSpan> = lines.iter().filter(|lines| lines.overlaps(span)).copied().collect();
            if within.is_empty() {
                continue;
            }
            let Some(number) = self.of_chunk(snapshot, segment.first_chunk + chunk) else { continue };
            let piece = &mut self.all[number];
            let clipped = |one: &LineSpan| one.end.min(span.end) - one.start.max(span.start) + 1;
            let count: u32 = within.iter().map(clipped).sum();
            let found = if piece.rank.is_some() { packing.changed_and_found } else { 1.0 };
            piece.value += f64::from(count) * worth * found;
            piece.why.insert(0, reason.to_owned());
            piece.marked.extend(within);
        }
    }

    /// Multiplies the value of every piece there is.
    pub(crate) fn scale(&mut self, factor: f64) {
        for piece in &mut self.all {
            piece.value *= factor;
        }
    }

    /// Raises the pieces there are in which `lines` of an entry stand, by a factor.
    pub(crate) fn raise_lines(&mut self, entry: u32, lines: &[LineSpan], factor: f64, reason: &str) {
        for piece in self.all.iter_mut().filter(|piece| piece.entry == entry) {
            let within: Vec<LineSpan> = lines.iter().filter(|lines| lines.overlaps(piece.span)).copied().collect();
            if !within.is_empty() {
                piece.value *= factor;
                piece.why.insert(0, reason.to_owned());
                piece.marked.extend(within);
            }
        }
    }

    /// Adds what the most valuable pieces hang together with.
    pub(crate) fn add_surroundings(&mut self, snapshot: &Snapshot, model: &ValueModel, shape: Shape) {
        let Some(view) = GraphView::of(snapshot) else { return };
        let shape = model.shape(shape);
        let mut centres: Vec<usize> = (0..self.all.len()).collect();
        centres.sort_by(|&left, &right| self.all[right].value.total_cmp(&self.all[left].value).then(left.cmp(&right)));
        centres.truncate(CENTRES_MAX);
        // What is reached is worth a share of what the centre is worth by itself.
        let worth: Vec<f64> = centres.iter().map(|&centre| self.all[centre].value).collect();
        for (&centre, worth) in centres.iter().zip(worth) {
            let piece = &self.all[centre];
            let (centre_chunk, nearby) = (piece.chunk, surroundings(&view, piece));
            let (segment, _) = snapshot.entry(piece.entry);
            let facts = &segment.open.facts;
            let name = match piece.symbol {
                Some(symbol) => facts.qualified_name(symbol),
                None => facts.path(piece.entry - segment.first_entry).to_owned(),
            };
            let mut counts = [0; Surrounding::ALL.len()];
            for near in nearby {
                let kind = near.kind as usize;
                if near.chunk == centre_chunk || counts[kind] >= shape.limits[kind] {
                    continue;
                }
                counts[kind] += 1;
                let Some(number) = self.of_chunk(snapshot, near.chunk) else { continue };
                let reached = &mut self.all[number];
                reached.value += worth * shape.surroundings[kind] * f64::from(near.confidence);
                reached.reached.push((near.kind, centre, near.confidence));
                reached.marked.extend(near.line.map(|line| LineSpan::new(line, line)));
                let reason = near.kind.reason(&name);
                if !reached.why.contains(&reason) {
                    reached.why.push(reason);
                }
                if reached.edge.is_none() {
                    let of = name.clone();
                    reached.edge =
                        Some(ItemEdge { kind: near.kind.name().to_owned(), of, confidence: near.confidence });
                }
            }
        }
    }

    /// Adds an item of an earlier bundle, in the same state of the store.
    pub(crate) fn add_recorded(&mut self, snapshot: &Snapshot, item: &RecordItem) {
        let mut entries = snapshot.entries();
        let Some((segment, entry)) = entries.find(|(segment, entry)| segment.open.facts.path(*entry) == item.path)
        else {
            return;
        };
        let facts = &segment.open.facts;
        let Some(chunk) =
            facts.chunks_of(entry).find(|&chunk| facts.chunks()[chunk as usize].span().start == item.first_line)
        else {
            return;
        };
        let Some(number) = self.of_chunk(snapshot, segment.first_chunk + chunk) else { return };
        let piece = &mut self.all[number];
        (piece.value, piece.rank, piece.edge) = (item.score, item.rank, item.edge.clone());
        piece.why.clone_from(&item.why);
    }

    /// Weighs every piece as the profile says; gives those that it leaves out.
    pub(crate) fn weigh(&mut self, profile: &Profile) -> BTreeSet<usize> {
        let mut left_out = BTreeSet::new();
        for (number, piece) in self.all.iter_mut().enumerate() {
            let weight = profile.of(piece.category);
            piece.value *= weight;
            if weight <= 0.0 {
                left_out.insert(number);
            }
        }
        left_out
    }
}

/// The hits by their own scores: what a further hit of a file loses in an answer, so that files take turns, would leave the
/// other half of an answer out of a bundle.
fn by_score<'a>(snapshot: &Snapshot, ranking: &'a Ranking) -> Vec<(f32, &'a Ranked)> {
    let mut hits: Vec<(f32, &Ranked)> =
        ranking.ranked.iter().map(|hit| (hit.score + ranking.penalty() * hit.repeats as f32, hit)).collect();
    hits.sort_by(|left, right| {
        best_first(snapshot, (left.0, left.1.candidate.chunk), (right.0, right.1.candidate.chunk))
    });
    hits
}

fn piece_of(snapshot: &Snapshot, chunk: u32) -> Option<Piece> {
    let (segment, local) = snapshot.chunk(chunk);
    let facts = &segment.open.facts;
    let record = facts.chunks().get(local as usize)?;
    let entry = facts.entry_of_chunk(local);
    let symbol = facts.symbol_of_chunk(local);
    let flags = facts.entries().get(entry as usize).map_or(0, |record| record.flags);
    Some(Piece {
        entry: segment.first_entry + entry,
        chunk,
        span: own_lines(record.span(), symbol.and_then(|symbol| facts.symbol(symbol))),
        symbol,
        category: category(flags, symbol.is_some_and(|symbol| facts.is_test(symbol))),
        value: 0.0,
        rank: None,
        features: None,
        edge: None,
        reached: Vec::new(),
        why: Vec::new(),
        marked: Vec::new(),
    })
}
