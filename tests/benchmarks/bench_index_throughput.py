#!/usr/bin/env python3
"""How fast a repository is opened and indexed, against a peer, in alternating runs.

    bench_index_throughput.py --trees DIR [--adapter FILE] [--only pampax|peer] [--repeats N] [--json FILE]

Indexes every tree DIR/nl/* from nothing. Each run is a process of its own with an empty store and empty caches; only
the call that opens and indexes is timed, not the start of Python or the imports. The peer is any file with a function
`open(path)` that returns once the tree can be searched. Sides and trees take turns, so both see the same noise.
The figure that counts is the sum over the trees of each tree's median.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import measure

PAMPAX = """
import json, sys, time
import pampax
start = time.perf_counter()
repository = pampax.open(sys.argv[1], store=sys.argv[2])
report = repository.index()
print(json.dumps({"seconds": time.perf_counter() - start, "files": report.files, "chunks": report.chunks}))
"""

PEER = """
import importlib.util, json, sys, time
spec = importlib.util.spec_from_file_location("adapter", sys.argv[2])
adapter = importlib.util.module_from_spec(spec)
spec.loader.exec_module(adapter)
start = time.perf_counter()
index = adapter.open(sys.argv[1])
print(json.dumps({"seconds": time.perf_counter() - start}))
"""


def run_once(side: str, tree: Path, adapter: Path | None) -> dict[str, Any]:
    """One timed run of `side` on `tree`, in a process and folders of its own."""
    with tempfile.TemporaryDirectory(prefix="pampax-bench-") as folder:
        environment = measure.child_environment(Path(folder))
        if side == "pampax":
            result = measure.run_python(PAMPAX, str(tree), f"{folder}/store", environment=environment)
        else:
            result = measure.run_python(PEER, str(tree), str(adapter), environment=environment)
    assert isinstance(result, dict)
    return result


def size_of(tree: Path) -> tuple[int, int]:
    """Files and bytes below `tree`."""
    sizes = [path.stat().st_size for path in tree.rglob("*") if path.is_file()]
    return len(sizes), sum(sizes)


def main() -> None:
    parser = measure.parser(__doc__)
    parser.add_argument("--trees", type=Path, required=True, help="folder with nl/<repository>/…")
    parser.add_argument("--adapter", type=Path, help="Python file with open(path) of the peer")
    parser.add_argument("--only", choices=["pampax", "peer"], help="measure one side only")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    trees = sorted(path for path in (options.trees / "nl").iterdir() if path.is_dir())
    if not trees:
        parser.error(f"no trees below {options.trees / 'nl'}")
    sides = [options.only] if options.only else ["pampax", *(["peer"] if options.adapter else [])]
    if "peer" in sides and options.adapter is None:
        parser.error("--only peer needs --adapter")
    if "pampax" in sides:
        measure.require_release_build(options.allow_debug)

    seconds: dict[str, dict[str, list[float]]] = {tree.name: {side: [] for side in sides} for tree in trees}
    for repeat in range(options.repeats):
        for tree in trees:
            # Who goes first changes from round to round: the second finds the files in the page cache.
            for side in sides if repeat % 2 == 0 else sides[::-1]:
                seconds[tree.name][side].append(run_once(side, tree, options.adapter)["seconds"])
        print(f"round {repeat + 1} of {options.repeats} done", file=sys.stderr)

    rows: list[list[object]] = []
    figures: dict[str, Any] = {"repeats": options.repeats, "trees": {}}
    totals = dict.fromkeys(sides, 0.0)
    for tree in trees:
        files, size = size_of(tree)
        medians = {side: statistics.median(samples) for side, samples in seconds[tree.name].items()}
        for side in sides:
            totals[side] += medians[side]
        ratio = medians["peer"] / medians["pampax"] if len(sides) == 2 else None
        figures["trees"][tree.name] = {
            "files": files,
            "bytes": size,
            "seconds": {side: measure.summary(samples) for side, samples in seconds[tree.name].items()},
            "peer_over_pampax": ratio,
        }
        rows.append([tree.name, files, size, *(medians[side] for side in sides), ratio])
    ratio = totals["peer"] / totals["pampax"] if len(sides) == 2 else None
    figures |= {"total_seconds": totals, "peer_over_pampax": ratio}
    rows.append(
        ["total", sum(int(str(r[1])) for r in rows), sum(int(str(r[2])) for r in rows), *totals.values(), ratio]
    )
    print(measure.table(["tree", "files", "bytes", *(f"{side} s" for side in sides), "peer/pampax"], rows))
    measure.finish("index_throughput", figures, options.json)


if __name__ == "__main__":
    main()
