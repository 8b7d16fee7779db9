//! Scoring a query over the words files of one view.
//!
//! The formula is BM25 as Robertson and Zaragoza give it ("The Probabilistic Relevance Framework", 2009), with the idf of
//! Lucene, `ln(1 + (N - n + 0.5) / (n + 0.5))`, which is never negative. It is computed term at a time for each field, for
//! chunks and, with the frequencies of a file's chunks added up, for files.

use tantivy::postings::Postings;
use tantivy::{DocSet, TERMINATED};

use crate::field::{Field, Lengths};
use crate::words::WordsFile;

/// BM25's saturation of term frequency.
const K1: f32 = 1.2;

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

/// Everything a query touched: all chunks and entries with at least one of its terms, in no particular order of rank.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    /// Chunks, in the order in which they were first touched.
    pub chunks: Vec<ChunkScore>,
    /// Entries, likewise.
    pub entries: Vec<EntryScore>,
    /// Terms of the query that occur nowhere in the view.
    pub unknown_terms: Vec<String>,
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
    matches: Vec<Match>,
}

/// A chunk that has the term at hand.
#[derive(Clone, Copy)]
struct Match {
    chunk: u32,
    entry: u32,
    frequency: u32,
    length: u32,
    entry_length: u32,
}

impl Scorer {
    /// A scorer without memory yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Scores `terms` over `parts`. The result is the same, bit for bit, however the same entries are spread over parts, up
    /// to the order of its rows.
    pub fn score(&mut self, parts: &[Part<'_>], statistics: &Statistics, terms: &[QueryTerm]) -> Scores {
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
        let mut scores = Scores::default();
        let mut body_idf = vec![0.0_f32; terms.len()];
        for field in Field::ALL {
            for (number, term) in terms.iter().enumerate() {
                self.collect(parts, field, &term.text);
                if field == Field::Body {
                    if self.matches.is_empty() {
                        scores.unknown_terms.push(term.text.clone());
                    }
                    body_idf[number] = idf(statistics.chunks, self.matches.len() as u64) * term.weight;
                }
                let share = body_idf[number];
                if field as usize <= Field::Comments as usize {
                    self.add_chunks(&mut scores, field, statistics, term.weight, share);
                }
                self.add_entries(&mut scores, field, statistics, term.weight, share);
            }
        }
        let total = body_idf.iter().sum::<f32>();
        if total > 0.0 {
            scores.chunks.iter_mut().for_each(|chunk| chunk.coverage.iter_mut().for_each(|value| *value /= total));
            scores.entries.iter_mut().for_each(|entry| entry.coverage.iter_mut().for_each(|value| *value /= total));
        }
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

    /// Fills `matches` with the view's chunks that have `term` in `field`; the chunks of an entry follow one another.
    fn collect(&mut self, parts: &[Part<'_>], field: Field, term: &str) {
        self.matches.clear();
        for part in parts {
            let Some(mut postings) = part.words.postings(field, term) else { continue };
            let norm = part.words.norm(field);
            let mut document = postings.doc();
            while document != TERMINATED {
                if let Some(&entry) = part.entry_of_chunk.get(document as usize) {
                    let alive = part.alive.is_none_or(|alive| alive.get(entry as usize).copied().unwrap_or(false));
                    if alive {
                        self.matches.push(Match {
                            chunk: part.first_chunk + document,
                            entry: part.first_entry + entry,
                            frequency: postings.term_freq(),
                            length: norm.map_or(1, |norm| norm.fieldnorm(document)),
                            entry_length: part.lengths.get(entry as usize).map_or(1, |lengths| lengths[field as usize]),
                        });
                    }
                }
                document = postings.advance();
            }
        }
    }

    fn add_chunks(&mut self, scores: &mut Scores, field: Field, statistics: &Statistics, weight: f32, share: f32) {
        let idf = idf(statistics.chunks, self.matches.len() as u64) * weight;
        let average = average(statistics.terms[field as usize], statistics.chunks);
        for found in &self.matches {
            let entry = entry_slot(&mut self.entry_slots, &mut scores.entries, found.entry);
            let slot = &mut self.chunk_slots[found.chunk as usize];
            if *slot == NONE {
                *slot = scores.chunks.len() as u32;
                scores.chunks.push(ChunkScore { chunk: found.chunk, entry, ..ChunkScore::default() });
            }
            let score = &mut scores.chunks[*slot as usize];
            score.fields[field as usize] += idf * saturation(field, found.frequency, found.length, average);
            score.coverage[field as usize] += share;
        }
    }

    fn add_entries(&mut self, scores: &mut Scores, field: Field, statistics: &Statistics, weight: f32, share: f32) {
        let runs = self.matches.chunk_by(|left, right| left.entry == right.entry);
        let idf = idf(statistics.entries, runs.count() as u64) * weight;
        let average = average(statistics.terms[field as usize], statistics.entries);
        for run in self.matches.chunk_by(|left, right| left.entry == right.entry) {
            let slot = entry_slot(&mut self.entry_slots, &mut scores.entries, run[0].entry);
            let frequency = run.iter().map(|found| found.frequency).sum();
            let score = &mut scores.entries[slot as usize];
            score.fields[field as usize] += idf * saturation(field, frequency, run[0].entry_length, average);
            score.coverage[field as usize] += share;
        }
    }
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

fn saturation(field: Field, frequency: u32, length: u32, average: f32) -> f32 {
    let frequency = frequency as f32;
    let b = length_weight(field);
    frequency * (K1 + 1.0) / (frequency + K1 * (1.0 - b + b * length as f32 / average))
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
        let scores = Scorer::new().score(&[part(&words, &[0, 1, 2, 3, 4, 5], &lengths, 0)], &statistics, &one);
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
        let whole =
            sorted(Scorer::new().score(&[part(&all, &[0, 1, 2, 3, 4, 5], &all_lengths, 0)], &statistics, &query()));

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
            let split = scorer.score(&[part(&first, &[0, 1], &first_lengths, 0), dead], &statistics, &query());
            assert_eq!(sorted(split), whole);
        }

        let merged = folder.path().join("merged");
        merge(&[&first, &second], |file, chunk| file == 0 || alive[chunk as usize], &merged).unwrap();
        let merged = WordsFile::open(&merged).unwrap();
        let merged_lengths = lengths(&merged);
        assert_eq!(merged_lengths, all_lengths);
        let scores =
            Scorer::new().score(&[part(&merged, &[0, 1, 2, 3, 4, 5], &merged_lengths, 0)], &statistics, &query());
        assert_eq!(sorted(scores), whole);
    }

    #[test]
    fn an_empty_view_and_unknown_terms_score_nothing() {
        let scores = Scorer::new().score(&[], &Statistics::default(), &query());
        assert!(scores.chunks.is_empty() && scores.entries.is_empty());
        assert_eq!(scores.unknown_terms.len(), 3);
    }
}
