//! An index run: walk, compare, read and parse what is new, commit.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use pampax_base::{Error, Result};
use pampax_scip::ScipIndex;
use pampax_store::{Change, Edges, EdgesBuilder, Facts, Seen, Skipped, View, ViewBuilder, Writer};

use crate::ceiling::{allows_graph, allows_names_table};
use crate::graph::build::{FilesSink, Means, Scip, build};
use crate::graph::exact::ScipReport;
use crate::grep::{complete_trigrams, update_others};
use crate::kind_of_file::UNPARSED;
use crate::merge::{drop_unseen_segments, merge_small_segments};
use crate::plan::{Plan, open_facts};
use crate::remote::{self, RemoteEmbedder};
use crate::report::{IndexReport, Progress};
use crate::repository::{Options, Place};
use crate::siblings::{self, Taken};
use crate::vectors::{self, Embedder};
use crate::walk::{Listing, folders_of, folders_of_all, list, walk};
use crate::work::{How, Outcome, Placed, execute, now_ns};

/// Above so many files the words are committed before the graph is made, so that nobody waits for the graph to search.
const WORDS_FIRST_FILES: usize = 5_000;

/// File systems' clocks may be behind by so much.
const CLOCK_STEP_NS: i64 = 20_000_000;

/// Called with progress now and then; false stops the run.
pub type ProgressSink<'a> = dyn FnMut(Progress) -> bool + 'a;

/// What a run is to do.
#[derive(Clone, Copy, Default)]
pub(crate) struct Run<'a> {
    /// Whether everything is computed anew.
    pub(crate) force: bool,
    /// SCIP indexes to take exact edges from.
    pub(crate) scip: &'a [PathBuf],
    /// The paths that may have changed; `None` for all of them.
    pub(crate) paths: Option<&'a [String]>,
    /// Whether a graph of many files is left for a later run.
    pub(crate) graph_later: bool,
}

/// Brings the view of `place` up to date.
pub(crate) fn run(
    place: &Place,
    options: &Options,
    (embedder, remote): (Option<&Embedder>, Option<&RemoteEmbedder>),
    run: &Run<'_>,
    sink: &mut ProgressSink<'_>,
) -> Result<IndexReport> {
    // Before anything is touched: an index that cannot be read leaves ours as it is.
    let scip = run.scip.iter().map(|path| pampax_scip::read(path)).collect::<Result<Vec<_>>>()?;
    let started = Instant::now();
    let seconds = || started.elapsed().as_secs_f64();
    let mut writer = place.store.writer()?;
    let before = if run.force { None } else { open_view(place, &writer)? };
    let mut plan = {
        let mut progress =
            |files| sink(Progress { stage: "walk", files_done: files, seconds: seconds(), ..Progress::default() });
        find_work(place, options, &writer, before.as_ref(), run, &mut progress)?
    };
    if !run.force && run.paths.is_none() {
        siblings::take_over(place, &writer, options.largest_file_bytes(), &mut plan)?;
    }
    // Whoever has everything made anew has an index already, which is better than a part of the new one.
    let mut publish = |writer: &mut Writer, so_far: &Outcome| match run.force {
        true => Ok(()),
        false => publish(place, writer, &plan, so_far),
    };
    let mut outcome = execute((place, options, embedder), &mut writer, &plan, run.force, &started, sink, &mut publish)?;
    sink(Progress {
        stage: "commit",
        files_done: plan.work.len() as u64,
        files_total: plan.work.len() as u64,
        bytes_done: plan.work_bytes(),
        bytes_total: plan.work_bytes(),
        seconds: seconds(),
    });
    let rebuilt: Vec<String> = writer.damage().iter().map(ToString::to_string).collect();
    let mut changes = {
        let mut progress = files_of("vectors", &started, sink);
        let completing = embedder.map(|embedder| Completing {
            embedder,
            memory_bytes: options.memory_bytes,
            progress: &mut progress,
        });
        bring_together(place, &mut writer, before.as_ref(), plan, &mut outcome, completing)?
    };
    changes.answers_change |= !scip.is_empty();
    changes.segments_change = {
        let mut progress = files_of("trigrams", &started, sink);
        complete_trigrams(&mut writer, &place.root, &changes.view, &mut progress)?
    };
    let mut report = {
        let mut progress = files_of("graph", &started, sink);
        let graph = MakeGraph { scip: &scip, options, later: run.graph_later };
        commit(place, &mut writer, before.as_ref(), changes, &graph, &mut progress)?
    };
    report.rebuilt = rebuilt;
    {
        let mut go_on = || sink(Progress { stage: "merge", seconds: seconds(), ..Progress::default() });
        // An edit is followed by others, each of which may merge a group.
        let groups_max = if run.paths.is_some() { 1 } else { usize::MAX };
        let merged = merge_small_segments(&mut writer, before.as_ref(), embedder, (groups_max, &mut go_on))
            .and_then(|()| if run.force { drop_unseen_segments(&mut writer) } else { Ok(()) });
        // The index stands without it, and the next run tries again.
        if let Err(Error::Cancelled) = merged {
            return Err(Error::Cancelled);
        }
    }
    if let Some(view) = open_view(place, &writer)? {
        let mut go_on = || sink(Progress { stage: "commit", seconds: seconds(), ..Progress::default() });
        // The index stands without them; only searches for lines are slower then.
        if let Err(Error::Cancelled) =
            update_others(&place.store, (&place.view_id, &place.root), view.skipped(), &mut go_on)
        {
            return Err(Error::Cancelled);
        }
    }
    if let Some(remote) = remote {
        let progress = &mut files_of("vectors", &started, sink);
        report.remote_vectors = Some(remote::complete(place, &mut writer, remote, progress)?);
        report.generation = writer.generation().number;
    }
    report.seconds = Some(seconds());
    Ok(report)
}

/// Tells `sink` how many files of a stage are done.
fn files_of<'s>(
    stage: &'static str,
    started: &'s Instant,
    sink: &'s mut ProgressSink<'_>,
) -> impl FnMut(u64, u64) -> bool + 's {
    move |files_done, files_total| {
        let seconds = started.elapsed().as_secs_f64();
        sink(Progress { stage, files_done, files_total, seconds, ..Progress::default() })
    }
}

fn open_view(place: &Place, writer: &Writer) -> Result<Option<View>> {
    writer.generation().view(&place.view_id).map(|record| View::open(&place.store.path(&record.file))).transpose()
}

/// Walks the root, or the folders in which something may have changed, and compares with the view.
fn find_work(
    place: &Place,
    options: &Options,
    writer: &Writer,
    before: Option<&View>,
    run: &Run<'_>,
    progress: &mut dyn FnMut(u64) -> bool,
) -> Result<Plan> {
    // A view that is not complete, or damaged, is walked whole.
    let partly = run.paths.zip(before).filter(|(_, view)| view.pending() == 0 && writer.damage().is_empty());
    let listing = match partly {
        Some((paths, view)) => {
            let known = known_folders(writer, view)?;
            list(&place.root, place.store.folder(), paths, &|folder| known.contains(folder))
        }
        None => None,
    };
    match listing {
        Some(Listing { walked, folders, gone }) => {
            let is_in_scope = |path: &str| {
                folders.contains(path.rsplit_once('/').map_or("", |(folder, _)| folder))
                    || folders_of(path).any(|folder| gone.contains(folder))
            };
            let mut plan = Plan::within(writer, before, walked, &is_in_scope)?;
            plan.kept.walked_ns = before.map_or(0, View::walked_ns);
            Ok(plan)
        }
        None => {
            let began_ns = now_ns() - CLOCK_STEP_NS;
            let mut plan =
                Plan::new(writer, before, walk(&place.root, place.store.folder(), options.threads(), progress)?)?;
            // A walk that finds nothing new is no reason to write the view.
            let same = before.filter(|view| plan.work.is_empty() && plan.removed == 0 && view.walked_ns() > 0);
            plan.kept.walked_ns = same.map_or(began_ns, View::walked_ns);
            Ok(plan)
        }
    }
}

/// The folders that hold what the view knows, with the root.
fn known_folders(writer: &Writer, view: &View) -> Result<BTreeSet<String>> {
    let facts = open_facts(writer, view.segments())?;
    let of = |seen: &Seen| facts.get(seen.segment as usize).and_then(Option::as_ref);
    let files = view.seen().iter().filter_map(|seen| of(seen).map(|facts| facts.path(seen.entry)));
    let skipped = view.skipped();
    Ok(folders_of_all(files.chain(skipped.iter().map(|skipped| skipped.path.as_str()))))
}

/// Whether a file of the view has no symbols as it would have taken too much memory to parse it, in this run or in an earlier one.
fn lacks_symbols(writer: &Writer, view: &ViewBuilder) -> bool {
    // What cannot be opened is damaged, and told as such.
    let facts = open_facts(writer, &view.segments).unwrap_or_default();
    let of = |seen: &Seen| facts.get(seen.segment as usize)?.as_ref()?.entries().get(seen.entry as usize);
    view.seen.iter().filter_map(of).any(|record| record.flags & UNPARSED != 0)
}

/// Makes visible what is complete of a run: files that are not done keep the entry they had, if they had one.
fn publish(place: &Place, writer: &mut Writer, plan: &Plan, outcome: &Outcome) -> Result<()> {
    let mut view = plan.kept.clone();
    let mut done = vec![false; plan.work.len()];
    for placed in &outcome.entries {
        done[placed.work] = true;
        let seen = seen_of(&mut view, placed);
        view.seen.push(seen);
    }
    let old = plan.work.iter().zip(&done).filter(|(_, done)| !**done);
    view.seen.extend(old.filter_map(|(work, _)| work.before.as_ref()).map(|before| before.seen));
    view.skipped.clone_from(&plan.skipped);
    view.skipped.extend(outcome.skipped.iter().cloned());
    view.pending = (plan.work.len() - outcome.entries.len()).saturating_sub(outcome.skipped.len()) as u64;
    drop_unused_segments(&mut view);
    view.normalise();
    let root = place.root.to_string_lossy();
    let change = Change {
        view_id: &place.view_id,
        root: &root,
        view: &view,
        graph: None,
        graph_behind: view.seen.len() as u64,
        counts: true,
    };
    writer.commit(change).map(drop)
}

fn seen_of(view: &mut ViewBuilder, placed: &Placed) -> Seen {
    Seen {
        segment: view.segment(placed.address.segment),
        entry: placed.address.entry,
        bytes: placed.found.bytes,
        modified_ns: placed.found.modified_ns,
        changed_ns: placed.found.changed_ns,
        racy: u64::from(placed.racy),
    }
}

/// What gives segments the vectors they lack.
struct Completing<'a> {
    embedder: &'a Embedder,
    memory_bytes: u64,
    progress: &'a mut FilesSink<'a>,
}

/// The view as it will be, and what has changed.
struct Changes {
    view: ViewBuilder,
    answers_change: bool,
    /// Whether segments got files that change no answer.
    segments_change: bool,
    report: IndexReport,
}

/// Puts the view together from what was kept and what was made, completes vectors.
fn bring_together(
    place: &Place,
    writer: &mut Writer,
    before: Option<&View>,
    mut plan: Plan,
    outcome: &mut Outcome,
    completing: Option<Completing<'_>>,
) -> Result<Changes> {
    let Taken { added, changed, refused, .. } = plan.taken;
    let mut report = IndexReport {
        schema: "pampax.index/1",
        added,
        changed,
        unchanged: plan.kept.seen.len() as u64 - added - changed,
        reused: added + changed,
        removed: plan.removed + refused,
        ..IndexReport::default()
    };
    let mut view = std::mem::take(&mut plan.kept);
    for placed in &outcome.entries {
        let existed = plan.work.get(placed.work).is_some_and(|work| work.before.is_some());
        match (placed.how, existed) {
            (How::Same, _) => report.unchanged += 1,
            (_, true) => report.changed += 1,
            (_, false) => report.added += 1,
        }
        report.reused += u64::from(placed.how == How::Reused);
        let seen = seen_of(&mut view, placed);
        view.seen.push(seen);
    }
    // Files that were indexed and are now refused (too large, binary) have left the view as well.
    let refused = outcome.skipped.iter().filter(|skipped| {
        plan.work
            .binary_search_by(|work| work.found.path.cmp(&skipped.path))
            .is_ok_and(|at| plan.work[at].before.is_some())
    });
    report.removed += refused.count() as u64;
    view.skipped = std::mem::take(&mut plan.skipped);
    view.skipped.append(&mut outcome.skipped);
    drop_unused_segments(&mut view);
    view.normalise();
    let vectors = match completing {
        Some(Completing { embedder, memory_bytes, progress }) => {
            vectors::complete(writer, &place.root, &view, (embedder, memory_bytes), progress)?
        }
        None => vectors::Completed::default(),
    };
    if lacks_symbols(writer, &view) {
        report.deferred.push("symbols of large files");
    }
    if vectors.left_out {
        report.deferred.push("vectors");
    }
    let old = before.map(View::to_builder);
    let answers_change = report.added + report.changed + report.removed > 0
        || vectors.changed
        || !writer.damage().is_empty()
        || old.as_ref().is_none_or(|old| reasons(&old.skipped) != reasons(&view.skipped));
    Ok(Changes { view, answers_change, segments_change: false, report })
}

/// How the graph is made.
struct MakeGraph<'a> {
    scip: &'a [ScipIndex],
    options: &'a Options,
    /// Whether it is left for a later run if there are many files.
    later: bool,
}

/// Commits if anything changed, with the graph. Of many files the words are committed first.
fn commit(
    place: &Place,
    writer: &mut Writer,
    before: Option<&View>,
    changes: Changes,
    make: &MakeGraph<'_>,
    progress: &mut FilesSink<'_>,
) -> Result<IndexReport> {
    let Changes { view, answers_change, segments_change, mut report } = changes;
    let record = writer.generation().view(&place.view_id).cloned();
    let behind = record.as_ref().map_or(0, |record| record.graph_behind);
    let has_graph = record.as_ref().is_some_and(|record| record.graph.is_some());
    let touched = report.added + report.changed + report.removed;
    // Merged segments and new vectors leave it as it is: it names files, not entries.
    let needs_graph = touched > 0 || !has_graph || behind > 0 || !make.scip.is_empty() || !writer.damage().is_empty();
    let words_first = view.seen.len() > WORDS_FIRST_FILES;
    let words_change = answers_change || segments_change || before.map(View::to_builder).as_ref() != Some(&view);
    let root = place.root.to_string_lossy();
    let change = Change {
        view_id: &place.view_id,
        root: &root,
        view: &view,
        graph: None,
        graph_behind: if has_graph { behind + touched } else { view.seen.len() as u64 },
        counts: answers_change,
    };
    let shared = match needs_graph && make.scip.is_empty() {
        true => siblings::same_graph(place, writer, &view)?,
        false => None,
    };
    if shared.is_none() && words_change && needs_graph && words_first {
        writer.commit(change.clone())?;
    }
    if let Some(shared) = shared {
        writer.share_graph(shared);
        writer.commit(Change { graph_behind: 0, counts: true, ..change })?;
    } else if needs_graph && !(make.later && words_first && has_graph) && allows_graph_of(writer, &view, make.options)?
    {
        let (graph, imported) = make_graph(place, writer, &view, make.scip, make.options, progress)?;
        report.scip = (!make.scip.is_empty()).then_some(imported);
        writer.commit(Change { graph: Some(graph), graph_behind: 0, counts: true, ..change })?;
    } else if words_change && !(needs_graph && words_first) {
        writer.commit(change)?;
    }
    let generation = writer.generation();
    report.generation = generation.number;
    if let Some(record) = generation.view(&place.view_id) {
        report.graph_behind = record.graph_behind;
        if record.graph_behind > 0 && !make.later {
            report.deferred.push("graph");
        }
        if let Some(graph) = &record.graph {
            report.edges = Edges::open(&place.store.path(graph))?.edge_count();
        }
    }
    total(writer, &view, &mut report)?;
    Ok(report)
}

/// Whether the graph of `view` may be made under the ceiling for memory.
fn allows_graph_of(writer: &Writer, view: &ViewBuilder, options: &Options) -> Result<bool> {
    let facts = open_facts(writer, &view.segments)?;
    Ok(allows_graph(options.memory_bytes, facts.iter().flatten()))
}

/// The graph of `view`. What the graph before tells is taken over: see [`build`].
fn make_graph(
    place: &Place,
    writer: &Writer,
    view: &ViewBuilder,
    scip: &[ScipIndex],
    options: &Options,
    progress: &mut FilesSink<'_>,
) -> Result<(EdgesBuilder, ScipReport)> {
    let facts = complete(open_facts(writer, &view.segments)?)?;
    let entries = view.seen.iter().map(|seen| [seen.segment, seen.entry]);
    let before = match writer.generation().view(&place.view_id).and_then(|record| record.graph.as_ref()) {
        Some(record) => Some(Edges::open(&place.store.path(record))?),
        None => None,
    };
    let scip = Scip { indexes: scip, root: &place.root };
    let names_table = allows_names_table(options.memory_bytes, facts.iter());
    let means = Means { threads: options.threads(), names_table };
    build(facts.iter().collect(), entries, before.as_ref(), &scip, means, progress)
}

fn complete(facts: Vec<Option<Facts>>) -> Result<Vec<Facts>> {
    let all: Option<Vec<Facts>> = facts.into_iter().collect();
    all.ok_or_else(|| Error::internal("make the graph", "a segment of the view is missing"))
}

fn reasons(skipped: &[Skipped]) -> Vec<(&str, &str)> {
    skipped.iter().map(|skipped| (skipped.path.as_str(), skipped.reason.as_str())).collect()
}

/// Drops the segments no entry of the view is in from its list.
fn drop_unused_segments(view: &mut ViewBuilder) {
    let mut used: Vec<u64> = view.seen.iter().map(|seen| view.segments[seen.segment as usize]).collect();
    used.sort_unstable();
    used.dedup();
    for seen in &mut view.seen {
        seen.segment = used.partition_point(|&id| id < view.segments[seen.segment as usize]) as u32;
    }
    view.segments = used;
}

fn total(writer: &Writer, view: &ViewBuilder, report: &mut IndexReport) -> Result<()> {
    let facts = open_facts(writer, &view.segments)?;
    for seen in &view.seen {
        if let Some(facts) = facts.get(seen.segment as usize).and_then(Option::as_ref) {
            report.chunks += facts.chunks_of(seen.entry).len() as u64;
            report.symbols += facts.symbols_of(seen.entry).len() as u64;
        }
        report.bytes += seen.bytes;
    }
    report.files = view.seen.len() as u64;
    report.skipped = count_by_reason(&view.skipped);
    Ok(())
}

/// How many files were skipped for each reason.
pub(crate) fn count_by_reason(skipped: &[Skipped]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for file in skipped {
        *counts.entry(file.reason.clone()).or_insert(0) += 1;
    }
    counts
}

/// Whether a path exists and is a folder that can be indexed.
pub(crate) fn check_root(path: &Path) -> Result<()> {
    let metadata = std::fs::metadata(path).map_err(Error::io("open", path))?;
    if metadata.is_dir() {
        return Ok(());
    }
    let detail = "is a file: give the folder that holds it".to_owned();
    Err(Error::BadPath { path: path.to_path_buf(), detail })
}
