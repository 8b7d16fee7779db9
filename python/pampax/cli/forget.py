"""`pampax forget`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pampax.cli.figures import count_text
from pampax.cli.options import PampaxCommand

if TYPE_CHECKING:
    from pampax.cli.request import Request

EXAMPLES = """
pampax forget m0123456789ab
pampax forget --expired
"""


@click.command("forget", cls=PampaxCommand, epilog=EXAMPLES)
@click.argument("ids", nargs=-1)
@click.option("--expired", is_flag=True, help="Remove what its --days are over for.")
@click.pass_obj
def command(request: Request, ids: tuple[str, ...], expired: bool) -> int:
    """Remove memories for good.

    IDS are those that `pampax recall` shows in brackets, of whatever scope.
    """
    if not ids and not expired:
        raise click.UsageError("say which: ids of memories, or --expired", click.get_current_context())
    from pampax.memory import open_memory

    removed = open_memory(request.open()).forget(ids, expired=expired)
    request.log.add(memories=removed)
    request.notice(f"{count_text(removed)} forgotten")
    return 0 if removed else 1
