//! The vectors of chunks: made while indexing, asked while searching.
//!
//! A segment keeps the vectors of its chunks in one file for each model, so that sets of several models lie side by side and
//! never mix. Without a model nothing of this runs, and answers say that vectors are absent.

use std::path::Path;

use pampax_base::{Error, Result};
use pampax_embed::StaticModel;
use pampax_store::{EntryAddress, Facts, SegmentRecord, ViewBuilder, Writer};
use pampax_vector::{FORMAT_VERSION, VectorSet, VectorSetBuilder};

use crate::read::read;
use crate::walk::Found;

/// A model with the name under which segments keep its vectors.
pub(crate) struct Embedder {
    model: StaticModel,
    file_name: String,
}

impl Embedder {
    /// Opens the model in `folder` (the files of model2vec).
    ///
    /// # Errors
    /// Those of [`StaticModel::open`].
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let model = StaticModel::open(folder)?;
        // With the version of the format: files of another one are as if there were none, and are made anew.
        let file_name = format!("vectors{FORMAT_VERSION}-{}", &model.identity()[..16]);
        Ok(Self { model, file_name })
    }

    /// The vector of a text.
    pub(crate) fn embed(&self, text: &str) -> Result<Vec<i8>> {
        let mut vector = vec![0; self.model.dimensions()];
        self.model.embed_i8(text, &mut vector)?;
        Ok(vector)
    }

    /// Whether a segment has its vectors.
    pub(crate) fn is_in(&self, segment: &SegmentRecord) -> bool {
        let name = format!("segments/{}/{}", segment.id, self.file_name);
        segment.files.iter().any(|file| file.name == name)
    }

    /// The vectors of a segment, if it has them.
    pub(crate) fn open_set(&self, segment: &SegmentRecord, folder: &Path) -> Result<Option<VectorSet>> {
        self.is_in(segment).then(|| VectorSet::open(&folder.join(&self.file_name))).transpose()
    }
}

/// The vectors of a segment that is being made.
pub(crate) struct ChunkVectors<'a> {
    embedder: &'a Embedder,
    builder: VectorSetBuilder,
    text: String,
}

impl<'a> ChunkVectors<'a> {
    pub(crate) fn new(embedder: &'a Embedder) -> Result<Self> {
        let builder = VectorSetBuilder::new(embedder.model.dimensions())?;
        Ok(Self { embedder, builder, text: String::new() })
    }

    /// Adds the vector of a chunk. What stands in it is read together with the path of its file: a path says what the code
    /// is about where the code itself only says how.
    pub(crate) fn add(&mut self, chunk: u32, path: &str, body: &str) -> Result<()> {
        self.text.clear();
        self.text.push_str(path);
        self.text.push('\n');
        self.text.push_str(body);
        let vector = self.embedder.embed(&self.text)?;
        self.builder.add(chunk, &vector)
    }

    /// Memory held now, in bytes, about.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.builder.len() * (self.embedder.model.dimensions() + size_of::<u32>())
    }

    /// Writes the vectors into the folder of their segment.
    pub(crate) fn finish(self, folder: &Path) -> Result<()> {
        self.builder.write(&folder.join(&self.embedder.file_name)).map(drop)
    }
}

/// Told how many files are done of how many; false stops.
pub(crate) type FilesSink<'a> = dyn FnMut(u64, u64) -> bool + 'a;

/// Gives the segments of `view` that lack them their vectors, from the files as they are; whether there were any. A file that
/// is not what was indexed has no vectors until it is indexed again.
///
/// # Errors
/// [`Error::Cancelled`] if `progress` said no, errors of the store.
pub(crate) fn complete(
    writer: &mut Writer,
    root: &Path,
    view: &ViewBuilder,
    embedder: &Embedder,
    progress: &mut FilesSink<'_>,
) -> Result<bool> {
    let lacks = |&(_, id): &(usize, &u64)| writer.segments().get(id).is_some_and(|segment| !embedder.is_in(segment));
    let lacking: Vec<(usize, u64)> = view.segments.iter().enumerate().filter(lacks).map(|(at, &id)| (at, id)).collect();
    let seen_in = |number: usize| view.seen.iter().filter(move |seen| seen.segment as usize == number);
    let files: usize = lacking.iter().map(|&(number, _)| seen_in(number).count()).sum();
    let mut done = 0;
    for &(number, id) in &lacking {
        let folder = writer.store().segment_folder(id);
        let facts = Facts::open(&folder.join("facts"))?;
        let mut vectors = ChunkVectors::new(embedder)?;
        for seen in seen_in(number) {
            if !progress(done, files as u64) {
                return Err(Error::Cancelled);
            }
            add_entry(&mut vectors, root, &facts, seen.entry)?;
            done += 1;
        }
        vectors.finish(&folder)?;
        writer.seal_segment(id)?;
    }
    Ok(!lacking.is_empty())
}

fn add_entry(vectors: &mut ChunkVectors<'_>, root: &Path, facts: &Facts, entry: u32) -> Result<()> {
    let path = facts.path(entry);
    let Some(record) = facts.entries().get(entry as usize) else { return Ok(()) };
    let found = Found { path: path.to_owned(), bytes: record.bytes, modified_ns: 0, changed_ns: 0 };
    let Ok(source) = read(root, &found, record.bytes) else { return Ok(()) };
    if source.blob != record.blob {
        return Ok(());
    }
    for chunk in facts.chunks_of(entry) {
        let body = source.text.get(facts.chunks()[chunk as usize].bytes().range()).unwrap_or_default();
        vectors.add(chunk, path, body)?;
    }
    Ok(())
}

/// Copies the vectors of merged segments: `entries` are the kept ones, with what they were, in their new order. Nothing is
/// written if one of the segments has no vectors: [`complete`] makes them then.
///
/// # Errors
/// Errors of the store.
pub(crate) fn merge(
    writer: &Writer,
    embedder: &Embedder,
    sources: &[(u64, &Facts)],
    entries: &[EntryAddress],
    folder: &Path,
) -> Result<()> {
    let mut sets = Vec::with_capacity(sources.len());
    for (id, _) in sources {
        let Some(segment) = writer.segments().get(id) else { return Ok(()) };
        let Some(set) = embedder.open_set(segment, &writer.store().segment_folder(*id))? else { return Ok(()) };
        sets.push(set);
    }
    let mut builder = VectorSetBuilder::new(embedder.model.dimensions())?;
    let mut next = 0;
    for address in entries {
        let Some(at) = sources.iter().position(|(id, _)| *id == address.segment) else { continue };
        for chunk in sources[at].1.chunks_of(address.entry) {
            if let Some(vector) = sets[at].get(chunk)? {
                builder.add(next, vector)?;
            }
            next += 1;
        }
    }
    builder.write(&folder.join(&embedder.file_name)).map(drop)
}
