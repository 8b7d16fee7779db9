"""The fit itself: the loss and its gradient, and L-BFGS from SciPy."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

from pampax.evaluation.labels import INTENTS
from pampax.training.labelled_sets import FORMS
from pampax.training.weights import PENALTIES, Weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pampax.training.candidates import Candidates

    Vector = NDArray[np.float64]

OWN_FROM = 40
"""The questions that a form, or an intent without forms, needs for weights of its own."""

MOST_STEPS = 200

FORM_STRENGTH = 0.001
"""The pull of the weights of the model of forms to zero."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """Questions one after the other, flat: candidates in groups of which the best counts, groups in questions."""

    features: Vector
    rules: Vector
    group: NDArray[np.int64]
    group_start: NDArray[np.int64]
    question: NDArray[np.int64]
    """The number of the question of each group."""
    question_start: NDArray[np.int64]
    target: Vector
    """The probability each group ought to have."""
    weight: Vector
    """What the question of each group counts."""


def _rows(found: Sequence[Candidates]) -> _Rows | None:
    """The rows of all questions that have right and wrong candidates; each set counts the same, however large."""
    count: dict[str, int] = defaultdict(int)
    for question in found:
        count[question.set] += 1
    parts: list[tuple[Vector, Vector, NDArray[np.int64], Vector, float]] = []
    for question in found:
        # The best candidate of each file stands for it; of right files, the best right one.
        if question.judge == "span":
            kept = group = np.arange(len(question.group))
        else:
            right_files = question.group[question.right]
            kept = np.flatnonzero(question.right | ~np.isin(question.group, right_files))
            kept = kept[np.argsort(question.group[kept], kind="stable")]
            group = np.unique(question.group[kept], return_inverse=True)[1]
        right = np.zeros(int(group.max(initial=-1)) + 1)
        right[group[question.right[kept]]] = 1.0
        if right.any() and not right.all():
            parts.append(
                (question.features[kept], question.rules[kept], group, right / right.sum(), 1.0 / count[question.set])
            )
    if not parts:
        return None
    sizes = np.array([len(target) for _, _, _, target, _ in parts])
    starts = np.r_[0, np.cumsum(sizes)[:-1]]
    group = np.concatenate([group + start for (_, _, group, _, _), start in zip(parts, starts, strict=True)])
    return _Rows(
        features=np.vstack([features for features, _, _, _, _ in parts]),
        rules=np.concatenate([rules for _, rules, _, _, _ in parts]),
        group=group,
        group_start=np.flatnonzero(np.r_[True, np.diff(group) > 0]),
        question=np.repeat(np.arange(len(parts)), sizes),
        question_start=starts,
        target=np.concatenate([target for _, _, _, target, _ in parts]),
        weight=np.repeat([weight for _, _, _, _, weight in parts], sizes),
    )


def _loss(weights: Vector, rows: _Rows, prior: Vector, strength: Vector) -> tuple[float, Vector]:
    scores = rows.features @ weights + rows.rules
    chosen = np.lexsort((-scores, rows.group))[rows.group_start]
    best = scores[chosen]
    share = np.exp(best - np.maximum.reduceat(best, rows.question_start)[rows.question])
    probability = share / np.add.reduceat(share, rows.question_start)[rows.question]
    difference = weights - prior
    total = -float((rows.weight * rows.target * np.log(probability + 1e-12)).sum())
    gradient = rows.features[chosen].T @ (rows.weight * (probability - rows.target))
    return total + float(strength @ difference**2), gradient + 2 * strength * difference


def loss(weights: Vector, found: Sequence[Candidates], prior: Vector, strength: float | Vector) -> tuple[float, Vector]:
    """The loss of weights on questions, and its gradient. `strength` pulls to `prior`: one for all, or for each."""
    rows, strengths = _rows(found), np.broadcast_to(np.asarray(strength, dtype=np.float64), weights.shape)
    if rows is None:
        difference = weights - prior
        return float(strengths @ difference**2), 2 * strengths * difference
    return _loss(weights, rows, prior, strengths)


def fit(found: Sequence[Candidates], prior: Vector, strength: float | Vector) -> Vector:
    """The weights with the least loss, from `prior` on, and pulled to it by `strength`."""
    rows, strengths = _rows(found), np.broadcast_to(np.asarray(strength, dtype=np.float64), prior.shape)
    if rows is None:
        return prior.copy()
    result = minimize(
        _loss, prior.copy(), args=(rows, prior, strengths), jac=True, method="L-BFGS-B", options={"maxiter": MOST_STEPS}
    )
    return np.asarray(result.x)


def fit_forms(found: Sequence[Candidates]) -> tuple[list[str], Vector]:
    """The model of forms: its features, and weights for each of them (rows) and each form (columns).

    Multinomial logistic regression on the questions that have a form and are labelled with one, each form counting the
    same. Without such questions all weights are zero.
    """
    labelled = [question for question in found if question.surface is not None and question.form is not None]
    names = sorted({name for question in found for name in question.surface or ()} - NOT_FOR_FORMS)
    weights = np.zeros((len(names), len(FORMS)))
    if not labelled:
        return names, weights
    seen = np.array([[(question.surface or {}).get(name, 0.0) for name in names] for question in labelled])
    form = np.array([FORMS.index(question.form) for question in labelled if question.form is not None])
    wanted = np.eye(len(FORMS))[form]
    counts = np.maximum(wanted.sum(axis=0), 1.0)
    importance = (1.0 / (np.count_nonzero(wanted.sum(axis=0)) * counts))[form]

    def logistic(flat: Vector) -> tuple[float, Vector]:
        sums = seen @ flat.reshape(weights.shape)
        share = np.exp(sums - sums.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        gradient = seen.T @ ((share - wanted) * importance[:, None])
        value = -float((importance * np.log(share[np.arange(len(form)), form] + 1e-12)).sum())
        return value + FORM_STRENGTH * float(flat @ flat), gradient.ravel() + 2 * FORM_STRENGTH * flat

    result = minimize(logistic, weights.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": MOST_STEPS})
    return names, np.asarray(result.x).reshape(weights.shape)


NOT_FOR_FORMS = frozenset({"begins_upper", "ends_in_full_stop"})
"""How carefully somebody types says nothing about what they want."""


def fit_weights(
    found: Sequence[Candidates],
    features: int,
    strength: float,
    own_strength: float,
    form_strength: float,
    ruled: Sequence[int] = (),
) -> Weights:
    """Weights for every intent and form; `ruled` are the columns that do not count for intents without a form.

    Those of all questions and what each form adds are fitted together. An intent whose questions have no form (a name,
    a path) has weights of its own if there are questions enough.
    """
    names, model = fit_forms(found)
    weights = Weights(dict.fromkeys(INTENTS, np.zeros(features)), np.zeros((len(FORMS), features)), names, model)
    forms = [form for form in FORMS if sum(question.form == form for question in found) >= OWN_FROM]
    columns = [FORMS.index(form) for form in forms]

    def mixed(question: Candidates) -> Candidates:
        shares = weights.shares(question)[columns]
        parts = [question.features, *(share * question.features for share in shares)]
        return replace(question, features=np.hstack(parts))

    strengths = np.r_[np.full(features, strength), np.full(features * len(forms), form_strength)]
    flat = fit([mixed(question) for question in found], np.zeros(len(strengths)), strengths)
    shared, added = flat[:features], flat[features:].reshape(len(forms), features)
    weights.forms[columns] = added
    counted = np.ones(features)
    counted[list(ruled)] = 0.0
    for intent in INTENTS:
        if intent not in PENALTIES:
            weights.intents[intent] = shared
            continue
        rows = [question for question in found if question.intent == intent]
        rows = [replace(question, features=question.features * counted) for question in rows]
        own = fit(rows, shared, own_strength) if len(rows) >= OWN_FROM else shared
        weights.intents[intent] = own * counted
    return weights
