"""`pampax assemble`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from pampax.cli.figures import count_text
from pampax.cli.options import PampaxCommand, filters, pack_option
from pampax.cli.query import query_text, unicode_text, unicode_texts
from pampax.cli.terminal import is_terminal
from pampax.configuration import INTENTS, Intent

if TYPE_CHECKING:
    from pampax._core import Bundle, Repository
    from pampax.cli.request import Request
    from pampax.cli.token_limit import Bounded
    from pampax.memory import MemoryStore, Section

EXAMPLES = """
pampax assemble make session cookies SameSite=Strict
pampax assemble --budget 4000 --no-tests fix the retry loop in the uploader
pampax assemble --format report - < issue.txt
pampax assemble --level outline how is a request routed; pampax expand 0123456789abcdef i3 i7
pampax assemble --have 0123456789abcdef --have src/app.py:1-40 how are errors logged
pampax assemble --diff main...
pampax assemble --memories --budget 4000 round invoices to cents
"""

REASONS = {
    "not-indexed": "there is no index: run `pampax index`",
    "stale": "files have changed since they were indexed: run `pampax index`",
    "language-not-parsed": "what was found is in a language that is not parsed, and --kind asks for symbols",
    "filtered-out": "all that was found is left out by the filters",
    "confirmed-absent": "nothing in the repository has a word of the task",
    "all-held-or-left-out": "all that was found is held already (--have) or left out (--profile)",
    "no-changes": "nothing changed",
}

LEVELS = ("outline", "signature", "trimmed", "full")
FORMATS = ("markdown", "report", "xml")


@click.command(
    "assemble",
    cls=PampaxCommand,
    keys=("assemble.budget", "assemble.encoding", "assemble.profile", "freshness_ms"),
    epilog=EXAMPLES,
)
@click.argument("task", nargs=-1)
@click.option("--level", type=click.Choice(LEVELS), default=None, help="Show at most this much of each piece.")
@click.option(
    "--have",
    metavar="ID|PATH[:LINES]",
    multiple=True,
    help="What the reader has already: a bundle's id, a path, or lines of one. It is not given again.",
)
@click.option(
    "--diff",
    metavar="REV",
    default=None,
    help="Collect what a review of the changes since this commit needs; REV... compares with the merge base.",
)
@click.option(
    "--memories",
    is_flag=True,
    help="Add what was remembered (pampax remember), within the budget, as a section of its own.",
)
@click.option("--intent", type=click.Choice(INTENTS), default=None, help="What kind of task it is.")
@filters
@pack_option
@click.option("--include", metavar="GLOB", multiple=True, help="The same as --path GLOB.")
@click.option("--exclude", metavar="GLOB", multiple=True, help="The same as --path '!GLOB'.")
@click.option(
    "--format",
    "form",
    type=click.Choice([*FORMATS, "json"]),
    default="markdown",
    help="Markdown to paste into a prompt, a report for people, tagged text, or JSON (schema pampax.bundle/1).",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--timings", is_flag=True, help="In JSON, say how long each step took.")
@click.pass_obj
def command(
    request: Request,
    task: tuple[str, ...],
    level: str | None,
    have: tuple[str, ...],
    diff: str | None,
    memories: bool,
    intent: Intent | None,
    paths: tuple[str, ...],
    languages: tuple[str, ...],
    kinds: tuple[str, ...],
    tests: bool | None,
    pack: str | None,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    form: str,
    as_json: bool,
    timings: bool,
) -> int:
    """Collect the code a task needs, within a budget of tokens.

    TASK says in words what is to be done. With "-", or without words in a pipe, it is read from stdin; with --diff it
    may be left out. The text never costs more tokens than the budget, in whatever format.
    """
    as_json = as_json or form == "json"
    text = _task(task, diff)
    repository = request.indexed()
    everywhere = [*paths, *include, *(f"!{glob}" for glob in exclude)]
    where = request.within(repository, pack, everywhere, languages, kinds, tests)
    budget = request.configuration.number("assemble.budget")
    profile = request.configuration.optional_text("assemble.profile") or ""
    if where.pack is not None:
        profile = where.pack.profile(profile)
        if where.pack.budget is not None and "assemble.budget" not in request.configured:
            budget = where.pack.budget
    notes = _memories(repository) if memories else None
    bundle = repository.assemble(
        text,
        budget=budget if notes is None else budget - notes.reserve(budget),
        encoding=request.configuration.text("assemble.encoding"),
        format="markdown" if as_json else form,
        level=level,
        intent=intent or (where.pack and where.pack.intent),
        have=unicode_texts(have),
        diff=None if diff is None else unicode_text(diff),
        profile=profile,
        **where.filters,
    )
    request.query_log(repository).assembled(bundle)
    section = None if notes is None else notes.section_for(bundle, budget)
    return write(request, bundle, as_json=as_json, timings=timings, section=section)


def _memories(repository: Repository) -> MemoryStore:
    from pampax.memory import open_memory

    return open_memory(repository)


def write(
    request: Request,
    bundle: Bundle,
    *,
    as_json: bool,
    timings: bool = False,
    section: Section | None = None,
    shown: Bounded | None = None,
) -> int:
    """Write a bundle to stdout and what it is to stderr; gives the exit code.

    `section` are memories beside it; `shown` says what of the items asked for is there.
    """
    request.log.add(
        task_characters=len(bundle.task), items=len(bundle.items), tokens=bundle.tokens, budget=bundle.budget
    )
    if as_json:
        plain = section is None and (shown is None or shown.is_whole)
        request.out.document(bundle.to_json(timings=timings) if plain else _json_with(bundle, section, shown, timings))
        return 0 if bundle.items else 1

    from pampax.cli.hits import coverage_text

    if bundle.items:
        is_cut = shown is not None and shown.is_cut
        request.out.document(shown.content.decode() if is_cut and shown is not None else bundle.to_text())
    if section is not None and section.text:
        request.out.document("\n" * bool(bundle.items) + section.text)
    if bundle.empty_reason is not None:
        request.notice(REASONS.get(bundle.empty_reason, bundle.empty_reason))
    request.notice(request.err.field(_summary(bundle)))
    left_out = None if shown is None else shown.note("item")
    # What is shown again was found before.
    by_meaning = bundle.shape != "expansion" and bool(bundle.task.strip())
    based_on = coverage_text(bundle.coverage, more="--budget", left_out=left_out, by_meaning=by_meaning)
    request.notice(request.err.field(based_on))
    return 0 if bundle.items else 1


def _json_with(bundle: Bundle, section: Section | None, shown: Bounded | None, timings: bool) -> str:
    """The bundle as JSON, with the memories beside it, or with what of the items asked for is not there."""
    from pampax.cli.documents import json_text

    document = bundle.to_dict(timings=timings)
    if section is not None:
        document["memories"] = [memory.to_dict() for memory in section.memories]
        document["memory_tokens"] = section.tokens
    if shown is not None:
        document["coverage"] = shown.mark(document["coverage"], "item", cut=True)
        if shown.is_cut and shown.limit is not None:
            from pampax import _core
            from pampax.cli.token_limit import cut

            first = document["items"][0]
            first["text"] = cut(first["text"].encode(), shown.limit, bundle.encoding).decode()
            document["tokens"] = first["tokens"] = _core.count_tokens(shown.content.decode(), bundle.encoding)
    return json_text(document)


def _task(words: tuple[str, ...], diff: str | None) -> str:
    """The task; empty if a change is reviewed and nothing is said about it."""
    is_silent = not words and (sys.stdin is None or is_terminal(sys.stdin) or diff is not None)
    return "" if diff is not None and is_silent else query_text(words, "task")


def _summary(bundle: Bundle) -> str:
    """What the bundle holds and why it ends there, as one line."""
    bound = bundle.encoding if bundle.exact else f"{bundle.encoding}, a bound"
    budget = count_text(bundle.budget, "token")
    parts = [f"{count_text(len(bundle.items), 'item')}, {count_text(bundle.tokens)} of {budget} ({bound})"]
    if bundle.dropped_total:
        parts.append(f"{count_text(bundle.dropped_total)} dropped")
    parts.append(bundle.stop_reason)
    if bundle.more["items"]:
        parts.append(f"a quarter more budget would be worth {100 * bundle.more['worth']:.0f} % more")
    if bundle.id:
        parts.append(f"bundle {bundle.id}")
    return "; ".join(parts)
