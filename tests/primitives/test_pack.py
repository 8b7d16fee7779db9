"""Budget packing through the binding."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pampax

COSTS = st.integers(0, 50)
VALUES = st.one_of(st.floats(0, 100), st.just(0.0))
CANDIDATES = st.lists(st.tuples(COSTS, VALUES, st.integers(0, 4)), max_size=9)


def best_value(candidates: list[tuple[int, float, int]], budget: int) -> float:
    """The most that any choice within the budget and the groups is worth, found by trying them all."""
    best = 0.0
    for chosen in itertools.product((False, True), repeat=len(candidates)):
        items = list(itertools.compress(candidates, chosen))
        groups = [group for _, _, group in items]
        if sum(cost for cost, _, _ in items) <= budget and len(set(groups)) == len(groups):
            best = max(best, sum(value for _, value, _ in items))
    return best


@pytest.mark.property
@given(CANDIDATES, st.integers(0, 200), st.booleans())
def test_the_choice_fits_and_is_worth_half_of_the_best(
    candidates: list[tuple[int, float, int]], budget: int, alone: bool
) -> None:
    if alone:
        candidates = [(cost, value, index) for index, (cost, value, _) in enumerate(candidates)]
    costs = np.array([cost for cost, _, _ in candidates], dtype=np.uint32)
    values = np.array([value for _, value, _ in candidates], dtype=np.float64)
    groups = None if alone else np.array([group for _, _, group in candidates], dtype=np.uint32)
    chosen = pampax.pack(costs, values, budget, groups)
    assert chosen.dtype == np.uint32
    assert chosen.tolist() == sorted(set(chosen.tolist()))
    assert int(costs[chosen].sum()) <= budget
    if groups is not None:
        assert len(set(groups[chosen].tolist())) == len(chosen)
    assert values[chosen].sum() >= best_value(candidates, budget) / 2 * (1 - 1e-12)


def test_two_that_fit_beat_one_that_does() -> None:
    assert pampax.pack([4, 5, 9], [5.0, 5.0, 8.0], 10).tolist() == [0, 1]


def test_of_a_group_only_one_is_chosen() -> None:
    assert pampax.pack([4, 5, 9], [5.0, 5.0, 8.0], 10, groups=[7, 7, 8]).tolist() == [2]


def test_costs_do_not_overflow() -> None:
    most = 2**32 - 1
    assert pampax.pack([most, most], [1.0, 1.0], 2 * most - 1).tolist() in ([0], [1])
    assert pampax.pack([most, most], [1.0, 1.0], 2 * most).tolist() == [0, 1]


def test_large_input_gives_the_same_twice() -> None:
    generator = np.random.default_rng(1)
    costs = generator.integers(1, 500, 5_000).astype(np.uint32)
    values = generator.random(5_000)
    chosen = pampax.pack(costs, values, 20_000)
    assert int(costs[chosen].sum()) <= 20_000
    assert chosen.tobytes() == pampax.pack(costs, values, 20_000).tobytes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((np.array([1]), [1.0], 5), r"costs: expected .*uint32.*, got an array of int64"),
        (([1], np.array([1], dtype=np.float32), 5), r"values: expected .*float64.*, got an array of float32"),
        (([1], [1.0], 5, np.array([1.0])), r"groups: expected .*uint32"),
        (([-1], [1.0], 5), r"costs: expected"),
        (([2**32], [1.0], 5), r"costs: expected .*integers from 0 to 2\*\*32 - 1"),
        (([1], [-1.0], 5), r"-1"),
        (([1], [float("nan")], 5), r"NaN"),
        (([1, 2], [1.0], 5), r"2"),
        (([1], [1.0], 5, [1, 2]), r"groups"),
        (([1], [1.0], -5), r"budget: -5 given"),
    ],
)
def test_what_is_not_accepted_is_named(arguments: tuple[object, ...], said: str) -> None:
    with pytest.raises(pampax.InvalidInput, match=said):
        pampax.pack(*arguments)
