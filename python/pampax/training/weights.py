"""Weights as the engine reads them, and what is set rather than fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pampax.evaluation.labels import INTENTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

PENALTY = 1.0
"""What each earlier hit of a file takes from a score, for intents without a penalty of their own."""

PENALTIES = {"symbol": 3.0, "architecture": 3.0, "path": 3.0}
"""Chosen on repositories left out: who asks for a name or for how parts work together wants files, who asks for
behaviour may want several functions of one. Words alone tell the functions of a file apart less well than words and
vectors do, so the weights for words alone were written with a `PENALTY` of 1.5."""

RULES = {"chunk_named": 10.0, "chunk_at_place": 10.0}
"""What the query names is what it asks for: rules, not fitted, as labelled questions hold too few of them. Greater
than all that the other features of a candidate may add up to against it."""


def weights_text(
    names: Sequence[str],
    weights: Mapping[str, NDArray[np.float64]],
    penalty: float,
    provenance: Sequence[str],
) -> str:
    """The weights file: `[default]`, and a table for each intent with what differs. `provenance` are comment lines."""
    lines = [
        "# Weights of the linear ranker: score = sum of feature x weight (features: rust/pampax-rank/src/features.rs).",
        "# [default] holds for every intent; a table named after an intent overrides single weights.",
        *(f"# {line}" for line in provenance),
        "[default]",
    ]
    # An intent with fewer questions than it takes for weights of its own has those of all questions; paths always do.
    default = weights["path"]
    lines += [f"{name} = {value:.3f}" for name, value in zip(names, default, strict=True)]
    lines += [f"{name} = {value:.1f}" for name, value in RULES.items()]
    lines.append(f"repeat_penalty = {penalty}")
    for intent in INTENTS:
        changed = [
            f"{name} = {value:.3f}"
            for name, value, shared in zip(names, weights[intent], default, strict=True)
            if abs(value - shared) >= 0.0005
        ]
        if intent in PENALTIES:
            changed.append(f"repeat_penalty = {PENALTIES[intent]}")
        if changed:
            lines += ["", f"[{intent}]", *changed]
    return "\n".join(lines) + "\n"
