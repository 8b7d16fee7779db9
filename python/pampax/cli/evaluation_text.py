"""A run of `pampax eval` as text for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pampax.cli.figures import count_text
from pampax.evaluation.bootstrap import CONFIDENCE
from pampax.evaluation.metrics import names_of_measures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pampax.cli.terminal import Output
    from pampax.evaluation.bootstrap import Estimate
    from pampax.evaluation.compare import Comparison
    from pampax.evaluation.run import Result, Run

WITH_INTERVAL = 2
"""The first metrics are shown with their intervals, the others without: a line is to fit on a screen."""


def draw_run(out: Output, run: Run) -> None:
    """The table: all questions, then by intent and by language."""
    names = names_of_measures(run.limit)
    rows: list[list[str]] = [["", "questions", *_headings(names)]]
    rows.append(_row("all", run.results, run))
    rows += [_row(f"intent: {name}", results, run) for name, results in run.intents.items()]
    rows += [_row(f"labelled: {name}", results, run) for name, results in run.labelled_intents.items()]
    rows += [_row(f"language: {name}", results, run) for name, results in run.languages.items()]
    _draw_table(out, rows)
    out.line()
    spans = sum(result.level == "span" for result in run.results)
    judged = f"judged by lines {spans:,}, by files {len(run.results) - spans:,}"
    parts = [judged, f"intervals {CONFIDENCE:.0%}", f"{run.limit} hits asked for", f"vectors {run.vectors}"]
    if run.intent_accuracy is not None:
        parts.append(f"intents recognised {run.intent_accuracy:.1%}")
    if run.missing:
        parts.append(f"{count_text(run.missing, 'answer')} not in the index")
    out.line(" · ".join(parts))


def draw_comparison(out: Output, comparison: Comparison, failures: int) -> None:
    """Before, after, and the change of each metric; then the questions that lost most."""
    out.line()
    rows = [["", "base", "now", "change", f"{CONFIDENCE:.0%} interval"]]
    for name, change in comparison.changes.items():
        rows.append(
            [
                name,
                f"{comparison.base[name]:.3f}",
                f"{comparison.now[name]:.3f}",
                f"{change.mean:+.3f}",
                f"[{change.low:+.3f}, {change.high:+.3f}]",
            ]
        )
    _draw_table(out, rows)
    out.line()
    parts = [
        f"{count_text(comparison.questions, 'question')} in both runs",
        f"{comparison.metric} rose in {comparison.rose:,} and fell in {len(comparison.fell):,}",
    ]
    if comparison.only_base or comparison.only_now:
        parts.append(f"not compared: {comparison.only_base:,} only in the base, {comparison.only_now:,} only here")
    out.line(" · ".join(parts))
    verdict = "regression" if comparison.regression else "no regression"
    out.line(out.style("error" if comparison.regression else "bold", verdict) + f" (threshold {comparison.threshold})")
    for result, fall in comparison.fell[:failures]:
        out.line(f"  {fall:+.3f}  {out.field(result.id)}  {out.field(result.query)}")


def draw_failures(out: Output, run: Run, count: int) -> None:
    """The questions answered worst: what was asked, what answers it, and the first results."""
    for result in run.worst(count):
        figures = result.measures(run.limit)
        out.line()
        heading = f"{figures['ndcg@10']:.3f}  {result.id}  {' '.join(result.query.split())}"
        out.line(out.style("bold", out.field(heading)))
        for answer, rank in zip(result.answers, result.ranks, strict=True):
            found = "not found" if rank is None else f"rank {rank}"
            out.line(f"      wanted   {out.style('path', out.field(answer))}  ({found})")
        for rank, shown in enumerate(result.first, 1):
            place = f"{out.field(shown.path)}:{shown.start_line}-{shown.end_line}"
            symbol = f"  {out.style('symbol', out.field(shown.symbol))}" if shown.symbol else ""
            mark = "  ✓" if shown.answer is not None else ""
            out.line(f"      {rank:6}   {out.style('path', place)}{symbol}{mark}")


def _headings(names: Sequence[str]) -> list[str]:
    return [name.replace("ndcg", "NDCG").replace("mrr", "MRR") for name in names]


def _row(title: str, results: Sequence[Result], run: Run) -> list[str]:
    estimates = list(run.metrics_of(results).values())
    cells = [_with_interval(estimate) for estimate in estimates[:WITH_INTERVAL]]
    cells += [f"{estimate.mean:.3f}" for estimate in estimates[WITH_INTERVAL:]]
    return [title, f"{len(results):,}", *cells]


def _with_interval(estimate: Estimate) -> str:
    return f"{estimate.mean:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


def _draw_table(out: Output, rows: Sequence[Sequence[str]]) -> None:
    """Columns: the first to the left, the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for number, row in enumerate(rows):
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        line = out.field("  ".join(cells).rstrip())
        out.line(out.style("bold", line) if number == 0 else line)
