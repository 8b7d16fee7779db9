"""Packs and the query log, as an agent meets them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from servers import line_server

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def test_a_pack_narrows_and_the_coverage_says_so(indexed: Path, environment: Mapping[str, str]) -> None:
    (indexed / ".pampax" / "packs").mkdir(parents=True)
    (indexed / ".pampax" / "packs" / "web.toml").write_text('schema = 1\npaths = ["web/**"]\nbudget = 200\n')
    with line_server("--root", str(indexed), environment=environment) as server:
        server.initialize()
        asked = {"query": "sign cookie add to basket", "pack": "web"}
        found = server.call(1, "search", asked)
        assert {hit["path"] for hit in found["structuredContent"]["hits"]} == {"web/basket.js"}
        assert found["structuredContent"]["coverage"]["pack"] == "web"
        assert "only pack web" in found["content"][0]["text"]
        bundle = server.call(2, "assemble", {"task": "sign cookie add to basket", "pack": "web"})
        assert {item["path"] for item in bundle["structuredContent"]["items"]} == {"web/basket.js"}
        found = server.call(3, "graph", {"name": "SessionStore", "relation": "definitions", "pack": "web"})
        assert found["structuredContent"]["definitions"] == []
        wrong = server.call(4, "search", {"query": "x", "pack": "wob"})
        assert wrong["structuredContent"]["error"]["type"] == "ConfigurationError"
        assert "did you mean web?" in wrong["content"][0]["text"]


def test_what_was_shown_read_and_said_is_noted(indexed: Path, environment: Mapping[str, str]) -> None:
    with line_server("--root", str(indexed), environment=environment) as server:
        server.initialize()
        server.call(1, "search", {"query": "sign cookie"})
        server.call(2, "read", {"id": "shop/session.py:13-15"})
        bundle = server.call(3, "assemble", {"task": "sign cookie"})["structuredContent"]
        item = bundle["items"][0]["id"]
        server.call(4, "read", {"id": bundle["bundle"], "items": [item]})
        feedback = {"action": "used", "id": bundle["bundle"], "items": [item]}
        assert server.call(5, "memory", feedback)["structuredContent"]["done"] == "noted"
        assert server.call(6, "memory", {**feedback, "items": ["i999"]})["isError"]
        assert server.call(7, "memory", {"action": "good", "id": "0123456789abcdef"})["isError"]
    text = (indexed / ".git" / "pampax" / "queries" / "log.jsonl").read_text()
    events = [json.loads(line) for line in text.splitlines()]
    assert [event["event"] for event in events] == ["search", "read", "assemble", "expand", "feedback"]
    assert len({event["session"] for event in events}) == 1
    assert events[1]["place"] == "shop/session.py:13-15"
    assert "sign" not in text.replace("sign_cookie", "")
