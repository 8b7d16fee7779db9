"""The words of a question, from the command line or from stdin."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from pampax.cli.terminal import encoded, is_terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

LARGEST_QUERY_BYTES = 1_000_000


def query_text(words: Sequence[str], what: str) -> str:
    """The question: the words with spaces between, or stdin if it is `-`, or if there are none and stdin is a pipe.

    `what` names it in messages. Any characters may stand in it; bytes that are no UTF-8 become replacement characters.
    """
    if list(words) == ["-"] or (not words and sys.stdin is not None and not is_terminal(sys.stdin)):
        text = _standard_input(what)
    else:
        text = unicode_text(" ".join(words))
    if not text.strip():
        raise click.UsageError(f"the {what} is empty: give it as words, or through a pipe", click.get_current_context())
    return text


def unicode_text(text: str) -> str:
    """`text` from the command line, with bytes that were no UTF-8 there as replacement characters."""
    return encoded(text).decode("utf-8", "replace")


def unicode_texts(texts: Sequence[str]) -> list[str]:
    """Several of them."""
    return [unicode_text(text) for text in texts]


def _standard_input(what: str) -> str:
    if sys.stdin is None:
        return ""
    content = sys.stdin.buffer.read(LARGEST_QUERY_BYTES + 1)
    if len(content) > LARGEST_QUERY_BYTES:
        raise click.UsageError(
            f"the {what} on stdin is longer than {LARGEST_QUERY_BYTES:,} bytes", click.get_current_context()
        )
    # The line end that echo adds is no part of what is asked.
    return content.decode("utf-8", "replace").removeprefix("\ufeff").rstrip("\r\n")
