//! Vectors of a model that is asked for them: made after the words are committed, kept as far as they got.
//!
//! Asking may take hours, cost money and fail at any text. So the index stands before the first question is asked; what was
//! answered is saved, also when the next question fails; and the next run asks for what is missing and for nothing else. A
//! segment's set grows with the view: of a segment that several worktrees share, only what some view has seen is there.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pampax_base::{Error, Result};
use pampax_embed::quantise;
use pampax_store::{Change, Facts, View, ViewBuilder, Writer};
use pampax_vector::{MAX_DIMENSIONS, VectorSet, VectorSetBuilder};

use crate::graph::build::FilesSink;
use crate::provider::{BatchLimits, Purpose, TextEmbedder};
use crate::report::RemoteVectors;
use crate::repository::Place;
use crate::text::clip;
use crate::vectors::{SetName, set_text, text_of};

/// Vectors are saved and committed after this long at the latest, so that a killed run loses no more than that.
const SAVE_AFTER: Duration = if cfg!(test) { Duration::ZERO } else { Duration::from_mins(1) };

/// A model behind [`TextEmbedder`], with the name under which segments keep its vectors.
pub(crate) struct RemoteEmbedder {
    provider: Arc<dyn TextEmbedder>,
    name: SetName,
}

impl RemoteEmbedder {
    /// # Errors
    /// [`Error::InvalidInput`] for an identity that cannot be part of a file's name, or limits that leave no room.
    pub(crate) fn new(provider: Arc<dyn TextEmbedder>) -> Result<Self> {
        let identity = provider.identity();
        if identity.len() < 16 || !identity.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(wrong("an identity is at least 16 hexadecimal digits in lower case".to_owned()));
        }
        let BatchLimits { texts, bytes, text_bytes } = provider.limits();
        if texts == 0 || bytes == 0 || text_bytes == 0 {
            return Err(wrong("the limits of a batch begin at 1".to_owned()));
        }
        let name = SetName::remote(identity);
        Ok(Self { provider, name })
    }

    /// Under which name segments keep its vectors.
    pub(crate) fn set_name(&self) -> &SetName {
        &self.name
    }

    /// What people call it.
    pub(crate) fn name(&self) -> &str {
        self.provider.name()
    }

    /// The vector of a question.
    ///
    /// # Errors
    /// Those of [`TextEmbedder::embed`].
    pub(crate) fn question(&self, text: &str) -> Result<Vec<i8>> {
        let mut vectors = self.embed(&[clip(text, self.provider.limits().text_bytes)], Purpose::Question)?;
        vectors.pop().ok_or_else(|| wrong("no vector came for a question".to_owned()))
    }

    fn embed(&self, texts: &[&str], purpose: Purpose) -> Result<Vec<Vec<i8>>> {
        let vectors = self.provider.embed(texts, purpose)?;
        let dimensions = vectors.first().map_or(0, Vec::len);
        if vectors.len() != texts.len() {
            return Err(wrong(format!("{} vectors came for {} texts", vectors.len(), texts.len())));
        }
        if dimensions == 0 || dimensions > MAX_DIMENSIONS || vectors.iter().any(|vector| vector.len() != dimensions) {
            return Err(wrong(format!("vectors have one length, from 1 to {MAX_DIMENSIONS} numbers")));
        }
        let rounded = |vector: &Vec<f32>| {
            let mut out = vec![0; dimensions];
            quantise(vector, &mut out);
            out
        };
        Ok(vectors.iter().map(rounded).collect())
    }
}

fn wrong(detail: String) -> Error {
    Error::InvalidInput { what: "embedder", detail }
}

/// How many of `chunks` have a vector.
pub(crate) fn keys_within(set: &VectorSet, chunks: &Range<u32>) -> u64 {
    let keys = set.keys();
    let (from, to) = (chunks.start, chunks.end);
    (keys.partition_point(|&key| key < to) - keys.partition_point(|&key| key < from)) as u64
}

/// Gives the committed view the vectors it lacks, as far as the model answers; says how far that was.
///
/// # Errors
/// [`Error::Cancelled`] if `progress` said no, [`Error::InvalidInput`] if the model answers what cannot be used, errors of the
/// store. What was answered before is saved all the same.
pub(crate) fn complete(
    place: &Place,
    writer: &mut Writer,
    remote: &RemoteEmbedder,
    progress: &mut FilesSink<'_>,
) -> Result<RemoteVectors> {
    let mut report = RemoteVectors { service: remote.name().to_owned(), embedded: 0, missing: 0, problem: None };
    let Some(record) = writer.generation().view(&place.view_id) else { return Ok(report) };
    let view = View::open(&place.store.path(&record.file))?.to_builder();
    let (lacking, dimensions) = lacking(writer, &view, remote)?;
    report.missing = lacking.iter().map(|segment| segment.chunks).sum();
    let files_total = lacking.iter().map(|segment| segment.entries.len() as u64).sum();
    let mut run = Run { place, remote, view, dimensions, files_done: 0, files_total, saved: Instant::now() };
    let mut result = Ok(());
    for segment in &lacking {
        let mut growing = Growing::open(writer, segment.id, remote)?;
        result = run.fill(writer, &mut growing, segment, progress);
        // Also what came before a failure is kept.
        let new = growing.save(writer, remote)?;
        report.embedded += new;
        report.missing -= new;
        if result.is_err() {
            break;
        }
    }
    if report.embedded > 0 {
        run.commit(writer)?;
    }
    match result {
        Err(error @ Error::Remote { .. }) => report.problem = Some(error.to_string()),
        other => other?,
    }
    Ok(report)
}

/// What a segment lacks.
struct Lacking {
    id: u64,
    entries: Vec<u32>,
    chunks: u64,
}

/// The segments of `view` that lack vectors, and the length of the vectors that are there.
fn lacking(writer: &Writer, view: &ViewBuilder, remote: &RemoteEmbedder) -> Result<(Vec<Lacking>, Option<usize>)> {
    let (mut all, mut dimensions) = (Vec::new(), None);
    for (number, &id) in view.segments.iter().enumerate() {
        let Some(record) = writer.segments().get(&id) else { continue };
        let folder = writer.store().segment_folder(id);
        let facts = Facts::open(&folder.join("facts"))?;
        let set = remote.name.open_set(record, &folder)?;
        dimensions = dimensions.or(set.as_ref().map(VectorSet::dimensions));
        let mut segment = Lacking { id, entries: Vec::new(), chunks: 0 };
        for seen in view.seen.iter().filter(|seen| seen.segment as usize == number) {
            let chunks = facts.chunks_of(seen.entry);
            let without = chunks.len() as u64 - set.as_ref().map_or(0, |set| keys_within(set, &chunks));
            if without > 0 {
                segment.entries.push(seen.entry);
                segment.chunks += without;
            }
        }
        if segment.chunks > 0 {
            all.push(segment);
        }
    }
    Ok((all, dimensions))
}

/// One run over the segments that lack vectors.
struct Run<'a> {
    place: &'a Place,
    remote: &'a RemoteEmbedder,
    view: ViewBuilder,
    /// The length of the vectors that are there, or of the first that came.
    dimensions: Option<usize>,
    files_done: u64,
    files_total: u64,
    /// When vectors were last committed.
    saved: Instant,
}

impl Run<'_> {
    /// Asks for what a segment lacks.
    fn fill(
        &mut self,
        writer: &mut Writer,
        growing: &mut Growing,
        segment: &Lacking,
        progress: &mut FilesSink<'_>,
    ) -> Result<()> {
        let limits = self.remote.provider.limits();
        let mut batch = Batch::default();
        let mut text = String::new();
        for &entry in &segment.entries {
            if !progress(self.files_done, self.files_total) {
                return Err(Error::Cancelled);
            }
            // A file that is not what was indexed has no vectors until it is indexed again.
            if let Some(source) = text_of(&self.place.root, &growing.facts, entry) {
                let chunks: Vec<u32> = growing.facts.chunks_of(entry).filter(|&chunk| growing.lacks(chunk)).collect();
                for chunk in chunks {
                    let range = growing.facts.chunks()[chunk as usize].bytes().range();
                    set_text(&mut text, growing.facts.path(entry), source.get(range).unwrap_or_default());
                    let clipped = clip(&text, limits.text_bytes);
                    if !batch.has_room_for(clipped, limits) {
                        self.send(&mut batch, &mut growing.rows)?;
                    }
                    batch.add(chunk, clipped);
                }
            }
            self.files_done += 1;
            if !growing.rows.is_empty() && self.saved.elapsed() > SAVE_AFTER {
                growing.save(writer, self.remote)?;
                self.commit(writer)?;
            }
        }
        self.send(&mut batch, &mut growing.rows)
    }

    fn send(&mut self, batch: &mut Batch, rows: &mut Vec<(u32, Vec<i8>)>) -> Result<()> {
        if batch.chunks.is_empty() {
            return Ok(());
        }
        let texts: Vec<&str> = batch.texts.iter().map(String::as_str).collect();
        let vectors = self.remote.embed(&texts, Purpose::Chunks)?;
        let found = vectors.first().map_or(0, Vec::len);
        let expected = *self.dimensions.get_or_insert(found);
        if found != expected {
            return Err(wrong(format!(
                "{} now gives vectors of {found} dimensions, those in the index have {expected}: it is another model. \
                 Ask for the old one, or give the new one another name (embedder_model), or have all vectors made anew \
                 with `pampax index --force`",
                self.remote.name()
            )));
        }
        rows.extend(batch.chunks.drain(..).zip(vectors));
        *batch = Batch::default();
        Ok(())
    }

    fn commit(&mut self, writer: &mut Writer) -> Result<()> {
        let root = self.place.root.to_string_lossy();
        let record = writer.generation().view(&self.place.view_id);
        let graph_behind = record.map_or(0, |record| record.graph_behind);
        writer.commit(Change {
            view_id: &self.place.view_id,
            root: &root,
            view: &self.view,
            graph: None,
            graph_behind,
            counts: true,
        })?;
        self.saved = Instant::now();
        Ok(())
    }
}

/// Texts that are asked about together.
#[derive(Default)]
struct Batch {
    chunks: Vec<u32>,
    texts: Vec<String>,
    bytes: usize,
}

impl Batch {
    fn has_room_for(&self, text: &str, limits: BatchLimits) -> bool {
        self.chunks.is_empty() || (self.chunks.len() < limits.texts && self.bytes + text.len() <= limits.bytes)
    }

    fn add(&mut self, chunk: u32, text: &str) {
        self.chunks.push(chunk);
        self.bytes += text.len();
        self.texts.push(text.to_owned());
    }
}

/// The set of a segment, and what is new in it.
struct Growing {
    id: u64,
    facts: Facts,
    set: Option<VectorSet>,
    /// Vectors that are not saved yet.
    rows: Vec<(u32, Vec<i8>)>,
    /// How many were saved.
    added: u64,
}

impl Growing {
    fn open(writer: &Writer, id: u64, remote: &RemoteEmbedder) -> Result<Self> {
        let folder = writer.store().segment_folder(id);
        let record = writer.segments().get(&id);
        let set = record.map(|record| remote.name.open_set(record, &folder)).transpose()?.flatten();
        Ok(Self { id, facts: Facts::open(&folder.join("facts"))?, set, rows: Vec::new(), added: 0 })
    }

    fn lacks(&self, chunk: u32) -> bool {
        self.set.as_ref().is_none_or(|set| set.keys().binary_search(&chunk).is_err())
    }

    /// Writes the old vectors and the new ones into a larger set; gives how many are new since it was opened.
    fn save(&mut self, writer: &mut Writer, remote: &RemoteEmbedder) -> Result<u64> {
        let Some((_, first)) = self.rows.first() else { return Ok(self.added) };
        let folder = writer.store().segment_folder(self.id);
        let mut builder = VectorSetBuilder::new(first.len())?;
        if let Some(set) = &self.set {
            for &key in set.keys() {
                if let Some(vector) = set.coded(key)? {
                    builder.add_coded(key, &vector)?;
                }
            }
        }
        for (chunk, vector) in &self.rows {
            builder.add(*chunk, vector)?;
        }
        let newest = writer.segments().get(&self.id).and_then(|record| remote.name.newest(record));
        let path = folder.join(remote.name.file(newest.as_ref().map_or(0, |(_, number)| *number) + 1));
        builder.write(&path)?;
        if let Some((smaller, _)) = newest {
            writer.retire(self.id, &smaller);
        }
        writer.seal_segment(self.id)?;
        self.set = Some(VectorSet::open(Path::new(&path))?);
        self.added += self.rows.len() as u64;
        self.rows.clear();
        Ok(self.added)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Mutex;

    use pampax_store::Store;

    use super::*;
    use crate::{Options, Repository, SearchOptions};

    /// Embeds a text as its length, and looks at what is committed whenever it is asked.
    struct Watching {
        store: PathBuf,
        committed: Mutex<Vec<(u64, usize)>>,
        fails_from: usize,
    }

    impl TextEmbedder for Watching {
        fn identity(&self) -> &'static str {
            "00112233445566778899"
        }

        fn name(&self) -> &'static str {
            "lengths"
        }

        fn limits(&self) -> BatchLimits {
            BatchLimits { texts: 1, bytes: 1000, text_bytes: 1000 }
        }

        fn embed(&self, texts: &[&str], _: Purpose) -> Result<Vec<Vec<f32>>> {
            let generation = Store::new(self.store.clone()).generation()?.unwrap();
            let sets = generation.segments.iter().flat_map(|segment| &segment.files);
            let vectors: usize = sets
                .filter(|file| file.name.contains("/remote"))
                .map(|file| VectorSet::open(&self.store.join(&file.name)).unwrap().len())
                .sum();
            let mut committed = self.committed.lock().unwrap();
            if committed.len() >= self.fails_from {
                return Err(Error::Remote { service: "lengths".to_owned(), detail: "no more".to_owned() });
            }
            committed.push((generation.number, vectors));
            Ok(texts.iter().map(|text| vec![text.len() as f32, 1.0]).collect())
        }
    }

    fn index(folder: &Path, fails_from: usize) -> (RemoteVectors, Vec<(u64, usize)>, Repository) {
        let store = folder.join("store");
        let watching = Arc::new(Watching { store: store.clone(), committed: Mutex::new(Vec::new()), fails_from });
        let options = Options { store: Some(store), threads: 1, ..Options::default() };
        let repository = Repository::open(&folder.join("tree"), options).unwrap();
        let repository = repository.with_embedder(Arc::<Watching>::clone(&watching)).unwrap();
        let report = repository.index(false, &mut |_| true).unwrap();
        let committed = watching.committed.lock().unwrap().clone();
        (report.remote_vectors.unwrap(), committed, repository)
    }

    #[test]
    fn words_are_committed_before_the_first_vector_and_vectors_while_more_are_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("tree")).unwrap();
        for number in 0..6 {
            let text = format!("def function_{number}():\n    return {number}\n");
            std::fs::write(folder.path().join(format!("tree/{number}.py")), text).unwrap();
        }
        let (report, committed, _) = index(folder.path(), 4);
        assert_eq!((report.embedded, report.missing), (4, 2));
        assert_eq!(report.problem.as_deref(), Some("lengths: no more"));
        assert_eq!(committed[0], (1, 0), "the words stand before anything is asked for");
        let vectors: Vec<usize> = committed.iter().map(|(_, vectors)| *vectors).collect();
        assert!(vectors.is_sorted() && vectors[3] >= 2, "a run that is killed has lost little: {vectors:?}");

        let (report, committed, repository) = index(folder.path(), usize::MAX);
        assert_eq!((report.embedded, report.missing, report.problem), (2, 0, None));
        assert_eq!(committed[0].1, 4, "it begins with what was there");
        assert_eq!(repository.verify().unwrap(), Vec::<String>::new());
        let answer = repository.search("where is number four returned", &SearchOptions::default()).unwrap();
        assert_eq!(answer.coverage.vectors, "remote");
        let files = std::fs::read_dir(folder.path().join("store/segments/1")).unwrap();
        let sets = files.filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().starts_with("remote"));
        assert_eq!(sets.count(), 1, "smaller sets are removed");
    }
}
