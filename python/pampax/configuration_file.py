"""One configuration file: found to be fit to read, parsed, and checked key by key.

Loaded only when there is such a file. What a repository's own file may not do is decided here.
"""

# pathlib takes longer to load than all of this package.
# ruff: noqa: PTH100, PTH116, PTH118, PTH119, PTH120, PTH123

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING

from pampax.configuration import (
    BY_KEY,
    MEBIBYTE,
    ConfigurationError,
    Option,
    Refused,
    Setting,
    Value,
    accept,
    is_url,
    nearest,
    quoted,
    shown,
    size_text,
    user_file,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST_FILE_BYTES = MEBIBYTE
"""A configuration file over this size is refused: none is that long by honest means."""

MOST_SQUARED_DOTS = 4_000_000
"""The sum of the squares of the dots in a TOML file's lines over which it is refused: honest files stay far below."""


class ConfigurationFile:
    """One configuration file, read and checked."""

    def __init__(self, path: str, root: str | None = None) -> None:
        """With `root`, it belongs to the repository there and is not trusted; else the user wrote it or named it."""
        self.path = path
        self.root = root
        self.trusted = root is None
        self.text = ""

    def settings(self) -> Iterator[Setting]:
        """Every setting in the file, in its order."""
        for key, raw in self._leaves():
            option = BY_KEY.get(key)
            if option is None:
                raise self._unknown(key)
            yield Setting(option, self._value(option, raw), self.path)

    def _value(self, option: Option, raw: object) -> Value:
        if not self.trusted and option.danger:
            elsewhere = ", ".join(filter(None, (option.flag, option.environment)))
            user = user_file(os.environ) or "the user's configuration file"
            raise self._error(
                option.key,
                f"a repository's own file may not set {option.key}, or it could {option.danger}: "
                f"use {elsewhere} or {user}",
            )
        value = accept(option, raw)
        if isinstance(value, Refused):
            raise self._error(option.key, f"{option.key} = {quoted(option, raw)} is not accepted: {value.reason}")
        most = option.most_in_repository
        if not self.trusted and most and isinstance(value, int) and value > most:
            limit = size_text(most) if option.kind == "size" else str(most)
            elsewhere = " or ".join(filter(None, (option.flag, option.environment)))
            raise self._error(
                option.key,
                f"{option.key} = {shown(raw)} is more than a repository's own file may ask for ({limit}): "
                f"use {elsewhere} to go beyond it",
            )
        if option.kind in ("path", "place") and isinstance(value, str) and not is_url(value):
            return os.path.join(os.path.dirname(os.path.abspath(self.path)), value)
        return value

    def _leaves(self) -> Iterator[tuple[str, object]]:
        """Every key with its value; `[search] limit = 5` gives `search.limit`. Deeper tables are no options."""
        for name, value in self._table().items():
            if not isinstance(value, dict):
                yield name, value
                continue
            for inner, inner_value in value.items():
                yield f"{name}.{inner}", inner_value

    def _table(self) -> dict[str, object]:
        """The table of options in the file; empty where it holds none of ours."""
        content = read_bounded(self.path, self.root)
        name = os.path.basename(self.path)
        project = name == "pyproject.toml"
        # Most pyproject.toml are about other things: they are not worth loading a TOML reader.
        if project and b"pampax" not in content:
            return {}
        try:
            self.text = content.decode("utf-8-sig")
            table = _parse_json(self.text) if name.endswith(".json") else parse_toml(self.text)
        except (ValueError, RecursionError) as error:
            reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
            raise ConfigurationError(f"{self.path} cannot be read: {reason}") from None
        if project:
            tool = table.get("tool", {})
            table = tool.get("pampax", {}) if isinstance(tool, dict) else {}
        if not isinstance(table, dict):
            raise ConfigurationError(f"{self.path}: tool.pampax is to be a table of options")
        return table

    def _unknown(self, key: str) -> ConfigurationError:
        below = [known for known in BY_KEY if known.startswith(key + ".")]
        if below:
            return self._error(key, f"{shown(key)} is a table; its keys are {', '.join(below)}")
        return self._error(key, f"unknown key {shown(key)}{nearest(key, list(BY_KEY), 'keys')}")

    def _error(self, key: str, message: str) -> ConfigurationError:
        line = _line_of(self.text, key)
        return ConfigurationError(f"{self.path}{f', line {line}' if line else ''}: {message}")


def read_bounded(path: str, root: str | None) -> bytes:
    """The content of a file that is ordinary, of a sane size and, with `root`, inside of that repository.

    Raises `ConfigurationError`.
    """
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise ConfigurationError(f"{path} is not an ordinary file")
        if root is not None and not _inside(path, root):
            raise ConfigurationError(f"{path} is a link that leads out of the repository")
        with open(path, "rb") as file:
            content = file.read(LARGEST_FILE_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror or error}") from None
    if len(content) > LARGEST_FILE_BYTES:
        raise ConfigurationError(f"{path} is larger than {size_text(LARGEST_FILE_BYTES)}")
    return content


def parse_toml(text: str) -> dict[str, object]:
    """The table in a TOML text; raises `ValueError` for what is no TOML, or would take long to read."""
    # tomllib takes time and memory by the square of the dots in a key: seconds for 40 kB of `a.a.a. … = 1`.
    if sum(line.count(".") ** 2 for line in text.split("\n")) > MOST_SQUARED_DOTS:
        raise ValueError("a key in it has too many parts")
    import tomllib

    return tomllib.loads(text)


def _parse_json(text: str) -> dict[str, object]:
    import json

    table = json.loads(text)
    if not isinstance(table, dict):
        raise ValueError("it does not hold an object")  # noqa: TRY004 - said like all that is wrong with a file
    return table


def _inside(path: str, root: str) -> bool:
    # The separator at the end keeps `/code/project-other` out of `/code/project`.
    return os.path.realpath(path).startswith(os.path.realpath(root).rstrip(os.sep) + os.sep)


def _line_of(text: str, key: str) -> int | None:
    """The line, from 1, that gives `key` in a TOML or JSON text; None if it is not plain to see."""
    section, _, name = key.rpartition(".")
    header = ""
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped.startswith("["):
            header = stripped.strip("[] ").removeprefix("tool.pampax").strip(". ")
            if header == key:
                return number
        left = re.split("[=:]", stripped.lstrip("{ "), maxsplit=1)[0].replace('"', "").replace(" ", "")
        # A JSON text has no headers: there the last part of the key has to do.
        if left == key or (left == name and (header == section or not header)):
            return number
    return None
