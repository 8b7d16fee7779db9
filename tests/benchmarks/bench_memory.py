#!/usr/bin/env python3
"""How much memory `pampax index` takes at most, on generated repositories of growing size.

    bench_memory.py [--files 5000 50000 …] [--memory 1GiB] [--json FILE]

Two figures, because they answer two questions. "peak" is the most physical memory that the process ever held (as the
system counts), with the pages of mapped store files that happen to be in memory. "own peak" is what it held without
those (sampled every 5 ms), which is what the ceiling `--memory` is about and what cannot be given back under pressure.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import measure

MEBIBYTE = 1 << 20


def anonymous_bytes(pid: int) -> int:
    """Memory of process `pid` that belongs to no file; 0 once it is gone or where the system does not say."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as lines:
            for line in lines:
                if line.startswith("RssAnon:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return 0


def peak_of(command: list[str], environment: dict[str, str]) -> tuple[int, int, float]:
    """Run `command`: its peak memory, its own peak memory, in bytes, and its seconds."""
    started = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    own, usage, status = 0, None, 0
    while usage is None:
        done, status, used = os.wait4(process.pid, os.WNOHANG)
        if done:
            usage = used
        else:
            own = max(own, anonymous_bytes(process.pid))
            time.sleep(0.005)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        assert process.stderr is not None
        sys.exit(f"{' '.join(command)} failed ({process.returncode}):\n{process.stderr.read().decode()[-2000:]}")
    unit = 1 if sys.platform == "darwin" else 1024
    return usage.ru_maxrss * unit, own, time.monotonic() - started


def main() -> None:
    """The command line."""
    parser = measure.parser(__doc__)
    parser.add_argument("--files", type=int, nargs="+", default=[5_000, 50_000])
    parser.add_argument("--memory", default="1GiB", help="the ceiling given to pampax")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    measure.require_release_build(options.allow_debug)
    rows, figures = [], []
    for files in options.files:
        with measure.generated_tree(files, options.seed) as tree, tempfile.TemporaryDirectory() as folder:
            environment = measure.child_environment(Path(folder))
            base = [sys.executable, "-m", "pampax", "index", str(tree), "--store", f"{folder}/store"]
            for name, command in (("first", [*base, "--memory", options.memory]), ("unchanged", base)):
                peak, own, seconds = peak_of(command, environment)
                rows.append([f"{files:,} files, {name}", peak / MEBIBYTE, own / MEBIBYTE, seconds])
                figures.append(
                    {"files": files, "run": name, "peak_bytes": peak, "own_peak_bytes": own, "seconds": seconds}
                )
    print(measure.table(["run", "peak MiB", "own peak MiB", "seconds"], rows))
    measure.finish("memory", {"ceiling": options.memory, "runs": figures}, options.json)


if __name__ == "__main__":
    main()
