"""Labelled questions of our own, and the one way to measure them.

Two sets: `pampax.jsonl` about this repository (its root is the repository's), and `polyglot.jsonl` about the sample
project in `polyglot/`. The tests hold their figures above a floor, asv tracks them, `tests/benchmarks/bench_eval.py`
keeps them with the facts of the machine; all of them call `measure`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pampax
from pampax import evaluation

if TYPE_CHECKING:
    from pampax.evaluation import Run

FOLDER = Path(__file__).resolve().parent
ROOTS: dict[str, Path] = {"pampax": FOLDER.parents[1], "polyglot": FOLDER / "polyglot"}
"""The sets, and the repository each is about. The questions are in `<set>.jsonl`, beside this file."""


def measure(name: str, store: Path, *, vectors: bool = True) -> Run:
    """Index the repository of a set into `store`, which may be a new folder, and ask the questions of the set."""
    repository = pampax.open(ROOTS[name], store=store, vectors=vectors)
    repository.index()
    return evaluation.evaluate(repository, evaluation.read_questions(FOLDER / f"{name}.jsonl"))
