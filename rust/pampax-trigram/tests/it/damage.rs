//! Damaged files give errors or other candidates, never a panic.

use pampax_base::Error;
use pampax_trigram::{Syntax, Trigrams, merge, plan};
use proptest::prelude::*;

use crate::indexed;

const ENTRIES: u32 = 40;

fn sample() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trigrams");
    let texts: Vec<String> =
        (0..ENTRIES).map(|number| format!("text {number} of {}\n", number * number * 7919)).collect();
    indexed(&texts, &path);
    std::fs::read(&path).unwrap()
}

/// Does everything that can be done with a file.
fn use_all(bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trigrams");
    std::fs::write(&path, bytes).unwrap();
    let Ok(trigrams) = Trigrams::open(&path, ENTRIES) else { return };
    for pattern in ["text 12", "(1|2|3)\\d?9 of", "zzzz", "of .* of"] {
        let condition = plan(pattern, &Syntax::default()).unwrap();
        match trigrams.candidates(&condition) {
            Ok(candidates) => {
                let candidates = candidates.unwrap_or_default();
                assert!(candidates.windows(2).all(|pair| pair[0] < pair[1]));
                assert!(candidates.iter().all(|&entry| entry < trigrams.entries()));
            }
            Err(error) => assert!(matches!(error, Error::Corrupt { .. })),
        }
    }
    if let Err(error) = merge(&[Ok(&trigrams), Ok(&trigrams)], |_, _| true, &folder.path().join("merged")) {
        assert!(matches!(error, Error::Corrupt { .. }));
    }
}

#[test]
fn a_file_cut_short_is_no_file_of_trigrams() {
    let bytes = sample();
    use_all(&bytes);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trigrams");
    for length in (0..bytes.len()).step_by(7) {
        std::fs::write(&path, &bytes[..length]).unwrap();
        assert!(Trigrams::open(&path, ENTRIES).is_err(), "{length} bytes");
    }
    assert!(Trigrams::open(&folder.path().join("absent"), ENTRIES).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn changed_bytes(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut bytes = sample();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        use_all(&bytes);
    }

    #[test]
    fn changed_ends(at in 0_usize..400, value in any::<u8>()) {
        let mut bytes = sample();
        let at = bytes.len() - 1 - at.min(bytes.len() - 1);
        bytes[at] = value;
        use_all(&bytes);
    }
}
