"""How well weights rank the candidates of questions: the figures of each set, means over repositories."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pampax.training.candidates import Candidates
    from pampax.training.weights import Weights

DEPTH = 10
HITS_FOR_FILES = 50
"""How many hits are looked at for the first `DEPTH` files."""

REPEATS_MAX = 6
"""Earlier hits of a file that take from a score, at most; as in the engine."""

FOLDS = 5


def ranked(question: Candidates, weights: NDArray[np.float64], penalty: float) -> NDArray[np.int64]:
    """Positions of the candidates, best first, with the penalty for further hits of a file."""
    scores = question.features @ weights + question.rules
    order = np.lexsort((question.start, question.group, -scores))
    seen: dict[int, int] = defaultdict(int)
    for position in order:
        if question.exempt is None or not question.exempt[position]:
            scores[position] -= penalty * seen[question.group[position]]
            seen[question.group[position]] = min(seen[question.group[position]] + 1, REPEATS_MAX)
    return np.lexsort((question.start, question.group, -scores))


def measured(found: Sequence[Candidates], weights: Weights, penalty: float) -> dict[str, tuple[float, int]]:
    """The figures of each set: the mean over repositories of the means over questions, and how many repositories.

    `penalty` is what each earlier hit of a file takes from a score, for questions of no clear form.
    """
    rows: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for question in found:
        order = ranked(question, weights.of(question), weights.penalty(question, penalty))
        for name, value in _figures(question, order):
            rows[f"{question.set} {name}"][question.repository].append(value)
    return {
        name: (float(np.mean([np.mean(values) for values in by_repository.values()])), len(by_repository))
        for name, by_repository in sorted(rows.items())
    }


def held_out(
    found: Sequence[Candidates], folds: Sequence[tuple[Sequence[str], Weights]], penalty: float
) -> dict[str, float]:
    """The figures of each set over the repositories left out; `folds` are those with the weights fitted without."""
    totals: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for names, weights in folds:
        test = [question for question in found if question.repository in names]
        for name, figure in measured(test, weights, penalty).items():
            totals[name].append(figure)
    return {
        name: sum(value * size for value, size in rows) / sum(size for _, size in rows) for name, rows in totals.items()
    }


def folds_of(found: Sequence[Candidates]) -> list[list[str]]:
    """The repositories in `FOLDS` parts, fewer if there are fewer repositories."""
    names = sorted({question.repository for question in found})
    count = min(FOLDS, len(names))
    return [names[fold::count] for fold in range(count)]


def _figures(question: Candidates, order: NDArray[np.int64]) -> list[tuple[str, float]]:
    if question.judge == "file":
        files = list(dict.fromkeys(question.group[order[:HITS_FOR_FILES]]))[:DEPTH]
        gold = set(question.group[question.right])
        first = next((1 / rank for rank, file in enumerate(files, 1) if file in gold), 0.0)
        return [("recall@10", len(gold & set(files)) / question.answers), ("mrr", first)]
    if question.judge == "span":
        right = question.right[order[:DEPTH]]
        rank = int(np.argmax(right)) + 1 if right.any() else 0
        return [("mrr", 1 / rank if rank else 0.0), ("recall@10", float(rank > 0))]
    ranks = set()
    for file in set(question.group[question.right]):
        for rank, position in enumerate(order[:DEPTH], 1):
            if question.group[position] == file and question.right[position]:
                ranks.add(rank)
                break
    gain = sum(1 / np.log2(rank + 1) for rank in ranks)
    ideal = sum(1 / np.log2(rank + 2) for rank in range(min(DEPTH, question.answers)))
    return [("ndcg", float(gain / ideal))]
