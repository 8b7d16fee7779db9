"""`pampax search`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pampax.cli.options import PampaxCommand, filters, pack_option
from pampax.cli.query import query_text
from pampax.configuration import INTENTS

if TYPE_CHECKING:
    from pampax.cli.request import Request
    from pampax.configuration import Intent

EXAMPLES = """
pampax search where are session cookies signed
pampax search "SessionStore.refresh" --kind method --context 3
pampax search --path 'src/**' --path '!src/vendor/**' --no-tests retry with backoff
pampax search -- --dry-run
pampax search --reranker http://localhost:8080 how are retries spaced
git log -1 --format=%B | pampax search --json
"""


@click.command(
    "search", cls=PampaxCommand, keys=("search.limit", "search.context", "reranker", "freshness_ms"), epilog=EXAMPLES
)
@click.argument("query", nargs=-1)
@filters
@pack_option
@click.option(
    "--intent",
    type=click.Choice(INTENTS),
    help="What kind of question it is. Without it, the text decides; docs/search.md tells what each does.",
)
@click.option("--explain", is_flag=True, help="Show how each score comes about.")
@click.option("--json", "as_json", is_flag=True, help="Write the answer as JSON (schema pampax.answer/1).")
@click.option("--timings", is_flag=True, help="Say how long each step took.")
@click.pass_obj
def command(
    request: Request,
    query: tuple[str, ...],
    paths: tuple[str, ...],
    languages: tuple[str, ...],
    kinds: tuple[str, ...],
    tests: bool | None,
    pack: str | None,
    intent: Intent | None,
    explain: bool,
    as_json: bool,
    timings: bool,
) -> int:
    """Find the code that answers a question.

    QUERY is a question in words, a name, a path or an error message. With "-", or without words in a pipe, it is read
    from stdin. In a repository without an index, one is built first.
    """
    text = query_text(query, "query")
    repository = request.indexed()
    where = request.within(repository, pack, paths, languages, kinds, tests)
    answer = repository.search(
        text,
        limit=request.configuration.number("search.limit"),
        explain=explain,
        intent=intent or (where.pack and where.pack.intent),
        **where.filters,
    )
    request.query_log(repository).answered(text, answer)
    request.log.add(query_characters=len(text), hits=len(answer.hits), intent=answer.intent)
    if as_json:
        request.out.document(answer.to_json(timings=timings))
        return 0 if answer.hits else 1

    from pampax.cli.hits import coverage_text, draw_answer, empty_text, timings_text

    draw_answer(request.out, repository, answer, request.configuration.optional_number("search.context"))
    if not answer.hits:
        request.notice(empty_text(answer.empty_reason))
    request.notice(request.err.field(coverage_text(answer.coverage)))
    if timings:
        request.notice(timings_text(answer.timings))
    return 0 if answer.hits else 1
