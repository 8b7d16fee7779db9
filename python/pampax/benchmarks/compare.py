"""A run against an earlier one, benchmark by benchmark.

A benchmark is slower only if all of this holds: the interval of its ratio, in times of the kernel, lies beyond the
threshold as a whole; the plain times grew too, so that a kernel that ran fast is not taken for slow code; and both runs
have three rounds or more in which the machine was not too crowded to tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pampax._core import InvalidInput
from pampax.benchmarks import intervals
from pampax.benchmarks.machine import differences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pampax.benchmarks.catalogue import Benchmark
    from pampax.benchmarks.intervals import Interval
    from pampax.benchmarks.run import Run, Series

THRESHOLD_PERCENT = 10.0
LEAST_ROUNDS = 3

Verdict = Literal["regression", "improvement", "same", "unsure", "too-few-rounds", "too-crowded"]
_SMALLEST = 1e-9


@dataclass(frozen=True, slots=True)
class Change:
    """How one benchmark changed. Ratios above 1 are worse, whatever the unit."""

    benchmark: Benchmark
    base: float
    """The median of the earlier run."""
    now: float
    ratio: Interval
    """In times of the kernel, with the interval that decides."""
    plain_ratio: float
    """Of the medians as they were measured."""
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a run differs from an earlier one."""

    threshold_percent: float
    changes: tuple[Change, ...]
    only_base: tuple[str, ...]
    only_now: tuple[str, ...]
    notes: tuple[str, ...]
    """What makes the comparison doubtful: another machine, another Python, other files."""

    @property
    def regressions(self) -> tuple[Change, ...]:
        """What got worse by more than the threshold, beyond doubt."""
        return tuple(change for change in self.changes if change.verdict == "regression")


def compare(run: Run, base: Run, *, threshold_percent: float = THRESHOLD_PERCENT) -> Comparison:
    """Compare `run` with the earlier run `base`.

    Raises `InvalidInput` if they are of different corpora or have no benchmark in common.
    """
    if not 0 < threshold_percent <= 1000:
        raise InvalidInput(f"threshold_percent must be above 0 and at most 1000, not {threshold_percent}")
    notes = _differences_of_corpora(run, base)
    notes += [f"another machine: {text}" for text in differences(base.machine, run.machine)]
    common = [name for name in run.series if name in base.series]
    if not common:
        raise InvalidInput("the two runs have no benchmark in common")
    changes = tuple(_change(run.series[name], base.series[name], threshold_percent) for name in common)
    return Comparison(
        threshold_percent=threshold_percent,
        changes=changes,
        only_base=tuple(name for name in base.series if name not in run.series),
        only_now=tuple(name for name in run.series if name not in base.series),
        notes=tuple(notes),
    )


def _differences_of_corpora(run: Run, base: Run) -> list[str]:
    now, then = run.corpus, base.corpus
    if (now.get("kind"), now.get("name")) != (then.get("kind"), then.get("name")):
        raise InvalidInput(
            f"the earlier run was made on the corpus {then.get('name')} and this one on {now.get('name')}: "
            "only runs on the same can be compared"
        )
    changed = [
        f"{name}: {then.get(name)} and {now.get(name)}"
        for name in ("seed", "files", "bytes", "questions")
        if None not in (now.get(name), then.get(name)) and now.get(name) != then.get(name)
    ]
    if changed and now.get("kind") != "folder":
        raise InvalidInput(
            f"the two runs were not made on the same files and questions ({'; '.join(changed)}): "
            "make the earlier one anew"
        )
    return [f"the corpus has changed: {text}" for text in changed]


def _change(now: Series, base: Series, threshold_percent: float) -> Change:
    benchmark = now.benchmark
    rounds = min(len(now.deciding), len(base.deciding))
    worse, better = (base, now) if benchmark.higher_is_better else (now, base)
    # Too few quiet rounds: the ratio is of all, and decides nothing.
    above, below = (series.deciding if rounds >= LEAST_ROUNDS else series.rounds for series in (worse, better))
    calibrated = _ratio([made.calibrated for made in above], [made.calibrated for made in below])
    plain = _ratio([made.fastest for made in above], [made.fastest for made in below])
    if rounds >= LEAST_ROUNDS:
        verdict = _verdict(calibrated, plain.value, threshold_percent)
    else:
        verdict = "too-few-rounds" if min(len(now.rounds), len(base.rounds)) < LEAST_ROUNDS else "too-crowded"
    return Change(benchmark, base.median.value, now.median.value, calibrated, plain.value, verdict)


def _ratio(worse: Sequence[float], better: Sequence[float]) -> Interval:
    return intervals.ratio([max(value, _SMALLEST) for value in worse], [max(value, _SMALLEST) for value in better])


def _verdict(calibrated: Interval, plain: float, threshold_percent: float) -> Verdict:
    limit = 1 + threshold_percent / 100
    if calibrated.low > limit and plain > 1:
        return "regression"
    if calibrated.high < 1 / limit and plain < 1:
        return "improvement"
    return "unsure" if calibrated.high > limit else "same"
