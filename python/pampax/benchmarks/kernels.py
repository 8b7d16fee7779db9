"""Fixed work that is timed beside every benchmark, so that a machine that is slower today is not taken for slower code.

Nothing of pampax takes part. A comparison divides by these times; what else runs on the machine, a lower clock or a
busy host slows both alike.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from pampax.benchmarks.catalogue import Kernel

_NUMBERS = np.random.Generator(np.random.PCG64(1)).permutation(1 << 15).astype(np.uint32)
_FEW = _NUMBERS[: 1 << 12].copy()
# Made once: where new memory happens to lie made the same sorting up to a third slower.
_SORTED = np.empty_like(_FEW)
# Larger than the caches next to a core: searching jumps through memory too.
_FAR = np.random.Generator(np.random.PCG64(2)).permutation(1 << 20).astype(np.uint32)
_STEPS = _FAR[: 1 << 15].copy()
_LANDED = np.empty_like(_STEPS)


def milliseconds(kernel: Kernel) -> float:
    """How long the kernel takes now."""
    match kernel:
        case "core":
            return _timed(_compute)
        case "memory":
            return _timed(_jump)
        case "all-cores":
            return _timed_threads(os.cpu_count() or 1)
        case "process":
            return _timed_process()


def _compute() -> int:
    """What fits into the caches next to a core."""
    total = 0
    for number in range(2_000):
        total ^= number * 31 & 0xFFFF
    _SORTED[:] = _FEW
    _SORTED.sort()
    return total


def _jump() -> int:
    np.take(_FAR, _STEPS, out=_LANDED, mode="clip")
    np.take(_FAR, _LANDED, out=_LANDED, mode="clip")
    return _compute() + int(_LANDED[7])


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1e3


def _timed_threads(count: int) -> float:
    def sort_often() -> None:
        for _ in range(60):  # NumPy lets other threads run while it sorts
            np.sort(_NUMBERS)

    threads = [threading.Thread(target=sort_often) for _ in range(count)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (time.perf_counter() - started) * 1e3


def _timed_process() -> float:
    command = [sys.executable, "-I", "-c", "import json, decimal, argparse, subprocess"]
    started = time.perf_counter()
    subprocess.run(command, stdin=subprocess.DEVNULL, check=True)  # noqa: S603 - this interpreter
    return (time.perf_counter() - started) * 1e3
