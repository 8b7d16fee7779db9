"""What is at the path: nothing, a file, a folder nobody may read, a disk that is full or read-only."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fault_harness import Sandbox, assert_clear_error, assert_same_index, python_file, replace_tree, write_tree

pytestmark = pytest.mark.timeout(300)


def test_missing_path(sandbox: Sandbox, store: Path) -> None:
    for command in (["index", "no/such/folder"], ["search", "-C", "no/such/folder", "anything"]):
        assert_clear_error(sandbox.run(*command, store=store), mentions="no/such/folder")
    assert not store.exists(), "a store was made for nothing"


def test_file_instead_of_folder(sandbox: Sandbox, store: Path, tree: Path) -> None:
    write_tree(tree, {"file.py": python_file("one")})
    assert_clear_error(sandbox.run("index", str(tree / "file.py"), store=store), mentions="file.py")


def test_store_path_is_a_file(sandbox: Sandbox, store: Path, tree: Path) -> None:
    write_tree(tree, {"file.py": python_file("one")})
    store.write_text("not a store")
    assert_clear_error(sandbox.run("index", str(tree), store=store), mentions="store")
    assert store.read_text() == "not a store"


def test_store_below_a_missing_folder_is_made(sandbox: Sandbox, tmp_path: Path, tree: Path) -> None:
    write_tree(tree, {"file.py": python_file("one")})
    said = sandbox.indexed(tree, tmp_path / "a" / "b" / "store", ["one"])
    assert [hit["path"] for hit in said["answers"][0]["hits"]] == ["file.py"]


def test_store_inside_the_tree_is_not_indexed(sandbox: Sandbox, tree: Path) -> None:
    write_tree(tree, {"file.py": python_file("one")})
    first = sandbox.indexed(tree, tree / "index-here", ["one"])
    again = sandbox.indexed(tree, tree / "index-here", ["one"])
    assert first["status"]["files"] == again["status"]["files"] == 1
    assert again["report"]["added"] == again["report"]["changed"] == 0


def test_empty_folder(sandbox: Sandbox, store: Path, tree: Path) -> None:
    assert sandbox.run("index", str(tree), store=store).code == 0
    found = sandbox.run("search", "-C", str(tree), "anything", "--json", store=store)
    assert found.code == 1
    assert found.json()["hits"] == []
    assert found.json()["empty_reason"] == "confirmed-absent"


def test_first_search_indexes_and_says_so(sandbox: Sandbox, store: Path, tree: Path) -> None:
    write_tree(tree, {"file.py": python_file("one")})
    found = sandbox.run("search", "-C", str(tree), "one", "--json", store=store)
    assert found.code == 0, found.err
    assert [hit["path"] for hit in found.json()["hits"]] == ["file.py"]
    assert "no index yet" in found.err


def test_tree_deleted_after_indexing(sandbox: Sandbox, store: Path, tree: Path) -> None:
    write_tree(tree, {"a/file.py": python_file("one"), "b/file.py": python_file("two")})
    sandbox.indexed(tree, store)
    (tree / "a" / "file.py").unlink()
    (tree / "a").rmdir()
    said = sandbox.indexed(tree, store, ["one", "two"])
    assert said["status"]["files"] == 1
    assert all(hit["path"] != "a/file.py" for answer in said["answers"] for hit in answer["hits"])
    (tree / "b" / "file.py").unlink()
    (tree / "b").rmdir()
    tree.rmdir()
    assert_clear_error(sandbox.run("index", str(tree), store=store), mentions=str(tree))


def test_unreadable_folder_and_file_cost_themselves_only(restricted: Sandbox, store: Path, tree: Path) -> None:
    names = {"open/a.py": "visible_one", "closed/b.py": "hidden", "c.py": "no_access"}
    write_tree(tree, {path: python_file(name) for path, name in names.items()})
    (tree / "closed").chmod(0)
    (tree / "c.py").chmod(0)
    said = restricted.indexed(tree, store, ["visible_one"])
    assert said["status"]["files"] == 1
    assert [hit["path"] for hit in said["answers"][0]["hits"]] == ["open/a.py"]
    assert dict(said["skipped"]) == {"closed": "unreadable", "c.py": "unreadable"}


def test_a_file_that_becomes_unreadable_and_back(restricted: Sandbox, store: Path, tree: Path) -> None:
    """It leaves the index, with a reason, instead of staying with old text; and it comes back."""
    write_tree(tree, {"a.py": python_file("comes_and_goes"), "b.py": python_file("stays")})
    restricted.indexed(tree, store)
    (tree / "a.py").chmod(0)
    said = restricted.indexed(tree, store, symbols="comes_and_goes")
    assert said["symbols"] == []
    assert said["skipped"] == [["a.py", "unreadable"]]
    (tree / "a.py").chmod(0o644)
    said = restricted.indexed(tree, store, symbols="comes_and_goes")
    assert said["symbols"] == ["a.py"]
    assert said["skipped"] == []


def test_root_that_may_not_be_read(restricted: Sandbox, store: Path, tree: Path) -> None:
    write_tree(tree, {"a.py": python_file("one")})
    tree.chmod(0)
    assert_clear_error(restricted.run("index", str(tree), store=store), mentions="tree")


def test_read_only_tree_with_the_store_elsewhere(restricted: Sandbox, store: Path, tree: Path) -> None:
    write_tree(tree, {"src/a.py": python_file("one"), ".git/HEAD": "ref: refs/heads/main\n"})
    (tree / ".git" / "objects").mkdir()
    subprocess.run(["chmod", "-R", "a-w,a+rX", str(tree)], check=True)
    before = sorted(str(path) for path in tree.rglob("*"))
    for place in (store, None):  # None: its own choice, which cannot be the git folder
        result = restricted.run("index", str(tree), store=place)
        assert result.code == 0, result.err
        found = restricted.run("search", "-C", str(tree), "one", "--json", store=place)
        assert [hit["path"] for hit in found.json()["hits"]] == ["src/a.py"]
    assert sorted(str(path) for path in tree.rglob("*")) == before


def test_read_only_store_can_be_searched(restricted: Sandbox, store: Path, tree: Path) -> None:
    write_tree(tree, {"a.py": python_file("one")})
    expected = restricted.indexed(tree, store, ["one"])
    subprocess.run(["chmod", "-R", "a-w,a+rX", str(store)], check=True)
    said = restricted.probe(tree, store, queries=["one"], status=True)
    assert_same_index(said, expected)
    assert_clear_error(restricted.run("index", str(tree), "--force", store=store), mentions="store")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Gives a disk of so many bytes; calling again resizes it."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = False

    def resize(size: int) -> Path:
        nonlocal mounted
        options = f"size={size}" if not mounted else f"remount,size={size}"
        run = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True, check=False
        )
        if run.returncode != 0:
            pytest.skip("may not mount a small disk here")
        mounted = True
        return place

    yield resize
    if mounted:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_full_disk(
    sandbox: Sandbox,
    small_disk: Callable[[int], Path],
    small_tree: Path,
    medium_tree: Path,
    medium_queries: list[str],
    tree: Path,
    tmp_path: Path,
) -> None:
    """A full disk is an error with a name; what was there stays readable; with space again the run finishes."""
    disk = small_disk(64 << 20)
    store = disk / "store"
    replace_tree(small_tree, tree)
    sandbox.indexed(tree, store)
    used = sum(path.stat().st_blocks * 512 for path in store.rglob("*"))
    replace_tree(medium_tree, tree)
    before = sandbox.probe(tree, store, queries=medium_queries)
    small_disk(used + (256 << 10))
    for _ in range(2):
        assert_clear_error(sandbox.run("index", str(tree), store=store))
        now = sandbox.probe(tree, store, queries=medium_queries)
        assert now["error"] is None, now["error"]
        assert [answer["hits"] for answer in now["answers"]] == [answer["hits"] for answer in before["answers"]]
    small_disk(1 << 30)
    finished = sandbox.indexed(tree, store, medium_queries)
    clean = sandbox.indexed(tree, tmp_path / "clean", medium_queries)
    assert_same_index(finished, clean)


@pytest.mark.parametrize("limit_bytes", [0, 4096, 50_000])
def test_files_that_may_not_grow(
    sandbox: Sandbox, store: Path, small_tree: Path, small_queries: list[str], tmp_path: Path, limit_bytes: int
) -> None:
    """The same by the limit on the size of a file, which needs no rights and fails at a write, not at an open."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))

    result = sandbox.run("index", str(small_tree), store=store, before_exec=limit)
    if result.code == 0:
        pytest.skip(f"no file of the store grows beyond {limit_bytes} bytes")
    assert_clear_error(result)
    finished = sandbox.indexed(small_tree, store, small_queries)
    clean = sandbox.indexed(small_tree, tmp_path / "clean", small_queries)
    assert_same_index(finished, clean)
