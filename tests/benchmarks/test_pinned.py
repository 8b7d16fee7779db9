"""Pinned corpora: what is unpacked is what was pinned, and nothing leaves the target."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import tarfile
from typing import TYPE_CHECKING

import pytest

from pampax._core import BadPath, InvalidInput
from pampax.benchmarks import pinned, prepare
from pampax.benchmarks.failures import CorpusError

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"tree-1.0/main.py": b"def main():\n    return 1\n", "tree-1.0/src/lib.rs": b"fn lib() {}\n"}


def archive(path: Path, files: dict[str, bytes], extra: tuple[tarfile.TarInfo, ...] = ()) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        for member in extra:
            tar.addfile(member)
    return path


def pin(path: Path, **changes: object) -> pinned.Pin:
    made = pinned.Pin(
        "tree", "tree", "1.0", "nowhere", path.name, path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest(),
        ("python",), 1_000, "",
    )  # fmt: skip
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


def test_every_pin_is_complete() -> None:
    found = pinned.pins()
    assert len(found) >= 4
    assert len({language for made in found.values() for language in made.languages}) >= 5
    for made in found.values():
        assert len(made.sha256) == 64
        assert int(made.sha256, 16)
        assert 0 < made.size_bytes < made.largest_bytes
        assert made.version in made.file


def test_a_tree_is_unpacked_as_it_was_packed(tmp_path: Path) -> None:
    made = pin(archive(tmp_path / "tree.tar.gz", FILES))
    root = pinned.unpack(made, pinned.verified(made, tmp_path), tmp_path / "target")
    assert root == tmp_path / "target" / "tree-1.0"
    assert {f"tree-1.0/{file.relative_to(root)}": file.read_bytes() for file in root.rglob("*.*")} == FILES


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "tree.tar.gz", FILES)
    made = pin(path)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(CorpusError, match="SHA-256"):
        pinned.verified(made, tmp_path)
    path.write_bytes(content + b"x")
    with pytest.raises(CorpusError, match="bytes, not the"):
        pinned.verified(made, tmp_path)
    path.unlink()
    with pytest.raises(BadPath, match="not there; it is tree"):
        pinned.verified(made, tmp_path)


@pytest.mark.parametrize("name", ["../escaped.py", "/srv/escaped.py", "tree/../../escaped.py", "tree\\..\\escaped.py"])
def test_no_path_leaves_the_target(tmp_path: Path, name: str) -> None:
    path = archive(tmp_path / "tree.tar.gz", {name: b"x"})
    with pytest.raises(CorpusError, match="leads out"):
        pinned.unpack(pin(path), path, tmp_path / "target")
    assert not list(tmp_path.rglob("escaped.py"))


def test_links_and_devices_are_left_out(tmp_path: Path) -> None:
    link, hard, fifo = (
        tarfile.TarInfo("tree-1.0/link"),
        tarfile.TarInfo("tree-1.0/hard"),
        tarfile.TarInfo("tree-1.0/fifo"),
    )
    link.type, link.linkname = tarfile.SYMTYPE, "/etc"
    hard.type, hard.linkname = tarfile.LNKTYPE, "tree-1.0/main.py"
    fifo.type = tarfile.FIFOTYPE
    path = archive(tmp_path / "tree.tar.gz", FILES, (link, hard, fifo))
    root = pinned.unpack(pin(path), path, tmp_path / "target")
    assert sorted(file.name for file in root.iterdir()) == ["main.py", "src"]


def test_no_more_is_unpacked_than_the_pin_allows(tmp_path: Path) -> None:
    path = archive(tmp_path / "tree.tar.gz", {"tree-1.0/large": bytes(2_000)})
    with pytest.raises(CorpusError, match="more than 1,000 bytes"):
        pinned.unpack(pin(path), path, tmp_path / "target")


def test_a_damaged_archive_is_an_error_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "tree.tar.gz"
    path.write_bytes(b"no archive")
    with pytest.raises(CorpusError, match="cannot be unpacked"):
        pinned.unpack(pin(path), path, tmp_path / "target")


def test_a_debian_package_gives_the_archive_inside(tmp_path: Path) -> None:
    inner = archive(tmp_path / "source.tar.gz", FILES).read_bytes()
    data = archive(tmp_path / "data.tar.gz", {"./usr/src/source.tar.gz": inner}).read_bytes()
    package = tmp_path / "tree.deb"
    with package.open("wb") as out:
        out.write(b"!<arch>\n")
        for name, content in (("debian-binary", b"2.0\n"), ("control.tar.gz", b"odd"), ("data.tar.gz", data)):
            out.write(f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode())
            out.write(content + b"\n" * (len(content) % 2))
    made = pin(package, inner="usr/src/source.tar.gz", largest_bytes=10_000)
    assert (pinned.unpack(made, package, tmp_path / "target") / "main.py").read_bytes() == FILES["tree-1.0/main.py"]
    with pytest.raises(CorpusError, match="holds no other"):
        pinned.unpack(pin(package, inner="other"), package, tmp_path / "second")


def test_a_pin_needs_its_folder() -> None:
    with pytest.raises(InvalidInput, match="no corpus is pinned as 'nothing'"):
        pinned.find("nothing")
    with pytest.raises(InvalidInput, match="--corpora-folder"), prepare("pinned:flask"):
        pass
