"""Masks what looks like a secret, before anything that people or agents wrote is kept.

Two guards. Patterns know the forms of common keys and of assignments to names like `password`. What they do not know is
told by its letters: a long word of both cases and digits in which they change at nearly every place is drawn at random,
which names in code are not. Hashes of commits are random as well, and are let through. This catches most and not all.
"""

from __future__ import annotations

import re
from itertools import pairwise
from math import log2
from typing import NamedTuple

LEAST_RANDOM_CHARACTERS = 20
LEAST_ENTROPY_BITS = 3.5
"""Bits a character; 20 characters drawn from 62 have 4.0 on average, words of a language below 3.5."""
LEAST_CHANGES = 0.42
"""The share of places where the class of letter changes: 0.6 where they are drawn, 0.25 in camel case."""
LONGEST_DRAWN_LETTERS = 4
"""And a name in code holds a word: small letters in a row."""


class _Pattern(NamedTuple):
    name: str
    expression: re.Pattern[str]


def _pattern(name: str, expression: str, flags: int = 0) -> _Pattern:
    return _Pattern(name, re.compile(expression, re.ASCII | flags))


# The group `kept` of a match stays. All quantifiers are over disjoint classes: no input makes them slow.
_PATTERNS = (
    _pattern(
        "private key",
        r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:(?!-----END)[\s\S])*(?:-----END [A-Z ]{0,40}-----)?",
    ),
    _pattern("AWS key", r"\b(?:AKIA|ASIA|AGPA|AROA|AIDA)[A-Z0-9]{16}\b"),
    _pattern("GitHub token", r"\b(?:gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255})"),
    _pattern("GitLab token", r"\bglpat-[A-Za-z0-9_-]{16,}"),
    _pattern("Slack token", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}"),
    _pattern("Slack webhook", r"https://hooks\.slack\.com/services/[A-Za-z0-9/]+"),
    _pattern("Google key", r"\bAIza[A-Za-z0-9_-]{35}"),
    _pattern("Stripe key", r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{10,}"),
    _pattern("API key", r"\bsk-[A-Za-z0-9_-]{20,}"),
    _pattern("npm token", r"\bnpm_[A-Za-z0-9]{30,}"),
    _pattern("PyPI token", r"\bpypi-[A-Za-z0-9_-]{30,}"),
    _pattern("Hugging Face token", r"\bhf_[A-Za-z0-9]{20,}"),
    _pattern("web token", r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"),
    _pattern(
        "password in a URL",
        r"(?P<kept>\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{0,100}:)[^\s/@]{1,200}(?=@)",
        re.IGNORECASE,
    ),
    _pattern("bearer token", r"(?P<kept>\bbearer\s+)(?=[A-Za-z._~+/-]*[0-9])[A-Za-z0-9._~+/-]{12,}=*", re.IGNORECASE),
    _pattern(
        "assigned secret",
        r"(?P<kept>[A-Za-z0-9_.-]{0,60}(?:passw(?:or)?d|passphrase|secret|api[_-]?key|access[_-]?key|auth[_-]?token|"
        r"access[_-]?token|private[_-]?key)[A-Za-z0-9_-]{0,40}[\"']?\s{0,5}[:=]\s{0,5}[\"']?)(?!\s|\[secret)"
        r"(?:(?<=[\"'])[^\"'\n]{4,200}|(?=[^\s\"',;()]*[0-9!@#$%^&*])[^\s\"',;()]{6,200})",
        re.IGNORECASE,
    ),
)  # fmt: skip

_WORD = re.compile(rf"[A-Za-z0-9_+=-]{{{LEAST_RANDOM_CHARACTERS},}}", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_HEXADECIMAL = re.compile(r"[0-9a-f]{32,}|[0-9A-F]{32,}")


def mask_secrets(text: str) -> tuple[str, list[str]]:
    """The text with `[secret: KIND]` in place of what looks like a secret, and the kinds that were found."""
    found: list[str] = []

    for name, expression in _PATTERNS:

        def masked(match: re.Match[str], name: str = name) -> str:
            found.append(name)
            kept = match["kept"] if "kept" in match.re.groupindex else ""
            return f"{kept}[secret: {name}]"

        text = expression.sub(masked, text)

    def guarded(match: re.Match[str]) -> str:
        if not is_random(match[0]):
            return match[0]
        found.append("random text")
        return "[secret: random text]"

    return _WORD.sub(guarded, text), found


def is_random(word: str) -> bool:
    """Whether a word looks as if its letters had been drawn."""
    if _COMMIT.fullmatch(word):
        return False
    if _HEXADECIMAL.fullmatch(word):
        return entropy_bits(word) >= 3.0
    classes = ["0" if letter.isdigit() else "A" if letter.isupper() else "a" for letter in word if letter.isalnum()]
    if len(classes) < LEAST_RANDOM_CHARACTERS or set(classes) != {"0", "A", "a"}:
        return False
    changes = sum(one != other for one, other in pairwise(classes)) / (len(classes) - 1)
    words = max(len(run) for run in re.findall("a*", "".join(classes)))
    return (changes >= LEAST_CHANGES or words <= LONGEST_DRAWN_LETTERS) and entropy_bits(word) >= LEAST_ENTROPY_BITS


def entropy_bits(word: str) -> float:
    """The Shannon entropy of a word's letters, in bits a letter."""
    return -sum(word.count(letter) / len(word) * log2(word.count(letter) / len(word)) for letter in sorted(set(word)))
