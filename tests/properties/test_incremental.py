"""The law of the index: however a tree came to be, its index answers as if it had been built in one go."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fault_harness import assert_same_index, write_tree
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pampax
from corpora import generate

# Each example indexes real files: fewer of them than where an example costs microseconds.
SLOW = os.environ.get("HYPOTHESIS_PROFILE") == "slow"
EXAMPLES = settings(max_examples=300 if SLOW else 12, deadline=None, suppress_health_check=list(HealthCheck))
pytestmark = [pytest.mark.property, pytest.mark.timeout(3600 if SLOW else 300)]

NAMES = ["a.py", "b.ts", "c.go", "lib/a.py", "lib/d.rs", "lib/deep/e.java", "docs/f.md", "conf/g.yaml", "x y/h.py"]
WORDS = ["order", "invoice", "customer", "refund", "ledger", "Session", "parse_token", "renderPage"]
QUERIES = [
    *WORDS,
    "order invoice",
    "where is the customer refunded",
    "lib/a.py",
    "handle_order",
    "class OrderLedger",
    "added",
]

RENDERED = generate.Renderer(60, 5)
GENERATED = {file.path: RENDERED.text(file) for file in RENDERED.files[::3] if file.lines < 150}


@st.composite
def contents(draw: st.DrawFn) -> bytes:
    """The text of a file: small code, prose, nothing, or bytes that are no text."""
    kind = draw(st.sampled_from(["code", "code", "code", "prose", "empty", "binary", "long"]))
    words = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4))
    match kind:
        case "code":
            bodies = [
                f'def handle_{word}(value):\n    """Handles {" ".join(words)}."""\n    return value\n' for word in words
            ]
            return "\n\n".join(bodies).encode()
        case "prose":
            return f"# {words[0]}\n\n{' '.join(words)}\n".encode()
        case "empty":
            return b""
        case "binary":
            return b"\0\1\2" + " ".join(words).encode()
    return (f"value = {words[0]}\n" * draw(st.integers(100, 400))).encode()


Change = tuple[str, ...] | tuple[str, str, bytes]

changes = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(NAMES), contents()),
    st.tuples(st.just("append"), st.sampled_from(NAMES), contents()),
    st.tuples(st.just("swap"), st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.tuples(st.just("rename"), st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.tuples(st.just("copy"), st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.tuples(st.just("delete"), st.sampled_from(NAMES)),
    st.tuples(st.just("touch"), st.sampled_from(NAMES)),
    st.tuples(st.just("delete-folder"), st.sampled_from(["lib", "lib/deep", "docs"])),
    st.tuples(st.just("rename-folder"), st.sampled_from(["lib", "docs"]), st.sampled_from(["moved", "lib2/inner"])),
    st.tuples(st.just("ignore"), st.sampled_from(["lib/", "*.py", "a.*", "!lib/", "docs"])),
    st.tuples(st.just("unignore"), st.just("")),
    st.tuples(st.just("generated"), st.sampled_from(sorted(GENERATED))),
)


def apply(root: Path, change: Sequence[Any]) -> None:
    """Do one change; what does not apply to the tree as it is does nothing."""
    kind, name = change[0], root / change[1]
    if kind == "write":
        write_tree(root, {change[1]: change[2]}) if not name.is_dir() else None
    elif kind == "append" and name.is_file():
        name.write_bytes(name.read_bytes() + change[2])
    elif kind in ("rename", "copy") and name.is_file() and name != root / change[2]:
        (root / change[2]).parent.mkdir(parents=True, exist_ok=True)
        (os.replace if kind == "rename" else shutil.copy2)(name, root / change[2])
    elif kind == "swap" and name.is_file() and (root / change[2]).is_file():
        content = name.read_bytes()
        name.write_bytes((root / change[2]).read_bytes())
        (root / change[2]).write_bytes(content)
    elif kind == "delete" and name.is_file():
        name.unlink()
    elif kind == "touch" and name.is_file():
        os.utime(name)
    elif kind == "delete-folder" and name.is_dir():
        shutil.rmtree(name)
    elif kind == "rename-folder" and name.is_dir() and not (root / change[2]).exists():
        (root / change[2]).parent.mkdir(parents=True, exist_ok=True)
        os.replace(name, root / change[2])
    elif kind == "ignore":
        with open(root / ".gitignore", "a", encoding="utf-8") as file:
            file.write(change[1] + "\n")
    elif kind == "unignore":
        (root / ".gitignore").unlink(missing_ok=True)
    elif kind == "generated":
        write_tree(root, {change[1]: GENERATED[change[1]]})


def describe(root: Path, store: Path) -> dict[str, Any]:
    """Everything the index says about the tree."""
    repository = pampax.open(root, store=store)
    return {
        "error": None,
        "answers": [json.loads(repository.search(query, limit=50).to_json()) for query in QUERIES],
        "status": json.loads(repository.status().to_json()),
        "skipped": [[file.path, file.reason] for file in repository.skipped()],
        "symbols": [
            (hit.path, hit.qualified_name, hit.kind, hit.start_line, hit.end_line, hit.signature)
            for hit in repository.symbols("handle_", prefix=True, limit=1000)
        ],
    }


@EXAMPLES
@given(
    start=st.lists(changes, min_size=1, max_size=12),
    steps=st.lists(st.lists(changes, max_size=6), min_size=1, max_size=4),
)
def test_incremental_equals_clean(start: list[Change], steps: list[list[Change]]) -> None:
    with tempfile.TemporaryDirectory(prefix="pampax-property-") as folder:
        root, store = Path(folder) / "tree", Path(folder) / "store"
        root.mkdir()
        for number, batch in enumerate([start, *steps]):
            for change in batch:
                apply(root, change)
            report = pampax.open(root, store=store).index()
            assert report.files == report.added + report.changed + report.unchanged
            clean = Path(folder) / f"clean{number}"
            pampax.open(root, store=clean).index()
            found, expected = describe(root, store), describe(root, clean)
            assert_same_index(found, expected, f"after step {number}")
            assert found["symbols"] == expected["symbols"]
            again = pampax.open(root, store=store).index()
            assert (again.added, again.changed, again.removed) == (0, 0, 0)
            assert again.generation == report.generation


@EXAMPLES
@given(first=st.lists(changes, min_size=3, max_size=10), other=st.lists(changes, min_size=1, max_size=6))
def test_there_and_back_again(first: list[Change], other: list[Change]) -> None:
    """A branch switch and its reverse leave the answers as they were."""
    with tempfile.TemporaryDirectory(prefix="pampax-property-") as folder:
        root, store, kept = Path(folder) / "tree", Path(folder) / "store", Path(folder) / "kept"
        root.mkdir()
        for change in first:
            apply(root, change)
        shutil.copytree(root, kept)
        pampax.open(root, store=store).index()
        before = describe(root, store)
        for change in other:
            apply(root, change)
        pampax.open(root, store=store).index()
        shutil.rmtree(root)
        shutil.copytree(kept, root)
        pampax.open(root, store=store).index()
        assert_same_index(describe(root, store), before)


@EXAMPLES
@given(
    changes_of_one=st.lists(changes, min_size=2, max_size=8), changes_of_two=st.lists(changes, min_size=2, max_size=8)
)
def test_two_worktrees_in_one_store_do_not_mix(changes_of_one: list[Change], changes_of_two: list[Change]) -> None:
    with tempfile.TemporaryDirectory(prefix="pampax-property-") as folder:
        store = Path(folder) / "store"
        roots = [Path(folder) / "one", Path(folder) / "two"]
        for root, batch in zip(roots, (changes_of_one, changes_of_two), strict=True):
            root.mkdir()
            for change in batch:
                apply(root, change)
            pampax.open(root, store=store).index()
        pampax.open(roots[0], store=store).index()
        for number, root in enumerate(roots):
            clean = Path(folder) / f"clean{number}"
            pampax.open(root, store=clean).index()
            assert_same_index(describe(root, store), describe(root, clean), root.name)
