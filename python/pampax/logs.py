"""Log lines on stderr: text for people, or one JSON object a line for machines.

One line is written per operation, at level info, with the same fields in both forms: `time`, `level`, `component`,
`op`, `corr_id` (one per request), `duration_ms`, `status`, and what the operation adds. Values whose key names a secret
are masked. Underneath is the standard library's `logging` with loggers named `pampax.<component>`, so a program that
uses pampax as a library handles them as it handles all others.

`logging` and `json` are loaded when the first line is written, not before: most commands write none, and should not
wait for the two to load.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging
    from types import TracebackType
    from typing import Self

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
"""The levels and their numbers, which are those of `logging`."""

MASK = "***"
"""What is written in place of a secret."""

FIELDS = ("time", "level", "component", "op", "corr_id", "duration_ms", "status")
"""The fields every line begins with, in this order; a line without an operation leaves some of them out."""


class _State:
    """What `configure` was told."""

    threshold: int | None = None
    format = "text"
    handler: logging.Handler | None = None


def configure(level: str, line_format: str) -> None:
    """Have log lines of `level` and above written to stderr, as `text` or `json`. For programs; libraries do not."""
    _State.threshold = LEVELS[level]
    _State.format = line_format
    if _State.handler is not None:  # a second call in one process, after the first line was written
        _install()


def configured_format() -> str:
    """The form of the lines: `text` or `json`."""
    return _State.format


def enabled(level: str) -> bool:
    """Whether a line of this level would be written anywhere."""
    if _State.threshold is not None:
        return LEVELS[level] >= _State.threshold
    # Without configure() the lines belong to the program that imports pampax. If it never loaded `logging`, it
    # cannot want them.
    loaded = sys.modules.get("logging")
    return loaded is not None and bool(loaded.getLogger("pampax").isEnabledFor(LEVELS[level]))


def new_correlation_id() -> str:
    """An id for one request: 16 hexadecimal digits, without meaning."""
    return os.urandom(8).hex()


def write(level: str, component: str, message: str, **fields: object) -> None:
    """Write one line, if its level is wanted. `fields` come after the fixed ones; secrets among them are masked."""
    if not enabled(level):
        return
    import logging

    if _State.threshold is not None and _State.handler is None:
        _install()
    shown = {key: masked(key, value) for key, value in fields.items() if value is not None}
    logging.getLogger(f"pampax.{component}").log(
        LEVELS[level], message, extra={"pampax_component": component, "pampax_fields": shown}
    )


def masked(key: str, value: object) -> object:
    """`value`, or the mask if `key` names a secret; in tables and lists, each value by its own key.

    Numbers under `…token…` are counts of tokens and stay.
    """
    name = key.lower()
    if any(word in name for word in ("secret", "password", "key")):
        return MASK
    if "token" in name and not isinstance(value, int | float):
        return MASK
    if isinstance(value, dict):
        return {str(inner): masked(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(key, item) for item in value]
    return value


class operation:  # noqa: N801 - read as a statement: `with operation("cli", "search") as log:`
    """One operation, and the line about it when it ends: how long it took and how it went.

    `status` is `ok` unless the block sets another; an exception that passes makes it `error` and adds its type.
    """

    def __init__(self, component: str, op: str, corr_id: str | None = None) -> None:
        """`component`: the part of pampax; `op`: what it does; `corr_id`: the request it belongs to, else a new one."""
        self.component = component
        self.op = op
        self.corr_id = corr_id or new_correlation_id()
        self.status = "ok"
        self.fields: dict[str, object] = {}
        self._started = time.perf_counter()

    def add(self, **fields: object) -> None:
        """Add fields to the line."""
        self.fields.update(fields)

    def __enter__(self) -> Self:
        """Starts the clock."""
        self._started = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Writes the line; lets the exception pass."""
        if kind is not None:
            self.status = "interrupted" if issubclass(kind, KeyboardInterrupt) else "error"
            self.fields["error"] = kind.__name__
        write(
            "info",
            self.component,
            f"{self.op} {self.status}",
            op=self.op,
            corr_id=self.corr_id,
            duration_ms=round((time.perf_counter() - self._started) * 1000, 3),
            status=self.status,
            **self.fields,
        )


def _install() -> None:
    """Give the logger `pampax` one handler that writes our lines to stderr."""
    import logging

    class Formatter(logging.Formatter):
        """Our two forms of a line."""

        def format(self, record: logging.LogRecord) -> str:
            """The line for a record, without its end."""
            line: dict[str, object] = {
                "time": _time_text(record.created),
                "level": record.levelname.lower(),
                "component": getattr(record, "pampax_component", record.name),
            }
            fields: dict[str, object] = dict(getattr(record, "pampax_fields", {}))
            line.update((name, fields.pop(name)) for name in FIELDS if name in fields)
            line["message"] = record.getMessage()
            line.update(fields)
            if record.exc_info:
                line["traceback"] = self.formatException(record.exc_info)
            return _json_line(line) if _State.format == "json" else _text_line(line)

    class Handler(logging.StreamHandler):  # type: ignore[type-arg]
        """Writes to what stderr is now; a line that cannot be written is lost without a word."""

        def emit(self, record: logging.LogRecord) -> None:
            """Write one line."""
            self.stream = sys.stderr
            super().emit(record)

        def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
            """A closed stderr is no reason to fail, or to print a traceback about the log."""

    logger = logging.getLogger("pampax")
    if _State.handler is not None:
        logger.removeHandler(_State.handler)
    _State.handler = Handler()
    _State.handler.setFormatter(Formatter())
    logger.addHandler(_State.handler)
    logger.setLevel(_State.threshold or logging.WARNING)
    logger.propagate = False


def _time_text(seconds: float) -> str:
    """A moment as RFC 3339 text in UTC, to the millisecond."""
    whole, thousandths = divmod(int(seconds * 1000), 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{thousandths:03d}Z"


def _json_line(line: dict[str, object]) -> str:
    import json

    # ASCII: one line holds whatever a file name or a message holds, also lone surrogates and line separators.
    return json.dumps(line, ensure_ascii=True, default=str)


def _text_line(line: dict[str, object]) -> str:
    fixed = f"{line.pop('time')} {str(line.pop('level')).upper():7} {line.pop('component')}"
    message, trace = line.pop("message"), line.pop("traceback", None)
    rest = " ".join(f"{key}={_quoted(value)}" for key, value in line.items())
    text = f"{fixed}: {message}" + (f"  {rest}" if rest else "") + (f"\n{trace}" if trace else "")
    # Messages and tracebacks quote file names and repository text: no terminal is to obey those.
    return "".join(letter if letter.isprintable() or letter == "\n" else ascii(letter)[1:-1] for letter in text)


def _quoted(value: object) -> str:
    text = str(value)
    plain = text.isprintable() and text and " " not in text and '"' not in text
    return text if plain else ascii(text)
