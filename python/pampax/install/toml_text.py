"""TOML edited in place: one table is added, changed or removed, all other bytes stay.

`tomllib` says what a text means, before and after; this module only finds where its statements stand. A new table goes
to the end of the text, where it can change the meaning of nothing else. What cannot be edited that way (a table written
inline) is refused.
"""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

from pampax.install import Refused
from pampax.install.jsonc import entry_of, with_entry, without_entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
_DOT = re.compile(r"[ \t]*\.[ \t]*")
STRING = re.compile(
    r"""
    "{3} (?:[^\\]|\\.)*? "{3,5}     # several lines, with escapes; quotes may stand right before the closing ones
    | '{3} .*? '{3,5}               # several lines as they are
    | " (?:[^"\\\n]|\\.)* "
    | ' [^'\n]* '
    """,
    re.DOTALL | re.VERBOSE,
)
"""A string of any of the four kinds, with its quotes."""

MOST_SQUARED_DOTS = 4_000_000
"""Dots of one line, squared and added up, over which a text is not given to tomllib: it takes that long."""


class Statement(NamedTuple):
    """A table's header, or a key with its value.

    `path` is the whole one, with the table's; `start` and `end` leave out comments and the line's end.
    """

    header: bool
    path: tuple[str, ...]
    start: int
    end: int
    value_start: int


def value_of(text: str) -> dict[str, Any]:
    """What a text means."""
    if sum(line.count(".") ** 2 for line in text.splitlines()) > MOST_SQUARED_DOTS:
        raise Refused("it is not valid TOML: its keys have too many parts")
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Refused(f"it is not valid TOML: {reason}") from None


def statements(text: str) -> Iterator[Statement]:
    """The statements of a valid text, in order."""
    table: tuple[str, ...] = ()
    position = 0
    while position < len(text):
        if text[position] in " \t\r\n":
            position += 1
        elif text[position] == "#":
            position = _line_end(text, position)
        elif text[position] == "[":
            opening = 2 if text.startswith("[[", position) else 1
            table, end = _key(text, position + opening)
            end = text.index("]", end) + opening
            yield Statement(True, table, position, end, end)
            position = _line_end(text, end)
        else:
            key, end = _key(text, position)
            value = text.index("=", end) + 1
            value += len(text[value:]) - len(text[value:].lstrip(" \t"))
            end = _value_end(text, value)
            yield Statement(False, table + key, position, end, value)
            position = end


def set_entry(
    text: str, path: Sequence[str], name: str, entry: Mapping[str, object], defaults: Mapping[str, object]
) -> str:
    """The text with a table `path.name` that holds `entry`; keys of an older table that `entry` lacks stay."""
    before = value_of(text)
    old = entry_of(before, path, name)
    table = (*path, name)
    if old is None:
        new = {**entry, **defaults}
        return _checked(_append(text, table, new), with_entry(before, path, name, new))
    if not isinstance(old, dict):
        raise Refused(f'"{".".join(table)}" in it is not a table')
    changed = {key: value for key, value in entry.items() if old.get(key) != value}
    wanted = with_entry(before, path, name, {**old, **changed})
    for key, value in changed.items():
        text = _replace(text, table, key, value)
    return _checked(text, wanted)


def remove_entry(text: str, path: Sequence[str], name: str) -> str:
    """The text without the table `path.name` and the tables in it."""
    before = value_of(text)
    if entry_of(before, path, name) is None:
        return text
    table = (*path, name)
    found = [statement for statement in statements(text) if statement.path[: len(table)] == table]
    if not found or not found[0].header:
        raise Refused(f"{'.'.join(table)} is not a table of its own in it: remove it by hand")
    for statement in reversed(found):
        text = _without_lines(text, statement)
    wanted = without_entry(before, path, name)
    if without_entry(value_of(text), path, name) != wanted:
        raise Refused("it is written in a way that cannot be edited safely: remove the server by hand")
    return text


def _checked(text: str, wanted: object) -> str:
    try:
        found: object = value_of(text)
    except Refused:
        found = None
    if found != wanted:
        raise Refused("it is written in a way that cannot be edited safely: add the server by hand")
    return text


def _append(text: str, table: Sequence[str], entry: Mapping[str, object]) -> str:
    line_end = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not text or text.endswith("\n") else line_end
    if text.strip() and not text.endswith(("\n\n", "\n\r\n")):
        gap += line_end
    lines = [f"[{'.'.join(table)}]", *(f"{key} = {_literal(value)}" for key, value in entry.items())]
    return text + gap + line_end.join(lines) + line_end


def _replace(text: str, table: tuple[str, ...], key: str, value: object) -> str:
    """The text with another value for a key of a table that has a header."""
    header = None
    for statement in statements(text):
        if statement.header and statement.path == table:
            header = statement
        elif not statement.header and statement.path == (*table, key):
            return text[: statement.value_start] + _literal(value) + text[statement.end :]
    if header is None:
        raise Refused(f"{'.'.join(table)} is not a table of its own in it: change it by hand")
    end = _line_end(text, header.end)
    line_end = "\r\n" if text[end : end + 2] == "\r\n" else "\n"
    return f"{text[:end]}{line_end}{key} = {_literal(value)}{text[end:]}"


def _literal(value: object) -> str:
    """A string, a switch or a list as TOML: what JSON writes of these is TOML too."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _without_lines(text: str, statement: Statement) -> str:
    """The text without the lines of a statement; a header takes a blank line before it along."""
    start, end = statement.start, _line_end(text, statement.end)
    start = text.rfind("\n", 0, start) + 1
    end += 2 if text[end : end + 2] == "\r\n" else 1
    if statement.header:
        for blank in ("\r\n", "\n"):
            if text[:start].endswith((f"\n{blank}",)) or text[:start] == blank:
                start -= len(blank)
                break
    return text[:start] + text[end:]


def _line_end(text: str, at: int) -> int:
    """Where the line around `at` ends, before its line end."""
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    return end - 1 if end > at and text[end - 1] == "\r" else end


def _key(text: str, at: int) -> tuple[tuple[str, ...], int]:
    """The parts of a key, and where it ends."""
    parts: list[str] = []
    at += len(text[at:]) - len(text[at:].lstrip(" \t"))
    while found := _KEY.match(text, at):
        token = found.group()
        parts.append(str(tomllib.loads(f"key = {token}")["key"]) if token[0] in "\"'" else token)
        at = found.end()
        dot = _DOT.match(text, at)
        if dot is None:
            break
        at = dot.end()
    return tuple(parts), at


def _value_end(text: str, at: int) -> int:
    """Where the value that begins at `at` ends."""
    depth, end = 0, at
    while at < len(text):
        letter = text[at]
        if letter in "\"'":
            found = STRING.match(text, at)
            at = end = found.end() if found else len(text)
            continue
        if letter == "#" or letter == "\n":
            if depth == 0:
                break
            at = _line_end(text, at) if letter == "#" else at + 1
            continue
        depth += (letter in "[{") - (letter in "]}")
        at += 1
        if letter not in " \t\r":
            end = at
    return end
