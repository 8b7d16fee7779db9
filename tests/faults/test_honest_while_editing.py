"""Files are edited and indexed while questions are asked: what is shown is a version of the file, or said to be stale.

Every version of a file says its own number in each of its lines. So of whatever lines an answer shows together it can
be told whether they stood in one file at one time.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fault_harness import Sandbox, wait_for
from surfaces import JSON, PYTHON, SERVER, SURFACES, TEXT, Asker, Said, Subject

import pampax

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.timeout(300), pytest.mark.concurrency]

FILES = 6
LINES = 8
ROUNDS = 12
"""Questions of each kind while files are edited."""

WRITER = """
import os, sys, time, pampax
from pathlib import Path

root, store, files, lines = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
stop = root.parent / "stop"

def write(number, version):
    name = f"brew_{number}"
    text = f"def {name}(kettle):  # version {version}\\n"
    text += "".join(f"    kettle.pour({line})  # version {version}\\n" for line in range(1, lines - 1))
    text += f"    return kettle  # version {version}\\n"
    beside = root / f".{name}.new"
    beside.write_text(text)
    os.replace(beside, root / f"{name}.py")

def index():
    try:
        repository.index()
    except pampax.StoreLocked:
        pass  # a server is at it

version = 0
repository = pampax.open(root, store=store)
while not stop.exists():
    # Some are indexed at once, the others only with the next turn: between them answers are behind the files.
    for number in range(files):
        write(number, version)
        if number == files // 2:
            index()
    index()
    if not version:
        print("ready", flush=True)
    version += 1
print(version, flush=True)
"""
"""Writes all files anew again and again, by renaming, as editors do, and indexes them in between."""


@contextmanager
def edited(sandbox: Sandbox, tree: Path, store: Path) -> Iterator[list[int]]:
    """A process that edits and indexes; gives a list in which at the end is how many versions there were."""
    tree.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tree), str(store), str(FILES), str(LINES)],
        env=sandbox.environment(),
        cwd=sandbox.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    versions: list[int] = []
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n", process.stderr.read() if process.stderr else ""
        yield versions
        (tree.parent / "stop").touch()
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err.decode()
        versions.append(int(out))
    finally:
        process.kill()
        process.communicate()


def shown_texts(surface: str, kind: str, said: Said) -> list[str]:
    """The runs of lines that an answer shows, each of which has to be of one version."""
    if kind == "grep" and surface == TEXT:
        by_file: dict[str, list[str]] = {}
        for path, text in re.findall(r"(?m)^(brew_\d\.py):\d+:(.*)$", said.text):
            by_file.setdefault(path, []).append(text)
        return ["\n".join(texts) for texts in by_file.values()]
    if surface in (TEXT, SERVER):
        # Of each hit or item: what stands between two lines that name a place.
        return re.split(r"(?m)^.*(?:brew_\d\.py|^:\d+-\d+|^### ).*$", said.text)
    document: Any = json.loads(said.text[: said.text.rindex("}") + 1])
    if kind == "grep":
        return ["\n".join(line["text"] for line in file["lines"]) for file in document["files"]]
    # A hit of a search has no lines in JSON.
    return [item["text"] for item in document.get("items", [])]


def check(surface: str, kind: str, said: Said) -> int:
    """No mixture of versions is shown; gives how many lines of files were looked at."""
    looked_at = 0
    for text in shown_texts(surface, kind, said):
        versions = set(re.findall(r"# version (\d+)", text))
        assert len(versions) <= 1, f"{surface}, {kind}: lines of the versions {versions} stand together:\n{said.text}"
        looked_at += len(versions)
    return looked_at


@pytest.mark.parametrize("kind", ["search", "assemble", "grep"])
def test_lines_that_stand_together_are_of_one_version(sandbox: Sandbox, kind: str) -> None:
    tree, store = sandbox.folder / "tree", sandbox.folder / "store"
    looked_at = dict.fromkeys(SURFACES, 0)
    with edited(sandbox, tree, store) as versions:
        asker = Asker(sandbox, tree, store, Subject("brew with the kettle", "kettle", "brew_1.py"))
        for _ in range(ROUNDS):
            for surface in SURFACES:
                said = asker.ask(surface, kind)
                assert not said.failed, said.text
                looked_at[surface] += check(surface, kind, said)
        asker.close()
    assert versions[0] >= 3, "nothing was edited meanwhile"
    for surface in SURFACES if kind != "search" else (TEXT, SERVER):
        assert looked_at[surface] > 0, surface


@pytest.mark.parametrize("surface", SURFACES)
def test_an_answer_that_is_behind_the_files_names_them(sandbox: Sandbox, surface: str) -> None:
    """An edit right before the question, that nobody has indexed: the answer is of it, or says that it is not."""
    tree, store = sandbox.folder / "tree", sandbox.folder / "store"
    tree.mkdir()
    path = tree / "brew.py"

    def write(version: int) -> None:
        path.write_text(f"def brew_{version}(kettle):\n    return kettle.pour({version})\n")

    write(0)
    asker = Asker(sandbox, tree, store, Subject("brew with the kettle", "brew_0", "brew.py"))
    pampax.open(tree, store=store).index()
    if surface == SERVER:
        asker.ask(surface, "search")
    behind = 0
    for version in range(1, 9):
        write(version)
        said = asker.ask(surface, "search")
        if surface in (JSON, PYTHON):
            symbols = {hit["symbol"] for hit in json.loads(said.text.splitlines()[0])["hits"]}
            is_current = f"brew_{version}" in symbols
        else:
            symbols = set()
            is_current = f"brew_{version}" in said.text and said.text.count("changed since") == 0
        if not is_current:
            behind += 1
            if said.coverage is not None:
                assert said.coverage.get("stale_paths") == ["brew.py"] or said.coverage.get("changes"), said
            if surface == TEXT:
                assert "changed since it was indexed" in said.text
                assert "1 file of the answer has changed" in said.text
            if surface == SERVER:
                assert re.search(r"changed since indexed: brew\.py|changes being indexed", said.text), said.text
    if surface == SERVER:
        # The server hears of it and catches up.
        wait_for(lambda: "brew_8" in asker.ask(SERVER, "search").text, 20, "the last edit in an answer")
    else:
        assert behind == 8, "nobody indexes"
    asker.close()
