"""`pampax recall`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pampax.cli.options import PampaxCommand, max_tokens_option
from pampax.cli.query import unicode_text, unicode_texts
from pampax.cli.token_limit import bounded
from pampax.memory_kinds import KINDS, SCOPES

if TYPE_CHECKING:
    from pampax.cli.request import Request
    from pampax.cli.terminal import Output

EXAMPLES = """
pampax recall how are amounts stored
pampax recall --kind gotcha --path src/invoice.py
pampax recall --limit 100 --max-tokens 500
pampax recall --json
"""


@click.command("recall", cls=PampaxCommand, epilog=EXAMPLES)
@click.argument("query", nargs=-1)
@click.option("--kind", "kinds", type=click.Choice(KINDS), multiple=True, help="Only this kind.")
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, help="Only this scope.")
@click.option("--path", "paths", metavar="PATH", multiple=True, help="Also what has evidence in this file.")
@click.option("--limit", metavar="N", type=click.IntRange(1, 1000), default=10, show_default=True, help="At most N.")
@max_tokens_option
@click.option("--json", "as_json", is_flag=True, help="Write JSON (schema pampax.memories/1).")
@click.pass_obj
def command(
    request: Request,
    query: tuple[str, ...],
    kinds: tuple[str, ...],
    scopes: tuple[str, ...],
    paths: tuple[str, ...],
    limit: int,
    max_tokens: int | None,
    as_json: bool,
) -> int:
    """Show what was remembered about something.

    Without QUERY and --path, everything, the pinned and weightiest first. STALE marks what rests on code that has
    changed since.
    """
    from pampax.memory import open_memory

    found = open_memory(request.open()).recall(
        unicode_text(" ".join(query)),
        kinds=kinds,
        scopes=scopes or SCOPES,
        paths=unicode_texts(paths),
        limit=limit,
    )

    def draw(out: Output, count: int) -> None:
        for one in found[:count]:
            out.line(out.field(one.memory.line()))

    shown = bounded(request, max_tokens, len(found), draw, as_json=as_json)
    request.log.add(memories=shown.kept)
    if as_json:
        from pampax.cli.documents import memories_json

        request.out.document(memories_json([one.memory for one in found[: shown.kept]], shown.left_out))
    else:
        shown.write(request.out, draw)
        if not found:
            request.notice("nothing was remembered about that")
        if (left_out := shown.note("note")) is not None:
            request.notice(left_out)
    return 0 if found else 1
