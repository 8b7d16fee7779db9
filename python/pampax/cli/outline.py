"""`pampax outline`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pampax.cli.options import PampaxCommand
from pampax.cli.query import unicode_text

if TYPE_CHECKING:
    from pampax.cli.request import Request

EXAMPLES = """
pampax outline src/app/session.py
pampax outline src/app/session.py --json
"""

REASONS = {
    "not-indexed": "there is no index: run `pampax index`",
    "not-found": "{path} is not in the index",
    "language-not-parsed": "{path} is in no language that is parsed",
    "no-symbols": "{path} defines nothing",
    "not-parsed-for-memory": "{path} takes more than --memory to parse: pampax index --force with more",
}


@click.command("outline", cls=PampaxCommand, epilog=EXAMPLES)
@click.argument("path")
@click.option("--json", "as_json", is_flag=True, help="Write JSON (schema pampax.outline/1).")
@click.pass_obj
def command(request: Request, path: str, as_json: bool) -> int:
    """List the definitions of a file.

    They stand in file order. PATH is relative to the root, with forward slashes. Behind each definition stands how
    many files and symbols use it, as far as the graph of code knows.
    """
    outline = request.indexed().outline(unicode_text(path))
    request.log.add(symbols=len(outline.symbols))
    if as_json:
        request.out.document(outline.to_json())
        return 0 if outline.symbols else 1
    width = len(str(outline.lines))
    for symbol in outline.symbols:
        text = " ".join(symbol.signature.split()) or f"{symbol.kind} {symbol.name}"
        users = f"  ({symbol.users} users)" if symbol.users > 1 else "  (1 user)" if symbol.users else ""
        shown = request.out.style("symbol", request.out.field(text[:160]))
        request.out.line(f"{symbol.line:>{width}}  {'  ' * symbol.depth}{shown}{users}")
    if outline.empty_reason is not None:
        request.notice(request.err.field(REASONS.get(outline.empty_reason, "{path}").format(path=outline.path)))
    from pampax.cli.hits import coverage_text

    request.notice(request.err.field(coverage_text(outline.coverage)))
    return 0 if outline.symbols else 1
