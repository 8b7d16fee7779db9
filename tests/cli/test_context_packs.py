"""Context packs: their files, what they do to answers, and that they survive being written and read."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from pampax.configuration import CATEGORIES, INTENTS
from pampax.packs import Pack, PackError, load_pack, narrowed, pack_names, parse_pack

if TYPE_CHECKING:
    from pathlib import Path

    from command_process import Pampax

SERVER = """schema = 1
version = "1.2"
description = "The server side"
tags = ["backend"]
paths = ["server/**", "shop/**", "!shop/invoice.py"]
languages = ["python", "go"]
tests = false
intent = "behaviour"
budget = 300

[weights]
documents = 0.0
tests = 0.5
"""


def write(repository: Path, name: str, text: str) -> None:
    folder = repository / ".pampax" / "packs"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")


def paths(pampax: Pampax, *arguments: str) -> set[str]:
    result = pampax("search", "--json", *arguments)
    assert result.code in (0, 1), result.err
    return {hit["path"] for hit in json.loads(result.out)["hits"]}


def test_a_pack_narrows_every_question(pampax: Pampax, repository: Path) -> None:
    write(repository, "server", SERVER)
    everything = paths(pampax, "return value session basket amount times")
    assert {"web/basket.js", "shop/invoice.py"} & everything
    within = paths(pampax, "--pack", "server", "return value session basket amount times")
    assert within
    assert within <= {"shop/session.py", "server/retry.go"}
    assert paths(pampax, "--pack", "server", "--language", "go", "retry session") == {"server/retry.go"}
    assert paths(pampax, "--pack", "server", "--path", "!server/**", "retry session") == {"shop/session.py"}

    bundle = json.loads(pampax("assemble", "--pack", "server", "--json", "sign cookie basket amount").out)
    assert bundle["budget"] == 300
    assert {item["path"] for item in bundle["items"]} <= {"shop/session.py", "server/retry.go"}
    larger = pampax("assemble", "--pack", "server", "--budget", "500", "--json", "sign cookie basket amount")
    assert json.loads(larger.out)["budget"] == 500


def test_the_intent_of_a_pack_counts_unless_another_is_asked_for(pampax: Pampax, repository: Path) -> None:
    write(repository, "set", 'schema = 1\nintent = "configuration"\n')
    assert json.loads(pampax("search", "--pack", "set", "--json", "sign cookie").out)["intent"] == "configuration"
    asked = pampax("search", "--pack", "set", "--intent", "architecture", "--json", "sign cookie")
    assert json.loads(asked.out)["intent"] == "architecture"


def test_weights_of_a_pack_count(pampax: Pampax, repository: Path) -> None:
    write(repository, "code", "schema = 1\n[weights]\ndocuments = 0\n")
    plain = json.loads(pampax("assemble", "--json", "A shop that sells tea").out)
    assert "README.md" in {item["path"] for item in plain["items"]}
    within = json.loads(pampax("assemble", "--pack", "code", "--json", "A shop that sells tea").out)
    assert "README.md" not in {item["path"] for item in within["items"]}


def test_a_pack_in_use_holds_until_it_is_ended(pampax: Pampax, repository: Path) -> None:
    write(repository, "web", 'schema = 1\npaths = ["web/**"]\ntags = ["front"]\n')
    write(repository, "server", SERVER)
    assert pampax("pack", "use", "web").code == 0
    found = pampax("search", "--json", "sign cookie add to basket")
    assert {hit["path"] for hit in json.loads(found.out)["hits"]} == {"web/basket.js"}
    assert "within pack web" in found.err
    assert "shop/session.py" in paths(pampax, "--pack", "none", "sign cookie add to basket")
    listed = json.loads(pampax("pack", "list", "--json").out)["packs"]
    assert [(one["name"], one["active"]) for one in listed] == [("server", False), ("web", True)]
    assert pampax("pack", "list", "--tag", "front").out.startswith("web")
    assert pampax("symbols", "addToBasket").code == 0
    assert pampax("symbols", "SessionStore").code == 1
    assert pampax("pack", "none").code == 0
    assert "shop/session.py" in paths(pampax, "sign cookie add to basket")


def test_what_is_shown_is_the_pack(pampax: Pampax, repository: Path) -> None:
    write(repository, "server", SERVER)
    shown = pampax("pack", "show", "server")
    assert shown.code == 0, shown.err
    assert parse_pack("server", shown.out) == load_pack(str(repository), "server")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("paths = []", "schema = 1"),
        ("schema = 2", "schema = 1"),
        ("schema = true", "schema = 1"),
        ('schema = 1\npath = ["x"]', "did you mean paths?"),
        ('schema = 1\npaths = "x"', "a list"),
        ("schema = 1\npaths = [1]", "a list"),
        ('schema = 1\npaths = [""]', "a list"),
        ('schema = 1\ntests = "no"', "true (only tests)"),
        ('schema = 1\nintent = "poetry"', "one of symbol"),
        ("schema = 1\nbudget = 0", "from 1 to 1000000"),
        ("schema = 1\nbudget = 1e3", "from 1 to 1000000"),
        ("schema = 1\nweights = 3", "a table"),
        ("schema = 1\n[weights]\ntest = 1", "did you mean tests?"),
        ("schema = 1\n[weights]\ntests = 11", "from 0 to 10"),
        ("schema = 1\n[weights]\ntests = nan", "from 0 to 10"),
        ("schema = 1\nschema = 1", "cannot be read"),
        ("schema = 1\n" + "a." * 9000 + "a = 1", "too many parts"),
        ("schema = 1\nx = " + "[" * 9000, "cannot be read"),
        ('schema = 1\nlanguages = ["klingon"]', "klingon"),
        ('schema = 1\npaths = ["a{b"]', "a{b"),
    ],
)
def test_a_pack_that_cannot_be_used_says_why(pampax: Pampax, repository: Path, text: str, message: str) -> None:
    write(repository, "bad", text)
    result = pampax("pack", "show", "bad")
    assert result.code == 2, result.out
    assert message in result.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("search", "--pack", "servr", "x"), "did you mean server?"),
        (("search", "--pack", "../server", "x"), "no name of a pack"),
        (("search", "--pack", "server", "--path", "web/**", "x"), "paths of its own"),
        (("search", "--pack", "server", "--language", "javascript", "x"), "none of the languages"),
        (("search", "--pack", "server", "--tests", "x"), "without tests"),
        (("symbols", "--pack", "server", "x"), "about tests"),
        (("pack", "use"), "takes the name"),
        (("pack", "none", "server"), "takes no name"),
    ],
)
def test_what_cannot_be_combined_is_refused(
    pampax: Pampax, repository: Path, arguments: tuple[str, ...], message: str
) -> None:
    write(repository, "server", SERVER)
    result = pampax(*arguments)
    assert result.code == 2
    assert message in result.err


def test_a_link_out_of_the_repository_is_no_pack(pampax: Pampax, repository: Path) -> None:
    (repository.parent / "outside.toml").write_text(SERVER)
    (repository / ".pampax" / "packs").mkdir(parents=True)
    os.symlink(repository.parent / "outside.toml", repository / ".pampax" / "packs" / "out.toml")
    result = pampax("search", "--pack", "out", "x")
    assert result.code == 2
    assert "leads out of the repository" in result.err


def test_names(tmp_path: Path) -> None:
    assert pack_names(str(tmp_path)) == []
    for name in ("b", "a", "none", "Upper", ".hidden"):
        write(tmp_path, name, "schema = 1\n")
    assert pack_names(str(tmp_path)) == ["a", "b"]


letters = some.sampled_from("ab/*!\"'\\#[]{}=,. äß漢😀\u00ad") | some.characters(categories=["L", "N", "P", "S"])
texts = some.text(letters, max_size=12).map(lambda text: "".join(filter(str.isprintable, text)))
entries = some.lists(texts.map(lambda text: text or "x"), max_size=3).map(tuple)
made_packs = some.builds(
    Pack,
    name=some.from_regex(r"[a-z0-9][a-z0-9_-]{0,10}", fullmatch=True).filter(lambda name: name != "none"),
    version=texts,
    description=texts,
    tags=entries,
    paths=entries,
    languages=entries,
    kinds=entries,
    tests=some.none() | some.booleans(),
    intent=some.none() | some.sampled_from(INTENTS),
    budget=some.none() | some.integers(1, 1_000_000),
    weights=some.dictionaries(
        some.sampled_from(CATEGORIES), some.floats(0, 10).map(lambda weight: round(weight, 6))
    ).map(lambda pairs: tuple(pairs.items())),
)


@given(made_packs)
def test_a_pack_is_read_back_as_it_was_written(pack: Pack) -> None:
    assert parse_pack(pack.name, pack.to_toml()) == pack


@given(made_packs, made_packs)
def test_what_is_asked_within_a_pack_stays_within_it(pack: Pack, asked: Pack) -> None:
    try:
        filters: Any = narrowed(pack, asked.filters())
    except PackError:
        return
    assert set(pack.paths) <= set(filters["paths"])
    for own, both in ((pack.languages, filters["languages"]), (pack.kinds, filters["kinds"])):
        assert not own or {one.lower() for one in both} <= {one.lower() for one in own}
    assert pack.tests is None or filters["tests"] == pack.tests
