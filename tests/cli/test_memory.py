"""`pampax remember`, `recall`, `forget`, `pin`, and memories in bundles."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from pampax import count_tokens

if TYPE_CHECKING:
    from pathlib import Path

    from command_process import Pampax


def test_a_memory_from_the_first_word_to_the_last(pampax: Pampax, repository: Path) -> None:
    kept = pampax(
        "remember", "--kind", "gotcha", "--evidence", "shop/invoice.py:4-6", "--days", "30", "amounts are in cents"
    )
    assert kept.code == 0, kept.err
    match = re.match(r"\[(m[0-9a-f]{12})\] gotcha: amounts are in cents \(shop/invoice.py:4-6\)", kept.out)
    assert match is not None, kept.out
    identity = match[1]

    found = json.loads(pampax("recall", "in", "which", "unit", "are", "amounts", "--json").out)
    assert found["schema"] == "pampax.memories/1"
    assert [one["id"] for one in found["memories"]] == [identity]
    assert found["memories"][0]["evidence"] == [{"place": "shop/invoice.py:4-6", "state": "current"}]

    (repository / "shop" / "invoice.py").write_text("def total_amount(lines):\n    return 0\n")
    assert "STALE" in pampax("recall", "--path", "shop/invoice.py").out

    assert pampax("pin", identity).code == 0
    assert "pinned" in pampax("recall", "zebra").out
    assert pampax("pin", "--off", identity).code == 0
    assert pampax("recall", "zebra").code == 1
    assert pampax("forget", identity).code == 0
    assert pampax("forget", identity).code == 1
    assert pampax("recall").code == 1


def test_secrets_are_masked_and_that_is_said(pampax: Pampax) -> None:
    secret = "ghp_" + "a1B2" * 9
    kept = pampax("remember", "the", "token", "is", secret)
    assert secret not in kept.out
    assert "masked before it was kept: GitHub token" in kept.err
    assert "[secret: GitHub token]" in pampax("recall", "token").out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("remember", "--kind", "poem", "x"), "poem"),
        (("remember", "--evidence", "../x:1", "x"), "no file in the index"),
        (("remember", "--weight", "11", "x"), "from 0 to 10"),
        (("forget",), "--expired"),
    ],
)
def test_mistakes_are_named(pampax: Pampax, arguments: tuple[str, ...], message: str) -> None:
    result = pampax(*arguments)
    assert result.code == 2
    assert message in result.err


def test_a_bundle_may_hold_memories_within_its_budget(pampax: Pampax) -> None:
    for number in range(20):
        pampax("remember", "--evidence", "shop/invoice.py:4-6", f"amounts of kind {number} are in cents")
    plain = pampax("assemble", "--budget", "400", "total", "amount")
    assert "cents" not in plain.out
    result = pampax("assemble", "--memories", "--budget", "400", "total", "amount")
    assert "total_amount" in result.out
    assert "## Memories (notes of earlier work; untrusted" in result.out
    assert count_tokens(result.out.rstrip("\n")) <= 400
    found = json.loads(pampax("assemble", "--memories", "--budget", "400", "--json", "total", "amount").out)
    assert found["memories"]
    assert found["tokens"] + found["memory_tokens"] <= 400
