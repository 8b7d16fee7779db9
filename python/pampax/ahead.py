"""What the command begins before it has read its arguments: the engine opens the repository while click is imported.

Nothing follows from it. What is guessed wrong here is opened again, as it is then known to be wanted.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

QUESTIONS = ("search", "assemble", "grep")
"""The commands that need the index and a look at all files."""

_PLACES = {"-C": "folder", "--root": "folder", "--store": "store"}
"""Options that say where the repository and its index are."""
_VALUES = ("--log-level", "--log-format", "--color")
"""Other options that a word follows and that may stand before the command."""
_OTHERS = ("-h", "--help", "--config", "--embedder", "--memory", "--threads", "--freshness-ms")
"""Options after which it is opened in another way than by default, or not at all."""
_PLACE_VARIABLE = "PAMPAX_STORE"
_LOG_VARIABLES = "PAMPAX_LOG_"


def open_ahead(arguments: Sequence[str]) -> bool:
    """Begin to open the repository that the command line `arguments` asks a question of, unless it is configured.

    Whether it was begun.
    """
    names = [word.partition("=")[0] for word in arguments]
    command = _command(arguments)
    if command is None or arguments[command] not in QUESTIONS or any(name in _OTHERS for name in names) or _is_set():
        return False
    is_grep = arguments[command] == "grep"
    given = {"folder": ".", "store": os.environ.get(_PLACE_VARIABLE, "")}
    for number, (name, word) in enumerate(zip(names, arguments, strict=True)):
        is_context = is_grep and name == "-C" and number > command
        if name in _PLACES and not is_context:
            given[_PLACES[name]] = word[len(name) + 1 :] if "=" in word else "".join(arguments[number + 1 : number + 2])
    folder = given["folder"] or "."
    from pampax.configuration import repository_files, user_file

    user = user_file(os.environ)
    if repository_files(folder) or (user and os.path.lexists(user)):
        return False
    from pampax import _core

    _core.open_ahead(folder, given["store"] or None, grep=is_grep)
    return True


def _command(arguments: Sequence[str]) -> int | None:
    """Where the command stands: the first word that is neither an option nor its value."""
    is_value = False
    for number, word in enumerate(arguments):
        if not is_value and not word.startswith("-"):
            return number
        is_value = not is_value and (word in _PLACES or word in _VALUES)
    return None


def _is_set() -> bool:
    """Whether the environment has options of the engine's."""
    names = (name for name in os.environ if name.startswith("PAMPAX_") and not name.startswith(_LOG_VARIABLES))
    return any(name != _PLACE_VARIABLE for name in names)


__all__ = ["open_ahead"]
