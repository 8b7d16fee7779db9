"""A run of `pampax bench` as text for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pampax.benchmarks.catalogue import BENCHMARKS
from pampax.benchmarks.intervals import MEDIAN_CONFIDENCE, RATIO_CONFIDENCE
from pampax.cli.figures import count_text, size_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pampax.benchmarks.catalogue import Unit
    from pampax.benchmarks.compare import Comparison, Verdict
    from pampax.benchmarks.run import Run
    from pampax.cli.terminal import Output

_VERDICTS: dict[Verdict, str] = {
    "regression": "REGRESSION",
    "improvement": "faster",
    "same": "same",
    "unsure": "unsure",
    "too-few-rounds": "too few rounds",
    "too-crowded": "machine too crowded",
}


def draw_lists(out: Output) -> None:
    """The benchmarks, and the pinned corpora."""
    from pampax.benchmarks.pinned import pins

    _draw_table(
        out, [["benchmark", "unit", ""], *([b.name, b.unit, b.summary] for b in BENCHMARKS.values())], left=True
    )
    out.line()
    rows = [["pinned corpus", "file", "languages"]]
    rows += [[f"pinned:{pin.name}", pin.file, ", ".join(pin.languages)] for pin in pins().values()]
    _draw_table(out, rows, left=True)


def draw_run(out: Output, run: Run) -> None:
    """The table, then what it was measured on."""
    rows = [["benchmark", "median", f"{MEDIAN_CONFIDENCE:.0%} interval", "p50", "p95", "p99", "rounds", "samples"]]
    for name, series in run.series.items():
        unit, median = series.benchmark.unit, series.median
        rows.append([
            name,
            _figure(median.value, unit),
            f"[{_figure(median.low, unit)}, {_figure(median.high, unit)}]",
            *(_figure(series.percentile(percent), unit) for percent in (50, 95, 99)),
            f"{len(series.rounds):,}",
            f"{len(series.samples):,}",
        ])  # fmt: skip
    _draw_table(out, rows)
    for name, reason in run.absent.items():
        out.line(f"{name}: absent, {out.field(reason)}")
    for note in run.notes:
        out.line(out.field(note))
    crowded = sum(len(series.rounds) - len(series.deciding) for series in run.series.values())
    if crowded:
        rounds = count_text(crowded, "round")
        out.line(out.style("warning", f"the machine was crowded: {rounds} would decide nothing in a comparison"))
    out.line()
    corpus, machine = run.corpus, run.machine
    parts = [f"corpus {corpus['name']}"]
    if corpus["files"] is not None:
        parts += [count_text(corpus["files"], "file"), size_text(corpus["bytes"])]
    if run.plan["extra_percent"]:
        parts.append(f"SLOWED DOWN by {run.plan['extra_percent']} %")
    out.line(out.field(" · ".join(parts)))
    memory = "" if machine["memory_bytes"] is None else f", {size_text(machine['memory_bytes'])}"
    parts = [
        f"{machine['processor']}, {count_text(machine['processors'], 'core')}{memory}",
        f"{machine['system']}",
        f"Python {machine['python']}",
        f"pampax {machine['pampax']} ({machine['build_profile']} build)",
    ]
    if machine["load_average"]:
        parts.append(f"load {machine['load_average'][0]}")
    out.line(out.field(" · ".join(parts)))


def draw_comparison(out: Output, comparison: Comparison) -> None:
    """Before, after, the ratio with the interval that decides, and the verdict."""
    out.line()
    rows = [["benchmark", "base", "now", "ratio", f"{RATIO_CONFIDENCE:.0%} interval", "uncalibrated", "verdict"]]
    for change in comparison.changes:
        unit, ratio = change.benchmark.unit, change.ratio
        rows.append([
            change.benchmark.name,
            _figure(change.base, unit),
            _figure(change.now, unit),
            f"{ratio.value:.3f}",
            f"[{ratio.low:.3f}, {ratio.high:.3f}]",
            f"{change.plain_ratio:.3f}",
            _VERDICTS[change.verdict],
        ])  # fmt: skip
    _draw_table(out, rows)
    out.line()
    for name in comparison.only_base:
        out.line(f"{name}: only in the base")
    for name in comparison.only_now:
        out.line(f"{name}: only here")
    for note in comparison.notes:
        out.line(out.style("warning", out.field(f"note: {note}")))
    found = len(comparison.regressions)
    verdict = count_text(found, "regression") if found else "no regression"
    threshold = f" (threshold {comparison.threshold_percent:g} %, ratios above 1 are worse)"
    out.line(out.style("error" if found else "bold", verdict) + threshold)


def _figure(value: float, unit: Unit) -> str:
    match unit:
        case "bytes":
            return size_text(round(value))
        case "share":
            return f"{value:.1%}"
    if value < 0.0995:
        return f"{value * 1000:.2f} µs" if value < 0.00995 else f"{value * 1000:.1f} µs"
    return f"{value:.2f} ms" if value < 9.95 else f"{value:,.1f} ms"


def _draw_table(out: Output, rows: Sequence[Sequence[str]], *, left: bool = False) -> None:
    """Columns: the first to the left, the others to the right, or all to the left."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for number, row in enumerate(rows):
        cells = [
            cell.ljust(width) if left or column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        line = out.field("  ".join(cells).rstrip())
        out.line(out.style("bold", line) if number == 0 else line)
