"""`pampax feedback`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pampax.cli.options import PampaxCommand

if TYPE_CHECKING:
    from pampax.cli.request import Request

EXAMPLES = """
pampax feedback 0123456789abcdef --good
pampax feedback 0123456789abcdef --used i1 --used i4
pampax feedback 0123456789abcdef --bad i2
"""


@click.command("feedback", cls=PampaxCommand, epilog=EXAMPLES)
@click.argument("bundle")
@click.argument("items", nargs=-1)
@click.option("--good", is_flag=True, help="The bundle, or ITEMS of it, helped.")
@click.option("--bad", is_flag=True, help="The bundle, or ITEMS of it, did not help.")
@click.option("--used", metavar="ITEM", multiple=True, help="This item was used. May be given several times.")
@click.pass_obj
def command(request: Request, bundle: str, items: tuple[str, ...], good: bool, bad: bool, used: tuple[str, ...]) -> int:
    """Say what a bundle was good for.

    It is noted in the query log of the store, and nowhere else.
    BUNDLE is the id that `pampax assemble` gave, ITEMS are names of its items, such as i3.
    """
    context = click.get_current_context()
    if good and bad:
        raise click.UsageError("--good and --bad exclude each other", context)
    if not (good or bad or used):
        raise click.UsageError("say what it was: --good, --bad or --used ITEM", context)
    if items and not (good or bad):
        raise click.UsageError("ITEMS belong to --good or --bad", context)
    from pampax.query_log import check_feedback

    log = request.query_log(request.open())
    problem = check_feedback(log, bundle, [*items, *used])
    if problem is not None:
        raise click.UsageError(problem, context)
    written = True
    if good or bad:
        written &= log.feedback(bundle, "good" if good else "bad", items)
    if used:
        written &= log.feedback(bundle, "used", used)
    if not written:
        raise OSError(None, f"{log.path} cannot be written")
    request.notice("noted")
    return 0
