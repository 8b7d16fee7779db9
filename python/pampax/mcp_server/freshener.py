"""Keeps an index fresh while a server runs.

A `Freshener` has two threads. One hears from the system which files change (`pampax.watching`); the other indexes: what
changed at once, the whole tree when the watch begins, when somebody asks, and now and then while questions come. So an
answer needs no look at the tree: it is fresh if the watch stands and nothing is known to have changed.

Where the system does not watch, as of its limits, the tree is looked at before an answer if the last look is some
seconds old, and now and then while questions come; the status says why. Every half minute the system is asked anew.

That another process writes to the store is no error: it is doing our work, and afterwards a run of ours finds little
or nothing to do.
"""

from __future__ import annotations

import enum
import math
import os
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from pampax import _core, logs
from pampax.watching import WALK_SECONDS, Backlog, Told, changes, held_open

if TYPE_CHECKING:
    from pampax._core import IndexReport, Progress, Repository

CHECK_SECONDS = 2.0
"""Without a watch, a look at the tree that is younger than this is good enough for an answer."""
CHECK_DURATIONS = 20.0
"""But to look takes time on a large tree: at most a twentieth of the time goes into it."""
IDLE_SECONDS = 30.0
"""Without a watch, how often to look while no question comes, as long as one came within `ACTIVE_SECONDS`."""
ACTIVE_SECONDS = 600.0
LOCKED_SECONDS = 0.2
"""How long to wait until a locked store is tried again."""
RETRY_SECONDS = 30.0
"""How long what failed is left alone, unless somebody asks for it."""
CANCELLED_SECONDS = 3.0
"""And how long what was cancelled."""
CHECK_GRACE_SECONDS = 0.1
"""How long an answer waits for what is under way, if that is likely to be enough."""
STEP_MS = 50
"""The pause that ends a batch of changes."""
STREAM_SECONDS = 1.0
STREAM_BATCHES = 4
"""So many batches of changes, each so soon after the one before, are a stream, whose end no answer waits for."""
STREAM_PAUSE_SECONDS = 0.75
"""Of a stream so much is gathered between two runs: each costs some 40 ms of a core, and after each the engine compares
the whole tree with what is indexed, and makes answers anew that it had kept."""
GONE_SECONDS = 1.0
"""How often it is looked whether a root that is gone is back."""

_one_at_a_time = threading.Semaphore(1)
"""Each run may take the whole of the configured memory; runs of several repositories take turns."""


class Freshness(NamedTuple):
    """What is known of how an index compares to its tree."""

    checked_at: float | None = None
    """When the last complete look at the tree began (`time.monotonic`); None if there was none in this process."""
    looking: bool = False
    """Whether the whole tree is being looked at, and what changed is being indexed."""
    requested: bool = False
    """Whether a look at the whole tree is about to begin."""
    changes: int = 0
    """How many changes that the system told of are not in the index yet."""
    watched: bool = False
    """Whether the system tells of changes, and the tree was looked at since it does."""
    watch_problem: str | None = None
    """Why the system does not tell of changes; None if it does, or if that is being arranged."""
    stage: str = ""
    files_done: int = 0
    files_total: int = 0
    writer: int | None = None
    """The process that holds the store's lock, if it is another one."""
    problem: str | None = None
    """Why the last run failed."""
    runs: int = 0
    """How many looks at the whole tree have ended, well or not."""

    @property
    def age_seconds(self) -> float | None:
        """How long ago the tree was last looked at."""
        return None if self.checked_at is None else time.monotonic() - self.checked_at

    @property
    def running(self) -> bool:
        """Whether something is being indexed, or another process is waited for."""
        return self.looking or self.changes > 0

    @property
    def is_current(self) -> bool:
        """Whether the system would have told if the files were not those that are indexed."""
        return self.watched and self.changes == 0 and self.problem is None


class _Work(enum.Enum):
    LOOK = enum.auto()
    """Look at the whole tree: somebody waits for it, or the watch begins."""
    CHANGES = enum.auto()
    """Index what the system told of."""
    BACKGROUND = enum.auto()
    """Look at the whole tree, as the last look is long ago, or to make the graph. Gives way to changes."""


class _Stopped(Exception):
    """The freshener is being closed, or the run was cancelled."""


class _GivesWay(Exception):
    """Something came that is more urgent."""


class Freshener:
    """Re-indexes one repository in the background."""

    def __init__(self, repository: Repository, *, watch: bool = True) -> None:
        """Nothing is done before the first `request` or `note_question`; without `watch` the system is not asked."""
        self._repository = repository
        self._freshness_ms = repository.freshness_ms
        self._watch = watch
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []
        self._backlog = Backlog()
        self._work: _Work | None = None
        self._requested = False
        self._cancelled = False
        self._state = Freshness()
        self._changes_at_work = 0
        self._duration_seconds = 0.0
        self._question_at = self._heard_at = self._not_before = self._changes_not_before = -math.inf
        self._batches_in_a_row = 0
        self._stands_since = math.inf
        self.last_report: IndexReport | None = None
        """What the last complete look at the tree did."""

    @property
    def freshness(self) -> Freshness:
        """How things are now."""
        return self._state._replace(
            requested=self._requested,
            looking=self._work in (_Work.LOOK, _Work.BACKGROUND),
            changes=self._backlog.known_changes + self._changes_at_work,
            watched=self._backlog.walked_at >= self._stands_since,
        )

    @property
    def check_seconds(self) -> float:
        """How old a look at the tree may be before another is due."""
        enough = WALK_SECONDS if self.freshness.watched else CHECK_SECONDS
        return max(enough, CHECK_DURATIONS * self._duration_seconds)

    def is_due(self) -> bool:
        """Whether the last look at the tree is too old."""
        age = self._state.age_seconds
        return age is None or age > self.check_seconds

    def note_question(self) -> bool:
        """A question came: look at the tree if that is due. Gives whether `CHECK_GRACE_SECONDS` may make it fresher."""
        self._question_at = time.monotonic()
        state = self.freshness
        # Whoever is told of changes need not look for them: on a large tree that takes longer than the answer. That the
        # files which an answer shows are as they were indexed is looked at nonetheless.
        self._repository.freshness_ms = 0 if state.watched else self._freshness_ms
        if self.is_due() and not state.looking:
            if state.watched:
                with self._changed:
                    self._changed.notify_all()  # in the background
            else:
                self.request()
        if state.watched:
            # Where files change all the time there is no moment at which everything is indexed.
            return state.changes > 0 and not self._is_stream()
        return not self.is_settled() and self._duration_seconds < CHECK_GRACE_SECONDS

    def is_settled(self) -> bool:
        """Whether there is nothing to do that is known of."""
        return not (self._requested or self.freshness.running)

    def _is_stream(self) -> bool:
        return self._batches_in_a_row >= STREAM_BATCHES

    def request(self) -> int:
        """Ask for a look at the whole tree; gives what `freshness.runs` will have reached when it is done."""
        with self._changed:
            self._requested = True
            if not self._threads and not self._closing.is_set():
                jobs = [self._hear, self._index_for_ever] if self._watch else [self._index_for_ever]
                self._threads = [threading.Thread(target=job, name="pampax-freshener", daemon=True) for job in jobs]
                for thread in self._threads:
                    thread.start()
            self._changed.notify_all()
            # A look that goes on may have passed a file that changed since: only the one after it counts.
            return self._state.runs + (2 if self.freshness.looking else 1)

    def cancel(self) -> None:
        """Stop the run that goes on, as soon as it reports progress; the index stays as it was."""
        with self._changed:
            self._requested = False
            self._cancelled = self._work is not None

    def close(self, timeout_seconds: float = 1.0) -> None:
        """Stop, and wait a little for the run to end; it may be killed at any moment without harm."""
        self._closing.set()
        with self._changed:
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout_seconds)

    # ------------------------------------------------------------------------------ what the system tells

    def _hear(self) -> None:
        """Note what changes, until the freshener is closed."""
        path = self._repository.root
        while not self._closing.is_set():
            try:
                root = held_open(path)
            except OSError:
                self._not_watched(f"{path} is gone")
                self._closing.wait(GONE_SECONDS)
                continue
            try:
                for told in changes(root, self._repository, self._closing, step_ms=STEP_MS):
                    if told.stands:
                        self._note(told)
                        continue
                    self._stands_since = math.inf
                    if told.problem:
                        self._not_watched(told.problem)
            finally:
                os.close(root)
                self._stands_since = math.inf

    def _note(self, told: Told) -> None:
        paths = told.paths
        now = time.monotonic()
        with self._changed:
            if self._stands_since == math.inf:
                self._stands_since, self._not_before = now, -math.inf
                self._state = self._state._replace(watch_problem=None)
                # What changed before nobody told.
                self._backlog.note_walk()
            elif told.is_incomplete:
                self._backlog.note_walk()
                self._backlog.note(paths, has_folders=told.has_folders)
            elif not paths:
                return
            else:
                is_next = now - self._heard_at < STREAM_SECONDS
                self._batches_in_a_row = self._batches_in_a_row + 1 if is_next else 1
                self._heard_at = now
                self._backlog.note(paths, has_folders=told.has_folders)
            self._changed.notify_all()

    def _not_watched(self, problem: str) -> None:
        if self._state.watch_problem == problem:
            return
        with self._changed:
            self._state = self._state._replace(watch_problem=problem)
            self._changed.notify_all()
        logs.write("warning", "mcp", f"changes are looked for before answers: {problem}")

    # ------------------------------------------------------------------------------ indexing

    def _index_for_ever(self) -> None:
        while (work := self._next()) is not None:
            self._run(work)

    def _next(self) -> _Work | None:
        """Wait until there is something to do; None if the end has come."""
        with self._changed:
            while not self._closing.is_set():
                work, wait_seconds = self._due()
                if work is not None:
                    self._requested = self._cancelled = False
                    self._changes_at_work = self._backlog.known_changes
                    if work is not _Work.CHANGES:
                        self._backlog.note_walk()
                    # Set here and not in `_run`: whoever asks now must know that this run counts as begun.
                    self._work = work
                    self._state = self._state._replace(stage="walk", files_done=0, files_total=0)
                    return work
                self._changed.wait(None if wait_seconds == math.inf else wait_seconds)
        return None

    def _due(self) -> tuple[_Work | None, float]:
        """What is to be done, or for how many seconds there will be nothing."""
        now = time.monotonic()
        if self._requested:
            return _Work.LOOK, 0.0
        if self._not_before > now:
            return None, self._not_before - now
        is_watching = self._stands_since < math.inf
        if is_watching and self._backlog.walk_is_due:
            return _Work.LOOK, 0.0
        if self._backlog.known_changes:
            wait_seconds = self._changes_not_before - now if self._is_stream() else 0.0
            return (None, wait_seconds) if wait_seconds > 0 else (_Work.CHANGES, 0.0)
        until_look = math.inf
        if now - self._question_at < ACTIVE_SECONDS:
            pause = max(IDLE_SECONDS, self.check_seconds)
            until_look = pause - (self._state.age_seconds or 0.0)
        seconds = min(until_look, self._backlog.rest_due_in())
        return (_Work.BACKGROUND, 0.0) if seconds <= 0 else (None, seconds)

    def _run(self, work: _Work) -> None:
        problem: str | None = None
        pause_seconds = RETRY_SECONDS
        try:
            with _one_at_a_time:
                started = time.monotonic()
                report = self._index()
            ended = time.monotonic()
            if work is _Work.CHANGES:
                self._changes_not_before = ended + STREAM_PAUSE_SECONDS
            else:
                self._duration_seconds = ended - started
                self.last_report = report
                self._state = self._state._replace(checked_at=started)
        except _GivesWay:
            pass
        except _Stopped:
            problem, pause_seconds = "stopped", CANCELLED_SECONDS
        except Exception as error:  # noqa: BLE001 - whatever it is, answers go on and say so
            problem = f"{type(error).__name__}: {error}" if isinstance(error, _core.PampaxError) else repr(error)
            logs.write("warning", "mcp", f"indexing failed: {problem}", repository=self._repository.root)
        finally:
            with self._changed:
                self._not_before = -math.inf if problem is None else time.monotonic() + pause_seconds
                if problem is not None:
                    # What of the changes was done is not known.
                    self._backlog.note_walk()
                self._work, self._changes_at_work = None, 0
                runs = self._state.runs + (work is not _Work.CHANGES)
                self._state = self._state._replace(writer=None, problem=problem, runs=runs, stage="")

    def _index(self) -> IndexReport:
        while True:
            try:
                return self._backlog.work_off(self._repository, self._progress).report
            except _core.StoreLocked as error:
                self._state = self._state._replace(writer=error.pid, stage="locked")
                self._closing.wait(LOCKED_SECONDS)
                self._stop_if_asked()

    def _progress(self, progress: Progress) -> None:
        self._stop_if_asked()
        if self._work is _Work.BACKGROUND and (self._requested or self._backlog.known_changes):
            raise _GivesWay
        self._state = self._state._replace(
            stage=progress.stage, files_done=progress.files_done, files_total=progress.files_total, writer=None
        )

    def _stop_if_asked(self) -> None:
        if self._closing.is_set() or self._cancelled:
            raise _Stopped
