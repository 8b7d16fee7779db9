"""The compiled core of pampax. Import these names from `pampax`."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, Protocol, Self, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Answer",
    "BadPath",
    "BudgetTooSmall",
    "Bundle",
    "Changes",
    "Coverage",
    "Dropped",
    "Graph",
    "GraphAnswer",
    "GraphEdge",
    "GraphNode",
    "GrepAnswer",
    "Hit",
    "IndexCorrupt",
    "IndexReport",
    "InputOutputError",
    "InternalError",
    "InvalidInput",
    "Item",
    "NewerFormat",
    "NotIndexed",
    "Outline",
    "OutlineSymbol",
    "PampaxError",
    "Progress",
    "RemoteError",
    "Repository",
    "RepositoryMap",
    "SkippedFile",
    "Status",
    "StoreError",
    "StoreLocked",
    "SymbolHit",
    "Watch",
    "__version__",
    "build_profile",
    "count_tokens",
    "form_features",
    "fuse",
    "open",
    "open_ahead",
    "pack",
    "tokenize",
]

__version__: str
"""The version of the package."""

build_profile: Literal["release", "debug"]
"""How the core was compiled. Only a release build is worth measuring."""

_Strings: TypeAlias = Sequence[str]
_Path: TypeAlias = str | os.PathLike[str]
_EmptyReason: TypeAlias = Literal["not-indexed", "stale", "language-not-parsed", "filtered-out", "confirmed-absent"]
_EmptyBundle: TypeAlias = Literal[_EmptyReason, "all-held-or-left-out", "no-changes"]

# -------------------------------------------------------------------------------- exceptions

class PampaxError(Exception):
    """What pampax raises: the base of all its exceptions."""

class InvalidInput(PampaxError, ValueError):
    """A value is outside what is accepted; the message names it and says what is accepted."""

class BudgetTooSmall(InvalidInput):
    """No item fits the budget."""

    budget: int
    """The budget given, in tokens."""
    least: int
    """The smallest budget that returns something, in tokens."""

class BadPath(PampaxError, OSError):
    """There is nothing at this path to open, or it is not what is needed."""

    path: str
    """The path as it was given."""

class StoreError(PampaxError):
    """Something is wrong with the store."""

    path: str
    """The store, or the file in it."""

class IndexCorrupt(StoreError):
    """A file of the store does not hold what its checksum or its format says."""

class NewerFormat(StoreError):
    """The store was written by a newer pampax."""

    found: int
    """The format number of the store."""
    supported: int
    """The newest format number this pampax reads."""

class StoreLocked(StoreError):
    """Another process is writing to the store."""

    pid: int
    """That process; 0 if it has not said yet."""

class NotIndexed(StoreError):
    """The repository has no index yet."""

class InputOutputError(PampaxError, OSError):
    """The system refused an operation on a file; `errno`, `strerror` and `filename` are those of `OSError`."""

    path: str
    """The file or folder."""

class RemoteError(PampaxError, ConnectionError):
    """An endpoint that gives vectors or ranks hits did not answer, or not in a way that can be used."""

class InternalError(PampaxError):
    """Something happened that should not: please report it."""

# -------------------------------------------------------------------------------- repository

class _Embedder(Protocol):
    """Gives vectors; see `pampax.remote.RemoteEmbedder`."""

    identity: str
    """Names the model and how it is asked: at least 16 hexadecimal digits. Vectors of equal identities are compared."""
    name: str
    """What notes and reports call it."""
    batch_texts: int
    """The most texts of one call."""
    batch_bytes: int
    """The most bytes of one call, unless a single text is longer."""
    text_bytes: int
    """Of a longer text so many bytes are given."""
    def embed(self, texts: list[str], question: bool, keep_going: Callable[[], bool], /) -> bytes:
        """The vectors one after the other, as 32-bit floats. Raises `RemoteError` or `InvalidInput`."""

class _Reranker(Protocol):
    """Judges hits; see `pampax.remote.RemoteReranker`."""

    name: str
    """What notes and reasons call it."""
    candidates: int
    """How many hits it is asked about."""
    text_bytes: int
    """Of a longer text so many bytes are given."""
    def score(self, question: str, texts: list[str], keep_going: Callable[[], bool], /) -> bytes:
        """A score for each text, higher is better, as 32-bit floats. Raises `RemoteError` or `InvalidInput`."""

def open(
    path: _Path | None = None,
    *,
    store: _Path | None = None,
    memory_bytes: int = ...,
    threads: int = 0,
    max_file_bytes: int = ...,
    embedder: _Path | None = None,
    vectors: bool = True,
    freshness_ms: int = 150,
    intents: Mapping[str, str] = ...,
    remote_embedder: _Embedder | None = None,
    reranker: _Reranker | None = None,
) -> Repository:
    """Open the repository that holds `path`, or else the current folder. Nothing is read yet and nothing is written.

    `store` is where the index lies (by default inside the clone's git folder, shared by its worktrees), `memory_bytes`
    the ceiling that indexing and searching keep (by default 1 GiB), `threads` how many work at once (0: one per core).
    Files larger than `max_file_bytes` (by default 4 MiB) are left out of the index and counted. `embedder` is the
    folder of an embedding model in model2vec's layout, by default the one in the package; `vectors=False` uses none.
    `freshness_ms` is how long an answer may look whether files have changed since they were indexed; 0 does not look.
    `intents` changes what queries of an intent ask for, as docs/search.md has it: `{"symbol": "place.weight=2"}`.
    `remote_embedder` gives vectors beside those, `reranker` orders the first hits anew; coverage says where one fails.
    Raises `BadPath` if there is no such folder, `InvalidInput` for an intent, key or number that is not accepted.
    """

def open_ahead(path: _Path, store: _Path | None = None, *, grep: bool = False) -> None:
    """Begin to open a repository beside other work, for a question or for `grep`; the next `open` of it takes that."""

@final
class Repository:
    """A tree of files and its index. Can be shared between threads; one process at a time may index."""

    @property
    def root(self) -> str:
        """The top folder of the tree."""
    @property
    def store(self) -> str:
        """Where the index lies."""
    @property
    def freshness_ms(self) -> int:
        """How long an answer may look whether files have changed; may be set, as where the system tells of changes."""
    @freshness_ms.setter
    def freshness_ms(self, value: int) -> None: ...
    @property
    def is_indexed(self) -> bool:
        """Whether there is an index to search."""
    @property
    def is_watched(self) -> bool:
        """Whether a process watches the worktree (`pampax watch`) and says that the index has all changes."""
    def index(
        self, *, progress: Callable[[Progress], object] | None = None, force: bool = False, scip: Sequence[_Path] = ...
    ) -> IndexReport:
        """Bring the index up to date; the work follows what has changed. `force` builds it anew.

        `scip` are files of SCIP indexes, whose edges take the place of those found in the text, file by file, until a
        file changes. `progress` is called on this thread, at most every 50 milliseconds and once at the end. If it
        raises, indexing stops, the index stays as it was, and the exception goes on. Raises `StoreLocked` if another
        process is indexing.
        """
    def index_paths(self, paths: Sequence[str]) -> IndexReport:
        """Bring the index up to date with what changed; in a large repository without the graph (see coverage)."""
    def watch(self, *, tells_others: bool = False) -> Watch:
        """Have the system tell of changes.

        With `tells_others`, other processes that ask about this worktree are told whether the index has all of them,
        and need not look. Raises `InputOutputError` where the system does not watch.
        """
    @property
    def cache(self) -> dict[str, int]:
        """How many answers of `search` were given again ("hits") and how many were made ("misses")."""
    def search(
        self,
        query: str,
        *,
        limit: int = 10,
        paths: _Strings = ...,
        languages: _Strings = ...,
        kinds: _Strings = ...,
        tests: bool | None = None,
        explain: bool = False,
        intent: Literal["symbol", "behaviour", "architecture", "error", "configuration", "path"] | None = None,
    ) -> Answer:
        """Find the code that answers a question in words, a name, a path or an error message, the best first.

        `paths` are globs of which one must fit ("src/**/*.py"), or none of those with "!" in front; `languages` and
        `kinds` keep only these; `tests` keeps only tests (True) or leaves them out (False). `explain` adds to each
        hit how its score came about. `intent` says what kind of question it is; without it, the text decides.
        Without an index the answer is empty and says so. Raises `InvalidInput` for a wrong glob, language or kind.
        """
    def assemble(
        self,
        task: str = "",
        *,
        budget: int = 8000,
        encoding: str = "o200k_base",
        format: str = "markdown",
        level: str | None = None,
        paths: _Strings = ...,
        languages: _Strings = ...,
        kinds: _Strings = ...,
        tests: bool | None = None,
        intent: Literal["symbol", "behaviour", "architecture", "error", "configuration", "path"] | None = None,
        have: _Strings = ...,
        diff: str | None = None,
        profile: str = "",
    ) -> Bundle:
        """Collect the code that a task needs within `budget` tokens of `encoding`; the filters are those of `search`.

        `format` is the form of the text that the budget bounds: "markdown", "report" or "xml". `level` is the most that
        is shown of a piece: "outline", "signature", "trimmed" or "full". `have` names what the caller has already: ids
        of bundles, paths, paths with lines ("src/a.py:10-20"). `diff` is a commit, or "COMMIT..." for its merge base
        with HEAD: the bundle is then about what changed since, and `task` may be empty. `profile` weighs kinds of
        pieces, such as "tests=0.5, documents=0". Raises `BudgetTooSmall` if no item fits, and what `search` raises.
        """
    def expand(
        self, bundle: str, items: _Strings, *, level: str = "full", format: str = "markdown", budget: int | None = None
    ) -> Bundle:
        """Show items of an earlier bundle again. Raises `InvalidInput` if the index moved on, `BudgetTooSmall`."""
    def bundle(self, bundle: str) -> Bundle:
        """Give an earlier bundle again. Raises `InvalidInput` if it is not known or the index or history moved on."""
    def grep(
        self,
        pattern: str,
        *,
        ignore_case: bool = False,
        word: bool = False,
        fixed: bool = False,
        globs: _Strings = ...,
        paths: _Strings = ...,
        languages: _Strings = ...,
        tests: bool | None = None,
        before: int = 0,
        after: int = 0,
        mode: Literal["lines", "counts", "files"] = "lines",
        max_count: int | None = None,
        limit: int = 100_000,
    ) -> GrepAnswer:
        """Find every line that `pattern`, in the syntax of Rust's regex, matches in the files as they are now.

        `globs` are those of ripgrep's --glob, the other filters those of `search`. `before` and `after` are lines
        around a match, `max_count` bounds the lines of a file, `limit` those of the answer. Raises `NotIndexed`, too.
        """
    def symbols(
        self,
        name: str,
        *,
        prefix: bool = False,
        limit: int = 50,
        kinds: _Strings = ...,
        languages: _Strings = ...,
        paths: _Strings = ...,
    ) -> list[SymbolHit]:
        """Give the definitions with this name, or with `prefix` those whose name begins with it."""
    def graph(
        self,
        name: str,
        relation: str = "callers",
        *,
        depth: int = 1,
        limit: int = 50,
        confidence: float = 0.0,
        paths: _Strings = ...,
        languages: _Strings = ...,
        kinds: _Strings = ...,
        tests: bool | None = None,
    ) -> GraphAnswer:
        """Follow callers, callees, references, imports, inherits or tests from `name`, a symbol or a path."""
    def edges(self, path: str) -> list[GraphEdge]:
        """Give all edges out of a file and what it defines."""
    def outline(self, path: str) -> Outline:
        """List the definitions of a file, in file order."""
    def map(
        self,
        budget: int = 2000,
        *,
        encoding: str = "o200k_base",
        focus: _Strings = ...,
        paths: _Strings = ...,
        languages: _Strings = ...,
        kinds: _Strings = ...,
        tests: bool | None = None,
    ) -> RepositoryMap:
        """Give an overview of the most important definitions within `budget` tokens, seen from what `focus` names."""
    def coverage(self, shown: _Strings = ...) -> Coverage:
        """Say what an answer given now rests on that compares no vectors and shows these files; looks for changes."""
    def status(self) -> Status:
        """Say what the index holds."""
    def skipped(self) -> list[SkippedFile]:
        """List the files that the index leaves out, and why."""
    def verify(self) -> list[str]:
        """Read every file of the store and compare it with its checksum; gives what is damaged, in words."""
    def gc(self, *, dry_run: bool = False) -> str:
        """Remove what no worktree needs any more, or only say what that is; gives JSON (schema pampax.gc/1)."""
    def export(self, file: _Path, *, with_text: bool = False) -> str:
        """Write the index into one file for another machine; gives JSON (schema pampax.export/1)."""
    def import_index(self, file: _Path, *, force: bool = False, extract: bool = False) -> str:
        """Make the index in a file that `export` wrote that of this tree; gives JSON (schema pampax.import/1)."""
    def text(self, path: str, start_line: int, end_line: int) -> str:
        """Read lines of a file, both ends included, from 1. Raises `InputOutputError` if it is gone, or `BadPath`."""

@final
class Changes:
    """What the system told of."""

    paths: Final[list[str]]
    """What came, changed or went, relative to the root; "." is the root."""
    has_folders: Final[bool]
    """Whether folders are among what came."""
    is_incomplete: Final[bool]
    """Whether there may have been more, anywhere, as the system dropped some."""
    is_over: Final[bool]
    """Whether the watch should be begun anew, as something was mounted in the tree."""

@final
class Watch:
    """A watch of the files of a repository. It ends when it is closed or forgotten."""

    @property
    def silent_because(self) -> str | None:
        """Why others are not told whether the index has everything; None if they are, or are not to be."""
    def next(self, pause_ms: int, gather_ms: int, timeout_ms: int) -> Changes:
        """Give what the system told since the last call.

        Waits `timeout_ms` at most for something to be told; from then on for a pause of `pause_ms` in which nothing
        else comes, but `gather_ms` at most. Raises `InputOutputError` if the system cannot watch all folders any more.
        """
    def settle(self) -> None:
        """Everything that was given so far is in the index now. Others are told so until something else is given."""
    def close(self) -> None:
        """End it."""

@final
class Progress:
    """How far indexing is."""

    stage: Final[Literal["walk", "index", "commit", "vectors", "trigrams", "graph", "merge"]]
    """What is being done."""
    files_done: Final[int]
    """Files dealt with."""
    files_total: Final[int]
    """Files to deal with, as far as they are known."""
    bytes_done: Final[int]
    """Bytes of the files dealt with."""
    bytes_total: Final[int]
    """Bytes to deal with, as far as they are known."""
    seconds: Final[float]
    """Time since the start."""

@final
class IndexReport:
    """What indexing did."""

    generation: Final[int]
    """The number of the state that is now searched."""
    files: Final[int]
    """Files in the index."""
    added: Final[int]
    """Files that are new."""
    changed: Final[int]
    """Files whose content is new."""
    removed: Final[int]
    """Files that are gone."""
    unchanged: Final[int]
    """Files that are as they were."""
    reused: Final[int]
    """Files whose content the store knew already."""
    chunks: Final[int]
    """Chunks in the index."""
    symbols: Final[int]
    """Definitions in the index."""
    edges: Final[int]
    """Edges of the graph of code."""
    graph_behind: Final[int]
    """Of how many files the graph does not know yet, or not as they are."""
    deferred: Final[list[str]]
    """What was left out for lack of memory: "symbols of large files", "vectors", "graph"."""
    bytes: Final[int]
    """Bytes of the files in the index."""
    skipped: Final[dict[str, int]]
    """How many files were left out, by reason."""
    rebuilt: Final[list[str]]
    """The parts that were made anew, and why."""
    scip: Final[dict[str, int] | None]
    """What came of the SCIP indexes, as numbers of documents and uses; None if none were given."""
    remote_vectors: Final[dict[str, Any] | None]
    """What became of the vectors of a remote embedder: "service", "embedded", "missing" and "problem"."""
    seconds: Final[float]
    """How long it took."""
    def to_json(self, timings: bool = False) -> str:
        """The report as JSON ("pampax.index/1"), with the time taken only if `timings`."""

@final
class Hit:
    """One search result."""

    path: Final[str]
    """The file, relative to the root, with forward slashes."""
    line: Final[int]
    """Where to look first, counted from 1: the line of the definition's name, else the first line."""
    start_line: Final[int]
    """The first line, counted from 1."""
    end_line: Final[int]
    """The last line, included."""
    symbol: Final[str | None]
    """The qualified name of the definition these lines belong to."""
    kind: Final[str | None]
    """The kind of that definition: function, method, class, ..."""
    language: Final[str | None]
    """The language of the file."""
    score: Final[float]
    """Higher is better; comparable within one answer only."""
    why: Final[list[str]]
    """The signals that put the hit where it is."""
    reranked: Final[tuple[float, int] | None]
    """What the reranker said of it: its score, and the place the hit had before; None without one."""
    explain: Final[dict[str, Any] | None]
    """How the score came about, if that was asked for."""

@final
class Answer:
    """The result of a search."""

    hits: Final[tuple[Hit, ...]]
    """The results, the best first."""
    query: Final[str]
    """What was asked."""
    intent: Final[str]
    """What kind of question it was taken for."""
    coverage: Final[Coverage]
    """What the answer is based on."""
    empty_reason: Final[_EmptyReason | None]
    """Why there are no hits; None if there are some."""
    timings: Final[dict[str, float]]
    """How long each step took, in milliseconds."""
    def to_json(self, timings: bool = False) -> str:
        """The answer as JSON ("pampax.answer/1"), the same bytes for the same answer unless `timings`."""
    def to_dict(self, timings: bool = False) -> dict[str, Any]:
        """What `to_json` gives, as Python objects."""

@final
class Coverage:
    """What an answer or a bundle is based on."""

    generation: Final[int | None]
    """The number of the state that was searched."""
    files_indexed: Final[int]
    """Files in the index."""
    files_pending: Final[int]
    """Files that wait for being indexed: a run goes on, or was stopped."""
    graph_files_behind: Final[int]
    """Of how many files the graph does not know, or not as they are."""
    freshness: Final[str]
    """Whether the files are still those that were indexed: "fresh", "stale" or "unchecked"."""
    stale_files: Final[int]
    """How many files changed, came or went: at least so many."""
    files_skipped: Final[dict[str, int]]
    """How many files the index leaves out, by reason."""
    edges_by_name_only: Final[dict[str, int]]
    """Files by language whose imports and types are not read: in the graph names alone tie them to others."""
    files_without_symbols: Final[int]
    """Large files without symbols, as to parse them takes more than the ceiling for memory."""
    vectors: Final[Literal["absent", "partial", "present", "local", "remote"]]
    """Whether meaning was compared as well as words."""
    truncated: Final[bool]
    """Whether a limit cut the search short."""
    stale_paths: Final[list[str]]
    """The files among the results that have changed since they were indexed."""
    notes: Final[list[str]]
    """Whatever else limits the answer, in words."""
    def to_dict(self) -> dict[str, Any]:
        """As it stands in the JSON of answers, as Python objects."""

@final
class Item:
    """A piece of a bundle."""

    id: Final[str]
    """Names this piece within its bundle."""
    path: Final[str]
    """The file, relative to the root, with forward slashes."""
    spans: Final[list[tuple[int, int]]]
    """The lines shown: first and last of each run, counted from 1."""
    symbol: Final[str | None]
    """The qualified name of the definition these lines belong to."""
    kind: Final[str | None]
    """The kind of that definition."""
    language: Final[str | None]
    """The language of the file."""
    part: Final[bool]
    """Whether the piece is only part of its symbol, which is too long for one."""
    category: Final[Literal["code", "tests", "examples", "configuration", "documents"]]
    """What it is."""
    rank: Final[int | None]
    """Its place among the hits of the search, from 1; None if the words of the task did not find it."""
    edge: Final[tuple[str, str, float] | None]
    """The edge over which it was reached: its kind, of what, and how sure; None if the words found it."""
    level: Final[Literal["full", "trimmed", "signature", "outline"]]
    """How much of it is shown."""
    tokens: Final[int]
    """What it costs."""
    score: Final[float]
    """How much it is worth; comparable within one bundle only."""
    why: Final[list[str]]
    """Why it is there."""
    text: Final[str]
    """The code shown."""

@final
class Dropped:
    """What a bundle left out."""

    path: Final[str]
    """The file, relative to the root, with forward slashes."""
    start_line: Final[int]
    """The first line, counted from 1."""
    end_line: Final[int]
    """The last line, included."""
    symbol: Final[str | None]
    """The qualified name of the definition these lines belong to."""
    reason: Final[str]
    """Why it was left out."""
    tokens: Final[int]
    """What it would have cost."""

@final
class Bundle:
    """The code that a task needs, within a budget."""

    id: Final[str]
    """Names this bundle."""
    task: Final[str]
    """The task."""
    intent: Final[str]
    """What kind of task it was taken for."""
    items: Final[tuple[Item, ...]]
    """The pieces, in the order to read them."""
    shape: Final[str]
    """What kind of bundle it is: the intent, or "api", "change" or "expansion"."""
    tokens: Final[int]
    """What `to_text` costs; never more than the budget."""
    budget: Final[int]
    """The most that `to_text` may cost, in tokens."""
    encoding: Final[str]
    """The encoding that tokens are counted in."""
    exact: Final[bool]
    """Whether tokens are counted, rather than bounded by characters."""
    format: Final[Literal["markdown", "report", "xml"]]
    """The form of the text that is counted."""
    base: Final[str | None]
    """The commit a change is reviewed against."""
    dropped_total: Final[int]
    """How many pieces were left out, listed in `dropped` or not."""
    dropped: Final[tuple[Dropped, ...]]
    """What was considered and left out."""
    stop_reason: Final[str]
    """Why there is no more in it."""
    more: Final[dict[str, Any]]
    """What a quarter more budget would have added: "budget", "items", "tokens", "worth" and the "first" places."""
    coverage: Final[Coverage]
    """What the bundle is based on."""
    empty_reason: Final[_EmptyBundle | None]
    """Why there are no items; None if there are some."""
    timings: Final[dict[str, float]]
    """How long each step took, in milliseconds."""
    def to_text(self) -> str:
        """The bundle in its format: what `tokens` counts."""
    def to_markdown(self) -> str:
        """The code as Markdown, to be put before a model."""
    def to_report(self) -> str:
        """The bundle as a report for people: summary, evidence, what was left out, the code."""
    def to_xml(self) -> str:
        """The code in tags."""
    def to_json(self, timings: bool = False) -> str:
        """The bundle as JSON ("pampax.bundle/1"), the same bytes for the same bundle unless `timings`."""
    def to_dict(self, timings: bool = False) -> dict[str, Any]:
        """What `to_json` gives, as Python objects."""

@final
class GrepAnswer:
    """Lines that match. The files stand in the order of their paths."""

    matches: Final[int]
    """How many lines match, or how many files there are if only those are listed."""
    planned: Final[bool]
    """Whether the index could leave files out; else all were read."""
    candidates: Final[int]
    """How many files were read."""
    notes: Final[list[str]]
    """What limits the answer, in words; also whether there is more than the limits let through."""
    def to_lines(self) -> bytes:
        """The lines as grep writes them, `path:line:text`; bytes that are no UTF-8 are as they are in the file."""
    def to_json(self) -> str:
        """The answer as JSON ("pampax.grep/1")."""
    def to_dict(self) -> dict[str, Any]:
        """What `to_json` gives, as Python objects."""

@final
class SymbolHit:
    """A definition found by its name."""

    name: Final[str]
    """The bare name."""
    qualified_name: Final[str]
    """The name with those of what encloses it."""
    kind: Final[str]
    """function, method, class, ..."""
    path: Final[str]
    """The file, relative to the root, with forward slashes."""
    line: Final[int]
    """The line on which its name stands, counted from 1."""
    start_line: Final[int]
    """The first line, counted from 1."""
    end_line: Final[int]
    """The last line, included."""
    signature: Final[str]
    """The declaration without its body."""
    language: Final[str | None]
    """The language of the file."""
    exact: Final[bool]
    """Whether the whole name fits, and not only its beginning or its letters without case."""

@final
class GraphNode:
    """A file or a symbol at one end of an edge."""

    path: Final[str]
    """The file, relative to the root, with forward slashes."""
    line: Final[int]
    """The line of the name, counted from 1."""
    start_line: Final[int]
    """The first line."""
    end_line: Final[int]
    """The last line, included."""
    symbol: Final[str | None]
    """The qualified name of the symbol; None for a file."""
    kind: Final[str]
    """What the symbol is; "file" for a file."""
    language: Final[str | None]
    """The language of the file."""

@final
class GraphEdge:
    """An edge of the graph of code."""

    depth: Final[int]
    """How many edges it is away from what was asked about, from 1."""
    kind: Final[str]
    """calls, imports, inherits, implements, references, routes, config-key; tests for what a test does."""
    direction: Final[str]
    """Whether it leads away from what was asked about ("out") or to it ("in")."""
    line: Final[int]
    """The line of the use, in the file of the source."""
    confidence: Final[float]
    """From 0 to 1."""
    certainty: Final[str]
    """exact, likely or ambiguous."""
    extractor: Final[str]
    """What found it: scip, import, same-file, package or name."""
    truncated: Final[bool]
    """Whether the use may mean more than all that are kept."""
    route: Final[str | None]
    """The route, of an edge to its handler."""
    source: Final[GraphNode]
    """What uses."""
    target: Final[GraphNode]
    """What is used."""

@final
class GraphAnswer:
    """The answer to a question about the graph."""

    name: Final[str]
    """What was asked about."""
    relation: Final[str]
    """What was asked."""
    certainty: Final[str | None]
    """The weakest of the edges: exact, likely or ambiguous; None if there are none."""
    truncated: Final[bool]
    """Whether a limit cut the answer short."""
    empty_reason: Final[str | None]
    """Why there are no edges; None if there are some."""
    edges: Final[tuple[GraphEdge, ...]]
    """The edges, the nearest first."""
    definitions: Final[tuple[GraphNode, ...]]
    """The definitions, or the file, that the name means."""
    coverage: Final[Coverage]
    """What the answer is based on."""
    def to_json(self) -> str:
        """The answer as JSON ("pampax.graph/1")."""
    def to_dict(self) -> dict[str, Any]:
        """What `to_json` gives, as Python objects."""

@final
class OutlineSymbol:
    """A definition in the outline of a file."""

    name: Final[str]
    """The bare name."""
    qualified_name: Final[str]
    """The name with those of what encloses it."""
    kind: Final[str]
    """function, method, class, ..."""
    depth: Final[int]
    """How many definitions enclose it."""
    line: Final[int]
    """The line of its name, counted from 1."""
    start_line: Final[int]
    """The first line, with documentation and decorators."""
    end_line: Final[int]
    """The last line, included."""
    signature: Final[str]
    """The declaration without its body."""
    users: Final[int]
    """How many files and symbols use it."""

@final
class Outline:
    """The outline of a file."""

    path: Final[str]
    """The file, relative to the root, with forward slashes."""
    language: Final[str | None]
    """Its language."""
    lines: Final[int]
    """How many lines it has."""
    empty_reason: Final[str | None]
    """Why there are no symbols; None if there are some."""
    symbols: Final[tuple[OutlineSymbol, ...]]
    """The definitions, in file order."""
    coverage: Final[Coverage]
    """What the outline is based on."""
    def to_json(self) -> str:
        """The outline as JSON ("pampax.outline/1")."""
    def to_dict(self) -> dict[str, Any]:
        """What `to_json` gives, as Python objects."""

@final
class RepositoryMap:
    """An overview of a repository within a budget."""

    budget: Final[int]
    """The most that the text may cost, in tokens."""
    encoding: Final[str]
    """The encoding that tokens are counted in."""
    tokens: Final[int]
    """What the text costs."""
    shown: Final[int]
    """How many definitions are shown."""
    of: Final[int]
    """How many there are to show."""
    empty_reason: Final[str | None]
    """Why it is empty; None if it is not."""
    coverage: Final[Coverage]
    """What the map is based on."""
    def to_text(self) -> str:
        """The map as text: a path, and below it a line for each definition."""
    def to_json(self) -> str:
        """The map as JSON ("pampax.map/1")."""
    def to_dict(self) -> dict[str, Any]:
        """What `to_json` gives, as Python objects."""

@final
class Status:
    """What the index holds."""

    root: Final[str]
    """The top folder of the tree."""
    store: Final[str]
    """Where the index lies."""
    generation: Final[int | None]
    """The number of the state that is searched; None if there is none."""
    created: Final[str | None]
    """When it was made (ISO 8601, UTC)."""
    files: Final[int]
    """Files in the index."""
    chunks: Final[int]
    """Chunks in the index."""
    symbols: Final[int]
    """Definitions in the index."""
    bytes: Final[int]
    """Bytes of the files in the index."""
    store_bytes: Final[int]
    """Bytes that the store takes on disk."""
    skipped: Final[dict[str, int]]
    """How many files were left out, by reason."""
    languages: Final[dict[str, int]]
    """How many files are in each language."""
    segments: Final[int]
    """Of how many parts the index consists."""
    views: Final[int]
    """How many worktrees share the store."""
    format: Final[int]
    """The format number of the store."""
    def to_json(self) -> str:
        """The status as JSON ("pampax.status/1")."""
    def to_dict(self) -> dict[str, Any]:
        """What `to_json` gives, as Python objects."""

@final
class SkippedFile:
    """A file that the index leaves out."""

    path: Final[str]
    """The file, relative to the root, with forward slashes."""
    reason: Final[str]
    """binary, too-large, generated, minified, not-a-file, unreadable, changed-while-read, ..."""
    bytes: Final[int]
    """Its size."""
    detail: Final[str | None]
    """What else there is to say about it."""

# -------------------------------------------------------------------------------- primitives

def fuse(
    rankings: Sequence[NDArray[np.uint64] | Sequence[int]],
    weights: NDArray[np.float64] | Sequence[float] | None = None,
    k: float = 60.0,
    limit: int | None = None,
) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
    """Fuse rankings, each an array of ids with the best first, by reciprocal ranks.

    The score of an id is the sum of `weight / (k + rank)` over the rankings that hold it, the rank counted from 1; an
    id that a ranking repeats counts at its best rank. Gives the ids and their scores, sorted by descending score and
    then by ascending id; `limit` keeps the first so many. The order of the rankings does not change the result.
    Contiguous arrays of uint64 are read where they lie; lists are copied. Raises `InvalidInput` for anything else,
    and for a weight or a `k` that is negative or not finite.
    """

def pack(
    costs: NDArray[np.uint32] | Sequence[int],
    values: NDArray[np.float64] | Sequence[float],
    budget: int,
    groups: NDArray[np.uint32] | Sequence[int] | None = None,
) -> NDArray[np.uint32]:
    """Choose candidates whose costs fit the budget and whose values add up to much; give their indices, ascending.

    Of those with the same number in `groups` at most one is chosen. The total value is at least half of the best, and
    mostly very near to it. Raises `InvalidInput` if lengths differ or a value is negative or not finite.
    """

def form_features(text: str) -> dict[str, float] | None:
    """What the model of forms sees of a question, by the name of the feature; None for a name or a path."""

def count_tokens(text: str, encoding: str = "o200k_base") -> int:
    """Count the tokens of a text in "o200k_base" or "cl100k_base", or "characters"; special tokens are plain text."""

def tokenize(text: str) -> list[str]:
    """Give the terms a text can be found by: identifiers split into their parts, English endings stemmed away."""

@final
class Graph:
    """A compact directed graph over nodes numbered from 0. It never changes and can be shared between threads."""

    def __new__(
        cls,
        sources: NDArray[np.uint32] | Sequence[int],
        targets: NDArray[np.uint32] | Sequence[int],
        weights: NDArray[np.float32] | Sequence[float] | None = None,
        *,
        nodes: int | None = None,
    ) -> Self:
        """Make a graph of edges `sources[i]` to `targets[i]`; unless given, weights are 1, `nodes` the greatest + 1."""
    node_count: Final[int]
    """How many nodes there are."""
    edge_count: Final[int]
    """How many edges there are."""
    def reversed(self) -> Graph:
        """The same nodes with every edge turned round."""
    def bfs(
        self, seeds: NDArray[np.uint32] | Sequence[int], depth: int = 2, limit: int = 1000
    ) -> tuple[NDArray[np.uint32], NDArray[np.uint32], bool]:
        """The first `limit` nodes at most `depth` edges from a seed, nearest first; distances; whether more exist."""
    def pagerank(
        self,
        seeds: NDArray[np.uint32] | Sequence[int] | None = None,
        seed_weights: NDArray[np.float64] | Sequence[float] | None = None,
        *,
        damping: float = 0.85,
        tolerance: float = 1e-06,
    ) -> tuple[NDArray[np.uint32], NDArray[np.float64]]:
        """How often a random walk from the seeds, in proportion to their weights, comes by each node.

        Without seeds the walk begins anywhere. Gives the nodes with a score above 0 and their scores, the greatest
        first and equal ones by number. `damping` is the chance that the walk goes on rather than starting anew; a
        smaller `tolerance` is more exact. Raises `InvalidInput` for an unknown seed or an option out of its range.
        """
