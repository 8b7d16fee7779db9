"""Labelled questions: a JSON object a line, each with a query and the places that answer it.

    {"query": "where are sessions signed", "answers": [{"path": "app/session.py", "symbol": "Signer.sign"}]}

A line that cannot be used is an error that names the file, the line and the field. Labels come from the repository
they are about, so what is read is bounded.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pampax._core import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST_FILE_BYTES = 64 << 20
LARGEST_QUERY_CHARACTERS = 100_000
MOST_ANSWERS = 1_000
LAST_LINE = (1 << 32) - 1
INTENTS = ("symbol", "behaviour", "architecture", "error", "configuration", "path")
"""What a question may be taken for; `Answer.intent` is one of them."""

_QUESTION_FIELDS = ("query", "answers", "id", "intent", "language")
_ANSWER_FIELDS = ("path", "start_line", "end_line", "symbol")


class LabelError(InvalidInput):
    """A line of a file of questions cannot be used. The text says `file:line: field: what and what is accepted`."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer stands: a file, lines of it, or a definition in it."""

    path: str
    start_line: int | None = None
    end_line: int | None = None
    symbol: str | None = None

    def __str__(self) -> str:
        """`path`, `path:first-last` or `path#symbol`."""
        if self.symbol is not None:
            return f"{self.path}#{self.symbol}"
        return self.path if self.start_line is None else f"{self.path}:{self.start_line}-{self.end_line}"


@dataclass(frozen=True, slots=True)
class Question:
    """A query with the places that answer it."""

    query: str
    answers: tuple[Place, ...]
    id: str
    """The label's own, else `LINE`, the number of its line."""
    intent: str | None = None
    language: str | None = None
    origin: str = ""
    """`file:line`, for messages."""

    @property
    def key(self) -> str:
        """Names the question with its answers, so that two runs compare what is the same in both."""
        places = sorted(
            [place.path, place.start_line or 0, place.end_line or 0, place.symbol or ""] for place in self.answers
        )
        text = json.dumps([self.query, places], ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_questions(path: str | os.PathLike[str]) -> list[Question]:
    """Read a file of labelled questions. Raises `LabelError` for a line that cannot be used, `OSError` for the file."""
    name = os.fspath(path)
    with open(name, "rb") as file:  # noqa: PTH123 - the name stands in messages as it was given
        content = file.read(LARGEST_FILE_BYTES + 1)
    if len(content) > LARGEST_FILE_BYTES:
        raise LabelError(f"{name}: larger than {LARGEST_FILE_BYTES >> 20} MiB")
    questions: list[Question] = []
    seen: dict[str, int] = {}
    ids: dict[str, int] = {}
    for number, line in enumerate(content.split(b"\n"), 1):
        if not line.strip():
            continue
        reader = _Line(f"{name}:{number}")
        question = reader.question(line, number)
        earlier = ids.setdefault(question.id, number)
        if earlier != number:
            raise reader.error("id", f"the same as on line {earlier}")
        # Whoever gives both a name means to ask twice; without, it is a line copied by mistake and would weigh double.
        earlier = seen.setdefault(question.key, number)
        if earlier != number and question.id == str(number):
            raise reader.error("query", f"the same as on line {earlier}; give it an id if that is meant")
        questions.append(question)
    if not questions:
        raise LabelError(f"{name}: holds no questions")
    return questions


class _Line:
    """Reads one line."""

    def __init__(self, origin: str) -> None:
        self.origin = origin

    def error(self, field: str, text: str) -> LabelError:
        return LabelError(f"{self.origin}: {field}: {text}" if field else f"{self.origin}: {text}")

    def question(self, line: bytes, number: int) -> Question:
        try:
            raw = json.loads(line)
        except UnicodeDecodeError:
            raise self.error("", "not UTF-8") from None
        except RecursionError:
            raise self.error("", "nested too deeply") from None
        except ValueError as error:
            raise self.error("", f"not JSON: {error}") from None
        fields = self._object("", raw, _QUESTION_FIELDS)
        query = self._text(fields, "query", "query", LARGEST_QUERY_CHARACTERS)
        if query is None or not query.strip():
            raise self.error("query", "is missing or empty")
        answers = fields.get("answers")
        if not isinstance(answers, list) or not 1 <= len(answers) <= MOST_ANSWERS:
            raise self.error("answers", f"must be a list of 1 to {MOST_ANSWERS} places")
        places = tuple(self._place(f"answers[{at}]", answer) for at, answer in enumerate(answers))
        if len(set(places)) != len(places):
            raise self.error("answers", "the same place stands twice")
        intent = self._text(fields, "intent", "intent")
        if intent is not None and intent not in INTENTS:
            raise self.error("intent", f"must be one of {', '.join(INTENTS)}")
        return Question(
            query=query,
            answers=places,
            id=self._text(fields, "id", "id") or str(number),
            intent=intent,
            language=self._text(fields, "language", "language"),
            origin=self.origin,
        )

    def _place(self, where: str, raw: object) -> Place:
        fields = self._object(where, raw, _ANSWER_FIELDS)
        path = self._text(fields, "path", f"{where}.path", 4096)
        if not path:
            raise self.error(f"{where}.path", "is missing or empty")
        parts = path.split("/")
        if path.startswith("/") or "\\" in path or "\0" in path or any(part in ("", ".", "..") for part in parts):
            raise self.error(
                f"{where}.path", "must be relative to the root, with / between its parts, without . and .."
            )
        start, end = self._line(fields, where, "start_line"), self._line(fields, where, "end_line")
        symbol = self._text(fields, "symbol", f"{where}.symbol")
        if end is not None and start is None:
            raise self.error(f"{where}.end_line", "needs start_line")
        if start is not None and symbol is not None:
            raise self.error(f"{where}.symbol", "give lines or a symbol, not both")
        end = start if end is None else end
        if start is not None and end is not None and end < start:
            raise self.error(f"{where}.end_line", "is before start_line")
        return Place(path, start, end, symbol)

    def _object(self, where: str, raw: object, known: tuple[str, ...]) -> Mapping[str, object]:
        if not isinstance(raw, dict):
            raise self.error(where, "must be a JSON object")
        for key in raw:
            if key not in known:
                field = f"{where}.{key[:80]}" if where else key[:80]
                raise self.error(field, f"unknown field; the known ones are {', '.join(known)}")
        return raw

    def _text(self, fields: Mapping[str, object], key: str, field: str, most: int = 1_000) -> str | None:
        value = fields.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not 1 <= len(value) <= most:
            raise self.error(field, f"must be text of 1 to {most:,} characters")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise self.error(field, "holds half of a surrogate pair")
        return value

    def _line(self, fields: Mapping[str, object], where: str, key: str) -> int | None:
        value = fields.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LAST_LINE:
            raise self.error(f"{where}.{key}", "must be a line number from 1")
        return value
