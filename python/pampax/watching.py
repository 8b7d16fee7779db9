"""Keeping an index current while files change.

The system tells what changed (watchfiles, over inotify, FSEvents or ReadDirectoryChangesW). The core looks only into
the folders of what changed. What events may have missed (the system drops them when too many come at once) a walk of
the whole tree finds, when it has become quiet and every few minutes.

Where the system does not tell, as its limit of watches is reached, a folder may not be read, or a name is none that
watchfiles can pass on, the whole tree is walked again and again, until the system tells: a walk compares size and both
times of each file, reads those that changed a moment ago, and passes over what may not be read.
"""

from __future__ import annotations

import math
import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pampax import _core

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pampax._core import IndexReport, Progress, Repository

DEBOUNCE_MS = 200
"""Changes that come without a pause are gathered for so long at most."""

STEP_MS = 20
"""So long a pause ends a batch of changes."""

TICK_MS = 1_000
"""How often it is looked whether there is something else to do."""

POLL_SECONDS = 1.0
"""How often the tree is walked where the system does not tell."""

POLL_DURATIONS = 10.0
"""But a walk takes time on a large tree: at most a tenth of the time goes into it."""

AGAIN_SECONDS = 30.0
"""After so long it is tried again whether the system tells."""

FOLDERS_SECONDS = 10.0
"""A watch is begun anew so long after a folder came at the latest, also while files change without a pause."""

CLOSING_SECONDS = 0.1
"""So long a watch that has ended may still hold its share of the system's limit."""

QUIET_SECONDS = 3.0
"""After so long without changes what was left for later is done: a walk of the tree, and the graph of a large one."""

WALK_SECONDS = 300.0
"""So often the whole tree is walked, whatever the system tells."""

PATHS_MAXIMUM = 2_000
"""More changes than this at once, and a walk of the whole tree is the quicker way."""

LOCKED_SECONDS = 0.2
"""How long to wait if another process is indexing."""

# FSEvents and ReadDirectoryChangesW watch a whole tree at once.
_WATCHES_EACH_FOLDER = sys.platform not in ("darwin", "win32")
_CONTROL_FOLDERS = {".git", ".hg", ".svn", ".jj", ".bzr"}


class Refreshed(NamedTuple):
    """The index was brought up to date."""

    report: IndexReport
    changes: int
    """How many changes the system told of; 0 for a walk of the whole tree."""


class Notice(NamedTuple):
    """Something that whoever watches should know."""

    text: str


class Told(NamedTuple):
    """What the system told, or that it does not tell."""

    paths: list[str]
    """What came, changed or went, relative to the root."""
    stands: bool
    """Whether the system tells of changes. What changed before it did, nobody told."""
    problem: str | None = None
    """Why it does not tell; empty if there is nothing to say of that, None if it tells or that is being arranged."""


def changes(
    root: int, repository: Repository, stop: threading.Event, *, poll: bool = False, step_ms: int = STEP_MS
) -> Iterator[Told]:
    """What the system tells of changes, until `stop` is set or the root, held open as `root`, is where it was no more.

    Something comes every second, if only to say that nothing was told. Where the system does not tell, it is asked anew
    every `AGAIN_SECONDS`; `poll` asks it never. `step_ms` is the pause that ends a batch. Raises `KeyboardInterrupt` on
    Ctrl-C.
    """
    problem, again_at = ("", math.inf) if poll else (None, math.inf)
    while not stop.is_set() and is_still(root, repository.root):
        yield Told([], stands=False, problem=problem)
        if problem is not None:
            stop.wait(POLL_SECONDS)
            if time.monotonic() >= again_at:
                problem = None
            continue
        try:
            for paths in _system_tells(repository, stop, step_ms):
                if not is_still(root, repository.root):
                    return
                yield Told(paths, stands=True)
            stop.wait(CLOSING_SECONDS)
        except FileNotFoundError:
            # The root went, or a folder did while the watch was begun.
            problem, again_at = "", time.monotonic() + POLL_SECONDS
        except (OSError, RuntimeError, UnicodeError) as error:
            problem, again_at = _problem(error), time.monotonic() + AGAIN_SECONDS


def _system_tells(repository: Repository, stop: threading.Event, step_ms: int) -> Iterator[list[str]]:
    """Batches of paths; the first, when the watch stands, is empty, and so is one every `TICK_MS`.

    Ends when `stop` is set, and when the watch should be begun anew: where each folder has a watch of its own
    (inotify), watchfiles does not say that it could not begin that of a folder which came later. A new watch says so.
    """
    from watchfiles._rust_notify import RustNotify

    # To go on without the folders that may not be read, or that are above the limit, would be to go on without
    # whatever stands behind them in the list: watchfiles begins none after the first that fails, and says nothing.
    with RustNotify([repository.root], False, False, 0, True, False) as watcher:
        yield []
        folder_at, told_at, now = math.inf, -math.inf, -math.inf
        while now < min(folder_at + FOLDERS_SECONDS, max(folder_at, told_at) + QUIET_SECONDS):
            told = watcher.watch(DEBOUNCE_MS, step_ms, TICK_MS, stop)
            if told == "stop":
                return
            if told == "signal":
                raise KeyboardInterrupt
            paths = [] if isinstance(told, str) else _ours(repository, (path for _, path in told))
            # Not after the pause of whoever indexes these: what comes meanwhile is told next.
            now = time.monotonic()
            if paths:
                told_at = now
                if folder_at == math.inf and _WATCHES_EACH_FOLDER and _has_folder(repository, paths):
                    folder_at = now
            yield paths


def _has_folder(repository: Repository, paths: Iterable[str]) -> bool:
    return any(Path(repository.root, path).is_dir() for path in paths)


def _problem(error: Exception) -> str:
    # At which folder a limit is met says nothing; which one may not be read does.
    text = str(error) if isinstance(error, PermissionError) else str(error).partition(" about [")[0]
    return f"the system does not watch all folders ({text})"


def _ours(repository: Repository, paths: Iterable[str]) -> list[str]:
    """Of these paths, those that may be indexed, relative to the root."""
    root, store = repository.root, repository.store
    inside_root = [
        os.path.relpath(path, root).replace(os.sep, "/")
        for path in paths
        if path != store and not path.startswith(store + os.sep)
    ]
    return [path for path in inside_root if _CONTROL_FOLDERS.isdisjoint(path.split("/"))]


class Backlog:
    """What an index lacks, as far as that is known. One thread may note what another works off."""

    def __init__(self) -> None:
        """Nothing was looked at yet, so the whole tree is due."""
        self._lock = threading.Lock()
        self._paths: set[str] = set()
        self._walk_due = True
        self._rest_is_due = False
        self._walked_at = self._changed_at = -math.inf
        self._walk_seconds = 0.0

    def note(self, paths: Iterable[str]) -> None:
        """These paths, relative to the root, came, changed or went."""
        with self._lock:
            taken = set(paths)
            if taken:
                self._changed_at = time.monotonic()
                self._paths |= taken
            # A file or folder may have become the root itself, or more has changed than is worth telling one by one.
            if "." in self._paths or len(self._paths) > PATHS_MAXIMUM:
                self._walk_due = True

    def note_walk(self) -> None:
        """Anything may have changed."""
        with self._lock:
            self._walk_due = True

    @property
    def known_changes(self) -> int:
        """How many changes are known; 0 does not say that there are none."""
        return len(self._paths)

    @property
    def walk_is_due(self) -> bool:
        """Whether anything may have changed since the last walk of the whole tree."""
        return self._walk_due

    @property
    def walked_at(self) -> float:
        """When the last complete walk of the tree began (`time.monotonic`)."""
        return self._walked_at

    @property
    def walk_seconds(self) -> float:
        """How long a walk takes that finds nothing to do."""
        return self._walk_seconds

    def rest_due_in(self) -> float:
        """Seconds until a walk is worth making for what `index_paths` leaves; infinite if nothing is left.

        That is the graph of a large repository, and what the system did not tell: it drops events when too many come.
        """
        return self._changed_at + QUIET_SECONDS - time.monotonic() if self._rest_is_due else math.inf

    def work_off(self, repository: Repository, progress: Callable[[Progress], object] | None = None) -> Refreshed:
        """Bring the index up to date: with the changes that are known, or the whole tree if that or nothing is due.

        What cannot be done stays due. `progress` hears of walks. Raises what `Repository.index` does.
        """
        with self._lock:
            paths, walk = self._paths, self._walk_due or not self._paths
            self._paths, self._walk_due = set(), False
        started = time.monotonic()
        try:
            report = repository.index(progress=progress) if walk else repository.index_paths(sorted(paths))
        except BaseException:
            with self._lock:
                self._paths |= paths
                self._walk_due |= walk
            raise
        if walk:
            self._walked_at = started
            if report.added + report.changed + report.removed == 0:
                self._walk_seconds = time.monotonic() - started
        self._rest_is_due = not walk or report.graph_behind > 0
        return Refreshed(report, 0 if walk else len(paths))


class Watching:
    """Watches the root of a repository until it is stopped."""

    def __init__(
        self,
        repository: Repository,
        reopen: Callable[[str], Repository],
        *,
        stop: threading.Event | None = None,
        poll: bool = False,
    ) -> None:
        """`reopen` opens the repository if its root has moved; `stop` ends the watch; `poll` asks no system."""
        self.repository = repository
        """The repository as it is now."""
        self._reopen = reopen
        self._stop = stop or threading.Event()
        self._poll = poll
        self._backlog = Backlog()
        self._problem: str | None = None
        """What was last said of the system's watch."""

    def run(self) -> Iterator[Refreshed | Notice]:
        """What happens, as it happens. Ends when it is stopped; raises `KeyboardInterrupt` on Ctrl-C."""
        while not self._stop.is_set():
            # Held open, the folder tells where it is even after it was moved.
            root = held_open(self.repository.root)
            try:
                yield from self._watch_root(root)
                if not self._stop.is_set():
                    yield from self._follow(root)
            finally:
                os.close(root)

    def _watch_root(self, root: int) -> Iterator[Refreshed | Notice]:
        """Watch until the root is no longer where it was."""
        stood = False
        for told in changes(root, self.repository, self._stop, poll=self._poll):
            if told.stands and not stood:
                # What changed before the watch stood, nobody told.
                self._backlog.note_walk()
            stood = told.stands
            if told.problem and told.problem != self._problem:
                self._problem = told.problem
                yield Notice(f"{told.problem}: looking every {POLL_SECONDS:g} s instead")
            if told.problem is not None:
                yield from self._refresh(max(POLL_SECONDS, POLL_DURATIONS * self._backlog.walk_seconds))
            elif told.stands:
                self._backlog.note(told.paths)
                yield from self._refresh(WALK_SECONDS)

    def _follow(self, root: int) -> Iterator[Notice]:
        """Wait until the root is back, or found at another place."""
        old = self.repository.root
        yield Notice(f"{old} is gone: waiting for it")
        while not self._stop.is_set():
            new = old if Path(old).is_dir() else _place_of(root)
            if new is not None:
                self.repository = self._reopen(new)
                yield Notice(f"watching {new}")
                return
            time.sleep(TICK_MS / 1000)

    def _refresh(self, walk_seconds: float) -> Iterator[Refreshed | Notice]:
        """Do what is due; what cannot be done because another process is indexing stays due.

        A walk is due `walk_seconds` after the last one began.
        """
        backlog = self._backlog
        is_walk_old = time.monotonic() - backlog.walked_at >= walk_seconds
        if not (backlog.known_changes or backlog.walk_is_due or is_walk_old or backlog.rest_due_in() <= 0):
            return
        try:
            yield backlog.work_off(self.repository)
        except _core.StoreLocked:
            time.sleep(LOCKED_SECONDS)
        except (_core.PampaxError, OSError) as error:
            # A root that vanishes while it is read is looked after by whoever called; anything else is tried again.
            backlog.note_walk()
            yield Notice(str(error))
            time.sleep(LOCKED_SECONDS)


def held_open(root: str) -> int:
    """A descriptor of the folder at `root`, to be closed; it stays with that folder when another takes its place."""
    return os.open(root, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))


def is_still(root: int, path: str) -> bool:
    """Whether the folder that is held open is the one at `path`."""
    try:
        held, found = os.fstat(root), os.stat(path)  # noqa: PTH116 - beside fstat
    except OSError:
        return False
    return (held.st_dev, held.st_ino) == (found.st_dev, found.st_ino)


def _place_of(root: int) -> str | None:
    """Where the folder that is held open is now, if the system tells and it is still there."""
    try:
        path = str(Path(f"/proc/self/fd/{root}").readlink())
    except OSError:
        return None
    return path if is_still(root, path) else None
