"""Documents that a command saves as JSON and reads back: written whole or not at all, read within bounds.

A saved file may come from anybody: what cannot be read is an error that names the file.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def write_document(document: Mapping[str, Any], path: str | os.PathLike[str]) -> None:
    """Write a document to a file, which appears as a whole or not at all."""
    target = Path(path)
    beside = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        beside.write_text(json.dumps(document, ensure_ascii=True, indent=1) + "\n", encoding="utf-8")
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def read_document(
    path: str | os.PathLike[str], *, schema: str, command: str, largest_bytes: int, error: type[Exception]
) -> dict[str, Any]:
    """Read a document that `command` saved with this `schema`. Raises `error` for any other file, or `OSError`."""
    name = os.fspath(path)
    with open(name, "rb") as file:  # noqa: PTH123 - the name stands in messages as it was given
        content = file.read(largest_bytes + 1)
    if len(content) > largest_bytes:
        raise error(f"{name}: larger than {largest_bytes >> 20} MiB")
    try:
        raw = json.loads(content)
    except (ValueError, RecursionError) as problem:
        raise error(f"{name}: not JSON: {problem}") from None
    found = raw.get("schema") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or found != schema:
        raise error(f"{name}: no run of `{command}`: its schema is {found!r:.80}, not {schema!r}")
    return raw
