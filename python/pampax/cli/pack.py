"""`pampax pack`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pampax.cli.options import PampaxCommand

if TYPE_CHECKING:
    from pampax.cli.request import Request
    from pampax.packs import Pack

EXAMPLES = """
pampax pack list
pampax pack show server
pampax pack use server
pampax pack none
pampax search --pack server retry with backoff
"""


@click.command("pack", cls=PampaxCommand, epilog=EXAMPLES)
@click.argument("action", type=click.Choice(["list", "show", "use", "none"]))
@click.argument("name", required=False)
@click.option("--tag", metavar="TAG", default=None, help="List only packs with this tag.")
@click.option("--json", "as_json", is_flag=True, help="With list: write JSON (schema pampax.packs/1).")
@click.pass_obj
def command(request: Request, action: str, name: str | None, tag: str | None, as_json: bool) -> int:
    """List, show and choose context packs.

    Questions are asked within the one that is in use. Packs are the files .pampax/packs/NAME.toml; docs/agents.md tells
    what may stand in them.
    """
    context = click.get_current_context()
    if (name is not None) != (action in ("show", "use")):
        raise click.UsageError(f"{action} takes {'the name of a pack' if name is None else 'no name'}", context)
    if action != "list" and (tag is not None or as_json):
        raise click.UsageError("--tag and --json belong to list", context)
    from pampax import packs

    repository = request.open()
    if action == "none":
        packs.use_pack(repository, None)
        request.notice("no pack is in use")
        return 0
    if name is not None:
        pack = packs.load_pack(repository.root, name)
        packs.check_pack(repository, pack)
        if action == "use":
            packs.use_pack(repository, name)
            request.notice(f"pack {name} is in use: --pack none asks without it, `pampax pack none` ends it")
        else:
            request.out.document(pack.to_toml())
        return 0
    found = [packs.load_pack(repository.root, one) for one in packs.pack_names(repository.root)]
    found = [pack for pack in found if tag is None or tag in pack.tags]
    return _list(request, found, packs.active_pack(repository), as_json)


def _list(request: Request, found: list[Pack], active: str | None, as_json: bool) -> int:
    if as_json:
        from pampax.cli.documents import json_text

        rows = [{**pack._asdict(), "weights": dict(pack.weights), "active": pack.name == active} for pack in found]
        request.out.document(json_text({"schema": "pampax.packs/1", "packs": rows}))
        return 0 if found else 1
    for pack in found:
        tags = f"[{', '.join(pack.tags)}]" if pack.tags else ""
        parts = [pack.version, pack.description, tags, "(in use)" if pack.name == active else ""]
        facts = "".join("  " + request.out.field(part) for part in parts if part)
        request.out.line(request.out.style("symbol", pack.name) + facts)
    if not found:
        request.notice("there are no packs: .pampax/packs/NAME.toml is one")
    return 0 if found else 1
