"""kill -9 at any moment: what is committed stays, the rest is finished by the next run, and nobody sees the difference.

Two ways to die: at a random moment (most of the time goes into reading and parsing), and at the n-th call of a system
function of the commit protocol, which random moments hardly ever hit.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fault_harness import (
    Sandbox,
    assert_clear_error,
    assert_same_index,
    comparable,
    folder_bytes,
    kill_group,
    python_file,
    replace_tree,
    write_tree,
)

# Indexing 800 files again and again takes its time where the engine is built for debugging.
pytestmark = pytest.mark.timeout(900)

SEED = int(os.environ.get("PAMPAX_TEST_SEED", "1"))
KILLS = int(os.environ.get("PAMPAX_TEST_KILLS", "12"))
KILLS_AT_ONCE = 3


def edit_tree(root: Path, chance: random.Random) -> None:
    """Edits, deletions, additions and renames, as a day of work leaves them."""
    files = sorted(path for path in root.rglob("*") if path.is_file())
    chosen = chance.sample(files, 60)
    for path in chosen[:35]:
        comment = {".py": "#", ".rb": "#", ".yaml": "#", ".toml": "#", ".sql": "--"}.get(path.suffix, "//")
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"{comment} edited: the pending order has no invoice {chance.random()}\n")
    for path in chosen[35:45]:
        path.unlink()
    for path in chosen[45:55]:
        path.rename(path.with_name(f"renamed_{path.name}"))
    write_tree(root, {f"added/module_{number}.py": python_file(f"added_order_{number}") for number in range(10)})


class KilledIndex:
    """One tree in two states, what a clean index says of the second, and a store that gets killed."""

    def __init__(self, sandbox: Sandbox, tree: Path, queries: Sequence[str], seed: int) -> None:
        self.sandbox, self.queries = sandbox, list(queries)
        self.chance = random.Random(seed)
        self.root, self.store = sandbox.folder / "repository", sandbox.folder / "store"
        self.old, self.new = tree, sandbox.folder / "new"
        replace_tree(tree, self.new)
        edit_tree(self.new, self.chance)
        replace_tree(self.new, self.root)
        clean_store = sandbox.folder / "clean"
        started = time.monotonic()
        assert sandbox.run("index", str(self.root), store=clean_store).code == 0
        self.duration_s = time.monotonic() - started
        self.expected = sandbox.probe(self.root, clean_store, queries=self.queries, status=True)
        assert any(answer["hits"] for answer in self.expected["answers"])
        self.clean_bytes = folder_bytes(clean_store)

    def start_over(self, update: bool) -> list[dict[str, Any]] | None:
        """An empty store, or (`update`) one of the old state under the new tree. Gives what the old state answers."""
        shutil.rmtree(self.store, ignore_errors=True)
        if not update:
            replace_tree(self.new, self.root)
            return None
        replace_tree(self.old, self.root)
        self.sandbox.indexed(self.root, self.store)
        replace_tree(self.new, self.root)
        said = self.sandbox.probe(self.root, self.store, queries=self.queries)
        assert said["error"] is None
        return comparable(said["answers"])

    def check_readable(self, before: list[dict[str, Any]] | None, context: str) -> None:
        """A reader sees the old state or the new one, whole, or is told that files, or all, are missing."""
        said = self.sandbox.probe(self.root, self.store, queries=self.queries)
        if said["error"] is not None:
            assert before is None, f"{context}: the committed generation is gone: {said['error']}"
            assert said["error"]["type"] == "NotIndexed", f"{context}: {said['error']}"
            return
        if all(answer["coverage"]["files_pending"] > 0 for answer in said["answers"]):
            return  # what a long run had made visible so far, and every answer says that files are missing
        answers = comparable(said["answers"])
        if before is None and all(answer["empty_reason"] == "not-indexed" for answer in answers):
            return
        assert answers in (before, comparable(self.expected["answers"])), f"{context}: half a generation is visible"

    def check_finished(self, context: str) -> None:
        """The next run finishes the work, and the store is what a clean one would be."""
        result = self.sandbox.run("index", str(self.root), store=self.store)
        assert result.code == 0, f"{context}: {result.err}"
        said = self.sandbox.probe(self.root, self.store, queries=self.queries, status=True)
        assert_same_index(said, self.expected, context)
        left = folder_bytes(self.store)
        assert left <= 3 * self.clean_bytes + (1 << 20), (
            f"{context}: {left} bytes, a clean store has {self.clean_bytes}"
        )


def kill_at_random(killed: KilledIndex, kills: int) -> None:
    """Kill `kills` runs, some in a row, by turns while a first index is made and while one is brought up to date."""
    done = hit = round_number = 0
    while done < kills:
        before = killed.start_over(update=round_number % 2 == 1)
        round_number += 1
        for _ in range(min(KILLS_AT_ONCE, kills - done)):
            # The first tenth is the start of Python, where there is nothing to break yet.
            delay_s = killed.duration_s * killed.chance.uniform(0.1, 1.0)
            process = killed.sandbox.start("index", str(killed.root), store=killed.store)
            time.sleep(delay_s)
            if process.poll() is None:
                hit += 1
            kill_group(process)
            done += 1
            killed.check_readable(before, f"kill {done} after {delay_s:.3f} s, PAMPAX_TEST_SEED={SEED}")
        killed.check_finished(f"after kill {done}, PAMPAX_TEST_SEED={SEED}")
    assert hit >= kills // 4, f"only {hit} of {kills} runs were still running when they were killed"


def test_killed_at_random_moments(sandbox: Sandbox, medium_tree: Path, medium_queries: list[str]) -> None:
    kill_at_random(KilledIndex(sandbox, medium_tree, medium_queries, SEED), KILLS)


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_killed_at_many_random_moments(sandbox: Sandbox, medium_tree: Path, medium_queries: list[str]) -> None:
    kill_at_random(KilledIndex(sandbox, medium_tree, medium_queries, SEED + 1), max(KILLS, 200))


# The system calls that change what is on disk. `when` counts over all threads of the process.
STEPS = ("fsync", "fdatasync", "rename", "unlink", "mkdir", "ftruncate", "pwrite64")


def strace(inject: str, when: str, outcome: str) -> list[str]:
    """The prefix of a command line under which the `when`-th call of `inject` goes wrong. Skips without strace."""
    if shutil.which("strace") is None:
        pytest.skip("needs strace")
    works = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False)
    if works.returncode != 0:
        pytest.skip("may not trace processes here")
    names = {"rename": "rename,renameat,renameat2", "unlink": "unlink,unlinkat", "mkdir": "mkdir,mkdirat"}.get(
        inject, inject
    )
    return [
        "strace",
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        f"trace={names}",
        "-e",
        f"inject={names}:{outcome}:when={when}",
    ]


def _step_fixture(sandbox: Sandbox, small_tree: Path, small_queries: list[str]) -> KilledIndex:
    return KilledIndex(sandbox, small_tree, small_queries, SEED)


def fail_at_steps(killed: KilledIndex, steps: Sequence[str], depth: int, outcome: str) -> int:
    """Let the first `depth` calls of each of `steps` go wrong, a run for each. Gives how many runs were hit."""
    hit = 0
    for step in steps:
        # There is more to lose where a generation stands already: the first index is killed at its first call only.
        for number, update in [(1, False), *((number, True) for number in range(1, depth + 1))]:
            before = killed.start_over(update=update)
            context = f"{outcome} at call {number} of {step}, {'update' if update else 'first index'}"
            when = str(number) if outcome.startswith("signal") else f"{number}+"
            result = killed.sandbox.run(
                "index", str(killed.root), store=killed.store, prefix=strace(step, when, outcome), timeout_s=300
            )
            if result.code in (0, 1, 3):
                hit += result.code != 0
                if result.code != 0:
                    assert_clear_error(result)
            else:
                assert result.code in (-signal.SIGKILL, 128 + signal.SIGKILL), f"{context}: {result}"
                hit += 1
            killed.check_readable(before, context)
            killed.check_finished(context)
            if update and result.code == 0 and outcome.startswith("signal"):
                break  # there is no n-th call any more
    return hit


def test_killed_inside_the_commit(sandbox: Sandbox, small_tree: Path, small_queries: list[str]) -> None:
    killed = _step_fixture(sandbox, small_tree, small_queries)
    assert fail_at_steps(killed, ("fsync", "fdatasync", "rename"), 2, "signal=KILL") >= 2, "no run was hit"


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_killed_at_each_step(sandbox: Sandbox, small_tree: Path, small_queries: list[str]) -> None:
    killed = _step_fixture(sandbox, small_tree, small_queries)
    assert fail_at_steps(killed, STEPS, 25, "signal=KILL") >= 5, "no run was hit"


@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
def test_failing_disk(sandbox: Sandbox, small_tree: Path, small_queries: list[str], error: str) -> None:
    """A disk that refuses to sync or rename: an error with a name, and nothing half-written is ever visible."""
    killed = _step_fixture(sandbox, small_tree, small_queries)
    assert fail_at_steps(killed, ("fdatasync", "rename"), 1, f"error={error}") >= 1, "no run was hit"


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
def test_failing_disk_at_each_step(sandbox: Sandbox, small_tree: Path, small_queries: list[str], error: str) -> None:
    killed = _step_fixture(sandbox, small_tree, small_queries)
    assert fail_at_steps(killed, STEPS, 12, f"error={error}") >= 3, "no run was hit"
