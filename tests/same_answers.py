"""What a repository answers, without what may differ between two indexes of the same tree.

Those are the number of the generation, what is named after it (a bundle's id), and notes about how the store came to
be. Everything else has to be equal, scores and order included: that is what `ask` gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pampax

Kind = Literal["search", "assemble", "symbols", "graph", "grep"]

GRAPH_RELATIONS = ("callers", "callees", "references", "imports")


class Question(NamedTuple):
    """Something to ask."""

    kind: Kind
    text: str


def mixed_questions(texts: Iterable[str]) -> list[Question]:
    """All kinds of questions about `texts`, which are those of a generator of trees."""
    questions: list[Question] = []
    for text in texts:
        questions += [Question("search", text), Question("assemble", text)]
        if text.isidentifier():
            questions += [Question("symbols", text), Question("graph", text), Question("grep", text)]
    return questions


def ask(repository: pampax.Repository, question: Question, *, limit: int = 20) -> Any:
    """The answer of `repository` as values of JSON, without what depends on the history of its store."""
    kind, text = question
    match kind:
        case "search":
            return _comparable(repository.search(text, limit=limit).to_dict())
        case "assemble":
            return _comparable(repository.assemble(text).to_dict())
        case "symbols":
            hits = repository.symbols(text, limit=limit)
            return [
                [hit.path, hit.qualified_name, hit.kind, hit.start_line, hit.end_line, hit.signature] for hit in hits
            ]
        case "graph":
            return [
                _comparable(repository.graph(text, relation, limit=limit).to_dict()) for relation in GRAPH_RELATIONS
            ]
        case "grep":
            return _comparable(repository.grep(text, fixed=True, limit=limit).to_dict())


def _comparable(answer: dict[str, Any]) -> dict[str, Any]:
    coverage = {key: value for key, value in answer["coverage"].items() if key not in ("generation", "notes")}
    return {key: value for key, value in answer.items() if key != "id"} | {"coverage": coverage}


def counts(repository: pampax.Repository) -> dict[str, Any]:
    """What its status counts: equal for equal trees."""
    status = repository.status()
    names = ("files", "chunks", "symbols", "bytes", "skipped", "languages")
    return {name: getattr(status, name) for name in names}
