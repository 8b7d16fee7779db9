"""Runs as JSON (schema `pampax.benchmarks/1`), written and read back. docs/json.md describes the document."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any

from pampax.benchmarks.catalogue import BENCHMARKS
from pampax.benchmarks.failures import RunError
from pampax.benchmarks.intervals import MEDIAN_CONFIDENCE, RATIO_CONFIDENCE, RESAMPLES, SEED
from pampax.benchmarks.run import Round, Run, Series
from pampax.saved_documents import read_document, write_document

if TYPE_CHECKING:
    from pampax.benchmarks.compare import Comparison

SCHEMA = "pampax.benchmarks/1"
LARGEST_RUN_BYTES = 64 << 20


def save_run(run: Run, path: str | os.PathLike[str]) -> None:
    """Write a run to a file, which appears as a whole or not at all."""
    write_document(document(run), path)


def document(run: Run, comparison: Comparison | None = None) -> dict[str, Any]:
    """The run, and what it was compared with, as the document."""
    return {
        "schema": SCHEMA,
        "machine": run.machine,
        "corpus": run.corpus,
        "plan": run.plan,
        "bootstrap": {
            "median_confidence": MEDIAN_CONFIDENCE,
            "ratio_confidence": RATIO_CONFIDENCE,
            "resamples": RESAMPLES,
            "seed": SEED,
        },
        "benchmarks": {name: _series(series) for name, series in run.series.items()},
        "absent": run.absent,
        "notes": list(run.notes),
        "comparison": None if comparison is None else _comparison(comparison),
    }


def _series(series: Series) -> dict[str, Any]:
    median, samples = series.median, series.samples
    return {
        "unit": series.benchmark.unit,
        "kernel": series.benchmark.kernel,
        "median": _short(median.value),
        "median_low": _short(median.low),
        "median_high": _short(median.high),
        "p50": _short(series.percentile(50)),
        "p95": _short(series.percentile(95)),
        "p99": _short(series.percentile(99)),
        "min": _short(min(samples)),
        "max": _short(max(samples)),
        "samples": len(samples),
        "rounds": [
            {
                "value": _short(made.value),
                "fastest": _short(made.fastest),
                "kernel_ms": None if made.kernel_ms is None else _short(made.kernel_ms),
                "crowded": round(made.crowded, 3),
                "samples": [_short(sample) for sample in made.samples],
            }
            for made in series.rounds
        ],
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    return {
        "threshold_percent": comparison.threshold_percent,
        "regressions": [change.benchmark.name for change in comparison.regressions],
        "changes": {
            change.benchmark.name: {
                "verdict": change.verdict,
                "base": _short(change.base),
                "now": _short(change.now),
                "ratio": _short(change.ratio.value),
                "ratio_low": _short(change.ratio.low),
                "ratio_high": _short(change.ratio.high),
                "plain_ratio": _short(change.plain_ratio),
            }
            for change in comparison.changes
        },
        "only_base": list(comparison.only_base),
        "only_now": list(comparison.only_now),
        "notes": list(comparison.notes),
    }


def _short(value: float) -> float:
    """Six figures: no clock gives more."""
    return float(f"{value:.6g}")


def load_run(path: str | os.PathLike[str]) -> Run:
    """Read a saved run. Raises `RunError`, or `OSError`."""
    raw = read_document(
        path, schema=SCHEMA, command="pampax bench --save", largest_bytes=LARGEST_RUN_BYTES, error=RunError
    )
    try:
        return _run(raw)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise RunError(f"{os.fspath(path)}: damaged: {type(error).__name__}: {error}") from None


def _run(raw: dict[str, Any]) -> Run:
    series = {}
    for name, benchmark in BENCHMARKS.items():
        row = raw["benchmarks"].get(name)
        if row is not None:
            rounds = tuple(_round(made) for made in row["rounds"])
            if row["unit"] != benchmark.unit or not rounds:
                raise ValueError(f"{name}: unit or rounds")
            if any((made.kernel_ms is None) != (benchmark.kernel is None) for made in rounds):
                raise ValueError(f"{name}: kernel_ms")
            series[name] = Series(benchmark, rounds)
    return Run(
        series=series,
        corpus=dict(raw["corpus"]),
        plan=dict(raw["plan"]),
        machine=dict(raw["machine"]),
        absent={str(name): str(reason) for name, reason in raw["absent"].items()},
        notes=tuple(str(note) for note in raw["notes"]),
    )


def _round(row: dict[str, Any]) -> Round:
    kernel = row["kernel_ms"]
    made = Round(
        float(row["value"]),
        float(row["fastest"]),
        None if kernel is None else float(kernel),
        tuple(map(float, row["samples"])),
        float(row["crowded"]),
    )
    if not all(math.isfinite(value) and value >= 0 for value in (made.value, made.fastest, *made.samples)):
        raise ValueError("a figure below 0 or not finite")
    if made.kernel_ms is not None and not 0 < made.kernel_ms < math.inf:
        raise ValueError("kernel_ms")
    return made
