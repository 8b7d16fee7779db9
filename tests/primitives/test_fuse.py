"""Reciprocal-rank fusion through the binding."""

from __future__ import annotations

import math
import random
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pampax

IDS = st.one_of(st.integers(0, 30), st.integers(0, 2**64 - 1), st.integers(0, 30).map(lambda value: value << 58))
RANKINGS = st.lists(st.lists(IDS, max_size=40), max_size=6)
WEIGHTS = st.one_of(st.just(1.0), st.just(0.0), st.floats(0, 100), st.floats(1e-300, 1e300))


def as_array(ids: list[int]) -> np.ndarray:
    return np.array(ids, dtype=np.uint64)


def plain(rankings: list[list[int]], weights: list[float], k: float) -> dict[int, float]:
    """The formula, with sums that are exact until they are rounded once."""
    terms: dict[int, list[float]] = {}
    for ranking, weight in zip(rankings, weights, strict=True):
        for identifier in dict.fromkeys(ranking):
            terms.setdefault(identifier, []).append(weight / (k + ranking.index(identifier) + 1))
    return {identifier: math.fsum(parts) for identifier, parts in terms.items()}


@pytest.mark.property
@given(RANKINGS, st.data())
def test_scores_follow_the_formula(rankings: list[list[int]], data: st.DataObject) -> None:
    weights = data.draw(st.lists(WEIGHTS, min_size=len(rankings), max_size=len(rankings)))
    k = data.draw(st.one_of(st.just(60.0), st.floats(0, 1e6)))
    ids, scores = pampax.fuse([as_array(ranking) for ranking in rankings], weights, k)
    expected = plain(rankings, weights, k)
    assert ids.dtype == np.uint64
    assert scores.dtype == np.float64
    assert set(ids.tolist()) == set(expected)
    assert len(ids) == len(scores) == len(expected)
    np.testing.assert_allclose(scores, [expected[identifier] for identifier in ids.tolist()], rtol=1e-13, atol=0)
    pairs = list(zip((-scores).tolist(), ids.tolist(), strict=True))
    assert pairs == sorted(pairs)


@pytest.mark.property
@given(RANKINGS, st.randoms(use_true_random=False), st.data())
def test_order_of_rankings_changes_no_bit(
    rankings: list[list[int]], shuffler: random.Random, data: st.DataObject
) -> None:
    weighted = [(ranking, data.draw(WEIGHTS)) for ranking in rankings]
    shuffled = list(weighted)
    shuffler.shuffle(shuffled)
    results = [
        pampax.fuse([as_array(ranking) for ranking, _ in pairs], [weight for _, weight in pairs])
        for pairs in (weighted, shuffled)
    ]
    assert results[0][0].tobytes() == results[1][0].tobytes()
    assert results[0][1].tobytes() == results[1][1].tobytes()


@pytest.mark.property
@given(RANKINGS, st.integers(0, 100))
def test_limit_gives_a_prefix(rankings: list[list[int]], limit: int) -> None:
    whole = pampax.fuse(rankings)
    part = pampax.fuse(rankings, limit=limit)
    for all_of_it, beginning in zip(whole, part, strict=True):
        assert beginning.tolist() == all_of_it[:limit].tolist()


@pytest.mark.property
@given(RANKINGS)
def test_lists_give_what_arrays_give(rankings: list[list[int]]) -> None:
    from_lists = pampax.fuse(rankings)
    from_arrays = pampax.fuse([as_array(ranking) for ranking in rankings])
    assert from_lists[0].tobytes() == from_arrays[0].tobytes()
    assert from_lists[1].tobytes() == from_arrays[1].tobytes()


def test_an_id_in_two_rankings_comes_before_those_in_one() -> None:
    ids, scores = pampax.fuse([[7, 3, 9], [3, 8]])
    assert ids.tolist() == [3, 7, 8, 9]
    assert scores.tolist() == [1 / 62 + 1 / 61, 1 / 61, 1 / 62, 1 / 63]


def test_a_repeated_id_counts_at_its_best_rank() -> None:
    ids, scores = pampax.fuse([[5, 5, 6]])
    assert ids.tolist() == [5, 6]
    assert scores.tolist() == [1 / 61, 1 / 63]


def test_nothing_gives_nothing() -> None:
    for rankings in ([], [[]], [as_array([])]):
        ids, scores = pampax.fuse(rankings)
        assert len(ids) == len(scores) == 0


def test_read_only_arrays_are_read_and_left_alone() -> None:
    ranking = as_array([3, 1, 2])
    ranking.flags.writeable = False
    assert pampax.fuse([ranking])[0].tolist() == [3, 1, 2]
    assert ranking.tolist() == [3, 1, 2]


def test_more_ids_than_the_interpreter_waits_for() -> None:
    generator = np.random.default_rng(3)
    rankings = [generator.integers(0, 60_000, 40_000).astype(np.uint64) for _ in range(3)]
    ids, scores = pampax.fuse(rankings)
    expected: dict[int, list[float]] = {}
    for ranking in rankings:
        for identifier, rank in zip(*np.unique(ranking, return_index=True), strict=True):
            expected.setdefault(int(identifier), []).append(1 / (61 + int(rank)))
    assert sorted(expected) == sorted(ids.tolist())
    np.testing.assert_allclose(scores, [math.fsum(expected[identifier]) for identifier in ids.tolist()], rtol=1e-13)


@pytest.mark.concurrency
def test_threads_get_the_same_bits() -> None:
    generator = np.random.default_rng(5)
    rankings = [generator.integers(0, 30_000, 20_000).astype(np.uint64) for _ in range(3)]
    expected = pampax.fuse(rankings)[1].tobytes()
    got: list[bytes] = []
    threads = [threading.Thread(target=lambda: got.append(pampax.fuse(rankings)[1].tobytes())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert got == [expected] * 8


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([np.array([1, 2])],), r"rankings: expected .*uint64.*, got an array of int64"),
        (([np.zeros((2, 2), dtype=np.uint64)],), r"got an array of 2 dimensions"),
        (([np.zeros(6, dtype=np.uint64)[::2]],), r"not contiguous"),
        (([np.frombuffer(bytes(17), dtype=np.uint8)[1:].view(np.uint64)],), r"not aligned"),
        (([np.array([1, 2], dtype=">u8")],), r"got an array of >u8"),
        (([[-1]],), r"rankings: expected .*integers from 0 to 2\*\*64 - 1"),
        (([[2**64]],), r"rankings: expected"),
        (([["a"]],), r"rankings: expected .*got list"),
        ((["ab"],), r"got str"),
        (([{1, 2}],), r"got set"),
        (([None],), r"got NoneType"),
        (([[1]], [1.0, 2.0]), r"weights: 2 given for 1 rankings"),
        (([[1]], [-1.0]), r"weights: -1 given"),
        (([[1]], [math.nan]), r"weights: NaN given"),
        (([[1]], np.array([1], dtype=np.float32)), r"weights: expected .*float64.*got an array of float32"),
        (([[1]], None, -1.0), r"k: -1 given"),
        (([[1]], None, math.inf), r"k: inf given"),
        (([[1]], None, 60.0, -1), r"limit: -1 given"),
    ],
)
def test_what_is_not_accepted_is_named(arguments: tuple[object, ...], said: str) -> None:
    with pytest.raises(pampax.InvalidInput, match=said) as caught:
        pampax.fuse(*arguments)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, pampax.PampaxError)
