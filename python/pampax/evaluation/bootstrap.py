"""How sure a mean over questions is: percentile bootstrap intervals, the same figures in every run.

B. Efron and R. Tibshirani, "An introduction to the bootstrap", 1993, section 13.3; for paired differences, T. Sakai,
"Evaluating evaluation metrics based on the bootstrap", SIGIR 2006.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

RESAMPLES = 10_000
"""How many sets of questions are drawn, each as large as the real one, with replacement."""

SEED = 0
"""The seed of the draws."""

CONFIDENCE = 0.95
"""The share of the draws that the interval holds."""

_PICKS_AT_ONCE = 200_000


class Estimate(NamedTuple):
    """A mean and its interval."""

    mean: float
    low: float
    high: float


def estimates(values: NDArray[np.float64]) -> list[Estimate]:
    """The mean and the interval of each column of `values`, which has one row for each question.

    All columns are resampled together. For a paired comparison, give the differences.
    """
    if values.ndim != 2 or len(values) == 0:
        raise ValueError("values must have two dimensions and at least one row")
    rows, columns = values.shape
    generator = np.random.Generator(np.random.PCG64(SEED))
    means = np.empty((RESAMPLES, columns))
    step = max(1, _PICKS_AT_ONCE // rows)
    for start in range(0, RESAMPLES, step):
        stop = min(RESAMPLES, start + step)
        picks = generator.integers(0, rows, size=(stop - start, rows))
        for column in range(columns):
            means[start:stop, column] = values[:, column][picks].mean(axis=1)
    tail = (1 - CONFIDENCE) / 2 * 100
    low, high = np.percentile(means, [tail, 100 - tail], axis=0)
    mean = values.mean(axis=0)
    return [Estimate(float(mean[at]), float(low[at]), float(high[at])) for at in range(columns)]
