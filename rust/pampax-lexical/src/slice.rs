//! Cutting parts for threads.

use std::ops::Range;

use crate::score::Part;

/// Fewer chunks are no slice of their own: each looks for its place in every list of postings.
const CHUNKS_PER_SLICE_MIN: u32 = 512;

/// Entries of a part that follow one another, with all of their chunks, each numbered from the first of the slice on.
#[derive(Clone)]
pub(crate) struct Slice<'a> {
    pub(crate) part: Part<'a>,
    /// The number of its part.
    pub(crate) number: usize,
    /// Its chunks, as the part numbers them.
    pub(crate) chunks: Range<u32>,
    /// Its first entry, as the part numbers it.
    first_entry: u32,
    /// For each chunk its entry, as the part numbers it.
    entry_of_chunk: &'a [u32],
    /// How many entries it has.
    pub(crate) entries: usize,
}

impl<'a> Slice<'a> {
    fn new(part: Part<'a>, number: usize, chunks: Range<u32>) -> Self {
        let entry_of_chunk = part.entry_of_chunk.get(chunks.start as usize..chunks.end as usize).unwrap_or_default();
        let first_entry = entry_of_chunk.first().copied().unwrap_or(0);
        let end = entry_of_chunk.last().map_or(0, |&last| (last as usize + 1).min(part.lengths.len()));
        let entries = end.saturating_sub(first_entry as usize);
        Self { part, number, chunks, first_entry, entry_of_chunk, entries }
    }

    /// The number of its first chunk among all parts.
    pub(crate) fn first_chunk(&self) -> u32 {
        self.part.first_chunk + self.chunks.start
    }

    /// The number of its first entry among all parts.
    pub(crate) fn first_entry(&self) -> u32 {
        self.part.first_entry + self.first_entry
    }

    /// Whether it is the first of its part.
    pub(crate) fn is_first(&self) -> bool {
        self.chunks.start == 0
    }

    /// The entry of a chunk; one that there is not if it has none.
    pub(crate) fn entry_of(&self, chunk: u32) -> u32 {
        self.entry_of_chunk.get(chunk as usize).map_or(u32::MAX, |entry| entry.wrapping_sub(self.first_entry))
    }

    /// Whether the view has an entry.
    pub(crate) fn has(&self, entry: u32) -> bool {
        let is_alive = || self.part.alive.is_none_or(|alive| alive.has(self.first_entry + entry));
        (entry as usize) < self.entries && is_alive()
    }

    /// How many terms a field of an entry has.
    pub(crate) fn length(&self, entry: u32, field: usize) -> u32 {
        self.part.lengths.get((self.first_entry + entry) as usize).map_or(1, |lengths| lengths[field])
    }

    /// The chunks of an entry.
    pub(crate) fn chunks_of(&self, entry: u32) -> Range<u32> {
        let first_chunks = self.part.words.first_chunks(self.part.entry_of_chunk, self.part.lengths.len());
        let place =
            |entry: u32| first_chunks.get(entry as usize).map_or(0, |chunk| chunk.saturating_sub(self.chunks.start));
        place(self.first_entry + entry)..place(self.first_entry + entry + 1)
    }
}

/// Cuts the parts, which follow one another, into up to `count` groups of slices with about as many chunks each.
pub(crate) fn cut<'a>(parts: &[Part<'a>], count: usize) -> Vec<Vec<Slice<'a>>> {
    let all = parts.iter().map(|part| u64::from(part.words.chunks())).sum::<u64>().max(1);
    let count = count.max(1) as u64;
    let (mut slices, mut before) = (Vec::new(), 0);
    for (number, part) in parts.iter().enumerate() {
        let chunks = part.words.chunks();
        let mut start = 0;
        for place in 1..=count {
            let wanted = (place * all / count).saturating_sub(before).min(u64::from(chunks)) as u32;
            let end = if wanted + CHUNKS_PER_SLICE_MIN > chunks { chunks } else { end_of_entry(part, wanted) };
            if end <= start || end < chunks && end < start + CHUNKS_PER_SLICE_MIN {
                continue;
            }
            let group = (before + u64::from(start + (end - start) / 2)) * count / all;
            slices.push((group, Slice::new(*part, number, start..end)));
            start = end;
        }
        before += u64::from(chunks);
    }
    let of_group = slices.chunk_by(|left, right| left.0 == right.0);
    of_group.map(|slices| slices.iter().map(|(_, slice)| slice.clone()).collect()).collect()
}

/// The first place from `chunk` on where an entry ends.
fn end_of_entry(part: &Part<'_>, chunk: u32) -> u32 {
    let (before, after) = part.entry_of_chunk.split_at_checked(chunk as usize).unwrap_or_default();
    chunk + after.iter().take_while(|entry| Some(*entry) == before.last()).count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::{ChunkWords, WordsBuilder};
    use crate::field::Lengths;
    use crate::words::WordsFile;

    fn words(folder: &std::path::Path, chunks: usize) -> WordsFile {
        let mut builder = WordsBuilder::new(|text, visit| visit(text)).unwrap();
        for _ in 0..chunks {
            builder.add(&ChunkWords { body: "x", ..ChunkWords::default() }).unwrap();
        }
        let path = folder.join(chunks.to_string());
        builder.finish(&path).unwrap();
        WordsFile::open(&path).unwrap()
    }

    #[test]
    fn slices_have_all_chunks_in_order_and_whole_entries() {
        let folder = tempfile::tempdir().unwrap();
        let sizes = [7000, 3, 1500, 600, 4100];
        let files = sizes.map(|chunks| words(folder.path(), chunks));
        // Entries of one chunk, of some, and of more than a slice.
        let entry = |chunk: u32| if chunk < 900 { chunk / 3 } else { 300 + (chunk - 900) / 700 };
        let owners = sizes.map(|chunks| (0..chunks as u32).map(entry).collect::<Vec<u32>>());
        let lengths = vec![Lengths::default(); 400];
        let mut first_chunk = 0;
        let mut parts = Vec::new();
        for (words, owners) in files.iter().zip(&owners) {
            let (entry_of_chunk, lengths) = (&owners[..], &lengths[..]);
            parts.push(Part { words, entry_of_chunk, lengths, alive: None, first_chunk, first_entry: 0 });
            first_chunk += words.chunks();
        }
        for count in [1, 2, 4, 7, 64] {
            let groups = cut(&parts, count);
            assert!(groups.len() <= count && groups.iter().all(|group| !group.is_empty()), "{count}");
            let slices: Vec<&Slice<'_>> = groups.iter().flatten().collect();
            let mut next = 0;
            for slice in &slices {
                assert_eq!(slice.first_chunk(), next, "{count}");
                assert!(slice.chunks.len() >= 3, "{count}: {:?}", slice.chunks);
                next += slice.chunks.len() as u32;
                let owners = &owners[slice.number];
                let (start, end) = (slice.chunks.start as usize, slice.chunks.end as usize);
                assert!(start == 0 || owners[start - 1] != owners[start]);
                assert!(end == owners.len() || owners[end - 1] != owners[end]);
                for chunk in 0..slice.chunks.len() as u32 {
                    let own = slice.entry_of(chunk);
                    assert!(slice.has(own) && slice.chunks_of(own).contains(&chunk));
                }
            }
            assert_eq!(next, first_chunk, "{count}");
            let most = groups.iter().map(|group| group.iter().map(|slice| slice.chunks.len()).sum::<usize>()).max();
            // About as many each: an entry more, and what is too little to be cut off.
            assert!(most.unwrap() <= first_chunk as usize / count + 2 * 1212, "{count}: {most:?}");
        }
    }

    #[test]
    fn nothing_is_cut_into_nothing() {
        assert!(cut(&[], 4).is_empty());
    }
}
