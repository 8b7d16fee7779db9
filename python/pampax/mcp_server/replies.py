"""Results of tools: structured content and the compact text that says the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pampax import _core
from pampax.cli.hits import empty_text
from pampax.fitting import most
from pampax.mcp_server.catalogue import UNTRUSTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pampax._core import Coverage
    from pampax.mcp_server.freshener import Freshness
    from pampax.packs import Pack

HEADING = "[untrusted repository text]"
"""The first line of every text."""

FRESH_SECONDS = 5.0
"""An index that was compared with its tree this lately counts as fresh."""


class Reply(NamedTuple):
    """What a tool gives."""

    structured: dict[str, Any]
    text: str


def reply(structured: dict[str, Any], lines: Sequence[str]) -> Reply:
    """A reply; marks it as text that is not to be trusted."""
    return Reply({**structured, "trust": UNTRUSTED}, "\n".join((HEADING, *lines)))


def coverage_of(
    coverage: Coverage, freshness: Freshness, pack: Pack | None = None, *, by_meaning: bool = False
) -> dict[str, Any]:
    """What an answer is based on. `state` is none, stale, indexing, unchecked or fresh; the rest only if it matters.

    `by_meaning`: whether the tool compares vectors, if there are any.
    """
    facts: dict[str, Any] = {"state": _state(coverage, freshness)}
    if coverage.generation is not None:
        facts["generation"] = coverage.generation
        facts["files"] = coverage.files_indexed
    if pack is not None:
        facts["pack"] = pack.name
    if skipped := {reason: count for reason, count in coverage.files_skipped.items() if count}:
        facts["skipped"] = skipped
    if coverage.edges_by_name_only:
        facts["edges_by_name_only"] = coverage.edges_by_name_only
    counts = {
        "pending": coverage.files_pending,
        "without_symbols": coverage.files_without_symbols,
        "graph_behind": coverage.graph_files_behind,
        "stale_files": coverage.stale_files,
        "changes": freshness.changes,
    }
    facts |= {name: count for name, count in counts.items() if count}
    if coverage.stale_paths:
        facts["stale_paths"] = list(coverage.stale_paths)
    if coverage.vectors == "partial" or (by_meaning and coverage.vectors == "absent"):
        facts["vectors"] = coverage.vectors
    if coverage.truncated:
        facts["truncated"] = True
    if notes := list(coverage.notes):
        facts["notes"] = notes
    return facts | _progress(freshness)


def _state(coverage: Coverage, freshness: Freshness) -> str:
    if coverage.generation is None:
        return "none"
    if coverage.stale_paths or coverage.freshness == "stale":
        return "stale"
    if freshness.changes or coverage.files_pending:
        return "indexing"
    age = freshness.age_seconds
    if freshness.is_current or coverage.freshness == "fresh" or (age is not None and age <= FRESH_SECONDS):
        return "fresh"
    return "indexing" if freshness.running else "unchecked"


def _progress(freshness: Freshness) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if freshness.running and freshness.writer is not None:
        facts["indexing"] = {"by_process": freshness.writer}
    elif freshness.looking and freshness.stage not in ("", "walk"):
        facts["indexing"] = {"files_done": freshness.files_done, "files_total": freshness.files_total}
    if freshness.problem is not None:
        facts["indexing_failed"] = freshness.problem
    return facts


_COUNTED = {
    "pending": "{} files not indexed yet",
    "without_symbols": "{} large files without symbols",
    "graph_behind": "edges of {} files not known yet",
    "stale_files": "{} files changed since indexed",
    "changes": "{} changes being indexed",
}


def coverage_line(facts: dict[str, Any]) -> str:
    """The same as one line, without what seldom matters: the generation, and why files were skipped."""
    state = facts["state"]
    parts = [{"none": "not indexed", "unchecked": "index not compared with the tree yet"}.get(state, state)]
    skipped = facts.get("skipped", {})
    if "files" in facts:
        left_out = f" ({sum(skipped.values())} skipped)" if skipped else ""
        parts.append(f"{facts['files']} files{left_out}")
    if "pack" in facts:
        parts.append(f"only pack {facts['pack']}")
    parts += [text.format(facts[name]) for name, text in _COUNTED.items() if name in facts]
    if "stale_paths" in facts:
        parts.append("changed since indexed: " + ", ".join(facts["stale_paths"][:5]))
    if "vectors" in facts:
        partial = facts["vectors"] == "partial"
        parts.append("meaning compared in part of the files" if partial else "only words compared, not meaning")
    if facts.get("truncated"):
        parts.append("more exists")
    if running := facts.get("indexing"):
        done = f"{running.get('files_done')} of {running.get('files_total')} files"
        parts.append(f"indexing: {done if 'files_done' in running else 'another process is at it'}")
    if "indexing_failed" in facts:
        parts.append(f"indexing failed: {facts['indexing_failed']}")
    parts += facts.get("notes", [])
    return "coverage: " + "; ".join(parts)


def empty_line(reason: str | None) -> str:
    """Why nothing was found, for an agent: commands of the shell are tools here."""
    return empty_text(reason).replace("run `pampax index`", "it is being indexed; ask again")


def fitting(lines: Sequence[str], tokens: int) -> tuple[list[str], bool]:
    """As many of the first lines as cost at most `tokens`, and whether that is all of them."""
    kept = most(len(lines), lambda count: _core.count_tokens("\n".join(lines[:count])) <= tokens)
    return list(lines[:kept]), kept == len(lines)
