"""Files of labelled questions: what is read, and what each mistake says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pampax.evaluation import LabelError, Place, read_questions

if TYPE_CHECKING:
    from pathlib import Path

GOOD: dict[str, Any] = {"query": "where is it", "answers": [{"path": "a/b.py"}]}


def write(folder: Path, *lines: object) -> Path:
    path = folder / "labels.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def test_every_field_is_read(tmp_path: Path) -> None:
    places = [{"path": "a.py", "start_line": 3, "end_line": 9}, {"path": "b.py", "symbol": "B.c"}, {"path": "d e.md"}]
    row = {"query": "q", "answers": places, "id": "x", "intent": "error", "language": "go"}
    first, second = read_questions(write(tmp_path, row, "", {**GOOD, "answers": [{"path": "a.py", "start_line": 4}]}))
    assert first.answers == (Place("a.py", 3, 9), Place("b.py", symbol="B.c"), Place("d e.md"))
    assert (first.id, first.intent, first.language) == ("x", "error", "go")
    assert first.origin.endswith("labels.jsonl:1")
    assert (second.id, second.answers, second.intent) == ("3", (Place("a.py", 4, 4),), None)
    assert [str(place) for place in first.answers] == ["a.py:3-9", "b.py#B.c", "d e.md"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("{", "not JSON"),
        ("[]", "must be a JSON object"),
        ("[" * 100_000, "nested too deeply"),
        ({"answers": [{"path": "a"}]}, "query: is missing or empty"),
        ({"query": "  ", "answers": [{"path": "a"}]}, "query: is missing or empty"),
        ({"query": 7, "answers": [{"path": "a"}]}, "query: must be text"),
        ({"query": "\ud800", "answers": [{"path": "a"}]}, "query: holds half of a surrogate pair"),
        ({"query": "q"}, "answers: must be a list of 1 to 1000 places"),
        ({"query": "q", "answers": []}, "answers: must be a list of 1 to 1000 places"),
        ({"query": "q", "answers": ["a"]}, "answers[0]: must be a JSON object"),
        ({"query": "q", "answers": [{"path": "a"}, {"path": "a"}]}, "answers: the same place stands twice"),
        ({"query": "q", "answers": [{"path": "a"}, {"path": ""}]}, "answers[1].path: must be text"),
        ({"query": "q", "answers": [{"path": "/a"}]}, "answers[0].path: must be relative to the root"),
        ({"query": "q", "answers": [{"path": "../a"}]}, "answers[0].path: must be relative to the root"),
        ({"query": "q", "answers": [{"path": "a\\b"}]}, "answers[0].path: must be relative to the root"),
        ({"query": "q", "answers": [{"path": "a", "start_line": 0}]}, "answers[0].start_line: must be a line number"),
        ({"query": "q", "answers": [{"path": "a", "start_line": True}]}, "answers[0].start_line: must be a line"),
        ({"query": "q", "answers": [{"path": "a", "end_line": 2}]}, "answers[0].end_line: needs start_line"),
        (
            {"query": "q", "answers": [{"path": "a", "start_line": 3, "end_line": 2}]},
            "answers[0].end_line: is before start_line",
        ),
        (
            {"query": "q", "answers": [{"path": "a", "start_line": 3, "symbol": "b"}]},
            "answers[0].symbol: give lines or a symbol, not both",
        ),
        ({"query": "q", "answers": [{"path": "a", "line": 3}]}, "answers[0].line: unknown field"),
        ({**GOOD, "answer": 1}, "answer: unknown field; the known ones are query, answers, id"),
        ({**GOOD, "intent": "guess"}, "intent: must be one of symbol, behaviour"),
    ],
)
def test_a_mistake_names_file_line_and_field(tmp_path: Path, line: object, expected: str) -> None:
    path = write(tmp_path, {**GOOD, "query": "before"}, line)
    with pytest.raises(LabelError) as caught:
        read_questions(path)
    assert str(caught.value).startswith(f"{path}:2: {expected}")


def test_the_same_question_and_the_same_id_twice_are_mistakes(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match=r":3: query: the same as on line 1"):
        read_questions(write(tmp_path, GOOD, {**GOOD, "query": "other"}, GOOD))
    assert len(read_questions(write(tmp_path, GOOD, {**GOOD, "id": "again"}))) == 2
    with pytest.raises(LabelError, match=r":2: id: the same as on line 1"):
        read_questions(write(tmp_path, {**GOOD, "id": "a"}, {**GOOD, "query": "other", "id": "a"}))


def test_files_that_hold_no_questions(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="holds no questions"):
        read_questions(write(tmp_path, ""))
    (tmp_path / "latin").write_bytes(b'{"query": "\xe9"}')
    with pytest.raises(LabelError, match="not UTF-8"):
        read_questions(tmp_path / "latin")
    with pytest.raises(FileNotFoundError):
        read_questions(tmp_path / "missing")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["query", "answers", "path", "symbol", "start_line", "id"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@pytest.mark.property
@given(JSON)
def test_any_json_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    path = write(tmp_path_factory.mktemp("any"), value)
    refused = ""
    try:
        questions = read_questions(path)
    except LabelError as error:
        refused = str(error)
    assert refused.startswith(str(path)) if refused else questions[0].answers
