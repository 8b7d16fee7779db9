"""The repositories that a server has open: one object for each root, shared by all clients."""

from __future__ import annotations

import copy
import os
import threading
from hashlib import blake2b
from typing import TYPE_CHECKING

from pampax import logs
from pampax.cli.request import Request
from pampax.mcp_server.freshener import Freshener

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pampax._core import Repository
    from pampax.configuration import Configuration
    from pampax.memory import MemoryStore
    from pampax.query_log import QueryLog

SESSION = logs.new_correlation_id()
"""Ties together what this process was asked by a client of which nothing more is known."""


def session_of(client: str) -> str:
    """The id in the query log for one client of this process, without meaning."""
    return blake2b(client.encode(), digest_size=8, key=SESSION.encode()).hexdigest() if client else SESSION


class OpenRepository:
    """A root, opened as its configuration says, and what keeps it fresh."""

    def __init__(self, root: str, configured: Mapping[str, str], config_file: str | None) -> None:
        """`configured` and `config_file` come from the command line. Raises `ConfigurationError`."""
        request = Request()
        request.configured = dict(configured)
        request.config_file = config_file
        request.configure()
        self.root = root
        self.repository: Repository = request.open(root)
        self.configuration: Configuration = request.configuration
        self.freshener = Freshener(self.repository)
        self.session = SESSION
        """Ties together in the query log what one client asks."""

    def asked_by(self, session: str) -> OpenRepository:
        """The same, with a query log that ties events to this session."""
        seen = copy.copy(self)
        seen.session = session
        return seen

    def query_log(self) -> QueryLog:
        """The log of questions in its store."""
        from pampax.query_log import QueryLog

        return QueryLog(self.repository, self.configuration.text("query_log"), "mcp", self.session)

    def memory(self) -> MemoryStore:
        """What was learnt about it."""
        from pampax.memory import open_memory

        return open_memory(self.repository, "mcp")

    @property
    def name(self) -> str:
        """The last part of its path."""
        return os.path.basename(self.root) or self.root  # noqa: PTH119


class Repositories:
    """Opens roots once and keeps them."""

    def __init__(self, configured: Mapping[str, str] | None = None, config_file: str | None = None) -> None:
        """Nothing is opened yet."""
        self._configured = dict(configured or {})
        self._config_file = config_file
        self._open: dict[str, OpenRepository] = {}
        self._lock = threading.Lock()

    def get(self, root: str) -> OpenRepository:
        """The repository of a root, which the caller has found to be allowed."""
        with self._lock:
            found = self._open.get(root)
            if found is None:
                found = self._open[root] = OpenRepository(root, self._configured, self._config_file)
            return found

    def known(self, root: str) -> OpenRepository | None:
        """The repository of a root if it is open."""
        return self._open.get(root)

    def close(self) -> None:
        """Stop what goes on in the background."""
        for opened in self._open.values():
            opened.freshener.close()
