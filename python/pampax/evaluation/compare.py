"""Two runs against each other, question by question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pampax._core import InvalidInput
from pampax.evaluation.bootstrap import Estimate, estimates
from pampax.evaluation.metrics import DEPTH, names_of_measures

if TYPE_CHECKING:
    from pampax.evaluation.run import Result, Run

THRESHOLD = 0.02
"""The drop of the metric that is let pass unless said otherwise."""

METRIC = f"ndcg@{DEPTH}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a run differs from an earlier one, on the questions that are in both."""

    metric: str
    """The metric that decides."""
    threshold: float
    questions: int
    """How many questions are the same in both runs, with the same answers, judged alike."""
    only_base: int
    only_now: int
    base: dict[str, float]
    """The mean of each metric in the earlier run."""
    now: dict[str, float]
    """The mean of each metric in this run."""
    changes: dict[str, Estimate]
    """The mean change of each metric, now minus base, with its paired interval."""
    fell: tuple[tuple[Result, float], ...]
    """The questions whose metric fell, and by how much (below 0), the largest fall first."""
    rose: int
    """How many questions have a higher metric."""

    @property
    def regression(self) -> bool:
        """Whether the run is worse by the rule.

        The mean of the metric fell by more than the threshold, and the paired interval lies below 0 as a whole: the
        fall is neither small nor what another draw of such questions might have undone.
        """
        change = self.changes[self.metric]
        return -change.mean > self.threshold and change.high < 0


def compare(run: Run, base: Run, *, metric: str = METRIC, threshold: float = THRESHOLD) -> Comparison:
    """Compare `run` with the earlier run `base`.

    Raises `InvalidInput` if the metric is not in both runs, or no question is.
    """
    known = [name for name in names_of_measures(run.limit) if name in names_of_measures(base.limit)]
    if metric not in known:
        raise InvalidInput(f'metric must be one of {", ".join(known)}, which both runs have, not "{metric}"')
    if not 0 <= threshold <= 1:
        raise InvalidInput(f"threshold must be from 0 to 1, not {threshold}")
    earlier = {(result.key, result.level): result for result in base.results}
    pairs = [
        (result, earlier[result.key, result.level]) for result in run.results if (result.key, result.level) in earlier
    ]
    if not pairs:
        raise InvalidInput("the two runs have no question in common")
    now = np.array([[result.measures(run.limit)[name] for name in known] for result, _ in pairs])
    before = np.array([[result.measures(base.limit)[name] for name in known] for _, result in pairs])
    changed = now[:, known.index(metric)] - before[:, known.index(metric)]
    fell = sorted(
        ((result, float(change)) for (result, _), change in zip(pairs, changed, strict=True) if change < 0),
        key=lambda row: row[1],
    )
    return Comparison(
        metric=metric,
        threshold=threshold,
        questions=len(pairs),
        only_base=len(base.results) - len(pairs),
        only_now=len(run.results) - len(pairs),
        base=dict(zip(known, before.mean(axis=0).tolist(), strict=True)),
        now=dict(zip(known, now.mean(axis=0).tolist(), strict=True)),
        changes=dict(zip(known, estimates(now - before), strict=True)),
        fell=tuple(fell),
        rose=int((changed > 0).sum()),
    )
