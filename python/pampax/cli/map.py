"""`pampax map`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pampax.cli.figures import count_text
from pampax.cli.options import PampaxCommand, filters
from pampax.cli.query import unicode_texts

if TYPE_CHECKING:
    from pampax.cli.request import Request

EXAMPLES = """
pampax map
pampax map --budget 4000 --path 'src/**'
pampax map --focus SessionStore --focus src/app/server.py
"""

REASONS = {
    "not-indexed": "there is no index: run `pampax index`",
    "graph-not-made": "how the code hangs together is not known yet: the index is still being made",
    "focus-not-found": "nothing in the index is called what --focus names",
    "filtered-out": "all definitions are left out by the filters",
    "no-symbols": "the index holds no definitions to show",
}


@click.command("map", cls=PampaxCommand, keys=("assemble.encoding",), epilog=EXAMPLES)
@click.option(
    "--budget",
    metavar="N",
    type=click.IntRange(1, 10_000_000),
    default=2000,
    show_default=True,
    help="The most tokens the map may cost.",
)
@click.option("--focus", metavar="NAME", multiple=True, help="See the repository from this symbol or file.")
@filters
@click.option("--json", "as_json", is_flag=True, help="Write JSON (schema pampax.map/1).")
@click.pass_obj
def command(
    request: Request,
    budget: int,
    focus: tuple[str, ...],
    paths: tuple[str, ...],
    languages: tuple[str, ...],
    kinds: tuple[str, ...],
    tests: bool | None,
    as_json: bool,
) -> int:
    """Give an overview of the repository within a budget of tokens.

    The definitions on which most of the code depends come first, one line each, file by file. Tests, examples,
    documents and copied code are left out unless --tests or --path asks for them.
    """
    overview = request.indexed().map(
        budget,
        encoding=request.configuration.text("assemble.encoding"),
        focus=unicode_texts(focus),
        paths=unicode_texts(paths),
        languages=unicode_texts(languages),
        kinds=unicode_texts(kinds),
        tests=tests,
    )
    request.log.add(shown=overview.shown, tokens=overview.tokens, budget=budget)
    if as_json:
        request.out.document(overview.to_json())
        return 0 if overview.shown else 1
    from pampax.cli.hits import coverage_text

    about = request.err.field(coverage_text(overview.coverage, more="--budget"))
    if overview.empty_reason is not None:
        request.notice(REASONS.get(overview.empty_reason, overview.empty_reason))
        request.notice(about)
        return 1
    for line in overview.to_text().splitlines():
        shown = request.out.field(line)
        request.out.line(shown if line.startswith(" ") else request.out.style("path", shown))
    request.notice(
        f"{count_text(overview.shown)} of {count_text(overview.of, 'definition')}, {count_text(overview.tokens)} of "
        f"{count_text(overview.budget, 'token')} ({overview.encoding})"
    )
    request.notice(about)
    return 0
