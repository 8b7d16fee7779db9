//! The first pass over the vectors of a large view: estimates of all, of which the best are then compared exactly.
//!
//! Which chunks are the best does not depend on how the store is cut, nor on how many threads read: an estimate depends on its chunk
//! alone, and the best are chosen among all. The pass needs nothing but the question's vector: threads that wait for others in the
//! search for words make steps of it, and all make the rest.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use pampax_base::Crew;
use pampax_vector::{BLOCK_ROWS, SignQuery};

use crate::best::Best;
use crate::candidates::by_content;
use crate::filter::Filter;
use crate::snapshot::{Snapshot, ViewedSegment};

/// Up to so many chunks all vectors are compared; above, those with the greatest estimates ([`RESCORED_MAX`]).
const FIRST_PASS_FROM: u64 = 15_000;
/// How many chunks the pass lets through to be compared exactly. Of the 50 most similar of 1.5 million real chunks 99.9 % are among
/// them, of the 100 most similar 99.7 % (docs/quality.md).
const RESCORED_MAX: usize = 2_000;
/// From so many chunks on, the search for words is divided between threads: parts of their own and three stages cost some tens of
/// microseconds.
const CHUNKS_PER_THREAD: u64 = 30_000;
/// More threads than this wait for memory.
pub(crate) const THREADS_MAX: usize = 4;
/// So many chunks are compared exactly at a time.
const CHUNKS_PER_STEP: usize = 100;
/// A thread takes so many blocks of rows at a time.
const BLOCKS_PER_STEP: usize = (1 << 15) / BLOCK_ROWS;

/// Between how many threads the words of `snapshot` are divided, if there are as many.
pub(crate) fn threads_for_words(snapshot: &Snapshot) -> usize {
    if snapshot.statistics.chunks < CHUNKS_PER_THREAD { 1 } else { THREADS_MAX }
}

/// Chunks with the similarities of their vectors to the question's, or with estimates of them.
pub(crate) type Similar = Vec<(f32, u32)>;

/// A pass, made step by step on whatever threads there are.
pub(crate) struct FirstPass<'a> {
    snapshot: &'a Snapshot,
    vector: &'a [i8],
    query: SignQuery,
    filter: &'a Filter,
    /// Segments and the blocks of their rows.
    steps: Vec<(&'a ViewedSegment, std::ops::Range<usize>)>,
    next: AtomicUsize,
    /// What was found so far: one for each thread that was at work at the same time.
    found: Mutex<Vec<Best>>,
    /// The greatest estimate, as bits, that any of them found enough chunks at or above.
    least: AtomicU32,
}

impl<'a> FirstPass<'a> {
    /// The pass for a question's vector; `None` if the view is so small that all vectors are compared at once.
    pub(crate) fn new(snapshot: &'a Snapshot, vector: Option<&'a [i8]>, filter: &'a Filter) -> Option<Self> {
        let vector = vector.filter(|_| snapshot.statistics.chunks > FIRST_PASS_FROM)?;
        let mut steps = Vec::new();
        for viewed in &snapshot.segments {
            let Some(set) = &viewed.open.vectors else { continue };
            let starts = (0..set.blocks()).step_by(BLOCKS_PER_STEP);
            steps.extend(starts.map(|start| (viewed, start..(start + BLOCKS_PER_STEP).min(set.blocks()))));
        }
        Some(Self {
            snapshot,
            vector,
            query: SignQuery::new(vector),
            filter,
            steps,
            next: AtomicUsize::new(0),
            found: Mutex::default(),
            least: AtomicU32::new(f32::NEG_INFINITY.to_bits()),
        })
    }

    /// Makes the next step; false if there is none.
    pub(crate) fn step(&self) -> bool {
        let Some((viewed, blocks)) = self.steps.get(self.next.fetch_add(1, Ordering::Relaxed)) else { return false };
        let Some(set) = &viewed.open.vectors else { return true };
        let taken = self.found.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut best = taken.unwrap_or_else(|| Best::new(RESCORED_MAX).of_all_signs());
        best.expect(f32::from_bits(self.least.load(Ordering::Relaxed)));
        let least = best.least();
        // Most views have all of a segment and most questions no filter; to ask waits for memory.
        let is_asked = self.filter.is_set() || !viewed.is_whole();
        let offer = |chunk: u32, estimate: f32| {
            if !is_asked || self.filter.passes(viewed, chunk) {
                best.offer(estimate, viewed.first_chunk + chunk);
            }
            best.least()
        };
        // A damaged set is told by the checksums of the store when the snapshot opens; here it proposes nothing.
        set.estimate(&self.query, blocks.clone(), least, offer).unwrap_or_default();
        let raise = |least: u32| Some(best.least().max(f32::from_bits(least)).to_bits());
        let _ = self.least.fetch_update(Ordering::Relaxed, Ordering::Relaxed, raise);
        self.found.lock().unwrap_or_else(PoisonError::into_inner).push(best);
        true
    }

    /// Makes what steps are left and compares the best exactly: the chunks of the view whose vectors seem most similar, with their
    /// similarities.
    pub(crate) fn finish(self, crew: &Crew<'_, '_>) -> Similar {
        if self.next.load(Ordering::Relaxed) < self.steps.len() {
            crew.share(&|| while self.step() {});
        }
        let mut best = Best::new(RESCORED_MAX).of_all_signs();
        let found = std::mem::take(&mut *self.found.lock().unwrap_or_else(PoisonError::into_inner));
        for (estimate, chunk) in found.into_iter().flat_map(Best::into_rows) {
            best.offer(estimate, chunk);
        }
        let mut chunks = best.kept(|left, right| by_content(self.snapshot, left, right));
        chunks.sort_unstable();
        let steps: Vec<&[u32]> = chunks.chunks(CHUNKS_PER_STEP).collect();
        crew.map(&steps, |step| self.compare(step)).into_iter().flatten().collect()
    }

    /// Compares chunks, given in ascending order, exactly.
    fn compare(&self, chunks: &[u32]) -> Similar {
        let mut similar = Vec::with_capacity(chunks.len());
        let mut rest = chunks;
        for viewed in &self.snapshot.segments {
            let end = viewed.first_chunk + viewed.open.words.chunks();
            let (own, others) = rest.split_at(rest.partition_point(|&chunk| chunk < end));
            rest = others;
            let Some(set) = &viewed.open.vectors else { continue };
            let keys = own.iter().map(|&chunk| chunk - viewed.first_chunk);
            let take = |chunk: u32, similarity: f32| similar.push((similarity, viewed.first_chunk + chunk));
            // As above: damage proposes nothing.
            set.similarities(keys, self.vector, take).unwrap_or_default();
        }
        similar
    }
}
