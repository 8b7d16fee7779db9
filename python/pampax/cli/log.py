"""`pampax log`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pampax.cli.figures import size_text
from pampax.cli.options import PampaxCommand

if TYPE_CHECKING:
    from pampax.cli.request import Request

EXAMPLES = """
pampax log export > questions.jsonl
pampax log clear
"""


@click.command("log", cls=PampaxCommand, epilog=EXAMPLES)
@click.argument("action", type=click.Choice(["export", "clear"]))
@click.pass_obj
def command(request: Request, action: str) -> int:
    """Export or remove the query log.

    Export writes it to stdout. It is in the store, one JSON object a line (docs/agents.md has the fields), and is kept
    or not by the option query_log.
    """
    log = request.query_log(request.open())
    if action == "clear":
        removed = log.clear()
        request.notice(f"{size_text(removed)} removed")
        return 0
    count = 0
    for line in log.lines():
        request.out.write(line)
        count += 1
    if not count:
        request.notice("the query log is empty")
    return 0 if count else 1
