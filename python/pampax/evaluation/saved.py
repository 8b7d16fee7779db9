"""Runs as JSON (schema `pampax.evaluation/1`), written and read back. docs/json.md describes the document."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from pampax._core import InvalidInput
from pampax.evaluation.bootstrap import CONFIDENCE, RESAMPLES, SEED
from pampax.evaluation.run import LEVELS, Result, Run
from pampax.saved_documents import read_document, write_document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pampax.evaluation.bootstrap import Estimate
    from pampax.evaluation.compare import Comparison

SCHEMA = "pampax.evaluation/1"
LARGEST_RUN_BYTES = 256 << 20
# The last figures of a mean depend on the processor; a document is to be the same bytes on every machine.
_DIGITS = 6


class RunError(InvalidInput):
    """A file is no saved run. The text names the file and what is wrong with it."""


def save_run(run: Run, path: str | os.PathLike[str]) -> None:
    """Write a run to a file, which appears as a whole or not at all."""
    write_document(document(run), path)


def document(run: Run, comparison: Comparison | None = None) -> dict[str, Any]:
    """The run, and what it was compared with, as the document."""
    return {
        "schema": SCHEMA,
        "version": run.version,
        "questions": len(run.results),
        "missing_answers": run.missing,
        "limit": run.limit,
        "level": run.level,
        "vectors": run.vectors,
        "bootstrap": {"confidence": CONFIDENCE, "resamples": RESAMPLES, "seed": SEED},
        "metrics": _metrics(run.metrics),
        "intents": {name: _group(run, results) for name, results in run.intents.items()},
        "labelled_intents": {name: _group(run, results) for name, results in run.labelled_intents.items()},
        "intent_accuracy": None if run.intent_accuracy is None else round(run.intent_accuracy, _DIGITS),
        "languages": {name: _group(run, results) for name, results in run.languages.items()},
        "comparison": None if comparison is None else _comparison(comparison),
        "results": [_result(run, result) for result in run.results],
    }


def _metrics(metrics: dict[str, Estimate]) -> dict[str, dict[str, float]]:
    return {
        name: {part: round(value, _DIGITS) for part, value in estimate._asdict().items()}
        for name, estimate in metrics.items()
    }


def _group(run: Run, results: Sequence[Result]) -> dict[str, Any]:
    return {"questions": len(results), "metrics": _metrics(run.metrics_of(results))}


def _comparison(comparison: Comparison) -> dict[str, Any]:
    return {
        "metric": comparison.metric,
        "threshold": comparison.threshold,
        "regression": comparison.regression,
        "questions": comparison.questions,
        "only_base": comparison.only_base,
        "only_now": comparison.only_now,
        "rose": comparison.rose,
        "fell": [
            {"id": result.id, "query": result.query, "change": round(change, _DIGITS)}
            for result, change in comparison.fell
        ],
        "base": {name: round(value, _DIGITS) for name, value in comparison.base.items()},
        "now": {name: round(value, _DIGITS) for name, value in comparison.now.items()},
        "changes": _metrics(comparison.changes),
    }


def _result(run: Run, result: Result) -> dict[str, Any]:
    return {
        "id": result.id,
        "key": result.key,
        "query": result.query,
        "level": result.level,
        "intent": result.intent,
        "labelled_intent": result.labelled_intent,
        "languages": list(result.languages),
        "answers": list(result.answers),
        "ranks": list(result.ranks),
        "metrics": {name: round(value, _DIGITS) for name, value in result.measures(run.limit).items()},
        "first": [
            {
                "path": shown.path,
                "start_line": shown.start_line,
                "end_line": shown.end_line,
                "symbol": shown.symbol,
                "answer": shown.answer,
            }
            for shown in result.first
        ],
    }


def load_run(path: str | os.PathLike[str]) -> Run:
    """Read a saved run. What is compared is read; what was shown first is not. Raises `RunError`, or `OSError`."""
    raw = read_document(
        path, schema=SCHEMA, command="pampax eval --save", largest_bytes=LARGEST_RUN_BYTES, error=RunError
    )
    try:
        return _run(raw)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RunError(f"{os.fspath(path)}: damaged: {type(error).__name__}: {error}") from None


def _run(raw: dict[str, Any]) -> Run:
    limit, level = raw["limit"], raw["level"]
    if not isinstance(limit, int) or limit < 1 or level not in LEVELS or not raw["results"]:
        raise ValueError("limit, level or results")
    results = tuple(
        Result(
            id=str(row["id"]),
            key=str(row["key"]),
            query=str(row["query"]),
            level="file" if row["level"] == "file" else "span",
            intent=str(row["intent"]),
            labelled_intent=row["labelled_intent"],
            languages=tuple(row["languages"]),
            ranks=tuple(None if rank is None else int(rank) for rank in row["ranks"]),
            answers=tuple(row["answers"]),
            first=(),
        )
        for row in raw["results"]
    )
    for result in results:
        result.measures(limit)  # raises if its ranks are none
    return Run(results, limit, level, str(raw["version"]), str(raw["vectors"]), int(raw["missing_answers"]))
