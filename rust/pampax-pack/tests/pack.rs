//! Packing of arrays: examples, an exact solution to compare with, and properties.

use pampax_pack::pack;
use proptest::prelude::*;

#[test]
fn examples() {
    assert_eq!(pack(&[], &[], 10, None).unwrap(), [0_u32; 0]);
    assert_eq!(pack(&[1, 2], &[1.0, 1.0], 0, None).unwrap(), [0_u32; 0]);
    // A free item is taken even without a budget, one that is worth nothing never.
    assert_eq!(pack(&[0, 0], &[1.0, 0.0], 0, None).unwrap(), [0]);
    // Among equals the first.
    assert_eq!(pack(&[5, 5, 5], &[1.0, 1.0, 1.0], 10, None).unwrap(), [0, 1]);
    // One large item is worth more than the efficient small one.
    assert_eq!(pack(&[1, 100], &[2.0, 100.0], 100, None).unwrap(), [1]);
    // An upgrade of a group counts only what it adds.
    let (costs, values) = ([10, 50, 10, 50], [8.0, 10.0, 8.0, 9.0]);
    assert_eq!(pack(&costs, &values, 60, Some(&[3, 3, 1, 1])).unwrap(), [1, 2]);
    assert_eq!(pack(&costs, &values, 25, Some(&[3, 3, 1, 1])).unwrap(), [0, 2]);
    // Sums beyond the range of the costs.
    assert_eq!(pack(&[u32::MAX; 3], &[1.0; 3], 3 * u64::from(u32::MAX), None).unwrap(), [0, 1, 2]);
    assert_eq!(pack(&[1, 1], &[f64::MAX, f64::MAX], u64::MAX, None).unwrap(), [0, 1]);
}

#[test]
fn what_is_refused() {
    let message = |values: &[f64], groups: Option<&[u32]>| pack(&[1, 2], values, 3, groups).unwrap_err().to_string();
    assert_eq!(message(&[1.0], None), "values: there are 1 values for 2 costs");
    assert_eq!(message(&[1.0, -1.0], None), "values: value 1 is -1; values are finite and not negative");
    assert!(message(&[f64::NAN, 1.0], None).contains("value 0 is NaN"));
    assert!(message(&[f64::INFINITY, 1.0], None).contains("value 0 is inf"));
    assert_eq!(message(&[1.0, 1.0], Some(&[1])), "groups: there are 1 groups for 2 costs");
}

#[derive(Clone, Debug)]
struct Case {
    costs: Vec<u32>,
    values: Vec<f64>,
    groups: Option<Vec<u32>>,
    budget: u64,
}

impl Case {
    fn pack(&self) -> Vec<u32> {
        pack(&self.costs, &self.values, self.budget, self.groups.as_deref()).expect("the case is valid")
    }

    fn value(&self, items: &[u32]) -> f64 {
        items.iter().map(|&item| self.values[item as usize]).sum()
    }

    fn group(&self, item: usize) -> u32 {
        self.groups.as_ref().map_or(item as u32, |groups| groups[item])
    }

    /// The best possible value, by dynamic programming over groups and budgets.
    fn optimum(&self) -> f64 {
        let budget = self.budget as usize;
        let mut best = vec![0.0_f64; budget + 1];
        let mut groups: Vec<u32> = (0..self.costs.len()).map(|item| self.group(item)).collect();
        groups.sort_unstable();
        groups.dedup();
        for group in groups {
            let before = best.clone();
            for item in (0..self.costs.len()).filter(|&item| self.group(item) == group) {
                let cost = self.costs[item] as usize;
                for room in cost..=budget {
                    best[room] = best[room].max(before[room - cost] + self.values[item]);
                }
            }
        }
        best[budget]
    }
}

prop_compose! {
    fn case(cost: u32, items: usize)(
        pairs in proptest::collection::vec((0..cost, prop_oneof![0.0..1.0_f64, 0.0..1e3_f64, Just(1.0)], 0_u32..8), 0..items),
        grouped in any::<bool>(),
        part in 0.0..1.2_f64,
    ) -> Case {
        let total: u64 = pairs.iter().map(|pair| u64::from(pair.0)).sum();
        Case {
            costs: pairs.iter().map(|pair| pair.0).collect(),
            values: pairs.iter().map(|pair| pair.1).collect(),
            groups: grouped.then(|| pairs.iter().map(|pair| pair.2).collect()),
            budget: (total as f64 * part * part) as u64,
        }
    }
}

proptest! {
    #[test]
    fn the_budget_holds_and_groups_give_one(case in case(2000, 60)) {
        let items = case.pack();
        let mut cost = 0_u64;
        let mut groups = Vec::new();
        for &item in &items {
            cost += u64::from(case.costs[item as usize]);
            groups.push(case.group(item as usize));
        }
        prop_assert!(cost <= case.budget, "{} of {}", cost, case.budget);
        prop_assert!(items.windows(2).all(|pair| pair[0] < pair[1]));
        let taken = groups.len();
        groups.sort_unstable();
        groups.dedup();
        prop_assert_eq!(groups.len(), taken);
        prop_assert_eq!(case.pack(), items);
    }

    #[test]
    fn nothing_that_still_fits_is_left_out(case in case(2000, 60)) {
        let items = case.pack();
        let room = case.budget - items.iter().map(|&item| u64::from(case.costs[item as usize])).sum::<u64>();
        for item in 0..case.costs.len() {
            let free = items.iter().all(|&chosen| case.group(chosen as usize) != case.group(item));
            prop_assert!(!free || case.values[item] == 0.0 || u64::from(case.costs[item]) > room);
        }
    }

    #[test]
    fn at_least_the_best_single_item(case in case(2000, 60)) {
        let value = case.value(&case.pack());
        for item in 0..case.costs.len() {
            prop_assert!(u64::from(case.costs[item]) > case.budget || value >= case.values[item]);
        }
    }

    #[test]
    fn at_least_half_of_the_optimum(case in case(40, 16)) {
        let value = case.value(&case.pack());
        let optimum = case.optimum();
        prop_assert!(value <= optimum * (1.0 + 1e-9), "the optimum is wrong");
        prop_assert!(value >= 0.5 * optimum * (1.0 - 1e-9), "{} of {}", value, optimum);
    }

    #[test]
    fn the_numbers_of_groups_mean_nothing(case in case(2000, 60), factor in any::<u32>(), shift in any::<u32>()) {
        let mut renamed = case.clone();
        // Odd times and plus: a bijection of the numbers.
        renamed.groups = case.groups.as_ref().map(|groups| {
            groups.iter().map(|&group| group.wrapping_mul(factor | 1).wrapping_add(shift)).collect()
        });
        prop_assert_eq!(renamed.pack(), case.pack());
    }

    #[test]
    fn any_values_are_packed_or_refused(
        costs in proptest::collection::vec(any::<u32>(), 0..20),
        values in proptest::collection::vec(any::<f64>(), 0..20),
        budget in any::<u64>(),
    ) {
        if let Ok(items) = pack(&costs, &values, budget, None) {
            prop_assert!(items.iter().map(|&item| u128::from(costs[item as usize])).sum::<u128>() <= u128::from(budget));
        }
    }
}
