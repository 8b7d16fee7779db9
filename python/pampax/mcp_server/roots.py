"""Which folders may be read at all: those of the command line, else those that the client names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from pampax.mcp_server.errors import RootRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_ROOTS = 64
"""Roots of one client; each may cost an index."""

BROAD_HINT = "start the server with --allow-broad-root if that is meant"


def is_broad(folder: str) -> bool:
    """Whether a folder is a home folder, something above one, or a whole disk."""
    real = Path(folder).resolve()
    home = Path.home().resolve()
    return real == real.parent or real == home or real in home.parents or real.is_mount()


def accepted_root(folder: str, *, allow_broad: bool) -> str:
    """The real path of a folder that may be a root; raises `RootRefused`."""
    try:
        real = str(Path(folder).resolve(strict=True))
    except (OSError, ValueError, RuntimeError):
        raise RootRefused(f"the root {folder[:200]} does not exist") from None
    if not Path(real).is_dir():
        raise RootRefused(f"the root {real} is not a folder")
    if not allow_broad and is_broad(real):
        raise RootRefused(f"the root {real} is a home folder or a whole disk and is not indexed: {BROAD_HINT}")
    return real


def folder_of_uri(uri: str) -> str | None:
    """The folder that a root's URI names; None if it is none on this machine."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
        return None
    path = unquote(parts.path)
    return path if path.startswith("/") and "\0" not in path else None


class Roots:
    """The roots of one client, in its order, and why others were refused."""

    def __init__(self, folders: Iterable[str], *, allow_broad: bool = False) -> None:
        """Take those of `folders` that may be roots."""
        self.folders: list[str] = []
        self.refused: list[str] = []
        for folder in folders:
            try:
                real = accepted_root(folder, allow_broad=allow_broad)
            except RootRefused as error:
                self.refused.append(str(error))
                continue
            if real not in self.folders and len(self.folders) < MOST_ROOTS:
                self.folders.append(real)

    @classmethod
    def of_uris(cls, uris: Sequence[str], *, allow_broad: bool = False) -> Roots:
        """The roots that a client's URIs name."""
        folders = [folder_of_uri(uri) for uri in uris]
        return cls([folder for folder in folders if folder is not None], allow_broad=allow_broad)

    def names(self) -> dict[str, str]:
        """A short name for each root: its last part, or the whole path where two end alike."""
        ends = [os.path.basename(folder) for folder in self.folders]  # noqa: PTH119
        return {
            (end if end and ends.count(end) == 1 else folder): folder
            for end, folder in zip(ends, self.folders, strict=True)
        }

    def chosen(self, name: str | None) -> str:
        """The root that `name` means; without one, the only root there is. Raises `RootRefused`."""
        names = self.names()
        if not names:
            reason = "; ".join(self.refused) or "neither the command line (--root) nor the client names one"
            raise RootRefused(f"there is no root to work in: {reason}")
        if name is None:
            if len(names) > 1:
                raise RootRefused(f'there are several roots: give "repository", one of {", ".join(names)}')
            return self.folders[0]
        if name in names:
            return names[name]
        if name.rstrip("/") in self.folders:
            return name.rstrip("/")
        raise RootRefused(f'"{name[:200]}" is not one of the roots, which are {", ".join(names)}')
