//! Which entries of a words file a view has.

use std::ops::Range;

use tantivy::postings::BlockSegmentPostings;

/// A place is looked for so far one by one before it is jumped to.
const NEAR: usize = 8;

/// Which entries of a words file a view has, if it has not all of them. Mostly few are missing, those that were edited since: what is
/// counted of the whole file once is right but for them.
#[derive(Debug)]
pub struct Alive {
    flags: Vec<bool>,
    /// The chunks of entries that are missing, ascending.
    gone: Vec<Range<u32>>,
}

impl Alive {
    /// `flags`: for each entry whether the view has it. `entry_of_chunk`: as in [`crate::Part`].
    pub fn new(flags: Vec<bool>, entry_of_chunk: &[u32]) -> Self {
        let mut gone: Vec<Range<u32>> = Vec::new();
        for (chunk, &entry) in (0..).zip(entry_of_chunk) {
            let is_first = chunk == 0 || entry_of_chunk[chunk as usize - 1] != entry;
            match (flags.get(entry as usize), gone.last_mut()) {
                (Some(true), _) => {}
                (_, Some(last)) if !is_first && last.end == chunk => last.end += 1,
                _ => gone.push(chunk..chunk + 1),
            }
        }
        Self { flags, gone }
    }

    /// Whether the view has an entry.
    pub fn has(&self, entry: u32) -> bool {
        self.flags.get(entry as usize).copied().unwrap_or(false)
    }

    /// How many chunks and how many entries of a list of postings are missing in the view.
    pub(crate) fn count_gone(&self, postings: BlockSegmentPostings) -> (u64, u64) {
        let (mut list, mut at, mut chunks, mut entries) = (List::new(postings), 0, 0, 0);
        while let Some(chunk) = list.now() {
            at = first_from(&self.gone, at, |gone| gone.end > chunk);
            let Some(gone) = self.gone.get(at) else { break };
            list.seek(gone.start);
            let before = chunks;
            while list.now().is_some_and(|chunk| chunk < gone.end) {
                list.skip();
                chunks += 1;
            }
            entries += u64::from(chunks > before);
        }
        (chunks, entries)
    }
}

/// A list of postings and a place in its block.
struct List {
    postings: BlockSegmentPostings,
    at: usize,
}

impl List {
    fn new(postings: BlockSegmentPostings) -> Self {
        Self { postings, at: 0 }
    }

    /// Goes to the next chunk.
    fn skip(&mut self) {
        self.at += 1;
    }

    /// The chunk at the place.
    fn now(&mut self) -> Option<u32> {
        if self.at >= self.postings.docs().len() {
            self.postings.advance();
            self.at = 0;
        }
        self.postings.docs().get(self.at).copied()
    }

    /// Goes to the first chunk from `chunk` on, if it is not there yet.
    fn seek(&mut self, chunk: u32) {
        let ahead = &self.postings.docs()[self.at..];
        match ahead.iter().take(NEAR).position(|&own| own >= chunk) {
            Some(steps) => self.at += steps,
            None => self.at = self.postings.seek(chunk),
        }
    }
}

/// The first place from `start` on of which `is_there` is true; it is true of all after it.
fn first_from<T>(list: &[T], start: usize, is_there: impl Fn(&T) -> bool) -> usize {
    let mut step = 1;
    let mut low = start;
    while let Some(one) = list.get(low + step - 1) {
        if is_there(one) {
            break;
        }
        low += step;
        step *= 2;
    }
    let high = (low + step - 1).min(list.len());
    low + list[low..high].partition_point(|one| !is_there(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_place_is_found_from_wherever_one_is() {
        let list: Vec<u32> = (0..100).map(|number| 2 * number).collect();
        for start in 0..=list.len() {
            for wanted in 0..220 {
                let expected = start.max(list.partition_point(|&number| number < wanted));
                assert_eq!(first_from(&list, start, |&number| number >= wanted), expected, "{start} {wanted}");
            }
        }
    }
}
