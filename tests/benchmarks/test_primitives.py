"""Time of the primitives on a release build: `make bench`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import pampax

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from pytest_benchmark.fixture import BenchmarkFixture

pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(pampax.build_profile != "release", reason="only a release build is worth measuring"),
]

RANKINGS, IDS, K = 3, 1_000, 60.0
CANDIDATES = 1_000
TEXT = "def parse_headers(lines: list[str], *, strict: bool = True) -> dict[str, str]:\n    return {}\n" * 100


def rankings(universe: int) -> list[NDArray[np.uint64]]:
    """Three rankings of 1,000 ids out of `universe`; the smaller it is, the more they share."""
    generator = np.random.default_rng(universe)
    return [generator.permutation(universe)[:IDS].astype(np.uint64) for _ in range(RANKINGS)]


def fuse_lists(given: list[NDArray[np.uint64]]) -> list[tuple[int, float]]:
    """Fusion as one writes it in Python, over the arrays' `tolist`."""
    scores: dict[int, float] = {}
    for ranking in given:
        for rank, identifier in enumerate(ranking.tolist(), start=1):
            scores[identifier] = scores.get(identifier, 0.0) + 1.0 / (K + rank)
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))


def fuse_elements(given: list[NDArray[np.uint64]]) -> list[tuple[Any, float]]:
    """The same over the elements of the arrays."""
    scores: dict[Any, float] = {}
    for ranking in given:
        for rank, identifier in enumerate(ranking, start=1):
            scores[identifier] = scores.get(identifier, 0.0) + 1.0 / (K + rank)
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))


@pytest.mark.parametrize("universe", [1_200, 2_000, 10_000])
@pytest.mark.parametrize("function", [pampax.fuse, fuse_lists, fuse_elements], ids=["pampax", "lists", "elements"])
def test_fuse(benchmark: BenchmarkFixture, function: Callable[..., Any], universe: int) -> None:
    benchmark(function, rankings(universe))


def test_pack(benchmark: BenchmarkFixture) -> None:
    generator = np.random.default_rng(1)
    costs = generator.integers(20, 600, CANDIDATES).astype(np.uint32)
    values = generator.random(CANDIDATES)
    chosen = benchmark(pampax.pack, costs, values, 8_000)
    assert int(costs[chosen].sum()) <= 8_000


def test_pack_groups(benchmark: BenchmarkFixture) -> None:
    generator = np.random.default_rng(2)
    costs = generator.integers(20, 600, CANDIDATES).astype(np.uint32)
    values = generator.random(CANDIDATES)
    groups = (np.arange(CANDIDATES) // 4).astype(np.uint32)
    chosen = benchmark(pampax.pack, costs, values, 8_000, groups)
    assert int(costs[chosen].sum()) <= 8_000


def test_count_tokens(benchmark: BenchmarkFixture) -> None:
    assert benchmark(pampax.count_tokens, TEXT) > 0


def test_tokenize(benchmark: BenchmarkFixture) -> None:
    assert benchmark(pampax.tokenize, TEXT)


def graph() -> pampax.Graph:
    """100,000 edges between 20,000 nodes."""
    generator = np.random.default_rng(3)
    sources, targets = generator.integers(0, 20_000, (2, 100_000)).astype(np.uint32)
    return pampax.Graph(sources, targets)


def test_bfs(benchmark: BenchmarkFixture) -> None:
    nodes, _, _ = benchmark(graph().bfs, [1, 2, 3], 2, 200)
    assert len(nodes) > 3


def test_pagerank(benchmark: BenchmarkFixture) -> None:
    nodes, _ = benchmark(lambda made: made.pagerank([1, 2, 3], tolerance=1e-4), graph())
    assert len(nodes) > 3
