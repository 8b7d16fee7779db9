"""The server over HTTP on this machine: many clients, each with the token, and any number of repositories."""

from __future__ import annotations

import hmac
import os
import re
import secrets
import socket
import sys
from typing import TYPE_CHECKING, Any

from pampax.configuration import ConfigurationError
from pampax.mcp_server.stdio import require_sdk

if TYPE_CHECKING:
    from collections.abc import Callable

    from pampax.mcp_server.protocol import PampaxServer

PATH = "/mcp"
TOKEN_VARIABLE = "PAMPAX_MCP_API_KEY"  # noqa: S105 - the name of a variable
LOOPBACK = {"127.0.0.1": socket.AF_INET, "localhost": socket.AF_INET, "::1": socket.AF_INET6}
LEAST_TOKEN_CHARACTERS = 16


def serve_http(make_server: Callable[[], PampaxServer], address: str, token_file: str | None) -> int:
    """Serve until a signal ends the process."""
    require_sdk()
    host, port = loopback_address(address)
    token, where = bearer_token(token_file)
    # Only with the protocol named does asyncio send small packets at once; else an answer waits 40 ms.
    listening = socket.socket(LOOPBACK[host], socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)  # before the line that says so is written
    except OSError as error:
        listening.close()
        raise OSError(error.errno, f"cannot listen on {host}:{port}: {error.strerror}") from None

    import uvicorn

    server = make_server()
    server.begin()
    shown_host = f"[{host}]" if ":" in host else host
    app = BearerOnly(server.sdk.streamable_http_app(streamable_http_path=PATH, host=host), token)
    # Nothing but the line below tells a program where we listen, as port 0 takes a free one.
    url = f"http://{shown_host}:{listening.getsockname()[1]}{PATH}"
    print(f"pampax: serving {url} ({where})", file=sys.stderr, flush=True)  # noqa: T201
    configuration = uvicorn.Config(
        app, log_level="warning", access_log=False, timeout_graceful_shutdown=2, log_config=None
    )
    try:
        uvicorn.Server(configuration).run(sockets=[listening])
    finally:
        server.repositories.close()
    return 0


def loopback_address(text: str) -> tuple[str, int]:
    """Host and port of `[HOST:]PORT`; raises `ConfigurationError` for all but loopback addresses."""
    match = re.fullmatch(r"(?:(.+):)?([0-9]{1,5})", text)
    host = (match[1] or "127.0.0.1").strip("[]") if match else ""
    if match is None or host not in LOOPBACK or int(match[2]) > 65535:
        known = ", ".join(LOOPBACK)
        raise ConfigurationError(f"--http {text[:100]} is not accepted: a port, or HOST:PORT with a host of {known}")
    return host, int(match[2])


def bearer_token(token_file: str | None) -> tuple[str, str]:
    """The token that clients have to give, and how the user is told about it."""
    if token_file is not None:
        return _token_in(token_file), f"the token is in {token_file}"
    given = os.environ.get(TOKEN_VARIABLE, "")
    if given:
        return _long_enough(given.strip(), TOKEN_VARIABLE), f"the token is that of {TOKEN_VARIABLE}"
    token = secrets.token_urlsafe(24)
    return token, f"token {token}"


def _token_in(path: str) -> str:
    """The token in a file; a file that does not exist is made, for its owner alone."""
    path = os.path.expanduser(path)  # noqa: PTH111
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123
            return _long_enough(file.read(10_000).strip(), path)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        token = secrets.token_urlsafe(24)
        file.write(token + "\n")
    return token


def _long_enough(token: str, where: str) -> str:
    if len(token) < LEAST_TOKEN_CHARACTERS or not token.isascii() or not token.isprintable():
        raise ConfigurationError(f"the token in {where} has fewer than {LEAST_TOKEN_CHARACTERS} plain characters")
    return token


class BearerOnly:
    """Lets only requests through that carry the token; looks at it before anything of the body is read."""

    def __init__(self, app: Any, token: str) -> None:
        """`app` is an ASGI application."""
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        given = next((value for name, value in scope.get("headers", ()) if name == b"authorization"), b"")
        if scope["type"] == "http" and hmac.compare_digest(given, self._expected):
            await self._app(scope, receive, send)
            return
        if scope["type"] == "http":
            body = b'{"error":"unauthorized: send the header Authorization: Bearer TOKEN"}'
            headers = [(b"content-type", b"application/json"), (b"www-authenticate", b"Bearer")]
            await send({"type": "http.response.start", "status": 401, "headers": headers})
            await send({"type": "http.response.body", "body": body})
