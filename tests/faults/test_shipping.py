"""An index that travels: the same answers elsewhere, and nothing but a whole, harmless file is ever taken."""

from __future__ import annotations

import json
import random
import shutil
import struct
from pathlib import Path
from typing import Any

import pytest
from fault_harness import Sandbox, assert_clear_error, comparable, folder_bytes, python_file, write_tree
from test_killed import strace

import pampax

pytestmark = pytest.mark.timeout(600)

QUERIES = ["order invoice", "handle_order", "lib/b.py", "refund", "where is the customer"]
TREE = {
    "a.py": python_file("handle_order", "Handles an order.") + "\n\ndef caller():\n    return handle_order(1)\n",
    "lib/b.py": python_file("invoice_order", "An invoice."),
    "docs/c.md": "# Refund\n\nHow a customer is refunded.\n",
    "empty.py": "",
    "binary.bin": b"\0\1\2",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """An indexed tree whose store also holds what this view does not see."""
    root = write_tree(tmp_path / "here", TREE)
    write_tree(root, {"secret.py": python_file("another_branch")})
    pampax.open(root, store=tmp_path / "store").index()
    (root / "secret.py").unlink()
    pampax.open(root, store=tmp_path / "store").index()
    return root


def opened(tmp_path: Path, name: str = "here") -> pampax.Repository:
    return pampax.open(tmp_path / name, store=tmp_path / ("store" if name == "here" else f"store-{name}"))


def said(repository: pampax.Repository) -> Any:
    answers = [json.loads(repository.search(query, limit=20).to_json()) for query in QUERIES]
    graph = [json.loads(repository.graph("handle_order", "callers").to_json())]
    outlines = [json.loads(repository.outline(path).to_json()) for path in TREE]
    return comparable([*answers, *graph, *outlines]), [(file.path, file.reason) for file in repository.skipped()]


def other(tmp_path: Path, name: str = "there") -> pampax.Repository:
    shutil.copytree(tmp_path / "here", tmp_path / name)
    return opened(tmp_path, name)


@pytest.mark.usefixtures("tree")
def test_a_round_trip_gives_the_same_answers(tmp_path: Path) -> None:
    file = tmp_path / "index.pampax"
    report = json.loads(opened(tmp_path).export(file))
    assert report["file_bytes"] == file.stat().st_size
    assert sorted(path.name for path in tmp_path.iterdir()) == ["here", "index.pampax", "store"]
    there = other(tmp_path)
    taken = json.loads(there.import_index(file))
    assert (taken["agreeing"], taken["differing"], taken["missing"]) == (4, 0, 0)
    assert said(there) == said(opened(tmp_path))
    after = there.index()
    assert (after.added, after.changed, after.reused, after.unchanged) == (0, 0, 0, 4)
    assert said(there) == said(opened(tmp_path))
    assert there.verify() == []
    assert b"another_branch" not in b"".join(path.read_bytes() for path in (tmp_path / "store-there").rglob("facts"))


@pytest.mark.usefixtures("tree")
def test_only_what_differs_is_parsed_afterwards(tmp_path: Path) -> None:
    file = tmp_path / "index.pampax"
    opened(tmp_path).export(file)
    there = other(tmp_path)
    write_tree(tmp_path / "there", {"a.py": python_file("handled_elsewhere"), "new.py": python_file("new_one")})
    (tmp_path / "there/lib/b.py").unlink()
    taken = json.loads(there.import_index(file))
    assert (taken["agreeing"], taken["differing"], taken["missing"]) == (2, 1, 1)
    report = there.index()
    assert (report.added, report.changed, report.removed, report.unchanged) == (1, 1, 1, 2)
    clean = pampax.open(tmp_path / "there", store=tmp_path / "clean")
    clean.index()
    assert said(there) == said(clean)


@pytest.mark.usefixtures("tree")
def test_an_index_is_replaced_only_by_force(tmp_path: Path) -> None:
    file = tmp_path / "index.pampax"
    opened(tmp_path).export(file)
    with pytest.raises(pampax.InvalidInput, match="--force"):
        opened(tmp_path).import_index(file)
    before = said(opened(tmp_path))
    opened(tmp_path).import_index(file, force=True)
    assert said(opened(tmp_path)) == before


@pytest.mark.usefixtures("tree")
def test_the_text_inside_makes_a_tree(tmp_path: Path) -> None:
    file = tmp_path / "index.pampax"
    sandbox = Sandbox(tmp_path)
    store = tmp_path / "store-new"
    assert sandbox.run("-C", "here", "export", str(file), store=tmp_path / "store").code == 0
    assert_clear_error(sandbox.run("import", str(file), "--extract", "new", store=store), mentions="--with-text")
    assert sandbox.run("-C", "here", "export", str(file), "--with-text", store=tmp_path / "store").code == 0
    result = sandbox.run("import", str(file), "--extract", "new", "--json", store=store)
    assert result.code == 0, result.err
    assert (result.json()["extracted"], result.json()["agreeing"]) == (4, 4)
    for name, content in TREE.items():
        if name != "binary.bin":
            assert (tmp_path / "new" / name).read_text() == content
    assert said(opened(tmp_path, "new")) == said(opened(tmp_path))
    result = sandbox.run("import", str(file), "--extract", "new", store=store)
    assert_clear_error(result, mentions="not empty")


def check_refused(tmp_path: Path, content: bytes, before: Any, context: str) -> None:
    """A file of this content is refused, and the index is as it was."""
    hostile = tmp_path / "hostile.pampax"
    hostile.write_bytes(content)
    with pytest.raises(pampax.PampaxError) as caught:
        opened(tmp_path).import_index(hostile, force=True)
    assert not isinstance(caught.value, pampax.InternalError), f"{context}: {caught.value}"
    assert said(opened(tmp_path)) == before, context


@pytest.mark.usefixtures("tree")
def test_damage_anywhere_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "index.pampax"
    opened(tmp_path).export(file, with_text=True)
    content = file.read_bytes()
    before, size = said(opened(tmp_path)), folder_bytes(tmp_path / "store")
    chance = random.Random(1)
    places = [*range(20), *range(len(content) - 48, len(content)), *(chance.randrange(len(content)) for _ in range(60))]
    for place in places:
        flipped = content[:place] + bytes([content[place] ^ (1 << chance.randrange(8))]) + content[place + 1 :]
        check_refused(tmp_path, flipped, before, f"byte {place}")
    for length in (0, 1, 15, 55, 56, 100, len(content) // 2, len(content) - 1):
        check_refused(tmp_path, content[:length], before, f"cut off at {length}")
    check_refused(tmp_path, content + b"\0", before, "longer")
    assert folder_bytes(tmp_path / "store") <= size + 4096


def forged(content: bytes, change: Any) -> bytes:
    """The archive with another manifest, and right checksums."""
    blake3 = pytest.importorskip("blake3")
    (length,) = struct.unpack("<Q", content[-40:-32])
    manifest = json.loads(content[-40 - length : -40])
    change(manifest)
    text = json.dumps(manifest).encode()
    body = content[: -40 - length] + text + struct.pack("<Q", len(text))
    return body + blake3.blake3(body).digest()


@pytest.mark.usefixtures("tree")
def test_hostile_manifests_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "index.pampax"
    opened(tmp_path).export(file)
    content, before = file.read_bytes(), said(opened(tmp_path))

    def member(key: str, value: Any) -> Any:
        return lambda manifest: manifest["members"][0].__setitem__(key, value)

    for change in [
        member("name", "../../escaped"),
        member("name", "/escaped"),
        member("name", "segments/1/segment"),
        member("bytes", 1 << 60),
        member("bytes", 1),
        member("offset", 0),
        member("stored_bytes", (1 << 64) - 1),
        member("blake3", "0" * 64),
        lambda manifest: manifest["members"].append(manifest["members"][0]),
        lambda manifest: manifest["members"].pop(),
        lambda manifest: manifest["about"].__setitem__("store_format", 999),
        lambda manifest: manifest["about"].__setitem__("segments", 1 << 62),
        lambda manifest: manifest.__setitem__("about", 7),
    ]:
        check_refused(tmp_path, forged(content, change), before, str(change))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["here", "hostile.pampax", "index.pampax", "store"]


@pytest.mark.parametrize("command", ["import", "gc"])
def test_killed_at_each_step_the_old_generation_stays(sandbox: Sandbox, tmp_path: Path, command: str) -> None:
    """kill -9 inside `import --force` and `gc`: the answers before or after, which are the same, and no damage."""
    root, store, kept = tmp_path / "here", tmp_path / "store", tmp_path / "kept"
    write_tree(root, TREE)
    for name in ("one", "two"):
        write_tree(root, {"gone.py": python_file(f"gone_{name}")})
        pampax.open(root, store=store).index(force=True)
    (root / "gone.py").unlink()
    pampax.open(root, store=store).index()
    pampax.open(root, store=store).export(tmp_path / "index.pampax")
    before = said(opened(tmp_path))
    shutil.copytree(store, kept)
    arguments = ["import", str(tmp_path / "index.pampax"), "--force"] if command == "import" else ["gc"]
    hit = 0
    for step in ("fsync", "fdatasync", "rename", "unlink"):
        for number in range(1, 5):
            shutil.rmtree(store)
            shutil.copytree(kept, store)
            prefix = strace(step, str(number), "signal=KILL")
            result = sandbox.run("-C", str(root), *arguments, store=store, prefix=prefix)
            hit += result.code != 0
            assert said(opened(tmp_path)) == before, f"{command} killed at call {number} of {step}"
            pampax.open(root, store=store).index()
            assert said(opened(tmp_path)) == before
            assert opened(tmp_path).verify() == []
            assert list((store / "views").glob("incoming*")) == []
    assert hit >= 3
