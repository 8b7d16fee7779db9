//! Packing of candidates for a bundle: detail levels, and less for each further piece of the same file.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};

/// One way to show a candidate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// What it costs, in tokens.
    pub cost: u32,
    /// What it is worth; more is better. A value that is negative, infinite or not a number counts as nothing.
    pub value: f64,
}

/// Something that could be shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The number of the file it stands in; candidates of one file diminish each other.
    pub file: u32,
    /// What it costs and is worth besides that its file is shown at all: counted once, for the first candidate of a file. The
    /// same for all candidates of a file.
    pub opening: Level,
    /// The ways to show it, in any order.
    pub levels: Vec<Level>,
}

/// An opening that costs nothing and is worth nothing.
pub const NO_OPENING: Level = Level { cost: 0, value: 0.0 };

/// How to weigh candidates against each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    /// The value of the candidate chosen as the k-th of its file (counted from 0) is multiplied by this to the power of k.
    /// Between 0 (one candidate per file) and 1 (files do not matter); anything outside is taken as the nearest of the two,
    /// not a number as 1.
    pub diminishing: f64,
    /// A level is chosen only if its value, diminished, is more than this. Negative or not a number counts as 0.
    pub least_value: f64,
}

impl Default for Policy {
    fn default() -> Self {
        Self { diminishing: 0.8, least_value: 0.0 }
    }
}

/// A candidate and the level it is shown at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Choice {
    /// Index into the candidates.
    pub candidate: u32,
    /// Index into the levels of that candidate.
    pub level: u32,
}

/// Why a candidate was not chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DropReason {
    /// Others were worth more for their cost, and what they left is too little.
    NoRoom {
        /// The cost of its cheapest useful level, in tokens.
        least_cost: u32,
    },
    /// Even its cheapest useful level costs more than the whole budget.
    TooLarge {
        /// The cost of that level, in tokens.
        least_cost: u32,
    },
    /// No level of it is worth more than the policy's least value.
    WorthLess,
    /// It would have been worth enough, were there not others of its file already.
    Diminished,
}

/// A candidate that was not chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Dropped {
    /// Index into the candidates.
    pub candidate: u32,
    /// Why.
    pub reason: DropReason,
}

/// What was chosen, and why not the rest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Packing {
    /// The chosen candidates with their levels, in the order of the input.
    pub chosen: Vec<Choice>,
    /// What they cost together, in tokens; never more than the budget.
    pub cost: u64,
    /// What they are worth together, diminished.
    pub value: f64,
    /// Every other candidate, in the order of the input.
    pub dropped: Vec<Dropped>,
}

impl Packing {
    /// What `larger` shows that this packing does not: candidates that are new in it or shown at another level.
    pub fn added_by(&self, larger: &Self) -> Vec<Choice> {
        let mut added = larger.chosen.clone();
        added.retain(|choice| {
            let ours = self.chosen.binary_search_by_key(&choice.candidate, |chosen| chosen.candidate);
            ours.map_or(true, |at| self.chosen[at].level != choice.level)
        });
        added
    }
}

/// What a budget of `larger_budget` tokens would show beyond `packing`. Packs anew, so it costs as much as
/// [`pack_candidates`].
pub fn would_add(candidates: &[Candidate], packing: &Packing, larger_budget: u64, policy: &Policy) -> Vec<Choice> {
    packing.added_by(&pack_candidates(candidates, larger_budget, policy))
}

/// Chooses at most one level of each candidate, of total cost at most `budget`.
///
/// Step by step takes what adds most value per token: a candidate not shown yet at the level with the best value per token, or
/// a better level in place of one already chosen. Steps that do not fit give way to cheaper ones, until nothing more fits. If
/// a single candidate is worth more than all of that, it is taken and the rest of the budget is filled in the same way. Ties
/// go to the candidate that comes first, then to the cheaper level.
///
/// Takes time O(n log n) for n levels in all, if candidates have few levels each.
pub fn pack_candidates(candidates: &[Candidate], budget: u64, policy: &Policy) -> Packing {
    let mut greedy = Bundler::new(candidates, budget, policy);
    greedy.run();
    let mut best: Option<(f64, Choice)> = None;
    for (index, candidate) in candidates.iter().enumerate() {
        for (level, offered) in candidate.levels.iter().enumerate() {
            let worth = worth(offered.value);
            let total = u64::from(offered.cost) + u64::from(candidate.opening.cost);
            let useful = worth > greedy.policy.least_value && total <= budget;
            let worth = worth + self::worth(candidate.opening.value);
            if useful && best.is_none_or(|(value, _)| worth > value) {
                best = Some((worth, Choice { candidate: index as u32, level: level as u32 }));
            }
        }
    }
    if let Some((value, choice)) = best
        && value > greedy.value
    {
        greedy = Bundler::new(candidates, budget, policy);
        greedy.choose(choice);
        greedy.run();
    }
    greedy.finish()
}

/// The value as it counts: nothing for what is no proper value.
fn worth(value: f64) -> f64 {
    if value.is_finite() && value > 0.0 { value } else { 0.0 }
}

/// The next step for one candidate, as it looked when it was put on the heap.
struct Step {
    per_token: f64,
    choice: Choice,
    /// The cost of the level, and of opening its file if that was not open.
    cost: u64,
    /// The factor on the value when this was computed; a different one now means that the step is stale.
    factor: f64,
    /// Whether it opens its file; if that is open now, the step is stale.
    opens: bool,
}

impl Ord for Step {
    /// The greatest step is the one to take first.
    fn cmp(&self, other: &Self) -> Ordering {
        self.per_token
            .total_cmp(&other.per_token)
            .then_with(|| other.choice.candidate.cmp(&self.choice.candidate))
            .then_with(|| other.cost.cmp(&self.cost))
            .then_with(|| other.choice.level.cmp(&self.choice.level))
    }
}

impl PartialOrd for Step {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Step {}

/// What is known of one candidate while packing.
#[derive(Clone, Copy)]
struct State {
    /// The file's number, counted from 0 by first appearance.
    file: u32,
    /// The level chosen and the factor on its value, fixed when it was first chosen.
    chosen: Option<(u32, f64)>,
}

struct Bundler<'a> {
    candidates: &'a [Candidate],
    policy: Policy,
    budget: u64,
    room: u64,
    value: f64,
    states: Vec<State>,
    /// The factor on the value of the next candidate of each file.
    factors: Vec<f64>,
    /// For each file whether something of it is chosen.
    open: Vec<bool>,
    /// The candidates of each file.
    members: Vec<Vec<u32>>,
}

impl<'a> Bundler<'a> {
    fn new(candidates: &'a [Candidate], budget: u64, policy: &Policy) -> Self {
        let diminishing = if policy.diminishing.is_nan() { 1.0 } else { policy.diminishing.clamp(0.0, 1.0) };
        let least_value = if policy.least_value.is_nan() { 0.0 } else { policy.least_value.max(0.0) };
        let mut numbers = HashMap::with_capacity(candidates.len());
        let mut members: Vec<Vec<u32>> = Vec::new();
        let mut states = Vec::with_capacity(candidates.len());
        for (index, candidate) in (0..).zip(candidates) {
            let next = members.len() as u32;
            let file = *numbers.entry(candidate.file).or_insert(next);
            if file == next {
                members.push(Vec::new());
            }
            members[file as usize].push(index);
            states.push(State { file, chosen: None });
        }
        let (factors, open) = (vec![1.0; members.len()], vec![false; members.len()]);
        let policy = Policy { diminishing, least_value };
        Self { candidates, policy, budget, room: budget, value: 0.0, states, factors, open, members }
    }

    /// Takes steps, best first, until none fits.
    ///
    /// A step can only get worse while it waits: others of its file diminish it, or the room for it is taken. So it is enough to
    /// look again at the step on top (lazy evaluation, Minoux 1978). The exception is a file that was opened: what else is in it
    /// costs less now, so its steps are put on the heap anew.
    fn run(&mut self) {
        let mut heap: BinaryHeap<Step> = (0..self.candidates.len()).filter_map(|index| self.next_step(index)).collect();
        while let Some(step) = heap.pop() {
            let index = step.choice.candidate as usize;
            let file = self.states[index].file as usize;
            let fits = step.cost <= self.room + u64::from(self.current(index).0);
            let is_current = step.factor.to_bits() == self.factor(index).to_bits() && step.opens != self.open[file];
            if fits && is_current {
                self.choose(step.choice);
                if step.opens {
                    let others = self.members[file].iter().filter(|&&other| other as usize != index);
                    heap.extend(others.filter_map(|&other| self.next_step(other as usize)).collect::<Vec<_>>());
                }
            }
            heap.extend(self.next_step(index));
        }
    }

    /// The factor on the value of this candidate.
    fn factor(&self, index: usize) -> f64 {
        let state = self.states[index];
        state.chosen.map_or(self.factors[state.file as usize], |(_, factor)| factor)
    }

    /// The cost and the diminished value of this candidate as it is chosen now.
    fn current(&self, index: usize) -> (u32, f64) {
        self.states[index].chosen.map_or((0, 0.0), |(level, factor)| {
            let level = self.candidates[index].levels[level as usize];
            (level.cost, worth(level.value) * factor)
        })
    }

    /// The step that adds most value per token for this candidate and fits. Without a limit these steps are those along the
    /// convex hull of its levels.
    fn next_step(&self, index: usize) -> Option<Step> {
        let factor = self.factor(index);
        let (current_cost, current_value) = self.current(index);
        let room = self.room + u64::from(current_cost);
        let opens = !self.open[self.states[index].file as usize];
        let opening = if opens { self.candidates[index].opening } else { NO_OPENING };
        let mut best: Option<Step> = None;
        for (level, offered) in self.candidates[index].levels.iter().enumerate() {
            let value = worth(offered.value) * factor;
            let cost = u64::from(offered.cost) + u64::from(opening.cost);
            if value <= current_value || value <= self.policy.least_value || cost > room {
                continue;
            }
            let more_cost = cost.saturating_sub(u64::from(current_cost));
            let more_value = value + worth(opening.value) - current_value;
            let per_token = if more_cost == 0 { f64::INFINITY } else { more_value / more_cost as f64 };
            let choice = Choice { candidate: index as u32, level: level as u32 };
            let step = Step { per_token, choice, cost, factor, opens };
            if best.as_ref().is_none_or(|best| step > *best) {
                best = Some(step);
            }
        }
        best
    }

    /// Shows the candidate at this level, in place of the level it is shown at now. There must be room.
    fn choose(&mut self, choice: Choice) {
        let index = choice.candidate as usize;
        let factor = self.factor(index);
        let (current_cost, current_value) = self.current(index);
        let level = self.candidates[index].levels[choice.level as usize];
        let file = self.states[index].file as usize;
        if self.states[index].chosen.is_none() {
            self.factors[file] *= self.policy.diminishing;
        }
        if !std::mem::replace(&mut self.open[file], true) {
            self.room -= u64::from(self.candidates[index].opening.cost);
            self.value += worth(self.candidates[index].opening.value);
        }
        self.states[index].chosen = Some((choice.level, factor));
        self.room = self.room + u64::from(current_cost) - u64::from(level.cost);
        self.value += worth(level.value) * factor - current_value;
    }

    fn finish(self) -> Packing {
        let mut packing = Packing { cost: self.budget - self.room, ..Packing::default() };
        let mut counted = vec![false; self.open.len()];
        for (index, state) in self.states.iter().enumerate() {
            let candidate = index as u32;
            if let Some((level, _)) = state.chosen {
                packing.chosen.push(Choice { candidate, level });
                packing.value += self.current(index).1;
                if !std::mem::replace(&mut counted[state.file as usize], true) {
                    packing.value += worth(self.candidates[index].opening.value);
                }
            } else {
                packing.dropped.push(Dropped { candidate, reason: self.drop_reason(index) });
            }
        }
        packing
    }

    fn drop_reason(&self, index: usize) -> DropReason {
        let is_open = self.open[self.states[index].file as usize];
        let opening = if is_open { 0 } else { self.candidates[index].opening.cost };
        let least_cost = |factor: f64| {
            let levels = self.candidates[index].levels.iter();
            let useful = levels.filter(|level| worth(level.value) * factor > self.policy.least_value);
            useful.map(|level| level.cost.saturating_add(opening)).min()
        };
        match (least_cost(1.0), least_cost(self.factor(index))) {
            (None, _) => DropReason::WorthLess,
            (Some(least_cost), _) if u64::from(least_cost) > self.budget => DropReason::TooLarge { least_cost },
            (_, None) => DropReason::Diminished,
            (_, Some(least_cost)) => DropReason::NoRoom { least_cost },
        }
    }
}
