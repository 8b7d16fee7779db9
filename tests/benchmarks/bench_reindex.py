#!/usr/bin/env python3
"""What indexing again costs: nothing changed, one file edited, ten files edited.

    bench_reindex.py [--files 50000] [--rounds 5] [--tree DIR] [--json FILE]

Each run is a process of its own; timed are opening and indexing, without the start of Python. The walk over the tree
grows with the repository, everything else must follow the change.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
from pathlib import Path

import measure

INDEX = """
import json, sys, time
import pampax
start = time.perf_counter()
report = pampax.open(sys.argv[1], store=sys.argv[2]).index()
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "changed": report.changed, "added": report.added, "unchanged": report.unchanged}))
"""


def edit(tree: Path, count: int, chance: random.Random, files: list[Path]) -> None:
    """Add a comment to `count` Python files."""
    for path in chance.sample(files, count):
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"# edited {chance.random()}\n")


def main() -> None:
    """The command line."""
    parser = measure.parser(__doc__)
    parser.add_argument("--files", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tree", type=Path, help="use this generated tree (files in it are edited); made if missing")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    measure.require_release_build(options.allow_debug)
    chance = random.Random(options.seed)
    with (
        measure.generated_tree(options.files, options.seed, options.tree) as tree,
        tempfile.TemporaryDirectory() as folder,
    ):
        environment = measure.child_environment(Path(folder))
        store = f"{folder}/store"
        first = measure.run_python(INDEX, str(tree), store, environment=environment)
        files = sorted(tree.rglob("*.py"))
        seconds: dict[str, list[float]] = {"unchanged": [], "one edit": [], "ten edits": []}
        for _ in range(options.rounds):
            for name, edits in (("unchanged", 0), ("one edit", 1), ("ten edits", 10)):
                edit(tree, edits, chance, files)
                said = measure.run_python(INDEX, str(tree), store, environment=environment)
                if said["changed"] != edits or said["added"] != 0:
                    sys.exit(f"{name}: the report says {said}")
                seconds[name].append(said["seconds"])
    summaries = {name: measure.summary(samples) for name, samples in seconds.items()}
    rows = [["first index", first["seconds"], None, None]]
    rows += [[name, statistics.median(samples), min(samples), max(samples)] for name, samples in seconds.items()]
    print(measure.table(["seconds", "median", "min", "max"], rows))
    figures = {"files": options.files, "first_seconds": first["seconds"], "seconds": summaries}
    measure.finish("reindex", figures, options.json)


if __name__ == "__main__":
    main()
