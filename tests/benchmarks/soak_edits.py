"""Edits of a generated git repository that go on for hours and leave its size what it was."""

from __future__ import annotations

import random
import subprocess
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading
    from pathlib import Path

EDITS_PER_SECOND = 5
SWITCH_EVERY = 60
"""After so many edits they are committed, and the other branch is checked out."""
BRANCHES = ("one", "other")
BRANCH_SHARE = 20
"""The branches differ in one of so many files from the start."""
RENAMED = "renamed_"
MISSING_MAXIMUM = 50
"""So many files may be deleted at a time; then one comes back for each that goes."""


class Editor:
    """Edits, creates, deletes and renames files, commits, and switches branches, by chance with a seed."""

    def __init__(self, root: Path, seed: int) -> None:
        """Makes `root` a git repository with two branches."""
        self.done: Counter[str] = Counter()
        self._root = root
        self._chance = random.Random(seed)
        self._branch = 0
        self._git("init", "--quiet", "--initial-branch", BRANCHES[0])
        self._commit("generated")
        self._git("checkout", "--quiet", "-b", BRANCHES[1])
        for path in self._files()[::BRANCH_SHARE]:
            self._write(path, "of the other branch")
        self._commit("other")
        self._git("checkout", "--quiet", BRANCHES[0])
        self._look()

    def edit_until(self, done: threading.Event) -> None:
        """Edit some times a second until `done`."""
        number = 0
        while not done.wait(1 / EDITS_PER_SECOND):
            number += 1
            if number % SWITCH_EVERY == 0:
                self._switch()
            else:
                self._edit()

    def _edit(self) -> None:
        kinds = ["edit", "edit", "edit", "atomic save", "rename", "create", "delete"]
        kind = self._chance.choice(kinds)
        if kind == "create" and not self._missing:
            kind = "delete"
        if kind == "delete" and len(self._missing) >= MISSING_MAXIMUM:
            kind = "create"
        path = self._chance.choice(self._present)
        match kind:
            case "edit":
                self._write(path, f"edit {self._chance.random()}")
            case "atomic save":
                beside = path.with_name(f".{path.name}.swp")
                beside.write_bytes(self._edited(path, f"save {self._chance.random()}"))
                beside.replace(path)
            case "rename":
                # There and back again, so that names do not grow.
                name = (
                    path.name.removeprefix("renamed_") if path.name.startswith("renamed_") else f"renamed_{path.name}"
                )
                if not path.with_name(name).exists():
                    path.rename(path.with_name(name))
                    self._present[self._present.index(path)] = path.with_name(name)
            case "delete":
                self._missing.append((path, path.read_bytes()))
                path.unlink()
                self._present.remove(path)
            case "create":
                path, content = self._missing.pop(self._chance.randrange(len(self._missing)))
                path.write_bytes(content)
                self._present.append(path)
        self.done[kind] += 1

    def _switch(self) -> None:
        self._commit("edits")
        self._branch = 1 - self._branch
        self._git("checkout", "--quiet", BRANCHES[self._branch])
        self._look()
        self.done["branch switch"] += 1

    def _look(self) -> None:
        self._present = [path for path in self._files() if path.suffix in (".py", ".ts", ".go", ".java", ".rs", ".md")]
        self._missing: list[tuple[Path, bytes]] = []

    def _files(self) -> list[Path]:
        listed = self._git("ls-files", "-z").split("\0")
        return [self._root / name for name in listed if name]

    def _write(self, path: Path, word: str) -> None:
        path.write_bytes(self._edited(path, word))

    def _edited(self, path: Path, word: str) -> bytes:
        """The content with another last line; the line of an earlier edit goes, so that files do not grow."""
        lines = path.read_bytes().splitlines(keepends=True)
        if lines and b"soak:" in lines[-1]:
            lines.pop()
        sign = "#" if path.suffix == ".py" else "//"
        return b"".join(lines) + f"{sign} soak: {word}\n".encode()

    def _commit(self, message: str) -> None:
        self._git("add", "--all")
        self._git("commit", "--quiet", "--allow-empty", "--message", message)

    def _git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=Soak", "-c", "user.email=soak@example.com", "-c", "gc.auto=0"]
        command = ["git", "-C", str(self._root), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout
