"""`pampax index`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pampax.cli.figures import count_text
from pampax.cli.options import PampaxCommand

if TYPE_CHECKING:
    from pampax.cli.request import Request

EXAMPLES = """
pampax index
pampax index ~/code/monorepo --memory 2GiB
pampax index --force --json
pampax index --scip index.scip
"""


@click.command("index", cls=PampaxCommand, epilog=EXAMPLES)
@click.argument("path", required=False)
@click.option("--force", is_flag=True, help="Build the index anew instead of bringing it up to date.")
@click.option(
    "--scip",
    metavar="FILE",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False),
    help="Take exact edges of the graph from this SCIP index, until a file changes. May be given several times.",
)
@click.option("--json", "as_json", is_flag=True, help="Write the report as JSON (schema pampax.index/1).")
@click.option("--timings", is_flag=True, help="In JSON, say how long it took.")
@click.pass_obj
def command(
    request: Request, path: str | None, force: bool, scip: tuple[str, ...], as_json: bool, timings: bool
) -> int:
    """Build the index of a repository, or bring it up to date.

    PATH is a folder of the repository; without it, the current folder. Only what has changed is read.
    """
    report = request.index(request.open(path), force=force, scip=scip)
    request.log.add(files=report.files, generation=report.generation)
    if as_json:
        request.out.document(report.to_json(timings=timings))
    if report.remote_vectors and report.remote_vectors["problem"]:
        from pampax import _core

        missing = count_text(report.remote_vectors["missing"], "chunk")
        raise _core.RemoteError(
            f"{report.remote_vectors['problem']}; {missing} without its vectors, the rest is indexed"
        )
    return 0
