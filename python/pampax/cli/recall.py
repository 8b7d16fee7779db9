"""`pampax recall`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pampax.cli.options import PampaxCommand
from pampax.cli.query import unicode_text, unicode_texts
from pampax.memory_kinds import KINDS, SCOPES

if TYPE_CHECKING:
    from pampax.cli.request import Request

EXAMPLES = """
pampax recall how are amounts stored
pampax recall --kind gotcha --path src/invoice.py
pampax recall --json
"""


@click.command("recall", cls=PampaxCommand, epilog=EXAMPLES)
@click.argument("query", nargs=-1)
@click.option("--kind", "kinds", type=click.Choice(KINDS), multiple=True, help="Only this kind.")
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, help="Only this scope.")
@click.option("--path", "paths", metavar="PATH", multiple=True, help="Also what has evidence in this file.")
@click.option("--limit", metavar="N", type=click.IntRange(1, 1000), default=10, show_default=True, help="At most N.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON (schema pampax.memories/1).")
@click.pass_obj
def command(
    request: Request,
    query: tuple[str, ...],
    kinds: tuple[str, ...],
    scopes: tuple[str, ...],
    paths: tuple[str, ...],
    limit: int,
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
    request.log.add(memories=len(found))
    if as_json:
        from pampax.cli.documents import memories_json

        request.out.document(memories_json([one.memory for one in found]))
    else:
        for one in found:
            request.out.line(request.out.field(one.memory.line()))
        if not found:
            request.notice("nothing was remembered about that")
    return 0 if found else 1
