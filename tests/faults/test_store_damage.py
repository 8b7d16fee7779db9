"""A store that is not what it was: flipped, cut, missing and foreign bytes, and formats of the future.

The law: an answer from a damaged store equals the clean store's answer, or it is an error that says what is wrong.
After the next `index`, which says what it built anew, everything equals a clean store.
"""

from __future__ import annotations

import fcntl
import json
import os
import random
import shutil
import threading
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from fault_harness import (
    STORE_ERRORS,
    Sandbox,
    assert_clear_error,
    assert_same_index,
    comparable,
    store_files,
)

import pampax

Clean = tuple[Path, dict[str, Any]]

pytestmark = pytest.mark.timeout(600)

SEED = int(os.environ.get("PAMPAX_TEST_SEED", "1"))


def judge(
    name: str,
    said: Sequence[Mapping[str, Any]],
    code: int,
    err: str,
    expected: Mapping[str, Any],
    accepted: frozenset[str] = frozenset(STORE_ERRORS),
) -> str:
    """What is wrong with the reaction to a damage of the file `name`; empty if nothing is."""
    if code != 0 or len(said) < 3:
        return f"the process died with {code}: {err[-600:]}"
    damaged, indexed, after = said[-3:]
    if damaged["error"] is None:
        absent = all(answer["empty_reason"] == "not-indexed" for answer in damaged["answers"])
        if not absent and comparable(damaged["answers"]) != comparable(expected["answers"]):
            return "silently wrong answers"
    elif damaged["error"]["type"] not in accepted or not damaged["error"]["text"]:
        return f"not an error about the store: {damaged['error']}"
    if name == "format" and indexed["error"] is not None and indexed["error"]["type"] == "NewerFormat":
        return ""  # the one byte that says which format it is; nobody can tell this from a newer store
    if indexed["error"] is not None and accepted > STORE_ERRORS and indexed["error"]["type"] in accepted:
        return ""
    if indexed["error"] is not None:
        return f"index does not repair it: {indexed['error']}"
    if damaged["error"] is not None and damaged["error"]["type"] == "IndexCorrupt" and not indexed["report"]["rebuilt"]:
        return "repaired without saying so"
    try:
        assert_same_index(after, expected)
    except AssertionError as difference:
        return f"after the repair: {str(difference)[:600]}"
    return ""


def react(
    sandbox: Sandbox,
    root: Path,
    clean: Clean,
    damage: Callable[[Path], None],
    queries: Sequence[str],
    warm: bool = False,
) -> tuple[list[dict[str, Any]], int, str]:
    """Damage a copy of the clean store; search, index and search again."""
    work = sandbox.folder / "damaged"
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(clean[0], work)
    if warm:  # what a reader remembers about files it found right must not hide the damage
        sandbox.probe(root, work, queries=queries[:1])
    damage(work)
    steps: list[dict[str, Any]] = [{"queries": queries}, {"index": True}, {"queries": queries, "status": True}]
    return sandbox.probe_steps(root, work, steps)


def flip_positions(store: Path, count: int, chance: random.Random) -> list[tuple[str, int, int]]:
    """Random (file, offset, mask): each file at least twice, the rest by size, so that large files get their share."""
    files = store_files(store)
    names = [str(path.relative_to(store)) for path in files]
    sizes = {name: path.stat().st_size for name, path in zip(names, files, strict=True)}
    chosen = names * 2 + chance.choices(
        names, weights=[sizes[name] for name in names], k=max(0, count - 2 * len(names))
    )
    return [(name, chance.randrange(sizes[name]), 1 << chance.randrange(8)) for name in chosen]


def flip_and_judge(sandbox: Sandbox, tree: Path, clean: Clean, queries: list[str], count: int, seed: int) -> None:
    """Flip one bit at each of `count` positions, each in a copy of its own, every fourth after a warm read."""
    chance = random.Random(seed)
    failures = []
    positions = flip_positions(clean[0], count, chance)
    for turn, (name, offset, mask) in enumerate(positions):

        def damage(store: Path, name: str = name, offset: int = offset, mask: int = mask) -> None:
            with open(store / name, "r+b") as file:
                file.seek(offset)
                byte = file.read(1)[0]
                file.seek(offset)
                file.write(bytes([byte ^ mask]))

        said, code, err = react(sandbox, tree, clean, damage, queries, warm=turn % 4 == 0)
        problem = judge(name, said, code, err, clean[1])
        if problem:
            failures.append(f"{name} at {offset} ^ {mask:#04x}: {problem}")
    kinds = {name.rpartition("/")[2] for name, _, _ in positions}
    assert len(positions) >= count
    assert len(kinds) >= 4, f"only these files were damaged: {kinds}"
    assert not failures, f"{len(failures)} of {len(positions)} (PAMPAX_TEST_SEED={seed}):\n" + "\n".join(failures[:20])


def test_any_byte_flipped(sandbox: Sandbox, small_tree: Path, clean_small: Clean, small_queries: list[str]) -> None:
    flip_and_judge(sandbox, small_tree, clean_small, small_queries, count=60, seed=SEED)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_many_bytes_flipped(sandbox: Sandbox, small_tree: Path, clean_small: Clean, small_queries: list[str]) -> None:
    flip_and_judge(sandbox, small_tree, clean_small, small_queries, count=1_000, seed=SEED + 1)


def _half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _empty(path: Path) -> None:
    os.truncate(path, 0)


def _last_byte(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def _longer(path: Path) -> None:
    with open(path, "ab") as file:
        file.write(b"\0" * 4096)


def _noise(path: Path) -> None:
    path.write_bytes(random.Random(7).randbytes(path.stat().st_size))


def _zeroed_page(path: Path) -> None:
    with open(path, "r+b") as file:
        file.write(b"\0" * min(4096, path.stat().st_size))


def _deleted(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    "change",
    [
        _half,
        _empty,
        _noise,
        _deleted,
        *(pytest.param(change, marks=pytest.mark.slow) for change in (_last_byte, _longer, _zeroed_page)),
    ],
    ids=lambda f: f.__name__,
)
def test_each_file_damaged(
    sandbox: Sandbox,
    small_tree: Path,
    clean_small: Clean,
    small_queries: list[str],
    change: Callable[[Path], None],
) -> None:
    failures = []
    names = [str(path.relative_to(clean_small[0])) for path in store_files(clean_small[0])]
    assert len(names) >= 4, names
    for name in names:

        def damage(store: Path, name: str = name) -> None:
            change(store / name)

        said, code, err = react(sandbox, small_tree, clean_small, damage, small_queries)
        problem = judge(name, said, code, err, clean_small[1])
        if problem:
            failures.append(f"{name}: {problem}")
    assert not failures, "\n".join(failures)


def test_folders_where_files_should_be(
    sandbox: Sandbox, small_tree: Path, clean_small: Clean, small_queries: list[str]
) -> None:
    """No crash of pampax leaves this, so an error about the path is as good as a repair; a wrong answer is not."""
    for name in [str(path.relative_to(clean_small[0])) for path in store_files(clean_small[0])]:

        def damage(store: Path, name: str = name) -> None:
            (store / name).unlink()
            (store / name).mkdir()

        said, code, err = react(sandbox, small_tree, clean_small, damage, small_queries)
        accepted = frozenset(STORE_ERRORS | {"InputOutputError"})
        assert judge(name, said, code, err, clean_small[1], accepted) == "", name


def test_whole_folders_deleted(
    sandbox: Sandbox, small_tree: Path, clean_small: Clean, small_queries: list[str]
) -> None:
    folders = [path.relative_to(clean_small[0]) for path in clean_small[0].rglob("*") if path.is_dir()]
    assert folders
    for folder in folders:

        def damage(store: Path, folder: Path = folder) -> None:
            shutil.rmtree(store / folder)

        said, code, err = react(sandbox, small_tree, clean_small, damage, small_queries)
        assert judge(str(folder), said, code, err, clean_small[1]) == "", folder


def test_foreign_files_in_the_store_do_no_harm(
    sandbox: Sandbox, small_tree: Path, clean_small: Clean, small_queries: list[str]
) -> None:
    def litter(store: Path) -> None:
        for folder in [store, *(path for path in store.rglob("*") if path.is_dir())]:
            (folder / "leftover.tmp").write_bytes(b"what a crashed editor left")
            (folder / "999999999999999999999").mkdir(exist_ok=True)

    said, code, err = react(sandbox, small_tree, clean_small, litter, small_queries)
    assert judge("", said, code, err, clean_small[1]) == ""
    assert said[0]["error"] is None, said[0]["error"]


def _newer_format_file(store: Path) -> None:
    (store / "format").write_text("pampax store 999\n")


def _newer_generation(store: Path) -> None:
    """A generation as a later version would write it: right checksum, higher number, a key we do not know."""
    path = store / "generation"
    body, checksum = path.read_text().rstrip("\n").rsplit("\n", 1)
    assert checksum == f"crc32 {zlib.crc32(body.encode()):08x}", "the form of the file has changed: change this test"
    changed = json.dumps({**json.loads(body), "format": 999, "something_new": {}})
    path.write_text(f"{changed}\ncrc32 {zlib.crc32(changed.encode()):08x}\n")


@pytest.mark.parametrize("change", [_newer_format_file, _newer_generation], ids=lambda f: f.__name__)
def test_store_of_a_newer_format(
    sandbox: Sandbox, small_tree: Path, clean_small: Clean, change: Callable[[Path], None]
) -> None:
    store = sandbox.folder / "newer"
    shutil.copytree(clean_small[0], store)
    change(store)
    before = {path: path.read_bytes() for path in store_files(store)}
    for command in (
        ["search", "-C", str(small_tree), "order"],
        ["index", str(small_tree)],
        ["status", "-C", str(small_tree)],
    ):
        result = sandbox.run(*command, store=store)
        assert_clear_error(result, mentions="999")
        assert "upgrade" in result.err
    said, code, err = sandbox.probe_steps(small_tree, store, [{"queries": ["order"]}, {"index": True}])
    assert code == 0, err
    assert [step["error"]["type"] for step in said] == ["NewerFormat", "NewerFormat"]
    after = {path: path.read_bytes() for path in store_files(store) if path.name != "lock"}
    assert after == {path: content for path, content in before.items() if path.name != "lock"}, (
        "the newer store was touched"
    )


def test_command_line_on_a_damaged_store(sandbox: Sandbox, small_tree: Path, clean_small: Clean) -> None:
    """A search either repairs the store, saying so, or ends with exit 3 and one line; `index --force` always helps."""
    for name in [str(path.relative_to(clean_small[0])) for path in store_files(clean_small[0])]:
        store = sandbox.folder / "damaged"
        shutil.rmtree(store, ignore_errors=True)
        shutil.copytree(clean_small[0], store)
        _noise(store / name)
        searched = sandbox.run("search", "-C", str(small_tree), "order", "--json", store=store)
        if searched.code == 0:
            assert searched.json()["hits"], name
        else:
            assert_clear_error(searched)
        if name != "format":
            assert sandbox.run("index", str(small_tree), "--force", store=store).code == 0, name
            again = sandbox.run("search", "-C", str(small_tree), "order", "--json", store=store)
            assert again.code == 0, name


def test_what_another_process_repairs_is_waited_for_a_moment(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    root.mkdir()
    (root / "a.py").write_text("def alpha():\n    return 1\n")
    pampax.open(root, store=tmp_path / "store").index()
    (words,) = (tmp_path / "store").rglob("words")
    words.unlink()
    with (tmp_path / "store" / "lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        letting_go = threading.Timer(0.3, fcntl.flock, (lock, fcntl.LOCK_UN))
        letting_go.start()
        answer = pampax.open(root, store=tmp_path / "store").search("alpha")
        letting_go.join()
    assert [hit.path for hit in answer.hits] == ["a.py"]
    assert "built anew" in " ".join(answer.coverage.notes)
    for left in (tmp_path / "store").rglob("words"):
        left.unlink()
    with (tmp_path / "store" / "lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(pampax.StoreLocked):
            pampax.open(root, store=tmp_path / "store").search("alpha")
