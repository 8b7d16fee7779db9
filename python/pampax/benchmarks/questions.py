"""Questions about any repository, made of its own names, comments and paths; and a log in which they come again."""

from __future__ import annotations

import hashlib
import os
import re
from typing import TYPE_CHECKING

from pampax._core import InvalidInput
from pampax.benchmarks.corpus.chance import Chance

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pampax._core import Repository

LARGEST_QUESTIONS_BYTES = 4 << 20
LONGEST_QUESTION = 10_000
REPEATED_AT_ONCE = 0.2
"""The share of a log's questions that are one of the last five once more."""
RECENT = 5

_FILES_LOOKED_AT = 20_000
_LEFT_OUT = frozenset({".git", ".hg", ".svn", ".jj", "node_modules", "__pycache__"})


def read_questions(path: str | os.PathLike[str]) -> list[str]:
    """The questions in a file, one a line; of lines that are JSON objects, the value of `query`."""
    import json

    name = os.fspath(path)
    with open(name, "rb") as file:  # noqa: PTH123 - the name stands in messages as it was given
        content = file.read(LARGEST_QUESTIONS_BYTES + 1)
    if len(content) > LARGEST_QUESTIONS_BYTES:
        raise InvalidInput(f"{name}: larger than {LARGEST_QUESTIONS_BYTES >> 20} MiB")
    found = []
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        text = line.strip()
        if text.startswith("{"):
            try:
                row = json.loads(text)
                text = str(row["query"]).strip()
            except (ValueError, KeyError, TypeError, RecursionError):
                raise InvalidInput(f'{name}:{number}: no JSON object with a "query"') from None
        if len(text) > LONGEST_QUESTION:
            raise InvalidInput(f"{name}:{number}: longer than {LONGEST_QUESTION:,} characters")
        if text:
            found.append(text)
    if not found:
        raise InvalidInput(f"{name}: holds no question")
    return list(dict.fromkeys(found))


def make_questions(repository: Repository, count: int) -> list[str]:
    """`count` different questions about an indexed repository, or fewer if it has too few names.

    By turns: the name of a definition, the words of one with those of its file, a line of its comment or text, a path.
    They follow from the tree alone.
    """
    made: dict[str, None] = {}
    turn = 0
    for path in _files(repository.root):
        if len(made) >= count:
            break
        symbols = [symbol for symbol in repository.outline(path).symbols if len(symbol.name) > 2]
        if not symbols:
            continue
        symbol = symbols[_number(path) % len(symbols)]
        stem = os.path.splitext(os.path.basename(path))[0]  # noqa: PTH119, PTH122 - a path with "/", of the index
        match turn % 4:
            case 0:
                question = symbol.name
            case 1:
                question = " ".join(dict.fromkeys([*_words(symbol.name), *_words(stem)]))
            case 2:
                text = repository.text(path, max(1, symbol.start_line - 3), symbol.end_line)
                lines = [line.strip() for line in text.splitlines()[:40]]
                question = next((line for line in lines if len(_words(line)) >= 4), symbol.name)
            case _:
                question = "/".join(path.split("/")[-2:])
        question = question[:200].strip()
        if question and question not in made:
            made[question] = None
            turn += 1
    return list(made)


def source_files(root: str | os.PathLike[str], endings: Sequence[str]) -> Iterator[str]:
    """Paths of files below `root` that end in one of `endings`, in an order that follows from the paths alone."""
    return (path for path in _files(os.fspath(root)) if path.endswith(tuple(endings)))


def replayed(questions: Sequence[str], length: int, seed: int) -> list[str]:
    """A log of `length` questions as people and agents ask them.

    How often a question comes follows Zipf's law with exponent 1, as the popularity of questions to search engines
    does; and one in five is one of the last few again, as agents do that lost what they had.
    """
    chance = Chance(seed, "log")
    weights = [1 / rank for rank in range(1, len(questions) + 1)]
    total = sum(weights)
    log: list[str] = []
    while len(log) < length:
        if log and chance.often(REPEATED_AT_ONCE):
            log.append(chance.pick(log[-RECENT:]))
            continue
        left, at = chance.random() * total, 0
        while at + 1 < len(questions) and left >= weights[at]:
            left -= weights[at]
            at += 1
        log.append(questions[at])
    return log


def _files(root: str) -> Iterator[str]:
    """Paths in the order of their hashes, so that neighbours come from all over the tree."""
    found: list[str] = []
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in _LEFT_OUT)
        inside = os.path.relpath(folder, root).replace(os.sep, "/")
        found += [name if inside == "." else f"{inside}/{name}" for name in sorted(files)]
        if len(found) >= _FILES_LOOKED_AT:
            break
    return iter(sorted(found[:_FILES_LOOKED_AT], key=lambda path: (_number(path), path)))


def _number(path: str) -> int:
    return int.from_bytes(hashlib.sha256(os.fsencode(path)).digest()[:8], "big")


def _words(text: str) -> list[str]:
    return re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", text)
