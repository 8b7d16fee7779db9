//! Scoring a query over the words files of one view.
//!
//! The formula is BM25 as Robertson and Zaragoza give it ("The Probabilistic Relevance Framework", 2009), with the idf of
//! Lucene, `ln(1 + (N - n + 0.5) / (n + 0.5))`, which is never negative. It is computed term at a time for each field, for
//! chunks and, with the frequencies of a file's chunks added up, for files.
//!
//! Terms are taken from rare to common. Once a field has brought in enough chunks, its further terms only add to what is
//! there already (the "continue" strategy of Moffat and Zobel, "Self-indexing inverted files", 1996): a word that stands in
//! every third chunk says little about where to look, and costs most.
//!
//! Parts can be shared between threads. What is taken in depends on how many chunks have a term, which all of them say before any is
//! scored, so each thread then scores its own parts alone, and the result is the same however many there are.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use pampax_base::{Crew, with_crew};

use crate::alive::Alive;
use crate::field::{Field, Lengths};
use crate::scores::Scores;
use crate::share::{Places, Share, Step, idf, length_table};
use crate::slice::{Slice, cut};
use crate::words::WordsFile;

/// Once the rarer terms of a field are found in so many chunks, a chunk counted for each of them, the others bring in no further ones.
const CHUNKS_PER_FIELD: u64 = 1000;

/// Of a long query (a stack trace) this many of its rarest terms are looked for in the text.
const TEXT_TERMS_MAX: usize = 16;

/// So many groups of slices are made for each thread: they are not equally much work.
const GROUPS_PER_THREAD: usize = 2;

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
    /// Which entries the view has; `None` if it has them all.
    pub alive: Option<&'a Alive>,
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

/// A scorer with memory that is reused between queries. One per search at a time.
#[derive(Default)]
pub struct Scorer {
    shares: Vec<Share>,
}

impl Scorer {
    /// A scorer without memory yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Scores `terms` over `parts`. The result is the same, bit for bit, however the same entries are spread over parts, up
    /// to the order of its rows. `all`: no chunk is left out, however common the terms are (what filters need).
    pub fn score(&mut self, parts: &[Part<'_>], statistics: &Statistics, terms: &[QueryTerm], all: bool) -> Scores<'_> {
        with_crew(1, |crew| self.score_with(crew, 1, (parts, statistics), (terms, all), &|| false))
    }

    /// [`Self::score`] by a crew, between up to `threads` of whom the parts are divided. Who waits for the others calls `meanwhile`,
    /// until that says that there is nothing else to do.
    pub fn score_with(
        &mut self,
        crew: &Crew<'_, '_>,
        threads: usize,
        (parts, statistics): (&[Part<'_>], &Statistics),
        (terms, all): (&[QueryTerm], bool),
        meanwhile: &(dyn Fn() -> bool + Sync),
    ) -> Scores<'_> {
        let threads = threads.min(crew.members());
        let mut places: Vec<(&Part<'_>, Places)> = parts.iter().map(|part| (part, Places::default())).collect();
        on_all(crew, &mut places, meanwhile, |(part, places)| places.look_up(part, terms));
        let places: Vec<Places> = places.into_iter().map(|(_, places)| places).collect();
        let tables = Field::ALL.map(|field| {
            let average = average(statistics.terms[field as usize], statistics.chunks);
            length_table(field, average)
        });
        let (mut steps, total) = plan(&places, statistics, (terms, all), &tables);
        let groups = cut(parts, if threads > 1 { GROUPS_PER_THREAD * threads } else { 1 });
        let count = groups.len();
        self.shares.resize_with(count.max(self.shares.len()), Share::default);
        let mut shared: Vec<(&mut Share, Vec<Slice<'_>>)> = self.shares.iter_mut().zip(groups).collect();
        on_all(crew, &mut shared, meanwhile, |(share, slices)| {
            share.begin(slices);
            share.add_chunks(slices, &places, &steps);
        });
        for (number, step) in steps.iter_mut().enumerate() {
            let having: u64 = shared.iter().map(|(share, _)| share.entries_of_step(number)).sum();
            step.entry_idf = idf(statistics.entries, having) * terms[step.term].weight;
            step.entry_average = average(statistics.terms[step.field as usize], statistics.entries);
        }
        let (mut chunks, mut entries) = (0, 0);
        for (share, _) in &mut shared {
            (chunks, entries) = share.number_from(chunks, entries);
        }
        on_all(crew, &mut shared, meanwhile, |(share, _)| {
            share.add_entries(&steps);
            share.finish(total);
        });
        Scores::new(&self.shares[..count], steps.iter().any(|step| !step.takes_new))
    }
}

/// Has `work` done for each; who finds nothing left to do calls `meanwhile` until all are done.
fn on_all<T: Send>(
    crew: &Crew<'_, '_>,
    all: &mut [T],
    meanwhile: &(dyn Fn() -> bool + Sync),
    work: impl Fn(&mut T) + Sync,
) {
    if let [one] = all {
        return work(one);
    }
    let (left, next) = (AtomicUsize::new(all.len()), AtomicUsize::new(0));
    // Each is taken once, so nobody waits for a lock.
    let all: Vec<Mutex<&mut T>> = all.iter_mut().map(Mutex::new).collect();
    crew.share(&|| {
        while let Some(one) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            work(&mut one.lock().unwrap_or_else(PoisonError::into_inner));
            left.fetch_sub(1, Ordering::Release);
        }
        while left.load(Ordering::Acquire) > 0 && meanwhile() {}
    });
}

/// In which order which terms are taken in, and the idf of all of them in the text. What a term counts among entries comes later.
fn plan<'t>(
    places: &[Places],
    statistics: &Statistics,
    (terms, all): (&[QueryTerm], bool),
    tables: &'t [[f32; 256]; Field::ALL.len()],
) -> (Vec<Step<'t>>, f32) {
    let mut steps = Vec::new();
    let mut text_idf = vec![0.0_f32; terms.len()];
    let mut is_in_text = vec![false; terms.len()];
    for field in Field::ALL {
        let chunks = |term: usize| places.iter().map(|places| places.chunks_with(field, term)).sum::<u64>();
        let mut found: Vec<(u64, usize)> = (0..terms.len()).map(|term| (chunks(term), term)).collect();
        // Names and comments stand in the text: terms that are not looked for there are not looked for in them.
        let is_wanted = |term: usize| is_in_text[term] || !matches!(field, Field::Names | Field::Comments);
        found.retain(|&(chunks, term)| chunks > 0 && is_wanted(term));
        // From rare to common; equally common ones by their text.
        found.sort_by(|left, right| left.0.cmp(&right.0).then_with(|| terms[left.1].text.cmp(&terms[right.1].text)));
        if field == Field::Body {
            found.truncate(TEXT_TERMS_MAX);
            for &(chunks, term) in &found {
                text_idf[term] = idf(statistics.chunks, chunks) * terms[term].weight;
                is_in_text[term] = true;
            }
        }
        let mut taken = 0;
        for (chunks, term) in found {
            steps.push(Step {
                field,
                term,
                idf: idf(statistics.chunks, chunks) * terms[term].weight,
                share: text_idf[term],
                lengths: &tables[field as usize],
                takes_new: all || taken < CHUNKS_PER_FIELD,
                entry_idf: 0.0,
                entry_average: 1.0,
            });
            taken += chunks;
        }
    }
    (steps, text_idf.iter().sum())
}

fn average(terms: u64, count: u64) -> f32 {
    if count == 0 || terms == 0 { 1.0 } else { (terms as f64 / count as f64) as f32 }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::build::{ChunkWords, WordsBuilder, merge};
    use crate::scores::{ChunkScore, EntryScore};

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

    /// Scores apart from the scorer that gave them.
    #[derive(Clone)]
    struct Scored {
        chunks: Vec<ChunkScore>,
        entries: Vec<EntryScore>,
        cut: bool,
    }

    fn scored(scores: Scores<'_>) -> Scored {
        let (chunks, entries) = (scores.chunks().copied().collect(), scores.entries().copied().collect());
        Scored { chunks, entries, cut: scores.is_cut() }
    }

    fn sorted(mut scores: Scored) -> Vec<ChunkScore> {
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
        let parts = [part(&words, &[0, 1, 2, 3, 4, 5], &lengths, 0)];
        let scores = scored(Scorer::new().score(&parts, &statistics, &one, true));
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
        let parts = [part(&all, &[0, 1, 2, 3, 4, 5], &all_lengths, 0)];
        let whole = sorted(scored(Scorer::new().score(&parts, &statistics, &query(), true)));

        let first = words(folder.path(), "first", &TEXTS[..2]);
        let mut rest: Vec<&str> = TEXTS[2..].to_vec();
        rest.push("session cookie of a file that is gone");
        let second = words(folder.path(), "second", &rest);
        let (first_lengths, second_lengths) = (lengths(&first), lengths(&second));
        let alive = [true, true, true, true, false];
        let mut dead = part(&second, &[0, 1, 2, 3, 4], &second_lengths, 2);
        let seen = Alive::new(alive.to_vec(), &[0, 1, 2, 3, 4]);
        dead.alive = Some(&seen);
        let mut scorer = Scorer::new();
        for _ in 0..2 {
            let split = scorer.score(&[part(&first, &[0, 1], &first_lengths, 0), dead], &statistics, &query(), true);
            assert_eq!(sorted(scored(split)), whole);
        }

        let merged = folder.path().join("merged");
        merge(&[&first, &second], |file, chunk| file == 0 || alive[chunk as usize], &merged).unwrap();
        let merged = WordsFile::open(&merged).unwrap();
        let merged_lengths = lengths(&merged);
        assert_eq!(merged_lengths, all_lengths);
        let parts = [part(&merged, &[0, 1, 2, 3, 4, 5], &merged_lengths, 0)];
        assert_eq!(sorted(scored(scorer.score(&parts, &statistics, &query(), true))), whole);
    }

    #[test]
    fn whatever_is_gone_counts_nothing() {
        let folder = tempfile::tempdir().unwrap();
        // 900 entries of one to three chunks with all kinds of texts.
        let entries: Vec<u32> = (0..900).flat_map(|entry| std::iter::repeat_n(entry, 1 + entry as usize % 3)).collect();
        let texts: Vec<&str> = (0..entries.len()).map(|chunk| TEXTS[chunk * 7 / 3 % TEXTS.len()]).collect();
        let entry_lengths = |words: &WordsFile, entries: &[u32]| {
            let mut lengths = vec![Lengths::default(); entries.last().map_or(0, |&last| last as usize + 1)];
            for (chunk, &entry) in (0..).zip(entries) {
                let own = words.lengths(chunk);
                lengths[entry as usize].iter_mut().zip(own).for_each(|(total, length)| *total += length);
            }
            lengths
        };
        let all = words(folder.path(), "all", &texts);
        let all_lengths = entry_lengths(&all, &entries);
        let mut scorer = Scorer::new();
        let patterns: [fn(u32) -> bool; 5] =
            [|entry| entry != 0, |entry| entry != 899, |entry| entry % 2 == 0, |entry| entry / 40 % 3 != 1, |_| false];
        for (number, has) in patterns.into_iter().enumerate() {
            let alive = Alive::new((0..900).map(has).collect(), &entries);
            let kept: Vec<(&str, u32)> =
                texts.iter().copied().zip(entries.iter().copied()).filter(|&(_, entry)| has(entry)).collect();
            let name = |entry: u32| (0..entry).filter(|&before| has(before)).count() as u32;
            let (kept_texts, kept_entries): (Vec<&str>, Vec<u32>) =
                kept.into_iter().map(|(text, entry)| (text, name(entry))).unzip();
            let clean = words(folder.path(), &format!("clean{number}"), &kept_texts);
            let clean_lengths = entry_lengths(&clean, &kept_entries);
            let mut statistics = statistics(&clean_lengths);
            statistics.chunks = kept_texts.len() as u64;
            for everything in [false, true] {
                let mut values = [
                    part(&clean, &kept_entries, &clean_lengths, 0),
                    Part { alive: Some(&alive), ..part(&all, &entries, &all_lengths, 0) },
                ]
                .map(|part| {
                    let scores = scored(scorer.score(&[part], &statistics, &query(), everything));
                    let chunks: Vec<_> =
                        sorted(scores.clone()).into_iter().map(|score| (score.fields, score.coverage)).collect();
                    let mut entries = scores.entries;
                    entries.sort_by_key(|score| score.entry);
                    (chunks, entries.into_iter().map(|score| (score.fields, score.coverage)).collect::<Vec<_>>())
                });
                assert_eq!(std::mem::take(&mut values[0]), std::mem::take(&mut values[1]), "pattern {number}");
            }
        }
    }

    #[test]
    fn common_terms_bring_in_no_further_chunks_unless_all_are_wanted() {
        let folder = tempfile::tempdir().unwrap();
        let rare = CHUNKS_PER_FIELD as usize + 10;
        let texts: Vec<&str> =
            (0..3 * rare).map(|chunk| if chunk < rare { "x rare common" } else { "x common" }).collect();
        let words = words(folder.path(), "common", &texts);
        let lengths = lengths(&words);
        let entries: Vec<u32> = (0..texts.len() as u32).collect();
        let terms = ["common", "rare"].map(|text| QueryTerm { text: text.to_owned(), weight: 1.0 });
        let score = |all| {
            scored(Scorer::new().score(&[part(&words, &entries, &lengths, 0)], &statistics(&lengths), &terms, all))
        };
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
        let by_entry = |scores: &Scored| {
            let mut entries: Vec<EntryScore> = scores.entries.clone();
            entries.sort_by_key(|score| score.entry);
            entries
        };
        let mut scorer = Scorer::new();
        let parts = [part(&whole, &entries, &whole_lengths, 0)];
        let some = scored(scorer.score(&parts, &statistics, &terms, false));
        let all = scored(scorer.score(&parts, &statistics, &terms, true));
        assert!(some.cut && some.chunks.len() < all.chunks.len());
        let kept_chunks: std::collections::HashSet<u32> = some.chunks.iter().map(|score| score.chunk).collect();
        let of_all: Vec<ChunkScore> =
            sorted(all.clone()).into_iter().filter(|score| kept_chunks.contains(&score.chunk)).collect();
        assert_eq!(sorted(some.clone()), of_all);
        let kept: std::collections::HashSet<u32> = some.entries.iter().map(|score| score.entry).collect();
        let of_all: Vec<EntryScore> = by_entry(&all).into_iter().filter(|score| kept.contains(&score.entry)).collect();
        assert_eq!(by_entry(&some), of_all);
        // The same again, from what is remembered of the words file, and in two parts.
        assert_eq!(by_entry(&scored(scorer.score(&parts, &statistics, &terms, false))), by_entry(&some));
        let cut = entries.partition_point(|&entry| entry < entries[count as usize / 2]);
        let first = words(folder.path(), "first", &all_texts[..cut]);
        let second = words(folder.path(), "second", &all_texts[cut..]);
        let rest: Vec<u32> = entries[cut..].iter().map(|&entry| entry - entries[cut]).collect();
        let (first_lengths, second_lengths) = (lengths_of(&first, &entries[..cut]), lengths_of(&second, &rest));
        let split = [
            part(&first, &entries[..cut], &first_lengths, 0),
            Part { first_entry: entries[cut], ..part(&second, &rest, &second_lengths, cut as u32) },
        ];
        let on_one = scored(scorer.score(&split, &statistics, &terms, false));
        assert_eq!(by_entry(&on_one), by_entry(&some));
        assert_eq!(sorted(on_one), sorted(some.clone()));

        // And on several threads, more of them than parts.
        for threads in [2, 5] {
            let steps = AtomicUsize::new(0);
            let meanwhile = || steps.fetch_add(1, Ordering::Relaxed) < 3;
            let mut scorer = Scorer::new();
            let shared = with_crew(threads, |crew| {
                let scores = scorer.score_with(crew, threads, (&split, &statistics), (&terms, false), &meanwhile);
                for (row, score) in (0..).zip(scores.chunks()) {
                    assert_eq!(scores.chunk_row(score.chunk), Some(row));
                    assert_eq!(scores.chunk(row), Some(score));
                    assert_eq!(scores.entry_row(scores.entry(score.entry).unwrap().entry), Some(score.entry));
                }
                let mut without = (0..count).filter(|chunk| !kept_chunks.contains(chunk));
                assert!(without.all(|chunk| scores.chunk_row(chunk).is_none()));
                assert!(scores.chunk(scores.chunk_count() as u32).is_none());
                assert!(scores.entry(scores.entry_count() as u32).is_none());
                scored(scores)
            });
            assert_eq!(by_entry(&shared), by_entry(&some));
            assert_eq!(sorted(shared), sorted(some.clone()));
        }
    }

    /// A term that stands in more chunks than are taken in is read from blocks here and there: those that have something.
    #[test]
    fn what_is_left_out_does_not_change_what_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let mut seed = 7_u32;
        let mut below = |end: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) % end
        };
        let mut entry = 0;
        let (mut entries, mut texts) = (Vec::new(), Vec::new());
        for chunk in 0..9 * CHUNKS_PER_FIELD as u32 {
            entry += u32::from(chunk > 0 && below(4) == 0);
            entries.push(entry);
            // One term in each eighth chunk, but only in the middle third; one in half of all; one in the first and last chunks alone.
            // The second word is a name, which none of the terms is.
            let mut text = "x y".to_owned();
            let is_of_middle = (3..6).contains(&(chunk / CHUNKS_PER_FIELD as u32));
            let is_of_ends = !(50..9 * CHUNKS_PER_FIELD as u32 - 50).contains(&chunk);
            for (is_there, term) in [
                (is_of_middle && below(8) == 0, " some"),
                (below(2) == 0, " many"),
                (below(3) > 0, " most"),
                (is_of_ends && below(2) == 0, " ends"),
            ] {
                for _ in 0..u32::from(is_there) * (1 + below(3)) {
                    text += term;
                }
            }
            texts.push(text);
        }
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let words = words(folder.path(), "random", &texts);
        let mut lengths = vec![Lengths::default(); entry as usize + 1];
        for (chunk, &entry) in (0..).zip(&entries) {
            lengths[entry as usize].iter_mut().zip(words.lengths(chunk)).for_each(|(total, own)| *total += own);
        }
        let mut statistics = statistics(&lengths);
        statistics.chunks = texts.len() as u64;
        let parts = [part(&words, &entries, &lengths, 0)];
        for named in [&["some", "many", "most"][..], &["ends", "most"], &["many", "ends", "some"], &["most", "many"]] {
            let terms: Vec<QueryTerm> =
                named.iter().map(|&text| QueryTerm { text: text.to_owned(), weight: 1.0 }).collect();
            for threads in [1, 3] {
                let mut scorer = Scorer::new();
                let [all, some] = [true, false].map(|all| {
                    with_crew(threads, |crew| {
                        scored(scorer.score_with(crew, threads, (&parts, &statistics), (&terms, all), &|| false))
                    })
                });
                assert!(!some.chunks.is_empty());
                let chunks: HashMap<u32, &ChunkScore> = all.chunks.iter().map(|score| (score.chunk, score)).collect();
                for score in &some.chunks {
                    let whole = chunks[&score.chunk];
                    assert_eq!((score.fields, score.coverage), (whole.fields, whole.coverage), "{named:?}");
                }
                let entries: HashMap<u32, &EntryScore> = all.entries.iter().map(|score| (score.entry, score)).collect();
                for score in &some.entries {
                    assert_eq!(score, entries[&score.entry], "{named:?}");
                }
            }
        }
    }

    /// What a part says of its chunks comes from another file than its words.
    #[test]
    fn a_part_that_does_not_fit_its_words_is_survived() {
        let folder = tempfile::tempdir().unwrap();
        let texts: Vec<&str> = (0..2000).map(|chunk| TEXTS[chunk % TEXTS.len()]).collect();
        let words = words(folder.path(), "all", &texts);
        let lengths = vec![Lengths::default(); 40];
        let backwards = (0..2000).map(|chunk| (1999 - chunk) / 50).collect();
        let beyond = (0..2000).map(|chunk| chunk / 3).collect();
        let mixed = (0..2000).map(|chunk| chunk * 7919 % 61).collect();
        for entries in [backwards, beyond, mixed, vec![u32::MAX; 2000], Vec::new(), vec![0; 3]] {
            let entries: Vec<u32> = entries;
            // A file remembers what belongs to it.
            let words = WordsFile::open(&folder.path().join("all")).unwrap();
            let parts = [part(&words, &entries, &lengths, 0)];
            let statistics = Statistics { chunks: 2000, entries: 40, terms: [2000; Field::ALL.len()] };
            for threads in [1, 3] {
                for all in [false, true] {
                    let scores = with_crew(threads, |crew| {
                        let mut scorer = Scorer::new();
                        scored(scorer.score_with(crew, threads, (&parts, &statistics), (&query(), all), &|| false))
                    });
                    assert!(scores.chunks.iter().all(|score| (score.entry as usize) < scores.entries.len()));
                }
            }
        }
        assert_eq!(words.chunks(), 2000);
    }

    /// A scorer serves one question after the other, each on as many threads as are free.
    #[test]
    fn nothing_is_left_of_an_earlier_query() {
        let folder = tempfile::tempdir().unwrap();
        let texts: Vec<&str> = (0..4000).map(|chunk| if chunk < 3900 { "x many" } else { "x few" }).collect();
        let words = words(folder.path(), "all", &texts);
        let (lengths, entries) = (lengths(&words), (0..4000).collect::<Vec<u32>>());
        let (parts, statistics) = ([part(&words, &entries, &lengths, 0)], statistics(&lengths));
        let ask = |scorer: &mut Scorer, threads: usize, parts: &[Part<'_>], text: &str| {
            let terms = [QueryTerm { text: text.to_owned(), weight: 1.0 }];
            with_crew(threads, |crew| {
                let scores = scorer.score_with(crew, threads, (parts, &statistics), (&terms, true), &|| false);
                let rows = (0..4000).filter(|&chunk| scores.chunk_row(chunk).is_some()).count();
                assert_eq!(rows, (0..4000).filter(|&entry| scores.entry_row(entry).is_some()).count());
                (rows, scores.chunk_max()[0], scores.entry_max()[0], sorted(scored(scores)))
            })
        };
        let mut scorer = Scorer::new();
        for (threads, text) in [(4, "many"), (1, "few"), (3, "many"), (4, "few"), (1, "none"), (2, "many")] {
            assert_eq!(ask(&mut scorer, threads, &parts, text), ask(&mut Scorer::new(), 1, &parts, text), "{text}");
        }
        assert_eq!(ask(&mut scorer, 4, &[], "many"), (0, 0.0, 0.0, Vec::new()));
    }

    #[test]
    fn an_empty_view_and_unknown_terms_score_nothing() {
        let scores = scored(Scorer::new().score(&[], &Statistics::default(), &query(), true));
        assert!(scores.chunks.is_empty() && scores.entries.is_empty());
    }
}
