"""`pampax mcp`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pampax.cli.options import PampaxCommand
from pampax.configuration import ConfigurationError

if TYPE_CHECKING:
    from pampax.cli.request import Request
    from pampax.mcp_server.protocol import PampaxServer

EXAMPLES = """
pampax mcp --root .
pampax mcp --root ~/code/shop --root ~/code/warehouse
pampax mcp --http 127.0.0.1:8765 --root . --token-file ~/.config/pampax/mcp-token
"""


@click.command("mcp", cls=PampaxCommand, epilog=EXAMPLES)
@click.option(
    "-C",
    "--root",
    "roots",
    metavar="FOLDER",
    multiple=True,
    help="Serve this folder, and none that the client names. May be given several times.",
)
@click.option("--allow-broad-root", is_flag=True, help="Accept a home folder or a whole disk as a root.")
@click.option(
    "--http",
    "address",
    metavar="[HOST:]PORT",
    default=None,
    help="Serve over HTTP on a loopback address instead of standard input and output; port 0 takes a free one.",
)
@click.option(
    "--token-file",
    metavar="FILE",
    default=None,
    help="The bearer token of --http is in this file, which is made if it does not exist. Without it: the variable "
    "PAMPAX_MCP_API_KEY, else a new token that is written to stderr.",
)
@click.pass_obj
def command(
    request: Request, roots: tuple[str, ...], allow_broad_root: bool, address: str | None, token_file: str | None
) -> int:
    """Serve agents with the Model Context Protocol.

    Without --root, the client says which folders it works in. Only these folders are read. The server ends when its
    client closes standard input.
    """
    folders = [*([request.folder] if request.folder else []), *roots]
    if folders:
        from pampax.mcp_server.errors import RootRefused
        from pampax.mcp_server.roots import accepted_root

        try:
            folders = [accepted_root(folder, allow_broad=allow_broad_root) for folder in folders]
        except RootRefused as error:
            raise ConfigurationError(str(error)) from None
    if token_file is not None and address is None:
        raise click.UsageError("--token-file belongs to --http", click.get_current_context())

    def make_server() -> PampaxServer:
        from pampax.mcp_server.protocol import PampaxServer
        from pampax.mcp_server.repositories import Repositories
        from pampax.mcp_server.roots import Roots

        repositories = Repositories(request.configured, request.config_file)
        fixed = Roots(folders, allow_broad=allow_broad_root) if folders else None
        return PampaxServer(repositories, fixed, allow_broad=allow_broad_root)

    if address is None:
        from pampax.mcp_server.stdio import serve_stdio

        return serve_stdio(make_server)

    from pampax.mcp_server.http import serve_http

    return serve_http(make_server, address, token_file)
