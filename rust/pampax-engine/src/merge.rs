//! Merging small segments, so that a thousand edits do not leave a thousand segments to search.
//!
//! Segments fall into tiers by size, each four times the one before; four segments of a tier become one, together with all
//! smaller ones. So each entry is copied once per tier it passes: the cost of an edit grows with the logarithm of the
//! repository, not with its size. Entries that no view sees are kept (a branch switched away from comes back for nothing)
//! until they outnumber the seen ones.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use pampax_base::{Error, Result};
use pampax_lexical::WordsFile;
use pampax_store::{EntryAddress, Facts, FactsBuilder, SegmentRecord, View, ViewBuilder, ViewRecord, Writer};
use pampax_trigram::Trigrams;

use crate::segment::TRIGRAMS;
use crate::vectors::{self, Embedder, SetName};

/// Segments of a tier that become one.
const TIER_SEGMENTS: usize = 4;
/// Chunks of the smallest tier.
const TIER_CHUNKS: u32 = 1024;
/// Larger segments stay as they are: another one to search costs a question 0.04 ms, and merging it seconds.
const LARGE_CHUNKS: u32 = 32_768;
/// A merge never makes a segment larger than this: it is made in memory.
const MERGED_CHUNKS_MAX: u32 = 200_000;

/// Segments that became one.
#[derive(Default)]
pub(crate) struct Merged {
    /// The segments that are not needed any more.
    pub(crate) replaced: Vec<u64>,
    pub(crate) new: HashMap<EntryAddress, EntryAddress>,
}

/// Merges small segments, each group in a commit of its own; until there is none left, or `groups_max` of them are done. What was
/// indexed before is committed already, so nobody waits to search it. `before` is the state that the view at hand had until then:
/// its entries are one step back and cheap to keep.
///
/// # Errors
/// [`Error::Cancelled`] between two groups if `go_on` says so; those that are done stay.
pub(crate) fn merge_small_segments(
    writer: &mut Writer,
    before: Option<&View>,
    embedder: Option<&Embedder>,
    (groups_max, go_on): (usize, &mut dyn FnMut() -> bool),
) -> Result<()> {
    let local: Vec<SetName> = embedder.map(|embedder| embedder.set_name().clone()).into_iter().collect();
    let mut before = before.map(View::to_builder);
    for _ in 0..groups_max {
        let segments = writer.segments().values().filter(|segment| has_vectors_of(segment, embedder));
        let chosen = choose(segments.map(|segment| (segment.id, segment.chunks)).collect());
        if chosen.is_empty() {
            return Ok(());
        }
        if !go_on() {
            return Err(Error::Cancelled);
        }
        let seen = seen_entries(writer, before.as_ref())?;
        let (total, alive) = count(writer, &chosen, &seen)?;
        let keep_all = total <= 2 * alive;
        let merged = rewrite(writer, chosen, |address| keep_all || seen.contains(&address), &local)?;
        if let Some(before) = &mut before {
            remap(before, &merged);
        }
        let views = writer.generation().views.clone();
        move_views(writer, &views, &merged)?;
    }
    Ok(())
}

/// Whether merging a segment with others like it keeps what it has of the model in use: those without are not merged with those that
/// have vectors, as these would have to be made again. A run without a model leaves alone what has vectors of any.
fn has_vectors_of(segment: &SegmentRecord, embedder: Option<&Embedder>) -> bool {
    match embedder {
        Some(embedder) => embedder.set_name().newest(segment).is_some(),
        None => SetName::all_local(std::iter::once(segment)).is_empty(),
    }
}

/// Removes the segments of which no view sees anything. That is what is left when everything was made anew.
pub(crate) fn drop_unseen_segments(writer: &mut Writer) -> Result<()> {
    let seen: HashSet<u64> = seen_entries(writer, None)?.into_iter().map(|address| address.segment).collect();
    let replaced: Vec<u64> = writer.segments().keys().copied().filter(|id| !seen.contains(id)).collect();
    if replaced.is_empty() {
        return Ok(());
    }
    let views = writer.generation().views.clone();
    move_views(writer, &views, &Merged { replaced, new: HashMap::new() })
}

/// Commits that the entries of `views`, which are all the views there are then, lie where they were merged to. The generation keeps its
/// number, as no answer changes.
pub(crate) fn move_views(writer: &mut Writer, views: &[ViewRecord], merged: &Merged) -> Result<()> {
    let mut moved = Vec::with_capacity(views.len());
    for record in views {
        let mut view = View::open(&writer.store().path(&record.file))?.to_builder();
        // Its graph names files, not entries: it stays.
        let is_moved = remap(&mut view, merged);
        moved.push(if is_moved { writer.stage_view(record.clone(), &view, None)? } else { record.clone() });
    }
    writer.replace_views(moved, &merged.replaced).map(drop)
}

/// How many entries the segments have, and how many of them are in `seen`.
fn count(writer: &Writer, ids: &[u64], seen: &HashSet<EntryAddress>) -> Result<(usize, usize)> {
    let (mut total, mut alive) = (0, 0);
    for &segment in ids {
        let entries = Facts::open(&writer.store().segment_folder(segment).join("facts"))?.entries().len();
        total += entries;
        alive += (0..entries as u32).filter(|&entry| seen.contains(&EntryAddress { segment, entry })).count();
    }
    Ok((total, alive))
}

/// Makes one segment of the kept entries of the segments `chosen`, with their words, the vectors of the models `local`, and those
/// of all models that were asked; none if nothing is kept.
pub(crate) fn rewrite(
    writer: &mut Writer,
    chosen: Vec<u64>,
    keep: impl Fn(EntryAddress) -> bool,
    local: &[SetName],
) -> Result<Merged> {
    let mut facts = Vec::with_capacity(chosen.len());
    let mut words = Vec::with_capacity(chosen.len());
    for &id in &chosen {
        let folder = writer.store().segment_folder(id);
        facts.push(Facts::open(&folder.join("facts"))?);
        words.push(WordsFile::open(&folder.join("words"))?);
    }
    let id = writer.begin_segment()?;
    let mut builder = FactsBuilder::new();
    let mut new = HashMap::new();
    let mut kept_entries = Vec::new();
    for (number, facts) in facts.iter().enumerate() {
        for entry in 0..facts.entries().len() as u32 {
            let address = EntryAddress { segment: chosen[number], entry };
            if keep(address) {
                new.insert(address, EntryAddress { segment: id, entry: builder.entries() });
                facts.copy_entry(entry, &mut builder);
                kept_entries.push(address);
            }
        }
    }
    if builder.entries() > 0 {
        let folder = writer.store().segment_folder(id);
        let files: Vec<&WordsFile> = words.iter().collect();
        let kept = |file: usize, chunk: u32| {
            let entry = facts[file].entry_of_chunk(chunk);
            keep(EntryAddress { segment: chosen[file], entry })
        };
        pampax_lexical::merge(&files, kept, &folder.join("words"))?;
        merge_trigrams(writer, &chosen, &facts, keep, &folder.join(TRIGRAMS))?;
        let sources: Vec<(u64, &Facts)> = chosen.iter().copied().zip(&facts).collect();
        for name in local {
            vectors::merge(writer, (name, false), &sources, &kept_entries, &folder)?;
        }
        let records = chosen.iter().filter_map(|id| writer.segments().get(id));
        for name in SetName::all_remote(records) {
            vectors::merge(writer, (&name, true), &sources, &kept_entries, &folder)?;
        }
        let merged = WordsFile::open(&folder.join("words"))?;
        builder.finish(&folder.join("facts"), |chunk| merged.lengths(chunk))?;
        writer.seal_segment(id)?;
    }
    Ok(Merged { replaced: chosen, new })
}

/// Merges the trigrams of the segments `chosen`. Of those that have none (made before there were any) every entry becomes a
/// candidate for every search.
fn merge_trigrams(
    writer: &Writer,
    chosen: &[u64],
    facts: &[Facts],
    keep: impl Fn(EntryAddress) -> bool,
    path: &Path,
) -> Result<()> {
    let mut open = Vec::with_capacity(chosen.len());
    for (&id, facts) in chosen.iter().zip(facts) {
        let entries = facts.entries().len() as u32;
        let path = writer.store().segment_folder(id).join(TRIGRAMS);
        open.push(if path.exists() { Ok(Trigrams::open(&path, entries)?) } else { Err(entries) });
    }
    if open.iter().all(std::result::Result::is_err) {
        return Ok(());
    }
    let sources: Vec<std::result::Result<&Trigrams, u32>> =
        open.iter().map(|source| source.as_ref().map_err(|&entries| entries)).collect();
    let keep = |source: usize, entry| keep(EntryAddress { segment: chosen[source], entry });
    pampax_trigram::merge(&sources, keep, path)
}

/// Entries that any view sees, or saw `before`.
fn seen_entries(writer: &Writer, before: Option<&ViewBuilder>) -> Result<HashSet<EntryAddress>> {
    let mut all = HashSet::new();
    let mut add = |segments: &[u64], seen: &[pampax_store::Seen]| {
        for seen in seen {
            if let Some(&segment) = segments.get(seen.segment as usize) {
                all.insert(EntryAddress { segment, entry: seen.entry });
            }
        }
    };
    if let Some(before) = before {
        add(&before.segments, &before.seen);
    }
    for record in &writer.generation().views {
        let other = View::open(&writer.store().path(&record.file))?;
        add(other.segments(), other.seen());
    }
    Ok(all)
}

/// The segments to merge, ascending; none if all is well.
fn choose(mut sizes: Vec<(u64, u32)>) -> Vec<u64> {
    let tier = |chunks: u32| (chunks / TIER_CHUNKS).checked_ilog(4).map_or(0, |tier| tier + 1);
    sizes.retain(|&(_, chunks)| chunks <= LARGE_CHUNKS);
    sizes.sort_unstable_by_key(|&(id, chunks)| (chunks, id));
    let mut best = 0;
    let mut start = 0;
    let mut total = 0_u32;
    for (number, &(_, chunks)) in sizes.iter().enumerate() {
        if tier(chunks) != tier(sizes[start].1) {
            start = number;
        }
        total = total.saturating_add(chunks);
        if number + 1 - start >= TIER_SEGMENTS && total <= MERGED_CHUNKS_MAX {
            best = number + 1;
        }
    }
    let mut chosen: Vec<u64> = sizes[..best].iter().map(|&(id, _)| id).collect();
    chosen.sort_unstable();
    chosen
}

/// Points the entries of `view` to where they are now; says whether anything changed.
pub(crate) fn remap(view: &mut ViewBuilder, merged: &Merged) -> bool {
    let mut changed = false;
    for number in 0..view.seen.len() {
        let seen = view.seen[number];
        let Some(&segment) = view.segments.get(seen.segment as usize) else { continue };
        if let Some(&new) = merged.new.get(&EntryAddress { segment, entry: seen.entry }) {
            let segment = view.segment(new.segment);
            view.seen[number].segment = segment;
            view.seen[number].entry = new.entry;
            changed = true;
        }
    }
    if changed {
        view.normalise();
        let mut used: Vec<u32> = view.seen.iter().map(|seen| seen.segment).collect();
        used.dedup();
        view.segments = used.iter().map(|&segment| view.segments[segment as usize]).collect();
        for seen in &mut view.seen {
            seen.segment = used.partition_point(|&known| known < seen.segment) as u32;
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_of_a_tier_are_merged_with_all_smaller_ones() {
        assert!(choose(vec![(1, 10), (2, 10), (3, 10)]).is_empty());
        assert_eq!(choose(vec![(4, 10), (1, 10), (2, 10), (3, 10)]), [1, 2, 3, 4]);
        assert!(choose(vec![(1, 50_000), (2, 10), (3, 10), (4, 5000)]).is_empty());
        assert_eq!(choose(vec![(1, 5000), (2, 6000), (3, 5500), (4, 7000), (5, 3)]), [1, 2, 3, 4, 5]);
        assert_eq!(choose(vec![(1, 20_000), (2, 30_000), (3, 20_000), (4, 20_000), (5, 40_000)]), [1, 2, 3, 4]);
        assert!(choose(vec![(1, 100_000), (2, 100_000), (3, 100_000), (4, 100_000)]).is_empty());
        assert!(choose(vec![(1, 40_000), (2, 40_000), (3, 40_000), (4, 40_000), (5, 3)]).is_empty());
    }
}
