"""The plan for people to read: a unified diff of each file, with little around the change and no secrets in it.

A configuration may hold passwords and keys. They are masked in both versions before these are compared: by where they
stand (the environment and the headers of a server, values whose key names a secret), and, also in comments, by what
they look like.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from pampax.install import Refused, jsonc, toml_text
from pampax.install.files import decoded
from pampax.logs import MASK

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pampax.install.plan import Change

CONTEXT_LINES = 2
LONGEST_LINE = 160
"""A longer line is shown around what changes in it only."""

_WORDS = (
    r"secret|token|passw(?:or)?d|passphrase|api_?-?key|credential|private|auth|bearer|cookie|session|signature|account"
)
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_HUNK = re.compile(r"([-+])([0-9]+)(?=[, ])")
_SECRET_KEY = re.compile(rf"{_WORDS}|(?:^|[-_.])(?:key|pat|pwd)$|[a-z]Key$", re.IGNORECASE)
_SECRET_PLACES = {"env", "environment", "headers", "http_headers", "requestHeaders"}
_LOOKS_SECRET = (
    (re.compile(r"\b(?:sk|pk|rk|gh[opsur]|github_pat|glpat|xox[a-z]|npm|hf|pypi)[-_][\w.-]{8,}"), MASK),
    (re.compile(r"\b(?:AKIA|ASIA|AIza|eyJ)[\w.-]{8,}"), MASK),
    (re.compile(r"\b(Bearer|Basic)\s+[\w.+/=~-]{4,}", re.IGNORECASE), rf"\1 {MASK}"),
    (re.compile(r"(://[^/\s:@\"']*:)[^/\s@\"']+@"), rf"\1{MASK}@"),
    (re.compile(rf"\b([\w-]{{0,40}}(?:{_WORDS})[\w-]{{0,40}}=)[^&\s\"',]+", re.IGNORECASE), rf"\1{MASK}"),
    (
        re.compile(rf"\b([\w-]{{0,40}}(?:{_WORDS})[\w-]{{0,40}}[\"']?\s*[:=]\s*)(?:\"[^\"\n]*\"|'[^'\n]*')", re.I),
        rf'\1"{MASK}"',
    ),
)


def unified(change: Change) -> Iterator[str]:
    """The lines of the diff of one file, without line ends."""
    before, after = (_lines(raw, change.shown.name) for raw in (change.before, change.after))
    # Only what is around the change: comparing all of a long file would take long, and all of it would be masked.
    same_head = _alike(before, after)
    same_tail = _alike(before[same_head:][::-1], after[same_head:][::-1])
    first = max(0, same_head - CONTEXT_LINES)
    parts = [lines[first : len(lines) - max(0, same_tail - CONTEXT_LINES)] for lines in (before, after)]
    parts = [[_by_looks(line) for line in part] for part in parts]
    old, new = _shortened(parts[0], parts[1])
    names = [str(change.shown) if raw is not None else "/dev/null" for raw in (change.before, change.after)]
    for line in difflib.unified_diff(old, new, names[0], names[1], n=CONTEXT_LINES, lineterm=""):
        if line.startswith("@@"):
            yield _HUNK.sub(lambda found: f"{found[1]}{int(found[2]) + first if found[2] != '0' else 0}", line)
        else:
            yield line.rstrip("\r\n")
            if not line.endswith("\n") and line[:3] not in ("---", "+++"):
                yield "\\ No newline at end of file"


def masked(text: str, name: str) -> str:
    """A file's text without the secrets that stand where secrets do; its name says what it is written in."""
    spans: set[tuple[int, int]] = set()
    try:
        if name.endswith((".json", ".jsonc")):
            node = jsonc.parse(text)
            spans = set(_secrets(node, secret=False)) if node is not None else spans
        elif name.endswith(".toml"):
            spans = set(_toml_secrets(text))
    except Refused:  # it is shown masked by looks alone
        pass
    for start, end in sorted(spans, reverse=True):
        text = f'{text[:start]}"{MASK}"{text[end:]}'
    return text


def _by_looks(line: str) -> str:
    """A line without what looks like a secret."""
    for pattern, replacement in _LOOKS_SECRET:
        line = pattern.sub(replacement, line)
    return line


def _secrets(node: jsonc.Node, *, secret: bool) -> Iterator[tuple[int, int]]:
    """The places of strings that are secret, or that an argument before them says are."""
    if secret and isinstance(node.value, str):
        yield node.start, node.end
    for member in node.members:
        yield from _secrets(member.node, secret=secret or _names_secret(member.key))
    option = False
    for item in node.items:
        yield from _secrets(item, secret=secret or option)
        option = isinstance(item.value, str) and item.value.startswith("-") and _names_secret(item.value)


def _toml_secrets(text: str) -> Iterator[tuple[int, int]]:
    for statement in toml_text.statements(text):
        if statement.header:
            continue
        secret = any(_names_secret(key) for key in statement.path)
        option = False
        for found in toml_text.STRING.finditer(text, statement.value_start, statement.end):
            token = found.group().strip("\"'")
            if secret or option:
                yield found.span()
            option = token.startswith("-") and _names_secret(token)


def _names_secret(key: str) -> bool:
    return key in _SECRET_PLACES or _SECRET_KEY.search(key) is not None


def _lines(raw: bytes | None, name: str) -> list[str]:
    """The masked lines of a file, with their ends."""
    text = "" if raw is None else masked(decoded(raw)[1], name)
    return _LINE.findall(text)  # str.splitlines() would also split at separators that end no line for a diff


def _alike(left: Sequence[object], right: Sequence[object]) -> int:
    """How many elements two sequences begin with alike."""
    pairs = enumerate(zip(left, right, strict=False))
    return next((index for index, (one, other) in pairs if one != other), min(len(left), len(right)))


def _shortened(old: list[str], new: list[str]) -> tuple[list[str], list[str]]:
    """Both with very long lines cut: the first that differs to what is around the change, others to their start."""
    index = _alike(old, new)
    column = _alike(old[index], new[index]) if index < min(len(old), len(new)) else 0
    return _cut(old, index, column), _cut(new, index, column)


def _cut(lines: list[str], index: int, column: int) -> list[str]:
    cut = []
    for number, line in enumerate(lines):
        content = line.rstrip("\r\n")
        if len(content) > LONGEST_LINE:
            first = max(0, column - LONGEST_LINE // 4) if number == index else 0
            shown = content[first : first + LONGEST_LINE]
            more = "…" if first + LONGEST_LINE < len(content) else ""
            cut.append(f"{'…' if first else ''}{shown}{more}{line[len(content) :]}")
        else:
            cut.append(line)
    return cut
