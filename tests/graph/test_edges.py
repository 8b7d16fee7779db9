"""The edges that are found in small trees, language by language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from trees import TREES, Tree

import pampax

if TYPE_CHECKING:
    from pathlib import Path

LIKELY = 0.6


def repository_of(files: dict[str, str], folder: Path) -> pampax.Repository:
    """The tree written and indexed."""
    for path, text in files.items():
        (folder / "tree" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "tree" / path).write_text(text, encoding="utf-8")
    repository = pampax.open(folder / "tree", store=folder / "store", vectors=False)
    repository.index()
    return repository


def edges_of(repository: pampax.Repository, paths: list[str], least: float) -> set[tuple[str, str, str]]:
    """Kind, source and target of all edges that are at least so sure."""
    return {
        (edge.kind, edge.source.symbol or edge.source.path, edge.target.symbol or edge.target.path)
        for path in paths
        for edge in repository.edges(path)
        if edge.confidence >= least - 1e-6
    }


@pytest.mark.parametrize("tree", TREES.values(), ids=TREES.keys())
def test_edges_are_those_a_reader_would_draw(tree: Tree, tmp_path: Path) -> None:
    found = edges_of(repository_of(tree.files, tmp_path), list(tree.files), LIKELY)
    assert tree.edges - found == set()
    assert tree.absent & found == set()


def test_a_name_that_may_mean_several_leads_to_each_and_says_so(tmp_path: Path) -> None:
    files = {f"m{number}.py": f"class C{number}:\n    def refresh_all(self):\n        pass\n" for number in range(9)}
    files["use.py"] = "def use(thing):\n    thing.refresh_all()\n"
    repository = repository_of(files, tmp_path)
    answer = repository.graph("use", "callees")
    assert len(answer.edges) == 6
    assert {edge.certainty for edge in answer.edges} == {"ambiguous"}
    assert all(edge.truncated for edge in answer.edges)
    assert repository.graph("use", "callees", confidence=0.6).empty_reason == "no-callees"


def test_what_a_library_has_is_not_taken_for_our_own(tmp_path: Path) -> None:
    files = {
        "a.py": "def join(parts):\n    return parts\n",
        "b.py": (
            "import os\nfrom elsewhere import join\n\n\n"
            "def run(x):\n    os.path.join(x)\n    join(x)\n    ','.join(x)\n"
        ),
    }
    assert edges_of(repository_of(files, tmp_path), ["b.py"], 0.0) == set()


def test_cycles_of_imports_and_of_bases_end(tmp_path: Path) -> None:
    files = {
        "a.py": (
            "from b import *\nfrom b import B\n\n\n"
            "class A(B):\n    def one(self):\n        self.two()\n        self.three()\n"
        ),
        "b.py": "from a import *\nfrom a import A\n\n\nclass B(A):\n    def two(self):\n        self.one()\n",
    }
    found = edges_of(repository_of(files, tmp_path), list(files), LIKELY)
    assert {("calls", "A.one", "B.two"), ("calls", "B.two", "A.one"), ("inherits", "A", "B")} <= found


def test_a_symbol_defined_many_times_is_bounded_and_said(tmp_path: Path) -> None:
    files = {f"p{number}/m.py": "def run_it():\n    pass\n" for number in range(300)}
    answer = repository_of(files, tmp_path).graph("run_it", "callers")
    assert len(answer.definitions) == 100
    assert answer.truncated
    assert "more than 100 definitions" in " ".join(answer.coverage.notes)


def test_configuration_keys_are_found_where_they_are_read(tmp_path: Path) -> None:
    files = {
        "conf.yaml": "server:\n  port_number: 80\n",
        "a.py": "import os\n\n\ndef port():\n    return os.environ['port_number']\n",
    }
    answer = repository_of(files, tmp_path).graph("port_number", "references")
    (edge,) = answer.edges
    assert (edge.kind, edge.source.symbol, edge.target.path) == ("config-key", "port", "conf.yaml")
