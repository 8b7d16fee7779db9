//! The index as its callers see it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where by panicking")]

mod damage;
mod merging;
mod planning;

use std::path::Path;

use pampax_trigram::{Trigrams, TrigramsBuilder};

/// The index of `texts`, written at `path` and opened.
fn indexed(texts: &[impl AsRef<[u8]>], path: &Path) -> Trigrams {
    let mut builder = TrigramsBuilder::new();
    for text in texts {
        builder.add(text.as_ref());
    }
    builder.finish(path).unwrap();
    Trigrams::open(path, texts.len() as u32).unwrap()
}

/// What has more trigrams than any text is a candidate for everything, and leaves nothing behind for the next entry.
#[test]
fn an_entry_with_too_many_trigrams_is_always_a_candidate() {
    let folder = tempfile::tempdir().unwrap();
    let mut seed = 1_u32;
    let mut byte = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        0x80 | (seed >> 16) as u8
    };
    let dense: Vec<u8> = (0..1 << 20).map(|_| byte()).collect();
    let trigrams = indexed(&[&dense[..], b"abc\nabcd", &dense[..300]], &folder.path().join("dense"));
    assert_eq!(trigrams.always(), [0]);
    let mut own: Vec<&[u8]> = dense[..300].windows(3).collect();
    own.sort_unstable();
    own.dedup();
    assert_eq!(trigrams.trigrams() as usize, own.len() + 2);
}
