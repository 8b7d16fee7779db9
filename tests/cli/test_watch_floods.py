"""`pampax watch` survives floods: branches that differ in very many files, and saves without a pause."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from same_answers import ask, counts, mixed_questions
from watched_process import Watched

import pampax
from pampax.benchmarks import corpus

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

BRANCH_SEEDS = {"first": 1, "second": 2}
FRESHNESS_MS = 30_000
"""Enough for a loaded machine to look whether the files are those of the index: answers say whether it did."""


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "gc.auto=0"]
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True)


def two_branches(root: Path, files: int) -> None:
    """A git repository whose branches `first` and `second` have `files` generated files each, nearly all different."""
    subprocess.run(["git", "init", "--quiet", "--initial-branch", "first", str(root)], check=True)
    for branch, seed in BRANCH_SEEDS.items():
        if branch != "first":
            git(root, "checkout", "--quiet", "-b", branch)
            for path in root.iterdir():
                if path.name != ".git":
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
        corpus.generate(root, files, seed)
        git(root, "add", "--all")
        git(root, "commit", "--quiet", "--message", branch)


def watched_branches(root: Path, files: int, environment: Mapping[str, str]) -> Watched:
    two_branches(root, files)
    return Watched(root, environment)


def assert_as_clean(watched: Watched, store: Path, files: int, seed: int, patience_seconds: float) -> None:
    """Wait until the watched index counts what a clean one counts, then compare answers of all kinds."""
    clean = pampax.open(watched.root, store=store, freshness_ms=FRESHNESS_MS)
    clean.index()
    expected = counts(clean)
    assert expected["files"] > files * 0.9
    kept = pampax.open(watched.root, store=watched.store, freshness_ms=FRESHNESS_MS)
    watched.until(
        lambda: counts(kept) == expected, "the index differs from a clean one", patience_seconds=patience_seconds
    )
    # The graph of a large repository follows when it has become quiet.
    watched.until(
        lambda: kept.search("order").coverage.graph_files_behind == 0, "no graph", patience_seconds=patience_seconds
    )
    asked = mixed_questions(corpus.queries(files, seed, 12))
    answers = [(question, ask(kept, question)) for question in asked]
    assert sum(bool(answer) for _, answer in answers) > len(answers) / 2
    for question, answer in answers:
        assert answer == ask(clean, question), question


@pytest.mark.parametrize(
    ("files", "patience_seconds"),
    [
        pytest.param(1_500, 60.0, marks=pytest.mark.timeout(180)),
        pytest.param(20_000, 600.0, marks=[pytest.mark.slow, pytest.mark.timeout(2400)]),
    ],
)
def test_branches_that_differ_in_nearly_every_file(
    files: int, patience_seconds: float, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    watched = watched_branches(tmp_path / "tree", files, environment)
    try:
        git(watched.root, "checkout", "--quiet", "first")
        assert_as_clean(watched, tmp_path / "clean first", files, 1, patience_seconds)
        # The next switch begins while the one before is being indexed, and the last one is half undone by hand.
        for branch in ("second", "first", "second"):
            git(watched.root, "checkout", "--quiet", branch)
        shutil.rmtree(watched.root / "docs")
        assert_as_clean(watched, tmp_path / "clean second", files, 2, patience_seconds)
        (watched.root / "after_the_flood.py").write_text("def after_the_flood():\n    return 1\n")
        watched.finds("after_the_flood", "after_the_flood.py")
        assert watched.stop() == 130
    finally:
        watched.kill()


@pytest.fixture
def small(tmp_path: Path, environment: Mapping[str, str]) -> Iterator[Watched]:
    root = tmp_path / "tree"
    corpus.generate(root, 60, 1)
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    watched = Watched(root, environment)
    (root / "stands.py").write_text("def the_watch_stands():\n    return 1\n")
    watched.finds("the_watch_stands", "stands.py")
    yield watched
    watched.kill()


def test_saves_without_a_pause_end_in_the_last_one(small: Watched) -> None:
    file = small.root / "saved.py"
    for number in range(3_000):
        beside = file.with_name(f".saved.py.{number}~")
        beside.write_text(f"def saved_{number}():\n    return {number}\n")
        beside.replace(file)
    small.finds("saved_2999", "saved.py")
    small.finds("saved_2998", None)
