"""A small real repository, and the command as a real process in it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pampax import logs

# This folder, for `command_process`: it is no part of the installed package.
if str(Path(__file__).parent) not in sys.path:
    sys.path.insert(0, str(Path(__file__).parent))

from command_process import FILES, Pampax, Result

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """Tests that run the command in this process leave its logging as they found it."""
    state = (logs._State.threshold, logs._State.format, logs._State.handler)
    logger = logging.getLogger("pampax")
    logger_state = (logger.handlers[:], logger.level, logger.propagate)
    yield
    logs._State.threshold, logs._State.format, logs._State.handler = state
    logger.handlers, logger.level, logger.propagate = logger_state


@pytest.fixture
def environment(tmp_path: Path) -> Mapping[str, str]:
    """The environment of the process: a home folder of its own, no configuration, no colours asked for."""
    home = tmp_path / "home"
    home.mkdir()
    dropped = ("PAMPAX_", "XDG_", "GIT_", "NO_COLOR", "FORCE_COLOR", "COLUMNS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return kept | {"HOME": str(home), "USERPROFILE": str(home), "XDG_CACHE_HOME": str(home / ".cache")}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A git repository with one small file, to be watched."""
    root = tmp_path / "tree"
    (root / "source").mkdir(parents=True)
    (root / "source" / "first.py").write_text("def first():\n    return 1\n")
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    return root


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository with files in three languages, and one that is not text."""
    root = tmp_path / "shop repository"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    (root / "logo.bin").write_bytes(bytes(range(256)) * 8)
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    return root


@pytest.fixture
def pampax(repository: Path, environment: Mapping[str, str]) -> Pampax:
    """The command, as a process in `repository` unless another folder is given."""

    def run(
        *arguments: str | bytes,
        stdin: bytes | None = None,
        cwd: Path | None = None,
        **variables: str,
    ) -> Result:
        # Without input, stdin is closed at once: no test is to wait for a keyboard.
        finished = subprocess.run(
            [sys.executable, "-m", "pampax", *arguments],
            cwd=cwd or repository,
            env={**environment, **variables},
            input=stdin or b"",
            capture_output=True,
            check=False,
            timeout=60,
        )
        return Result(finished)

    return run


@pytest.fixture
def home(environment: Mapping[str, str]) -> Path:
    """The home folder of the command."""
    return Path(environment["HOME"])
