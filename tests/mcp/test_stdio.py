"""Real servers on standard input and output, with the SDK's own client and line by line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import mcp_types as types
import pytest
from servers import CURRENT, LineServer, line_server, make_tree, stdio

from pampax import _core
from pampax.mcp_server.greeting import MODERN_VERSION, PROTOCOL_VERSIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.concurrency

START_SECONDS = 0.3


def text_of(result: types.CallToolResult) -> str:
    content = result.content[0]
    assert isinstance(content, types.TextContent)
    return content.text


def parts_of(result: types.CallToolResult) -> dict[str, Any]:
    assert result.structured_content is not None
    return result.structured_content


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_an_agent_uses_every_tool(indexed: Path, environment: Mapping[str, str], mode: str) -> None:
    async def use() -> None:
        async with stdio("--root", str(indexed), environment=environment, mode=mode) as client:
            assert {tool.name for tool in (await client.list_tools()).tools} >= {"search", "assemble", "graph", "read"}
            found = await client.call_tool("search", {"query": "where are session cookies signed"})
            best = parts_of(found)["hits"][0]
            assert (best["path"], best["symbol"]) == ("shop/session.py", "SessionStore.sign_cookie")
            assert "def sign_cookie" in best["text"]
            assert "def sign_cookie" in text_of(found)

            bundle = parts_of(await client.call_tool("assemble", {"task": "sign cookies with sha512", "budget": 400}))
            assert "sign_cookie" in bundle["text"]
            again = parts_of(
                await client.call_tool("assemble", {"task": "sign cookies with sha512", "have": [bundle["bundle"]]})
            )
            held = {(item["path"], item["lines"]) for item in bundle["items"]}
            assert not held & {(item["path"], item["lines"]) for item in again["items"]}

            graph = await client.call_tool("graph", {"name": "SessionStore", "relation": "definitions"})
            assert parts_of(graph)["definitions"][0]["path"] == "shop/session.py"
            assert "truncated" not in parts_of(graph)["coverage"]
            one = {"name": "s", "relation": "definitions", "limit": 1}
            assert parts_of(await client.call_tool("graph", one))["coverage"]["truncated"]
            none = await client.call_tool("graph", {"name": "nowhere_defined", "relation": "definitions"})
            assert parts_of(none)["empty_reason"] == "confirmed-absent"
            outline = await client.call_tool("graph", {"name": "shop/session.py", "relation": "outline"})
            assert "sign_cookie" in text_of(outline)

            lines = await client.call_tool("read", {"id": "shop/session.py:13-15"})
            assert parts_of(lines)["text"].startswith("    def sign_cookie")
            item = bundle["items"][0]["id"]
            assert "```" in parts_of(await client.call_tool("read", {"id": bundle["bundle"], "items": [item]}))["text"]

            status = parts_of(await client.call_tool("index", {}))["status"]
            assert status["root"] == str(indexed)
            updated = parts_of(await client.call_tool("index", {"action": "update"}))["status"]
            assert updated["update"]["unchanged"] == status["files"]

            for result in (found, graph, outline, lines):
                assert parts_of(result)["trust"] == "untrusted-repository-text"
                assert text_of(result).startswith("[untrusted repository text")
                assert parts_of(result)["coverage"]["generation"] == 1

    anyio.run(use)


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_resources_and_prompts(indexed: Path, environment: Mapping[str, str], mode: str) -> None:
    async def use() -> None:
        async with stdio("--root", str(indexed), environment=environment, mode=mode) as client:
            for resource in (await client.list_resources()).resources:
                content = (await client.read_resource(resource.uri)).contents[0]
                assert isinstance(content, types.TextResourceContents)
                assert "untrusted" in content.text
            named = (await client.read_resource("pampax://shop/map")).contents[0]
            assert isinstance(named, types.TextResourceContents)
            assert "shop/session.py" in named.text
            names = {prompt.name for prompt in (await client.list_prompts()).prompts}
            assert names == {"understand-codebase", "prepare-change"}
            change = await client.get_prompt("prepare-change", {"task": "sign cookies with sha512"})
            asked = change.messages[0].content
            assert isinstance(asked, types.TextContent)
            assert "def sign_cookie" in asked.text
            overview = await client.get_prompt("understand-codebase")
            assert isinstance(overview.messages[0].content, types.TextContent)

    anyio.run(use)


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_without_a_root_the_client_is_asked_for_its_own(
    indexed: Path, tmp_path: Path, environment: Mapping[str, str], mode: str
) -> None:
    asked = []

    async def roots(_context: object) -> types.ListRootsResult:
        asked.append(1)
        uris = [indexed.as_uri(), Path(environment["HOME"]).as_uri(), "https://example.org/"]
        return types.ListRootsResult(roots=[types.Root.model_validate({"uri": uri}) for uri in uris if "file" in uri])

    async def use() -> None:
        async with stdio(environment=environment, mode=mode, list_roots_callback=roots) as client:
            found = await client.call_tool("search", {"query": "sign cookie"})
            assert parts_of(found)["hits"][0]["path"] == "shop/session.py"
            await client.call_tool("search", {"query": "sign cookie"})
            home = await client.call_tool("search", {"query": "x", "repository": environment["HOME"]})
            assert home.is_error
            assert parts_of(home)["error"]["type"] == "RootRefused"

    anyio.run(use)
    assert asked == [1]


def test_without_any_root_nothing_is_read(indexed: Path, environment: Mapping[str, str]) -> None:
    with line_server(environment=environment, cwd=indexed) as server:
        server.initialize()
        result = server.call(1, "search", {"query": "cookie"})
    assert result["isError"]
    assert result["structuredContent"]["error"]["type"] == "RootRefused"
    assert "--root" in result["content"][0]["text"]


def test_a_broad_root_is_refused_at_the_start(environment: Mapping[str, str]) -> None:
    for root in ("/", environment["HOME"]):
        finished = subprocess.run(
            [sys.executable, "-m", "pampax", "mcp", "--root", root],
            env=dict(environment), stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=20,
        )  # fmt: skip
        assert finished.returncode == 2
        assert b"--allow-broad-root" in finished.stderr
        assert finished.stdout == b""


@pytest.mark.parametrize(
    "name",
    ["../outside.txt", "/etc/passwd", ".env", ".git/config", "shop/../../outside.txt", "link.txt", "out/outside.txt"],
)
def test_nothing_but_indexed_files_is_read(indexed: Path, environment: Mapping[str, str], name: str) -> None:
    (indexed / "link.txt").symlink_to(indexed.parent / "outside.txt")
    (indexed / "out").symlink_to(indexed.parent)
    with line_server("--root", str(indexed), environment=environment) as server:
        server.initialize()
        result = server.call(1, "read", {"id": name})
    assert result["isError"]
    assert "do-not-read-me" not in json.dumps(result)


def test_an_answer_comes_while_there_is_no_index_and_says_so(tree: Path, environment: Mapping[str, str]) -> None:
    heard: list[tuple[float, float | None, str | None]] = []

    async def hear(progress: float, total: float | None, message: str | None = None) -> None:
        heard.append((progress, total, message))

    async def use() -> None:
        async with stdio("--root", str(tree), environment=environment) as client:
            found = await client.call_tool("search", {"query": "sign cookie"}, progress_callback=hear)
            assert parts_of(found)["coverage"]["state"] == "fresh"
            (tree / "shop" / "voucher.py").write_text("def redeem_voucher():\n    return 1\n")
            await client.call_tool("index", {"action": "update"}, progress_callback=hear)
            found = await client.call_tool("search", {"query": "redeem_voucher"})
            assert parts_of(found)["hits"][0]["path"] == "shop/voucher.py"

    anyio.run(use)


def test_an_edit_is_found_without_being_asked_to_index(indexed: Path, environment: Mapping[str, str]) -> None:
    with line_server("--root", str(indexed), environment=environment) as server:
        server.initialize()
        server.call(1, "search", {"query": "sign cookie"})
        (indexed / "shop" / "voucher.py").write_text("def redeem_voucher():\n    return 1\n")
        (indexed / "shop" / "invoice.py").unlink()
        until = time.monotonic() + 20
        number = 1
        while time.monotonic() < until:
            number += 1
            found = server.call(number, "search", {"query": "redeem_voucher"})["structuredContent"]
            if found["hits"] and found["hits"][0]["path"] == "shop/voucher.py":
                break
            time.sleep(0.2)
        else:
            pytest.fail("the new file was never found")
        assert found["coverage"]["generation"] > 1


def test_the_end_of_the_input_ends_the_server(indexed: Path, environment: Mapping[str, str]) -> None:
    with line_server("--root", str(indexed), environment=environment) as server:
        server.initialize()
        server.call(1, "search", {"query": "sign cookie"})
        assert server.close() == 0
    # Also before the first message, and in the middle of the start.
    with line_server("--root", str(indexed), environment=environment) as server:
        assert server.close() == 0
    with line_server("--root", str(indexed), environment=environment) as server:
        server.send({"jsonrpc": "2.0", "id": 0, "method": "ping"})
        assert server.close() == 0


def test_a_client_that_is_killed_leaves_no_server_behind(indexed: Path, environment: Mapping[str, str]) -> None:
    program = (
        "import subprocess, sys, time\n"
        "server = subprocess.Popen([sys.executable, '-m', 'pampax', 'mcp', '--root', sys.argv[1]], "
        "stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "print(server.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    client = subprocess.Popen(
        [sys.executable, "-c", program, str(indexed)], env=dict(environment), stdout=subprocess.PIPE
    )
    assert client.stdout is not None
    server_pid = int(client.stdout.readline())
    client.kill()
    client.wait()
    client.stdout.close()
    until = time.monotonic() + 10
    while time.monotonic() < until and Path(f"/proc/{server_pid}/cmdline").exists():
        if not Path(f"/proc/{server_pid}/cmdline").read_bytes():  # ended, and nobody has collected it
            return
        time.sleep(0.05)
    still = Path(f"/proc/{server_pid}/cmdline")
    if still.exists() and still.read_bytes():
        with suppress(ProcessLookupError):
            os.kill(server_pid, signal.SIGKILL)
        pytest.fail("the server outlived its client")


def test_what_is_printed_does_not_reach_the_client(
    indexed: Path, environment: Mapping[str, str], tmp_path: Path
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(
        "import os, sys, threading\n"
        "def noise():\n"
        "    print('stray print')\n"
        "    sys.stdout.flush()\n"
        "    os.write(1, b'stray write\\n')\n"
        "for seconds in (1.0, 1.5, 2.0): threading.Timer(seconds, noise).start()\n"
    )
    noisy = {**environment, "PYTHONPATH": str(tmp_path / "site") + os.pathsep + environment.get("PYTHONPATH", "")}
    with line_server("--root", str(indexed), environment=noisy) as server:
        server.initialize()
        until = time.monotonic() + 2.5
        number = 1
        while time.monotonic() < until:
            server.call(number, "search", {"query": "cookie"})
            number += 1
        server.close()
        assert server.process.stderr is not None
        assert b"stray write" in server.process.stderr.read()


def test_a_call_is_cancelled(tree: Path, environment: Mapping[str, str]) -> None:
    """An update of a store that another process keeps locked would wait for ever."""
    store = tree / ".git" / "pampax"
    _core.open(tree).index()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD_LOCK, str(store / "lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    try:
        with line_server("--root", str(tree), environment=environment) as server:
            server.initialize()
            call = {"name": "index", "arguments": {"action": "update"}}
            server.send({"jsonrpc": "2.0", "id": 5, "method": "tools/call", "params": call})
            # That another process indexes is no error, and questions are answered.
            found = server.call(6, "search", {"query": "sign cookie"})
            assert found["structuredContent"]["hits"]
            cancel = {"requestId": 5, "reason": "enough"}
            server.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancel})
            time.sleep(0.2)
            server.send({"jsonrpc": "2.0", "id": 7, "method": "ping"})
            answered: list[object] = []
            while not answered or answered[-1] != 7:
                answered.append(server.receive().get("id"))
            assert 5 not in answered
            assert server.close() == 0
    finally:
        holder.communicate(b"\n")


HOLD_LOCK = """
import fcntl, sys
with open(sys.argv[1], "r+") as file:
    fcntl.flock(file, fcntl.LOCK_EX)
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_two_servers_share_a_store(tree: Path, environment: Mapping[str, str]) -> None:
    with (
        line_server("--root", str(tree), environment=environment) as one,
        line_server("--root", str(tree), environment=environment) as other,
    ):
        for server in (one, other):
            server.initialize()
        for number in range(1, 6):
            (tree / "shop" / f"new_{number}.py").write_text(f"def new_function_{number}():\n    return {number}\n")
            for server in (one, other):
                call = {"name": "index", "arguments": {"action": "update"}}
                server.send({"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": call})
            generations = []
            for server in (one, other):
                while (message := server.receive()).get("id") != number:
                    pass
                assert not message["result"].get("isError"), message
                generations.append(message["result"]["structuredContent"]["coverage"]["generation"])
            for server in (one, other):
                found = server.call(100 + number, "search", {"query": f"new_function_{number}"})
                assert found["structuredContent"]["hits"][0]["path"] == f"shop/new_{number}.py"


def test_several_roots_are_told_apart(indexed: Path, tmp_path: Path, environment: Mapping[str, str]) -> None:
    other = make_tree(tmp_path / "warehouse")
    (other / "shelf.py").write_text("def find_shelf():\n    return 1\n")
    with line_server("--root", str(indexed), "--root", str(other), environment=environment) as server:
        server.initialize()
        unclear = server.call(1, "search", {"query": "shelf"})
        assert "shop, warehouse" in unclear["content"][0]["text"]
        found = server.call(2, "search", {"query": "find_shelf", "repository": "warehouse"})
        assert found["structuredContent"]["hits"][0]["path"] == "shelf.py"
        found = server.call(3, "search", {"query": "find_shelf", "repository": "shop"})
        assert "shelf.py" not in json.dumps(found)


@pytest.mark.parametrize("version", [*PROTOCOL_VERSIONS, "1999-01-01"])
def test_the_greeting_is_what_the_sdk_says(indexed: Path, environment: Mapping[str, str], version: str) -> None:
    with line_server("--root", str(indexed), environment=environment) as server:
        early = server.initialize({"roots": {"listChanged": True}}, version)["result"]
        assert server.ask(1, "ping")["result"] == {}
    with line_server("--root", str(indexed), environment=environment) as server:
        # A member that the greeting does not know leaves the answer to the SDK.
        params = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
        late = server.ask(1, "initialize", {**params, "_meta": {}})["result"]
    assert early == late


def test_the_greeting_of_the_newest_protocol_is_what_the_sdk_says(
    indexed: Path, environment: Mapping[str, str]
) -> None:
    prefix = "io.modelcontextprotocol/"
    meta = {
        prefix + "protocolVersion": MODERN_VERSION,
        prefix + "clientInfo": {"name": "x", "version": "1"},
        prefix + "clientCapabilities": {},
    }
    with line_server("--root", str(indexed), environment=environment) as server:
        early = server.ask(1, "server/discover", {"_meta": meta})["result"]
        late = server.ask(2, "server/discover", {"_meta": meta})["result"]
        tools = server.ask(3, "tools/list", {"_meta": meta})["result"]["tools"]
    assert early == late
    assert tools


@pytest.mark.skipif(_core.build_profile != "release", reason="the goal is for what users install")
def test_a_server_greets_fast(indexed: Path, environment: Mapping[str, str]) -> None:
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        server = LineServer("--root", str(indexed), environment=environment)
        try:
            server.initialize()
            seconds.append(time.perf_counter() - started)
        finally:
            server.process.kill()
            server.process.communicate()
    assert min(seconds) < START_SECONDS, seconds


def test_lines_that_are_no_messages_are_answered(indexed: Path, environment: Mapping[str, str]) -> None:
    with line_server("--root", str(indexed), environment=environment) as server:
        server.initialize(version=CURRENT)
        server.send_bytes(b"{nonsense\n")
        assert server.receive()["error"]["code"] == -32700
        server.send_bytes(b'{"jsonrpc": "1.0", "id": 9, "method": 3}\n')
        answer = server.receive()
        assert (answer["id"], answer["error"]["code"]) == (9, -32600)
        server.send_bytes(b"\xff\xfe\n[" + b"[" * 100_000 + b"\n")
        assert server.receive()["error"]["code"] == -32700
        assert server.receive()["error"]["code"] == -32700
        server.send_bytes(b'"' + b"x" * (9 << 20) + b"\n")
        assert server.ask(3, "ping")["result"] == {}
