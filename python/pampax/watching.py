"""Keeping an index current while files change.

The system tells what changed (the core's `Watch`, over inotify or FSEvents). The core looks only into the folders of
what changed. What the system does not tell a walk of the whole tree finds, when it has become quiet and every few
minutes; if it dropped events, as too many came at once, it says so, and the walk is made at once.

Where the system does not tell, as its limit of watches is reached or a folder may not be read, the whole tree is walked
again and again, until the system tells: a walk compares size and both times of each file, reads those that changed a
moment ago, and passes over what may not be read.
"""

from __future__ import annotations

import errno
import math
import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pampax import _core

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pampax._core import IndexReport, Progress, Repository, Watch

DEBOUNCE_MS = 200
"""Changes that come without a pause are gathered for so long at most."""

STEP_MS = 20
"""So long a pause ends a batch of changes."""

TICK_MS = 1_000
"""How often it is looked whether there is something else to do."""

WAKE_MS = 100
"""How long it takes at most until the end of a watch, or Ctrl-C, is noticed."""

POLL_SECONDS = 1.0
"""How often the tree is walked where the system does not tell."""

POLL_DURATIONS = 10.0
"""But a walk takes time on a large tree: at most a tenth of the time goes into it."""

AGAIN_SECONDS = 30.0
"""After so long it is tried again whether the system tells."""

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
    has_folders: bool = False
    """Whether folders are among what came."""
    is_incomplete: bool = False
    """Whether there may have been more changes, anywhere."""
    watch: Watch | None = None
    """What told, to be told when everything is in the index."""


def changes(
    root: int,
    repository: Repository,
    stop: threading.Event,
    *,
    poll: bool = False,
    step_ms: int = STEP_MS,
    tells_others: bool = False,
) -> Iterator[Told]:
    """What the system tells of changes, until `stop` is set or the root, held open as `root`, is where it was no more.

    Something comes every second, if only to say that nothing was told. Where the system does not tell, it is asked anew
    every `AGAIN_SECONDS`; `poll` asks it never. `step_ms` is the pause that ends a batch. With `tells_others`, whoever
    settles the watch that comes with what it told has it tell other processes. Raises `KeyboardInterrupt` on Ctrl-C.
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
            for told in _system_tells(repository, stop, step_ms, tells_others):
                if not is_still(root, repository.root):
                    return
                yield told
            stop.wait(CLOSING_SECONDS)
        except OSError as error:
            if error.errno == errno.ENOENT:
                # The root went, or a folder did while the watch was begun.
                problem, again_at = "", time.monotonic() + POLL_SECONDS
            else:
                problem, again_at = _problem(error), time.monotonic() + AGAIN_SECONDS


def _system_tells(repository: Repository, stop: threading.Event, step_ms: int, tells_others: bool) -> Iterator[Told]:
    """What came; the first time, when the watch stands, and every `TICK_MS` nothing.

    Ends when `stop` is set, and when the watch should be begun anew, as something was mounted in the tree.
    """
    watch = repository.watch(tells_others=tells_others)
    try:
        yield Told([], stands=True, watch=watch)
        idle_ms, is_over = 0, False
        while not (is_over or stop.is_set()):
            came = watch.next(step_ms, DEBOUNCE_MS, WAKE_MS)
            is_over, idle_ms = came.is_over, idle_ms + WAKE_MS
            if came.paths or came.is_incomplete or idle_ms >= TICK_MS:
                idle_ms = 0
                yield Told(came.paths, True, None, came.has_folders, came.is_incomplete, watch)
    finally:
        watch.close()


def _problem(error: OSError) -> str:
    text = str(error) if error.filename is None else f"{error.strerror}: {error.filename}"
    return f"the system does not watch all folders ({text})"


class Backlog:
    """What an index lacks, as far as that is known. One thread may note what another works off."""

    def __init__(self) -> None:
        """Nothing was looked at yet, so the whole tree is due."""
        self._lock = threading.Lock()
        self._paths: set[str] = set()
        self._walk_due = True
        self._rest_is_due = False
        self._has_folders = False
        self._walked_at = self._changed_at = -math.inf
        self._walk_seconds = 0.0

    def note(self, paths: Iterable[str], *, has_folders: bool = False) -> None:
        """These paths, relative to the root, came, changed or went; with `has_folders`, folders are among what came."""
        with self._lock:
            taken = set(paths)
            self._has_folders |= has_folders
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
    def is_empty(self) -> bool:
        """Whether everything is in the index that came, changed or went since the watch stands.

        What came into a new folder before it was watched, the system did not tell: the next walk finds it.
        """
        return not (self._paths or self._walk_due or self._has_folders)

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
            # By then the system's watch of a folder that came stands.
            is_quiet = time.monotonic() - self._changed_at >= QUIET_SECONDS
            self._paths, self._walk_due = set(), False
        started = time.monotonic()
        try:
            report = repository.index(progress=progress) if walk else repository.index_paths(sorted(paths))
        except BaseException:
            with self._lock:
                self._paths |= paths
                self._walk_due |= walk
            raise
        if walk and is_quiet:
            self._has_folders = False
        if walk:
            self._walked_at = started
            if report.added + report.changed + report.removed == 0:
                self._walk_seconds = time.monotonic() - started
        self._rest_is_due = not walk or report.graph_behind > 0 or self._has_folders
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
        self._silent_because: str | None = None
        """What was last said of why others are not told."""

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
        for told in changes(root, self.repository, self._stop, poll=self._poll, tells_others=True):
            if told.is_incomplete or (told.stands and not stood):
                # What changed before the watch stood, nobody told.
                self._backlog.note_walk()
            stood = told.stands
            if told.watch is not None and told.watch.silent_because not in (None, self._silent_because):
                self._silent_because = told.watch.silent_because
                yield Notice(f"searches look for changes themselves: {self._silent_because}")
            if told.problem and told.problem != self._problem:
                self._problem = told.problem
                yield Notice(f"{told.problem}: looking every {POLL_SECONDS:g} s instead")
            if told.problem is not None:
                yield from self._refresh(max(POLL_SECONDS, POLL_DURATIONS * self._backlog.walk_seconds))
            elif told.stands:
                self._backlog.note(told.paths, has_folders=told.has_folders)
                yield from self._refresh(WALK_SECONDS)
                if told.watch is not None and self._backlog.is_empty:
                    told.watch.settle()

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
