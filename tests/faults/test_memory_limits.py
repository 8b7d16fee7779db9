"""`pampax index --memory` as a process: its whole peak stays near the ceiling, under a limit that the system enforces.

`test_memory_ceiling.py` measures what a run takes beside what the process had before; here the process is what counts,
with interpreter and module, and the files are larger than is usual.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from fault_harness import Sandbox, python_file

pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.skipif(sys.platform != "linux", reason="needs Linux: elsewhere the peak of a process is not in KiB"),
]

MEBIBYTE = 1 << 20
CEILING = 128 * MEBIBYTE
"""The least that --memory accepts."""

MARGIN = 64 * MEBIBYTE
"""What the process may take beside: interpreter and module 54 MiB, half of them pages of files; stacks of threads."""

MAX_FILE_SIZE = "64MiB"
"""By default files above 4 MiB are not read at all."""

LARGE_FILES = "symbols of large files"

LAUNCHER = """
import json, os, pathlib, resource, subprocess, sys

group, *command = sys.argv[1:]
if group:
    pathlib.Path(group, "cgroup.procs").write_text(str(os.getpid()))
done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
print(json.dumps({"code": done.returncode, "peak": peak, "out": done.stdout, "err": done.stderr}))
"""
"""Runs a command in a control group, if one is given. A process inherits the peak of the one that started it, so that
it has to be a small one, and not that which runs the tests."""


class Run(NamedTuple):
    """How a command ended."""

    code: int
    peak: int
    out: str
    err: str


@contextmanager
def limited_group(limit: int) -> Iterator[Path | None]:
    """A control group below that of the tests in which `limit` bytes may be used; None if none can be made."""
    group: Path | None = None
    try:
        group = _own_group() / f"pampax-memory-limits-{os.getpid()}"
        group.mkdir()
        if (group / "memory.limit_in_bytes").exists():
            (group / "memory.limit_in_bytes").write_text(str(limit))
            (group / "memory.swappiness").write_text("0")
        else:
            (group / "memory.max").write_text(str(limit))
            (group / "memory.swap.max").write_text("0")
    except (OSError, StopIteration):
        if group is not None and group.exists():
            group.rmdir()
        group = None
    try:
        yield group
    finally:
        if group is not None:
            group.rmdir()


def _own_group() -> Path:
    """The folder of the control group that this process is in, of version 1 if memory is limited by that, else of 2."""
    groups = [line.split(":", 2)[1:] for line in Path("/proc/self/cgroup").read_text().splitlines()]
    for controllers, path in groups:
        if "memory" in controllers.split(","):
            return Path("/sys/fs/cgroup/memory", path.lstrip("/"))
    return next(Path("/sys/fs/cgroup", path.lstrip("/")) for controllers, path in groups if not controllers)


def run(sandbox: Sandbox, group: Path | None, command: Sequence[str], cwd: Path) -> Run:
    done = subprocess.run(
        [sys.executable, "-c", LAUNCHER, str(group or ""), *command],
        env=sandbox.environment() | {"PAMPAX_MAX_FILE_SIZE": MAX_FILE_SIZE},
        cwd=cwd,
        capture_output=True,
        check=True,
        timeout=300,
    )
    said = json.loads(done.stdout)
    return Run(said["code"], said["peak"], said["out"], said["err"])


# ---------------------------------------------------------------------------------- trees


def very_many_definitions(root: Path) -> None:
    """One file of 300,000 definitions, 6.3 MB."""
    (root / "registers.h").write_text("".join(f"#define D{number} {number}\n" for number in range(300_000)))


def very_many_words(root: Path) -> None:
    """One text of 560,000 words, no two of which are the same, 6.6 MB."""
    (root / "words.txt").write_text("".join(f"word{number}x\n" for number in range(560_000)))


def one_large_program(root: Path) -> None:
    """One program of 90,000 functions."""
    function = "def function_{0}(a, b):\n    return function_{1}(a, b) + {0}\n\n"
    (root / "large.py").write_text("".join(function.format(number, number // 2) for number in range(90_000)))


def large_headers(root: Path) -> None:
    """Forty files of 26,000 definitions, each just too large to be parsed under the ceiling."""
    for file in range(40):
        lines = (f"#define D{file}_{number} {number}\n" for number in range(26_000))
        (root / f"registers{file}.h").write_text("".join(lines))


def very_many_tiny_files(root: Path) -> None:
    """30,000 files of one line."""
    for number in range(30_000):
        folder = root / f"folder{number % 300}"
        folder.mkdir(exist_ok=True)
        (folder / f"file{number}.py").write_text(f"value_{number} = {number}\n")


def deep_nesting(root: Path) -> None:
    """Brackets, blocks, functions and elements in each other, hundreds of thousands deep, and 300 folders."""
    (root / "brackets.py").write_text("x = " + "(\n" * 400_000 + ")\n" * 400_000)
    (root / "lists.json").write_text("[\n" * 600_000 + "]\n" * 600_000)
    (root / "blocks.c").write_text("int f(){\n" + "{\n" * 600_000 + "}\n" * 600_000 + "}\n")
    (root / "functions.js").write_text("".join(f"function f{n}(){{\n" for n in range(60_000)) + "}\n" * 60_000)
    (root / "elements.html").write_text("<div>\n" * 200_000 + "</div>\n" * 200_000)
    (root / "below.js").write_text("f(() => {\n" * 25_000 + "})\n" * 25_000)
    bottom = root.joinpath(*(f"f{number}" for number in range(300)))
    bottom.mkdir(parents=True)
    (bottom / "bottom.py").write_text(python_file("at_the_bottom"))


def long_lines(root: Path) -> None:
    """Lines of 50,000 to 4,000,000 characters, with as many empty ones as keep the files from counting as minified."""
    empty = "\n" * 20_000
    (root / "calls.js").write_text(";".join(f"var v{n}=f(g({n}),'{n}')" for n in range(120_000)) + empty)
    (root / "data.py").write_text("DATA = [" + ", ".join(map(str, range(500_000))) + "]\n" + empty)
    (root / "words.txt").write_text("word " * 800_000 + empty)
    (root / "text.c").write_text('char *s = "' + "x" * 4_000_000 + '";\n' + empty)
    (root / "lines.py").write_text("".join(f"def f{n}(): return '{'y' * 50_000}'\n" for n in range(60)) + empty)


@pytest.mark.parametrize(
    ("make", "question", "deferred"),
    [
        pytest.param(very_many_definitions, "D77777", [LARGE_FILES]),
        pytest.param(very_many_words, "word77777x", []),
        pytest.param(one_large_program, "function_77777", [LARGE_FILES]),
        pytest.param(large_headers, "D7_7777", [LARGE_FILES]),
        pytest.param(very_many_tiny_files, "value_7777", []),
        pytest.param(deep_nesting, "at_the_bottom", [LARGE_FILES]),
        pytest.param(long_lines, "word", [LARGE_FILES]),
    ],
)
def test_a_process_stays_below_the_ceiling(
    make: Callable[[Path], None], question: str, deferred: list[str], sandbox: Sandbox, tree: Path, store: Path
) -> None:
    make(tree)
    index = sandbox.command("index", "--memory", str(CEILING), "--json", store=store)
    with limited_group(CEILING + MARGIN) as group:
        done = run(sandbox, group, index, tree)
    # -9: the system ended it, as it had more than the limit of its group.
    assert done.code == 0, f"{done.code}, {done.peak / MEBIBYTE:.0f} MiB, {done.err}"
    assert done.peak <= CEILING + MARGIN, f"{done.peak / MEBIBYTE:.0f} MiB"
    # What was left out is said, to people and to programs; what can be found is found.
    report = json.loads(done.out)
    assert report["files"] == sum(len(files) for _, _, files in os.walk(tree))
    assert report.get("deferred", []) == deferred
    assert (f"left out, as it would exceed --memory: {', '.join(deferred)}" in done.err) == bool(deferred)
    answer = json.loads(sandbox.run("search", question, "--json", store=store, cwd=tree).out)
    assert answer["hits"]
    assert (answer["coverage"]["vectors"] == "present") == ("vectors" not in deferred)
    assert (answer["coverage"].get("graph_files_behind", 0) > 0) == ("graph" in deferred)


def test_the_limit_of_the_group_holds(sandbox: Sandbox, tmp_path: Path) -> None:
    """Else that a process ends well within it would say nothing."""
    command = [sys.executable, "-c", f"print(len(bytearray({CEILING + MARGIN})))"]
    with limited_group(CEILING + MARGIN) as group:
        if group is None:
            pytest.skip("needs the right to make a control group with a limit of memory; peaks are measured without")
        done = run(sandbox, group, command, tmp_path)
    assert done.code == -9
    assert run(sandbox, None, command, tmp_path).peak > CEILING + MARGIN, "and the peak of a process is seen"


def test_files_above_a_twentieth_of_the_ceiling_are_left_out_and_counted(
    sandbox: Sandbox, tree: Path, store: Path
) -> None:
    """A text of words that are all different takes eighteen times its size, however small its segment."""
    (tree / "words.txt").write_text("".join(f"word{number}x\n" for number in range(1_000_000)))
    (tree / "a.py").write_text("def alpha():\n    pass\n")
    index = sandbox.command("index", "--memory", str(CEILING), "--json", store=store)
    with limited_group(CEILING + MARGIN) as group:
        done = run(sandbox, group, index, tree)
    assert done.code == 0, done.err
    assert done.peak <= CEILING + MARGIN
    assert json.loads(done.out)["skipped"] == {"too-large": 1}


def test_symbols_that_were_left_out_are_not_said_to_be_absent(sandbox: Sandbox, tree: Path, store: Path) -> None:
    one_large_program(tree)
    index = sandbox.command("index", "--memory", str(CEILING), "--json", store=store)
    assert json.loads(run(sandbox, None, index, tree).out)["deferred"] == [LARGE_FILES]
    symbols = json.loads(sandbox.run("symbols", "function_77777", "--json", store=store, cwd=tree).out)
    assert symbols["empty_reason"] == "not-parsed-for-memory"
    assert symbols["coverage"]["files_without_symbols"] == 1
    outline = json.loads(sandbox.run("outline", "large.py", "--json", store=store, cwd=tree).out)
    assert outline["empty_reason"] == "not-parsed-for-memory"
    assert "1 large file without symbols" in sandbox.run("search", "function_77777", store=store, cwd=tree).err
    # A later run that finds nothing to do says so, too, as long as it holds.
    assert json.loads(run(sandbox, None, index, tree).out)["deferred"] == [LARGE_FILES]
