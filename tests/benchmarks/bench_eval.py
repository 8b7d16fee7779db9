#!/usr/bin/env python3
"""How good the answers are: runs a scoring program over prepared trees and keeps its figures with the machine's facts.

    bench_eval.py --score score.py --trees DIR [--adapter pampax] [--sets nl functions …] [--json FILE]

The scoring program and its data are not part of this repository. It is called as
`score.py --trees DIR --adapter NAME --sets … --json FILE` and writes {set: {"mean": {metric: value}, "repos": {…}}}.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import measure


def main() -> None:
    """The command line."""
    parser = measure.parser(__doc__)
    parser.add_argument("--score", type=Path, required=True)
    parser.add_argument("--trees", type=Path, required=True)
    parser.add_argument("--adapter", default="pampax")
    parser.add_argument("--sets", nargs="*", default=["nl", "functions", "commits", "bundles"])
    parser.add_argument("--repos", nargs="*", default=[])
    options = parser.parse_args()
    if options.adapter == "pampax":
        measure.require_release_build(options.allow_debug)
    with tempfile.TemporaryDirectory(prefix="pampax-bench-") as folder:
        report_path = Path(folder) / "report.json"
        command = [sys.executable, str(options.score), "--trees", str(options.trees), "--adapter", options.adapter,
                   "--json", str(report_path), "--sets", *options.sets]  # fmt: skip
        if options.repos:
            command += ["--repos", *options.repos]
        environment = measure.child_environment(Path(folder))
        done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            sys.exit(f"{options.score} ended with {done.returncode}")
        report = json.loads(report_path.read_text(encoding="utf-8"))
    rows: list[list[object]] = []
    for name, result in report.items():
        rows += [[f"{name}: {metric}", value, len(result["repos"])] for metric, value in result["mean"].items()]
    print(measure.table(["metric", "mean", "repositories"], rows))
    measure.finish("eval", {"adapter": options.adapter, "sets": report}, options.json)


if __name__ == "__main__":
    main()
