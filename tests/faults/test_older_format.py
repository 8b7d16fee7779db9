"""A store that an earlier version wrote: made anew, said so, and nothing of it believed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import pampax

FIXTURES = Path(__file__).parents[1] / "fixtures"
STORES = sorted(FIXTURES.glob("store-format-*[0-9]"))


@pytest.mark.parametrize("fixture", STORES, ids=lambda path: path.name)
def test_store_of_an_older_format_is_made_anew(fixture: Path, tmp_path: Path) -> None:
    store, tree = tmp_path / "store", tmp_path / "tree"
    shutil.copytree(fixture, store)
    shutil.copytree(f"{fixture}-tree", tree)
    number = fixture.name.rpartition("-")[2]
    repository = pampax.open(tree, store=store)
    assert not repository.is_indexed
    assert repository.search("sign_cookie").empty_reason == "not-indexed"
    report = repository.index()
    assert report.rebuilt == [f"an index of the older format {number}"]
    assert (report.files, report.added, report.reused) == (3, 3, 0)
    assert repository.search("sign_cookie").hits[0].path == "session.py"
    assert repository.verify() == []
    again = pampax.open(tree, store=store).index()
    assert (again.unchanged, again.rebuilt) == (3, [])


def test_there_is_a_fixture_for_each_older_format(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("a = 1\n")
    pampax.open(tmp_path, store=tmp_path / "store").index()
    current = int((tmp_path / "store" / "format").read_text().rpartition(" ")[2])
    numbers = [int(store.name.rpartition("-")[2]) for store in STORES]
    assert numbers == list(range(1, current)), "a new format needs a small store of the one before it in tests/fixtures"
