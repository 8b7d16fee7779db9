"""Exact edges from real SCIP indexes, made by scip-python 0.6.6 and scip-typescript 0.4.0 of small trees."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import pampax

FIXTURES = Path(__file__).parents[1] / "fixtures"


def tree_of(language: str, folder: Path) -> tuple[pampax.Repository, Path]:
    """A copy of the tree, not indexed yet, and its SCIP index."""
    shutil.copytree(FIXTURES / f"scip-{language}", folder / "tree", ignore=shutil.ignore_patterns("*.scip"))
    return pampax.open(
        folder / "tree", store=folder / "store", vectors=False
    ), FIXTURES / f"scip-{language}" / "index.scip"


def calls_of(repository: pampax.Repository, name: str) -> set[tuple[str, str]]:
    """What a function calls, and how sure that is."""
    return {(edge.target.symbol or "", edge.certainty) for edge in repository.graph(name, "callees").edges}


@pytest.mark.parametrize(
    ("language", "caller", "expected"),
    [
        ("python", "save_all", {("stores", "exact"), ("Store.put", "exact"), ("Log.put", "exact"), ("Log", "exact")}),
        ("typescript", "saveAll", {("stores", "exact"), ("Store.put", "exact")}),
    ],
)
def test_exact_edges_take_the_place_of_guessed_ones(
    language: str, caller: str, expected: set[tuple[str, str]], tmp_path: Path
) -> None:
    repository, index = tree_of(language, tmp_path)
    repository.index()
    # The text does not show what the elements of a list are.
    assert ("Store.put", "exact") not in calls_of(repository, caller)
    assert "Store.put" not in {name for name, certainty in calls_of(repository, caller) if certainty == "likely"}
    report = repository.index(scip=[index])
    assert report.scip is not None
    assert report.scip["taken"] == report.scip["documents"] > 0
    assert calls_of(repository, caller) == expected
    assert repository.graph(caller, "callees").certainty == "exact"
    generation = report.generation
    again = pampax.open(tmp_path / "tree", store=tmp_path / "store", vectors=False)
    assert (again.index().generation, again.index().scip) == (generation, None)
    assert calls_of(again, caller) == expected


def test_what_is_said_of_a_file_ends_with_its_content(tmp_path: Path) -> None:
    repository, index = tree_of("python", tmp_path)
    repository.index(scip=[index])
    session = tmp_path / "tree" / "shop" / "session.py"
    text = session.read_text(encoding="utf-8")
    session.write_text(text + "\n\ndef more():\n    start()\n", encoding="utf-8")
    repository.index()
    assert {certainty for _, certainty in calls_of(repository, "save_all")} == {"likely"}
    # An index of what the file was is told from one of what it is.
    session.write_text("\n\n\n\n\n" + text, encoding="utf-8")
    report = repository.index(scip=[index])
    assert report.scip is not None
    assert (report.scip["taken"], report.scip["stale"]) == (2, 1)
    assert {certainty for _, certainty in calls_of(repository, "start")} == {"likely"}


def test_uses_that_lead_to_a_changed_file_are_read_from_the_text_again(tmp_path: Path) -> None:
    repository, index = tree_of("python", tmp_path)
    repository.index(scip=[index])
    store = tmp_path / "tree" / "shop" / "store.py"
    store.write_text("# A comment above.\n" + store.read_text(encoding="utf-8"), encoding="utf-8")
    repository.index()
    assert calls_of(repository, "start") == {("save_all", "exact")}
    assert ("stores", "likely") in calls_of(repository, "save_all")
    assert "exact" not in {certainty for _, certainty in calls_of(repository, "save_all")}


def test_an_index_made_in_a_folder_that_is_elsewhere_now_counts_its_files_as_absent(tmp_path: Path) -> None:
    repository, index = tree_of("python", tmp_path)
    (tmp_path / "tree" / "shop").rename(tmp_path / "tree" / "moved")
    report = repository.index(scip=[index])
    assert report.scip is not None
    assert (report.scip["taken"], report.scip["absent"]) == (0, report.scip["documents"])


@pytest.mark.parametrize("cut", [0, 1, 100, -1])
def test_a_damaged_index_is_refused_before_anything_is_changed(cut: int, tmp_path: Path) -> None:
    repository, index = tree_of("python", tmp_path)
    before = repository.index().generation
    document = repository.graph("save_all", "callees").to_json()
    (tmp_path / "tree" / "new.py").write_text("def new():\n    pass\n", encoding="utf-8")
    damaged = tmp_path / "damaged.scip"
    damaged.write_bytes(index.read_bytes()[:cut])
    with pytest.raises(pampax.InvalidInput, match=r"damaged\.scip"):
        repository.index(scip=[damaged])
    assert repository.status().generation == before
    assert json.loads(repository.graph("save_all", "callees").to_json()) == json.loads(document)
    assert repository.symbols("new") == []
