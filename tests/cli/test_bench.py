"""`pampax bench` as a process."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pampax import _core
from pampax.benchmarks import BENCHMARKS

if TYPE_CHECKING:
    from pathlib import Path

    from command_process import Pampax

# The quickest there is; no figure is looked at, so any build will do.
FEW = ("bench", "--allow-debug", "--rounds", "3", "--only", "fusion", "--only", "packing")


def test_a_table_on_stdout_and_progress_on_stderr(pampax: Pampax) -> None:
    result = pampax(*FEW)
    assert result.code == 0, result.err
    heading, first, second, *rest = result.out.splitlines()
    assert heading.split() == ["benchmark", "median", "95%", "interval", "p50", "p95", "p99", "rounds", "samples"]
    assert (first.split()[0], second.split()[0]) == ("fusion", "packing")
    assert rest[1].startswith("corpus small")
    assert f"pampax {_core.__version__}" in rest[2]
    assert "round" not in result.out.replace("rounds", "")


@pytest.mark.timeout(180)
def test_a_run_is_kept_and_compared(pampax: Pampax, tmp_path: Path) -> None:
    base = tmp_path / "base.json"
    assert pampax(*FEW, "--save", str(base)).code == 0
    same = pampax(*FEW, "--compare", str(base), "--threshold-percent", "400")
    assert same.code == 0, same.out
    assert "no regression (threshold 400 %" in same.out
    # The earlier run as it would have been with code four times as fast.
    halved = json.loads(base.read_text(encoding="utf-8"))
    for made in halved["benchmarks"]["fusion"]["rounds"]:
        made["fastest"] /= 4
    base.write_text(json.dumps(halved), encoding="utf-8")
    slower = pampax(*FEW, "--compare", str(base), "--json", "--threshold-percent", "50")
    assert slower.code == 1, slower.out
    assert "regression: fusion slower by more than 50 %" in slower.err
    found = document(slower.out)
    assert found["comparison"]["regressions"] == ["fusion"]
    assert found["comparison"]["changes"]["fusion"]["verdict"] == "regression"


def document(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    assert found["schema"] == "pampax.benchmarks/1"
    return found


def test_the_json_has_machine_corpus_and_rounds(pampax: Pampax) -> None:
    found = document(pampax(*FEW, "--json").out)
    assert found["comparison"] is None
    assert {
        "processor",
        "processors",
        "memory_bytes",
        "kernel",
        "governor",
        "python",
        "pampax",
        "build_profile",
    } <= set(found["machine"])
    fusion = found["benchmarks"]["fusion"]
    assert len(fusion["rounds"]) == 3
    assert fusion["median_low"] <= fusion["median"] <= fusion["median_high"]
    assert fusion["p50"] <= fusion["p95"] <= fusion["p99"] <= fusion["max"]


def test_it_measures_the_repository_in_a_folder_and_leaves_it_alone(pampax: Pampax, repository: Path) -> None:
    result = pampax(
        "bench", "--allow-debug", "--corpus", ".", "--rounds", "1", "--quick", "--only", "sqlite-read", "--only",
        "index-no-change", "--json",
    )  # fmt: skip
    assert result.code == 0, result.err
    found = document(result.out)
    assert found["corpus"]["kind"] == "folder"
    assert found["corpus"]["files"] == 5
    assert set(found["benchmarks"]) == {"sqlite-read", "index-no-change"}
    assert not (repository / ".git" / "pampax").exists(), "an index was made"


def test_the_list_names_benchmarks_and_pins(pampax: Pampax) -> None:
    out = pampax("bench", "--list").out
    assert [line.split()[0] for line in out.splitlines()[1 : len(BENCHMARKS) + 1]] == list(BENCHMARKS)
    assert "pinned:linux" in out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--only", "speed"), 2, "no benchmark 'speed'"),
        (("--corpus", "nowhere"), 3, "nowhere: no folder"),
        (("--corpus", "pinned:nothing"), 2, "no corpus is pinned as 'nothing'"),
        (("--corpus", "pinned:flask"), 2, "needs --corpora-folder"),
        (("--compare", "missing.json"), 3, "missing.json"),
        (("--queries", "missing.txt"), 3, "missing.txt"),
        (("--threshold-percent", "0"), 2, "--threshold-percent"),
        (("--reranker", "http://localhost:1"), 2, "--reranker"),
    ],
)
def test_mistakes_are_said_before_anything_is_measured(
    pampax: Pampax, arguments: tuple[str, ...], code: int, message: str
) -> None:
    result = pampax("bench", "--allow-debug", *arguments)
    assert (result.code, result.out) == (code, "")
    assert message in result.err
    assert len(result.err.splitlines()) <= 2


def test_models_behind_endpoints_are_not_measured(pampax: Pampax) -> None:
    result = pampax("bench", "--allow-debug", PAMPAX_RERANKER="http://localhost:1")
    assert result.code == 2
    assert "measure without it" in result.err


@pytest.mark.skipif(_core.build_profile == "release", reason="about debug builds")
def test_a_debug_build_is_refused(pampax: Pampax) -> None:
    result = pampax("bench", "--quick")
    assert result.code == 2
    assert "--allow-debug" in result.err
