"""Costs at equal recall, on courses whose answers are known; and the tasks are what their page says."""

from __future__ import annotations

import json
import statistics
from pathlib import Path

import pytest
from bench_tokens import best_ways, compared, kind_of
from token_arithmetic import (
    Point,
    best,
    cost,
    median_ratio,
    moment,
    ratio_of_totals,
    reached,
    recall_within,
    tokens_at_mean_recall,
)
from token_grep import keywords

from pampax.benchmarks import pinned

TASKS = Path(__file__).parent / "data" / "token_tasks.jsonl"


def course(*points: tuple[int, str]) -> list[Point]:
    return [Point(tokens, frozenset(found)) for tokens, found in points]


TWO_STEPS = course((10, ""), (30, "a"), (100, "ab"))
GIVES_UP = course((5, "a"), (400, "a"))


def test_a_cost_is_that_of_the_first_point_that_has_enough() -> None:
    assert [cost(TWO_STEPS, wanted) for wanted in (0, 1, 2)] == [10, 30, 100]


def test_what_is_never_found_costs_all_that_was_returned() -> None:
    assert cost(GIVES_UP, 2) == 400
    assert cost([], 1) == 0


def test_costs_are_the_least_even_where_a_later_point_is_cheaper() -> None:
    assert cost(course((90, "a"), (40, "ab")), 1) == 40


def test_two_tools_are_compared_at_what_both_find() -> None:
    assert (reached(TWO_STEPS), reached(GIVES_UP), reached([])) == (2, 1, 0)
    assert moment(TWO_STEPS, 1).found == {"a"}
    ways = {
        "pampax": {"x": [TWO_STEPS, TWO_STEPS]},
        "semble": {"y": [GIVES_UP, []]},
        "grep + read": {"z": [GIVES_UP] * 2},
    }
    names = {"pampax": "x", "semble": "y", "grep + read": "z"}
    row = compared(ways, names, "semble", None)  # the second task does not count: one of them finds nothing
    assert (row["tasks"], row["ours"], row["theirs"], row["ratio_of_totals"]) == (1, 30, 5, [6, 6, 6])
    reading = [{"a": 1_000}, {"a": 2_000}]
    assert compared(ways, names, "semble", reading)["theirs"] == 1_005
    row = compared(ways, names, "grep + read", reading)  # which has read the files already
    assert (row["ours"], row["theirs"]) == (1_030 + 2_030, 10)


def test_the_best_way_finds_everything_for_the_fewest_tokens() -> None:
    assert best({"gives up": [GIVES_UP], "goes on": [TWO_STEPS]}, [2]) == "goes on"
    assert best({"gives up": [GIVES_UP], "goes on": [TWO_STEPS]}, [1]) == "gives up"


def test_ways_are_compared_with_ways_of_their_kind() -> None:
    names = ("search", "places: no text", "session: search", "alike: ten lines")
    assert [kind_of(name) for name in names] == ["code", "places", "session", "alike"]
    cheap, dear = course((1, "a")), course((9, "a"))
    ways = {
        "pampax": {"search": [dear], "assemble": [cheap], "session: search": [dear], "places: x": [cheap]},
        "grep + read": {"whole": [dear], "head": [cheap]},
    }
    assert best_ways(ways, [1], "code") == {"pampax": "assemble", "grep + read": "head"}
    assert best_ways(ways, [1], "session") == {"pampax": "session: search", "grep + read": "head"}
    assert best_ways(ways, [1], "places") == {"pampax": "places: x"}


def test_recall_grows_with_the_budget_and_the_least_budget_is_given() -> None:
    assert [recall_within(TWO_STEPS, tokens, 2) for tokens in (9, 10, 30, 99, 100)] == [0, 0, 0.5, 0.5, 1]
    courses = [TWO_STEPS, GIVES_UP]
    assert tokens_at_mean_recall(courses, [2, 1], 0.5) == 5
    assert tokens_at_mean_recall(courses, [2, 1], 0.75) == 30
    assert tokens_at_mean_recall(courses, [2, 1], 1.0) == 100
    assert tokens_at_mean_recall([GIVES_UP], [2], 0.8) is None


def test_ratios_are_those_of_the_definition_and_lie_in_their_interval() -> None:
    now, base = [10.0, 20.0, 90.0, 15.0], [100.0, 100.0, 100.0, 150.0]
    total, median = ratio_of_totals(now, base), median_ratio(now, base)
    assert total.value == pytest.approx(sum(now) / sum(base))
    assert median.value == pytest.approx(statistics.median([0.1, 0.2, 0.9, 0.1]))
    assert total.low < total.value < total.high
    assert median.low <= median.value <= median.high
    assert ratio_of_totals(now, base) == total
    assert ratio_of_totals([5.0] * 9, [10.0] * 9) == (0.5, 0.5, 0.5)


def test_keywords_are_names_and_words_that_say_something() -> None:
    assert keywords("when tpc_prepare() fails within Session.commit() of a two-phase session") == [
        "tpc_prepare", "fails", "session.commit", "session", "commit", "two-phase", "two", "phase",
    ]  # fmt: skip


def test_the_tasks_are_thirty_over_pinned_trees() -> None:
    tasks = [json.loads(line) for line in TASKS.read_text(encoding="utf-8").splitlines()]
    assert len(tasks) == 30
    assert {task["tree"] for task in tasks} <= set(pinned.pins())
    assert len({task["tree"] for task in tasks}) >= 5
    assert len({task["question"] for task in tasks}) == 30
    for task in tasks:
        assert 1 <= len(task["gold"]) <= 4
        assert task["source"]
        # A question does not name its answer.
        assert not any(path in task["question"] for path in task["gold"])
