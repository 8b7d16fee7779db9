//! Other views of the same store: what a worktree can take over from another one without reading a file, and whose graph is its
//! own, too.
//!
//! A second worktree of a clone holds the same files as the first, but their times are its own, so nothing of the first view
//! says that they are the same. Git's indexes do (see [`pampax_history::same_files`]): a file that git knows to hold a blob here
//! and there is taken over if `stat` says of both files what it said to git. When in doubt, the file is read and hashed.

use std::collections::HashMap;
use std::path::PathBuf;

use pampax_base::{Error, Result};
use pampax_history::{SameFile, Stamps, same_files};
use pampax_store::{Edges, EntryAddress, Facts, FileRecord, Seen, Skipped, View, ViewBuilder, ViewRecord, Writer};

use crate::graph::live::Translation;
use crate::graph::world::Numbering;
use crate::plan::{Plan, Work, open_facts};
use crate::repository::{Place, view_id};
use crate::walk::Found;
use crate::work::is_racy;

/// Fewer files are read in less time than git's indexes are.
const FILES_MIN: usize = 256;
/// How many other worktrees are asked: each costs the reading of its index.
const WORKTREES_MAX: usize = 4;

/// How many files were taken over, by what they were before.
#[derive(Default)]
pub(crate) struct Taken {
    pub(crate) added: u64,
    pub(crate) changed: u64,
    pub(crate) unchanged: u64,
    /// Files that were indexed and are refused now.
    pub(crate) refused: u64,
}

/// What another view says of a file.
enum Known {
    Entry(EntryAddress),
    Refused(Skipped),
}

/// Takes out of the work of `plan` what other views know already. Files above `max_bytes` are left to be refused.
pub(crate) fn take_over(place: &Place, writer: &Writer, max_bytes: u64, plan: &mut Plan) -> Result<()> {
    let mut asked = 0;
    for (record, root) in other_roots(place, writer) {
        if plan.work.len() < FILES_MIN || asked == WORKTREES_MAX {
            break;
        }
        // That git cannot say is no error: the files are read then.
        let Ok(Some(same)) = same_files(&place.root, &root) else { continue };
        asked += 1;
        let known = known_of(writer, &record, same)?;
        take(plan, known, max_bytes);
    }
    plan.order();
    Ok(())
}

/// The other views whose roots are still there, the newest first.
fn other_roots(place: &Place, writer: &Writer) -> Vec<(ViewRecord, PathBuf)> {
    let mut others: Vec<ViewRecord> =
        writer.generation().views.iter().filter(|view| view.id != place.view_id).cloned().collect();
    others.sort_by_key(|view| (std::cmp::Reverse(view.created_s), view.id.clone()));
    let root = |view: ViewRecord| {
        let root = PathBuf::from(&view.root);
        // The text of a root that is no Unicode does not lead to it.
        (view_id(&root) == view.id && root.is_dir()).then_some((view, root))
    };
    others.into_iter().filter_map(root).collect()
}

/// What the view `record` knows of the files in `same`, each with what `stat` has to say of it here.
fn known_of(writer: &Writer, record: &ViewRecord, same: Vec<SameFile>) -> Result<HashMap<String, (Stamps, Known)>> {
    let view = View::open(&writer.store().path(&record.file))?;
    let facts = open_facts(writer, view.segments())?;
    let mut entries: HashMap<&str, &Seen> = HashMap::with_capacity(view.seen().len());
    for seen in view.seen() {
        if let Some(Some(facts)) = facts.get(seen.segment as usize) {
            entries.insert(facts.path(seen.entry), seen);
        }
    }
    let refused: HashMap<String, Skipped> =
        view.skipped().into_iter().map(|skipped| (skipped.path.clone(), skipped)).collect();
    let mut known = HashMap::with_capacity(same.len());
    for file in same {
        let there = file.there;
        let of_file = match (entries.get(file.path.as_str()), refused.get(&file.path)) {
            (Some(seen), _) if is_as_seen(seen, there) => view
                .segments()
                .get(seen.segment as usize)
                .map(|&segment| Known::Entry(EntryAddress { segment, entry: seen.entry })),
            (None, Some(skipped)) if is_as_refused(skipped, there) => Some(Known::Refused(skipped.clone())),
            _ => None,
        };
        if let Some(of_file) = of_file {
            known.insert(file.path, (file.here, of_file));
        }
    }
    Ok(known)
}

fn is_as_seen(seen: &Seen, stamps: Stamps) -> bool {
    seen.racy == 0
        && (seen.bytes, seen.modified_ns, seen.changed_ns) == (stamps.bytes, stamps.modified_ns, stamps.changed_ns)
}

/// Whether a file was refused for what it holds, as it is now. What depends on options is decided anew.
fn is_as_refused(skipped: &Skipped, stamps: Stamps) -> bool {
    skipped.bytes == stamps.bytes
        && skipped.times_ns == Some([stamps.modified_ns, stamps.changed_ns])
        && skipped.reason != "too-large"
}

fn take(plan: &mut Plan, mut known: HashMap<String, (Stamps, Known)>, max_bytes: u64) {
    let work = std::mem::take(&mut plan.work);
    for item in work {
        let fits = |stamps: Stamps| {
            let found = &item.found;
            found.bytes <= max_bytes
                && (found.bytes, found.modified_ns, found.changed_ns)
                    == (stamps.bytes, stamps.modified_ns, stamps.changed_ns)
        };
        match known.remove(&item.found.path) {
            Some((stamps, Known::Entry(address))) if fits(stamps) => take_entry(plan, &item, address),
            Some((stamps, Known::Refused(skipped))) if fits(stamps) => take_refusal(plan, &item, skipped),
            _ => plan.work.push(item),
        }
    }
}

fn take_entry(plan: &mut Plan, item: &Work, address: EntryAddress) {
    match &item.before {
        Some(before) if before.address == address => plan.taken.unchanged += 1,
        Some(_) => plan.taken.changed += 1,
        None => plan.taken.added += 1,
    }
    let Found { bytes, modified_ns, changed_ns, .. } = item.found;
    let racy = u64::from(is_racy(&item.found));
    let segment = plan.kept.segment(address.segment);
    plan.kept.seen.push(Seen { segment, entry: address.entry, bytes, modified_ns, changed_ns, racy });
}

fn take_refusal(plan: &mut Plan, item: &Work, mut skipped: Skipped) {
    plan.taken.refused += u64::from(item.before.is_some());
    skipped.times_ns = (!is_racy(&item.found)).then_some([item.found.modified_ns, item.found.changed_ns]);
    plan.skipped.push(skipped);
}

/// The graph of another view whose files are those of `view`, with the same content, and that nothing beside the text was made
/// from. Graphs that know what compilers said are not shared: whoever gave that index gave it for one worktree. A graph names files
/// by path and content, so it does not matter in which segments they are.
pub(crate) fn same_graph(place: &Place, writer: &Writer, view: &ViewBuilder) -> Result<Option<FileRecord>> {
    let open = |graph: &FileRecord| Edges::open(&writer.store().path(graph));
    let own = writer.generation().view(&place.view_id).and_then(|record| record.graph.as_ref());
    if own.map(open).transpose()?.is_some_and(|own| !own.state().is_empty()) {
        return Ok(None);
    }
    let is_candidate = |other: &&ViewRecord| {
        other.id != place.view_id && other.entries as usize == view.seen.len() && other.graph_behind == 0
    };
    let mut numbered = None;
    for other in writer.generation().views.iter().filter(is_candidate) {
        let Some(graph) = &other.graph else { continue };
        let edges = open(graph)?;
        if !edges.state().is_empty() {
            continue;
        }
        let (facts, numbering) = match numbered.take() {
            Some(known) => known,
            None => number(writer, view)?,
        };
        let is_same = Translation::between(&edges, &numbering, |at| &facts[at as usize]).is_none();
        if is_same {
            return Ok(Some(graph.clone()));
        }
        numbered = Some((facts, numbering));
    }
    Ok(None)
}

fn number(writer: &Writer, view: &ViewBuilder) -> Result<(Vec<Facts>, Numbering)> {
    let facts = open_facts(writer, &view.segments)?.into_iter().collect::<Option<Vec<Facts>>>();
    let facts = facts.ok_or_else(|| Error::internal("compare views", "a segment of the view is missing"))?;
    let entries = view.seen.iter().map(|seen| [seen.segment, seen.entry]);
    let numbering = Numbering::new(&facts.iter().collect::<Vec<_>>(), entries);
    Ok((facts, numbering))
}
