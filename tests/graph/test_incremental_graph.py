"""However a tree came to be, its graph is that of a clean index."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pampax

pytestmark = [pytest.mark.property, pytest.mark.timeout(300)]

NAMES = ["a", "b", "c", "d"]
LINES = [
    "from {0} import {1}_run",
    "import {0}",
    "from {0} import *",
    "class {1}_Type({2}_Type):\n    def {0}_do(self):\n        self.{1}_do()",
    "class {0}_Type:\n    pass",
    "def {0}_run(x: {1}_Type) -> {2}_Type:\n    x.{0}_do()\n    {1}_run(x).{2}_do()",
    "def {0}_run():\n    {1}.{1}_run()\n    y = {2}_Type()\n    y.{0}_do()",
    "{0}_value = {1}_Type()",
    "# a comment about {0}",
]

texts = st.lists(
    st.builds(
        lambda line, names: line.format(*names), st.sampled_from(LINES), st.permutations(NAMES).map(lambda x: x[:3])
    ),
    max_size=5,
).map("\n".join)
changes = st.tuples(st.sampled_from([f"{name}.py" for name in NAMES]), st.one_of(st.none(), texts))


def graph(repository: pampax.Repository, root: Path) -> dict[str, list[str]]:
    """All edges of all files."""
    return {
        path.name: [
            f"{edge!r} {edge.line} {edge.confidence:.2f} {edge.extractor} {edge.certainty}"
            for edge in repository.edges(path.name)
        ]
        for path in sorted(root.iterdir())
    }


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(first=st.lists(changes, min_size=2, max_size=6), later=st.lists(changes, min_size=1, max_size=6))
def test_a_graph_made_by_edits_is_that_of_a_clean_index(
    first: list[tuple[str, str | None]], later: list[tuple[str, str | None]]
) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        root = folder / "tree"
        root.mkdir()
        edited = pampax.open(root, store=folder / "edited", vectors=False, threads=1)
        for name, text in first:
            (root / name).write_text(text or "", encoding="utf-8")
        edited.index()
        for name, text in later:
            if text is None:
                (root / name).unlink(missing_ok=True)
            else:
                (root / name).write_text(text, encoding="utf-8")
            report = edited.index()
            clean = pampax.open(root, store=folder / f"clean-{report.generation}", vectors=False, threads=2)
            assert clean.index().edges == report.edges
            assert graph(edited, root) == graph(clean, root)
    finally:
        shutil.rmtree(folder)


def test_an_edit_that_others_do_not_see_keeps_their_edges(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    root.mkdir()
    (root / "a.py").write_text("def one():\n    return 1\n", encoding="utf-8")
    (root / "b.py").write_text("from a import one\n\n\ndef two():\n    return one()\n", encoding="utf-8")
    repository = pampax.open(root, store=tmp_path / "store", vectors=False)
    repository.index()
    (root / "a.py").write_text("def one():\n    return two() + 1\n\n\n", encoding="utf-8")
    repository.index()
    assert [edge.source.symbol for edge in repository.graph("one").edges] == ["two"]
    (root / "a.py").write_text("def other():\n    return 1\n", encoding="utf-8")
    repository.index()
    assert repository.graph("one").empty_reason == "not-found"
    assert repository.graph("two", "callees").empty_reason == "no-callees"


def test_another_worktree_keeps_its_graph_when_segments_are_merged(tmp_path: Path) -> None:
    store = tmp_path / "store"
    roots = []
    for name in ("one", "two"):
        root = tmp_path / name
        root.mkdir()
        roots.append(root)
        (root / "a.py").write_text(
            f"def f_{name}():\n    g_{name}()\n\n\ndef g_{name}():\n    pass\n", encoding="utf-8"
        )
        pampax.open(root, store=store, vectors=False).index()
    for number in range(8):
        (roots[1] / f"n{number}.py").write_text(f"def n{number}():\n    pass\n", encoding="utf-8")
        pampax.open(roots[1], store=store, vectors=False).index()
    first = pampax.open(roots[0], store=store, vectors=False)
    assert [edge.source.symbol for edge in first.graph("g_one").edges] == ["f_one"]
    assert first.verify() == []


def test_a_damaged_graph_is_made_anew(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    root.mkdir()
    (root / "a.py").write_text("def f():\n    g()\n\n\ndef g():\n    pass\n", encoding="utf-8")
    pampax.open(root, store=tmp_path / "store", vectors=False).index()
    (path,) = (tmp_path / "store" / "views").glob("*.graph")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    answer = pampax.open(root, store=tmp_path / "store", vectors=False).graph("g")
    assert [edge.source.symbol for edge in answer.edges] == ["f"]
    assert "the graph of view" in " ".join(answer.coverage.notes)
