"""One call of the command: what was asked for, the configuration, the repository, and where text goes."""

# pathlib takes longer to load than all of this package.
# ruff: noqa: PTH111, PTH118, PTH120

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from pampax import logs
from pampax.cli.query import unicode_texts
from pampax.cli.terminal import Output, standard_error, standard_output
from pampax.configuration import INTENTS, ConfigurationError, is_url, repository_files, resolve

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypedDict

    from pampax._core import IndexReport, Repository
    from pampax.configuration import Configuration
    from pampax.packs import Filters, Pack
    from pampax.query_log import QueryLog
    from pampax.remote import OnnxReranker, RemoteEmbedder, RemoteReranker

    class _OpenArguments(TypedDict):
        """What the configuration says about opening a repository."""

        store: str | None
        memory_bytes: int
        threads: int
        max_file_bytes: int
        embedder: str | None
        vectors: bool
        freshness_ms: int
        intents: dict[str, str]

    class _Providers(TypedDict):
        """The models to ask."""

        remote_embedder: RemoteEmbedder | None
        reranker: RemoteReranker | OnnxReranker | None


class Scope(NamedTuple):
    """Where a question is asked."""

    pack: Pack | None
    filters: Filters


class Request:
    """What the command line gave, and all that follows from it."""

    def __init__(self) -> None:
        """Nothing is given yet."""
        self.configured: dict[str, str] = {}
        """The configuration keys given on the command line, with their text."""
        self.config_file: str | None = None
        """The file of `--config`."""
        self.folder: str | None = None
        """The folder of `-C`."""
        self.log = logs.operation("cli", "start")
        """The operation that is going on, for fields to add to its log line."""
        self.out: Output = standard_output()
        self.err: Output = standard_error()
        self._configuration: Configuration | None = None
        self._made_providers: _Providers | None = None

    @property
    def color(self) -> str:
        """The option `color`, as far as it is known yet."""
        if self._configuration is not None:
            return self._configuration.text("color")
        given = self.configured.get("color", "auto")
        return given if given in ("always", "never") else "auto"

    @property
    def configuration(self) -> Configuration:
        """The value of every option. `configure` comes first, and `open` adds the repository's own files."""
        if self._configuration is None:
            raise RuntimeError("the configuration is not read yet")
        return self._configuration

    def configure(self, root: str | None = None) -> None:
        """Read the configuration, with the repository's own files if its root is known, and set up log and colours."""
        if self._configuration is None:
            # A mistake in the configuration is to be reported in the form that was asked for.
            form = self.configured.get("log.format") or os.environ.get("PAMPAX_LOG_FORMAT")
            logs.configure("warning", "json" if form == "json" else "text")
        self._configuration = resolve(self.configured, config_file=self.config_file, root=root)
        logs.configure(self._configuration.text("log.level"), self._configuration.text("log.format"))
        self.out = standard_output(self.color)
        self.err = standard_error(self.color)

    def open(self, folder: str | None = None) -> Repository:
        """The repository at `folder` (within `-C`, else there, else here), opened as its configuration says."""
        parts = [part for part in (self.folder, folder) if part]
        path = os.path.join(*parts) if parts else "."
        repository = self._open(path)
        if repository_files(repository.root):
            # Only the engine knows the root, so the repository's own files can be read no sooner. Opening does no
            # work, hence the second time costs nothing. The store is the same: those files cannot move it.
            before = self.open_arguments()
            self.configure(repository.root)
            if self.open_arguments() != before:
                repository = self._open(path)
        return repository

    def open_at(self, root: str) -> Repository:
        """The repository at the absolute path `root`, as this request is configured."""
        return self._open(root)

    def indexed(self, folder: str | None = None) -> Repository:
        """Like `open`, and builds the index if there is none and the option `auto_index` allows it."""
        repository = self.open(folder)
        if not repository.is_indexed and self.configuration.switch("auto_index"):
            refuse_careless_index(repository.root)
            self.notice(f"{self.err.field(repository.root)} has no index yet: building it first")
            self.index(repository, force=False)
        return repository

    def index(self, repository: Repository, *, force: bool, scip: Sequence[str] = ()) -> IndexReport:
        """Bring the index up to date, with progress on stderr and one line about it at the end."""
        from pampax.cli.progress import run_index

        return run_index(self, repository, force=force, scip=scip)

    def within(
        self,
        repository: Repository,
        pack_name: str | None,
        paths: Sequence[str],
        languages: Sequence[str],
        kinds: Sequence[str],
        tests: bool | None,
    ) -> Scope:
        """Where to look: the filters of the command line, within the context pack if there is one."""
        filters: Filters = {
            "paths": unicode_texts(paths),
            "languages": unicode_texts(languages),
            "kinds": unicode_texts(kinds),
            "tests": tests,
        }
        pack = self._pack(repository, pack_name)
        if pack is not None:
            from pampax.packs import narrowed

            filters = narrowed(pack, filters)
        return Scope(pack, filters)

    def _pack(self, repository: Repository, name: str | None) -> Pack | None:
        """The context pack of this call: `name`, else the one in use, which is said. Loaded only if there is one."""
        if name is None and not os.path.lexists(os.path.join(repository.store, "active-pack")):
            return None
        from pampax.packs import chosen_pack

        pack = chosen_pack(repository, name)
        if pack is not None and name is None:
            self.notice(f"within pack {pack.name} (--pack none asks without it)")
        return pack

    def query_log(self, repository: Repository) -> QueryLog:
        """The log of questions in the repository's store."""
        from pampax.query_log import QueryLog

        return QueryLog(repository, self.configuration.text("query_log"), "cli")

    def notice(self, text: str) -> None:
        """One line for people on stderr. With `--log-format json` it is a log line at level info instead."""
        if logs.configured_format() == "json":
            logs.write("info", "cli", text, op=self.log.op, corr_id=self.log.corr_id)
        else:
            self.err.line(self.err.style("dim", text))

    def open_arguments(self) -> _OpenArguments:
        """What the configuration says about opening a repository."""
        configuration = self.configuration
        return {
            "store": configuration.optional_text("store"),
            "memory_bytes": configuration.number("memory"),
            "threads": configuration.number("threads"),
            "max_file_bytes": configuration.number("max_file_size"),
            "embedder": None if self._embedder_is_remote() else configuration.optional_text("embedder"),
            "vectors": configuration.switch("vectors"),
            "freshness_ms": configuration.number("freshness_ms"),
            "intents": {
                name: text for name in INTENTS if (text := configuration.optional_text(f"intents.{name}")) is not None
            },
        }

    def _embedder_is_remote(self) -> bool:
        return is_url(self.configuration.optional_text("embedder") or "")

    def _providers(self) -> _Providers:
        """The models to ask, made when the repository is first opened: a repository's own files cannot change them."""
        if self._made_providers is None:
            made: _Providers = {"remote_embedder": None, "reranker": None}
            if self._embedder_is_remote() and self.configuration.switch("vectors"):
                from pampax.remote.configured import configured_embedder

                made["remote_embedder"] = configured_embedder(self.configuration)
            if self.configuration.optional_text("reranker"):
                from pampax.remote.configured import configured_reranker

                made["reranker"] = configured_reranker(self.configuration)
            self._made_providers = made
        return self._made_providers

    def _open(self, path: str) -> Repository:
        from pampax import _core

        return _core.open(path, **self.open_arguments(), **self._providers())


def refuse_careless_index(root: str) -> None:
    """Refuse to index a home folder or a whole disk only because somebody searched there."""
    root = os.path.realpath(root)
    if root in (os.path.realpath(os.path.expanduser("~")), os.path.dirname(root)):
        raise ConfigurationError(
            f"{root} has no index, and is not indexed unasked, as it is a home folder or a whole disk: "
            "run `pampax index` there if that is meant"
        )
