//! Which entries of a words file a view has.

use std::ops::Range;

use tantivy::postings::BlockSegmentPostings;

use crate::share::{List, first_from};

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
        while let Some((chunk, _)) = list.now() {
            at = first_from(&self.gone, at, |gone| gone.end > chunk);
            let Some(gone) = self.gone.get(at) else { break };
            list.seek(gone.start);
            let before = chunks;
            while list.now().is_some_and(|(chunk, _)| chunk < gone.end) {
                list.skip();
                chunks += 1;
            }
            entries += u64::from(chunks > before);
        }
        (chunks, entries)
    }
}
