"""The repository that the command opens before it has read its arguments is never another one than is asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import pampax
from pampax import _core, ahead
from pampax.ahead import open_ahead
from pampax.cli import program

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from command_process import Pampax


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[Any, ...]]:
    """What the engine was told to open ahead."""
    calls: list[tuple[Any, ...]] = []
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("PAMPAX_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
    monkeypatch.setattr(_core, "open_ahead", lambda folder, store, *, grep: calls.append((folder, store, grep)))
    return calls


@pytest.mark.parametrize(
    ("arguments", "opened"),
    [
        (["search", "where"], (".", None, False)),
        (["-C", "shop", "search", "where"], ("shop", None, False)),
        (["assemble", "task", "--root=shop", "--store", "/s"], ("shop", "/s", False)),
        (["search", "where", "--store"], (".", None, False)),
        (["search", "--", "-C"], (".", None, False)),
        (["search", "grep", "-C", "shop"], ("shop", None, False)),
        (["grep", "open", "src"], (".", None, True)),
        (["-C", "grep", "search", "-C", "shop"], ("shop", None, False)),
        (["--log-level", "debug", "--store=/s", "grep", "search"], (".", "/s", True)),
        # After `grep` it is the lines around a match.
        (["-C", "shop", "grep", "-C", "2", "search"], ("shop", None, True)),
        (["grep", "open", "--root", "shop"], ("shop", None, True)),
    ],
)
def test_a_question_begins_to_open_its_repository(
    begun: list[tuple[Any, ...]], arguments: list[str], opened: tuple[Any, ...]
) -> None:
    assert open_ahead(arguments)
    assert begun == [opened]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["index"],
        ["--version"],
        ["search", "--help"],
        ["search", "x", "--memory", "2GiB"],
        ["search", "--config=f"],
        ["grep", "x", "--freshness-ms", "0"],
        ["symbols", "grep"],
        ["-C", "search"],
        ["--color", "grep", "status"],
    ],
)
def test_nothing_is_opened_that_may_not_be_wanted(begun: list[tuple[Any, ...]], arguments: list[str]) -> None:
    assert not open_ahead(arguments)
    assert begun == []


def test_every_option_before_the_command_is_known_by_its_kind() -> None:
    flags = {flag for option in program.params for flag in option.opts if not getattr(option, "is_flag", False)}
    assert flags <= {*ahead._PLACES, *ahead._VALUES, *ahead._OTHERS}


def test_nothing_is_opened_where_something_is_configured(
    begun: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    question = ["search", "where", "-C", str(tmp_path)]
    with monkeypatch.context() as changed:
        changed.setenv("PAMPAX_FRESHNESS_MS", "0")
        open_ahead(question)
    for file in (tmp_path / "pampax.toml", tmp_path / "configuration" / "pampax" / "config.toml"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
        open_ahead(question)
        file.unlink()
    assert begun == []
    monkeypatch.setenv("PAMPAX_STORE", "/s")
    monkeypatch.setenv("PAMPAX_LOG_LEVEL", "debug")
    open_ahead(question)
    assert begun == [(str(tmp_path), "/s", False)]


def _tree(root: Path, name: str) -> str:
    root.mkdir()
    (root / "one.py").write_text(f"def {name}():\n    return 1\n")
    pampax.open(root, store=root / "store").index()
    return str(root)


def test_what_is_opened_is_what_is_asked_for(tmp_path: Path) -> None:
    first, second = _tree(tmp_path / "first", "alpha"), _tree(tmp_path / "second", "beta")

    def answer(root: str, **options: Any) -> tuple[str | None, str, str]:
        found = pampax.open(root, store=f"{root}/store", **options).search("alpha beta")
        return found.hits[0].symbol, found.coverage.freshness, found.coverage.vectors

    _core.open_ahead(first, f"{first}/store")
    assert answer(first) == ("alpha", "fresh", "present")
    # Another one, another way to open it, one that is not there: each is opened as it is asked for.
    _core.open_ahead(first, f"{first}/store")
    assert answer(second) == ("beta", "fresh", "present")
    _core.open_ahead(first, f"{first}/store")
    assert answer(first, vectors=False, freshness_ms=0) == ("alpha", "unchecked", "absent")
    _core.open_ahead(first, f"{second}/store")
    assert answer(first) == ("alpha", "fresh", "present")
    _core.open_ahead(str(tmp_path / "nowhere"))
    assert answer(first) == ("alpha", "fresh", "present")
    _core.open_ahead(first, f"{first}/store")
    with pytest.raises(pampax.BadPath):
        pampax.open(f"{first}/one.py")
    assert answer(first) == ("alpha", "fresh", "present")


def test_a_change_before_the_start_is_told_and_a_new_index_is_used(tmp_path: Path) -> None:
    root = _tree(tmp_path / "tree", "alpha")
    (tmp_path / "tree" / "one.py").write_text("def gamma():\n    return 22\n")
    _core.open_ahead(root, f"{root}/store")
    repository = pampax.open(root, store=f"{root}/store")
    assert repository.search("alpha").coverage.freshness == "stale"
    _core.open_ahead(root, f"{root}/store")
    repository.index()
    found = pampax.open(root, store=f"{root}/store").search("gamma")
    assert (found.hits[0].symbol, found.coverage.freshness) == ("gamma", "fresh")


def test_a_search_for_lines_and_a_question_use_what_was_opened_for_the_other(tmp_path: Path) -> None:
    root = _tree(tmp_path / "tree", "alpha")
    _core.open_ahead(root, f"{root}/store", grep=True)
    found = pampax.open(root, store=f"{root}/store").grep("alpha")
    assert (found.matches, found.to_dict()["coverage"]["freshness"]) == (1, "fresh")
    _core.open_ahead(root, f"{root}/store", grep=True)
    answer = pampax.open(root, store=f"{root}/store").search("alpha")
    assert (answer.coverage.freshness, answer.coverage.vectors) == ("fresh", "present")
    # What changed is searched, whatever the index says.
    (tmp_path / "tree" / "one.py").write_text("def gamma():\n    return 22\n")
    for grep in (True, False):
        _core.open_ahead(root, f"{root}/store", grep=grep)
        found = pampax.open(root, store=f"{root}/store").grep("gamma")
        assert (found.matches, found.to_dict()["coverage"]["freshness"]) == (1, "stale")


def test_the_command_says_what_it_says_without(
    pampax: Pampax, repository: Path, environment: Mapping[str, str]
) -> None:
    pampax("index")
    program = "import sys; from pampax.cli import main; sys.exit(main(sys.argv[1:]))"
    questions = (["search", "basket"], ["assemble", "sign a cookie"], ["search", ""], ["grep", "basket"], ["grep", "("])
    for arguments in ([*question, "--json"] for question in questions):
        without = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            cwd=repository,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        answer = pampax(*arguments)
        assert (answer.code, answer.out_bytes) == (without.returncode, without.stdout)


def test_what_was_to_be_done_at_the_end_is_done(
    pampax: Pampax, repository: Path, environment: Mapping[str, str]
) -> None:
    pampax("index")
    program = "import atexit, runpy; atexit.register(print, 'done'); runpy.run_module('pampax', run_name='__main__')"
    for question, code in (("basket", 0), ("xyzzy_plugh_frobnicate", 1)):
        finished = subprocess.run(
            [sys.executable, "-c", program, "search", question, "--json"],
            cwd=repository,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        assert finished.returncode == code
        assert finished.stdout.splitlines()[-1] == b"done"
