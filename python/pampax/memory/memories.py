"""Remember, recall, forget and pin, over the three scopes."""

from __future__ import annotations

import hashlib
import os
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pampax import _core
from pampax.masking import mask_secrets
from pampax.memory.database import Database, Row
from pampax.memory.evidence import CHANGED, CURRENT, GONE, Evidence, read_evidence
from pampax.memory.recall import ranked
from pampax.memory_kinds import KINDS, SCOPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pampax._core import Bundle, Repository

LONGEST_TEXT = 4_000
"""Characters of a memory. What is longer belongs into a file of the repository."""
LARGEST_WEIGHT = 10.0
LONGEST_DAYS = 36_500
DAY_SECONDS = 86_400.0
HEADING = "Memories (notes of earlier work; untrusted, not evidence for new memories)"


class MemoryRefused(_core.InvalidInput):
    """A memory cannot be kept as it was given; the message says why."""


class Memory(NamedTuple):
    """Something that was remembered."""

    id: str
    scope: str
    kind: str
    text: str
    weight: float
    pinned: bool
    created: str
    """When (ISO 8601, UTC)."""
    expires: str | None
    origin: str
    """Who remembered it: cli, api or mcp."""
    evidence: list[tuple[Evidence, str]]
    """Each piece and its state: current, changed, gone or elsewhere."""

    @property
    def state(self) -> str:
        """`stale` if any of its evidence has changed or is gone, `unproven` if it has none here, else `current`."""
        states = {state for _, state in self.evidence}
        if states & {CHANGED, GONE}:
            return "stale"
        return "current" if CURRENT in states else "unproven"

    def to_dict(self) -> dict[str, Any]:
        """As it stands in JSON (schema `pampax.memories/1`)."""
        evidence = [{"place": one.place, "state": state} for one, state in self.evidence]
        return {**self._asdict(), "evidence": evidence, "state": self.state}

    def line(self) -> str:
        """As one line of text."""
        places = ", ".join(one.place + ("" if state == CURRENT else f" {state}") for one, state in self.evidence)
        marks = ", ".join(filter(None, ("STALE" if self.state == "stale" else "", "pinned" if self.pinned else "")))
        text = " ".join(self.text.split())
        return (
            f"[{self.id}] {self.kind}: {text}" + (f" ({places})" if places else "") + (f" [{marks}]" if marks else "")
        )


class Recalled(NamedTuple):
    """A memory that a question recalled."""

    memory: Memory
    score: float
    """Higher is better; comparable within one answer only."""
    why: list[str]
    """words, place, pinned: what spoke for it."""


class Remembered(NamedTuple):
    """What became of something that was to be remembered."""

    memory: Memory
    new: bool
    """Whether it was not known before; the same text again renews it."""
    masked: list[str]
    """The kinds of secrets that were masked in it."""


class MemoryStore(AbstractContextManager["MemoryStore"]):
    """The memories that count in one repository."""

    def __init__(self, repository: Repository, folders: Mapping[str, str], origin: str = "api") -> None:
        """`folders` says where each scope's file lies; `open_memory` knows."""
        self._repository = repository
        self._databases = {scope: Database(folders[scope]) for scope in SCOPES}
        self._origin = origin

    def __exit__(self, *_: object) -> None:
        """Nothing is held open between calls."""

    def path(self, scope: str) -> str:
        """The file of a scope."""
        return self._database(scope).path

    def remember(
        self,
        text: str,
        *,
        kind: str = "fact",
        scope: str = "repository",
        weight: float = 1.0,
        days: float | None = None,
        evidence: Iterable[str] = (),
        pinned: bool = False,
    ) -> Remembered:
        """Keep a text; `days` is how long, `evidence` are places ("src/a.py:10-20") it rests on.

        Secrets in it are masked. Raises `MemoryRefused` for a text, kind, scope or number that is not accepted, and
        `InvalidInput` for evidence that is not in the index.
        """
        if kind not in KINDS:
            raise MemoryRefused(f'"{kind[:50]}" is no kind of memory: one of {", ".join(KINDS)}')
        if not 0 <= weight <= LARGEST_WEIGHT:
            raise MemoryRefused(f"a weight is from 0 to {LARGEST_WEIGHT:g}")
        if days is not None and not 0 < days <= LONGEST_DAYS:
            raise MemoryRefused(f"a memory is kept for more than 0 and at most {LONGEST_DAYS} days")
        if len(text) > 2 * LONGEST_TEXT:
            raise MemoryRefused(f"a memory has from 1 to {LONGEST_TEXT} characters")
        text, masked = mask_secrets(text.strip().replace("\0", ""))
        text = text.encode("utf-8", "replace").decode("utf-8")
        if not text or len(text) > LONGEST_TEXT:
            raise MemoryRefused(f"a memory has from 1 to {LONGEST_TEXT} characters")
        database = self._database(scope)
        places = [read_evidence(self._repository, place) for place in evidence]
        now = time.time()
        identity = "m" + hashlib.blake2b(f"{scope}\0{kind}\0{text}".encode(), digest_size=6).hexdigest()
        expires = None if days is None else now + days * DAY_SECONDS
        row = Row(identity, kind, text, weight, pinned, now, expires, self._origin, places)
        new = database.put(row)
        return Remembered(self._memory(scope, row), new, masked)

    def recall(
        self,
        query: str = "",
        *,
        kinds: Sequence[str] = (),
        scopes: Sequence[str] = SCOPES,
        paths: Sequence[str] = (),
        limit: int = 10,
    ) -> list[Recalled]:
        """The memories a question recalls, the best first; all of them if nothing is asked.

        `paths` are files the question is about: memories with evidence in them are recalled whatever their words.
        """
        for kind in kinds:
            if kind not in KINDS:
                raise MemoryRefused(f'"{kind[:50]}" is no kind of memory: one of {", ".join(KINDS)}')
        memories = [one for one in self._living(scopes) if not kinds or one[1].kind in kinds]
        rows = [row for _, row in memories]
        shown = [self._memory(scope, row) for scope, row in memories]
        stale = {memory.id for memory in shown if memory.state == "stale"}
        order = ranked(rows, query, paths, stale)[: max(limit, 0)]
        return [Recalled(shown[number], score, why) for number, score, why in order]

    def forget(self, ids: Sequence[str] = (), *, expired: bool = False) -> int:
        """Remove memories by their ids, and with `expired` those whose time is over; gives how many."""
        now = time.time()
        removed = 0
        for database in self._databases.values():
            over = [row.id for row in database.rows() if expired and _is_over(row, now)]
            removed += database.remove([*ids, *over])
        return removed

    def pin(self, identity: str, pinned: bool = True) -> bool:
        """Pin a memory: it is recalled by every question and has no end. Gives whether it is known."""
        return sum(database.pin(identity, pinned) for database in self._databases.values()) > 0

    def reserve(self, budget: int) -> int:
        """How much of a bundle's budget to keep for memories: a fifth, or nothing if there are none."""
        return budget // 5 if self.recall(limit=1) else 0

    def section_for(self, bundle: Bundle, budget: int) -> Section:
        """The section for a bundle, within what the bundle leaves of `budget`; its files count as asked about."""
        # One token for the empty line between the two.
        left = budget - bundle.tokens - 1
        paths = sorted({item.path for item in bundle.items})
        return self.section(bundle.task, budget=left, encoding=bundle.encoding, paths=paths)

    def section(self, query: str, *, budget: int, encoding: str = "o200k_base", paths: Sequence[str] = ()) -> Section:
        """What a bundle says about memories: a text of its own within `budget` tokens, and the memories in it."""
        chosen: list[Memory] = []
        text = ""
        for found in self.recall(query, paths=paths, limit=20):
            longer = "\n".join([f"## {HEADING}", *("- " + one.line() for one in [*chosen, found.memory])]) + "\n"
            if _core.count_tokens(longer, encoding) > budget:
                continue
            chosen.append(found.memory)
            text = longer
        return Section(text, _core.count_tokens(text, encoding) if text else 0, chosen)

    def _database(self, scope: str) -> Database:
        if scope not in self._databases:
            raise MemoryRefused(f'"{scope[:50]}" is no scope: one of {", ".join(SCOPES)}')
        return self._databases[scope]

    def _living(self, scopes: Sequence[str]) -> list[tuple[str, Row]]:
        now = time.time()
        return [(scope, row) for scope in scopes for row in self._database(scope).rows() if not _is_over(row, now)]

    def _memory(self, scope: str, row: Row) -> Memory:
        evidence = [(one, one.state(self._repository)) for one in row.evidence]
        expires = None if row.expires is None else _time_text(row.expires)
        return Memory(
            row.id, scope, row.kind, row.text, row.weight, row.pinned, _time_text(row.created), expires, row.origin,
            evidence,
        )  # fmt: skip


class Section(NamedTuple):
    """The memories in a bundle."""

    text: str
    tokens: int
    memories: list[Memory]


def open_memory(repository: Repository, origin: str = "api") -> MemoryStore:
    """The memories that count in a repository; `origin` is kept with what is remembered."""
    data = _data_folder()
    neighbours = hashlib.blake2b(str(Path(repository.root).parent).encode("utf-8", "surrogateescape"), digest_size=8)
    folders = {
        "repository": str(Path(repository.store) / "memory"),
        "workspace": str(data / "workspaces" / neighbours.hexdigest()),
        "global": str(data),
    }
    return MemoryStore(repository, folders, origin)


def _data_folder() -> Path:
    """Where the user's data lies, by the XDG specification."""
    folder = Path(os.environ.get("XDG_DATA_HOME", ""))
    return (folder if folder.is_absolute() else Path.home() / ".local" / "share") / "pampax"


def _is_over(row: Row, now: float) -> bool:
    return row.expires is not None and row.expires <= now and not row.pinned


def _time_text(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
