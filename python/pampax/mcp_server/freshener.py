"""Keeps an index fresh while a server runs.

A `Freshener` re-indexes in a thread of its own: before an answer if the last look at the tree is some seconds old, now
and then while questions come, and whenever somebody asks. A run over an unchanged tree costs a `stat` per file. It is
the place for something that watches the tree: whoever knows that files changed calls `request`.

That another process writes to the store is no error: it is doing our work, and afterwards a run of ours finds little
or nothing to do.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from pampax import _core, logs

if TYPE_CHECKING:
    from pampax._core import IndexReport, Progress, Repository

CHECK_SECONDS = 2.0
"""A look at the tree that is younger than this is good enough for an answer."""
CHECK_DURATIONS = 20.0
"""But to look takes time on a large tree: at most a twentieth of the time goes into it."""
IDLE_SECONDS = 30.0
"""How often to look while no question comes, as long as one came within `ACTIVE_SECONDS`."""
ACTIVE_SECONDS = 600.0
LOCKED_SECONDS = 0.5
"""How long to wait until a locked store is tried again."""

_one_at_a_time = threading.Semaphore(1)
"""Each run may take the whole of the configured memory; runs of several repositories take turns."""


class Freshness(NamedTuple):
    """What is known of how an index compares to its tree."""

    checked_at: float | None
    """When the last complete run began (`time.monotonic`); None if there was none in this process."""
    running: bool
    requested: bool
    stage: str
    files_done: int
    files_total: int
    writer: int | None
    """The process that holds the store's lock, if it is another one."""
    problem: str | None
    """Why the last run failed."""
    runs: int
    """How many runs were completed."""

    @property
    def age_seconds(self) -> float | None:
        """How long ago the tree was last looked at."""
        return None if self.checked_at is None else time.monotonic() - self.checked_at


class _Stopped(Exception):
    """The freshener is being closed, or the run was cancelled."""


class Freshener:
    """Re-indexes one repository in the background."""

    def __init__(self, repository: Repository) -> None:
        """Nothing is done before the first `request` or `note_question`."""
        self._repository = repository
        self._changed = threading.Condition()
        self._requested = False
        self._closing = False
        self._cancelled = False
        self._thread: threading.Thread | None = None
        self._state = Freshness(None, False, False, "", 0, 0, None, None, 0)
        self._duration_seconds = 0.0
        self._question_at = float("-inf")
        self.last_report: IndexReport | None = None
        """What the last complete run did."""

    @property
    def freshness(self) -> Freshness:
        """How things are now."""
        return self._state._replace(requested=self._requested)

    @property
    def check_seconds(self) -> float:
        """How old a look at the tree may be before another is due."""
        return max(CHECK_SECONDS, CHECK_DURATIONS * self._duration_seconds)

    @property
    def expected_seconds(self) -> float:
        """How long the next run will take, if it is like the last."""
        return self._duration_seconds

    def is_due(self) -> bool:
        """Whether the last look at the tree is too old."""
        age = self._state.age_seconds
        return age is None or age > self.check_seconds

    def note_question(self) -> bool:
        """A question came: look at the tree if that is due. Gives whether a look is under way for it."""
        self._question_at = time.monotonic()
        if not self.is_due():
            return False
        if not self._state.running:
            self.request()
        return True

    def request(self) -> int:
        """Ask for a run; gives what `freshness.runs` will have reached when it is done."""
        with self._changed:
            self._requested = True
            if self._thread is None and not self._closing:
                self._thread = threading.Thread(target=self._work, name="pampax-freshener", daemon=True)
                self._thread.start()
            self._changed.notify_all()
            # A run that goes on may have passed a file that changed since: only the one after it counts.
            return self._state.runs + (2 if self._state.running else 1)

    def cancel(self) -> None:
        """Stop the run that goes on, as soon as it reports progress; the index stays as it was."""
        with self._changed:
            self._requested = False
            self._cancelled = self._state.running

    def close(self, timeout_seconds: float = 1.0) -> None:
        """Stop, and wait a little for the run to end; it may be killed at any moment without harm."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(timeout_seconds)

    def _work(self) -> None:
        while self._wait():
            self._run()

    def _wait(self) -> bool:
        """Wait until a run is to be made; false if the end has come."""
        with self._changed:
            while not self._closing:
                active = time.monotonic() - self._question_at < ACTIVE_SECONDS
                if self._requested:
                    self._requested = self._cancelled = False
                    # Set here and not in `_run`: whoever asks now must know that this run counts as begun.
                    self._state = self._state._replace(running=True, stage="walk", files_done=0, files_total=0)
                    return True
                age = self._state.age_seconds or 0.0
                pause = max(IDLE_SECONDS, self.check_seconds)
                if active and age >= pause:
                    self._requested = True
                    continue
                self._changed.wait(pause - age if active else None)
        return False

    def _run(self) -> None:
        started = time.monotonic()
        problem: str | None = None
        try:
            with _one_at_a_time:
                started = time.monotonic()
                self.last_report = self._index()
            self._duration_seconds = time.monotonic() - started
            self._state = self._state._replace(checked_at=started)
        except _Stopped:
            problem = "stopped"
        except Exception as error:  # noqa: BLE001 - whatever it is, answers go on and say so
            problem = f"{type(error).__name__}: {error}" if isinstance(error, _core.PampaxError) else repr(error)
            logs.write("warning", "mcp", f"indexing failed: {problem}", repository=self._repository.root)
        finally:
            self._state = self._state._replace(
                running=False, writer=None, problem=problem, runs=self._state.runs + 1, stage=""
            )

    def _index(self) -> IndexReport:
        while True:
            try:
                return self._repository.index(progress=self._progress)
            except _core.StoreLocked as error:
                self._state = self._state._replace(writer=error.pid, stage="locked")
                with self._changed:
                    self._changed.wait(LOCKED_SECONDS)
                self._stop_if_asked()

    def _progress(self, progress: Progress) -> None:
        self._stop_if_asked()
        self._state = self._state._replace(
            stage=progress.stage, files_done=progress.files_done, files_total=progress.files_total, writer=None
        )

    def _stop_if_asked(self) -> None:
        if self._closing or self._cancelled:
            raise _Stopped
