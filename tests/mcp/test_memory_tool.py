"""The tool `memory`, and memories in bundles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from servers import line_server

from pampax import count_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def test_what_one_session_learns_the_next_one_knows(indexed: Path, environment: Mapping[str, str]) -> None:
    with line_server("--root", str(indexed), environment=environment) as server:
        server.initialize()
        note = {"text": "amounts are in cents", "kind": "gotcha", "evidence": ["shop/invoice.py:4-6"]}
        kept = server.call(1, "memory", {"action": "remember", **note})
        identity = kept["structuredContent"]["memories"][0]["id"]
        secret = "ghp_" + "a1B2" * 9
        masked = server.call(2, "memory", {"action": "remember", "text": f"use {secret}"})
        assert secret not in str(masked)
        assert masked["structuredContent"]["masked"] == ["GitHub token"]
    with line_server("--root", str(indexed), environment=environment) as server:
        server.initialize()
        found = server.call(1, "memory", {"action": "recall", "text": "unit of amounts"})
        assert [one["id"] for one in found["structuredContent"]["memories"]] == [identity]
        assert found["structuredContent"]["memories"][0]["origin"] == "mcp"
        assert found["content"][0]["text"].startswith("[untrusted")
        bundle = server.call(2, "assemble", {"task": "total amount", "budget": 500, "memories": True})
        assert bundle["structuredContent"]["memories"][0]["id"] == identity
        assert count_tokens(bundle["content"][0]["text"]) <= 500
        again = {"action": "remember", "text": "amounts are in cents, again"}
        refused = server.call(3, "memory", {**again, "evidence": [bundle["structuredContent"]["bundle"]]})
        assert refused["isError"]
        refused = server.call(4, "memory", {**again, "evidence": [identity]})
        assert refused["isError"]
        assert server.call(5, "memory", {"action": "pin", "id": identity})["structuredContent"]["done"] == "pinned"
        assert server.call(6, "memory", {"action": "forget", "id": identity})["structuredContent"]["done"]
        assert server.call(7, "memory", {"action": "forget", "id": identity})["isError"]
        assert server.call(8, "memory", {"action": "pin"})["isError"]
