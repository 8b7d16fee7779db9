"""From the places of a label to lines of the indexed files: what a symbol spans is asked of the index."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pampax.evaluation.labels import LabelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pampax._core import Repository
    from pampax.evaluation.labels import Place, Question

Spans = tuple[tuple[int, int], ...]

_MOST_DEFINITIONS = 10_000
_ERRORS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Target:
    """An answer as it can be compared with hits."""

    path: str
    spans: Spans | None
    """First and last lines, of which a hit must touch one; None if the whole file is the answer."""
    language: str | None
    """The language of the file; None if it is in none that is parsed, or not indexed."""
    missing: bool = False
    """Whether the index does not hold it, so that nothing can find it."""

    def shown_by(self, path: str, start_line: int, end_line: int, *, whole_files: bool) -> bool:
        """Whether a hit on these lines shows the answer; with `whole_files`, any hit of the file does."""
        if path != self.path:
            return False
        if self.spans is None or whole_files:
            return True
        return any(start <= end_line and start_line <= end for start, end in self.spans)


def resolve(
    repository: Repository, questions: Sequence[Question], *, allow_missing: bool = False
) -> list[tuple[Target, ...]]:
    """The targets of each question.

    An answer that the index does not hold (a file that is gone, a symbol that was renamed) would count as never
    found, which looks like a loss of quality. So it raises `LabelError`, unless `allow_missing`.
    """
    index = _Index(repository)
    resolved, errors = [], []
    for question in questions:
        targets = tuple(index.target(place) for place in question.answers)
        for at, (place, target) in enumerate(zip(question.answers, targets, strict=True)):
            if target.missing:
                what = (
                    f'symbol: no "{place.symbol}" in {place.path}' if index.has(place.path) else f"path: {place.path}"
                )
                errors.append(f"{question.origin}: answers[{at}].{what}")
        resolved.append(targets)
    if errors and not allow_missing:
        more = f"; and {len(errors) - _ERRORS_SHOWN} more" if len(errors) > _ERRORS_SHOWN else ""
        listed = "; ".join(errors[:_ERRORS_SHOWN])
        raise LabelError(f"the index does not hold {len(errors)} of the answers: {listed}{more}")
    return resolved


def distinct(targets: Sequence[Target], *, whole_files: bool) -> list[tuple[Target, list[int]]]:
    """Answers that one hit cannot but show together, as one: those that overlap, or with `whole_files` of one file.

    A method and its class, or a file and a function in it, name the same place more and less exactly; counted twice,
    no ranking could show them at two ranks. Gives each with the numbers of the targets it is made of.
    """
    groups: list[tuple[Target, list[int]]] = []
    for at, target in enumerate(targets):
        joined, members = target, [at]
        apart = []
        for other, numbers in groups:
            if other.path == joined.path and (whole_files or _overlap(other, joined)):
                joined, members = _union(other, joined), [*numbers, *members]
            else:
                apart.append((other, numbers))
        groups = [*apart, (joined, sorted(members))]
    return sorted(groups, key=lambda group: group[1])


def _overlap(left: Target, right: Target) -> bool:
    if left.spans is None or right.spans is None:
        return True
    return any(start <= last and first <= end for start, end in left.spans for first, last in right.spans)


def _union(left: Target, right: Target) -> Target:
    spans = None if left.spans is None or right.spans is None else left.spans + right.spans
    return Target(left.path, spans, left.language or right.language, left.missing and right.missing)


class _Index:
    """What the index says about files and symbols, asked once each."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._files: dict[str, tuple[bool, str | None]] = {}
        self._symbols: dict[tuple[str, str], Spans] = {}

    def has(self, path: str) -> bool:
        """Whether the index holds the file."""
        return self._file(path)[0]

    def target(self, place: Place) -> Target:
        """The target of a place."""
        known, language = self._file(place.path)
        spans: Spans | None = None
        if place.symbol is not None:
            spans = self._spans(place.path, place.symbol)
        elif place.start_line is not None and place.end_line is not None:
            spans = ((place.start_line, place.end_line),)
        return Target(place.path, spans, language, missing=not known or spans == ())

    def _file(self, path: str) -> tuple[bool, str | None]:
        if path not in self._files:
            answer = self._repository.search(path, limit=1, paths=[_glob(path)])
            languages = [hit.language for hit in answer.hits if hit.path == path]
            self._files[path] = (True, languages[0]) if languages else (False, None)
        return self._files[path]

    def _spans(self, path: str, symbol: str) -> Spans:
        key = (path, symbol)
        if key not in self._symbols:
            found = self._repository.symbols(symbol, limit=_MOST_DEFINITIONS, paths=[_glob(path)])
            self._symbols[key] = tuple(
                (hit.start_line, hit.end_line) for hit in found if hit.path == path and hit.exact
            )
        return self._symbols[key]


def _glob(path: str) -> str:
    """The glob that matches this path and no other; a slash in front keeps a bare name at the root."""
    return "/" + re.sub(r"([*?\[\]{}!\\])", r"\\\1", path)
