//! Any candidates: the budget holds, nothing is chosen twice, everything is accounted for.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use pampax_pack::{Candidate, Level, Policy, pack, pack_candidates};

#[derive(Arbitrary, Debug)]
struct Input {
    items: Vec<(u32, f64, u32)>,
    candidates: Vec<(u8, Vec<(u32, f64)>)>,
    budget: u32,
    diminishing: f64,
    least_value: f64,
    grouped: bool,
}

fuzz_target!(|input: Input| {
    let budget = u64::from(input.budget);
    let costs: Vec<u32> = input.items.iter().map(|item| item.0).collect();
    let values: Vec<f64> = input.items.iter().map(|item| item.1).collect();
    let groups: Vec<u32> = input.items.iter().map(|item| item.2).collect();
    let sound = values.iter().all(|value| value.is_finite() && *value >= 0.0);
    match pack(&costs, &values, budget, input.grouped.then_some(&groups)) {
        Ok(chosen) => {
            assert!(sound, "values that are no values were taken");
            assert!(chosen.windows(2).all(|pair| pair[0] < pair[1]));
            assert!(chosen.iter().map(|&item| u64::from(costs[item as usize])).sum::<u64>() <= budget);
            if input.grouped {
                let mut taken: Vec<u32> = chosen.iter().map(|&item| groups[item as usize]).collect();
                taken.sort_unstable();
                assert!(taken.windows(2).all(|pair| pair[0] != pair[1]), "two alternatives were taken");
            }
        }
        Err(_) => assert!(!sound),
    }

    let levels = |levels: Vec<(u32, f64)>| levels.into_iter().map(|(cost, value)| Level { cost, value }).collect();
    let candidates: Vec<Candidate> = input
        .candidates
        .into_iter()
        .map(|(file, given)| Candidate { file: file.into(), levels: levels(given) })
        .collect();
    let policy = Policy { diminishing: input.diminishing, least_value: input.least_value };
    let packing = pack_candidates(&candidates, budget, &policy);
    let cost: u64 = packing
        .chosen
        .iter()
        .map(|choice| u64::from(candidates[choice.candidate as usize].levels[choice.level as usize].cost))
        .sum();
    assert_eq!(cost, packing.cost);
    assert!(cost <= budget);
    let mut seen: Vec<u32> = packing.chosen.iter().map(|choice| choice.candidate).collect();
    seen.extend(packing.dropped.iter().map(|dropped| dropped.candidate));
    seen.sort_unstable();
    assert!(seen.into_iter().eq(0..candidates.len() as u32), "a candidate is neither chosen nor dropped, or both");
    assert_eq!(packing, pack_candidates(&candidates, budget, &policy));
});
