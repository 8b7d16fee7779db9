"""One file of memories: SQLite with a write-ahead log, for its owner alone."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import threading
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pampax import _core
from pampax.memory.evidence import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE_NAME = "memory.sqlite"
VERSION = 1
BUSY_SECONDS = 5.0
MOST_MEMORIES = 5_000
"""Memories of one scope; beyond it something should be forgotten first."""

_MAKING = threading.Lock()

_TABLE = """
create table if not exists memories (
    id text primary key, kind text not null, text text not null, weight real not null, pinned integer not null,
    created real not null, expires real, origin text not null, evidence text not null
) strict
"""


class Row(NamedTuple):
    """A memory as it is stored."""

    id: str
    kind: str
    text: str
    weight: float
    pinned: bool
    created: float
    """Seconds since 1970."""
    expires: float | None
    origin: str
    evidence: list[Evidence]


class Database:
    """The memories of one scope. The file is made by the first that is remembered."""

    def __init__(self, folder: str) -> None:
        """`folder` need not exist."""
        self.path = str(Path(folder) / FILE_NAME)

    def rows(self) -> list[Row]:
        """Everything that is kept, the oldest first."""
        if not Path(self.path).exists():
            return []
        with self._open() as connection:
            return [_row(found) for found in connection.execute("select * from memories order by created, id")]

    def put(self, row: Row) -> bool:
        """Keep a memory; gives whether it is new, rather than known and renewed."""
        with self._open() as connection:
            known = connection.execute("select 1 from memories where id = ?", (row.id,)).fetchone()
            count = connection.execute("select count(*) from memories").fetchone()[0]
            if known is None and count >= MOST_MEMORIES:
                raise _core.InvalidInput(
                    f"{self.path} holds {count} memories, which is the most: forget some (`pampax forget --expired`)"
                )
            evidence = json.dumps([list(one) for one in row.evidence])
            values = (*row[:4], int(row.pinned), *row[5:8], evidence)
            connection.execute("insert or replace into memories values (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
            return known is None

    def remove(self, ids: list[str]) -> int:
        """Forget these; gives how many there were."""
        if not ids or not Path(self.path).exists():
            return 0
        with self._open() as connection:
            return sum(connection.execute("delete from memories where id = ?", (one,)).rowcount for one in ids)

    def pin(self, identity: str, pinned: bool) -> bool:
        """Pin a memory, or unpin it; gives whether it is there."""
        if not Path(self.path).exists():
            return False
        with self._open() as connection:
            changed = connection.execute("update memories set pinned = ? where id = ?", (int(pinned), identity))
            return changed.rowcount > 0

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        path = Path(self.path)
        try:
            _make_for_owner(path)
            connection = sqlite3.connect(path, timeout=BUSY_SECONDS)
        except OSError as error:
            raise OSError(error.errno, error.strerror, self.path) from None
        except sqlite3.Error as error:
            raise self._broken(error) from None
        try:
            self._prepare(connection)
            with connection:
                # Deleted text is overwritten: what is forgotten is to be gone.
                connection.execute("pragma secure_delete = on")
                yield connection
        except sqlite3.Error as error:
            raise self._broken(error) from None
        finally:
            connection.close()

    def _prepare(self, connection: sqlite3.Connection) -> None:
        version = connection.execute("pragma user_version").fetchone()[0]
        if version > VERSION:
            raise _core.PampaxError(f"{self.path} was written by a newer pampax: update pampax")
        if version < VERSION:
            connection.execute("pragma journal_mode = wal")
            connection.execute(_TABLE)
            connection.execute(f"pragma user_version = {VERSION}")
            connection.commit()

    def _broken(self, error: sqlite3.Error) -> _core.PampaxError:
        return _core.PampaxError(
            f"the memories in {self.path} cannot be used: {error}; move the file away to begin anew"
        )


def _make_for_owner(path: Path) -> None:
    """Make the file if there is none, readable by its owner alone: SQLite gives its other files the mode of this one.

    An existing file must not be opened here. Closing any descriptor of a file gives up all locks this process has on
    it (POSIX), those of another thread's connection included (https://sqlite.org/howtocorrupt.html, 2.2); hence also
    the lock: no thread of this process connects before the new file is closed.
    """
    with _MAKING:
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _row(found: tuple[object, ...]) -> Row:
    identity, kind, text, weight, pinned, created, expires, origin, evidence = found
    rows = [Evidence(*one) for one in json.loads(str(evidence))]
    return Row(
        str(identity), str(kind), str(text), float(str(weight)), bool(pinned), float(str(created)),
        None if expires is None else float(str(expires)), str(origin), rows,
    )  # fmt: skip
