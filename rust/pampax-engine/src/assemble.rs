//! Filling a budget: hits and what they stand on, at the level of detail that fits.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use pampax_base::{Error, LineSpan, Result};
use pampax_pack::{Candidate as PackCandidate, Level as PackLevel, Policy, pack_candidates};
use pampax_tokenize::{Encoding, count_tokens};

use crate::bundle::{Bundle, DroppedItem, Item, Level, More, render, render_item};
use crate::candidates::best_first;
use crate::filter::Filters;
use crate::search::{Ranked, Ranking, coverage, own_lines, why};
use crate::snapshot::{Snapshot, ViewedSegment};
use crate::text::{Lines, Texts, for_each_term};
use crate::uses::used_definitions;

/// Hits that are considered.
const HITS_MAX: usize = 80;
/// Hits whose surroundings are considered.
const PARENTS_MAX: usize = 12;
/// Dropped pieces that are listed.
const DROPPED_MAX: usize = 50;
/// What a header is worth against its member, and a used definition against its user.
const CONTAINER_SHARE: f64 = 0.35;
const DEFINITION_SHARE: f64 = 0.1;
/// Files of which at least an outline is worth showing.
const OPENED_FILES_MAX: usize = 10;
/// What each further piece of a file is worth against the one before.
const SAME_FILE: f64 = 0.9;
/// From this rank on (counted from 0) a hit is worth a quarter of the first.
const HALF_RANK: f64 = 6.0;
/// How the value of a piece grows with its lines: nearly as its cost does, or many small pieces crowd out the one that
/// matters; somewhat less, or one huge function is worth any budget.
const LENGTH_EXPONENT: f64 = 0.6;
/// What the lines that match are worth against all lines of a piece.
const TRIMMED_SHARE: f64 = 0.45;
/// Pieces shorter than this are not worth trimming.
const TRIM_FROM_LINES: u32 = 16;

/// What a caller may ask of a bundle.
#[derive(Clone, Debug, PartialEq)]
pub struct AssembleOptions {
    /// The most tokens the Markdown may have.
    pub budget: u32,
    /// How tokens are counted.
    pub encoding: Encoding,
    /// Where pieces may come from.
    pub filters: Filters,
}

/// A piece of code that may go into the bundle.
struct Piece {
    entry: u32,
    chunk: u32,
    span: LineSpan,
    /// The symbol, numbered in its segment.
    symbol: Option<u32>,
    value: f64,
    /// It is the best of one of the best files.
    opens_file: bool,
    why: Vec<String>,
    /// Its levels, cheapest first.
    levels: Vec<Shown>,
}

/// A piece at one level.
struct Shown {
    item: Item,
    value: f64,
}

/// Assembles a bundle from a ranking.
pub(crate) fn assemble(
    snapshot: &Snapshot,
    root: &Path,
    task: &str,
    ranking: &Ranking,
    options: &AssembleOptions,
    notes: &[String],
) -> Result<Bundle> {
    let mut texts = Texts::new(snapshot, root);
    let mut pieces = pieces(snapshot, ranking);
    let mut stale = BTreeSet::new();
    let words: BTreeSet<&str> = ranking.query.terms.iter().map(|term| term.text.as_str()).collect();
    pieces.retain_mut(|piece| match texts.get(piece.entry) {
        Some(lines) => {
            show(snapshot, piece, lines, &words, options.encoding);
            !piece.levels.is_empty()
        }
        None => {
            let (segment, entry) = snapshot.entry(piece.entry);
            stale.insert(segment.open.facts.path(entry).to_owned());
            false
        }
    });
    let mut coverage = coverage(snapshot, ranking.vectors, notes);
    coverage.stale_paths = stale.into_iter().collect();
    coverage.truncated = ranking.cut || ranking.ranked.len() > HITS_MAX;
    if !coverage.stale_paths.is_empty() {
        coverage.notes.push("files that changed since they were indexed are left out: run `pampax index`".to_owned());
    }
    let packed = pack(snapshot, &pieces, options.budget, options.encoding);
    if packed.items.is_empty() && !pieces.is_empty() {
        let cheapest = pieces.iter().flat_map(|piece| &piece.levels).map(|shown| shown.item.tokens).min();
        return Err(Error::BudgetTooSmall { budget: options.budget, least: cheapest.unwrap_or(1) });
    }
    let larger = options.budget.saturating_add(options.budget / 4);
    let more = pack(snapshot, &pieces, larger, options.encoding);
    let filters = &options.filters;
    let mut key = format!("{}\0{task}\0{}\0{:?}\0{filters:?}", snapshot.identity(), options.budget, options.encoding);
    if ranking.vectors == "remote" {
        key.push_str("\0remote");
    }
    Ok(Bundle {
        schema: "pampax.bundle/1",
        id: blake3::hash(key.as_bytes()).to_hex()[..16].to_owned(),
        task: task.to_owned(),
        intent: ranking.query.intent,
        tokens: packed.tokens,
        budget: options.budget,
        encoding: options.encoding.name(),
        more: added(&packed, &more, larger),
        stop_reason: if packed.left_out == 0 { "nothing more was found" } else { "the budget is used up" },
        dropped: packed.dropped,
        items: packed.items,
        coverage,
        empty_reason: None,
        timings: ranking.timings.clone(),
    })
}

/// The hits of a ranking as pieces, with the headers of their containers and the definitions they use.
fn pieces(snapshot: &Snapshot, ranking: &Ranking) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut at: HashMap<u32, usize> = HashMap::new();
    let mut files: BTreeSet<u32> = BTreeSet::new();
    for (rank, ranked) in by_score(snapshot, ranking).into_iter().take(HITS_MAX).enumerate() {
        let chunk = ranked.candidate.chunk;
        let Some(mut piece) = piece_of(snapshot, chunk) else { continue };
        piece.value = 1.0 / (1.0 + rank as f64 / HALF_RANK).powi(2);
        piece.opens_file = files.len() < OPENED_FILES_MAX && files.insert(piece.entry);
        let (segment, _) = snapshot.chunk(chunk);
        let symbol = piece.symbol.and_then(|symbol| segment.open.facts.symbols().get(symbol as usize));
        piece.why =
            why(&ranking.query, ranked, symbol.map(|record| (segment.open.facts.name(record.name()), record.kind())));
        at.insert(chunk, pieces.len());
        pieces.push(piece);
    }
    let mut add = |pieces: &mut Vec<Piece>, chunk: u32, value: f64, reason: String| {
        if let Some(&known) = at.get(&chunk) {
            pieces[known].value += 0.5 * value;
            if !pieces[known].why.contains(&reason) {
                pieces[known].why.push(reason);
            }
        } else if let Some(mut piece) = piece_of(snapshot, chunk) {
            piece.value = value;
            piece.why = vec![reason];
            at.insert(chunk, pieces.len());
            pieces.push(piece);
        }
    };
    for number in 0..pieces.len().min(PARENTS_MAX) {
        let (chunk, value) = (pieces[number].chunk, pieces[number].value);
        let (segment, _) = snapshot.chunk(chunk);
        let name = pieces[number]
            .symbol
            .map_or_else(|| "a hit".to_owned(), |symbol| segment.open.facts.qualified_name(symbol));
        if let Some(header) = container_chunk(segment, pieces[number].symbol) {
            add(&mut pieces, header, CONTAINER_SHARE * value, format!("holds {name}"));
        }
        for definition in used_definitions(snapshot, chunk) {
            add(&mut pieces, definition, DEFINITION_SHARE * value, format!("used by {name}"));
        }
    }
    pieces
}

/// The hits by their own scores: what a further hit of a file loses in an answer, so that files take turns, would leave the
/// other half of an answer out of a bundle. There, [`SAME_FILE`] sees to the spread.
fn by_score<'a>(snapshot: &Snapshot, ranking: &'a Ranking) -> Vec<&'a Ranked> {
    let mut hits: Vec<(f32, &Ranked)> =
        ranking.ranked.iter().map(|hit| (hit.score + ranking.penalty() * hit.repeats as f32, hit)).collect();
    hits.sort_by(|left, right| {
        best_first(snapshot, (left.0, left.1.candidate.chunk), (right.0, right.1.candidate.chunk))
    });
    hits.into_iter().map(|(_, hit)| hit).collect()
}

fn piece_of(snapshot: &Snapshot, chunk: u32) -> Option<Piece> {
    let (segment, local) = snapshot.chunk(chunk);
    let facts = &segment.open.facts;
    let record = facts.chunks().get(local as usize)?;
    let entry = facts.entry_of_chunk(local);
    let symbol = facts.symbol_of_chunk(local);
    Some(Piece {
        entry: segment.first_entry + entry,
        chunk,
        span: own_lines(record.span(), symbol.and_then(|symbol| facts.symbols().get(symbol as usize))),
        symbol,
        value: 0.0,
        opens_file: false,
        why: Vec::new(),
        levels: Vec::new(),
    })
}

/// The chunk with the header of the symbol around `symbol`.
fn container_chunk(segment: &ViewedSegment, symbol: Option<u32>) -> Option<u32> {
    let facts = &segment.open.facts;
    let symbol = symbol?;
    let entry = facts.entry_of_symbol(symbol);
    let container = facts.symbols().get(symbol as usize)?.container()?;
    let chunks = facts.chunks_of(entry);
    let header = chunks.clone().find(|&chunk| {
        let chunk = &facts.chunks()[chunk as usize];
        chunk.symbol() == Some(container) && chunk.is_first()
    })?;
    Some(segment.first_chunk + header)
}

/// Makes the levels of a piece.
fn show(snapshot: &Snapshot, piece: &mut Piece, lines: &Lines, words: &BTreeSet<&str>, encoding: Encoding) {
    let (segment, entry) = snapshot.entry(piece.entry);
    let facts = &segment.open.facts;
    let record = piece.symbol.and_then(|symbol| facts.symbols().get(symbol as usize));
    let chunk = &facts.chunks()[(piece.chunk - segment.first_chunk) as usize];
    let mut levels: Vec<(Level, Vec<LineSpan>, f64)> = Vec::new();
    if let Some(record) = record.filter(|_| chunk.is_first()) {
        let signature = span_of(lines, record.signature());
        let first = LineSpan::new(signature.start, signature.start);
        let mut head = vec![signature];
        if !record.doc().is_empty() {
            head.push(span_of(lines, record.doc()));
        }
        let head = join(head, piece.span);
        levels.push((Level::Outline, join(vec![first], piece.span), 0.12));
        if head.iter().map(|span| span.len()).sum::<u32>() > 1 {
            levels.push((Level::Signature, head.clone(), 0.25));
        }
        if piece.span.len() >= TRIM_FROM_LINES {
            let mut parts = head;
            parts.extend(matching_lines(lines, piece.span, words));
            let parts = join(parts, piece.span);
            if parts.iter().map(|span| span.len()).sum::<u32>() * 3 < piece.span.len() * 2 {
                levels.push((Level::Trimmed, parts, TRIMMED_SHARE));
            }
        }
    }
    levels.push((Level::Full, vec![piece.span], 1.0));
    for (level, spans, share) in levels {
        let item = item(facts.path(entry), &spans, level, piece, lines, segment);
        let tokens = item_cost(&item, encoding);
        let length = f64::from(piece.span.len()).powf(LENGTH_EXPONENT);
        // Where to look is worth as much as what stands there.
        let opening = if piece.opens_file { 1.0 } else { 0.0 };
        let value = piece.value * (share + opening) * length;
        let cheaper = piece.levels.last().is_none_or(|shown: &Shown| shown.item.tokens < tokens);
        if cheaper && !item.text.trim().is_empty() {
            piece.levels.push(Shown { item: Item { tokens, ..item }, value });
        } else if let Some(last) = piece.levels.last_mut().filter(|_| level == Level::Full) {
            // As cheap as less of it: then all of it.
            *last = Shown { item: Item { tokens, ..item }, value };
        }
    }
}

fn item(path: &str, spans: &[LineSpan], level: Level, piece: &Piece, lines: &Lines, segment: &ViewedSegment) -> Item {
    let facts = &segment.open.facts;
    let mut text = String::new();
    for (number, span) in spans.iter().enumerate() {
        if number > 0 || span.start > piece.span.start {
            text.push_str("…\n");
        }
        text.push_str(lines.get(*span));
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
    }
    if spans.last().is_some_and(|span| span.end < piece.span.end) {
        text.push_str("…\n");
    }
    let entry = facts.entries().get((piece.entry - segment.first_entry) as usize);
    Item {
        id: String::new(),
        path: path.to_owned(),
        spans: spans.iter().map(|span| (span.start, span.end)).collect(),
        symbol: piece.symbol.map(|symbol| facts.qualified_name(symbol)),
        kind: piece.symbol.and_then(|symbol| facts.symbols().get(symbol as usize)).map(|symbol| symbol.kind().name()),
        language: entry.and_then(|record| record.language()).map(|language| language.name()),
        level,
        tokens: 0,
        score: (piece.value * 1e6).round() / 1e6,
        why: piece.why.clone(),
        text,
    }
}

fn span_of(lines: &Lines, bytes: pampax_base::ByteSpan) -> LineSpan {
    LineSpan::new(lines.line_of(bytes.start), lines.line_of(bytes.end.saturating_sub(1).max(bytes.start)))
}

/// Sorts spans, clips them to `within`, and joins those that touch or leave a single line out.
fn join(mut spans: Vec<LineSpan>, within: LineSpan) -> Vec<LineSpan> {
    spans.retain(|span| span.overlaps(within));
    spans.sort_unstable();
    let mut joined: Vec<LineSpan> = Vec::new();
    for span in spans {
        let span = LineSpan::new(span.start.max(within.start), span.end.min(within.end));
        match joined.last_mut() {
            Some(last) if span.start <= last.end + 2 => last.end = last.end.max(span.end),
            _ => joined.push(span),
        }
    }
    joined
}

/// The lines of `span` that hold a word of the task, with one line around each.
fn matching_lines(lines: &Lines, span: LineSpan, words: &BTreeSet<&str>) -> Vec<LineSpan> {
    let mut matching = Vec::new();
    for line in span.start..=span.end {
        let mut matched = false;
        for_each_term(lines.get(LineSpan::new(line, line)), &mut |term| matched |= words.contains(term));
        if matched {
            matching.push(LineSpan::new(line.saturating_sub(1).max(span.start), (line + 1).min(span.end)));
        }
    }
    matching
}

/// Tokens of an item's block with the blank line before it.
fn item_cost(item: &Item, encoding: Encoding) -> u32 {
    let mut text = String::from("\n");
    render_item(item, false, &mut text);
    count_tokens(&text, encoding) as u32
}

/// A packed bundle.
struct Packed {
    items: Vec<Item>,
    tokens: u32,
    dropped: Vec<DroppedItem>,
    left_out: usize,
}

/// How often the room that is left by what pieces cost less together is filled.
const FILLED_MAX: usize = 3;

/// Packs pieces under `budget`, counted on the rendered text as a whole. Pieces are counted one by one first; together they cost
/// less, as those of one file share its path, so what is left is filled by packing again for as much more.
fn pack(snapshot: &Snapshot, pieces: &[Piece], budget: u32, encoding: Encoding) -> Packed {
    let candidates: Vec<PackCandidate> = pieces
        .iter()
        .map(|piece| PackCandidate {
            file: piece.entry,
            levels: piece
                .levels
                .iter()
                .map(|shown| PackLevel { cost: shown.item.tokens, value: shown.value })
                .collect(),
        })
        .collect();
    let policy = Policy { diminishing: SAME_FILE, ..Policy::default() };
    let choose = |budget: u32| -> BTreeMap<usize, usize> {
        let packing = pack_candidates(&candidates, u64::from(budget), &policy);
        packing.chosen.iter().map(|choice| (choice.candidate as usize, choice.level as usize)).collect()
    };
    let (mut chosen, mut items, mut tokens) = fitted(pieces, choose(budget), budget, encoding);
    let mut assumed = budget;
    for _ in 0..FILLED_MAX {
        assumed = assumed.saturating_add(budget - tokens);
        let more = choose(assumed);
        if more == chosen {
            break;
        }
        let (next, next_items, next_tokens) = fitted(pieces, more, budget, encoding);
        let value = |chosen: &BTreeMap<usize, usize>| -> f64 {
            chosen.iter().map(|(&piece, &level)| pieces[piece].levels[level].value).sum()
        };
        if value(&next) <= value(&chosen) {
            break;
        }
        (chosen, items, tokens) = (next, next_items, next_tokens);
    }
    let dropped = dropped(snapshot, pieces, &chosen);
    let left_out = pieces.len() - chosen.len();
    Packed { items, tokens, dropped, left_out }
}

/// What of a choice fits into `budget` as a whole: the least valuable pieces go until it does. With its items and tokens.
fn fitted(
    pieces: &[Piece],
    mut chosen: BTreeMap<usize, usize>,
    budget: u32,
    encoding: Encoding,
) -> (BTreeMap<usize, usize>, Vec<Item>, u32) {
    loop {
        let items = ordered(pieces, &chosen);
        let tokens = count_tokens(&render(&items), encoding) as u32;
        let least = chosen.iter().min_by(|left, right| {
            let value = |(&piece, &level): (&usize, &usize)| pieces[piece].levels[level].value;
            value(*left).total_cmp(&value(*right)).then(right.0.cmp(left.0))
        });
        match least {
            Some((&least, _)) if tokens > budget => chosen.remove(&least),
            Some(_) => return (chosen, items, tokens),
            None => return (chosen, items, 0),
        };
    }
}

/// The chosen items for a reader: files together, the file with the best item first, lines in order.
fn ordered(pieces: &[Piece], chosen: &BTreeMap<usize, usize>) -> Vec<Item> {
    let mut best: HashMap<u32, usize> = HashMap::new();
    for &piece in chosen.keys() {
        let slot = best.entry(pieces[piece].entry).or_insert(piece);
        if pieces[piece].value > pieces[*slot].value {
            *slot = piece;
        }
    }
    let mut order: Vec<(usize, usize)> = chosen.iter().map(|(&piece, &level)| (piece, level)).collect();
    order.sort_by(|left, right| {
        let key = |piece: usize| {
            let leader = best[&pieces[piece].entry];
            (pieces[leader].value, leader, pieces[piece].span.start)
        };
        let (left, right) = (key(left.0), key(right.0));
        right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)).then(left.2.cmp(&right.2))
    });
    let items = order.into_iter().enumerate().map(|(number, (piece, level))| Item {
        id: format!("i{}", number + 1),
        ..pieces[piece].levels[level].item.clone()
    });
    items.collect()
}

fn dropped(snapshot: &Snapshot, pieces: &[Piece], chosen: &BTreeMap<usize, usize>) -> Vec<DroppedItem> {
    let mut left: Vec<&Piece> =
        (0..pieces.len()).filter(|piece| !chosen.contains_key(piece)).map(|piece| &pieces[piece]).collect();
    left.sort_by(|left, right| right.value.total_cmp(&left.value));
    left.into_iter()
        .take(DROPPED_MAX)
        .map(|piece| {
            let (segment, entry) = snapshot.entry(piece.entry);
            let facts = &segment.open.facts;
            DroppedItem {
                path: facts.path(entry).to_owned(),
                start_line: piece.span.start,
                end_line: piece.span.end,
                symbol: piece.symbol.map(|symbol| facts.qualified_name(symbol)),
                reason: "no room in the budget for what it is worth".to_owned(),
                tokens: piece.levels.last().map_or(0, |shown| shown.item.tokens),
            }
        })
        .collect()
}

fn added(packed: &Packed, more: &Packed, budget: u32) -> More {
    let before: BTreeSet<(&str, &[(u32, u32)])> =
        packed.items.iter().map(|item| (item.path.as_str(), item.spans.as_slice())).collect();
    let items = more.items.iter().filter(|item| !before.contains(&(item.path.as_str(), item.spans.as_slice()))).count();
    More { budget, items: items as u32, tokens: more.tokens.saturating_sub(packed.tokens) }
}
