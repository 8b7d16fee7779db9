//! An index run: walk, compare, read and parse what is new, commit.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use pampax_base::{Error, Result};
use pampax_scip::ScipIndex;
use pampax_store::{
    Blob, Edges, EdgesBuilder, EntryAddress, Facts, Seen, Skipped, View, ViewBuilder, ViewRecord, Writer,
};
use pampax_syntax::Parser;

use crate::graph::build::{Before, FilesSink, Scip, build};
use crate::graph::exact::ScipReport;
use crate::graph::world::Numbering;
use crate::merge::{merge_small_segments, remap};
use crate::read::read;
use crate::remote::{self, RemoteEmbedder};
use crate::report::{IndexReport, Progress};
use crate::repository::{Options, Place};
use crate::segment::SegmentBuilder;
use crate::siblings::{self, Taken};
use crate::vectors::{self, Embedder};
use crate::walk::{Found, Walked, skip, walk};

/// A file whose times are younger than this when it is read may change again without a new time (coarse clocks of file
/// systems): it is hashed again by the next run.
const RACY_NS: i64 = 2_000_000_000;
/// The most files a worker takes at once; fewer when there are few, so that no worker waits for another's last batch.
const BATCH_FILES_MAX: usize = 16;
/// Into how many batches the work of a thread is cut at least.
const BATCHES_PER_THREAD: usize = 16;
/// Below this much work a second thread costs more than it gives: another segment to write and to open.
const ONE_THREAD_BYTES: u64 = 300_000;
/// A segment is sealed after this long at the latest, so that a killed run loses no more than that.
const SEAL_AFTER: Duration = Duration::from_secs(20);
/// How often progress is reported and cancelling looked for.
const TICK: Duration = Duration::from_millis(50);

/// Called with progress now and then; false stops the run.
pub type ProgressSink<'a> = dyn FnMut(Progress) -> bool + 'a;

/// Brings the view of `place` up to date.
pub(crate) fn run(
    place: &Place,
    options: &Options,
    (embedder, remote): (Option<&Embedder>, Option<&RemoteEmbedder>),
    force: bool,
    scip: &[PathBuf],
    sink: &mut ProgressSink<'_>,
) -> Result<IndexReport> {
    // Before anything is touched: an index that cannot be read leaves ours as it is.
    let scip = scip.iter().map(|path| pampax_scip::read(path)).collect::<Result<Vec<_>>>()?;
    let started = Instant::now();
    let seconds = || started.elapsed().as_secs_f64();
    let mut writer = place.store.writer()?;
    let walked = walk(&place.root, place.store.folder(), options.threads(), &mut |files| {
        sink(Progress { stage: "walk", files_done: files, seconds: seconds(), ..Progress::default() })
    })?;
    let before = if force { None } else { open_view(place, &writer)? };
    let mut plan = Plan::new(&writer, before.as_ref(), walked)?;
    if !force {
        siblings::take_over(place, &writer, options.max_file_bytes, &mut plan)?;
    }
    let mut outcome = execute((place, options, embedder), &mut writer, &plan, force, &started, sink)?;
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
        let completing = embedder.map(|embedder| Completing { embedder, progress: &mut progress });
        bring_together(place, &mut writer, before.as_ref(), plan, &mut outcome, completing)?
    };
    changes.answers_change |= !scip.is_empty();
    let mut report = {
        let mut progress = files_of("graph", &started, sink);
        commit(place, &mut writer, before.as_ref(), changes, &scip, options.threads(), &mut progress)?
    };
    report.rebuilt = rebuilt;
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

/// What has to be done: files as they were keep their entries, the others are read.
pub(crate) struct Plan {
    /// What stays or is taken over, unread.
    pub(crate) kept: ViewBuilder,
    pub(crate) taken: Taken,
    pub(crate) work: Vec<Work>,
    pub(crate) skipped: Vec<Skipped>,
    removed: u64,
}

/// A file to read.
pub(crate) struct Work {
    pub(crate) found: Found,
    /// The entry of the same path before, for telling changed from added.
    pub(crate) before: Option<(EntryAddress, Blob)>,
}

impl Plan {
    fn new(writer: &Writer, before: Option<&View>, walked: Walked) -> Result<Self> {
        let mut plan = Self {
            kept: ViewBuilder::default(),
            taken: Taken::default(),
            work: Vec::new(),
            skipped: walked.skipped,
            removed: 0,
        };
        let Some(view) = before else {
            plan.work = walked.found.into_iter().map(|found| Work { found, before: None }).collect();
            return Ok(plan);
        };
        plan.kept.segments = view.segments().to_vec();
        let facts = open_facts(writer, view.segments())?;
        let mut known: HashMap<&str, &Seen> = HashMap::with_capacity(view.seen().len());
        let mut lost = 0;
        for seen in view.seen() {
            // Entries of a damaged segment are gone: their files are read anew.
            match facts.get(seen.segment as usize).and_then(Option::as_ref) {
                Some(facts) => {
                    known.insert(facts.path(seen.entry), seen);
                }
                None => lost += 1,
            }
        }
        let skipped_before: HashMap<String, Skipped> =
            view.skipped().into_iter().map(|skipped| (skipped.path.clone(), skipped)).collect();
        let mut matched = 0;
        for found in walked.found {
            let seen = known.get(found.path.as_str()).copied();
            matched += u64::from(seen.is_some());
            match seen {
                Some(seen) if is_same(seen, &found) => plan.kept.seen.push(*seen),
                Some(seen) => {
                    let address = EntryAddress {
                        segment: view.segments().get(seen.segment as usize).copied().unwrap_or(0),
                        entry: seen.entry,
                    };
                    let blob = facts
                        .get(seen.segment as usize)
                        .and_then(Option::as_ref)
                        .and_then(|facts| facts.entries().get(seen.entry as usize))
                        .map(|entry| entry.blob);
                    plan.work.push(Work { found, before: blob.map(|blob| (address, blob)) });
                }
                None => match skipped_before.get(&found.path).filter(|skipped| is_still_refused(skipped, &found)) {
                    Some(skipped) => plan.skipped.push(skipped.clone()),
                    None => plan.work.push(Work { found, before: None }),
                },
            }
        }
        plan.removed = (view.seen().len() as u64).saturating_sub(matched + lost);
        Ok(plan)
    }

    fn work_bytes(&self) -> u64 {
        self.work.iter().map(|work| work.found.bytes).sum()
    }
}

fn is_same(seen: &Seen, found: &Found) -> bool {
    seen.racy == 0 && found.has_stamps_of(seen)
}

/// Whether a file that was refused before is still the same file, so that it need not be opened again.
fn is_still_refused(skipped: &Skipped, found: &Found) -> bool {
    skipped.bytes == found.bytes && skipped.times_ns == Some([found.modified_ns, found.changed_ns])
}

pub(crate) fn open_facts(writer: &Writer, segments: &[u64]) -> Result<Vec<Option<Facts>>> {
    let open = |id: &u64| match writer.segments().contains_key(id) {
        true => Facts::open(&writer.store().segment_folder(*id).join("facts")).map(Some),
        false => Ok(None),
    };
    segments.iter().map(open).collect()
}

/// What became of the files of a plan.
#[derive(Default)]
struct Outcome {
    entries: Vec<Placed>,
    skipped: Vec<Skipped>,
}

/// Where a file's entry is.
struct Placed {
    work: usize,
    found: Found,
    address: EntryAddress,
    racy: bool,
    how: How,
}

#[derive(Clone, Copy, PartialEq)]
enum How {
    Same,
    Reused,
    Parsed,
}

/// What a worker reports.
enum Message {
    Sealed(u64, Vec<Placed>),
    Done(Outcome),
    Failed(Error),
}

/// Shared by the workers of a run.
struct Shared<'a> {
    place: &'a Place,
    options: &'a Options,
    embedder: Option<&'a Embedder>,
    plan: &'a Plan,
    writer: Mutex<&'a mut Writer>,
    /// Whether entries may be taken over from the store instead of being computed.
    reuse: bool,
    batch_files: usize,
    next: AtomicUsize,
    files_done: AtomicU64,
    bytes_done: AtomicU64,
    stop: AtomicBool,
    segment_bytes: usize,
}

impl<'a> Shared<'a> {
    fn writer(&self) -> MutexGuard<'_, &'a mut Writer> {
        // A worker that panicked while holding it has failed the run already.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn execute(
    (place, options, embedder): (&Place, &Options, Option<&Embedder>),
    writer: &mut Writer,
    plan: &Plan,
    force: bool,
    started: &Instant,
    sink: &mut ProgressSink<'_>,
) -> Result<Outcome> {
    if plan.work.is_empty() {
        return Ok(Outcome::default());
    }
    let bytes_total = plan.work_bytes();
    let threads = if bytes_total < ONE_THREAD_BYTES { 1 } else { options.threads() };
    let shared = Shared {
        place,
        options,
        embedder,
        plan,
        writer: Mutex::new(writer),
        reuse: !force,
        batch_files: (plan.work.len() / (threads * BATCHES_PER_THREAD)).clamp(1, BATCH_FILES_MAX),
        next: AtomicUsize::new(0),
        files_done: AtomicU64::new(0),
        bytes_done: AtomicU64::new(0),
        stop: AtomicBool::new(false),
        // A segment needs about as much again while it is written, and files are read beside it.
        segment_bytes: (options.memory_bytes / (4 * threads as u64)) as usize,
    };
    let mut progress = || {
        sink(Progress {
            stage: "index",
            files_done: shared.files_done.load(Ordering::Relaxed),
            files_total: plan.work.len() as u64,
            bytes_done: shared.bytes_done.load(Ordering::Relaxed),
            bytes_total,
            seconds: started.elapsed().as_secs_f64(),
        })
    };
    let (sender, receiver) = channel();
    std::thread::scope(|scope| {
        for number in 0..threads {
            let sender = sender.clone();
            let shared = &shared;
            let spawned =
                std::thread::Builder::new().name(format!("pampax-index-{number}")).spawn_scoped(scope, move || {
                    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(shared, &sender)));
                    let message = match result {
                        Ok(Ok(outcome)) => Message::Done(outcome),
                        Ok(Err(error)) => Message::Failed(error),
                        Err(_) => Message::Failed(Error::internal("index", "a worker stopped unexpectedly")),
                    };
                    let _ = sender.send(message);
                });
            spawned.map_err(|error| Error::internal("start a worker", error))?;
        }
        drop(sender);
        gather(&shared, &receiver, threads, &mut progress)
    })
}

fn gather(
    shared: &Shared<'_>,
    receiver: &Receiver<Message>,
    threads: usize,
    progress: &mut dyn FnMut() -> bool,
) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let mut failed = None;
    let mut running = threads;
    while running > 0 {
        match receiver.recv_timeout(TICK) {
            Ok(Message::Sealed(id, mut placed)) => {
                if let Err(error) = shared.writer().seal_segment(id) {
                    shared.stop.store(true, Ordering::Relaxed);
                    failed.get_or_insert(error);
                }
                outcome.entries.append(&mut placed);
            }
            Ok(Message::Done(mut part)) => {
                running -= 1;
                outcome.entries.append(&mut part.entries);
                outcome.skipped.append(&mut part.skipped);
            }
            Ok(Message::Failed(error)) => {
                running -= 1;
                shared.stop.store(true, Ordering::Relaxed);
                // The first cause, not the others' "interrupted".
                if matches!(failed, None | Some(Error::Cancelled)) {
                    failed = Some(error);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if !progress() {
            shared.stop.store(true, Ordering::Relaxed);
        }
    }
    match failed {
        Some(error) => Err(error),
        None if shared.stop.load(Ordering::Relaxed) => Err(Error::Cancelled),
        None => Ok(outcome),
    }
}

/// The segment a worker is filling.
struct Filling<'a> {
    builder: SegmentBuilder<'a>,
    placed: Vec<Placed>,
    since: Instant,
}

fn work(shared: &Shared<'_>, sender: &Sender<Message>) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let mut parser = Parser::new();
    let mut filling: Option<Filling<'_>> = None;
    loop {
        let first = shared.next.fetch_add(shared.batch_files, Ordering::Relaxed);
        let end = (first + shared.batch_files).min(shared.plan.work.len());
        let Some(batch) = shared.plan.work.get(first..end) else { break };
        if batch.is_empty() {
            break;
        }
        for (number, item) in batch.iter().enumerate() {
            if shared.stop.load(Ordering::Relaxed) {
                return Err(Error::Cancelled);
            }
            take(shared, first + number, item, &mut parser, &mut filling, &mut outcome)?;
            shared.files_done.fetch_add(1, Ordering::Relaxed);
            shared.bytes_done.fetch_add(item.found.bytes, Ordering::Relaxed);
            if let Some(full) = filling.take_if(|filling| {
                filling.builder.memory_bytes() > shared.segment_bytes || filling.since.elapsed() > SEAL_AFTER
            }) {
                seal(shared, full, sender)?;
            }
        }
    }
    if let Some(last) = filling {
        seal(shared, last, sender)?;
    }
    Ok(outcome)
}

fn seal(shared: &Shared<'_>, mut filling: Filling<'_>, sender: &Sender<Message>) -> Result<()> {
    if filling.builder.is_empty() {
        return Ok(());
    }
    let id = shared.writer().begin_segment()?;
    filling.builder.finish(&shared.place.store.segment_folder(id))?;
    for placed in &mut filling.placed {
        placed.address.segment = id;
    }
    sender.send(Message::Sealed(id, filling.placed)).map_err(|error| Error::internal("seal a segment", error))
}

fn take<'a>(
    shared: &Shared<'a>,
    work: usize,
    item: &Work,
    parser: &mut Parser,
    filling: &mut Option<Filling<'a>>,
    outcome: &mut Outcome,
) -> Result<()> {
    let source = match read(&shared.place.root, &item.found, shared.options.max_file_bytes) {
        Ok(source) => source,
        Err(refusal) => {
            let mut skipped = skip(&item.found.path, refusal.reason, item.found.bytes, refusal.detail);
            let settled = !is_racy(&item.found) && !matches!(refusal.reason, "changed-while-read" | "unreadable");
            skipped.times_ns = settled.then_some([item.found.modified_ns, item.found.changed_ns]);
            outcome.skipped.push(skipped);
            return Ok(());
        }
    };
    let racy = is_racy(&source.found);
    let mut place = |address, how| {
        outcome.entries.push(Placed { work, found: source.found.clone(), address, racy, how });
    };
    if let Some((address, blob)) = item.before
        && blob == source.blob
    {
        place(address, How::Same);
        return Ok(());
    }
    if shared.reuse
        && let Some(address) = known_entry(shared, &source.found.path, &source.blob)
    {
        place(address, How::Reused);
        return Ok(());
    }
    if filling.is_none() {
        *filling =
            Some(Filling { builder: SegmentBuilder::new(shared.embedder)?, placed: Vec::new(), since: Instant::now() });
    }
    if let Some(filling) = filling {
        let entry = filling.builder.add(parser, &source)?;
        let address = EntryAddress { segment: 0, entry };
        filling.placed.push(Placed { work, found: source.found, address, racy, how: How::Parsed });
    }
    Ok(())
}

/// The entry of (path, blob) if a complete segment has it. The catalogue is believed only as far as the segment agrees.
fn known_entry(shared: &Shared<'_>, path: &str, blob: &Blob) -> Option<EntryAddress> {
    let writer = shared.writer();
    let address = writer.find(path, blob)?;
    let facts = Facts::open(&writer.store().segment_folder(address.segment).join("facts")).ok()?;
    let right = facts.path(address.entry) == path
        && facts.entries().get(address.entry as usize).is_some_and(|entry| entry.blob == *blob);
    right.then_some(address)
}

pub(crate) fn is_racy(found: &Found) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as i64);
    now - found.modified_ns.max(found.changed_ns) < RACY_NS
}

/// What gives segments the vectors they lack.
struct Completing<'a> {
    embedder: &'a Embedder,
    progress: &'a mut FilesSink<'a>,
}

/// The view as it will be, and what has changed.
struct Changes {
    view: ViewBuilder,
    others: Vec<(ViewRecord, ViewBuilder, Option<EdgesBuilder>)>,
    replaced: Vec<u64>,
    answers_change: bool,
    report: IndexReport,
}

/// Puts the view together from what was kept and what was made, merges segments, completes vectors.
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
        let segment = view.segment(placed.address.segment);
        view.seen.push(Seen {
            segment,
            entry: placed.address.entry,
            bytes: placed.found.bytes,
            modified_ns: placed.found.modified_ns,
            changed_ns: placed.found.changed_ns,
            racy: u64::from(placed.racy),
        });
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
    let mut used: Vec<u64> = view.seen.iter().map(|seen| view.segments[seen.segment as usize]).collect();
    used.sort_unstable();
    used.dedup();
    keep_used_segments(&mut view, &used);
    let mut others: Vec<_> = Vec::new();
    let embedder = completing.as_ref().map(|completing| completing.embedder);
    let merged = merge_small_segments(writer, &view, embedder)?;
    if let Some(merged) = &merged {
        remap(&mut view, merged);
        for record in writer.generation().views.iter().filter(|record| record.id != place.view_id) {
            let mut other = View::open(&place.store.path(&record.file))?.to_builder();
            if remap(&mut other, merged) {
                other.normalise();
                let graph = moved_graph(writer, record, &other)?;
                others.push((record.clone(), other, graph));
            }
        }
    }
    view.normalise();
    let vectors_change = match completing {
        Some(completing) => vectors::complete(writer, &place.root, &view, completing.embedder, completing.progress)?,
        None => false,
    };
    let old = before.map(View::to_builder);
    let answers_change = report.added + report.changed + report.removed > 0
        || merged.is_some()
        || vectors_change
        || !writer.damage().is_empty()
        || old.as_ref().is_none_or(|old| reasons(&old.skipped) != reasons(&view.skipped));
    let replaced = merged.map(|merged| merged.replaced).unwrap_or_default();
    Ok(Changes { view, others, replaced, answers_change, report })
}

/// Makes the graph if answers change, and commits if anything did.
fn commit(
    place: &Place,
    writer: &mut Writer,
    before: Option<&View>,
    changes: Changes,
    scip: &[ScipIndex],
    threads: usize,
    progress: &mut FilesSink<'_>,
) -> Result<IndexReport> {
    let Changes { view, others, replaced, answers_change, mut report } = changes;
    let has_graph = writer.generation().view(&place.view_id).is_some_and(|record| record.graph.is_some());
    let generation = if answers_change || !has_graph || before.map(View::to_builder).as_ref() != Some(&view) {
        let wanted = answers_change || !has_graph;
        // A merge in this run has moved the entries of the other views, too, but not yet in their files.
        let shared = match wanted && scip.is_empty() && replaced.is_empty() {
            true => siblings::same_graph(place, writer, &view)?,
            false => None,
        };
        let graph = if let Some(shared) = shared {
            writer.share_graph(shared);
            None
        } else if wanted {
            let (graph, imported) = make_graph(place, writer, before, &view, scip, threads, progress)?;
            report.scip = (!scip.is_empty()).then_some(imported);
            Some(graph)
        } else {
            None
        };
        let root = place.root.to_string_lossy();
        writer.commit(&place.view_id, &root, &view, graph, answers_change, &replaced, others)?
    } else {
        writer.generation().clone()
    };
    report.generation = generation.number;
    if let Some(graph) = generation.view(&place.view_id).and_then(|record| record.graph.as_ref()) {
        report.edges = Edges::open(&place.store.path(graph))?.edge_count() as u64;
    }
    total(writer, &view, &mut report)?;
    Ok(report)
}

/// The graph of `view`. What the view before tells is taken over: see [`build`].
fn make_graph(
    place: &Place,
    writer: &Writer,
    before: Option<&View>,
    view: &ViewBuilder,
    scip: &[ScipIndex],
    threads: usize,
    progress: &mut FilesSink<'_>,
) -> Result<(EdgesBuilder, ScipReport)> {
    let facts = complete(open_facts(writer, &view.segments)?)?;
    let entries = view.seen.iter().map(|seen| [seen.segment, seen.entry]);
    let old_edges = match writer.generation().view(&place.view_id).and_then(|record| record.graph.as_ref()) {
        Some(record) => Some(Edges::open(&place.store.path(record))?),
        None => None,
    };
    let old_facts = match before {
        Some(before) if old_edges.is_some() => complete(open_facts(writer, before.segments())?).ok(),
        _ => None,
    };
    let before = old_edges.as_ref().zip(old_facts.as_ref());
    let before = before.map(|(edges, facts)| Before { edges, facts: facts.iter().collect() });
    let scip = Scip { indexes: scip, root: &place.root };
    build(facts.iter().collect(), entries, before.as_ref(), &scip, threads, progress)
}

fn complete(facts: Vec<Option<Facts>>) -> Result<Vec<Facts>> {
    let all: Option<Vec<Facts>> = facts.into_iter().collect();
    all.ok_or_else(|| Error::internal("make the graph", "a segment of the view is missing"))
}

/// The graph of another root's view whose entries a merge has moved.
pub(crate) fn moved_graph(writer: &Writer, record: &ViewRecord, view: &ViewBuilder) -> Result<Option<EdgesBuilder>> {
    let Some(graph) = &record.graph else { return Ok(None) };
    let facts = complete(open_facts(writer, &view.segments)?)?;
    let entries = view.seen.iter().map(|seen| [seen.segment, seen.entry]);
    let files = Numbering::new(&facts.iter().collect::<Vec<_>>(), entries).files;
    Ok(Some(Edges::open(&writer.store().path(graph))?.moved(files)))
}

fn reasons(skipped: &[Skipped]) -> Vec<(&str, &str)> {
    skipped.iter().map(|skipped| (skipped.path.as_str(), skipped.reason.as_str())).collect()
}

/// Drops the segments no entry of the view is in from its list.
fn keep_used_segments(view: &mut ViewBuilder, used: &[u64]) {
    for seen in &mut view.seen {
        seen.segment = used.partition_point(|&id| id < view.segments[seen.segment as usize]) as u32;
    }
    view.segments = used.to_vec();
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
