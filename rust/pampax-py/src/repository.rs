//! The repository and what it answers, as Python sees them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use pampax_engine as engine;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};

use crate::bundle::PyBundle;
use crate::gate::{Length, Watch, run, watch};
use crate::grep::{PyGrepAnswer, mode as grep_mode};
use crate::provider::{PyEmbedder, PyReranker};
use crate::record::{parse, record};
use crate::watch::PyWatch;

/// Opens the repository that holds `path`. Nothing is read yet and nothing is written.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
#[pyo3(signature = (path = None, *, store = None, memory_bytes = 1 << 30, threads = 0, max_file_bytes = 4 << 20, embedder = None, vectors = true, freshness_ms = 150, intents = BTreeMap::new(), remote_embedder = None, reranker = None))]
pub fn open(
    py: Python<'_>,
    path: Option<PathBuf>,
    store: Option<PathBuf>,
    memory_bytes: u64,
    threads: usize,
    max_file_bytes: u64,
    embedder: Option<PathBuf>,
    vectors: bool,
    freshness_ms: u64,
    intents: BTreeMap<String, String>,
    remote_embedder: Option<Bound<'_, PyAny>>,
    reranker: Option<Bound<'_, PyAny>>,
) -> PyResult<PyRepository> {
    let embedder = if vectors { embedder.or_else(|| packaged_model(py)) } else { None };
    let options = engine::Options { store, memory_bytes, threads, max_file_bytes, embedder, freshness_ms, intents };
    let path = path.unwrap_or_else(|| PathBuf::from("."));
    let remote = remote_embedder.filter(|_| vectors).map(|object| PyEmbedder::new(&object)).transpose()?;
    let reranker = reranker.map(|object| PyReranker::new(&object)).transpose()?;
    let repository = run(py, "open", Length::Long, || {
        let mut repository = engine::Repository::open(&path, options)?;
        if let Some(remote) = remote {
            repository = repository.with_embedder(Arc::new(remote))?;
        }
        Ok(match reranker {
            Some(reranker) => repository.with_reranker(Arc::new(reranker)),
            None => repository,
        })
    })?;
    Ok(PyRepository { inner: Arc::new(repository) })
}

/// Begins to open a repository with the options of the package on a thread of its own: the next `open` gets it if it is the same.
#[pyfunction]
#[pyo3(signature = (path, store = None, *, grep = false))]
pub fn open_ahead(py: Python<'_>, path: PathBuf, store: Option<PathBuf>, grep: bool) {
    let options = engine::Options { store, embedder: packaged_model(py), ..engine::Options::default() };
    let asking = if grep { engine::Asking::Grep } else { engine::Asking::Question };
    engine::Repository::open_ahead(path, options, asking);
}

/// The folder of the model in the package, if it is there.
fn packaged_model(py: Python<'_>) -> Option<PathBuf> {
    let package = py.import("pampax").ok()?.getattr("__file__").ok()?.extract::<PathBuf>().ok()?;
    Some(package.parent()?.join("model")).filter(|folder| folder.is_dir())
}

/// A tree of files and its index. Can be shared between threads; one process at a time may index.
#[pyclass(frozen, name = "Repository", module = "pampax")]
pub struct PyRepository {
    inner: Arc<engine::Repository>,
}

fn filters(paths: Vec<String>, languages: Vec<String>, kinds: Vec<String>, tests: Option<bool>) -> engine::Filters {
    engine::Filters { paths, languages, kinds, tests }
}

#[pymethods]
impl PyRepository {
    /// The top folder of the tree.
    #[getter]
    fn root(&self) -> OsString {
        self.inner.root().as_os_str().to_owned()
    }

    /// Where the index lies.
    #[getter]
    fn store(&self) -> OsString {
        self.inner.store().as_os_str().to_owned()
    }

    /// How long an answer may look whether files have changed, in milliseconds; 0 does not look.
    #[getter]
    fn freshness_ms(&self) -> u64 {
        self.inner.freshness_ms()
    }

    #[setter]
    fn set_freshness_ms(&self, value: u64) {
        self.inner.set_freshness_ms(value);
    }

    /// Whether there is an index to search.
    #[getter]
    fn is_indexed(&self, py: Python<'_>) -> PyResult<bool> {
        run(py, "is_indexed", Length::Short, || self.inner.is_indexed())
    }

    /// Bring the index up to date; the work follows what has changed. `force` builds it anew. `scip` are files of SCIP
    /// indexes, whose edges take the place of those found in the text.
    #[pyo3(signature = (*, progress = None, force = false, scip = Vec::new()))]
    fn index(
        &self,
        py: Python<'_>,
        progress: Option<Py<PyAny>>,
        force: bool,
        scip: Vec<PathBuf>,
    ) -> PyResult<PyIndexReport> {
        let deliver = |state: engine::Progress| match &progress {
            Some(callback) => callback.call1(py, (PyProgress::from(state),)).map(drop),
            None => Ok(()),
        };
        let report = watch(py, "index", deliver, |watch| {
            self.inner.index_with_scip(force, &scip, &mut |state| watch.report(state))
        })?;
        Ok(PyIndexReport { inner: report })
    }

    /// Bring the index up to date with what changed: `paths`, relative to the root, are files or folders that came, changed or
    /// went. In a large repository the graph is left for the next `index`.
    fn index_paths(&self, py: Python<'_>, paths: Vec<String>) -> PyResult<PyIndexReport> {
        let report =
            watch(py, "index", |_| Ok(()), |watch| self.inner.index_paths(&paths, &mut |state| watch.report(state)))?;
        Ok(PyIndexReport { inner: report })
    }

    /// Whether a process watches the worktree and says that the index has everything.
    #[getter]
    fn is_watched(&self, py: Python<'_>) -> PyResult<bool> {
        run(py, "is_watched", Length::Long, || self.inner.is_watched())
    }

    /// Have the system tell of changes; with `tells_others` also whoever else asks about the same worktree.
    #[pyo3(signature = (*, tells_others = false))]
    fn watch(&self, py: Python<'_>, tells_others: bool) -> PyResult<PyWatch> {
        run(py, "watch", Length::Long, || self.inner.watch(tells_others)).map(PyWatch::new)
    }

    /// How many answers of `search` were given again ("hits") and how many were made ("misses").
    #[getter]
    fn cache(&self) -> BTreeMap<&'static str, u64> {
        let statistics = self.inner.cache();
        BTreeMap::from([("hits", statistics.hits), ("misses", statistics.misses)])
    }

    /// Find the code that answers a question in words, a name, a path or an error message, the best first.
    #[pyo3(signature = (query, *, limit = 10, paths = Vec::new(), languages = Vec::new(), kinds = Vec::new(), tests = None, explain = false, intent = None))]
    #[expect(clippy::too_many_arguments, reason = "keywords of one Python function")]
    fn search(
        &self,
        py: Python<'_>,
        query: String,
        limit: usize,
        paths: Vec<String>,
        languages: Vec<String>,
        kinds: Vec<String>,
        tests: Option<bool>,
        explain: bool,
        intent: Option<&str>,
    ) -> PyResult<PyAnswer> {
        let filters = filters(paths, languages, kinds, tests);
        let inner = run(py, "search", Length::Long, || {
            let intent = intent.map(engine::Intent::from_name).transpose()?;
            self.inner.search(&query, &engine::SearchOptions { limit, filters, explain, intent })
        })?;
        Ok(PyAnswer { inner })
    }

    /// Collect the code that a task needs within `budget` tokens of `encoding`; the filters are those of `search`. `format` is
    /// the form of the text that the budget bounds: markdown, report or xml. `level` is the most that is shown of a piece.
    /// `have` names what the caller has already: ids of bundles, paths, paths with lines. `diff` is a commit: the bundle is then
    /// about what changed since, and `task` may be empty. `profile` weighs kinds of pieces, such as "tests=0.5, documents=0".
    #[pyo3(signature = (task = "", *, budget = 8000, encoding = "o200k_base", format = "markdown", level = None, paths = Vec::new(), languages = Vec::new(), kinds = Vec::new(), tests = None, intent = None, have = Vec::new(), diff = None, profile = ""))]
    #[expect(clippy::too_many_arguments, reason = "keywords of one Python function")]
    fn assemble(
        &self,
        py: Python<'_>,
        task: &str,
        budget: u32,
        encoding: &str,
        format: &str,
        level: Option<&str>,
        paths: Vec<String>,
        languages: Vec<String>,
        kinds: Vec<String>,
        tests: Option<bool>,
        intent: Option<&str>,
        have: Vec<String>,
        diff: Option<String>,
        profile: &str,
    ) -> PyResult<PyBundle> {
        let filters = filters(paths, languages, kinds, tests);
        let inner = run(py, "assemble", Length::Long, || {
            let options = engine::AssembleOptions {
                budget,
                encoding: engine::encoding(encoding)?,
                format: engine::Format::from_name(format)?,
                level: level.map(engine::Level::from_name).transpose()?,
                filters,
                intent: intent.map(engine::Intent::from_name).transpose()?,
                have,
                diff,
                profile: engine::Profile::parse(profile)?,
            };
            self.inner.assemble(task, &options)
        })?;
        Ok(PyBundle { inner })
    }

    /// Show items of an earlier bundle again, at `level`; without `budget` whatever they cost.
    #[pyo3(signature = (bundle, items, *, level = "full", format = "markdown", budget = None))]
    fn expand(
        &self,
        py: Python<'_>,
        bundle: String,
        items: Vec<String>,
        level: &str,
        format: &str,
        budget: Option<u32>,
    ) -> PyResult<PyBundle> {
        let inner = run(py, "expand", Length::Long, || {
            let (level, format) = (engine::Level::from_name(level)?, engine::Format::from_name(format)?);
            self.inner.expand(&bundle, &items, level, format, budget)
        })?;
        Ok(PyBundle { inner })
    }

    /// Give an earlier bundle again, as it was.
    fn bundle(&self, py: Python<'_>, bundle: String) -> PyResult<PyBundle> {
        run(py, "bundle", Length::Long, || self.inner.bundle(&bundle)).map(|inner| PyBundle { inner })
    }

    /// Find every line that `pattern` matches in the files as they are now.
    #[pyo3(signature = (pattern, *, ignore_case = false, word = false, fixed = false, globs = Vec::new(), paths = Vec::new(), languages = Vec::new(), tests = None, before = 0, after = 0, mode = "lines", max_count = None, limit = 100_000))]
    #[expect(clippy::too_many_arguments, reason = "keywords of one Python function")]
    fn grep(
        &self,
        py: Python<'_>,
        pattern: String,
        ignore_case: bool,
        word: bool,
        fixed: bool,
        globs: Vec<String>,
        paths: Vec<String>,
        languages: Vec<String>,
        tests: Option<bool>,
        before: usize,
        after: usize,
        mode: &str,
        max_count: Option<u64>,
        limit: usize,
    ) -> PyResult<PyGrepAnswer> {
        let filters = filters(paths, languages, Vec::new(), tests);
        let inner = watch(
            py,
            "grep",
            |()| Ok(()),
            |watch| {
                let mode = grep_mode(mode)?;
                let options = engine::GrepOptions {
                    ignore_case,
                    word,
                    fixed,
                    globs,
                    filters,
                    before,
                    after,
                    mode,
                    max_count,
                    limit,
                };
                self.inner.grep(&pattern, &options, &|| !watch.is_cancelled())
            },
        )?;
        Ok(PyGrepAnswer { inner })
    }

    /// Give the definitions with this name, or with `prefix` those whose name begins with it.
    #[pyo3(signature = (name, *, prefix = false, limit = 50, kinds = Vec::new(), languages = Vec::new(), paths = Vec::new()))]
    #[expect(clippy::too_many_arguments, reason = "keywords of one Python function")]
    fn symbols(
        &self,
        py: Python<'_>,
        name: String,
        prefix: bool,
        limit: usize,
        kinds: Vec<String>,
        languages: Vec<String>,
        paths: Vec<String>,
    ) -> PyResult<Vec<PySymbolHit>> {
        let options = engine::SymbolOptions { prefix, limit, filters: filters(paths, languages, kinds, None) };
        let hits = run(py, "symbols", Length::Long, || self.inner.symbols(&name, &options))?;
        Ok(hits.into_iter().map(|inner| PySymbolHit { inner }).collect())
    }

    /// Follow the graph of code from `name`, a symbol or the path of a file, along a relation: callers, callees, references,
    /// imports, inherits or tests.
    #[pyo3(signature = (name, relation = "callers", *, depth = 1, limit = 50, confidence = 0.0, paths = Vec::new(), languages = Vec::new(), kinds = Vec::new(), tests = None))]
    #[expect(clippy::too_many_arguments, reason = "keywords of one Python function")]
    fn graph(
        &self,
        py: Python<'_>,
        name: String,
        relation: &str,
        depth: u32,
        limit: usize,
        confidence: f32,
        paths: Vec<String>,
        languages: Vec<String>,
        kinds: Vec<String>,
        tests: Option<bool>,
    ) -> PyResult<PyGraphAnswer> {
        let filters = filters(paths, languages, kinds, tests);
        let inner = run(py, "graph", Length::Long, || {
            let relation = engine::Relation::from_name(relation)?;
            self.inner.graph(&name, relation, &engine::GraphOptions { depth, limit, confidence, filters })
        })?;
        Ok(PyGraphAnswer { inner })
    }

    /// Give all edges out of a file and what it defines.
    fn edges(&self, py: Python<'_>, path: String) -> PyResult<Vec<PyGraphEdge>> {
        let edges = run(py, "edges", Length::Long, || self.inner.edges(&path))?;
        Ok(edges.into_iter().map(|inner| PyGraphEdge { inner }).collect())
    }

    /// List the definitions of a file, in file order.
    fn outline(&self, py: Python<'_>, path: String) -> PyResult<PyOutline> {
        run(py, "outline", Length::Long, || self.inner.outline(&path)).map(|inner| PyOutline { inner })
    }

    /// Give an overview of the most important definitions within `budget` tokens; `focus` names what it is seen from.
    #[pyo3(signature = (budget = 2000, *, encoding = "o200k_base", focus = Vec::new(), paths = Vec::new(), languages = Vec::new(), kinds = Vec::new(), tests = None))]
    #[expect(clippy::too_many_arguments, reason = "keywords of one Python function")]
    fn map(
        &self,
        py: Python<'_>,
        budget: u32,
        encoding: &str,
        focus: Vec<String>,
        paths: Vec<String>,
        languages: Vec<String>,
        kinds: Vec<String>,
        tests: Option<bool>,
    ) -> PyResult<PyRepositoryMap> {
        let filters = filters(paths, languages, kinds, tests);
        let inner = run(py, "map", Length::Long, || {
            let encoding = engine::encoding(encoding)?;
            self.inner.map(&engine::MapOptions { budget, encoding, focus, filters })
        })?;
        Ok(PyRepositoryMap { inner })
    }

    /// Say what an answer given now rests on that compares no vectors and shows these files, with a look for changes.
    #[pyo3(signature = (shown = Vec::new()))]
    fn coverage(&self, py: Python<'_>, shown: Vec<String>) -> PyResult<PyCoverage> {
        run(py, "coverage", Length::Long, || self.inner.coverage(&shown)).map(|inner| PyCoverage { inner })
    }

    /// Say what the index holds.
    fn status(&self, py: Python<'_>) -> PyResult<PyStatus> {
        run(py, "status", Length::Long, || self.inner.status()).map(|inner| PyStatus { inner })
    }

    /// List the files that the index leaves out, and why.
    fn skipped(&self, py: Python<'_>) -> PyResult<Vec<PySkippedFile>> {
        let files = run(py, "skipped", Length::Long, || self.inner.skipped())?;
        Ok(files.into_iter().map(|inner| PySkippedFile { inner }).collect())
    }

    /// Read every file of the store and compare it with its checksum; gives what is damaged, in words.
    fn verify(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        run(py, "verify", Length::Long, || self.inner.verify())
    }

    /// Remove what no worktree needs any more, or only say what that is; the report is JSON (schema pampax.gc/1).
    #[pyo3(signature = (*, dry_run = false))]
    fn gc(&self, py: Python<'_>, dry_run: bool) -> PyResult<String> {
        let report = watch(py, "gc", |()| Ok(()), |watch| self.inner.gc(dry_run, &mut || watch.report(())))?;
        Ok(report.to_json())
    }

    /// Write the index into one file for another machine, with the text of its files if asked; the report is JSON.
    #[pyo3(signature = (file, *, with_text = false))]
    fn export(&self, py: Python<'_>, file: PathBuf, with_text: bool) -> PyResult<String> {
        let work = |watch: &Watch<()>| self.inner.export(&file, with_text, &mut || watch.report(()));
        watch(py, "export", |()| Ok(()), work).map(|report| report.to_json())
    }

    /// Make the index in a file that `export` wrote that of this repository; the report is JSON.
    #[pyo3(signature = (file, *, force = false, extract = false))]
    fn import_index(&self, py: Python<'_>, file: PathBuf, force: bool, extract: bool) -> PyResult<String> {
        let work = |watch: &Watch<()>| self.inner.import(&file, force, extract, &mut || watch.report(()));
        watch(py, "import", |()| Ok(()), work).map(|report| report.to_json())
    }

    /// Read lines of a file in the worktree, both ends included, counted from 1.
    fn text(&self, py: Python<'_>, path: String, start_line: u32, end_line: u32) -> PyResult<String> {
        run(py, "text", Length::Long, || self.inner.text(&path, start_line, end_line))
    }

    fn __repr__(&self) -> String {
        format!("Repository({})", self.inner.root().display())
    }
}

/// How far indexing is.
#[pyclass(frozen, get_all, name = "Progress", module = "pampax")]
pub struct PyProgress {
    stage: &'static str,
    files_done: u64,
    files_total: u64,
    bytes_done: u64,
    bytes_total: u64,
    seconds: f64,
}

impl From<engine::Progress> for PyProgress {
    fn from(state: engine::Progress) -> Self {
        let engine::Progress { stage, files_done, files_total, bytes_done, bytes_total, seconds } = state;
        Self { stage, files_done, files_total, bytes_done, bytes_total, seconds }
    }
}

record! {
    /// What indexing did.
    PyIndexReport = "IndexReport" over engine::IndexReport {
        /// The number of the state that is now searched.
        generation: u64,
        /// Files in the index.
        files: u64,
        /// Files that are new.
        added: u64,
        /// Files whose content is new.
        changed: u64,
        /// Files that are gone.
        removed: u64,
        /// Files that are as they were.
        unchanged: u64,
        /// Files whose content the store knew already.
        reused: u64,
        /// Chunks in the index.
        chunks: u64,
        /// Definitions in the index.
        symbols: u64,
        /// Edges of the graph of code.
        edges: u64,
        /// Of how many files the graph does not know yet, or not as they are.
        graph_behind: u64,
        /// What was left out for lack of memory: "symbols of large files", "vectors", "graph".
        deferred: Vec<&'static str>,
        /// Bytes of the files in the index.
        bytes: u64,
        /// How many files were left out, by reason.
        skipped: BTreeMap<String, u64>,
        /// The parts of the store that were damaged and have been built anew.
        rebuilt: Vec<String>,
    }
    /// What came of the SCIP indexes, as numbers of documents and uses; None if none were given.
    #[getter]
    fn scip(&self) -> Option<BTreeMap<&'static str, u64>> {
        let engine::ScipReport { documents, taken, stale, absent, uses } = self.inner.scip?;
        let rows = [("documents", documents), ("taken", taken), ("stale", stale), ("absent", absent), ("uses", uses)];
        Some(BTreeMap::from(rows))
    }

    /// What became of the vectors of a remote embedder: "service", "embedded", "missing" and "problem".
    #[getter]
    fn remote_vectors<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let Some(engine::RemoteVectors { service, embedded, missing, problem }) = &self.inner.remote_vectors else {
            return Ok(None);
        };
        let row = PyDict::new(py);
        row.set_item("service", service)?;
        row.set_item("embedded", embedded)?;
        row.set_item("missing", missing)?;
        row.set_item("problem", problem)?;
        Ok(Some(row))
    }

    /// How long it took.
    #[getter]
    fn seconds(&self) -> f64 {
        self.inner.seconds.unwrap_or(0.0)
    }

    /// The report as JSON ("pampax.index/1"), with the time taken only if `timings`.
    #[pyo3(signature = (timings = false))]
    fn to_json(&self, timings: bool) -> String {
        self.inner.to_json(timings)
    }
}

record! {
    /// One search result.
    PyHit = "Hit" over engine::Hit {
        /// The file, relative to the root, with forward slashes.
        path: String,
        /// Where to look first, counted from 1: the line of the definition's name, else the first line.
        line: u32,
        /// The first line, counted from 1.
        start_line: u32,
        /// The last line, included.
        end_line: u32,
        /// The qualified name of the definition these lines belong to.
        symbol: Option<String>,
        /// The kind of that definition: function, method, class, ...
        kind: Option<&'static str>,
        /// The language of the file.
        language: Option<&'static str>,
        /// Higher is better; comparable within one answer only.
        score: f32,
        /// The signals that put the hit where it is.
        why: Vec<String>,
    }
    /// What the reranker said of it: its score, and the place the hit had before; None without one.
    #[getter]
    fn reranked(&self) -> Option<(f32, u32)> {
        self.inner.reranked.map(|engine::Reranked { score, rank_before }| (score, rank_before))
    }

    /// How the score came about, if that was asked for.
    #[getter]
    fn explain<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        // By hand: a search from the command line must not import `json` for it.
        let Some(explanation) = &self.inner.explain else { return Ok(None) };
        let (whole, sources, features) = (PyDict::new(py), PyList::empty(py), PyList::empty(py));
        for share in &explanation.sources {
            let row = PyDict::new(py);
            row.set_item("source", share.source)?;
            row.set_item("rank", share.rank)?;
            sources.append(row)?;
        }
        for share in &explanation.features {
            let row = PyDict::new(py);
            row.set_item("feature", share.feature)?;
            row.set_item("value", share.value)?;
            row.set_item("weight", share.weight)?;
            features.append(row)?;
        }
        whole.set_item("sources", sources)?;
        whole.set_item("fusion", explanation.fusion)?;
        whole.set_item("features", features)?;
        Ok(Some(whole))
    }

    fn __repr__(&self) -> String {
        let hit = &self.inner;
        format!("Hit({}:{}-{} {})", hit.path, hit.start_line, hit.end_line, hit.symbol.as_deref().unwrap_or(""))
    }
}

record! {
    /// The result of a search.
    PyAnswer = "Answer" over engine::Answer {
        /// What was asked.
        query: String,
        /// Why there are no hits; None if there are some.
        empty_reason: Option<&'static str>,
        /// How long each step took, in milliseconds.
        timings: BTreeMap<&'static str, f64>,
    }
    /// The results, the best first.
    #[getter]
    fn hits<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.inner.hits.iter().map(|hit| PyHit { inner: hit.clone() }))
    }

    /// What kind of question it was taken for.
    #[getter]
    fn intent(&self) -> &'static str {
        self.inner.intent.name()
    }

    /// What the answer is based on.
    #[getter]
    fn coverage(&self) -> PyCoverage {
        PyCoverage { inner: self.inner.coverage.clone() }
    }

    /// The answer as JSON ("pampax.answer/1"), the same bytes for the same answer unless `timings`.
    #[pyo3(signature = (timings = false))]
    fn to_json(&self, timings: bool) -> String {
        self.inner.to_json(timings)
    }

    /// What `to_json` gives, as Python objects.
    #[pyo3(signature = (timings = false))]
    fn to_dict<'py>(&self, py: Python<'py>, timings: bool) -> PyResult<Bound<'py, PyAny>> {
        parse(py, &self.inner.to_json(timings))
    }
}

record! {
    /// What an answer or a bundle is based on.
    PyCoverage = "Coverage" over engine::Coverage {
        /// The number of the state that was searched.
        generation: Option<u64>,
        /// Files in the index.
        files_indexed: u64,
        /// Files that wait for being indexed.
        files_pending: u64,
        /// Of how many files the graph does not know, or not as they are.
        graph_files_behind: u64,
        /// How many files the index leaves out, by reason.
        files_skipped: BTreeMap<String, u64>,
        /// Files by language whose imports and types are not read: in the graph names alone tie them to others.
        edges_by_name_only: BTreeMap<&'static str, u64>,
        /// Files without symbols, as to parse them takes more than the ceiling for memory.
        files_without_symbols: u64,
        /// Whether meaning was compared as well as words.
        vectors: &'static str,
        /// Whether a limit cut the search short.
        truncated: bool,
        /// The files among the results that have changed since they were indexed.
        stale_paths: Vec<String>,
        /// Whatever else limits the answer, in words.
        notes: Vec<String>,
        /// Whether the files are still those that were indexed: "fresh", "stale" or "unchecked".
        freshness: &'static str,
        /// How many files changed, came or went: at least so many.
        stale_files: u64,
    }

    /// As it stands in the JSON of answers, as Python objects.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        parse(py, &self.inner.to_json())
    }
}

record! {
    /// A definition found by its name.
    PySymbolHit = "SymbolHit" over engine::SymbolHit {
        /// The bare name.
        name: String,
        /// The name with those of what encloses it.
        qualified_name: String,
        /// function, method, class, ...
        kind: &'static str,
        /// The file, relative to the root, with forward slashes.
        path: String,
        /// The line on which its name stands, counted from 1.
        line: u32,
        /// The first line, with documentation and decorators.
        start_line: u32,
        /// The last line, included.
        end_line: u32,
        /// The declaration without its body.
        signature: String,
        /// The language of the file.
        language: Option<&'static str>,
        /// Whether the whole name fits, and not only its beginning or its letters without case.
        exact: bool,
    }
}

record! {
    /// A file or a symbol at one end of an edge.
    PyGraphNode = "GraphNode" over engine::GraphNode {
        /// The file, relative to the root, with forward slashes.
        path: String,
        /// The line of the name, counted from 1.
        line: u32,
        /// The first line.
        start_line: u32,
        /// The last line, included.
        end_line: u32,
        /// The qualified name of the symbol; None for a file.
        symbol: Option<String>,
        /// What the symbol is; "file" for a file.
        kind: &'static str,
        /// The language of the file.
        language: Option<&'static str>,
    }
}

record! {
    /// An edge of the graph of code.
    PyGraphEdge = "GraphEdge" over engine::GraphEdge {
        /// How many edges it is away from what was asked about, from 1.
        depth: u32,
        /// calls, imports, inherits, implements, references, routes, config-key; tests for what a test does.
        kind: &'static str,
        /// Whether it leads away from what was asked about ("out") or to it ("in").
        direction: &'static str,
        /// The line of the use, in the file of the source.
        line: u32,
        /// From 0 to 1.
        confidence: f32,
        /// exact, likely or ambiguous.
        certainty: &'static str,
        /// What found it: scip, import, same-file, package or name.
        extractor: &'static str,
        /// Whether the use may mean more than all that are kept.
        truncated: bool,
        /// The route, of an edge to its handler.
        route: Option<String>,
    }
    /// What uses.
    #[getter]
    fn source(&self) -> PyGraphNode {
        PyGraphNode { inner: self.inner.source.clone() }
    }

    /// What is used.
    #[getter]
    fn target(&self) -> PyGraphNode {
        PyGraphNode { inner: self.inner.target.clone() }
    }

    fn __repr__(&self) -> String {
        let (edge, name) = (&self.inner, |node: &engine::GraphNode| node.symbol.clone().unwrap_or_else(|| node.path.clone()));
        format!("GraphEdge({} {} {})", name(&edge.source), edge.kind, name(&edge.target))
    }
}

record! {
    /// The answer to a question about the graph.
    PyGraphAnswer = "GraphAnswer" over engine::GraphAnswer {
        /// What was asked about.
        name: String,
        /// What was asked.
        relation: &'static str,
        /// The weakest of the edges: exact, likely or ambiguous; None if there are none.
        certainty: Option<&'static str>,
        /// Whether a limit cut the answer short.
        truncated: bool,
        /// Why there are no edges; None if there are some.
        empty_reason: Option<&'static str>,
    }
    /// The edges, the nearest first.
    #[getter]
    fn edges<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.inner.edges.iter().map(|edge| PyGraphEdge { inner: edge.clone() }))
    }

    /// The definitions, or the file, that the name means.
    #[getter]
    fn definitions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.inner.definitions.iter().map(|node| PyGraphNode { inner: node.clone() }))
    }

    /// What the answer is based on.
    #[getter]
    fn coverage(&self) -> PyCoverage {
        PyCoverage { inner: self.inner.coverage.clone() }
    }

    /// The answer as JSON ("pampax.graph/1").
    fn to_json(&self) -> String {
        self.inner.to_json()
    }

    /// What `to_json` gives, as Python objects.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        parse(py, &self.inner.to_json())
    }
}

record! {
    /// A definition in the outline of a file.
    PyOutlineSymbol = "OutlineSymbol" over engine::OutlineSymbol {
        /// The bare name.
        name: String,
        /// The name with those of what encloses it.
        qualified_name: String,
        /// function, method, class, ...
        kind: &'static str,
        /// How many definitions enclose it.
        depth: u32,
        /// The line of its name, counted from 1.
        line: u32,
        /// The first line, with documentation and decorators.
        start_line: u32,
        /// The last line, included.
        end_line: u32,
        /// The declaration without its body.
        signature: String,
        /// How many files and symbols use it.
        users: u32,
    }
}

record! {
    /// The outline of a file.
    PyOutline = "Outline" over engine::Outline {
        /// The file, relative to the root, with forward slashes.
        path: String,
        /// Its language.
        language: Option<&'static str>,
        /// How many lines it has.
        lines: u32,
        /// Why there are no symbols; None if there are some.
        empty_reason: Option<&'static str>,
    }
    /// The definitions, in file order.
    #[getter]
    fn symbols<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.inner.symbols.iter().map(|symbol| PyOutlineSymbol { inner: symbol.clone() }))
    }

    /// What the outline is based on.
    #[getter]
    fn coverage(&self) -> PyCoverage {
        PyCoverage { inner: self.inner.coverage.clone() }
    }

    /// The outline as JSON ("pampax.outline/1").
    fn to_json(&self) -> String {
        self.inner.to_json()
    }

    /// What `to_json` gives, as Python objects.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        parse(py, &self.inner.to_json())
    }
}

record! {
    /// An overview of a repository within a budget.
    PyRepositoryMap = "RepositoryMap" over engine::RepositoryMap {
        /// The most that the text may cost, in tokens.
        budget: u32,
        /// The encoding that tokens are counted in.
        encoding: &'static str,
        /// What the text costs.
        tokens: u32,
        /// How many definitions are shown.
        shown: u32,
        /// How many there are to show.
        of: u32,
        /// Why it is empty; None if it is not.
        empty_reason: Option<&'static str>,
    }
    /// What the map is based on.
    #[getter]
    fn coverage(&self) -> PyCoverage {
        PyCoverage { inner: self.inner.coverage.clone() }
    }

    /// The map as text: a path, and below it a line for each definition.
    fn to_text(&self) -> String {
        self.inner.to_text()
    }

    /// The map as JSON ("pampax.map/1").
    fn to_json(&self) -> String {
        self.inner.to_json()
    }

    /// What `to_json` gives, as Python objects.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        parse(py, &self.inner.to_json())
    }
}

record! {
    /// What the index holds.
    PyStatus = "Status" over engine::Status {
        /// The top folder of the tree.
        root: String,
        /// Where the index lies.
        store: String,
        /// The number of the state that is searched; None if there is none.
        generation: Option<u64>,
        /// When it was made (ISO 8601, UTC).
        created: Option<String>,
        /// Files in the index.
        files: u64,
        /// Chunks in the index.
        chunks: u64,
        /// Definitions in the index.
        symbols: u64,
        /// Bytes of the files in the index.
        bytes: u64,
        /// Bytes that the store takes on disk.
        store_bytes: u64,
        /// How many files were left out, by reason.
        skipped: BTreeMap<String, u64>,
        /// How many files are in each language.
        languages: BTreeMap<&'static str, u64>,
        /// Of how many parts the index consists.
        segments: u64,
        /// How many worktrees share the store.
        views: u64,
        /// The format number of the store.
        format: u32,
    }
    /// The status as JSON ("pampax.status/1").
    fn to_json(&self) -> String {
        self.inner.to_json()
    }

    /// What `to_json` gives, as Python objects.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        parse(py, &self.inner.to_json())
    }
}

record! {
    /// A file that the index leaves out.
    PySkippedFile = "SkippedFile" over engine::SkippedFile {
        /// The file, relative to the root, with forward slashes.
        path: String,
        /// Why it is left out.
        reason: String,
        /// Its size.
        bytes: u64,
        /// What else there is to say about it.
        detail: Option<String>,
    }
}
