"""`pampax pin`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pampax.cli.options import PampaxCommand

if TYPE_CHECKING:
    from pampax.cli.request import Request

EXAMPLES = """
pampax pin m0123456789ab
pampax pin --off m0123456789ab
"""


@click.command("pin", cls=PampaxCommand, epilog=EXAMPLES)
@click.argument("identity", metavar="ID")
@click.option("--off", is_flag=True, help="Unpin it.")
@click.pass_obj
def command(request: Request, identity: str, off: bool) -> int:
    """Have a memory recalled with every question.

    It is also kept beyond its days. ID is what `pampax recall` shows in brackets.
    """
    from pampax.memory import open_memory

    known = open_memory(request.open()).pin(identity, not off)
    request.notice(("unpinned" if off else "pinned") if known else f"no memory is called {request.err.field(identity)}")
    return 0 if known else 1
