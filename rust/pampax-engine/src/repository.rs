//! The façade: one repository, with everything one can ask of it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use pampax_base::{Error, Language, Result, bound_allocator, give_back_memory};
use pampax_history::changed_since;
use pampax_lexical::Scorer;
use pampax_store::{Damage, Generation, Store, store_folder};
use pampax_tokenize::{Encoding, prepare};

use crate::answer::{Answer, Coverage, Hit};
use crate::answering::Answering;
use crate::assemble::{AssembleOptions, Grounds, Origin, assemble, current, expand, pieces_json};
use crate::bundle::{Bundle, Format, Level};
use crate::cache::{AnswerCache, CacheStatistics};
use crate::filter::Filter;
use crate::freshness::{Check, Freshness, LastFreshness, Running, UNCHECKED};
use crate::gc::{GcReport, collect};
use crate::graph::overview::{MapOptions, Outline, RepositoryMap, map, outline};
use crate::graph::query::{GraphAnswer, GraphEdge, GraphOptions, Relation, edges_of_file, graph};
use crate::grep::{GrepAnswer, GrepMode, GrepOptions, GrepView, grep};
use crate::index::{ProgressSink, Run, check_root, run};
use crate::intent::Intent;
use crate::policy::Policies;
use crate::provider::{Reranker, TextEmbedder};
use crate::query::Query;
use crate::remote::RemoteEmbedder;
use crate::report::IndexReport;
use crate::rerank::rerank;
use crate::search::{NO_MEANING, Ranking, SearchOptions, coverage, empty, hits, rank, stale_paths};
use crate::ship::export::ExportReport;
use crate::ship::import::ImportReport;
use crate::ship::{ImportOptions, export, import};
use crate::snapshot::Snapshot;
use crate::status::{SkippedFile, Status};
use crate::symbols::{SymbolHit, SymbolOptions, symbols};
use crate::text::lines_of;
use crate::vectors::{Embedder, SetName};

/// How a repository is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The folder of the store; by default where [`pampax_store::store_folder`] puts it.
    pub store: Option<PathBuf>,
    /// The ceiling for memory while indexing, in bytes.
    pub memory_bytes: u64,
    /// Threads for indexing; 0 for one a core.
    pub threads: usize,
    /// Files above this are skipped, in bytes; and above a twentieth of `memory_bytes`, as what a file is made of takes many times its
    /// size.
    pub max_file_bytes: u64,
    /// The folder of an embedding model (model2vec's files); without one there are no vectors.
    pub embedder: Option<PathBuf>,
    /// How long a search or an assembly may look whether the files are still those that were indexed, in milliseconds; 0 for
    /// not at all.
    pub freshness_ms: u64,
    /// What queries of an intent ask for, where it differs from `data/policy.toml`: for an intent's name `key=number` pairs
    /// with commas between, such as `vector.limit=0, place.weight=2`.
    pub intents: BTreeMap<String, String>,
}

/// The smallest ceiling that leaves room for one file of the largest size and the segment it goes to.
const MEMORY_BYTES_MIN: u64 = 128 << 20;
/// A text of a million words, no two of which are the same, takes eighteen times its size until its segment is written.
const MEMORY_PER_FILE_BYTE: u64 = 20;
/// Positions in a file are 32-bit numbers.
const FILE_BYTES_MAX: u64 = 1 << 30;

impl Default for Options {
    fn default() -> Self {
        Self {
            store: None,
            memory_bytes: 1 << 30,
            threads: 0,
            max_file_bytes: 4 << 20,
            embedder: None,
            freshness_ms: 150,
            intents: BTreeMap::new(),
        }
    }
}

impl Options {
    /// Threads for indexing.
    pub(crate) fn threads(&self) -> usize {
        if self.threads > 0 { self.threads } else { std::thread::available_parallelism().map_or(1, usize::from) }
    }

    /// Files above this are skipped, in bytes.
    pub(crate) fn largest_file_bytes(&self) -> u64 {
        self.max_file_bytes.min(self.memory_bytes / MEMORY_PER_FILE_BYTE)
    }

    fn check(&self) -> Result<()> {
        let wrong = |what, detail| Err(Error::InvalidInput { what, detail });
        if self.memory_bytes < MEMORY_BYTES_MIN {
            return wrong(
                "memory_bytes",
                format!("{} is below the least, {MEMORY_BYTES_MIN} (128 MiB)", self.memory_bytes),
            );
        }
        if self.max_file_bytes == 0 || self.max_file_bytes > FILE_BYTES_MAX {
            return wrong(
                "max_file_bytes",
                format!("{} is not between 1 and {FILE_BYTES_MAX} (1 GiB)", self.max_file_bytes),
            );
        }
        if self.threads > 256 {
            return wrong("threads", format!("{} is not between 0 (one a core) and 256", self.threads));
        }
        Ok(())
    }
}

/// Where a repository is: its root, its store, its view.
pub(crate) struct Place {
    pub(crate) root: PathBuf,
    pub(crate) store: Store,
    pub(crate) view_id: String,
}

/// The id of the view of the folder `root`.
pub(crate) fn view_id(root: &Path) -> String {
    blake3::hash(root.as_os_str().as_encoded_bytes()).to_hex()[..16].to_owned()
}

/// A repository. Cheap to open: nothing is read until it is asked for. All methods may be called from any thread.
pub struct Repository {
    place: Place,
    options: Options,
    policies: Policies,
    /// The newest state that was opened, with the vectors of the local model and with those of the remote one.
    snapshots: [RwLock<Option<Arc<Snapshot>>>; 2],
    /// The newest state as a search for lines needs it.
    grep_view: RwLock<Option<Arc<GrepView>>>,
    scorers: Mutex<Vec<Scorer>>,
    /// The model, opened when it is first needed.
    embedder: OnceLock<Embedder>,
    remote: Option<RemoteEmbedder>,
    reranker: Option<Arc<dyn Reranker>>,
    /// [`Options::freshness_ms`], or what was set since.
    freshness_ms: AtomicU64,
    last_freshness: LastFreshness,
    /// A check that was begun before the first question.
    check_ahead: Mutex<Option<Running>>,
    answers: AnswerCache,
}

/// How often the newest state is opened again when parts of it are damaged or gone, and how long another process that writes is
/// waited for in between: in all two seconds.
const OPEN_TRIES_MAX: u32 = 100;
const LOCKED_WAIT: Duration = Duration::from_millis(20);

/// Numbers of [`Repository::snapshots`].
const LOCAL: usize = 0;
const REMOTE: usize = 1;

impl Repository {
    /// Opens the repository whose root is the folder `path`.
    ///
    /// # Errors
    /// [`Error::Io`] if there is nothing there, [`Error::BadPath`] if it is a file, [`Error::InvalidInput`] for options out
    /// of range.
    pub fn open(path: &Path, options: Options) -> Result<Self> {
        let opened = Self::open_now(path, options)?;
        Ok(Self::opened_ahead(opened.root(), opened.store(), &opened.options).unwrap_or(opened))
    }

    pub(crate) fn open_now(path: &Path, options: Options) -> Result<Self> {
        options.check()?;
        bound_allocator();
        let policies = Policies::changed(&options.intents)?;
        check_root(path)?;
        let root = path.canonicalize().map_err(Error::io("open", path))?;
        let folder = match &options.store {
            Some(folder) => std::path::absolute(folder).map_err(Error::io("open", folder))?,
            None => store_folder(&root)?,
        };
        let view_id = view_id(&root);
        let place = Place { root, store: Store::new(folder), view_id };
        Ok(Self {
            place,
            freshness_ms: AtomicU64::new(options.freshness_ms),
            options,
            policies,
            snapshots: [RwLock::new(None), RwLock::new(None)],
            grep_view: RwLock::new(None),
            scorers: Mutex::new(Vec::new()),
            embedder: OnceLock::new(),
            remote: None,
            reranker: None,
            last_freshness: LastFreshness::default(),
            check_ahead: Mutex::new(None),
            answers: AnswerCache::default(),
        })
    }

    /// Has chunks and questions compared by the vectors of `provider` where it gives them; where it does not, by those of the
    /// local model.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if its identity or its limits make no sense.
    pub fn with_embedder(mut self, provider: Arc<dyn TextEmbedder>) -> Result<Self> {
        self.remote = Some(RemoteEmbedder::new(provider)?);
        Ok(self)
    }

    /// Has `reranker` order the first hits of a search.
    #[must_use]
    pub fn with_reranker(mut self, reranker: Arc<dyn Reranker>) -> Self {
        self.reranker = Some(reranker);
        self
    }

    /// The root.
    pub fn root(&self) -> &Path {
        &self.place.root
    }

    /// The folder of the store.
    pub fn store(&self) -> &Path {
        self.place.store.folder()
    }

    /// The id of the view of this root.
    pub(crate) fn view_id(&self) -> &str {
        &self.place.view_id
    }

    /// The newest generation of the store; `None` if there is none.
    pub(crate) fn generation(&self) -> Result<Option<Generation>> {
        self.place.store.generation()
    }

    /// Whether there is a committed view of this root.
    ///
    /// # Errors
    /// [`Error::NewerFormat`] or [`Error::Io`]. A damaged store counts as indexed: it is repaired when it is used.
    pub fn is_indexed(&self) -> Result<bool> {
        match self.place.store.generation() {
            Ok(generation) => Ok(generation.is_some_and(|generation| generation.view(&self.place.view_id).is_some())),
            Err(Error::Corrupt { .. }) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Brings the index up to date: what did not change costs a `stat`. `force` computes everything anew.
    ///
    /// # Errors
    /// [`Error::Locked`] if another process is indexing, [`Error::Cancelled`] if the sink said stop, [`Error::Io`],
    /// [`Error::BadPath`] if the embedding model is none.
    pub fn index(&self, force: bool, sink: &mut ProgressSink<'_>) -> Result<IndexReport> {
        self.index_with_scip(force, &[], sink)
    }

    /// Like [`Self::index`], and takes exact edges from SCIP indexes, for the files that are still what the indexes saw. They are
    /// kept until the files change.
    ///
    /// # Errors
    /// Those of [`Self::index`]; [`Error::InvalidInput`] for a file that is no SCIP index, before anything is changed.
    pub fn index_with_scip(&self, force: bool, scip: &[PathBuf], sink: &mut ProgressSink<'_>) -> Result<IndexReport> {
        let what = Run { force, scip, ..Run::default() };
        let report = run(&self.place, &self.options, (self.embedder()?, self.remote.as_ref()), &what, sink);
        give_back_memory();
        report
    }

    /// Like [`Self::index`] for what is known to have changed: `paths`, relative to the root, are files or folders that came,
    /// changed or went. Only their folders are looked into. In a large repository the graph is left as it is, for a later
    /// [`Self::index`]; coverage says so.
    ///
    /// # Errors
    /// Those of [`Self::index`].
    pub fn index_paths(&self, paths: &[String], sink: &mut ProgressSink<'_>) -> Result<IndexReport> {
        let what = Run { paths: Some(paths), graph_later: true, ..Run::default() };
        run(&self.place, &self.options, (self.embedder()?, None), &what, sink)
    }

    /// How often an answer was given again, and how often one was made.
    pub fn cache(&self) -> CacheStatistics {
        self.answers.statistics()
    }

    /// How long an answer may look whether the files are still those that were indexed: [`Options::freshness_ms`].
    pub fn freshness_ms(&self) -> u64 {
        self.freshness_ms.load(Ordering::Relaxed)
    }

    /// Changes that from now on: who is told of changes by the system need not have every answer look for them.
    pub fn set_freshness_ms(&self, freshness_ms: u64) {
        self.freshness_ms.store(freshness_ms, Ordering::Relaxed);
    }

    pub(crate) fn last_freshness(&self) -> &LastFreshness {
        &self.last_freshness
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// A check that was begun before the first question.
    pub(crate) fn check_ahead(&self) -> &Mutex<Option<Running>> {
        &self.check_ahead
    }

    /// Opens what a question needs, as far as it can be opened: the question tells of what cannot.
    pub(crate) fn prepare_question(&self) {
        let asked = self.ask_watch();
        let snapshot = self.embedder().and_then(|one| self.try_snapshot(one.map(Embedder::set_name), LOCAL));
        if let Ok(Some(snapshot)) = snapshot {
            self.begin_check_ahead(&snapshot, asked);
        }
    }

    /// Likewise what a search for lines needs; that is little where a process watches the worktree.
    pub(crate) fn prepare_grep(&self) {
        let Ok(Some(view)) = self.try_grep_view() else { return };
        if self.is_told_fresh(&view.identity()) {
            self.keep_fresh_ahead(view.identity());
        } else if let Ok(Some(snapshot)) = self.try_snapshot(None, LOCAL) {
            self.begin_check_ahead(&snapshot, None);
        }
    }

    pub(crate) fn threads(&self) -> usize {
        self.options.threads()
    }

    /// The model, if one is configured.
    pub(crate) fn embedder(&self) -> Result<Option<&Embedder>> {
        let Some(folder) = &self.options.embedder else { return Ok(None) };
        if let Some(embedder) = self.embedder.get() {
            return Ok(Some(embedder));
        }
        let opened = Embedder::open(folder)?;
        Ok(Some(self.embedder.get_or_init(|| opened)))
    }

    /// What is asked for a query of each intent.
    pub(crate) fn policies(&self) -> &Policies {
        &self.policies
    }

    /// The model that is asked, if there is one.
    pub(crate) fn remote(&self) -> Option<&RemoteEmbedder> {
        self.remote.as_ref()
    }

    /// [`Self::snapshot`] with the vectors of the remote model.
    pub(crate) fn remote_snapshot(&self, remote: &RemoteEmbedder) -> Result<Option<(Arc<Snapshot>, Vec<String>)>> {
        self.open_snapshot(Some(remote.set_name()), REMOTE)
    }

    /// The newest generation, opened, with notes on what had to be repaired; `None` if the root is not indexed. Without
    /// `embedder` it may lack vectors: what compares none should not wait for a model to be read.
    pub(crate) fn snapshot(&self, embedder: Option<&Embedder>) -> Result<Option<(Arc<Snapshot>, Vec<String>)>> {
        self.open_snapshot(embedder.map(Embedder::set_name), LOCAL)
    }

    fn open_snapshot(&self, name: Option<&SetName>, number: usize) -> Result<Option<(Arc<Snapshot>, Vec<String>)>> {
        self.opened(|| self.try_snapshot(name, number))
    }

    /// What `try_open` opens of the newest generation, with notes on what had to be repaired for it.
    fn opened<T>(&self, try_open: impl Fn() -> Result<Option<T>>) -> Result<Option<(T, Vec<String>)>> {
        let mut notes = Vec::new();
        let (mut tries, mut is_repaired) = (0, false);
        loop {
            let error = match try_open() {
                Ok(found) => return Ok(found.map(|opened| (opened, notes))),
                Err(error) => error,
            };
            tries += 1;
            let is_gone = matches!(&error, Error::Io { source, .. } if source.kind() == ErrorKind::NotFound);
            let is_damaged = matches!(error, Error::Corrupt { .. });
            if !(is_gone || is_damaged) || is_repaired || tries >= OPEN_TRIES_MAX {
                return Err(error);
            }
            // At first it may be that a writer removed what was about to be opened: the next generation does without it.
            if is_gone || tries == 1 {
                continue;
            }
            match self.repair(&mut notes) {
                Ok(()) => is_repaired = true,
                // Whoever writes now removed it, or is about to build it anew.
                Err(Error::Locked { .. }) if tries + 1 < OPEN_TRIES_MAX => std::thread::sleep(LOCKED_WAIT),
                Err(error) => return Err(error),
            }
        }
    }

    fn try_snapshot(&self, name: Option<&SetName>, number: usize) -> Result<Option<Arc<Snapshot>>> {
        let Some(generation) = self.place.store.generation()? else { return Ok(None) };
        let Some(record) = generation.view(&self.place.view_id) else { return Ok(None) };
        let open = self.snapshots[number].read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(snapshot) = open.as_ref().filter(|snapshot| snapshot.is(record, name)) {
            return Ok(Some(Arc::clone(snapshot)));
        }
        self.refuse_damage(&generation)?;
        let Some(snapshot) =
            Snapshot::open(&self.place.store, &generation, &self.place.view_id, name, open.as_deref())?
        else {
            return Ok(None);
        };
        let snapshot = Arc::new(snapshot);
        *self.snapshots[number].write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&snapshot));
        if let Some(old) = open {
            old.replaced();
        }
        Ok(Some(snapshot))
    }

    fn try_grep_view(&self) -> Result<Option<Arc<GrepView>>> {
        let Some(generation) = self.place.store.generation()? else { return Ok(None) };
        let Some(record) = generation.view(&self.place.view_id) else { return Ok(None) };
        let open = self.grep_view.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(view) = open.filter(|view| view.is(record)) {
            return Ok(Some(view));
        }
        self.refuse_damage(&generation)?;
        let view = Arc::new(GrepView::open(&self.place.store, &generation, record)?);
        *self.grep_view.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&view));
        Ok(Some(view))
    }

    /// Fails if a part of the store that this root needs is damaged.
    fn refuse_damage(&self, generation: &Generation) -> Result<()> {
        let damage = self.place.store.verify(generation, Some(&self.place.view_id), false)?;
        match damage.first() {
            Some(first) => Err(Error::corrupt(self.place.store.folder(), first.to_string())),
            None => Ok(()),
        }
    }

    /// Builds the damaged parts of the store anew.
    fn repair(&self, notes: &mut Vec<String>) -> Result<()> {
        for snapshot in &self.snapshots {
            *snapshot.write().unwrap_or_else(PoisonError::into_inner) = None;
        }
        *self.grep_view.write().unwrap_or_else(PoisonError::into_inner) = None;
        // Without the remote model: whoever searches does not wait for thousands of texts to be asked about.
        let report = run(&self.place, &self.options, (self.embedder()?, None), &Run::default(), &mut |_| true)?;
        for part in report.rebuilt {
            notes.push(format!("{part} of the store was damaged and has been built anew"));
        }
        Ok(())
    }

    fn with_scorer<T>(&self, work: impl FnOnce(&mut Scorer) -> T) -> T {
        let taken = self.scorers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut scorer = taken.unwrap_or_default();
        let result = work(&mut scorer);
        self.scorers.lock().unwrap_or_else(PoisonError::into_inner).push(scorer);
        result
    }

    /// Answers a query. Any text is a query.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for filters or limits that make no sense, errors of the store.
    pub fn search(&self, text: &str, options: &SearchOptions) -> Result<Answer> {
        if options.limit == 0 {
            return Err(Error::InvalidInput { what: "limit", detail: "0 is too small: ask for at least 1".to_owned() });
        }
        let filter = Filter::new(&options.filters)?;
        let query = Query::parse_as(text, options.intent);
        let intent = query.intent;
        let Some(answering) = Answering::of(self, &query, text)? else {
            return Ok(empty(text, intent, self.not_indexed(), "not-indexed"));
        };
        let snapshot = &*answering.snapshot;
        let started = Instant::now();
        let check = self.begin_check(&answering.snapshot);
        let root = &self.place.root;
        // What others answer may be another thing the next time.
        let key = (self.reranker.is_none() && self.remote.is_none()).then(|| AnswerCache::key(text, options));
        let identity = snapshot.identity();
        let holds = |entries: &[u32]| stale_paths(snapshot, root, entries.iter().copied()).is_empty();
        if let Some(mut answer) = key.as_ref().and_then(|key| self.answers.get(&identity, key, holds)) {
            self.finish_check(check, &mut answer.coverage);
            answer.timings.insert("total", started.elapsed().as_secs_f64() * 1000.0);
            return Ok(answer);
        }
        let ranking =
            self.with_scorer(|scorer| rank(&answering, scorer, (query.clone(), text), &self.policies, &filter, root));
        let mut coverage = coverage(snapshot, ranking.vectors, &answering.notes);
        if ranking.ranked.is_empty() {
            let reason = self.empty_reason(snapshot, &ranking, &filter)?;
            self.finish_check(check, &mut coverage);
            return Ok(empty(text, intent, coverage, reason));
        }
        let hits = self.hits(snapshot, text, &ranking, options, &mut coverage)?;
        // Hits in another order than the ranker's are other files' too.
        let shown = hits.iter().map(|hit| ranking.ranked[hit.rank_by_ranker() as usize - 1].candidate.entry);
        let shown: Vec<u32> = shown.collect();
        let entries: Vec<u32> = ranking.read.iter().chain(&shown).copied().collect();
        let mut stale = stale_paths(snapshot, root, entries.iter().copied());
        let is_settled = stale.is_empty();
        stale.retain(|path| hits.iter().any(|hit| hit.path == *path));
        coverage.stale_paths = stale;
        self.finish_check(check, &mut coverage);
        coverage.truncated = ranking.cut || ranking.ranked.len() > options.limit;
        let mut timings = ranking.timings;
        timings.insert("total", answering.vectors_ms + started.elapsed().as_secs_f64() * 1000.0);
        let answer = Answer {
            schema: "pampax.answer/1",
            query: text.to_owned(),
            intent: ranking.query.intent,
            hits,
            coverage,
            empty_reason: None,
            timings,
        };
        if let Some(key) = key.filter(|_| is_settled) {
            self.answers.put(&identity, key, &answer, entries);
        }
        Ok(answer)
    }

    /// The hits that are shown, in the order of the reranker if there is one and it answers.
    fn hits(
        &self,
        snapshot: &Snapshot,
        text: &str,
        ranking: &Ranking,
        options: &SearchOptions,
        coverage: &mut Coverage,
    ) -> Result<Vec<Hit>> {
        let Some(reranker) = &self.reranker else { return Ok(hits(snapshot, ranking, options.limit, options.explain)) };
        let mut hits = hits(snapshot, ranking, options.limit.max(reranker.candidates()), options.explain);
        match rerank((snapshot, &self.place.root), &**reranker, text, &ranking.ranked, &mut hits) {
            Ok(()) => {}
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            Err(error) => coverage.notes.push(format!("{error}: hits are in the order without a reranker")),
        }
        hits.truncate(options.limit);
        Ok(hits)
    }

    fn not_indexed(&self) -> crate::answer::Coverage {
        crate::answer::Coverage {
            vectors: NO_MEANING,
            freshness: UNCHECKED,
            notes: vec![format!("{} is not indexed", self.place.root.display())],
            ..crate::answer::Coverage::default()
        }
    }

    /// Why there are no hits.
    fn empty_reason(&self, snapshot: &Snapshot, ranking: &Ranking, filter: &Filter) -> Result<&'static str> {
        if ranking.found_any_unparsed {
            return Ok("language-not-parsed");
        }
        if ranking.found_any_unfiltered && !filter.is_open() {
            return Ok("filtered-out");
        }
        Ok(if self.is_stale(snapshot)? { "stale" } else { "confirmed-absent" })
    }

    /// Whether the worktree differs from what was indexed. A full walk: only for answers that would otherwise claim absence.
    fn is_stale(&self, snapshot: &Snapshot) -> Result<bool> {
        let walked =
            crate::walk::walk(&self.place.root, self.place.store.folder(), self.options.threads(), &mut |_| true)?;
        let skipped: BTreeSet<String> = snapshot.skipped_files().into_iter().map(|skipped| skipped.path).collect();
        let mut known: BTreeMap<&str, &pampax_store::Seen> = BTreeMap::new();
        for (segment, entry) in snapshot.entries() {
            if let Some(seen) = snapshot.seen(segment, entry) {
                known.insert(segment.open.facts.path(entry), seen);
            }
        }
        let mut matched = 0;
        for found in &walked.found {
            match known.get(found.path.as_str()) {
                Some(seen) if found.has_stamps_of(seen) => matched += 1,
                None if skipped.contains(&found.path) => {}
                _ => return Ok(true),
            }
        }
        Ok(matched != known.len())
    }

    /// Assembles a context for a task within a budget. With [`AssembleOptions::diff`] it is about what changed, and `task` may be
    /// empty.
    ///
    /// # Errors
    /// [`Error::BudgetTooSmall`] with the least budget that works, [`Error::InvalidInput`], errors of the store.
    pub fn assemble(&self, task: &str, options: &AssembleOptions) -> Result<Bundle> {
        if options.budget == 0 {
            return Err(Error::InvalidInput {
                what: "budget",
                detail: "0 is too small: ask for at least 1".to_owned(),
            });
        }
        prepare(options.encoding);
        self.with_grounds(task, options, |grounds, check| {
            let started = Instant::now();
            let mut bundle = assemble(grounds, task, options)?;
            self.finish_check(check, &mut bundle.coverage);
            bundle.timings.insert("assemble", started.elapsed().as_secs_f64() * 1000.0);
            Ok(bundle)
        })?
        .or_else(|nothing| {
            let bundle = Bundle::without_items(task, nothing.intent, nothing.coverage, options);
            Ok(Bundle { empty_reason: Some(nothing.reason), ..bundle })
        })
    }

    /// The pieces that a bundle for `task` would be chosen from, with all that is known of them, as JSON: what the model of values
    /// is fitted to.
    ///
    /// # Errors
    /// Those of [`Repository::assemble`].
    #[doc(hidden)]
    pub fn bundle_pieces(&self, task: &str) -> Result<String> {
        let options = AssembleOptions { budget: 1, ..AssembleOptions::default() };
        let pieces = self.with_grounds(task, &options, |grounds, _| Ok(pieces_json(grounds, task)))?;
        Ok(pieces.unwrap_or_default())
    }

    /// Calls `work` with what a bundle for `task` is made from; gives what an empty answer says if there is nothing.
    fn with_grounds<T>(
        &self,
        task: &str,
        options: &AssembleOptions,
        work: impl FnOnce(&Grounds<'_>, Check) -> Result<T>,
    ) -> Result<std::result::Result<T, Nothing>> {
        let filter = Filter::new(&options.filters)?;
        let query = Query::parse_as(task, options.intent);
        let intent = query.intent;
        let Some(answering) = Answering::of(self, &query, task)? else {
            return Ok(Err(Nothing { intent, coverage: self.not_indexed(), reason: "not-indexed" }));
        };
        let check = self.begin_check(&answering.snapshot);
        let root = &self.place.root;
        let changes = options.diff.as_ref().map(|revision| changed_since(root, revision)).transpose()?;
        let has_words = changes.is_none() || !task.trim().is_empty();
        let ranking = has_words.then(|| {
            let query = (query.clone(), task);
            self.with_scorer(|scorer| rank(&answering, scorer, query, &self.policies, &filter, root))
        });
        let (snapshot, notes) = (&*answering.snapshot, &answering.notes);
        if let Some(ranking) = ranking.as_ref().filter(|ranking| ranking.ranked.is_empty() && changes.is_none()) {
            let reason = self.empty_reason(snapshot, ranking, &filter)?;
            let mut coverage = coverage(snapshot, ranking.vectors, notes);
            self.finish_check(check, &mut coverage);
            return Ok(Err(Nothing { intent, coverage, reason }));
        }
        let grounds = Grounds {
            snapshot,
            root,
            store: &self.place.store,
            query: &query,
            ranking: ranking.as_ref(),
            changes: changes.as_ref(),
            filter: &filter,
            notes,
        };
        work(&grounds, check).map(Ok)
    }

    /// Shows items of an earlier bundle again, at `level`; without `budget` whatever they cost.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for a bundle or an item that is not known or of an older generation, [`Error::BudgetTooSmall`],
    /// [`Error::NotIndexed`], errors of the store.
    pub fn expand(
        &self,
        bundle: &str,
        items: &[String],
        level: Level,
        format: Format,
        budget: Option<u32>,
    ) -> Result<Bundle> {
        let Some((snapshot, notes)) = self.snapshot(self.embedder.get())? else {
            return Err(Error::NotIndexed { path: self.place.root.clone() });
        };
        let check = self.begin_check(&snapshot);
        let place = (&*snapshot, self.place.root.as_path(), &self.place.store);
        let mut bundle = expand(place, bundle, items, (level, format, budget), &notes)?;
        self.finish_check(check, &mut bundle.coverage);
        Ok(bundle)
    }

    /// An earlier bundle again, as it was.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for a bundle that is not known, or if the index or the history of the repository has moved on;
    /// [`Error::NotIndexed`], errors of the store.
    pub fn bundle(&self, id: &str) -> Result<Bundle> {
        let Some((snapshot, _)) = self.snapshot(self.embedder.get())? else {
            return Err(Error::NotIndexed { path: self.place.root.clone() });
        };
        let record = current(&self.place.store, &snapshot, id)?;
        let bundle = match record.origin {
            Origin::Assembled { budget, format, level, filters, intent, have, diff, profile } => {
                let encoding = Encoding::from_name(&record.encoding)?;
                let intent = intent.as_deref().map(Intent::from_name).transpose()?;
                let options = AssembleOptions { budget, encoding, format, level, filters, intent, have, diff, profile };
                self.assemble(&record.task, &options)?
            }
            Origin::Expanded { bundle, items, level, format, budget } => {
                self.expand(&bundle, &items, level, format, budget)?
            }
        };
        if bundle.id == id {
            return Ok(bundle);
        }
        let detail = format!("{id} depends on the history of the repository, which has moved on: assemble it again");
        Err(Error::InvalidInput { what: "bundle", detail })
    }

    /// Symbols by name.
    ///
    /// # Errors
    /// [`Error::NotIndexed`], [`Error::InvalidInput`] for filters that make no sense, errors of the store.
    pub fn symbols(&self, name: &str, options: &SymbolOptions) -> Result<Vec<SymbolHit>> {
        let Some((snapshot, _)) = self.snapshot(self.embedder.get())? else {
            return Err(Error::NotIndexed { path: self.place.root.clone() });
        };
        symbols(&snapshot, &self.place.root, name, options)
    }

    /// Finds every line that a regular expression matches, in the files as they are now. `keep_going` is asked now and then, from
    /// any thread; once it says no, the search ends.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for what is no regular expression and for options out of range, [`Error::NotIndexed`],
    /// [`Error::Cancelled`], errors of the store.
    pub fn grep(
        &self,
        pattern: &str,
        options: &GrepOptions,
        keep_going: &(dyn Fn() -> bool + Sync),
    ) -> Result<GrepAnswer> {
        let Some((view, notes)) = self.opened(|| self.try_grep_view())? else {
            return Err(Error::NotIndexed { path: self.place.root.clone() });
        };
        // Files that changed are searched whatever the index says of them.
        let check = match self.take_check_ahead(&view.identity()) {
            _ if self.freshness_ms() == 0 => None,
            Some(check) => Some(check),
            // Then the rest of the index need not be opened.
            None if self.is_told_fresh(&view.identity()) => Some(Check::Known(Freshness::fresh())),
            None => self.snapshot(self.embedder.get())?.map(|(snapshot, _)| self.begin_check(&snapshot)),
        };
        let place = (self.place.root.as_path(), self.options.threads());
        let mut answer = grep(&view, place, pattern, options, &[], keep_going)?;
        if let Some(freshness) = check.map(|check| self.await_check(check)) {
            if !freshness.stale.is_empty() {
                answer = grep(&view, place, pattern, options, &freshness.stale, keep_going)?;
            }
            answer.coverage.freshness = freshness.state;
            answer.coverage.stale_files = freshness.stale.len() as u64;
        }
        answer.coverage.notes.extend(notes);
        Ok(answer)
    }

    /// Follows the graph of code from a name: a symbol, qualified or not, or the path of a file.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for options out of range, errors of the store.
    pub fn graph(&self, name: &str, relation: Relation, options: &GraphOptions) -> Result<GraphAnswer> {
        let Some((snapshot, notes)) = self.snapshot(self.embedder.get())? else {
            return Ok(GraphAnswer::empty(name, relation, self.not_indexed(), "not-indexed"));
        };
        let check = self.begin_check(&snapshot);
        let mut answer = graph(&snapshot, &self.place.root, name, relation, options, &notes)?;
        self.finish_check(check, &mut answer.coverage);
        if answer.empty_reason == Some("not-found") {
            if self.is_stale(&snapshot)? {
                answer.empty_reason = Some("stale");
            } else if self.is_in_unparsed(name)? {
                answer.empty_reason = Some("language-not-parsed");
            }
        }
        Ok(answer)
    }

    /// Whether a file in a language that is not parsed has the word that `name` ends with.
    fn is_in_unparsed(&self, name: &str) -> Result<bool> {
        let word = name.rsplit(|letter: char| !letter.is_alphanumeric() && letter != '_').find(|word| !word.is_empty());
        let Some(word) = word else { return Ok(false) };
        let options = GrepOptions { fixed: true, word: true, mode: GrepMode::Files, ..GrepOptions::default() };
        let found = self.grep(word, &options, &|| true)?;
        Ok(found.files.iter().any(|file| Language::from_path(&file.path).is_none()))
    }

    /// All edges out of the file at `path` and what it defines; empty if the index does not have it.
    ///
    /// # Errors
    /// [`Error::NotIndexed`] or errors of the store.
    pub fn edges(&self, path: &str) -> Result<Vec<GraphEdge>> {
        match self.snapshot(self.embedder.get())? {
            Some((snapshot, _)) => Ok(edges_of_file(&snapshot, path).unwrap_or_default()),
            None => Err(Error::NotIndexed { path: self.place.root.clone() }),
        }
    }

    /// The definitions of a file, in file order.
    ///
    /// # Errors
    /// Errors of the store.
    pub fn outline(&self, path: &str) -> Result<Outline> {
        match self.snapshot(self.embedder.get())? {
            Some((snapshot, notes)) => {
                let check = self.begin_check(&snapshot);
                let mut outline = outline(&snapshot, &self.place.root, path, &notes);
                self.finish_check(check, &mut outline.coverage);
                Ok(outline)
            }
            None => Ok(Outline::empty(path, self.not_indexed(), "not-indexed")),
        }
    }

    /// An overview of the most important definitions within a budget.
    ///
    /// # Errors
    /// [`Error::BudgetTooSmall`] with the least budget that works, [`Error::InvalidInput`], errors of the store.
    pub fn map(&self, options: &MapOptions) -> Result<RepositoryMap> {
        match self.snapshot(self.embedder.get())? {
            Some((snapshot, notes)) => {
                let check = self.begin_check(&snapshot);
                let mut map = map(&snapshot, &self.place.root, options, &notes)?;
                self.finish_check(check, &mut map.coverage);
                Ok(map)
            }
            None => Ok(RepositoryMap::empty(options, self.not_indexed(), "not-indexed")),
        }
    }

    /// What an answer given now rests on that compares no vectors, with a look for changes: for answers that do not say so themselves.
    /// `shown` are the files in it, of which those that changed are named.
    ///
    /// # Errors
    /// Errors of the store.
    pub fn coverage(&self, shown: &[String]) -> Result<Coverage> {
        let Some((snapshot, notes)) = self.snapshot(self.embedder.get())? else { return Ok(self.not_indexed()) };
        let mut found = coverage(&snapshot, NO_MEANING, &notes);
        let shown: HashSet<&str> = shown.iter().map(String::as_str).collect();
        found.stale_paths = stale_paths(&snapshot, &self.place.root, snapshot.entries_at(&shown).into_iter());
        self.finish_check(self.begin_check(&snapshot), &mut found);
        Ok(found)
    }

    /// What is indexed.
    ///
    /// # Errors
    /// Errors of the store.
    pub fn status(&self) -> Result<Status> {
        let snapshot = self.snapshot(self.embedder.get())?;
        Ok(Status::of(&self.place, snapshot.as_ref().map(|(snapshot, _)| snapshot.as_ref())))
    }

    /// The files not indexed, and why.
    ///
    /// # Errors
    /// [`Error::NotIndexed`] or errors of the store.
    pub fn skipped(&self) -> Result<Vec<SkippedFile>> {
        match self.snapshot(self.embedder.get())? {
            Some((snapshot, _)) => Ok(snapshot.skipped_files().into_iter().map(SkippedFile::from).collect()),
            None => Err(Error::NotIndexed { path: self.place.root.clone() }),
        }
    }

    /// Lines of a file as they are now; the path is relative to the root and may not leave it.
    ///
    /// # Errors
    /// [`Error::BadPath`] or [`Error::Io`].
    pub fn text(&self, path: &str, start_line: u32, end_line: u32) -> Result<String> {
        lines_of(&self.place.root, path, start_line, end_line)
    }

    /// Removes what no worktree needs any more: views of roots that are gone, entries no view sees. With `dry_run` it only says
    /// what that would be. `keep_going` is asked now and then; false stops, and the store stays as it was.
    ///
    /// # Errors
    /// [`Error::Locked`] if another process is indexing, [`Error::Cancelled`], [`Error::NotIndexed`], [`Error::Corrupt`] for a store that has to be
    /// repaired first, [`Error::Io`].
    pub fn gc(&self, dry_run: bool, keep_going: &mut dyn FnMut() -> bool) -> Result<GcReport> {
        collect(&self.place, self.options.store.is_none(), dry_run, keep_going)
    }

    /// Writes the index of this root into one file for another machine, with the text of its files if asked. `keep_going` as for
    /// [`Repository::gc`].
    ///
    /// # Errors
    /// [`Error::NotIndexed`], [`Error::Cancelled`], [`Error::BadPath`] for a file that is not what was indexed (with text),
    /// errors of the store, [`Error::Io`].
    pub fn export(&self, file: &Path, with_text: bool, keep_going: &mut dyn FnMut() -> bool) -> Result<ExportReport> {
        match export(&self.place, file, with_text, keep_going) {
            // Another process may have replaced what was being read.
            Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                export(&self.place, file, with_text, keep_going)
            }
            outcome => outcome,
        }
    }

    /// Makes the index in `file`, which [`Repository::export`] wrote somewhere, that of this root. All of it is verified before
    /// anything is replaced. With `extract` the text of its files is written to the root, which has to be empty.
    ///
    /// # Errors
    /// [`Error::BadPath`] for a file that is no index or no safe one, [`Error::InvalidInput`] if the root is indexed already and
    /// `force` is not given, [`Error::Locked`], [`Error::Cancelled`], [`Error::Io`].
    pub fn import(
        &self,
        file: &Path,
        force: bool,
        extract: bool,
        keep_going: &mut dyn FnMut() -> bool,
    ) -> Result<ImportReport> {
        let options = ImportOptions { force, extract, threads: self.options.threads() };
        import(&self.place, file, options, keep_going)
    }

    /// Reads every file of the store and compares it with its checksum; what is damaged, in words.
    ///
    /// # Errors
    /// [`Error::NotIndexed`] or [`Error::Io`].
    pub fn verify(&self) -> Result<Vec<String>> {
        let generation = match self.place.store.generation() {
            Ok(Some(generation)) => generation,
            Ok(None) => return Err(Error::NotIndexed { path: self.place.root.clone() }),
            Err(Error::Corrupt { .. }) => return Ok(vec![Damage::Generation.to_string()]),
            Err(error) => return Err(error),
        };
        let damage = self.place.store.verify(&generation, None, true)?;
        Ok(damage.iter().map(ToString::to_string).collect())
    }
}

/// What an answer says that has nothing to show.
struct Nothing {
    intent: Intent,
    coverage: Coverage,
    reason: &'static str,
}

/// Reads the name of an encoding.
///
/// # Errors
/// [`Error::InvalidInput`] names the encodings there are.
pub fn encoding(name: &str) -> Result<Encoding> {
    Encoding::from_name(name)
}
