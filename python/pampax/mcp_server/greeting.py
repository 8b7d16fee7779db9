"""The first moments of a server on standard input and output, before the SDK is there.

Importing the SDK takes most of a second. A client that starts a server waits for the answer to `initialize` (or, in the
newest protocol, `server/discover`), so that one is given from here, in the form in which the SDK gives it (a test
compares the two), and the SDK is imported afterwards, while the client reads. Then it is handed the same message, and
what it answers to it is dropped: from there on it knows this client as if it had answered itself. Anything but the
plain form of these requests is left to the SDK from the start.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
from typing import Any, BinaryIO

from pampax._core import __version__
from pampax.mcp_server.catalogue import INSTRUCTIONS, SERVER_NAME

PROTOCOL_VERSIONS = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
"""The versions that begin with `initialize`; whoever asks for another gets the last of them."""

MODERN_VERSION = "2026-07-28"
"""The version whose clients need not begin with anything, and may ask with `server/discover` what there is."""

LONGEST_MESSAGE_BYTES = 4 << 20
"""A longer line is no message."""


class Wire:
    """The protocol's own ends of standard input and output. Nothing else in the process reaches them any more."""

    def __init__(self) -> None:
        """Takes both descriptors away: what reads standard input finds its end, what is printed goes to stderr."""
        self.input: BinaryIO = os.fdopen(_moved(0), "rb", closefd=False)
        self.output_descriptor = _moved(1)
        nowhere = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nowhere, 0)
        os.close(nowhere)
        os.dup2(2, 1)

    def read_line(self) -> bytes:
        """The next message, `b""` at the end; one that is too long becomes an empty line, which is no message."""
        line = self.input.readline(LONGEST_MESSAGE_BYTES)
        if len(line) < LONGEST_MESSAGE_BYTES or line.endswith(b"\n"):
            return line
        while line and not line.endswith(b"\n"):
            line = self.input.readline(LONGEST_MESSAGE_BYTES)
        return b"\n"

    def is_ready(self) -> bool:
        """Whether `select.PIPE_BUF` bytes can be written without waiting."""
        return bool(select.select([], [self.output_descriptor], [], 0)[1])

    def write(self, content: bytes) -> None:
        """Write all of it."""
        view = memoryview(content)
        while view:
            view = view[os.write(self.output_descriptor, view) :]


def _moved(descriptor: int) -> int:
    """A duplicate beyond the standard ones, that no child inherits."""
    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3)


def greet(wire: Wire) -> tuple[bytes, int | str | None]:
    """Read the first message and answer it if it is a plain `initialize` or `server/discover`.

    Gives the line that was read, and the id of the request if it was answered.
    """
    line = wire.read_line()
    answer = first_answer(line)
    if answer is None:
        return line, None
    wire.write(json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    return line, answer["id"]


def first_answer(line: bytes) -> dict[str, Any] | None:
    """The answer to an `initialize` or `server/discover` that is what the protocol says; None for everything else."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0" or message.get("method") not in _RESULTS:
        return None
    identity, params = message.get("id"), message.get("params")
    if isinstance(identity, bool) or not isinstance(identity, int | str) or not isinstance(params, dict):
        return None
    result = _RESULTS[message["method"]](params)
    return None if result is None else {"jsonrpc": "2.0", "id": identity, "result": result}


_COMMON: dict[str, Any] = {
    "capabilities": {
        "prompts": {"listChanged": False},
        "resources": {"listChanged": False, "subscribe": False},
        "tools": {"listChanged": False},
    },
    "instructions": INSTRUCTIONS,
}
_SERVER = {"name": SERVER_NAME, "version": __version__}


def _initialize_result(params: dict[str, Any]) -> dict[str, Any] | None:
    if set(params) != {"protocolVersion", "capabilities", "clientInfo"}:
        return None
    version = params["protocolVersion"]
    if not isinstance(version, str) or not _is_client(params["clientInfo"], params["capabilities"]):
        return None
    negotiated = version if version in PROTOCOL_VERSIONS else PROTOCOL_VERSIONS[-1]
    return _COMMON | {"protocolVersion": negotiated, "serverInfo": _SERVER}


def _discover_result(params: dict[str, Any]) -> dict[str, Any] | None:
    meta = params.get("_meta")
    if set(params) != {"_meta"} or not isinstance(meta, dict):
        return None
    prefix = "io.modelcontextprotocol/"
    known = {prefix + name for name in ("protocolVersion", "clientInfo", "clientCapabilities")}
    if set(meta) != known or meta[prefix + "protocolVersion"] != MODERN_VERSION:
        return None
    if not _is_client(meta[prefix + "clientInfo"], meta[prefix + "clientCapabilities"]):
        return None
    stamp = {prefix + "serverInfo": _SERVER}
    fixed = {"cacheScope": "private", "resultType": "complete", "ttlMs": 0, "_meta": stamp}
    return _COMMON | {"supportedVersions": [MODERN_VERSION]} | fixed


def _is_client(client: object, capabilities: object) -> bool:
    """Whether these are what a client says of itself, in a form that the SDK is certain to accept."""
    if not isinstance(client, dict) or not isinstance(capabilities, dict):
        return False
    texts = set(client) <= {"name", "version", "title"} and all(isinstance(text, str) for text in client.values())
    plain = all(isinstance(value, dict) and _is_plain(value) for value in capabilities.values())
    return texts and {"name", "version"} <= set(client) and plain


def _is_plain(capability: dict[str, Any]) -> bool:
    return all(isinstance(value, bool) or value == {} for value in capability.values())


_RESULTS = {"initialize": _initialize_result, "server/discover": _discover_result}
