"""Reading and replacing other programs' files: whole or not at all, and never outside the folders that are meant."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from pampax.install import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

LARGEST_BYTES = 64 << 20
"""A file over this size is left alone: no settings are that long."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def real_path(path: Path, roots: Sequence[Path]) -> Path:
    """Where `path` leads, links followed; refused if that is in none of `roots`."""
    real = Path(os.path.realpath(path))
    if not any(real.is_relative_to(os.path.realpath(root)) for root in roots):
        folders = " or ".join(str(root) for root in roots)
        raise Refused(f"it leads to {real}, which is outside {folders}")
    return real


def content(path: Path) -> bytes | None:
    """What is in a file; None if there is none."""
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISREG(status.st_mode):
        raise Refused("it is not an ordinary file")
    if status.st_size > LARGEST_BYTES:
        raise Refused(f"it is larger than {LARGEST_BYTES >> 20} MiB")
    return path.read_bytes()


def decoded(raw: bytes) -> tuple[bytes, str]:
    """The byte order mark, if there is one, and the text after it."""
    mark = BYTE_ORDER_MARK if raw.startswith(BYTE_ORDER_MARK) else b""
    try:
        return mark, raw[len(mark) :].decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(f"it is not UTF-8 text (byte {error.start + len(mark)})") from None


def missing_folders(path: Path) -> list[Path]:
    """The folders that have to be made before there can be a file at `path`, outermost first."""
    return [folder for folder in reversed(path.parents) if not folder.exists()]


def replace(path: Path, raw: bytes, *, private: bool = False) -> None:
    """Give a file a new content by one rename. Folders that lack are made.

    The rights of an older file are kept; a new one gets the usual ones, or with `private` none for others.
    """
    path.parent.mkdir(mode=0o700 if private else 0o777, parents=True, exist_ok=True)
    try:
        status = path.stat()
    except FileNotFoundError:
        status = None
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.pampax")
    # Until it has the rights of the file it replaces, which may hold secrets, nobody else is to read it.
    rights = 0o600 if status is not None or private else 0o666
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(temporary, flags, rights), "wb") as file:
            if status is not None:
                _keep_rights(file.fileno(), status)
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _keep_rights(descriptor: int, status: os.stat_result) -> None:
    """Give an open file the owner and the rights that another one has."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):  # only root may give files away
        os.fchown(descriptor, status.st_uid, status.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(status.st_mode))


def remove(path: Path, folders: Sequence[Path]) -> None:
    """Remove a file and those of `folders` that are empty then."""
    path.unlink(missing_ok=True)
    for folder in reversed(folders):
        try:
            folder.rmdir()
        except OSError:
            break
