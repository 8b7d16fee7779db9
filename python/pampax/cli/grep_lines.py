"""What `pampax grep` shows of its first so many hits: matching lines, or files where only these are listed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from pampax.cli.token_limit import Bounded, length_within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pampax._core import GrepAnswer

SEPARATOR = b"--\n"
"""Stands between groups of lines."""


class FirstHits:
    """An answer, and the same answer with its first hits alone."""

    def __init__(self, answer: GrepAnswer, mode: str) -> None:
        """`mode` is what is listed: lines, counts or files."""
        self._mode = mode
        self._answer = answer
        self._raw_ends: list[int] | None = None
        self.noun = "line" if mode == "lines" else "file"
        """What a hit is."""

    @property
    def total(self) -> int:
        """How many hits there are."""
        return len(self._whole["files"]) if self._mode == "counts" else self._answer.matches

    @cached_property
    def _whole(self) -> dict[str, Any]:
        """All of it; made only where it is needed, as an answer may be large."""
        return self._answer.to_dict()

    @cached_property
    def _content(self) -> bytes:
        return self._answer.to_lines()

    def document(self, count: int) -> dict[str, Any]:
        """The document with the first `count` hits, and with what stands around them."""
        if count >= self.total:
            return self._whole
        if self._mode != "lines":
            files = self._whole["files"][:count]
            return {**self._whole, "files": files, "matches": sum(file["matches"] for file in files)}
        files, left = [], count
        for file in self._whole["files"]:
            if not left:
                break
            ends = _hit_ends(file["lines"])
            found = min(left, len(ends))
            lines = file["lines"][: ends[found - 1]]
            # That a search ended at a NUL byte is known of files that are shown to their end alone.
            binary = file if found == file["matches"] else {key: file[key] for key in file if key != "binary"}
            files.append({**binary, "lines": lines, "matches": found})
            left -= found
        return {**self._whole, "files": files, "matches": count}

    def raw(self, count: int) -> bytes:
        """The first `count` hits as grep writes them, bytes that are no UTF-8 as they are in the file."""
        content = self._content
        if count >= self.total:
            return content
        if self._raw_ends is None:
            self._raw_ends = list(self._ends(content))
        return content[: self._raw_ends[count - 1] if count else 0]

    def least(self) -> dict[str, Any]:
        """The document with the first matching line alone, or the first file."""
        first = self.document(1)
        if self._mode != "lines":
            return first
        file = first["files"][0]
        return {**first, "files": [{**file, "lines": [line for line in file["lines"] if not line.get("context")]}]}

    def bounded(self, shown: Bounded, encoding: str) -> dict[str, Any]:
        """The document with the hits that fit; the text of the first is cut if it alone does not."""
        document = self.document(shown.kept)
        if shown.is_cut and shown.limit is not None:
            document = self.least()
            for line in document["files"][0].get("lines", []):
                _cut(line, length_within(line["text"], shown.limit, encoding))
        return {**document, "coverage": shown.mark(document["coverage"], self.noun, cut=True)}

    def _ends(self, content: bytes) -> Iterator[int]:
        """Where each hit ends in what grep writes: a path may hold line ends, so that lines cannot just be counted."""
        at = 0
        for file in self._whole["files"]:
            if self._mode != "lines":
                shown = file["path"] if self._mode == "files" else f"{file['path']}:{file['matches']}"
                at += len(shown.encode()) + 1
                yield at
                continue
            line_ends = [0]
            for line in file["lines"]:
                mark = "-" if line.get("context") else ":"
                head = f"{file['path']}{mark}{line['line']}{mark}".encode()
                if not content.startswith(head, at):
                    at += len(SEPARATOR)
                at = content.index(b"\n", at + len(head)) + 1
                line_ends.append(at)
            yield from (line_ends[end] for end in _hit_ends(file["lines"]))


def _hit_ends(lines: list[dict[str, Any]]) -> list[int]:
    """Behind which line each hit of a file ends: where the next one begins, or the next group of lines."""
    ends: list[int] = []
    is_open = False
    for number, line in enumerate(lines):
        is_match = not line.get("context")
        if is_open and (is_match or line["line"] > lines[number - 1]["line"] + 1):
            ends.append(number)
            is_open = False
        is_open = is_open or is_match
    return [*ends, len(lines)] if is_open else ends


def _cut(line: dict[str, Any], length: int) -> None:
    """Leave the first characters of a line."""
    if length < len(line["text"]):
        line["text"] = line["text"][:length]
        end = len(line["text"].encode())
        line["spans"] = [[first, min(last, end)] for first, last in line["spans"] if first < end]
        line["cut"] = True
