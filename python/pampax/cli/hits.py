"""An answer as text for people: hits with their lines, why they are there, and what the answer is based on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pampax.cli.figures import count_text

if TYPE_CHECKING:
    from pampax._core import Answer, Coverage, Hit, Repository
    from pampax.cli.terminal import Output

SNIPPET_LINES = 6
"""How many lines of a hit are shown unless more are asked for."""

LONGEST_LINE = 400
"""Characters of one line that are shown; a minified line would fill the screen."""

_EMPTY_REASONS = {
    "not-indexed": "nothing is indexed here yet: run `pampax index`",
    "stale": "nothing found in the index, but files have changed since: run `pampax index` and ask again",
    "language-not-parsed": "nothing found; the language asked for is not parsed here, so its symbols are not known",
    "filtered-out": "the filters (--path, --language, --kind, --tests) leave nothing that fits: widen them",
    "confirmed-absent": "nothing found: the index is up to date, and no indexed file holds anything that fits",
}


def draw_answer(
    out: Output, repository: Repository, answer: Answer, context: int | None, count: int | None = None
) -> None:
    """Write the best `count` hits, or all, those of one file together in the place of the best of them."""
    by_file: dict[str, list[Hit]] = {}
    for hit in answer.hits[:count]:
        by_file.setdefault(hit.path, []).append(hit)
    stale = set(answer.coverage.stale_paths)
    for number, (path, hits) in enumerate(by_file.items()):
        if number:
            out.line()
        for hit in hits:
            out.line(_heading(out, hit, path in stale))
            _draw_lines(out, repository, hit, context)
            if hit.why:
                out.line(out.style("dim", f"      why: {out.field('; '.join(hit.why))}"))
            if hit.explain is not None:
                _draw_explanation(out, hit.explain, hit.score)


def _heading(out: Output, hit: Hit, stale: bool) -> str:
    parts = [f"{out.style('path', out.field(hit.path))}:{hit.start_line}-{hit.end_line}"]
    if hit.symbol:
        parts.append(out.style("symbol", out.field(hit.symbol)))
    if hit.kind:
        parts.append(f"({out.field(hit.kind)})")
    parts.append(f"{hit.score:.3f}")
    if stale:
        parts.append(out.style("warning", "changed since it was indexed"))
    return "  ".join(parts)


def _draw_lines(out: Output, repository: Repository, hit: Hit, context: int | None) -> None:
    from pampax import _core

    if context is None:
        # From the line of the name on: a signature says more than the first lines of its documentation.
        first = max(hit.start_line, min(hit.line, hit.end_line - SNIPPET_LINES + 1))
        last = min(hit.end_line, first + SNIPPET_LINES - 1)
    else:
        first, last = max(1, hit.start_line - context), hit.end_line + context
    try:
        text = repository.text(hit.path, first, last)
    except (OSError, _core.PampaxError):
        out.line(out.style("warning", "      (the file can no longer be read)"))
        return
    for number, line in enumerate(text.removesuffix("\n").split("\n"), first):
        out.line(f"{out.style('number', f'{number:6}')}  {out.field(_cut(line.removesuffix(chr(13)).expandtabs(4)))}")
    if last < hit.end_line:
        out.line(out.style("dim", f"     …  {count_text(hit.end_line - last, 'more line')}"))


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}… ({len(line):,} characters)"


def _draw_explanation(out: Output, explanation: dict[str, Any], score: float) -> None:
    """The rank in each source, then value times weight of each feature that counts: they add up to the score."""
    for source in explanation["sources"]:
        out.line(f"      source   {out.field(str(source['source'])):28}  rank {source['rank']}")
    for feature in explanation["features"]:
        value, weight = float(feature["value"]), float(feature["weight"])
        if value * weight == 0:
            continue
        name = out.field(str(feature["feature"]))
        out.line(f"      feature  {name:28}  {value:12.6f} × {weight:12.6f} = {value * weight:12.6f}")  # noqa: RUF001
    out.line(f"      {'score':69}{score:12.6f}")


def empty_text(reason: str | None) -> str:
    """Why an answer is empty, in a sentence that says what to do."""
    return _EMPTY_REASONS.get(reason or "", f"nothing found ({reason or 'no reason given'})")


_COMPARED = {
    "absent": "only words were compared, not meaning",
    "partial": "meaning was compared in part of the files (pampax index)",
}


def coverage_text(
    coverage: Coverage, *, more: str = "--limit", left_out: str | None = None, by_meaning: bool = False
) -> str:
    """What an answer is based on, as one line.

    `more` is the option that shows more of it, and `left_out` says what is not shown though it was found. `by_meaning`:
    whether the command compares vectors, if there are any.
    """
    skipped = sum(coverage.files_skipped.values())
    if skipped:
        total = coverage.files_indexed + skipped
        parts = [f"{count_text(skipped)} of {count_text(total, 'file')} skipped (pampax status --skipped)"]
    else:
        every = "" if coverage.files_pending else "all "
        parts = [f"{every}{count_text(coverage.files_indexed, 'file')} indexed"]
    if coverage.files_pending:
        parts.append(f"{count_text(coverage.files_pending, 'file')} not indexed yet (pampax index)")
    if coverage.files_without_symbols:
        files = count_text(coverage.files_without_symbols, "large file")
        parts.append(f"{files} without symbols (pampax index --force with more --memory)")
    if coverage.graph_files_behind:
        parts.append(f"edges of {count_text(coverage.graph_files_behind, 'file')} not known yet (pampax index)")
    if coverage.freshness == "stale":
        verb = "has" if coverage.stale_files == 1 else "have"
        parts.append(f"{count_text(coverage.stale_files, 'file')} {verb} changed since (pampax index)")
    elif coverage.freshness == "fresh":
        parts.append("fresh")
    elif coverage.generation is not None:
        parts.append("not checked for changes")
    if coverage.stale_paths:
        number = len(coverage.stale_paths)
        verb = "has" if number == 1 else "have"
        parts.append(f"{count_text(number, 'file')} of the answer {verb} changed")
    if coverage.truncated:
        parts.append(f"there is more than is shown ({more})")
    if left_out is not None:
        parts.append(left_out)
    if by_meaning and coverage.generation is not None and coverage.vectors in _COMPARED:
        parts.append(_COMPARED[coverage.vectors])
    parts.extend(coverage.notes)
    parts.append("no index" if coverage.generation is None else f"generation {coverage.generation}")
    return " · ".join(parts)


def timings_text(timings: dict[str, float]) -> str:
    """How long each step took, in milliseconds."""
    return " · ".join(f"{name} {milliseconds:.2f} ms" for name, milliseconds in timings.items())
