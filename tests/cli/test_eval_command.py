"""`pampax eval` as a process, in the small repository."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import pampax as package
from pampax.evaluation import Question, compare, evaluate, join, load_run, read_questions

if TYPE_CHECKING:
    from pathlib import Path

    from command_process import Pampax

ROWS: list[dict[str, Any]] = [
    {
        "id": "cookie",
        "query": "sign a session cookie",
        "intent": "behaviour",
        "answers": [{"path": "shop/session.py", "symbol": "SessionStore.sign_cookie"}],
    },
    {"id": "basket", "query": "addToBasket", "answers": [{"path": "web/basket.js", "start_line": 2, "end_line": 5}]},
    {"id": "retry", "query": "retry with backoff", "answers": [{"path": "server/retry.go"}]},
    {"id": "tea", "query": "add up amounts", "answers": [{"path": "shop/invoice.py"}, {"path": "README.md"}]},
]


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    return write(tmp_path / "questions.jsonl", ROWS)


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def document(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    assert found["schema"] == "pampax.evaluation/1"
    return found


def test_it_indexes_first_and_draws_a_table(pampax: Pampax, labels: Path) -> None:
    result = pampax("eval", str(labels))
    assert result.code == 0, result.err
    assert "indexed 5 files" in result.err
    heading, first, *rest = result.out.splitlines()
    assert heading.split() == ["questions", "NDCG@10", "MRR@10", "recall@1", "recall@5", "recall@10", "recall@50"]
    assert first.split()[:2] == ["all", "4"]
    titles = [line.split("  ")[0] for line in rest if ":" in line.split("  ")[0]]
    assert {"labelled: behaviour", "language: go", "language: javascript", "language: python"} <= set(titles)
    assert rest[-1].startswith("judged by lines 2, by files 2 · intervals 95% · 50 hits asked for")
    assert pampax("eval", str(labels)).out == result.out


def test_the_json_has_what_the_table_has_and_more(pampax: Pampax, labels: Path) -> None:
    result = pampax("eval", str(labels), "--json", "--limit", "20")
    found = document(result.out)
    assert found["questions"] == len(found["results"]) == 4
    assert list(found["metrics"]) == ["ndcg@10", "mrr@10", "recall@1", "recall@5", "recall@10", "recall@20"]
    assert [row["level"] for row in found["results"]] == ["span", "span", "file", "file"]
    assert found["results"][1]["ranks"] == [1]
    assert found["languages"]["go"]["questions"] == 1
    assert found["languages"]["python"]["questions"] == 2
    assert found["labelled_intents"]["behaviour"]["questions"] == 1
    assert found["intent_accuracy"] in (0.0, 1.0)
    assert found["comparison"] is None
    assert sum(row["metrics"]["ndcg@10"] for row in found["results"]) / 4 == pytest.approx(
        found["metrics"]["ndcg@10"]["mean"], abs=1e-5
    )
    assert result.out == pampax("eval", str(labels), "--json", "--limit", "20").out


def test_a_file_that_changed_is_indexed_again(pampax: Pampax, labels: Path, repository: Path) -> None:
    pampax("index")
    path = repository / "shop" / "session.py"
    path.write_text("# moved\n" * 30 + path.read_text(encoding="utf-8"), encoding="utf-8")
    found = document(pampax("eval", str(labels), "--json").out)
    (shown,) = [row for row in found["results"][0]["first"] if row["answer"] == 0][:1]
    assert shown["start_line"] > 30


def test_without_auto_index_nothing_is_indexed(pampax: Pampax, labels: Path) -> None:
    result = pampax("eval", str(labels), PAMPAX_AUTO_INDEX="false")
    assert result.code == 1
    assert "indexed 5 files" not in result.err
    assert "is not indexed: run `pampax index`" in result.err


def test_levels(pampax: Pampax, tmp_path: Path) -> None:
    rows = [
        {
            "query": "customer session",
            "answers": [{"path": "shop/session.py", "symbol": "SessionStore.forget_customer"}],
        },
        {"query": "shop", "answers": [{"path": "README.md"}]},
    ]
    labels = str(write(tmp_path / "levels.jsonl", rows))
    auto, file, span = (document(pampax("eval", labels, "--json", "--level", level).out)["results"] for level in
                        ("auto", "file", "span"))  # fmt: skip
    assert [row["level"] for row in auto] == ["span", "file"]
    assert [row["level"] for row in file] == ["file", "file"]
    assert [row["level"] for row in span] == ["span", "span"]
    paths = [row["path"] for row in file[0]["first"]]
    assert len(paths) == len(set(paths)), "files are ranked, each once"
    assert file[0]["ranks"][0] <= auto[0]["ranks"][0]
    assert file[0]["answers"] == ["shop/session.py"]


def test_failures_are_shown_with_what_they_got(pampax: Pampax, labels: Path, tmp_path: Path) -> None:
    rows = [*ROWS, {"id": "hopeless", "query": "tea", "answers": [{"path": "server/retry.go", "start_line": 9}]}]
    result = pampax("eval", str(write(tmp_path / "more.jsonl", rows)), "--show-failures", "1")
    shown = result.out[result.out.index("0.000  hopeless  tea") :]
    assert "wanted   server/retry.go:9-9  (not found)" in shown
    assert "     1   " in shown
    assert "sign a session cookie" not in shown
    assert "wanted" not in pampax("eval", str(labels)).out


def test_answers_that_are_gone_are_named(pampax: Pampax, tmp_path: Path) -> None:
    rows = [
        {"query": "a", "answers": [{"path": "gone/file.py"}]},
        {
            "query": "sign",
            "answers": [{"path": "shop/session.py"}, {"path": "shop/session.py", "symbol": "Store.vanish"}],
        },
    ]
    labels = write(tmp_path / "gone.jsonl", rows)
    result = pampax("eval", str(labels))
    assert result.code == 2
    assert f"{labels}:1: answers[0].path: gone/file.py" in result.err
    assert f'{labels}:2: answers[1].symbol: no "Store.vanish" in shop/session.py' in result.err
    counted = pampax("eval", str(labels), "--allow-missing", "--json")
    assert counted.code == 0
    found = document(counted.out)
    assert found["missing_answers"] == 2
    assert found["results"][0]["ranks"] == [None]


def test_a_saved_run_is_the_document_and_compares_as_equal(pampax: Pampax, labels: Path, tmp_path: Path) -> None:
    saved = tmp_path / "run.json"
    first = pampax("eval", str(labels), "--save", str(saved), "--json")
    assert json.loads(saved.read_text(encoding="utf-8")) == document(first.out)
    again = pampax("eval", str(labels), "--compare", str(saved), "--json")
    assert again.code == 0
    comparison = document(again.out)["comparison"]
    assert comparison["questions"] == 4
    assert comparison["regression"] is False
    assert {row["mean"] for row in comparison["changes"].values()} == {0.0}
    assert sorted(path.name for path in tmp_path.iterdir() if "run.json" in path.name) == ["run.json"]


def worsened(saved: Path, target: Path, count: int) -> Path:
    """A run in which `count` more questions were answered at the first place, and the rest as they are."""
    raw = json.loads(saved.read_text(encoding="utf-8"))
    for row in [row for row in raw["results"] if row["ranks"] != [1]][:count]:
        row["ranks"] = [1] * len(row["ranks"])
    target.write_text(json.dumps(raw), encoding="utf-8")
    return target


def test_a_regression_is_exit_code_1(pampax: Pampax, tmp_path: Path) -> None:
    # Questions whose answers stand nowhere near the top, against a run that had all of them first.
    rows = [
        {"query": f"total amount of invoice {number}", "answers": [{"path": "server/retry.go"}]} for number in range(8)
    ]
    labels = str(write(tmp_path / "rows.jsonl", rows))
    pampax("eval", labels, "--save", str(tmp_path / "now.json"))
    base = worsened(tmp_path / "now.json", tmp_path / "base.json", 8)
    result = pampax("eval", labels, "--compare", str(base), "--log-level", "info", "--show-failures", "2")
    assert result.code == 1, result.out
    assert "regression (threshold 0.02)" in result.out
    assert "regression: ndcg@10 fell by" in result.err
    assert "eval regression" in result.err
    fell = sum(row["metrics"]["ndcg@10"] < 1 for row in document(pampax("eval", labels, "--json").out)["results"])
    assert fell >= 6
    assert f"ndcg@10 rose in 0 and fell in {fell}" in result.out
    passed = pampax("eval", labels, "--compare", str(base), "--threshold", "1")
    assert passed.code == 0
    assert "no regression (threshold 1.0)" in passed.out
    # The metric that decides: all answers are found among the first ten in both.
    other = pampax("eval", labels, "--compare", str(base), "--metric", "recall@10")
    expected = 0 if document(pampax("eval", labels, "--json").out)["metrics"]["recall@10"]["mean"] == 1 else 1
    assert other.code == expected
    # One question of eight may fall by chance: the interval reaches 0.
    one = worsened(tmp_path / "now.json", tmp_path / "one.json", 1)
    comparison = document(pampax("eval", labels, "--compare", str(one), "--json").out)["comparison"]
    assert comparison["changes"]["ndcg@10"]["mean"] < -0.02
    assert comparison["changes"]["ndcg@10"]["high"] == 0
    assert comparison["regression"] is False


def test_only_questions_that_are_the_same_are_compared(pampax: Pampax, labels: Path, tmp_path: Path) -> None:
    pampax("eval", str(labels), "--save", str(tmp_path / "run.json"))
    changed = [{**ROWS[0], "query": "signing"}, *ROWS[1:3]]
    text = pampax("eval", str(write(tmp_path / "new.jsonl", changed)), "--compare", str(tmp_path / "run.json")).out
    assert "2 questions in both runs" in text
    assert "not compared: 2 only in the base, 1 only here" in text
    nothing = pampax("eval", str(write(tmp_path / "n.jsonl", changed[:1])), "--compare", str(tmp_path / "run.json"))
    assert nothing.code == 2
    assert "no question in common" in nothing.err


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        (("missing.jsonl",), 3, "missing.jsonl: No such file"),
        (("LABELS", "--compare", "missing.json"), 3, "missing.json: No such file"),
        (("LABELS", "--compare", "LABELS"), 2, "not JSON"),
        (("LABELS", "--metric", "map"), 2, "--metric must be one of ndcg@10, mrr@10, recall@1"),
        (("LABELS", "--limit", "9"), 2, "--limit"),
        (("LABELS", "--threshold", "2"), 2, "--threshold"),
        (("LABELS", "--level", "chunk"), 2, "--level"),
        ((), 2, "QUESTIONS"),
    ],
)
def test_mistakes(pampax: Pampax, labels: Path, arguments: tuple[str, ...], code: int, expected: str) -> None:
    result = pampax("eval", *(str(labels) if argument == "LABELS" else argument for argument in arguments))
    assert result.code == code
    assert expected in result.err
    assert result.err.count("\n") == 1 or "Usage" in result.err


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", "its schema is None"),
        ('{"schema": "pampax.answer/1"}', "its schema is 'pampax.answer/1'"),
        ('{"schema": "pampax.evaluation/1", "limit": 50}', "damaged: KeyError"),
        ('{"schema": "pampax.evaluation/1", "limit": 50, "level": "auto", "results": [{}]}', "damaged: KeyError"),
    ],
)
def test_runs_that_cannot_be_read(pampax: Pampax, labels: Path, tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "base.json").write_text(text, encoding="utf-8")
    result = pampax("eval", str(labels), "--compare", str(tmp_path / "base.json"))
    assert result.code == 2
    assert expected in result.err


def test_from_python(repository: Path, labels: Path, tmp_path: Path) -> None:
    opened = package.open(repository, store=tmp_path / "store")
    opened.index()
    questions = read_questions(labels)
    done: list[tuple[int, int]] = []
    run = evaluate(opened, questions, progress=lambda at, total: done.append((at, total)))
    assert done == [(1, 4), (2, 4), (3, 4), (4, 4)]
    run.save(tmp_path / "run.json")
    assert load_run(tmp_path / "run.json") == run
    assert not compare(run, load_run(tmp_path / "run.json")).regression
    parts = [evaluate(opened, questions[:1]), evaluate(opened, questions[1:])]
    assert join(parts) == run
    assert [result.id for result in run.worst(4)][-1] in {"basket", "retry", "cookie"}
    for wrong in ({"limit": 5}, {"level": "chunk"}):
        with pytest.raises(package.InvalidInput):
            evaluate(opened, questions, **wrong)  # type: ignore[arg-type]
    with pytest.raises(package.InvalidInput, match="differ"):
        join([run, evaluate(opened, questions, limit=20)])
    with pytest.raises(package.InvalidInput, match="metric"):
        compare(run, run, metric="recall@20")
    assert isinstance(questions[0], Question)


def test_paths_with_letters_that_globs_know(tmp_path: Path) -> None:
    names = ["[a].py", "x{b,c}.py", "what?.py", "!not.py", "star*.py"]
    for name in names:
        (tmp_path / "tree" / "in").mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / name).write_text("def letters():\n    return 1\n", encoding="utf-8")
        (tmp_path / "tree" / "in" / name).write_text("def others():\n    return 1\n", encoding="utf-8")
    opened = package.open(tmp_path / "tree", store=tmp_path / "store")
    opened.index()
    rows = [{"query": f"letters {name}", "answers": [{"path": name, "symbol": "letters"}]} for name in names]
    run = evaluate(opened, read_questions(write(tmp_path / "globs.jsonl", rows)))
    assert run.missing == 0
    assert {result.languages for result in run.results} == {("python",)}


def test_answers_that_overlap_are_one_answer(pampax: Pampax, tmp_path: Path) -> None:
    places = [
        {"path": "shop/session.py", "symbol": "SessionStore.sign_cookie"},
        {"path": "shop/session.py", "symbol": "SessionStore"},
        {"path": "server/retry.go"},
        {"path": "server/retry.go", "start_line": 4},
        {"path": "web/basket.js", "start_line": 2},
        {"path": "web/basket.js", "start_line": 4},
    ]
    labels = write(tmp_path / "overlap.jsonl", [{"query": "sign_cookie", "answers": places}])
    (row,) = document(pampax("eval", str(labels), "--json").out)["results"]
    assert row["answers"] == [
        "shop/session.py#SessionStore.sign_cookie or shop/session.py#SessionStore",
        "server/retry.go or server/retry.go:4-4",
        "web/basket.js:2-2",
        "web/basket.js:4-4",
    ]
    assert row["ranks"][0] == 1
    (row,) = document(pampax("eval", str(labels), "--json", "--level", "file").out)["results"]
    assert row["answers"] == ["shop/session.py", "server/retry.go", "web/basket.js"]
