#!/usr/bin/env python3
"""Writes a repository of any size whose every byte follows from two numbers: how many files, and a seed.

    python corpora/generate.py PATH [--files N | --size small|medium|large] [--seed N]

small is 500 files, medium 5,000, large 50,000. The work is done by `pampax.benchmarks.corpus`, so that an installed
package can do it too; this is its command line, and needs pampax to be built.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

if __name__ == "__main__" and not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))

from typing import TYPE_CHECKING

from pampax.benchmarks.corpus import SIZES, PlannedFile, Renderer, Summary, generate, plan, queries

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["SIZES", "PlannedFile", "Renderer", "Summary", "generate", "main", "plan", "queries"]


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--files", type=int, help="how many files, at least 20")
    size.add_argument("--size", choices=SIZES, default="medium")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    summary = generate(options.path, options.files or SIZES[options.size], options.seed)
    print(f"{summary.files:,} files, {summary.lines:,} lines, {summary.bytes:,} bytes below {options.path}")
    for language, count in summary.languages.items():
        print(f"  {language:12} {count:6,}")


if __name__ == "__main__":
    main()
