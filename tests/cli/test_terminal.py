"""What a terminal sees: colours, progress, and none of the control characters of the repository."""

from __future__ import annotations

import io
import os
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

from pampax.cli.figures import count_text, duration_text, size_text
from pampax.cli.progress import LiveBar, PlainLines, Silent, progress_text, watcher_for
from pampax.cli.request import Request
from pampax.cli.terminal import Output, encoded, visible, visible_field, wants_colour

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from command_process import Pampax

posix = pytest.mark.skipif(os.name == "nt", reason="needs pseudo-terminals")


def on_terminal(folder: Path, environment: Mapping[str, str], *arguments: str) -> str:
    """All that the command writes when stdin, stdout and stderr are a terminal."""
    import pty
    import subprocess

    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "pampax", *arguments],
        cwd=folder,
        env={**environment, "TERM": environment.get("TERM", "") or "xterm"},
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    content = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # how Linux says that the other side has closed
            break
        if not part:
            break
        content += part
    os.close(master)
    process.wait(timeout=60)
    return content.decode("utf-8")


@pytest.fixture
def xterm(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment with a capable terminal."""
    return {**environment, "TERM": "xterm"}


HOSTILE = "before \x1b[2J\x1b]0;title\x07 \r return \x9b31m \u202e reversed \x7f basket after"


@posix
def test_control_characters_of_the_repository_do_not_reach_a_terminal(
    pampax: Pampax, repository: Path, xterm: dict[str, str]
) -> None:
    (repository / "web" / "evil\x1b[31m\n.js").write_text(f"// {HOSTILE}\n", encoding="utf-8")
    pampax("index")
    for arguments in (
        ["search", "reversed basket"],
        ["search", "reversed basket", "--json"],
        ["assemble", "reversed basket"],
        ["search", "\x1b[2J reversed basket", "--path", "\x1b[2J"],
        ["symbols", "\x1b[2J"],
        ["search", "x", "--limit", "\x1b[2J"],
    ):
        text = on_terminal(repository, xterm, *arguments)
        assert text
        ours = re.sub(r"\x1b\[[0-9;]*m", "", text).replace("\r\n", "\n")
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", ours), ascii(ours)
    assert "␛[2J" in on_terminal(repository, xterm, "search", "reversed basket")


def test_a_pipe_gets_the_text_as_it_is(pampax: Pampax, repository: Path) -> None:
    (repository / "web" / "basket.js").write_text("// \x1b[2J reversed basket\n", encoding="utf-8")
    result = pampax("search", "reversed basket", "--limit", "1")
    assert "\x1b[2J reversed basket" in result.out


@posix
def test_colours_come_on_terminals_only_and_as_asked(pampax: Pampax, repository: Path, xterm: dict[str, str]) -> None:
    assert "\x1b" not in pampax("search", "basket").out
    coloured = on_terminal(repository, xterm, "search", "basket")
    assert "\x1b[35mweb/basket.js\x1b[0m" in coloured
    for variables, options in (
        ({"NO_COLOR": "1"}, []),
        ({"TERM": "dumb"}, []),
        ({}, ["--color", "never"]),
        ({"PAMPAX_COLOR": "never"}, []),
    ):
        assert "\x1b[" not in on_terminal(repository, xterm | variables, "search", "basket", *options)
    assert "\x1b[35m" in pampax("search", "basket", "--color", "always", NO_COLOR="1").out
    assert "\x1b[35m" in pampax("search", "basket", PAMPAX_COLOR="always").out


def test_paths_that_are_no_utf8_and_any_locale_are_no_failure(pampax: Pampax, repository: Path) -> None:
    if sys.platform in ("win32", "darwin"):
        pytest.skip("file names are Unicode here")
    (repository / "web" / "märz.js").write_text("// Überraschung im basket\n", encoding="utf-8")
    (repository / "web" / os.fsdecode(b"\xff\xfe.js")).write_text("// basket\n", encoding="utf-8")
    locales: list[dict[str, Any]] = [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C.UTF-8"},
    ]
    for variables in locales:
        for arguments in (
            ("search", "Überraschung"),
            ("search", "Überraschung", "--json"),
            ("assemble", "Überraschung im basket"),
            ("status", "--skipped"),
            ("status", "--skipped", "--json"),
        ):
            result = pampax(*arguments, **variables)
            assert result.code == 0, result.err
            assert "Traceback" not in result.err
        assert "web/märz.js" in pampax("search", "Überraschung", **variables).out


# The parts, one by one


def test_control_characters_become_pictures() -> None:
    assert visible("a\x1b\x00\x7f\x9b\u202eb\tc\nd") == "a␛␀␡<U+009B><U+202E>b\tc\nd"
    assert visible_field("a\tb\nc") == "a␉b␊c"
    assert visible("äöü 🫖 中") == "äöü 🫖 中"


def test_any_text_can_be_encoded() -> None:
    assert encoded("ä") == "ä".encode()
    assert encoded("\udcff") == b"\xff"
    assert encoded("\ud800ä") == "?ä".encode()


def test_an_output_without_a_stream_swallows_what_it_is_given() -> None:
    Output(None).line("x")
    memory = io.StringIO()
    Output(memory).line("ä")
    assert memory.getvalue() == "ä\n"


@pytest.mark.parametrize(
    ("choice", "terminal", "environment", "expected"),
    [
        ("auto", True, {}, True),
        ("auto", True, {"NO_COLOR": ""}, True),
        ("auto", True, {"NO_COLOR": "1"}, False),
        ("auto", True, {"TERM": "dumb"}, False),
        ("auto", False, {}, False),
        ("always", False, {"NO_COLOR": "1"}, True),
        ("never", True, {}, False),
    ],
)
def test_when_to_colour(choice: str, terminal: bool, environment: dict[str, str], expected: bool) -> None:
    assert wants_colour(choice, terminal, environment) is expected


def test_figures() -> None:
    assert [count_text(1234, "file"), count_text(1, "file"), count_text(0, "file")] == [
        "1,234 files",
        "1 file",
        "0 files",
    ]
    sizes = [0, 999, 1000, 12_345_678, 99_960_000, 999_499_999, 999_500_000, 5 * 10**12]
    assert [size_text(size) for size in sizes] == [
        "0 B",
        "999 B",
        "1.0 kB",
        "12.3 MB",
        "100 MB",
        "999 MB",
        "1.0 GB",
        "5.0 TB",
    ]
    durations = [0.0032, 0.5, 1.24, 59.94, 59.96, 125.4, 3840.0]
    assert [duration_text(seconds) for seconds in durations] == [
        "3.2 ms",
        "500 ms",
        "1.2 s",
        "59.9 s",
        "1 min 0 s",
        "2 min 5 s",
        "1 h 4 min",
    ]


class At:
    """A moment of an index run."""

    def __init__(
        self, stage: str, files_done: int, files_total: int, bytes_done: int, bytes_total: int, seconds: float
    ) -> None:
        """The fields of the engine's Progress."""
        self.stage = stage
        self.files_done, self.files_total = files_done, files_total
        self.bytes_done, self.bytes_total = bytes_done, bytes_total
        self.seconds = seconds


WALKING = At("walk", 1200, 0, 0, 0, 0.5)
HALF_WAY = At("index", 50, 100, 5_000_000, 10_000_000, 2.0)


def test_progress_in_words() -> None:
    assert progress_text(WALKING) == "finding files: 1,200 files found"  # type: ignore[arg-type]
    assert progress_text(HALF_WAY) == "indexing: 50 of 100 files, 2.5 MB/s, 2.0 s left"  # type: ignore[arg-type]


def test_plain_lines_come_every_two_seconds_at_most(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = 100.0
    monkeypatch.setattr("pampax.cli.progress.time.monotonic", lambda: now)
    lines = PlainLines(Request())
    for _ in range(100):
        now += 0.1
        lines(HALF_WAY)  # type: ignore[arg-type]
    assert len(capsys.readouterr().err.splitlines()) in (4, 5)


@posix
def test_the_bar_is_drawn_only_on_terminals_and_only_for_long_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    request = Request()
    request.configured["log.format"] = "text"
    request.configure()
    assert isinstance(watcher_for(request), PlainLines)
    request.err.terminal = True
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(watcher_for(request), PlainLines)
    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(watcher_for(request), LiveBar)
    request.configured["log.format"] = "json"
    request.configure()
    assert isinstance(watcher_for(request), Silent)


def test_the_bar_draws_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    screen = io.StringIO()
    screen.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr("pampax.cli.progress.time.monotonic", lambda: now)
    bar = LiveBar(colour=False)
    bar(WALKING)  # type: ignore[arg-type]
    assert screen.getvalue() == "", "too early"
    now += 1.0
    for moment in (WALKING, HALF_WAY, At("commit", 100, 100, 10_000_000, 10_000_000, 4.0)):
        bar(moment)  # type: ignore[arg-type]
    bar.close()
    text = screen.getvalue()
    assert "writing the index" in text
    assert "100 of 100 files, 2.5 MB/s" in text
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l"), "the cursor is back"
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", text), "no colours"
