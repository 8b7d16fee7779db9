"""The same questions through four surfaces: the command's text, its JSON, the Python interface, and a server of MCP.

Each answer comes back as what a reader of that surface sees: all of the text, and what the coverage says where it is
data. The command and the server are processes, the server on real standard input and output.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fault_harness import wait_for
from servers import LineServer, line_server

import pampax
from pampax.definitions import definitions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from fault_harness import Sandbox

TEXT, JSON, PYTHON, SERVER = "command's text", "command's JSON", "Python", "server"
SURFACES = (TEXT, JSON, PYTHON, SERVER)

KINDS = ("search", "assemble", "symbols", "graph", "outline", "map", "grep", "expand")
"""What can be asked. A server has no grep; its tool `read` is asked for the rest of a bundle, and for a file."""


SETTLED_SECONDS = 2.5
"""Of a file that is older, its times tell whether it changed."""

FRESHNESS_MS = 10_000
"""How long an answer may look for changes: on a machine that is busy with other things, the usual time may not do."""


@dataclass(frozen=True)
class Subject:
    """What the questions are about: something that the tree holds."""

    words: str
    name: str
    path: str


@dataclass(frozen=True)
class Said:
    """An answer."""

    text: str
    """All that a reader sees: of the command stdout and stderr."""
    coverage: Mapping[str, Any] | None
    """What the answer says it is based on, where that is data; None in text."""
    failed: bool = False
    """Whether it is an error: that says what is wrong as well, in words."""


@dataclass
class Asker:
    """Asks about one tree and its store."""

    sandbox: Sandbox
    tree: Path
    store: Path
    subject: Subject
    options: tuple[str, ...] = ()
    """Options of the command and the server."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Added to the environment of the command and the server."""
    opening: Callable[[], Mapping[str, Any]] = dict
    """What says the same to `pampax.open`."""
    bundle: str = ""
    """The id of a bundle that was made before."""
    item: str = ""
    """And of an item of it."""
    _server: LineServer | None = None
    _number: int = 0
    _stack: ExitStack = field(default_factory=ExitStack)

    @property
    def environment(self) -> dict[str, str]:
        """The variables of the processes."""
        return self.sandbox.environment() | {"PAMPAX_FRESHNESS_MS": str(FRESHNESS_MS)} | dict(self.variables)

    def index(self) -> list[str]:
        """Make the index; gives what was left out for lack of memory."""
        left_out = self.open().index().deferred
        # Files that were written just before are read once more by a later run, whoever starts it, and then the bundles
        # that were made before are not known any more: let it be over.
        newest = max(path.stat().st_ctime for path in self.tree.rglob("*"))
        wait_for(lambda: time.time() - newest > SETTLED_SECONDS, 10, "files that are not young any more")
        self.open().index()
        return left_out

    def make_bundle(self) -> None:
        """Have a bundle made, to be expanded later: an item of the subject's file, or the first."""
        bundle = self.open().assemble(self.subject.words)
        self.bundle = bundle.id
        self.item = next((item.id for item in bundle.items if item.path == self.subject.path), bundle.items[0].id)

    def open(self) -> pampax.Repository:
        """The repository, opened anew: an open one may know for a second what it saw."""
        return pampax.open(self.tree, store=self.store, freshness_ms=FRESHNESS_MS, **self.opening())

    def ask(self, surface: str, kind: str) -> Said:
        """The answer to a question of that kind."""
        if surface == SERVER:
            return self._by_server(kind)
        if surface == PYTHON:
            return self._by_python(kind)
        return self._by_command(kind, as_json=surface == JSON)

    def close(self) -> None:
        """End the server."""
        self._stack.close()

    # ------------------------------------------------------------------------------ the command

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`pampax ARGUMENTS` in the tree."""
        return subprocess.run(
            self.sandbox.command(*self.options, *arguments, store=self.store),
            cwd=self.tree,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    def _by_command(self, kind: str, *, as_json: bool) -> Said:
        about = self.subject
        arguments = {
            "search": ["search", about.words],
            "assemble": ["assemble", about.words],
            "symbols": ["symbols", about.name],
            "graph": ["graph", "callers", about.name],
            "outline": ["outline", about.path],
            "map": ["map"],
            "grep": ["grep", about.name],
            "expand": ["expand", self.bundle, self.item],
        }[kind]
        done = self.run(*arguments, *(["--json"] if as_json else []))
        assert done.returncode in (0, 1, 2, 3), done.stderr
        failed = done.returncode > 1
        if as_json and not failed:
            return Said(done.stdout + done.stderr, json.loads(done.stdout)["coverage"])
        return Said(done.stdout + done.stderr, None, failed)

    # ------------------------------------------------------------------------------ the Python interface

    def _by_python(self, kind: str) -> Said:
        about, repository = self.subject, self.open()
        if kind == "symbols":
            found = definitions(repository, about.name)
            return Said(repr(found), found.coverage.to_dict())
        questions: dict[str, Callable[[], Any]] = {
            "search": lambda: repository.search(about.words),
            "assemble": lambda: repository.assemble(about.words),
            "graph": lambda: repository.graph(about.name, "callers"),
            "outline": lambda: repository.outline(about.path),
            "map": repository.map,
            "grep": lambda: repository.grep(about.name),
            "expand": lambda: repository.expand(self.bundle, [self.item]),
        }
        try:
            answer = questions[kind]()
        except pampax.PampaxError as error:
            return Said(f"{type(error).__name__}: {error}", None, failed=True)
        document = answer.to_dict()
        return Said(json.dumps(document), document["coverage"])

    # ------------------------------------------------------------------------------ the server

    @property
    def server(self) -> LineServer:
        """The server, started with the first question."""
        if self._server is None:
            arguments = ["--root", str(self.tree), "--store", str(self.store), *self.options]
            self._server = self._stack.enter_context(line_server(*arguments, environment=self.environment))
            self._server.initialize()
        return self._server

    def call(self, tool: str, arguments: Mapping[str, Any]) -> Said:
        """What a tool says."""
        server = self.server
        self._number += 1
        result = server.call(self._number, tool, arguments, seconds=60)
        text = "\n".join(part["text"] for part in result["content"])
        structured = result["structuredContent"]
        return Said(text, structured.get("coverage"), failed=bool(result.get("isError")))

    def _by_server(self, kind: str) -> Said:
        about = self.subject
        if kind == "map":
            server = self.server
            self._number += 1
            answer = server.ask(self._number, "resources/read", {"uri": "pampax://map"}, 60)
            return Said(answer["result"]["contents"][0]["text"], None)
        tools: dict[str, tuple[str, dict[str, object]]] = {
            "search": ("search", {"query": about.words}),
            "assemble": ("assemble", {"task": about.words}),
            "symbols": ("graph", {"name": about.name, "relation": "definitions"}),
            "graph": ("graph", {"name": about.name, "relation": "callers"}),
            "outline": ("graph", {"name": about.path, "relation": "outline"}),
            "grep": ("read", {"id": about.path}),
            "expand": ("read", {"id": self.bundle, "items": [self.item]}),
        }
        return self.call(*tools[kind])


HOLDING = """
import fcntl, os, sys
with open(sys.argv[1], "r+") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    lock.write(str(os.getpid()))
    lock.flush()
    print("holds", flush=True)
    sys.stdin.readline()
"""
"""Takes the lock of a store as a writer does, and stands still until it is told to go on."""


@contextmanager
def held_store(store: Path) -> Iterator[None]:
    """A writer that does not get on: neither the command nor a server can bring the index up to date."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(store / "lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"holds\n"
        yield
    finally:
        process.communicate(b"\n", timeout=20)


def pairs(kinds: Sequence[str] = KINDS) -> list[tuple[str, str]]:
    """Each surface with each kind of question."""
    return [(surface, kind) for surface in SURFACES for kind in kinds]
