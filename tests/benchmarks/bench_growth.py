#!/usr/bin/env python3
"""How every cost grows with the number of files: measured at several sizes, fitted as a power, drawn.

    bench_growth.py [--sizes 500,2000,5000,20000,50000,100000,300000] [--rounds 3] [--json FILE] [--plot FILE.svg]

The trees are generated. At each size: a full index in a process of its own (seconds, and the most memory that belongs
to no file), the store, a run without a change, an edit until its definition is found, searches and bundles in a program
that has the index open, and a search as a new process. Each cost is fitted as a * files ^ b by least squares of the
logarithms, with the 95 % interval of b: b = 1 means that twice the files cost twice as much.

Sizes that FILE has already are not measured again, so a run that was interrupted goes on where it was.
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import bench_scale
import measure
from growth_plot import Line, drawing

SIZES = "500,2000,5000,20000,50000,100000,300000"
QUESTIONS = 60

COSTS = {
    "index_s": "full index, s",
    "peak_anonymous_mb": "peak memory of no file, MB",
    "store_mb": "store, MB",
    "unchanged_ms": "run without a change, ms",
    "edit_ms": "edit until it is found, ms",
    "search_p50_ms": "search p50, ms",
    "search_p95_ms": "search p95, ms",
    "bundle_p50_ms": "bundle p50, ms",
    "search_process_ms": "search as a process, ms",
}


class Fit(NamedTuple):
    """A cost as `factor` * files ^ `exponent`, with the 95 % interval of the exponent."""

    factor: float
    exponent: float
    low: float
    high: float


def fit(files: Sequence[float], costs: Sequence[float]) -> Fit | None:
    """The line through the logarithms; None of fewer than three sizes, which say nothing about how sure it is."""
    from scipy import stats

    points = [(math.log(size), math.log(cost)) for size, cost in zip(files, costs, strict=True) if cost > 0]
    if len(points) < 3:
        return None
    line = stats.linregress([x for x, _ in points], [y for _, y in points])
    margin = float(stats.t.ppf(0.975, len(points) - 2)) * line.stderr
    return Fit(math.exp(line.intercept), line.slope, line.slope - margin, line.slope + margin)


def measured(files: int, seed: int, rounds: int) -> dict[str, float]:
    """All costs of one size."""
    from corpora import generate

    questions = generate.queries(files, seed, QUESTIONS)
    with measure.generated_tree(files, seed) as tree, tempfile.TemporaryDirectory(prefix="pampax-growth-") as folder:
        store = Path(folder) / "store"
        index = bench_scale.indexing(tree, store)
        refresh = bench_scale.refreshing(tree, store, max(rounds, 5))
        answers = bench_scale.answering(tree, store, questions, rounds)
    return {
        "files": index["files"],
        "index_s": index["seconds"],
        "peak_anonymous_mb": index["peak_anonymous_mb"],
        "store_mb": index["store_mb"],
        "unchanged_ms": refresh["unchanged_ms"]["p50"],
        "edit_ms": refresh["edit_to_searchable_ms"]["p50"],
        "search_p50_ms": answers["search_ms"]["p50"],
        "search_p95_ms": answers["search_ms"]["p95"],
        "bundle_p50_ms": answers["assemble_ms"]["p50"],
        "search_process_ms": answers["search_process_ms"]["p50"],
    }


def measured_before(path: Path | None, key: Mapping[str, object]) -> dict[str, dict[str, float]]:
    """The sizes in the file of an earlier run; ends the program if they were measured in another way."""
    if path is None or not path.exists():
        return {}
    saved = json.loads(path.read_text(encoding="utf-8"))
    if {name: saved.get(name) for name in key} != dict(key):
        sys.exit(f"{path} was measured with other options than {json.dumps(key)}: give another file")
    sizes: dict[str, dict[str, float]] = saved["sizes"]
    return sizes


def main() -> None:
    """The command line."""
    parser = measure.parser(__doc__)
    parser.add_argument("--sizes", default=SIZES, help="numbers of files, with commas")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the costs and their fits into an SVG file")
    options = parser.parse_args()
    measure.require_release_build(options.allow_debug)
    sys.path.insert(0, str(measure.ROOT))
    key = {"seed": options.seed, "rounds": options.rounds}
    sizes = measured_before(options.json, key)
    for files in sorted(int(size) for size in options.sizes.split(",")):
        if str(files) not in sizes:
            sizes[str(files)] = measured(files, options.seed, options.rounds)
            print(json.dumps({files: sizes[str(files)]}), file=sys.stderr)
            measure.finish("growth", {**key, "sizes": sizes}, options.json)
    rows = sorted(sizes.values(), key=lambda row: row["files"])
    counts = [row["files"] for row in rows]
    fits = {name: fit(counts, [row[name] for row in rows]) for name in COSTS}
    header = ["cost", *(f"{count:,.0f}" for count in counts), "b", "from", "to"]
    cells = [
        [
            title,
            *(float(row[name]) for row in rows),
            *((found.exponent, found.low, found.high) if found else (None,) * 3),
        ]
        for name, title in COSTS.items()
        for found in [fits[name]]
    ]
    print(measure.table(header, cells))
    fitted = {name: found._asdict() if found else None for name, found in fits.items()}
    measure.finish("growth", {**key, "sizes": sizes, "fits": fitted}, options.json)
    if options.plot is not None:
        lines = [Line(title, [row[name] for row in rows], fits[name]) for name, title in COSTS.items()]
        options.plot.parent.mkdir(parents=True, exist_ok=True)
        options.plot.write_text(drawing(counts, lines), encoding="utf-8")
        print(f"written: {options.plot}", file=sys.stderr)


if __name__ == "__main__":
    main()
