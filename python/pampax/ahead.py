"""What the command begins before it has read its arguments: the engine opens the repository while click is imported.

Nothing follows from it. What is guessed wrong here is opened again, as it is then known to be wanted.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

QUESTIONS = ("search", "assemble")
"""The commands that need the model, the index and a look at all files."""

_PLACES = {"-C": "folder", "--root": "folder", "--store": "store"}
"""Options that say where the repository and its index are."""
_OTHERS = ("-h", "--help", "--config", "--embedder", "--memory", "--threads")
"""Options after which it is opened in another way than by default, or not at all."""
_PLACE_VARIABLE = "PAMPAX_STORE"
_LOG_VARIABLES = "PAMPAX_LOG_"


def open_ahead(arguments: Sequence[str]) -> bool:
    """Begin to open the repository that the command line `arguments` asks a question of, unless it is configured.

    Whether it was begun.
    """
    names = [word.partition("=")[0] for word in arguments]
    if not any(name in QUESTIONS for name in names) or any(name in _OTHERS for name in names) or _is_set():
        return False
    given = {"folder": ".", "store": os.environ.get(_PLACE_VARIABLE, "")}
    for number, (name, word) in enumerate(zip(names, arguments, strict=True)):
        if name in _PLACES:
            given[_PLACES[name]] = word[len(name) + 1 :] if "=" in word else "".join(arguments[number + 1 : number + 2])
    folder = given["folder"] or "."
    from pampax.configuration import repository_files, user_file

    user = user_file(os.environ)
    if repository_files(folder) or (user and os.path.lexists(user)):
        return False
    from pampax import _core

    _core.open_ahead(folder, given["store"] or None)
    return True


def _is_set() -> bool:
    """Whether the environment has options of the engine's."""
    names = (name for name in os.environ if name.startswith("PAMPAX_") and not name.startswith(_LOG_VARIABLES))
    return any(name != _PLACE_VARIABLE for name in names)


__all__ = ["open_ahead"]
