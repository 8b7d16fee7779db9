"""Several processes on one store, and processes that are asked to stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from fault_harness import (
    Sandbox,
    assert_clear_error,
    assert_same_index,
    comparable,
    kill_group,
    python_file,
    wait_for,
    write_tree,
)

pytestmark = pytest.mark.timeout(300)

WRITER = """
import sys, pampax
told = False
def progress(event):
    global told
    if not told and event.stage == "index":
        told = True
        print("indexing", flush=True)
repository = pampax.open(sys.argv[1], store=sys.argv[2])
repository.index(progress=progress)
print("done", flush=True)
"""

INTERRUPTED = """
import os, signal, sys, threading, time
import pampax

sent = []
def interrupt():
    sent.append(time.monotonic())
    os.kill(os.getpid(), signal.SIGINT)

def progress(event):
    if event.stage == "index" and not timer.is_alive() and not sent:
        timer.start()

timer = threading.Timer(0.05, interrupt)
repository = pampax.open(sys.argv[1], store=sys.argv[2])
try:
    repository.index(progress=progress)
except KeyboardInterrupt:
    print(time.monotonic() - sent[0])
else:
    print("finished")
"""

READER = """
import json, sys, time
import pampax

seen, searches = set(), 0
end = time.monotonic() + float(sys.argv[3])
while time.monotonic() < end:
    repository = pampax.open(sys.argv[1], store=sys.argv[2])
    hits = repository.search("numbered_marker", limit=50).hits
    seen.add(tuple(sorted({hit.symbol for hit in hits if hit.symbol})))
    searches += 1
print(json.dumps({"searches": searches, "seen": sorted(seen)}))
"""


def holds_lock(process: subprocess.Popen[bytes], store: Path) -> bool:
    """Whether the process has written its number into the lock, or is gone."""
    try:
        return (store / "lock").read_text().strip() == str(process.pid) or process.poll() is not None
    except OSError:
        return process.poll() is not None


@contextmanager
def stopped_writer(sandbox: Sandbox, root: Path, store: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process in the middle of indexing, stopped, so that it holds the lock for as long as the test needs."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(root), str(store)],
        env=sandbox.environment(),
        cwd=sandbox.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if line != b"indexing\n":
            process.kill()
            raise AssertionError(f"the writer said {line!r}: {process.communicate()[1].decode()}")
        os.killpg(process.pid, signal.SIGSTOP)
        yield process
    finally:
        kill_group(process)


def test_two_writers_at_once(sandbox: Sandbox, store: Path, large_tree: Path) -> None:
    """The second is told who is first, at once; readers are not disturbed; the first then ends as if alone."""
    with stopped_writer(sandbox, large_tree, store) as first:
        second = sandbox.run("index", str(large_tree), store=store, timeout_s=20)
        assert_clear_error(second, mentions=str(first.pid))
        assert second.seconds < 5
        said = sandbox.probe(large_tree, store, index=True)
        assert said["error"]["type"] == "StoreLocked"
        assert "StoreError" in said["error"]["bases"]
        read = sandbox.probe(large_tree, store, queries=["order"], timeout_s=20)
        assert read["error"] is None or read["error"]["type"] == "NotIndexed"
        os.killpg(first.pid, signal.SIGCONT)
        out, err = first.communicate(timeout=120)
        assert (first.returncode, out) == (0, b"done\n"), err.decode()
    assert sandbox.run("index", str(large_tree), store=store).code == 0


def test_lock_of_a_dead_writer_is_taken_over(sandbox: Sandbox, store: Path, large_tree: Path, tmp_path: Path) -> None:
    with stopped_writer(sandbox, large_tree, store):
        pass  # killed with the lock in its hands
    finished = sandbox.indexed(large_tree, store, ["order", "invoice total"])
    clean = sandbox.indexed(large_tree, tmp_path / "clean", ["order", "invoice total"])
    assert_same_index(finished, clean)


def test_search_on_an_unindexed_tree_while_another_indexes_it(sandbox: Sandbox, store: Path, large_tree: Path) -> None:
    """It cannot index it as well; it says so instead of waiting for ever or answering from half an index."""
    with stopped_writer(sandbox, large_tree, store) as first:
        result = sandbox.run("search", "-C", str(large_tree), "order", store=store, timeout_s=20)
        assert_clear_error(result, mentions=str(first.pid))


def test_readers_beside_a_writer_see_whole_generations(sandbox: Sandbox, store: Path, tree: Path) -> None:
    """All files of the tree change together; a reader must never see some old and some new."""
    states = [
        {f"file_{number}.py": python_file(f"numbered_marker_{state}_{number}") for number in range(8)} for state in "ab"
    ]
    write_tree(tree, states[0])
    sandbox.indexed(tree, store)
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(tree), str(store), "4"],
        env=sandbox.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    turn = 0
    while reader.poll() is None:
        turn += 1
        write_tree(tree, states[turn % 2])
        assert sandbox.run("index", str(tree), store=store).code == 0
    out, err = reader.communicate()
    assert reader.returncode == 0, err.decode()
    assert turn >= 3
    allowed = {tuple(sorted(f"numbered_marker_{state}_{number}" for number in range(8))) for state in "ab"}
    said = json.loads(out)
    assert said["searches"] >= 5
    assert {tuple(names) for names in said["seen"]} <= allowed


def test_interrupted_indexing_ends_at_once_and_harms_nothing(
    sandbox: Sandbox, store: Path, large_tree: Path, tmp_path: Path
) -> None:
    """Ctrl-C: exit 130 within a second, one quiet line, and the next run goes on."""
    interrupted = 0
    for delay_s in (0.05, 0.2, 0.4):
        process = sandbox.start("index", str(large_tree), store=store)
        wait_for(partial(holds_lock, process, store), 30, "the lock")
        time.sleep(delay_s)
        running = process.poll() is None
        started = time.monotonic()
        if running:
            os.killpg(process.pid, signal.SIGINT)
        try:
            out, err = process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            kill_group(process)
            pytest.fail("still running 10 s after Ctrl-C")
        if running and process.returncode != 0:
            seconds = time.monotonic() - started
            interrupted += 1
            assert process.returncode == 130, err.decode()
            assert seconds < 1.0, f"took {seconds:.2f} s to stop"
            assert out == b""
            assert b"Traceback" not in err
    assert interrupted, "no run was interrupted: the tree is too small"
    finished = sandbox.indexed(large_tree, store, ["order", "invoice total"])
    clean = sandbox.indexed(large_tree, tmp_path / "clean", ["order", "invoice total"])
    assert_same_index(finished, clean)


def test_interrupt_inside_python_is_a_keyboard_interrupt(sandbox: Sandbox, store: Path, large_tree: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, str(large_tree), str(store)],
        env=sandbox.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() != "finished", "the run ended before the signal: the tree is too small"
    # Promised are 200 ms; the rest is for a busy machine.
    assert float(done.stdout) < 1.0


def test_unchanged_tree_keeps_its_generation(sandbox: Sandbox, store: Path, small_tree: Path) -> None:
    """Indexing again changes nothing, so that what refers to a generation stays valid."""
    first = sandbox.indexed(small_tree, store, ["order"])
    second = sandbox.indexed(small_tree, store, ["order"])
    assert first["report"]["generation"] == second["report"]["generation"]
    assert second["report"]["unchanged"] == first["report"]["files"]
    assert comparable(first["answers"]) == comparable(second["answers"])
