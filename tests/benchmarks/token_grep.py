"""An agent with ripgrep and a tool that reads files, as good as it can be made without an index.

The words of the question are searched for, and files are read in the order of a score in which a rare word counts more
than a common one, many lines of a word more than one, and a word in the path most. Reading ends with the last file that
is wanted, which no agent can know: a favour.
"""

from __future__ import annotations

import math
import re
import subprocess
from collections import Counter
from functools import cache, lru_cache
from pathlib import Path

from token_arithmetic import Course, Point

from pampax import count_tokens

WORDS_TO_DROP = """
    a about add all already an and and any are as at be because been but by can cannot did do does even every
    for from  give given gives had has have how if in instead into is it its let like lets longer made make
    makes may more no not of  off on one only or other out over own part should so such take takes than that
    the their them then there these they  this those through to too until used user users uses using was were
    what when where whether which while with within  without would you your
"""
STOP_WORDS = frozenset(WORDS_TO_DROP.split())
SOURCE_GLOBS = tuple(
    f"!**/{pattern}"
    for pattern in (
        *("test/**", "tests/**", "*_test.*", "test_*", "doc/**", "docs/**", "dist/**", "build/**"),
        *("*.html", "*.map", "*.md", "*.rst", "*.txt", "*.json"),
    )
)
"""What somebody who looks for source leaves out."""
HEAD_LINES = 2_000
"""How much of a file the read tools of common agents give at once."""
SATURATION = 1.2
PATH_WEIGHT = 2.0
MOST_READ = 200
"""Files after which an agent would have given up."""
LINES_A_FILE = 5
MOST_LINES = 250
"""Lines of one search that are shown."""


def keywords(question: str) -> list[str]:
    """The words to search for: names as they stand, their parts, and words that are not too common."""
    found: dict[str, None] = {}
    for name in re.findall(r"[A-Za-z_][\w.:-]*\w|\w{3,}", question):
        for word in (name, *re.split(r"[.:-]+", name)):
            lowered = word.lower()
            if len(lowered) > 2 and lowered not in STOP_WORDS:
                found.setdefault(lowered)
    return list(found)


class Ripgrep:
    """`rg` in one tree."""

    def __init__(self, program: str, tree: Path, *, source_only: bool) -> None:
        self._program = program
        self._tree = tree
        self._globs = [f"--glob={glob}" for glob in SOURCE_GLOBS] if source_only else []
        self._files = self._run("--files").splitlines()

    def _run(self, *arguments: str) -> str:
        command = [self._program, "--no-config", "--sort=path", *self._globs, *arguments]
        done = subprocess.run(command, cwd=self._tree, capture_output=True, check=False)
        if done.returncode > 1:  # 1: no match
            raise RuntimeError(done.stderr.decode(errors="replace"))
        return done.stdout.decode("utf-8", "replace")

    @lru_cache(maxsize=4_096)  # noqa: B019 - lives as long as the benchmark looks at one tree
    def counts(self, word: str) -> dict[str, int]:
        """How many lines of each file have the word."""
        rows = (
            row.rpartition(":") for row in self._run("-i", "-F", "-c", "--with-filename", "-e", word, ".").splitlines()
        )
        return {path.removeprefix("./"): int(count) for path, _, count in rows}

    def ranked(self, question: str) -> list[str]:
        """The files with any of the words, the likeliest first."""
        scores: Counter[str] = Counter()
        for word in keywords(question):
            lines = self.counts(word)
            rarity = math.log(1 + len(self._files) / (1 + len(lines)))
            for path, count in lines.items():
                scores[path] += rarity * count * (1 + SATURATION) / (count + SATURATION)
            in_path = [path for path in self._files if word in path.lower()]
            rarity = math.log(1 + len(self._files) / (1 + len(in_path)))
            for path in in_path:
                scores[path] += PATH_WEIGHT * rarity
        return sorted(scores, key=lambda path: (-scores[path], path))

    def read(self, question: str, gold: frozenset[str], *, whole: bool) -> Course:
        """Files read one after the other; what ripgrep printed to find them is not counted."""
        tokens, found, course = 0, frozenset[str](), []
        for path in self.ranked(question)[:MOST_READ]:
            tokens += file_tokens(self._tree / path, None if whole else HEAD_LINES)
            found |= gold & {path}
            course.append(Point(tokens, found))
        return course

    def lines(self, question: str, gold: frozenset[str]) -> Course:
        """Nothing is read: the first matching lines of each file, one search a word, the rarest word first."""
        tokens, found, course = 0, frozenset[str](), []
        words = [word for word in keywords(question) if self.counts(word)]
        for word in sorted(words, key=lambda word: (len(self.counts(word)), word)):
            arguments = ("-i", "-F", "-n", "-m", str(LINES_A_FILE), "-M", "200", "-e", word)
            shown = self._run(*arguments, "--with-filename", ".").splitlines()[:MOST_LINES]
            tokens += count_tokens("\n".join(shown))
            found |= gold & {line.split(":", 1)[0].removeprefix("./") for line in shown}
            course.append(Point(tokens, found))
        return course


@cache
def file_tokens(path: Path, head_lines: int | None) -> int:
    """What reading a file costs, without line numbers."""
    text = path.read_bytes().decode("utf-8", "replace")
    if head_lines is not None:
        text = "".join(text.splitlines(keepends=True)[:head_lines])
    return count_tokens(text)
