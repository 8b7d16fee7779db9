"""What every client pays for: the definitions of the tools; and the check of arguments, which is not in them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from servers import line_server

from pampax import count_tokens
from pampax.mcp_server.arguments import Parameter, checked
from pampax.mcp_server.catalogue import TOOLS
from pampax.mcp_server.errors import BadArgument

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MOST_TOOLS = 6
MOST_TOKENS = 1_500


@pytest.mark.parametrize("version", ["2024-11-05", "2025-11-25"])
def test_all_tool_definitions_together_cost_little(indexed: Path, environment: Mapping[str, str], version: str) -> None:
    with line_server("--root", str(indexed), environment=environment) as server:
        server.initialize(version=version)
        tools = server.ask(1, "tools/list")["result"]["tools"]
    assert 0 < len(tools) <= MOST_TOOLS
    cost = count_tokens(json.dumps(tools, ensure_ascii=False))
    assert cost <= MOST_TOKENS, cost


def test_every_tool_says_what_it_takes_and_gives() -> None:
    for tool in TOOLS:
        assert tool.description
        assert set(tool.input_schema["properties"]) == set(tool.parameters)
        assert "coverage" in tool.output_schema["properties"]


PARAMETERS = {
    "query": Parameter("text", required=True),
    "limit": Parameter("integer", least=1, most=100),
    "weight": Parameter("number", least=0, most=1),
    "paths": Parameter("strings"),
    "tests": Parameter("boolean"),
    "level": Parameter("string", choices=("full", "outline")),
}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "query"),
        ({"query": "  "}, "empty"),
        ({"query": 1}, "string"),
        ({"query": "x" * 100_001}, "longer"),
        ({"query": "x", "limit": 0}, "from 1 to 100"),
        ({"query": "x", "limit": 10**30}, "from 1 to 100"),
        ({"query": "x", "limit": True}, "whole number"),
        ({"query": "x", "limit": 1.5}, "whole number"),
        ({"query": "x", "limit": float("nan")}, "whole number"),
        ({"query": "x", "weight": float("nan")}, "a number"),
        ({"query": "x", "paths": "src"}, "list"),
        ({"query": "x", "paths": [1]}, "string"),
        ({"query": "x", "paths": ["x"] * 201}, "at most 200"),
        ({"query": "x", "tests": "yes"}, "true or false"),
        ({"query": "x", "level": "Full"}, "one of full, outline"),
        ({"query": "x", "limits": 3}, "did you mean limit?"),
        ({"query": "x", "completely": 3}, "there are query"),
    ],
)
def test_what_is_not_accepted_is_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(BadArgument, match=message.replace("?", r"\?")):
        checked(PARAMETERS, arguments)


def test_null_is_as_if_not_given_and_a_whole_float_is_an_integer() -> None:
    assert checked(PARAMETERS, {"query": "x", "paths": None, "limit": 5.0}) == {"query": "x", "limit": 5}
    assert checked(PARAMETERS, {"query": "a\0b\ud800"}) == {"query": "a\ufffdb?"}


json_values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=8),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(some.dictionaries(some.sampled_from([*PARAMETERS, "other"]), json_values, max_size=6))
def test_any_arguments_are_accepted_or_refused(arguments: dict[str, Any]) -> None:
    try:
        found = checked(PARAMETERS, arguments)
    except BadArgument:
        return
    assert found["query"].strip()
    assert 1 <= found.get("limit", 1) <= 100
