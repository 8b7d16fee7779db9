"""Fitting weights: the gradient against differences, the figures against hand-made cases, and what lists may hold."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pampax.training import (
    FORM_PENALTIES,
    FORMS,
    JUDGES,
    PENALTIES,
    RULES,
    Candidates,
    SetError,
    Weights,
    forms_text,
    held_out,
    ranked,
    read_sets,
    weights_text,
)
from pampax.training.figures import folds_of, measured

pytest.importorskip("scipy")

from pampax.evaluation.labels import INTENTS
from pampax.training.fit import fit, fit_forms, fit_weights, loss

FEATURES = 3


def question(seed: int, judge: str = "hit", **changes: object) -> Candidates:
    """Made-up candidates in which the first feature tells right from wrong, and the others say nothing."""
    generator = np.random.default_rng(seed)
    count = 12
    right = np.zeros(count, dtype=bool)
    right[generator.integers(0, count)] = True
    features = generator.normal(size=(count, FEATURES))
    features[:, 0] += 2.0 * right
    values = {
        "repository": f"repository {seed % 7}",
        "set": judge,
        "judge": judge,
        "intent": "behaviour",
        "features": features,
        "rules": np.zeros(count),
        "group": np.sort(generator.integers(0, 6, count)),
        "right": right,
        "start": np.arange(count) * 10,
        "answers": 1,
    }
    return Candidates(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.property
@given(
    st.sampled_from(sorted(JUDGES)),
    st.integers(0, 1_000),
    st.lists(st.floats(-2, 2), min_size=FEATURES, max_size=FEATURES),
)
def test_the_gradient_is_that_of_the_loss(judge: str, seed: int, weights: list[float]) -> None:
    found = [question(seed, judge), question(seed + 1, "span"), question(seed + 2, judge)]
    at, prior, step = np.array(weights), np.full(FEATURES, 0.1), 1e-6
    for one in found:
        # Where the best candidate of a file changes, the loss has an edge.
        assume(np.diff(np.sort(one.features @ at)).min() > 1e-4)
    _, gradient = loss(at, found, prior, 0.05)
    for place in range(FEATURES):
        move = np.zeros(FEATURES)
        move[place] = step
        difference = (loss(at + move, found, prior, 0.05)[0] - loss(at - move, found, prior, 0.05)[0]) / (2 * step)
        assert gradient[place] == pytest.approx(difference, rel=1e-3, abs=1e-4)


def test_the_loss_of_one_question_by_hand() -> None:
    features = np.array([[1.0, 0, 0], [0.0, 0, 0], [0.0, 0, 0]])
    one = question(
        0, "span", features=features, rules=np.zeros(3), group=np.arange(3), right=np.array([True, False, False])
    )
    value, _ = loss(np.array([1.0, 0.0, 0.0]), [one], np.zeros(3), 0.0)
    assert value == pytest.approx(-np.log(np.e / (np.e + 2)))
    pulled, _ = loss(np.array([1.0, 0.0, 0.0]), [one], np.zeros(3), 0.5)
    assert pulled == pytest.approx(value + 0.5)


def test_files_are_represented_by_their_best_candidate() -> None:
    # Two hits of the wrong file would count twice, were they not of one file.
    features = np.array([[0.0, 0, 0], [0.0, 0, 0], [0.0, 0, 0]])
    by_file = question(0, "hit", features=features, rules=np.zeros(3), group=np.array([0, 1, 1]),
                       right=np.array([True, False, False]))  # fmt: skip
    assert loss(np.zeros(3), [by_file], np.zeros(3), 0.0)[0] == pytest.approx(np.log(2))


def test_fitting_finds_the_feature_that_tells() -> None:
    found = [question(seed) for seed in range(120)]
    weights = fit(found, np.zeros(FEATURES), 0.002)
    assert weights[0] > 1
    assert abs(weights[1:]).max() < weights[0] / 3
    strong = fit(found, np.zeros(FEATURES), 10.0)
    assert abs(strong).max() < weights[0] / 10, "a strong pull keeps weights at zero"


def alike(*intents: float) -> Weights:
    """Weights that are the same for all intents, with forms that add nothing."""
    return Weights(
        dict.fromkeys(INTENTS, np.array(intents)), np.zeros((len(FORMS), len(intents))), [], np.zeros((0, 3))
    )


def test_names_have_weights_of_their_own_if_there_are_questions_enough() -> None:
    spoken = [question(seed, surface={"any": 1.0}) for seed in range(60)]
    named = [question(seed, intent="symbol") for seed in range(100, 150)]
    weights = fit_weights([*spoken, *named], FEATURES, 0.002, 0.02, 0.01)
    assert weights.intents["error"].tolist() == weights.intents["path"].tolist()
    assert weights.intents["symbol"].tolist() != weights.intents["path"].tolist()
    few = fit_weights([*spoken, *named[:10]], FEATURES, 0.002, 0.02, 0.01)
    assert few.intents["symbol"].tolist() == few.intents["path"].tolist()
    ruled = fit_weights([*spoken, *named], FEATURES, 0.002, 0.02, 0.01, ruled=[1])
    assert ruled.intents["symbol"][1] == 0.0 == ruled.intents["path"][1] != ruled.intents["error"][1]


def formed(seed: int) -> Candidates:
    """Topics are told by a first word, tasks by another; for tasks the first feature says the opposite."""
    form = "topic" if seed % 2 else "task"
    surface = {"any": 1.0, f"first.{form}": 1.0, "begins_upper": float(seed % 3 == 0)}
    one = question(seed, form=form, surface=surface)
    return one if form == "topic" else replace(one, features=one.features * np.array([-1.0, 1.0, 1.0]))


def test_forms_are_told_by_what_is_seen_and_not_by_how_it_is_typed() -> None:
    found = [formed(seed) for seed in range(120)]
    names, model = fit_forms(found)
    assert "begins_upper" not in names
    weights = fit_weights(found, FEATURES, 0.002, 0.02, 0.001)
    for one in found[:20]:
        shares = weights.shares(one)
        assert shares.sum() == pytest.approx(1.0)
        assert FORMS[int(np.argmax(shares))] == one.form
        assert np.sign(weights.of(one)[0]) == (1 if one.form == "topic" else -1)
    assert model.shape == (len(names), len(FORMS))
    shared = fit_weights([replace(one, form=None) for one in found], FEATURES, 0.002, 0.02, 0.001)
    assert not shared.forms.any(), "without labelled forms nothing is added"


def test_penalties_follow_the_form() -> None:
    weights = fit_weights([formed(seed) for seed in range(120)], FEATURES, 0.002, 0.02, 0.001)
    topic, task = formed(1), formed(2)
    assert weights.penalty(topic, 1.0) == pytest.approx(1.0 + FORM_PENALTIES["topic"], abs=0.3)
    assert weights.penalty(task, 1.0) < weights.penalty(topic, 1.0)
    assert weights.penalty(question(1, intent="symbol"), 1.0) == PENALTIES["symbol"]


def test_further_hits_of_a_file_lose_by_the_penalty() -> None:
    features = np.array([[3.0, 0, 0], [2.5, 0, 0], [2.0, 0, 0]])
    one = question(0, features=features, rules=np.array([0.0, 0.0, 0.0]), group=np.array([0, 0, 1]),
                   right=np.array([True, False, False]), start=np.array([1, 9, 1]))  # fmt: skip
    weights = np.array([1.0, 0.0, 0.0])
    assert ranked(one, weights, 0.0).tolist() == [0, 1, 2]
    assert ranked(one, weights, 1.0).tolist() == [0, 2, 1]
    ruled = question(0, features=features, rules=np.array([0.0, 0.0, 10.0]), group=np.array([0, 0, 1]),
                     right=one.right, start=one.start)  # fmt: skip
    assert ranked(ruled, weights, 0.0).tolist() == [2, 0, 1]


@pytest.mark.parametrize(
    ("judge", "expected"),
    [
        # Order: a wrong file, the right one's wrong lines, the right one's right lines.
        ("hit", {"hit ndcg": 0.5}),
        ("span", {"span mrr": 1 / 3, "span recall@10": 1.0}),
        ("file", {"file mrr": 0.5, "file recall@10": 1.0}),
    ],
)
def test_figures_by_hand(judge: str, expected: dict[str, float]) -> None:
    one = question(0, judge, features=np.array([[3.0, 0, 0], [2.0, 0, 0], [1.0, 0, 0]]), rules=np.zeros(3),
                   group=np.array([0, 1, 1]), right=np.array([False, False, True]), start=np.arange(3))  # fmt: skip
    weights = alike(1.0, 0.0, 0.0)
    found = measured([one], weights, 0.0)
    assert {name: value for name, (value, _) in found.items()} == pytest.approx(expected)
    # The file with two answers of which one is found.
    if judge == "file":
        two = question(0, judge, features=one.features, rules=one.rules, group=one.group, right=one.right,
                       start=one.start, answers=2)  # fmt: skip
        assert measured([two], weights, 0.0)["file recall@10"][0] == 0.5


def test_means_are_over_repositories_and_folds_hold_whole_ones() -> None:
    found = [question(seed) for seed in range(70)]
    folds = folds_of(found)
    assert len(folds) == 5
    assert sorted(name for fold in folds for name in fold) == sorted({one.repository for one in found})
    weights = alike(1.0, 0.0, 0.0)
    whole = measured(found, weights, 0.0)
    parts = held_out(found, [(fold, weights) for fold in folds], 0.0)
    assert parts["hit ndcg"] == pytest.approx(whole["hit ndcg"][0])
    assert whole["hit ndcg"][1] == 7
    assert len(folds_of([question(seed) for seed in (0, 1, 7)])) == 2


def test_the_weights_file_is_what_the_engine_reads() -> None:
    names = ["chunk_body", "chunk_names"]
    weights = alike(1.25, -0.5)
    weights.intents["error"] = np.array([1.25, -0.75])
    weights.forms[FORMS.index("task")] = [0.0, 2.0]
    text = weights_text(names, weights, 1.5, ["Fitted today."])
    assert "# Fitted today.\n" in text
    found = tomllib.loads(text)
    assert found["default"] == {"chunk_body": 1.25, "chunk_names": -0.5, "repeat_penalty": 1.5, **RULES}
    assert found["error"] == {"chunk_names": -0.75}
    assert {name: found[name] for name in PENALTIES} == {
        name: {"repeat_penalty": value} for name, value in PENALTIES.items()
    }
    assert found["task"] == {"chunk_names": 2.0, "repeat_penalty": FORM_PENALTIES["task"]}
    shipped = Path(__file__).resolve().parents[2] / "rust" / "pampax-engine" / "data" / "ranker-vectors.toml"
    assert {"default", *FORMS} <= tomllib.loads(shipped.read_text(encoding="utf-8")).keys()


def test_the_model_of_forms_keeps_its_lists_of_words() -> None:
    shipped = Path(__file__).resolve().parents[2] / "rust" / "pampax-engine" / "data" / "form.toml"
    old = shipped.read_text(encoding="utf-8")
    weights = fit_weights([formed(seed) for seed in range(120)], FEATURES, 0.002, 0.02, 0.001)
    new = tomllib.loads(forms_text(old, weights))
    assert new["words"] == tomllib.loads(old)["words"]
    assert new["topic"]["first.topic"] > 0 > new["task"]["first.topic"]


SETS = """
[sets.words]
judge = "hit"
[[sets.words.repositories]]
name = "shop"
root = "trees/shop"
questions = "shop.jsonl"
"""


def test_lists_of_sets_are_read_beside_themselves(tmp_path: Path) -> None:
    (tmp_path / "sets.toml").write_text(SETS, encoding="utf-8")
    (one,) = read_sets(tmp_path / "sets.toml")
    assert (one.set, one.judge, one.name) == ("words", "hit", "shop")
    assert (one.root, one.questions) == (tmp_path / "trees" / "shop", tmp_path / "shop.jsonl")
    (tmp_path / "sets.json").write_text(json.dumps(tomllib.loads(SETS)), encoding="utf-8")
    assert read_sets(tmp_path / "sets.json") == [one]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[", "sets.toml: "),
        ("", "sets: must be a table of sets"),
        ("other = 1", "other: unknown field; the known ones are sets"),
        ("[sets.a]\njudge = 'line'", "sets.a.judge: must be one of hit, span, file"),
        ("[sets.a]\njudge = 'hit'", "sets.a.repositories: must be a list of repositories"),
        (SETS.replace("root", "rot"), "sets.words.repositories[0].rot: unknown field"),
        (SETS.replace('root = "trees/shop"', ""), "sets.words.repositories[0].root: must be text"),
        (SETS + SETS[SETS.index("[[") :], 'sets.words.repositories[1].name: "shop" is in this set already'),
    ],
)
def test_mistakes_in_a_list_are_named(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "sets.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SetError) as caught:
        read_sets(tmp_path / "sets.toml")
    assert expected in str(caught.value)


def shops(folder: Path, count: int) -> list[str]:
    """Small repositories with questions, as the arguments that name them."""
    arguments = []
    for number in range(count):
        root = folder / f"shop{number}"
        root.mkdir()
        for name in ("basket", "invoice", "session", "parcel"):
            text = f'def open_{name}(a):\n    """Begin with a new {name}."""\n    return a\n\n\n' + "".join(
                f"def {verb}_{name}(a):\n    return a + {number}\n\n\n" for verb in ("close", "count", "send")
            )
            (root / f"{name}.py").write_text(text, encoding="utf-8")
        rows = [
            {"query": f"{verb} the {name}", "answers": [{"path": f"{name}.py", "symbol": f"{code}_{name}"}]}
            for name in ("basket", "invoice", "session", "parcel")
            for verb, code in (("close", "close"), ("begin", "open"), ("how to send", "send"))
        ]
        questions = folder / f"shop{number}.jsonl"
        questions.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        arguments += ["--set", f"shop{number}", str(root), str(questions)]
    return arguments


def run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "OPENBLAS_NUM_THREADS": "1", **variables}
    return subprocess.run(
        [sys.executable, "-m", "pampax", "train-ranker", *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_the_command_fits_and_writes(tmp_path: Path) -> None:
    arguments = shops(tmp_path, 4)
    finished = run(tmp_path, *arguments, "--write", "weights.toml")
    assert finished.returncode == 0, finished.stderr
    lines = finished.stdout.splitlines()
    assert [line.split(":")[0] for line in lines[:6]] == [
        f"penalty {value}" for value in (0.0, 0.3, 0.7, 1.0, 1.5, 2.0)
    ]
    assert lines[6].startswith("penalty 1.0, chosen: questions mrr ")
    text = (tmp_path / "weights.toml").read_text(encoding="utf-8")
    assert "# Data: questions (48 questions, 4 repositories).\n" in text
    assert "with vectors" in text
    weights = tomllib.loads(text)
    assert weights["default"]["repeat_penalty"] == 1.0
    assert any("vector" in name for name in weights["default"])
    assert not (tmp_path / ".cache" / "pampax").exists(), "the indexes were made in a temporary folder"
    again = run(tmp_path, *arguments, "--write", "again.toml", "--store", str(tmp_path / "kept"))
    assert again.stdout == finished.stdout
    assert (tmp_path / "again.toml").read_text(encoding="utf-8") == text
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == [f"questions-shop{at}" for at in range(4)]


def test_options_change_what_is_fitted(tmp_path: Path) -> None:
    arguments = [*shops(tmp_path, 3), "--store", str(tmp_path / "kept")]
    base = run(tmp_path, *arguments).stdout
    assert "penalty 1.0, chosen" in base
    for option in (
        ["--strength", "0.5"],
        ["--own-strength", "50"],
        ["--form-strength", "9"],
        ["--penalty", "0.25"],
        ["--judge", "file"],
    ):
        changed = run(tmp_path, *arguments, *option)
        assert changed.returncode == 0, changed.stderr
        if option[0] not in ("--own-strength", "--form-strength"):
            assert changed.stdout != base, option
    words = run(tmp_path, *arguments, "--words-alone", "--write", "words.toml")
    assert words.returncode == 0, words.stderr
    assert "words alone" in (tmp_path / "words.toml").read_text(encoding="utf-8")
    assert not any("vector" in name for name in tomllib.loads((tmp_path / "words.toml").read_text())["default"])
    assert words.stdout != base


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        ([], 2, "give either --sets FILE or --set NAME ROOT QUESTIONS"),
        (["--sets", "missing.toml"], 3, "missing.toml: No such file"),
        (["--set", "a", ".", "missing.jsonl"], 3, "missing.jsonl: No such file"),
        (["--set", "a", ".", "x", "--set", "a", ".", "y"], 2, "two repositories have the same name"),
        (["--set", "a", "nowhere", "x"], 3, "nowhere"),
    ],
)
def test_mistakes(tmp_path: Path, arguments: list[str], code: int, expected: str) -> None:
    finished = run(tmp_path, *arguments)
    assert finished.returncode == code
    assert expected in finished.stderr


def test_one_repository_is_too_few(tmp_path: Path) -> None:
    finished = run(tmp_path, *shops(tmp_path, 1))
    assert finished.returncode == 2
    assert "needs two repositories" in finished.stderr


def test_without_scipy_the_command_says_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "hidden" / "scipy").mkdir(parents=True)
    text = 'raise ModuleNotFoundError("No module named \'scipy\'", name="scipy")\n'
    (tmp_path / "hidden" / "scipy" / "__init__.py").write_text(text, encoding="utf-8")
    finished = run(tmp_path, "--sets", "x.toml", PYTHONPATH=str(tmp_path / "hidden"))
    assert finished.returncode == 2
    assert "python -m pip install 'pampax[train]'" in finished.stderr
    helped = run(tmp_path, "--help", PYTHONPATH=str(tmp_path / "hidden"))
    assert helped.returncode == 0
    assert "--own-strength" in helped.stdout
