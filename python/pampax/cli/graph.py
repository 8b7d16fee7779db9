"""`pampax graph`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pampax.cli.options import PampaxCommand, filters, max_tokens_option
from pampax.cli.query import unicode_text, unicode_texts
from pampax.cli.token_limit import bounded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pampax._core import GraphAnswer, GraphEdge, GraphNode
    from pampax.cli.request import Request
    from pampax.cli.terminal import Output

EXAMPLES = """
pampax graph callers SessionStore.refresh
pampax graph callees handle_request --depth 2
pampax graph references parse_config --path 'src/**' --json
pampax graph imports src/app/session.py
pampax graph inherits Storage --depth 3
pampax graph tests Session.sign
pampax graph references Session --limit 500 --max-tokens 1000
"""

RELATIONS = {
    "callers": "what calls NAME, and the routes that lead to it",
    "callees": "what NAME calls",
    "references": "whatever names NAME",
    "imports": "what the file NAME imports; for a symbol, what imports it",
    "inherits": "what NAME is a kind of, and what is a kind of NAME",
    "tests": "tests that call or name NAME",
}

REASONS = {
    "not-found": "no symbol and no file of the index is called {name}",
    "stale": "no symbol and no file of the index is called {name}, but files have changed since: run `pampax index`",
    "not-indexed": "there is no index: run `pampax index`",
    "graph-not-made": "how the code hangs together is not known yet: the index is still being made",
    "language-not-parsed": "{name} stands in files of languages that are not parsed (pampax grep)",
    "language-without-edges": "{name} is in a language whose uses of names are not followed",
    "filtered-out": "all that was found is left out by the filters",
    "no-callers": "nothing in the index is known to call {name}",
    "no-callees": "{name} calls nothing that the index knows",
    "no-references": "nothing in the index is known to name {name}",
    "no-imports": "no import of the index leads to or from {name}",
    "no-inherits": "{name} is no kind of anything in the index, and nothing is a kind of it",
    "no-tests": "no test in the index is known to use {name}",
}


@click.command("graph", cls=PampaxCommand, epilog=EXAMPLES)
@click.argument("relation", type=click.Choice(list(RELATIONS)))
@click.argument("name")
@click.option("--depth", metavar="N", type=click.IntRange(1, 32), default=1, show_default=True, help="Edges to follow.")
@click.option("--limit", metavar="N", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most N.")
@click.option(
    "--confidence",
    metavar="SHARE",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Leave out edges that are less sure: 0.6 leaves what is likely, 1 what is exact.",
)
@filters
@max_tokens_option
@click.option("--json", "as_json", is_flag=True, help="Write JSON (schema pampax.graph/1).")
@click.pass_obj
def command(
    request: Request,
    relation: str,
    name: str,
    depth: int,
    limit: int,
    confidence: float,
    paths: tuple[str, ...],
    languages: tuple[str, ...],
    kinds: tuple[str, ...],
    tests: bool | None,
    max_tokens: int | None,
    as_json: bool,
) -> int:
    """Follow calls, references, imports and bases of a name.

    NAME is a symbol, bare (refresh) or qualified (SessionStore.refresh), or the path of a file. RELATION is one of
    callers, callees, references, imports, inherits and tests.
    """
    name = unicode_text(name)
    if not name.strip():
        raise click.UsageError("the name is empty", click.get_current_context())
    answer = request.indexed().graph(
        name,
        relation,
        depth=depth,
        limit=limit,
        confidence=confidence,
        paths=unicode_texts(paths),
        languages=unicode_texts(languages),
        kinds=unicode_texts(kinds),
        tests=tests,
    )

    def draw(out: Output, count: int) -> None:
        _draw(out, answer.edges[:count])

    shown = bounded(request, max_tokens, len(answer.edges), draw, as_json=as_json)
    request.log.add(relation=relation, edges=shown.kept)
    if as_json:
        whole = shown.is_whole
        request.out.document(
            answer.to_json() if whole else shown.document(answer.to_dict() | {"truncated": True}, "edges", "edge")
        )
        return 0 if answer.edges else 1
    shown.write(request.out, draw)
    request.notice(request.err.field(_summary(answer)))
    from pampax.cli.hits import coverage_text

    request.notice(request.err.field(coverage_text(answer.coverage, left_out=shown.note("edge"))))
    return 0 if answer.edges else 1


def _draw(out: Output, edges: Sequence[GraphEdge]) -> None:
    """One line for each edge: where, what it says of whom, how sure."""
    rows = [
        (f"{edge.source.path}:{edge.line}", _sentence(edge), f"{edge.certainty} {edge.confidence:.2f}")
        for edge in edges
    ]
    widths = [min(60, max((len(row[column]) for row in rows), default=0)) for column in range(2)]
    for edge, (place, text, certainty) in zip(edges, rows, strict=True):
        indent = "  " * (edge.depth - 1)
        out.line(
            f"{indent}{out.style('path', out.field(place))}{' ' * max(0, widths[0] - len(place))}  "
            f"{out.field(text)}{' ' * max(0, widths[1] - len(text))}  {certainty}"
            + ("  (and more)" if edge.truncated else "")
        )


def _sentence(edge: GraphEdge) -> str:
    if edge.route is not None:
        return f"{edge.route} → {_name(edge.target)}"
    return f"{_name(edge.source)} {edge.kind} {_name(edge.target)}"


def _name(node: GraphNode) -> str:
    return node.symbol or node.path


def _summary(answer: GraphAnswer) -> str:
    """What the answer is about and how sure it is, as one line."""
    if answer.empty_reason is not None:
        return REASONS.get(answer.empty_reason, answer.empty_reason).format(name=answer.name)
    places = [f"{node.path}:{node.line}" for node in answer.definitions[:3]]
    more = f" and {len(answer.definitions) - 3} more" if len(answer.definitions) > 3 else ""
    cut = "; cut short by a limit" if answer.truncated else ""
    return f"{answer.name} is defined at {', '.join(places)}{more}; the least sure edge is {answer.certainty}{cut}"
