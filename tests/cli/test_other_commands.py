"""`index`, `assemble`, `symbols`, `status`, `config`, and the program around them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import click
import pytest

from pampax.cli import COMMANDS, program

if TYPE_CHECKING:
    from pathlib import Path

    from command_process import Pampax


# index


def test_index_writes_its_summary_to_stderr_only(pampax: Pampax) -> None:
    result = pampax("index")
    assert result.code == 0
    assert result.out == ""
    (line,) = result.err.splitlines()
    assert re.match(r"indexed 5 files \(\d\.\d kB\) in .*s: 5 added, 0 changed, 0 removed, 0 unchanged; ", line)
    assert "1 skipped: 1 binary (pampax status --skipped) · generation" in line


def test_index_reads_only_what_changed_unless_forced(pampax: Pampax, repository: Path) -> None:
    pampax("index")
    (repository / "shop" / "invoice.py").write_text("def other():\n    return 1\n", encoding="utf-8")
    (repository / "web" / "basket.js").unlink()
    assert ": 0 added, 1 changed, 1 removed, 3 unchanged" in pampax("index").err
    assert ": 0 added, 0 changed, 0 removed, 4 unchanged" in pampax("index").err
    assert json.loads(pampax("index", "--force", "--json").out)["files"] == 4
    assert json.loads(pampax("gc", "--dry-run", "--json").out)["entries_removed"] == 0, "the new replaces all"


def test_index_json(pampax: Pampax) -> None:
    result = pampax("index", "--json")
    report = json.loads(result.out)
    assert report["schema"] == "pampax.index/1"
    assert (report["files"], report["skipped"]) == (5, {"binary": 1})
    assert "seconds" not in report
    assert "seconds" in json.loads(pampax("index", "--json", "--timings").out)


@pytest.mark.parametrize(
    "arguments", [("index", "{root}"), ("-C", "{root}", "index"), ("index", "-C", "{parent}", "{name}")]
)
def test_index_of_another_folder(pampax: Pampax, repository: Path, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    names = {"root": str(repository), "parent": str(repository.parent), "name": repository.name}
    result = pampax(*(argument.format(**names) for argument in arguments), cwd=tmp_path / "home")
    assert result.code == 0, result.err
    assert "indexed 5 files" in result.err
    assert json.loads(pampax("status", "--json").out)["files"] == 5


# assemble


def test_assemble_writes_markdown(pampax: Pampax) -> None:
    result = pampax("assemble", "make session cookies expire")
    assert result.code == 0, result.err
    assert "shop/session.py" in result.out
    assert "def sign_cookie" in result.out
    assert re.search(r"\d+ items?, \d+ of 8,000 tokens \(o200k_base\)", result.err)


@pytest.mark.parametrize("options", [("--format", "json"), ("--json",)])
def test_assemble_writes_json(pampax: Pampax, options: tuple[str, ...]) -> None:
    bundle = json.loads(pampax("assemble", "make session cookies expire", *options).out)
    assert bundle["schema"] == "pampax.bundle/1"
    assert bundle["tokens"] <= bundle["budget"] == 8000
    assert bundle["items"]


def test_assemble_keeps_to_the_budget(pampax: Pampax) -> None:
    bundle = json.loads(pampax("assemble", "make session cookies expire", "--budget", "60", "--json").out)
    assert bundle["budget"] == 60
    assert 0 < bundle["tokens"] <= 60


def test_a_budget_that_holds_nothing_is_refused_with_advice(pampax: Pampax) -> None:
    result = pampax("assemble", "make session cookies expire", "--budget", "1")
    assert result.code == 2
    assert re.match(r"pampax: error: .*budget of 1 .*--budget", result.err.splitlines()[-1])


# symbols


def test_symbols_are_listed_in_columns(pampax: Pampax) -> None:
    result = pampax("symbols", "sign_cookie")
    (line,) = result.out.splitlines()
    kind, name, place, signature = re.split(r"  +", line, maxsplit=3)
    assert kind == "method"
    assert name.endswith("sign_cookie")
    assert re.fullmatch(r"shop/session\.py:\d+", place)
    assert signature.startswith("def sign_cookie(self, value)")


def test_symbols_by_prefix_and_as_json(pampax: Pampax) -> None:
    assert pampax("symbols", "Session").code == 1
    found = json.loads(pampax("symbols", "--prefix", "Session", "--json").out)
    assert found["schema"] == "pampax.symbols/1"
    assert [(symbol["name"], symbol["kind"]) for symbol in found["symbols"]] == [("SessionStore", "class")]
    assert found["empty_reason"] is None
    assert (found["coverage"]["generation"], found["coverage"]["truncated"]) == (1, False)
    few = json.loads(pampax("symbols", "--prefix", "s", "--limit", "1", "--json").out)
    assert len(few["symbols"]) == 1
    assert few["coverage"]["truncated"]
    assert pampax("symbols", "--prefix", "s", "--limit", "10000").code == 0


def test_a_name_that_is_not_there_is_exit_code_1(pampax: Pampax) -> None:
    for arguments, reason in (
        (("nowhere_defined",), "confirmed-absent"),
        (("sign_cookie", "--language", "go"), "filtered-out"),
    ):
        result = pampax("symbols", *arguments, "--json")
        assert (result.code, json.loads(result.out)["empty_reason"]) == (1, reason)
    result = pampax("symbols", "nowhere_defined")
    assert (result.code, result.out) == (1, "")
    assert "no symbol is called nowhere_defined; --prefix also finds longer names" in result.err


# status


def test_status_before_and_after(pampax: Pampax) -> None:
    before = pampax("status")
    assert before.code == 0
    assert "not indexed yet" in before.out
    pampax("index")
    after = pampax("status")
    assert re.search(r"^files +5 \(", after.out, re.MULTILINE)
    assert re.search(r"^skipped +binary 1$", after.out, re.MULTILINE)
    assert "python 2" in after.out
    status = json.loads(pampax("status", "--json").out)
    assert status["schema"] == "pampax.status/1"
    assert (status["files"], status["languages"]["python"]) == (5, 2)


def test_status_lists_what_was_skipped(pampax: Pampax) -> None:
    pampax("index")
    assert re.fullmatch(r"binary  2\.0 kB  logo\.bin( .*)?\n", pampax("status", "--skipped").out)
    skipped = json.loads(pampax("status", "--skipped", "--json").out)
    assert skipped["schema"] == "pampax.skipped/1"
    (row,) = skipped["skipped"]
    assert (row["path"], row["reason"], row["bytes"]) == ("logo.bin", "binary", 2048)


# config


def test_config_show(pampax: Pampax, repository: Path) -> None:
    (repository / "pampax.toml").write_text("[search]\nlimit = 3\n", encoding="utf-8")
    result = pampax("config", "show", "--origin", PAMPAX_MEMORY="512MiB")
    rows = {line.split()[0]: line.split(maxsplit=2)[1:] for line in result.out.splitlines()}
    assert rows["memory"] == ["512MiB", "environment (PAMPAX_MEMORY)"]
    assert rows["search.limit"][0] == "3"
    assert rows["search.limit"][1].endswith("pampax.toml")
    assert rows["threads"] == ["0", "default"]
    starts = {line.rindex(rows[line.split()[0]][1]) for line in result.out.splitlines()}
    assert len(starts) == 1, "the origins stand in one column"
    shown = json.loads(pampax("config", "show", "--json", "--threads", "2").out)
    assert shown["schema"] == "pampax.config/1"
    assert shown["options"]["threads"] == {"value": 2, "origin": "command line (--threads)"}
    assert shown["options"]["store"] == {"value": None, "origin": "default"}


# The program


def test_version(pampax: Pampax) -> None:
    result = pampax("--version")
    assert result.code == 0
    assert re.fullmatch(r"pampax \d+\.\d+\.\d+\S*( \(debug build\))?\n", result.out)


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help_lists_the_commands(pampax: Pampax, arguments: tuple[str, ...]) -> None:
    result = pampax(*arguments)
    assert (result.code, result.err) == (0, "")
    for name, entry in COMMANDS.items():
        assert re.search(rf"^  {name} ", result.out, re.MULTILINE)
        assert entry.summary in result.out


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "config"])
def test_every_command_has_help_with_examples(pampax: Pampax, name: str) -> None:
    result = pampax(name, "--help")
    assert result.code == 0
    assert result.out.isascii(), "help is written as the locale has it"
    examples = result.out.partition("Examples:\n")[2]
    assert re.search(rf"^  (\S.* )?pampax {name}\b", examples, re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_the_commands_say(name: str) -> None:
    command = program.get_command(click.Context(program), name)
    assert command is not None
    assert (command.help or "").split("\n")[0] == COMMANDS[name].summary


def test_every_command_is_documented(request: pytest.FixtureRequest) -> None:
    text = (request.config.rootpath / "docs" / "cli.md").read_text(encoding="utf-8")
    context = click.Context(program)
    for name in COMMANDS:
        assert f"`pampax {name}" in text
        command = program.get_command(context, name)
        assert command is not None
        for parameter in command.params:
            if isinstance(parameter, click.Option) and not parameter.hidden:
                assert f"`{parameter.opts[0]}" in text, f"{name} {parameter.opts[0]}"


def test_shared_options_may_stand_before_and_after_the_command(pampax: Pampax) -> None:
    before = pampax("--threads", "3", "config", "show", "--origin").out
    after = pampax("config", "show", "--origin", "--threads", "3").out
    assert before == after
    both = pampax("--threads", "3", "config", "show", "--threads", "4").out
    assert re.search(r"^threads +4$", both, re.MULTILINE)


# bundles gone back to


def test_assemble_outline_then_expand(pampax: Pampax) -> None:
    outline = pampax("assemble", "sign session cookie", "--level", "outline", "--budget", "300")
    assert outline.code == 0, outline.err
    assert "```" not in outline.out
    (identity,) = re.findall(r"bundle ([0-9a-f]{16})", outline.err)
    (item,) = re.findall(r"sign_cookie\(self, value\):`.*\[(i\d+)\]", outline.out)
    expanded = pampax("expand", identity, item)
    assert expanded.code == 0, expanded.err
    assert "## shop/session.py:" in expanded.out
    assert pampax("expand", identity).out == outline.out
    assert "has no item i99" in pampax("expand", identity, "i99").err
    assert pampax("expand", "0123456789abcdef", "i1").code == 2


def test_assemble_leaves_out_what_is_held(pampax: Pampax) -> None:
    first = json.loads(pampax("assemble", "sign session cookie", "--json").out)
    second = pampax("assemble", "sign session cookie", "--have", first["id"])
    assert (second.code, second.out) == (1, "")
    assert "held already" in second.err


@pytest.mark.parametrize(("form", "start"), [("report", "# Context for: "), ("xml", "<bundle id=")])
def test_assemble_in_other_formats(pampax: Pampax, form: str, start: str) -> None:
    result = pampax("assemble", "sign session cookie", "--format", form)
    assert result.code == 0, result.err
    assert result.out.startswith(start)


def test_assemble_includes_and_excludes(pampax: Pampax) -> None:
    bundle = json.loads(pampax("assemble", "session cookie", "--exclude", "shop/**", "--json").out)
    assert not any(item["path"].startswith("shop/") for item in bundle["items"])
    bundle = json.loads(pampax("assemble", "session cookie", "--include", "shop/**", "--json").out)
    assert bundle["items"]
    assert all(item["path"].startswith("shop/") for item in bundle["items"])


def test_assemble_intent_and_bound(pampax: Pampax) -> None:
    bundle = json.loads(
        pampax("assemble", "session", "--intent", "architecture", "--encoding", "characters", "--json").out
    )
    assert (bundle["intent"], bundle["exact"]) == ("architecture", False)


def test_assemble_diff_needs_a_commit(pampax: Pampax) -> None:
    result = pampax("assemble", "--diff", "no-such-commit")
    assert result.code == 2
    assert re.search(r"pampax: error: revision: .*no-such-commit", result.err)


@pytest.mark.parametrize("command", [("symbols", "sign_cookie"), ("outline", "shop/session.py"), ("map",)])
def test_lists_of_definitions_say_what_they_are_based_on(pampax: Pampax, command: tuple[str, ...]) -> None:
    result = pampax(*command)
    assert result.code == 0
    assert "generation 1" in result.err
    assert "indexed" in result.err or "skipped" in result.err
