"""Errors are one line on stderr and an exit code; nothing that happens shows a traceback unasked."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from pampax import _core
from pampax.cli import failures, main
from pampax.configuration import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from command_process import Pampax

posix = pytest.mark.skipif(os.name == "nt", reason="needs the signals and devices of a POSIX system")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (click.UsageError("x"), 2),
        (click.BadParameter("x"), 2),
        (ConfigurationError("x"), 2),
        (_core.InvalidInput("x"), 2),
        (_core.BudgetTooSmall("x"), 2),
        (_core.NotIndexed("x"), 1),
        (_core.BadPath("x"), 3),
        (_core.IndexCorrupt("x"), 3),
        (_core.NewerFormat("x"), 3),
        (_core.StoreLocked("x"), 3),
        (_core.StoreError("x"), 3),
        (_core.InputOutputError(errno.ENOSPC, "x"), 3),
        (FileNotFoundError(errno.ENOENT, "x", "y"), 3),
        (ConnectionRefusedError("x"), 4),
        (TimeoutError("x"), 5),
        (_core.InternalError("x"), 6),
        (_core.PampaxError("x"), 6),
        (RuntimeError("x"), 6),
        (MemoryError(), 6),
        (RecursionError("x"), 6),
        (KeyboardInterrupt(), 130),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_exit_codes_and_one_line(error: BaseException, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert failures.report(error) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert captured.err.startswith("pampax: interrupted" if code == 130 else "pampax: error: ")


def test_every_exception_of_the_engine_has_an_exit_code() -> None:
    def below(kind: type[Exception]) -> Iterator[type[Exception]]:
        yield kind
        for child in kind.__subclasses__():
            yield from below(child)

    for kind in below(_core.PampaxError):
        expected_internal = kind in (_core.PampaxError, _core.InternalError)
        assert (failures.exit_code(kind("x")) == failures.INTERNAL) == expected_internal, kind


@pytest.mark.parametrize("number", [2, 3])
def test_a_message_of_several_lines_becomes_one(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    failures.report(OSError("\n".join(["first"] * number)))
    assert capsys.readouterr().err == f"pampax: error: {' '.join(['first'] * number)}\n"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("serch", "x"), 'did you mean "search"?'),
        (("nonsense",), "the commands are index, search"),
        (("search", "--limt", "3", "x"), "--limit"),
        (("search", "x", "--limit", "0"), '--limit "0" is not accepted: a whole number from 1 to 1000'),
        (("search", "x", "--memory", "lots"), '--memory "lots" is not accepted: a size from 128MiB'),
        (("--config", "none.toml", "search", "x"), "none.toml cannot be read: No such file"),
        (("symbols",), "NAME"),
        (("symbols", "x", "--limit", "0"), "--limit"),
        (("assemble", "x", "--encoding", "utf-8"), "one of o200k_base, cl100k_base"),
        (("assemble", "x", "--format", "html"), "--format"),
        (("config", "hide"), "hide"),
    ],
)
def test_usage_errors(pampax: Pampax, arguments: tuple[str, ...], named: str) -> None:
    result = pampax(*arguments)
    assert (result.code, result.out) == (2, "")
    (line,) = result.err.splitlines()
    assert line.startswith("pampax: error: ")
    assert named in line


def test_a_folder_that_is_not_there(pampax: Pampax) -> None:
    result = pampax("-C", "no such folder", "search", "x")
    assert result.code == 3
    (line,) = result.err.splitlines()
    assert "no such folder" in line


def test_an_unexpected_exception_is_one_line_and_a_traceback_only_when_debugging(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("the sky fell\nin two")

    monkeypatch.setattr(_core, "open", broken)
    assert main(["status"]) == 6
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("pampax: error: RuntimeError: the sky fell in two")
    assert main(["status", "--log-level", "debug"]) == 6
    assert "in broken" in capsys.readouterr().err
    assert main(["status", "--log-level", "debug", "--log-format", "json"]) == 6
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert "in broken" in next(line["traceback"] for line in lines if "traceback" in line)
    assert lines[-1]["level"] == "error"
    assert len({line["corr_id"] for line in lines}) == 1
    assert main(["status"]) == 6  # and quiet again, in the same process
    assert len(capsys.readouterr().err.splitlines()) == 1


@posix
def test_a_reader_that_goes_away_is_no_error(pampax: Pampax, repository: Path, environment: Mapping[str, str]) -> None:
    long = "".join(f"def customer_{number}():\n    return {number}\n\n\n" for number in range(1000))
    (repository / "long.py").write_text(long, encoding="utf-8")
    pampax("index")
    command = [sys.executable, "-m", "pampax", "search", "customer", "--limit", "1000", "--context", "100"]
    with subprocess.Popen(
        command,
        cwd=repository,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        errors = process.stderr.read().decode()
        code = process.wait(timeout=60)
    assert code == 0
    assert "rror" not in errors
    assert "Broken" not in errors


@posix
def test_a_full_disk_is_an_input_output_error(repository: Path, environment: Mapping[str, str], pampax: Pampax) -> None:
    device = Path("/dev/full")
    if not device.exists():
        pytest.skip("there is no /dev/full here")
    pampax("index")
    with device.open("wb") as full:
        finished = subprocess.run(
            [sys.executable, "-m", "pampax", "search", "basket"],
            cwd=repository,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    assert finished.returncode == 3
    assert b"pampax: error: " in finished.stderr
    assert b"Traceback" not in finished.stderr


@posix
def test_an_interrupt_ends_with_130(repository: Path, environment: Mapping[str, str]) -> None:
    # Waits for its question, so that the interrupt always comes in time.
    with subprocess.Popen(
        [sys.executable, "-m", "pampax", "search", "-"],
        cwd=repository,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 - one thread here
    ) as process:
        time.sleep(1.0)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors == b"pampax: interrupted\n"


def test_a_home_folder_is_not_indexed_unasked(pampax: Pampax, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "notes.md").write_text("# Notes\n", encoding="utf-8")
    result = pampax("search", "notes", cwd=home)
    assert result.code == 2
    assert "is not indexed unasked" in result.err
    assert pampax("index", cwd=home).code == 0
    assert pampax("search", "notes", cwd=home).code == 0


@posix
@pytest.mark.parametrize("closed", ["stdin", "stdout", "stderr"])
def test_closed_streams_are_no_failure(
    repository: Path, environment: Mapping[str, str], pampax: Pampax, closed: str
) -> None:
    pampax("index")
    redirection = {"stdin": "<&-", "stdout": ">&-", "stderr": "2>&-"}[closed]
    finished = subprocess.run(  # noqa: S602 - a shell can close a stream
        f'"{sys.executable}" -m pampax search basket {redirection}',
        shell=True,
        cwd=repository,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert finished.returncode == 0
    assert b"Traceback" not in finished.stderr
    assert closed == "stdout" or b"web/basket.js" in finished.stdout
