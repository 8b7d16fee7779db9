"""A small repository, and servers as real processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

HERE = Path(__file__).parent
for folder in (HERE, HERE.parent / "cli"):
    # Neither is part of the installed package.
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from servers import make_tree  # noqa: E402 - found only now

if TYPE_CHECKING:
    from collections.abc import Mapping


@pytest.fixture
def environment(tmp_path: Path) -> Mapping[str, str]:
    """The environment of the servers: a home folder of its own, no configuration."""
    home = tmp_path / "home"
    home.mkdir()
    dropped = ("PAMPAX_", "XDG_", "GIT_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return kept | {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache"), "XDG_DATA_HOME": str(home / "data")}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The repository."""
    return make_tree(tmp_path / "shop")


@pytest.fixture
def indexed(tree: Path, environment: Mapping[str, str]) -> Path:
    """The repository, with an index."""
    command = [sys.executable, "-m", "pampax", "index", str(tree)]
    subprocess.run(command, env=dict(environment), check=True, capture_output=True)
    return tree
