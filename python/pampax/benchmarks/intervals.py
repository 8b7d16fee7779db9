"""Medians, percentiles, and how sure they are: bootstrap over rounds, the same figures in every run.

Samples of one process are alike (its memory lies where it lies, its neighbours are who they are), so what is drawn
again is the round, never the single sample: T. Kalibera and R. Jones, "Rigorous benchmarking in reasonable time", ISMM
2013.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

RESAMPLES = 4_000
SEED = 0
MEDIAN_CONFIDENCE = 0.95
"""Of the interval that is shown beside a median."""
RATIO_CONFIDENCE = 0.95
"""Of the interval that decides. A run has fifteen benchmarks, so one in forty would be often; that the whole interval
must lie beyond the threshold, and not only beyond 1, makes an alarm for nothing rare."""


class Interval(NamedTuple):
    """A figure and its interval."""

    value: float
    low: float
    high: float


def percentile(samples: Sequence[float], percent: float) -> float:
    """The smallest sample that at least `percent` percent of the samples do not exceed (nearest rank)."""
    if not samples:
        raise ValueError("no samples")
    rank = max(1, math.ceil(percent / 100 * len(samples)))
    return sorted(samples)[rank - 1]


def median(rounds: Sequence[float]) -> Interval:
    """The median of rounds."""
    values = np.asarray(rounds, dtype=np.float64)
    low, high = _ends(_medians(values, SEED), MEDIAN_CONFIDENCE)
    return Interval(float(np.median(values)), low, high)


def ratio(now: Sequence[float], base: Sequence[float]) -> Interval:
    """The median of `now` over that of `base`. All figures must be above 0."""
    above, below = np.asarray(now, dtype=np.float64), np.asarray(base, dtype=np.float64)
    drawn = _medians(above, SEED) / _medians(below, SEED + 1)
    low, high = _ends(drawn, RATIO_CONFIDENCE)
    return Interval(float(np.median(above) / np.median(below)), low, high)


def _medians(values: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    if values.ndim != 1 or len(values) == 0:
        raise ValueError("at least one round is needed")
    generator = np.random.Generator(np.random.PCG64(seed))
    picks = generator.integers(0, len(values), size=(RESAMPLES, len(values)))
    medians: NDArray[np.float64] = np.median(values[picks], axis=1)
    return medians


def _ends(drawn: NDArray[np.float64], confidence: float) -> tuple[float, float]:
    tail = (1 - confidence) / 2 * 100
    low, high = np.percentile(drawn, [tail, 100 - tail])
    return float(low), float(high)
