"""One file of one client: how pampax is put into its content, taken out of it, and what else is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pampax.install import SERVER_NAME, Refused, jsonc, marked, toml_text
from pampax.install.files import decoded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import ModuleType

    from pampax.install.clients import RuleFile, ServerFile

ADDRESSES = ("url", "serverUrl", "httpUrl")
"""Keys of a server that is reached over the network; its entry is not ours to change."""


class Server(NamedTuple):
    """The file with a client's servers."""

    file: ServerFile
    command: Sequence[str]
    kind: str = "server"

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self.file.path

    @property
    def own(self) -> bool:
        """Whether the file is for pampax alone: never, it is the client's."""
        return False

    def add(self, raw: bytes) -> bytes:
        """The content with the server in it."""
        mark, text = decoded(raw)
        keys = self._keys(text)
        old = jsonc.entry_of(self._editor.value_of(text), keys, SERVER_NAME)
        if isinstance(old, dict) and any(key in old for key in ADDRESSES):
            raise Refused(f'a server "{SERVER_NAME}" that is reached over the network is in it: remove that first')
        entry = self.file.entry(self.command)
        if isinstance(old, dict):
            entry = {key: _lengthened(old.get(key), value) for key, value in entry.items()}
        added: str = self._editor.set_entry(text, keys, SERVER_NAME, entry, self.file.defaults)
        return mark + added.encode()

    def take_out(self, raw: bytes) -> bytes:
        """The content without the server."""
        mark, text = decoded(raw)
        left: str = self._editor.remove_entry(text, self._keys(text), SERVER_NAME)
        return mark + left.encode()

    def others(self, raw: bytes) -> Any:
        """What the content says besides; nothing counts as false."""
        text = decoded(raw)[1]
        return jsonc.without_entry(self._editor.value_of(text), self._keys(text), SERVER_NAME)

    @property
    def _editor(self) -> ModuleType:
        return toml_text if self.file.form == "toml" else jsonc

    def _keys(self, text: str) -> tuple[str, ...]:
        """The way to the table of servers, which newer versions of a client may keep one level deeper."""
        inner = self.file.inner and jsonc.entry_of(self._editor.value_of(text), self.file.keys, self.file.inner)
        deeper = isinstance(inner, dict) and "type" not in inner
        return (*self.file.keys, self.file.inner) if deeper else self.file.keys


def _lengthened(old: object, new: object) -> object:
    """The older of two lists if it is the newer one and more: somebody gave the server further options."""
    if isinstance(old, list) and isinstance(new, list) and old[: len(new)] == new:
        return old
    return new


class Rule(NamedTuple):
    """The file with what a client is told to do."""

    file: RuleFile
    kind: str = "rule"

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self.file.path

    @property
    def own(self) -> bool:
        """Whether the file is for pampax alone."""
        return self.file.own

    def add(self, raw: bytes) -> bytes:
        """The content with the rule in it."""
        mark, text = decoded(raw)
        return mark + marked.set_rule(text, self.file.front).encode()

    def take_out(self, raw: bytes) -> bytes:
        """The content without the rule."""
        mark, text = decoded(raw)
        left = marked.remove_rule(text, self.file.front)
        return mark + left.encode()

    def others(self, raw: bytes) -> Any:
        """What the content says besides; nothing counts as false."""
        return marked.without_rule(decoded(raw)[1])
