"""`pampax grep`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import click

from pampax.cli.figures import count_text
from pampax.cli.grep_lines import FirstHits
from pampax.cli.options import PampaxCommand, max_tokens_option
from pampax.cli.query import unicode_text, unicode_texts
from pampax.cli.token_limit import bounded

if TYPE_CHECKING:
    from pampax._core import Coverage, GrepAnswer
    from pampax.cli.request import Request
    from pampax.cli.terminal import Output
    from pampax.cli.token_limit import Bounded

EXAMPLES = r"""
pampax grep 'kref_(get|put)'
pampax grep -i -w todo src tests
pampax grep -F 'a[0].b' -g '*.rs' -g '!vendor/'
pampax grep -C 2 -m 1 'impl .* for Session' --json
pampax grep -w session --max-tokens 2000
pampax grep -l 'unsafe \{' --no-tests
"""

_LINES = click.IntRange(0, 1000)


@click.command("grep", cls=PampaxCommand, keys=("freshness_ms",), epilog=EXAMPLES)
@click.argument("pattern")
@click.argument("places", metavar="[PATH]...", nargs=-1)
@click.option("-i", "--ignore-case", is_flag=True, help="Letters match in either case.")
@click.option("-w", "--word-regexp", "word", is_flag=True, help="Matches begin and end at the ends of words.")
@click.option("-F", "--fixed-strings", "fixed", is_flag=True, help="The pattern is plain text.")
@click.option(
    "-g",
    "--glob",
    "globs",
    metavar="GLOB",
    multiple=True,
    help="Only these files, as ripgrep does; '!GLOB' leaves out.",
)
@click.option("--path", "paths", metavar="GLOB", multiple=True, help="Only paths that match, as the other commands do.")
@click.option("--language", "languages", metavar="LANGUAGE", multiple=True, help="Only files in this language.")
@click.option("--tests/--no-tests", default=None, help="Only files of tests, or none of them. Without either: both.")
@click.option("-A", "--after-context", "after", metavar="N", type=_LINES, help="Show N lines after a match.")
@click.option("-B", "--before-context", "before", metavar="N", type=_LINES, help="Show N lines before a match.")
@click.option("-C", "--context", "context", metavar="N", type=_LINES, help="Show N lines before and after a match.")
@click.option("-l", "--files-with-matches", "only_files", is_flag=True, help="Only the paths of files with a match.")
@click.option("-c", "--count", "counts", is_flag=True, help="Only how many lines of each file match.")
@click.option("-m", "--max-count", metavar="N", type=click.IntRange(1), help="At most N matching lines of each file.")
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(1, 10_000_000),
    default=100_000,
    show_default=True,
    help="At most N matching lines; with -l or -c, at most N files.",
)
@max_tokens_option
@click.option("--json", "as_json", is_flag=True, help="Write JSON (schema pampax.grep/1).")
@click.pass_obj
def command(
    request: Request,
    /,
    pattern: str,
    places: tuple[str, ...],
    paths: tuple[str, ...],
    globs: tuple[str, ...],
    languages: tuple[str, ...],
    tests: bool | None,
    after: int | None,
    before: int | None,
    context: int | None,
    only_files: bool,
    counts: bool,
    max_tokens: int | None,
    as_json: bool,
    **options: Any,
) -> int:
    """Find every line that matches a regular expression.

    PATTERN is in the syntax of Rust's regex, as for ripgrep. PATHs are files and folders, relative to the root; without
    any, the whole repository is searched. Files are read as they are now: the index only says which need not be.
    """
    if only_files and counts:
        raise click.UsageError("-l and -c exclude each other", click.get_current_context())
    mode: Literal["lines", "counts", "files"] = "files" if only_files else "counts" if counts else "lines"
    around = context or 0
    repository = request.indexed()
    answer = repository.grep(
        unicode_text(pattern),
        globs=unicode_texts(globs),
        paths=[*unicode_texts(paths), *_anchored(unicode_texts(places))],
        languages=unicode_texts(languages),
        tests=tests,
        before=around if before is None else before,
        after=around if after is None else after,
        mode=mode,
        **options,
    )
    hits = FirstHits(answer, mode)

    def draw(out: Output, count: int) -> None:
        if out.raw:
            out.write_bytes(hits.raw(count))
        else:
            _draw(out, hits.document(count), mode)

    def least(out: Output) -> None:
        document = hits.least()
        if not out.raw:
            _draw(out, document, mode)
        elif mode != "lines":
            out.write_bytes(hits.raw(1))
        else:
            file = document["files"][0]
            line = file["lines"][0]
            out.line(f"{file['path']}:{line['line']}:{line['text']}")

    shown = bounded(request, max_tokens, hits.total, draw, as_json=as_json, least=least)
    request.log.add(matches=answer.matches, candidates=answer.candidates, planned=answer.planned)
    if as_json:
        request.out.document(_json(request, answer, hits, shown))
        return 0 if answer.matches else 1
    shown.write(request.out, draw)
    _notices(request, answer, repository.coverage(), shown.note(hits.noun))
    return 0 if answer.matches else 1


def _anchored(places: list[str]) -> list[str]:
    """Places as globs that match them and what is below them, and nothing of the same name elsewhere."""
    parts = [[part for part in place.split("/") if part not in ("", ".")] for place in places]
    if not all(parts):
        return []  # one of them is the root
    return [
        "/" + "/".join("".join(f"[{sign}]" if sign in "*?[]{}" else sign for sign in part) for part in place)
        for place in parts
    ]


def _json(request: Request, answer: GrepAnswer, hits: FirstHits, shown: Bounded) -> str:
    """The answer as the engine writes it, unless hits are left out."""
    if shown.is_whole:
        return answer.to_json()
    from pampax.cli.documents import json_text

    return json_text(hits.bounded(shown, request.configuration.text("assemble.encoding")))


def _notices(request: Request, answer: GrepAnswer, coverage: Coverage, left_out: str | None) -> None:
    """What limits the answer, on stderr."""
    if not answer.planned:
        files = count_text(answer.candidates, "file")
        request.notice(f"the pattern has no three characters that are sure to match: all {files} were read")
    for note in answer.notes:
        request.notice(request.err.field(note))
    from pampax.cli.hits import coverage_text

    request.notice(request.err.field(coverage_text(coverage, left_out=left_out)))


def _draw(out: Output, document: dict[str, Any], mode: str) -> None:
    """The lines under the paths of their files."""
    for number, file in enumerate(document["files"]):
        path = out.style("path", out.field(file["path"]))
        if mode != "lines":
            out.line(path if mode == "files" else f"{path}:{file['matches']}")
            continue
        if number:
            out.line()
        out.line(path)
        last = 0
        for line in file["lines"]:
            if last and line["line"] > last + 1 and _has_context(file):
                out.line("--")
            last = line["line"]
            mark = "-" if line.get("context") else ":"
            more = out.style("dim", " [the line goes on]") if line.get("cut") else ""
            out.line(f"{out.style('number', str(last))}{mark}{_marked(out, line)}{more}")


def _has_context(file: dict[str, Any]) -> bool:
    return any(line.get("context") for line in file["lines"])


def _marked(out: Output, line: dict[str, Any]) -> str:
    """The text of a line with its matches marked."""
    content = line["text"].encode()
    parts, last = [], 0
    for start, end in line["spans"]:
        parts.append(out.field(content[last:start].decode("utf-8", "replace")))
        parts.append(out.style("error", out.field(content[start:end].decode("utf-8", "replace"))))
        last = end
    parts.append(out.field(content[last:].decode("utf-8", "replace")))
    return "".join(parts)
