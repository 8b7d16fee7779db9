"""`pampax eval`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pampax.cli.options import PampaxCommand

if TYPE_CHECKING:
    from pampax._core import Repository
    from pampax.cli.request import Request
    from pampax.evaluation.run import Level

EXAMPLES = """
pampax eval questions.jsonl
pampax eval questions.jsonl --show-failures 10
pampax eval questions.jsonl --save base.json
pampax eval questions.jsonl --compare base.json --threshold 0.02
pampax -C ../shop eval shop.jsonl --level file --json
"""


@click.command("eval", cls=PampaxCommand, epilog=EXAMPLES)
@click.argument("questions", metavar="QUESTIONS", type=click.Path())
@click.option("--limit", metavar="N", type=click.IntRange(10, 1000), default=50, show_default=True,
              help="Ask for N hits of each question; recall is given at N too.")  # fmt: skip
@click.option("--level", type=click.Choice(["auto", "file", "span"]), default="auto", show_default=True,
              help="Judge files, or lines; auto: lines where the label has lines or a symbol, else files.")  # fmt: skip
@click.option("--allow-missing", is_flag=True,
              help="Count an answer that the index does not hold as not found. Without it: an error.")  # fmt: skip
@click.option("--save", metavar="FILE", type=click.Path(), help="Write the run to FILE.")
@click.option("--compare", "base", metavar="FILE", type=click.Path(),
              help="Compare with the run in FILE; exit code 1 if this one is worse.")  # fmt: skip
@click.option("--metric", metavar="NAME", default="ndcg@10", show_default=True,
              help="The metric that decides: ndcg@10, mrr@10, recall@1, @5, @10 or recall@LIMIT.")  # fmt: skip
@click.option("--threshold", metavar="DROP", type=click.FloatRange(0, 1), default=0.02, show_default=True,
              help="The drop of that metric that is let pass.")  # fmt: skip
@click.option("--show-failures", "failures", metavar="N", type=click.IntRange(0, 10_000), default=0,
              help="Show the N questions answered worst, and what they got.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Write the run as JSON (schema pampax.evaluation/1).")
@click.pass_obj
def command(
    request: Request,
    questions: str,
    limit: int,
    level: str,
    allow_missing: bool,
    save: str | None,
    base: str | None,
    metric: str,
    threshold: float,
    failures: int,
    as_json: bool,
) -> int:
    """Measure how good the answers are.

    QUESTIONS is a file of labelled questions, one JSON object a line: {"query": "...", "answers": [{"path": "...",
    "symbol": "..."}]}. The index is brought up to date first, unless auto_index is off.
    """
    from pampax import evaluation
    from pampax.evaluation.saved import document

    if metric not in evaluation.names_of_measures(limit):
        known = ", ".join(evaluation.names_of_measures(limit))
        raise click.UsageError(f"--metric must be one of {known}", click.get_current_context())
    # What may be wrong with the files is said before anything is indexed.
    labelled = evaluation.read_questions(questions)
    earlier = None if base is None else evaluation.load_run(base)
    run = evaluation.evaluate(
        _up_to_date(request), labelled, limit=limit, level=_level(level), allow_missing=allow_missing
    )
    comparison = None if earlier is None else evaluation.compare(run, earlier, metric=metric, threshold=threshold)
    if save is not None:
        run.save(save)
    regression = comparison is not None and comparison.regression
    request.log.add(questions=len(run.results), missing_answers=run.missing, regression=regression)
    if regression:
        request.log.status = "regression"
    if as_json:
        from pampax.cli.documents import json_text

        request.out.document(json_text(document(run, comparison)))
    else:
        from pampax.cli.evaluation_text import draw_comparison, draw_failures, draw_run

        draw_run(request.out, run)
        if comparison is not None:
            draw_comparison(request.out, comparison, failures)
        draw_failures(request.out, run, failures)
    if regression and comparison is not None:
        drop = -comparison.changes[metric].mean
        request.notice(f"regression: {metric} fell by {drop:.3f}, more than {threshold}")
    return 1 if regression else 0


def _level(text: str) -> Level:
    from pampax.evaluation import LEVELS

    return next(level for level in LEVELS if level == text)


def _up_to_date(request: Request) -> Repository:
    """The repository with an index that is up to date: figures from an old one would be about other files."""
    from pampax.cli.request import refuse_careless_index

    repository = request.open()
    if request.configuration.switch("auto_index"):
        if not repository.is_indexed:
            refuse_careless_index(repository.root)
        request.index(repository, force=False)
    return repository
