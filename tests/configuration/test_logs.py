"""Log lines: their fields, their two forms, their secrets."""

from __future__ import annotations

import json
import logging
import sys
from typing import TYPE_CHECKING

import pytest

from pampax import logs

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """Leave the logging of the test process as it was."""
    state = (logs._State.threshold, logs._State.format, logs._State.handler)
    logger = logging.getLogger("pampax")
    logger_state = (logger.handlers[:], logger.level, logger.propagate)
    yield
    logs._State.threshold, logs._State.format, logs._State.handler = state
    logger.handlers, logger.level, logger.propagate = logger_state


def test_an_operation_writes_one_json_line_with_all_fields(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json")
    with logs.operation("cli", "search", "0123456789abcdef") as log:
        log.add(hits=3)
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    fields = json.loads(line)
    assert list(fields)[: len(logs.FIELDS)] == list(logs.FIELDS)
    assert fields["level"] == "info"
    assert (fields["component"], fields["op"], fields["status"], fields["hits"]) == ("cli", "search", "ok", 3)
    assert fields["corr_id"] == "0123456789abcdef"
    assert 0 <= fields["duration_ms"] < 60_000
    assert fields["time"].endswith("Z")


def test_a_failed_operation_says_so_and_lets_the_exception_pass(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json")
    with pytest.raises(KeyError), logs.operation("cli", "search"):
        raise KeyError("x")
    fields = json.loads(capsys.readouterr().err)
    assert (fields["status"], fields["error"]) == ("error", "KeyError")


def test_lines_below_the_level_are_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("warning", "text")
    logs.write("info", "cli", "quiet")
    logs.write("warning", "cli", "loud")
    assert [line.partition(": ")[2] for line in capsys.readouterr().err.splitlines()] == ["loud"]
    logs.configure("debug", "text")
    logs.write("debug", "cli", "now")
    assert "now" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["text", "json"])
def test_secrets_are_masked_wherever_they_stand(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", form)
    logs.write(
        "info",
        "remote",
        "asked",
        api_key="hunter2",
        Authorization_Token="hunter2",  # noqa: S106
        client_secret=["hunter2"],
        nested={"inner": [{"PASSWORD": "hunter2", "user": "anna"}]},
        tokens=812,
    )
    text = capsys.readouterr().err
    assert "hunter2" not in text
    assert text.count(logs.MASK) == 4
    assert "anna" in text
    assert "812" in text, "a count of tokens is no secret"


def test_a_line_stays_one_line_and_obeys_no_escape(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "text")
    logs.write("info", "cli", "file \x1b[2J read", path="a\nb \x9b \udcff")
    text = capsys.readouterr().err
    assert text.count("\n") == 1
    assert text.rstrip("\n").isprintable()
    logs.configure("info", "json")
    logs.write("info", "cli", "file \x1b[2J read", path="a\nb\u2028 \udcff")
    text = capsys.readouterr().err
    assert text.count("\n") == 1
    assert text.isascii()
    assert json.loads(text)["path"] == "a\nb\u2028 \udcff"


def test_without_configuration_lines_belong_to_the_program_around(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    logs._State.threshold = None
    logger = logging.getLogger("pampax")
    logger.handlers, logger.propagate = [], True
    with caplog.at_level(logging.INFO, "pampax"), logs.operation("engine", "index"):
        pass
    assert [(record.name, record.message) for record in caplog.records] == [("pampax.engine", "index ok")]
    assert capsys.readouterr().err == ""


def test_a_closed_stderr_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    logs.configure("info", "text")

    class Closed:
        """Fails on every use, as a closed pipe does."""

        def write(self, _text: str) -> None:
            """Fail."""
            raise BrokenPipeError

        def flush(self) -> None:
            """Fail."""
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Closed())
    logs.write("info", "cli", "nobody reads this")
