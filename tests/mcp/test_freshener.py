"""The background indexing of a server, by itself."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

import pampax
from pampax.mcp_server import freshener as module
from pampax.mcp_server.freshener import Freshener

if TYPE_CHECKING:
    from collections.abc import Callable
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
    freshener = Freshener(repository)
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
    freshener = Freshener(repository)
    freshener.note_question()
    wait_for(lambda: freshener.freshness.runs >= 1)
    (tmp_path / "tree" / "b.py").write_text("def beta():\n    return 1\n")
    wait_for(lambda: bool(repository.symbols("beta")))
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
