"""The server on standard input and output: one client, which started it and ends it by closing the pipe."""

from __future__ import annotations

import importlib.util
import json
import os
import select
import sys
from typing import TYPE_CHECKING, Any

from pampax.configuration import ConfigurationError
from pampax.mcp_server.greeting import Wire, greet

if TYPE_CHECKING:
    from collections.abc import Callable

    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
    from mcp.shared.message import SessionMessage

    from pampax.mcp_server.protocol import PampaxServer


def require_sdk() -> None:
    """Raise a `ConfigurationError` if the SDK is not installed; does not import it."""
    if importlib.util.find_spec("mcp") is None:
        raise ConfigurationError("the MCP server needs the package mcp: pip install 'pampax[mcp]'")


def serve_stdio(make_server: Callable[[], PampaxServer]) -> int:
    """Serve until the client closes the pipe. `make_server` is called after the first message was answered."""
    require_sdk()
    wire = Wire()
    first_line, answered = greet(wire)

    import anyio

    server = make_server()
    try:
        anyio.run(_serve, server, wire, first_line, answered)
    except* BrokenPipeError:
        pass  # the client went while it was being answered
    finally:
        server.repositories.close()
    # A worker thread may still be in the middle of something; nothing it does needs an orderly end (indexing
    # survives a kill at any moment), and no client is to wait for it.
    sys.stderr.flush()
    os._exit(0)


async def _serve(server: PampaxServer, wire: Wire, first_line: bytes, answered: int | str | None) -> None:
    import anyio
    from mcp.shared.message import SessionMessage

    server.begin()
    to_server, from_client = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    to_client, from_server = anyio.create_memory_object_stream[SessionMessage](0)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_read, wire, first_line, to_server)
        tasks.start_soon(_write, wire, from_server, answered)
        await server.sdk.run(from_client, to_client, server.sdk.create_initialization_options())
        tasks.cancel_scope.cancel()


async def _read(wire: Wire, line: bytes, to_server: MemoryObjectSendStream[SessionMessage | Exception]) -> None:
    """Hand the client's messages to the SDK; what is no message is answered here, as the SDK would not."""
    import anyio.to_thread
    from mcp.shared.message import SessionMessage
    from mcp_types import jsonrpc_message_adapter

    async with to_server:
        while line:
            try:
                message = jsonrpc_message_adapter.validate_json(line.decode("utf-8", "replace"), by_name=False)
            except ValueError:
                if line.strip():
                    await _put(wire, json.dumps(not_a_message(line)).encode() + b"\n")
            else:
                await to_server.send(SessionMessage(message))
            # Given up where the server ends for another reason than the end of the input.
            line = await anyio.to_thread.run_sync(wire.read_line, abandon_on_cancel=True)


async def _write(
    wire: Wire, from_server: MemoryObjectReceiveStream[SessionMessage], answered: int | str | None
) -> None:
    """Write the SDK's messages, but for the answer that the client has already."""
    async with from_server:
        async for outgoing in from_server:
            message = outgoing.message
            if answered is not None and getattr(message, "id", None) == answered and not hasattr(message, "method"):
                answered = None
                continue
            text = message.model_dump_json(by_alias=True, exclude_unset=True)
            await _put(wire, text.encode("utf-8", "replace") + b"\n")


async def _put(wire: Wire, content: bytes) -> None:
    """Write one line, in a thread unless it is certain not to wait."""
    import anyio.to_thread

    if len(content) <= select.PIPE_BUF and wire.is_ready():
        wire.write(content)
    else:
        # A client that does not read must not keep us from reading what it sends.
        await anyio.to_thread.run_sync(wire.write, content)


def not_a_message(line: bytes) -> dict[str, Any]:
    """The error that answers a line which is no JSON, or no message of the protocol."""
    identity: object = None
    code, text = -32700, "this line is no JSON"
    try:
        given = json.loads(line)
    except (ValueError, RecursionError):
        pass
    else:
        code, text = -32600, "this is no JSON-RPC 2.0 message"
        identity = given.get("id") if isinstance(given, dict) else None
    if isinstance(identity, bool) or not isinstance(identity, int | str):
        identity = None
    return {"jsonrpc": "2.0", "id": identity, "error": {"code": code, "message": text}}
