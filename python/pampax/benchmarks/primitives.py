"""The primitives with fixed inputs, the same for `pampax bench`, pytest-benchmark and asv."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

import pampax

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

CALLS = 20
TEXT = "def parse_headers(lines: list[str], *, strict: bool) -> dict[str, str]:\n    return {}\n" * 100


def rankings(universe: int = 2_000) -> list[NDArray[np.uint64]]:
    """Three rankings of 1,000 ids out of `universe`; the smaller it is, the more they share."""
    generator = np.random.default_rng(universe)
    return [generator.permutation(universe)[:1_000].astype(np.uint64) for _ in range(3)]


def pieces(count: int = 1_000) -> tuple[NDArray[np.uint32], NDArray[np.float64], NDArray[np.uint32]]:
    """Costs, values, and groups of four."""
    generator = np.random.default_rng(count)
    costs = generator.integers(20, 600, count).astype(np.uint32)
    return costs, generator.random(count), (np.arange(count) // 4).astype(np.uint32)


def graph() -> pampax.Graph:
    """100,000 edges between 20,000 nodes."""
    sources, targets = np.random.default_rng(3).integers(0, 20_000, (2, 100_000)).astype(np.uint32)
    return pampax.Graph(sources, targets, nodes=20_000)


def call(name: str) -> Callable[[int], object]:
    """The call that a benchmark times. It ignores which pass it is in."""
    match name:
        case "fusion":
            lists = rankings()
            return lambda _told: pampax.fuse(lists)
        case "packing":
            costs, values, groups = pieces()
            return lambda _told: pampax.pack(costs, values, 8_000, groups)
        case "traversal":
            made = graph()
            return lambda _told: made.bfs([1, 2, 3], 4, 1_000)
        case "token-counting":
            return lambda _told: pampax.count_tokens(TEXT)
    raise ValueError(name)
