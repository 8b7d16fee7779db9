//! What one thread scores: the words files of some parts, by the plan that all threads share.

use std::ops::Range;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::BlockSegmentPostings;

use crate::field::Field;
use crate::score::{ChunkScore, EntryScore, Part, QueryTerm, Scores};

/// BM25's saturation of term frequency.
const K1: f32 = 1.2;

/// A term that so many chunks have for each entry with a score is looked for in those entries alone: to go to the place of an entry
/// takes about as long as to look at so many chunks.
const CHUNKS_PER_KNOWN: u64 = 12;

/// Chunks of a block of postings.
const BLOCK: usize = 128;

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

/// The memory of one thread. Its chunks and entries are numbered from 0.
#[derive(Default)]
pub(crate) struct Share {
    first_chunk: u32,
    first_entry: u32,
    /// Where its rows begin in the scores of all.
    first_chunk_row: u32,
    first_entry_row: u32,
    chunk_slots: Vec<u32>,
    entry_slots: Vec<u32>,
    chunks: Vec<ChunkScore>,
    entries: Vec<EntryScore>,
    /// What the last query touched: forgotten when the next one starts.
    touched_chunks: Vec<u32>,
    touched_entries: Vec<u32>,
    /// For one step after the other the entries that have its term, with the frequency in all their chunks and their length.
    runs: Vec<Run>,
    /// For each step where its runs end, and how many entries have its term, those without a score included.
    ends: Vec<(usize, u64)>,
    /// For each part the entries of chunks that have a score, ascending, and how many chunks were looked at for it.
    known: Vec<Vec<Known>>,
    known_rows: usize,
    known_count: usize,
}

/// What is known of the chunks of a block.
struct Block {
    entries: [u32; BLOCK],
    slots: [u32; BLOCK],
    /// Coded lengths of the field.
    lengths: [u8; BLOCK],
    entry_slots: [u32; BLOCK],
    entry_lengths: [u32; BLOCK],
}

impl Default for Block {
    fn default() -> Self {
        Self {
            entries: [NONE; BLOCK],
            slots: [NONE; BLOCK],
            lengths: [0; BLOCK],
            entry_slots: [NONE; BLOCK],
            entry_lengths: [1; BLOCK],
        }
    }
}

/// An entry that has a score, numbered within its part, and its chunks.
#[derive(Clone)]
struct Known {
    entry: u32,
    chunks: Range<u32>,
}

/// An entry that has the term at hand.
#[derive(Clone, Copy)]
struct Run {
    entry: u32,
    frequency: u32,
    length: u32,
}

/// Where a term stands in one field.
#[derive(Default)]
struct Lists {
    /// Chunks of the view that have it.
    chunks: u64,
    /// Its postings in the parts that have it, with the numbers of the parts.
    of_parts: Vec<(usize, BlockSegmentPostings)>,
}

/// A share at work on the terms of a query.
pub(crate) struct Terms<'s, 'a> {
    share: &'s mut Share,
    parts: Vec<Part<'a>>,
    /// For each field its terms.
    lists: [Vec<Lists>; Field::ALL.len()],
}

impl<'s, 'a> Terms<'s, 'a> {
    /// Has `share` begin with `parts`.
    pub(crate) fn new(share: &'s mut Share, parts: &[Part<'a>]) -> Self {
        let first = parts.first();
        let (first_chunk, first_entry) = first.map_or((0, 0), |part| (part.first_chunk, part.first_entry));
        let rebased = |part: &Part<'a>| Part {
            first_chunk: part.first_chunk - first_chunk,
            first_entry: part.first_entry - first_entry,
            ..*part
        };
        let parts: Vec<Part<'a>> = parts.iter().map(rebased).collect();
        share.begin((first_chunk, first_entry), &parts);
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
                for (place, part) in self.parts.iter().enumerate() {
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

    /// Scores chunks.
    pub(crate) fn add_chunks(&mut self, steps: &[Step<'_>], terms: &[QueryTerm]) {
        for step in steps {
            let lists = self.lists[step.field as usize].get_mut(step.term).map(std::mem::take).unwrap_or_default();
            if !step.takes_new {
                self.share.note_known(&self.parts);
            }
            let is_common = lists.chunks >= CHUNKS_PER_KNOWN * self.share.known_count as u64;
            let entries = match !step.takes_new && is_common {
                true => self.share.add_to_known(&self.parts, lists, (step, &terms[step.term].text)),
                false => self.share.add_chunks(&self.parts, lists, step),
            };
            self.share.ends.push((self.share.runs.len(), entries));
        }
    }

    /// How many entries have the term of a step, here.
    pub(crate) fn entries_of_step(&self, step: usize) -> u64 {
        self.share.ends.get(step).map_or(0, |&(_, entries)| entries)
    }

    /// Scores entries. Fields of chunks come first: whatever has one of their terms has a row by then.
    pub(crate) fn add_entries(&mut self, steps: &[Step<'_>]) {
        let Share { runs, ends, entry_slots, entries, .. } = &mut *self.share;
        let mut start = 0;
        for (step, &(end, _)) in steps.iter().zip(&*ends) {
            for run in &runs[start..end] {
                let slot = entry_slot(entry_slots, entries, run.entry);
                let frequency = run.frequency as f32;
                let score = &mut entries[slot as usize];
                score.fields[step.field as usize] += step.entry_idf * frequency * (K1 + 1.0)
                    / (frequency + length_share(step.field, run.length, step.entry_average));
                score.coverage[step.field as usize] += step.share;
            }
            start = end;
        }
    }
}

impl Share {
    /// Forgets the last query and makes room for `parts`, the first of which begins at these numbers.
    fn begin(&mut self, (first_chunk, first_entry): (u32, u32), parts: &[Part<'_>]) {
        for chunk in self.touched_chunks.drain(..) {
            self.chunk_slots[chunk as usize] = NONE;
        }
        for entry in self.touched_entries.drain(..) {
            self.entry_slots[entry as usize] = NONE;
        }
        (self.first_chunk, self.first_entry) = (first_chunk, first_entry);
        let chunks = parts.iter().map(|part| part.first_chunk + part.words.chunks()).max().unwrap_or(0) as usize;
        let entries = parts.iter().map(|part| part.first_entry + part.lengths.len() as u32).max().unwrap_or(0) as usize;
        if self.chunk_slots.len() < chunks {
            self.chunk_slots.resize(chunks, NONE);
        }
        if self.entry_slots.len() < entries {
            self.entry_slots.resize(entries, NONE);
        }
        self.runs.clear();
        self.ends.clear();
        self.known.iter_mut().for_each(Vec::clear);
        self.known.resize_with(parts.len(), Vec::new);
        (self.known_rows, self.known_count) = (0, 0);
    }

    /// Moves its rows into the scores of all.
    pub(crate) fn hand_over(&mut self, scores: &mut Scores) {
        (self.first_chunk_row, self.first_entry_row) = (scores.chunks.len() as u32, scores.entries.len() as u32);
        self.touched_chunks.extend(self.chunks.iter().map(|score| score.chunk));
        self.touched_entries.extend(self.entries.iter().map(|score| score.entry));
        scores.chunks.extend(self.chunks.drain(..).map(|score| ChunkScore {
            chunk: score.chunk + self.first_chunk,
            entry: score.entry + self.first_entry_row,
            ..score
        }));
        scores
            .entries
            .extend(self.entries.drain(..).map(|score| EntryScore { entry: score.entry + self.first_entry, ..score }));
    }

    /// The row of a chunk in the scores of all, if it is one of its own and has one.
    pub(crate) fn chunk_row(&self, chunk: u32) -> Option<u32> {
        let slot = *self.chunk_slots.get(chunk.checked_sub(self.first_chunk)? as usize)?;
        (slot != NONE).then(|| slot + self.first_chunk_row)
    }

    /// The row of an entry, likewise.
    pub(crate) fn entry_row(&self, entry: u32) -> Option<u32> {
        let slot = *self.entry_slots.get(entry.checked_sub(self.first_entry)? as usize)?;
        (slot != NONE).then(|| slot + self.first_entry_row)
    }

    /// Adds a term of one field to the chunks that have a score, and notes the entries that have one and the term in `runs`. How many
    /// entries have the term. Of the term's chunks only those of such entries are read: a common term has hundreds of times as many.
    fn add_to_known(&mut self, parts: &[Part<'_>], lists: Lists, (step, term): (&Step<'_>, &str)) -> u64 {
        let field = step.field;
        let mut entries = 0;
        for (number, mut postings) in lists.of_parts {
            let part = &parts[number];
            entries += part.count_entries(field, term);
            let norm = part.words.norm(field);
            let known = std::mem::take(&mut self.known[number]);
            let mut at = 0;
            for Known { entry, chunks } in &known {
                let Some(&first) = postings.docs().get(at) else { break };
                if first < chunks.start {
                    at = postings.seek(chunks.start);
                }
                let entry_number = part.first_entry + entry;
                let length = part.lengths.get(*entry as usize).map_or(1, |lengths| lengths[field as usize]);
                let mut run = Run { entry: entry_number, frequency: 0, length };
                while let Some((document, frequency)) = next_before(&mut postings, &mut at, chunks.end) {
                    run.frequency += frequency;
                    let length = norm.map_or(0, |norm| norm.fieldnorm_id(document));
                    let chunk = part.first_chunk + document;
                    let place = (chunk, entry_number, self.chunk_slots[chunk as usize]);
                    self.add_chunk(place, frequency, length, step);
                }
                self.runs.extend((run.frequency > 0).then_some(run));
            }
            self.known[number] = known;
        }
        entries
    }

    /// Brings `known` up to the chunks that have a score now.
    fn note_known(&mut self, parts: &[Part<'_>]) {
        let new = &self.chunks[self.known_rows..];
        self.known_rows = self.chunks.len();
        let mut last = NONE;
        let mut changed = vec![false; parts.len()];
        for score in new.iter().filter(|score| std::mem::replace(&mut last, score.entry) != score.entry) {
            let number = parts.partition_point(|part| part.first_chunk <= score.chunk) - 1;
            let part = &parts[number];
            let within = score.chunk - part.first_chunk;
            let Some(&entry) = part.entry_of_chunk.get(within as usize) else { continue };
            self.known[number].push(Known { entry, chunks: part.chunks_around(within, entry) });
            changed[number] = true;
        }
        for (known, _) in self.known.iter_mut().zip(changed).filter(|(_, changed)| *changed) {
            known.sort_unstable_by_key(|known| known.entry);
            known.dedup_by_key(|known| known.entry);
        }
        self.known_count = self.known.iter().map(Vec::len).sum();
    }

    /// Adds a term of one field to the chunks that have it, and notes its entries in `runs`. How many entries have the term.
    fn add_chunks(&mut self, parts: &[Part<'_>], lists: Lists, step: &Step<'_>) -> u64 {
        let mut entries = 0;
        for (number, mut postings) in lists.of_parts {
            let part = &parts[number];
            let norm = part.words.norm(step.field);
            let mut run = Run { entry: NONE, frequency: 0, length: 0 };
            // Whether the entry at hand is in the view and has a score or may have one.
            let (mut last, mut counts) = (NONE, false);
            while !postings.docs().is_empty() {
                let block = self.gather(part, norm, postings.docs(), step.field);
                for (at, (&document, &frequency)) in postings.docs().iter().zip(postings.freqs()).enumerate() {
                    let entry = block.entries[at];
                    if entry != last {
                        last = entry;
                        let is_seen = part.has(entry);
                        counts = is_seen && (step.takes_new || block.entry_slots[at] != NONE);
                        entries += u64::from(is_seen);
                        if counts {
                            self.runs.extend((run.entry != NONE).then_some(run));
                            run =
                                Run { entry: part.first_entry + entry, frequency: 0, length: block.entry_lengths[at] };
                        }
                    }
                    if counts {
                        run.frequency += frequency;
                        if step.field.is_of_chunks() {
                            let place = (part.first_chunk + document, run.entry, block.slots[at]);
                            self.add_chunk(place, frequency, block.lengths[at], step);
                        }
                    }
                }
                postings.advance();
            }
            self.runs.extend((run.entry != NONE).then_some(run));
        }
        entries
    }

    /// Reads what is known of the chunks of a block.
    ///
    /// They lie far apart, and each read waits for memory. Reads that do not depend on one another wait together, which is why these are
    /// not made one by one where they are needed.
    fn gather(&self, part: &Part<'_>, norm: Option<&FieldNormReader>, documents: &[u32], field: Field) -> Block {
        let mut block = Block::default();
        let own = documents.len().min(BLOCK);
        let documents = &documents[..own];
        for (entry, &document) in block.entries.iter_mut().zip(documents) {
            *entry = part.entry_of_chunk.get(document as usize).copied().unwrap_or(NONE);
        }
        if field.is_of_chunks() {
            for (slot, &document) in block.slots.iter_mut().zip(documents) {
                *slot = self.chunk_slots.get((part.first_chunk + document) as usize).copied().unwrap_or(NONE);
            }
            if let Some(norm) = norm {
                for (length, &document) in block.lengths.iter_mut().zip(documents) {
                    *length = norm.fieldnorm_id(document);
                }
            }
        }
        for (slot, &entry) in block.entry_slots.iter_mut().zip(&block.entries[..own]) {
            *slot = self.entry_slots.get(part.first_entry.wrapping_add(entry) as usize).copied().unwrap_or(NONE);
        }
        for (length, &entry) in block.entry_lengths.iter_mut().zip(&block.entries[..own]) {
            *length = part.lengths.get(entry as usize).map_or(1, |lengths| lengths[field as usize]);
        }
        block
    }

    /// Adds to the score of one chunk, given with its entry and its slot.
    fn add_chunk(&mut self, (chunk, entry, mut slot): (u32, u32, u32), frequency: u32, length: u8, step: &Step<'_>) {
        if slot == NONE {
            if !step.takes_new {
                return;
            }
            slot = self.chunks.len() as u32;
            self.chunk_slots[chunk as usize] = slot;
            let entry = entry_slot(&mut self.entry_slots, &mut self.entries, entry);
            self.chunks.push(ChunkScore { chunk, entry, ..ChunkScore::default() });
        }
        let score = &mut self.chunks[slot as usize];
        let frequency = frequency as f32;
        score.fields[step.field as usize] +=
            step.idf * frequency * (K1 + 1.0) / (frequency + step.lengths[usize::from(length)]);
        score.coverage[step.field as usize] += step.share;
    }
}

impl Part<'_> {
    fn has(&self, entry: u32) -> bool {
        match self.alive {
            Some(alive) => alive.get(entry as usize).copied().unwrap_or(false),
            None => entry != NONE,
        }
    }

    /// The chunks of an entry, one of which is `chunk`: most entries have few.
    fn chunks_around(&self, chunk: u32, entry: u32) -> Range<u32> {
        let (before, after) = self.entry_of_chunk.split_at(chunk as usize);
        let is_own = |of: &&u32| **of == entry;
        let start = chunk - before.iter().rev().take_while(is_own).count() as u32;
        start..chunk + after.iter().take_while(is_own).count() as u32
    }

    /// How many entries of the view have a term.
    fn count_entries(&self, field: Field, term: &str) -> u64 {
        let count = || {
            let Some(mut postings) = self.words.documents(field, term) else { return 0 };
            let (mut count, mut last) = (0, NONE);
            while !postings.docs().is_empty() {
                for &document in postings.docs() {
                    let entry = self.entry_of_chunk.get(document as usize).copied().unwrap_or(NONE);
                    count += u64::from(entry != last && self.has(entry));
                    last = entry;
                }
                postings.advance();
            }
            count
        };
        // What lies in a words file never changes; what a view sees of it may.
        if self.alive.is_some() { count() } else { self.words.remembered_count(field, term, count) }
    }

    /// How many chunks of the view have a term.
    fn count(&self, field: Field, term: &str, postings: &BlockSegmentPostings) -> u64 {
        if self.alive.is_none() {
            return u64::from(postings.doc_freq());
        }
        let Some(mut postings) = self.words.postings(field, term) else { return 0 };
        let mut count = 0;
        for_each(&mut postings, |document, _| {
            let entry = self.entry_of_chunk.get(document as usize);
            count += u64::from(entry.is_some_and(|&entry| self.has(entry)));
        });
        count
    }
}

/// The next chunk before `end` and the term's frequency in it. `at` is the place in the block.
fn next_before(postings: &mut BlockSegmentPostings, at: &mut usize, end: u32) -> Option<(u32, u32)> {
    if *at >= postings.docs().len() {
        postings.advance();
        *at = 0;
    }
    let document = postings.docs().get(*at).copied().filter(|&document| document < end)?;
    let frequency = postings.freqs().get(*at).copied().unwrap_or(1);
    *at += 1;
    Some((document, frequency))
}

/// Calls `visit` with each chunk and the term's frequency in it.
fn for_each(postings: &mut BlockSegmentPostings, mut visit: impl FnMut(u32, u32)) {
    while !postings.docs().is_empty() {
        for (&document, &frequency) in postings.docs().iter().zip(postings.freqs()) {
            visit(document, frequency);
        }
        postings.advance();
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

fn entry_slot(slots: &mut [u32], entries: &mut Vec<EntryScore>, entry: u32) -> u32 {
    let slot = &mut slots[entry as usize];
    if *slot == NONE {
        *slot = entries.len() as u32;
        entries.push(EntryScore { entry, ..EntryScore::default() });
    }
    *slot
}

pub(crate) fn idf(total: u64, having: u64) -> f32 {
    let (total, having) = (total as f64, having as f64);
    (1.0 + (total - having + 0.5).max(0.0) / (having + 0.5)).ln() as f32
}
