//! Replacing views and segments without a view of one's own: what collecting garbage and importing come down to.

use std::time::{SystemTime, UNIX_EPOCH};

use pampax_base::Result;

use crate::edges::EdgesBuilder;
use crate::generation::{FILE_NAME, FORMAT, FileRecord, Generation, ViewRecord, sync_folder, write_checked};
use crate::store::{Store, Writer};
use crate::view::ViewBuilder;

/// Files in the folder of bundles whose names end so were never finished.
const UNFINISHED: &str = ".new";

impl Writer {
    /// Writes a new state of the view `record` and, if there is one, of its graph. Nobody sees them before
    /// [`Writer::replace_views`] is given the record that this returns.
    ///
    /// # Errors
    /// [`pampax_base::Error::Io`].
    pub fn stage_view(
        &mut self,
        record: ViewRecord,
        view: &ViewBuilder,
        graph: Option<EdgesBuilder>,
    ) -> Result<ViewRecord> {
        let number = record.generation;
        let record = self.write_graph(record, graph, number)?;
        self.write_view(record, view, number)
    }

    /// A record for a view that the store does not have yet, for [`Writer::stage_view`]. Answers of its root change with it, so
    /// it belongs to the next generation.
    pub fn new_view(&self, id: &str, root: &str) -> ViewRecord {
        ViewRecord {
            id: id.to_owned(),
            root: root.to_owned(),
            file: FileRecord { name: String::new(), bytes: 0, crc32: 0 },
            graph: None,
            graph_behind: 0,
            entries: 0,
            generation: self.generation.number + 1,
            created_s: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
        }
    }

    /// Makes `views` all the views there are, and takes the segments in `replaced` out of the store, in one commit. The
    /// generation gets the number of the newest view, and does not go back.
    ///
    /// # Errors
    /// [`pampax_base::Error::Io`].
    pub fn replace_views(&mut self, mut views: Vec<ViewRecord>, replaced: &[u64]) -> Result<Generation> {
        views.sort_by(|left, right| left.id.cmp(&right.id));
        let newest = views.iter().map(|view| view.generation).max().unwrap_or(0);
        let number = self.generation.number.max(newest);
        let mut remaining = self.segments.clone();
        remaining.retain(|id, _| !replaced.contains(id));
        let segments = remaining.values().cloned().collect();
        let generation = Generation { format: FORMAT, number, segments, views };
        sync_folder(&self.store.segments_folder())?;
        write_checked(&self.store.folder().join(FILE_NAME), &generation, true)?;
        self.segments = remaining;
        self.generation = generation.clone();
        self.given.clear();
        // What follows may fail: a catalogue that knows too much costs nothing but its size.
        let ids: Vec<u64> = self.segments.keys().copied().collect();
        let _ = self.catalogue.keep_only(&ids);
        self.sweep();
        Ok(generation)
    }
}

impl Store {
    /// Removes records of bundles that were never finished, and gives their size. Only for whoever holds the writer: a bundle
    /// that is being kept at this moment is lost, which costs `expand` a repetition.
    pub fn sweep_unfinished_bundles(&self) -> u64 {
        let Ok(entries) = std::fs::read_dir(self.folder().join("bundles")) else { return 0 };
        let unfinished = entries.flatten().filter(|entry| entry.file_name().to_string_lossy().ends_with(UNFINISHED));
        unfinished
            .filter(|entry| {
                // One that was begun this minute may still be being written.
                let age =
                    entry.metadata().and_then(|metadata| metadata.modified()).ok().and_then(|time| time.elapsed().ok());
                age.is_some_and(|age| age.as_secs() > 60)
            })
            .filter_map(|entry| {
                let bytes = entry.metadata().ok()?.len();
                std::fs::remove_file(entry.path()).ok().map(|()| bytes)
            })
            .sum()
    }

    fn segments_folder(&self) -> std::path::PathBuf {
        self.folder().join("segments")
    }
}
