"""`--max-tokens`: whole hits as long as they fit, the same ones in text and in JSON, and what is said about the rest.

A command says how its first so many hits are drawn, and `bounded` finds how many of them fit. The first hit is always
there; if it alone costs too much, its lines are cut. Tokens are those of what is written to stdout; of JSON, which
holds other things than the text and often less, they are those of the text that a pipe would have got.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from pampax.cli.figures import count_text
from pampax.cli.terminal import Output
from pampax.fitting import most

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pampax.cli.request import Request

    Draw = Callable[[Output, int], None]
    """Writes the first so many hits."""

MARK = "…"
"""Stands where the first hit is cut."""

_STYLE = re.compile(r"\x1b\[[0-9;]*m")


class Bounded(NamedTuple):
    """The hits that fit."""

    kept: int
    """How many are shown, from the first on."""
    total: int
    limit: int | None
    """The most tokens; None if there is no bound."""
    content: bytes = b""
    """Their text, if there is a bound."""
    is_cut: bool = False
    """Whether lines of the first hit are left out."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return self.kept == self.total and not self.is_cut

    @property
    def left_out(self) -> int:
        """How many hits are not shown."""
        return self.total - self.kept

    def note(self, noun: str = "hit", *, cut: bool = True) -> str | None:
        """What is left out, and what to do about it; None if nothing is. `cut`: whether the form it is for is cut."""
        if self.limit is None or self.is_whole:
            return None
        parts = [f"the first {noun} {'is cut' if cut else 'alone costs more'}"] if self.is_cut else []
        if self.left_out:
            parts.append(f"{count_text(self.left_out, noun)} left out")
        within = count_text(self.limit, "token")
        return f"{', '.join(parts)} (at most {within}): raise --max-tokens, or ask for less"

    def write(self, out: Output, draw: Draw) -> None:
        """Write the hits that fit; all of them, drawn now, if there is no bound."""
        if self.limit is None:
            draw(out, self.total)
        else:
            out.write_bytes(self.content)

    def mark(self, coverage: Mapping[str, Any], noun: str = "hit", *, cut: bool = False) -> dict[str, Any]:
        """The coverage of a JSON document, with what is left out; `cut`: whether its first row is cut."""
        note = self.note(noun, cut=cut)
        if note is None:
            return dict(coverage)
        notes = [*coverage.get("notes", []), note]
        return {**coverage, "truncated": True, "left_out": self.left_out, "notes": notes}

    def document(self, whole: Mapping[str, Any], rows: str, noun: str = "hit") -> str:
        """An answer as JSON, with those of its `rows` that fit."""
        from pampax.cli.documents import json_text

        kept = {**whole, rows: whole[rows][: self.kept]}
        return json_text({**kept, "coverage": self.mark(whole["coverage"], noun)})


def bounded(
    request: Request,
    limit: int | None,
    total: int,
    draw: Draw,
    *,
    as_json: bool = False,
    least: Callable[[Output], None] | None = None,
) -> Bounded:
    """How many of the `total` hits fit into `limit` tokens.

    `least` draws what of the first hit is to be there at any rate, where that is not its first lines.
    """
    if limit is None or not total:
        return Bounded(total, total, None)
    out = Output(None) if as_json else request.out
    encoding = request.configuration.text("assemble.encoding")

    def drawn(count: int) -> bytes:
        memory = _Memory(out)
        draw(memory, count)
        return memory.content

    count = most(total, lambda count: _cost(drawn(count), encoding) <= limit)
    if count:
        return Bounded(count, total, limit, drawn(count))
    if least is None:
        first = drawn(1)
    else:
        memory = _Memory(out)
        least(memory)
        first = memory.content
    return Bounded(1, total, limit, cut(first, limit, encoding), is_cut=True)


def cut(content: bytes, limit: int, encoding: str) -> bytes:
    """The first lines of a text that cost at most `limit` tokens together with a mark; of a long line its beginning."""
    mark = f"{MARK}\n".encode()
    lines = content.splitlines(keepends=True)
    count = most(len(lines), lambda count: _cost(b"".join(lines[:count]) + mark, encoding) <= limit)
    if count:
        return b"".join(lines[:count]) + mark
    # A style that was begun would go on behind the end.
    line = _STYLE.sub("", content.decode("utf-8", "replace")).split("\n", 1)[0]
    return line[: length_within(line, limit, encoding)].encode() + mark


def length_within(text: str, limit: int, encoding: str) -> int:
    """How many of the first characters of a text cost at most `limit` tokens together with a mark."""
    return most(len(text), lambda count: _cost(f"{text[:count]}{MARK}\n".encode(), encoding) <= limit)


def _cost(content: bytes, encoding: str) -> int:
    from pampax import _core

    return _core.count_tokens(content.decode("utf-8", "replace"), encoding)


class _Memory(Output):
    """Keeps what is written, drawn as it would be for another output."""

    def __init__(self, like: Output) -> None:
        super().__init__(None)
        self.terminal, self.colour, self.raw = like.terminal, like.colour, like.raw
        self._parts: list[bytes] = []

    @property
    def content(self) -> bytes:
        """All that was written."""
        return b"".join(self._parts)

    def write_bytes(self, content: bytes) -> None:
        """Keep bytes."""
        self._parts.append(content)
