"""The plan that is shown: a right diff, and no secrets."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from documents import COMMAND, Document, documents
from hypothesis import given

from pampax.install import launcher
from pampax.install.clients import CLIENTS, Places
from pampax.install.difference import LONGEST_LINE, unified
from pampax.install.plan import Change
from pampax.install.targets import Server


def change(name: str, before: str, after: str) -> Change:
    return Change(Path(name), Path(name), "server", ["A client"], before.encode(), after.encode())


def added(name: str, before: str) -> Change:
    """What installing into a file of that form changes."""
    client = "codex" if name.endswith(".toml") else "cursor"
    file = CLIENTS[client].server(Places({"HOME": "/nowhere"}, "linux"))
    assert file is not None
    return change(name, before, Server(file, COMMAND).add(before.encode()).decode())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\nb\nc\nd\ne\n", "a\nb\nX\nd\ne\n"),
        ("a\nb\nc\nd\ne\nf\ng\n", "a\nb\nc\nd\ne\nf\ng\nh\ni\n"),
        ("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12", "1\n2\n3\n4\n5\nX\n7\n8\n9\n10\nY\n12"),
        ("", "a\n"),
        ("a", "a\nb"),
        ("a\nb\n", ""),
        ("a\u2028b\x85c\x0cd\n", "a\u2028b\x85c\x0cd\ne\n"),
    ],
)
def test_patch_understands_the_diff(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "file.md"
    path.write_text(before, encoding="utf-8")
    text = "\n".join(unified(change("file.md", before, after))) + "\n"
    subprocess.run(["git", "apply", "-p0", "-"], cwd=tmp_path, input=text.encode(), check=True)
    assert (path.read_text(encoding="utf-8") if path.exists() else "") == after


HIDDEN = "s3cr3t-value"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '{"mcpServers": {"x": {"env": {"ANYTHING": "SECRET"}}}}'),
        ("a.json", '{"mcpServers": {"x": {"environment": {"deep": ["SECRET"]}}}}'),
        ("a.json", '{"mcpServers": {"x": {"headers": {"X-Thing": "SECRET"}}}}'),
        ("a.json", '{"mcpServers": {"x": {"args": ["--api-key", "SECRET"]}}}'),
        ("a.json", '{"mcpServers": {"x": {"args": ["--token=SECRET"]}}}'),
        ("a.json", '{"mcpServers": {"x": {"args": ["postgres://ada:SECRET@host/db"]}}}'),
        ("a.json", '{"mcpServers": {"x": {"url": "https://host/?apikey=SECRET&a=1"}}}'),
        ("a.json", '{"mcpServers": {"apiKey": "SECRET", "y": {}}}'),
        ("a.json", '{"mcpServers": {\n// "password": "SECRET"\n}}'),
        ("a.json", '{"mcpServers": {\n/* Bearer SECRET */ "x": 1}}'),
        ("a.json", '{"mcpServers": {"x": ["sk-SECRET"]}}'),
        ("a.toml", '[mcp_servers.x.env]\nANYTHING = "SECRET"\n'),
        ("a.toml", "[mcp_servers.x]\nenv = { ANYTHING = \"SECRET\", B = 'SECRET' }\n"),
        ("a.toml", '[mcp_servers.x]\nargs = ["--api-key", "SECRET"]\n'),
        ("a.toml", '[mcp_servers.x]\nhttp_headers = { "X-Region" = """\nSECRET""" }\n'),
        ("a.toml", '[mcp_servers.x]\n# bearer_token = "SECRET"\n'),
    ],
)
def test_secrets_are_masked(name: str, text: str) -> None:
    shown = "\n".join(unified(added(name, text.replace("SECRET", HIDDEN))))
    assert "pampax" in shown
    assert HIDDEN not in shown
    assert "***" in shown


def test_our_own_lines_are_shown_as_they_are() -> None:
    lines = list(unified(added("a.json", "{\n}\n")))
    assert f'+      "command": "{COMMAND[0]}",' in lines
    assert '+      "args": ["mcp"]' in lines


def test_little_of_a_long_file_and_of_long_lines_is_shown() -> None:
    long = '{"history": "' + "x" * 5000 + '", "mcpServers": {"a": {"command": "b"}}, "rest": "' + "y" * 5000 + '"}'
    lines = list(unified(added("a.json", long)))
    assert len(lines) <= 8
    assert max(map(len, lines)) <= LONGEST_LINE + 3
    assert any("pampax" in line for line in lines if line.startswith(("+{", "+…")))
    many = "{\n" + "".join(f'  "key {number}": {number},\n' for number in range(50_000)) + '  "mcpServers": {}\n}\n'
    lines = list(unified(added("a.json", many)))
    assert len(lines) < 16
    assert re.match(r"@@ -5000\d,\d \+5000\d,\d+ @@", lines[2])


@pytest.mark.property
@given(documents())
def test_any_diff_shows_the_change(document: Document) -> None:
    lines = list(unified(added("a.json", document.text)))
    assert lines[:2] == ["--- a.json", "+++ a.json"]
    assert all(line[:1] in "-+ @\\" for line in lines)
    assert any(line.startswith("+") and "pampax" in line for line in lines[2:])


# how pampax is started


def script(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_the_command_that_runs_is_the_one_that_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = str(script(tmp_path / "venv" / "bin" / "python"))
    assert launcher.command_line("/x/pampax/__main__.py", python) == [python, "-m", "pampax"]
    beside = str(script(tmp_path / "venv" / "bin" / "pampax"))
    assert launcher.command_line("/x/pampax/__main__.py", python) == [beside]
    link = tmp_path / "bin" / "pampax"
    link.parent.mkdir()
    link.symlink_to(beside)
    assert launcher.command_line(str(link), python) == [str(link)]
    monkeypatch.chdir(tmp_path)
    assert launcher.command_line("bin/pampax", python) == [str(link)]
