"""`--max-tokens`: what is written costs no more, the first hit is always there, and what is left out is counted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pampax import count_tokens
from pampax.cli.token_limit import cut, length_within, most

if TYPE_CHECKING:
    from pathlib import Path

    from command_process import Pampax

ORDERS = 30
ENCODING = "o200k_base"

COMMANDS: dict[str, tuple[tuple[str, ...], str]] = {
    "search": (("search", "--limit", "30", "handle an order of tea"), "hits"),
    "search --explain": (("search", "--limit", "30", "--explain", "handle an order of tea"), "hits"),
    "search --context": (("search", "--limit", "30", "--context", "2", "handle an order of tea"), "hits"),
    "symbols": (("symbols", "--prefix", "handle_order"), "symbols"),
    "graph": (("graph", "references", "Order"), "edges"),
    "outline": (("outline", "orders.py"), "symbols"),
    "grep": (("grep", "handle_order"), "files"),
    "grep -C": (("grep", "-C", "1", "handle_order"), "files"),
    "grep -c": (("grep", "-c", "order"), "files"),
    "grep -l": (("grep", "-l", "order"), "files"),
    "recall": (("recall", "--limit", "100"), "memories"),
}


@pytest.fixture
def orders(pampax: Pampax, repository: Path) -> Path:
    """The repository with many definitions that are much alike."""
    functions = [
        f"def handle_order_{number}(order: Order) -> Order:\n"
        f'    """Handle an order of tea number {number}."""\n'
        f"    return order.packed({number})\n"
        for number in range(ORDERS)
    ]
    (repository / "orders.py").write_text("\n\n".join(['class Order:\n    """An order of tea."""\n', *functions]))
    for number in range(ORDERS):
        (repository / f"shop_{number}.py").write_text(f"import orders\n\norders.handle_order_{number}(None)\n")
    assert pampax("index").code == 0
    return repository


def remember(pampax: Pampax, command: str) -> None:
    """Memories for the command that shows them."""
    for number in range(7 if command == "recall" else 0):
        text = f"tea number {number} is packed in a box of cedar that came over the sea long ago"
        assert pampax("remember", text).code == 0


def number_of_hits(document: dict[str, Any], rows: str, command: str) -> int:
    """How many hits a document holds: of grep the matching lines, or the files where only these are listed."""
    if command in ("grep", "grep -C"):
        lines = [line for file in document["files"] for line in file["lines"] if not line.get("context")]
        assert document["matches"] == len(lines) == sum(file["matches"] for file in document["files"])
        return len(lines)
    return len(document[rows])


@pytest.mark.parametrize("limit", [60, 150])
@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_written_fits_and_what_is_left_out_is_counted(
    pampax: Pampax, orders: Path, command: str, limit: int
) -> None:
    arguments, rows = COMMANDS[command]
    remember(pampax, command)
    whole = pampax(*arguments)
    assert count_tokens(whole.out) > limit, "the test would prove nothing"
    bounded = pampax(*arguments, "--max-tokens", str(limit))
    assert bounded.code == 0
    assert 0 < count_tokens(bounded.out) <= limit
    assert f"(at most {limit} tokens): raise --max-tokens" in bounded.err
    everything = json.loads(pampax(*arguments, "--json").out)
    document = json.loads(pampax(*arguments, "--json", "--max-tokens", str(limit)).out)
    kept = number_of_hits(document, rows, command)
    left_out = number_of_hits(everything, rows, command) - kept
    assert kept >= 1
    # Text and JSON leave out the same.
    assert (f"{left_out} " in bounded.err and "left out" in bounded.err) or not left_out
    facts = document if command == "recall" else document["coverage"]
    assert facts.get("left_out", 0) == left_out
    if command != "recall":
        assert facts["truncated"] is True
        assert any("raise --max-tokens" in note for note in facts["notes"])
    if command in ("symbols", "outline", "recall", "grep", "grep -l", "grep -c"):
        assert bounded.out == "".join(whole.out.splitlines(keepends=True)[:kept]) or command == "symbols"
        assert bounded.out.count("\n") == kept


@pytest.mark.parametrize("command", COMMANDS)
def test_what_fits_is_the_same_as_without_a_bound(pampax: Pampax, orders: Path, command: str) -> None:
    arguments, _ = COMMANDS[command]
    remember(pampax, command)
    for form in ((), ("--json",)):
        # Without a look for changes: on a busy machine one may have the time for it and the other not.
        whole = pampax(*arguments, *form, PAMPAX_FRESHNESS_MS="0")
        bounded = pampax(*arguments, *form, "--max-tokens", "100000", PAMPAX_FRESHNESS_MS="0")
        assert bounded.out_bytes == whole.out_bytes
        assert bounded.err == whole.err


def test_the_best_hits_are_the_ones_that_stay(pampax: Pampax, orders: Path) -> None:
    arguments = ("search", "--limit", "30", "handle_order_7")
    everything = json.loads(pampax(*arguments, "--json").out)["hits"]
    kept = json.loads(pampax(*arguments, "--json", "--max-tokens", "300").out)["hits"]
    assert 1 < len(kept) < len(everything)
    assert kept == everything[: len(kept)]
    text = pampax(*arguments, "--max-tokens", "300").out
    assert all(f"{hit['path']}:{hit['start_line']}-{hit['end_line']}" in text for hit in kept)


def test_the_first_hit_is_always_there_with_its_lines_cut(pampax: Pampax, orders: Path) -> None:
    lines = "\n".join(f"    number_{number} = {number} * tea" for number in range(200))
    (orders / "long.py").write_text(f"def brew_everything(tea):\n{lines}\n")
    assert pampax("index").code == 0
    found = pampax("search", "brew_everything", "--limit", "1", "--context", "0", "--max-tokens", "80")
    assert found.out.startswith("long.py:1-")
    assert "def brew_everything(tea):" in found.out
    assert found.out.endswith("…\n")
    assert count_tokens(found.out) <= 80
    assert "the first hit is cut" in found.err
    document = json.loads(
        pampax("search", "brew_everything", "--limit", "1", "--context", "0", "--max-tokens", "80", "--json").out
    )
    assert len(document["hits"]) == 1
    assert document["coverage"]["truncated"] is True
    assert "the first hit alone costs more" in document["coverage"]["notes"][-1]


def test_of_a_long_line_grep_shows_the_beginning_without_what_stands_around_it(pampax: Pampax, orders: Path) -> None:
    before = "".join(f"# a line before the match, number {number}\n" for number in range(20))
    (orders / "wide.py").write_text(f"{before}wide_word = '{'tea and cake ' * 200}'\n")
    assert pampax("index").code == 0
    found = pampax("grep", "-C", "20", "wide_word", "--max-tokens", "60")
    assert found.out.startswith("wide.py:21:wide_word = 'tea and cake")
    assert found.out.endswith("…\n")
    assert count_tokens(found.out) <= 60
    document = json.loads(pampax("grep", "-C", "20", "wide_word", "--max-tokens", "60", "--json").out)
    (line,) = document["files"][0]["lines"]
    assert line["cut"] is True
    assert line["spans"] == [[0, len("wide_word")]]
    assert count_tokens(line["text"]) <= 60


def test_bytes_that_are_no_utf8_stay_as_they_are(pampax: Pampax, repository: Path) -> None:
    (repository / "latin.txt").write_bytes(b"caf\xe9 one\ncaf\xe9 two\n" * 40)
    assert pampax("index").code == 0
    found = pampax("grep", "caf", "--max-tokens", "60")
    assert found.out_bytes.startswith(b"latin.txt:1:caf\xe9 one\nlatin.txt:2:caf\xe9 two\n")
    assert found.out_bytes.endswith(b"\n")


def test_groups_of_grep_end_where_the_next_begins(pampax: Pampax, repository: Path) -> None:
    block = "one\ntwo\nneedle\nfour\nfive\nsix\n"
    (repository / "needles.txt").write_text(block * 20)
    assert pampax("index").code == 0
    whole = pampax("grep", "-C", "1", "needle").out
    found = pampax("grep", "-C", "1", "needle", "--max-tokens", "100").out
    assert whole.startswith(found)
    assert found.endswith("-four\n")
    assert 1 < found.count("needle\n") < 20


def test_expand_leaves_out_the_last_items(pampax: Pampax, orders: Path) -> None:
    made = json.loads(pampax("assemble", "handle an order of tea", "--level", "outline", "--json").out)
    names = [item["id"] for item in made["items"]][:6]
    whole = pampax("expand", made["id"], *names)
    limit = count_tokens(whole.out) // 2
    assert limit > 60
    bounded = pampax("expand", made["id"], *names, "--max-tokens", str(limit))
    assert bounded.code == 0
    assert count_tokens(bounded.out) <= limit
    document = json.loads(pampax("expand", made["id"], *names, "--max-tokens", str(limit), "--json").out)
    left_out = len(names) - len(document["items"])
    assert document["coverage"]["left_out"] == left_out > 0
    assert document["coverage"]["truncated"] is True
    assert f"{left_out} item" in bounded.err
    assert document["tokens"] <= limit
    plenty = pampax("expand", made["id"], *names, "--max-tokens", "100000")
    assert plenty.out == whole.out


def test_expand_cuts_the_first_item_and_a_whole_bundle(pampax: Pampax, orders: Path) -> None:
    made = json.loads(pampax("assemble", "class Order with all orders of tea", "--json").out)
    assert made["tokens"] > 50
    for form in ((), ("--format", "xml"), ("--format", "report")):
        bounded = pampax("expand", made["id"], "--max-tokens", "50", *form)
        assert bounded.code == 0, bounded.err
        assert 0 < count_tokens(bounded.out) <= 50
        assert "raise --max-tokens" in bounded.err
    refused = pampax("expand", made["id"], "--max-tokens", "50", "--budget", "50")
    assert refused.code == 2
    assert "give one of them" in refused.err


def test_with_colours_what_is_cut_ends_in_no_style(pampax: Pampax, orders: Path) -> None:
    remember(pampax, "recall")
    for arguments, _ in COMMANDS.values():
        bounded = pampax("--color", "always", *arguments, "--max-tokens", "50")
        assert 0 < count_tokens(bounded.out) <= 50
        assert bounded.out.count("\x1b[0m") == bounded.out.count("\x1b[") - bounded.out.count("\x1b[0m")


def test_another_encoding_counts_otherwise(pampax: Pampax, orders: Path) -> None:
    arguments = ("search", "--limit", "30", "handle an order of tea", "--max-tokens", "300")
    plain = pampax(*arguments)
    letters = pampax(*arguments, PAMPAX_ASSEMBLE_ENCODING="characters")
    assert len(letters.out) < len(plain.out)
    assert count_tokens(letters.out, "characters") <= 300


def test_what_is_not_shown_is_not_in_the_query_log(pampax: Pampax, orders: Path) -> None:
    pampax("search", "--limit", "30", "handle an order of tea", "--max-tokens", "150")
    shown = json.loads(pampax("search", "--limit", "30", "handle an order of tea", "--max-tokens", "150", "--json").out)
    last = json.loads(pampax("log", "export").out.splitlines()[-1])
    assert len(last["hits"]) == len(shown["hits"])


@pytest.mark.parametrize("value", ["0", "49", "-1", "many"])
def test_a_bound_that_holds_nothing_is_a_usage_error(pampax: Pampax, value: str) -> None:
    refused = pampax("search", "tea", "--max-tokens", value)
    assert refused.code == 2
    assert "--max-tokens" in refused.err


def test_nothing_found_is_no_different(pampax: Pampax, orders: Path) -> None:
    found = pampax("grep", "zzzzzz", "--max-tokens", "100")
    assert (found.code, found.out) == (1, "")
    assert "left out" not in found.err


@pytest.mark.parametrize("total", [0, 1, 2, 7, 8, 9, 100])
def test_the_most_that_fits_is_found(total: int) -> None:
    for limit in range(total + 2):
        assert most(total, lambda count, limit=limit: count <= limit) == min(limit, total)  # type: ignore[misc]


def test_the_work_follows_what_fits() -> None:
    asked: list[int] = []

    def fits(count: int) -> bool:
        asked.append(count)
        return count <= 5

    assert most(1_000_000, fits) == 5
    assert max(asked) == 8


@pytest.mark.parametrize("text", ["", "a", "one\ntwo\n", "word " * 500, "é" * 300, "\x1b[35mpath\x1b[0m " * 50])
def test_a_cut_text_fits(text: str) -> None:
    kept = cut(text.encode(), 50, ENCODING).decode()
    assert count_tokens(kept) <= 50
    assert length_within(text, 50, ENCODING) <= len(text)
