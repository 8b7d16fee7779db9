"""An agent with `pampax mcp`: the text of its tools, over a pipe, as a client shows it to a model."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench_mcp import INITIALIZE, ask
from token_arithmetic import Course, Point

from pampax import count_tokens

LIMITS = (*range(1, 21), 25, 30, 40, 50, 60, 80, 100)
"""Numbers of results asked for; those of semble are the same."""
BUDGETS = tuple(dict.fromkeys(round(50 * 2 ** (step / 4)) for step in range(33)))
"""From 50 to 12,800 tokens, in steps of a fifth."""
STEP_BUDGET = 1_000
STEPS = 8


class Pampax:
    """A server for one tree."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._number = 0
        ask(process, 0, "initialize", INITIALIZE)

    def call(self, tool: str, **arguments: object) -> tuple[str, dict[str, Any]]:
        """The text and the structured content of an answer."""
        self._number += 1
        answer = ask(self._process, self._number, "tools/call", {"name": tool, "arguments": arguments})["result"]
        if answer.get("isError"):
            raise RuntimeError(f"{tool} {arguments}: {answer}")
        (content,) = answer["content"]
        return content["text"], answer["structuredContent"]

    def search(self, question: str, gold: frozenset[str], **arguments: object) -> Course:
        """The answers of every limit."""
        return [self._searched(question, gold, limit, **arguments) for limit in LIMITS]

    def _searched(self, question: str, gold: frozenset[str], limit: int, **arguments: object) -> Point:
        text, structured = self.call("search", query=question, limit=limit, **arguments)
        paths = {hit["path"] for hit in structured["hits"]}
        return Point(count_tokens(text), frozenset(path for path in gold & paths if path in text))

    def assemble(self, question: str, gold: frozenset[str], level: str | None) -> Course:
        """The bundles of every budget."""
        course = []
        for budget in BUDGETS:
            try:
                text, structured = self.call(
                    "assemble", task=question, budget=budget, **({"level": level} if level else {})
                )
            except RuntimeError as error:
                if "BudgetTooSmall" in str(error):
                    continue
                raise
            course.append(Point(count_tokens(text), gold & {item["path"] for item in structured["items"]}))
        return course

    def search_session(self, question: str, gold: frozenset[str]) -> Course:
        """Ten hits, and twice as many as long as something is missing: all answers stay."""
        tokens, course = 0, []
        for limit in (10, 20, 40, 80):
            point = self._searched(question, gold, limit)
            tokens += point.tokens
            course.append(Point(tokens, point.found))
        return course

    def assemble_session(self, question: str, gold: frozenset[str], *, have: bool) -> Course:
        """A bundle of 1,000 tokens, then what it lacked; without `have`, larger bundles instead."""
        tokens, found, held, course = 0, frozenset[str](), list[str](), []
        for step in range(1, STEPS + 1):
            budget = STEP_BUDGET if have else STEP_BUDGET * step
            text, structured = self.call("assemble", task=question, budget=budget, **({"have": held} if have else {}))
            tokens += count_tokens(text)
            found |= gold & {item["path"] for item in structured["items"]}
            course.append(Point(tokens, found))
            if not structured["items"]:
                break
            held.append(structured["bundle"])
        return course


@contextmanager
def serving(tree: Path, store: Path, environment: Mapping[str, str]) -> Iterator[Pampax]:
    """The tree is indexed, then served."""
    place = ["--store", str(store)]
    program = [sys.executable, "-m", "pampax"]
    subprocess.run([*program, "index", str(tree), *place], env=environment, check=True, stderr=subprocess.DEVNULL)
    process = subprocess.Popen(
        [*program, "mcp", "--root", str(tree), *place],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield Pampax(process)
    finally:
        process.communicate()
