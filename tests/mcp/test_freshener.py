"""The background indexing of a server, by itself: real trees, stores, and what the system tells."""

from __future__ import annotations

import fcntl
import os
import time
from typing import TYPE_CHECKING

import pytest

import pampax
from pampax import watching as watching_module
from pampax.mcp_server import freshener as module
from pampax.mcp_server.freshener import Freshener

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def wait_for(holds: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.fixture
def repository(tmp_path: Path) -> pampax.Repository:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a.py").write_text("def alpha():\n    return 1\n")
    return pampax.open(tmp_path / "tree", store=tmp_path / "store")


def test_a_request_counts_only_runs_that_began_after_it(repository: pampax.Repository) -> None:
    freshener = Freshener(repository, watch=False)
    assert freshener.is_due()
    runs = freshener.request()
    wait_for(lambda: freshener.freshness.runs >= runs)
    assert repository.is_indexed
    assert not freshener.is_due()
    assert not freshener.note_question()
    assert freshener.last_report is not None
    freshener.close()


def test_it_looks_again_by_itself_while_questions_come(
    repository: pampax.Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "CHECK_SECONDS", 0.05)
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.1)
    freshener = Freshener(repository, watch=False)
    freshener.note_question()
    wait_for(lambda: freshener.freshness.runs >= 1)
    (tmp_path / "tree" / "b.py").write_text("def beta():\n    return 1\n")
    wait_for(lambda: bool(repository.symbols("beta")))
    freshener.close()


def test_answers_look_at_the_whole_tree_only_while_the_system_does_not_tell(
    repository: pampax.Repository, tmp_path: Path
) -> None:
    usual = repository.freshness_ms
    assert usual > 0
    freshener = Freshener(repository)
    freshener.note_question()
    assert repository.freshness_ms == usual
    wait_for(lambda: freshener.freshness.watched)
    freshener.note_question()
    assert repository.freshness_ms == 0
    assert repository.search("alpha").coverage.freshness == "unchecked"
    assert freshener.freshness.is_current
    (tmp_path / "tree").rename(tmp_path / "elsewhere")
    wait_for(lambda: not freshener.freshness.watched)
    freshener.note_question()
    assert repository.freshness_ms == usual
    freshener.close()


def test_what_was_cancelled_does_not_keep_the_next_run_from_its_work(repository: pampax.Repository) -> None:
    freshener = Freshener(repository)
    freshener.cancel()
    runs = freshener.request()
    wait_for(lambda: freshener.freshness.runs >= runs)
    freshener.cancel()
    runs = freshener.request()
    wait_for(lambda: freshener.freshness.runs >= runs)
    assert freshener.freshness.problem is None
    freshener.close()


def test_a_run_that_fails_is_told_and_tried_again(
    repository: pampax.Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "store").write_text("in the way")
    freshener = Freshener(repository)
    runs = freshener.request()
    wait_for(lambda: freshener.freshness.runs >= runs)
    assert freshener.freshness.problem
    (tmp_path / "store").unlink()
    runs = freshener.request()
    wait_for(lambda: freshener.freshness.runs >= runs)
    assert freshener.freshness.problem is None
    freshener.close()


@pytest.fixture
def watching(repository: pampax.Repository) -> Iterator[Freshener]:
    """A freshener whose watch stands."""
    freshener = Freshener(repository)
    freshener.request()
    wait_for(lambda: freshener.freshness.is_current and freshener.is_settled())
    yield freshener
    freshener.close()


def test_what_the_system_tells_is_indexed_without_a_look_at_the_tree(
    watching: Freshener, repository: pampax.Repository, tmp_path: Path
) -> None:
    looks = watching.freshness.runs
    (tmp_path / "tree" / "b.py").write_text("def beta():\n    return 1\n")
    wait_for(lambda: bool(repository.symbols("beta")))
    (tmp_path / "tree" / "b.py").unlink()
    wait_for(lambda: not repository.symbols("beta"))
    wait_for(lambda: watching.freshness.is_current)
    assert watching.freshness.runs == looks
    assert not watching.note_question()
    assert watching.freshness.runs == looks


def test_a_change_that_cannot_be_indexed_yet_is_counted_until_it_is(
    watching: Freshener, repository: pampax.Repository, tmp_path: Path
) -> None:
    with (tmp_path / "store" / "lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        (tmp_path / "tree" / "b.py").write_text("def beta():\n    return 1\n")
        wait_for(lambda: watching.freshness.changes > 0)
        assert not watching.freshness.is_current
        assert watching.note_question()
        wait_for(lambda: watching.freshness.stage == "locked")
        assert not repository.symbols("beta")
    wait_for(lambda: watching.freshness.is_current)
    assert repository.symbols("beta")
    assert watching.freshness.changes == 0
    assert watching.freshness.problem is None


def test_no_answer_waits_for_the_end_of_changes_that_keep_coming(watching: Freshener, tmp_path: Path) -> None:
    waits = []
    for number in range(100):
        (tmp_path / "tree" / "b.py").write_text(f"def beta():\n    return {number}\n")
        wait_for(lambda: watching.freshness.changes > 0)
        waits.append(watching.note_question())
        wait_for(lambda: watching.freshness.changes == 0)
        if not waits[-1]:
            break
    assert waits[0]
    assert not waits[-1]


def test_a_root_that_is_gone_is_watched_again_when_it_is_back(
    watching: Freshener, repository: pampax.Repository, tmp_path: Path
) -> None:
    (tmp_path / "tree").rename(tmp_path / "elsewhere")
    wait_for(lambda: watching.freshness.watch_problem is not None)
    assert not watching.freshness.is_current
    (tmp_path / "elsewhere").rename(tmp_path / "tree")
    wait_for(lambda: watching.freshness.is_current)
    assert watching.freshness.watch_problem is None
    (tmp_path / "tree" / "b.py").write_text("def beta():\n    return 1\n")
    wait_for(lambda: bool(repository.symbols("beta")))


def test_a_name_that_is_not_utf_8_does_not_end_the_watch(
    watching: Freshener, repository: pampax.Repository, tmp_path: Path
) -> None:
    try:
        (tmp_path / "tree" / os.fsdecode(b"\xff.py")).touch()
    except OSError:
        pytest.skip("the file system takes only names that are UTF-8")
    wait_for(lambda: repository.status().skipped.get("not-utf8-path") == 1)
    wait_for(lambda: watching.freshness.is_current)
    assert watching.freshness.watch_problem is None
    looks = watching.freshness.runs
    (tmp_path / "tree" / "c.py").write_text("def gamma():\n    return 1\n")
    wait_for(lambda: bool(repository.symbols("gamma")))
    assert watching.freshness.runs == looks


def test_files_in_folders_that_came_are_told_of_after_the_watch_was_begun_anew(
    watching: Freshener, repository: pampax.Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching_module, "QUIET_SECONDS", 0.2)
    looks = watching.freshness.runs
    (tmp_path / "tree" / "made" / "deep").mkdir(parents=True)
    wait_for(lambda: watching.freshness.runs > looks)
    wait_for(lambda: watching.freshness.is_current)
    assert watching.freshness.watch_problem is None
    (tmp_path / "tree" / "made" / "deep" / "b.py").write_text("def beta():\n    return 1\n")
    wait_for(lambda: bool(repository.symbols("beta")))


def test_a_file_that_was_only_touched_leaves_answers_fresh(
    watching: Freshener, repository: pampax.Repository, tmp_path: Path
) -> None:
    (tmp_path / "tree" / "a.py").touch()
    wait_for(lambda: watching.freshness.changes > 0)
    wait_for(lambda: watching.freshness.is_current)
    assert repository.search("alpha").coverage.freshness == "fresh"


def test_a_server_with_nothing_to_do_costs_almost_nothing(watching: Freshener) -> None:
    wait_for(watching.is_settled)
    used, began = time.process_time(), time.monotonic()
    time.sleep(2)
    share = (time.process_time() - used) / (time.monotonic() - began)
    assert share < 0.02
    assert watching.freshness.is_current
