"""`pampax export`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pampax.cli.figures import count_text, size_text
from pampax.cli.options import PampaxCommand

if TYPE_CHECKING:
    from pampax.cli.request import Request

EXAMPLES = """
pampax export index.pampax
pampax export index.pampax --with-text
pampax -C ~/code/monorepo export /tmp/index.pampax --json
"""


@click.command("export", cls=PampaxCommand, epilog=EXAMPLES)
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("--with-text", is_flag=True, help="Put the text of the indexed files inside, too.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON (schema pampax.export/1).")
@click.pass_obj
def command(request: Request, file: str, with_text: bool, as_json: bool) -> int:
    """Write the index into one file for another machine.

    FILE holds what this worktree sees and nothing else: no other branches, no times, no paths of this machine. Without
    --with-text the other side needs the files to show lines of them.
    """
    import json

    text = request.open().export(file, with_text=with_text)
    report = json.loads(text)
    request.log.add(files=report["about"]["files"], bytes=report["file_bytes"])
    if as_json:
        request.out.document(text)
        return 0
    about = report["about"]
    commit = f", commit {about['commit'][:10]}" if about["commit"] else ""
    inside = " with their text" if about["has_text"] else ""
    files = count_text(about["files"], "file")
    request.out.line(f"{request.out.field(report['file'])}: {size_text(report['file_bytes'])}, {files}{inside}{commit}")
    return 0
