//! One file of several, without their texts.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::iter::Peekable;
use std::path::Path;

use pampax_base::Result;

use crate::Trigram;
use crate::file::{Lists, Trigrams};
use crate::write::TrigramsWriter;

/// A source, and where its entries go.
struct Source<'a> {
    trigrams: &'a Trigrams,
    lists: Peekable<Lists<'a>>,
    /// For each entry its new number, if it is kept.
    new: Vec<Option<u32>>,
}

/// Writes at `path` the entries of all sources that `keep` names by source and entry, in that order. A source is a file, or
/// how many entries a segment has of which nothing is known: they become candidates for everything.
///
/// # Errors
/// [`pampax_base::Error::Io`], or [`pampax_base::Error::Corrupt`] for a damaged source.
pub fn merge(
    sources: &[std::result::Result<&Trigrams, u32>],
    keep: impl Fn(usize, u32) -> bool,
    path: &Path,
) -> Result<()> {
    let mut entries = 0;
    let mut always = Vec::new();
    let mut open = Vec::new();
    for (number, source) in sources.iter().enumerate() {
        let count = source.map_or_else(|count| count, Trigrams::entries);
        let mut give = |entry| {
            keep(number, entry).then(|| {
                entries += 1;
                entries - 1
            })
        };
        let new: Vec<Option<u32>> = (0..count).map(&mut give).collect();
        match source {
            Ok(trigrams) => {
                always.extend(trigrams.always().iter().filter_map(|&entry| new.get(entry as usize).copied().flatten()));
                open.push(Source { trigrams, lists: trigrams.lists().peekable(), new });
            }
            Err(_) => always.extend(new.into_iter().flatten()),
        }
    }
    let mut writer = TrigramsWriter::create(path, entries)?;
    let mut heap: BinaryHeap<Reverse<(Trigram, usize)>> = BinaryHeap::new();
    for number in 0..open.len() {
        push_next(&mut heap, &mut open, number)?;
    }
    let mut numbers = Vec::new();
    while let Some(&Reverse((trigram, _))) = heap.peek() {
        numbers.clear();
        // Sources come out by their number, so that new numbers rise.
        while let Some(&Reverse((same, number))) = heap.peek()
            && same == trigram
        {
            heap.pop();
            let source = &mut open[number];
            if let Some((_, list)) = source.lists.next().transpose()? {
                let old = source.trigrams.read(list)?;
                numbers.extend(old.into_iter().filter_map(|entry| source.new.get(entry as usize).copied().flatten()));
            }
            push_next(&mut heap, &mut open, number)?;
        }
        writer.add(trigram, &numbers)?;
    }
    writer.finish(&always)
}

fn push_next(heap: &mut BinaryHeap<Reverse<(Trigram, usize)>>, open: &mut [Source<'_>], number: usize) -> Result<()> {
    match open[number].lists.next_if(|next| next.is_err()) {
        Some(Err(error)) => Err(error),
        _ => {
            if let Some(Ok((trigram, _))) = open[number].lists.peek() {
                heap.push(Reverse((*trigram, number)));
            }
            Ok(())
        }
    }
}
