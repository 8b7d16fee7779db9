"""`pampax watch` as a process over a tree, for the tests of what it follows and what it survives."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pampax

PATIENCE_SECONDS = 60.0
"""How long a change may take to be seen before the test fails: for loaded machines, not a figure of speed."""


class Watched:
    """A tree with `pampax watch` running over it."""

    def __init__(self, root: Path, environment: Mapping[str, str], *options: str, below: Sequence[str] = ()) -> None:
        """Start it with `options`; `below` is a command that starts the watch. The store lies beside the tree."""
        self.root = root
        self.store = root.parent / "store"
        self.errors = root.parent / "errors"
        command = [*below, sys.executable, "-m", "pampax", "watch", str(root), "--store", str(self.store), *options]
        with self.errors.open("w") as errors:
            self.process = subprocess.Popen(command, env=dict(environment), stderr=errors, text=True)
        self.until(lambda: "watching" in self.said(), "the watch did not begin")

    def said(self) -> str:
        """What the command wrote to stderr so far."""
        # Paths in it may be any bytes.
        return self.errors.read_text(encoding="utf-8", errors="surrogateescape")

    def until(self, condition: Callable[[], bool], problem: str, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until `condition` holds."""
        ends = time.monotonic() + patience_seconds
        while not condition():
            assert self.process.poll() is None, f"the watch ended: {self.said()}"
            assert time.monotonic() < ends, f"{problem}; it said: {self.said()}"
            time.sleep(0.05)

    def finds(self, name: str, path: str | None, root: Path | None = None) -> None:
        """Wait until the definition `name` is found at `path`, or nowhere if that is None."""
        repository = pampax.open(root or self.root, store=self.store, freshness_ms=0)

        def found() -> bool:
            hits = repository.symbols(name) if repository.is_indexed else []
            return [hit.path for hit in hits] == ([path] if path else [])

        self.until(found, f"{name} is not found at {path}")

    def stop(self) -> int:
        """End it as Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE_SECONDS)

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.wait()
