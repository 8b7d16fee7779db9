//! A merged file is the one that the texts together would have given.

use pampax_trigram::{Syntax, Trigrams, TrigramsBuilder, merge, plan};
use proptest::prelude::*;

use crate::indexed;

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn merging_equals_building(
        segments in prop::collection::vec(prop::collection::vec("[a-d\n]{0,40}", 0..6), 1..5),
        dropped in prop::collection::vec(any::<bool>(), 24),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let open: Vec<Trigrams> =
            segments.iter().enumerate().map(|(number, texts)| indexed(texts, &path(&number.to_string()))).collect();
        let sources: Vec<Result<&Trigrams, u32>> = open.iter().map(Ok).collect();
        let is_kept = |segment: usize, entry: u32| !dropped[(segment * 6 + entry as usize) % dropped.len()];
        merge(&sources, is_kept, &path("merged")).unwrap();

        let mut kept = Vec::new();
        for (segment, texts) in segments.iter().enumerate() {
            kept.extend(texts.iter().enumerate().filter(|(entry, _)| is_kept(segment, *entry as u32)).map(|(_, text)| text));
        }
        indexed(&kept, &path("rebuilt"));
        prop_assert_eq!(std::fs::read(path("merged")).unwrap(), std::fs::read(path("rebuilt")).unwrap());
    }
}

#[test]
fn entries_of_which_nothing_is_known_become_candidates() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let known = indexed(&["needle", "hay"], &path("known"));
    let mut builder = TrigramsBuilder::new();
    builder.skip();
    builder.add(b"needle");
    builder.finish(&path("partly")).unwrap();
    let partly = Trigrams::open(&path("partly"), 2).unwrap();
    merge(&[Ok(&known), Err(2), Ok(&partly)], |_, _| true, &path("merged")).unwrap();
    let merged = Trigrams::open(&path("merged"), 6).unwrap();
    assert_eq!((merged.entries(), merged.always()), (6, [2, 3, 4].as_slice()));
    let condition = plan("needle", &Syntax::default()).unwrap();
    assert_eq!(merged.candidates(&condition).unwrap(), Some(vec![0, 2, 3, 4, 5]));
}
