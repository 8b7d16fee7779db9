"""Weights as the engine reads them, and what is set rather than fitted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pampax.evaluation.labels import INTENTS
from pampax.training.labelled_sets import FORMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pampax.training.candidates import Candidates

    Vector = NDArray[np.float64]

PENALTY = 1.0
"""What each earlier hit of a file takes from a score, for questions of no clear form."""

PENALTIES = {"symbol": 3.0, "path": 3.0}
"""Of intents without forms: who asks for a name or a path wants files."""

FORM_PENALTIES = {"topic": 2.0, "description": -0.7, "task": 0.0}
"""What is added for a form. Chosen on repositories left out: who names a topic wants files, who describes what a
function does may find several like it in one file."""

RULES = {"chunk_named": 10.0, "chunk_at_place": 10.0, "chunk_literal": 6.0}
"""What the query names is what it asks for: rules, not fitted, as labelled questions hold too few of them. Greater
than all that the other features of a candidate may add up to against it."""

RULED = ("chunk_defines", "chunk_defines_prefix")
"""What does not count for a name or a path: the rules say it already, and a fit beside them would only weigh
definitions down until the few labelled names are just right."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Fitted weights, and the model that says in which shares those of the forms are mixed."""

    intents: dict[str, Vector]
    """A weight for each feature, by intent."""
    forms: Vector
    """What each form (rows) adds to each weight (columns)."""
    surface: list[str]
    """The features of the model of forms."""
    model: Vector
    """Its weights: a row for each feature, a column for each form."""

    def shares(self, question: Candidates) -> Vector:
        """How likely each form is; zeros for a name or a path."""
        if question.surface is None or not self.surface:
            return np.zeros(len(FORMS))
        sums = np.array([question.surface.get(name, 0.0) for name in self.surface]) @ self.model
        share = np.exp(sums - sums.max())
        return np.asarray(share / share.sum())

    def of(self, question: Candidates) -> Vector:
        """The weights of a question."""
        return np.asarray(self.intents[question.intent] + self.shares(question) @ self.forms)

    def penalty(self, question: Candidates, penalty: float) -> float:
        """What each earlier hit of a file takes from a score; `penalty` is that of questions of no clear form."""
        added = np.array([FORM_PENALTIES[form] for form in FORMS])
        return float(PENALTIES.get(question.intent, penalty) + self.shares(question) @ added)


def weights_text(names: Sequence[str], weights: Weights, penalty: float, provenance: Sequence[str]) -> str:
    """The text of a weights file. `provenance` are lines for its head: data, date, figures."""
    lines = [
        "# Weights of the linear ranker: score = sum of feature x weight (features: rust/pampax-rank/src/features.rs).",
        "# [default] holds for every intent; a table named after an intent overrides single weights; one named after a",
        "# form adds to them, in the share that the question has of the form.",
        *(f"# {line}" for line in provenance),
        "[default]",
    ]
    # An intent without weights of its own has those of all questions; configuration always has.
    default = weights.intents["configuration"]
    lines += [f"{name} = {value:.3f}" for name, value in zip(names, default, strict=True)]
    lines += [f"{name} = {value:.1f}" for name, value in RULES.items()]
    lines.append(f"repeat_penalty = {penalty}")
    for intent in INTENTS:
        changed = [
            f"{name} = {value:.3f}"
            for name, value, shared in zip(names, weights.intents[intent], default, strict=True)
            if abs(value - shared) >= 0.0005
        ]
        if intent in PENALTIES:
            changed.append(f"repeat_penalty = {PENALTIES[intent]}")
        if changed:
            lines += ["", f"[{intent}]", *changed]
    for form, added in zip(FORMS, weights.forms, strict=True):
        lines += ["", f"[{form}]"]
        lines += [f"{name} = {value:.3f}" for name, value in zip(names, added, strict=True) if abs(value) >= 0.0005]
        lines.append(f"repeat_penalty = {FORM_PENALTIES[form]}")
    return "\n".join(lines) + "\n"


def forms_text(old: str, weights: Weights) -> str:
    """The text of the model of forms: the lists of words of `old`, and the weights."""
    lines = [old[: old.index("\n[topic]")].rstrip("\n")]
    for column, form in enumerate(FORMS):
        lines += ["", f"[{form}]"]
        lines += [
            f'"{name}" = {value:.3f}'
            for name, value in zip(weights.surface, weights.model[:, column], strict=True)
            if abs(value) >= 0.0005
        ]
    return "\n".join(lines) + "\n"
