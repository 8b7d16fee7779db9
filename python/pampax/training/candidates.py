"""What the ranker sees of a question: its candidates, their features, and which of them are right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pampax._core import form_features
from pampax.evaluation import read_questions, resolve
from pampax.training.weights import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from pampax._core import Repository
    from pampax.training.labelled_sets import Form, Judge, LabelledRepository

CANDIDATES = 200
"""How many hits are asked for: as many as the engine ranks."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """A question with its candidates, one row each, in the order in which the engine ranked them."""

    repository: str
    set: str
    judge: Judge
    intent: str
    features: NDArray[np.float64]
    """A column for each of the names that `ask` gives."""
    rules: NDArray[np.float64]
    """What the rules, which are not fitted, add to each score."""
    group: NDArray[np.int64]
    """The number of the file."""
    right: NDArray[np.bool_]
    start: NDArray[np.int64]
    """The first line, which decides between equal scores."""
    answers: int
    """How many answers the label names, found or not."""
    exempt: NDArray[np.bool_] | None = None
    """Which candidates lose nothing for earlier ones of their file: those that have the question word by word."""
    form: Form | None = None
    """In what form it is asked, if the label says so."""
    surface: Mapping[str, float] | None = None
    """What the model of forms sees of it; None for a name or a path, which have no form."""


def ask(
    repositories: Iterable[LabelledRepository],
    open_repository: Callable[[LabelledRepository], Repository],
    progress: Callable[[LabelledRepository, int], object] | None = None,
) -> tuple[list[Candidates], list[str]]:
    """Ask every labelled question; gives the candidates and the names of their features.

    `open_repository` gives a repository with its index up to date. `progress` is told of each repository that is done
    and how many questions it had. A question without any hits teaches nothing and is left out. An answer that is not
    in the index counts as not found.
    """
    found: list[tuple[Candidates, list[dict[str, float]]]] = []
    for labelled in repositories:
        repository = open_repository(labelled)
        questions = read_questions(labelled.questions)
        for question, targets in zip(questions, resolve(repository, questions, allow_missing=True), strict=True):
            answer = repository.search(question.query, limit=CANDIDATES, explain=True).to_dict()
            hits = answer["hits"]
            if not hits:
                continue
            shares = [{row["feature"]: row["value"] for row in hit["explain"]["features"]} for hit in hits]
            files: dict[str, int] = {}
            right = [
                any(
                    target.shown_by(hit["path"], hit["start_line"], hit["end_line"], whole_files=False)
                    for target in targets
                )
                for hit in hits
            ]
            candidates = Candidates(
                repository=labelled.name,
                set=labelled.set,
                judge=labelled.judge,
                intent=answer["intent"],
                features=np.empty((0, 0)),
                rules=np.array([sum(row.get(name, 0.0) * weight for name, weight in RULES.items()) for row in shares]),
                group=np.array([files.setdefault(hit["path"], len(files)) for hit in hits]),
                right=np.array(right),
                start=np.array([hit["start_line"] for hit in hits]),
                answers=len(targets),
                exempt=np.array([row.get("chunk_literal", 0.0) > 0 for row in shares]),
                form=labelled.form,
                surface=form_features(question.query),
            )
            found.append((candidates, shares))
        if progress is not None:
            progress(labelled, len(questions))
    # The penalty for further hits of a file is not a feature of a candidate: it is chosen apart.
    names = sorted({name for _, rows in found for row in rows for name in row} - {"repeat_penalty", *RULES})
    return [_with_features(candidates, rows, names) for candidates, rows in found], names


def _with_features(candidates: Candidates, rows: list[dict[str, float]], names: list[str]) -> Candidates:
    from dataclasses import replace

    features = np.array([[row.get(name, 0.0) for name in names] for row in rows], dtype=np.float64)
    return replace(candidates, features=features)
