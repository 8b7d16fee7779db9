"""The ceiling for memory holds while hostile trees are indexed: measured in a process of its own, under a limit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MEBIBYTE = 1 << 20
CEILING = 128 * MEBIBYTE
"""The least that --memory accepts."""

SLACK = 48 * MEBIBYTE
"""What the allocator and the stacks of threads hold beside what is counted."""

CHILD = """
import json, pathlib, resource, sys, threading, time
import pampax

def anonymous():
    fields = pathlib.Path("/proc/self/smaps_rollup").read_text().split()
    return int(fields[fields.index("Anonymous:") + 1]) * 1024

tree, store, ceiling, slack = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
repository = pampax.open(tree, store=store, memory_bytes=ceiling)
base, peak, done = anonymous(), 0, threading.Event()

def watch():
    global peak
    while not done.is_set():
        peak = max(peak, anonymous())
        time.sleep(0.005)

watching = threading.Thread(target=watch)
watching.start()
# Whatever the process asks for beyond this, the system refuses: an abort, which the test would see.
data = int(next(line for line in open("/proc/self/status") if line.startswith("VmData")).split()[1]) * 1024
resource.setrlimit(resource.RLIMIT_DATA, (data + 4 * ceiling, resource.RLIM_INFINITY))
report = repository.index()
done.set()
watching.join()
answer = repository.search("what is computed here")
print(json.dumps({
    "grown": peak - base,
    "files": report.files,
    "deferred": report.deferred,
    "skipped": report.skipped,
    "vectors": answer.coverage.vectors,
    "graph_files_behind": answer.coverage.graph_files_behind,
    "hits": len(answer.hits),
}))
"""


def many_small(root: Path) -> None:
    """20,000 files of a few lines."""
    for number in range(20_000):
        folder = root / f"folder{number % 200}"
        folder.mkdir(exist_ok=True)
        (folder / f"file{number}.py").write_text(f"def computed_{number}(value):\n    return value + {number}\n")


def large_and_dense(root: Path) -> None:
    """Files just below the limit of size: tables of numbers, calls without an end, names without an end."""
    (root / "table.c").write_text("int table[] = {" + ",\n".join(str(n) for n in range(500_000)) + "};\n")
    (root / "calls.js").write_text("\n".join(f"computed({n}, () => other({n}));" for n in range(90_000)))
    (root / "names.h").write_text("\n".join(f"#define COMPUTED_{n} (1 << {n % 31})" for n in range(110_000)))
    (root / "nested.py").write_text("x = " + "(" * 50_000 + ")" * 50_000 + "\n")
    (root / "keys.json").write_text(json.dumps({f"computed{n}": {"value": [n, n]} for n in range(80_000)}, indent=0))


def many_names(root: Path) -> None:
    """200 files with 20,000 definitions each of names that are all different."""
    for number in range(60):
        text = "\n".join(f"#define COMPUTED_{number}_{n} {n}" for n in range(20_000))
        (root / f"registers{number}.h").write_text(text)


def index(root: Path, store: Path, environment: Mapping[str, str]) -> dict[str, object]:
    command = [sys.executable, "-c", CHILD, str(root), str(store), str(CEILING), str(SLACK)]
    done = subprocess.run(command, env=dict(environment), capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout)
    assert isinstance(said, dict)
    return said


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs Linux to see the memory of a process")
@pytest.mark.parametrize("make", [many_small, large_and_dense, many_names])
def test_the_ceiling_holds(make: Callable[[Path], None], tmp_path: Path) -> None:
    import os

    root = tmp_path / "tree"
    root.mkdir()
    make(root)
    said = index(root, tmp_path / "store", os.environ)
    grown = said["grown"]
    assert isinstance(grown, int)
    assert grown <= CEILING + SLACK, f"{grown >> 20} MiB more than before, {said}"
    assert said["hits"], "what fits is indexed"
    # What is left out is said, in the report and in answers.
    deferred = said["deferred"]
    assert isinstance(deferred, list)
    assert ("graph" in deferred) == (said["graph_files_behind"] != 0)
    assert ("vectors" in deferred) == (said["vectors"] != "present")
