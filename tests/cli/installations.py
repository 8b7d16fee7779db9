"""Configurations of agents in a home folder, and what has to hold of them."""

from __future__ import annotations

import copy
import os
import shutil
import tomllib
from pathlib import Path
from typing import Any

from pampax.install import jsonc

SAMPLES = Path(__file__).resolve().parents[1] / "install" / "samples"
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


def check_lines_kept(before: bytes, after: bytes) -> None:
    """Each old line is there, in order and to the byte, but for a comma that one may have been given."""
    rest = iter(after.splitlines(keepends=True))
    missing = [line for line in before.splitlines(keepends=True) if line not in rest and not has_comma(line, after)]
    assert missing == []


def has_comma(line: bytes, after: bytes) -> bool:
    content = line.rstrip(b"\r\n")
    return content + b"," + line[len(content) :] in after or content + b"," in after
