//! Packing of candidates: examples and properties.

use pampax_pack::{Candidate, Choice, DropReason, Level, NO_OPENING, Packing, Policy, pack_candidates, would_add};
use proptest::prelude::*;

fn candidate(file: u32, levels: &[(u32, f64)]) -> Candidate {
    let levels = levels.iter().map(|&(cost, value)| Level { cost, value }).collect();
    Candidate { file, opening: NO_OPENING, levels }
}

fn check(candidates: &[Candidate], budget: u64, expected: &[(u32, u32)]) -> Packing {
    let packing = pack_candidates(candidates, budget, &Policy::default());
    let chosen: Vec<(u32, u32)> = packing.chosen.iter().map(|choice| (choice.candidate, choice.level)).collect();
    assert_eq!(chosen, expected);
    packing
}

#[test]
fn levels_grow_with_the_budget() {
    let candidates =
        [candidate(0, &[(10, 0.5), (40, 0.8), (200, 1.0)]), candidate(1, &[(10, 0.4), (40, 0.6), (200, 0.7)])];
    check(&candidates, 9, &[]);
    check(&candidates, 10, &[(0, 0)]);
    check(&candidates, 20, &[(0, 0), (1, 0)]);
    check(&candidates, 50, &[(0, 1), (1, 0)]);
    check(&candidates, 80, &[(0, 1), (1, 1)]);
    let packing = check(&candidates, 240, &[(0, 2), (1, 1)]);
    assert_eq!(packing.cost, 240);
    assert!((packing.value - 1.6).abs() < 1e-12);
    check(&candidates, 10_000, &[(0, 2), (1, 2)]);
    assert_eq!(would_add(&candidates, &packing, 400, &Policy::default()), [Choice { candidate: 1, level: 2 }],);
}

#[test]
fn a_level_off_the_hull_is_taken_when_nothing_better_fits() {
    // The middle level is less efficient than the step over it, but it is what fits.
    check(&[candidate(0, &[(10, 1.0), (50, 1.1), (100, 5.0)])], 60, &[(0, 1)]);
    check(&[candidate(0, &[(10, 1.0), (50, 1.1), (100, 5.0)])], 100, &[(0, 2)]);
    check(&[candidate(0, &[(20, 0.1), (50, 5.0)])], 30, &[(0, 0)]);
}

#[test]
fn files_share_the_budget() {
    let same = [candidate(7, &[(10, 1.0)]), candidate(7, &[(10, 0.9)]), candidate(8, &[(10, 0.75)])];
    check(&same, 20, &[(0, 0), (2, 0)]);
    let packing = check(&same, 30, &[(0, 0), (1, 0), (2, 0)]);
    assert!((packing.value - (1.0 + 0.9 * 0.8 + 0.75)).abs() < 1e-12);
    let policy = Policy { diminishing: 1.0, ..Policy::default() };
    assert_eq!(pack_candidates(&same, 20, &policy).chosen.len(), 2);
    assert_eq!(pack_candidates(&same, 20, &policy).chosen[1].candidate, 1);
}

#[test]
fn one_large_candidate_against_many_small_ones() {
    check(&[candidate(0, &[(1, 0.02)]), candidate(1, &[(100, 1.0)])], 100, &[(1, 0)]);
}

#[test]
fn everything_left_out_has_a_reason() {
    let candidates = [
        candidate(0, &[(10, 1.0)]),
        candidate(0, &[(10, 0.9)]),
        candidate(1, &[(10, 0.05)]),
        candidate(2, &[]),
        candidate(3, &[(5, f64::NAN), (5, -1.0)]),
        candidate(4, &[(90, 9.0), (50, 1.0)]),
        candidate(5, &[(30, 0.3), (25, 0.2)]),
    ];
    let policy = Policy { diminishing: 0.1, least_value: 0.1 };
    let packing = pack_candidates(&candidates, 30, &policy);
    assert_eq!(packing.chosen, [Choice { candidate: 0, level: 0 }]);
    let reasons: Vec<(u32, DropReason)> = packing.dropped.iter().map(|drop| (drop.candidate, drop.reason)).collect();
    assert_eq!(
        reasons,
        [
            (1, DropReason::Diminished),
            (2, DropReason::WorthLess),
            (3, DropReason::WorthLess),
            (4, DropReason::WorthLess),
            (5, DropReason::TooLarge { least_cost: 50 }),
            (6, DropReason::NoRoom { least_cost: 25 }),
        ]
    );
}

fn candidates() -> impl Strategy<Value = Vec<Candidate>> {
    let level = (0_u32..500, prop_oneof![0.0..1.0_f64, Just(0.0), any::<f64>()]);
    let levels = proptest::collection::vec(level, 0..5);
    proptest::collection::vec((0_u32..6, levels), 0..40)
        .prop_map(|all| all.iter().map(|(file, levels)| candidate(*file, levels)).collect())
}

#[test]
fn opening_a_file_is_paid_and_earned_once() {
    let with = |candidate: Candidate, cost: u32, value: f64| Candidate { opening: Level { cost, value }, ..candidate };
    // Two pieces of an open file are cheaper than one each of two files.
    let dear = [
        with(candidate(0, &[(10, 1.0)]), 15, 0.0),
        with(candidate(0, &[(10, 0.9)]), 15, 0.0),
        with(candidate(1, &[(10, 1.0)]), 15, 0.0),
    ];
    let packing = check(&dear, 35, &[(0, 0), (1, 0)]);
    assert_eq!(packing.cost, 35);
    check(&dear, 24, &[]);
    // A file that is worth much by itself is opened by the cheapest of its pieces.
    let rich = [
        with(candidate(0, &[(10, 1.0)]), 0, 0.0),
        with(candidate(0, &[(10, 1.0)]), 0, 0.0),
        with(candidate(1, &[(5, 0.01), (50, 0.2)]), 5, 0.8),
    ];
    let packing = check(&rich, 20, &[(0, 0), (2, 0)]);
    assert!((packing.value - 1.81).abs() < 1e-12, "{}", packing.value);
}

proptest! {
    #[test]
    fn the_budget_holds_with_openings(
        candidates in candidates(),
        openings in proptest::collection::vec((0_u32..60, 0.0..1.0_f64), 6),
        budget in 0_u64..4000,
    ) {
        let candidates: Vec<Candidate> = candidates
            .into_iter()
            .map(|candidate| {
                let (cost, value) = openings[candidate.file as usize];
                Candidate { opening: Level { cost, value }, ..candidate }
            })
            .collect();
        let packing = pack_candidates(&candidates, budget, &Policy::default());
        let files: std::collections::BTreeSet<u32> =
            packing.chosen.iter().map(|choice| candidates[choice.candidate as usize].file).collect();
        let levels = packing.chosen.iter().map(|choice| &candidates[choice.candidate as usize].levels[choice.level as usize]);
        let opened: u64 = files.iter().map(|&file| u64::from(openings[file as usize].0)).sum();
        let cost = levels.map(|level| u64::from(level.cost)).sum::<u64>() + opened;
        prop_assert_eq!(cost, packing.cost);
        prop_assert!(cost <= budget);
        for drop in &packing.dropped {
            if let DropReason::NoRoom { least_cost } = drop.reason {
                prop_assert!(u64::from(least_cost) > budget - packing.cost);
            }
        }
    }

    #[test]
    fn the_budget_holds_and_everything_is_accounted_for(
        candidates in candidates(),
        budget in 0_u64..4000,
        diminishing in prop_oneof![0.0..1.0_f64, any::<f64>()],
    ) {
        let policy = Policy { diminishing, ..Policy::default() };
        let packing = pack_candidates(&candidates, budget, &policy);
        let cost: u64 = packing
            .chosen
            .iter()
            .map(|choice| u64::from(candidates[choice.candidate as usize].levels[choice.level as usize].cost))
            .sum();
        prop_assert_eq!(cost, packing.cost);
        prop_assert!(cost <= budget);
        let mut seen: Vec<u32> = packing.chosen.iter().map(|choice| choice.candidate).collect();
        prop_assert!(seen.is_sorted());
        seen.extend(packing.dropped.iter().map(|drop| drop.candidate));
        seen.sort_unstable();
        prop_assert_eq!(seen, (0..candidates.len() as u32).collect::<Vec<_>>());
        let again = pack_candidates(&candidates, budget, &policy);
        prop_assert_eq!(&again.chosen, &packing.chosen);
        prop_assert_eq!(&again.dropped, &packing.dropped);
    }

    #[test]
    fn what_was_dropped_for_room_does_not_fit(candidates in candidates(), budget in 0_u64..4000) {
        let packing = pack_candidates(&candidates, budget, &Policy::default());
        for drop in &packing.dropped {
            match drop.reason {
                DropReason::NoRoom { least_cost } => prop_assert!(u64::from(least_cost) > budget - packing.cost),
                DropReason::TooLarge { least_cost } => prop_assert!(u64::from(least_cost) > budget),
                DropReason::WorthLess => {
                    let levels = &candidates[drop.candidate as usize].levels;
                    prop_assert!(!levels.iter().any(|level| level.value.is_finite() && level.value > 0.0));
                }
                // A factor of 0.8 makes nothing worthless, but the smallest numbers can round to zero.
                _ => {}
            }
        }
    }

    #[test]
    fn at_least_the_best_single_level(candidates in candidates(), budget in 0_u64..4000) {
        let packing = pack_candidates(&candidates, budget, &Policy::default());
        let fitting = candidates.iter().flat_map(|candidate| &candidate.levels);
        for level in fitting.filter(|level| level.value.is_finite() && u64::from(level.cost) <= budget) {
            prop_assert!(packing.value >= level.value * (1.0 - 1e-9), "{} < {}", packing.value, level.value);
        }
    }

    #[test]
    fn the_numbers_of_files_mean_nothing(candidates in candidates(), budget in 0_u64..4000, shift in any::<u32>()) {
        let mut renamed = candidates.clone();
        for candidate in &mut renamed {
            candidate.file = candidate.file.wrapping_mul(0x9e37_79b9).wrapping_add(shift);
        }
        let policy = Policy::default();
        prop_assert_eq!(
            pack_candidates(&renamed, budget, &policy).chosen,
            pack_candidates(&candidates, budget, &policy).chosen
        );
    }

    /// Without diminishing the choice is held against the exact optimum.
    #[test]
    fn near_the_optimum(
        costs in proptest::collection::vec(proptest::collection::vec((1_u32..40, 0.01..1.0_f64), 1..4), 1..8),
        budget in 1_usize..200,
    ) {
        let candidates: Vec<Candidate> =
            costs.iter().enumerate().map(|(file, levels)| candidate(file as u32, levels)).collect();
        let mut best = vec![0.0_f64; budget + 1];
        for levels in &costs {
            let before = best.clone();
            for &(cost, value) in levels {
                for room in cost as usize..=budget {
                    best[room] = best[room].max(before[room - cost as usize] + value);
                }
            }
        }
        let packing = pack_candidates(&candidates, budget as u64, &Policy::default());
        prop_assert!(packing.value <= best[budget] + 1e-9);
        prop_assert!(packing.value >= 0.5 * best[budget] - 1e-9, "{} of {}", packing.value, best[budget]);
    }
}
