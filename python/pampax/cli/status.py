"""`pampax status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pampax.cli.figures import count_text, size_text
from pampax.cli.options import PampaxCommand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pampax._core import SkippedFile, Status
    from pampax.cli.request import Request
    from pampax.cli.terminal import Output

EXAMPLES = """
pampax status
pampax status --skipped
pampax status --json
"""


@click.command("status", cls=PampaxCommand, epilog=EXAMPLES)
@click.option("--skipped", is_flag=True, help="List the files that are not indexed, and why.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON (schema pampax.status/1 or pampax.skipped/1).")
@click.pass_obj
def command(request: Request, skipped: bool, as_json: bool) -> int:
    """Show what the index holds and what it left out."""
    repository = request.open()
    if skipped:
        files = repository.skipped()
        if as_json:
            from pampax.cli.documents import skipped_json

            request.out.document(skipped_json(files))
        else:
            _draw_skipped(request.out, files)
        return 0
    status = repository.status()
    if as_json:
        request.out.document(status.to_json())
    else:
        _draw_status(request.out, status)
    return 0


def _draw_status(out: Output, status: Status) -> None:
    """One fact a line."""
    facts = [("repository", out.field(status.root)), ("store", out.field(status.store))]
    if status.generation is None:
        facts.append(("generation", "none: not indexed yet (pampax index)"))
    else:
        facts += [
            ("generation", f"{status.generation}" + (f", made {status.created}" if status.created else "")),
            ("files", f"{count_text(status.files)} ({size_text(status.bytes)})"),
            ("languages", _counts(out, status.languages)),
            ("symbols", count_text(status.symbols)),
            ("chunks", count_text(status.chunks)),
            ("skipped", _counts(out, status.skipped)),
            ("store size", size_text(status.store_bytes)),
            ("segments", count_text(status.segments)),
            ("views", count_text(status.views)),
            ("format", str(status.format)),
        ]
    width = max(len(name) for name, _ in facts)
    for name, text in facts:
        out.line(f"{out.style('dim', name)}{' ' * (width - len(name))}  {text}")


def _counts(out: Output, counts: dict[str, int]) -> str:
    """Names with their numbers, the largest first."""
    rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{out.field(name)} {count_text(number)}" for name, number in rows if number) or "none"


def _draw_skipped(out: Output, files: Sequence[SkippedFile]) -> None:
    """One file a line: why, how large, where."""
    sizes = [size_text(file.bytes) for file in files]
    reason_width = max((len(file.reason) for file in files), default=0)
    size_width = max((len(size) for size in sizes), default=0)
    for file, size in zip(files, sizes, strict=True):
        detail = out.style("dim", f"  {out.field(file.detail)}") if file.detail else ""
        path = out.style("path", out.field(file.path))
        out.line(f"{file.reason.ljust(reason_width)}  {size.rjust(size_width)}  {path}{detail}")
