"""What `pampax install` leaves alone, and what it does in projects."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from installations import PLACES, SAMPLES, check_server, contents, put, value

from pampax.install import marked
from pampax.install.clients import CLIENTS

if TYPE_CHECKING:
    from command_process import Pampax

posix = pytest.mark.skipif(os.name == "nt", reason="places and rights of POSIX")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="places as on Linux; others in tests/install")

# what is left alone


@pytest.mark.parametrize(
    ("client", "text", "reason"),
    [
        ("cursor", '{"mcpServers": {"a": 1}', '"," or "}" is expected'),
        ("cursor", '{"mcpServers": []}', '"mcpServers" in it is not an object'),
        ("cursor", "[]", "top level is not an object"),
        ("cursor", '{"mcpServers": {}, "mcpServers": {}}', "stands in it 2 times"),
        ("cursor", '{"mcpServers": {"pampax": {"url": "http://localhost:1"}}}', "reached over the network"),
        ("cursor", "[" * 5000, "nested too deeply"),
        ("codex", "model = ", "not valid TOML"),
        ("codex", "mcp_servers = {}\n", "cannot be edited safely"),
        ("codex", '[mcp_servers]\npampax = {command = "old"}\n', "not a table of its own"),
        ("codex", "[[mcp_servers.pampax]]\n", "is not a table"),
    ],
)
def test_a_configuration_that_is_not_understood_is_left_alone_and_others_go_on(
    pampax: Pampax, home: Path, client: str, text: str, reason: str
) -> None:
    put(home, "windsurf")
    path = home / next(iter(PLACES[client]))
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    result = pampax("install", "--yes")
    assert result.code == 3
    assert reason in result.err
    assert f"{CLIENTS[client].title}: {path} is left alone" in result.err
    assert path.read_text(encoding="utf-8") == text
    assert list(path.parent.iterdir()) == [path]
    check_server(home, "windsurf")
    assert pampax("install", "--dry-run").code == 3


def test_bytes_that_are_no_text_are_left_alone(pampax: Pampax, home: Path) -> None:
    path = home / ".gemini" / "settings.json"
    path.parent.mkdir()
    path.write_bytes('{"a": 1}'.encode("utf-16"))
    result = pampax("install", "--yes")
    assert result.code == 3
    assert "not UTF-8" in result.err
    assert path.read_bytes() == '{"a": 1}'.encode("utf-16")


def test_marks_out_of_order_are_left_alone(pampax: Pampax, home: Path) -> None:
    put(home, "gemini")
    path = home / ".gemini" / "GEMINI.md"
    path.write_text(f"a\n{marked.BEGIN}\nb\n", encoding="utf-8")
    before = contents(home)
    result = pampax("install", "--yes")
    assert result.code == 3
    assert "marks" in result.err
    assert contents(home) == before, "without its rule, the server is not written either"


@posix
def test_links_and_rights_are_kept(pampax: Pampax, home: Path) -> None:
    kept = home / "dotfiles" / "zed.json"
    kept.parent.mkdir()
    shutil.copyfile(SAMPLES / "zed.json", kept)
    kept.chmod(0o640)
    link = home / ".config/zed/settings.json"
    link.parent.mkdir(parents=True)
    link.symlink_to(kept)
    assert pampax("install", "--yes").code == 0
    assert link.is_symlink()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o640
    check_server(home, "zed")
    assert pampax("install", "--uninstall", "--yes").code == 0
    assert kept.read_bytes() == (SAMPLES / "zed.json").read_bytes()
    assert sorted(path.name for path in kept.parent.iterdir()) == ["zed.json"]


@posix
@pytest.mark.parametrize("linked", ["file", "folder"])
def test_nothing_is_written_through_a_link_out_of_the_home_folder(
    pampax: Pampax, home: Path, tmp_path: Path, linked: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    target = outside / "mcp.json"
    target.write_text("{}", encoding="utf-8")
    if linked == "file":
        (home / ".cursor").mkdir()
        (home / ".cursor" / "mcp.json").symlink_to(target)
    else:
        (home / ".cursor").symlink_to(outside)
    result = pampax("install", "--yes")
    assert result.code == 3
    assert "which is outside" in result.err
    assert contents(outside) == {"mcp.json": b"{}"}


@posix
@pytest.mark.skipif(os.name != "nt" and os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_to_is_reported(pampax: Pampax, home: Path) -> None:
    put(home, "cursor", "windsurf")
    (home / ".cursor").chmod(0o500)
    result = pampax("install", "--yes")
    (home / ".cursor").chmod(0o700)
    assert result.code == 3
    assert "Cursor" in result.err
    check_server(home, "windsurf")


def test_records_that_cannot_be_read_stop_the_command(pampax: Pampax, home: Path) -> None:
    put(home, "cursor")
    path = home / ".local/share/pampax/installed.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"version": 7}', encoding="utf-8")
    result = pampax("install", "--yes")
    assert result.code == 2
    assert "move it away" in result.err


# projects


def test_a_project_gets_files_of_its_own(pampax: Pampax, home: Path, repository: Path) -> None:
    before, home_before = contents(repository), contents(home)
    names = [option for name in CLIENTS if name != "claude-desktop" for option in ("--client", name)]
    result = pampax("install", "--project", "--yes", *names, cwd=repository / "shop")
    assert result.code == 0, result.err
    new = set(contents(repository)) - set(before)
    assert {name for name in new if not name.endswith("/")} == {
        ".mcp.json",
        ".claude/rules/pampax.md",
        ".cursor/mcp.json",
        ".cursor/rules/pampax.mdc",
        ".codex/config.toml",
        "AGENTS.md",
        "opencode.json",
        ".gemini/settings.json",
        "GEMINI.md",
        ".vscode/mcp.json",
        ".github/instructions/pampax.instructions.md",
        ".windsurf/rules/pampax.md",
        ".zed/settings.json",
    }
    found = value(repository / ".mcp.json")["mcpServers"]["pampax"]
    assert found["args"][-3:] == ["mcp", "--root", str(repository)]
    assert (repository / "AGENTS.md").read_text(encoding="utf-8").count(marked.RULE) == 1
    assert contents(home) == home_before
    assert pampax("install", "--uninstall", "--project", "--yes").code == 0
    assert contents(repository) == before


def test_a_rule_that_several_read_stays_until_the_last_of_them_goes(pampax: Pampax, repository: Path) -> None:
    (repository / "AGENTS.md").write_text("# Ours\n", encoding="utf-8")
    assert pampax("install", "--project", "--yes", "--client", "codex").code == 0
    assert pampax("install", "--project", "--yes", "--client", "opencode").code == 0
    rules = repository / "AGENTS.md"
    assert pampax("install", "--project", "--uninstall", "--yes", "--client", "codex").code == 0
    assert not (repository / ".codex").exists()
    assert marked.has_rule(rules.read_text(encoding="utf-8"))
    assert pampax("install", "--project", "--uninstall", "--yes", "--client", "opencode").code == 0
    assert rules.read_text(encoding="utf-8") == "# Ours\n"


def test_zed_gets_its_rule_into_the_file_it_reads(pampax: Pampax, repository: Path) -> None:
    for name in ("CLAUDE.md", ".cursorrules"):
        (repository / name).write_text("Ours.\n", encoding="utf-8")
    assert pampax("install", "--project", "--yes", "--client", "zed").code == 0
    assert marked.has_rule((repository / ".cursorrules").read_text(encoding="utf-8"))
    assert (repository / "CLAUDE.md").read_text(encoding="utf-8") == "Ours.\n"
    assert not (repository / "AGENTS.md").exists()


def test_a_repository_cannot_send_the_files_elsewhere(pampax: Pampax, repository: Path, tmp_path: Path) -> None:
    (repository / ".mcp.json").symlink_to(tmp_path / "home" / ".claude.json")
    result = pampax("install", "--project", "--yes", "--client", "claude-code")
    assert result.code == 3
    assert not (tmp_path / "home" / ".claude.json").exists()


def test_a_home_folder_is_no_project(pampax: Pampax, home: Path) -> None:
    result = pampax("install", "--project", "--yes", cwd=home)
    assert result.code == 2
    assert "is not a project" in result.err


def test_what_a_client_has_no_file_for_is_said(pampax: Pampax, home: Path) -> None:
    put(home, "cursor")
    assert "Cursor has no file for rules for the user" in pampax("install", "--dry-run").err
    result = pampax("install", "--project", "--dry-run", "--client", "claude-desktop")
    assert (result.code, result.out) == (0, "")
    assert "Claude Desktop has no file for MCP servers and rules in a project" in result.err
