#!/usr/bin/env python3
"""How good the answers are: the labelled questions of this repository, or sets of yours, with the machine's facts.

    bench_eval.py [--sets FILE] [--words-alone] [--limit N] [--json FILE]

Without --sets: the questions in corpora/labelled. With it: the sets of a list as `pampax train-ranker` reads it, each
judged as the list says ("span" by lines, "hit" and "file" by files). The measuring is that of `pampax eval`; here a set
may have several repositories, and its figures are means over them, so that a large one does not drown the others. A
change between two builds is judged with `pampax eval --save` and `--compare`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import measure

if TYPE_CHECKING:
    from pampax.evaluation import Run


def own_sets(store: Path, vectors: bool) -> dict[str, dict[str, Run]]:
    """The sets of this repository, each over one repository."""
    sys.path.insert(0, str(measure.ROOT))
    from corpora import labelled

    return {name: {name: labelled.measure(name, store / name, vectors=vectors)} for name in labelled.ROOTS}


def listed_sets(file: Path, store: Path, vectors: bool, limit: int) -> dict[str, dict[str, Run]]:
    """The sets of a list. Answers that are not in the index count as not found."""
    import pampax
    from pampax import evaluation, training

    runs: dict[str, dict[str, Run]] = {}
    for labelled in training.read_sets(file):
        repository = pampax.open(labelled.root, store=store / f"{labelled.set}-{labelled.name}", vectors=vectors)
        repository.index()
        questions = evaluation.read_questions(labelled.questions)
        level = "span" if labelled.judge == "span" else "file"
        run = evaluation.evaluate(repository, questions, limit=limit, level=level, allow_missing=True)
        runs.setdefault(labelled.set, {})[labelled.name] = run
        print(f"{labelled.set} {labelled.name}: {len(questions)} questions", file=sys.stderr)
    return runs


def main() -> None:
    """The command line."""
    parser = measure.parser(__doc__)
    parser.add_argument("--sets", type=Path, metavar="FILE")
    parser.add_argument("--words-alone", action="store_true", help="without vectors")
    parser.add_argument("--limit", type=int, default=50, help="hits asked of each question of --sets")
    options = parser.parse_args()
    measure.require_release_build(options.allow_debug)
    with tempfile.TemporaryDirectory(prefix="pampax-bench-") as folder:
        if options.sets is None:
            runs = own_sets(Path(folder), not options.words_alone)
        else:
            runs = listed_sets(options.sets, Path(folder), not options.words_alone, options.limit)
    report: dict[str, dict[str, object]] = {}
    rows: list[list[object]] = []
    for name, by_repository in runs.items():
        figures = {
            repository: {metric: found.mean for metric, found in run.metrics.items()}
            for repository, run in by_repository.items()
        }
        metrics = list(next(iter(figures.values())))
        mean = {metric: sum(row[metric] for row in figures.values()) / len(figures) for metric in metrics}
        report[name] = {"mean": mean, "repositories": figures}
        questions = sum(len(run.results) for run in by_repository.values())
        rows += [[f"{name}: {metric}", value, len(figures), questions] for metric, value in mean.items()]
    print(measure.table(["metric", "mean", "repositories", "questions"], rows))
    measure.finish("eval", {"vectors": not options.words_alone, "sets": report}, options.json)


if __name__ == "__main__":
    main()
