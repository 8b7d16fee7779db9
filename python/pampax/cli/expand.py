"""`pampax expand`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pampax.cli.assemble import FORMATS, LEVELS, write
from pampax.cli.options import PampaxCommand

if TYPE_CHECKING:
    from pampax.cli.request import Request

EXAMPLES = """
pampax expand 0123456789abcdef i3 i7
pampax expand 0123456789abcdef i3 --level signature
pampax expand 0123456789abcdef
"""


@click.command("expand", cls=PampaxCommand, epilog=EXAMPLES)
@click.argument("bundle")
@click.argument("items", nargs=-1)
@click.option("--level", type=click.Choice(LEVELS), default="full", show_default=True, help="How much to show of each.")
@click.option(
    "--budget",
    metavar="N",
    type=click.IntRange(1, 10_000_000),
    default=None,
    help="Refuse to write more tokens than this. Without it: whatever the items cost.",
)
@click.option("--format", "form", type=click.Choice([*FORMATS, "json"]), default="markdown", help="As in assemble.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.pass_obj
def command(
    request: Request,
    bundle: str,
    items: tuple[str, ...],
    level: str,
    budget: int | None,
    form: str,
    as_json: bool,
) -> int:
    """Show more of the items of a bundle.

    BUNDLE is the id that `pampax assemble` gave, ITEMS are the names in brackets, such as i3. Without ITEMS, all of the
    bundle is given again as it was. Both need the index to be in the state that the bundle was made from.
    """
    as_json = as_json or form == "json"
    chosen = "markdown" if as_json else form
    repository = request.open()
    if items:
        expanded = repository.expand(bundle, list(items), level=level, format=chosen, budget=budget)
    else:
        expanded = repository.bundle(bundle)
    request.query_log(repository).expanded(bundle, items)
    return write(request, expanded, as_json=as_json)
