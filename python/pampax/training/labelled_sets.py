"""The list of what is trained on: sets of questions, each over several repositories.

[sets.words]
judge = "hit"
form = "topic"
[[sets.words.repositories]]
name = "shop"
root = "trees/shop"
questions = "labels/shop.jsonl"
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pampax._core import InvalidInput

if TYPE_CHECKING:
    import os

Judge = Literal["hit", "span", "file"]

JUDGES: dict[Judge, str] = {
    "hit": "a file counts at the rank of its first right hit: NDCG@10",
    "span": "a hit on the right lines counts: MRR@10 and recall@10",
    "file": "files are ranked, each once: recall@10 and MRR@10",
}
"""How the questions of a set are judged, in the figures and in the fit."""

Form = Literal["topic", "description", "task"]

FORMS: tuple[Form, ...] = ("topic", "description", "task")
"""In what form questions may be asked: a topic, a description of what a piece of code does, a task to do."""

LARGEST_LIST_BYTES = 4 << 20


class SetError(InvalidInput):
    """A list of sets cannot be used. The text names the file, the field, and what is accepted."""


@dataclass(frozen=True, slots=True)
class LabelledRepository:
    """A repository with the questions that a set has about it."""

    set: str
    """The set weighs as much as any other in the fit, however many questions it has."""
    judge: Judge
    name: str
    """What is left out together: a repository keeps its name in every set it is in."""
    root: Path
    questions: Path
    form: Form | None = None
    """In what form the set's questions are asked; those of sets without one teach nothing about forms."""


def read_sets(path: str | os.PathLike[str]) -> list[LabelledRepository]:
    """Read a list of sets, TOML, or JSON if its name ends in `.json`. Paths are relative to the list's folder.

    Raises `SetError`, or `OSError`.
    """
    file = Path(path)
    content = file.read_bytes()
    if len(content) > LARGEST_LIST_BYTES:
        raise SetError(f"{file}: larger than {LARGEST_LIST_BYTES >> 20} MiB")
    try:
        text = content.decode("utf-8")
        raw: Any = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise SetError(f"{file}: {error}") from None
    sets = _table(file, raw, "", ("sets",)).get("sets")
    if not isinstance(sets, dict) or not sets:
        raise SetError(f"{file}: sets: must be a table of sets")
    found = []
    for name, rows in sets.items():
        found += _set(file, name, rows)
    return found


def _set(file: Path, name: str, raw: object) -> list[LabelledRepository]:
    where = f"sets.{name}"
    table = _table(file, raw, where, ("judge", "form", "repositories"))
    judge = next((known for known in JUDGES if known == table.get("judge")), None)
    if judge is None:
        raise SetError(f"{file}: {where}.judge: must be one of {', '.join(JUDGES)}")
    form = next((known for known in FORMS if known == table.get("form")), None)
    if form is None and "form" in table:
        raise SetError(f"{file}: {where}.form: must be one of {', '.join(FORMS)}")
    rows = table.get("repositories")
    if not isinstance(rows, list) or not rows:
        raise SetError(f"{file}: {where}.repositories: must be a list of repositories")
    found: list[LabelledRepository] = []
    for at, row in enumerate(rows):
        place = f"{where}.repositories[{at}]"
        fields = _table(file, row, place, ("name", "root", "questions"))
        for field in ("name", "root", "questions"):
            if not isinstance(fields.get(field), str) or not fields[field]:
                raise SetError(f"{file}: {place}.{field}: must be text")
        if fields["name"] in {repository.name for repository in found}:
            raise SetError(f'{file}: {place}.name: "{fields["name"]}" is in this set already')
        folder = file.parent
        root, questions = folder / fields["root"], folder / fields["questions"]
        found.append(LabelledRepository(name, judge, fields["name"], root, questions, form))
    return found


def _table(file: Path, raw: object, where: str, known: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise SetError(f"{file}: {where or 'the list'}: must be a table")
    for key in raw:
        if key not in known:
            field = f"{where}.{key}" if where else key
            raise SetError(f"{file}: {field}: unknown field; the known ones are {', '.join(known)}")
    return raw
