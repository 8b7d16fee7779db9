"""`pampax watch`: the index follows the files, whatever way they change."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lowered_limits import below_limit
from watched_process import PATIENCE_SECONDS, Watched

import pampax

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@pytest.fixture
def watched(tree: Path, environment: Mapping[str, str]) -> Iterator[Watched]:
    watched = Watched(tree, environment)
    yield watched
    watched.process.kill()
    watched.process.wait()


def test_files_that_come_change_and_go_are_followed(watched: Watched) -> None:
    file = watched.root / "source" / "second.py"
    file.write_text("def second():\n    return 2\n")
    watched.finds("second", "source/second.py")
    file.write_text("def other():\n    return 2\n")
    watched.finds("other", "source/second.py")
    watched.finds("second", None)
    file.unlink()
    watched.finds("other", None)
    assert watched.stop() == 130


def test_atomic_saves_and_new_folders_are_followed(watched: Watched) -> None:
    file = watched.root / "source" / "first.py"
    beside = file.with_name(".first.py.swp")
    beside.write_text("def saved():\n    return 1\n")
    beside.replace(file)
    watched.finds("saved", "source/first.py")
    folder = watched.root / "made" / "deep"
    folder.mkdir(parents=True)
    (folder / "inside.py").write_text("def inside():\n    return 3\n")
    watched.finds("inside", "made/deep/inside.py")
    (watched.root / "made").rename(watched.root / "moved")
    watched.finds("inside", "moved/deep/inside.py")


def test_ignore_rules_that_change_hold_at_once(watched: Watched) -> None:
    (watched.root / ".gitignore").write_text("source/\n")
    watched.finds("first", None)
    (watched.root / ".gitignore").unlink()
    watched.finds("first", "source/first.py")


def test_a_flood_of_changes_ends_in_the_state_of_a_clean_index(watched: Watched, tmp_path: Path) -> None:
    for number in range(3_000):
        folder = watched.root / f"flood{number % 50}"
        folder.mkdir(exist_ok=True)
        (folder / f"file{number}.py").write_text(f"def flood_{number}():\n    return {number}\n")
    watched.finds("flood_2999", "flood49/file2999.py")
    for number in range(0, 3_000, 2):
        (watched.root / f"flood{number % 50}" / f"file{number}.py").unlink()
    watched.finds("flood_2998", None)
    clean = pampax.open(watched.root, store=tmp_path / "clean")
    clean.index()
    kept = pampax.open(watched.root, store=watched.store)
    watched.until(lambda: kept.status().files == clean.status().files, "files differ from a clean index")
    for query in ("flood_1501", "flood 77", "return 2999"):
        expected = [(hit.path, hit.score) for hit in clean.search(query).hits]
        assert [(hit.path, hit.score) for hit in kept.search(query).hits] == expected


def test_a_root_that_moves_is_followed(watched: Watched, tmp_path: Path) -> None:
    moved = tmp_path / "moved tree"
    watched.root.rename(moved)
    watched.until(lambda: "is gone" in watched.said(), "nothing was said of the root that is gone")
    if Path("/proc/self/fd").exists():
        watched.until(lambda: f"watching {moved}" in watched.said(), "the root was not found at its new place")
        (moved / "source" / "after.py").write_text("def after():\n    return 4\n")
        watched.finds("after", "source/after.py", moved)


def test_polling_sees_what_the_system_does_not_tell(tree: Path, environment: Mapping[str, str]) -> None:
    watched = Watched(tree, environment, "--poll", "--json")
    try:
        (tree / "source" / "polled.py").write_text("def polled():\n    return 5\n")
        watched.finds("polled", "source/polled.py")
        assert watched.stop() == 130
    finally:
        watched.process.kill()
        watched.process.wait()


def test_each_change_is_one_line_of_json(tree: Path, environment: Mapping[str, str]) -> None:
    command = [sys.executable, "-m", "pampax", "watch", str(tree), "--store", str(tree.parent / "store"), "--json"]
    process = subprocess.Popen(
        command, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        while "watching" not in process.stderr.readline():
            assert process.poll() is None
        # The first walk finds what changed before the system's watch stands.
        (tree / "source" / "third.py").write_text("def third():\n    return 3\n")
        report = json.loads(process.stdout.readline())
        assert (report["schema"], report["added"], report["removed"]) == ("pampax.index/1", 1, 0)
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(PATIENCE_SECONDS) == 130
    finally:
        process.kill()
        process.communicate()


def test_where_the_system_does_not_watch_the_files_are_polled(tree: Path, environment: Mapping[str, str]) -> None:
    watched = Watched(tree, environment, below=below_limit("max_inotify_watches", 1))
    try:
        watched.until(lambda: "does not watch all folders" in watched.said(), "nothing was said of the limit")
        (tree / "source" / "polled.py").write_text("def polled():\n    return 5\n")
        watched.finds("polled", "source/polled.py")
    finally:
        watched.process.kill()
        watched.process.wait()
