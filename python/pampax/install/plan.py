"""From clients to changes of files: all of them are worked out and can be shown before the first one is made."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from pampax.install import Refused, files, records
from pampax.install.records import Record, digest, splice_between
from pampax.install.targets import Rule, Server

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pampax.install.clients import Client, Places


@dataclasses.dataclass
class Change:
    """What one file holds now and is to hold; None stands for no file."""

    path: Path
    """The file that is written, links followed."""
    shown: Path
    """The same as the client names it."""
    kind: str
    clients: list[str]
    before: bytes | None
    after: bytes | None
    folders: Sequence[Path] = ()
    """The folders that go with the file if it goes."""


@dataclasses.dataclass
class Problem:
    """Why a client is left out."""

    client: str
    path: Path
    reason: str


class Plan:
    """The changes that installing into some clients, or taking pampax out of them, comes to."""

    def __init__(self, places: Places, command: Sequence[str]) -> None:
        """`command` is the command line of the server."""
        self.places = places
        self.command = command
        self.scope = "user" if places.project is None else str(places.project)
        self.problems: list[Problem] = []
        self.present: list[str] = []
        """The clients that have, or had, something of pampax in their files."""
        self._changes: dict[Path, Change] = {}
        self._old_records = records.load(places.data)
        self._records = dict(self._old_records)
        self._saved_records = dict(self._old_records)

    @property
    def changes(self) -> list[Change]:
        """The files that are to change, in order."""
        return [change for change in self._changes.values() if change.before != change.after]

    def install(self, clients: Sequence[Client]) -> None:
        """Plan to put pampax into clients."""
        for client in clients:
            done: list[tuple[Change, Record | None]] = []
            for target in self._targets(client):
                try:
                    done.append(self._installed(client, target))
                except (Refused, OSError, ValueError) as error:
                    # Without its server a client has no use for the rule, so nothing of it is changed.
                    self.problems.append(Problem(client.title, target.path, reason_of(error)))
                    break
            else:
                for change, record in done:
                    self._keep(client, change, record)

    def uninstall(self, clients: Sequence[Client]) -> None:
        """Plan to take pampax out of clients."""
        selected = {client.name for client in clients}
        for client in clients:
            for target in [*self._targets(client), *self._recorded(client)]:
                try:
                    self._uninstall(client, target, selected)
                except (Refused, OSError, ValueError) as error:
                    self.problems.append(Problem(client.title, target.path, reason_of(error)))

    def apply(self) -> list[Problem]:
        """Make the changes; what fails is returned and leaves its file as it was."""
        failed: list[Problem] = []
        # First the records: a file that was written and is not in them could not be restored to the byte.
        self._save_records()
        for change in self.changes:
            try:
                self._make(change)
            except (Refused, OSError) as error:
                failed.append(Problem(", ".join(change.clients), change.shown, reason_of(error)))
                self._records.pop(str(change.path), None)
                if str(change.path) in self._old_records:
                    self._records[str(change.path)] = self._old_records[str(change.path)]
        self._save_records()
        return failed

    def _make(self, change: Change) -> None:
        if files.content(change.path) != change.before:
            raise Refused("it has changed since the plan was made: run the command again")
        if change.after is None:
            files.remove(change.path, change.folders)
        else:
            files.replace(change.path, change.after)

    def _save_records(self) -> None:
        if self._records != self._saved_records:
            records.save(self.places.data, self._records)
            self._saved_records = dict(self._records)

    def _targets(self, client: Client) -> Iterator[Server | Rule]:
        server, rule = client.server(self.places), client.rule(self.places)
        if server is not None:
            yield Server(server, self.command)
        if rule is not None:
            yield Rule(rule)

    def _recorded(self, client: Client) -> Iterator[Server | Rule]:
        """Files written for a client once that it would not be given now, such as the other of two names."""
        now = {str(files.real_path(target.path, [Path(target.path.anchor)])) for target in self._targets(client)}
        server, rule = client.server(self.places), client.rule(self.places)
        for record in self._old_records.values():
            if record.scope != self.scope or client.name not in record.clients or record.path in now:
                continue
            if record.kind == "server" and server is not None:
                yield Server(server._replace(path=Path(record.path)), self.command)
            elif record.kind == "rule" and rule is not None:
                yield Rule(rule._replace(path=Path(record.path)))

    def _looked_at(self, client: Client, target: Server | Rule) -> Change:
        """The file of a target as it is, or as it will be after what is planned already."""
        path = files.real_path(target.path, self.places.roots)
        planned = self._changes.get(path)
        if planned is not None:
            return dataclasses.replace(planned, clients=[*planned.clients, client.title])
        raw = files.content(path)
        return Change(path, target.path, target.kind, [client.title], raw, raw)

    def _installed(self, client: Client, target: Server | Rule) -> tuple[Change, Record | None]:
        """The change that puts pampax into a file, and what there will be to remember."""
        change = self._looked_at(client, target)
        record = self._records.get(str(change.path))
        after = target.add(change.after or b"")
        if after == change.after:
            if record is not None and client.name not in record.clients:
                record = dataclasses.replace(record, clients=(*record.clients, client.name))
            return change, record
        # An older splice of ours is undone in thought, so that the new record leads back to what was there before both.
        original = change.after if record is None else _restored(change.after, record, target)
        start, removed, inserted = splice_between(original or b"", after)
        missing = record.folders if record is not None else tuple(map(str, files.missing_folders(change.path)))
        clients = record.clients if record is not None else ()
        change.after = after
        return change, Record(
            path=str(change.path),
            scope=self.scope,
            kind=target.kind,
            clients=clients if client.name in clients else (*clients, client.name),
            created=original is None,
            folders=missing,
            hash_after=digest(after),
            start=start,
            inserted=inserted,
            removed=removed,
        )

    def _keep(self, client: Client, change: Change, record: Record | None) -> None:
        self._changes[change.path] = change
        self.present.append(client.title)
        if record is not None:
            self._records[record.path] = record

    def _uninstall(self, client: Client, target: Server | Rule, selected: set[str]) -> None:
        """Plan to take pampax out of one file."""
        try:
            change = self._looked_at(client, target)
        except Refused:  # a file outside the folders was never written, so nothing is in it
            return
        record = self._records.get(str(change.path))
        if change.after is None or (record is None and b"pampax" not in change.after):
            self._records.pop(str(change.path), None)
            return
        left = [name for name in record.clients if name not in selected] if record is not None else []
        if record is not None and left:  # others read the same file and keep what is in it
            self._records[record.path] = dataclasses.replace(record, clients=tuple(left))
            return
        after = _restored(change.after, record, target)
        if after == change.after:
            return
        change.after = after
        change.folders = [Path(folder) for folder in record.folders] if record is not None else []
        self._records.pop(str(change.path), None)
        self._changes[change.path] = change
        self.present.append(client.title)


def _restored(raw: bytes | None, record: Record | None, target: Server | Rule) -> bytes | None:
    """What a file holds without pampax: to the byte what it held before, if nothing else in it has changed."""
    if raw is None:
        return None
    created = record is not None and record.created
    if record is not None:
        exact = record.undo(raw)
        if exact is not None:
            return None if created else exact
        # Something else has changed: what was inserted may still stand there in one piece.
        if not created and record.inserted and raw.count(record.inserted) == 1:
            candidate = raw.replace(record.inserted, record.removed)
            try:
                if target.others(candidate) == target.others(raw):
                    return candidate
            except Refused:
                pass
    left = target.take_out(raw)
    if (created or target.own) and left != raw and not target.others(left):
        return None
    return left


def reason_of(error: Exception) -> str:
    """What went wrong, without the name of the file."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)


__all__ = ["Change", "Plan", "Problem"]
