"""Only roots that were given may be read, and nothing broad unasked."""

from __future__ import annotations

from pathlib import Path

import pytest

from pampax.mcp_server.errors import RootRefused
from pampax.mcp_server.roots import Roots, accepted_root, folder_of_uri, is_broad


def test_homes_and_disks_are_broad(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = tmp_path / "people" / "ann"
    (home / "code").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    for broad in ("/", str(home), str(home.parent), str(home / "code" / "..")):
        assert is_broad(broad)
        with pytest.raises(RootRefused, match="allow-broad-root"):
            accepted_root(broad, allow_broad=False)
        assert accepted_root(broad, allow_broad=True)
    assert accepted_root(str(home / "code"), allow_broad=False) == str(home / "code")


def test_a_link_to_a_home_is_broad_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "link").symlink_to(tmp_path)
    assert Roots([str(tmp_path / "link")]).folders == []


@pytest.mark.parametrize(
    ("uri", "folder"),
    [
        ("file:///a/b%20c", "/a/b c"),
        ("file://localhost/a", "/a"),
        ("file://elsewhere/a", None),
        ("https://example.org/a", None),
        ("file:a", None),
        ("file:///a%00b", None),
        ("file://[", None),
        ("", None),
    ],
)
def test_only_files_of_this_machine_are_roots(uri: str, folder: str | None) -> None:
    assert folder_of_uri(uri) == folder


def test_a_root_is_chosen_by_its_name_or_its_path(tmp_path: Path) -> None:
    for name in ("a/shop", "b/shop", "c/bank"):
        (tmp_path / name).mkdir(parents=True)
    shops = [str(tmp_path / name) for name in ("a/shop", "b/shop", "c/bank")]
    roots = Roots([*shops, shops[0], str(tmp_path / "missing")])
    assert roots.folders == shops
    assert "missing" in roots.refused[0]
    assert roots.chosen("bank") == shops[2]
    assert roots.chosen(shops[1]) == shops[1]
    for wrong in ("shop", str(tmp_path), "../bank", f"{shops[2]}/..", ""):
        with pytest.raises(RootRefused, match="not one of the roots"):
            roots.chosen(wrong)
    with pytest.raises(RootRefused, match="several roots"):
        roots.chosen(None)
    with pytest.raises(RootRefused, match="missing does not exist"):
        Roots([str(tmp_path / "missing")]).chosen(None)
