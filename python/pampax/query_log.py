"""A log of questions and of what became of their answers, for learning from it later. It never leaves the machine.

One JSON object a line, in the store beside the index. By default it holds no words of a question, only a hash with a
salt of the store, so that one can tell that something was asked again; `query_log = "full"` keeps the words (secrets
masked), `"off"` keeps nothing. docs/agents.md describes the fields.

Every search writes a line, and an agent starts a process for every search. So nothing is imported here that takes time,
not even `json`; a line is one write at the end of the file, which the system keeps apart from those of others.
"""

# pathlib takes longer to load than all of this package.
# ruff: noqa: PTH103, PTH105, PTH107, PTH112, PTH116, PTH118, PTH123, PTH202

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pampax._core import Answer, Bundle, Repository

MODES = ("off", "hashed", "full")
"""What `query_log` may be."""

LARGEST_FILE_BYTES = 4 << 20
"""A larger file becomes the old one, and the old one goes: at most twice this is kept."""
MOST_HITS = 20
"""Hits of an answer that are noted."""
LONGEST_QUERY = 2_000
"""Characters of a question that are kept in `full`."""
LONGEST_PATH = 400

FILE_NAME, OLD_FILE_NAME, SALT_NAME = "log.jsonl", "log.1.jsonl", "salt"
VERDICTS = ("good", "bad", "used")
"""What feedback may say."""
SALT_BYTES = 16


class QueryLog:
    """The log of one store."""

    def __init__(self, repository: Repository, mode: str, surface: str, session: str | None = None) -> None:
        """`mode` is one of `MODES`; `surface` who asks: cli, mcp or api; `session` ties the events of one client."""
        self.mode = mode
        self._surface = surface
        self._session = session
        self._store = repository.store
        self.folder = os.path.join(self._store, "queries")
        self.path = os.path.join(self.folder, FILE_NAME)

    def answered(self, query: str, answer: Answer, shown: int = MOST_HITS) -> None:
        """Note a search: the question, its intent, and the hits shown, which are the first `shown`."""
        if self.mode != "off":
            noted = answer.hits[: min(shown, MOST_HITS)]
            hits = [f"{hit.path[:LONGEST_PATH]}:{hit.start_line}-{hit.end_line}" for hit in noted]
            self._write("search", query, intent=answer.intent, hits=hits, empty=answer.empty_reason)

    def assembled(self, bundle: Bundle) -> None:
        """Note a bundle: the task, its intent, and its items."""
        if self.mode != "off":
            items = [
                f"{item.id} {item.path[:LONGEST_PATH]}:{item.spans[0][0]}-{item.spans[-1][1]}" for item in bundle.items
            ]
            self._write(
                "assemble", bundle.task, intent=bundle.intent, bundle=bundle.id, hits=items, empty=bundle.empty_reason
            )

    def read(self, place: str) -> None:
        """Note that lines of a file were read."""
        self._write("read", None, place=place[:LONGEST_PATH])

    def expanded(self, bundle: str, items: Sequence[str]) -> None:
        """Note that items of a bundle were looked at in full."""
        self._write("expand", None, bundle=bundle, items=list(items)[:MOST_HITS])

    def feedback(self, bundle: str, verdict: str, items: Sequence[str] = ()) -> bool:
        """Note what somebody says of a bundle, or of some of its items; gives whether it could be written."""
        return self._write("feedback", None, bundle=bundle, verdict=verdict, items=list(items)[:MOST_HITS])

    def lines(self) -> Iterator[str]:
        """Every line of the log, the oldest first."""
        for name in (OLD_FILE_NAME, FILE_NAME):
            try:
                with open(os.path.join(self.folder, name), encoding="utf-8", errors="replace") as file:
                    yield from file
            except FileNotFoundError:
                continue

    def items_of(self, bundle: str) -> list[str] | None:
        """The ids of the items of a bundle that the log knows; None if it does not know the bundle."""
        import json

        found = None
        for line in self.lines():
            if bundle not in line:
                continue
            try:
                event = json.loads(line)
            except ValueError:  # a line that was cut when the disk was full
                continue
            if event.get("event") == "assemble" and event.get("bundle") == bundle:
                found = [str(hit).partition(" ")[0] for hit in event.get("hits", [])]
        return found

    def clear(self) -> int:
        """Remove the log; gives how many bytes it had."""
        removed = 0
        for name in (OLD_FILE_NAME, FILE_NAME, SALT_NAME):
            path = os.path.join(self.folder, name)
            try:
                removed += os.path.getsize(path) if name != SALT_NAME else 0
                os.remove(path)
            except FileNotFoundError:
                continue
        return removed

    def _write(self, event: str, query: str | None, **fields: object) -> bool:
        """Append a line. An answer never fails for want of a note about it."""
        if self.mode == "off" or not os.path.isdir(self._store):
            return False
        try:
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            asked = {} if query is None else self._asked(query)
            whole = {
                "time": round(time.time(), 3), "event": event, "surface": self._surface, "session": self._session,
                **asked, **fields,
            }  # fmt: skip
            content = json_line(whole).encode("utf-8", "replace")
            descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(descriptor, content)
                if os.fstat(descriptor).st_size > LARGEST_FILE_BYTES:
                    self._rotate(descriptor)
            finally:
                os.close(descriptor)
        except OSError:
            return False
        return True

    def _asked(self, query: str) -> dict[str, object]:
        """What is kept of a question."""
        facts: dict[str, object] = {"query_hash": self._hash(query), "query_words": len(query.split())}
        if self.mode == "full":
            from pampax.masking import mask_secrets

            facts["query"] = mask_secrets(query[:LONGEST_QUERY])[0]
        return facts

    def _hash(self, query: str) -> str:
        """The same for the same question in this store, and in no other."""
        try:
            # The module behind hashlib: that one loads OpenSSL, which takes 10 ms.
            from _blake2 import blake2b
        except ImportError:
            from hashlib import blake2b
        normal = " ".join(query.split()).encode("utf-8", "replace")
        return blake2b(normal, digest_size=8, key=self._salt()).hexdigest()

    def _salt(self) -> bytes:
        path = os.path.join(self.folder, SALT_NAME)
        salt = _read_salt(path)
        if len(salt) == SALT_BYTES:
            return salt
        # Two clients may ask at once for the first time: the first to give the file its name decides, for both.
        made = f"{path}.{os.urandom(8).hex()}"
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, os.urandom(SALT_BYTES))
        finally:
            os.close(descriptor)
        if salt:  # cut short when the disk was full
            os.replace(made, path)
        else:
            try:
                os.link(made, path)
            except FileExistsError:
                pass
            finally:
                os.remove(made)
        return _read_salt(path)

    def _rotate(self, descriptor: int) -> None:
        """Make the file the old one; one process of several does."""
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Whoever had the lock before may have moved the file that this is: then its name leads to another one.
        if os.stat(self.path).st_ino == os.fstat(descriptor).st_ino:
            os.replace(self.path, os.path.join(self.folder, OLD_FILE_NAME))


def _read_salt(path: str) -> bytes:
    """The salt, or nothing where there is none yet."""
    try:
        with open(path, "rb") as file:
            return file.read(SALT_BYTES)
    except FileNotFoundError:
        return b""


_ESCAPES = {code: f"\\u{code:04x}" for code in range(0x20)} | {0x22: '\\"', 0x5C: "\\\\", 0x7F: "\\u007f"}
_ESCAPES |= {code: f"\\u{code:04x}" for code in (0x85, 0x2028, 0x2029)}


def json_line(fields: dict[str, object]) -> str:
    """The fields that are not None as one line of JSON: text, numbers, and lists of them."""
    parts = (f"{_json(name)}:{_json(value)}" for name, value in fields.items() if value is not None)
    return "{" + ",".join(parts) + "}\n"


def _json(value: object) -> str:
    if isinstance(value, str):
        return f'"{value.translate(_ESCAPES)}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list):
        return "[" + ",".join(map(_json, value)) + "]"
    raise TypeError(f"a {type(value).__name__} does not belong into the log")


def check_feedback(log: QueryLog, bundle: str, items: Iterable[str]) -> str | None:
    """Why feedback on a bundle cannot be taken, in words; None if it can."""
    if log.mode == "off":
        return 'the query log is off (query_log = "off"), and feedback belongs into it'
    known = log.items_of(bundle)
    if known is None:
        return (
            f"the query log knows no bundle {bundle[:50]}: it notes those that were assembled since it was last cleared"
        )
    missing = [item for item in items if item not in known]
    if missing:
        return f"bundle {bundle} has no item {missing[0][:50]}"
    return None
