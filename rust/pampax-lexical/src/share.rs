//! What one thread scores: some slices, by the plan that all threads share.
//!
//! Postings are taken in block by block, one slice after the other, as what has a score in one slice is small enough to stay near
//! the processor. Of a common term only those blocks are decoded that have a chunk of an entry with a score, and of such a block
//! only those postings: a bit for each chunk says which. A table then gives the row of each. The loops over a block have as few
//! branches as they can, since a processor guesses half of them wrong here, and do one thing each, so that reads wait for memory
//! together.

use std::ops::Range;
use std::sync::Arc;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{BlockSegmentPostings, TermInfo};

use crate::block::{Block, Run, add_runs};
use crate::field::Field;
use crate::rows::Rows;
use crate::score::{Part, QueryTerm};
use crate::scores::{ChunkScore, EntryScore};
use crate::slice::Slice;
use crate::words::Place;

/// BM25's saturation of term frequency.
const K1: f32 = 1.2;

const NONE: u32 = u32::MAX;

/// How much a field's length counts against it (BM25's `b`): full text as usual, short fields less.
const fn length_weight(field: Field) -> f32 {
    match field {
        Field::Body => 0.75,
        Field::Names | Field::Signature | Field::Comments | Field::Path => 0.5,
        Field::Stem => 0.3,
    }
}

/// A term in one field, as it is taken in.
pub(crate) struct Step<'t> {
    pub(crate) field: Field,
    pub(crate) term: usize,
    /// Its idf among chunks, and among entries, weighted.
    pub(crate) idf: f32,
    pub(crate) entry_idf: f32,
    /// The average length of the field over entries.
    pub(crate) entry_average: f32,
    /// What it adds to coverage.
    pub(crate) share: f32,
    /// For each coded length what it adds to the frequency in BM25's denominator.
    pub(crate) lengths: &'t [f32; 256],
    /// Whether chunks that have no score yet are taken in.
    pub(crate) takes_new: bool,
}

/// Where the terms of a query stand in one part.
#[derive(Default)]
pub(crate) struct Places {
    /// For each term where it stands.
    of_terms: Vec<Option<Known>>,
}

/// Where a term stands in one part, and of how much of that the view has, for each field.
struct Known {
    place: Arc<Place>,
    /// How many chunks of the view have it.
    chunks: [u64; Field::ALL.len()],
    /// How many entries that the view lacks have it.
    entries_gone: [u64; Field::ALL.len()],
}

impl Places {
    /// Finds the terms in the dictionaries of a part.
    pub(crate) fn look_up(&mut self, part: &Part<'_>, terms: &[QueryTerm]) {
        let find = |term: &QueryTerm| {
            let place = part.words.place(&term.text)?;
            let counts = Field::ALL.map(|field| place.info(field).map_or((0, 0), |info| part.count(field, info)));
            Some(Known { place, chunks: counts.map(|(chunks, _)| chunks), entries_gone: counts.map(|(_, gone)| gone) })
        };
        self.of_terms = terms.iter().map(find).collect();
    }

    fn of(&self, term: usize) -> Option<&Known> {
        self.of_terms.get(term)?.as_ref()
    }

    /// How many chunks of the view have a term in a field, here.
    pub(crate) fn chunks_with(&self, field: Field, term: usize) -> u64 {
        self.of(term).map_or(0, |known| known.chunks[field as usize])
    }
}

/// The memory of one thread.
#[derive(Default)]
pub(crate) struct Share {
    /// Where its rows begin in the scores of all.
    pub(crate) first_chunk_row: u32,
    pub(crate) first_entry_row: u32,
    pub(crate) chunks: Vec<ChunkScore>,
    pub(crate) entries: Vec<EntryScore>,
    /// The greatest score of a chunk and of an entry in each field.
    pub(crate) chunk_max: [f32; 4],
    pub(crate) entry_max: [f32; Field::ALL.len()],
    /// One for each of its slices, and more from earlier queries.
    rows: Vec<Rows>,
    /// For one slice after the other and in it for one step after the other the entries that have its term.
    runs: Vec<Run>,
    /// For each slice and step that has runs the step, and where they end.
    ends: Vec<(usize, usize)>,
    /// For each step how many entries have its term, those without a score included.
    counts: Vec<u64>,
    /// The postings at hand.
    block: Block,
}

impl Share {
    /// Forgets the last query and begins with `slices`.
    pub(crate) fn begin(&mut self, slices: &[Slice<'_>]) {
        self.runs.clear();
        self.ends.clear();
        self.counts.clear();
        self.chunks.clear();
        self.entries.clear();
        (self.chunk_max, self.entry_max) = Default::default();
        self.rows.resize_with(slices.len().max(self.rows.len()), Rows::default);
        self.rows.iter_mut().for_each(Rows::clear);
        for (rows, slice) in self.rows.iter_mut().zip(slices) {
            rows.begin(slice);
        }
    }

    /// Scores chunks. `places`: for each part where the terms stand in it.
    pub(crate) fn add_chunks(&mut self, slices: &[Slice<'_>], places: &[Places], steps: &[Step<'_>]) {
        self.counts.resize(steps.len(), 0);
        let mut memory = None;
        for (number, slice) in slices.iter().enumerate() {
            for (step, count) in steps.iter().zip(0..) {
                let Some(known) = places[slice.number].of(step.term) else { continue };
                let Some(info) = known.place.info(step.field) else { continue };
                let Some(postings) = slice.part.words.postings(step.field, info, &mut memory) else { continue };
                let runs = self.runs.len();
                if step.takes_new {
                    self.match_all(slice, number, postings, step);
                    self.counts[count] += (self.runs.len() - runs) as u64;
                } else {
                    self.match_known(slice, number, postings, step);
                    if slice.is_first() {
                        self.counts[count] += slice.part.count_entries(step.field, known, info);
                    }
                }
                for run in &mut self.runs[runs..] {
                    run.length = slice.length(run.entry_or_row, step.field as usize);
                    run.entry_or_row = self.rows[number].row_of(run.entry_or_row);
                }
                self.ends.push((count, self.runs.len()));
            }
        }
    }

    /// How many entries have the term of a step, here.
    pub(crate) fn entries_of_step(&self, step: usize) -> u64 {
        self.counts.get(step).copied().unwrap_or(0)
    }

    /// Scores entries.
    pub(crate) fn add_entries(&mut self, steps: &[Step<'_>]) {
        let mut start = 0;
        for &(step, end) in &self.ends {
            let step = &steps[step];
            for run in &self.runs[start..end] {
                let frequency = run.frequency as f32;
                // In a part that is in order each has a row.
                let Some(score) = self.entries.get_mut(run.entry_or_row as usize) else { continue };
                score.fields[step.field as usize] += step.entry_idf * frequency * (K1 + 1.0)
                    / (frequency + length_share(step.field, run.length, step.entry_average));
                score.coverage[step.field as usize] += step.share;
            }
            start = end;
        }
    }

    /// Numbers its rows among those of all from `chunks` and `entries` on; gives where those of the next begin.
    pub(crate) fn number_from(&mut self, chunks: u32, entries: u32) -> (u32, u32) {
        (self.first_chunk_row, self.first_entry_row) = (chunks, entries);
        (chunks + self.chunks.len() as u32, entries + self.entries.len() as u32)
    }

    /// Turns coverage into shares of `total`, the idf of all terms, names entries by their rows among those of all, and notes the
    /// greatest scores. Once for each query, after [`Self::number_from`].
    pub(crate) fn finish(&mut self, total: f32) {
        let share = if total > 0.0 { 1.0 / total } else { 0.0 };
        for chunk in &mut self.chunks {
            chunk.entry += self.first_entry_row;
            chunk.coverage.iter_mut().for_each(|value| *value *= share);
            self.chunk_max.iter_mut().zip(chunk.fields).for_each(|(max, value)| *max = max.max(value));
        }
        for entry in &mut self.entries {
            entry.coverage.iter_mut().for_each(|value| *value *= share);
            self.entry_max.iter_mut().zip(entry.fields).for_each(|(max, value)| *max = max.max(value));
        }
    }

    /// The rows in the scores of all of those chunks, of one entry, that have one.
    pub(crate) fn chunk_rows(&self, chunks: Range<u32>) -> impl Iterator<Item = (u32, u32)> {
        let slice = self.rows.partition_point(|rows| rows.first_chunk <= chunks.start).checked_sub(1);
        let rows = slice.map(|slice| self.rows[slice].of_chunks(chunks));
        rows.into_iter().flatten().map(|(chunk, row)| (chunk, self.first_chunk_row + row))
    }

    /// The row of an entry in the scores of all, if it is one of its own and has one.
    pub(crate) fn entry_row(&self, entry: u32) -> Option<u32> {
        let slice = self.rows.partition_point(|rows| rows.first_entry <= entry).checked_sub(1)?;
        Some(self.first_entry_row + self.rows[slice].of_entry(entry)?)
    }

    /// Scores the chunks that have a row and the term whose postings are given, and finds the entries that have both.
    fn match_known(&mut self, slice: &Slice<'_>, number: usize, postings: &mut BlockSegmentPostings, step: &Step<'_>) {
        let (runs, mut last, chunks) = (self.runs.len(), NONE, &slice.chunks);
        while let (Some(&first), Some(&end)) = (postings.docs().first(), postings.docs().last()) {
            let rows = &self.rows[number];
            let Some(next) = rows.next_of_known(first.saturating_sub(chunks.start)) else { break };
            let next = chunks.start + next;
            if next > end {
                postings.seek(next);
                // The last block is where the search ends, whether or not it has what is searched for.
                if postings.docs().last().is_none_or(|&end| end < next) {
                    break;
                }
                continue;
            }
            self.block.take_known(postings, slice, rows);
            add_runs(&mut self.runs, runs, &mut last, &self.block);
            if step.field.is_of_chunks() {
                self.block.find_chunks(rows);
                self.block.score(slice, step, &mut self.chunks);
            }
            postings.advance();
        }
    }

    /// Scores the chunks that have the term whose postings are given, and finds the entries that have it. Those without a row get one.
    fn match_all(&mut self, slice: &Slice<'_>, number: usize, postings: &mut BlockSegmentPostings, step: &Step<'_>) {
        let (runs, mut last, rows) = (self.runs.len(), NONE, &mut self.rows[number]);
        if slice.chunks.start > 0 {
            postings.seek(slice.chunks.start);
        }
        while postings.docs().first().is_some_and(|&first| first < slice.chunks.end) {
            self.block.take_all(postings, slice);
            rows.add_entries(slice, &self.block, &mut self.entries);
            add_runs(&mut self.runs, runs, &mut last, &self.block);
            if step.field.is_of_chunks() {
                rows.add_chunks(&self.block, &mut self.chunks);
                self.block.find_chunks(rows);
                self.block.score(slice, step, &mut self.chunks);
            }
            postings.advance();
        }
    }
}

impl Block {
    /// Adds a term of one field to the scores of those of its chunks that have a row.
    fn score(&self, slice: &Slice<'_>, step: &Step<'_>, scores: &mut [ChunkScore]) {
        let norm = slice.part.words.norm(step.field);
        for (row, chunk, frequency) in self.scored() {
            let length = norm.map_or(0, |norm| norm.fieldnorm_id(slice.chunks.start + chunk));
            let frequency = frequency as f32;
            let score = &mut scores[row as usize];
            score.fields[step.field as usize] +=
                step.idf * frequency * (K1 + 1.0) / (frequency + step.lengths[usize::from(length)]);
            score.coverage[step.field as usize] += step.share;
        }
    }
}

impl Part<'_> {
    /// How many entries of the view have a term.
    fn count_entries(&self, field: Field, known: &Known, info: &TermInfo) -> u64 {
        // What lies in a words file never changes; what a view sees of it may.
        let all = known.place.entries(field, || {
            let Some(mut postings) = self.words.documents(field, info) else { return 0 };
            let (mut count, mut last) = (0, NONE);
            while !postings.docs().is_empty() {
                for &chunk in postings.docs() {
                    let entry = self.entry_of_chunk.get(chunk as usize).copied().unwrap_or(NONE);
                    count += u64::from(entry != last && entry != NONE);
                    last = entry;
                }
                postings.advance();
            }
            count
        });
        all.saturating_sub(known.entries_gone[field as usize])
    }

    /// How many chunks of the view have a term, and how many entries that it lacks.
    fn count(&self, field: Field, info: &TermInfo) -> (u64, u64) {
        let gone = self.alive.and_then(|alive| Some(alive.count_gone(self.words.documents(field, info)?)));
        let (chunks, entries) = gone.unwrap_or_default();
        (u64::from(info.doc_freq).saturating_sub(chunks), entries)
    }
}

/// What a length adds to the frequency in BM25's denominator.
fn length_share(field: Field, length: u32, average: f32) -> f32 {
    let b = length_weight(field);
    K1 * (1.0 - b + b * length as f32 / average)
}

/// [`length_share`] of every coded length.
pub(crate) fn length_table(field: Field, average: f32) -> [f32; 256] {
    std::array::from_fn(|code| length_share(field, FieldNormReader::id_to_fieldnorm(code as u8), average))
}

pub(crate) fn idf(total: u64, having: u64) -> f32 {
    let (total, having) = (total as f64, having as f64);
    (1.0 + (total - having + 0.5).max(0.0) / (having + 0.5)).ln() as f32
}
