"""What docs/evaluation.md shows runs: its labels, its commands, its workflow, its Python."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from pampax.evaluation import read_questions
from pampax.training import read_sets

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "evaluation.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository in which the questions of the page have their answers."""
    files = {
        "shop/session.py": "class SessionStore:\n    def sign_cookie(self, value):\n        return value\n",
        "server/retry.go": "package server\n\n" + "// Retry.\nfunc Retry() {\n" + "\tcall()\n" * 12 + "}\n",
        "deploy/database.yaml": "pool:\n  connections: 20\n",
        "docs/operations.md": "# Operations\n\nThe connection pool holds twenty.\n",
        "questions.jsonl": blocks("json")[0],
        ".pampaxignore": "questions.jsonl\n",
    }
    for name, text in files.items():
        (tmp_path / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / name).write_text(text, encoding="utf-8")
    return tmp_path / "tree"


def run(folder: Path, program: list[str]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder.parent / "cache")}
    # `pampax` in the page is the command of the Python that runs the tests.
    commands = folder.parent / "bin"
    commands.mkdir(exist_ok=True)
    (commands / "pampax").write_text(f'#!/bin/sh\nexec {sys.executable} -m pampax "$@"\n', encoding="utf-8")
    (commands / "pampax").chmod(0o755)
    environment["PATH"] = f"{commands}:{environment['PATH']}"
    return subprocess.run(program, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_labels_are_read(shop: Path) -> None:
    questions = read_questions(shop / "questions.jsonl")
    assert [question.id for question in questions] == ["1", "2", "pool"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_the_commands_and_the_workflow_run(shop: Path) -> None:
    for line in blocks("sh")[0].splitlines():
        finished = run(shop, ["bash", "-euo", "pipefail", "-c", line])
        assert finished.returncode == 0, finished.stderr
    (workflow,) = blocks("yaml")
    steps = yaml.safe_load(workflow)["jobs"]["eval"]["steps"]
    commands = [step["run"] for step in steps if step.get("run", "").startswith("pampax")]
    assert len(commands) == 1
    finished = run(shop, ["bash", "-euo", "pipefail", "-c", commands[0]])
    assert finished.returncode == 0, finished.stderr
    assert "no regression" in finished.stdout
    assert (shop / next(step["with"]["path"] for step in steps if "upload" in step.get("uses", ""))).is_file()


def test_the_python_runs(shop: Path) -> None:
    assert run(shop, ["pampax", "eval", "questions.jsonl", "--save", "base.json"]).returncode == 0
    (program,) = blocks("python")
    finished = run(shop, [sys.executable, "-c", program])
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith("Estimate(mean=")


def test_the_list_of_sets_is_read(tmp_path: Path) -> None:
    (text,) = blocks("toml")
    (tmp_path / "sets.toml").write_text(text, encoding="utf-8")
    found = read_sets(tmp_path / "sets.toml")
    assert [(one.set, one.judge, one.name) for one in found] == [
        ("words", "hit", "shop"),
        ("functions", "span", "till"),
    ]
    assert set(tomllib.loads(text)["sets"]) == {"words", "functions"}


def test_every_key_of_the_document_is_described(shop: Path) -> None:
    assert run(shop, ["pampax", "eval", "questions.jsonl", "--save", "base.json"]).returncode == 0
    found = json.loads(run(shop, ["pampax", "eval", "questions.jsonl", "--compare", "base.json", "--json"]).stdout)
    page = (Path(__file__).resolve().parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
    section = page[page.index("## `pampax.evaluation/1`") :]
    section = section[: section.index("\n## ", 1)]
    described = set(re.findall(r"`([a-z_]+)`", section)) | set(re.findall(r'"([a-z_]+)"', section)) | {"schema"}
    keys = {*found, *found["comparison"], *found["results"][0], *found["results"][0]["first"][0], *found["bootstrap"]}
    assert keys - described == set()
    rows = set(re.findall(r"^\| `([a-z_]+)`", section, re.MULTILINE)) | {"schema"}
    assert rows == {*found, *found["results"][0]}
