"""What every benchmark here shares: summaries of samples, facts about the machine, a table, a JSON file.

A benchmark compares medians of samples that were taken in turns (first one side, then the other, then again), because
on a shared machine two runs a minute apart differ by more than most changes do.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

# A package that was installed has its bytecode: without it a process that is measured would compile all it imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def percentile(samples: Sequence[float], percent: float) -> float:
    """The smallest sample that at least `percent` percent of the samples do not exceed (nearest rank)."""
    if not samples:
        raise ValueError("no samples")
    rank = max(1, math.ceil(percent / 100 * len(samples)))
    return sorted(samples)[rank - 1]


def summary(samples: Sequence[float]) -> dict[str, float | int]:
    """Median, percentiles and extremes of `samples`, in the samples' own unit."""
    return {
        "count": len(samples),
        "median": statistics.median(samples),
        "p50": percentile(samples, 50),
        "p95": percentile(samples, 95),
        "p99": percentile(samples, 99),
        "min": min(samples),
        "max": max(samples),
    }


def _first_match(path: str, prefix: str) -> str | None:
    try:
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                if line.startswith(prefix):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return None


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    facts: dict[str, Any] = {
        "processor": _first_match("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        "processors": os.cpu_count(),
        "memory": _first_match("/proc/meminfo", "MemTotal"),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_average": list(os.getloadavg()) if hasattr(os, "getloadavg") else None,
    }
    try:
        import pampax
        from pampax import _core
    except ImportError:
        facts["pampax"] = None
    else:
        facts["pampax"] = pampax.__version__
        facts["build_profile"] = _core.build_profile
    return facts


def require_release_build(allow_debug: bool) -> None:
    """End the program if the engine was built without optimisation: its times would say nothing."""
    try:
        from pampax import _core
    except ImportError as error:
        sys.exit(f"pampax is not installed in this Python ({error}): run `make build` first")
    if _core.build_profile != "release" and not allow_debug:
        sys.exit(f"refusing to time a {_core.build_profile} build: build it with --release, or pass --allow-debug")


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Rows as text columns: the first column to the left, the others to the right."""
    cells = [[_cell(value) for value in row] for row in [list(header), *rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    lines = []
    for row in cells:
        first, *rest = row
        aligned = [first.ljust(widths[0]), *(text.rjust(width) for text, width in zip(rest, widths[1:], strict=True))]
        lines.append("  ".join(aligned).rstrip())
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.3f}" if abs(value) < 100 else f"{value:,.0f}"
    if isinstance(value, int):
        return f"{value:,}"
    return "-" if value is None else str(value)


def parser(description: str | None) -> argparse.ArgumentParser:
    """The options that every benchmark has."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    made.add_argument("--allow-debug", action="store_true", help="time even a build without optimisation")
    return made


def finish(name: str, figures: Mapping[str, Any], json_path: Path | None) -> None:
    """Write `figures` with the facts of the machine to `json_path`, if one was given."""
    if json_path is not None:
        report = {"schema": "pampax.benchmark/1", "benchmark": name, "machine": machine(), **figures}
        json_path.parent.mkdir(parents=True, exist_ok=True)
        json_path.write_text(json.dumps(report, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        print(f"written: {json_path}", file=sys.stderr)


def child_environment(temporary: Path) -> dict[str, str]:
    """An environment without caches of earlier runs: caches and temporary files go below `temporary`."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PAMPAX_", "SEMBLE_"))}
    environment |= {"TMPDIR": str(temporary), "XDG_CACHE_HOME": str(temporary), "PYTHONHASHSEED": "0"}
    return environment


def run_python(
    code: str, *arguments: str, environment: Mapping[str, str] | None = None, timeout_s: float = 3600
) -> Any:
    """Run `code` in a Python of its own and give back the JSON value that its last line of output is."""
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=timeout_s, check=False)
    if done.returncode != 0:
        sys.exit(f"the measured process failed ({done.returncode}):\n{done.stderr[-4000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


@contextmanager
def generated_tree(files: int, seed: int, given: Path | None = None) -> Iterator[Path]:
    """A generated repository of `files` files; `given`, if it holds that many files already, is used as it is."""
    if given is not None and given.is_dir():
        yield given
        return
    sys.path.insert(0, str(ROOT))
    from corpora import generate

    with tempfile.TemporaryDirectory(prefix="pampax-bench-") as folder:
        target = given or Path(folder) / "tree"
        made = generate.generate(target, files=files, seed=seed)
        print(f"generated {made.files:,} files, {made.lines:,} lines, {made.bytes:,} bytes", file=sys.stderr)
        yield target
