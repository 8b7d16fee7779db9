//! One generation as one worktree sees it, open for reading.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use pampax_base::{Error, GivesBackMemory, Language, Result};
use pampax_lexical::{Alive, Part, Statistics, WordsFile};
use pampax_store::{Edges, Facts, FileRecord, Generation, Seen, Store, View, ViewRecord};
use pampax_syntax::has_edge_queries;
use pampax_vector::VectorSet;

use crate::graph::live::{LiveEdges, Translation};
use crate::graph::world::{Numbering, World};
use crate::index::count_by_reason;
use crate::kind_of_file::UNPARSED;
use crate::remote::keys_within;
use crate::vectors::SetName;
use crate::walk::folders_of_all;

/// Paths and contents are hashed in pieces of about this size.
const HASHED_AT_ONCE_BYTES: usize = 64 << 10;

/// A segment, open. Shared by all snapshots that use it.
pub(crate) struct OpenSegment {
    pub(crate) id: u64,
    pub(crate) facts: Facts,
    pub(crate) words: WordsFile,
    /// The vectors of the model in use; `None` if there is no model or the segment was made without it.
    pub(crate) vectors: Option<VectorSet>,
    /// The file they are in.
    vectors_file: Option<String>,
    /// Hashes of the last parts of the entries' paths, ascending, with the entries; made when they are first asked for.
    names: OnceLock<Vec<(u32, u32)>>,
}

impl OpenSegment {
    /// The entries whose paths may have the same last part as `path`: some others too.
    pub(crate) fn entries_named(&self, path: &[u8]) -> impl Iterator<Item = u32> {
        let names = self.names.get_or_init(|| {
            let entries = 0..self.facts.entries().len() as u32;
            let mut names: Vec<_> = entries.map(|entry| (name_hash(self.facts.path_bytes(entry)), entry)).collect();
            names.sort_unstable();
            names
        });
        let hash = name_hash(path);
        let start = names.partition_point(|&(name, _)| name < hash);
        names[start..].iter().take_while(move |&&(name, _)| name == hash).map(|&(_, entry)| entry)
    }
}

/// A hash of the last part of a path: FNV-1a (<http://www.isthe.com/chongo/tech/comp/fnv/>), as good as any for some ten bytes.
fn name_hash(path: &[u8]) -> u32 {
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    name.iter().fold(0x811c_9dc5, |hash, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// A segment as the view sees it.
pub(crate) struct ViewedSegment {
    pub(crate) open: Arc<OpenSegment>,
    /// Which entries the view has; `None` if it has all.
    alive: Option<Alive>,
    pub(crate) first_chunk: u32,
    pub(crate) first_entry: u32,
    /// The segment's rows in the view.
    seen: std::ops::Range<usize>,
}

/// What files lack that are indexed.
#[derive(Default)]
pub(crate) struct Lacks {
    /// Files by language, of the languages whose imports and types are not read.
    pub(crate) edges_by_name_only: BTreeMap<&'static str, u64>,
    /// Files without symbols, as they would have taken more than the ceiling for memory to parse.
    pub(crate) unparsed: u64,
}

/// Everything a query needs. Immutable: a query runs on one snapshot from start to end.
pub(crate) struct Snapshot {
    pub(crate) generation: u64,
    pub(crate) created_s: u64,
    pub(crate) segments: Vec<ViewedSegment>,
    pub(crate) statistics: Statistics,
    pub(crate) skipped: BTreeMap<String, u64>,
    /// The file of the view: it names its state.
    file: FileRecord,
    graph_file: Option<FileRecord>,
    view: View,
    /// How the code of the view hangs together; `None` if that was never made. It may be older than the view.
    edges: Option<Edges>,
    /// Of how many files the graph does not know, or not as they are.
    pub(crate) graph_behind: u64,
    /// How many files are still to be indexed.
    pub(crate) pending: u64,
    /// The folders its files lie in, made when they are first asked for.
    folders: OnceLock<Vec<String>>,
    /// The numbers of files and symbols, and where they are in the graph; made when they are first asked for.
    numbering: OnceLock<Numbering>,
    translation: OnceLock<Option<Translation>>,
    /// Whether it was opened with a model, so that segments without vectors have none.
    with_model: bool,
    /// How many chunks of the view have no vector, counted when it is first asked for.
    without_vectors: OnceLock<u64>,
    /// What files lack, likewise.
    lacks: OnceLock<Lacks>,
    /// Names what it sees, likewise.
    content: OnceLock<String>,
    /// Dropped last.
    memory: GivesBackMemory,
}

impl Snapshot {
    /// Opens the view `view_id` of `generation`. Segments that `previous` has open are shared.
    pub(crate) fn open(
        store: &Store,
        generation: &Generation,
        view_id: &str,
        name: Option<&SetName>,
        previous: Option<&Self>,
    ) -> Result<Option<Self>> {
        let Some(record) = generation.view(view_id) else { return Ok(None) };
        let path = store.path(&record.file);
        let view = View::open(&path)?;
        let mut segments = Vec::with_capacity(view.segments().len());
        let mut statistics = Statistics::default();
        let (mut first_chunk, mut first_entry) = (0_u32, 0_u32);
        for (number, &id) in view.segments().iter().enumerate() {
            let record = generation.segment(id);
            let vectors_file = name.zip(record).and_then(|(name, record)| name.newest(record)).map(|(file, _)| file);
            let is_same = |other: &&ViewedSegment| other.open.id == id && other.open.vectors_file == vectors_file;
            let open = match previous.and_then(|snapshot| snapshot.segments.iter().find(is_same)) {
                Some(other) => Arc::clone(&other.open),
                None => Arc::new(open_segment(store, id, vectors_file)?),
            };
            let start = view.seen().partition_point(|seen| (seen.segment as usize) < number);
            let end = view.seen().partition_point(|seen| seen.segment as usize <= number);
            let entries = open.facts.entries().len();
            let mut alive = vec![false; entries];
            for seen in &view.seen()[start..end] {
                let flag = alive
                    .get_mut(seen.entry as usize)
                    .ok_or_else(|| Error::corrupt(&path, "names an unknown entry"))?;
                *flag = true;
                statistics.entries += 1;
                statistics.chunks += open.facts.chunks_of(seen.entry).len() as u64;
                for (total, length) in statistics.terms.iter_mut().zip(open.facts.lengths()[seen.entry as usize]) {
                    *total += u64::from(length);
                }
            }
            let (chunks, complete) = (open.words.chunks(), end - start == entries);
            segments.push(ViewedSegment {
                alive: (!complete).then(|| Alive::new(alive, open.facts.chunk_entries())),
                open,
                first_chunk,
                first_entry,
                seen: start..end,
            });
            first_chunk += chunks;
            first_entry += entries as u32;
        }
        let skipped = count_by_reason(&view.skipped());
        let created_s = record.created_s;
        let edges = record.graph.as_ref().map(|graph| Edges::open(&store.path(graph))).transpose()?;
        Ok(Some(Self {
            edges,
            graph_behind: record.graph_behind,
            pending: view.pending(),
            folders: OnceLock::new(),
            numbering: OnceLock::new(),
            translation: OnceLock::new(),
            generation: record.generation,
            created_s,
            segments,
            statistics,
            skipped,
            file: record.file.clone(),
            graph_file: record.graph.clone(),
            view,
            with_model: name.is_some(),
            without_vectors: OnceLock::new(),
            lacks: OnceLock::new(),
            content: OnceLock::new(),
            memory: GivesBackMemory::default(),
        }))
    }

    /// Another one is asked from now on: this one goes with the last question about it.
    pub(crate) fn replaced(&self) {
        self.memory.expect();
    }

    /// Names this state: the same worktree in the same generation with the same content.
    pub(crate) fn identity(&self) -> String {
        identity(&self.file)
    }

    /// Names what it sees: which files with which content, as this version of the program reads them. Another state is the same if
    /// files have other times alone, or if their entries lie elsewhere in the store.
    pub(crate) fn content(&self) -> &str {
        self.content.get_or_init(|| {
            let mut hasher = blake3::Hasher::new();
            let mut bytes = env!("CARGO_PKG_VERSION").as_bytes().to_vec();
            for &[segment, entry] in &self.numbering().files {
                let facts = &self.segments[segment as usize].open.facts;
                bytes.push(0);
                bytes.extend_from_slice(facts.path_bytes(entry));
                bytes.push(0);
                bytes.extend_from_slice(&facts.entries()[entry as usize].blob);
                // Larger pieces are hashed much faster than small ones.
                if bytes.len() >= HASHED_AT_ONCE_BYTES {
                    hasher.update(&bytes);
                    bytes.clear();
                }
            }
            hasher.update(&bytes);
            hasher.finalize().to_hex()[..32].to_owned()
        })
    }

    /// Whether this is the state that `record` names, with its vectors if there is a model.
    pub(crate) fn is(&self, record: &ViewRecord, name: Option<&SetName>) -> bool {
        self.file == record.file && self.graph_file == record.graph && (self.with_model || name.is_none())
    }

    /// The segments as the scorer takes them.
    pub(crate) fn parts(&self) -> Vec<Part<'_>> {
        self.segments
            .iter()
            .map(|segment| Part {
                words: &segment.open.words,
                entry_of_chunk: segment.open.facts.chunk_entries(),
                lengths: segment.open.facts.lengths(),
                alive: segment.alive.as_ref(),
                first_chunk: segment.first_chunk,
                first_entry: segment.first_entry,
            })
            .collect()
    }

    /// The segment of a chunk that is numbered over all segments, and its number there.
    pub(crate) fn chunk(&self, chunk: u32) -> (&ViewedSegment, u32) {
        let position = self.segments.partition_point(|segment| segment.first_chunk <= chunk).saturating_sub(1);
        let segment = &self.segments[position];
        (segment, chunk - segment.first_chunk)
    }

    /// The segment of an entry that is numbered over all segments, and its number there.
    pub(crate) fn entry(&self, entry: u32) -> (&ViewedSegment, u32) {
        let position = self.segments.partition_point(|segment| segment.first_entry <= entry).saturating_sub(1);
        let segment = &self.segments[position];
        (segment, entry - segment.first_entry)
    }

    /// What `stat` said of an entry's file when it was indexed.
    pub(crate) fn seen(&self, segment: &ViewedSegment, entry: u32) -> Option<&Seen> {
        let rows = self.view.seen().get(segment.seen.clone())?;
        rows.binary_search_by_key(&entry, |seen| seen.entry).ok().map(|at| &rows[at])
    }

    /// Some of the files of the view, by their numbers, with what `stat` said of them.
    pub(crate) fn seen_files(&self, numbers: Range<usize>) -> impl Iterator<Item = (&ViewedSegment, u32, &Seen)> {
        let seen = self.view.seen();
        seen[numbers.start.min(seen.len())..numbers.end.min(seen.len())].iter().map(|seen| {
            let last = self.segments.len().saturating_sub(1);
            (&self.segments[(seen.segment as usize).min(last)], seen.entry, seen)
        })
    }

    /// Whether it has the file at `path`.
    pub(crate) fn has_path(&self, path: &str) -> bool {
        self.segments.iter().any(|segment| {
            let is_it = |entry: u32| segment.open.facts.path_bytes(entry) == path.as_bytes();
            segment.open.entries_named(path.as_bytes()).any(|entry| segment.has(entry) && is_it(entry))
        })
    }

    /// The folders its files lie in, with the root, in order.
    pub(crate) fn folders(&self) -> &[String] {
        self.folders.get_or_init(|| {
            let files = self.entries().map(|(segment, entry)| segment.open.facts.path(entry));
            let skipped = self.view.skipped();
            let folders = folders_of_all(files.chain(skipped.iter().map(|skipped| skipped.path.as_str())));
            folders.into_iter().collect()
        })
    }

    /// When the walk began that found the files, in nanoseconds since 1970.
    pub(crate) fn walked_ns(&self) -> i64 {
        self.view.walked_ns()
    }

    /// The files not indexed.
    pub(crate) fn skipped_files(&self) -> Vec<pampax_store::Skipped> {
        self.view.skipped()
    }

    /// How much of the view has vectors: "present", "partial" or "absent".
    pub(crate) fn vectors(&self) -> &'static str {
        let having = self.segments.iter().filter(|segment| segment.open.vectors.is_some()).count();
        match having {
            0 => "absent",
            count if count == self.segments.len() => "present",
            _ => "partial",
        }
    }

    /// The numbers of files and symbols.
    pub(crate) fn numbering(&self) -> &Numbering {
        self.numbering.get_or_init(|| {
            let facts: Vec<&Facts> = self.segments.iter().map(|segment| &segment.open.facts).collect();
            let segments = self.segments.iter().enumerate();
            let entries = segments.flat_map(|(at, segment)| segment.entries().map(move |entry| [at as u32, entry]));
            Numbering::new(&facts, entries)
        })
    }

    /// The graph with the numbers of this view; `None` if there is no graph.
    pub(crate) fn edges(&self) -> Option<LiveEdges<'_>> {
        let edges = self.edges.as_ref()?;
        let translation = self.translation.get_or_init(|| {
            let facts = |at: u32| &self.segments[at as usize].open.facts;
            Translation::between(edges, self.numbering(), facts)
        });
        Some(LiveEdges::new(edges, self.numbering(), translation.as_ref()))
    }

    /// The number of a file; `None` if the view does not have it.
    pub(crate) fn graph_file(&self, segment: &ViewedSegment, entry: u32) -> Option<u32> {
        let position =
            self.segments.partition_point(|other| other.first_entry <= segment.first_entry).checked_sub(1)?;
        self.numbering().file_of_entry(position, entry)
    }

    /// The node of a symbol in the graph; the symbol is numbered in its segment.
    pub(crate) fn graph_symbol(&self, segment: &ViewedSegment, symbol: u32) -> Option<u32> {
        let numbering = self.numbering();
        let facts = &segment.open.facts;
        let entry = facts.entry_of_symbol(symbol);
        let file = self.graph_file(segment, entry)?;
        let first = numbering.first_symbols.get(file as usize)?;
        Some(numbering.files.len() as u32 + first + (symbol - facts.symbols_of(entry).start))
    }

    /// The world of the graph: its files and symbols by number.
    pub(crate) fn world(&self) -> World<'_> {
        World::new(self.segments.iter().map(|segment| &segment.open.facts).collect(), self.numbering())
    }

    /// The length of its vectors; `None` if there are none.
    pub(crate) fn dimensions(&self) -> Option<usize> {
        self.segments.iter().find_map(|segment| segment.open.vectors.as_ref()).map(VectorSet::dimensions)
    }

    /// How many chunks of the view have no vector.
    pub(crate) fn chunks_without_vectors(&self) -> u64 {
        let lacking = |(segment, entry): (&ViewedSegment, u32)| {
            let chunks = segment.open.facts.chunks_of(entry);
            let having = segment.open.vectors.as_ref().map_or(0, |set| keys_within(set, &chunks));
            chunks.len() as u64 - having
        };
        *self.without_vectors.get_or_init(|| self.entries().map(lacking).sum())
    }

    /// What some of its files lack.
    pub(crate) fn lacks(&self) -> &Lacks {
        self.lacks.get_or_init(|| {
            let mut lacks = Lacks::default();
            for (segment, entry) in self.entries() {
                let Some(record) = segment.open.facts.entries().get(entry as usize) else { continue };
                let by_name_only = |language: &Language| language.is_code() && !has_edge_queries(*language);
                if let Some(language) = record.language().filter(by_name_only) {
                    *lacks.edges_by_name_only.entry(language.name()).or_insert(0) += 1;
                }
                lacks.unparsed += u64::from(record.flags & UNPARSED != 0);
            }
            lacks
        })
    }

    /// The entries of the files at `paths`, numbered over all segments.
    pub(crate) fn entries_at(&self, paths: &HashSet<&str>) -> Vec<u32> {
        let is_one = |(segment, entry): &(&ViewedSegment, u32)| paths.contains(segment.open.facts.path(*entry));
        let wanted = self.entries().filter(|_| !paths.is_empty()).filter(is_one);
        wanted.map(|(segment, entry)| segment.first_entry + entry).collect()
    }

    /// All entries of the view, in no order that means anything.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&ViewedSegment, u32)> {
        self.segments.iter().flat_map(|segment| segment.entries().map(move |entry| (segment, entry)))
    }
}

impl ViewedSegment {
    /// Whether the view has all of its entries.
    pub(crate) fn is_whole(&self) -> bool {
        self.alive.is_none()
    }

    /// Whether the view has this entry.
    pub(crate) fn has(&self, entry: u32) -> bool {
        self.alive.as_ref().is_none_or(|alive| alive.has(entry))
    }

    /// The entries the view has.
    pub(crate) fn entries(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.open.facts.entries().len() as u32).filter(|&entry| self.has(entry))
    }
}

/// Names the state of a worktree by the file of its view.
pub(crate) fn identity(view: &FileRecord) -> String {
    format!("{} {} {:08x}", view.name, view.bytes, view.crc32)
}

fn open_segment(store: &Store, id: u64, vectors_file: Option<String>) -> Result<OpenSegment> {
    let folder = store.segment_folder(id);
    let facts = Facts::open(&folder.join("facts"))?;
    let words = WordsFile::open(&folder.join("words"))?;
    if words.chunks() as usize != facts.chunks().len() {
        return Err(Error::corrupt(folder, "its words and its facts do not fit together"));
    }
    let vectors = vectors_file.as_ref().map(|file| VectorSet::open(&folder.join(file))).transpose()?;
    Ok(OpenSegment { id, facts, words, vectors, vectors_file, names: OnceLock::new() })
}
