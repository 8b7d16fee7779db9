#!/usr/bin/env python3
"""Checks and unpacks the files of the pinned corpora that you have downloaded.

    python corpora/fetch.py --list
    python corpora/fetch.py NAME FOLDER TARGET

FOLDER holds the file as its registry gave it, TARGET is a new folder. Nothing is downloaded: --list says with which
command of which registry each file is to be had. `pampax bench --corpus pinned:NAME --corpora-folder FOLDER` does the same for
itself. The pins stand in python/pampax/benchmarks/pinned.toml.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

if __name__ == "__main__" and not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))

from typing import TYPE_CHECKING

from pampax import PampaxError
from pampax.benchmarks import pinned

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="list the pins")
    parser.add_argument("name", nargs="?")
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("target", nargs="?", type=Path)
    options = parser.parse_args(arguments)
    if options.list:
        for pin in pinned.pins().values():
            print(f"{pin.name}: {pin.file}, {pin.size_bytes:,} bytes, sha256 {pin.sha256}\n    {pin.registry}")
        return 0
    if options.target is None:
        parser.error("NAME, FOLDER and TARGET are needed")
    try:
        pin = pinned.find(options.name)
        print(pinned.unpack(pin, pinned.verified(pin, options.folder), options.target))
    except (PampaxError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
