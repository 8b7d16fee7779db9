//! Scoring a query over the words files of one view.
//!
//! The formula is BM25 as Robertson and Zaragoza give it ("The Probabilistic Relevance Framework", 2009), with the idf of
//! Lucene, `ln(1 + (N - n + 0.5) / (n + 0.5))`, which is never negative. It is computed term at a time for each field, for
//! chunks and, with the frequencies of a file's chunks added up, for files.
//!
//! Terms are taken from rare to common. Once a field has brought in enough chunks, its further terms only add to what is
//! there already (the "continue" strategy of Moffat and Zobel, "Self-indexing inverted files", 1996): a word that stands in
//! every third chunk says little about where to look, and costs most.

use std::ops::Range;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::BlockSegmentPostings;

use crate::field::{Field, Lengths};
use crate::words::WordsFile;

/// BM25's saturation of term frequency.
const K1: f32 = 1.2;

/// Once this many chunks have a term in a field, terms that are more common bring in no further ones.
const CHUNKS_PER_FIELD: usize = 1000;

/// A term that so many chunks have for each entry with a score is looked for in those entries alone: to go to the place of an entry
/// takes about as long as to look at so many chunks.
const CHUNKS_PER_KNOWN: u64 = 12;

/// Of a long query (a stack trace) this many of its rarest terms are looked for in the text.
const TEXT_TERMS_MAX: usize = 16;

/// How much a field's length counts against it (BM25's `b`): full text as usual, short fields less.
const fn length_weight(field: Field) -> f32 {
    match field {
        Field::Body => 0.75,
        Field::Names | Field::Signature | Field::Comments | Field::Path => 0.5,
        Field::Stem => 0.3,
    }
}

/// A term of the query.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryTerm {
    /// The term, as the tokenizer gives it.
    pub text: String,
    /// How much it counts; 1 for a word of the query.
    pub weight: f32,
}

/// One words file as a view sees it.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    /// The words file.
    pub words: &'a WordsFile,
    /// For each chunk, the entry it belongs to (numbered within the file). An entry's chunks follow one another.
    pub entry_of_chunk: &'a [u32],
    /// For each entry, the terms of its fields.
    pub lengths: &'a [Lengths],
    /// For each entry, whether the view has it; `None` if it has them all.
    pub alive: Option<&'a [bool]>,
    /// What is added to a chunk's number to make it unique among the parts.
    pub first_chunk: u32,
    /// What is added to an entry's number to make it unique among the parts.
    pub first_entry: u32,
}

/// Totals over the entries of the view: the `N` and the average lengths of BM25.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Chunks in the view.
    pub chunks: u64,
    /// Entries in the view.
    pub entries: u64,
    /// Terms in each field, over all chunks of the view.
    pub terms: [u64; Field::ALL.len()],
}

/// The scores of one chunk. Fields are numbered as in [`Field`]; path and stem belong to the entry.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ChunkScore {
    /// The chunk, numbered over all parts.
    pub chunk: u32,
    /// Where its entry stands in [`Scores::entries`].
    pub entry: u32,
    /// BM25 of body, names, signature and comments.
    pub fields: [f32; 4],
    /// Share of the query's idf found in each of these fields, 0 to 1.
    pub coverage: [f32; 4],
}

/// The scores of one entry (a file).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct EntryScore {
    /// The entry, numbered over all parts.
    pub entry: u32,
    /// BM25 of each field, over the whole file.
    pub fields: [f32; Field::ALL.len()],
    /// Share of the query's idf found in each field, 0 to 1.
    pub coverage: [f32; Field::ALL.len()],
}

/// Everything a query touched: the chunks and entries with at least one of its terms, in no particular order of rank. Where
/// its terms are common, those that have only the most common of them are left out.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    /// Chunks, in the order in which they were first touched.
    pub chunks: Vec<ChunkScore>,
    /// Entries, likewise.
    pub entries: Vec<EntryScore>,
    /// The greatest score of a chunk in each of its fields.
    pub chunk_max: [f32; 4],
    /// The greatest score of an entry in each field.
    pub entry_max: [f32; Field::ALL.len()],
    /// Whether chunks were left out.
    pub cut: bool,
}

const NONE: u32 = u32::MAX;

/// A scorer with memory that is reused between queries. One per thread.
#[derive(Default)]
pub struct Scorer {
    chunk_slots: Vec<u32>,
    entry_slots: Vec<u32>,
    /// What the last query touched: forgotten when the next one starts.
    touched_chunks: Vec<u32>,
    touched_entries: Vec<u32>,
    /// The entries that have the term at hand, with its frequency in all their chunks and their length.
    runs: Vec<Run>,
    /// For each part the entries of chunks that have a score, ascending, and how many chunks were looked at for it.
    known: Vec<Vec<Known>>,
    known_rows: usize,
    known_count: usize,
}

/// Chunks of a block of postings.
const BLOCK: usize = 128;

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

/// A term in one field: where it stands.
struct Lists {
    term: usize,
    /// Chunks of the view that have it.
    chunks: u64,
    /// Its postings in the parts that have it, with the numbers of the parts.
    of_parts: Vec<(usize, BlockSegmentPostings)>,
}

/// What the chunks of one field and term are scored with.
struct Weights {
    field: usize,
    idf: f32,
    share: f32,
    /// For each coded length what it adds to the frequency in BM25's denominator.
    lengths: [f32; 256],
    /// Whether chunks that have no score yet are taken in.
    takes_new: bool,
}

impl Scorer {
    /// A scorer without memory yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Scores `terms` over `parts`. The result is the same, bit for bit, however the same entries are spread over parts, up
    /// to the order of its rows. `all`: no chunk is left out, however common the terms are (what filters need).
    pub fn score(&mut self, parts: &[Part<'_>], statistics: &Statistics, terms: &[QueryTerm], all: bool) -> Scores {
        let chunks = parts.iter().map(|part| part.first_chunk + part.words.chunks()).max().unwrap_or(0) as usize;
        let entries = parts.iter().map(|part| part.first_entry + part.lengths.len() as u32).max().unwrap_or(0) as usize;
        for &chunk in &self.touched_chunks {
            self.chunk_slots[chunk as usize] = NONE;
        }
        for &entry in &self.touched_entries {
            self.entry_slots[entry as usize] = NONE;
        }
        if self.chunk_slots.len() < chunks {
            self.chunk_slots.resize(chunks, NONE);
        }
        if self.entry_slots.len() < entries {
            self.entry_slots.resize(entries, NONE);
        }
        self.known.iter_mut().for_each(Vec::clear);
        self.known.resize_with(parts.len(), Vec::new);
        (self.known_rows, self.known_count) = (0, 0);
        let mut scores = Scores::default();
        // For each term the parts that have it in their text.
        let mut in_text: Vec<Vec<usize>> = vec![Vec::new(); terms.len()];
        let mut body_idf = vec![0.0_f32; terms.len()];
        for field in Field::ALL {
            // Names and comments stand in the text: what the text lacks, they lack.
            let stands_in_text = matches!(field, Field::Names | Field::Comments);
            let may_have = |term: usize, part: usize| !stands_in_text || in_text[term].contains(&part);
            let mut lists = lists(parts, field, terms, may_have);
            if field == Field::Body {
                lists.truncate(TEXT_TERMS_MAX);
                for list in &lists {
                    body_idf[list.term] = idf(statistics.chunks, list.chunks) * terms[list.term].weight;
                    in_text[list.term] = list.of_parts.iter().map(|(part, _)| *part).collect();
                }
            }
            let mut taken = 0;
            for list in lists {
                let term = &terms[list.term];
                let weights = Weights {
                    field: field as usize,
                    idf: idf(statistics.chunks, list.chunks) * term.weight,
                    share: body_idf[list.term],
                    lengths: length_table(field, average(statistics.terms[field as usize], statistics.chunks)),
                    takes_new: all || taken < CHUNKS_PER_FIELD,
                };
                scores.cut |= !weights.takes_new;
                if !weights.takes_new {
                    self.note_known(&scores, parts);
                }
                let is_common = list.chunks >= CHUNKS_PER_KNOWN * self.known_count as u64;
                let (first_scores, entries) = match !weights.takes_new && is_common {
                    true => self.add_to_known(&mut scores, parts, (list, &term.text), &weights),
                    false => self.add_chunks(&mut scores, parts, list, &weights),
                };
                taken += first_scores;
                let idf = idf(statistics.entries, entries) * term.weight;
                let average = average(statistics.terms[field as usize], statistics.entries);
                self.add_entries(&mut scores, &weights, idf, average);
            }
        }
        scores.finish(body_idf.iter().sum());
        self.touched_chunks.clear();
        self.touched_chunks.extend(scores.chunks.iter().map(|score| score.chunk));
        self.touched_entries.clear();
        self.touched_entries.extend(scores.entries.iter().map(|score| score.entry));
        scores
    }

    /// The row of a chunk in the scores given last.
    pub fn chunk_row(&self, chunk: u32) -> Option<u32> {
        self.chunk_slots.get(chunk as usize).copied().filter(|&row| row != NONE)
    }

    /// The row of an entry in the scores given last.
    pub fn entry_row(&self, entry: u32) -> Option<u32> {
        self.entry_slots.get(entry as usize).copied().filter(|&row| row != NONE)
    }

    /// Adds a term of one field to the chunks that have a score, and notes the entries that have one and the term in `runs`. How many
    /// chunks have the field's first score, and how many entries have the term. Of the term's chunks only those of such entries are
    /// read: a common term has hundreds of times as many.
    fn add_to_known(
        &mut self,
        scores: &mut Scores,
        parts: &[Part<'_>],
        (list, term): (Lists, &str),
        weights: &Weights,
    ) -> (usize, u64) {
        self.runs.clear();
        let field = Field::ALL[weights.field];
        let (mut first_scores, mut entries) = (0, 0);
        for (number, mut postings) in list.of_parts {
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
                let length = part.lengths.get(*entry as usize).map_or(1, |lengths| lengths[weights.field]);
                let mut run = Run { entry: entry_number, frequency: 0, length };
                while let Some((document, frequency)) = next_before(&mut postings, &mut at, chunks.end) {
                    run.frequency += frequency;
                    let length = norm.map_or(0, |norm| norm.fieldnorm_id(document));
                    let chunk = part.first_chunk + document;
                    let place = (chunk, entry_number, self.chunk_slots[chunk as usize]);
                    first_scores += usize::from(self.add_chunk(scores, place, frequency, length, weights));
                }
                self.runs.extend((run.frequency > 0).then_some(run));
            }
            self.known[number] = known;
        }
        (first_scores, entries)
    }

    /// Brings `known` up to the chunks that have a score now.
    fn note_known(&mut self, scores: &Scores, parts: &[Part<'_>]) {
        let new = &scores.chunks[self.known_rows..];
        self.known_rows = scores.chunks.len();
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

    /// Adds a term of one field to the chunks that have it, and notes its entries in `runs`. How many chunks have the field's
    /// first score, and how many entries have the term.
    fn add_chunks(&mut self, scores: &mut Scores, parts: &[Part<'_>], list: Lists, weights: &Weights) -> (usize, u64) {
        self.runs.clear();
        let (mut first_scores, mut entries) = (0, 0);
        for (number, mut postings) in list.of_parts {
            let part = &parts[number];
            let norm = part.words.norm(Field::ALL[weights.field]);
            let mut run = Run { entry: NONE, frequency: 0, length: 0 };
            // Whether the entry at hand is in the view and has a score or may have one.
            let (mut last, mut counts) = (NONE, false);
            while !postings.docs().is_empty() {
                let block = self.gather(part, norm, postings.docs(), weights.field);
                for (at, (&document, &frequency)) in postings.docs().iter().zip(postings.freqs()).enumerate() {
                    let entry = block.entries[at];
                    if entry != last {
                        last = entry;
                        let is_seen = part.has(entry);
                        counts = is_seen && (weights.takes_new || block.entry_slots[at] != NONE);
                        entries += u64::from(is_seen);
                        if counts {
                            self.runs.extend((run.entry != NONE).then_some(run));
                            run =
                                Run { entry: part.first_entry + entry, frequency: 0, length: block.entry_lengths[at] };
                        }
                    }
                    if counts {
                        run.frequency += frequency;
                        if weights.field < 4 {
                            let place = (part.first_chunk + document, run.entry, block.slots[at]);
                            first_scores +=
                                usize::from(self.add_chunk(scores, place, frequency, block.lengths[at], weights));
                        }
                    }
                }
                postings.advance();
            }
            self.runs.extend((run.entry != NONE).then_some(run));
        }
        (first_scores, entries)
    }

    /// Reads what is known of the chunks of a block.
    ///
    /// They lie far apart, and each read waits for memory. Reads that do not depend on one another wait together, which is why these are
    /// not made one by one where they are needed.
    fn gather(&self, part: &Part<'_>, norm: Option<&FieldNormReader>, documents: &[u32], field: usize) -> Block {
        let mut block = Block::default();
        let own = documents.len().min(BLOCK);
        let documents = &documents[..own];
        for (entry, &document) in block.entries.iter_mut().zip(documents) {
            *entry = part.entry_of_chunk.get(document as usize).copied().unwrap_or(NONE);
        }
        if field < 4 {
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
            *length = part.lengths.get(entry as usize).map_or(1, |lengths| lengths[field]);
        }
        block
    }

    /// Adds to the score of one chunk, given with its entry and its slot. Whether it is the first of the field.
    fn add_chunk(
        &mut self,
        scores: &mut Scores,
        (chunk, entry, mut slot): (u32, u32, u32),
        frequency: u32,
        length: u8,
        weights: &Weights,
    ) -> bool {
        if slot == NONE {
            if !weights.takes_new {
                return false;
            }
            slot = scores.chunks.len() as u32;
            self.chunk_slots[chunk as usize] = slot;
            let entry = entry_slot(&mut self.entry_slots, &mut scores.entries, entry);
            scores.chunks.push(ChunkScore { chunk, entry, ..ChunkScore::default() });
        }
        let score = &mut scores.chunks[slot as usize];
        let is_first = score.fields[weights.field] == 0.0;
        let frequency = frequency as f32;
        score.fields[weights.field] +=
            weights.idf * frequency * (K1 + 1.0) / (frequency + weights.lengths[usize::from(length)]);
        score.coverage[weights.field] += weights.share;
        is_first
    }

    /// Adds the term whose entries are in `runs` to their scores; `idf` is that among entries.
    fn add_entries(&mut self, scores: &mut Scores, weights: &Weights, idf: f32, average: f32) {
        let field = Field::ALL[weights.field];
        for run in &self.runs {
            let slot = entry_slot(&mut self.entry_slots, &mut scores.entries, run.entry);
            let frequency = run.frequency as f32;
            let score = &mut scores.entries[slot as usize];
            score.fields[weights.field] +=
                idf * frequency * (K1 + 1.0) / (frequency + length_share(field, run.length, average));
            score.coverage[weights.field] += weights.share;
        }
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

impl Scores {
    /// Turns coverage into shares of `total`, the idf of all terms, and notes the greatest scores.
    fn finish(&mut self, total: f32) {
        let share = if total > 0.0 { 1.0 / total } else { 0.0 };
        for chunk in &mut self.chunks {
            chunk.coverage.iter_mut().for_each(|value| *value *= share);
            self.chunk_max.iter_mut().zip(chunk.fields).for_each(|(max, value)| *max = max.max(value));
        }
        for entry in &mut self.entries {
            entry.coverage.iter_mut().for_each(|value| *value *= share);
            self.entry_max.iter_mut().zip(entry.fields).for_each(|(max, value)| *max = max.max(value));
        }
    }
}

/// Where the terms that occur stand in a field, from rare to common; equally common ones by their text. Parts of which `may_have` says
/// no to a term are not asked for it.
fn lists(parts: &[Part<'_>], field: Field, terms: &[QueryTerm], may_have: impl Fn(usize, usize) -> bool) -> Vec<Lists> {
    let mut all = Vec::with_capacity(terms.len());
    for (number, term) in terms.iter().enumerate() {
        let mut found = Lists { term: number, chunks: 0, of_parts: Vec::new() };
        for (place, part) in parts.iter().enumerate().filter(|&(place, _)| may_have(number, place)) {
            if let Some(postings) = part.words.postings(field, &term.text) {
                found.chunks += part.count(field, &term.text, &postings);
                found.of_parts.push((place, postings));
            }
        }
        if found.chunks > 0 {
            all.push(found);
        }
    }
    all.sort_by(|left, right| {
        left.chunks.cmp(&right.chunks).then_with(|| terms[left.term].text.cmp(&terms[right.term].text))
    });
    all
}

/// What a length adds to the frequency in BM25's denominator.
fn length_share(field: Field, length: u32, average: f32) -> f32 {
    let b = length_weight(field);
    K1 * (1.0 - b + b * length as f32 / average)
}

/// [`length_share`] of every coded length.
fn length_table(field: Field, average: f32) -> [f32; 256] {
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

fn idf(total: u64, having: u64) -> f32 {
    let (total, having) = (total as f64, having as f64);
    (1.0 + (total - having + 0.5).max(0.0) / (having + 0.5)).ln() as f32
}

fn average(terms: u64, count: u64) -> f32 {
    if count == 0 || terms == 0 { 1.0 } else { (terms as f64 / count as f64) as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::{ChunkWords, WordsBuilder, merge};

    const TEXTS: [&str; 6] = [
        "fn open_store(path) reads the manifest",
        "fn close() drops the store lock",
        "struct Session { cookie, secret }",
        "sign the session cookie with the secret key",
        "walk the tree and hash every file of the store",
        "session session session",
    ];

    fn words(folder: &std::path::Path, name: &str, texts: &[&str]) -> WordsFile {
        let mut builder = WordsBuilder::new(|text, visit| {
            text.to_lowercase().split(|c: char| !c.is_alphanumeric()).filter(|term| !term.is_empty()).for_each(visit);
        })
        .unwrap();
        for text in texts {
            builder
                .add(&ChunkWords { body: text, names: text.split(' ').nth(1).unwrap(), ..ChunkWords::default() })
                .unwrap();
        }
        let path = folder.join(name);
        builder.finish(&path).unwrap();
        WordsFile::open(&path).unwrap()
    }

    fn lengths(words: &WordsFile) -> Vec<Lengths> {
        (0..words.chunks()).map(|chunk| words.lengths(chunk)).collect()
    }

    fn statistics(lengths: &[Lengths]) -> Statistics {
        let mut statistics =
            Statistics { chunks: lengths.len() as u64, entries: lengths.len() as u64, ..Statistics::default() };
        for length in lengths {
            for (total, &value) in statistics.terms.iter_mut().zip(length) {
                *total += u64::from(value);
            }
        }
        statistics
    }

    fn query() -> Vec<QueryTerm> {
        ["session", "cookie", "store"].map(|text| QueryTerm { text: text.to_owned(), weight: 1.0 }).to_vec()
    }

    fn sorted(mut scores: Scores) -> Vec<ChunkScore> {
        scores.chunks.sort_by_key(|score| score.chunk);
        scores.chunks.into_iter().map(|score| ChunkScore { entry: 0, ..score }).collect()
    }

    fn part<'a>(words: &'a WordsFile, entries: &'a [u32], lengths: &'a [Lengths], first: u32) -> Part<'a> {
        Part { words, entry_of_chunk: entries, lengths, alive: None, first_chunk: first, first_entry: first }
    }

    #[test]
    fn the_body_score_is_the_formula_written_out() {
        let folder = tempfile::tempdir().unwrap();
        let words = words(folder.path(), "all", &TEXTS);
        let lengths = lengths(&words);
        let statistics = statistics(&lengths);
        let one = [QueryTerm { text: "session".to_owned(), weight: 1.0 }];
        let scores = Scorer::new().score(&[part(&words, &[0, 1, 2, 3, 4, 5], &lengths, 0)], &statistics, &one, true);
        let average = statistics.terms[0] as f64 / 6.0;
        let expected = |frequency: f64, length: u32| {
            (1.0 + (6.0 - 3.0 + 0.5) / 3.5_f64).ln() * frequency * 2.2
                / (frequency + 1.2 * (0.25 + 0.75 * f64::from(length) / average))
        };
        for score in &scores.chunks {
            let frequency = if score.chunk == 5 { 3.0 } else { 1.0 };
            let wanted = expected(frequency, lengths[score.chunk as usize][0]);
            assert!((f64::from(score.fields[0]) - wanted).abs() < 1e-5, "{score:?} {wanted}");
            assert!((score.coverage[0] - 1.0).abs() < 1e-6);
        }
        assert_eq!(scores.chunks.len(), 3);
    }

    #[test]
    fn parts_and_dead_entries_do_not_change_a_bit() {
        let folder = tempfile::tempdir().unwrap();
        let all = words(folder.path(), "all", &TEXTS);
        let all_lengths = lengths(&all);
        let statistics = statistics(&all_lengths);
        let whole = sorted(Scorer::new().score(
            &[part(&all, &[0, 1, 2, 3, 4, 5], &all_lengths, 0)],
            &statistics,
            &query(),
            true,
        ));

        let first = words(folder.path(), "first", &TEXTS[..2]);
        let mut rest: Vec<&str> = TEXTS[2..].to_vec();
        rest.push("session cookie of a file that is gone");
        let second = words(folder.path(), "second", &rest);
        let (first_lengths, second_lengths) = (lengths(&first), lengths(&second));
        let alive = [true, true, true, true, false];
        let mut dead = part(&second, &[0, 1, 2, 3, 4], &second_lengths, 2);
        dead.alive = Some(&alive);
        let mut scorer = Scorer::new();
        for _ in 0..2 {
            let split = scorer.score(&[part(&first, &[0, 1], &first_lengths, 0), dead], &statistics, &query(), true);
            assert_eq!(sorted(split), whole);
        }

        let merged = folder.path().join("merged");
        merge(&[&first, &second], |file, chunk| file == 0 || alive[chunk as usize], &merged).unwrap();
        let merged = WordsFile::open(&merged).unwrap();
        let merged_lengths = lengths(&merged);
        assert_eq!(merged_lengths, all_lengths);
        let scores =
            Scorer::new().score(&[part(&merged, &[0, 1, 2, 3, 4, 5], &merged_lengths, 0)], &statistics, &query(), true);
        assert_eq!(sorted(scores), whole);
    }

    #[test]
    fn common_terms_bring_in_no_further_chunks_unless_all_are_wanted() {
        let folder = tempfile::tempdir().unwrap();
        let rare = CHUNKS_PER_FIELD + 10;
        let texts: Vec<&str> =
            (0..3 * rare).map(|chunk| if chunk < rare { "x rare common" } else { "x common" }).collect();
        let words = words(folder.path(), "common", &texts);
        let lengths = lengths(&words);
        let entries: Vec<u32> = (0..texts.len() as u32).collect();
        let terms = ["common", "rare"].map(|text| QueryTerm { text: text.to_owned(), weight: 1.0 });
        let score =
            |all| Scorer::new().score(&[part(&words, &entries, &lengths, 0)], &statistics(&lengths), &terms, all);
        let (some, all) = (score(false), score(true));
        assert!(some.cut && !all.cut);
        assert_eq!((some.chunks.len(), all.chunks.len()), (rare, texts.len()));
        // What is there has the same score either way.
        assert_eq!(sorted(some), sorted(all)[..rare]);
    }

    /// What a common term adds to what is there is read from the places of what is there alone.
    #[test]
    fn common_terms_add_the_same_however_they_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let count = 3 * CHUNKS_PER_FIELD as u32;
        // Entries of one to five chunks; those with the rare term lie apart, and the common one is not in all of their chunks.
        let entries: Vec<u32> = (0..count)
            .scan(0, |entry, chunk| {
                *entry += u32::from(chunk.is_multiple_of(5) || chunk.is_multiple_of(7));
                Some(*entry)
            })
            .collect();
        let text = |chunk: u32| match (chunk.is_multiple_of(2), chunk.is_multiple_of(3)) {
            (true, true) => "rare x common common",
            (true, false) => "rare x",
            (false, true) => "other x common",
            (false, false) => "other x common common common",
        };
        let all_texts: Vec<&str> = (0..count).map(text).collect();
        let terms = ["common", "rare"].map(|text| QueryTerm { text: text.to_owned(), weight: 1.0 });
        let whole = words(folder.path(), "whole", &all_texts);
        let lengths_of = |words: &WordsFile, entries: &[u32]| {
            let mut lengths = vec![Lengths::default(); entries.last().map_or(0, |&last| last as usize + 1)];
            for (chunk, &entry) in (0..).zip(entries) {
                lengths[entry as usize]
                    .iter_mut()
                    .zip(words.lengths(chunk))
                    .for_each(|(total, length)| *total += length);
            }
            lengths
        };
        let whole_lengths = lengths_of(&whole, &entries);
        let mut statistics = statistics(&whole_lengths);
        statistics.chunks = u64::from(count);
        let by_entry = |scores: &Scores| {
            let mut entries: Vec<EntryScore> = scores.entries.clone();
            entries.sort_by_key(|score| score.entry);
            entries
        };
        let mut scorer = Scorer::new();
        let parts = [part(&whole, &entries, &whole_lengths, 0)];
        let some = scorer.score(&parts, &statistics, &terms, false);
        let all = scorer.score(&parts, &statistics, &terms, true);
        assert!(some.cut && some.chunks.len() < all.chunks.len());
        let kept: std::collections::HashSet<u32> = some.chunks.iter().map(|score| score.chunk).collect();
        let of_all: Vec<ChunkScore> =
            sorted(all.clone()).into_iter().filter(|score| kept.contains(&score.chunk)).collect();
        assert_eq!(sorted(some.clone()), of_all);
        let kept: std::collections::HashSet<u32> = some.entries.iter().map(|score| score.entry).collect();
        let of_all: Vec<EntryScore> = by_entry(&all).into_iter().filter(|score| kept.contains(&score.entry)).collect();
        assert_eq!(by_entry(&some), of_all);
        // The same again, from what is remembered of the words file, and in two parts.
        assert_eq!(by_entry(&scorer.score(&parts, &statistics, &terms, false)), by_entry(&some));
        let cut = entries.partition_point(|&entry| entry < entries[count as usize / 2]);
        let first = words(folder.path(), "first", &all_texts[..cut]);
        let second = words(folder.path(), "second", &all_texts[cut..]);
        let rest: Vec<u32> = entries[cut..].iter().map(|&entry| entry - entries[cut]).collect();
        let (first_lengths, second_lengths) = (lengths_of(&first, &entries[..cut]), lengths_of(&second, &rest));
        let split = [
            part(&first, &entries[..cut], &first_lengths, 0),
            Part { first_entry: entries[cut], ..part(&second, &rest, &second_lengths, cut as u32) },
        ];
        let split = scorer.score(&split, &statistics, &terms, false);
        assert_eq!(by_entry(&split), by_entry(&some));
        assert_eq!(sorted(split), sorted(some));
    }

    #[test]
    fn an_empty_view_and_unknown_terms_score_nothing() {
        let scores = Scorer::new().score(&[], &Statistics::default(), &query(), true);
        assert!(scores.chunks.is_empty() && scores.entries.is_empty());
    }
}
