//! The features of candidates: what the ranker knows of each.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use pampax_base::Crew;
use pampax_embed::Comparison;
use pampax_lexical::{Field, Scores};
use pampax_rank::{FEATURES, Feature, Features};

use crate::candidates::{Candidate, Found};
use crate::kind_of_file::{CONFIGURATION, DECLARATION, DOCUMENT, EXAMPLE, TEST, VENDORED};
use crate::query::Query;
use crate::snapshot::{Snapshot, ViewedSegment};
use crate::text::for_each_term;

/// Of a path so many tokens are compared with the query.
const PATH_TOKENS_MAX: usize = 30;
/// Of a name likewise.
const NAME_TOKENS_MAX: usize = 12;
/// The features of fewer files are computed before a helper has started.
const FILES_FOR_TWO: usize = 16;

/// For entries the similarities of their three most similar chunks.
pub(crate) type SimilarFiles = HashMap<u32, [f32; 3]>;

/// What share of the query's weight the text of a candidate holds.
pub(crate) fn coverage_of(scores: &Scores<'_>, candidate: &Candidate) -> f32 {
    candidate.chunk_row.and_then(|row| scores.chunk(row)).map_or(0.0, |score| score.coverage[Field::Body as usize])
}

/// Compares all chunks of files with the vector of a query, on as many threads as it is asked on.
pub(crate) struct ComparedFiles<'a> {
    snapshot: &'a Snapshot,
    vector: &'a [i8],
    entries: Vec<u32>,
    next: AtomicUsize,
    found: Mutex<SimilarFiles>,
}

impl<'a> ComparedFiles<'a> {
    /// The files of `candidates`.
    pub(crate) fn of(snapshot: &'a Snapshot, vector: &'a [i8], candidates: &[Candidate]) -> Self {
        let mut entries: Vec<u32> = candidates.iter().map(|candidate| candidate.entry).collect();
        entries.sort_unstable();
        entries.dedup();
        let found = Mutex::new(SimilarFiles::with_capacity(entries.len()));
        Self { snapshot, vector, entries, next: AtomicUsize::new(0), found }
    }

    /// Takes files until there are no more.
    pub(crate) fn work(&self) {
        while let Some(&entry) = self.entries.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let similar = three_most_similar(self.snapshot, entry, self.vector);
            self.found.lock().unwrap_or_else(PoisonError::into_inner).insert(entry, similar);
        }
    }

    /// What was found.
    pub(crate) fn finish(self) -> SimilarFiles {
        self.found.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Computes features of candidates; what is common to all is computed once, what is common to a file once for each file, and files are
/// divided between threads.
pub(crate) struct Extractor<'a> {
    snapshot: &'a Snapshot,
    scores: &'a Scores<'a>,
    query: &'a Query,
    /// What a definition of a name in the query counts: [`crate::policy::Policy::named`].
    named: f32,
    found: &'a Found,
    terms: BTreeSet<&'a str>,
    /// For each entry row of the candidates the scores of its three best chunks.
    best_chunks: HashMap<u32, [f32; 3]>,
    three_max: f32,
    /// For each entry of the candidates the similarities of its three most similar chunks.
    similar_chunks: SimilarFiles,
    /// The greatest similarity of a chunk.
    similarity_max: f32,
    vector: Option<&'a [i8]>,
    /// The query, to compare names and paths with.
    comparison: Option<Comparison<'a>>,
}

impl<'a> Extractor<'a> {
    pub(crate) fn new(
        snapshot: &'a Snapshot,
        scores: &'a Scores<'a>,
        (query, named): (&'a Query, f32),
        found: &'a Found,
        candidates: &[Candidate],
    ) -> Self {
        let mut best_chunks: HashMap<u32, [f32; 3]> = HashMap::new();
        for candidate in candidates {
            let Some(row) = candidate.entry_row else { continue };
            best_chunks.entry(row).or_insert_with(|| greatest_three(snapshot, candidate.entry, scores));
        }
        let three_max = best_chunks.values().map(|best| best.iter().sum()).fold(0.0, f32::max);
        Self {
            snapshot,
            scores,
            query,
            named,
            found,
            terms: query.terms.iter().map(|term| term.text.as_str()).collect(),
            best_chunks,
            three_max,
            similar_chunks: HashMap::new(),
            similarity_max: 0.0,
            vector: None,
            comparison: None,
        }
    }

    /// Takes in how similar the files of the candidates are to the question, and what to compare their names and paths with.
    pub(crate) fn compare(&mut self, vector: &'a [i8], comparison: Option<Comparison<'a>>, similar: SimilarFiles) {
        self.vector = Some(vector);
        self.comparison = comparison;
        self.similarity_max = similar.values().map(|best| best[0]).fold(0.0, f32::max);
        self.similar_chunks = similar;
    }

    /// The features of each candidate.
    pub(crate) fn features(&self, crew: &Crew<'_, '_>, candidates: &[Candidate]) -> Vec<Features> {
        let best_fusion = candidates.iter().map(|candidate| candidate.fusion).fold(0.0, f64::max);
        let entry = |number: usize| candidates[number].entry;
        let mut numbers: Vec<usize> = (0..candidates.len()).collect();
        numbers.sort_by_key(|&number| entry(number));
        let files: Vec<&[usize]> = numbers.chunk_by(|&left, &right| entry(left) == entry(right)).collect();
        let (next, all) = (AtomicUsize::new(0), Mutex::new(vec![[0.0; FEATURES]; candidates.len()]));
        let work = || {
            let mut comparison = self.comparison.clone();
            while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                let of_file = self.file_features(&candidates[file[0]], comparison.as_mut());
                let own = file.iter().map(|&number| {
                    let mut features = of_file;
                    self.chunk_features(&candidates[number], &mut features, comparison.as_mut());
                    if best_fusion > 0.0 {
                        features[Feature::Fusion as usize] = (candidates[number].fusion / best_fusion) as f32;
                    }
                    (number, features)
                });
                let own: Vec<(usize, Features)> = own.collect();
                let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                for (number, features) in own {
                    all[number] = features;
                }
            }
        };
        if files.len() < FILES_FOR_TWO {
            work();
        } else {
            crew.share(&work);
        }
        all.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many terms `text` has, and how many of them the query has.
    fn shared_terms(&self, text: &str) -> (u32, u32) {
        let (mut terms, mut shared) = (0, 0);
        for_each_term(text, &mut |term| {
            terms += 1;
            shared += u32::from(self.terms.contains(term));
        });
        (terms, shared)
    }

    fn file_features(&self, candidate: &Candidate, comparison: Option<&mut Comparison<'_>>) -> Features {
        let mut features = [0.0_f32; FEATURES];
        let mut set = |feature: Feature, value: f32| features[feature as usize] = value;
        let (segment, entry) = self.snapshot.entry(candidate.entry);
        let facts = &segment.open.facts;
        let path = facts.path(entry);
        if let Some(comparison) = comparison {
            let like = comparison.compare(path, PATH_TOKENS_MAX);
            set(Feature::FilePathLikeness, like.similarity);
            set(Feature::FilePathLikeWords, like.coverage);
        }
        if let Some((row, score)) = candidate.entry_row.and_then(|row| Some((row, self.scores.entry(row)?))) {
            let share = |field: Field| ratio(score.fields[field as usize], self.scores.entry_max()[field as usize]);
            set(Feature::FileBody, share(Field::Body));
            set(Feature::FileNames, share(Field::Names));
            set(Feature::FileSignature, share(Field::Signature));
            set(Feature::FileComments, share(Field::Comments));
            set(Feature::FilePath, share(Field::Path));
            set(Feature::FileStem, share(Field::Stem));
            let best = self.best_chunks.get(&row).copied().unwrap_or_default();
            set(Feature::FileBestChunk, ratio(best[0], self.scores.chunk_max()[0]));
            set(Feature::FileThreeChunks, ratio(best.iter().sum(), self.three_max));
            set(Feature::FileCoverage, score.coverage[Field::Body as usize]);
            set(Feature::FileNamesCoverage, score.coverage[Field::Names as usize]);
            set(Feature::FilePathCoverage, score.coverage[Field::Path as usize]);
        }
        let similar = self.similar_chunks.get(&candidate.entry).copied().unwrap_or_default();
        set(Feature::FileVector, ratio(similar[0], self.similarity_max));
        set(Feature::FileThreeVectors, ratio(similar.iter().sum::<f32>() / 3.0, self.similarity_max));
        if let Some(&names) = self.found.defined_names.get(&candidate.entry) {
            set(Feature::FileDefines, names as f32 / self.query.names.len().max(1) as f32);
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        let stem = name.split('.').next().unwrap_or(name);
        let (stem_terms, matched) = self.shared_terms(stem);
        let whole = stem_terms > 0 && matched == stem_terms || self.query.words.contains(&stem.to_ascii_lowercase());
        set(Feature::FileStemMatch, f32::from(u8::from(whole)));
        let Some(record) = facts.entries().get(entry as usize) else { return features };
        for (feature, flag) in [
            (Feature::FileTest, TEST),
            (Feature::FileDocument, DOCUMENT),
            (Feature::FileExample, EXAMPLE),
            (Feature::FileVendored, VENDORED),
            (Feature::FileConfiguration, CONFIGURATION),
            (Feature::FileDeclaration, DECLARATION),
        ] {
            set(feature, f32::from(u8::from(record.flags & flag != 0)));
        }
        let index = matches!(stem, "__init__" | "mod" | "index" | "lib" | "main" | "__main__" | "package" | "init");
        set(Feature::FileIndex, f32::from(u8::from(index)));
        set(Feature::FileDepth, (path.matches('/').count() as f32 / 8.0).min(1.0));
        set(Feature::FileLength, logarithm(record.lines, 10_000));
        features
    }

    fn chunk_features(&self, candidate: &Candidate, features: &mut Features, comparison: Option<&mut Comparison<'_>>) {
        let mut set = |feature: Feature, value: f32| features[feature as usize] = value;
        set(Feature::ChunkNamed, self.named * candidate.named);
        set(Feature::ChunkAtPlace, candidate.place);
        set(Feature::ChunkLiteral, candidate.literal);
        if let Some(score) = candidate.chunk_row.and_then(|row| self.scores.chunk(row)) {
            let share = |field: Field| ratio(score.fields[field as usize], self.scores.chunk_max()[field as usize]);
            set(Feature::ChunkBody, share(Field::Body));
            set(Feature::ChunkNames, share(Field::Names));
            set(Feature::ChunkSignature, share(Field::Signature));
            set(Feature::ChunkComments, share(Field::Comments));
            set(Feature::ChunkCoverage, score.coverage[Field::Body as usize]);
            set(Feature::ChunkNamesCoverage, score.coverage[Field::Names as usize]);
            set(Feature::ChunkSignatureCoverage, score.coverage[Field::Signature as usize]);
        }
        set(Feature::ChunkDefines, f32::from(u8::from(candidate.defines)));
        set(Feature::ChunkDefinesPrefix, f32::from(u8::from(candidate.defines_prefix)));
        let (segment, local) = self.snapshot.chunk(candidate.chunk);
        let facts = &segment.open.facts;
        if let Some(vector) = self.vector {
            set(Feature::ChunkVector, ratio(similarity(segment, local, vector), self.similarity_max));
        }
        let Some(chunk) = facts.chunks().get(local as usize) else { return };
        set(Feature::ChunkLength, logarithm(chunk.span().len(), 1000));
        let Some(number) = facts.symbol_of_chunk(local) else {
            set(Feature::ChunkTopLevel, 1.0);
            return;
        };
        // These two are cheaper to ask for than all that is known of a symbol.
        let Some((kind, name)) = facts.symbol_kind(number).zip(facts.symbol_name(number)) else { return };
        if features[Feature::FileTest as usize] <= 0.0 && facts.is_test(number) {
            features[Feature::FileTest as usize] = 1.0;
        }
        let mut set = |feature: Feature, value: f32| features[feature as usize] = value;
        set(Feature::ChunkCallable, f32::from(u8::from(kind.is_callable())));
        set(Feature::ChunkType, f32::from(u8::from(kind.is_type())));
        set(Feature::ChunkContinued, f32::from(u8::from(!chunk.is_first())));
        let name = facts.name(name);
        if let Some(comparison) = comparison {
            let like = comparison.compare(name, NAME_TOKENS_MAX);
            set(Feature::ChunkNameLikeness, like.similarity);
            set(Feature::ChunkNameLikeWords, like.coverage);
            set(Feature::ChunkNameLikeShare, like.share);
        }
        let (parts, matched) = self.shared_terms(name);
        if parts > 0 {
            set(Feature::ChunkNameShare, matched as f32 / parts as f32);
        }
    }
}

/// The three greatest scores that the texts of an entry's chunks have.
fn greatest_three(snapshot: &Snapshot, entry: u32, scores: &Scores<'_>) -> [f32; 3] {
    let (segment, local) = snapshot.entry(entry);
    let chunks = segment.open.facts.chunks_of(local);
    let mut greatest = [0.0_f32; 3];
    for (_, row) in scores.chunk_rows(segment.first_chunk + chunks.start..segment.first_chunk + chunks.end) {
        keep_greatest(&mut greatest, scores.chunk(row).map_or(0.0, |score| score.fields[Field::Body as usize]));
    }
    greatest
}

/// The three greatest similarities of the chunks of an entry to `vector`, none below 0.
fn three_most_similar(snapshot: &Snapshot, entry: u32, vector: &[i8]) -> [f32; 3] {
    let (segment, local) = snapshot.entry(entry);
    let mut greatest = [0.0_f32; 3];
    if let Some(set) = &segment.open.vectors {
        // A damaged set is told by the checksums of the store when the snapshot opens.
        let chunks = segment.open.facts.chunks_of(local);
        set.similarities(chunks, vector, |_, value| keep_greatest(&mut greatest, value)).unwrap_or_default();
    }
    greatest
}

/// Puts `value` among the three greatest, if it is.
fn keep_greatest(greatest: &mut [f32; 3], mut value: f32) {
    for slot in greatest {
        if value > *slot {
            std::mem::swap(slot, &mut value);
        }
    }
}

/// How similar a chunk is to `vector`; 0 if it has no vector or points away.
fn similarity(segment: &ViewedSegment, chunk: u32, vector: &[i8]) -> f32 {
    let set = segment.open.vectors.as_ref();
    set.and_then(|set| set.similarity(chunk, vector).ok().flatten()).unwrap_or_default().max(0.0)
}

fn ratio(value: f32, max: f32) -> f32 {
    if max > 0.0 { value / max } else { 0.0 }
}

/// ln(1 + value) as a share of ln(1 + full), at most 1.
fn logarithm(value: u32, full: u32) -> f32 {
    ((1.0 + value as f32).ln() / (1.0 + full as f32).ln()).min(1.0)
}
