"""Answers say whether files have changed, and the same question again gets what a fresh search would give."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import pampax

if TYPE_CHECKING:
    from collections.abc import Callable

FILES = {
    "source/session.py": "def sign_cookie(value):\n    return value + 'signed'\n",
    "source/pool.py": "class Pool:\n    def acquire(self):\n        return self.free.pop()\n",
    "notes.md": "# Notes\n\nCookies are signed.\n",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (root / ".gitignore").write_text("build/\n*.log\n")
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    (root / "build").mkdir()
    (root / "build" / "out.py").write_text("x = 1\n")
    return root


def opened(tree: Path, **options: int) -> pampax.Repository:
    """The repository anew: a process keeps what it knows of freshness for a second."""
    return pampax.open(tree, store=tree.parent / "store", **options)


def freshness(tree: Path) -> tuple[str, int]:
    coverage = opened(tree).search("signed cookies").coverage
    return coverage.freshness, coverage.stale_files


def edit(tree: Path) -> None:
    (tree / "source/pool.py").write_text("class Pool:\n    pass\n")


def remove(tree: Path) -> None:
    (tree / "source/pool.py").unlink()


def add(tree: Path) -> None:
    (tree / "source/new.py").write_text("def new():\n    pass\n")


def add_of_a_known_name(tree: Path) -> None:
    (tree / "source/notes.md").write_text("# Other notes\n")


def add_folder(tree: Path) -> None:
    (tree / "deep/er").mkdir(parents=True)
    (tree / "deep/er/new.py").write_text("def new():\n    pass\n")


@pytest.mark.parametrize("change", [edit, remove, add, add_of_a_known_name, add_folder])
def test_each_kind_of_change_is_noticed(tree: Path, change: Callable[[Path], None]) -> None:
    opened(tree).index()
    assert freshness(tree) == ("fresh", 0)
    change(tree)
    assert freshness(tree) == ("stale", 1)
    opened(tree).index()
    assert freshness(tree) == ("fresh", 0)


def test_ignored_files_are_no_change(tree: Path) -> None:
    opened(tree).index()
    (tree / "build" / "more.py").write_text("y = 2\n")
    (tree / "run.log").write_text("started\n")
    assert freshness(tree) == ("fresh", 0)


def test_without_time_nothing_is_claimed(tree: Path) -> None:
    opened(tree).index()
    coverage = opened(tree, freshness_ms=0).search("signed cookies").coverage
    assert (coverage.freshness, coverage.stale_files) == ("unchecked", 0)


def test_who_asks_without_a_pause_is_told_of_a_change(tree: Path) -> None:
    repository = opened(tree)
    repository.index()
    for change in (edit, add):
        assert repository.search("signed cookies").coverage.freshness == "fresh"
        change(tree)
        until = time.monotonic() + 20
        while repository.search("signed cookies").coverage.freshness != "stale":
            assert time.monotonic() < until, f"{change.__name__} was not noticed"
            time.sleep(0.02)
        repository.index()


def test_bundles_and_lines_say_it_as_well(tree: Path) -> None:
    opened(tree).index()
    add(tree)
    bundle = opened(tree).assemble("sign cookies", budget=1000)
    assert (bundle.coverage.freshness, bundle.coverage.stale_files) == ("stale", 1)
    # A search for lines reads what changed.
    answer = opened(tree).grep("def new")
    assert [file["path"] for file in answer.to_dict()["files"]] == ["source/new.py"]


def test_a_question_asked_again_gets_the_same_answer_and_a_fresh_one_after_a_change(tree: Path) -> None:
    repository = opened(tree)
    repository.index()
    first = repository.search("signed cookies")
    assert repository.cache == {"hits": 0, "misses": 1}
    again = repository.search("signed cookies")
    assert repository.cache == {"hits": 1, "misses": 1}
    assert again.to_json() == first.to_json()
    assert repository.search("signed cookies", limit=1).hits[0].path == first.hits[0].path
    assert repository.cache["hits"] == 1
    # A file of the answer changes: what is kept is not given out, although the index is the same.
    (tree / "source/session.py").write_text("def other():\n    pass\n")
    stale = repository.search("signed cookies")
    assert repository.cache["hits"] == 1
    assert stale.coverage.stale_paths == ["source/session.py"]
    repository.index()
    assert "source/session.py" not in [hit.path for hit in repository.search("sign_cookie").hits[:1]]


def test_paths_that_are_told_are_looked_at_and_no_others(tree: Path) -> None:
    repository = opened(tree)
    repository.index()
    add(tree)
    edit(tree)
    (tree / "notes.md").write_text("# Other notes\n")
    report = repository.index_paths(["source/new.py"])
    assert (report.added, report.changed, report.removed) == (1, 1, 0)  # both in the folder that was told
    report = repository.index_paths(["notes.md", "gone/for/good.py", "../outside.py"])
    assert (report.added, report.changed, report.removed) == (0, 1, 0)
    clean = pampax.open(tree, store=tree.parent / "clean")
    clean.index()
    for query in ("pool", "notes", "new"):
        expected = [(hit.path, hit.score) for hit in clean.search(query).hits]
        assert [(hit.path, hit.score) for hit in repository.search(query).hits] == expected
