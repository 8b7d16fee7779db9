"""Hits of a search as an agent reads them: as few tokens as tell where to look on.

Every token of an answer is paid for, and stays in the context of whoever asked. So a path stands once for all hits of
its file; the best hits show their first lines, the others their signature; what is shown says the name, so the kind is
left out.
"""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Any, NamedTuple

from pampax import _core
from pampax.fitting import most
from pampax.mcp_server.replies import fitting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pampax._core import Hit, Repository

FULL_SNIPPETS = 3
"""Hits that show more than a signature, unless the client says how many lines it wants."""
SNIPPET_LINES = 4
"""Lines of these: a signature and the first of what it does."""
LONGEST_LINE = 200
"""Characters of one line."""
LONGEST_SIGNATURE = 120
UNREADABLE = "(can no longer be read)"


class Shown(NamedTuple):
    """The hits as text."""

    lines: list[str]
    snippets: int
    """How many hits, from the best on, show any of their lines."""


def hit_row(repository: Repository, hit: Hit, rank: int, lines: int | None) -> dict[str, Any]:
    """A hit as structured content; `text` is what is shown of it. `lines` is how many the client wants of each hit."""
    row: dict[str, Any] = {"path": hit.path, "lines": f"{hit.start_line}-{hit.end_line}", "score": round(hit.score, 2)}
    if hit.symbol:
        row |= {"symbol": hit.symbol, "kind": hit.kind}
    if lines == 0:
        return row
    wanted = lines or SNIPPET_LINES
    # From the line of the name on: a signature says more than the first lines of its documentation.
    first = max(hit.start_line, min(hit.line, hit.end_line - wanted + 1))
    try:
        text = repository.text(hit.path, first, min(hit.end_line, first + wanted - 1))
    except _core.PampaxError:
        row["text"] = UNREADABLE
        return row
    kept = textwrap.dedent("\n".join(line.rstrip()[:LONGEST_LINE] for line in text.splitlines() if line.strip()))
    if lines:
        row["text"] = kept
    else:
        signature, *body = _signature_first(kept.split("\n"))
        row["text"] = "\n".join([signature, *body[: SNIPPET_LINES if rank < FULL_SNIPPETS else 0]])
    return row


def _signature_first(lines: Sequence[str]) -> list[str]:
    """The lines, those up to where the brackets of the first are closed as one."""
    depth = taken = 0
    while taken < len(lines) and (depth > 0 or not taken):
        line = lines[taken]
        depth += sum(line.count(opening) for opening in "([") - sum(line.count(closing) for closing in ")]")
        taken += 1
    signature = " ".join(line.strip() for line in lines[:taken])
    return [re.sub(r"(?<=[(\[]) ", "", signature)[:LONGEST_SIGNATURE], *lines[taken:]]


def hit_lines(rows: Sequence[dict[str, Any]], tokens: int) -> Shown:
    """The hits by file, the file with the best hit first; each with its text as long as there is room."""
    whole = _drawn(rows, len(rows))
    # Mostly there is room for all, and one count is enough.
    if _cost(whole) <= tokens:
        return Shown(whole, sum("text" in row for row in rows))
    # The best ones are those with text.
    snippets = most(len(rows) - 1, lambda count: _cost(_drawn(rows, count)) <= tokens)
    return Shown(fitting(_drawn(rows, snippets), tokens)[0], snippets)


def _drawn(rows: Sequence[dict[str, Any]], snippets: int) -> list[str]:
    by_file: dict[str, list[int]] = {}
    for rank, row in enumerate(rows):
        by_file.setdefault(row["path"], []).append(rank)
    lines = []
    for path, ranks in by_file.items():
        for number, rank in enumerate(ranks):
            row = rows[rank]
            text = row.get("text") if rank < snippets else None
            lines.append(f"{'' if number else path}:{row['lines']}{_name(row, text)}")
            lines += [f" {line}" for line in text.split("\n")] if text else []
    return lines


def _name(row: dict[str, Any], text: str | None) -> str:
    """The symbol; its kind where no line shows that, nothing where the lines show all of it."""
    symbol = row.get("symbol")
    if symbol is None:
        return ""
    if not text or text == UNREADABLE:
        return f" {row['kind']} {symbol}"
    return "" if symbol in text.split("\n", 1)[0] else f" {symbol}"


def _cost(lines: Sequence[str]) -> int:
    return _core.count_tokens("\n".join(lines))
