"""The agents pampax can be installed into: how to tell that one is there, and which files of its say what.

Each place is one of the client's own documentation (docs/install.md names them); what a client has no file for is None.
"""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


ZED_RULES = (
    ".rules",
    ".cursorrules",
    ".windsurfrules",
    ".clinerules",
    ".github/copilot-instructions.md",
    "AGENT.md",
    "AGENTS.md",
    "CLAUDE.md",
    "GEMINI.md",
)
"""The files one of which Zed reads in a project, in its order."""


class ServerFile(NamedTuple):
    """Where a client keeps its servers, and in what form."""

    path: Path
    form: str
    """`json` (with comments) or `toml`."""
    keys: tuple[str, ...]
    """The way to the table of servers."""
    entry: Callable[[Sequence[str]], dict[str, object]]
    """From the command line of the server to what stands under its name."""
    defaults: Mapping[str, object] = MappingProxyType({})
    """What a new entry has besides, and an older one may have otherwise."""
    inner: str = ""
    """A key in the table that holds the servers in some versions of the client, if it is there."""


class RuleFile(NamedTuple):
    """Where a client reads what the user wants of it."""

    path: Path
    front: str = ""
    """What the file begins with if it is ours alone."""

    @property
    def own(self) -> bool:
        """Whether the file is for pampax alone, so that it goes when nothing is left in it."""
        return self.path.name.startswith("pampax.")


class Places:
    """The folders that clients' files are in: those of the user, or of a project."""

    def __init__(self, environment: Mapping[str, str], platform: str, project: Path | None = None) -> None:
        """`platform` is `sys.platform`. With `project`, the files of that project are meant instead of the user's."""
        self.platform = platform
        self.project = project
        self.environment = environment
        named = "USERPROFILE" if platform == "win32" else "HOME"
        self.home = Path(environment.get(named) or Path("~").expanduser())
        self.config = self._named("XDG_CONFIG_HOME") or self.home / ".config"
        self.roaming = self._named("APPDATA") or self.home / "AppData" / "Roaming"
        self.claude = self._named("CLAUDE_CONFIG_DIR") or self.home / ".claude"
        self.codex = self._named("CODEX_HOME") or self.home / ".codex"
        self.cursor = self.home / ".cursor"
        self.gemini = self.home / ".gemini"
        self.windsurf = self.home / ".codeium" / "windsurf"
        self.opencode = self.config / "opencode"
        self.zed = self.roaming / "Zed" if platform == "win32" else self.home / ".config" / "zed"
        if platform == "linux":
            self.zed = self.config / "zed"

    def _named(self, variable: str) -> Path | None:
        """The folder that a variable names; relative ones are ignored, as the XDG specification has it."""
        text = self.environment.get(variable, "")
        return Path(text) if Path(text).is_absolute() else None

    def application(self, name: str) -> Path:
        """The folder in which a desktop application keeps its settings."""
        if self.platform == "win32":
            return self.roaming / name
        if self.platform == "darwin":
            return self.home / "Library" / "Application Support" / name
        return self.config / name

    @property
    def data(self) -> Path:
        """The folder for what pampax itself remembers."""
        if self.platform == "win32":
            return (self._named("LOCALAPPDATA") or self.home / "AppData" / "Local") / "pampax"
        if self.platform == "darwin":
            return self.home / "Library" / "Application Support" / "pampax"
        return (self._named("XDG_DATA_HOME") or self.home / ".local" / "share") / "pampax"

    @property
    def roots(self) -> list[Path]:
        """The folders in which files may be changed: the project, or the home folder and what the environment names."""
        if self.project is not None:
            return [self.project]
        variables = ["XDG_CONFIG_HOME", "CLAUDE_CONFIG_DIR", "CODEX_HOME"]
        if self.platform == "win32":
            variables.append("APPDATA")
        return [self.home, *(folder for variable in variables if (folder := self._named(variable)))]


class Client(NamedTuple):
    """One agent."""

    name: str
    title: str
    signs: Callable[[Places], Sequence[Path]]
    """Files or folders one of which is there if the client is."""
    server: Callable[[Places], ServerFile | None]
    rule: Callable[[Places], RuleFile | None]

    def detected(self, places: Places) -> bool:
        """Whether the client is on this machine, or used in the project."""
        return any(sign.exists() for sign in self.signs(places))


def _plain(command: Sequence[str]) -> dict[str, object]:
    return {"command": command[0], "args": list(command[1:])}


def _typed(command: Sequence[str]) -> dict[str, object]:
    return {"type": "stdio", **_plain(command)}


def _local(command: Sequence[str]) -> dict[str, object]:
    return {"type": "local", "command": list(command)}


def _first(paths: Sequence[Path]) -> Path:
    """The first file that is there, else the first of all."""
    return next((path for path in paths if path.is_file()), paths[0])


def _in_project(places: Places, *names: str) -> list[Path]:
    return [] if places.project is None else [places.project / name for name in names]


def _claude_code_server(places: Places) -> ServerFile:
    if places.project is not None:
        return ServerFile(places.project / ".mcp.json", "json", ("mcpServers",), _typed)
    inside = places.claude != places.home / ".claude"  # CLAUDE_CONFIG_DIR takes the file along
    folder = places.claude if inside else places.home
    return ServerFile(folder / ".claude.json", "json", ("mcpServers",), _typed)


def _claude_code_rule(places: Places) -> RuleFile:
    folder = places.claude if places.project is None else places.project / ".claude"
    return RuleFile(folder / "rules" / "pampax.md")


def _claude_desktop_server(places: Places) -> ServerFile | None:
    if places.project is not None:
        return None
    path = places.application("Claude") / "claude_desktop_config.json"
    return ServerFile(path, "json", ("mcpServers",), _plain)


def _cursor_server(places: Places) -> ServerFile:
    folder = places.cursor if places.project is None else places.project / ".cursor"
    return ServerFile(folder / "mcp.json", "json", ("mcpServers",), _typed)


def _cursor_rule(places: Places) -> RuleFile | None:
    if places.project is None:  # the user's own rules are in Cursor's database, not in a file
        return None
    front = "---\ndescription: Finding code with pampax\nalwaysApply: true\n---\n\n"
    return RuleFile(places.project / ".cursor" / "rules" / "pampax.mdc", front)


def _codex_server(places: Places) -> ServerFile:
    folder = places.codex if places.project is None else places.project / ".codex"
    return ServerFile(folder / "config.toml", "toml", ("mcp_servers",), _plain)


def _codex_rule(places: Places) -> RuleFile:
    folder = places.codex if places.project is None else places.project
    override = folder / "AGENTS.override.md"  # if it holds anything, AGENTS.md beside it is not read
    overridden = override.is_file() and override.stat().st_size > 0
    return RuleFile(override if overridden else folder / "AGENTS.md")


def _opencode_server(places: Places) -> ServerFile:
    names = ("opencode.json", "opencode.jsonc")
    candidates = [places.opencode / name for name in names]
    if places.project is not None:
        candidates = _in_project(places, *names, *(f".opencode/{name}" for name in names))
    return ServerFile(_first(candidates), "json", ("mcp",), _local, {"enabled": True}, "servers")


def _opencode_rule(places: Places) -> RuleFile:
    return RuleFile((places.opencode if places.project is None else places.project) / "AGENTS.md")


def _gemini_server(places: Places) -> ServerFile:
    folder = places.gemini if places.project is None else places.project / ".gemini"
    return ServerFile(folder / "settings.json", "json", ("mcpServers",), _plain)


def _gemini_rule(places: Places) -> RuleFile:
    return RuleFile((places.gemini if places.project is None else places.project) / "GEMINI.md")


def _vscode_server(places: Places) -> ServerFile:
    folder = places.application("Code") / "User" if places.project is None else places.project / ".vscode"
    return ServerFile(folder / "mcp.json", "json", ("servers",), _typed)


def _vscode_rule(places: Places) -> RuleFile:
    front = '---\ndescription: Finding code with pampax\napplyTo: "**"\n---\n\n'
    folder = places.application("Code") / "User" / "prompts"
    if places.project is not None:
        folder = places.project / ".github" / "instructions"
    return RuleFile(folder / "pampax.instructions.md", front)


def _windsurf_server(places: Places) -> ServerFile | None:
    if places.project is not None:
        return None
    return ServerFile(places.windsurf / "mcp_config.json", "json", ("mcpServers",), _plain)


def _windsurf_rule(places: Places) -> RuleFile:
    if places.project is None:
        return RuleFile(places.windsurf / "memories" / "global_rules.md")
    return RuleFile(places.project / ".windsurf" / "rules" / "pampax.md", "---\ntrigger: always_on\n---\n\n")


def _zed_server(places: Places) -> ServerFile:
    folder = places.zed if places.project is None else places.project / ".zed"
    return ServerFile(folder / "settings.json", "json", ("context_servers",), _plain)


def _zed_rule(places: Places) -> RuleFile:
    if places.project is None:
        return RuleFile(places.zed / "AGENTS.md")
    # Zed reads the first of these that is there and none of the others, so a new file could hide one of them.
    found = [path for path in _in_project(places, *ZED_RULES) if path.is_file()]
    return RuleFile(found[0] if found else places.project / "AGENTS.md")


CLIENTS: dict[str, Client] = {
    client.name: client
    for client in (
        Client(
            "claude-code",
            "Claude Code",
            lambda at: [at.claude, at.home / ".claude.json", *_in_project(at, ".claude", ".mcp.json", "CLAUDE.md")],
            _claude_code_server,
            _claude_code_rule,
        ),
        Client(
            "claude-desktop",
            "Claude Desktop",
            lambda at: [at.application("Claude")],
            _claude_desktop_server,
            lambda _: None,
        ),
        Client(
            "cursor",
            "Cursor",
            lambda at: [at.cursor, *_in_project(at, ".cursor", ".cursorrules")],
            _cursor_server,
            _cursor_rule,
        ),
        Client("codex", "Codex", lambda at: [at.codex, *_in_project(at, ".codex")], _codex_server, _codex_rule),
        Client(
            "opencode",
            "OpenCode",
            lambda at: [at.opencode, *_in_project(at, ".opencode", "opencode.json", "opencode.jsonc")],
            _opencode_server,
            _opencode_rule,
        ),
        Client(
            "gemini",
            "Gemini CLI",
            lambda at: [at.gemini, *_in_project(at, ".gemini", "GEMINI.md")],
            _gemini_server,
            _gemini_rule,
        ),
        Client(
            "vscode",
            "VS Code",
            lambda at: [at.application("Code") / "User", *_in_project(at, ".vscode")],
            _vscode_server,
            _vscode_rule,
        ),
        Client(
            "windsurf",
            "Windsurf",
            lambda at: [at.windsurf, *_in_project(at, ".windsurf", ".windsurfrules")],
            _windsurf_server,
            _windsurf_rule,
        ),
        Client("zed", "Zed", lambda at: [at.zed, *_in_project(at, ".zed")], _zed_server, _zed_rule),
    )
}
"""Every agent, by the name that `--client` takes."""
