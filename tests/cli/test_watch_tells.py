"""`pampax watch` tells other processes whether the index has everything, and never that it has what it lacks."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from watched_process import Watched

import pampax
from pampax import _core, watching

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

FRESHNESS_MS = 5_000
"""Enough for a loaded machine to look at these few files."""


@pytest.fixture
def watched(tree: Path, environment: Mapping[str, str]) -> Iterator[Watched]:
    watched = Watched(tree, environment)
    watched.finds("first", "source/first.py")
    yield watched
    watched.kill()


def asked(watched: Watched, query: str = "first") -> tuple[str, list[str]]:
    """What a process that has not asked before is told of freshness, and the first file it finds."""
    answer = pampax.open(watched.root, store=watched.store, freshness_ms=FRESHNESS_MS).search(query, limit=1)
    return answer.coverage.freshness, [hit.path for hit in answer.hits]


def change_unheard(watched: Watched) -> None:
    """Change a file in a way of which the system tells nobody: under another name. Whoever looks sees it.

    It is none of those that are found, which are looked at whatever was told.
    """
    path, other_name = watched.root / "source" / "aside.py", watched.root.parent / "other name.py"
    path.write_text("aside = 1\n")
    os.link(path, other_name)
    watched.until(lambda: asked(watched)[0] == "fresh", "the file is not in the index")
    other_name.write_text("aside = 2\n")


def test_whoever_asks_is_told_and_does_not_look(watched: Watched) -> None:
    change_unheard(watched)
    assert asked(watched)[0] == "fresh"
    watched.process.send_signal(signal.SIGSTOP)
    try:
        # A watch that does not answer is no excuse: a look sees the change.
        assert asked(watched)[0] == "stale"
    finally:
        watched.process.send_signal(signal.SIGCONT)
    assert asked(watched)[0] == "fresh"
    watched.kill()
    assert asked(watched)[0] == "stale"


def test_what_is_opened_ahead_is_told_too_and_looks_where_nobody_tells(watched: Watched) -> None:
    change_unheard(watched)

    def of_a_new_process() -> tuple[int, str]:
        """What `pampax grep` does: begin to open, read the command line, ask."""
        _core.open_ahead(str(watched.root), str(watched.store), grep=True)
        answer = pampax.open(watched.root, store=watched.store).grep("aside = ")
        return answer.matches, answer.to_dict()["coverage"]["freshness"]

    assert of_a_new_process() == (1, "fresh")
    watched.process.send_signal(signal.SIGSTOP)
    try:
        assert of_a_new_process() == (1, "stale")
    finally:
        watched.process.send_signal(signal.SIGCONT)
    watched.kill()
    assert of_a_new_process() == (1, "stale")


def test_a_search_for_lines_is_told_too(watched: Watched) -> None:
    change_unheard(watched)
    repository = pampax.open(watched.root, store=watched.store, freshness_ms=FRESHNESS_MS)
    answer = repository.grep("def first").to_dict()
    assert (answer["coverage"]["freshness"], len(answer["files"])) == ("fresh", 1)


def test_nobody_is_told_that_an_index_has_what_it_lacks(watched: Watched) -> None:
    folder = watched.root / "source"
    for number in range(60):
        # The way of saving, and how long after it is asked, differ from time to time.
        path = folder / f"file{number % 7}.py"
        text = f"def marker_{number}():\n    return {number}\n"
        if number % 3:
            path.write_text(text)
        else:
            beside = path.with_suffix(".new")
            beside.write_text(text)
            beside.replace(path)
        if number % 5 == 4:
            deeper = folder / f"deeper{number}"
            deeper.mkdir()
            path = path.replace(deeper / path.name)
        time.sleep((number % 4) * 0.02)
        freshness, paths = asked(watched, f"marker_{number}")
        found = str(path.relative_to(watched.root)) in paths
        assert found or freshness != "fresh", f"change {number} was not found in what was said to be fresh"
    watched.until(lambda: asked(watched, "marker_59")[0] == "fresh", "the last change is not in the index")
    assert asked(watched, "marker_59")[1] == ["source/deeper59/file3.py"]


def test_changes_beside_questions_end_in_an_index_that_has_all(watched: Watched) -> None:
    done = threading.Event()

    def write() -> None:
        number = 0
        while not done.is_set():
            (watched.root / "source" / f"file{number % 20}.py").write_text(f"def marker_{number}():\n    return 1\n")
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(20):
            asked(watched)
    finally:
        done.set()
        writer.join()
    text = (watched.root / "source" / "file0.py").read_text()
    marker = text.removeprefix("def ").partition("(")[0]
    freshness, paths = asked(watched, marker)
    assert paths[:1] == ["source/file0.py"] or freshness != "fresh"
    watched.finds(marker, "source/file0.py")


def test_a_store_that_cannot_be_read_does_not_end_the_watch(watched: Watched) -> None:
    watched.until(lambda: asked(watched)[0] == "fresh", "nobody is told that the index has everything")
    generation = watched.store / "generation"
    kept = generation.read_bytes()
    generation.write_bytes(b"damaged")
    # Longer than the pause after which the watch says again that the index has everything.
    time.sleep(2 * watching.TICK_MS / 1000)
    assert watched.process.poll() is None, watched.said()
    generation.write_bytes(kept)
    watched.until(lambda: asked(watched)[0] == "fresh", "nobody is told that the index has everything")


def test_a_second_watch_says_that_the_first_one_tells(watched: Watched, environment: Mapping[str, str]) -> None:
    second = Watched(watched.root, environment)
    try:
        second.until(lambda: "another process watches" in second.said(), "nothing was said of the first watch")
        watched.finds("first", "source/first.py")
        assert asked(watched)[0] == "fresh"
    finally:
        second.kill()


@contextmanager
def mounted(folder: Path) -> Iterator[None]:
    """A file system of its own at `folder`; skips where that is not allowed."""
    done = subprocess.run(["mount", "-t", "tmpfs", "pampax-test", str(folder)], capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"may not mount: {done.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)


def test_what_is_mounted_in_the_tree_is_followed(watched: Watched) -> None:
    folder = watched.root / "mounted"
    folder.mkdir()
    (folder / "below.py").write_text("def below():\n    return 1\n")
    watched.finds("below", "mounted/below.py")
    watched.until(lambda: asked(watched)[0] == "fresh", "nobody is told that the index has everything")
    with mounted(folder):
        (folder / "inside.py").write_text("def inside():\n    return 1\n")
        freshness, paths = asked(watched, "inside")
        assert "mounted/inside.py" in paths or freshness != "fresh"
        watched.finds("inside", "mounted/inside.py")
        (folder / "inside.py").write_text("def changed():\n    return 1\n")
        watched.finds("changed", "mounted/inside.py")
