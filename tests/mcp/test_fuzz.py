"""Hostile clients: messages at random and arguments with malice. The server answers, with typed errors, and lives.

10,000 messages, as the goal asks for (half a minute on two cores); `PAMPAX_TEST_FUZZ_MESSAGES` sends another number.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from servers import CURRENT, line_server

from pampax.mcp_server.catalogue import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

MESSAGES = int(os.environ.get("PAMPAX_TEST_FUZZ_MESSAGES", "10000"))
SECRET = "do-not-read-me"  # noqa: S105 - what stands in files that are not to be read
BATCH = 50

METHODS = (
    "initialize", "ping", "tools/list", "tools/call", "resources/list", "resources/read", "resources/templates/list",
    "prompts/list", "prompts/get", "completion/complete", "logging/setLevel", "roots/list", "server/discover",
    "notifications/initialized", "notifications/cancelled", "notifications/progress",
    "notifications/roots/list_changed", "subscriptions/listen", "resources/subscribe", "", "x" * 300,
)  # fmt: skip
PATHS = (
    "../outside.txt", "../../etc/passwd", "/etc/passwd", ".env", ".git/config", "shop/../../outside.txt",
    "..\\outside.txt", "%2e%2e/outside.txt", "shop/session.py/../../../outside.txt", "file:///etc/passwd", "~/x",
    "shop/session.py\0", "link.txt", "out/outside.txt", "./../outside.txt:1-5", "shop/session.py:0-0",
    "shop/session.py:99999999999", "//etc/passwd", "/proc/self/environ", "\ud800", "a" * 5000, "pampax://../map",
)  # fmt: skip
NUMBERS: tuple[Any, ...] = (0, -1, 1, 7, 2**31, 2**63, 2**64, 10**40, 1e308, 0.5, True, "5")


def hostile_value(chance: random.Random, depth: int = 0) -> Any:
    choice = chance.randrange(10)
    if choice < 3:
        return chance.choice(PATHS)
    if choice < 5:
        return chance.choice(NUMBERS)
    if choice == 5:
        return "".join(
            chr(chance.choice((0, 10, 27, 65, 0x202E, 0xD7FF, 0x1F600))) for _ in range(chance.randrange(20))
        )
    if choice == 6:
        return None
    if choice == 7 and depth < 3:
        return [hostile_value(chance, depth + 1) for _ in range(chance.randrange(4))]
    if choice == 8 and depth < 3:
        return {chance.choice(PATHS)[:20]: hostile_value(chance, depth + 1) for _ in range(chance.randrange(4))}
    return chance.choice(("sign cookie", "SessionStore", "full", "callers", "search", "status", "HEAD~1", "--help"))


def hostile_call(chance: random.Random) -> Any:
    """Arguments that are nearly right: known names, some values of the right type."""
    tool = chance.choice([*BY_NAME, "nothing"])
    parameters = BY_NAME[tool].parameters if tool in BY_NAME else {}
    arguments: dict[str, Any] = {}
    for name, parameter in parameters.items():
        if not parameter.required and chance.random() < 0.6:
            continue
        if chance.random() < 0.3:
            arguments[name] = hostile_value(chance)
        elif parameter.kind in ("text", "string"):
            arguments[name] = chance.choice([*parameter.choices, *PATHS, "sign_cookie"])
        elif parameter.kind == "strings":
            arguments[name] = [chance.choice(PATHS) for _ in range(chance.randrange(3))]
        elif parameter.kind == "boolean":
            arguments[name] = chance.random() < 0.5
        else:
            arguments[name] = chance.choice(NUMBERS)
    if chance.random() < 0.05:
        arguments[chance.choice(PATHS)[:50]] = 1
    return {"name": tool, "arguments": arguments if chance.random() < 0.95 else hostile_value(chance)}


def hostile_line(chance: random.Random, number: int) -> tuple[bytes, bool]:
    """A line, and whether an answer to the request `number` has to come."""
    choice = chance.random()
    if choice < 0.1:
        return bytes(chance.choice(b'{}[]":,\\ua0\xff\xc3\0') for _ in range(chance.randrange(1, 60))), False
    message: dict[str, Any] = {"jsonrpc": "2.0", "id": f"f{number}"}
    if choice < 0.7:
        message |= {"method": "tools/call", "params": hostile_call(chance)}
        return json.dumps(message).encode(), True
    message["method"] = chance.choice(METHODS)
    message["params"] = hostile_value(chance)
    if message["method"] == "resources/read":
        message["params"] = {"uri": hostile_value(chance)}
    if message["method"] == "prompts/get":
        message["params"] = {"name": "prepare-change", "arguments": {"task": hostile_value(chance)}}
    if choice < 0.8:
        del message["id"]
    for name in ("jsonrpc", "method", "id"):
        if chance.random() < 0.05:
            message[name] = hostile_value(chance)
    line = json.dumps(message).encode()
    return (line[: chance.randrange(1, len(line))] if chance.random() < 0.05 else line), False


@pytest.mark.timeout(900)
def test_hostile_messages_are_answered_and_nothing_outside_is_read(
    indexed: Path, environment: Mapping[str, str]
) -> None:
    (indexed / "link.txt").symlink_to(indexed.parent / "outside.txt")
    (indexed / "out").symlink_to(indexed.parent)
    chance = random.Random(20)
    seen = 0
    with line_server("--root", str(indexed), environment=environment) as server:
        server.initialize(version=CURRENT)
        for start in range(0, MESSAGES, BATCH):
            expected = set()
            for number in range(start, start + BATCH):
                line, answered = hostile_line(chance, number)
                if answered:
                    expected.add(f"f{number}")
                server.send_bytes(line.replace(b"\n", b" ") + b"\n")
                seen += 1
            marker = f"end{start}"
            server.send({"jsonrpc": "2.0", "id": marker, "method": "ping"})
            while expected or marker:
                message = server.receive(60)
                assert SECRET not in json.dumps(message), message
                assert "root:x:" not in json.dumps(message), message
                identity = message.get("id")
                if identity == marker:
                    marker = ""
                if identity in expected:
                    expected.discard(identity)
                check_answer(message)
        assert seen >= MESSAGES
        assert server.call(1, "search", {"query": "sign cookie"})["structuredContent"]["hits"]
        assert server.close() == 0
        assert server.process.stderr is not None
        noise = server.process.stderr.read().decode()
    assert "Traceback" not in noise.replace("Traceback omitted", ""), noise[-3000:]


TYPES = {
    "InvalidInput", "RootRefused", "BadPath", "InputOutputError", "BudgetTooSmall", "NotIndexed", "StoreError",
    "ConfigurationError",
}  # fmt: skip


def check_answer(message: dict[str, Any]) -> None:
    """An answer is a result, an error of the protocol with a code, or an error of a tool with a type."""
    if "method" in message:  # a notification, or a question of the server's
        return
    if "error" in message:
        assert message["error"]["code"] in (-32700, -32600, -32601, -32602, -32022), message
        return
    result = message["result"]
    if result.get("isError"):
        assert result["structuredContent"]["error"]["type"] in TYPES, message
