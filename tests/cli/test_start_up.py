"""`pampax search` as a process starts fast: an agent starts one for every question."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from pampax import _core

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from command_process import Pampax

NOT_NEEDED = (
    "rich",
    "numpy",
    "json",
    "logging",
    "tomllib",
    "difflib",
    "importlib.metadata",
    "asyncio",
    "subprocess",
    "traceback",
    "pampax.configuration_file",
    "pampax.cli.failures",
    "pampax.cli.progress",
    "pampax.cli.index",
    "pampax.cli.assemble",
    "pampax.cli.install",
    "pampax.install",
    "pampax.remote",
    "httpx",
    "tenacity",
)


PROGRAM = """
import sys
from pampax.cli import main
code = main(sys.argv[1:])
print(*sys.modules, file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize("options", [(), ("--json",), ("--explain", "--context", "3")])
def test_a_search_imports_nothing_it_does_not_need(
    pampax: Pampax, repository: Path, environment: Mapping[str, str], options: tuple[str, ...]
) -> None:
    pampax("index")
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM, "search", "basket", *options],
        cwd=repository,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    imported = set(finished.stderr.decode().splitlines()[-1].split())
    assert {"click", "pampax.cli.search", "pampax._core"} <= imported
    assert imported.isdisjoint(NOT_NEEDED)


@pytest.mark.skipif(_core.build_profile != "release", reason="the goal is for what users install")
def test_a_search_takes_at_most_three_times_the_import_of_click(
    pampax: Pampax, repository: Path, environment: Mapping[str, str]
) -> None:
    pampax("index")

    def seconds(*arguments: str) -> float:
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, *arguments],
            cwd=repository,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
        )
        return time.perf_counter() - started

    # The fastest of several of each, taken in turns: what else runs on the machine slows both alike.
    click, search = [], []
    for _ in range(12):
        click.append(seconds("-c", "import click"))
        search.append(seconds("-m", "pampax", "search", "basket"))
    assert min(search) <= 3 * min(click), f"search {min(search) * 1000:.1f} ms, click {min(click) * 1000:.1f} ms"
