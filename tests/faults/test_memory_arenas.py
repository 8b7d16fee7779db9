"""How the allocator of a process is bounded: in arenas, and by giving large blocks back."""

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


BLOCKS_PROGRAM = """
import ctypes, sys
import pampax

pampax.open(sys.argv[1], store=sys.argv[2])
libc = ctypes.CDLL("libc.so.6")
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]

class Information(ctypes.Structure):
    names = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
    _fields_ = [(name, ctypes.c_size_t) for name in names.split()]

libc.mallinfo2.restype = Information
# By itself glibc takes blocks of up to the size of the largest that was freed from its arenas.
libc.free(libc.malloc(16 << 20))
before = libc.mallinfo2().hblkhd
block = libc.malloc(3 << 20)
print(libc.mallinfo2().hblkhd - before >= 3 << 20)
"""


def large_blocks_are_given_back(tmp_path: Path, **environment: str) -> bool:
    """Whether a block of 3 MiB is the system's own after a larger one was freed."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MALLOC_", "GLIBC_TUNABLES"))}
    command = [sys.executable, "-c", BLOCKS_PROGRAM, str(tmp_path), str(tmp_path / "store")]
    done = subprocess.run(command, env=kept | environment, check=True, capture_output=True, text=True)
    return done.stdout.strip() == "True"


@pytest.mark.skipif(ctypes.util.find_library("c") != "libc.so.6", reason="needs glibc")
def test_large_blocks_are_given_back_unless_the_user_says_otherwise(tmp_path: Path) -> None:
    assert large_blocks_are_given_back(tmp_path)
    assert not large_blocks_are_given_back(tmp_path, MALLOC_MMAP_THRESHOLD_=str(32 << 20))
    assert not large_blocks_are_given_back(tmp_path, GLIBC_TUNABLES="glibc.malloc.mmap_threshold=33554432")
