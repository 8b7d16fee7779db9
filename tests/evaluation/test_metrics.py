"""The metrics against cases worked out by hand, against their definition written down another way, and their laws."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pampax.evaluation import bootstrap, estimates, measures, names_of_measures, ndcg, recall, reciprocal_rank

RANKS = st.lists(st.none() | st.integers(1, 60), min_size=1, max_size=25)
DEPTHS = st.integers(1, 50)


@pytest.mark.parametrize(
    ("ranks", "expected"),
    [
        ([1], 1.0),
        ([2], 1 / 1.584962500721156),
        ([3], 0.5),
        ([11], 0.0),
        ([None], 0.0),
        # One of two answers at the first place: 1 / (1 + 0.63093).
        ([1, None], 0.6131471927654584),
        # Places 1 and 3 of two: (1 + 0.5) / (1 + 0.63093).
        ([3, 1], 0.9197207891481876),
        # One result that shows two answers counts once.
        ([1, 1], 0.6131471927654584),
        # Eleven answers, the first ten places: as good as ten places can be.
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, None], 1.0),
    ],
)
def test_ndcg_by_hand(ranks: list[int | None], expected: float) -> None:
    assert ndcg(ranks) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("ranks", "expected"), [([4], 0.25), ([None, 5, 2], 0.5), ([11], 0.0), ([None], 0.0), ([10], 0.1)]
)
def test_reciprocal_rank_by_hand(ranks: list[int | None], expected: float) -> None:
    assert reciprocal_rank(ranks) == expected


def test_recall_by_hand() -> None:
    assert [recall([1, 6, None, 40], depth) for depth in (1, 5, 6, 39, 40)] == [0.25, 0.25, 0.5, 0.5, 0.75]


@pytest.mark.property
@given(RANKS, DEPTHS)
def test_ndcg_is_its_definition_over_a_list_of_gains(ranks: list[int | None], depth: int) -> None:
    """Written as in the paper: a gain for each place, the ideal list sorted by gain, both summed with the discount."""
    gains = np.array([1.0 if place in ranks else 0.0 for place in range(1, 61)])
    ideal = np.array([1.0] * len(ranks) + [0.0] * 60)
    discounts = 1 / np.log2(np.arange(2, 62))
    expected = (gains[:depth] @ discounts[:depth]) / (ideal[:depth] @ discounts[:depth])
    assert ndcg(ranks, depth) == pytest.approx(expected, abs=1e-12)


@pytest.mark.property
@given(RANKS, DEPTHS)
def test_reciprocal_rank_and_recall_are_what_walking_down_the_list_gives(ranks: list[int | None], depth: int) -> None:
    first, seen = 0.0, 0
    for place in range(1, depth + 1):
        here = sum(rank == place for rank in ranks)
        if here and not first:
            first = 1 / place
        seen += here
    assert reciprocal_rank(ranks, depth) == first
    assert recall(ranks, depth) == seen / len(ranks)


@pytest.mark.property
@given(RANKS, st.integers(10, 60))
def test_metrics_lie_between_0_and_1_and_recall_grows_with_depth(ranks: list[int | None], limit: int) -> None:
    found = measures(ranks, limit)
    assert tuple(found) == names_of_measures(limit)
    assert all(0 <= value <= 1 for value in found.values())
    recalls = list(found.values())[2:]
    assert recalls == sorted(recalls)


@pytest.mark.property
@given(RANKS, st.data())
def test_an_answer_found_earlier_never_costs_anything(ranks: list[int | None], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(ranks) - 1))
    now = ranks[at] or 61
    free = [rank for rank in range(1, now) if rank not in ranks]
    if not free:
        return
    better = [*ranks]
    better[at] = data.draw(st.sampled_from(free))
    before, after = measures(ranks, 50), measures(better, 50)
    assert all(
        after[name] >= before[name] - 1e-12 for name in before if name != "ndcg@10" or ranks.count(ranks[at]) == 1
    )


@pytest.mark.parametrize("wrong", [([], 10), ([0], 10), ([1], 0)])
def test_what_has_no_metric_is_refused(wrong: tuple[list[int | None], int]) -> None:
    for metric in (ndcg, reciprocal_rank, recall):
        with pytest.raises(ValueError, match=r"answers|count from 1"):
            metric(*wrong)


@pytest.mark.property
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_an_interval_holds_the_mean_and_stays_within_the_values(values: list[float]) -> None:
    (found,) = estimates(np.array(values)[:, None])
    assert found.mean == pytest.approx(math.fsum(values) / len(values))
    assert min(values) - 1e-12 <= found.low <= found.mean + 1e-12
    assert found.mean - 1e-12 <= found.high <= max(values) + 1e-12


def test_the_interval_is_about_that_of_the_normal_distribution() -> None:
    values = np.random.default_rng(1).random((400, 1))
    (found,) = estimates(values)
    half = 1.96 * values.std() / 20
    assert found.high - found.mean == pytest.approx(half, rel=0.05)
    assert found.mean - found.low == pytest.approx(half, rel=0.05)


def test_a_column_alone_has_the_same_interval_as_among_others() -> None:
    values = np.random.default_rng(2).random((30, 3))
    assert estimates(values)[1] == estimates(values[:, 1:2])[0]


def test_intervals_are_the_same_in_every_process() -> None:
    program = "import numpy as np; from pampax.evaluation import estimates; print(estimates(np.arange(9.0)[:, None]))"
    outputs = {
        subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True).stdout
        for _ in range(2)
    }
    assert outputs == {f"{estimates(np.arange(9.0)[:, None])}\n"}


def test_many_questions_are_resampled_in_pieces() -> None:
    rows = bootstrap._PICKS_AT_ONCE // 3
    (found,) = estimates(np.tile([[0.0], [1.0]], (rows // 2, 1))[:2000])
    assert found.low == pytest.approx(0.5 - 1.96 * 0.5 / math.sqrt(2000), abs=0.003)
