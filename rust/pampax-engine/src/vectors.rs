//! The vectors of chunks: made while indexing, asked while searching.
//!
//! A segment keeps the vectors of its chunks in one file for each model, so that sets of several models lie side by side and
//! never mix. Without a model nothing of this runs, and answers say that vectors are absent.

use std::collections::BTreeSet;
use std::path::Path;

use pampax_base::{Error, Result};
use pampax_embed::{Comparison, StaticModel};
use pampax_store::{EntryAddress, Facts, FileRecord, SegmentRecord, ViewBuilder, Writer};
use pampax_tokenize::is_stop_word;
use pampax_vector::{FORMAT_VERSION, VectorSet, VectorSetBuilder};

use crate::ceiling::allows_vectors;
use crate::graph::build::FilesSink;
use crate::read::read;
use crate::text::clip;
use crate::walk::Found;

/// What the files of models begin with that are asked.
fn remote_prefix() -> String {
    format!("remote{FORMAT_VERSION}-")
}

/// What the files of models begin with that are here.
fn local_prefix() -> String {
    format!("vectors{FORMAT_VERSION}-")
}

/// The name under which segments keep the vectors of one model.
///
/// The name has the version of the format: files of another one are as if there were none, and are made anew.
/// A set of the model in the package is made once, with its segment or for all of it. One of a [remote model](crate::remote)
/// grows: each larger one is a file of its own, `NAME-2`, `NAME-3`, …, and the last counts.
#[derive(Clone)]
pub(crate) struct SetName(String);

impl SetName {
    /// The name for a model that is here.
    fn local(identity: &str) -> Self {
        Self(format!("{}{}", local_prefix(), clip(identity, 16)))
    }

    /// The name for a model that is asked.
    pub(crate) fn remote(identity: &str) -> Self {
        Self(format!("{}{}", remote_prefix(), clip(identity, 16)))
    }

    /// The names of all models that were asked for vectors of `segments`, also of those not configured now: what they
    /// answered may have been paid for.
    pub(crate) fn all_remote<'a>(segments: impl Iterator<Item = &'a SegmentRecord>) -> Vec<Self> {
        Self::all(&remote_prefix(), segments)
    }

    /// The names of all models that are here under which `segments` keep vectors.
    pub(crate) fn all_local<'a>(segments: impl Iterator<Item = &'a SegmentRecord>) -> Vec<Self> {
        Self::all(&local_prefix(), segments)
    }

    fn all<'a>(prefix: &str, segments: impl Iterator<Item = &'a SegmentRecord>) -> Vec<Self> {
        let name = |file: &FileRecord| {
            let identity = file.name.rsplit('/').next()?.strip_prefix(prefix)?;
            Some(identity.get(..16)?.to_owned())
        };
        let identities: BTreeSet<String> = segments.flat_map(|segment| &segment.files).filter_map(name).collect();
        identities.iter().map(|identity| Self(format!("{prefix}{identity}"))).collect()
    }

    /// The file of a segment that holds its vectors, and how many came before it plus one; `None` if it has none.
    pub(crate) fn newest(&self, segment: &SegmentRecord) -> Option<(String, u32)> {
        let numbered = |name: &str| {
            let rest = name.rsplit('/').next()?.strip_prefix(&self.0)?;
            if rest.is_empty() { Some(1) } else { rest.strip_prefix('-')?.parse().ok() }
        };
        let number = segment.files.iter().filter_map(|file| numbered(&file.name)).max()?;
        Some((self.file(number), number))
    }

    /// The `number`-th file, counted from 1.
    pub(crate) fn file(&self, number: u32) -> String {
        if number == 1 { self.0.clone() } else { format!("{}-{number}", self.0) }
    }

    /// Whether a segment has vectors under this name.
    pub(crate) fn is_in(&self, segment: &SegmentRecord) -> bool {
        self.newest(segment).is_some()
    }

    /// The vectors of a segment, if it has some.
    pub(crate) fn open_set(&self, segment: &SegmentRecord, folder: &Path) -> Result<Option<VectorSet>> {
        self.newest(segment).map(|(file, _)| VectorSet::open(&folder.join(file))).transpose()
    }
}

/// A model with the name under which segments keep its vectors.
pub(crate) struct Embedder {
    model: StaticModel,
    name: SetName,
}

impl Embedder {
    /// Opens the model in `folder` (the files of model2vec).
    ///
    /// # Errors
    /// Those of [`StaticModel::open`].
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let model = StaticModel::open(folder)?;
        let name = SetName::local(model.identity());
        Ok(Self { model, name })
    }

    /// The vector of a text.
    pub(crate) fn embed(&self, text: &str) -> Result<Vec<i8>> {
        let mut vector = vec![0; self.model.dimensions()];
        self.model.embed_i8(text, &mut vector)?;
        Ok(vector)
    }

    /// A question to compare names and paths with.
    pub(crate) fn comparison(&self, question: &str) -> Comparison<'_> {
        Comparison::new(&self.model, question, |word| !is_stop_word(&word.to_ascii_lowercase()))
    }

    /// Under which name segments keep its vectors.
    pub(crate) fn set_name(&self) -> &SetName {
        &self.name
    }
}

/// Writes into `text` what of a chunk is embedded: what stands in it together with the path of its file. A path says what the
/// code is about where the code itself only says how.
pub(crate) fn set_text(text: &mut String, path: &str, body: &str) {
    text.clear();
    text.push_str(path);
    text.push('\n');
    text.push_str(body);
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

    /// Adds the vector of a chunk.
    pub(crate) fn add(&mut self, chunk: u32, path: &str, body: &str) -> Result<()> {
        set_text(&mut self.text, path, body);
        let vector = self.embedder.embed(&self.text)?;
        self.builder.add(chunk, &vector)
    }

    /// Memory held now, in bytes, about.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.builder.memory_bytes()
    }

    /// Writes the vectors into the folder of their segment.
    pub(crate) fn finish(self, folder: &Path) -> Result<()> {
        self.builder.write(&folder.join(self.embedder.name.file(1))).map(drop)
    }
}

/// What came of giving segments their vectors.
#[derive(Clone, Copy, Default)]
pub(crate) struct Completed {
    /// Whether some got theirs.
    pub(crate) changed: bool,
    /// Whether some are too large for the memory there is.
    pub(crate) left_out: bool,
}

/// Gives the segments of `view` that lack them their vectors, from the files as they are; whether there were any. A file that
/// is not what was indexed has no vectors until it is indexed again, nor has a segment whose vectors would take more than
/// the ceiling of `memory_bytes` allows.
///
/// # Errors
/// [`Error::Cancelled`] if `progress` said no, errors of the store.
pub(crate) fn complete(
    writer: &mut Writer,
    root: &Path,
    view: &ViewBuilder,
    (embedder, memory_bytes): (&Embedder, u64),
    progress: &mut FilesSink<'_>,
) -> Result<Completed> {
    let lacks =
        |&(_, id): &(usize, &u64)| writer.segments().get(id).is_some_and(|segment| !embedder.name.is_in(segment));
    let fits = |id: &u64| {
        let chunks = writer.segments().get(id).map_or(0, |segment| u64::from(segment.chunks));
        allows_vectors(memory_bytes, chunks, embedder.model.dimensions())
    };
    let all: Vec<(usize, u64)> = view.segments.iter().enumerate().filter(lacks).map(|(at, &id)| (at, id)).collect();
    let (lacking, left_out): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, id)| fits(id));
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
    Ok(Completed { changed: !lacking.is_empty(), left_out: !left_out.is_empty() })
}

fn add_entry(vectors: &mut ChunkVectors<'_>, root: &Path, facts: &Facts, entry: u32) -> Result<()> {
    let Some(text) = text_of(root, facts, entry) else { return Ok(()) };
    for chunk in facts.chunks_of(entry) {
        let body = text.get(facts.chunks()[chunk as usize].bytes().range()).unwrap_or_default();
        vectors.add(chunk, facts.path(entry), body)?;
    }
    Ok(())
}

/// The text of an entry, if its file is still the one that was indexed.
pub(crate) fn text_of(root: &Path, facts: &Facts, entry: u32) -> Option<String> {
    let record = facts.entries().get(entry as usize)?;
    let found = Found { path: facts.path(entry).to_owned(), bytes: record.bytes, modified_ns: 0, changed_ns: 0 };
    let source = read(root, &found, record.bytes).ok()?;
    (source.blob == record.blob).then_some(source.text)
}

/// Copies the vectors of merged segments: `entries` are the kept ones, with what they were, in their new order. Nothing is
/// written if one of the segments has no vectors and `partly` does not allow that, or if their lengths differ: they are made
/// anew then.
///
/// # Errors
/// Errors of the store.
pub(crate) fn merge(
    writer: &Writer,
    (name, partly): (&SetName, bool),
    sources: &[(u64, &Facts)],
    entries: &[EntryAddress],
    folder: &Path,
) -> Result<()> {
    let mut sets: Vec<Option<VectorSet>> = Vec::with_capacity(sources.len());
    for (id, _) in sources {
        let segment = writer.segments().get(id);
        let set = segment.map(|segment| name.open_set(segment, &writer.store().segment_folder(*id))).transpose()?;
        sets.push(set.flatten());
    }
    let mut lengths: Vec<usize> = sets.iter().flatten().map(VectorSet::dimensions).collect();
    lengths.dedup();
    let &[dimensions] = lengths.as_slice() else { return Ok(()) };
    if !partly && sets.iter().any(Option::is_none) {
        return Ok(());
    }
    let mut builder = VectorSetBuilder::new(dimensions)?;
    let mut next = 0;
    for address in entries {
        let Some(at) = sources.iter().position(|(id, _)| *id == address.segment) else { continue };
        for chunk in sources[at].1.chunks_of(address.entry) {
            if let Some(vector) = sets[at].as_ref().map(|set| set.coded(chunk)).transpose()?.flatten() {
                builder.add_coded(next, &vector)?;
            }
            next += 1;
        }
    }
    builder.write(&folder.join(name.file(1))).map(drop)
}
