"""Real servers over HTTP on this machine."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import anyio
import mcp_types as types
import pytest
from servers import TOKEN, command, http_client, http_server, make_tree

from pampax.configuration import ConfigurationError
from pampax.mcp_server.http import bearer_token, loopback_address

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.concurrency


def post(url: str, headers: Mapping[str, str]) -> int:
    """The status of an `initialize` with these headers."""
    params = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}).encode()
    accepted = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    request = urllib.request.Request(url, body, {**accepted, **headers})  # noqa: S310 - our own server
    try:
        with urllib.request.urlopen(request, timeout=20) as response:  # noqa: S310
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_only_the_token_opens(indexed: Path, environment: Mapping[str, str]) -> None:
    with http_server("--root", str(indexed), environment=environment) as url:
        assert post(url, {"Authorization": f"Bearer {TOKEN}"}) == 200
        for wrong in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}, {"X-Token": TOKEN}):
            assert post(url, wrong) == 401
        # A page in the user's browser, which has another host or origin, is refused even with the token.
        assert post(url, {"Authorization": f"Bearer {TOKEN}", "Host": "evil.example"}) == 421
        assert post(url, {"Authorization": f"Bearer {TOKEN}", "Origin": "https://evil.example"}) == 403


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_many_clients_and_repositories_at_once(
    indexed: Path, tmp_path: Path, environment: Mapping[str, str], mode: str
) -> None:
    other = make_tree(tmp_path / "warehouse")
    (other / "shelf.py").write_text("def find_shelf():\n    return 1\n")

    async def ask(url: str, repository: str, path: str) -> None:
        async with http_client(url, mode=mode) as client:
            if mode == "auto":
                await client.list_tools()
            for _ in range(5):
                result = await client.call_tool("search", {"query": "find_shelf sign_cookie", "repository": repository})
                assert result.structured_content is not None, result
                assert result.structured_content["hits"][0]["path"] == path, result

    async def use(url: str) -> None:
        async with anyio.create_task_group() as tasks:
            for _ in range(4):
                tasks.start_soon(ask, url, "shop", "shop/session.py")
                tasks.start_soon(ask, url, "warehouse", "shelf.py")

    with http_server("--root", str(indexed), "--root", str(other), environment=environment) as url:
        anyio.run(use, url)


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_each_client_has_its_own_roots(
    indexed: Path, tmp_path: Path, environment: Mapping[str, str], mode: str
) -> None:
    other = make_tree(tmp_path / "warehouse")

    async def ask(url: str, root: Path, forbidden: Path) -> None:
        async def roots(_context: object) -> types.ListRootsResult:
            return types.ListRootsResult(roots=[types.Root.model_validate({"uri": root.as_uri()})])

        async with http_client(url, mode=mode, list_roots_callback=roots) as client:
            if mode == "auto":
                await client.list_tools()
            found: Any = (await client.call_tool("index", {})).structured_content
            assert found["status"]["root"] == str(root)
            refused = await client.call_tool("index", {"repository": str(forbidden)})
            assert refused.is_error
            assert refused.structured_content is not None
            assert refused.structured_content["error"]["type"] == "RootRefused"

    async def use(url: str) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask, url, indexed, other)
            tasks.start_soon(ask, url, other, indexed)

    with http_server(environment=environment) as url:
        anyio.run(use, url)


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_each_client_is_a_session_of_the_query_log(indexed: Path, environment: Mapping[str, str], mode: str) -> None:
    async def ask(url: str, word: str) -> None:
        async with http_client(url, mode=mode) as client:
            for _ in range(3):
                await client.call_tool("search", {"query": f"sign {word}"})

    async def use(url: str) -> None:
        async with anyio.create_task_group() as tasks:
            for word in ("cookie", "basket"):
                tasks.start_soon(ask, url, word)

    with http_server("--root", str(indexed), environment=environment) as url:
        anyio.run(use, url)
    lines = (indexed / ".git" / "pampax" / "queries" / "log.jsonl").read_text().splitlines()
    asked = [(event["query_hash"], event["session"]) for event in map(json.loads, lines)]
    assert len(asked) == 6
    # Two questions, each of its own client, and each client with one session.
    assert len(set(asked)) == len({query for query, _ in asked}) == len({session for _, session in asked}) == 2


def test_a_token_is_made_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "token"
    token, told = bearer_token(str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert bearer_token(str(path))[0] == token
    assert token not in told
    monkeypatch.setenv("PAMPAX_MCP_API_KEY", "short")
    with pytest.raises(ConfigurationError, match="fewer than 16"):
        bearer_token(None)
    monkeypatch.delenv("PAMPAX_MCP_API_KEY")
    assert bearer_token(None)[0] != bearer_token(None)[0]


@pytest.mark.parametrize("address", ["0.0.0.0:80", "example.org:80", "99999", "", ":80", "[::]:1", "127.0.0.1:-1"])
def test_only_loopback_is_listened_on(address: str) -> None:
    with pytest.raises(ConfigurationError, match="--http"):
        loopback_address(address)


def test_addresses() -> None:
    assert loopback_address("8080") == ("127.0.0.1", 8080)
    assert loopback_address("[::1]:0") == ("::1", 0)
    assert loopback_address("localhost:1") == ("localhost", 1)


def test_a_port_that_is_taken_is_an_error_in_one_line(indexed: Path, environment: Mapping[str, str]) -> None:
    with http_server("--root", str(indexed), environment=environment) as url:
        port = url.rsplit(":", 1)[1].split("/")[0]
        finished = subprocess.run(
            command("--http", port, "--root", str(indexed)),
            env=dict(environment), capture_output=True, check=False, timeout=30,
        )  # fmt: skip
    assert finished.returncode == 3
    assert f"cannot listen on 127.0.0.1:{port}" in finished.stderr.decode()
    assert sys.executable not in finished.stderr.decode()
