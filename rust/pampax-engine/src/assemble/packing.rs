//! Filling the budget.
//!
//! The budget is a bound on the text as a whole, counted exactly. To count every level of hundreds of pieces would take longer
//! than all the rest, so what a level costs is estimated from its bytes, and counted once it is chosen; with what was learned the
//! choice is made again. In the end the whole text is counted, and what does not fit goes.

use std::collections::{BTreeMap, HashMap};

use pampax_base::{Crew, LineSpan};
use pampax_pack::{Candidate, DropReason, Level as PackLevel, Packing, Policy, pack_candidates};
use pampax_tokenize::{Encoding, PartCounts, count_tokens};

use crate::assemble::levels::{Shown, text_of};
use crate::assemble::pieces::Piece;
use crate::bundle::Item;
use crate::render::{markdown, markdown_item};
use crate::snapshot::Snapshot;
use crate::text::Texts;

/// Rounds of choosing and counting.
const ROUNDS_MAX: usize = 7;
/// Of these so many at first only learn what things cost.
const LEARNING_ROUNDS: usize = 3;
/// So little room that is left is not worth another round: this many tokens, or this share of the budget.
const ROOM_MIN: u32 = 16;
const ROOM_SHARE: u32 = 64;
/// What is assumed of a token before any was counted.
const BYTES_PER_TOKEN: f64 = 3.6;
/// About what the header and the fence of a piece cost, beside its reasons.
const BLOCK_BYTES: usize = 60;
/// About the same of a piece of one line.
const LINE_BYTES: usize = 16;

/// A piece with the ways to show it.
pub(crate) struct Offer<'a> {
    pub(crate) piece: &'a Piece,
    pub(crate) shown: Vec<Shown>,
    /// What it is worth that its file is shown at all.
    pub(crate) opening: f64,
    bytes: Vec<usize>,
}

impl Offer<'_> {
    /// Whether a level shows the most that can be shown.
    pub(crate) fn is_most(&self, level: usize) -> bool {
        self.shown.iter().all(|other| other.value <= self.shown[level].value)
    }
}

/// What was chosen: for each piece that is in, the level it is shown at.
pub(crate) type Chosen = BTreeMap<usize, usize>;

/// A filled budget.
pub(crate) struct Packed {
    pub(crate) chosen: Chosen,
    /// The pieces of the items, with the level each is shown at.
    pub(crate) order: Vec<(usize, usize)>,
    pub(crate) items: Vec<Item>,
    pub(crate) tokens: u32,
    pub(crate) value: f64,
    /// Why each other piece is not in.
    pub(crate) dropped: Vec<(usize, DropReason)>,
}

/// Packs the same pieces under any budget; remembers what it counted.
pub(crate) struct Packer<'a> {
    snapshot: &'a Snapshot,
    pub(crate) offers: Vec<Offer<'a>>,
    texts: Texts<'a>,
    encoding: Encoding,
    parts: PartCounts,
    policy: Policy,
    /// Tokens of what was counted, by piece and level.
    counted: BTreeMap<(usize, usize), u32>,
    bytes_per_token: f64,
}

impl<'a> Packer<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot, texts: Texts<'a>, encoding: Encoding, same_file: f64) -> Self {
        Self {
            snapshot,
            offers: Vec::new(),
            texts,
            encoding,
            parts: PartCounts::new(encoding),
            policy: Policy { diminishing: same_file, ..Policy::default() },
            counted: BTreeMap::new(),
            bytes_per_token: if encoding.is_exact() { BYTES_PER_TOKEN } else { 2.0 },
        }
    }

    /// Adds a piece with the ways to show it.
    pub(crate) fn offer(&mut self, piece: &'a Piece, shown: Vec<Shown>, opening: f64) {
        let reasons = |count: usize| piece.why.iter().take(count).map(String::len).sum::<usize>();
        let bytes = shown
            .iter()
            .map(|shown| {
                let lines = self.texts.known(piece.entry);
                let text: usize = shown.spans.iter().map(|span| lines.map_or(0, |lines| lines.get(*span).len())).sum();
                let is_line = matches!(shown.spans.as_slice(), [span] if span.len() == 1);
                // A piece of one line has no name but its own.
                text + if is_line { reasons(1) + LINE_BYTES } else { reasons(2) + BLOCK_BYTES }
            })
            .collect();
        self.offers.push(Offer { piece, shown, opening, bytes });
    }

    /// Every piece at its only level, whatever it costs.
    pub(crate) fn all(&mut self, crew: &Crew<'_, '_>) -> Packed {
        let chosen: Chosen = (0..self.offers.len()).map(|number| (number, 0)).collect();
        self.count(crew, &chosen);
        let order = self.order(&chosen);
        let items = self.items(&order);
        let tokens = self.parts.count(&markdown(&items)) as u32;
        Packed { value: self.value(&chosen), chosen, order, items, tokens, dropped: Vec::new() }
    }

    /// What the cheapest level of a piece costs, and all of it, about.
    pub(crate) fn cost_range(&self, number: usize) -> (u32, u32) {
        let levels = 0..self.offers[number].shown.len();
        let path = self.path(self.offers[number].piece).len() as f64 / self.bytes_per_token;
        let cheapest = levels.clone().map(|level| self.cost(number, level)).min().unwrap_or(0);
        (cheapest + path as u32, levels.map(|level| self.cost(number, level)).max().unwrap_or(0) + path as u32)
    }

    /// What a piece costs at one level, as far as that is known.
    fn cost(&self, number: usize, level: usize) -> u32 {
        match self.counted.get(&(number, level)) {
            Some(&tokens) => tokens,
            None => (self.offers[number].bytes[level] as f64 / self.bytes_per_token).ceil() as u32,
        }
    }

    fn candidates(&self) -> Vec<Candidate> {
        let candidate = |(number, offer): (usize, &Offer<'_>)| {
            let path = self.path(offer.piece).len();
            let cost = (path as f64 / self.bytes_per_token).ceil() as u32 + 1;
            let level = |level: usize| PackLevel { cost: self.cost(number, level), value: offer.shown[level].value };
            Candidate {
                file: offer.piece.entry,
                opening: PackLevel { cost, value: offer.opening },
                levels: (0..offer.shown.len()).map(level).collect(),
            }
        };
        self.offers.iter().enumerate().map(candidate).collect()
    }

    fn path(&self, piece: &Piece) -> &'a str {
        let (segment, entry) = self.snapshot.entry(piece.entry);
        segment.open.facts.path(entry)
    }

    /// Fills `budget`.
    pub(crate) fn pack(&mut self, crew: &Crew<'_, '_>, budget: u32) -> Packed {
        let mut assumed = budget;
        let mut best: Option<Packed> = None;
        for round in 0..ROUNDS_MAX {
            let packing = pack_candidates(&self.candidates(), u64::from(assumed), &self.policy);
            let chosen = chosen_by(&packing);
            if self.count(crew, &chosen) && round < LEARNING_ROUNDS {
                continue;
            }
            let (chosen, order, items, tokens) = self.fitted(chosen, budget);
            let value = self.value(&chosen);
            let dropped = packing.dropped.iter().map(|drop| (drop.candidate as usize, drop.reason)).collect();
            if best.as_ref().is_some_and(|best| value <= best.value) {
                break;
            }
            best = Some(Packed { chosen, order, items, tokens, value, dropped });
            let room = budget - tokens;
            if room < ROOM_MIN.max(budget / ROOM_SHARE) {
                break;
            }
            assumed = assumed.saturating_add(room);
        }
        match best {
            Some(best) if !best.items.is_empty() => best,
            _ => self.single(crew, budget),
        }
    }

    /// The one level of one piece that is worth most of those that fit by themselves: what is left to do with a budget so
    /// small that estimates decide nothing.
    fn single(&mut self, crew: &Crew<'_, '_>, budget: u32) -> Packed {
        let mut best: Option<(f64, usize, usize)> = None;
        for (number, level) in self.ways() {
            let value = self.offers[number].shown[level].value;
            if best.is_none_or(|(most, _, _)| value > most) && self.alone(number, level) <= budget {
                best = Some((value, number, level));
            }
        }
        let chosen: Chosen = best.into_iter().map(|(_, number, level)| (number, level)).collect();
        self.count(crew, &chosen);
        let (chosen, order, items, tokens) = self.fitted(chosen, budget);
        let others = (0..self.offers.len()).filter(|number| !chosen.contains_key(number));
        let dropped = others.map(|number| (number, DropReason::NoRoom { least_cost: 0 })).collect();
        Packed { value: self.value(&chosen), chosen, order, items, tokens, dropped }
    }

    /// What a level of a piece costs if it is all there is.
    fn alone(&self, number: usize, level: usize) -> u32 {
        let item = self.item(number, level, "i1");
        count_tokens(&markdown(&[item]), self.encoding) as u32
    }

    /// Counts what is chosen and was not counted before; whether there was any.
    fn count(&mut self, crew: &Crew<'_, '_>, chosen: &Chosen) -> bool {
        let new: Vec<(usize, usize)> = chosen
            .iter()
            .map(|(&piece, &level)| (piece, level))
            .filter(|key| !self.counted.contains_key(key))
            .collect();
        let count = |&(number, level): &(usize, usize)| {
            let mut parts = PartCounts::new(self.encoding);
            (parts.count(&block_of(&self.item(number, level, "i10"))) as u32, parts)
        };
        for (key, (tokens, parts)) in new.iter().zip(crew.map(&new, count)) {
            self.counted.insert(*key, tokens);
            self.parts.add(parts);
        }
        let (mut bytes, mut tokens) = (0, 0);
        for (&(number, level), &count) in &self.counted {
            bytes += self.offers[number].bytes[level];
            tokens += u64::from(count);
        }
        if tokens > 0 {
            self.bytes_per_token = (bytes as f64 / tokens as f64).clamp(1.0, 8.0);
        }
        !new.is_empty()
    }

    /// What a budget would choose that is larger than the one `packed` was packed for, by what is known of costs.
    pub(crate) fn would_choose(&self, packed: &Packed, budget: u32) -> Chosen {
        // The room that blocks have together, beside what they cost one by one, is there in a larger budget too.
        let together = self.cost_of(&packed.chosen).saturating_sub(packed.tokens);
        let assumed = u64::from(budget) + u64::from(together);
        chosen_by(&pack_candidates(&self.candidates(), assumed, &self.policy))
    }

    /// What a choice costs, as far as that is known.
    pub(crate) fn cost_of(&self, chosen: &Chosen) -> u32 {
        chosen.iter().map(|(&piece, &level)| self.cost(piece, level)).sum()
    }

    /// What of a choice fits into `budget` as a whole: what is worth least for what it costs goes until it does.
    fn fitted(&mut self, mut chosen: Chosen, budget: u32) -> (Chosen, Vec<(usize, usize)>, Vec<Item>, u32) {
        loop {
            let order = self.order(&chosen);
            let items = self.items(&order);
            let tokens = self.parts.count(&markdown(&items)) as u32;
            if tokens <= budget || chosen.is_empty() {
                return (chosen, order, items, tokens);
            }
            let worth = |&(piece, level): &(usize, usize)| {
                self.offers[piece].shown[level].value / f64::from(self.cost(piece, level).max(1))
            };
            let mut by_worth = order;
            by_worth.sort_by(|left, right| worth(left).total_cmp(&worth(right)).then(right.0.cmp(&left.0)));
            let mut excess = tokens - budget;
            for (piece, level) in by_worth {
                chosen.remove(&piece);
                excess = excess.saturating_sub(self.cost(piece, level));
                if excess == 0 {
                    break;
                }
            }
        }
    }

    /// What a choice is worth.
    pub(crate) fn value(&self, chosen: &Chosen) -> f64 {
        let mut files = std::collections::BTreeSet::new();
        let worth = |(&piece, &level): (&usize, &usize)| {
            let offer = &self.offers[piece];
            offer.shown[level].value + if files.insert(offer.piece.entry) { offer.opening } else { 0.0 }
        };
        chosen.iter().map(worth).sum()
    }

    /// The least budget that holds anything: what the cheapest level of all costs by itself.
    pub(crate) fn least(&self) -> Option<u32> {
        self.ways().into_iter().map(|(number, level)| self.alone(number, level)).min()
    }

    /// Every piece at every level.
    fn ways(&self) -> Vec<(usize, usize)> {
        let levels = |(number, offer): (usize, &Offer<'_>)| (0..offer.shown.len()).map(move |level| (number, level));
        self.offers.iter().enumerate().flat_map(levels).collect()
    }

    /// What is chosen in the order for a reader: files together, the file that is worth most first, lines in order.
    fn order(&self, chosen: &Chosen) -> Vec<(usize, usize)> {
        let mut worth: HashMap<u32, f64> = HashMap::new();
        for (&piece, &level) in chosen {
            let offer = &self.offers[piece];
            *worth.entry(offer.piece.entry).or_default() += offer.shown[level].value;
        }
        let mut order: Vec<(usize, usize)> = chosen.iter().map(|(&piece, &level)| (piece, level)).collect();
        order.sort_by(|left, right| {
            let key = |number: usize| {
                let piece = self.offers[number].piece;
                (worth[&piece.entry], self.path(piece), piece.span.start)
            };
            let (left, right) = (key(left.0), key(right.0));
            right.0.total_cmp(&left.0).then(left.1.cmp(right.1)).then(left.2.cmp(&right.2))
        });
        order
    }

    fn items(&self, order: &[(usize, usize)]) -> Vec<Item> {
        let mut items = Vec::with_capacity(order.len());
        for (number, &(piece, level)) in order.iter().enumerate() {
            let mut item = self.item(piece, level, &format!("i{}", number + 1));
            item.tokens = self.cost(piece, level);
            items.push(item);
        }
        items
    }

    /// A piece at one level as an item.
    fn item(&self, number: usize, level: usize, id: &str) -> Item {
        let offer = &self.offers[number];
        let (piece, shown) = (offer.piece, &offer.shown[level]);
        let (segment, entry) = self.snapshot.entry(piece.entry);
        let facts = &segment.open.facts;
        let symbol = piece.symbol.and_then(|symbol| facts.symbol(symbol));
        let text =
            self.texts.known(piece.entry).map_or_else(String::new, |lines| text_of(lines, &shown.spans, piece.span));
        Item {
            id: id.to_owned(),
            path: facts.path(entry).to_owned(),
            spans: shown.spans.iter().map(|span: &LineSpan| (span.start, span.end)).collect(),
            symbol: piece.symbol.map(|symbol| facts.qualified_name(symbol)),
            kind: symbol.map(|symbol| symbol.kind().name()),
            language: facts.entries().get(entry as usize).and_then(|record| record.language()).map(|one| one.name()),
            part: symbol.is_some_and(|symbol| {
                !symbol.kind().is_container()
                    && (symbol.span().start < piece.span.start || symbol.span().end > piece.span.end)
            }),
            category: piece.category,
            level: shown.level,
            rank: piece.rank,
            edge: piece.edge.clone(),
            tokens: 0,
            score: (piece.value * 1e6).round() / 1e6,
            why: piece.why.clone(),
            text,
        }
    }
}

/// What a packing chose.
fn chosen_by(packing: &Packing) -> Chosen {
    packing.chosen.iter().map(|choice| (choice.candidate as usize, choice.level as usize)).collect()
}

/// An item's block with the blank line before it, its path left out: that is counted with its file.
fn block_of(item: &Item) -> String {
    let mut text = String::from("\n");
    markdown_item(item, true, &mut text);
    text
}
