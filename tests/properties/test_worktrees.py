"""The law of views: however worktrees share a store, each answers as a clean index of its tree, and nothing leaks.

The worktrees are git's own, as much of what they can take over from each other follows from what git's indexes say.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fault_harness import Sandbox, assert_same_index, comparable, python_file, write_tree
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pampax

SLOW = os.environ.get("HYPOTHESIS_PROFILE") == "slow"
EXAMPLES = settings(max_examples=60 if SLOW else 5, deadline=None, suppress_health_check=list(HealthCheck))
pytestmark = [pytest.mark.property, pytest.mark.timeout(3600 if SLOW else 300)]

FILES = 300
"""More than are read without asking git."""
AGE_S = 2.2
"""Younger files may change without a new time: they are hashed again, and not taken over."""
BRANCHES = ["main", "first", "second", "third"]
NAMES = ["a.py", "lib/b.py", "lib/c.ts", "docs/d.md"]
QUERIES = ["order", "invoice", "only_first", "only_second", "edited_0", "edited_1", "edited_2", "number_7", "lib/b.py"]


def git(folder: Path, *arguments: str) -> None:
    """Run git, without anything of the person who runs the tests."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    names = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "gc.auto=0"]
    subprocess.run(["git", *names, *arguments], cwd=folder, env=environment, check=True, capture_output=True)


def make_clone(root: Path) -> None:
    """A clone with a branch of its own for each of four states."""
    files = {f"filler/number_{number}.py": python_file(f"number_{number}", "order") for number in range(FILES)}
    write_tree(root, files | {"a.py": python_file("handle_order"), "lib/b.py": python_file("invoice_order")})
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "main")
    for branch in BRANCHES[1:]:
        git(root, "checkout", "-q", "-b", branch, "main")
        write_tree(root, {"a.py": python_file(f"only_{branch}"), f"lib/{branch}.py": python_file(f"more_{branch}")})
        if branch == "third":
            rewritten = {name: text.replace("order", "refund") for name, text in files.items()}
            write_tree(root, rewritten)
        git(root, "add", "-A")
        git(root, "commit", "-q", "-m", branch)
    git(root, "checkout", "-q", "main")


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="pampax-worktrees-") as name:
        yield Path(name).resolve()


def describe(root: Path, store: Path | None) -> dict[str, Any]:
    """Everything the index says about the tree, its graph included."""
    repository = pampax.open(root, store=store)
    graph = [
        json.loads(repository.graph(name, relation, limit=100).to_json())
        for name in ("handle_order", "number_7", "invoice_order", "only_first")
        for relation in ("callers", "references")
    ]
    return {
        "error": None,
        "answers": [json.loads(repository.search(query, limit=30).to_json()) for query in QUERIES],
        "status": json.loads(repository.status().to_json()),
        "skipped": [[file.path, file.reason] for file in repository.skipped()],
        "graph": comparable(graph),
        "outlines": comparable([json.loads(repository.outline(name).to_json()) for name in NAMES]),
        "symbols": [(hit.path, hit.start_line) for hit in repository.symbols("", prefix=True, limit=1000)],
        "edges": [str(edge) for name in NAMES for edge in repository.edges(name)],
    }


def check_like_clean(root: Path, clean: Path, context: str, store: Path | None = None) -> None:
    """The view of `root` says what a store that never saw another tree says."""
    shutil.rmtree(clean, ignore_errors=True)
    pampax.open(root, store=clean).index()
    found, expected = describe(root, store), describe(root, clean)
    assert_same_index(found, expected, context)
    for part in ("graph", "outlines", "symbols", "edges"):
        assert found[part] == expected[part], f"{context}: {part}"


steps = st.tuples(
    st.integers(0, 2),
    st.one_of(
        st.tuples(st.just("checkout"), st.sampled_from(BRANCHES)),
        st.tuples(st.just("write"), st.sampled_from(NAMES)),
        st.tuples(st.just("delete"), st.sampled_from(NAMES)),
        st.tuples(st.just("touch"), st.just("")),
        st.tuples(st.just("commit"), st.just("")),
        st.tuples(st.just("gc"), st.just("")),
        st.tuples(st.just("attributes"), st.sampled_from(["*.py text\n", "*.py filter=x\n", ""])),
    ),
)


def do(roots: list[Path], number: int, kind: str, name: str) -> None:
    """One step in one worktree."""
    root = roots[number]
    path = root / name
    if kind == "checkout":
        git(root, "checkout", "-q", "-f", "--detach", name)
    elif kind == "write":
        write_tree(root, {name: python_file(f"edited_{number}", "invoice")})
    elif kind == "delete":
        path.unlink(missing_ok=True)
    elif kind == "touch":
        for file in root.rglob("*.py"):
            os.utime(file)
    elif kind == "commit":
        git(root, "checkout", "-q", "--detach")
        git(root, "add", "-A")
        git(root, "commit", "-q", "--allow-empty", "-m", "step")
    elif kind == "gc":
        pampax.open(root).gc()
    elif kind == "attributes":
        write_tree(root, {".gitattributes": name})


@EXAMPLES
@given(batches=st.lists(st.lists(steps, min_size=1, max_size=5), min_size=1, max_size=3))
def test_views_of_one_store_are_independent(batches: list[list[tuple[int, tuple[str, str]]]]) -> None:
    with tempfile.TemporaryDirectory(prefix="pampax-worktrees-") as name:
        folder = Path(name).resolve()
        roots = [folder / "one", folder / "two", folder / "three"]
        make_clone(roots[0])
        time.sleep(AGE_S)
        pampax.open(roots[0]).index()
        git(roots[0], "worktree", "add", "-q", "--detach", str(roots[1]), "main")
        git(roots[0], "worktree", "add", "-q", "--detach", str(roots[2]), "third")
        for batch in [[], *batches]:
            for number, (kind, argument) in batch:
                do(roots, number, kind, argument)
            for root in roots:
                pampax.open(root).index()
            for root in roots:
                check_like_clean(root, folder / "clean", f"{root.name} after {batch}")


def test_a_second_worktree_is_taken_over_unread(folder: Path) -> None:
    """Nothing is parsed, the graph is shared, and (where it can be watched) no file is opened."""
    one, two = folder / "one", folder / "two"
    make_clone(one)
    time.sleep(AGE_S)
    pampax.open(one).index()
    store = Path(pampax.open(one).store)
    before = sum(path.stat().st_size for path in store.rglob("*") if path.is_file())
    git(one, "worktree", "add", "-q", "--detach", str(two), "main")
    time.sleep(AGE_S)
    sandbox = Sandbox(folder / "sandbox")
    trace = folder / "trace"
    watched = (
        shutil.which("strace") and subprocess.run(["strace", "-o", "/dev/null", "true"], check=False).returncode == 0
    )
    prefix = ["strace", "-f", "-o", str(trace), "-e", "trace=open,openat"] if watched else []
    result = sandbox.run("index", str(two), "--json", prefix=prefix)
    assert result.code == 0, result.err
    report = result.json()
    assert (report["added"], report["reused"]) == (FILES + 2, FILES + 2)
    if watched:
        opened = [line for line in trace.read_text().splitlines() if f"{two}/filler/number_" in line]
        # Those that were written in the same tick as git's index are not vouched for.
        assert len(opened) < FILES // 2
    assert len(list(store.glob("views/*.graph"))) == 1
    assert len(list(store.glob("segments/*"))) == 1
    after = sum(path.stat().st_size for path in store.rglob("*") if path.is_file())
    # The view, what is noted of the files, and nothing else.
    assert after - before < 100 * FILES
    again = pampax.open(two).index()
    assert (again.unchanged, again.generation) == (FILES + 2, report["generation"])
    check_like_clean(two, folder / "clean", "the second worktree")


@pytest.mark.parametrize("doubt", ["filter", "content", "line-ends"])
def test_a_file_that_git_may_convert_is_read(folder: Path, doubt: str) -> None:
    """The same blob is not the same bytes everywhere."""
    one, two = folder / "one", folder / "two"
    make_clone(one)
    time.sleep(AGE_S)
    pampax.open(one).index()
    if doubt == "line-ends":
        git(one, "config", "core.autocrlf", "true")
    git(one, "worktree", "add", "-q", "--detach", str(two), "main")
    if doubt == "filter":
        # As a filter that keeps the size would leave it: git's index vouches for bytes that are not those of the blob.
        git(two, "config", "filter.swap.clean", "tr ab ba")
        git(two, "config", "filter.swap.smudge", "tr ab ba")
        write_tree(two, {".gitattributes": "*.py filter=swap\n"})
        shutil.rmtree(two / "filler")
        git(two, "checkout", "-q", "--", "filler")
        assert "dxf" not in (two / "filler/number_7.py").read_text()
        assert "nummer" not in (two / "filler/number_7.py").read_text()
        assert "numaer_7" in (two / "filler/number_7.py").read_text()
    if doubt == "content":
        write_tree(two, {"filler/number_7.py": python_file("nummer_7", "order")})
    time.sleep(AGE_S)
    pampax.open(two).index()
    check_like_clean(two, folder / "clean", doubt)


def test_switching_branches_back_and_forth_parses_nothing(folder: Path) -> None:
    root = folder / "one"
    make_clone(root)
    for branch in BRANCHES:
        git(root, "checkout", "-q", branch)
        pampax.open(root).index()
    store = Path(pampax.open(root).store)
    entries = sum(
        json.loads(line.splitlines()[0])["entries"]
        for line in (path.read_text() for path in store.glob("segments/*/segment"))
    )
    for branch in [*BRANCHES, *reversed(BRANCHES)]:
        git(root, "checkout", "-q", branch)
        report = pampax.open(root).index()
        assert report.added + report.changed == report.reused, branch
        check_like_clean(root, folder / "clean", branch)
    after = sum(json.loads(path.read_text().splitlines()[0])["entries"] for path in store.glob("segments/*/segment"))
    assert after <= entries


def test_gc_keeps_what_worktrees_see_and_frees_the_rest(folder: Path) -> None:
    one, two = folder / "one", folder / "two"
    make_clone(one)
    git(one, "worktree", "add", "-q", "--detach", str(two), "third")
    for root in (one, two):
        pampax.open(root).index()
    git(one, "checkout", "-q", "first")
    pampax.open(one).index()
    said = describe(one, None)
    foreseen = json.loads(pampax.open(one).gc(dry_run=True))
    assert describe(one, None) == said
    assert foreseen["views_removed"] == []
    assert foreseen["entries_removed"] == 1
    git(one, "worktree", "remove", "--force", str(two))
    foreseen = json.loads(pampax.open(one).gc(dry_run=True))
    report = json.loads(pampax.open(one).gc())
    for part in ("views_removed", "views", "entries", "entries_removed", "segments_removed", "segments_rewritten"):
        assert report[part] == foreseen[part], part
    assert report["views_removed"] == [{"root": str(two), "reason": "root-gone"}]
    assert report["entries_removed"] >= FILES
    assert report["bytes_after"] < report["bytes_before"]
    after = describe(one, None)
    assert after["status"].pop("store_bytes") < said["status"].pop("store_bytes")
    assert after["status"].pop("views") + 1 == said["status"].pop("views")
    for part in ("segments", "format"):
        after["status"].pop(part), said["status"].pop(part)
    assert after == said
    assert json.loads(pampax.open(one).gc())["entries_removed"] == 0
    assert pampax.open(one).verify() == []
    check_like_clean(one, folder / "clean", "after gc")


def test_gc_of_what_is_not_indexed_says_so(folder: Path) -> None:
    sandbox = Sandbox(folder)
    root = write_tree(folder / "tree", {"a.py": python_file("a")})
    result = sandbox.run("gc", str(root), store=folder / "store")
    assert result.code == 1
    assert "not indexed" in result.err
    assert not (folder / "store").exists()
