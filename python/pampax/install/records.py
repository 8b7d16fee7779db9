"""What was written where, so that it can be taken back to the byte.

A record holds one splice, not a copy of the file: what was inserted, what stood there before, and a hash of the whole
afterwards. So the secrets of a configuration are never copied, and if nothing else has changed, undoing the splice
gives the very bytes that were there. The records lie in the user's data folder, readable by the user only.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
from typing import TYPE_CHECKING, Any

from pampax.install import Refused, files

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "installed.json"
VERSION = 1


@dataclasses.dataclass(frozen=True)
class Record:
    """What was written into one file."""

    path: str
    """The file that was written, links followed."""
    scope: str
    """`user`, or the folder of a project."""
    kind: str
    """`server` or `rule`."""
    clients: tuple[str, ...]
    """Whom it was written for."""
    created: bool
    """Whether there was no such file before."""
    folders: tuple[str, ...]
    """The folders that were made for it."""
    hash_after: str
    start: int
    inserted: bytes
    removed: bytes

    def undo(self, raw: bytes) -> bytes | None:
        """What was there before, if `raw` is what was written: None if anything else has changed since."""
        if digest(raw) != self.hash_after:
            return None
        return raw[: self.start] + self.removed + raw[self.start + len(self.inserted) :]


def digest(raw: bytes) -> str:
    """The hash of a file's content."""
    return hashlib.blake2b(raw, digest_size=16).hexdigest()


def splice_between(before: bytes, after: bytes) -> tuple[int, bytes, bytes]:
    """Where two contents differ, what is there in the first, and what in the second."""
    start = _shared(before, after)
    end = _shared(before[start:][::-1], after[start:][::-1])
    return start, before[start : len(before) - end], after[start : len(after) - end]


def _shared(left: bytes, right: bytes) -> int:
    """How many bytes two contents begin with alike."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if left[:middle] == right[:middle] else (low, middle - 1)
    return low


def load(folder: Path) -> dict[str, Record]:
    """All records, by the path of the file."""
    path = folder / FILE_NAME
    raw = files.content(path)
    if raw is None:
        return {}
    try:
        document = json.loads(raw)
        version, rows = document["version"], document["files"]
        found = {row["path"]: _from_row(row) for row in rows} if version == VERSION else None
    except (ValueError, KeyError, TypeError, RecursionError):
        found = None
    if found is None:
        raise Refused(f"{path} is not what this version of pampax writes: move it away, then run the command again")
    return found


def save(folder: Path, records: dict[str, Record]) -> None:
    """Write all records; without any, there is no file."""
    path = folder / FILE_NAME
    if not records:
        files.remove(path, [])
        return
    rows = [_to_row(records[name]) for name in sorted(records)]
    text = json.dumps({"version": VERSION, "files": rows}, indent=1) + "\n"
    files.replace(path, text.encode("ascii"), private=True)


def _to_row(record: Record) -> dict[str, Any]:
    row = dataclasses.asdict(record)
    return row | {key: base64.b64encode(row[key]).decode("ascii") for key in ("inserted", "removed")}


def _from_row(row: dict[str, Any]) -> Record:
    return Record(
        path=str(row["path"]),
        scope=str(row["scope"]),
        kind=str(row["kind"]),
        clients=tuple(map(str, row["clients"])),
        created=bool(row["created"]),
        folders=tuple(map(str, row["folders"])),
        hash_after=str(row["hash_after"]),
        start=int(row["start"]),
        inserted=base64.b64decode(row["inserted"]),
        removed=base64.b64decode(row["removed"]),
    )
