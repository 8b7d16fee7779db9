//! Collecting garbage: views of roots that are gone, and entries that no view sees.
//!
//! A store keeps both, as a branch or a worktree that comes back then costs nothing. Whoever wants the room asks for it. The work
//! goes segment by segment, so it takes the memory and for a while the room of the largest one; all of it becomes visible in one
//! commit, and a run that is killed before leaves the old generation.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use pampax_base::{Error, Result};
use pampax_store::{Damage, EntryAddress, Generation, Store, View, ViewRecord, Writer, store_folder};
use serde::Serialize;

use crate::merge::{Merged, move_views, rewrite};
use crate::repository::{Place, view_id};
use crate::vectors::SetName;

/// What collecting garbage removed, or would.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct GcReport {
    /// Version of this record.
    pub schema: &'static str,
    /// Whether nothing was changed, only counted.
    pub dry_run: bool,
    /// The roots whose views are removed.
    pub views_removed: Vec<GoneView>,
    /// Views that stay.
    pub views: u64,
    /// Entries that no view sees, removed.
    pub entries_removed: u64,
    /// Entries that stay.
    pub entries: u64,
    /// Segments that held nothing else, removed.
    pub segments_removed: u64,
    /// Segments written anew without such entries.
    pub segments_rewritten: u64,
    /// Size of the store before, in bytes.
    pub bytes_before: u64,
    /// Size of the store after, in bytes; of a dry run an estimate.
    pub bytes_after: u64,
}

/// A view that is removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GoneView {
    /// Its root.
    pub root: String,
    /// Why: "root-gone" or "other-store".
    pub reason: &'static str,
}

impl GcReport {
    /// The documented JSON text.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Collects the garbage of the store of `place`. `is_default_store` says that it lies where [`store_folder`] puts it: then a
/// root whose store would lie elsewhere does not belong to it any more.
pub(crate) fn collect(
    place: &Place,
    is_default_store: bool,
    dry_run: bool,
    keep_going: &mut dyn FnMut() -> bool,
) -> Result<GcReport> {
    let store = &place.store;
    let bytes_before = store.bytes_on_disk();
    let generation = store.generation()?.ok_or_else(|| Error::NotIndexed { path: place.root.clone() })?;
    if dry_run {
        let plan = Plan::new(store, &generation, place, is_default_store)?;
        let bytes_after = bytes_before.saturating_sub(plan.bytes_of_garbage(store, &generation));
        return Ok(GcReport { dry_run, bytes_before, bytes_after, ..plan.report() });
    }
    let mut writer = store.writer()?;
    // What is damaged is built anew from what it names: nothing of that may go before.
    if let Some(damage) = writer.damage().iter().find(|damage| **damage != Damage::Catalogue) {
        return Err(Error::corrupt(store.folder(), format!("{damage} (`pampax index` builds it anew)")));
    }
    let mut all = writer.generation().clone();
    // Segments that a killed run left complete belong to no generation yet.
    all.segments = writer.segments().values().cloned().collect();
    let plan = Plan::new(store, &all, place, is_default_store)?;
    if plan.has_work() {
        carry_out(&mut writer, &plan, keep_going)?;
    }
    drop(writer);
    store.sweep_unfinished_bundles();
    Ok(GcReport { bytes_before, bytes_after: store.bytes_on_disk(), ..plan.report() })
}

/// What goes and what stays.
struct Plan {
    kept: Vec<ViewRecord>,
    gone: Vec<(ViewRecord, GoneView)>,
    /// For each segment which of its entries some view sees.
    alive: Vec<(u64, Vec<bool>)>,
}

impl Plan {
    fn new(store: &Store, generation: &Generation, place: &Place, is_default_store: bool) -> Result<Self> {
        let mut plan = Self { kept: Vec::new(), gone: Vec::new(), alive: Vec::new() };
        for record in &generation.views {
            let reason = match record.id == place.view_id {
                true => None,
                false => why_gone(record, is_default_store.then_some(store.folder())),
            };
            match reason {
                Some(reason) => plan.gone.push((record.clone(), GoneView { root: record.root.clone(), reason })),
                None => plan.kept.push(record.clone()),
            }
        }
        let mut alive: HashMap<u64, Vec<bool>> = HashMap::new();
        for segment in &generation.segments {
            alive.insert(segment.id, vec![false; segment.entries as usize]);
        }
        for record in &plan.kept {
            let view = View::open(&store.path(&record.file))?;
            for seen in view.seen() {
                let flags = view.segments().get(seen.segment as usize).and_then(|id| alive.get_mut(id));
                if let Some(flag) = flags.and_then(|flags| flags.get_mut(seen.entry as usize)) {
                    *flag = true;
                }
            }
        }
        plan.alive =
            generation.segments.iter().map(|segment| segment.id).filter_map(|id| alive.remove_entry(&id)).collect();
        Ok(plan)
    }

    fn has_work(&self) -> bool {
        !self.gone.is_empty() || self.alive.iter().any(|(_, alive)| is_partly_dead(alive) || is_dead(alive))
    }

    fn report(&self) -> GcReport {
        let count = |wanted: fn(&[bool]) -> bool| self.alive.iter().filter(|(_, alive)| wanted(alive)).count() as u64;
        let entries = |alive: bool| {
            self.alive.iter().map(|(_, flags)| flags.iter().filter(|flag| **flag == alive).count() as u64).sum()
        };
        GcReport {
            schema: "pampax.gc/1",
            views_removed: self.gone.iter().map(|(_, gone)| gone.clone()).collect(),
            views: self.kept.len() as u64,
            entries_removed: entries(false),
            entries: entries(true),
            segments_removed: count(is_dead),
            segments_rewritten: count(is_partly_dead),
            ..GcReport::default()
        }
    }

    /// About how much would be freed: of a segment the share of its dead entries.
    fn bytes_of_garbage(&self, store: &Store, generation: &Generation) -> u64 {
        let mut bytes = 0;
        for (id, alive) in &self.alive {
            let Some(segment) = generation.segment(*id) else { continue };
            let size: u64 = segment.files.iter().map(|file| file.bytes).sum();
            let dead = alive.iter().filter(|alive| !**alive).count() as u64;
            bytes += if is_dead(alive) { size } else { size / (alive.len() as u64).max(1) * dead };
        }
        let is_kept = |name: &str| {
            self.kept
                .iter()
                .any(|view| view.file.name == name || view.graph.as_ref().is_some_and(|graph| graph.name == name))
        };
        let mut files: Vec<_> =
            self.gone.iter().flat_map(|(view, _)| [&view.file].into_iter().chain(&view.graph)).collect();
        files.sort_by(|left, right| left.name.cmp(&right.name));
        files.dedup_by(|left, right| left.name == right.name);
        let gone = files.iter().filter(|file| !is_kept(&file.name) && store.path(file).exists());
        bytes + gone.map(|file| file.bytes).sum::<u64>()
    }
}

fn is_dead(alive: &[bool]) -> bool {
    !alive.iter().any(|alive| *alive)
}

fn is_partly_dead(alive: &[bool]) -> bool {
    alive.iter().any(|alive| *alive) && !alive.iter().all(|alive| *alive)
}

/// Why a view has nothing to stand for any more. `store` is the folder of the store if roots find it by themselves.
fn why_gone(record: &ViewRecord, store: Option<&Path>) -> Option<&'static str> {
    let root = PathBuf::from(&record.root);
    // The text of a root that is no Unicode does not lead to it: whether it is there cannot be told.
    if view_id(&root) != record.id {
        return None;
    }
    match std::fs::metadata(&root) {
        Ok(metadata) if !metadata.is_dir() => Some("root-gone"),
        Ok(_) => {
            let own = store.zip(store_folder(&root).ok()).is_some_and(|(store, own)| own != store);
            own.then_some("other-store")
        }
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            Some("root-gone")
        }
        // A folder one may not look into is still somebody's.
        Err(_) => None,
    }
}

fn carry_out(writer: &mut Writer, plan: &Plan, keep_going: &mut dyn FnMut() -> bool) -> Result<()> {
    let mut moved = Merged::default();
    for (id, alive) in &plan.alive {
        if !keep_going() {
            return Err(Error::Cancelled);
        }
        if is_partly_dead(alive) {
            let keep = |address: EntryAddress| alive.get(address.entry as usize).copied().unwrap_or(false);
            let local = SetName::all_local(writer.segments().get(id).into_iter());
            let part = rewrite(writer, vec![*id], keep, &local)?;
            moved.replaced.extend(part.replaced);
            moved.new.extend(part.new);
        } else if is_dead(alive) {
            moved.replaced.push(*id);
        }
    }
    move_views(writer, &plan.kept, &moved)
}
