//! The store, and its writer.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use pampax_base::{Error, Result};

use crate::catalogue::Catalogue;
use crate::edges::EdgesBuilder;
use crate::facts::Facts;
use crate::generation::{
    FILE_NAME, FORMAT, FileRecord, Generation, SegmentRecord, ViewRecord, file_record, read_checked, sync_folder,
    write_checked,
};
use crate::lock::Lock;
use crate::verify::{Damage, Verifier, verify};
use crate::view::ViewBuilder;

/// Hash of a file's content: the first 16 bytes of its BLAKE3.
pub type Blob = [u8; 16];

/// The file of a segment that says which files it has.
const SEGMENT_RECORD: &str = "segment";

/// Where an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryAddress {
    /// The segment's number.
    pub segment: u64,
    /// The entry's number in it.
    pub entry: u32,
}

/// A store on disk; knowing its folder is all it takes.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// The store in `folder`, which need not exist yet.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of a segment's files.
    pub fn segment_folder(&self, id: u64) -> PathBuf {
        self.folder.join("segments").join(id.to_string())
    }

    /// The path of a file the generation names.
    pub fn path(&self, file: &FileRecord) -> PathBuf {
        self.folder.join(&file.name)
    }

    /// The newest committed generation; `None` before the first commit, and in a store of an older format.
    ///
    /// # Errors
    /// [`Error::NewerFormat`], [`Error::Corrupt`] or [`Error::Io`].
    pub fn generation(&self) -> Result<Option<Generation>> {
        self.check_format()?;
        let generation: Option<Generation> = read_checked(&self.folder.join(FILE_NAME))?;
        match generation {
            Some(generation) if generation.format > FORMAT => Err(self.newer(generation.format)),
            // An index is cheaper to make anew than to convert: of an older format there is nothing to read.
            Some(generation) if generation.format < FORMAT => Ok(None),
            other => Ok(other),
        }
    }

    fn newer(&self, found: u32) -> Error {
        Error::NewerFormat { path: self.folder.clone(), found, supported: FORMAT }
    }

    /// Fails on a store of a newer format. A damaged format file says nothing; the generation has the number as well.
    fn check_format(&self) -> Result<()> {
        let found = self.format_written().unwrap_or(0);
        if found > FORMAT { Err(self.newer(found)) } else { Ok(()) }
    }

    /// The format that the store says it has, if it says so.
    fn format_written(&self) -> Option<u32> {
        let text = std::fs::read_to_string(self.folder.join("format")).unwrap_or_default();
        text.trim().strip_prefix("pampax store ").and_then(|number| number.parse().ok())
    }

    /// The older format that the store has, if it has one.
    fn older_format(&self) -> Option<u32> {
        let generation: Option<Generation> = read_checked(&self.folder.join(FILE_NAME)).ok().flatten();
        let found = generation.map(|generation| generation.format).or_else(|| self.format_written())?;
        (found < FORMAT).then_some(found)
    }

    /// Which parts of `generation` that the view `view_id` needs (all views if `None`) are damaged. `thorough` reads every
    /// file; otherwise only those whose `stat` changed since they were last found right.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn verify(&self, generation: &Generation, view_id: Option<&str>, thorough: bool) -> Result<Vec<Damage>> {
        Ok(verify(&self.folder, generation, view_id, thorough))
    }

    /// Size of all files of the store in bytes.
    pub fn bytes_on_disk(&self) -> u64 {
        fn sum(folder: &Path) -> u64 {
            let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
            entries
                .flatten()
                .map(|entry| match entry.metadata() {
                    Ok(metadata) if metadata.is_dir() => sum(&entry.path()),
                    Ok(metadata) => metadata.len(),
                    Err(_) => 0,
                })
                .sum()
        }
        sum(&self.folder)
    }

    /// Takes the writer's lock, makes the store if there is none, and recovers what an earlier writer left.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::NewerFormat`] or [`Error::Io`].
    pub fn writer(&self) -> Result<Writer> {
        let segments = self.folder.join("segments");
        std::fs::create_dir_all(&segments).map_err(Error::io("create", &segments))?;
        let views = self.folder.join("views");
        std::fs::create_dir_all(&views).map_err(Error::io("create", &views))?;
        self.check_format()?;
        let lock = Lock::take(&self.folder)?;
        Writer::recover(self.clone(), lock)
    }
}

/// What a commit makes visible at once.
#[derive(Clone)]
pub struct Change<'a> {
    /// The view that changes.
    pub view_id: &'a str,
    /// The root of its worktree.
    pub root: &'a str,
    /// What it sees.
    pub view: &'a ViewBuilder,
    /// Its graph; without one that of the view before goes on.
    pub graph: Option<EdgesBuilder>,
    /// Of how many files the graph does not know, or not as they are in the view.
    pub graph_behind: u64,
    /// Whether answers change; if not, the generation keeps its number.
    pub counts: bool,
}

/// The one writer of a store. Dropping it gives the lock back; what was not committed is adopted by the next writer.
pub struct Writer {
    pub(crate) store: Store,
    pub(crate) generation: Generation,
    pub(crate) segments: BTreeMap<u64, SegmentRecord>,
    next_segment: u64,
    pub(crate) catalogue: Catalogue,
    pub(crate) verifier: Verifier,
    pub(crate) damage: Vec<Damage>,
    /// Segments that are being written.
    unfinished: BTreeSet<u64>,
    /// Files of segments that a later file replaces.
    retired: BTreeSet<String>,
    /// The graph of another view that the next commit gives to its view.
    shared_graph: Option<FileRecord>,
    /// Names of files of views that were written for the next generation.
    pub(crate) given: BTreeSet<String>,
    // Last, so that it is given back last.
    _lock: Lock,
}

impl Writer {
    fn recover(store: Store, lock: Lock) -> Result<Self> {
        let mut damage = Vec::new();
        let mut generation = match store.generation() {
            Ok(generation) => generation.unwrap_or_else(Generation::empty),
            Err(Error::Corrupt { .. }) => {
                damage.push(Damage::Generation);
                Generation::empty()
            }
            Err(error) => return Err(error),
        };
        let older = store.older_format();
        damage.extend(older.map(Damage::OlderFormat));
        let mut verifier = if older.is_some() { Verifier::default() } else { Verifier::load(&store.folder) };
        if older.is_some() {
            Catalogue::remove(&store.folder);
        }
        let (segments, last) = sweep_segments(&store, &generation, older.is_some(), &mut verifier, &mut damage)?;
        generation.segments.retain(|segment| segments.contains_key(&segment.id));
        generation.views.retain_mut(|view| {
            let right = verifier.check(&store.folder, &view.file);
            if !right {
                damage.push(Damage::View(view.id.clone()));
            }
            if view.graph.take_if(|graph| !verifier.check(&store.folder, graph)).is_some() {
                damage.push(Damage::Graph(view.id.clone()));
            }
            right
        });
        sweep_views(&store, &generation);
        let catalogue = open_catalogue(&store, &segments, &mut verifier, &mut damage)?;
        let format = store.folder.join("format");
        std::fs::write(&format, format!("pampax store {FORMAT}\n")).map_err(Error::io("write", &format))?;
        Ok(Self {
            store,
            generation,
            segments,
            next_segment: last + 1,
            catalogue,
            verifier,
            damage,
            unfinished: BTreeSet::new(),
            retired: BTreeSet::new(),
            shared_graph: None,
            given: BTreeSet::new(),
            _lock: lock,
        })
    }

    /// The store it writes to.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What was found damaged and left out.
    pub fn damage(&self) -> &[Damage] {
        &self.damage
    }

    /// The generation the next one will replace, without its damaged parts.
    pub fn generation(&self) -> &Generation {
        &self.generation
    }

    /// All complete segments, committed or adopted.
    pub fn segments(&self) -> &BTreeMap<u64, SegmentRecord> {
        &self.segments
    }

    /// Makes the folder of a new segment and gives its number. Files are written into [`Store::segment_folder`].
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn begin_segment(&mut self) -> Result<u64> {
        let id = self.next_segment;
        self.next_segment += 1;
        self.unfinished.insert(id);
        let folder = self.store.segment_folder(id);
        std::fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
        Ok(id)
    }

    /// Declares the files of segment `id` complete: from now on they survive this process. May be called again when files
    /// were added; those that were there may not change.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Corrupt`].
    pub fn seal_segment(&mut self, id: u64) -> Result<()> {
        let folder = self.store.segment_folder(id);
        let facts = Facts::open(&folder.join("facts"))?;
        let mut files = Vec::new();
        for entry in std::fs::read_dir(&folder).map_err(Error::io("list", &folder))? {
            let name = entry.map_err(Error::io("list", &folder))?.file_name().to_string_lossy().into_owned();
            // Not the record itself, which is there if the segment was sealed before.
            let name_in_store = format!("segments/{id}/{name}");
            if !name.starts_with(SEGMENT_RECORD) && !self.retired.contains(&name_in_store) {
                files.push(file_record(&self.store.folder, &name_in_store)?);
            }
        }
        files.sort_by(|left, right| left.name.cmp(&right.name));
        let record = SegmentRecord {
            id,
            entries: facts.entries().len() as u32,
            chunks: facts.chunks().len() as u32,
            symbols: facts.symbol_count(),
            files,
        };
        write_checked(&folder.join(SEGMENT_RECORD), &record, true)?;
        for file in &record.files {
            self.verifier.trust(&self.store.folder, file);
        }
        catalogue_segment(&mut self.catalogue, id, &facts)?;
        self.segments.insert(id, record);
        self.unfinished.remove(&id);
        Ok(())
    }

    /// Leaves the file `name` of segment `id`, and the graph beside it, out of the segment when it is sealed next. The newest
    /// generation may still name them: they are removed when the next one stands.
    pub fn retire(&mut self, id: u64, name: &str) {
        self.retired.insert(format!("segments/{id}/{name}"));
        self.retired.insert(format!("segments/{id}/{name}.hnsw"));
    }

    /// Where the entry (path, blob) may be; the caller checks path and blob in the segment's facts.
    pub fn find(&self, path: &str, blob: &Blob) -> Option<EntryAddress> {
        let address = self.catalogue.find(path, blob).ok().flatten()?;
        self.segments.contains_key(&address.segment).then_some(address)
    }

    /// Has the next commit name `graph`, the graph of another view, for its view as well, if it is given none of its own. Both
    /// views have to see the same entries.
    pub fn share_graph(&mut self, graph: FileRecord) {
        self.shared_graph = Some(graph);
    }

    /// Makes a view what its worktree sees, in a new generation.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn commit(&mut self, change: Change<'_>) -> Result<Generation> {
        let Change { view_id, root, view, graph, graph_behind, counts } = change;
        let number = self.generation.number + u64::from(counts || self.generation.number == 0);
        let created_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let mut views: Vec<ViewRecord> = Vec::new();
        let own = ViewRecord {
            id: view_id.to_owned(),
            root: root.to_owned(),
            file: FileRecord { name: String::new(), bytes: 0, crc32: 0 },
            graph: self
                .shared_graph
                .take()
                .or_else(|| self.generation.view(view_id).and_then(|view| view.graph.clone())),
            graph_behind,
            entries: 0,
            generation: number,
            created_s,
        };
        let own = self.write_graph(own, graph, number)?;
        views.push(self.write_view(own, view, number)?);
        views.extend(self.generation.views.iter().filter(|view| view.id != view_id).cloned());
        views.sort_by(|left, right| left.id.cmp(&right.id));
        let segments = self.segments.values().cloned().collect();
        let generation = Generation { format: FORMAT, number, segments, views };
        sync_folder(&self.store.folder.join("segments"))?;
        write_checked(&self.store.folder.join(FILE_NAME), &generation, true)?;
        self.generation = generation.clone();
        self.given.clear();
        self.tidy(created_s, root, view.seen.len() as u32);
        Ok(generation)
    }

    /// Writes the file of a view under a name that no view has, so that the generation before stays whole.
    pub(crate) fn write_view(&mut self, record: ViewRecord, builder: &ViewBuilder, number: u64) -> Result<ViewRecord> {
        let name = self.free_name(&record.id, number, "view");
        builder.write(&self.store.folder.join(&name))?;
        let file = file_record(&self.store.folder, &name)?;
        self.verifier.trust(&self.store.folder, &file);
        Ok(ViewRecord { file, entries: builder.seen.len() as u32, ..record })
    }

    pub(crate) fn write_graph(
        &mut self,
        record: ViewRecord,
        graph: Option<EdgesBuilder>,
        number: u64,
    ) -> Result<ViewRecord> {
        let Some(graph) = graph else { return Ok(record) };
        let name = self.free_name(&record.id, number, "graph");
        graph.write(&self.store.folder.join(&name))?;
        let file = file_record(&self.store.folder, &name)?;
        self.verifier.trust(&self.store.folder, &file);
        Ok(ViewRecord { graph: Some(file), ..record })
    }

    /// A name in the folder of views that neither the generation nor this run has given to a file.
    fn free_name(&mut self, id: &str, number: u64, ending: &str) -> String {
        let views = &self.generation.views;
        let mut named: BTreeSet<&str> = views
            .iter()
            .flat_map(|view| [&view.file].into_iter().chain(&view.graph))
            .map(|file| file.name.as_str())
            .collect();
        named.extend(self.given.iter().map(String::as_str));
        let mut count = 0_u32;
        let name = loop {
            let name = format!("views/{id}-{number}-{count}.{ending}");
            if !named.contains(name.as_str()) {
                break name;
            }
            count += 1;
        };
        self.given.insert(name.clone());
        name
    }

    /// What may fail without harm once the generation stands: the log, the stamps, sweeping.
    fn tidy(&mut self, created_s: u64, root: &str, entries: u32) {
        let _ = self.catalogue.log(self.generation.number, created_s, root, entries);
        self.sweep();
    }

    /// Settles the catalogue, writes the stamps, and removes what the generation does not name.
    pub(crate) fn sweep(&mut self) {
        let folder = self.store.folder.clone();
        if self.catalogue.settle().is_ok()
            && let Ok(file) = file_record(&folder, Catalogue::FILE_NAME)
        {
            self.verifier.trust(&folder, &file);
        }
        let known: BTreeSet<&str> = self
            .generation
            .segments
            .iter()
            .flat_map(|segment| &segment.files)
            .chain(self.generation.views.iter().flat_map(|view| [&view.file].into_iter().chain(&view.graph)))
            .map(|file| file.name.as_str())
            .chain([Catalogue::FILE_NAME])
            .collect();
        self.verifier.save(&folder, |name| known.contains(name));
        for name in std::mem::take(&mut self.retired) {
            let _ = std::fs::remove_file(folder.join(name));
        }
        sweep_views(&self.store, &self.generation);
        sweep_segment_folders(&self.store, |id| self.segments.contains_key(&id) || self.unfinished.contains(&id));
    }
}

/// Finds the complete segments on disk. Incomplete and damaged ones are removed; a damaged one that the generation names is
/// reported.
fn sweep_segments(
    store: &Store,
    generation: &Generation,
    older: bool,
    verifier: &mut Verifier,
    damage: &mut Vec<Damage>,
) -> Result<(BTreeMap<u64, SegmentRecord>, u64)> {
    let mut segments: BTreeMap<u64, SegmentRecord> = BTreeMap::new();
    let mut last = 0;
    let folder = store.folder.join("segments");
    let mut found: Vec<u64> = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(Error::io("list", &folder))?.flatten() {
        if let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) {
            found.push(id);
            last = last.max(id);
        }
    }
    let named = generation.segments.iter().map(|segment| segment.id);
    let mut ids: Vec<u64> = found.iter().copied().chain(named).collect();
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        // An id that was ever named is never given again: readers may still have that segment open.
        last = last.max(id);
        // Segments of an older format say other things at the same places.
        if older {
            continue;
        }
        let committed = generation.segment(id).cloned();
        let was_committed = committed.is_some();
        let record = committed.or_else(|| read_checked(&store.segment_folder(id).join(SEGMENT_RECORD)).ok().flatten());
        let right = record
            .filter(|record| record.id == id && record.files.iter().all(|file| verifier.check(&store.folder, file)));
        match right {
            Some(record) => {
                if was_committed {
                    sweep_files(store, &record)?;
                }
                segments.insert(id, record);
            }
            None if was_committed => damage.push(Damage::Segment(id)),
            None => {}
        }
    }
    sweep_segment_folders(store, |id| segments.contains_key(&id));
    Ok((segments, last))
}

/// Removes what a killed run left beside the files of a committed segment, perhaps half written: the next seal would take it
/// for a part of the segment.
fn sweep_files(store: &Store, record: &SegmentRecord) -> Result<()> {
    let folder = store.segment_folder(record.id);
    let Ok(entries) = std::fs::read_dir(&folder) else { return Ok(()) };
    let mut swept = false;
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let name_in_store = format!("segments/{}/{name}", record.id);
        if name != SEGMENT_RECORD && !record.files.iter().any(|file| file.name == name_in_store) {
            swept |= std::fs::remove_file(entry.path()).is_ok();
        }
    }
    // The record beside them may name what is gone.
    if swept { write_checked(&folder.join(SEGMENT_RECORD), record, true) } else { Ok(()) }
}

fn sweep_segment_folders(store: &Store, keep: impl Fn(u64) -> bool) {
    let Ok(entries) = std::fs::read_dir(store.folder.join("segments")) else { return };
    for entry in entries.flatten() {
        let id = entry.file_name().to_str().and_then(|name| name.parse().ok());
        if !id.is_some_and(&keep) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

fn sweep_views(store: &Store, generation: &Generation) {
    let Ok(entries) = std::fs::read_dir(store.folder.join("views")) else { return };
    for entry in entries.flatten() {
        let name = format!("views/{}", entry.file_name().to_string_lossy());
        let is_of =
            |view: &ViewRecord| view.file.name == name || view.graph.as_ref().is_some_and(|graph| graph.name == name);
        if !generation.views.iter().any(is_of) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Opens the catalogue, or builds it anew from the segments if there is any doubt about it.
fn open_catalogue(
    store: &Store,
    segments: &BTreeMap<u64, SegmentRecord>,
    verifier: &mut Verifier,
    damage: &mut Vec<Damage>,
) -> Result<Catalogue> {
    let exists = store.folder.join(Catalogue::FILE_NAME).exists();
    let trusted = verifier.trusted(Catalogue::FILE_NAME);
    let leftover = store.folder.join(format!("{}-wal", Catalogue::FILE_NAME)).exists();
    let right = trusted.as_ref().is_some_and(|file| verifier.check(&store.folder, file));
    if exists
        && right
        && !leftover
        && let Ok((catalogue, true)) = Catalogue::open(&store.folder)
    {
        return Ok(catalogue);
    }
    // A killed writer leaves its log beside it: that is no damage, only unfinished work.
    if (exists && trusted.is_some() && !right && !leftover) || (!exists && trusted.is_some()) {
        damage.push(Damage::Catalogue);
    }
    Catalogue::remove(&store.folder);
    let (mut catalogue, _) = Catalogue::open(&store.folder)?;
    for &id in segments.keys() {
        catalogue_segment(&mut catalogue, id, &Facts::open(&store.segment_folder(id).join("facts"))?)?;
    }
    Ok(catalogue)
}

fn catalogue_segment(catalogue: &mut Catalogue, id: u64, facts: &Facts) -> Result<()> {
    let rows = facts.entries().iter().enumerate().map(|(number, entry)| (facts.path(number as u32), entry.blob));
    catalogue.add(id, rows)
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
