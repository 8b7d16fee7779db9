"""`pampax symbols`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pampax.cli.options import PampaxCommand, max_tokens_option, pack_option
from pampax.cli.query import unicode_text
from pampax.cli.token_limit import bounded
from pampax.definitions import definitions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pampax._core import SymbolHit
    from pampax.cli.request import Request
    from pampax.cli.terminal import Output

EXAMPLES = """
pampax symbols SessionStore
pampax symbols --prefix parse_ --kind function
pampax symbols --prefix handle_ --limit 500 --max-tokens 1000
pampax symbols refresh --path 'src/**' --json
"""

REASONS = {
    "filtered-out": "all symbols called {name} are left out by the filters",
    "stale": "no symbol is called {name}, but files have changed since they were indexed: run `pampax index`",
    "language-not-parsed": "no symbol is called {name}, but it stands in files that are not parsed (pampax grep)",
    "not-parsed-for-memory": "no symbol that is known is called {name}, but some large files have none",
    "confirmed-absent": "no symbol is called {name}",
}

WIDEST_COLUMN = 60
"""A longer name pushes its own line to the right and not those of all others."""


@click.command("symbols", cls=PampaxCommand, epilog=EXAMPLES)
@click.argument("name")
@click.option("--prefix", is_flag=True, help="All names that begin like this.")
@click.option("--limit", metavar="N", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most N.")
@click.option("--kind", "kinds", metavar="KIND", multiple=True, help="Only this kind, such as function or class.")
@click.option("--language", "languages", metavar="LANGUAGE", multiple=True, help="Only files in this language.")
@click.option("--path", "paths", metavar="GLOB", multiple=True, help="Only paths that match, such as 'src/**/*.py'.")
@pack_option
@max_tokens_option
@click.option("--json", "as_json", is_flag=True, help="Write JSON (schema pampax.symbols/1).")
@click.pass_obj
def command(
    request: Request,
    name: str,
    prefix: bool,
    limit: int,
    kinds: tuple[str, ...],
    languages: tuple[str, ...],
    paths: tuple[str, ...],
    pack: str | None,
    max_tokens: int | None,
    as_json: bool,
) -> int:
    """List the definitions of a name.

    NAME is a bare name (refresh) or a qualified one (SessionStore.refresh).
    """
    name = unicode_text(name)
    if not name.strip():
        raise click.UsageError("the name is empty", click.get_current_context())
    repository = request.indexed()
    where = request.within(repository, pack, paths, languages, kinds, None)
    if where.filters["tests"] is not None:
        context = click.get_current_context()
        raise click.UsageError("the pack says something about tests, by which symbols cannot be told apart", context)
    found = definitions(
        repository,
        name,
        prefix=prefix,
        limit=limit,
        kinds=where.filters["kinds"],
        languages=where.filters["languages"],
        paths=where.filters["paths"],
    )

    def draw(out: Output, count: int) -> None:
        _draw(out, found.symbols[:count])

    shown = bounded(request, max_tokens, len(found.symbols), draw, as_json=as_json)
    request.log.add(symbols=shown.kept)
    if as_json:
        from pampax.cli.documents import json_text, symbols_document

        document = symbols_document(found)
        request.out.document(json_text(document) if shown.is_whole else shown.document(document, "symbols", "symbol"))
        return 0 if found.symbols else 1
    shown.write(request.out, draw)
    if found.empty_reason is not None:
        more = "" if prefix else "; --prefix also finds longer names"
        request.notice(f"{REASONS[found.empty_reason].format(name=request.err.field(name))}{more}")
    if found.truncated:
        request.notice("there is more than is shown (--limit)")
    from pampax.cli.hits import coverage_text

    request.notice(request.err.field(coverage_text(found.coverage, left_out=shown.note("symbol"))))
    return 0 if found.symbols else 1


def _draw(out: Output, symbols: Sequence[SymbolHit]) -> None:
    """One line for each symbol, in columns."""
    rows = [
        (out.field(hit.kind), out.field(hit.qualified_name), f"{out.field(hit.path)}:{hit.line}", _head(hit))
        for hit in symbols
    ]
    widths = [min(WIDEST_COLUMN, max((len(row[column]) for row in rows), default=0)) for column in range(3)]
    for kind, name, place, head in rows:
        cells = (
            kind.ljust(widths[0]),
            out.style("symbol", name) + " " * (widths[1] - len(name)),
            out.style("path", place) + " " * (widths[2] - len(place)),
            out.field(head),
        )
        out.line("  ".join(cells).rstrip())


def _head(hit: SymbolHit) -> str:
    """The signature on one line; it may span several in the file."""
    return " ".join(hit.signature.split())[:200]
