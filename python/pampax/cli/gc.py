"""`pampax gc`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pampax.cli.figures import count_text, size_text
from pampax.cli.options import PampaxCommand

if TYPE_CHECKING:
    from pampax.cli.request import Request

EXAMPLES = """
pampax gc --dry-run
pampax gc
pampax gc --json
"""


@click.command("gc", cls=PampaxCommand, epilog=EXAMPLES)
@click.argument("path", required=False)
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON (schema pampax.gc/1).")
@click.pass_obj
def command(request: Request, path: str | None, dry_run: bool, as_json: bool) -> int:
    """Remove from the index what no worktree needs any more.

    These are the views of worktrees that are gone, and the entries of files that no worktree has in this state. They
    are kept until then, so that a branch one goes back to costs nothing.
    """
    import json

    text = request.open(path).gc(dry_run=dry_run)
    report = json.loads(text)
    request.log.add(entries=report["entries_removed"], views=len(report["views_removed"]))
    if as_json:
        request.out.document(text)
        return 0
    for view in report["views_removed"]:
        why = "is gone" if view["reason"] == "root-gone" else "has another store now"
        request.out.line(f"view of {request.out.field(view['root'])}: it {why}")
    freed = size_text(max(0, report["bytes_before"] - report["bytes_after"]))
    entries = count_text(report["entries_removed"])
    left = size_text(report["bytes_after"])
    said = "would free about" if dry_run else "freed"
    request.out.line(f"{said} {freed} (entries that no worktree sees: {entries}); {left} left")
    return 0


__all__ = ["command"]
