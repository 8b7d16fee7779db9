"""Definitions by their name, with what the list of them is based on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pampax._core import Coverage, Repository, SymbolHit

EmptyReason: TypeAlias = Literal[
    "filtered-out", "stale", "language-not-parsed", "not-parsed-for-memory", "confirmed-absent"
]


class Definitions(NamedTuple):
    """The definitions of a name."""

    symbols: list[SymbolHit]
    truncated: bool
    """Whether there are more than the limit."""
    coverage: Coverage
    empty_reason: EmptyReason | None
    """Why there are none; None if there are some."""


def definitions(
    repository: Repository,
    name: str,
    *,
    prefix: bool = False,
    limit: int = 50,
    kinds: Sequence[str] = (),
    languages: Sequence[str] = (),
    paths: Sequence[str] = (),
) -> Definitions:
    """Up to `limit` definitions; the arguments and what is raised are those of `Repository.symbols`."""
    found = repository.symbols(name, prefix=prefix, limit=limit + 1, kinds=kinds, languages=languages, paths=paths)
    # Of a file that changed, the lines shown may be others now.
    coverage = repository.coverage(sorted({hit.path for hit in found[:limit]}))
    why = None if found else _why_none(repository, name, prefix=prefix, coverage=coverage)
    return Definitions(found[:limit], len(found) > limit, coverage, why)


def _why_none(repository: Repository, name: str, *, prefix: bool, coverage: Coverage) -> EmptyReason:
    if repository.symbols(name, prefix=prefix, limit=1):
        return "filtered-out"
    # The graph looks at the tree, and into files that are not parsed, before it says of a name that there is none.
    why = repository.graph(name, "references", limit=1).empty_reason
    if why == "stale":
        return "stale"
    if coverage.files_without_symbols:
        return "not-parsed-for-memory"
    return "language-not-parsed" if why == "language-not-parsed" else "confirmed-absent"
