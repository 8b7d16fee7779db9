"""`pampax search`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pampax.cli.options import PampaxCommand, filters, max_tokens_option, pack_option
from pampax.cli.query import query_text
from pampax.cli.token_limit import bounded
from pampax.configuration import INTENTS

if TYPE_CHECKING:
    from pampax.cli.request import Request
    from pampax.cli.terminal import Output
    from pampax.configuration import Intent

EXAMPLES = """
pampax search where are session cookies signed
pampax search "SessionStore.refresh" --kind method --context 3
pampax search --path 'src/**' --path '!src/vendor/**' --no-tests retry with backoff
pampax search -- --dry-run
pampax search --reranker http://localhost:8080 how are retries spaced
pampax search --limit 30 --max-tokens 1500 how are retries spaced
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
@max_tokens_option
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
    max_tokens: int | None,
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
    context = request.configuration.optional_number("search.context")

    def draw(out: Output, count: int) -> None:
        from pampax.cli.hits import draw_answer

        draw_answer(out, repository, answer, context, count)

    shown = bounded(request, max_tokens, len(answer.hits), draw, as_json=as_json)
    request.query_log(repository).answered(text, answer, shown.kept)
    request.log.add(query_characters=len(text), hits=shown.kept, intent=answer.intent)
    if as_json:
        whole = shown.is_whole
        request.out.document(
            answer.to_json(timings=timings) if whole else shown.document(answer.to_dict(timings=timings), "hits")
        )
        return 0 if answer.hits else 1

    from pampax.cli.hits import coverage_text, empty_text, timings_text

    shown.write(request.out, draw)
    if not answer.hits:
        request.notice(empty_text(answer.empty_reason))
    request.notice(request.err.field(coverage_text(answer.coverage, left_out=shown.note(), by_meaning=True)))
    if timings:
        request.notice(timings_text(answer.timings))
    return 0 if answer.hits else 1
