"""What runs in processes of its own: reads a job as JSON from stdin, does it, and writes what it measured to stdout.

It imports little, as some jobs tell how much memory they take: NumPy and the kernels come with the jobs that need them.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

import pampax

if TYPE_CHECKING:
    from collections.abc import Callable

    from pampax._core import Repository
    from pampax.benchmarks.timing import Reading

    Readings = dict[str, dict[str, object]]

LOOK_UPS = 20


def main() -> None:
    """Do the job on stdin."""
    job = json.load(sys.stdin)
    done = {"index": index, "memory-peak": memory_peak, "memory-steady": memory_steady, "timings": timings}[job["do"]](
        job
    )
    json.dump(done, sys.stdout)


def _open(job: dict[str, Any]) -> Repository:
    return pampax.open(job["root"], store=job["store"], **job["open"])


def index(job: dict[str, Any]) -> Readings:
    """Time index runs, opening included: one, or one after each of the edits (texts to add to files)."""
    from pathlib import Path

    from pampax.benchmarks import kernels
    from pampax.benchmarks.timing import reading

    taken, kernel_ms = [], [kernels.milliseconds("all-cores") for _ in range(3)]
    for path, text in job["edits"]:
        if path:
            with Path(path).open("a", encoding="utf-8", newline="") as file:
                file.write(text)
        started = time.perf_counter()
        _open(job).index()
        taken.append([(time.perf_counter() - started) * 1e3])
        kernel_ms.append(kernels.milliseconds("all-cores"))
    return {job["name"]: reading(taken, kernel_ms).to_dict()}


def memory_peak(job: dict[str, Any]) -> Readings:
    """Index, and tell the most memory that took. What belongs to no file is sampled by whoever started this."""
    from pampax.benchmarks import memory

    _open(job).index()
    return _memory({"memory-peak-resident": memory.peak_resident()})


def memory_steady(job: dict[str, Any]) -> Readings:
    """Serve searches, and tell what memory is held then."""
    from pampax.benchmarks import memory

    repository = _open(job)
    for question in job["questions"]:
        repository.search(question)
    held = memory.now()
    return _memory({"memory-steady": held.own, "memory-steady-resident": held.resident})


def _memory(found: dict[str, int | None]) -> Readings:
    return {
        name: {"value": size, "fastest": size, "samples": [], "kernel_ms": None}
        for name, size in found.items()
        if size is not None
    }


def timings(job: dict[str, Any]) -> dict[str, Any]:
    """Time what happens inside a program, one benchmark after the other."""
    made: dict[str, Callable[[dict[str, Any]], tuple[Reading | None, str]]] = {
        "search-warm": _search,
        "bundle-warm": _bundle,
        "sqlite-read": _sqlite,
        "query-log": _query_log,
    }
    readings: dict[str, Any] = {}
    notes = {}
    for name in job["names"]:
        if name in made:
            reading, note = made[name](job)
        else:
            reading, note = _primitive(name, job), ""
        if reading is not None:
            readings[name] = reading.to_dict()
        if note:
            notes[name] = note
        if name == "query-log":
            share = job.get("cache_share")
            if share is not None:
                readings["cache-hit-rate"] = {"value": share, "fastest": share, "samples": [], "kernel_ms": None}
    return {"readings": readings, "notes": notes}


def _search(job: dict[str, Any]) -> tuple[Reading, str]:
    from pampax.benchmarks.timing import timed

    repository = _open(job)
    before = _hits(repository)
    # Every pass asks for another number of hits, so that no answer is one that was remembered.
    calls = [
        (lambda told, question=question: repository.search(question, limit=10 + told))
        for question in job["questions"][: job["searches"]]
    ]
    reading = timed(calls, kernel="memory", passes=job["passes"], extra_percent=job["extra_percent"])
    after = _hits(repository)
    remembered = 0 if before is None or after is None else after - before
    return reading, f"{remembered} answers of search-warm came from a cache" if remembered else ""


def _bundle(job: dict[str, Any]) -> tuple[Reading, str]:
    from pampax.benchmarks.timing import timed

    repository = _open(job)
    calls = [
        (lambda told, question=question: repository.assemble(question, budget=8_000 + told))
        for question in job["questions"][: job["bundles"]]
    ]
    return timed(calls, kernel="memory", passes=job["passes"], extra_percent=job["extra_percent"]), ""


def _sqlite(job: dict[str, Any]) -> tuple[Reading | None, str]:
    import sqlite3
    from pathlib import Path

    from pampax.benchmarks.timing import repeats_for, timed

    catalogue = Path(job["store"]) / "catalogue.sqlite"
    # Immutable: nothing is written beside it. No index run is going on.
    try:
        connection = sqlite3.connect(f"{catalogue.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
        keys = [key for (key,) in connection.execute("SELECT key FROM entry ORDER BY key")]
    except sqlite3.Error as error:
        return None, f"{catalogue.name}: {error}"
    keys = keys[:: max(1, len(keys) // LOOK_UPS)][:LOOK_UPS]
    if not keys:
        return None, f"{catalogue.name}: no entries"

    def look_up(key: bytes) -> object:
        return connection.execute("SELECT segment, entry FROM entry WHERE key = ?1", (key,)).fetchone()

    calls = [(lambda _told, key=key: look_up(key)) for key in keys]
    reading = timed(
        calls, kernel="core", passes=job["passes"], times=repeats_for(calls[0]), extra_percent=job["extra_percent"]
    )
    connection.close()
    return reading, ""


def _query_log(job: dict[str, Any]) -> tuple[Reading, str]:
    from pampax.benchmarks import kernels, questions
    from pampax.benchmarks.timing import CALLS_PER_KERNEL, reading

    log = questions.replayed(job["questions"], job["log_queries"], job["seed"])
    taken, kernel_ms = [], []
    hits = misses = 0
    counted = True
    for _ in range(job["runs"]):
        repository = _open(job)  # whatever is remembered of answers begins anew
        repository.search("warm-up before the log")
        before, row = _counts(repository), []
        for number, question in enumerate(log):
            if number % CALLS_PER_KERNEL == 0:
                kernel_ms.append(kernels.milliseconds("memory"))
            started = time.perf_counter()
            repository.search(question)
            row.append((time.perf_counter() - started) * 1e3)
        after = _counts(repository)
        taken.append(row)
        if before is None or after is None:
            counted = False
        else:
            hits, misses = hits + after[0] - before[0], misses + after[1] - before[1]
    if counted:
        job["cache_share"] = hits / (hits + misses) if hits + misses else 0.0
    return reading(taken, kernel_ms), "" if counted else "this build keeps no cache of answers"


def _hits(repository: Repository) -> int | None:
    counts = _counts(repository)
    return None if counts is None else counts[0]


def _counts(repository: Repository) -> tuple[int, int] | None:
    """Hits and misses of the cache of answers, if there is one."""
    cache = getattr(repository, "cache", None)
    return (int(cache["hits"]), int(cache["misses"])) if isinstance(cache, dict) else None


def _primitive(name: str, job: dict[str, Any]) -> Reading:
    from pampax.benchmarks import primitives
    from pampax.benchmarks.timing import repeats_for, timed

    call = primitives.call(name)
    return timed(
        [call] * primitives.CALLS,
        kernel="core",
        passes=job["passes"],
        times=repeats_for(call),
        extra_percent=job["extra_percent"],
    )


if __name__ == "__main__":
    main()
