"""What answers cost at equal recall: the arithmetic of bench_tokens.py, without any tool.

A way of asking is, for one task, a list of points: so many tokens got, and of the files that are wanted these are among
them. Costs are compared where every way has found the same number of wanted files.
"""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

RESAMPLES = 4_000
CONFIDENCE = 0.95


class Point(NamedTuple):
    """A moment of a session."""

    tokens: int
    """All that was returned until then."""
    found: frozenset[str]
    """The wanted files that were named in it."""


class Interval(NamedTuple):
    """A figure and the interval that holds it in 95 of 100 draws of the tasks."""

    value: float
    low: float
    high: float


Course = Sequence[Point]
"""The points of one way for one task."""


def reached(course: Course) -> int:
    """How many of the wanted files are found at all."""
    return max((len(point.found) for point in course), default=0)


def moment(course: Course, wanted: int) -> Point:
    """The cheapest point at which so many wanted files are found; the dearest of all, where they are not.

    So a way that gives up is not cheaper than one that goes on. Raises `ValueError` for a course without points.
    """
    enough = [point for point in course if len(point.found) >= wanted]
    return min(enough, key=lambda point: point.tokens) if enough else max(course, key=lambda point: point.tokens)


def cost(course: Course, wanted: int) -> int:
    """The tokens at that moment; 0 if nothing was returned at all."""
    return moment(course, wanted).tokens if course else 0


def recall_within(course: Course, tokens: int, gold: int) -> float:
    """The share of the wanted files that is found within so many tokens."""
    return max((len(point.found) for point in course if point.tokens <= tokens), default=0) / gold


def best(ways: Mapping[str, Sequence[Course]], gold: Sequence[int]) -> str:
    """Of several ways to use one tool, the one that finds all wanted files for the fewest tokens in total."""
    totals = {
        name: sum(cost(course, wanted) for course, wanted in zip(courses, gold, strict=True))
        for name, courses in ways.items()
    }
    return min(totals, key=lambda name: (totals[name], name))


def tokens_at_mean_recall(courses: Sequence[Course], gold: Sequence[int], mean: float) -> int | None:
    """The least budget a task that, given to every task, finds that share of the wanted files on average."""
    budgets = sorted({point.tokens for course in courses for point in course})

    def enough(tokens: int) -> bool:
        found = [recall_within(course, tokens, wanted) for course, wanted in zip(courses, gold, strict=True)]
        return statistics.fmean(found) >= mean - 1e-9

    if not budgets or not enough(budgets[-1]):
        return None
    low, high = 0, len(budgets) - 1
    while low < high:
        middle = (low + high) // 2
        if enough(budgets[middle]):
            high = middle
        else:
            low = middle + 1
    return budgets[low]


def ratio_of_totals(now: Sequence[float], base: Sequence[float]) -> Interval:
    """All tokens of one way over all of another; a few large tasks weigh most."""
    return _drawn(len(now), lambda rows: sum(now[row] for row in rows) / sum(base[row] for row in rows))


def median_ratio(now: Sequence[float], base: Sequence[float]) -> Interval:
    """The median of the ratios of single tasks; each weighs the same."""
    return _drawn(len(now), lambda rows: statistics.median(now[row] / base[row] for row in rows))


def _drawn(count: int, figure: Callable[[Sequence[int]], float]) -> Interval:
    """A figure over tasks, with a percentile bootstrap: whole tasks are drawn again, the same ones in every run."""
    if not count:
        raise ValueError("no tasks")
    chance = random.Random(0)
    draws = sorted(figure([chance.randrange(count) for _ in range(count)]) for _ in range(RESAMPLES))
    tail = (1 - CONFIDENCE) / 2
    low, high = draws[math.floor(tail * RESAMPLES)], draws[math.ceil((1 - tail) * RESAMPLES) - 1]
    return Interval(figure(range(count)), low, high)
