"""`pampax assemble`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pampax.cli.figures import count_text
from pampax.cli.options import PampaxCommand, filters
from pampax.cli.query import query_text, unicode_texts

if TYPE_CHECKING:
    from pampax._core import Bundle
    from pampax.cli.request import Request

EXAMPLES = """
pampax assemble make session cookies SameSite=Strict
pampax assemble --budget 4000 --no-tests fix the retry loop in the uploader
pampax assemble --format json - < issue.txt
"""


@click.command("assemble", cls=PampaxCommand, keys=("assemble.budget", "assemble.encoding"), epilog=EXAMPLES)
@click.argument("task", nargs=-1)
@filters
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "json"]),
    default="markdown",
    help="Markdown to paste into a prompt, or JSON (schema pampax.bundle/1).",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--timings", is_flag=True, help="In JSON, say how long each step took.")
@click.pass_obj
def command(
    request: Request,
    task: tuple[str, ...],
    paths: tuple[str, ...],
    languages: tuple[str, ...],
    kinds: tuple[str, ...],
    tests: bool | None,
    form: str,
    as_json: bool,
    timings: bool,
) -> int:
    """Collect the code a task needs, within a budget of tokens.

    TASK says in words what is to be done. With "-", or without words in a pipe, it is read from stdin. The bundle
    never costs more tokens than the budget.
    """
    text = query_text(task, "task")
    bundle = request.indexed().assemble(
        text,
        budget=request.configuration.number("assemble.budget"),
        encoding=request.configuration.text("assemble.encoding"),
        paths=unicode_texts(paths),
        languages=unicode_texts(languages),
        kinds=unicode_texts(kinds),
        tests=tests,
    )
    request.log.add(task_characters=len(text), items=len(bundle.items), tokens=bundle.tokens, budget=bundle.budget)
    if as_json or form == "json":
        request.out.document(bundle.to_json(timings=timings))
        return 0 if bundle.items else 1

    from pampax.cli.hits import coverage_text

    if bundle.items:
        request.out.document(bundle.to_markdown())
    request.notice(request.err.field(_summary(bundle)))
    request.notice(request.err.field(coverage_text(bundle.coverage)))
    return 0 if bundle.items else 1


def _summary(bundle: Bundle) -> str:
    """What the bundle holds and why it ends there, as one line."""
    text = (
        f"{count_text(len(bundle.items), 'item')}, {count_text(bundle.tokens)} of {count_text(bundle.budget, 'token')} "
        f"({bundle.encoding})"
    )
    if bundle.dropped:
        text += f"; {count_text(len(bundle.dropped))} dropped"
    return f"{text}; {bundle.stop_reason}"
