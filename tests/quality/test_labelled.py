"""The answers to our own labelled questions are as good as they were."""

from __future__ import annotations

import os
import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pampax.evaluation import read_questions

if TYPE_CHECKING:
    from pampax.evaluation import Run

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from corpora import labelled  # noqa: E402

pytestmark = pytest.mark.timeout(300)  # the first test indexes this repository, on a debug build of a busy machine

FLOORS = Path(__file__).with_name("floors.toml")
MARGIN = 0.03
"""What a figure may lose without a failure. The repository that the questions are about changes with every commit, and
each change of it moves some hits by a place or two: 0.03 is five of 164 questions lost from the first place to nowhere.
A change of the ranker is judged by `pampax eval --compare` instead, which looks question by question."""

HEAD = """\
# What the labelled questions measured when the floors were last set, and what they may not fall below: measured less
# the margin in test_labelled.py. Written by: PAMPAX_UPDATE_GOLDEN=1 pytest tests/quality
# Raise them when the figures rise for good; a lower floor needs a reason in the commit.
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    folder = tmp_path_factory.mktemp("stores")
    return {name: labelled.measure(name, folder / name) for name in labelled.ROOTS}


def test_every_answer_is_there(runs: dict[str, Run]) -> None:
    """Measuring refuses labels whose answers are gone; so this says which, if nothing else does."""
    assert {name: run.missing for name, run in runs.items()} == dict.fromkeys(labelled.ROOTS, 0)
    assert sum(len(run.results) for run in runs.values()) >= 200
    assert len(runs["pampax"].results) >= 120
    assert len(runs["polyglot"].results) >= 80
    assert len({language for run in runs.values() for language in run.languages}) >= 15


def test_the_questions_do_not_find_themselves(runs: dict[str, Run]) -> None:
    shown = {place.path for run in runs.values() for result in run.results for place in result.first}
    assert len(shown) > 100
    assert [path for path in shown if path.endswith(".jsonl") or path.startswith("corpora/labelled/polyglot")] == []


def test_every_intent_is_asked_for() -> None:
    questions = [question for name in labelled.ROOTS for question in read_questions(labelled.FOLDER / f"{name}.jsonl")]
    asked = Counter(question.intent for question in questions)
    assert set(asked) == {"symbol", "behaviour", "architecture", "error", "configuration", "path"}
    assert min(asked.values()) >= 8


def test_questions_in_words_are_not_the_words_of_the_code() -> None:
    """Apart from names, paths and messages, a question does not hold the symbol that answers it."""
    for name in labelled.ROOTS:
        for question in read_questions(labelled.FOLDER / f"{name}.jsonl"):
            if question.intent in ("symbol", "path", "error"):
                continue
            words = question.query.split()
            symbols = [place.symbol.rpartition(".")[2] for place in question.answers if place.symbol]
            joined = [symbol for symbol in symbols if "_" in symbol.strip("_") or not symbol.islower()]
            assert not set(joined) & set(words), question.id


def test_figures_stay_above_their_floors(runs: dict[str, Run]) -> None:
    measured = {
        name: {metric: run.metrics[metric].mean for metric in ("ndcg@10", "mrr@10", "recall@10", "recall@50")}
        for name, run in runs.items()
    }
    if os.environ.get("PAMPAX_UPDATE_GOLDEN"):
        FLOORS.write_text(HEAD + "".join(_table(name, figures) for name, figures in measured.items()))
    floors = tomllib.loads(FLOORS.read_text(encoding="utf-8"))
    assert floors.keys() == measured.keys()
    below = [
        f"{name} {metric}: {figures[metric]:.4f}, floor {row['floor']:.3f}"
        for name, figures in measured.items()
        for metric, row in floors[name].items()
        if figures[metric] < row["floor"]
    ]
    assert below == []


def test_floors_are_what_was_measured_less_the_margin() -> None:
    rows = [row for table in tomllib.loads(FLOORS.read_text(encoding="utf-8")).values() for row in table.values()]
    assert len(rows) == 8
    assert all(row["floor"] == pytest.approx(row["measured"] - MARGIN) for row in rows)


def _table(name: str, figures: dict[str, float]) -> str:
    rows = [
        f'"{metric}" = {{measured = {value:.3f}, floor = {round(value, 3) - MARGIN:.3f}}}\n'
        for metric, value in figures.items()
    ]
    return f"\n[{name}]\n" + "".join(rows)
