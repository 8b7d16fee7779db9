"""A process whose threads come and go does not spread its memory over ever more arenas of the allocator."""

from __future__ import annotations

import ctypes.util
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

PROCESSORS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1

PROGRAM = """
import ctypes, json, os, sys, tempfile, threading
import pampax

root, store = sys.argv[1:]
repository = pampax.open(root, store=store)
repository.index()
together = threading.Barrier(24)

def ask():
    together.wait()
    for number in range(20):
        repository.search("who greets whom", limit=number + 1)

threads = [threading.Thread(target=ask) for _ in range(24)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc = ctypes.CDLL("libc.so.6")
libc.fdopen.restype = ctypes.c_void_p
with tempfile.TemporaryFile() as file:
    stream = ctypes.c_void_p(libc.fdopen(os.dup(file.fileno()), b"w"))
    libc.malloc_info(0, stream)
    libc.fclose(stream)
    file.seek(0)
    print(json.dumps(file.read().decode().count("<heap nr=")))
"""


def arenas(tmp_path: Path, **environment: str) -> int:
    """How many arenas a program has after 24 threads of it have asked."""
    root = tmp_path / "tree"
    root.mkdir(exist_ok=True)
    (root / "greet.py").write_text("def greet(whom):\n    return f'hello {whom}'\n")
    kept = {key: value for key, value in os.environ.items() if key not in ("MALLOC_ARENA_MAX", "GLIBC_TUNABLES")}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(root), str(tmp_path / "store")],
        env=kept | environment,
        check=True,
        capture_output=True,
        text=True,
    )
    count: int = json.loads(done.stdout)
    return count


@pytest.mark.skipif(ctypes.util.find_library("c") != "libc.so.6", reason="needs glibc")
def test_there_are_no_more_arenas_than_processors_unless_the_user_says_so(tmp_path: Path) -> None:
    assert arenas(tmp_path) <= PROCESSORS
    assert arenas(tmp_path, MALLOC_ARENA_MAX="12") == 12
