"""`pampax watch`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pampax.cli.figures import count_text, duration_text
from pampax.cli.options import PampaxCommand

if TYPE_CHECKING:
    from pampax._core import Repository
    from pampax.cli.request import Request
    from pampax.watching import Refreshed

EXAMPLES = """
pampax watch
pampax watch ~/code/monorepo
pampax watch --json | jq .changed
"""


@click.command("watch", cls=PampaxCommand, epilog=EXAMPLES)
@click.argument("path", required=False)
@click.option("--poll", is_flag=True, help="Look at the files every second instead of asking the system what changed.")
@click.option(
    "--json", "as_json", is_flag=True, help="Write a report (schema pampax.index/1) as one line for each change."
)
@click.pass_obj
def command(request: Request, path: str | None, poll: bool, as_json: bool) -> int:
    """Keep the index current while files change.

    PATH is a folder of the repository; without it, the current folder. It goes on until Ctrl-C. Changed files can be
    searched a moment after they are written; in a large repository the graph of calls and references follows when it
    has become quiet.
    """
    from pampax.watching import Notice, Watching

    repository = request.open(path)
    request.index(repository, force=False)
    request.notice(f"watching {request.err.field(repository.root)} (Ctrl-C ends)")

    def reopen(root: str) -> Repository:
        return request.open_at(root)

    for event in Watching(repository, reopen, poll=poll).run():
        if isinstance(event, Notice):
            request.notice(request.err.field(event.text))
            continue
        report = event.report
        if report.added + report.changed + report.removed == 0:
            continue
        request.notice(_text(event))
        if as_json:
            request.out.document(report.to_json(timings=False))
            request.out.flush()
    return 0


def _text(event: Refreshed) -> str:
    report = event.report
    parts = [
        f"{count_text(number)} {what}"
        for number, what in ((report.added, "added"), (report.changed, "changed"), (report.removed, "removed"))
        if number
    ]
    return f"{', '.join(parts)} in {duration_text(report.seconds)} · generation {report.generation}"
