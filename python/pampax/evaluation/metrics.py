"""The metrics, from the ranks at which a question's answers were found.

`ranks` has one number for each answer that the label names: the rank, from 1, of the first result that shows it, or
None if none does. Relevance is binary: an answer is one, or it is not. A result that shows several answers at once
counts once, and results that show an answer again count nothing.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    Ranks = Sequence[int | None]

DEPTH = 10
"""The results that NDCG and MRR look at."""

RECALL_DEPTHS = (1, 5, 10)
"""The depths at which recall is given, beside that of all results asked for."""


def ndcg(ranks: Ranks, depth: int = DEPTH) -> float:
    """Normalised discounted cumulative gain: Σ 1 / log2(rank + 1) over the results that bring an answer, over the best.

    The best is that of the first `depth` results bringing one answer each, as long as there are answers. From K.
    Järvelin and J. Kekäläinen, "Cumulated gain-based evaluation of IR techniques", ACM TOIS 20(4), 2002, with the
    discount that starts at the second rank, of C. Burges et al., "Learning to rank using gradient descent", ICML 2005.
    """
    _check(ranks, depth)
    gain = sum(
        1 / math.log2(rank + 1) for rank in sorted({rank for rank in ranks if rank is not None}) if rank <= depth
    )
    best = sum(1 / math.log2(place + 1) for place in range(1, min(depth, len(ranks)) + 1))
    return gain / best


def reciprocal_rank(ranks: Ranks, depth: int = DEPTH) -> float:
    """One over the rank of the first result that shows an answer, 0 if none of the first `depth` does.

    Its mean over questions is MRR: E. Voorhees, "The TREC-8 question answering track report", TREC 1999.
    """
    _check(ranks, depth)
    first = min((rank for rank in ranks if rank is not None), default=depth + 1)
    return 1 / first if first <= depth else 0.0


def recall(ranks: Ranks, depth: int = DEPTH) -> float:
    """The share of the answers that the first `depth` results show.

    C. Manning, P. Raghavan and H. Schütze, "Introduction to information retrieval", 2008, section 8.3.
    """
    _check(ranks, depth)
    return sum(rank is not None and rank <= depth for rank in ranks) / len(ranks)


def names_of_measures(limit: int) -> tuple[str, ...]:
    """The names of what `measures` gives for runs that asked for `limit` results."""
    depths = [*(depth for depth in RECALL_DEPTHS if depth < limit), limit]
    return (f"ndcg@{DEPTH}", f"mrr@{DEPTH}", *(f"recall@{depth}" for depth in depths))


def measures(ranks: Ranks, limit: int) -> dict[str, float]:
    """Every metric of one question, by name: `ndcg@10`, `mrr@10`, `recall@1`, …, and recall at `limit`."""
    found = {f"ndcg@{DEPTH}": ndcg(ranks), f"mrr@{DEPTH}": reciprocal_rank(ranks)}
    for name in names_of_measures(limit)[2:]:
        found[name] = recall(ranks, int(name.partition("@")[2]))
    return found


def _check(ranks: Ranks, depth: int) -> None:
    if not ranks:
        raise ValueError("a question without answers has no metrics")
    if depth < 1 or any(rank is not None and rank < 1 for rank in ranks):
        raise ValueError("ranks and depths count from 1")
