//! Assembling: from a ranking, or a change, to the set of code that fits a budget.
//!
//! `pieces` gathers what may go in and `surroundings` what it hangs together with; `value` says what each is worth, `levels` how
//! it can be shown, `packing` what is chosen; `record` keeps what `expand` and `have` need later.

mod levels;
mod packing;
mod pieces;
mod profile;
mod record;
mod shape;
mod surroundings;
mod training;
mod value;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::path::Path;

use pampax_base::{Crew, Error, LineSpan, Result, with_crew};
use pampax_history::{Changes, RecentFile, recently_changed};
use pampax_pack::DropReason;
use pampax_store::Store;
use pampax_tokenize::{Encoding, count_tokens};

use crate::answer::Coverage;
use crate::bundle::{Bundle, Category, DroppedItem, Format, Level, More};
use crate::candidates::by_place;
use crate::filter::{Filter, Filters};
use crate::first_pass::THREADS_MAX;
use crate::graph::query::GraphView;
use crate::intent::Intent;
use crate::query::Query;
use crate::search::{Clock, NO_MEANING, Ranking, coverage};
use crate::snapshot::Snapshot;
use crate::text::Texts;

use levels::Showing;
use packing::{Chosen, Packed, Packer};
use pieces::{HITS_MAX, Piece, Pieces};
use record::{Held, Record, held};
pub(crate) use record::{Origin, current};
use shape::Shape;
use value::ValueModel;

pub use profile::Profile;
pub(crate) use training::pieces_json;

/// Dropped pieces that are listed.
const DROPPED_MAX: usize = 50;
/// Places that more budget would add that are named.
const FIRST_ADDED_MAX: usize = 5;
/// Files of an incident whose latest changes are looked for.
const INCIDENT_FILES_MAX: usize = 6;
/// Changes of a file that count as the latest.
const LATEST_CHANGES: usize = 3;
/// Hits among which one that answers a route makes a question about routes one.
const ROUTED_HITS: usize = 5;
/// Pieces that may be shown in part: to look for the words of the task in all lines of hundreds would take longer than to rank
/// them.
const TRIMMED_MAX: usize = 100;
/// How finely the room for the code within a report is looked for, in parts of the budget.
const ROOM_STEPS: u32 = 100;
/// Attempts at the least budget of a report.
const LEAST_ROUNDS_MAX: usize = 8;

/// What a caller may ask of a bundle.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AssembleOptions {
    /// The most tokens the text may have.
    pub budget: u32,
    /// How tokens are counted.
    pub encoding: Encoding,
    /// The form of the text.
    pub format: Format,
    /// The most that is shown of a piece; by default all.
    pub level: Option<Level>,
    /// Where pieces may come from.
    pub filters: Filters,
    /// What kind of task it is to be taken for; by default the text decides.
    pub intent: Option<Intent>,
    /// What the caller has already: ids of bundles, paths, paths with lines.
    pub have: Vec<String>,
    /// A commit: what changed since is what the bundle is about.
    pub diff: Option<String>,
    /// What counts how much.
    pub profile: Profile,
}

/// What a bundle is made from.
pub(crate) struct Grounds<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) root: &'a Path,
    pub(crate) store: &'a Store,
    pub(crate) query: &'a Query,
    /// What the words of the task found; `None` if there are no words.
    pub(crate) ranking: Option<&'a Ranking>,
    /// What changed, if a change is under review.
    pub(crate) changes: Option<&'a Changes>,
    pub(crate) filter: &'a Filter,
    pub(crate) notes: &'a [String],
}

/// Assembles a bundle.
///
/// # Errors
/// [`Error::BudgetTooSmall`], [`Error::InvalidInput`] for what the caller says they have.
pub(crate) fn assemble(grounds: &Grounds<'_>, task: &str, options: &AssembleOptions) -> Result<Bundle> {
    with_crew(THREADS_MAX, |crew| assemble_with(crew, grounds, task, options))
}

fn assemble_with(crew: &Crew<'_, '_>, grounds: &Grounds<'_>, task: &str, options: &AssembleOptions) -> Result<Bundle> {
    let snapshot = grounds.snapshot;
    let model = ValueModel::packaged();
    let mut notes = grounds.notes.to_vec();
    let held = held(grounds.store, snapshot, &options.have, &mut notes)?;
    let mut clock = Clock::new();
    let (mut pieces, shape) = gather(grounds, task, model, &mut notes);
    clock.lap("gather");
    let left_out = pieces.weigh(&options.profile);
    let showing = Showing::new(model, grounds.query, options.level.unwrap_or(Level::Full), options.profile.comments);
    let vectors = grounds.ranking.map_or(NO_MEANING, |ranking| ranking.vectors);
    let mut coverage = coverage(snapshot, vectors, &[]);
    let mut texts = Texts::new(snapshot, grounds.root);
    texts.read(crew, pieces.all.iter().map(|piece| piece.entry));
    let (mut stale, mut offered, mut aside) = (BTreeSet::new(), Vec::new(), Vec::new());
    let least_trimmed = least_of_best(&pieces, TRIMMED_MAX);
    let of_held = |piece: &Piece| held.get(&piece.entry).map_or(&[][..], Vec::as_slice);
    let mut wanted = Vec::new();
    for (number, piece) in pieces.all.iter().enumerate() {
        let Some(lines) = texts.known(piece.entry) else {
            let (segment, entry) = snapshot.entry(piece.entry);
            stale.insert(segment.open.facts.path(entry).to_owned());
            continue;
        };
        if left_out.contains(&number) {
            aside.push((number, "the packing profile leaves such pieces out"));
        } else {
            wanted.push((number, piece, lines));
        }
    }
    let shown = crew.map(&wanted, |&(_, piece, lines)| {
        showing.levels(snapshot, piece, lines, of_held(piece), piece.value >= least_trimmed)
    });
    for ((number, piece, _), shown) in wanted.into_iter().zip(shown) {
        if !shown.is_empty() {
            offered.push((number, shown));
        } else if !of_held(piece).is_empty() {
            aside.push((number, "all its lines are held already"));
        }
    }
    let openings = openings(&pieces, model, shape, options, &held);
    let mut packer = Packer::new(snapshot, texts, options.encoding, model.packing.same_file);
    let numbers: Vec<usize> = offered.iter().map(|(number, _)| *number).collect();
    for (number, shown) in offered {
        let piece = &pieces.all[number];
        packer.offer(piece, shown, openings.get(&piece.entry).copied().unwrap_or(0.0));
    }
    clock.lap("show");
    if !stale.is_empty() {
        notes.push("files that changed since they were indexed are left out: run `pampax index`".to_owned());
    }
    coverage.stale_paths = stale.into_iter().collect();
    coverage.truncated = grounds.ranking.is_some_and(|ranking| ranking.cut || ranking.ranked.len() > HITS_MAX);
    coverage.notes = notes;
    let parts = Parts { snapshot, pieces: &pieces, numbers: &numbers, aside: &aside };
    let empty_reason = packer.offers.is_empty().then(|| empty_reason(grounds, &aside));
    let plain = Bundle {
        id: identity(grounds, task, options, &pieces),
        shape: shape.name(),
        base: grounds.changes.map(|changes| changes.base.clone()),
        empty_reason,
        timings: grounds.ranking.map(|ranking| ranking.timings.clone()).unwrap_or_default(),
        ..Bundle::without_items(task, grounds.query.intent, coverage, options)
    };
    let (mut bundle, packed) = parts.fill(crew, &mut packer, &plain, options)?;
    clock.lap("pack");
    let record = Record::of(&bundle, snapshot, &packer, &packed.order, Origin::of(options));
    bundle.coverage.notes.extend(record.keep(grounds.store, &bundle.id));
    clock.lap("keep");
    bundle.timings.extend(clock.laps);
    Ok(bundle)
}

/// Shows items of a bundle again, at `level`; `ids` are those of the items.
///
/// # Errors
/// [`Error::InvalidInput`] for a bundle or an item that is not known, or of another generation; [`Error::BudgetTooSmall`] if
/// they cost more than the budget.
pub(crate) fn expand(
    (snapshot, root, store): (&Snapshot, &Path, &Store),
    id: &str,
    ids: &[String],
    (level, format, budget): (Level, Format, Option<u32>),
    notes: &[String],
) -> Result<Bundle> {
    let record = current(store, snapshot, id)?;
    let wrong = |detail: String| Error::InvalidInput { what: "bundle", detail };
    let encoding = Encoding::from_name(&record.encoding)?;
    let query = Query::parse_as(&record.task, None);
    let model = ValueModel::packaged();
    let everything = Filter::new(&Filters::default())?;
    let mut pieces = Pieces::new(&everything);
    for wanted in ids {
        let item = record.items.iter().find(|item| item.id == *wanted).ok_or_else(|| {
            let known = match record.items.len() {
                0 => "it has none".to_owned(),
                count => format!("it has i1 to i{count}"),
            };
            Error::InvalidInput { what: "item", detail: format!("bundle {id} has no item {wanted}: {known}") }
        })?;
        pieces.add_recorded(snapshot, item);
    }
    let showing = Showing::new(model, &query, level, 1.0);
    let mut texts = Texts::new(snapshot, root);
    let mut shown = Vec::new();
    for piece in &pieces.all {
        let lines = texts.get(piece.entry).ok_or_else(|| {
            let (segment, entry) = snapshot.entry(piece.entry);
            wrong(format!("{} changed since it was indexed: run `pampax index`", segment.open.facts.path(entry)))
        })?;
        shown.extend(showing.levels(snapshot, piece, lines, &[], true).into_iter().max_by_key(|shown| shown.level));
    }
    let mut packer = Packer::new(snapshot, texts, encoding, 1.0);
    for (piece, shown) in pieces.all.iter().zip(shown) {
        packer.offer(piece, vec![shown], 0.0);
    }
    let packed = with_crew(THREADS_MAX, |crew| packer.all(crew));
    let key = format!("{id}\0{}\0{}\0{}\0{budget:?}", ids.join(" "), level.name(), format.name());
    let options = AssembleOptions { budget: budget.unwrap_or(packed.tokens), encoding, format, ..Default::default() };
    let mut bundle = Bundle {
        id: short_hash(key.as_bytes()),
        shape: "expansion",
        items: packed.items.clone(),
        stop_reason: format!("these {} items of bundle {id} were asked for", packed.items.len()),
        ..Bundle::without_items(&record.task, query.intent, coverage(snapshot, NO_MEANING, notes), &options)
    };
    bundle.tokens = count_tokens(&bundle.to_text(), encoding) as u32;
    match budget {
        Some(budget) if budget < bundle.tokens => return Err(Error::BudgetTooSmall { budget, least: bundle.tokens }),
        Some(_) => {}
        None => bundle.budget = bundle.tokens,
    }
    let origin = Origin::Expanded { bundle: id.to_owned(), items: ids.to_vec(), level, format, budget };
    let kept = Record::of(&bundle, snapshot, &packer, &packed.order, origin).keep(store, &bundle.id);
    bundle.coverage.notes.extend(kept);
    Ok(bundle)
}

/// The pieces of a task with their values, and what kind of bundle they make.
fn gather<'a>(grounds: &Grounds<'a>, task: &str, model: &ValueModel, notes: &mut Vec<String>) -> (Pieces<'a>, Shape) {
    let snapshot = grounds.snapshot;
    let mut pieces = Pieces::new(grounds.filter);
    if let Some(ranking) = grounds.ranking {
        pieces.add_hits(snapshot, ranking, model);
    }
    if let Some(changes) = grounds.changes {
        add_changes(&mut pieces, grounds, changes, model, notes);
    }
    let shape = Shape::of(grounds.query, task, grounds.changes.is_some(), || reaches_routes(snapshot, &pieces));
    if shape == Shape::Error {
        raise_latest_changes(&mut pieces, grounds, model);
    }
    if snapshot.edges().is_none() {
        notes.push("there is no graph: what the pieces hang together with is not looked for".to_owned());
    }
    pieces.add_surroundings(snapshot, model, shape);
    (pieces, shape)
}

fn add_changes(
    pieces: &mut Pieces<'_>,
    grounds: &Grounds<'_>,
    changes: &Changes,
    model: &ValueModel,
    notes: &mut Vec<String>,
) {
    let by_path: HashMap<&str, &[LineSpan]> =
        changes.files.iter().map(|file| (file.path.as_str(), file.spans.as_slice())).collect();
    let mut changed: Vec<(&str, u32)> = Vec::new();
    for (segment, entry) in grounds.snapshot.entries() {
        let path = segment.open.facts.path(entry);
        if by_path.contains_key(path) {
            changed.push((path, segment.first_entry + entry));
        }
    }
    changed.sort_unstable();
    let reason = format!("changed since {}", changes.base.get(..10).unwrap_or(&changes.base));
    let total: u32 = changed.iter().flat_map(|(path, _)| by_path[path]).map(|span| span.len()).sum();
    let worth = model.packing.changed / f64::from(total.max(1));
    pieces.scale(model.packing.found_beside_change);
    for &(path, entry) in &changed {
        pieces.add_changed(grounds.snapshot, (entry, by_path[path]), worth, &model.packing, &reason);
    }
    let unknown = changes.files.len() - changed.len();
    if unknown > 0 {
        notes.push(format!("{unknown} changed files are not in the index"));
    }
    if !changes.removed.is_empty() {
        let first = changes.removed.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
        notes.push(format!("{} files were removed: {first}", changes.removed.len()));
    }
    if !changes.skipped.is_empty() {
        notes.push(format!("{} changed files were not compared (binary, or too large)", changes.skipped.len()));
    }
    if changes.truncated {
        notes.push("more files changed than were compared".to_owned());
    }
}

/// Whether one of the best hits answers a route.
fn reaches_routes(snapshot: &Snapshot, pieces: &Pieces<'_>) -> bool {
    let Some(view) = GraphView::of(snapshot) else { return false };
    let mut best: Vec<&pieces::Piece> = pieces.all.iter().filter(|piece| piece.rank.is_some()).collect();
    best.sort_by_key(|piece| piece.rank);
    best.iter().take(ROUTED_HITS).any(|piece| view.is_routed(piece.entry, piece.symbol))
}

/// Raises what changed lately in the files of an incident. A repository without git has no latest changes.
fn raise_latest_changes(pieces: &mut Pieces<'_>, grounds: &Grounds<'_>, model: &ValueModel) {
    let snapshot = grounds.snapshot;
    let mut best: Vec<&pieces::Piece> = pieces.all.iter().collect();
    best.sort_by(|left, right| {
        right.value.total_cmp(&left.value).then_with(|| by_place(snapshot, left.chunk, right.chunk))
    });
    let mut files: Vec<(String, u32)> = Vec::new();
    for piece in best {
        if files.len() < INCIDENT_FILES_MAX && !files.iter().any(|(_, entry)| *entry == piece.entry) {
            let (segment, entry) = snapshot.entry(piece.entry);
            files.push((segment.open.facts.path(entry).to_owned(), piece.entry));
        }
    }
    // Where most of a file is new, that says nothing about one place in it.
    let says_little = |file: &RecentFile, entry: u32| {
        let (segment, local) = snapshot.entry(entry);
        let lines = segment.open.facts.entries().get(local as usize).map_or(0, |record| record.lines);
        2 * file.spans.iter().map(|span| span.len()).sum::<u32>() > lines
    };
    let mut told = vec![None; files.len()];
    for changes in [LATEST_CHANGES, 1] {
        let open: Vec<usize> = (0..files.len()).filter(|&number| told[number].is_none()).collect();
        let paths: Vec<&str> = open.iter().map(|&number| files[number].0.as_str()).collect();
        for file in changed_lately(grounds.root, &paths, changes) {
            let number = open.iter().copied().find(|&number| files[number].0 == file.path);
            if let Some(number) = number.filter(|&number| !says_little(&file, files[number].1)) {
                told[number] = Some(file);
            }
        }
    }
    for (file, (_, entry)) in told.into_iter().zip(&files) {
        let Some(file) = file else { continue };
        let reason = if file.subject.is_empty() {
            format!("changed lately: {}", file.commit)
        } else {
            format!("changed lately: {} {}", file.commit, file.subject)
        };
        pieces.raise_lines(*entry, &file.spans, model.packing.recently_changed, &reason);
    }
}

/// What the last `changes` of each of these files have changed. Where that of one is not to be known, the others are still told.
fn changed_lately(root: &Path, paths: &[&str], changes: usize) -> Vec<RecentFile> {
    if paths.is_empty() {
        return Vec::new();
    }
    match recently_changed(root, paths, changes) {
        Ok(files) => files,
        // There is no git here.
        Err(Error::InvalidInput { .. }) => Vec::new(),
        Err(_) => paths.iter().flat_map(|path| recently_changed(root, &[path], changes).unwrap_or_default()).collect(),
    }
}

/// What it is worth for each file that it is shown at all: more for the files that are worth more.
fn openings(
    pieces: &Pieces<'_>,
    model: &ValueModel,
    shape: Shape,
    options: &AssembleOptions,
    held: &Held,
) -> HashMap<u32, f64> {
    let mut worth: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    for piece in &pieces.all {
        let file = worth.entry(piece.entry).or_insert_with(|| {
            let aside = if piece.category == Category::Code { 1.0 } else { model.packing.opening_aside };
            (0.0, aside * options.profile.of(piece.category))
        });
        file.0 += piece.value;
    }
    let mut order: Vec<(u32, f64, f64)> =
        worth.into_iter().map(|(entry, (sum, weight))| (entry, sum, weight)).collect();
    let first = |entry: u32| pieces.all.iter().position(|piece| piece.entry == entry);
    order.sort_by(|left, right| right.1.total_cmp(&left.1).then_with(|| first(left.0).cmp(&first(right.0))));
    let opening = model.packing.opening * model.shape(shape).opening;
    let numbered = order.into_iter().enumerate().take(model.packing.opening_files);
    numbered
        // That a file matters is known to whoever has some of it.
        .filter(|(_, (entry, _, _))| !held.contains_key(entry))
        .map(|(number, (entry, _, weight))| {
            (entry, opening * weight * (-(number as f64) / model.packing.opening_decay).exp())
        })
        .collect()
}

fn empty_reason(grounds: &Grounds<'_>, aside: &[(usize, &'static str)]) -> &'static str {
    if !aside.is_empty() {
        "all-held-or-left-out"
    } else if grounds.changes.is_some_and(|changes| changes.files.is_empty()) {
        "no-changes"
    } else if grounds.filter.is_set() {
        "filtered-out"
    } else {
        "stale"
    }
}

/// The value of the last of the `count` most valuable pieces.
fn least_of_best(pieces: &Pieces<'_>, count: usize) -> f64 {
    let mut values: Vec<f64> = pieces.all.iter().map(|piece| piece.value).collect();
    values.sort_by(|left, right| right.total_cmp(left));
    values.get(count).or(values.last()).copied().unwrap_or(0.0)
}

fn short_hash(key: &[u8]) -> String {
    blake3::hash(key).to_hex()[..16].to_owned()
}

/// The id of a bundle: the same for the same task, options and state. What git says is part of the state.
fn identity(grounds: &Grounds<'_>, task: &str, options: &AssembleOptions, pieces: &Pieces<'_>) -> String {
    let vectors = grounds.ranking.map_or("", |ranking| ranking.vectors);
    let mut key = format!("{}\0{task}\0{options:?}\0{vectors}", grounds.snapshot.content());
    if grounds.changes.is_some() || grounds.query.intent == Intent::Error {
        for piece in &pieces.all {
            let (segment, entry) = grounds.snapshot.entry(piece.entry);
            let path = segment.open.facts.path(entry);
            let _ = write!(key, "\0{path}:{} {:?}", piece.span.start, piece.marked);
        }
    }
    short_hash(key.as_bytes())
}

/// What the fields of a bundle are read off.
struct Parts<'a> {
    snapshot: &'a Snapshot,
    pieces: &'a Pieces<'a>,
    /// The piece of each offer.
    numbers: &'a [usize],
    /// Pieces that were not offered, and why.
    aside: &'a [(usize, &'static str)],
}

impl Parts<'_> {
    /// Fills the budget so that the text in its format fits.
    fn fill(
        &self,
        crew: &Crew<'_, '_>,
        packer: &mut Packer<'_>,
        plain: &Bundle,
        options: &AssembleOptions,
    ) -> Result<(Bundle, Packed)> {
        if packer.offers.is_empty() {
            return Ok((plain.clone(), packer.pack(crew, 0)));
        }
        let packed = packer.pack(crew, options.budget);
        let bundle = self.bundle(packer, plain, &packed, options, options.budget);
        if bundle.tokens <= options.budget && !bundle.items.is_empty() {
            return Ok((bundle, packed));
        }
        // What stands around the code grows with it, so the code is given the most room with which the whole still fits.
        let (mut fitting, mut failing) = (0, if options.format == Format::Markdown { 0 } else { options.budget });
        let mut best = None;
        while failing - fitting > 1 + options.budget / ROOM_STEPS {
            let middle = u32::midpoint(fitting, failing);
            let packed = packer.pack(crew, middle);
            let bundle = self.bundle(packer, plain, &packed, options, middle);
            if bundle.tokens > options.budget {
                failing = middle;
                continue;
            }
            fitting = middle;
            if !bundle.items.is_empty() {
                best = Some((bundle, packed));
            }
        }
        match best {
            Some(best) => Ok(best),
            None => self.smallest(crew, packer, plain, options),
        }
    }

    /// The bundle of the cheapest item, if that fits.
    fn smallest(
        &self,
        crew: &Crew<'_, '_>,
        packer: &mut Packer<'_>,
        plain: &Bundle,
        options: &AssembleOptions,
    ) -> Result<(Bundle, Packed)> {
        let least = packer.least().unwrap_or(1);
        let packed = packer.pack(crew, least);
        let bundle = self.bundle(packer, plain, &packed, options, least);
        if bundle.tokens <= options.budget {
            return Ok((bundle, packed));
        }
        // A summary says more in a larger budget: the least one is looked for where it is.
        let mut needed = bundle.tokens;
        for _ in 0..LEAST_ROUNDS_MAX {
            let (plain, options) =
                (Bundle { budget: needed, ..plain.clone() }, AssembleOptions { budget: needed, ..options.clone() });
            let tokens = self.bundle(packer, &plain, &packed, &options, least).tokens;
            if tokens <= needed {
                break;
            }
            needed = tokens;
        }
        // What costs were learned by then can change a number or a place in it.
        let slack = if options.format == Format::Markdown { 0 } else { needed / 16 + 8 };
        Err(Error::BudgetTooSmall { budget: options.budget, least: needed + slack })
    }

    /// The bundle of a packing of `room` tokens of code.
    fn bundle(
        &self,
        packer: &Packer<'_>,
        plain: &Bundle,
        packed: &Packed,
        options: &AssembleOptions,
        room: u32,
    ) -> Bundle {
        let larger = options.budget.saturating_add(options.budget / 4);
        let more = packer.would_choose(packed, room.saturating_add(options.budget / 4));
        let (dropped, dropped_total, least) = self.dropped(packer, packed);
        let count = packer.offers.len();
        let mut bundle = Bundle {
            items: packed.items.clone(),
            tokens: packed.tokens,
            dropped,
            dropped_total,
            more: self.added(packer, packed, &more, larger),
            ..plain.clone()
        };
        let is_complete = packed.chosen.len() == count
            && packed.chosen.iter().all(|(&piece, &level)| packer.offers[piece].is_most(level));
        bundle.stop_reason = if is_complete {
            format!("nothing more was found: all {count} pieces are in")
        } else if packed.chosen.len() == count {
            format!("the budget is used up: all {count} pieces are in, not all in full")
        } else {
            let left = count - packed.chosen.len();
            format!("the budget is used up: the smallest of the {left} pieces left out costs {least} tokens")
        };
        if options.format != Format::Markdown {
            bundle.tokens = count_tokens(&bundle.to_text(), options.encoding) as u32;
        }
        bundle
    }

    /// What is not in, the most valuable first; how many there are, and what the cheapest costs.
    fn dropped(&self, packer: &Packer<'_>, packed: &Packed) -> (Vec<DroppedItem>, u32, u32) {
        let mut left: Vec<(usize, String, u32)> = Vec::new();
        let reasons: HashMap<usize, DropReason> = packed.dropped.iter().copied().collect();
        let mut least = u32::MAX;
        for (offer, &number) in self.numbers.iter().enumerate() {
            if packed.chosen.contains_key(&offer) {
                continue;
            }
            let (cheapest, full) = packer.cost_range(offer);
            least = least.min(cheapest);
            let reason = match reasons.get(&offer) {
                Some(DropReason::TooLarge { least_cost }) => {
                    format!("larger than the budget: {least_cost} tokens at least")
                }
                Some(DropReason::WorthLess | DropReason::Diminished) => "worth too little".to_owned(),
                _ => format!("no room for what it is worth: {cheapest} tokens at least"),
            };
            left.push((number, reason, full));
        }
        left.extend(self.aside.iter().map(|&(number, reason)| (number, reason.to_owned(), 0)));
        let value = |number: usize| self.pieces.all[number].value;
        left.sort_by(|left, right| value(right.0).total_cmp(&value(left.0)).then(left.0.cmp(&right.0)));
        let total = left.len() as u32;
        let listed = left.into_iter().take(DROPPED_MAX).map(|(number, reason, tokens)| {
            let piece = &self.pieces.all[number];
            let (segment, entry) = self.snapshot.entry(piece.entry);
            let facts = &segment.open.facts;
            DroppedItem {
                path: facts.path(entry).to_owned(),
                start_line: piece.span.start,
                end_line: piece.span.end,
                symbol: piece.symbol.map(|symbol| facts.qualified_name(symbol)),
                reason,
                tokens,
            }
        });
        (listed.collect(), total, least)
    }

    fn added(&self, packer: &Packer<'_>, packed: &Packed, more: &Chosen, budget: u32) -> More {
        let is_new = |(piece, level): &(usize, usize)| packed.chosen.get(piece) != Some(level);
        let mut added: Vec<(usize, usize)> =
            more.iter().map(|(&piece, &level)| (piece, level)).filter(is_new).collect();
        added.sort_by(|left, right| {
            let value = |offer: usize| packer.offers[offer].piece.value;
            value(right.0).total_cmp(&value(left.0)).then(left.0.cmp(&right.0))
        });
        let place = |&(offer, level): &(usize, usize)| {
            let piece = &self.pieces.all[self.numbers[offer]];
            let (segment, entry) = self.snapshot.entry(piece.entry);
            let facts = &segment.open.facts;
            let symbol = piece.symbol.map_or(String::new(), |symbol| format!(" {}", facts.qualified_name(symbol)));
            let level = packer.offers[offer].shown[level].level.name();
            format!("{}:{}{symbol} ({level})", facts.path(entry), piece.span.start)
        };
        let worth = if packed.value > 0.0 { (packer.value(more) / packed.value - 1.0).max(0.0) } else { 0.0 };
        More {
            budget,
            items: added.len() as u32,
            tokens: packer.cost_of(more).saturating_sub(packer.cost_of(&packed.chosen)),
            worth: (worth * 1e4).round() / 1e4,
            first: added.iter().take(FIRST_ADDED_MAX).map(place).collect(),
        }
    }
}

impl Bundle {
    /// A bundle of nothing, as it was asked for.
    pub(crate) fn without_items(task: &str, intent: Intent, coverage: Coverage, options: &AssembleOptions) -> Self {
        Self {
            schema: "pampax.bundle/1",
            id: String::new(),
            task: task.to_owned(),
            intent,
            shape: if options.diff.is_some() { Shape::Change.name() } else { intent.name() },
            items: Vec::new(),
            tokens: 0,
            budget: options.budget,
            encoding: options.encoding.name(),
            exact: options.encoding.is_exact(),
            format: options.format,
            dropped: Vec::new(),
            dropped_total: 0,
            stop_reason: "nothing was found".to_owned(),
            more: More::default(),
            base: None,
            coverage,
            empty_reason: None,
            timings: BTreeMap::new(),
        }
    }
}
