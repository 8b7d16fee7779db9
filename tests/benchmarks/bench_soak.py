#!/usr/bin/env python3
"""Half an hour of questions and edits: does memory grow, and does any answer differ from that of a clean index?

    bench_soak.py [--files 50000] [--minutes 30] [--rounds 10] [--threads 2] [--seed 1] [--json FILE]

Four processes share a generated git repository and one store: a program asks questions of all kinds in some threads, a
`pampax mcp` answers searches over a pipe, a `pampax watch` keeps the index current, and this one edits, creates,
deletes and renames files, commits, and switches branches. Memory that belongs to no file, file descriptors, threads and
the size of the store are sampled while questions and edits go on. After each round all fall quiet, and the program is
asked a fixed set of questions whose answers must be those of a clean index of the tree as it is then.

Growth is that of a line through the samples after the first tenth (Theil-Sen: the median of all slopes), from one end
to the other. A process that makes the graph now and then holds much more at those moments, and the line also follows
how many of them there were; so what each holds when all is quiet, after each round, is shown, too. Exit code 1: a
process grew by more than 5 % by the line through all samples, an answer was wrong, or a question failed.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import bench_mcp
import measure
from soak_edits import Editor
from soak_program import CHECK, LOAD

GROWTH_MAXIMUM_PERCENT = 5.0
WARM_UP_SHARE = 0.1
SAMPLES_PER_RUN = 600
QUIET_SECONDS = 300.0
"""How long the index may take to become current once edits have stopped."""
FRESHNESS_MS = 60_000


class Sample(NamedTuple):
    """What one process held at one moment."""

    seconds: float
    """Since the start, without the quiet moments."""
    anonymous_bytes: int
    descriptors: int
    threads: int


class Sampler:
    """Samples processes while it is let go on."""

    def __init__(self, processes: Mapping[str, int], store: Path, pause_seconds: float) -> None:
        """`processes` are process numbers by name."""
        self.samples: dict[str, list[Sample]] = {name: [] for name in processes}
        self.store_bytes: list[tuple[float, int]] = []
        self._processes, self._store, self._pause_seconds = processes, store, pause_seconds
        self._before = 0.0

    def during(self, work: Callable[[], None]) -> None:
        """Do `work`, and sample until it is done."""
        started, done = time.monotonic(), threading.Event()

        def sample() -> None:
            while not done.wait(self._pause_seconds):
                seconds = self._before + time.monotonic() - started
                for name, process in self._processes.items():
                    self.samples[name].append(Sample(seconds, *_held(process)))
                self.store_bytes.append((seconds, _folder_bytes(self._store)))

        sampling = threading.Thread(target=sample)
        sampling.start()
        try:
            work()
        finally:
            done.set()
            sampling.join()
            self._before += time.monotonic() - started


def _held(process: int) -> tuple[int, int, int]:
    """Bytes of memory that belong to no file, open descriptors and threads of a process."""
    folder = Path(f"/proc/{process}")
    rollup = (folder / "smaps_rollup").read_text().split()
    status = (folder / "status").read_text().split()
    anonymous = int(rollup[rollup.index("Anonymous:") + 1]) * 1024
    return anonymous, len(os.listdir(folder / "fd")), int(status[status.index("Threads:") + 1])


def _folder_bytes(folder: Path) -> int:
    """Size of the files below `folder`, some of which may go meanwhile."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                total += os.stat(os.path.join(place, name)).st_size
    return total


def growth(points: Sequence[tuple[float, float]]) -> dict[str, float]:
    """How a value grew after the warm-up by a robust line: its `start`, its `end` and the difference in `percent`."""
    ends = points[-1][0]
    kept = [point for point in points if point[0] >= ends * WARM_UP_SHARE]
    slopes = [
        (late[1] - early[1]) / (late[0] - early[0])
        for number, early in enumerate(kept)
        for late in kept[number + 1 :]
        if late[0] > early[0]
    ]
    slope = statistics.median(slopes) if slopes else 0.0
    offset = statistics.median(value - slope * seconds for seconds, value in kept)
    start, end = offset + slope * kept[0][0], offset + slope * ends
    return {"start": start, "end": end, "percent": (end - start) / start * 100 if start else 0.0}


class Program:
    """The process that asks questions through `pampax.Repository` (`soak_program.py`)."""

    def __init__(self, tree: Path, store: Path, files: int, seed: int, environment: Mapping[str, str]) -> None:
        """It is started, and opens the repository when it is first told to do something."""
        script = str(Path(__file__).with_name("soak_program.py"))
        arguments = [str(tree), str(store), str(files), str(seed), str(FRESHNESS_MS)]
        self.process = subprocess.Popen(
            [sys.executable, script, *arguments],
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self, **request: Any) -> Any:
        """Send a request and wait for the reply."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"the program that asks ended with {self.process.wait()}")
        return json.loads(line)


class Server:
    """A `pampax mcp`, asked over its pipe."""

    def __init__(self, tree: Path, store: Path, environment: Mapping[str, str]) -> None:
        """It is started and greeted."""
        command = [sys.executable, "-m", "pampax", "mcp", "--root", str(tree), "--store", str(store)]
        self.process = subprocess.Popen(
            command, env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self.process.stdin is not None
        bench_mcp.ask(self.process, 0, "initialize", bench_mcp.INITIALIZE)
        self.process.stdin.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
        self.asked = 0
        self.failed: list[str] = []

    def load(self, queries: Sequence[str], done: threading.Event) -> None:
        """Search until `done`."""
        while not done.is_set():
            self.asked += 1
            query = queries[self.asked * 7919 % len(queries)]
            params = {"name": "search", "arguments": {"query": query}}
            answer = bench_mcp.ask(self.process, self.asked, "tools/call", params)
            if "result" not in answer or answer["result"].get("isError"):
                self.failed.append(f"mcp search {query!r}: {json.dumps(answer)[:300]}")


def wait_until_current(tree: Path, store: Path) -> tuple[float, str | None]:
    """Wait until the index is that of the tree: the seconds it took, and a problem if it did not become so."""
    import pampax

    started = time.monotonic()
    while True:
        # Opened anew: what one process knows about freshness holds for a second.
        coverage = pampax.open(tree, store=store, freshness_ms=FRESHNESS_MS).search("anything").coverage
        taken = time.monotonic() - started
        if (coverage.freshness, coverage.stale_files, coverage.graph_files_behind) == ("fresh", 0, 0):
            return taken, None
        if taken > QUIET_SECONDS:
            return taken, f"not current after {taken:.0f} s: {coverage.freshness}, {coverage.stale_files} stale files"
        time.sleep(0.2)


def differences(found: Sequence[Any], expected: Sequence[Any]) -> list[str]:
    """The questions whose answers are not equal, with what differs in them."""
    wrong = []
    for (question, answer), (_, right) in zip(found, expected, strict=True):
        if answer != right:
            keys = [k for k in right if answer[k] != right[k]] if isinstance(right, dict) else []
            wrong.append(
                f"{question}: {', '.join(keys)} {json.dumps(answer)[:300]} instead of {json.dumps(right)[:300]}"
            )
    return wrong


def soak(options: Any, folder: Path, tree: Path) -> dict[str, Any]:
    """All rounds; gives the figures."""
    environment = measure.child_environment(folder)
    store = folder / "store"
    editor = Editor(tree, options.seed)
    index = [sys.executable, "-m", "pampax", "index", str(tree), "--store", str(store)]
    subprocess.run(index, env=environment, check=True, stderr=subprocess.DEVNULL)
    watch = subprocess.Popen(
        [sys.executable, "-m", "pampax", "watch", str(tree), "--store", str(store)],
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    program = Program(tree, store, options.files, options.seed, environment)
    server = Server(tree, store, environment)
    try:
        return _rounds(options, folder, tree, store, editor, program, server, watch)
    finally:
        for process in (program.process, server.process, watch):
            process.kill()
            process.wait()


def _rounds(
    options: Any,
    folder: Path,
    tree: Path,
    store: Path,
    editor: Editor,
    program: Program,
    server: Server,
    watch: subprocess.Popen[bytes],
) -> dict[str, Any]:
    from corpora import generate

    queries = generate.queries(options.files, options.seed, 300)
    seconds = options.minutes * 60 / options.rounds
    numbers = {"program": program.process.pid, "mcp": server.process.pid, "watch": watch.pid}
    sampler = Sampler(numbers, store, max(0.5, options.minutes * 60 / SAMPLES_PER_RUN))
    asked, wrong, failed, quiet = 0, [], [], []
    at_rest: dict[str, list[float]] = {name: [] for name in numbers}
    program.tell(do=CHECK)
    for number in range(options.rounds):

        def load(number: int = number) -> None:
            nonlocal asked
            done = threading.Event()
            others = [
                threading.Thread(target=server.load, args=(queries, done)),
                threading.Thread(target=editor.edit_until, args=(done,)),
            ]
            for other in others:
                other.start()
            reply = program.tell(do=LOAD, seconds=seconds, threads=options.threads, seed=options.seed + number)
            done.set()
            for other in others:
                other.join()
            asked += reply["asked"]
            failed.extend(reply["failed"])

        sampler.during(load)
        if watch.poll() is not None:
            sys.exit(f"the watch ended with {watch.returncode}")
        taken, problem = wait_until_current(tree, store)
        quiet.append(taken)
        for name, process in numbers.items():
            at_rest[name].append(_held(process)[0] / 1e6)
        clean = folder / "clean"
        shutil.rmtree(clean, ignore_errors=True)
        reference = Program(tree, clean, options.files, options.seed, measure.child_environment(folder))
        expected = reference.tell(do=CHECK)
        reference.process.kill()
        reference.process.wait()
        problems = [problem] if problem else differences(program.tell(do=CHECK), expected)
        wrong += [f"round {number + 1}: {text}" for text in problems]
        held = sampler.samples["program"][-1].anonymous_bytes // 10**6
        print(f"round {number + 1}: {held} MB, current after {taken:.1f} s, {len(problems)} wrong", file=sys.stderr)
    failed += server.failed
    figures: dict[str, Any] = {"asked": asked, "asked_mcp": server.asked, "edits": dict(editor.done)}
    figures |= {"wrong": wrong, "failed": failed, "checked": len(expected) * options.rounds}
    figures["seconds_until_current"] = measure.summary(quiet)
    figures["growth"] = {
        name: {
            "anonymous_mb": growth([(s.seconds, s.anonymous_bytes / 1e6) for s in samples]),
            "descriptors": growth([(s.seconds, s.descriptors) for s in samples]),
            "threads": growth([(s.seconds, s.threads) for s in samples]),
        }
        for name, samples in sampler.samples.items()
    }
    figures["growth"]["store"] = {"mb": growth([(at, size / 1e6) for at, size in sampler.store_bytes])}
    figures["at_rest_mb"] = at_rest
    figures["samples"] = sampler.samples
    return figures


def main() -> None:
    """The command line."""
    parser = measure.parser(__doc__)
    parser.add_argument("--files", type=int, default=50_000)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--rounds", type=int, default=10, help="how often answers are compared with a clean index")
    parser.add_argument("--threads", type=int, default=2, help="how many threads of the program ask")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    measure.require_release_build(options.allow_debug)
    sys.path.insert(0, str(measure.ROOT))
    with (
        tempfile.TemporaryDirectory(prefix="pampax-soak-") as folder,
        measure.generated_tree(options.files, options.seed) as tree,
    ):
        figures = soak(options, Path(folder), tree)
    rows = [
        [f"{name} {what}", line["start"], line["end"], line["percent"]]
        for name, values in figures["growth"].items()
        for what, line in values.items()
    ]
    print(measure.table(["after the warm-up, by a robust line", "start", "end", "percent"], rows))
    for name, held in figures["at_rest_mb"].items():
        print(f"{name} at rest after each round, MB: {', '.join(f'{value:.0f}' for value in held)}")
    asked = f"{figures['asked']:,} questions of the program, {figures['asked_mcp']:,} of the server"
    print(f"{asked}; edits: {json.dumps(figures['edits'])}")
    print(f"{figures['checked']} answers compared, {len(figures['wrong'])} wrong; {len(figures['failed'])} failed")
    for text in (figures["wrong"] + figures["failed"])[:20]:
        print(f"  {text}")
    measure.finish("soak", figures, options.json)
    lines = {name: values["anonymous_mb"] for name, values in figures["growth"].items() if name != "store"}
    grown = [name for name, line in lines.items() if line["percent"] > GROWTH_MAXIMUM_PERCENT]
    if grown:
        print(f"grew by more than {GROWTH_MAXIMUM_PERCENT:g} %: {', '.join(grown)}")
    sys.exit(1 if grown or figures["wrong"] or figures["failed"] else 0)


if __name__ == "__main__":
    main()
