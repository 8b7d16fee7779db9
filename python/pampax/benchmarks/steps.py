"""The steps of a round. Each starts processes of its own and gives readings of one benchmark or several."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pampax
from pampax.benchmarks import kernels, memory
from pampax.benchmarks.failures import BenchmarkFailed
from pampax.benchmarks.timing import Reading, reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pampax.benchmarks.catalogue import Plan
    from pampax.benchmarks.subject import Subject

TIMEOUT_S = 3600.0
SAMPLE_SECONDS = 0.01
WATCHED_S = 300.0
"""Within so long a watch says that the index has everything, unless it cannot say so of this tree."""

Readings = dict[str, Reading]


class Step:
    """Something that is done once a round."""

    names: tuple[str, ...]
    """The benchmarks it gives."""
    warms_up = True
    """Whether a round that does not count comes first."""

    def __init__(self, subject: Subject, plan: Plan) -> None:
        """`names` is narrowed down to what the plan wants."""
        self.subject = subject
        self.plan = plan
        self.notes: dict[str, str] = {}
        self.names = tuple(name for name in self.names if plan.wants(name))

    def rounds(self) -> int:
        """How many rounds count at most."""
        return self.plan.rounds

    def run(self, number: int) -> Readings:
        """Do it once. Rounds are numbered from 0, the one before them is -1."""
        raise NotImplementedError

    def job(self, do: str, root: Path, store: Path, **more: Any) -> dict[str, Any]:
        """A job for the worker."""
        return {"do": do, "root": str(root), "store": str(store), "open": self.subject.open_arguments, **more}


class IndexCold(Step):
    """An index from nothing."""

    names = ("index-cold",)
    warms_up = False  # the index that all other steps use was made before

    def run(self, number: int) -> Readings:  # noqa: ARG002
        """Into a store that is removed again."""
        store = self.subject.fresh_store()
        try:
            return _worker(self.job("index", self.subject.tree, store, name="index-cold", edits=[("", "")]))
        finally:
            shutil.rmtree(store, ignore_errors=True)


class IndexNoChange(Step):
    """An index run that has nothing to do."""

    names = ("index-no-change",)

    def run(self, number: int) -> Readings:  # noqa: ARG002
        """Over the tree that nothing changes."""
        edits = [("", "")] * self.plan.runs
        return _worker(self.job("index", self.subject.tree, self.subject.store, name="index-no-change", edits=edits))


class IndexOneEdit(Step):
    """An index run after an edit, each time of another file."""

    names = ("index-one-edit",)

    def __init__(self, subject: Subject, plan: Plan) -> None:
        """The copy is made and indexed by the first round."""
        super().__init__(subject, plan)
        self._store: Path | None = None

    def run(self, number: int) -> Readings:
        """Edit, then index; some times."""
        copy, runs = self.subject.editable(), self.plan.runs
        if self._store is None:
            self._store = self.subject.fresh_store()
            _worker(self.job("index", copy, self._store, name="index-one-edit", edits=[("", "")]))
        edits = [self.subject.edit(at) for at in range((number + 1) * runs, (number + 2) * runs)]
        return _worker(self.job("index", copy, self._store, name="index-one-edit", edits=edits))


class Cold(Step):
    """A command as new processes."""

    command: str

    def __init__(self, subject: Subject, plan: Plan, options: Sequence[str] = ()) -> None:
        """`options` are those of the command line that tell how the repository is opened."""
        super().__init__(subject, plan)
        self._options = tuple(options)

    def run(self, number: int) -> Readings:  # noqa: ARG002
        """So many processes as the plan says, each with another question, with the kernel before each."""
        taken, kernel_ms = [], []
        for _ in range(self.plan.runs):
            row = []
            for question in self.subject.questions[: self.plan.processes]:
                kernel_ms.append(kernels.milliseconds("process"))
                row.append(self._milliseconds(question))
            taken.append(row)
        return {self.names[0]: reading(taken, kernel_ms)}

    def _milliseconds(self, question: str) -> float:
        place = ["-C", str(self.subject.tree), "--store", str(self.subject.store)]
        command = [sys.executable, "-m", "pampax", self.command, *place, *self._options, "--", question]
        started = time.perf_counter()
        done = _run(command, b"")
        elapsed = time.perf_counter() - started
        if done.returncode not in (0, 1):
            raise _failed([f"pampax {self.command}"], done.returncode, done.stderr)
        return elapsed * 1e3


class SearchCold(Cold):
    """`pampax search`."""

    names = ("search-cold",)
    command = "search"


class SearchColdWatched(SearchCold):
    """`pampax search` beside `pampax watch`."""

    names = ("search-cold-watched",)

    def run(self, number: int) -> Readings:
        """As without, once the watch says that the index has everything."""
        with _watching(self.subject):
            return super().run(number)


class BundleCold(Cold):
    """`pampax assemble`."""

    names = ("bundle-cold",)
    command = "assemble"


class Inside(Step):
    """What happens inside a program that has the index open: one process a round for all of it."""

    names: tuple[str, ...] = ("search-warm", "bundle-warm", "query-log", "cache-hit-rate")
    warms_up = False  # every benchmark in it has a pass that does not count

    def run(self, number: int) -> Readings:  # noqa: ARG002
        """One after the other."""
        names = [name for name in self.names if name != "cache-hit-rate"]
        if "cache-hit-rate" in self.names and "query-log" not in names:
            names.append("query-log")
        return self.timings(names, self.subject.questions)

    def timings(self, names: Sequence[str], questions: Sequence[str]) -> Readings:
        """What the worker gives for these benchmarks."""
        plan = self.plan
        indexed = bool(questions) or "sqlite-read" in names
        job = {
            "do": "timings",
            "names": list(names),
            "root": str(self.subject.tree) if indexed else "",
            "store": str(self.subject.store) if indexed else "",
            "open": self.subject.open_arguments,
            "questions": list(questions),
            "searches": plan.searches,
            "bundles": plan.bundles,
            "passes": plan.passes,
            "runs": plan.runs,
            "log_queries": plan.log_queries,
            "seed": plan.seed,
            "extra_percent": plan.extra_percent,
        }
        made = _run_worker(job)
        self.notes |= made["notes"]
        return {name: _reading(row) for name, row in made["readings"].items() if name in self.names}


class Short(Inside):
    """What takes microseconds."""

    names = ("sqlite-read", "fusion", "packing", "traversal", "token-counting")

    def rounds(self) -> int:
        """More than of the others, as they are cheap."""
        return self.plan.short_rounds

    def run(self, number: int) -> Readings:  # noqa: ARG002
        """One after the other."""
        return self.timings(self.names, ())


class MemorySteady(Step):
    """What a program holds that has served searches."""

    names = ("memory-steady", "memory-steady-resident")
    warms_up = False

    def rounds(self) -> int:
        """Memory hardly differs from process to process."""
        return self.plan.least_rounds

    def run(self, number: int) -> Readings:  # noqa: ARG002
        """Serve all questions."""
        subject = self.subject
        made = _worker(self.job("memory-steady", subject.tree, subject.store, questions=subject.questions))
        return {name: found for name, found in made.items() if name in self.names}


class MemoryPeak(Step):
    """The most an index run holds."""

    names = ("memory-peak", "memory-peak-resident")
    warms_up = False

    def rounds(self) -> int:
        """Memory hardly differs from process to process."""
        return self.plan.least_rounds

    def run(self, number: int) -> Readings:  # noqa: ARG002
        """Index into a store that is removed again, and look at the process meanwhile."""
        store = self.subject.fresh_store()
        try:
            made, own = _watched_worker(self.job("memory-peak", self.subject.tree, store))
        finally:
            shutil.rmtree(store, ignore_errors=True)
        if own:
            made["memory-peak"] = Reading(float(own), float(own))
        return {name: found for name, found in made.items() if name in self.names}


@contextmanager
def _watching(subject: Subject) -> Iterator[None]:
    """`pampax watch` over the tree, from when it says that the index has everything."""
    command = [sys.executable, "-m", "pampax", "watch", str(subject.tree), "--store", str(subject.store)]
    repository = pampax.open(subject.tree, store=subject.store, **subject.open_arguments)
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(  # noqa: S603 - this interpreter
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said
        ) as process,
    ):
        try:
            deadline = time.monotonic() + WATCHED_S
            while not repository.is_watched:
                if process.poll() is not None or time.monotonic() > deadline:
                    said.seek(0)
                    raise _failed(["pampax watch"], process.poll() or 0, said.read())
                time.sleep(SAMPLE_SECONDS)
            yield
        finally:
            process.kill()


def _worker(job: dict[str, Any]) -> Readings:
    return {name: _reading(row) for name, row in _run_worker(job).items()}


def _reading(row: dict[str, Any]) -> Reading:
    return Reading(row["value"], row["fastest"], row["samples"], row["kernel_ms"])


_COMMAND = [sys.executable, "-m", "pampax.benchmarks.worker"]


def _run(command: Sequence[str], given: bytes) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 - this interpreter
            command, input=given, capture_output=True, check=False, timeout=TIMEOUT_S
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"a measured process took longer than {TIMEOUT_S:,.0f} s") from None


def _run_worker(job: dict[str, Any]) -> Any:
    done = _run(_COMMAND, json.dumps(job).encode())
    if done.returncode != 0:
        raise _failed([job["do"]], done.returncode, done.stderr)
    return json.loads(done.stdout)


def _watched_worker(job: dict[str, Any]) -> tuple[Readings, int]:
    """What the worker gave, and the most memory of no file that it was seen with."""
    with subprocess.Popen(  # noqa: S603 - this interpreter
        _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise BenchmarkFailed("no pipes to a measured process")
        process.stdin.write(json.dumps(job).encode())
        process.stdin.close()
        process.stdin = None
        most, deadline = 0, time.monotonic() + TIMEOUT_S
        while process.poll() is None:
            most = max(most, memory.own_of(process.pid))
            if time.monotonic() > deadline:
                process.kill()
                raise TimeoutError(f"a measured process took longer than {TIMEOUT_S:,.0f} s")
            time.sleep(SAMPLE_SECONDS)
        out, errors = process.stdout.read(), process.stderr.read()
    if process.returncode != 0:
        raise _failed([job["do"]], process.returncode, errors)
    return {name: _reading(row) for name, row in json.loads(out).items()}, most


def _failed(what: Sequence[str], code: int, errors: bytes) -> BenchmarkFailed:
    last = errors.decode("utf-8", "replace").strip().splitlines()[-1:] or ["nothing was written to stderr"]
    return BenchmarkFailed(f"a measured process ({' '.join(what)}) ended with code {code}: {last[0][:500]}")


STEPS: tuple[type[Step], ...] = (
    IndexCold, IndexNoChange, IndexOneEdit, SearchCold, SearchColdWatched, BundleCold, Inside, Short, MemorySteady,
    MemoryPeak,
)  # fmt: skip

__all__ = ["STEPS", "Cold", "Readings", "Step"]
