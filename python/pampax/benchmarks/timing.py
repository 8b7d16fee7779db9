"""Timing calls: in passes over the same calls, with the kernel in between."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pampax.benchmarks import kernels

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pampax.benchmarks.catalogue import Kernel

CALLS_PER_KERNEL = 5


@dataclass(slots=True)
class Reading:
    """What one round of one benchmark gave."""

    value: float
    """The figure of the round, in the benchmark's unit: the mean of the calls' medians over the passes."""
    fastest: float
    """The same of each call's fastest pass."""
    samples: list[float] = field(default_factory=list)
    """The single calls."""
    kernel_ms: float | None = None
    """The fastest time of the kernel during the round."""

    def to_dict(self) -> dict[str, object]:
        """As JSON."""
        return {"value": self.value, "fastest": self.fastest, "samples": self.samples, "kernel_ms": self.kernel_ms}


def reading(taken_ms: Sequence[Sequence[float]], kernel_ms: Sequence[float], extra: int = 0) -> Reading:
    """What passes over calls gave: a row for each pass. The last `extra` columns are repeated calls and not counted."""
    taken = np.asarray(taken_ms)
    calls = taken.shape[1] - extra
    return Reading(
        value=float(np.median(taken, axis=0).sum() / calls),
        fastest=float(taken.min(axis=0).sum() / calls),
        samples=[float(sample) for sample in taken[:, :calls].ravel()],
        kernel_ms=min(kernel_ms),
    )


def timed(
    calls: Sequence[Callable[[int], object]],
    *,
    passes: int,
    kernel: Kernel,
    times: int = 1,
    extra_percent: int = 0,
) -> Reading:
    """Time `calls`, each `times` times in a row, in `passes` passes and one before them that does not count.

    A call is told the number of its pass. What is summed up over calls is the median or the fastest of each over the
    passes, so that an interruption changes little and a question that became slow does.

    `extra_percent` really repeats that share of the calls and counts their time, but not them.
    """
    warm = [_milliseconds(call, 0, times) for call in calls]
    order = [*range(len(calls)), *_like_the_mean(warm, math.ceil(len(calls) * extra_percent / 100 - 1e-9))]
    taken = np.empty((passes, len(order)))
    kernel_ms = []
    for number in range(passes):
        for column, at in enumerate(order):
            if column % CALLS_PER_KERNEL == 0:
                kernel_ms.append(kernels.milliseconds(kernel))
            # A repeated call is told another number: it must not be answered from what is remembered of the first.
            told = 1 + number + (0 if column < len(calls) else passes)
            taken[number, column] = _milliseconds(calls[at], told, times)
    return reading(taken.tolist(), kernel_ms, len(order) - len(calls))


def _milliseconds(call: Callable[[int], object], told: int, times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        call(told)
    return (time.perf_counter() - started) * 1e3 / times


def _like_the_mean(taken: Sequence[float], count: int) -> list[int]:
    """The `count` calls that are nearest to the mean: repeating them adds their share of the work, and not another."""
    mean = sum(taken) / len(taken)
    return sorted(range(len(taken)), key=lambda at: (abs(taken[at] - mean), at))[:count]


def repeats_for(call: Callable[[int], object], at_least_ms: float = 0.5) -> int:
    """How often a short call is repeated so that a clock can time it: a power of two."""
    times = 1
    while times < 1 << 20:
        started = time.perf_counter()
        for _ in range(times):
            call(0)
        if (time.perf_counter() - started) * 1e3 >= at_least_ms:
            break
        times *= 2
    return times
