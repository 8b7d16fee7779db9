"""Indexing as it is watched: a bar on a terminal, a line now and then elsewhere, and one line at the end."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Protocol

from pampax import logs
from pampax.cli.figures import count_text, duration_text, size_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from pampax._core import IndexReport, Progress, Repository
    from pampax.cli.request import Request

LINE_SECONDS = 2.0
"""The least time between two plain lines, and before the first."""

BAR_SECONDS = 0.3
"""Runs shorter than this show no bar: it would only flicker, and loading what draws it takes time."""

_STAGES = {
    "walk": "finding files",
    "index": "indexing",
    "commit": "writing the index",
    "trigrams": "preparing exact search",
    "vectors": "adding vectors",
    "graph": "linking names",
    "merge": "joining small segments",
}


class Watcher(Protocol):
    """Something that is told how an index run goes."""

    def __call__(self, progress: Progress) -> None:
        """Take note of where the run is."""

    def close(self) -> None:
        """Clean up; the run is over, well or not."""


class Silent:
    """Shows nothing."""

    def __call__(self, progress: Progress) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""


class PlainLines:
    """A line on stderr every two seconds, for logs and pipes."""

    def __init__(self, request: Request) -> None:
        """Writes through the request's notices."""
        self._request = request
        self._last = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        """Write a line if it is time for one."""
        now = time.monotonic()
        if now - self._last >= LINE_SECONDS:
            self._last = now
            self._request.notice(progress_text(progress))

    def close(self) -> None:
        """Nothing to do."""


class LiveBar:
    """A bar drawn by rich, which is loaded only when the run proves long enough."""

    def __init__(self, colour: bool) -> None:
        """`colour`: whether to draw it in colours."""
        self._colour = colour
        self._started = time.monotonic()
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def __call__(self, progress: Progress) -> None:
        """Draw the bar, if the run takes long enough."""
        if self._bar is None:
            if time.monotonic() - self._started < BAR_SECONDS:
                return
            self._bar = self._make()
            self._task = self._bar.add_task("", total=None, figures="")
            self._bar.start()
        if self._task is None:
            return
        # Files while they are looked for; bytes while they are read, as files differ in size by orders of magnitude.
        known = progress.stage != "walk" and progress.bytes_total > 0
        self._bar.update(
            self._task,
            description=_STAGES.get(progress.stage, progress.stage),
            total=progress.bytes_total if known else None,
            completed=progress.bytes_done,
            figures=_figures(progress),
        )

    def close(self) -> None:
        """Take the bar off the screen, and give the cursor back."""
        if self._bar is not None:
            self._bar.stop()

    def _make(self) -> Bar:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Bar

        console = Console(file=sys.stderr, no_color=not self._colour, highlight=False)
        return Bar(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[figures]}", markup=False),
            console=console,
            transient=True,
            refresh_per_second=10,
        )


def run_index(request: Request, repository: Repository, *, force: bool, scip: Sequence[str] = ()) -> IndexReport:
    """Index `repository`, show how it goes, and write the line about what was done."""
    watcher = watcher_for(request)
    try:
        with logs.operation("engine", "index", request.log.corr_id) as log:
            report = repository.index(progress=watcher, force=force, scip=scip)
            log.add(files=report.files, bytes=report.bytes, generation=report.generation)
    finally:
        watcher.close()
    request.notice(request.err.field(report_text(report)))
    return report


def watcher_for(request: Request) -> Watcher:
    """The way of showing progress that fits where stderr leads to."""
    if logs.configured_format() == "json":
        return Silent()
    if request.err.terminal and os.environ.get("TERM") != "dumb":
        return LiveBar(request.err.colour)
    return PlainLines(request)


def progress_text(progress: Progress) -> str:
    """Where a run is, as one line."""
    return f"{_STAGES.get(progress.stage, progress.stage)}: {_figures(progress)}"


def _figures(progress: Progress) -> str:
    if progress.stage == "walk":
        return f"{count_text(progress.files_done)} files found"
    parts = [f"{count_text(progress.files_done)} of {count_text(progress.files_total)} files"]
    if progress.seconds > 0 and progress.bytes_done > 0:
        rate = progress.bytes_done / progress.seconds
        parts.append(f"{size_text(int(rate))}/s")
        if progress.stage == "index" and progress.bytes_total > progress.bytes_done:
            parts.append(f"{duration_text((progress.bytes_total - progress.bytes_done) / rate)} left")
    return ", ".join(parts)


def report_text(report: IndexReport) -> str:
    """What an index run did, as one line."""
    text = (
        f"indexed {count_text(report.files, 'file')} ({size_text(report.bytes)}) in {duration_text(report.seconds)}: "
        f"{count_text(report.added)} added, {count_text(report.changed)} changed, "
        f"{count_text(report.removed)} removed, {count_text(report.unchanged)} unchanged"
    )
    skipped = sum(report.skipped.values())
    if skipped:
        reasons = sorted(report.skipped.items(), key=lambda item: (-item[1], item[0]))
        listed = ", ".join(f"{count_text(number)} {reason}" for reason, number in reasons if number)
        text += f"; {count_text(skipped)} skipped: {listed} (pampax status --skipped)"
    if report.remote_vectors:
        made = report.remote_vectors
        text += f"; {count_text(made['embedded'], 'vector')} by {made['service']}"
        if made["missing"]:
            text += f", {count_text(made['missing'])} missing" + (f" ({made['problem']})" if made["problem"] else "")
    if report.deferred:
        text += f"; left out, as it would exceed --memory: {', '.join(report.deferred)}"
    elif report.graph_behind:
        text += f"; edges of {count_text(report.graph_behind, 'file')} are made later"
    if report.rebuilt:
        text += f"; rebuilt: {', '.join(report.rebuilt)}"
    return f"{text} · generation {report.generation}"
