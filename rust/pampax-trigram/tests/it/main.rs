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
