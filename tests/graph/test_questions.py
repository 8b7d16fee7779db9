"""Questions about the graph, the outline and the map."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from test_edges import repository_of
from trees import PYTHON, TYPESCRIPT

import pampax

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repository(tmp_path: Path) -> pampax.Repository:
    """The Python tree, with a document."""
    return repository_of(PYTHON.files | {"notes.md": "# Session notes\n\ntext\n"}, tmp_path)


def ends(answer: pampax.GraphAnswer) -> list[tuple[int, str, str]]:
    """Depth, source and target of the edges."""
    return [(edge.depth, edge.source.symbol or edge.source.path, edge.target.symbol or "") for edge in answer.edges]


def test_callers_go_further_with_depth(repository: pampax.Repository) -> None:
    near = repository.graph("Store.put", "callers")
    assert sorted(ends(near)) == [(1, "Session.save", "Store.put"), (1, "start", "Store.put")]
    assert (near.certainty, near.empty_reason, near.truncated) == ("likely", None, False)
    far = repository.graph("Store.put", "callers", depth=3)
    assert (2, "save_view", "start") in ends(far)
    # The route that leads to the view is a caller of it.
    assert (3, "web.py", "save_view") in ends(far)
    assert [edge.route for edge in far.edges if edge.kind == "routes"] == ["/save"]


def test_callees_references_and_bases(repository: pampax.Repository) -> None:
    assert {target for _, _, target in ends(repository.graph("save_view", "callees", confidence=0.6))} == {
        "start",
        "Session.save",
        "Session",
    }
    kinds = {edge.kind for edge in repository.graph("Store", "references").edges}
    assert kinds == {"calls", "imports", "references"}
    (edge,) = repository.graph("Base", "inherits").edges
    assert (edge.direction, edge.source.symbol) == ("in", "Session")


def test_imports_of_a_file_and_of_a_symbol(repository: pampax.Repository) -> None:
    of_file = repository.graph("app/session.py", "imports")
    assert {edge.target.path for edge in of_file.edges} == {"app/base.py", "app/store.py"}
    of_symbol = repository.graph("start", "imports")
    assert {edge.source.path for edge in of_symbol.edges} == {"web.py", "tests/test_session.py"}


def test_tests_are_told_from_other_callers(repository: pampax.Repository) -> None:
    (edge,) = repository.graph("start", "tests").edges
    assert (edge.kind, edge.source.symbol) == ("tests", "test_start")
    assert repository.graph("Store.put", "tests").empty_reason == "no-tests"
    assert {edge.source.symbol for edge in repository.graph("start", "callers", tests=False).edges} == {"save_view"}


@pytest.mark.parametrize(
    ("name", "relation", "options", "reason"),
    [
        ("nowhere", "callers", {}, "not-found"),
        ("save_view", "callees", {"paths": ["none/**"]}, "filtered-out"),
        ("Session notes", "callers", {}, "language-without-edges"),
        ("test_start", "callers", {}, "no-callers"),
        ("open_store", "inherits", {}, "no-inherits"),
    ],
)
def test_an_empty_answer_says_why(
    repository: pampax.Repository, name: str, relation: str, options: dict[str, list[str]], reason: str
) -> None:
    answer = repository.graph(name, relation, **options)
    assert (answer.edges, answer.empty_reason, answer.certainty) == ((), reason, None)


def test_what_is_not_indexed_or_has_changed_is_said(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    repository = pampax.open(tmp_path / "tree", store=tmp_path / "store", vectors=False)
    assert repository.graph("x").empty_reason == "not-indexed"
    assert repository.outline("x").empty_reason == "not-indexed"
    assert repository.map().empty_reason == "not-indexed"
    repository = repository_of({"a.py": "def f():\n    pass\n"}, tmp_path)
    (tmp_path / "tree" / "b.py").write_text("def g():\n    f()\n", encoding="utf-8")
    assert repository.graph("g").empty_reason == "stale"
    (tmp_path / "tree" / "a.py").write_text("def f():\n    return 1\n", encoding="utf-8")
    assert repository.graph("f").coverage.stale_paths == ["a.py"]


def test_limits_are_said(repository: pampax.Repository) -> None:
    answer = repository.graph("Store", "references", limit=2)
    assert (len(answer.edges), answer.truncated, answer.coverage.truncated) == (2, True, True)
    for options in ({"depth": 0}, {"depth": 99}, {"limit": 0}, {"confidence": 2.0}):
        with pytest.raises(pampax.InvalidInput):
            repository.graph("Store", **options)  # type: ignore[arg-type]
    with pytest.raises(pampax.InvalidInput, match="callers, callees"):
        repository.graph("Store", "friends")


def test_names_too_common_are_noted(repository: pampax.Repository) -> None:
    assert "too common" in " ".join(repository.graph("Session.save", "callers").coverage.notes)
    assert repository.graph("start", "callers").coverage.notes == []


def test_files_whose_edges_rest_on_names_alone_are_counted(repository: pampax.Repository, tmp_path: Path) -> None:
    assert repository.coverage().edges_by_name_only == {}
    # Lua's imports and types are not read; Markdown is no code.
    files = {"a.lua": "function f()\n  g()\nend\n", "b.lua": "function g()\nend\n", "c.py": "x = 1\n", "d.md": "# D\n"}
    other = repository_of(files, tmp_path / "other")
    assert other.coverage().edges_by_name_only == other.search("g").coverage.edges_by_name_only == {"lua": 2}
    assert other.assemble("g", budget=500).coverage.edges_by_name_only == {"lua": 2}
    assert "edges of lua (2 files) rest on names alone" in other.graph("g").coverage.notes
    assert json.loads(other.graph("g").to_json())["coverage"]["edges_by_name_only"] == {"lua": 2}


def test_the_same_question_gives_the_same_bytes(repository: pampax.Repository, tmp_path: Path) -> None:
    again = pampax.open(tmp_path / "tree", store=tmp_path / "other", vectors=False, threads=1)
    again.index()
    for relation in ("callers", "references", "inherits"):
        document = json.loads(repository.graph("Session", relation, depth=3).to_json())
        assert document["schema"] == "pampax.graph/1"
        assert document == json.loads(again.graph("Session", relation, depth=3).to_json())


def test_outline(repository: pampax.Repository) -> None:
    outline = repository.outline("app/session.py")
    rows = [(symbol.depth, symbol.line, symbol.kind, symbol.qualified_name) for symbol in outline.symbols]
    assert rows == [
        (0, 6, "class", "Session"),
        (1, 7, "constructor", "Session.__init__"),
        (1, 10, "method", "Session.save"),
        (0, 16, "function", "start"),
    ]
    assert outline.symbols[3].signature == "def start() -> Session:"
    # web.py imports it, save_view and test_start call it, and the test file imports it.
    assert outline.symbols[3].users == 4
    assert repository.outline("none.py").empty_reason == "not-found"
    assert json.loads(outline.to_json())["schema"] == "pampax.outline/1"


def test_a_map_keeps_its_budget_and_puts_what_is_used_first(repository: pampax.Repository) -> None:
    whole = repository.map(10_000)
    assert whole.shown == whole.of == 10
    assert "tests/" not in whole.to_text()
    for budget in (20, 40, 60, 100):
        small = repository.map(budget)
        assert 0 < pampax.count_tokens(small.to_text(), "o200k_base") == small.tokens <= budget
        assert small.shown < small.of
        assert small.coverage.truncated
    assert "class Store" in repository.map(40).to_text()
    with pytest.raises(pampax.BudgetTooSmall):
        repository.map(3)


def test_a_map_is_seen_from_its_focus(tmp_path: Path) -> None:
    files = PYTHON.files | {f"other/{path}": text for path, text in TYPESCRIPT.files.items()}
    repository = repository_of(files, tmp_path)
    assert repository.map(30, focus=["MemoryStore"]).to_text().startswith("other/src/store.ts")
    assert repository.map(30, focus=["nowhere"]).empty_reason == "focus-not-found"
    assert repository.map(30, paths=["none/**"]).empty_reason == "filtered-out"
