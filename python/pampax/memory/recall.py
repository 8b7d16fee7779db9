"""Which memories a question recalls, and in which order.

Several rankings are fused by reciprocal ranks (`pampax.fuse`), as search does with its sources: by words (BM25 over the
terms of `pampax.tokenize`), by place (the evidence lies in files that the caller says it is about), by weight, and by
age. Only what a word or a place speaks for is recalled, and what is pinned. Meaning is not compared: the engine gives
Python no vectors of texts. How often a memory was recalled counts for nothing, or what was once recalled would be so
for ever.
"""

from __future__ import annotations

from collections import Counter
from math import log
from typing import TYPE_CHECKING

import pampax

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pampax.memory.database import Row

WEIGHTS = {"words": 1.0, "places": 0.7, "weight": 0.3, "age": 0.1}
"""What each ranking counts; a doubt about a memory must not outweigh that it is about the question."""

FREQUENCY_BOUND, LENGTH_SHARE = 1.2, 0.75
"""The two constants of BM25, as they are usually chosen."""


def ranked(
    rows: Sequence[Row], query: str, paths: Sequence[str], stale: set[str]
) -> list[tuple[int, float, list[str]]]:
    """Positions of the rows that are recalled, the best first, each with its score and why.

    `paths` are files the question is about; `stale` the ids of memories whose evidence has changed.
    """
    words = word_scores(rows, query)
    wanted = set(paths)
    places = [sum(one.path in wanted for one in row.evidence) for row in rows]
    asked = bool(query.strip() or wanted)
    candidates = [
        number for number, row in enumerate(rows) if not asked or words[number] > 0 or places[number] or row.pinned
    ]
    if not candidates:
        return []

    def worth(number: int) -> float:
        row = rows[number]
        return (row.weight + 2.0 * row.pinned) * (0.5 if row.id in stale else 1.0)

    rankings = {
        "words": sorted((n for n in candidates if words[n] > 0), key=lambda n: (-words[n], rows[n].id)),
        "places": sorted((n for n in candidates if places[n]), key=lambda n: (-places[n], rows[n].id)),
        "weight": sorted(candidates, key=lambda n: (-worth(n), rows[n].id)),
        "age": sorted(candidates, key=lambda n: (-rows[n].created, rows[n].id)),
    }
    used = [name for name, ranking in rankings.items() if ranking]
    ids, scores = pampax.fuse([rankings[name] for name in used], [WEIGHTS[name] for name in used])
    result = []
    for number, score in zip(ids.tolist(), scores.tolist(), strict=True):
        why = [name for name, holds in (("words", words[number] > 0), ("place", places[number])) if holds]
        result.append((number, score, why + (["pinned"] if rows[number].pinned else [])))
    return result


def word_scores(rows: Sequence[Row], query: str) -> list[float]:
    """The BM25 score of each row's text, kind and evidence paths for the words of a query."""
    terms = set(pampax.tokenize(query))
    if not terms or not rows:
        return [0.0] * len(rows)
    documents = [
        Counter(pampax.tokenize(f"{row.text} {' '.join(one.path for one in row.evidence)} {row.kind}")) for row in rows
    ]
    average = sum(document.total() for document in documents) / len(documents) or 1.0
    scores = [0.0] * len(rows)
    for term in sorted(terms):
        holding = sum(term in document for document in documents)
        if not holding:
            continue
        rarity = log(1 + (len(rows) - holding + 0.5) / (holding + 0.5))
        for number, document in enumerate(documents):
            count = document[term]
            norm = FREQUENCY_BOUND * (1 - LENGTH_SHARE + LENGTH_SHARE * document.total() / average)
            scores[number] += rarity * count * (FREQUENCY_BOUND + 1) / (count + norm)
    return scores
