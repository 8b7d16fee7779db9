"""Edits between questions, over real standard input and output: the system tells the server of them."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest
from lowered_limits import below_limit
from servers import LineServer, line_server

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.concurrency

PATIENCE_SECONDS = 20.0
"""How long something may take before a test fails: for loaded machines, not a figure of speed."""


def ask_until(server: LineServer, tool: str, arguments: object, condition: str, first: int = 1_000) -> list[Any]:
    """Ask again and again, without a pause, until `condition` is in an answer; gives all answers."""
    answers: list[Any] = []
    until = time.monotonic() + PATIENCE_SECONDS
    while not answers or condition not in json.dumps(answers[-1]):
        assert time.monotonic() < until, answers[-1]
        answers.append(server.call(first + len(answers), tool, arguments)["structuredContent"])
    return answers


def watched(server: LineServer) -> None:
    """Wait until the server has said that the system tells it of changes."""
    server.initialize()
    ask_until(server, "index", {}, '"watch": {"by": "system"}')


def test_an_edit_is_in_the_answers_at_once(indexed: Path, environment: Mapping[str, str]) -> None:
    with line_server("--root", str(indexed), environment=environment) as server:
        watched(server)
        seconds = []
        for number in range(5):
            path = indexed / "shop" / f"voucher_{number}.py"
            began = time.monotonic()
            path.write_text(f"def redeem_voucher_{number}():\n    return 1\n")
            question = {"query": f"redeem_voucher_{number}", "limit": 1}
            answers = ask_until(server, "search", question, f"voucher_{number}.py", 1_000 * (number + 2))
            seconds.append(time.monotonic() - began)
            assert answers[-1]["hits"][0]["path"] == f"shop/voucher_{number}.py"
            # What the index had before is not in the way of what is there now.
            path.unlink()
            ask_until(server, "graph", {"name": path.name, "relation": "callers"}, "not-found", 100_000 * (number + 1))
        # Told by the system, not found by a look at the tree every other second. One may meet a busy moment.
        assert statistics.median(seconds) < 1.0, seconds


def test_no_look_at_the_tree_is_needed_for_it(indexed: Path, environment: Mapping[str, str]) -> None:
    with line_server("--root", str(indexed), environment=environment) as server:
        watched(server)
        looked = server.call(1, "index", {})["structuredContent"]["status"]["checked_seconds_ago"]
        began = time.monotonic()
        (indexed / "shop" / "voucher.py").write_text("def redeem_voucher():\n    return 1\n")
        ask_until(server, "search", {"query": "redeem_voucher"}, "voucher.py")
        # On a busy machine what happens to one file may be told in two parts.
        status = ask_until(server, "index", {}, '"fresh"', 10_000)[-1]
        # The last look at the whole tree is the one from before.
        assert status["status"]["checked_seconds_ago"] >= looked + round(time.monotonic() - began, 1) - 0.2


@pytest.mark.parametrize("limit", ["max_inotify_watches", "max_inotify_instances"])
def test_where_the_system_does_not_watch_the_tree_is_looked_at(
    indexed: Path, environment: Mapping[str, str], limit: str
) -> None:
    with line_server("--root", str(indexed), environment=environment, below=below_limit(limit, 0)) as server:
        server.initialize()
        status = ask_until(server, "index", {}, '"problem"')[-1]["status"]
        assert status["watch"]["by"] == "looking"
        assert "does not watch" in status["watch"]["problem"]
        (indexed / "shop" / "voucher.py").write_text("def redeem_voucher():\n    return 1\n")
        found = ask_until(server, "search", {"query": "redeem_voucher"}, "voucher.py")[-1]
        assert found["coverage"]["state"] == "fresh"


def test_folders_beyond_the_limit_are_looked_at_soon(indexed: Path, environment: Mapping[str, str]) -> None:
    folders = sum(1 for _ in os.walk(indexed))
    below = below_limit("max_inotify_watches", folders + 1)
    with line_server("--root", str(indexed), environment=environment, below=below) as server:
        watched(server)
        folder = indexed / "made" / "deep"
        folder.mkdir(parents=True)
        status = ask_until(server, "index", {}, '"problem"', 10_000)[-1]["status"]
        assert status["watch"]["by"] == "looking"
        assert "does not watch" in status["watch"]["problem"]
        (folder / "voucher.py").write_text("def redeem_voucher():\n    return 1\n")
        ask_until(server, "search", {"query": "redeem_voucher"}, "voucher.py", 100_000)


def test_beside_a_folder_that_may_not_be_read_the_tree_is_looked_at(
    indexed: Path, environment: Mapping[str, str]
) -> None:
    secret = indexed / "secret"
    secret.mkdir(mode=0)
    below = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    try:
        listed = subprocess.run([*below, "ls", str(secret)], capture_output=True, check=False)
        if b"ermission denied" not in listed.stderr:
            pytest.skip("cannot give up the rights of root")
        with line_server("--root", str(indexed), environment=environment, below=below) as server:
            server.initialize()
            status = ask_until(server, "index", {}, '"problem"')[-1]["status"]
            assert status["watch"]["by"] == "looking"
            assert str(secret) in status["watch"]["problem"]
            (indexed / "shop" / "voucher.py").write_text("def redeem_voucher():\n    return 1\n")
            ask_until(server, "search", {"query": "redeem_voucher"}, "voucher.py", 10_000)
    except FileNotFoundError:
        pytest.skip("needs setpriv, to give up the rights of root")
    finally:
        secret.chmod(0o755)


def test_a_name_that_is_not_utf_8_keeps_no_other_file_out_of_the_answers(
    indexed: Path, environment: Mapping[str, str]
) -> None:
    with line_server("--root", str(indexed), environment=environment) as server:
        watched(server)
        try:
            (indexed / "shop" / os.fsdecode(b"\xff.py")).touch()
        except OSError:
            pytest.skip("the file system takes only names that are UTF-8")
        status = ask_until(server, "index", {}, "not-utf8-path", 10_000)[-1]["status"]
        assert "problem" not in status["watch"]
        for number in range(2):
            (indexed / "shop" / "voucher.py").write_text(f"def redeem_voucher_{number}():\n    return 1\n")
            ask_until(server, "search", {"query": "redeem_voucher"}, f"redeem_voucher_{number}", 10_000 * (number + 2))
