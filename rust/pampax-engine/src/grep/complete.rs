//! Trigrams for segments that were made before there were any.

use std::path::Path;

use pampax_base::{Error, Result};
use pampax_store::{Facts, ViewBuilder, Writer};
use pampax_trigram::TrigramsBuilder;

use crate::graph::build::FilesSink;
use crate::read::{Searched, Source, read};
use crate::segment::TRIGRAMS;
use crate::walk::Found;

/// Writes the trigrams of the segments of `view` that lack them, from the files that are still what was indexed; entries of
/// other files become candidates for everything. Says whether anything was written.
pub(crate) fn complete(
    writer: &mut Writer,
    root: &Path,
    view: &ViewBuilder,
    progress: &mut FilesSink<'_>,
) -> Result<bool> {
    let lacks = |id: &u64| {
        let name = format!("segments/{id}/{TRIGRAMS}");
        writer.segments().get(id).is_some_and(|segment| segment.files.iter().all(|file| file.name != name))
    };
    let lacking: Vec<(usize, u64)> = view.segments.iter().copied().enumerate().filter(|(_, id)| lacks(id)).collect();
    let seen_in = |number: usize| view.seen.iter().filter(move |seen| seen.segment as usize == number);
    let files: usize = lacking.iter().map(|&(number, _)| seen_in(number).count()).sum();
    let mut done = 0;
    for &(number, id) in &lacking {
        let folder = writer.store().segment_folder(id);
        let facts = Facts::open(&folder.join("facts"))?;
        let mut is_seen = vec![false; facts.entries().len()];
        for seen in seen_in(number) {
            if let Some(flag) = is_seen.get_mut(seen.entry as usize) {
                *flag = true;
            }
        }
        let mut builder = TrigramsBuilder::new();
        for (entry, is_seen) in (0..).zip(is_seen) {
            if is_seen && !progress(done, files as u64) {
                return Err(Error::Cancelled);
            }
            done += u64::from(is_seen);
            match is_seen.then(|| same_source(root, &facts, entry)).flatten() {
                Some(source) => add(&mut builder, &source),
                None => builder.skip(),
            }
        }
        builder.finish(&folder.join(TRIGRAMS))?;
        writer.seal_segment(id)?;
    }
    Ok(!lacking.is_empty())
}

/// Adds what a search sees of a file.
pub(crate) fn add(builder: &mut TrigramsBuilder, source: &Source) {
    match &source.searched {
        Searched::Text => builder.add(source.text.as_bytes()),
        Searched::Bytes(bytes) => builder.add(bytes),
        Searched::Decoded => builder.skip(),
    }
}

/// The file of an entry, if it is still what was indexed.
fn same_source(root: &Path, facts: &Facts, entry: u32) -> Option<Source> {
    let record = facts.entries().get(entry as usize)?;
    let found = Found { path: facts.path(entry).to_owned(), bytes: record.bytes, modified_ns: 0, changed_ns: 0 };
    let source = read(root, &found, record.bytes).ok()?;
    (source.blob == record.blob).then_some(source)
}
