//! Packing of plain arrays.

use std::collections::HashMap;

use pampax_base::{Error, Result};

/// No item of a group is chosen.
const NONE: u32 = u32::MAX;

/// The items to take so that their costs add up to at most `budget` and their values to as much as the greedy choice finds;
/// their indices in ascending order.
///
/// `costs` and `values` are of the same length; values are finite and not negative. With `groups`, items of the same group
/// number are alternatives of which at most one is taken; the numbers themselves mean nothing. Items worth nothing are never
/// taken. The value found is at least half of the best possible. Takes time O(n log n).
///
/// # Errors
/// [`Error::InvalidInput`] if the lengths differ or a value is negative, infinite or not a number.
pub fn pack(costs: &[u32], values: &[f64], budget: u64, groups: Option<&[u32]>) -> Result<Vec<u32>> {
    check(costs, values, groups)?;
    let group_of = number_groups(costs.len(), groups);
    let upgrades = upgrades(costs, values, budget, &group_of);

    let mut greedy = Packer::new(costs, values, budget, &group_of);
    for &(_, item) in &upgrades {
        greedy.take_if_better(item);
    }
    greedy.fill();

    // One valuable item that the greedy choice had no room left for can be worth more than all it took.
    let fits = |&item: &u32| u64::from(costs[item as usize]) <= budget;
    let best = (0..costs.len() as u32)
        .filter(fits)
        .reduce(|best, item| if values[item as usize] > values[best as usize] { item } else { best });
    if let Some(best) = best
        && values[best as usize] > greedy.value()
    {
        greedy = Packer::new(costs, values, budget, &group_of);
        greedy.take_if_better(best);
        greedy.fill();
    }
    Ok(greedy.into_items())
}

fn check(costs: &[u32], values: &[f64], groups: Option<&[u32]>) -> Result<()> {
    let refuse = |what, detail| Err(Error::InvalidInput { what, detail });
    if values.len() != costs.len() {
        return refuse("values", format!("there are {} values for {} costs", values.len(), costs.len()));
    }
    if costs.len() >= NONE as usize {
        return refuse("costs", format!("{} items are more than can be numbered", costs.len()));
    }
    if let Some(groups) = groups
        && groups.len() != costs.len()
    {
        return refuse("groups", format!("there are {} groups for {} costs", groups.len(), costs.len()));
    }
    match values.iter().position(|value| !(value.is_finite() && *value >= 0.0)) {
        Some(at) => refuse("values", format!("value {at} is {}; values are finite and not negative", values[at])),
        None => Ok(()),
    }
}

/// For each item the number of its group, counted from 0 by first appearance.
fn number_groups(items: usize, groups: Option<&[u32]>) -> Vec<u32> {
    let Some(groups) = groups else { return (0..items as u32).collect() };
    let mut numbers = HashMap::new();
    groups
        .iter()
        .map(|&group| {
            let next = numbers.len() as u32;
            *numbers.entry(group).or_insert(next)
        })
        .collect()
}

/// The steps up the convex hull of each group, best value per cost first, as (sort key, item reached).
///
/// A level that costs more but is worth no more than another of its group, or that lies below the line between two others,
/// is no step (Sinha and Zoltners, propositions 1 and 2).
fn upgrades(costs: &[u32], values: &[f64], budget: u64, group_of: &[u32]) -> Vec<(u64, u32)> {
    let mut items: Vec<u32> = (0..costs.len() as u32)
        .filter(|&item| u64::from(costs[item as usize]) <= budget && values[item as usize] > 0.0)
        .collect();
    let point = |item: u32| (f64::from(costs[item as usize]), values[item as usize]);
    items.sort_unstable_by(|&left, &right| {
        let key = |item: u32| (group_of[item as usize], costs[item as usize]);
        let by_value = || values[right as usize].total_cmp(&values[left as usize]);
        key(left).cmp(&key(right)).then_with(by_value).then(left.cmp(&right))
    });

    let mut steps = Vec::with_capacity(items.len());
    let mut hull: Vec<u32> = Vec::new();
    for group in items.chunk_by(|&left, &right| group_of[left as usize] == group_of[right as usize]) {
        hull.clear();
        for &item in group {
            if hull.last().is_some_and(|&top| values[item as usize] <= values[top as usize]) {
                continue;
            }
            while let Some(&top) = hull.last() {
                let below = hull.len().checked_sub(2).map_or((0.0, 0.0), |at| point(hull[at]));
                let (middle, end) = (point(top), point(item));
                let keeps_bend = (middle.1 - below.1) * (end.0 - middle.0) > (end.1 - middle.1) * (middle.0 - below.0);
                if keeps_bend {
                    break;
                }
                hull.pop();
            }
            hull.push(item);
        }
        let mut below = (0.0, 0.0);
        for &item in &hull {
            let (cost, value) = point(item);
            steps.push((descending(value - below.1, cost - below.0), item));
            below = (cost, value);
        }
    }
    steps.sort_unstable();
    steps
}

/// A sort key that puts more value per cost first: the bits of floats that are not negative are ordered as the floats are.
fn descending(value: f64, cost: f64) -> u64 {
    let per_cost = if cost > 0.0 { value / cost } else { f64::INFINITY };
    !per_cost.to_bits()
}

/// What is chosen so far.
struct Packer<'a> {
    costs: &'a [u32],
    values: &'a [f64],
    group_of: &'a [u32],
    /// The item chosen in each group.
    chosen: Vec<u32>,
    room: u64,
}

impl<'a> Packer<'a> {
    fn new(costs: &'a [u32], values: &'a [f64], budget: u64, group_of: &'a [u32]) -> Self {
        Self { costs, values, group_of, chosen: vec![NONE; costs.len()], room: budget }
    }

    /// The cost and the value of what is chosen in the group of `item`.
    fn current(&self, item: u32) -> (u32, f64) {
        match self.chosen[self.group_of[item as usize] as usize] {
            NONE => (0, 0.0),
            chosen => (self.costs[chosen as usize], self.values[chosen as usize]),
        }
    }

    /// Takes `item` in place of what is chosen in its group, if it is worth more and there is room. Correct in any order of
    /// calls, so that rounding in the order of the steps can cost value but never the budget.
    fn take_if_better(&mut self, item: u32) {
        let (cost, value) = self.current(item);
        let room = self.room + u64::from(cost);
        if self.values[item as usize] > value && u64::from(self.costs[item as usize]) <= room {
            self.chosen[self.group_of[item as usize] as usize] = item;
            self.room = room - u64::from(self.costs[item as usize]);
        }
    }

    /// Puts into the remaining room what fits, best value per cost first.
    fn fill(&mut self) {
        let mut steps: Vec<(u64, u32)> = Vec::new();
        for item in 0..self.costs.len() as u32 {
            let (cost, value) = self.current(item);
            let more = u64::from(self.costs[item as usize]).saturating_sub(u64::from(cost));
            if self.values[item as usize] > value && more <= self.room {
                steps.push((descending(self.values[item as usize] - value, more as f64), item));
            }
        }
        steps.sort_unstable();
        for (_, item) in steps {
            self.take_if_better(item);
        }
    }

    fn items(&self) -> impl Iterator<Item = u32> {
        self.chosen.iter().copied().filter(|&item| item != NONE)
    }

    fn value(&self) -> f64 {
        self.items().map(|item| self.values[item as usize]).sum()
    }

    fn into_items(self) -> Vec<u32> {
        let mut items: Vec<u32> = self.items().collect();
        items.sort_unstable();
        items
    }
}
