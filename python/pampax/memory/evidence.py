"""Evidence of memories: lines of indexed files, and whether they still are what they were."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, NamedTuple

from pampax import _core

if TYPE_CHECKING:
    from pampax._core import Repository

MOST_LINES = 2_000
"""Lines of one piece of evidence; more are no evidence for anything in particular."""

CURRENT, CHANGED, GONE, ELSEWHERE = "current", "changed", "gone", "elsewhere"


class Evidence(NamedTuple):
    """Lines of a file, as they were when something was remembered."""

    path: str
    start_line: int
    end_line: int
    content: str
    """A hash of the lines."""
    root: str
    """The repository they are in. A scope may be shared by several."""

    @property
    def place(self) -> str:
        """`path:10-20`."""
        return f"{self.path}:{self.start_line}-{self.end_line}"

    def state(self, repository: Repository) -> str:
        """Whether the lines are as they were: current, changed, gone, or elsewhere (of another repository).

        That other lines were put above them changes their numbers and not what they say: they are looked for near by.
        """
        if self.root != repository.root:
            return ELSEWHERE
        try:
            if hashed(repository.text(self.path, self.start_line, self.end_line)) == self.content:
                return CURRENT
            every = repository.text(self.path, 1, 1_000_000).splitlines()
        except (_core.PampaxError, OSError):
            return GONE
        length = self.end_line - self.start_line + 1
        for first in range(max(0, self.start_line - 400), min(len(every) - length, self.start_line + 400) + 1):
            if hashed("\n".join(every[first : first + length])) == self.content:
                return CURRENT
        return CHANGED


def read_evidence(repository: Repository, place: str) -> Evidence:
    """The evidence that `path`, `path:10` or `path:10-20` names; raises `InvalidInput` if it is no indexed code.

    Bundles and memories are none: a memory that rests on a memory would be believed for having been repeated.
    """
    match = re.fullmatch(r"(.+?)(?::([0-9]{1,9})(?:-([0-9]{1,9}))?)?", place, re.DOTALL)
    if match is None:
        raise _core.InvalidInput("evidence: an empty text is no place: give PATH:LINES, such as src/app.py:10-20")
    outline = repository.outline(match[1])
    if outline.empty_reason in ("not-found", "not-indexed"):
        raise _core.InvalidInput(
            f"evidence: {match[1][:200]} is no file in the index ({outline.empty_reason}): give PATH:LINES of indexed "
            "files; bundles and other memories are no evidence"
        )
    start = int(match[2] or 1)
    end = int(match[3] or match[2] or max(1, outline.lines))
    if not 1 <= start <= end <= max(1, outline.lines):
        raise _core.InvalidInput(f"evidence: {place[:200]}: {match[1][:200]} has {outline.lines} lines")
    if end - start >= MOST_LINES:
        raise _core.InvalidInput(f"evidence: {place[:200]} has more than {MOST_LINES} lines: name those that matter")
    return Evidence(match[1], start, end, hashed(repository.text(match[1], start, end)), repository.root)


def hashed(text: str) -> str:
    """A hash of lines, whatever ends them and whatever white space stands at their ends."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return hashlib.blake2b(lines.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
