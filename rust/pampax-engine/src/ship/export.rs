//! Writing the index of a view into one file.

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use pampax_archive::ArchiveWriter;
use pampax_base::{Error, Result};
use pampax_history::head_commit;
use pampax_store::{EntryAddress, Facts, Generation, Store, View, ViewBuilder};
use serde::Serialize;

use super::{About, GRAPH, IndexedFile, TEXT, VIEW, indexed_files, is_file_of_segment, member_of_segment};
use crate::merge::rewrite;
use crate::read::hash;
use crate::repository::Place;
use crate::segment::TRIGRAMS;
use crate::text::inside;
use crate::vectors::SetName;

/// What an export wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ExportReport {
    /// Version of this record.
    pub schema: &'static str,
    /// The file.
    pub file: String,
    /// Its size in bytes.
    pub file_bytes: u64,
    /// What it holds.
    pub about: About,
}

impl ExportReport {
    /// The documented JSON text.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// A folder for segments that are written anew, removed at the end.
struct Workshop(PathBuf);

impl Drop for Workshop {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A segment as it is sent: where its files are, and the new numbers of its entries if some are left out.
struct Sent {
    folder: PathBuf,
    files: Vec<String>,
    renumbered: Option<HashMap<u32, u32>>,
}

/// Writes the view of `place` to `file`, with the text of its files if asked.
pub(crate) fn export(
    place: &Place,
    file: &Path,
    with_text: bool,
    keep_going: &mut dyn FnMut() -> bool,
) -> Result<ExportReport> {
    let generation = place.store.generation()?.ok_or_else(|| Error::NotIndexed { path: place.root.clone() })?;
    let record = generation.view(&place.view_id).ok_or_else(|| Error::NotIndexed { path: place.root.clone() })?.clone();
    if let Some(damage) = place.store.verify(&generation, Some(&place.view_id), false)?.first() {
        return Err(Error::corrupt(place.store.folder(), format!("{damage} (`pampax index` builds it anew)")));
    }
    let file = std::path::absolute(file).map_err(Error::io("write", file))?;
    let mut archive = ArchiveWriter::create(&file)?;
    let mut name = file.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.segments", std::process::id()));
    let workshop = Workshop(file.with_file_name(name));
    let view = View::open(&place.store.path(&record.file))?;
    let sent = segments(&place.store, &generation, &view, &workshop.0, keep_going)?;
    let builder = view_to_send(&view, &sent);
    let mut about = About {
        schema: "pampax.archive/1".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        store_format: generation.format,
        commit: head_commit(&place.root).ok().flatten(),
        segments: sent.len() as u64,
        has_text: with_text,
        ..About::default()
    };
    std::fs::create_dir_all(&workshop.0).map_err(Error::io("create", &workshop.0))?;
    let path = workshop.0.join(VIEW);
    builder.write(&path)?;
    archive.add_file(VIEW, &path)?;
    // One that is behind would be made anew over there anyhow.
    if let Some(graph) = record.graph.as_ref().filter(|_| record.graph_behind == 0) {
        archive.add_file(GRAPH, &place.store.path(graph))?;
    }
    for (number, segment) in sent.iter().enumerate() {
        for name in segment.files.iter().filter(|name| is_file_of_segment(name)) {
            if !keep_going() {
                return Err(Error::Cancelled);
            }
            archive.add_file(&member_of_segment(number + 1, name), &segment.folder.join(name))?;
        }
    }
    let facts = view.segments().iter().map(|id| Facts::open(&place.store.segment_folder(*id).join("facts")));
    let facts = facts.collect::<Result<Vec<_>>>()?;
    count(&mut about, &facts, &view, &sent);
    if with_text {
        let mut files = Texts::new(&place.root, indexed_files(&facts, &view));
        let added = archive.add(TEXT, &mut files);
        if let Some(problem) = files.problem {
            return Err(problem);
        }
        added?;
    }
    let json = serde_json::to_value(&about).map_err(|error| Error::internal("export", error))?;
    let file_bytes = archive.finish(&json)?;
    Ok(ExportReport { schema: "pampax.export/1", file: file.to_string_lossy().into_owned(), file_bytes, about })
}

fn count(about: &mut About, facts: &[Facts], view: &View, sent: &[Sent]) {
    for seen in view.seen() {
        let Some(facts) = facts.get(seen.segment as usize) else { continue };
        about.files += 1;
        about.chunks += facts.chunks_of(seen.entry).len() as u64;
        about.symbols += facts.symbols_of(seen.entry).len() as u64;
        about.bytes += facts.entries().get(seen.entry as usize).map_or(0, |entry| entry.bytes);
    }
    let names = sent
        .iter()
        .flat_map(|segment| &segment.files)
        .filter(|name| *name != "facts" && *name != "words" && *name != TRIGRAMS);
    about.vectors = names.cloned().collect();
    about.vectors.sort_unstable();
    about.vectors.dedup();
}

/// The segments of the view; those with entries it does not see are written anew below `workshop`.
fn segments(
    store: &Store,
    generation: &Generation,
    view: &View,
    workshop: &Path,
    keep_going: &mut dyn FnMut() -> bool,
) -> Result<Vec<Sent>> {
    let mut sent = Vec::new();
    for (position, &id) in view.segments().iter().enumerate() {
        if !keep_going() {
            return Err(Error::Cancelled);
        }
        let record = generation.segment(id).ok_or_else(|| {
            Error::corrupt(store.folder(), format!("segment {id} is missing (`pampax index` builds it anew)"))
        })?;
        let mut alive = vec![false; record.entries as usize];
        for seen in view.seen().iter().filter(|seen| seen.segment as usize == position) {
            if let Some(flag) = alive.get_mut(seen.entry as usize) {
                *flag = true;
            }
        }
        let names: Vec<String> =
            record.files.iter().filter_map(|file| file.name.rsplit('/').next()).map(str::to_owned).collect();
        let folder = store.segment_folder(id);
        sent.push(match alive.iter().all(|alive| *alive) {
            true => Sent { folder, files: names, renumbered: None },
            false => compact(&folder, &names, id, &alive, &workshop.join(position.to_string()))?,
        });
    }
    Ok(sent)
}

/// Copies a segment into a store of its own and writes it anew there, without what is not alive.
fn compact(folder: &Path, names: &[String], id: u64, alive: &[bool], own: &Path) -> Result<Sent> {
    let store = Store::new(own.to_path_buf());
    let copy = store.segment_folder(id);
    std::fs::create_dir_all(&copy).map_err(Error::io("create", &copy))?;
    for name in names.iter().map(String::as_str).chain(["segment"]) {
        std::fs::copy(folder.join(name), copy.join(name)).map_err(Error::io("copy", folder.join(name)))?;
    }
    let mut writer = store.writer()?;
    let local = SetName::all_local(writer.segments().values());
    let keep = |address: EntryAddress| alive.get(address.entry as usize).copied().unwrap_or(false);
    let moved = rewrite(&mut writer, vec![id], keep, &local)?;
    let new = moved.new.values().next().map_or(0, |address| address.segment);
    let renumbered = moved.new.iter().map(|(old, new)| (old.entry, new.entry)).collect();
    let files = writer.segments().get(&new).map(|record| record.files.clone()).unwrap_or_default();
    let files = files.iter().filter_map(|file| file.name.rsplit('/').next()).map(str::to_owned).collect();
    Ok(Sent { folder: store.segment_folder(new), files, renumbered: Some(renumbered) })
}

/// The view over the sent segments. What `stat` said here means nothing elsewhere.
fn view_to_send(view: &View, sent: &[Sent]) -> ViewBuilder {
    let mut builder = view.to_builder();
    builder.segments = (1..=sent.len() as u64).collect();
    for seen in &mut builder.seen {
        if let Some(new) = sent.get(seen.segment as usize).and_then(|sent| sent.renumbered.as_ref()) {
            seen.entry = new.get(&seen.entry).copied().unwrap_or(seen.entry);
        }
        (seen.modified_ns, seen.changed_ns, seen.racy) = (0, 0, 0);
    }
    for skipped in &mut builder.skipped {
        skipped.times_ns = None;
    }
    builder.walked_ns = 0;
    builder.normalise();
    builder
}

/// The texts of files, one after the other. Each has to be what was indexed.
struct Texts<'a> {
    root: &'a Path,
    files: std::vec::IntoIter<IndexedFile>,
    current: std::io::Cursor<Vec<u8>>,
    problem: Option<Error>,
}

impl<'a> Texts<'a> {
    fn new(root: &'a Path, files: Vec<IndexedFile>) -> Self {
        Self { root, files: files.into_iter(), current: std::io::Cursor::default(), problem: None }
    }

    fn next_text(&self, file: &IndexedFile) -> Result<Vec<u8>> {
        let path = inside(self.root, &file.path)?;
        let text = std::fs::read(&path).map_err(Error::io("read", &path))?;
        if text.len() as u64 == file.bytes && hash(&text) == file.blob {
            return Ok(text);
        }
        let detail = "is not what was indexed: run `pampax index`, then export again".to_owned();
        Err(Error::BadPath { path, detail })
    }
}

impl Read for Texts<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            let count = self.current.read(buffer)?;
            if count > 0 {
                return Ok(count);
            }
            let Some(file) = self.files.next() else { return Ok(0) };
            match self.next_text(&file) {
                Ok(text) => self.current = std::io::Cursor::new(text),
                Err(problem) => {
                    self.problem = Some(problem);
                    return Err(std::io::Error::other("a file has changed"));
                }
            }
        }
    }
}
