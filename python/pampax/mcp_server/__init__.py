"""The MCP server: pampax for agents, over standard input and output or over HTTP on this machine.

`serve_stdio` and `serve_http` in `pampax.mcp_server.stdio` and `.http` run it; `pampax mcp` calls them. What a tool
does is in `tools`, and knows nothing of the protocol; `protocol` puts the tools into the official SDK, which takes most
of a second to import. So `greeting` answers the first message without it, and only then it is imported.
"""

from __future__ import annotations

__all__: list[str] = []
