"""Keeping an index current while files change.

The system tells what changed (watchfiles, over inotify, FSEvents or ReadDirectoryChangesW); where its limit of watches
is reached, the files are polled. The core looks only into the folders of what changed. What events may have missed (the
system drops them when too many come at once) a walk of the whole tree finds, every few minutes.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pampax import _core

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from threading import Event

    from pampax._core import IndexReport, Repository

DEBOUNCE_MS = 200
"""Changes that come without a pause are gathered for so long at most."""

STEP_MS = 20
"""So long a pause ends a batch of changes."""

TICK_MS = 1_000
"""How often it is looked whether there is something else to do."""

POLL_MS = 1_000
"""How often files are looked at where the system does not tell."""

QUIET_SECONDS = 3.0
"""After so long without changes what was left for later is done: the graph of a large repository."""

WALK_SECONDS = 300.0
"""So often the whole tree is walked, whatever the system tells."""

PATHS_MAXIMUM = 2_000
"""More changes than this at once, and a walk of the whole tree is the quicker way."""

LOCKED_SECONDS = 0.2
"""How long to wait if another process is indexing."""

_CONTROL_FOLDERS = {".git", ".hg", ".svn", ".jj", ".bzr"}


class Refreshed(NamedTuple):
    """The index was brought up to date."""

    report: IndexReport
    changes: int
    """How many changes the system told of; 0 for a walk of the whole tree."""


class Notice(NamedTuple):
    """Something that whoever watches should know."""

    text: str


class Watching:
    """Watches the root of a repository until it is stopped."""

    def __init__(
        self,
        repository: Repository,
        reopen: Callable[[str], Repository],
        *,
        stop: Event | None = None,
        poll: bool = False,
    ) -> None:
        """`reopen` opens the repository if its root has moved; `stop` ends the watch; `poll` asks no system."""
        self.repository = repository
        """The repository as it is now."""
        self._reopen = reopen
        self._stop = stop
        self._poll = poll
        self._walk_due = True
        self._last_walk = 0.0
        self._last_change = 0.0
        self._pending: set[str] = set()
        self._graph_is_behind = False

    def run(self) -> Iterator[Refreshed | Notice]:
        """What happens, as it happens. Ends when it is stopped; raises `KeyboardInterrupt` on Ctrl-C."""
        while not self._stopped():
            # Held open, the folder tells where it is even after it was moved.
            root = os.open(self.repository.root, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
            try:
                yield from self._watch_root(root)
                if not self._stopped():
                    yield from self._follow(root)
            finally:
                os.close(root)

    def _stopped(self) -> bool:
        return self._stop is not None and self._stop.is_set()

    def _watch_root(self, root: int) -> Iterator[Refreshed | Notice]:
        """Watch until the root is no longer where it was."""
        import watchfiles

        while not self._stopped():
            changes = watchfiles.watch(
                self.repository.root,
                watch_filter=self._concerns_us,
                debounce=DEBOUNCE_MS,
                step=STEP_MS,
                rust_timeout=TICK_MS,
                yield_on_timeout=True,
                stop_event=self._stop,
                force_polling=self._poll or None,
                poll_delay_ms=POLL_MS,
                ignore_permission_denied=True,
            )
            try:
                # The watch stands when the first batch comes, empty as it may be; the walk finds what changed before.
                self._walk_due = True
                for batch in changes:
                    if not _is_still(root, self.repository.root):
                        return
                    self._take(path for _, path in batch)
                    yield from self._refresh()
                return
            except OSError as error:
                if self._poll or not _is_still(root, self.repository.root):
                    return
                self._poll = True
                yield Notice(
                    f"the system does not watch so many folders ({error}): looking every {POLL_MS / 1000:g} s instead"
                )

    def _follow(self, root: int) -> Iterator[Notice]:
        """Wait until the root is back, or found at another place."""
        old = self.repository.root
        yield Notice(f"{old} is gone: waiting for it")
        while not self._stopped():
            new = old if Path(old).is_dir() else _place_of(root)
            if new is not None:
                self.repository = self._reopen(new)
                yield Notice(f"watching {new}")
                return
            time.sleep(TICK_MS / 1000)

    def _concerns_us(self, _change: object, path: str) -> bool:
        relative = os.path.relpath(path, self.repository.root)
        inside_store = path == self.repository.store or path.startswith(self.repository.store + os.sep)
        return not inside_store and _CONTROL_FOLDERS.isdisjoint(Path(relative).parts)

    def _take(self, paths: Iterable[str]) -> None:
        taken = [os.path.relpath(path, self.repository.root).replace(os.sep, "/") for path in paths]
        if taken:
            self._last_change = time.monotonic()
            self._pending.update(taken)
        # A file or folder may have become the root itself, or more has changed than is worth telling one by one.
        if "." in taken or len(self._pending) > PATHS_MAXIMUM:
            self._walk_due = True

    def _refresh(self) -> Iterator[Refreshed | Notice]:
        """Do what is due; what cannot be done because another process is indexing stays due."""
        now = time.monotonic()
        behind = self._graph_is_behind and now - self._last_change >= QUIET_SECONDS
        if not self._walk_due and not self._pending and not behind and now - self._last_walk < WALK_SECONDS:
            return
        try:
            changes = len(self._pending)
            if self._walk_due or not self._pending:
                report = self.repository.index()
                self._last_walk, self._walk_due, changes = time.monotonic(), False, 0
            else:
                report = self.repository.index_paths(sorted(self._pending))
            self._pending.clear()
        except _core.StoreLocked:
            time.sleep(LOCKED_SECONDS)
            return
        except (_core.PampaxError, OSError) as error:
            # A root that vanishes while it is read is looked after by whoever called; anything else is tried again.
            self._walk_due = True
            yield Notice(str(error))
            time.sleep(LOCKED_SECONDS)
            return
        self._graph_is_behind = report.graph_behind > 0
        yield Refreshed(report, changes)


def _is_still(root: int, path: str) -> bool:
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
    return path if _is_still(root, path) else None
