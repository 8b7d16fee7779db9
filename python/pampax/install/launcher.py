"""The command line by which other programs start pampax: absolute, as they know nothing of a virtual environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def command_line(started_as: str | None = None, interpreter: str | None = None) -> list[str]:
    """How to start this very pampax, wherever the one who starts it stands and whatever is on its path.

    `started_as` and `interpreter` stand for `sys.argv[0]` and `sys.executable`.
    """
    started_as = sys.argv[0] if started_as is None else started_as
    interpreter = sys.executable if interpreter is None else interpreter
    # Links are not followed: an installer such as pipx keeps a link in place and replaces what it leads to.
    if Path(started_as).stem == "pampax":
        for script in (started_as, f"{started_as}.exe"):
            if _runs(Path(script)):
                return [str(Path(script).absolute())]
    folder = Path(interpreter).absolute().parent
    for name in ("pampax", "pampax.exe"):
        if _runs(folder / name):
            return [str(folder / name)]
    return [str(Path(interpreter).absolute()), "-m", "pampax"]


def _runs(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK) and path.suffix in ("", ".exe")
