"""A run: every question asked of a repository, where its answers were found, and the figures over all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from pampax import _core
from pampax.evaluation.bootstrap import Estimate, estimates
from pampax.evaluation.metrics import measures, names_of_measures
from pampax.evaluation.resolve import distinct, resolve

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Sequence

    from pampax._core import Hit, Repository
    from pampax.evaluation.labels import Question
    from pampax.evaluation.resolve import Target

Level = Literal["auto", "file", "span"]
Judged = Literal["file", "span"]

LEVELS: tuple[Level, ...] = ("auto", "file", "span")
"""What is judged: files, the lines of hits, or (auto) lines where the label names lines or a symbol, else files."""

LIMIT = 50
"""How many hits are asked for unless said otherwise."""

SHOWN = 5
"""How many of its first results a run keeps of each question."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One of the first results of a question."""

    path: str
    start_line: int
    end_line: int
    symbol: str | None
    answer: int | None
    """Which of `Result.answers` it shows, counted from 0; None if none."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one question."""

    id: str
    key: str
    query: str
    level: Judged
    intent: str
    """What the engine took it for."""
    labelled_intent: str | None
    languages: tuple[str, ...]
    """The languages of the files of its answers, or the one that the label names."""
    ranks: tuple[int | None, ...]
    """For each answer the rank of the first result that shows it."""
    answers: tuple[str, ...]
    """The answers as text: `path`, `path:first-last` or `path#symbol`; with "or" between those that are one answer."""
    first: tuple[Shown, ...] = field(compare=False)

    def measures(self, limit: int) -> dict[str, float]:
        """The metrics of this question."""
        return measures(self.ranks, limit)


@dataclass(frozen=True, slots=True)
class Run:
    """All questions of a set with what became of them."""

    results: tuple[Result, ...]
    limit: int
    level: Level
    version: str
    """The version of pampax that answered."""
    vectors: str
    """Whether meaning was compared, as in an answer's coverage."""
    missing: int
    """How many answers the index did not hold."""

    @property
    def metrics(self) -> dict[str, Estimate]:
        """Each metric over all questions, with its interval."""
        return self.metrics_of(self.results)

    @property
    def intents(self) -> dict[str, list[Result]]:
        """The questions by what the engine took them for."""
        return _grouped((result.intent, result) for result in self.results)

    @property
    def labelled_intents(self) -> dict[str, list[Result]]:
        """The questions by the intent that their labels name, without those that name none."""
        return _grouped((result.labelled_intent, result) for result in self.results if result.labelled_intent)

    @property
    def languages(self) -> dict[str, list[Result]]:
        """The questions by the languages of their answers; one with answers in two languages counts in both."""
        return _grouped((language, result) for result in self.results for language in result.languages)

    @property
    def intent_accuracy(self) -> float | None:
        """The share of the questions whose intent was recognised, of those whose label names one; None without any."""
        labelled = [result for result in self.results if result.labelled_intent]
        if not labelled:
            return None
        return sum(result.intent == result.labelled_intent for result in labelled) / len(labelled)

    def metrics_of(self, results: Sequence[Result]) -> dict[str, Estimate]:
        """Each metric over some of the questions."""
        names = names_of_measures(self.limit)
        rows = [result.measures(self.limit) for result in results]
        values = np.array([[row[name] for name in names] for row in rows], dtype=np.float64)
        return dict(zip(names, estimates(values), strict=True))

    def worst(self, count: int) -> list[Result]:
        """The questions answered worst, by NDCG@10 and then reciprocal rank."""
        return sorted(self.results, key=lambda result: tuple(result.measures(self.limit).values()))[:count]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the run to a file, to compare a later one with."""
        from pampax.evaluation.saved import save_run

        save_run(self, path)


def evaluate(
    repository: Repository,
    questions: Sequence[Question],
    *,
    limit: int = LIMIT,
    level: Level = "auto",
    allow_missing: bool = False,
    progress: Callable[[int, int], object] | None = None,
) -> Run:
    """Ask `repository`, as it is indexed, every question.

    `limit` is how many hits are asked for, at least 10. `level` is one of `LEVELS`. `progress` is called with how
    many are done and how many there are. Raises `LabelError` if the index does not hold an answer, unless
    `allow_missing`; such an answer then counts as not found.
    """
    if level not in LEVELS:
        raise _core.InvalidInput(f"level must be one of {', '.join(LEVELS)}, not {level}")
    if not 10 <= limit <= 1000:
        raise _core.InvalidInput(f"limit must be from 10 to 1000, not {limit}")
    if not questions:
        raise _core.InvalidInput("there are no questions")
    resolved = resolve(repository, questions, allow_missing=allow_missing)
    results, vectors = [], set()
    for number, (question, targets) in enumerate(zip(questions, resolved, strict=True), 1):
        answer = repository.search(question.query, limit=limit)
        vectors.add(str(answer.coverage.vectors))
        results.append(_result(question, targets, answer.hits, answer.intent, _judged(level, targets)))
        if progress is not None:
            progress(number, len(questions))
    missing = sum(target.missing for targets in resolved for target in targets)
    return Run(tuple(results), limit, level, _core.__version__, "+".join(sorted(vectors)), missing)


def join(runs: Sequence[Run]) -> Run:
    """Runs over several repositories as one; they must have been made alike."""
    first = runs[0]
    if any((run.limit, run.level, run.version) != (first.limit, first.level, first.version) for run in runs):
        raise _core.InvalidInput("the runs differ in limit, level or version")
    return Run(
        tuple(result for run in runs for result in run.results),
        first.limit,
        first.level,
        first.version,
        "+".join(sorted({run.vectors for run in runs})),
        sum(run.missing for run in runs),
    )


def _judged(level: Level, targets: tuple[Target, ...]) -> Judged:
    if level != "auto":
        return level
    return "span" if any(target.spans is not None for target in targets) else "file"


def _result(question: Question, targets: tuple[Target, ...], hits: Sequence[Hit], intent: str, level: Judged) -> Result:
    whole_files = level == "file"
    if whole_files:
        # A ranking of files: each stands where its best hit stands.
        best: dict[str, Hit] = {}
        for hit in hits:
            best.setdefault(hit.path, hit)
        hits = list(best.values())
    groups = distinct(targets, whole_files=whole_files)
    judged = [target for target, _ in groups]
    places = [" or ".join(str(question.answers[at]) for at in members) for _, members in groups]

    def shown(hit: Hit, target: Target) -> bool:
        return target.shown_by(hit.path, hit.start_line, hit.end_line, whole_files=whole_files)

    ranks = tuple(next((rank for rank, hit in enumerate(hits, 1) if shown(hit, target)), None) for target in judged)
    first = tuple(
        Shown(
            hit.path,
            hit.start_line,
            hit.end_line,
            hit.symbol,
            next((at for at, target in enumerate(judged) if shown(hit, target)), None),
        )
        for hit in hits[:SHOWN]
    )
    languages = {question.language} if question.language else {target.language or "text" for target in targets}
    return Result(
        id=question.id,
        key=question.key,
        query=question.query,
        level=level,
        intent=intent,
        labelled_intent=question.intent,
        languages=tuple(sorted(languages)),
        ranks=ranks,
        answers=tuple(target.path for target in judged) if whole_files else tuple(places),
        first=first,
    )


def _grouped(pairs: Iterable[tuple[str | None, Result]]) -> dict[str, list[Result]]:
    groups: dict[str, list[Result]] = {}
    for name, result in pairs:
        if name is not None:
            groups.setdefault(name, []).append(result)
    return dict(sorted(groups.items()))
