"""What is an alarm and what is not: the statistics on made-up rounds with the noise of a shared machine."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

import pytest

from pampax import benchmarks
from pampax._core import InvalidInput
from pampax.benchmarks import intervals
from pampax.benchmarks.catalogue import BENCHMARKS

if TYPE_CHECKING:
    from pampax.benchmarks.compare import Verdict

NOISE, INTERRUPTED, ROUNDS = 0.02, 0.15, 21
"""As recorded on two cores that other programs used too: rounds differ by some 2 %, one in seven is much slower, the
kernel with it, and whole runs differ by some 5 %."""


def made_run(
    seed: int, *, name: str = "fusion", slower: float = 1.0, rounds: int = ROUNDS, crowded: float = 0.0
) -> benchmarks.Run:
    """A run of one benchmark: each round has a busy time that it shares with its kernel, and noise that it does not."""
    chance = random.Random(seed)
    drift = math.exp(chance.gauss(0, 0.05))
    made = []
    for _ in range(rounds):
        busy = drift * (1 + (chance.uniform(0.05, 0.6) if chance.random() < INTERRUPTED else 0))
        fastest = slower * busy * math.exp(chance.gauss(0, NOISE))
        kernel = None if BENCHMARKS[name].kernel is None else busy * math.exp(chance.gauss(0, NOISE))
        made.append(benchmarks.Round(fastest * 1.1, fastest, kernel, (fastest, fastest * 1.2), crowded))
    corpus = {"name": "small", "kind": "generated", "seed": 1, "files": 500, "bytes": 1, "questions": "x"}
    return benchmarks.Run({name: benchmarks.Series(BENCHMARKS[name], tuple(made))}, corpus, {}, {})


def verdict(now: benchmarks.Run, base: benchmarks.Run) -> Verdict:
    (change,) = benchmarks.compare(now, base).changes
    return change.verdict


def test_a_slowdown_of_15_percent_is_found() -> None:
    found = [verdict(made_run(seed, slower=1.15), made_run(seed + 1000)) for seed in range(60)]
    assert found.count("regression") >= 55


def test_identical_runs_raise_no_alarm() -> None:
    """Each of ten runs against each other, and runs of few rounds too."""
    for rounds in (ROUNDS, 7, 3):
        runs = [made_run(seed, rounds=rounds) for seed in range(10)]
        assert [(now, base) for now in runs for base in runs if benchmarks.compare(now, base).regressions] == []


def test_what_is_within_the_threshold_is_no_alarm() -> None:
    found = [verdict(made_run(seed, slower=1.05), made_run(seed + 1000)) for seed in range(40)]
    assert "regression" not in found


def test_a_slower_machine_is_not_slower_code() -> None:
    base, now = made_run(1), made_run(2)
    slowed = tuple(
        benchmarks.Round(made.value * 1.5, made.fastest * 1.5, (made.kernel_ms or 0) * 1.5)
        for made in now.series["fusion"].rounds
    )
    now = benchmarks.Run({"fusion": benchmarks.Series(BENCHMARKS["fusion"], slowed)}, now.corpus, {}, {})
    assert verdict(now, base) in ("same", "unsure")


def test_a_faster_kernel_alone_is_no_alarm() -> None:
    base = made_run(1)
    same = tuple(
        benchmarks.Round(made.value, made.fastest, (made.kernel_ms or 0) / 1.3) for made in base.series["fusion"].rounds
    )
    now = benchmarks.Run({"fusion": benchmarks.Series(BENCHMARKS["fusion"], same)}, base.corpus, {}, {})
    assert verdict(now, base) == "unsure"


def test_faster_code_is_an_improvement() -> None:
    assert verdict(made_run(1, slower=0.7), made_run(2)) == "improvement"


def test_a_crowded_machine_decides_nothing_about_what_waits() -> None:
    slow = made_run(1, name="search-warm", slower=3, crowded=0.5)
    assert verdict(slow, made_run(2, name="search-warm")) == "too-crowded"
    assert verdict(made_run(1, slower=3, crowded=0.5), made_run(2)) == "regression"


def test_two_rounds_are_too_few() -> None:
    assert verdict(made_run(1, slower=3, rounds=2), made_run(2)) == "too-few-rounds"


def test_a_lower_hit_rate_is_worse() -> None:
    low = made_run(1, name="cache-hit-rate", slower=0.5)
    high = made_run(2, name="cache-hit-rate")
    assert verdict(low, high) == "regression"
    assert verdict(high, low) == "improvement"


def test_the_same_rounds_give_the_same_interval() -> None:
    rounds = [1.0, 1.1, 0.9, 1.2, 1.05]
    assert intervals.median(rounds) == intervals.median(list(rounds))
    found = intervals.median(rounds)
    assert found.low <= found.value == 1.05 <= found.high
    assert intervals.ratio(rounds, rounds).value == 1.0


@pytest.mark.parametrize(("percent", "expected"), [(50, 2.0), (95, 4.0), (1, 1.0), (75, 3.0), (76, 4.0)])
def test_percentiles_are_samples(percent: float, expected: float) -> None:
    assert intervals.percentile([4.0, 1.0, 3.0, 2.0], percent) == expected


def test_runs_on_other_corpora_are_not_compared() -> None:
    one, other = made_run(1), made_run(2)
    other.corpus["name"] = "medium"
    with pytest.raises(InvalidInput, match="on the corpus medium and this one on small"):
        benchmarks.compare(one, other)
    other.corpus["name"], other.corpus["files"] = "small", 501
    with pytest.raises(InvalidInput, match="not made on the same files"):
        benchmarks.compare(one, other)
    one.corpus["kind"] = other.corpus["kind"] = "folder"
    assert benchmarks.compare(one, other).notes == ("the corpus has changed: files: 501 and 500",)


def test_another_machine_is_said() -> None:
    one, other = made_run(1), made_run(2)
    one.machine["processor"], other.machine["processor"] = "new", "old"
    assert benchmarks.compare(one, other).notes == ("another machine: processor: old and new",)


def test_runs_without_a_common_benchmark_are_not_compared() -> None:
    with pytest.raises(InvalidInput, match="no benchmark in common"):
        benchmarks.compare(made_run(1), made_run(2, name="packing"))
