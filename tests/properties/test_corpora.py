"""The generator of repositories: the same bytes for the same seed, and code that parses."""

from __future__ import annotations

import ast
import hashlib
import json
import sqlite3
import statistics
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest

import pampax
from corpora import generate

# Changing the generator changes every figure measured on its trees: do it knowingly, and change this hash.
HASH_OF_60_FILES = "01d28c8bcb6f48aeada64c0200b0d4b14ac78ceaadb9c0f7ebe2692e8cecf255"


def hash_of(root: Path) -> str:
    """One hash over all paths and contents below `root`."""
    total = hashlib.sha256()
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        total.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    summary = generate.generate(tmp_path / "tree", files=60, seed=1)
    assert summary.files == sum(path.is_file() for path in (tmp_path / "tree").rglob("*")) == 60
    assert summary.bytes == sum(path.stat().st_size for path in (tmp_path / "tree").rglob("*") if path.is_file())
    assert hash_of(tmp_path / "tree") == HASH_OF_60_FILES
    generate.generate(tmp_path / "other", files=60, seed=2)
    assert hash_of(tmp_path / "other") != HASH_OF_60_FILES


@pytest.mark.parametrize("files", [20, 21, 47, 500, 5_000])
def test_plans_have_as_many_different_paths_as_asked(files: int) -> None:
    planned = generate.plan(files, seed=3)
    assert len(planned) == files
    assert len({file.path.lower() for file in planned}) == files, "two files differ only in case, or not at all"


def test_too_few_files_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 20"):
        generate.plan(19)


def test_every_language_is_there_and_parses_without_pampax() -> None:
    renderer = generate.Renderer(600, 4)
    counts: Counter[str] = Counter()
    for file in renderer.files:
        text = renderer.text(file)
        counts[file.language] += 1
        match file.language:
            case "python":
                ast.parse(text, file.path)
            case "json":
                json.loads(text)
            case "toml":
                tomllib.loads(text)
            case "sql":
                sqlite3.connect(":memory:").executescript(text)
    assert len(counts) == 15, counts


def test_every_language_parses_with_pampax(tmp_path: Path) -> None:
    """Status counts every file under the language it was written in; none is left out."""
    summary = generate.generate(tmp_path / "tree", files=600, seed=4)
    repository = pampax.open(tmp_path / "tree", store=tmp_path / "store")
    repository.index()
    assert repository.skipped() == []
    assert repository.status().languages == summary.languages


def test_lengths_look_like_real_files() -> None:
    renderer = generate.Renderer(1_000, 1)
    lengths = [renderer.text(file).count("\n") for file in renderer.files]
    assert 60 <= statistics.median(lengths) <= 110
    assert max(lengths) > 800
    assert min(lengths) < 30


def test_files_name_each_other() -> None:
    """Most source files import a function that another file of the tree defines."""
    renderer = generate.Renderer(300, 1)
    defined = {name for file in renderer.files for name in file.functions}
    python = [file for file in renderer.files if file.language == "python" and file.kind == "code"]
    imported = [
        {name for line in renderer.text(file).splitlines() if line.startswith("from services") for name in line.split()}
        for file in python
    ]
    assert sum(bool(names & defined) for names in imported) > 0.8 * len(python)


def test_queries_are_different_and_repeatable() -> None:
    first = generate.queries(files=500, seed=1, count=300)
    assert first == generate.queries(files=500, seed=1, count=300)
    assert len(set(first)) == 300
    assert sum("\n" in query for query in first) > 20, "no stack traces"


def test_the_scripts_say_what_they_did(tmp_path: Path) -> None:
    folder = Path(generate.__file__).parent

    def output(script: str, *arguments: str) -> str:
        command = [sys.executable, str(folder / script), *arguments]
        return subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout

    assert output("generate.py", "tree", "--files", "60").startswith("60 files, ")
    assert hash_of(tmp_path / "tree") == HASH_OF_60_FILES
    assert "flask-3.1.2.tar.gz" in output("fetch.py", "--list")
