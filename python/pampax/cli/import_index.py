"""`pampax import`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from pampax.cli.figures import count_text
from pampax.cli.options import PampaxCommand

if TYPE_CHECKING:
    from pampax.cli.request import Request

EXAMPLES = """
pampax import index.pampax
pampax import index.pampax --force
pampax import index.pampax --extract ~/code/monorepo
"""


@click.command("import", cls=PampaxCommand, epilog=EXAMPLES)
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace the index that the repository has.")
@click.option(
    "--extract",
    metavar="FOLDER",
    type=click.Path(file_okay=False),
    help="Write the files to this new folder and take the index for it; FILE has to be exported --with-text.",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON (schema pampax.import/1).")
@click.pass_obj
def command(request: Request, file: str, force: bool, extract: str | None, as_json: bool) -> int:
    """Take an index that was exported elsewhere.

    All of FILE is verified before anything is replaced. `pampax index` then reads only what differs here.
    """
    import json

    if extract is not None:
        os.makedirs(os.path.join(request.folder or "", extract), exist_ok=True)  # noqa: PTH103, PTH118
    text = request.open(extract).import_index(file, force=force, extract=extract is not None)
    report = json.loads(text)
    request.log.add(files=report["about"]["files"], generation=report["generation"])
    if as_json:
        request.out.document(text)
        return 0
    files, agreeing = count_text(report["about"]["files"], "file"), count_text(report["agreeing"])
    others = f"{count_text(report['differing'])} differ, {count_text(report['missing'])} are not here"
    request.out.line(f"imported {files}: {agreeing} as they are on disk, {others}")
    if report["differing"] or report["missing"]:
        request.notice("`pampax index` brings the rest up to date")
    return 0
