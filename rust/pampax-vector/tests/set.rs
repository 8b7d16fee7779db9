//! A set of vectors as its users see it: write, open, search, and what damage does.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use pampax_base::Error;
use pampax_vector::{BLOCK_ROWS, FORMAT_VERSION, MAX_DIMENSIONS, SignQuery, VectorSet, VectorSetBuilder};
use proptest::prelude::*;
use tempfile::TempDir;

fn write(folder: &TempDir, vectors: &BTreeMap<u32, Vec<i8>>, dimensions: usize, graph_from: usize) -> PathBuf {
    let path = folder.path().join("segment.vectors");
    let mut builder = VectorSetBuilder::new(dimensions).unwrap().graph_from(graph_from);
    for (&key, vector) in vectors.iter().rev() {
        builder.add(key, vector).unwrap();
    }
    let written = builder.write(&path).unwrap();
    assert_eq!(written.bytes, fs::metadata(&path).unwrap().len());
    assert_eq!(written.count, vectors.len());
    path
}

/// Numbers that look random and are the same in every run.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// About normally distributed, around 0.
    fn normal(&mut self) -> f32 {
        (0..4).map(|_| (self.next() >> 40) as f32 / 16_777_216.0 - 0.5).sum()
    }
}

/// `count` vectors in clusters of about 50, as chunks of one subject lie near each other.
fn clustered(count: u32, dimensions: usize) -> BTreeMap<u32, Vec<i8>> {
    let mut noise = Noise(88_172_645_463_325_252);
    let centres: Vec<Vec<f32>> =
        (0..count.div_ceil(50)).map(|_| (0..dimensions).map(|_| noise.normal()).collect()).collect();
    let mut vectors = BTreeMap::new();
    for key in 0..count {
        let centre = &centres[(noise.next() >> 20) as usize % centres.len()];
        let values: Vec<f32> = centre.iter().map(|value| value + 0.7 * noise.normal()).collect();
        let largest = values.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        vectors.insert(3 * key, values.iter().map(|value| (value / largest * 127.0).round() as i8).collect());
    }
    vectors
}

/// The cosine, computed in another way than the crate does.
fn cosine(left: &[i8], right: &[i8]) -> f64 {
    let sum = |a: &[i8], b: &[i8]| a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>();
    let lengths = (sum(left, left) * sum(right, right)).sqrt();
    if lengths == 0.0 { 0.0 } else { sum(left, right) / lengths }
}

/// The `limit` best by similarity of the `first` best by estimate.
fn two_passes(
    set: &VectorSet,
    query: &[i8],
    first: usize,
    limit: usize,
    filter: impl Fn(u32) -> bool,
) -> Vec<(u32, f32)> {
    let best = |mut hits: Vec<(u32, f32)>, limit: usize| {
        hits.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
        hits.truncate(limit);
        hits
    };
    let mut estimates = Vec::new();
    set.estimate(&SignQuery::new(query), 0..set.blocks(), f32::NEG_INFINITY, |key, estimate| {
        estimates.extend(filter(key).then_some((key, estimate)));
        f32::NEG_INFINITY
    })
    .unwrap();
    let exact = |(key, _)| (key, set.similarity(key, query).unwrap().unwrap());
    best(best(estimates, first).into_iter().map(exact).collect(), limit)
}

fn damaged<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    match outcome {
        Err(Error::Corrupt { detail, .. }) => detail,
        other => panic!("damage was not reported: {other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn exact_search_equals_brute_force(
        dimensions in prop_oneof![1_usize..40, Just(128)],
        keys in proptest::collection::btree_set(any::<u32>(), 0..600),
        values in proptest::collection::vec(prop_oneof![Just(0_i8), any::<i8>(), -2_i8..3], 1..400),
        limit in 0_usize..700,
        modulus in 1_u32..5,
    ) {
        let mut supply = values.iter().copied().cycle();
        let vectors: BTreeMap<u32, Vec<i8>> =
            keys.iter().map(|&key| (key, supply.by_ref().take(dimensions).collect())).collect();
        let query: Vec<i8> = supply.take(dimensions).collect();
        let folder = tempfile::tempdir().unwrap();
        let set = VectorSet::open(&write(&folder, &vectors, dimensions, usize::MAX)).unwrap();
        prop_assert_eq!(set.keys().to_vec(), keys.iter().copied().collect::<Vec<u32>>());
        // What is compared is what is kept; a vector of zeros is like nothing.
        let kept = |(&key, vector): (&u32, &Vec<i8>)| {
            let is_zero = vector.iter().all(|&value| value == 0);
            (key, if is_zero { vector.clone() } else { set.get(key).unwrap().unwrap() })
        };
        let vectors: BTreeMap<u32, Vec<i8>> = vectors.iter().map(kept).collect();

        let found = set.search(&query, limit, |key| key % modulus == 0).unwrap();
        let mut all: Vec<(u32, f32)> = vectors
            .keys()
            .filter(|&key| key % modulus == 0)
            .map(|&key| (key, set.similarity(key, &query).unwrap().unwrap()))
            .collect();
        for &(key, similarity) in &all {
            prop_assert!((f64::from(similarity) - cosine(&vectors[&key], &query)).abs() < 1e-6);
        }
        all.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
        all.truncate(limit);
        prop_assert_eq!(&found, &all);
        // A first pass that lets as many through as there are changes nothing.
        let by_estimate = two_passes(&set, &query, usize::MAX, limit, |key| key % modulus == 0);
        prop_assert_eq!(&by_estimate, &all);

        let wanted: Vec<u32> = vectors.keys().flat_map(|&key| [key, key ^ 1]).filter(|key| key % modulus == 0).collect();
        let mut of_range = Vec::new();
        set.similarities(wanted.iter().copied(), &query, |key, similarity| of_range.push((key, similarity))).unwrap();
        let expected: Vec<(u32, f32)> = wanted
            .iter()
            .filter_map(|&key| Some((key, set.similarity(key, &query).unwrap()?)))
            .collect();
        prop_assert_eq!(of_range, expected);
    }

    #[test]
    fn what_was_added_comes_back(vectors in proptest::collection::btree_map(any::<u32>(), proptest::collection::vec(any::<i8>(), 7), 0..600)) {
        let folder = tempfile::tempdir().unwrap();
        let set = VectorSet::open(&write(&folder, &vectors, 7, usize::MAX)).unwrap();
        set.verify().unwrap();
        for (&key, vector) in &vectors {
            let kept = set.get(key).unwrap().unwrap();
            if vector.iter().any(|&value| value != 0) {
                prop_assert!(cosine(&kept, vector) > 0.95, "{vector:?} is kept as {kept:?}");
            }
            let missing = key.wrapping_add(1);
            prop_assert_eq!(set.get(missing).unwrap().is_some(), vectors.contains_key(&missing));
        }
    }
}

#[test]
fn four_bits_of_a_value_are_nearly_all_of_it_and_copies_are_the_same() {
    let vectors = clustered(500, 256);
    let folder = tempfile::tempdir().unwrap();
    let set = VectorSet::open(&write(&folder, &vectors, 256, usize::MAX)).unwrap();
    let mut builder = VectorSetBuilder::new(256).unwrap();
    for (&key, vector) in &vectors {
        assert!(cosine(&set.get(key).unwrap().unwrap(), vector) > 0.99);
        builder.add_coded(key, &set.coded(key).unwrap().unwrap()).unwrap();
    }
    let other = tempfile::tempdir().unwrap();
    let copy = other.path().join("copy");
    builder.write(&copy).unwrap();
    assert_eq!(fs::read(&copy).unwrap(), fs::read(folder.path().join("segment.vectors")).unwrap());
    let mut wrong = VectorSetBuilder::new(1000).unwrap();
    assert!(matches!(wrong.add_coded(0, &set.coded(0).unwrap().unwrap()), Err(Error::InvalidInput { .. })));
}

#[test]
fn every_flipped_bit_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(&folder, &clustered(BLOCK_ROWS as u32 + 3, 5), 5, usize::MAX);
    let whole = fs::read(&path).unwrap();
    let check = |path: &Path| VectorSet::open(path).and_then(|set| set.verify());
    check(&path).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        fs::write(&path, &bytes).unwrap();
        let outcome = check(&path);
        assert!(
            matches!(outcome, Err(Error::Corrupt { .. } | Error::NewerFormat { .. })),
            "byte {at} was changed and nobody noticed: {outcome:?}"
        );
        if let Ok(set) = VectorSet::open(&path) {
            let query = [1, 2, 3, 4, 5];
            damaged(
                set.search(&query, 10, |_| true)
                    .and_then(|_| set.estimate(&SignQuery::new(&query), 0..set.blocks(), 0.0, |_, _| 0.0)),
            );
            damaged(
                set.similarities(0..800, &query, |_, _| ())
                    .and_then(|()| set.estimate(&SignQuery::new(&query), 0..set.blocks(), 0.0, |_, _| 0.0)),
            );
        }
    }
}

#[test]
fn every_truncation_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(&folder, &clustered(20, 5), 5, usize::MAX);
    let whole = fs::read(&path).unwrap();
    for length in 1..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        damaged(VectorSet::open(&path));
    }
    fs::write(&path, [whole.as_slice(), &[0]].concat()).unwrap();
    assert!(damaged(VectorSet::open(&path)).contains("bytes where its header says"));
    fs::write(&path, []).unwrap();
    damaged(VectorSet::open(&path));
}

#[test]
fn other_files_and_newer_versions_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(&folder, &clustered(20, 5), 5, usize::MAX);
    let mut bytes = fs::read(&path).unwrap();
    bytes[8..12].copy_from_slice(&(FORMAT_VERSION + 1).to_le_bytes());
    fs::write(&path, &bytes).unwrap();
    match VectorSet::open(&path) {
        Err(Error::NewerFormat { found, supported, .. }) => {
            assert_eq!((found, supported), (FORMAT_VERSION + 1, FORMAT_VERSION));
        }
        other => panic!("{other:?}"),
    }
    bytes[8..12].copy_from_slice(&(FORMAT_VERSION - 1).to_le_bytes());
    fs::write(&path, &bytes).unwrap();
    assert!(damaged(VectorSet::open(&path)).contains("version"));
    fs::write(&path, [b'x'; 500]).unwrap();
    assert!(damaged(VectorSet::open(&path)).contains("magic"));
    assert!(matches!(VectorSet::open(&folder.path().join("missing")), Err(Error::Io { .. })));
}

#[test]
fn wrong_input_is_refused() {
    for dimensions in [0, MAX_DIMENSIONS + 1] {
        assert!(matches!(VectorSetBuilder::new(dimensions), Err(Error::InvalidInput { .. })));
    }
    let mut builder = VectorSetBuilder::new(3).unwrap();
    assert!(matches!(builder.add(0, &[1, 2]), Err(Error::InvalidInput { .. })));
    builder.add(4, &[1, 2, 3]).unwrap();
    builder.add(2, &[1, 2, 3]).unwrap();
    builder.add(4, &[3, 2, 3]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("twice");
    assert!(matches!(builder.write(&path), Err(Error::InvalidInput { what: "key", .. })));

    let set = VectorSet::open(&write(&folder, &clustered(20, 5), 5, usize::MAX)).unwrap();
    assert!(matches!(set.search(&[1, 2, 3], 5, |_| true), Err(Error::InvalidInput { .. })));
    assert!(matches!(set.similarity(0, &[]), Err(Error::InvalidInput { .. })));
    assert!(matches!(
        set.estimate(&SignQuery::new(&[1]), 0..set.blocks(), 0.0, |_, _| 0.0),
        Err(Error::InvalidInput { .. })
    ));
    assert!(matches!(set.similarities(0..1, &[1], |_, _| ()), Err(Error::InvalidInput { .. })));
}

#[test]
fn a_graph_finds_nearly_all_neighbours_and_the_same_ones_every_time() {
    let vectors = clustered(3000, 32);
    let folder = tempfile::tempdir().unwrap();
    let path = write(&folder, &vectors, 32, 3000);
    let set = VectorSet::open(&path).unwrap();
    assert!(set.has_graph());
    let mut found_exactly = 0;
    for query in vectors.values().step_by(100) {
        let near = set.search(query, 50, |_| true).unwrap();
        let exact = set.search_exactly(query, 50, |_| true).unwrap();
        assert_eq!(near.len(), 50);
        assert!(near.is_sorted_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)).is_lt()));
        found_exactly += near.iter().filter(|hit| exact.contains(hit)).count();
    }
    assert!(found_exactly >= 30 * 50 * 95 / 100, "recall@50 is {}", found_exactly as f64 / 1500.0);

    // A filter that refuses nearly everything gets the exact answer.
    let query = &vectors[&300];
    let few = |key: u32| key.is_multiple_of(37);
    assert_eq!(set.search(query, 20, few).unwrap(), set.search_exactly(query, 20, few).unwrap());

    let again = tempfile::tempdir().unwrap();
    let second = write(&again, &vectors, 32, 3000);
    for name in ["segment.vectors", "segment.vectors.hnsw"] {
        let (first, second) = (fs::read(folder.path().join(name)).unwrap(), fs::read(again.path().join(name)).unwrap());
        assert!(first == second, "{name} differs between two builds");
    }
    let reopened = VectorSet::open(&second).unwrap();
    assert_eq!(set.search(query, 50, |_| true).unwrap(), reopened.search(query, 50, |_| true).unwrap());
}

#[test]
fn a_first_pass_lets_nearly_all_neighbours_through_and_does_not_depend_on_the_set() {
    let vectors = clustered(8000, 128);
    let folder = tempfile::tempdir().unwrap();
    let set = VectorSet::open(&write(&folder, &vectors, 128, usize::MAX)).unwrap();
    let half: BTreeMap<u32, Vec<i8>> =
        vectors.iter().filter(|(key, _)| *key % 2 == 0).map(|(&key, vector)| (key, vector.clone())).collect();
    let other = tempfile::tempdir().unwrap();
    let half = VectorSet::open(&write(&other, &half, 128, usize::MAX)).unwrap();
    let (mut found, mut wanted) = (0, 0);
    for query in vectors.values().step_by(80) {
        let exact = set.search_exactly(query, 50, |_| true).unwrap();
        let near = two_passes(&set, query, 300, 50, |_| true);
        found += near.iter().filter(|hit| exact.contains(hit)).count();
        wanted += exact.len();

        let (mut of_all, mut of_half) = (BTreeMap::new(), BTreeMap::new());
        set.estimate(&SignQuery::new(query), 0..set.blocks(), f32::NEG_INFINITY, |key, estimate| {
            of_all.insert(key, estimate.to_bits());
            f32::NEG_INFINITY
        })
        .unwrap();
        half.estimate(&SignQuery::new(query), 0..half.blocks(), f32::NEG_INFINITY, |key, estimate| {
            of_half.insert(key, estimate.to_bits());
            f32::NEG_INFINITY
        })
        .unwrap();
        // Only what is not below the bound is told, and the bound may rise with each.
        let (mut told, mut greatest) = (0, 0.1_f32);
        let rising = |_, estimate: f32| {
            assert!(estimate >= greatest);
            (told, greatest) = (told + 1, estimate);
            estimate
        };
        set.estimate(&SignQuery::new(query), 0..set.blocks(), 0.1, rising).unwrap();
        let most = of_all.values().map(|&bits| f32::from_bits(bits)).fold(f32::NEG_INFINITY, f32::max);
        assert!(told > 0 && greatest.to_bits() == most.to_bits());
        assert_eq!(of_all.len(), 8000);
        assert!(of_half.len() == 4000 && of_half.iter().all(|(key, estimate)| of_all[key] == *estimate));
    }
    assert!(found as f64 >= 0.98 * wanted as f64, "recall@50 is {}", found as f64 / wanted as f64);
}

#[test]
fn many_threads_search_one_graph_and_get_the_same_answer() {
    let vectors = clustered(3000, 32);
    let folder = tempfile::tempdir().unwrap();
    let set = VectorSet::open(&write(&folder, &vectors, 32, 1)).unwrap();
    let query = vectors.values().next().unwrap();
    let expected = set.search(query, 30, |_| true).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                for _ in 0..20 {
                    assert_eq!(set.search(query, 30, |_| true).unwrap(), expected);
                }
            });
        }
    });
}

#[test]
fn a_damaged_or_missing_graph_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(&folder, &clustered(400, 8), 8, 400);
    let graph = folder.path().join("segment.vectors.hnsw");
    let whole = fs::read(&graph).unwrap();
    let query = [1; 8];
    for at in (0..whole.len()).step_by(41) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        fs::write(&graph, &bytes).unwrap();
        let set = VectorSet::open(&path).unwrap();
        damaged(set.verify());
        // And again: the first report must not have opened it.
        damaged(set.search(&query, 5, |_| true));
    }
    fs::write(&graph, &whole[..whole.len() - 1]).unwrap();
    damaged(VectorSet::open(&path));
    fs::remove_file(&graph).unwrap();
    assert!(matches!(VectorSet::open(&path), Err(Error::Io { .. })));

    // A set without a graph, written under the same name, leaves no graph behind.
    fs::write(&graph, &whole).unwrap();
    write(&folder, &clustered(20, 8), 8, usize::MAX);
    assert!(!graph.exists());
}

#[test]
fn building_a_graph_can_be_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let mut builder = VectorSetBuilder::new(4).unwrap().graph_from(10);
    for key in 0..500_u32 {
        builder.add(key, &[key as i8, 1, 2, 3]).unwrap();
    }
    let questions = std::cell::Cell::new(0);
    let outcome = builder.write_while(&folder.path().join("set"), &|| {
        questions.set(questions.get() + 1);
        questions.get() < 3
    });
    assert!(matches!(outcome, Err(Error::Cancelled)));
    assert_eq!(questions.get(), 3);
}

#[test]
fn an_empty_set_answers_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let set = VectorSet::open(&write(&folder, &BTreeMap::new(), 8, 0)).unwrap();
    assert!(set.is_empty() && !set.has_graph());
    assert_eq!(set.search(&[1; 8], 5, |_| true).unwrap(), []);
    assert_eq!(set.get(0).unwrap(), None);
}
