"""Secrets do not get into memory; names in code, hashes of commits and prose do."""

from __future__ import annotations

import random
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as some

from pampax.masking import mask_secrets

# Put together here, so that no scanner takes this file for a leak.
SECRETS = {
    "AWS key": "AKIA" + "IOSFODNN7EXAMPLE",
    "GitHub token": "ghp_" + "a1B2" * 9,
    "fine-grained": "github_pat_" + "11ABCDE" * 5,
    "GitLab token": "glpat-" + "x9Yz" * 5,
    "Slack token": "xoxb-" + "1234567890-abcdefghij",
    "Google key": "AIza" + "SyA-1234567890abcdefghijklmnopqrstu",
    "Stripe key": "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "API key": "sk-" + "proj-abcDEF123456789012345",
    "npm token": "npm_" + "aB3" * 12,
    "web token": "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "password": "hunter2!x",
    "random": "qL7zR2mXw9Kd4TfB8vNc3",
    "hexadecimal": "9f86d081884c7d659a2feaa0c55ad015",
}  # fmt: skip
CONTEXTS = {
    "password": ("password = {}", "DB_PASSWORD: '{}'", "https://ann:{}@example.org/x"),
    "random": ("the key is {} today", "TOKEN={}"),
}


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_masked(name: str) -> None:
    secret = SECRETS[name]
    for context in CONTEXTS.get(name, ("{}", "use {} for the API", 'key="{}";')):
        text, found = mask_secrets(context.format(secret))
        assert secret not in text, context
        assert found
        assert "[secret: " in text


def test_a_private_key_is_masked_whole() -> None:
    begin, end = "-----BEGIN RSA " + "PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"
    text, found = mask_secrets(f"before {begin}\nMIIE\nabc\n{end} after")
    assert text == "before [secret: private key] after"
    assert found == ["private key"]
    assert "MIIE" not in mask_secrets(f"{begin}\nMIIE cut off")[0]


@pytest.mark.parametrize(
    "text",
    [
        "Amounts are in cents, see python/pampax/mcp_server/freshener.py:10-20",
        "commit 4bc745c0a1b2c3d4e5f60718293a4b5c6d7e8f90 broke it",
        "test_the_greeting_of_the_newest_protocol_is_what_the_sdk_says",
        "AbstractSingletonProxyFactoryBeanImplementation2",
        "convertUtf8ToUtf16LittleEndianBuffer",
        "def get_password(self, user: str) -> str: ...",
        "the password is read from the environment by load_secret()",
        "tokens are counted with o200k_base; secret_key is set in settings.py",
        "see https://example.org/a/very/long/path/without/any/secret/in/it?page=2",
        "Bearer tokens are checked by the gateway",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert mask_secrets(text) == (text, [])


def test_of_words_drawn_at_random_at_least_97_in_100_are_found() -> None:
    chance = random.Random(7)
    letters = string.ascii_letters + string.digits
    words = ["".join(chance.choice(letters) for _ in range(32)) for _ in range(300)]
    missed = [word for word in words if word in mask_secrets(word)[0]]
    assert len(missed) <= 9, missed


@given(some.text(max_size=300))
def test_any_text_is_accepted_and_masking_settles(text: str) -> None:
    masked, _ = mask_secrets(text)
    assert mask_secrets(masked)[0] == masked


def test_no_text_makes_it_slow() -> None:
    started = time.perf_counter()
    for text in ("password" * 1000, "-----BEGIN PRIVATE KEY-----" * 300, "a1B" * 2700, "x://" * 2000, "_-" * 4000):
        mask_secrets(text)
    assert time.perf_counter() - started < 2
