"""Fixtures of the fault tests: a sandbox, generated trees, processes without rights."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
# The repository's root for `corpora`, this folder for `fault_harness`, and those of the servers and of the files they
# are tried on: none is part of the installed package.
for folder in (str(ROOT), str(Path(__file__).parent), str(ROOT / "tests" / "mcp"), str(ROOT / "tests" / "cli")):
    if folder not in sys.path:
        sys.path.insert(0, folder)

from fault_harness import Sandbox, without_rights  # noqa: E402

from corpora import generate  # noqa: E402


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker used here, wherever the tests are started from."""
    config.addinivalue_line("markers", "slow: takes more than a few seconds; run with -m slow")


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    """A folder with a home of its own."""
    return Sandbox(tmp_path)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A place for a store, not made yet."""
    return tmp_path / "store"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """An empty folder to put files into."""
    folder = tmp_path / "tree"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def small_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated repository of 60 files in 15 languages. Do not change it: copy it."""
    folder = tmp_path_factory.mktemp("small") / "tree"
    generate.generate(folder, files=60, seed=1)
    return folder


@pytest.fixture(scope="session")
def medium_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated repository of 800 files. Do not change it: copy it."""
    folder = tmp_path_factory.mktemp("medium") / "tree"
    generate.generate(folder, files=800, seed=2)
    return folder


@pytest.fixture(scope="session")
def large_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated repository of 4,000 files, enough to be caught in the act. Do not change it."""
    folder = tmp_path_factory.mktemp("large") / "tree"
    generate.generate(folder, files=4_000, seed=3)
    return folder


@pytest.fixture(scope="session")
def small_queries() -> list[str]:
    """Sixteen questions about the small tree."""
    return generate.queries(files=60, seed=1, count=16)


@pytest.fixture(scope="session")
def medium_queries() -> list[str]:
    """Sixteen questions about the medium tree."""
    return generate.queries(files=800, seed=2, count=16)


@pytest.fixture(scope="session")
def clean_small(
    tmp_path_factory: pytest.TempPathFactory, small_tree: Path, small_queries: list[str]
) -> tuple[Path, dict[str, Any]]:
    """A store of the small tree that nothing happened to, and what it answers. Do not change it: copy it."""
    folder = tmp_path_factory.mktemp("clean")
    expected = Sandbox(folder).indexed(small_tree, folder / "store", small_queries)
    assert any(answer["hits"] for answer in expected["answers"]), (
        "no query finds anything: the test would prove nothing"
    )
    return folder / "store", expected


@pytest.fixture
def restricted(tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox whose processes may not read what the bits of a file forbid, even where the tests run as root."""
    secret = tmp_path / "secret"
    secret.write_text("secret")
    secret.chmod(0)
    prefix = without_rights()
    try:
        read = subprocess.run([*prefix, "cat", str(secret)], capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("needs setpriv, to give up the rights of root")
    if read.returncode == 0 or b"ermission denied" not in read.stderr:
        pytest.skip("cannot give up the rights of root")
    yield Sandbox(tmp_path, prefix)
    # pytest removes the folder later and must be able to.
    subprocess.run(["chmod", "-R", "u+rwX", str(tmp_path)], check=False)
