"""`pampax install` in home folders and projects of its own, with configurations as people have them."""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import stat
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pampax.install import jsonc, marked
from pampax.install.clients import CLIENTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from command_process import Pampax

SAMPLES = Path(__file__).resolve().parents[1] / "install" / "samples"
posix = pytest.mark.skipif(os.name == "nt", reason="places and rights of POSIX")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="places as on Linux; others in tests/install")

# Where each sample belongs in a home folder: first the servers, then the rules, if people had some.
PLACES = {
    "claude-code": {".claude.json": "claude-code.json"},
    "claude-desktop": {".config/Claude/claude_desktop_config.json": "claude-desktop.json"},
    "cursor": {".cursor/mcp.json": "cursor.json"},
    "codex": {".codex/config.toml": "codex.toml", ".codex/AGENTS.md": "codex-rules.md"},
    "opencode": {".config/opencode/opencode.jsonc": "opencode.jsonc"},
    "gemini": {".gemini/settings.json": "gemini.json", ".gemini/GEMINI.md": "gemini-rules.md"},
    "vscode": {".config/Code/User/mcp.json": "vscode.json"},
    "windsurf": {
        ".codeium/windsurf/mcp_config.json": "windsurf.json",
        ".codeium/windsurf/memories/global_rules.md": "windsurf-rules.md",
    },
    "zed": {".config/zed/settings.json": "zed.json"},
}
NEW_RULES = {
    "claude-code": ".claude/rules/pampax.md",
    "codex": ".codex/AGENTS.md",
    "opencode": ".config/opencode/AGENTS.md",
    "gemini": ".gemini/GEMINI.md",
    "vscode": ".config/Code/User/prompts/pampax.instructions.md",
    "windsurf": ".codeium/windsurf/memories/global_rules.md",
    "zed": ".config/zed/AGENTS.md",
}
KEYS = {"codex": "mcp_servers", "opencode": "mcp", "vscode": "servers", "zed": "context_servers"}
SECRETS = (
    "not-a-real-token-1234567890",
    "plain-text-secret",
    "hunter2",
    "open-sesame",
    "lin_not_real_0123456789",
    "not-a-real-key",
    "a private value",
    "literal-value",
    "ghp_notarealtoken",
    "left-over-secret",
)


@pytest.fixture
def home(environment: Mapping[str, str]) -> Path:
    """The home folder of the command."""
    return Path(environment["HOME"])


def put(home: Path, *names: str) -> None:
    """Put the samples of some clients, or of all, where they belong."""
    for name in names or PLACES:
        for place, sample in PLACES[name].items():
            path = home / place
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(SAMPLES / sample, path)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder but those of pampax itself, and folders, as empty names."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not name.startswith((".local", ".cache")):
            found[name + ("/" if path.is_dir() else "")] = path.read_bytes() if path.is_file() else b""
    return found


def value(path: Path) -> Any:
    """What a configuration means."""
    text = path.read_text(encoding="utf-8-sig")
    return tomllib.loads(text) if path.suffix == ".toml" else copy.deepcopy(jsonc.value_of(text))


def entry(home: Path, client: str) -> Any:
    """The server as it stands in a client's configuration."""
    return value(home / next(iter(PLACES[client])))[KEYS.get(client, "mcpServers")]["pampax"]


def check_server(home: Path, client: str) -> None:
    """The entry starts this very pampax, in the form the client wants."""
    found = entry(home, client)
    command = found["command"] if client == "opencode" else [found["command"], *found["args"]]
    assert Path(command[0]).is_absolute()
    assert os.access(command[0], os.X_OK)
    assert command[1:] in (["mcp"], ["-m", "pampax", "mcp"])
    kind = {"claude-code": "stdio", "cursor": "stdio", "vscode": "stdio", "opencode": "local"}.get(client)
    assert found.get("type") == kind


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


def check_lines_kept(before: bytes, after: bytes) -> None:
    """Each old line is there, in order and to the byte, but for a comma that one may have been given."""
    rest = iter(after.splitlines(keepends=True))
    missing = [line for line in before.splitlines(keepends=True) if line not in rest and not has_comma(line, after)]
    assert missing == []


def has_comma(line: bytes, after: bytes) -> bool:
    content = line.rstrip(b"\r\n")
    return content + b"," + line[len(content) :] in after or content + b"," in after


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
