"""`pampax install` in home folders and projects of its own, with configurations as people have them."""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from installations import (
    KEYS,
    NEW_RULES,
    PLACES,
    SAMPLES,
    SECRETS,
    check_lines_kept,
    check_server,
    contents,
    entry,
    put,
    value,
)

from pampax.install import marked
from pampax.install.clients import CLIENTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from command_process import Pampax

posix = pytest.mark.skipif(os.name == "nt", reason="places and rights of POSIX")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="places as on Linux; others in tests/install")

# every client


@pytest.mark.parametrize("client", PLACES)
def test_install_keeps_all_else_and_uninstall_restores_every_byte(pampax: Pampax, home: Path, client: str) -> None:
    put(home, client)
    before = contents(home)
    result = pampax("install", "--yes")
    assert result.code == 0, result.err
    check_server(home, client)
    servers = next(iter(PLACES[client]))
    old, new = value(SAMPLES / PLACES[client][servers]), value(home / servers)
    del new[KEYS.get(client, "mcpServers")]["pampax"]
    assert json.dumps(new) == json.dumps(old)
    check_lines_kept(before[servers], (home / servers).read_bytes())
    if client in NEW_RULES:
        text = (home / NEW_RULES[client]).read_text(encoding="utf-8")
        assert marked.RULE in text
        assert text.startswith(before.get(NEW_RULES[client], b"").decode())
    changed = contents(home)
    again = pampax("install", "--yes")
    assert (again.code, again.out) == (0, "")
    assert "nothing to do" in again.err
    assert contents(home) == changed
    assert pampax("install", "--uninstall", "--yes").code == 0
    assert contents(home) == before
    assert not (home / ".local/share/pampax/installed.json").exists()
    again = pampax("install", "--uninstall", "--yes")
    assert (again.code, again.out) == (0, "")


def test_all_clients_at_once_and_without_any_configuration(pampax: Pampax, home: Path) -> None:
    for name, places in PLACES.items():
        folder = home / next(iter(places))
        (home / ".claude" if name == "claude-code" else folder.parent).mkdir(parents=True, exist_ok=True)
    before = contents(home)
    assert pampax("install", "--yes").code == 0
    for client in PLACES:
        if client != "opencode":  # whose new file has another name than the sample
            check_server(home, client)
    assert value(home / ".config/opencode/opencode.json")["mcp"]["pampax"]["enabled"] is True
    assert pampax("install", "--uninstall", "--yes").code == 0
    assert contents(home) == before


def test_only_named_clients_are_changed_also_if_they_were_not_found(pampax: Pampax, home: Path) -> None:
    put(home, "zed", "codex")
    before = contents(home)
    assert pampax("install", "--client", "zed", "--client", "cursor", "--yes").code == 0
    check_server(home, "zed")
    check_server(home, "cursor")
    assert contents(home)[".codex/config.toml"] == before[".codex/config.toml"]
    assert pampax("install", "--uninstall", "--client", "zed", "--yes").code == 0
    check_server(home, "cursor")
    assert contents(home)[".config/zed/settings.json"] == before[".config/zed/settings.json"]


def test_without_any_client_the_names_are_listed(pampax: Pampax) -> None:
    result = pampax("install", "--yes")
    assert (result.code, result.out) == (1, "")
    assert "no agent was found" in result.err
    assert all(name in result.err for name in CLIENTS)
    unknown = pampax("install", "--client", "emacs")
    assert unknown.code == 2
    assert "'zed'" in unknown.err


# the plan


def test_a_dry_run_shows_the_plan_and_changes_nothing(pampax: Pampax, home: Path) -> None:
    put(home)
    before = contents(home)
    result = pampax("install", "--dry-run")
    assert result.code == 0
    assert contents(home) == before
    for place in (next(iter(places)) for places in PLACES.values()):
        assert f"--- {home / place}\n+++ {home / place}\n@@ -" in result.out
    assert f"--- /dev/null\n+++ {home / '.claude/rules/pampax.md'}\n" in result.out
    assert pampax("install", "--yes").out == result.out


def test_no_secret_is_shown_or_logged_or_copied(pampax: Pampax, home: Path) -> None:
    put(home)
    result = pampax("install", "--yes", "--log-level", "debug")
    undone = pampax("install", "--uninstall", "--dry-run", "--log-level", "debug")
    record = (home / ".local/share/pampax/installed.json").read_text(encoding="ascii")
    for text in (result.out, result.err, undone.out, undone.err, record):
        assert text
        assert [secret for secret in SECRETS if secret in text] == []
    assert '"***"' in result.out
    assert stat.S_IMODE((home / ".local/share/pampax/installed.json").stat().st_mode) == 0o600


def test_without_a_terminal_nothing_is_changed_unless_agreed_beforehand(pampax: Pampax, home: Path) -> None:
    put(home, "cursor")
    before = contents(home)
    result = pampax("install", stdin=b"y\n")
    assert result.code == 2
    assert "+++" in result.out
    assert "--yes" in result.err
    assert contents(home) == before


@posix
@pytest.mark.parametrize(("answer", "written"), [("y", True), ("n", False)])
def test_on_a_terminal_the_plan_is_shown_and_a_question_asked(
    pampax: Pampax, home: Path, environment: Mapping[str, str], answer: str, written: bool
) -> None:
    put(home, "zed")
    text, code = answered([sys.executable, "-m", "pampax", "install"], environment, home, answer)
    assert "Change these 2 files? [y/N]" in text
    assert text.index("+++ ") < text.index("Change these")
    assert code == 0
    assert ("pampax" in value(home / ".config/zed/settings.json")["context_servers"]) is written
    assert ("nothing was changed" in text) is not written


def answered(command: list[str], environment: Mapping[str, str], folder: Path, answer: str) -> tuple[str, int]:
    """What a command writes to a terminal on which a question is answered, and its exit code."""
    import pty
    import subprocess

    master, slave = pty.openpty()
    process = subprocess.Popen(
        command, cwd=folder, env={**environment, "TERM": "xterm"}, stdin=slave, stdout=slave, stderr=slave
    )
    os.close(slave)
    content, asked = b"", False
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:
            break
        if not part:
            break
        content += part
        if b"[y/N]" in content and not asked:
            asked = True
            os.write(master, answer.encode() + b"\n")
    os.close(master)
    return content.decode(), process.wait(timeout=60)


# what is there already


def test_an_older_entry_is_brought_up_to_date_and_keeps_its_other_keys(pampax: Pampax, home: Path) -> None:
    old = '{"mcpServers": {"pampax": {"command": "/old/pampax", "args": ["mcp"], "env": {"PAMPAX_MEMORY": "2GiB"}}}}\n'
    path = home / ".cursor" / "mcp.json"
    path.parent.mkdir()
    path.write_text(old, encoding="utf-8")
    assert pampax("install", "--yes").code == 0
    check_server(home, "cursor")
    assert entry(home, "cursor")["env"] == {"PAMPAX_MEMORY": "2GiB"}
    assert pampax("install", "--uninstall", "--yes").code == 0
    assert path.read_text(encoding="utf-8") == old


def test_codex_tables_are_brought_up_to_date_in_place(pampax: Pampax, home: Path) -> None:
    old = (
        '[mcp_servers.pampax] # mine\nargs = [ # none\n]\nstartup_timeout_sec = 30\ncommand = "/old"\n\n'
        '[mcp_servers.pampax.env]\nPAMPAX_MEMORY = "2GiB"\n\n[tui]\nnotifications = true\n'
    )
    path = home / ".codex" / "config.toml"
    path.parent.mkdir()
    path.write_text(old, encoding="utf-8")
    assert pampax("install", "--yes").code == 0
    check_server(home, "codex")
    table = value(path)
    assert table["mcp_servers"]["pampax"]["startup_timeout_sec"] == 30
    assert table["mcp_servers"]["pampax"]["env"] == {"PAMPAX_MEMORY": "2GiB"}
    assert "[mcp_servers.pampax] # mine\n" in path.read_text(encoding="utf-8")
    assert pampax("install", "--uninstall", "--yes").code == 0
    assert path.read_text(encoding="utf-8") == old


def test_a_server_that_was_switched_off_stays_off(pampax: Pampax, home: Path) -> None:
    put(home, "opencode")
    path = home / ".config/opencode/opencode.jsonc"
    assert pampax("install", "--yes").code == 0
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r'("pampax": \{[^}]*"enabled": )true', r"\1false", text), encoding="utf-8")
    assert entry(home, "opencode")["enabled"] is False
    assert "nothing to do" in pampax("install", "--yes").err
    assert entry(home, "opencode")["enabled"] is False


@pytest.mark.parametrize("client", ["cursor", "codex", "opencode"])
def test_options_that_somebody_gave_the_server_stay(pampax: Pampax, home: Path, client: str) -> None:
    put(home, client)
    assert pampax("install", "--yes").code == 0
    path = home / next(iter(PLACES[client]))
    before, _, after = path.read_text(encoding="utf-8").rpartition('"mcp"]')
    path.write_text(f'{before}"mcp", "--root", "/srv/shop"]{after}', encoding="utf-8")
    assert "nothing to do" in pampax("install", "--yes").err
    assert "/srv/shop" in json.dumps(entry(home, client))


def test_newer_opencode_keeps_its_servers_one_level_deeper(pampax: Pampax, home: Path) -> None:
    path = home / ".config/opencode/opencode.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"mcp": {"servers": {"a": {"type": "local", "command": ["a"]}}, "timeout": 5}}', encoding="utf-8")
    assert pampax("install", "--yes").code == 0
    assert list(value(path)["mcp"]["servers"]) == ["a", "pampax"]


def test_uninstall_takes_out_its_own_also_if_other_things_have_changed(pampax: Pampax, home: Path) -> None:
    put(home)
    before = contents(home)
    assert pampax("install", "--yes").code == 0
    for place, old, new in (
        (".claude.json", b'"numStartups": 214', b'"numStartups": 215'),
        (".codex/config.toml", b'model = "gpt-5-codex"', b'model = "gpt-6-codex"\nhide_agent_reasoning = true'),
        (".config/zed/settings.json", b'"ui_font_size": 15', b'"ui_font_size": 16'),
        (".gemini/GEMINI.md", b"Europe/Vienna", b"Europe/Graz"),
    ):
        path = home / place
        before[place] = before[place].replace(old, new)
        assert before[place] != path.read_bytes()
        path.write_bytes(path.read_bytes().replace(old, new))
    assert pampax("install", "--uninstall", "--yes").code == 0
    assert contents(home) == before


def test_uninstall_works_without_its_records(pampax: Pampax, home: Path) -> None:
    put(home)
    before = contents(home)
    assert pampax("install", "--yes").code == 0
    (home / ".local/share/pampax/installed.json").unlink()
    assert pampax("install", "--uninstall", "--yes").code == 0
    after = contents(home)
    assert NEW_RULES["claude-code"] not in after
    for client, places in PLACES.items():
        for place in places:
            assert b"pampax" not in after[place], client
            check_lines_kept(after[place], before[place])


def test_an_update_after_a_move_still_leads_back_to_the_first_state(pampax: Pampax, home: Path) -> None:
    put(home, "vscode")
    before = contents(home)
    assert pampax("install", "--yes").code == 0
    path = home / ".config/Code/User/mcp.json"
    moved = re.sub(rb'("pampax": \{[^}]*"command": )"[^"]*"', rb'\1"/old/pampax"', path.read_bytes())
    assert b"/old/pampax" in moved
    path.write_bytes(moved)
    assert pampax("install", "--yes").code == 0
    check_server(home, "vscode")
    assert pampax("install", "--uninstall", "--yes").code == 0
    assert contents(home) == before
