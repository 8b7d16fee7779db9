"""`pampax remember`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pampax.cli.options import PampaxCommand
from pampax.cli.query import query_text, unicode_texts
from pampax.memory_kinds import KINDS, SCOPES

if TYPE_CHECKING:
    from pampax.cli.request import Request

EXAMPLES = """
pampax remember --kind gotcha --evidence src/invoice.py:10-24 totals are in cents, not in euros
pampax remember --kind rule --scope global --pin never edit generated files
pampax remember --kind plan --days 14 - < plan.txt
"""


@click.command("remember", cls=PampaxCommand, epilog=EXAMPLES)
@click.argument("text", nargs=-1)
@click.option("--kind", type=click.Choice(KINDS), default="fact", show_default=True, help="What it is.")
@click.option(
    "--scope",
    type=click.Choice(SCOPES),
    default="repository",
    show_default=True,
    help="Where it counts: here and in worktrees, in all repositories beside this one, or everywhere.",
)
@click.option("--weight", metavar="X", type=float, default=1.0, show_default=True, help="How much it counts, 0 to 10.")
@click.option("--days", metavar="N", type=float, default=None, help="Forget it after so many days.")
@click.option(
    "--evidence",
    metavar="PATH[:LINES]",
    multiple=True,
    help="Code it rests on, such as src/a.py:10-20; it shows as stale when these lines change.",
)
@click.option("--pin", is_flag=True, help="Recall it with every question, and never forget it by itself.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON (schema pampax.memories/1).")
@click.pass_obj
def command(
    request: Request,
    text: tuple[str, ...],
    kind: str,
    scope: str,
    weight: float,
    days: float | None,
    evidence: tuple[str, ...],
    pin: bool,
    as_json: bool,
) -> int:
    """Keep something that was learnt, for later questions.

    TEXT is what to remember; with "-", or without words in a pipe, it is read from stdin. What looks like a secret is
    masked before it is kept.
    """
    words = query_text(text, "text")
    from pampax.memory import open_memory

    repository = request.indexed() if evidence else request.open()
    kept = open_memory(repository, "cli").remember(
        words, kind=kind, scope=scope, weight=weight, days=days, evidence=unicode_texts(evidence), pinned=pin
    )
    request.log.add(kind=kind, scope=scope, masked=len(kept.masked))
    if as_json:
        from pampax.cli.documents import memories_json

        request.out.document(memories_json([kept.memory]))
    else:
        request.out.line(request.out.field(kept.memory.line()))
    if kept.masked:
        request.notice(f"masked before it was kept: {', '.join(kept.masked)}")
    if not kept.new:
        request.notice("known already: renewed")
    return 0
