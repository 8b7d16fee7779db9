//! Making an exported index the view of a root.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use pampax_archive::Archive;
use pampax_base::{Error, Result};
use pampax_store::{Damage, Edges, Facts, STORE_FORMAT, Seen, View, ViewBuilder, Writer};
use serde::Serialize;

use super::check::{check_graph, check_segment, check_view};
use super::{About, GRAPH, IndexedFile, TEXT, VIEW, indexed_files, is_file_of_segment, member_of_segment};
use crate::read::{Refusal, hash, read_file};
use crate::repository::Place;
use crate::walk::Found;
use crate::work::is_racy;

/// How an index is imported.
#[derive(Clone, Copy, Debug, Default)]
pub struct ImportOptions {
    /// Whether it may replace the view that the root has.
    pub force: bool,
    /// Whether the texts of the files are written to the root, which has to be empty.
    pub extract: bool,
    /// Threads for hashing.
    pub threads: usize,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Version of this record.
    pub schema: &'static str,
    /// The generation that holds now.
    pub generation: u64,
    /// Files of the root that are what the index says.
    pub agreeing: u64,
    /// Files of the root that are something else: the next index run reads them.
    pub differing: u64,
    /// Files of the index that the root does not have.
    pub missing: u64,
    /// Files written to the root.
    pub extracted: u64,
    /// What the index is about.
    pub about: About,
}

impl ImportReport {
    /// The documented JSON text.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Files that are there only for the time of an import.
struct Temporary(Vec<PathBuf>);

impl Drop for Temporary {
    fn drop(&mut self) {
        for path in &self.0 {
            let _ = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
        }
    }
}

/// Verifies `file` and makes it the view of `place`.
pub(crate) fn import(
    place: &Place,
    file: &Path,
    options: ImportOptions,
    keep_going: &mut dyn FnMut() -> bool,
) -> Result<ImportReport> {
    let mut archive = Archive::open(file)?;
    let about = about(file, &archive)?;
    if options.extract {
        check_empty(&place.root, file, &about)?;
    }
    let mut writer = place.store.writer()?;
    let has_view = writer.generation().view(&place.view_id).is_some();
    let is_of_others = |damage: &&Damage| match damage {
        Damage::Catalogue | Damage::OlderFormat(_) => false,
        Damage::View(id) | Damage::Graph(id) => *id != place.view_id,
        Damage::Generation | Damage::Segment(_) => true,
    };
    if let Some(damage) = writer.damage().iter().find(is_of_others) {
        return Err(Error::corrupt(place.store.folder(), format!("{damage} (`pampax index` builds it anew)")));
    }
    if has_view && !options.force {
        let detail = format!("{} is indexed already: --force replaces its index", place.root.display());
        return Err(Error::InvalidInput { what: "import", detail });
    }
    let mut temporary = Temporary(Vec::new());
    let ids = unpack_segments(&mut archive, &mut writer, &about, &mut temporary, keep_going)?;
    let views = place.store.folder().join("views");
    let (view_path, graph_path) = (views.join("incoming.view"), views.join("incoming.graph"));
    temporary.0.extend([view_path.clone(), graph_path.clone()]);
    let has_graph = archive.members().iter().any(|member| member.name == GRAPH);
    archive.extract(VIEW, &view_path)?;
    if has_graph {
        archive.extract(GRAPH, &graph_path)?;
    }
    let view = View::open(&view_path)?;
    let facts = ids.iter().map(|id| Facts::open(&place.store.segment_folder(*id).join("facts")));
    let facts = facts.collect::<Result<Vec<_>>>()?;
    check_view(file, &view, &facts)?;
    let edges = has_graph.then(|| Edges::open(&graph_path)).transpose()?;
    if let Some(edges) = &edges {
        check_graph(file, edges, &view, &facts)?;
    }
    let files = indexed_files(&facts, &view);
    let extracted = if options.extract { extract(&mut archive, file, &place.root, &files)? } else { 0 };
    let mut report = ImportReport { schema: "pampax.import/1", extracted, about, ..ImportReport::default() };
    let builder = stamped(&view, &ids, &compare(&place.root, &files, options.threads, keep_going)?, &mut report);
    for id in &ids {
        writer.seal_segment(*id)?;
    }
    let graph = edges.map(|edges| edges.to_builder());
    let record = writer.new_view(&place.view_id, &place.root.to_string_lossy());
    let staged = writer.stage_view(record, &builder, graph)?;
    let mut all = writer.generation().views.clone();
    all.retain(|view| view.id != place.view_id);
    all.push(staged);
    report.generation = writer.replace_views(all, &[])?.number;
    // The segments are the store's now.
    temporary.0.retain(|path| !path.starts_with(place.store.folder().join("segments")));
    Ok(report)
}

fn about(file: &Path, archive: &Archive) -> Result<About> {
    let wrong = |detail: String| Error::BadPath { path: file.to_path_buf(), detail };
    let about: About = serde_json::from_value(archive.about().clone())
        .map_err(|error| wrong(format!("this index does not say what it is about: {error}")))?;
    if about.store_format != STORE_FORMAT {
        return Err(wrong(format!(
            "this index has store format {}, and this pampax {STORE_FORMAT}: export it with this version",
            about.store_format
        )));
    }
    Ok(about)
}

fn check_empty(root: &Path, file: &Path, about: &About) -> Result<()> {
    if !about.has_text {
        let detail = "this index has no text inside: `pampax export --with-text` puts it there".to_owned();
        return Err(Error::BadPath { path: file.to_path_buf(), detail });
    }
    let mut entries = std::fs::read_dir(root).map_err(Error::io("list", root))?;
    match entries.next() {
        None => Ok(()),
        Some(_) => {
            let detail = "is not empty: give a new folder for the files".to_owned();
            Err(Error::BadPath { path: root.to_path_buf(), detail })
        }
    }
}

/// Unpacks the segments under new numbers, looks through them, and gives the numbers. They are not sealed: nobody adopts them.
fn unpack_segments(
    archive: &mut Archive,
    writer: &mut Writer,
    about: &About,
    temporary: &mut Temporary,
    keep_going: &mut dyn FnMut() -> bool,
) -> Result<Vec<u64>> {
    let mut by_segment: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for member in archive.members() {
        let mut parts = member.name.split('/');
        let parts = (parts.next(), parts.next().and_then(|number| number.parse().ok()), parts.next(), parts.next());
        if let (Some("segments"), Some(number), Some(file), None) = parts
            && is_file_of_segment(file)
        {
            by_segment.entry(number).or_default().push(file.to_owned());
        }
    }
    if !by_segment.keys().copied().eq(1..=about.segments) {
        return Err(Error::internal("import", "segments of the archive are missing"));
    }
    let mut ids = Vec::new();
    for (number, files) in by_segment {
        let id = writer.begin_segment()?;
        let folder = writer.store().segment_folder(id);
        temporary.0.push(folder.clone());
        for file in &files {
            if !keep_going() {
                return Err(Error::Cancelled);
            }
            archive.extract(&member_of_segment(number as usize, file), &folder.join(file))?;
        }
        check_segment(&folder, &files)?;
        ids.push(id);
    }
    Ok(ids)
}

/// What of a file of the index is on disk: the `stat` of the same content, or whether there is another.
enum OnDisk {
    Same(Found),
    Other,
    Missing,
}

/// Hashes the files of the root that the index has.
fn compare(
    root: &Path,
    files: &[IndexedFile],
    threads: usize,
    keep_going: &mut dyn FnMut() -> bool,
) -> Result<Vec<OnDisk>> {
    const BATCH: usize = 64;
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let work = || {
        let mut done = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            let first = next.fetch_add(BATCH, Ordering::Relaxed);
            if first >= files.len() {
                break;
            }
            let batch = &files[first..(first + BATCH).min(files.len())];
            done.push((first, batch.iter().map(|file| on_disk(root, file)).collect::<Vec<_>>()));
        }
        done
    };
    let mut parts = Vec::new();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        while workers.iter().any(|worker| !worker.is_finished()) {
            std::thread::sleep(std::time::Duration::from_millis(2));
            if !keep_going() {
                stop.store(true, Ordering::Relaxed);
            }
        }
        for worker in workers {
            parts.extend(worker.join().unwrap_or_default());
        }
    });
    if stop.load(Ordering::Relaxed) {
        return Err(Error::Cancelled);
    }
    parts.sort_by_key(|(first, _)| *first);
    let compared: Vec<OnDisk> = parts.into_iter().flat_map(|(_, part)| part).collect();
    match compared.len() == files.len() {
        true => Ok(compared),
        false => Err(Error::internal("import", "a worker stopped unexpectedly")),
    }
}

fn on_disk(root: &Path, file: &IndexedFile) -> OnDisk {
    // A path may lead through a link that the root has; what lies behind it is not of the root.
    match crate::text::inside(root, &file.path) {
        Ok(real) if real == root.join(&file.path) => {}
        Ok(_) => return OnDisk::Other,
        Err(_) => return OnDisk::Missing,
    }
    match read_file(root, &file.path, file.bytes) {
        Ok((bytes, found)) if hash(&bytes) == file.blob => OnDisk::Same(found),
        Ok(_) | Err(Refusal { .. }) => OnDisk::Other,
    }
}

/// The view over the segments `ids`, with the times of the files that are what it says. The others keep none that a file has.
fn stamped(view: &View, ids: &[u64], compared: &[OnDisk], report: &mut ImportReport) -> ViewBuilder {
    let mut builder =
        ViewBuilder { segments: ids.to_vec(), seen: Vec::new(), skipped: view.skipped(), ..ViewBuilder::default() };
    for (seen, on_disk) in view.seen().iter().zip(compared) {
        let unknown = Seen { modified_ns: 0, changed_ns: 0, racy: 1, ..*seen };
        builder.seen.push(match on_disk {
            OnDisk::Same(found) => {
                report.agreeing += 1;
                let racy = u64::from(is_racy(found));
                Seen { bytes: found.bytes, modified_ns: found.modified_ns, changed_ns: found.changed_ns, racy, ..*seen }
            }
            OnDisk::Other => {
                report.differing += 1;
                unknown
            }
            OnDisk::Missing => {
                report.missing += 1;
                unknown
            }
        });
    }
    for skipped in &mut builder.skipped {
        skipped.times_ns = None;
    }
    builder.normalise();
    builder
}

/// Writes the texts of `files` to the empty folder `root`. If that fails, what was written goes again.
fn extract(archive: &mut Archive, path: &Path, root: &Path, files: &[IndexedFile]) -> Result<u64> {
    let mut written = Extraction { root, files: files.iter(), current: None, made: Vec::new() };
    let mut outcome = archive.stream(TEXT, &mut |bytes| written.take(bytes));
    if outcome.is_ok() {
        outcome = written.finish(path);
    }
    if let Err(error) = outcome {
        for made in written.made.iter().rev() {
            let _ = if made.is_dir() { std::fs::remove_dir(made) } else { std::fs::remove_file(made) };
        }
        return Err(error);
    }
    Ok(files.len() as u64)
}

/// A file that is being written.
struct Writing {
    file: File,
    path: PathBuf,
    left: u64,
    expected: pampax_store::Blob,
    hasher: blake3::Hasher,
}

/// Cuts a stream of texts into files.
struct Extraction<'a> {
    root: &'a Path,
    files: std::slice::Iter<'a, IndexedFile>,
    current: Option<Writing>,
    /// What was made, in order.
    made: Vec<PathBuf>,
}

impl Extraction<'_> {
    fn take(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            self.advance()?;
            let Some(current) = &mut self.current else {
                return Err(Error::BadPath {
                    path: self.root.to_path_buf(),
                    detail: "more text than files".to_owned(),
                });
            };
            let count = usize::try_from(current.left).unwrap_or(usize::MAX).min(bytes.len());
            current.file.write_all(&bytes[..count]).map_err(Error::io("write", &current.path))?;
            current.hasher.update(&bytes[..count]);
            current.left -= count as u64;
            bytes = &bytes[count..];
        }
        Ok(())
    }

    /// Ends files that are whole and begins the next, if there is one.
    fn advance(&mut self) -> Result<()> {
        while self.current.as_ref().is_none_or(|current| current.left == 0) {
            if let Some(done) = self.current.take()
                && done.hasher.finalize().as_bytes()[..16] != done.expected
            {
                let detail = "its text in the index is not what was indexed".to_owned();
                return Err(Error::BadPath { path: done.path, detail });
            }
            let Some(next) = self.files.next() else { return Ok(()) };
            let path = self.root.join(&next.path);
            self.make_folders(&next.path)?;
            let file = File::create_new(&path).map_err(Error::io("create", &path))?;
            self.made.push(path.clone());
            self.current =
                Some(Writing { file, path, left: next.bytes, expected: next.blob, hasher: blake3::Hasher::new() });
        }
        Ok(())
    }

    fn make_folders(&mut self, path: &str) -> Result<()> {
        let mut folder = self.root.to_path_buf();
        let (parents, _) = path.rsplit_once('/').unwrap_or(("", ""));
        for name in parents.split('/').filter(|name| !name.is_empty()) {
            folder.push(name);
            match std::fs::create_dir(&folder) {
                Ok(()) => self.made.push(folder.clone()),
                // The root was empty: what is there is a folder made here.
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Error::io("create", &folder)(error)),
            }
        }
        Ok(())
    }

    fn finish(&mut self, archive: &Path) -> Result<()> {
        self.advance()?;
        match self.current.as_ref().is_some_and(|current| current.left > 0) || self.files.next().is_some() {
            false => Ok(()),
            true => {
                let detail = "its text ends before its files do".to_owned();
                Err(Error::BadPath { path: archive.to_path_buf(), detail })
            }
        }
    }
}
