"""The server as the official SDK wants it: handlers of the protocol's requests around the tools.

Tools block, so they run in a bounded number of worker threads; a request that is cancelled gives up its thread, which
ends by itself within milliseconds. Waiting (for an index that is being built) happens in the event loop.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from mcp.shared.message import ServerMessageMetadata

from pampax import __version__, logs
from pampax.mcp_server import catalogue, documents
from pampax.mcp_server.arguments import checked
from pampax.mcp_server.errors import RootRefused, described
from pampax.mcp_server.freshener import CHECK_GRACE_SECONDS
from pampax.mcp_server.replies import Reply, coverage_line
from pampax.mcp_server.repositories import session_of
from pampax.mcp_server.roots import Roots
from pampax.mcp_server.tools import ANSWERING, status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    from mcp.server.context import ServerRequestContext

    from pampax.mcp_server.freshener import Freshener
    from pampax.mcp_server.repositories import OpenRepository, Repositories

    Given = TypeVar("Given")
    Context = ServerRequestContext[Any, Any]

FIRST_INDEX_SECONDS = 5.0
"""How long an answer waits for an index that does not exist yet, before it says how far indexing is."""
POLL_SECONDS = 0.005
SWITCH_SECONDS = 0.0005
"""How long a thread keeps the interpreter. After each write to a socket the event loop has to wait for it once more."""
REPORT_SECONDS = 0.1
ROOTS_SECONDS = 10.0
"""How long a client may take to name its roots."""
ROOTS_KEY = "roots"


class NeedsRoots(Exception):
    """The client has to be asked for its roots in the result (protocols without requests from the server)."""


class PampaxServer:
    """Answers for any number of clients."""

    def __init__(self, repositories: Repositories, roots: Roots | None, *, allow_broad: bool = False) -> None:
        """`roots` are those of the command line; None asks each client for its own."""
        self.repositories = repositories
        self.allow_broad = allow_broad
        self._fixed_roots = roots
        self._client_roots: dict[str, Roots] = {}
        self._limiter = anyio.CapacityLimiter(max(4, 2 * (os.cpu_count() or 1)))
        self.sdk: Server[Any] = Server(
            catalogue.SERVER_NAME,
            version=__version__,
            instructions=catalogue.INSTRUCTIONS,
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
            on_list_resources=self._list_resources,
            on_list_resource_templates=self._list_templates,
            on_read_resource=self._read_resource,
            on_list_prompts=self._list_prompts,
            on_get_prompt=self._get_prompt,
        )
        # Spans for a collector that nothing here sets up.
        self.sdk.middleware.clear()
        self.sdk.add_notification_handler(
            "notifications/roots/list_changed", types.NotificationParams, self._roots_changed
        )
        self._tools = documents.tools()

    def begin(self) -> None:
        """Start to index what is known to be asked about."""
        sys.setswitchinterval(SWITCH_SECONDS)
        for root in self._fixed_roots.folders if self._fixed_roots else []:
            with suppress(Exception):  # whoever asks will be told
                self.repositories.get(root).freshener.request()

    # ------------------------------------------------------------------------------ lists

    async def _list_tools(self, _context: Context, _params: object) -> types.ListToolsResult:
        return types.ListToolsResult(tools=self._tools)

    async def _list_resources(self, _context: Context, _params: object) -> types.ListResourcesResult:
        return types.ListResourcesResult(resources=documents.resources())

    async def _list_templates(self, _context: Context, _params: object) -> types.ListResourceTemplatesResult:
        return types.ListResourceTemplatesResult(resource_templates=documents.resource_templates())

    async def _list_prompts(self, _context: Context, _params: object) -> types.ListPromptsResult:
        return types.ListPromptsResult(prompts=documents.prompts())

    # ------------------------------------------------------------------------------ tools

    async def _call_tool(
        self, context: Context, params: types.CallToolRequestParams
    ) -> types.CallToolResult | types.InputRequiredResult:
        tool = catalogue.BY_NAME.get(params.name)
        if tool is None:
            names = ", ".join(catalogue.BY_NAME)
            raise MCPError(types.INVALID_PARAMS, f'there is no tool "{params.name[:100]}"; there are {names}')
        with logs.operation("mcp", tool.name) as log:
            try:
                arguments = checked(tool.parameters, params.arguments or {})
                opened = await self._repository(context, params, arguments.get("repository"))
                if tool.name == "index":
                    return _result(await self._index(context, opened, arguments))
                await self._prepare(context, opened)
                return _result(await self._run(ANSWERING[tool.name], opened, arguments))
            except NeedsRoots:
                return _ask_for_roots()
            except Exception as error:  # noqa: BLE001 - whatever it is, the client gets a typed error
                kind, message = described(error)
                log.status = "error"
                log.add(error=kind)
                if kind == "InternalError":
                    logs.write("error", "mcp", f"{tool.name} failed: {error!r}", corr_id=log.corr_id)
                return _failure(kind, message)

    async def _run(self, function: Callable[..., Given], *arguments: Any) -> Given:
        return await anyio.to_thread.run_sync(
            lambda: function(*arguments), abandon_on_cancel=True, limiter=self._limiter
        )

    async def _prepare(self, context: Context, opened: OpenRepository) -> None:
        """See that the index is as fresh as it can be without a wait that is felt."""
        freshener = opened.freshener
        if not opened.repository.is_indexed:
            await self._wait(context, freshener, _has_run(freshener), FIRST_INDEX_SECONDS)
        elif freshener.note_question():
            # An answer that comes before it is settled says so.
            await self._wait(context, freshener, freshener.is_settled, CHECK_GRACE_SECONDS)

    async def _wait(self, context: Context, freshener: Freshener, is_done: Callable[[], bool], seconds: float) -> None:
        """Wait for the freshener, with notifications of progress to who wants them."""
        until = time.monotonic() + seconds
        reported = 0.0
        reported_at = time.monotonic()
        while not is_done():
            now = time.monotonic()
            if now >= until:
                return
            if now - reported_at >= REPORT_SECONDS:
                reported_at = now
                state = freshener.freshness
                # The protocol wants numbers that grow; stages after the files count as one file more each.
                done = max(reported + 1e-3, float(state.files_done))
                reported = done
                message = f"{state.stage or 'waiting'}: {state.files_done} of {state.files_total} files"
                await context.session.report_progress(done, float(max(state.files_total, 1)), message)
            await anyio.sleep(POLL_SECONDS)

    async def _index(self, context: Context, opened: OpenRepository, arguments: Mapping[str, Any]) -> Reply:
        if arguments.get("action", "status") == "status":
            if not opened.repository.is_indexed:
                opened.freshener.request()
            return await self._run(status, opened)
        freshener = opened.freshener
        alone = not freshener.freshness.running
        try:
            await self._wait(context, freshener, _has_run(freshener), float("inf"))
        except anyio.get_cancelled_exc_class():
            # Whoever began a run may end it; one that others wait for goes on.
            if alone:
                freshener.cancel()
            raise
        answer = await self._run(status, opened)
        report = freshener.last_report
        if report is None:
            return answer
        counts = {name: getattr(report, name) for name in ("added", "changed", "removed", "unchanged")}
        answer.structured["status"]["update"] = counts
        done = ", ".join(f"{count} {name}" for name, count in counts.items())
        return Reply(
            answer.structured, f"{answer.text}\nupdate: {done}; {coverage_line(answer.structured['coverage'])}"
        )

    # ------------------------------------------------------------------------------ roots

    async def _repository(
        self, context: Context, params: types.InputResponseRequestParams | None, name: str | None
    ) -> OpenRepository:
        roots = await self._roots(context, params)
        root = roots.chosen(name)
        # Only to open one takes long enough for a thread.
        opened = self.repositories.known(root)
        if opened is None:
            opened = await self._run(self.repositories.get, root)
        return opened.asked_by(session_of(_client_key(context) or _connection(context)))

    async def _roots(self, context: Context, params: types.InputResponseRequestParams | None) -> Roots:
        """The roots of the client that asks."""
        if self._fixed_roots is not None:
            return self._fixed_roots
        key = _client_key(context)
        known = self._client_roots.get(key) if key is not None else None
        if known is not None:
            return known
        answer = ((params.input_responses if params else None) or {}).get(ROOTS_KEY)
        if isinstance(answer, types.ListRootsResult):
            found = answer
        else:
            capabilities = context.session.client_capabilities
            if capabilities is None or capabilities.roots is None:
                return Roots([])
            if not context.session.can_send_request:
                raise NeedsRoots
            found = await self._ask(context)
        uris = [str(root.uri) for root in found.roots]
        roots = await self._run(lambda: Roots.of_uris(uris, allow_broad=self.allow_broad))
        if key is not None:
            if len(self._client_roots) >= documents.MOST_CLIENTS:  # the oldest may ask again
                del self._client_roots[next(iter(self._client_roots))]
            self._client_roots[key] = roots
        return roots

    async def _ask(self, context: Context) -> types.ListRootsResult:
        related = ServerMessageMetadata(related_request_id=context.request_id)
        try:
            return await context.session.send_request(
                types.ListRootsRequest(), types.ListRootsResult, ROOTS_SECONDS, metadata=related
            )
        except (MCPError, ValueError) as error:
            raise RootRefused(f"the client did not name its roots ({error}): start the server with --root") from None

    async def _roots_changed(self, context: Context, _params: types.NotificationParams) -> None:
        key = _client_key(context)
        if key is not None:
            self._client_roots.pop(key, None)

    # ------------------------------------------------------------------------------ resources and prompts

    async def _read_resource(
        self, context: Context, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult | types.InputRequiredResult:
        name, part = documents.parts_of_uri(params.uri)
        try:
            opened = await self._repository(context, params, name)
            await self._prepare(context, opened)
            text = await self._run(documents.resource_text, opened, part)
        except NeedsRoots:
            return _ask_for_roots()
        except Exception as error:  # noqa: BLE001 - it becomes a typed error of the protocol
            raise _protocol_error(error) from None
        content = types.TextResourceContents(uri=params.uri, mime_type=catalogue.RESOURCES[part].mime_type, text=text)
        return types.ReadResourceResult(contents=[content])

    async def _get_prompt(
        self, context: Context, params: types.GetPromptRequestParams
    ) -> types.GetPromptResult | types.InputRequiredResult:
        given = documents.prompt_argument(params.name, params.arguments or {})
        try:
            opened = await self._repository(context, params, (params.arguments or {}).get("repository"))
            await self._prepare(context, opened)
            text = await self._run(documents.prompt_text, opened, params.name, given)
        except NeedsRoots:
            return _ask_for_roots()
        except Exception as error:  # noqa: BLE001 - it becomes a typed error of the protocol
            raise _protocol_error(error) from None
        message = types.PromptMessage(role="user", content=types.TextContent(text=text))
        return types.GetPromptResult(description=catalogue.PROMPTS[params.name].title, messages=[message])


def _has_run(freshener: Freshener) -> Callable[[], bool]:
    """Ask for a look at the tree; gives what says whether it is done."""
    runs = freshener.request()
    return lambda: freshener.freshness.runs >= runs


def _client_key(context: Context) -> str | None:
    """What the roots of a client are kept under: its HTTP session, or the one client of a pipe. None: nothing lasts."""
    if context.request is None:
        return ""
    headers = getattr(context.request, "headers", {})
    return headers.get("mcp-session-id") or None


def _connection(context: Context) -> str:
    """What tells clients apart that have no session, as those of the newest protocol: their connection."""
    address = getattr(context.request, "client", None)
    return ":".join(map(str, address)) if address else ""


def _ask_for_roots() -> types.InputRequiredResult:
    return types.InputRequiredResult(input_requests={ROOTS_KEY: types.ListRootsRequest()})


def _result(answer: Reply) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(text=answer.text)], structured_content=answer.structured)


def _failure(kind: str, message: str) -> types.CallToolResult:
    text = message.encode("utf-8", "replace").decode("utf-8")
    return types.CallToolResult(
        content=[types.TextContent(text=f"{kind}: {text}")],
        structured_content={"error": {"type": kind, "message": text}},
        is_error=True,
    )


def _protocol_error(error: Exception) -> MCPError:
    """The error of a request that has no way to fail but the protocol's own."""
    if isinstance(error, MCPError):
        return error
    kind, message = described(error)
    code = types.INTERNAL_ERROR if kind == "InternalError" else types.INVALID_PARAMS
    return MCPError(code, f"{kind}: {message}")
