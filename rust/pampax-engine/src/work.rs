//! Reading, parsing and writing the files of a plan, on several threads.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use pampax_base::{Error, Result};
use pampax_store::{Blob, EntryAddress, Facts, Skipped, Writer};
use pampax_syntax::Parser;

use crate::ceiling::Shares;
use crate::index::ProgressSink;
use crate::plan::{Plan, Work};
use crate::read::read;
use crate::report::Progress;
use crate::repository::{Options, Place};
use crate::segment::SegmentBuilder;
use crate::vectors::Embedder;
use crate::walk::{Found, skip};

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
/// The first segment of a worker is sealed sooner, so that there is something to search.
const SEAL_FIRST_AFTER: Duration = Duration::from_secs(5);
/// What is complete is made visible when a segment is sealed, but not more often than this.
const PUBLISH_AFTER: Duration = Duration::from_secs(2);
/// How often progress is reported and cancelling looked for.
const TICK: Duration = Duration::from_millis(50);

/// What became of the files of a plan.
#[derive(Default)]
pub(crate) struct Outcome {
    /// Files that have an entry.
    pub(crate) entries: Vec<Placed>,
    /// Files that were refused.
    pub(crate) skipped: Vec<Skipped>,
}

/// Where a file's entry is.
pub(crate) struct Placed {
    /// The number of the file in [`Plan::work`].
    pub(crate) work: usize,
    pub(crate) found: Found,
    pub(crate) address: EntryAddress,
    pub(crate) racy: bool,
    pub(crate) how: How,
}

/// How a file came by its entry.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum How {
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
    /// Larger texts are parsed one at a time, by whoever holds `large`.
    parsed_at_once_bytes: usize,
    parsed_bytes_max: usize,
    large: Mutex<()>,
}

impl<'a> Shared<'a> {
    fn writer(&self) -> MutexGuard<'_, &'a mut Writer> {
        // A worker that panicked while holding it has failed the run already.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads, parses and writes the files of a plan; `publish` is called now and then with what is complete so far.
///
/// # Errors
/// [`Error::Cancelled`] if the sink said no, errors of the store.
pub(crate) fn execute(
    (place, options, embedder): (&Place, &Options, Option<&Embedder>),
    writer: &mut Writer,
    plan: &Plan,
    force: bool,
    started: &Instant,
    sink: &mut ProgressSink<'_>,
    publish: &mut dyn FnMut(&mut Writer, &Outcome) -> Result<()>,
) -> Result<Outcome> {
    if plan.work.is_empty() {
        return Ok(Outcome::default());
    }
    let bytes_total = plan.work_bytes();
    let threads = if bytes_total < ONE_THREAD_BYTES { 1 } else { options.threads() };
    let shares = Shares::of(options.memory_bytes, threads, (plan.work.len() + plan.kept.seen.len()) as u64);
    let threads = shares.threads;
    let embedder = embedder.filter(|_| shares.vectors_with_words);
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
        segment_bytes: shares.segment_bytes as usize,
        parsed_at_once_bytes: shares.parsed_at_once_bytes as usize,
        parsed_bytes_max: shares.parsed_bytes_max as usize,
        large: Mutex::new(()),
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
        gather(&shared, &receiver, threads, &mut progress, publish)
    })
}

fn gather(
    shared: &Shared<'_>,
    receiver: &Receiver<Message>,
    threads: usize,
    progress: &mut dyn FnMut() -> bool,
    publish: &mut dyn FnMut(&mut Writer, &Outcome) -> Result<()>,
) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let mut published = Instant::now();
    let mut failed = None;
    let mut running = threads;
    while running > 0 {
        match receiver.recv_timeout(TICK) {
            Ok(Message::Sealed(id, mut placed)) => {
                let sealed = shared.writer().seal_segment(id);
                outcome.entries.append(&mut placed);
                let seen = sealed.and_then(|()| {
                    if running < threads || published.elapsed() < PUBLISH_AFTER {
                        return Ok(());
                    }
                    published = Instant::now();
                    publish(&mut shared.writer(), &outcome)
                });
                if let Err(error) = seen {
                    shared.stop.store(true, Ordering::Relaxed);
                    failed.get_or_insert(error);
                }
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
    let mut seals = 0;
    loop {
        let first = shared.next.fetch_add(shared.batch_files, Ordering::Relaxed);
        let end = (first + shared.batch_files).min(shared.plan.work.len());
        let Some(batch) = shared.plan.order.get(first..end).filter(|batch| !batch.is_empty()) else { break };
        for &number in batch {
            if shared.stop.load(Ordering::Relaxed) {
                return Err(Error::Cancelled);
            }
            let item = &shared.plan.work[number as usize];
            take(shared, number as usize, item, &mut parser, &mut filling, &mut outcome)?;
            shared.files_done.fetch_add(1, Ordering::Relaxed);
            shared.bytes_done.fetch_add(item.found.bytes, Ordering::Relaxed);
            if let Some(full) = filling.take_if(|filling| {
                let patience = if seals == 0 { SEAL_FIRST_AFTER } else { SEAL_AFTER };
                filling.builder.memory_bytes() > shared.segment_bytes || filling.since.elapsed() > patience
            }) {
                seal(shared, full, sender)?;
                seals += 1;
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
    let source = match read(&shared.place.root, &item.found, shared.options.largest_file_bytes()) {
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
    if let Some(before) = &item.before
        && before.blob == source.blob
    {
        place(before.address, How::Same);
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
        let is_large = source.text.len() > shared.parsed_at_once_bytes;
        let alone = is_large.then(|| shared.large.lock().unwrap_or_else(PoisonError::into_inner));
        let is_parsed = source.text.len() <= shared.parsed_bytes_max;
        let entry = filling.builder.add(parser, &source, is_parsed)?;
        drop(alone);
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

/// Nanoseconds since 1970.
pub(crate) fn now_ns() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as i64)
}

/// Whether a file is so young that it may change again without a new time.
pub(crate) fn is_racy(found: &Found) -> bool {
    now_ns() - found.modified_ns.max(found.changed_ns) < RACY_NS
}
