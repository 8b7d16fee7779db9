//! What one thread scores: the words files of some parts, by the plan that all threads share.
//!
//! A list of postings is in the order of chunks, and so are the chunks and entries of a part that have a score. Every step therefore
//! goes through both side by side, from where it is in the one to the next place of the other. To look each chunk up in tables of
//! all chunks would wait for memory with each: a common word has tens of thousands.

use std::ops::Range;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::BlockSegmentPostings;

use crate::field::Field;
use crate::score::{ChunkScore, EntryScore, Part, QueryTerm, Scores};

/// BM25's saturation of term frequency.
const K1: f32 = 1.2;

/// Chunks of a block of postings.
const BLOCK: usize = 128;
/// A place is looked for so far one by one before it is jumped to.
const NEAR: usize = 8;

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

/// The memory of one thread.
#[derive(Default)]
pub(crate) struct Share {
    /// Where its rows begin in the scores of all.
    first_chunk_row: u32,
    first_entry_row: u32,
    chunks: Vec<ChunkScore>,
    entries: Vec<EntryScore>,
    /// One for each of its parts, and more from earlier queries.
    of_parts: Vec<OfPart>,
    /// For one part after the other and in it for one step after the other the entries that have its term.
    runs: Vec<Run>,
    /// For each part and step that has runs the step, and where they end.
    ends: Vec<(usize, usize)>,
    /// For each step how many entries have its term, those without a score included.
    counts: Vec<u64>,
    matches: Vec<Match>,
}

/// What has a score in one part, in the order of chunks.
#[derive(Default)]
struct OfPart {
    first_chunk: u32,
    first_entry: u32,
    chunks: Vec<Known>,
    entries: Vec<KnownEntry>,
    /// What the step at hand brings in.
    new_chunks: Vec<Known>,
    new_entries: Vec<KnownEntry>,
}

/// A chunk with a score, numbered within its part, and its row.
#[derive(Clone, Copy)]
struct Known {
    chunk: u32,
    row: u32,
}

/// An entry with a score, numbered within its part, its chunks and its row.
#[derive(Clone, Copy)]
struct KnownEntry {
    first: u32,
    end: u32,
    entry: u32,
    row: u32,
}

/// How often an entry, given by its row, has the term at hand in all its chunks.
#[derive(Clone, Copy)]
struct Run {
    row: u32,
    frequency: u32,
    /// Its number within its part, then the length of the field.
    entry_or_length: u32,
}

/// A chunk, numbered within its part, that has the term at hand, and its row.
#[derive(Clone, Copy)]
struct Match {
    row: u32,
    chunk: u32,
    frequency: u32,
}

/// Where a term stands in one field.
#[derive(Default)]
struct Lists {
    /// Chunks of the view that have it.
    chunks: u64,
    /// Its postings in the parts that have it, with the numbers of the parts, the last part first.
    of_parts: Vec<(usize, BlockSegmentPostings)>,
}

/// A share at work on the terms of a query.
pub(crate) struct Terms<'s, 'a> {
    share: &'s mut Share,
    parts: &'s [Part<'a>],
    /// For each field its terms.
    lists: [Vec<Lists>; Field::ALL.len()],
}

impl<'s, 'a> Terms<'s, 'a> {
    /// Has `share` begin with `parts`.
    pub(crate) fn new(share: &'s mut Share, parts: &'s [Part<'a>]) -> Self {
        share.begin(parts);
        Self { share, parts, lists: Default::default() }
    }

    /// Finds the terms in the dictionaries of its parts.
    pub(crate) fn look_up(&mut self, terms: &[QueryTerm]) {
        for field in Field::ALL {
            // Names and comments stand in the text: what the text of a part lacks, they lack.
            let stands_in_text = matches!(field, Field::Names | Field::Comments);
            let mut found: Vec<Lists> = Vec::with_capacity(terms.len());
            for (number, term) in terms.iter().enumerate() {
                let mut lists = Lists::default();
                let in_text = self.lists[Field::Body as usize].get(number).filter(|_| stands_in_text);
                for (place, part) in self.parts.iter().enumerate().rev() {
                    if in_text.is_some_and(|text| !text.of_parts.iter().any(|&(part, _)| part == place)) {
                        continue;
                    }
                    if let Some(postings) = part.words.postings(field, &term.text) {
                        lists.chunks += part.count(field, &term.text, &postings);
                        lists.of_parts.push((place, postings));
                    }
                }
                found.push(lists);
            }
            self.lists[field as usize] = found;
        }
    }

    /// How many chunks of the view have a term in a field, here.
    pub(crate) fn chunks_with(&self, field: Field, term: usize) -> u64 {
        self.lists[field as usize].get(term).map_or(0, |lists| lists.chunks)
    }

    /// Scores chunks, one part after the other, as what has a score in one is small enough to stay near the processor.
    pub(crate) fn add_chunks(&mut self, steps: &[Step<'_>], terms: &[QueryTerm]) {
        self.share.counts.resize(steps.len(), 0);
        for (number, part) in self.parts.iter().enumerate() {
            for (step, count) in steps.iter().zip(0..) {
                let lists = self.lists[step.field as usize].get_mut(step.term);
                let own = lists.and_then(|lists| lists.of_parts.pop_if(|(part, _)| *part == number));
                let Some((_, postings)) = own else { continue };
                let runs = self.share.runs.len();
                self.share.counts[count] += if step.takes_new {
                    self.share.match_all(part, number, postings, step.field)
                } else {
                    self.share.match_known(number, postings, step.field);
                    part.count_entries(step.field, &terms[step.term].text)
                };
                self.share.add_matches(part, step);
                self.share.measure(runs, part, step.field);
                self.share.ends.push((count, self.share.runs.len()));
            }
        }
    }

    /// How many entries have the term of a step, here.
    pub(crate) fn entries_of_step(&self, step: usize) -> u64 {
        self.share.counts.get(step).copied().unwrap_or(0)
    }

    /// Scores entries.
    pub(crate) fn add_entries(&mut self, steps: &[Step<'_>]) {
        let Share { runs, ends, entries, .. } = &mut *self.share;
        let mut start = 0;
        for &(step, end) in &*ends {
            let step = &steps[step];
            for run in &runs[start..end] {
                let frequency = run.frequency as f32;
                let score = &mut entries[run.row as usize];
                score.fields[step.field as usize] += step.entry_idf * frequency * (K1 + 1.0)
                    / (frequency + length_share(step.field, run.entry_or_length, step.entry_average));
                score.coverage[step.field as usize] += step.share;
            }
            start = end;
        }
    }
}

impl Share {
    /// Forgets the last query.
    fn begin(&mut self, parts: &[Part<'_>]) {
        self.runs.clear();
        self.ends.clear();
        self.counts.clear();
        self.of_parts.resize_with(parts.len().max(self.of_parts.len()), OfPart::default);
        for of_part in &mut self.of_parts {
            of_part.chunks.clear();
            of_part.entries.clear();
            // Parts that are not there hold nothing.
            (of_part.first_chunk, of_part.first_entry) = (NONE, NONE);
        }
        for (of_part, part) in self.of_parts.iter_mut().zip(parts) {
            (of_part.first_chunk, of_part.first_entry) = (part.first_chunk, part.first_entry);
        }
    }

    /// Moves its rows into the scores of all.
    pub(crate) fn hand_over(&mut self, scores: &mut Scores) {
        (self.first_chunk_row, self.first_entry_row) = (scores.chunks.len() as u32, scores.entries.len() as u32);
        let chunks = self.chunks.drain(..);
        scores.chunks.extend(chunks.map(|score| ChunkScore { entry: score.entry + self.first_entry_row, ..score }));
        scores.entries.append(&mut self.entries);
    }

    /// The rows in the scores of all of those chunks, of one entry, that have one.
    pub(crate) fn chunk_rows(&self, chunks: Range<u32>) -> impl Iterator<Item = (u32, u32)> {
        let part = self.of_parts.partition_point(|part| part.first_chunk <= chunks.start).checked_sub(1);
        let (first_chunk, known) = part.map_or((0, &[][..]), |part| {
            let part = &self.of_parts[part];
            let place = |chunk: u32| part.chunks.partition_point(|known| known.chunk < chunk - part.first_chunk);
            let start = place(chunks.start);
            let own = part.chunks[start..].iter().take_while(|known| known.chunk < chunks.end - part.first_chunk);
            (part.first_chunk, &part.chunks[start..start + own.count()])
        });
        known.iter().map(move |known| (first_chunk + known.chunk, self.first_chunk_row + known.row))
    }

    /// The row of an entry in the scores of all, if it is one of its own and has one.
    pub(crate) fn entry_row(&self, entry: u32) -> Option<u32> {
        let part = self.of_parts.partition_point(|part| part.first_entry <= entry).checked_sub(1)?;
        let part = &self.of_parts[part];
        let at = part.entries.binary_search_by_key(&(entry - part.first_entry), |known| known.entry).ok()?;
        Some(part.entries[at].row + self.first_entry_row)
    }

    /// Finds the chunks and entries of a part that have a score and the term whose postings are given. Of these only what such entries
    /// have is read: a common term has hundreds of times as many.
    fn match_known(&mut self, number: usize, postings: BlockSegmentPostings, field: Field) {
        let of_part = &self.of_parts[number];
        let (mut list, mut entry_at, mut chunk_at) = (List::new(postings), 0, 0);
        while let Some((chunk, _)) = list.now() {
            entry_at = first_from(&of_part.entries, entry_at, |entry| entry.end > chunk);
            let Some(entry) = of_part.entries.get(entry_at) else { break };
            list.seek(entry.first);
            let mut run = Run { row: entry.row, frequency: 0, entry_or_length: entry.entry };
            while let Some((chunk, frequency)) = list.now().filter(|&(chunk, _)| chunk < entry.end) {
                run.frequency += frequency;
                list.skip();
                if field.is_of_chunks() {
                    chunk_at = first_from(&of_part.chunks, chunk_at, |known| known.chunk >= chunk);
                    let known = of_part.chunks.get(chunk_at).filter(|known| known.chunk == chunk);
                    self.matches.extend(known.map(|known| Match { row: known.row, chunk, frequency }));
                }
            }
            self.runs.extend((run.frequency > 0).then_some(run));
        }
    }

    /// Finds the chunks and entries of a part that have the term whose postings are given; those without a score get one. How many entries
    /// have the term.
    fn match_all(&mut self, part: &Part<'_>, number: usize, mut postings: BlockSegmentPostings, field: Field) -> u64 {
        let mut of_part = std::mem::take(&mut self.of_parts[number]);
        let (mut entry_at, mut chunk_at, mut entries) = (0, 0, 0);
        // The entry at hand, and what is known of it so far if the view has it.
        let (mut entry, mut run) = (KnownEntry { first: 0, end: 0, entry: NONE, row: NONE }, None);
        while !postings.docs().is_empty() {
            let of_chunks = gather(part, postings.docs());
            for ((&chunk, &frequency), of_chunk) in postings.docs().iter().zip(postings.freqs()).zip(of_chunks) {
                if chunk >= entry.end {
                    self.runs.extend(run);
                    entry_at = first_from(&of_part.entries, entry_at, |entry| entry.end > chunk);
                    let known = of_part.entries.get(entry_at).filter(|entry| entry.first <= chunk);
                    entry = known.copied().unwrap_or_else(|| part.entry_around(chunk, of_chunk));
                    let counts = part.has(entry.entry);
                    if counts && known.is_none() {
                        entry.row = self.entries.len() as u32;
                        let score = EntryScore { entry: part.first_entry + entry.entry, ..EntryScore::default() };
                        self.entries.push(score);
                        of_part.new_entries.push(entry);
                    }
                    entries += u64::from(counts);
                    run = counts.then_some(Run { row: entry.row, frequency: 0, entry_or_length: entry.entry });
                }
                let Some(run) = &mut run else { continue };
                run.frequency += frequency;
                if field.is_of_chunks() {
                    chunk_at = first_from(&of_part.chunks, chunk_at, |known| known.chunk >= chunk);
                    let known = of_part.chunks.get(chunk_at).filter(|known| known.chunk == chunk);
                    let row = known.map_or(self.chunks.len() as u32, |known| known.row);
                    if known.is_none() {
                        let number = part.first_chunk + chunk;
                        self.chunks.push(ChunkScore { chunk: number, entry: entry.row, ..ChunkScore::default() });
                        of_part.new_chunks.push(Known { chunk, row });
                    }
                    self.matches.push(Match { row, chunk, frequency });
                }
            }
            postings.advance();
        }
        self.runs.extend(run);
        take_in(&mut of_part.chunks, &mut of_part.new_chunks, |known| known.chunk);
        take_in(&mut of_part.entries, &mut of_part.new_entries, |entry| entry.first);
        self.of_parts[number] = of_part;
        entries
    }

    /// Adds a term of one field to the scores of the chunks that were found to have it. The lengths of their fields lie far apart, and
    /// each read waits for memory; in a loop that does nothing else they wait together.
    fn add_matches(&mut self, part: &Part<'_>, step: &Step<'_>) {
        let norm = part.words.norm(step.field);
        for found in self.matches.drain(..) {
            let length = norm.map_or(0, |norm| norm.fieldnorm_id(found.chunk));
            let frequency = found.frequency as f32;
            let score = &mut self.chunks[found.row as usize];
            score.fields[step.field as usize] +=
                step.idf * frequency * (K1 + 1.0) / (frequency + step.lengths[usize::from(length)]);
            score.coverage[step.field as usize] += step.share;
        }
    }

    /// Notes the lengths of a field for the runs of a part, which are those from `first` on. As above they wait together.
    fn measure(&mut self, first: usize, part: &Part<'_>, field: Field) {
        for run in &mut self.runs[first..] {
            let lengths = part.lengths.get(run.entry_or_length as usize);
            run.entry_or_length = lengths.map_or(1, |lengths| lengths[field as usize]);
        }
    }
}

/// A list of postings and a place in its block.
pub(crate) struct List {
    postings: BlockSegmentPostings,
    at: usize,
}

impl List {
    pub(crate) fn new(postings: BlockSegmentPostings) -> Self {
        Self { postings, at: 0 }
    }

    /// Goes to the next chunk.
    pub(crate) fn skip(&mut self) {
        self.at += 1;
    }

    /// The chunk at the place and how often it has the term.
    pub(crate) fn now(&mut self) -> Option<(u32, u32)> {
        if self.at >= self.postings.docs().len() {
            self.postings.advance();
            self.at = 0;
        }
        let chunk = self.postings.docs().get(self.at).copied()?;
        Some((chunk, self.postings.freqs().get(self.at).copied().unwrap_or(1)))
    }

    /// Goes to the first chunk from `chunk` on, if it is not there yet.
    pub(crate) fn seek(&mut self, chunk: u32) {
        let ahead = &self.postings.docs()[self.at..];
        match ahead.iter().take(NEAR).position(|&own| own >= chunk) {
            Some(steps) => self.at += steps,
            None => self.at = self.postings.seek(chunk),
        }
    }
}

/// The entries of the chunks of a block. As above, these reads wait together.
fn gather(part: &Part<'_>, chunks: &[u32]) -> [u32; BLOCK] {
    let mut entries = [NONE; BLOCK];
    for (entry, &chunk) in entries.iter_mut().zip(chunks) {
        *entry = part.entry_of_chunk.get(chunk as usize).copied().unwrap_or(NONE);
    }
    entries
}

/// The first place from `start` on of which `is_there` is true; it is true of all after it.
pub(crate) fn first_from<T>(list: &[T], start: usize, is_there: impl Fn(&T) -> bool) -> usize {
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

/// Moves what is new into a list that is in the order of `key`, as the new is.
fn take_in<T: Copy>(list: &mut Vec<T>, new: &mut Vec<T>, key: impl Fn(&T) -> u32) {
    let (mut old, mut place) = (list.len(), list.len() + new.len());
    list.extend_from_slice(new);
    // From the end, so that each is moved once and only as far as there is something new before it.
    while let Some(last) = new.last() {
        place -= 1;
        if old > 0 && key(&list[old - 1]) > key(last) {
            old -= 1;
            list[place] = list[old];
        } else {
            list[place] = *last;
            new.pop();
        }
    }
}

impl Part<'_> {
    fn has(&self, entry: u32) -> bool {
        self.alive.map_or(entry != NONE, |alive| alive.has(entry))
    }

    /// The entry of a chunk, without a row. Most entries have few chunks.
    fn entry_around(&self, chunk: u32, entry: u32) -> KnownEntry {
        let (before, after) = self.entry_of_chunk.split_at_checked(chunk as usize).unwrap_or_default();
        let is_own = |of: &&u32| **of == entry;
        let first = chunk - before.iter().rev().take_while(is_own).count() as u32;
        let end = chunk + (after.iter().take_while(is_own).count() as u32).max(1);
        KnownEntry { first, end, entry, row: NONE }
    }

    /// How many entries of the view have a term.
    fn count_entries(&self, field: Field, term: &str) -> u64 {
        // What lies in a words file never changes; what a view sees of it may.
        let all = self.words.remembered_count(field, term, || {
            let Some(mut postings) = self.words.documents(field, term) else { return 0 };
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
        let gone = self.alive.zip(self.words.documents(field, term));
        all.saturating_sub(gone.map_or(0, |(alive, postings)| alive.count_gone(postings).1))
    }

    /// How many chunks of the view have a term.
    fn count(&self, field: Field, term: &str, postings: &BlockSegmentPostings) -> u64 {
        let gone = self.alive.zip(self.words.documents(field, term));
        let gone = gone.map_or(0, |(alive, postings)| alive.count_gone(postings).0);
        u64::from(postings.doc_freq()).saturating_sub(gone)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_new_is_merged_in_order() {
        for split in 0..1 << 7 {
            let (mut new, mut list): (Vec<u32>, Vec<u32>) = (0..7).partition(|number| split >> number & 1 == 1);
            take_in(&mut list, &mut new, |&number| number);
            assert_eq!((list, new), ((0..7).collect(), Vec::new()));
        }
    }

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
