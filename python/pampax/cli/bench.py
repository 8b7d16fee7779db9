"""`pampax bench`."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Any

import click

from pampax.cli.options import PampaxCommand

if TYPE_CHECKING:
    from collections.abc import Callable

    from pampax.benchmarks import Plan
    from pampax.cli.request import Request

EXAMPLES = """
pampax bench --quick
pampax bench --corpus medium --save base.json
pampax bench --corpus medium --compare base.json
pampax bench --corpus ~/code/shop --only search-warm --only bundle-warm --queries questions.txt
pampax bench --corpus pinned:flask --corpora-folder ~/Downloads
pampax bench --quick --compare base.json --slow-down 15
"""
LINE_SECONDS = 2.0
"""The least time between two lines of progress."""


@click.command("bench", cls=PampaxCommand, epilog=EXAMPLES)
@click.option("--corpus", metavar="CORPUS", default="small", show_default=True,
              help="Measure on small, medium or large (500, 5,000 or 50,000 generated files), on the repository in a "
              "folder, or on pinned:NAME (--list names them).")  # fmt: skip
@click.option("--only", metavar="NAME", multiple=True,
              help="Make only this benchmark (--list names them). May be given several times.")  # fmt: skip
@click.option("--quick", is_flag=True, help="Fewer rounds and questions: about a minute on the small corpus.")
@click.option("--rounds", metavar="N", type=click.IntRange(1, 1000), help="So many rounds at most.")
@click.option("--seed", metavar="N", type=click.IntRange(0, 1 << 31), default=1, show_default=True,
              help="Of the generated files and of the log of questions.")  # fmt: skip
@click.option("--queries", metavar="FILE", type=click.Path(),
              help="Ask the questions in FILE, one a line, instead of made ones.")  # fmt: skip
@click.option("--corpora-folder", metavar="FOLDER", type=click.Path(),
              help="Where the file of a pinned corpus is. Nothing is downloaded.")  # fmt: skip
@click.option("--folder", metavar="FOLDER", type=click.Path(exists=True, file_okay=False),
              help="Where trees and stores are made, and removed at the end.")  # fmt: skip
@click.option("--save", metavar="FILE", type=click.Path(), help="Write the run to FILE.")
@click.option("--compare", "base", metavar="FILE", type=click.Path(),
              help="Compare with the run in FILE; exit code 1 if a benchmark is slower beyond doubt.")  # fmt: skip
@click.option("--threshold-percent", metavar="PERCENT", type=click.FloatRange(0, 1000, min_open=True), default=10.0,
              show_default=True, help="The slowdown that is let pass.")  # fmt: skip
@click.option("--slow-down", "extra_percent", metavar="PERCENT", type=click.IntRange(0, 1000), default=0,
              help="Repeat so much of the work inside a program: would a comparison find it?")  # fmt: skip
@click.option("--allow-debug", is_flag=True, help="Measure even a build without optimisation.")
@click.option(
    "--list", "listing", is_flag=True, help="List the benchmarks and the pinned corpora, and measure nothing."
)
@click.option("--json", "as_json", is_flag=True, help="Write the run as JSON (schema pampax.benchmarks/1).")
@click.pass_obj
def command(
    request: Request,
    corpus: str,
    only: tuple[str, ...],
    quick: bool,
    rounds: int | None,
    seed: int,
    queries: str | None,
    corpora_folder: str | None,
    folder: str | None,
    save: str | None,
    base: str | None,
    threshold_percent: float,
    extra_percent: int,
    allow_debug: bool,
    listing: bool,
    as_json: bool,
) -> int:
    """Measure time and memory, and compare with an earlier run.

    Indexes are made in a folder of their own: neither the tree nor its index is touched. Rounds are repeated, each in
    new processes. docs/benchmarks.md tells how figures come about and what an alarm takes.
    """
    from pampax import benchmarks
    from pampax.benchmarks import questions
    from pampax.benchmarks.saved import document
    from pampax.cli import bench_text

    if listing:
        bench_text.draw_lists(request.out)
        return 0
    _refuse_debug_build(request, allow_debug)
    plan = _plan(only, quick, rounds, seed, extra_percent)
    # What may be wrong with the files is said before anything is measured.
    earlier = None if base is None else benchmarks.load_run(base)
    given = None if queries is None else questions.read_questions(queries)
    with benchmarks.prepare(
        corpus,
        seed=seed,
        folder=folder,
        queries=given,
        corpora_folder=corpora_folder,
        open_arguments=_open_arguments(request),
    ) as subject:
        run = benchmarks.measure(subject, plan, command_options=_command_options(request), progress=_teller(request))
    if save is not None:
        run.save(save)
    comparison = None
    if earlier is not None:
        comparison = benchmarks.compare(run, earlier, threshold_percent=threshold_percent)
    regressions = [] if comparison is None else [change.benchmark.name for change in comparison.regressions]
    request.log.add(benchmarks=len(run.series), regressions=len(regressions))
    if as_json:
        from pampax.cli.documents import json_text

        request.out.document(json_text(document(run, comparison)))
    else:
        bench_text.draw_run(request.out, run)
        if comparison is not None:
            bench_text.draw_comparison(request.out, comparison)
    if regressions:
        request.log.status = "regression"
        request.notice(f"regression: {', '.join(regressions)} slower by more than {threshold_percent:g} %")
    return 1 if regressions else 0


def _plan(only: tuple[str, ...], quick: bool, rounds: int | None, seed: int, extra_percent: int) -> Plan:
    from pampax import benchmarks

    plan = benchmarks.QUICK if quick else benchmarks.FULL
    plan = dataclasses.replace(plan, only=only, seed=seed, extra_percent=extra_percent)
    if rounds is not None:
        plan = dataclasses.replace(
            plan, rounds=rounds, short_rounds=rounds, least_rounds=min(rounds, plan.least_rounds)
        )
    return plan


def _refuse_debug_build(request: Request, allow_debug: bool) -> None:
    from pampax import _core

    if _core.build_profile == "release":
        return
    if not allow_debug:
        raise click.UsageError(
            f"this is a {_core.build_profile} build, whose times say nothing: build it with --release, or pass "
            "--allow-debug",
            click.get_current_context(),
        )
    request.notice(f"these figures are of a {_core.build_profile} build: they say nothing about a release")


def _open_arguments(request: Request) -> dict[str, Any]:
    """How repositories are opened: as configured, but for the store."""
    from pampax.configuration import is_url

    configuration = request.configuration
    if is_url(configuration.optional_text("embedder") or "") or configuration.optional_text("reranker"):
        raise click.UsageError(
            "a model behind an endpoint or a reranker is configured, whose time is not pampax's: measure without it",
            click.get_current_context(),
        )
    arguments: dict[str, Any] = dict(request.open_arguments())
    del arguments["store"]
    return arguments


def _command_options(request: Request) -> list[str]:
    """The same, for commands that are measured as processes."""
    from pampax.configuration import BY_KEY

    options = [] if request.config_file is None else ["--config", request.config_file]
    for key, text in request.configured.items():
        if key in ("memory", "threads", "embedder"):
            options += [BY_KEY[key].flag, text]
    return options


def _teller(request: Request) -> Callable[[str], None]:
    """Shows what is measured now, but not more often than one can read."""
    last = 0.0

    def tell(text: str) -> None:
        nonlocal last
        if time.monotonic() - last >= LINE_SECONDS:
            last = time.monotonic()
            request.notice(text)

    return tell
