"""Token counts and terms through the binding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pampax

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@pytest.mark.parametrize(
    ("text", "encoding", "tokens"),
    [
        ("", "o200k_base", 0),
        ("hello world", "o200k_base", 2),
        ("hello world", "cl100k_base", 2),
        # The examples of OpenAI's cookbook, "How to count tokens with tiktoken".
        ("tiktoken is great!", "cl100k_base", 6),
        ("antidisestablishmentarianism", "cl100k_base", 6),
        ("antidisestablishmentarianism", "o200k_base", 6),
        ("2 + 2 = 4", "cl100k_base", 7),
        ("2 + 2 = 4", "o200k_base", 7),
        ("お誕生日おめでとう", "cl100k_base", 9),
        ("お誕生日おめでとう", "o200k_base", 8),
    ],
)
def test_known_counts(text: str, encoding: str, tokens: int) -> None:
    assert pampax.count_tokens(text, encoding) == tokens


@pytest.mark.property
@given(TEXTS)
def test_a_token_has_a_byte_at_least(text: str) -> None:
    tokens = pampax.count_tokens(text)
    assert (tokens == 0) == (text == "")
    assert tokens <= len(text.encode())


@pytest.mark.property
@given(TEXTS, TEXTS)
def test_joining_texts_with_a_line_end_adds_at_most_one_token(left: str, right: str) -> None:
    joined = pampax.count_tokens(left + "\n" + right)
    assert joined <= pampax.count_tokens(left) + pampax.count_tokens("\n") + pampax.count_tokens(right) + 2


def test_a_long_text_is_counted_like_a_short_one() -> None:
    line = "def parse(text: str) -> list[str]:\n"
    assert pampax.count_tokens(line * 1_000) == 1_000 * pampax.count_tokens(line)


def test_terms_of_an_identifier_are_its_parts_and_itself() -> None:
    assert pampax.tokenize("parseHTTPServerConfig") == ["pars", "http", "server", "config", "parsehttpserverconfig"]


@pytest.mark.property
@given(TEXTS)
def test_terms_are_short_and_the_same_each_time(text: str) -> None:
    terms = pampax.tokenize(text)
    assert terms == pampax.tokenize(text)
    assert all(term and len(term.encode()) <= 64 for term in terms)


@pytest.mark.property
@given(TEXTS, TEXTS)
def test_terms_of_lines_are_the_terms_of_each(left: str, right: str) -> None:
    assert pampax.tokenize(f"{left}\n{right}") == pampax.tokenize(left) + pampax.tokenize(right)


def test_an_unknown_encoding_is_named_with_the_known_ones() -> None:
    with pytest.raises(pampax.InvalidInput, match=r"no encoding .*p50k.*o200k_base, cl100k_base"):
        pampax.count_tokens("text", "p50k_base")


def test_half_a_character_is_refused() -> None:
    for function in (pampax.count_tokens, pampax.tokenize):
        with pytest.raises(ValueError, match="surrogates"):
            function("\ud800")
