//! The first pass over the vectors of a large view: estimates of all, of which the best are then compared exactly.
//!
//! Which chunks are the best does not depend on how the store is cut, nor on how many threads read: an estimate depends on its chunk
//! alone, and the best are chosen among all. The pass needs nothing but the question's vector, so it runs beside the search for
//! words, on as many threads as help; who searched for words then helps to end it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Scope, ScopedJoinHandle};

use pampax_vector::BLOCK_ROWS;

use crate::best::Best;
use crate::candidates::by_content;
use crate::filter::Filter;
use crate::snapshot::{Snapshot, ViewedSegment};

/// Up to so many chunks all vectors are compared; above, those with the greatest estimates ([`RESCORED_MAX`]).
const FIRST_PASS_FROM: u64 = 15_000;
/// How many chunks the pass lets through to be compared exactly. Of the 50 most similar of 1.5 million real chunks 99.9 % are among
/// them, of the 100 most similar 99.7 % (docs/quality.md).
const RESCORED_MAX: usize = 2_000;
/// Above so many chunks the pass runs on several threads: to start one takes about as long as to read 20,000 rows.
const CHUNKS_PER_THREAD: u64 = 100_000;
/// More threads than this wait for memory.
const THREADS_MAX: usize = 4;
/// A thread takes so many blocks of rows at a time.
const BLOCKS_PER_STEP: usize = (1 << 16) / BLOCK_ROWS;

fn threads() -> usize {
    static THREADS: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
    *THREADS.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX))
}

/// Chunks with the similarities of their vectors to the question's, or with estimates of them.
pub(crate) type Similar = Vec<(f32, u32)>;

/// A pass that is to be made, or is being made.
pub(crate) struct FirstPass<'a> {
    snapshot: &'a Snapshot,
    vector: &'a [i8],
    filter: &'a Filter,
    /// Segments and the blocks of their rows.
    steps: Vec<(&'a ViewedSegment, std::ops::Range<usize>)>,
    next: AtomicUsize,
}

/// A pass whose other threads are at work.
pub(crate) struct Running<'scope, 'env, 'a> {
    scope: &'scope Scope<'scope, 'env>,
    pass: &'env FirstPass<'a>,
    others: Vec<ScopedJoinHandle<'scope, Similar>>,
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
        Some(Self { snapshot, vector, filter, steps, next: AtomicUsize::new(0) })
    }

    /// Starts it on the threads that help.
    pub(crate) fn start<'scope, 'env>(&'env self, scope: &'scope Scope<'scope, 'env>) -> Running<'scope, 'env, 'a> {
        let others = if self.snapshot.statistics.chunks < CHUNKS_PER_THREAD { 0 } else { threads() - 1 };
        Running { scope, pass: self, others: (0..others).map(|_| scope.spawn(|| self.work())).collect() }
    }

    /// Takes steps until there are no more; gives the best by estimate, each as good as any that was left out.
    fn work(&self) -> Similar {
        let mut best = Best::new(RESCORED_MAX).of_all_signs();
        while let Some((viewed, blocks)) = self.steps.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let Some(set) = &viewed.open.vectors else { continue };
            let offer = |chunk: u32, estimate: f32| {
                if best.may_take(estimate) && self.filter.passes(viewed, chunk) {
                    best.offer(estimate, viewed.first_chunk + chunk);
                }
            };
            // A damaged set is told by the checksums of the store when the snapshot opens; here it proposes nothing.
            set.estimate(self.vector, blocks.clone(), offer).unwrap_or_default();
        }
        best.into_rows()
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

impl Running<'_, '_, '_> {
    /// The chunks of the view whose vectors seem most similar, with their similarities.
    pub(crate) fn finish(self) -> Similar {
        let mut best = Best::new(RESCORED_MAX).of_all_signs();
        let threads = 1 + self.others.len();
        let mut found = vec![self.pass.work()];
        // A thread cannot panic; if it did, its part would propose nothing.
        found.extend(self.others.into_iter().filter_map(|thread| thread.join().ok()));
        for (estimate, chunk) in found.into_iter().flatten() {
            best.offer(estimate, chunk);
        }
        let mut chunks = best.kept(|left, right| by_content(self.pass.snapshot, left, right));
        chunks.sort_unstable();
        let (own, rest) = chunks.split_at(chunks.len().div_ceil(threads));
        let compared: Vec<_> = rest
            .chunks(chunks.len().div_ceil(threads).max(1))
            .map(|part| part.to_vec())
            .map(|part| self.scope.spawn(move || self.pass.compare(&part)))
            .collect();
        let mut similar = self.pass.compare(own);
        similar.extend(compared.into_iter().filter_map(|thread| thread.join().ok()).flatten());
        similar
    }
}
