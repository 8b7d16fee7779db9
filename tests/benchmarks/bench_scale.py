#!/usr/bin/env python3
"""What a very large tree costs: indexing, refreshing, searching, bundles, lines, memory and disk.

    bench_scale.py TREE --store FOLDER [--questions FILE] [--patterns FILE] [--rounds 3] [--json FILE]

TREE is any folder. The figures in docs/performance.md are about the Linux kernel of Debian's package linux-source-6.1,
without its top .gitignore. The index is made in a process of its own; its memory is sampled. With `rg` in the path (or
RG), and `csearch` with an index (CSEARCHINDEX), `grep` is timed beside them, pattern by pattern, in turns.
One file is written in TREE: it is made, found, changed and removed again.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import measure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

DATA = Path(__file__).with_name("data")


def milliseconds(call: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1e3


def anonymous_bytes(process: int) -> tuple[int, int]:
    """Memory of a process that belongs to no file, and all that is resident."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0, 0
    fields = {line.split()[0]: int(line.split()[1]) * 1024 for line in lines[1:]}
    return fields.get("Anonymous:", 0), fields.get("Rss:", 0)


def indexing(tree: Path, store: Path) -> dict[str, Any]:
    """A full index in a process of its own: seconds, and the peaks of its memory."""
    shutil.rmtree(store, ignore_errors=True)
    peaks = [0, 0]
    started = time.monotonic()
    command = [sys.executable, "-m", "pampax", "index", str(tree), "--store", str(store), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:

        def watch() -> None:
            while process.poll() is None:
                peaks[:] = map(max, peaks, anonymous_bytes(process.pid))
                time.sleep(0.02)

        watching = threading.Thread(target=watch)
        watching.start()
        assert process.stdout is not None
        report = json.loads(process.stdout.read())
        watching.join()
    seconds = time.monotonic() - started
    source = sum(path.stat().st_size for path in tree.rglob("*") if path.is_file() and not path.is_symlink())
    stored = sum(path.stat().st_size for path in store.rglob("*") if path.is_file())
    kept = ("files", "chunks", "symbols", "edges", "bytes", "deferred")
    return {
        "seconds": round(seconds, 2),
        "peak_anonymous_mb": round(peaks[0] / 1e6, 1),
        "peak_resident_mb": round(peaks[1] / 1e6, 1),
        "store_mb": round(stored / 1e6, 2),
        "source_mb": source // 10**6,
        "store_to_source": round(stored / source, 3),
    } | {name: report[name] for name in kept if name in report}


def refreshing(tree: Path, store: Path, rounds: int) -> dict[str, Any]:
    """A run without a change, and one file that comes, changes and goes, told by its path."""
    import pampax

    repository = pampax.open(tree, store=store)
    unchanged = [milliseconds(repository.index) for _ in range(rounds)]
    file = tree / "pampax_bench_scale.c"
    searchable: list[float] = []
    try:
        for number in range(rounds):
            name = f"pampax_bench_scale_{number}"
            file.write_text(f"int {name}(void)\n{{\n\treturn {number};\n}}\n")

            def refresh(name: str = name) -> None:
                repository.index_paths([file.name])
                assert [hit.path for hit in repository.symbols(name)] == [file.name]

            searchable.append(milliseconds(refresh))
    finally:
        file.unlink(missing_ok=True)
        repository.index_paths([file.name])
    return {"unchanged_ms": measure.summary(unchanged), "edit_to_searchable_ms": measure.summary(searchable)}


def answering(tree: Path, store: Path, questions: Sequence[str], rounds: int) -> dict[str, Any]:
    """Searches and bundles in one process (each question once a round), and in new ones."""
    import pampax

    repository = pampax.open(tree, store=store)
    first = milliseconds(lambda: repository.search(questions[0]))
    searches = []
    for number in range(rounds + 1):
        order = list(questions)
        random.Random(number).shuffle(order)
        for question in order:
            # Another limit each round, so that no answer is one that was given before.
            took = milliseconds(lambda question=question, limit=10 + number: repository.search(question, limit=limit))  # type: ignore[misc]
            if number:
                searches.append(took)
    for question in questions:
        repository.assemble(question)
    bundles = [milliseconds(lambda question=question: repository.assemble(question)) for question in questions]  # type: ignore[misc]
    cold = {"search": [], "assemble": []}  # type: dict[str, list[float]]
    for question in questions[:12]:
        for command, times in cold.items():
            arguments = [sys.executable, "-m", "pampax", command, question, "-C", str(tree), "--store", str(store)]
            run = lambda arguments=arguments: subprocess.run(arguments, capture_output=True, check=False)  # type: ignore[misc]  # noqa: E731
            times.append(milliseconds(run))
    anonymous, resident = anonymous_bytes(os.getpid())
    return {
        "first_search_ms": round(first, 1),
        "search_ms": measure.summary(searches),
        "assemble_ms": measure.summary(bundles),
        "search_process_ms": measure.summary(cold["search"]),
        "assemble_process_ms": measure.summary(cold["assemble"]),
        "serving_anonymous_mb": anonymous // 10**6,
        "serving_resident_mb": resident // 10**6,
    }


def lines(tree: Path, store: Path, patterns: Sequence[str]) -> dict[str, Any]:
    """The same patterns by `pampax grep` as a process, in this process, by rg and by csearch, in turns."""
    import pampax

    repository = pampax.open(tree, store=store)
    rg = os.environ.get("RG") or shutil.which("rg")
    csearch = os.environ.get("CSEARCH") or shutil.which("csearch")
    repository.grep(patterns[0])
    ours = [sys.executable, "-m", "pampax", "grep", "-C", "0", "--root", str(tree), "--store", str(store), "-e"]
    commands: dict[str, list[str] | None] = {
        "pampax_process": ours[:-1],
        "rg": [rg, "--hidden", "--no-require-git"] if rg else None,
        "csearch": [csearch] if csearch and "CSEARCHINDEX" in os.environ else None,
    }
    times: dict[str, list[float]] = {"in_process": []}
    for pattern in patterns:
        times["in_process"].append(milliseconds(lambda pattern=pattern: repository.grep(pattern)))  # type: ignore[misc]
        for name, command in commands.items():
            if command:
                full = [*command, "--", pattern] if name != "csearch" else [*command, pattern]
                run = lambda full=full: subprocess.run(full, cwd=tree, capture_output=True, check=False)  # type: ignore[misc]  # noqa: E731
                times.setdefault(name, []).append(milliseconds(run))
    figures: dict[str, Any] = {f"{name}_ms": measure.summary(values) for name, values in times.items()}
    for other in ("rg", "csearch"):
        if other in times:
            pairs = zip(times[other], times["in_process"], strict=True)
            figures[f"{other}_to_in_process"] = round(statistics.median(theirs / own for theirs, own in pairs), 1)
            pairs = zip(times[other], times["pampax_process"], strict=True)
            figures[f"{other}_to_pampax_process"] = round(statistics.median(theirs / own for theirs, own in pairs), 1)
    return figures


def read_lines(path: Path) -> list[str]:
    """The lines of a file that are neither empty nor comments."""
    return [
        line for line in path.read_text(encoding="utf-8").splitlines() if line.strip() and not line.startswith("##")
    ]


def main() -> None:
    """The command line."""
    parser = measure.parser(__doc__)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--questions", type=Path, default=DATA / "kernel_questions.txt")
    parser.add_argument("--patterns", type=Path, default=DATA / "kernel_patterns.txt")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep-index", action="store_true", help="measure with the index that is there")
    options = parser.parse_args()
    measure.require_release_build(options.allow_debug)
    figures: dict[str, Any] = {}
    if not options.keep_index:
        figures["index"] = indexing(options.tree, options.store)
        print(json.dumps(figures["index"]), file=sys.stderr)
    figures["refresh"] = refreshing(options.tree, options.store, max(options.rounds, 5))
    print(json.dumps(figures["refresh"]), file=sys.stderr)
    figures["answers"] = answering(options.tree, options.store, read_lines(options.questions), options.rounds)
    print(json.dumps(figures["answers"]), file=sys.stderr)
    figures["lines"] = lines(options.tree, options.store, read_lines(options.patterns))
    measure.finish("scale", figures, options.json)


if __name__ == "__main__":
    main()
