//! Reciprocal-rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009).
//!
//! Three steps, each linear in the number of ids for the rankings met in practice:
//!
//! 1. **Canonical order.** Floating-point sums depend on the order of their terms. The rankings are therefore sorted first,
//!    by weight and then by content, so that an id's contributions are always added in the same order whatever the order in
//!    which the caller lists the rankings. Two rankings that compare equal are interchangeable.
//! 2. **Accumulate**, for ids that are small numbers in an array over them, else in an open-addressing table whose slots hold
//!    only indices, while ids and scores lie densely beside it. Neither has a branch that asks whether an id is new: that
//!    cannot be predicted.
//! 3. **Order.** `1 / score` of an id that one ranking holds grows linearly with its rank, so a counting sort over it spreads
//!    ids evenly, and what is left is a few neighbours in each bucket. With a limit, only the buckets that can reach it are
//!    filled.

use std::cell::RefCell;
use std::hint::select_unpredictable;

use pampax_base::{Error, Result};

/// The constant of the paper: it damps how much the very first ranks outweigh the following ones.
pub const DEFAULT_K: f64 = 60.0;

/// After a fusion of more ids than this the working memory is given back.
const KEPT_IDS_MAXIMUM: usize = 1 << 16;

/// Ids below so many times the number of ids given are taken for indices.
const DENSE_SPREAD: u64 = 2;

/// How many places a key may move on average before insertion is given up.
const MOVES_PER_KEY: usize = 8;

/// An id with the score it has so far.
#[derive(Clone, Copy, Default)]
struct Entry {
    id: u64,
    sum: Sum,
}

/// The score of an id so far.
#[derive(Clone, Copy, Default)]
struct Sum {
    score: f64,
    /// In which ranking the id was met last, counted from 1: a second meeting in the same one adds nothing.
    met: u32,
}

impl Entry {
    /// A number that is lower the earlier the entry stands: a higher score first, the lower id among equals. The bits of floats
    /// that are not negative are ordered like the floats.
    #[inline]
    fn key(self) -> u128 {
        u128::from(!self.sum.score.to_bits()) << 64 | u128::from(self.id)
    }
}

/// Fuses `rankings`, each a list of ids with the best first, into one.
///
/// The score of an id is the sum over the rankings that hold it of `weight / (k + rank)`, the rank counted from 1. An id that
/// stands more than once in one ranking counts there at its best rank only. The result is sorted by descending score, equal
/// scores by ascending id; `limit` keeps the first so many of it. The order of the rankings (together with their weights)
/// does not change a bit of the result.
///
/// Gives the ids and, beside them, their scores.
///
/// The table's hash is fixed, for speed and so that a run can be repeated: ids chosen by an attacker can make it slow, never
/// wrong.
///
/// # Errors
/// [`Error::InvalidInput`] if `k` or a weight is negative or not finite, if there are not as many weights as rankings, or if
/// the rankings hold 2³⁰ ids or more together.
///
/// ```
/// let (ids, _) = pampax_rank::fuse(&[&[1, 2], &[2, 1], &[2]], Some(&[1.0, 1.0, 0.5]), 60.0, None)?;
/// assert_eq!(ids, [2, 1]);
/// # Ok::<(), pampax_base::Error>(())
/// ```
pub fn fuse(
    rankings: &[&[u64]],
    weights: Option<&[f64]>,
    k: f64,
    limit: Option<usize>,
) -> Result<(Vec<u64>, Vec<f64>)> {
    let weighted = canonical(rankings, weights, k)?;
    let total: usize = rankings.iter().map(|ranking| ranking.len()).sum();
    if total >= 1 << 30 {
        return Err(invalid("rankings", format!("{total} ids together, fewer than {} are accepted", 1 << 30)));
    }
    let limit = limit.unwrap_or(total).min(total);
    if limit == 0 {
        return Ok((Vec::new(), Vec::new()));
    }
    Ok(SCRATCH.with_borrow_mut(|scratch| {
        scratch.accumulate(&weighted, k, total);
        scratch.order(limit);
        let fused = scratch.keys.iter().map(|&key| key as u64).collect();
        let scores = scratch.keys.iter().map(|&key| f64::from_bits(!((key >> 64) as u64))).collect();
        if total > KEPT_IDS_MAXIMUM {
            *scratch = Scratch::default();
        }
        (fused, scores)
    }))
}

/// A ranking with its weight.
type Weighted<'a> = (f64, &'a [u64]);

/// The rankings with their weights, checked, in the order in which they are summed.
fn canonical<'a>(rankings: &[&'a [u64]], weights: Option<&[f64]>, k: f64) -> Result<Vec<Weighted<'a>>> {
    if !(k.is_finite() && k >= 0.0) {
        return Err(invalid("k", format!("{k} given, a finite number of at least 0 is needed")));
    }
    if let Some(weights) = weights {
        if weights.len() != rankings.len() {
            return Err(invalid("weights", format!("{} given for {} rankings", weights.len(), rankings.len())));
        }
        if let Some(bad) = weights.iter().find(|weight| !(weight.is_finite() && **weight >= 0.0)) {
            return Err(invalid("weights", format!("{bad} given, finite numbers of at least 0 are needed")));
        }
    }
    // Adding 0 turns -0 into 0, so that both sum and sort alike.
    let weight = |index: usize| weights.map_or(1.0, |weights| weights[index] + 0.0);
    let mut weighted: Vec<Weighted> =
        rankings.iter().enumerate().map(|(index, ranking)| (weight(index), *ranking)).collect();
    weighted.sort_unstable_by(|left, right| left.0.total_cmp(&right.0).then_with(|| left.1.cmp(right.1)));
    Ok(weighted)
}

/// The working memory of one fusion, kept by each thread for the next one: its parts together are larger than what the system
/// allocator holds back, and giving them back and faulting them in again took longer than the fusion.
#[derive(Default)]
struct Scratch {
    narrow_slots: Vec<u16>,
    wide_slots: Vec<u32>,
    sums: Vec<Sum>,
    /// The ids met so far with their sums; number 0 is unused, because a slot with 0 in it is an empty slot.
    entries: Vec<Entry>,
    /// One more than the number of the last entry in use.
    count: usize,
    contributions: Contributions,
    buckets: Vec<u32>,
    starts: Vec<u32>,
    /// The entries' keys, in order at last.
    keys: Vec<u128>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// An index kept in a slot of the table. Half as wide a slot is half as much memory to clear and to keep in the cache.
trait Slot: Copy + Default {
    fn index(self) -> usize;
    fn of(index: usize) -> Self;
}

impl Slot for u16 {
    #[inline]
    fn index(self) -> usize {
        usize::from(self)
    }
    #[inline]
    fn of(index: usize) -> Self {
        index as Self
    }
}

impl Slot for u32 {
    #[inline]
    fn index(self) -> usize {
        self as usize
    }
    #[inline]
    fn of(index: usize) -> Self {
        index as Self
    }
}

impl Scratch {
    /// Leaves in `entries[1..count]` every id with its summed score, in an order that says nothing.
    fn accumulate(&mut self, weighted: &[Weighted], k: f64, total: usize) {
        let highest = weighted.iter().flat_map(|(_, ranking)| *ranking).fold(0, |highest, &id| highest.max(id));
        let dense = highest < DENSE_SPREAD * total as u64;
        // A spare entry at the end takes the speculative write that follows the last new id.
        let room = 2 + if dense { total.min(highest as usize + 1) } else { total };
        if self.entries.len() < room {
            self.entries.resize(room, Entry::default());
        }
        let (entries, contributions) = (&mut self.entries[..room], &mut self.contributions);
        self.count = if dense {
            let sums = cleared(&mut self.sums, highest as usize + 1);
            sum_dense(weighted, k, sums, entries, contributions)
        } else if total < usize::from(u16::MAX) {
            sum(weighted, k, cleared(&mut self.narrow_slots, slot_count(total)), entries, contributions)
        } else {
            sum(weighted, k, cleared(&mut self.wide_slots, slot_count(total)), entries, contributions)
        };
    }

    /// Leaves in `keys` the first `limit` entries in their final order.
    fn order(&mut self, limit: usize) {
        let entries = &self.entries[1..self.count];
        let (lowest, highest) = extremes(entries);
        let scale = (entries.len() - 1) as f64 / (highest / lowest - 1.0);
        let last = (entries.len() - 1) as f64;
        // The rounding of each step is monotone, so a higher score is never in a later bucket than a lower one. What is out of
        // range, infinite or not a number (0 / 0, inf * 0) goes to the last bucket.
        self.buckets.clear();
        self.buckets.extend(entries.iter().map(|entry| {
            let position = (highest / entry.sum.score - 1.0) * scale;
            whole(if position < last { position } else { last })
        }));
        let buckets = self.buckets.as_slice();
        let starts = cleared(&mut self.starts, entries.len());
        for &bucket in buckets {
            starts[bucket as usize] += 1;
        }
        let mut placed = 0;
        for start in &mut *starts {
            placed += std::mem::replace(start, placed);
        }
        // Buckets from here on begin past the limit.
        let reach = starts.partition_point(|&start| (start as usize) < limit);
        let kept = starts.get(reach).map_or(entries.len(), |&start| start as usize);
        self.keys.resize(kept, 0);
        let keys = self.keys.as_mut_slice();
        for (entry, &bucket) in entries.iter().zip(buckets) {
            if (bucket as usize) < reach {
                let place = &mut starts[bucket as usize];
                keys[*place as usize] = entry.key();
                *place += 1;
            }
        }
        settle(keys);
        self.keys.truncate(limit);
    }
}

/// How many slots a table for `total` ids has: at most a quarter is taken, so that most ids are found at the first look.
fn slot_count(total: usize) -> usize {
    (4 * total).next_power_of_two()
}

/// The first `length` elements of `memory`, all set to their default.
fn cleared<T: Copy + Default>(memory: &mut Vec<T>, length: usize) -> &mut [T] {
    if memory.len() < length {
        memory.resize(length, T::default());
    }
    let memory = &mut memory[..length];
    memory.fill(T::default());
    memory
}

/// What [`sum`] does, for ids that are small enough to be indices themselves, as row numbers are.
fn sum_dense(
    weighted: &[Weighted],
    k: f64,
    sums: &mut [Sum],
    entries: &mut [Entry],
    contributions: &mut Contributions,
) -> usize {
    for (turn, &(weight, ranking)) in (1_u32..).zip(weighted) {
        for (&id, &contribution) in ranking.iter().zip(contributions.of(weight, k, ranking.len())) {
            let sum = &mut sums[id as usize];
            sum.score += if sum.met == turn { 0.0 } else { contribution };
            sum.met = turn;
        }
    }
    let mut count = 1;
    for (id, sum) in (0..).zip(&*sums) {
        entries[count] = Entry { id, sum: *sum };
        count += usize::from(sum.met != 0);
    }
    count
}

/// Sums the contributions of every id into `entries`, from number 1 on; gives one more than the last entry's number.
fn sum<S: Slot>(
    weighted: &[Weighted],
    k: f64,
    slots: &mut [S],
    entries: &mut [Entry],
    contributions: &mut Contributions,
) -> usize {
    let mask = slots.len() - 1;
    let shift = 64 - slots.len().trailing_zeros();
    let mut count = 1;
    for (turn, &(weight, ranking)) in (1_u32..).zip(weighted) {
        for (&id, &contribution) in ranking.iter().zip(contributions.of(weight, k, ranking.len())) {
            let mut slot = home(id, shift);
            // Written before it is known whether the id is new: then a new id passes the comparison below like a known one, and
            // the only branch left is the collision.
            entries[count] = Entry { id, sum: Sum::default() };
            let (index, new) = loop {
                let held = slots[slot & mask].index();
                let new = held == 0;
                let index = select_unpredictable(new, count, held);
                if entries[index].id == id {
                    break (index, new);
                }
                slot += 1;
            };
            slots[slot & mask] = S::of(index);
            count += usize::from(new);
            let sum = &mut entries[index].sum;
            sum.score += if sum.met == turn { 0.0 } else { contribution };
            sum.met = turn;
        }
    }
    count
}

/// What each rank adds to a score. The next ranking, and the next fusion, mostly asks for the same again.
#[derive(Default)]
struct Contributions {
    weight: f64,
    k: f64,
    by_rank: Vec<f64>,
}

impl Contributions {
    /// `weight / (k + rank)` for the ranks from 1 to `ranks`, and perhaps further.
    fn of(&mut self, weight: f64, k: f64, ranks: usize) -> &[f64] {
        if self.weight.to_bits() != weight.to_bits() || self.k.to_bits() != k.to_bits() {
            self.by_rank.clear();
            (self.weight, self.k) = (weight, k);
        }
        let known = self.by_rank.len();
        self.by_rank.extend((known..ranks).map(|index| weight / (k + (index + 1) as f64)));
        &self.by_rank
    }
}

/// The first slot to look for `id` in: the high bits of a multiplication by 2^64 / phi (Knuth, TAOCP 6.4), which keeps ids
/// that follow each other apart.
#[inline]
fn home(id: u64, shift: u32) -> usize {
    (id.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> shift) as usize
}

/// The nearest whole number to `value`, which lies in 0..2^32. Adding 2^52 leaves it in the low bits of the float; unlike a cast
/// this is done for several values at once.
#[inline]
fn whole(value: f64) -> u32 {
    (value + 4_503_599_627_370_496.0).to_bits() as u32
}

/// The lowest and the highest score.
fn extremes(entries: &[Entry]) -> (f64, f64) {
    // Four at a time: one comparison after the other would wait for its predecessor.
    let mut lowest = [f64::INFINITY; 4];
    let mut highest = [0.0; 4];
    let mut note = |lane: usize, score: f64| {
        lowest[lane] = if score < lowest[lane] { score } else { lowest[lane] };
        highest[lane] = if score > highest[lane] { score } else { highest[lane] };
    };
    let (fours, rest) = entries.as_chunks::<4>();
    for four in fours {
        note(0, four[0].sum.score);
        note(1, four[1].sum.score);
        note(2, four[2].sum.score);
        note(3, four[3].sum.score);
    }
    for entry in rest {
        note(0, entry.sum.score);
    }
    (lowest.into_iter().fold(f64::INFINITY, f64::min), highest.into_iter().fold(0.0, f64::max))
}

/// Both keys, the lower one first, without a branch.
#[inline]
fn ordered(left: u128, right: u128) -> (u128, u128) {
    let swap = right < left;
    (select_unpredictable(swap, right, left), select_unpredictable(swap, left, right))
}

/// Sorts keys that are nearly in order.
///
/// A window of three slides over them and lets its lowest go: what is out of order by up to two places (a full bucket, equal
/// scores from different rankings) comes right without a branch that depends on the data. What is further off is moved by
/// insertion, and where that takes too many moves everything is sorted by comparison.
fn settle(keys: &mut [u128]) {
    let [first, second, ..] = *keys else { return };
    let mut window = ordered(first, second);
    let mut previous = 0;
    let mut moves_left = MOVES_PER_KEY * keys.len();
    for index in 2..keys.len() {
        let (middle, last) = ordered(window.1, keys[index]);
        let (lowest, next) = ordered(window.0, middle);
        window = (next, last);
        keys[index - 2] = lowest;
        if lowest < previous {
            let moves = sink(&mut keys[..index - 1]);
            if moves > moves_left {
                (keys[index - 1], keys[index]) = window;
                keys.sort_unstable();
                return;
            }
            moves_left -= moves;
        } else {
            previous = lowest;
        }
    }
    // Whatever went out of the window was its lowest, so these two are the highest of all.
    let length = keys.len();
    (keys[length - 2], keys[length - 1]) = window;
}

/// Moves the last of `keys` to its place among the others, which are sorted; gives how many keys it passed.
#[cold]
fn sink(keys: &mut [u128]) -> usize {
    let Some((&mut key, others)) = keys.split_last_mut() else { return 0 };
    let passed = others.iter().rev().take_while(|&&other| key < other).count();
    let place = others.len() - passed;
    keys.copy_within(place..place + passed, place + 1);
    keys[place] = key;
    passed
}

fn invalid(what: &'static str, detail: String) -> Error {
    Error::InvalidInput { what, detail }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// The formula as it is written, with every sum taken in the canonical order of the rankings.
    fn plain(rankings: &[Vec<u64>], weights: &[f64], k: f64) -> Vec<(u64, f64)> {
        let mut order: Vec<usize> = (0..rankings.len()).collect();
        order.sort_by(|&left, &right| {
            weights[left].total_cmp(&weights[right]).then_with(|| rankings[left].cmp(&rankings[right]))
        });
        let mut scores: BTreeMap<u64, f64> = BTreeMap::new();
        for index in order {
            let mut met = std::collections::BTreeSet::new();
            for (rank, &id) in (1..).zip(&rankings[index]) {
                let score = scores.entry(id).or_default();
                if met.insert(id) {
                    *score += weights[index] / (k + f64::from(rank));
                }
            }
        }
        let mut fused: Vec<(u64, f64)> = scores.into_iter().collect();
        fused.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
        fused
    }

    fn fused(rankings: &[Vec<u64>], weights: Option<&[f64]>, k: f64, limit: Option<usize>) -> Vec<(u64, u64)> {
        let rankings: Vec<&[u64]> = rankings.iter().map(Vec::as_slice).collect();
        let (ids, scores) = fuse(&rankings, weights, k, limit).unwrap();
        ids.into_iter().zip(scores.into_iter().map(f64::to_bits)).collect()
    }

    fn bits(pairs: &[(u64, f64)]) -> Vec<(u64, u64)> {
        pairs.iter().map(|&(id, score)| (id, score.to_bits())).collect()
    }

    /// Ids for one call: small numbers, or any, among them many that repeat and some that collide in the table.
    fn ids() -> impl Strategy<Value = BoxedStrategy<u64>> {
        let spread = prop_oneof![4 => 0_u64..40, 1 => any::<u64>(), 1 => (0_u64..40).prop_map(|id| id << 58)];
        prop_oneof![Just((0_u64..40).boxed()), Just(spread.boxed())]
    }

    fn weight() -> impl Strategy<Value = f64> {
        prop_oneof![4 => Just(1.0), 1 => Just(0.0), 1 => Just(-0.0), 2 => 0.0..10.0, 1 => Just(1e-300), 1 => Just(1e300)]
    }

    fn constant() -> impl Strategy<Value = f64> {
        prop_oneof![3 => Just(60.0), 1 => Just(0.0), 1 => 0.0..1000.0, 1 => Just(1e300)]
    }

    fn weighted_rankings() -> impl Strategy<Value = Vec<(Vec<u64>, f64)>> {
        ids().prop_flat_map(|id| prop::collection::vec((prop::collection::vec(id, 0..60), weight()), 0..6))
    }

    proptest! {
        #[test]
        fn is_the_formula_to_the_bit(input in weighted_rankings(), k in constant()) {
            let (rankings, weights): (Vec<_>, Vec<_>) = input.into_iter().unzip();
            let weights: Vec<f64> = weights.into_iter().map(|weight| weight + 0.0).collect();
            prop_assert_eq!(fused(&rankings, Some(&weights), k, None), bits(&plain(&rankings, &weights, k)));
        }

        #[test]
        fn does_not_depend_on_the_order_of_rankings(
            (input, shuffled) in weighted_rankings().prop_flat_map(|input| (Just(input.clone()), Just(input).prop_shuffle())),
            k in constant(),
        ) {
            let (rankings, weights): (Vec<_>, Vec<_>) = input.into_iter().unzip();
            let (other_rankings, other_weights): (Vec<_>, Vec<_>) = shuffled.into_iter().unzip();
            prop_assert_eq!(
                fused(&rankings, Some(&weights), k, None),
                fused(&other_rankings, Some(&other_weights), k, None)
            );
        }

        #[test]
        fn a_limit_keeps_a_prefix(input in weighted_rankings(), limit in 0_usize..80) {
            let (rankings, weights): (Vec<_>, Vec<_>) = input.into_iter().unzip();
            let mut whole = fused(&rankings, Some(&weights), 60.0, None);
            whole.truncate(limit);
            prop_assert_eq!(fused(&rankings, Some(&weights), 60.0, Some(limit)), whole);
        }

        #[test]
        fn settle_sorts_anything(mut keys in prop::collection::vec(prop_oneof![0_u128..8, any::<u128>()], 0..80)) {
            let mut expected = keys.clone();
            expected.sort_unstable();
            settle(&mut keys);
            prop_assert_eq!(keys, expected);
        }

        #[test]
        fn any_numbers_give_a_result_or_an_error(weight in any::<f64>(), k in any::<f64>()) {
            let valid = weight.is_finite() && weight >= 0.0 && k.is_finite() && k >= 0.0;
            prop_assert_eq!(fuse(&[&[1, 2, 1], &[2]], Some(&[weight, 1.0]), k, None).is_ok(), valid);
        }
    }

    /// Pseudo-random numbers (Marsaglia's xorshift) that are the same in every run.
    fn numbers(mut state: u64) -> impl FnMut() -> u64 {
        move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        }
    }

    #[test]
    fn large_rankings_use_the_wide_table() {
        let mut number = numbers(7);
        for universe in [30_000, 200_000, u64::MAX] {
            let rankings: Vec<Vec<u64>> = (0..3).map(|_| (0..30_000).map(|_| number() % universe).collect()).collect();
            assert!(rankings.iter().map(Vec::len).sum::<usize>() > usize::from(u16::MAX));
            let weights = [1.0, 1.0, 0.25];
            assert_eq!(fused(&rankings, Some(&weights), 60.0, None), bits(&plain(&rankings, &weights, 60.0)));
        }
    }

    #[test]
    fn the_working_memory_carries_nothing_over() {
        let large: Vec<u64> = (0..500).collect();
        let first = fused(&[vec![3, 1, 2], vec![1]], None, 60.0, None);
        fused(&[large.clone(), large], Some(&[2.0, 0.5]), 10.0, Some(3));
        assert_eq!(fused(&[vec![3, 1, 2], vec![1]], None, 60.0, None), first);
    }

    #[test]
    fn a_repeated_id_counts_at_its_best_rank() {
        assert_eq!(fused(&[vec![5, 5, 6]], None, 60.0, None), bits(&[(5, 1.0 / 61.0), (6, 1.0 / 63.0)]));
    }

    #[test]
    fn equal_scores_stand_by_id() {
        let ids: Vec<u64> =
            fused(&[vec![9], vec![4], vec![7]], None, 60.0, None).into_iter().map(|pair| pair.0).collect();
        assert_eq!(ids, [4, 7, 9]);
    }

    #[test]
    fn nothing_fuses_to_nothing() {
        assert_eq!(fused(&[], None, 60.0, None), []);
        assert_eq!(fused(&[vec![], vec![]], None, 60.0, None), []);
        assert_eq!(fused(&[vec![1]], None, 60.0, Some(0)), []);
    }

    #[test]
    fn errors_name_the_argument() {
        let what = |weights: Option<&[f64]>, k| match fuse(&[&[1]], weights, k, None) {
            Err(Error::InvalidInput { what, .. }) => what,
            other => panic!("{other:?}"),
        };
        assert_eq!(what(Some(&[1.0, 2.0]), 60.0), "weights");
        assert_eq!(what(Some(&[f64::NAN]), 60.0), "weights");
        assert_eq!(what(Some(&[-1.0]), 60.0), "weights");
        assert_eq!(what(None, f64::INFINITY), "k");
        assert_eq!(what(None, -1.0), "k");
    }
}
