"""Graphs through the binding."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pampax

NODES = 12
EDGES = st.lists(st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)), max_size=40)


def graph_of(edges: list[tuple[int, int]]) -> pampax.Graph:
    sources = np.array([source for source, _ in edges], dtype=np.uint32)
    targets = np.array([target for _, target in edges], dtype=np.uint32)
    return pampax.Graph(sources, targets, nodes=NODES)


def plain_distances(edges: list[tuple[int, int]], seeds: set[int], depth: int) -> list[tuple[int, int]]:
    """(distance, node) of all that is near enough, by widening one step at a time."""
    distances = dict.fromkeys(seeds, 0)
    for step in range(1, depth + 1):
        reached = {target for source, target in edges if distances.get(source) == step - 1}
        distances.update(dict.fromkeys(reached - distances.keys(), step))
    return sorted((distance, node) for node, distance in distances.items())


@pytest.mark.property
@given(EDGES, st.sets(st.integers(0, NODES - 1)), st.integers(0, 5), st.integers(0, 15))
def test_bfs_gives_the_nearest_first(edges: list[tuple[int, int]], seeds: set[int], depth: int, limit: int) -> None:
    nodes, depths, truncated = graph_of(edges).bfs(sorted(seeds), depth, limit)
    expected = plain_distances(edges, seeds, depth)
    assert nodes.dtype == depths.dtype == np.uint32
    assert list(zip(depths.tolist(), nodes.tolist(), strict=True)) == expected[:limit]
    assert truncated == (len(expected) > limit)


@pytest.mark.property
@given(EDGES, st.floats(0, 0.9))
def test_pagerank_without_seeds_solves_its_equation(edges: list[tuple[int, int]], damping: float) -> None:
    nodes, scores = graph_of(edges).pagerank(damping=damping, tolerance=1e-12)
    matrix = np.zeros((NODES, NODES))
    for source, target in edges:
        matrix[target, source] += 1
    out = matrix.sum(axis=0)
    # A walk that can go nowhere starts anew anywhere.
    matrix = np.where(out > 0, matrix / np.maximum(out, 1), 1 / NODES)
    expected = np.linalg.solve(np.eye(NODES) - damping * matrix, np.full(NODES, (1 - damping) / NODES))
    assert sorted(nodes.tolist()) == list(range(NODES))
    np.testing.assert_allclose(scores, expected[nodes], atol=1e-9)
    assert scores.tolist() == sorted(scores.tolist(), reverse=True)


@pytest.mark.property
@given(EDGES, st.lists(st.integers(0, NODES - 1), min_size=1, max_size=3))
def test_pagerank_stays_where_the_seeds_lead(edges: list[tuple[int, int]], seeds: list[int]) -> None:
    nodes, scores = graph_of(edges).pagerank(seeds)
    reachable = {node for _, node in plain_distances(edges, set(seeds), NODES)}
    assert set(nodes.tolist()) <= reachable
    assert 0 < scores.sum() <= 1 + 1e-9


def test_a_cycle_with_a_way_in() -> None:
    graph = pampax.Graph([0, 1, 2, 3], [1, 2, 0, 1])
    assert (graph.node_count, graph.edge_count) == (4, 4)
    assert repr(graph) == "Graph(nodes=4, edges=4)"
    nodes, depths, truncated = graph.bfs([3], depth=2)
    assert (nodes.tolist(), depths.tolist(), truncated) == ([3, 1, 2], [0, 1, 2], False)
    assert graph.reversed().bfs([1], depth=1)[0].tolist() == [1, 0, 3]


def test_weights_steer_the_walk() -> None:
    graph = pampax.Graph([0, 0], [1, 2], np.array([1, 3], dtype=np.float32))
    nodes, scores = graph.pagerank([0], tolerance=1e-12)
    score = dict(zip(nodes.tolist(), scores.tolist(), strict=True))
    assert score[2] == pytest.approx(3 * score[1])


def test_seed_weights_steer_the_start() -> None:
    nodes, scores = pampax.Graph([], [], nodes=3).pagerank([0, 1], [1.0, 3.0])
    assert nodes.tolist() == [1, 0]
    assert scores[0] == pytest.approx(3 * scores[1])


def test_a_large_graph_lets_other_threads_run() -> None:
    count = 50_000
    sources = np.arange(count, dtype=np.uint32)
    graph = pampax.Graph(sources, np.roll(sources, -1))
    nodes, depths, truncated = graph.bfs([0], depth=count, limit=count)
    assert len(nodes) == count
    assert depths[-1] == count - 1
    assert not truncated


def test_a_graph_cannot_be_changed() -> None:
    graph = pampax.Graph([0], [1])
    with pytest.raises(AttributeError):
        graph.node_count = 3
    with pytest.raises(TypeError):
        type("Sub", (pampax.Graph,), {})


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: pampax.Graph([0, 1], [1]), "2"),
        (lambda: pampax.Graph([0], [5], nodes=3), "5"),
        (lambda: pampax.Graph(np.array([0]), [1]), "sources: expected .*uint32"),
        (lambda: pampax.Graph([0], [1], np.array([1.0])), "weights: expected .*float32.*got an array of float64"),
        (lambda: pampax.Graph([0], [1], [-1.0]), "-1"),
        (lambda: pampax.Graph([0], [1], nodes=-1), "nodes: -1 given"),
        (lambda: pampax.Graph([0], [1]).bfs([7]), "7"),
        (lambda: pampax.Graph([0], [1]).bfs([0], -1), "depth: -1 given"),
        (lambda: pampax.Graph([0], [1]).bfs([0], 1, -1), "limit: -1 given"),
        (lambda: pampax.Graph([0], [1]).pagerank([7]), "7"),
        (lambda: pampax.Graph([0], [1]).pagerank([0], [1.0, 2.0]), "seed_weights: 2 given for 1 seeds"),
        (lambda: pampax.Graph([0], [1]).pagerank([0], damping=1.5), "damping"),
        (lambda: pampax.Graph([0], [1]).pagerank([0], tolerance=0.0), "tolerance"),
    ],
)
def test_what_is_not_accepted_is_named(make: object, said: str) -> None:
    with pytest.raises(pampax.InvalidInput, match=said):
        make()  # type: ignore[operator]
