"""`pampax outline`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pampax.cli.options import PampaxCommand, max_tokens_option
from pampax.cli.query import unicode_text
from pampax.cli.token_limit import bounded

if TYPE_CHECKING:
    from pampax._core import Outline
    from pampax.cli.request import Request
    from pampax.cli.terminal import Output

EXAMPLES = """
pampax outline src/app/session.py
pampax outline src/app/session.py --max-tokens 500
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
@max_tokens_option
@click.option("--json", "as_json", is_flag=True, help="Write JSON (schema pampax.outline/1).")
@click.pass_obj
def command(request: Request, path: str, max_tokens: int | None, as_json: bool) -> int:
    """List the definitions of a file.

    They stand in file order. PATH is relative to the root, with forward slashes. Behind each definition stands how
    many files and symbols use it, as far as the graph of code knows.
    """
    outline = request.indexed().outline(unicode_text(path))

    def draw(out: Output, count: int) -> None:
        _draw(out, outline, count)

    shown = bounded(request, max_tokens, len(outline.symbols), draw, as_json=as_json)
    request.log.add(symbols=shown.kept)
    if as_json:
        whole = shown.is_whole
        request.out.document(outline.to_json() if whole else shown.document(outline.to_dict(), "symbols", "symbol"))
        return 0 if outline.symbols else 1
    shown.write(request.out, draw)
    if outline.empty_reason is not None:
        request.notice(request.err.field(REASONS.get(outline.empty_reason, "{path}").format(path=outline.path)))
    from pampax.cli.hits import coverage_text

    request.notice(request.err.field(coverage_text(outline.coverage, left_out=shown.note("symbol"))))
    return 0 if outline.symbols else 1


def _draw(out: Output, outline: Outline, count: int) -> None:
    """One line for each of the first definitions."""
    width = len(str(outline.lines))
    for symbol in outline.symbols[:count]:
        text = " ".join(symbol.signature.split()) or f"{symbol.kind} {symbol.name}"
        users = f"  ({symbol.users} users)" if symbol.users > 1 else "  (1 user)" if symbol.users else ""
        shown = out.style("symbol", out.field(text[:160]))
        out.line(f"{symbol.line:>{width}}  {'  ' * symbol.depth}{shown}{users}")
