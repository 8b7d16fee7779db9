"""Edits of other programs' configurations: what is asked for happens, and nothing else."""

from __future__ import annotations

import copy
import json
import tomllib
from typing import TYPE_CHECKING

import pytest
from documents import COMMAND, ENTRY, Document, documents, texts, toml_texts
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pampax.install import Refused, jsonc, marked, records, toml_text
from pampax.install.clients import CLIENTS, Places
from pampax.install.plan import Plan

if TYPE_CHECKING:
    from pathlib import Path

PATH = ("mcpServers",)


def is_kept(before: str, after: str) -> bool:
    """Whether `after` has every letter of `before` in its order; blanks do not count."""
    rest = iter(after)
    return all(letter in rest for letter in before if not letter.isspace())


# JSON with comments


@pytest.mark.property
@given(documents())
def test_the_parser_reads_what_was_written(document: Document) -> None:
    assert json.dumps(jsonc.value_of(document.text)) == json.dumps(document.value)
    if not document.commented:
        assert json.dumps(json.loads(document.text)) == json.dumps(document.value)


@pytest.mark.property
@given(documents())
def test_setting_an_entry_adds_it_and_keeps_all_else(document: Document) -> None:
    after = jsonc.set_entry(document.text, PATH, "pampax", ENTRY, {})
    wanted = copy.deepcopy(document.value)
    wanted.setdefault("mcpServers", {})["pampax"] = ENTRY
    assert json.dumps(jsonc.value_of(after)) == json.dumps(wanted)
    assert is_kept(document.text, after)
    assert jsonc.set_entry(after, PATH, "pampax", ENTRY, {}) == after
    if not document.commented:
        assert json.loads(after) == wanted
        assert "\n" not in after or "\n" in document.text or not document.value


@pytest.mark.property
@given(documents())
def test_removing_an_entry_takes_nothing_else(document: Document) -> None:
    after = jsonc.set_entry(document.text, PATH, "pampax", ENTRY, {})
    left = jsonc.remove_entry(after, PATH, "pampax")
    wanted = copy.deepcopy(document.value)
    wanted.setdefault("mcpServers", {})
    assert json.dumps(jsonc.value_of(left)) == json.dumps(wanted)
    assert is_kept(document.text, left)
    assert jsonc.remove_entry(left, PATH, "pampax") == left


@pytest.mark.property
@given(documents(), st.dictionaries(st.sampled_from(["command", "args", "env"]), texts, min_size=1), st.data())
def test_an_entry_anywhere_is_updated_and_removed(document: Document, old: dict[str, str], data: st.DataObject) -> None:
    # The entry stands among the others, written in the layout of the rest.
    value = copy.deepcopy(document.value)
    others = value.setdefault("mcpServers", {})
    names = data.draw(st.permutations([*others, "pampax"]))
    value["mcpServers"] = {name: others.get(name, old) for name in names}
    text = json.dumps(value, indent=data.draw(st.sampled_from([None, 2, "\t"])))
    updated = json.loads(jsonc.set_entry(text, PATH, "pampax", ENTRY, {"enabled": True}))
    assert updated["mcpServers"].pop("pampax") == {**old, **ENTRY}
    left = json.loads(jsonc.remove_entry(text, PATH, "pampax"))
    del value["mcpServers"]["pampax"]
    assert json.dumps(updated) == json.dumps(left) == json.dumps(value)


@pytest.mark.property
@given(documents(), st.data())
def test_a_text_cut_anywhere_is_refused_or_still_edited_right(document: Document, data: st.DataObject) -> None:
    text = document.text[: data.draw(st.integers(0, len(document.text)))]
    try:
        before = jsonc.value_of(text)
        after = jsonc.set_entry(text, PATH, "pampax", ENTRY, {})
    except Refused:
        return
    assert jsonc.value_of(after) == before | {"mcpServers": before.get("mcpServers", {}) | {"pampax": ENTRY}}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '{\n  "a": {\n    "b": {\n      "c": [1]\n    }\n  }\n}\n'),
        ("{}", '{\n  "a": {\n    "b": {\n      "c": [1]\n    }\n  }\n}'),
        ('{"x":1}', '{"x":1,"a":{"b":{"c":[1]}}}'),
        ('{"x": 1, }', '{"x": 1, "a": {"b": {"c": [1]}}, }'),
        ('{\n\t"x": 1 // y\n}\n', '{\n\t"x": 1, // y\n\t"a": {\n\t\t"b": {\n\t\t\t"c": [1]\n\t\t}\n\t}\n}\n'),
        ('{\r\n "a": {}\r\n}', '{\r\n "a": {\r\n  "b": {\r\n   "c": [1]\r\n  }\r\n }\r\n}'),
        ('{\n  "a": {"x": 1}\n}', '{\n  "a": {"x": 1, "b": {"c": [1]}}\n}'),
        ('{\n  "a": {\n    "b": null\n  }\n}', '{\n  "a": {\n    "b": {\n      "c": [1]\n    }\n  }\n}'),
    ],
)
def test_what_is_added_looks_like_the_rest(before: str, after: str) -> None:
    assert jsonc.set_entry(before, ("a",), "b", {"c": [1]}, {}) == after


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"a" 1}',
        "{'a': 1}",
        "{a: 1}",
        '{"a": 01}',
        '{"a": 1} x',
        "[1 2]",
        '{"a": "\n"}',
        "/* ",
        "{,}",
        "{} {}",
        "[,]",
    ],
)
def test_what_no_client_would_read_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"not valid JSON, line [12]:"):
        jsonc.parse(text)


# TOML


@pytest.mark.property
@given(toml_texts())
def test_toml_keeps_every_byte_around_the_edit(text: str) -> None:
    try:
        before = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        with pytest.raises(Refused):
            toml_text.set_entry(text, ("mcp_servers",), "pampax", ENTRY, {})
        return
    after = toml_text.set_entry(text, ("mcp_servers",), "pampax", ENTRY, {})
    assert after.startswith(text)
    wanted = copy.deepcopy(before)
    wanted.setdefault("mcp_servers", {})["pampax"] = ENTRY
    assert tomllib.loads(after) == wanted
    assert toml_text.set_entry(after, ("mcp_servers",), "pampax", ENTRY, {}) == after
    left = toml_text.remove_entry(after, ("mcp_servers",), "pampax")
    assert left.rstrip() == text.rstrip()
    changed = toml_text.set_entry(after, ("mcp_servers",), "pampax", {**ENTRY, "command": "/else/pampax"}, {})
    assert changed == after.replace(COMMAND[0], "/else/pampax")


@pytest.mark.property
@given(toml_texts(), toml_texts())
def test_a_toml_table_is_removed_from_between_others(before: str, after: str) -> None:
    table = '[mcp_servers.pampax] # ours\ncommand = "x"\n\n[mcp_servers.pampax.env]\nA = """\n[b]\n"""\n'
    text = f"{before}\n{table}{after}".replace("\r\n", "\n")
    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assume(False)
    left = toml_text.remove_entry(text, ("mcp_servers",), "pampax")
    found = tomllib.loads(left)
    # Keys at the head of what follows were ours by TOML's rules, if no table of its own begins it.
    assert jsonc.without_entry(found, ("mcp_servers",), "pampax") == jsonc.without_entry(
        value, ("mcp_servers",), "pampax"
    )
    assert "pampax" not in found.get("mcp_servers", {})


def test_toml_with_endless_keys_is_refused_at_once() -> None:
    with pytest.raises(Refused, match="too many parts"):
        toml_text.value_of("a." * 20_000 + "a = 1")


# Markdown


@pytest.mark.property
@given(st.text(st.characters(codec="utf-8") | st.sampled_from("\r\n#"), max_size=40))
@example("\r")
def test_a_rule_is_added_once_and_removed(text: str) -> None:
    after = marked.set_rule(text, "")
    assert after.startswith(text)
    assert marked.RULE.splitlines()[0] in after
    assert marked.set_rule(after, "") == after
    assert marked.remove_rule(after, "").rstrip() == text.rstrip()


def test_the_rule_is_short() -> None:
    import pampax

    assert pampax.count_tokens(f"{marked.BEGIN}\n{marked.RULE}\n{marked.END}\n") <= 120
    for tool in ("search", "assemble", "graph", "read", "memory", "index"):
        assert f"`{tool}`" in marked.RULE


# all together


def places(home: Path) -> Places:
    return Places({"HOME": str(home)}, "linux")


@pytest.mark.property
@given(documents(), st.booleans(), toml_texts(), st.text(st.characters(codec="utf-8"), max_size=20))
def test_uninstalling_what_was_installed_changes_no_byte(
    tmp_path_factory: pytest.TempPathFactory, document: Document, mark: bool, toml: str, rules: str
) -> None:
    home = tmp_path_factory.mktemp("home")
    contents = {
        ".cursor/mcp.json": (b"\xef\xbb\xbf" if mark else b"") + document.text.encode(),
        ".codex/config.toml": toml.encode(),
        ".codex/AGENTS.md": rules.encode(),
    }
    for name, raw in contents.items():
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_bytes(raw)
    clients = [CLIENTS["cursor"], CLIENTS["codex"]]
    plan = Plan(places(home), COMMAND)
    plan.install(clients)
    assert plan.apply() == []
    assert any((home / name).read_bytes() != raw for name, raw in contents.items())
    again = Plan(places(home), COMMAND)
    again.install(clients)
    assert again.changes == []
    back = Plan(places(home), COMMAND)
    back.uninstall(clients)
    assert back.apply() == []
    assert {name: (home / name).read_bytes() for name in contents} == contents
    assert records.load(places(home).data) == {}


def test_a_file_that_changes_while_the_question_stands_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / ".cursor" / "mcp.json"
    path.parent.mkdir()
    path.write_text("{}", encoding="utf-8")
    plan = Plan(places(tmp_path), COMMAND)
    plan.install([CLIENTS["cursor"]])
    path.write_text('{"new": 1}', encoding="utf-8")
    (problem,) = plan.apply()
    assert "changed since" in problem.reason
    assert path.read_text(encoding="utf-8") == '{"new": 1}'
    assert records.load(places(tmp_path).data) == {}


def test_a_failing_write_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / ".cursor" / "mcp.json"
    path.parent.mkdir()
    path.write_text("{}", encoding="utf-8")
    plan = Plan(places(tmp_path), COMMAND)
    plan.install([CLIENTS["cursor"]])
    real = type(path).replace

    def failing(source: Path, target: Path) -> Path:
        if target.name == "mcp.json":
            raise OSError(28, "No space left on device")
        return real(source, target)

    monkeypatch.setattr(type(path), "replace", failing)
    (problem,) = plan.apply()
    assert problem.reason == "No space left on device"
    assert path.read_text(encoding="utf-8") == "{}"
    assert [entry.name for entry in path.parent.iterdir()] == ["mcp.json"]


# where things are, on other systems


@pytest.mark.parametrize(
    ("platform", "client", "place"),
    [
        ("darwin", "claude-desktop", "Library/Application Support/Claude/claude_desktop_config.json"),
        ("win32", "claude-desktop", "roaming/Claude/claude_desktop_config.json"),
        ("darwin", "vscode", "Library/Application Support/Code/User/mcp.json"),
        ("win32", "vscode", "roaming/Code/User/mcp.json"),
        ("darwin", "zed", ".config/zed/settings.json"),
        ("win32", "zed", "roaming/Zed/settings.json"),
        ("linux", "zed", "xdg/zed/settings.json"),
        ("linux", "opencode", "xdg/opencode/opencode.json"),
        ("linux", "codex", "codex home/config.toml"),
        ("linux", "claude-code", "claude home/.claude.json"),
    ],
)
def test_places_follow_the_system_and_the_environment(tmp_path: Path, platform: str, client: str, place: str) -> None:
    variables = {
        "HOME": "",
        "USERPROFILE": "",
        "APPDATA": "roaming",
        "XDG_CONFIG_HOME": "xdg",
        "CODEX_HOME": "codex home",
        "CLAUDE_CONFIG_DIR": "claude home",
    }
    if platform == "darwin":
        del variables["XDG_CONFIG_HOME"]
    here = Places({name: str(tmp_path / folder) for name, folder in variables.items()}, platform)
    server = CLIENTS[client].server(here)
    assert server is not None
    assert server.path == tmp_path / place
    assert any(server.path.is_relative_to(root) for root in here.roots)
