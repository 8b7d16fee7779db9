"""`pampax bench` on a small tree: real runs, an injected slowdown, runs that are kept and read back."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pampax import benchmarks
from pampax._core import BadPath, InvalidInput
from pampax.benchmarks import corpus, crowding, memory, questions
from pampax.benchmarks.timing import timed

if TYPE_CHECKING:
    from collections.abc import Iterator

SHORT = ("fusion", "packing", "traversal", "token-counting")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    corpus.generate(tmp_path / "tree", files=40, seed=1)
    return tmp_path / "tree"


@pytest.fixture
def subject(tree: Path, tmp_path: Path) -> Iterator[benchmarks.Subject]:
    with benchmarks.prepare(str(tree), folder=tmp_path) as made:
        yield made


def short_runs(*extra_percent: int, rounds: int) -> list[benchmarks.Run]:
    """Runs that need no tree and no index, each with so much repeated work; their rounds take turns."""
    made: list[list[benchmarks.Run]] = [[] for _ in extra_percent]
    for _ in range(rounds):
        for runs, percent in zip(made, extra_percent, strict=True):
            plan = dataclasses.replace(
                benchmarks.QUICK, only=SHORT, short_rounds=1, least_rounds=1, passes=4, extra_percent=percent
            )
            with benchmarks.prepare("small") as subject:
                runs.append(benchmarks.measure(subject, plan))
    return [joined(runs) for runs in made]


def joined(runs: list[benchmarks.Run]) -> benchmarks.Run:
    series = {
        name: benchmarks.Series(of.benchmark, tuple(made for run in runs for made in run.series[name].rounds))
        for name, of in runs[0].series.items()
    }
    return dataclasses.replace(runs[0], series=series)


@pytest.mark.timeout(300)
def test_a_real_slowdown_of_15_percent_is_found_and_identical_runs_are_not() -> None:
    """Real processes, real work repeated. One benchmark must show it; the rounds it takes depend on the noise."""
    made: list[list[benchmarks.Run]] = [[], [], []]
    for _ in range(4):
        for runs, run in zip(made, short_runs(0, 0, 15, rounds=9), strict=True):
            runs.append(run)
        base, again, slower = (joined(runs) for runs in made)
        comparison = benchmarks.compare(slower, base)
        if comparison.regressions:
            break
    assert comparison.regressions, {change.benchmark.name: change.ratio for change in comparison.changes}
    assert benchmarks.compare(again, base).regressions == ()


@pytest.mark.timeout(300)
def test_one_round_of_everything(subject: benchmarks.Subject, tree: Path, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in tree.rglob("*")}
    plan = dataclasses.replace(
        benchmarks.QUICK, rounds=1, short_rounds=1, least_rounds=1, passes=1, runs=1, searches=3, bundles=2,
        processes=1, log_queries=10,
    )  # fmt: skip
    told: list[str] = []
    run = benchmarks.measure(subject, plan, progress=told.append)
    assert set(run.series) | set(run.absent) == set(benchmarks.BENCHMARKS)
    assert "round 1 of 1: index-cold" in told
    for name, series in run.series.items():
        assert len(series.rounds) == 1
        assert series.rounds[0].value > 0 or name == "cache-hit-rate"
        assert (series.rounds[0].kernel_ms is None) == (series.benchmark.kernel is None)
    assert run.corpus["files"] == 40
    assert {path: path.stat().st_mtime_ns for path in tree.rglob("*")} == before, "the tree was written to"
    check_round_trip(run, tmp_path / "run.json")


def check_round_trip(run: benchmarks.Run, path: Path) -> None:
    run.save(path)
    read = benchmarks.load_run(path)
    assert read.corpus == run.corpus
    assert read.machine == run.machine
    assert list(read.series) == list(run.series)
    for name, series in run.series.items():
        assert read.series[name].median.value == pytest.approx(series.median.value, rel=1e-5)
    assert benchmarks.compare(read, read, threshold_percent=10).regressions == ()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": "other"}, "its schema is 'other'"),
        ({"benchmarks": {"fusion": {"unit": "ms", "rounds": []}}}, "damaged"),
        ({"benchmarks": {"fusion": {"unit": "bytes", "rounds": [{}]}}}, "damaged"),
        ({"benchmarks": []}, "damaged"),
        ({"corpus": None}, "damaged"),
    ],
)
def test_what_is_no_run_is_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    good = {"schema": "pampax.benchmarks/1", "benchmarks": {}, "corpus": {}, "plan": {}, "machine": {}, "absent": {}}
    path = tmp_path / "run.json"
    path.write_text(json.dumps(good | change), encoding="utf-8")
    with pytest.raises(benchmarks.RunError, match=message):
        benchmarks.load_run(path)
    path.write_bytes(b"\xff[")
    with pytest.raises(benchmarks.RunError, match="not JSON"):
        benchmarks.load_run(path)


def test_repeated_calls_are_timed_and_not_counted() -> None:
    told: list[tuple[int, int]] = []
    calls = [lambda number, at=at: told.append((at, number)) for at in range(20)]
    reading = timed(calls, passes=2, kernel="core", extra_percent=15)
    assert len(reading.samples) == 40
    assert len(told) == 20 + 2 * 23
    assert len(set(told)) == len(told), "a call was told the same number twice"


def test_questions_follow_from_the_tree_alone(subject: benchmarks.Subject, tree: Path, tmp_path: Path) -> None:
    assert len(subject.questions) > 20
    assert len(set(subject.questions)) == len(subject.questions)
    with benchmarks.prepare(str(tree), folder=tmp_path) as other:
        assert other.questions == subject.questions


def test_edits_are_new_each_time_and_touch_only_the_copy(subject: benchmarks.Subject, tree: Path) -> None:
    first, second = subject.edit(0), subject.edit(1)
    assert first != second
    assert Path(first[0]).is_relative_to(subject.editable())
    assert not subject.editable().is_relative_to(tree)


def test_a_log_repeats_questions_as_people_do() -> None:
    asked = [f"question {number}" for number in range(50)]
    log = questions.replayed(asked, 500, seed=1)
    assert log == questions.replayed(asked, 500, seed=1) != questions.replayed(asked, 500, seed=2)
    assert log.count("question 0") > 3 * log.count("question 20")
    assert 30 < len(set(log)) <= 50


@pytest.mark.parametrize(
    ("text", "message"), [("\n\n", "no question"), ('{"text": 1}\n', ":1: no JSON"), ("x" * 20_000, "longer")]
)
def test_files_of_questions_are_checked(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "questions").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match=message):
        questions.read_questions(tmp_path / "questions")


def test_a_file_of_questions_has_one_a_line(tmp_path: Path) -> None:
    (tmp_path / "questions").write_text('first\n\n{"query": "second"}\nfirst\n', encoding="utf-8")
    assert questions.read_questions(tmp_path / "questions") == ["first", "second"]


def test_unknown_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no benchmark 'speed'"), benchmarks.prepare("small") as made:
        benchmarks.measure(made, dataclasses.replace(benchmarks.QUICK, only=("speed",)))
    with pytest.raises(BadPath, match="none of small, medium, large"), benchmarks.prepare(str(tmp_path / "nothing")):
        pass


def test_crowding_is_what_others_took_while_nothing_was_idle() -> None:
    clock = crowding.Clock
    assert crowding.between(clock(0, 0, 0), clock(10, 0, 5)) == pytest.approx(0.5)
    assert crowding.between(clock(0, 0, 0), clock(10, 6, 2)) == 0.0
    assert crowding.between(clock(0, 0, 0), clock(10, 0, 10)) == 0.0
    assert crowding.between(None, clock(10, 0, 10)) == 0.0


def test_memory_is_that_of_this_process() -> None:
    held = memory.now()
    assert held.resident is None or held.resident > 10 << 20
    assert held.own is None or held.resident is None or held.own <= held.resident
