"""Servers as real processes: for the SDK's client, and line by line."""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import sys
import time
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from command_process import FILES
from mcp import Client, StdioServerParameters, stdio_client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
    from pathlib import Path

CLIENT = {"name": "test", "version": "1"}
TOKEN = "a-token-for-tests-only"  # noqa: S105
CURRENT = "2025-11-25"


def make_tree(root: Path) -> Path:
    """A git repository with a few files, a secret that is ignored, and a secret beside it."""
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    (root / ".gitignore").write_text(".env\n")
    (root / ".env").write_text("TOKEN=do-not-read-me\n")
    (root.parent / "outside.txt").write_text("do-not-read-me\n")
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    return root


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pampax", "mcp", *arguments]


@asynccontextmanager
async def stdio(
    *arguments: str, environment: Mapping[str, str], mode: str = "legacy", **options: Any
) -> AsyncIterator[Client]:
    """The SDK's own client, on a server that it started."""
    program, *rest = command(*arguments)
    parameters = StdioServerParameters(command=program, args=rest, env=dict(environment))
    async with Client(stdio_client(parameters), mode=mode, **options) as client:
        yield client


class LineServer:
    """A server that is spoken to line by line."""

    def __init__(
        self, *arguments: str, environment: Mapping[str, str], cwd: Path | None = None, below: Sequence[str] = ()
    ) -> None:
        """`below` is a command that starts the server."""
        self.process = subprocess.Popen(
            [*below, *command(*arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(environment),
            cwd=cwd,
        )
        assert self.process.stdout is not None
        self._descriptor = self.process.stdout.fileno()
        self._received = b""

    def send(self, message: object) -> None:
        self.send_bytes(json.dumps(message).encode() + b"\n")

    def send_bytes(self, content: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(content)
        self.process.stdin.flush()

    def receive(self, seconds: float = 20) -> dict[str, Any]:
        """The next line, which has to be JSON: nothing else may stand on stdout."""
        until = time.monotonic() + seconds
        while b"\n" not in self._received:
            ready = select.select([self._descriptor], [], [], max(0.0, until - time.monotonic()))[0]
            if not ready:
                raise TimeoutError("the server said nothing")
            content = os.read(self._descriptor, 1 << 20)
            if not content:
                raise EOFError("the server closed its output")
            self._received += content
        line, _, self._received = self._received.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        assert message["jsonrpc"] == "2.0"
        return message

    def ask(self, identity: int | str, method: str, params: object = None, seconds: float = 20) -> dict[str, Any]:
        """Send a request and wait for its answer; notifications in between are passed over."""
        self.send({"jsonrpc": "2.0", "id": identity, "method": method, "params": {} if params is None else params})
        while True:
            message = self.receive(seconds)
            if message.get("id") == identity and "method" not in message:
                return message

    def initialize(self, capabilities: object = None, version: str = CURRENT) -> dict[str, Any]:
        params = {"protocolVersion": version, "capabilities": capabilities or {}, "clientInfo": CLIENT}
        answer = self.ask(0, "initialize", params)
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return answer

    def call(self, identity: int, tool: str, arguments: object, seconds: float = 20) -> dict[str, Any]:
        """The result of a tool."""
        answer = self.ask(identity, "tools/call", {"name": tool, "arguments": arguments}, seconds)
        result: dict[str, Any] = answer["result"]
        return result

    def close(self, seconds: float = 10) -> int:
        """Close its input, as a client does that ends, and wait for the end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(seconds)


@contextmanager
def line_server(
    *arguments: str, environment: Mapping[str, str], cwd: Path | None = None, below: Sequence[str] = ()
) -> Iterator[LineServer]:
    server = LineServer(*arguments, environment=environment, cwd=cwd, below=below)
    try:
        yield server
    finally:
        server.process.kill()
        server.process.wait()
        for stream in (server.process.stdin, server.process.stdout, server.process.stderr):
            assert stream is not None
            with suppress(BrokenPipeError):
                stream.close()


@contextmanager
def http_server(*arguments: str, environment: Mapping[str, str], token: str = TOKEN) -> Iterator[str]:
    """A server on a free port; gives its URL."""
    process = subprocess.Popen(
        command("--http", "0", *arguments),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**environment, "PAMPAX_MCP_API_KEY": token},
    )
    assert process.stderr is not None
    try:
        line = process.stderr.readline().decode()
        match = re.search(r"serving (http://\S+)", line)
        assert match is not None, line
        yield match[1]
    finally:
        process.terminate()
        process.wait(20)
        process.stderr.close()


@asynccontextmanager
async def http_client(url: str, token: str = TOKEN, mode: str = "legacy", **options: Any) -> AsyncIterator[Client]:
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode, **options) as client,
    ):
        yield client
