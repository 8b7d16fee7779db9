"""The fit itself: the loss and its gradient, and L-BFGS from SciPy."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

from pampax.evaluation.labels import INTENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pampax.training.candidates import Candidates

    Vector = NDArray[np.float64]

OWN_FROM = 40
"""The questions that an intent needs for weights of its own."""

MOST_STEPS = 200


def loss(weights: Vector, found: Sequence[Candidates], prior: Vector, strength: float) -> tuple[float, Vector]:
    """The loss and its gradient; each set counts the same, however many questions it has."""
    total, gradient = 0.0, np.zeros_like(weights)
    count: dict[str, int] = defaultdict(int)
    for question in found:
        count[question.set] += 1
    for question in found:
        scores = question.features @ weights + question.rules
        chosen = np.arange(len(scores)) if question.judge == "span" else _best_of_files(question, scores)
        right = question.right[chosen]
        if not right.any() or right.all():
            continue
        share = scores[chosen] - scores[chosen].max()
        probability = np.exp(share) / np.exp(share).sum()
        target = right / right.sum()
        weight = 1.0 / count[question.set]
        total -= weight * float((target * np.log(probability + 1e-12)).sum())
        gradient += weight * (question.features[chosen].T @ (probability - target))
    difference = weights - prior
    return total + strength * float(difference @ difference), gradient + 2 * strength * difference


def _best_of_files(question: Candidates, scores: Vector) -> NDArray[np.int64]:
    """The best candidate of each file stands for it; of right files, the best right one."""
    right_files = question.group[question.right]
    value = np.where(question.right | ~np.isin(question.group, right_files), scores, -np.inf)
    order = np.lexsort((-value, question.group))
    order = order[np.isfinite(value[order])]
    return order[np.unique(question.group[order], return_index=True)[1]]


def fit(found: Sequence[Candidates], prior: Vector, strength: float) -> Vector:
    """The weights with the least loss, from `prior` on, and pulled to it by `strength`."""
    result = minimize(
        loss, prior.copy(), args=(found, prior, strength), jac=True, method="L-BFGS-B", options={"maxiter": MOST_STEPS}
    )
    return np.asarray(result.x)


def fit_intents(found: Sequence[Candidates], features: int, strength: float, own_strength: float) -> dict[str, Vector]:
    """Weights for each intent: those of all questions, and its own if it has questions enough."""
    shared = fit(found, np.zeros(features), strength)
    weights = dict.fromkeys(INTENTS, shared)
    for intent in INTENTS:
        rows = [question for question in found if question.intent == intent]
        if len(rows) >= OWN_FROM:
            weights[intent] = fit(rows, shared, own_strength)
    return weights
