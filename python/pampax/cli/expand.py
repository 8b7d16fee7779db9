"""`pampax expand`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pampax.cli.assemble import FORMATS, LEVELS, write
from pampax.cli.options import PampaxCommand, max_tokens_option
from pampax.cli.token_limit import Bounded, cut
from pampax.fitting import most

if TYPE_CHECKING:
    from pampax._core import Bundle, Repository
    from pampax.cli.request import Request

EXAMPLES = """
pampax expand 0123456789abcdef i3 i7
pampax expand 0123456789abcdef i3 --level signature
pampax expand 0123456789abcdef i1 i2 i3 i4 --max-tokens 2000
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
@max_tokens_option
@click.option("--format", "form", type=click.Choice([*FORMATS, "json"]), default="markdown", help="As in assemble.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.pass_obj
def command(
    request: Request,
    bundle: str,
    items: tuple[str, ...],
    level: str,
    budget: int | None,
    max_tokens: int | None,
    form: str,
    as_json: bool,
) -> int:
    """Show more of the items of a bundle.

    BUNDLE is the id that `pampax assemble` gave, ITEMS are the names in brackets, such as i3. Without ITEMS, all of the
    bundle is given again as it was. Both need the index to be in the state that the bundle was made from. With
    --max-tokens, items are left out from the end; a whole bundle that costs more is shown as if its items were named.
    """
    if budget is not None and max_tokens is not None:
        message = "--budget refuses what costs more, --max-tokens leaves it out: give one of them"
        raise click.UsageError(message, click.get_current_context())
    as_json = as_json or form == "json"
    chosen = "markdown" if as_json else form
    repository = request.open()
    if items:
        expanded = repository.expand(bundle, list(items), level=level, format=chosen, budget=budget)
    else:
        expanded = repository.bundle(bundle)
    shown = Bounded(len(expanded.items), len(expanded.items), None)
    if max_tokens is not None and expanded.tokens > max_tokens:
        names = list(items) or [item.id for item in expanded.items]
        expanded, shown = _first(repository, (bundle, names), level, chosen, max_tokens)
    request.query_log(repository).expanded(bundle, items[: shown.kept])
    return write(request, expanded, as_json=as_json, shown=shown)


def _first(
    repository: Repository, wanted: tuple[str, list[str]], level: str, form: str, limit: int
) -> tuple[Bundle, Bounded]:
    """As many of the first items of a bundle as cost at most `limit` tokens, or the first of them, cut."""
    from pampax._core import BudgetTooSmall

    bundle, names = wanted

    def fits(count: int) -> bool:
        try:
            repository.expand(bundle, names[:count], level=level, format=form, budget=limit)
        except BudgetTooSmall:
            return False
        return True

    count = most(len(names), fits)
    expanded = repository.expand(bundle, names[: max(count, 1)], level=level, format=form)
    text = expanded.to_text().encode()
    content = text if count else cut(text, limit, expanded.encoding)
    return expanded, Bounded(max(count, 1), len(names), limit, content, is_cut=not count)
