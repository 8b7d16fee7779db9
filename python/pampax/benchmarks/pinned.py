"""Real trees, named by package, version and checksum (`pinned.toml`). Nothing is downloaded: a user has the file.

Archives are treated as hostile even though their checksum is known, as what is listed may be changed by anybody: only
folders and regular files are unpacked, only below the target, and no more than a pin allows.
"""

from __future__ import annotations

import hashlib
import shutil
import tarfile
import tempfile
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from pampax._core import BadPath, InvalidInput
from pampax.benchmarks.failures import CorpusError

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Pin:
    """One real tree."""

    name: str
    package: str
    version: str
    registry: str
    """Where the package is published, and under which address its file is found."""
    file: str
    size_bytes: int
    sha256: str
    languages: tuple[str, ...]
    largest_bytes: int
    """The most that is unpacked."""
    inner: str
    """Of a Debian package: the archive inside it that has the tree."""


@cache
def pins() -> dict[str, Pin]:
    """All pins by name."""
    raw = tomllib.loads(resources.files("pampax.benchmarks").joinpath("pinned.toml").read_text(encoding="utf-8"))
    return {
        name: Pin(
            name=name,
            package=row["package"],
            version=row["version"],
            registry=row["registry"],
            file=row["file"],
            size_bytes=row["size_bytes"],
            sha256=row["sha256"],
            languages=tuple(row["languages"]),
            largest_bytes=row["largest_bytes"],
            inner=row.get("inner", ""),
        )
        for name, row in raw.items()
    }


def find(name: str) -> Pin:
    """The pin of that name. Raises `InvalidInput` if there is none."""
    if name not in pins():
        raise InvalidInput(f"no corpus is pinned as {name!r}: there are {', '.join(pins())}")
    return pins()[name]


def verified(pin: Pin, folder: Path) -> Path:
    """The file of a pin in `folder`, its size and checksum found right. Raises `BadPath` or `CorpusError`."""
    path = folder / pin.file
    if not path.is_file():
        raise BadPath(f"{path}: not there; it is {pin.package} {pin.version} of {pin.registry}")
    size = path.stat().st_size
    if size != pin.size_bytes:
        raise CorpusError(f"{path}: has {size:,} bytes, not the {pin.size_bytes:,} of {pin.package} {pin.version}")
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    if digest.hexdigest() != pin.sha256:
        raise CorpusError(f"{path}: its SHA-256 is {digest.hexdigest()}, not that of {pin.package} {pin.version}")
    return path


def unpack(pin: Pin, archive: Path, target: Path) -> Path:
    """Unpack the file of a pin below the new folder `target`. Gives the top folder of the tree.

    Links, devices and the like are left out. Raises `CorpusError` for a path that leads out of the target or an archive
    that is larger than the pin allows.
    """
    if pin.file.endswith(".deb"):
        with tempfile.TemporaryDirectory(prefix="pampax-deb-", dir=target.parent) as folder:
            inner = _inner_archive(pin, archive, Path(folder))
            _unpack(inner, target, pin.largest_bytes)
    else:
        _unpack(archive, target, pin.largest_bytes)
    inside = list(target.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else target


def _unpack(archive: Path, target: Path, largest_bytes: int) -> None:
    target.mkdir()
    left = largest_bytes
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                parts = _parts(archive, member.name)
                if member.isdir():
                    target.joinpath(*parts).mkdir(parents=True, exist_ok=True)
                elif member.isreg() and parts:
                    left -= member.size
                    if left < 0:
                        raise CorpusError(f"{archive}: unpacks to more than {largest_bytes:,} bytes")
                    _write(tar, member, target.joinpath(*parts))
    except (tarfile.TarError, EOFError, OSError) as error:
        raise CorpusError(f"{archive}: cannot be unpacked: {error}") from error


def _parts(archive: Path, name: str) -> tuple[str, ...]:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
        raise CorpusError(f"{archive}: {name!r} leads out of the archive")
    return path.parts


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    source = tar.extractfile(member)
    if source is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # "x": an archive that names a file twice, or in two spellings of a system without cases, is refused.
    with source, path.open("xb") as out:
        shutil.copyfileobj(source, out, _BLOCK)


def _inner_archive(pin: Pin, archive: Path, folder: Path) -> Path:
    """The archive inside the data of a Debian package, written to `folder`."""
    for name, size, file in _deb_members(archive):
        if not name.startswith("data.tar"):
            continue
        data = folder / name
        with data.open("wb") as out:
            _copy(file, out, size)
        with tarfile.open(data) as tar:
            for member in tar:
                if member.isreg() and PurePosixPath(member.name).as_posix().removeprefix("./") == pin.inner:
                    inner = folder / PurePosixPath(pin.inner).name
                    _write(tar, member, inner)
                    data.unlink()
                    return inner
    raise CorpusError(f"{archive}: holds no {pin.inner}")


def _deb_members(archive: Path) -> Iterator[tuple[str, int, IO[bytes]]]:
    """Name, size and content of the parts of an `ar` archive."""
    with archive.open("rb") as file:
        if file.read(8) != b"!<arch>\n":
            raise CorpusError(f"{archive}: no Debian package")
        while len(header := file.read(60)) == 60:
            name, size = header[:16].decode("ascii", "replace").rstrip(" /"), header[48:58].decode("ascii", "replace")
            if header[58:] != b"`\n" or not size.strip().isdigit():
                raise CorpusError(f"{archive}: a damaged Debian package")
            start, length = file.tell(), int(size)
            yield name, length, file
            file.seek(start + length + length % 2)


def _copy(source: IO[bytes], out: IO[bytes], size: int) -> None:
    while size > 0:
        block = source.read(min(size, _BLOCK))
        if not block:
            raise CorpusError("a Debian package ends early")
        out.write(block)
        size -= len(block)
