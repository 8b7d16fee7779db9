#!/usr/bin/env python3
"""What a search costs from a shell: the whole process, beside what Python itself and Click's import cost.

    bench_cli.py [--files 5000] [--runs 40] [--json FILE]

The three commands take turns. Nobody can search faster than `import click`, as the command line is made with it; the
ratio says how far from that bound we are.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import measure


def main() -> None:
    """The command line."""
    parser = measure.parser(__doc__)
    parser.add_argument("--files", type=int, default=5_000)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    measure.require_release_build(options.allow_debug)
    sys.path.insert(0, str(measure.ROOT))
    from corpora import generate

    queries = generate.queries(options.files, options.seed, options.runs)
    with measure.generated_tree(options.files, options.seed) as tree, tempfile.TemporaryDirectory() as folder:
        environment = measure.child_environment(Path(folder))
        pampax = [sys.executable, "-m", "pampax"]
        place = ["--store", f"{folder}/store"]
        subprocess.run([*pampax, "index", str(tree), *place], env=environment, check=True, stderr=subprocess.DEVNULL)
        seconds: dict[str, list[float]] = {"python -c pass": [], "python -c 'import click'": [], "pampax search": []}
        for number, query in enumerate(queries):
            commands = {
                "python -c pass": [sys.executable, "-c", "pass"],
                "python -c 'import click'": [sys.executable, "-c", "import click"],
                "pampax search": [*pampax, "search", "-C", str(tree), *place, "--", query],
            }
            for name, command in commands.items():
                started = time.perf_counter()
                done = subprocess.run(
                    command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
                )
                elapsed = time.perf_counter() - started
                if done.returncode not in (0, 1):
                    sys.exit(f"{command} failed ({done.returncode}):\n{done.stderr.decode()}")
                if number:  # the first round reads files into memory
                    seconds[name].append(elapsed * 1e3)
    summaries = {name: measure.summary(samples) for name, samples in seconds.items()}
    ratio = summaries["pampax search"]["median"] / summaries["python -c 'import click'"]["median"]
    columns = ["median", "p95", "min", "max"]
    rows = [[name, *(summary[column] for column in columns)] for name, summary in summaries.items()]
    print(measure.table(["milliseconds", *columns], rows))
    print(f"pampax search / import click = {ratio:.2f}")
    measure.finish("cli", {"files": options.files, "milliseconds": summaries, "search_over_click": ratio}, options.json)


if __name__ == "__main__":
    main()
