"""What a search and the graph say to an agent: each thing once, the best hits in detail, only what was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from servers import line_server

from pampax import count_tokens
from pampax.mcp_server.hit_text import FULL_SNIPPETS, LONGEST_SIGNATURE, SNIPPET_LINES, hit_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from servers import LineServer

SHOP = "".join(
    f"""
class Basket{number}:
    def price_of_basket(
        self,
        customer: str,
    ) -> int:
        total = {number}

        total += len(customer)
        return total
"""
    for number in range(4)
)
TILL = "".join(
    f"\ndef print_basket_price_{number}(basket):\n    return basket.price_of_basket('x')\n" for number in range(3)
)


@pytest.fixture
def server(tmp_path: Path, environment: Mapping[str, str]) -> Iterator[LineServer]:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "shop.py").write_text(SHOP)
    (tmp_path / "tree" / "till.py").write_text(TILL)
    with line_server("--root", str(tmp_path / "tree"), environment=environment) as started:
        started.initialize()
        started.call(1, "index", {"action": "update"})
        yield started


def search(server: LineServer, **arguments: object) -> tuple[list[str], list[dict[str, Any]]]:
    result = server.call(2, "search", {"query": "price of basket", "kinds": ["function", "method"], **arguments})
    return result["content"][0]["text"].split("\n"), result["structuredContent"]["hits"]


def test_the_best_hits_show_more_than_their_signature(server: LineServer) -> None:
    lines, hits = search(server)
    assert len(hits) == 7
    sizes = [hit["text"].count("\n") + 1 for hit in hits]
    assert max(sizes[:FULL_SNIPPETS]) > 1
    assert all(size <= SNIPPET_LINES for size in sizes)
    assert sizes[FULL_SNIPPETS:] == [1] * (7 - FULL_SNIPPETS)
    # A signature over several lines is one; what hangs below it has lost the indentation of the class.
    methods = [hit["text"] for hit in hits if hit["path"] == "shop.py"]
    assert methods
    assert all(text.startswith("def price_of_basket(self, customer: str, ") for text in methods)
    assert all(f" {line}" in lines for hit in hits for line in hit["text"].split("\n"))


def test_a_path_stands_once_for_the_hits_of_its_file(server: LineServer) -> None:
    lines, hits = search(server)
    assert {hit["path"] for hit in hits} == {"shop.py", "till.py"}
    for path in ("shop.py", "till.py"):
        assert sum(line.startswith(f"{path}:") for line in lines) == 1
    assert sum(line.startswith(":") for line in lines) == len(hits) - 2
    assert lines[1].startswith(f"{hits[0]['path']}:{hits[0]['lines']}")


def test_a_client_says_how_many_lines_it_wants(server: LineServer) -> None:
    lines, hits = search(server, lines=0)
    assert not any("text" in hit for hit in hits)
    assert len(lines) == len(hits) + 2  # with the mark above and the coverage below
    assert any(line.endswith("method Basket0.price_of_basket") for line in lines)
    _, hits = search(server, lines=6)
    texts = [hit["text"].split("\n") for hit in hits if hit["path"] == "shop.py"]
    # As they stand, without empty lines.
    assert all(text[0] == "def price_of_basket(" for text in texts)
    assert all(len(text) == 5 for text in texts)
    result = server.ask(3, "tools/call", {"name": "search", "arguments": {"query": "x", "lines": 41}})["result"]
    assert result["isError"]


@pytest.mark.parametrize("most", [50, 80, 120, 200, 400])
def test_the_text_of_a_search_stays_below_max_tokens(server: LineServer, most: int) -> None:
    lines, hits = search(server, max_tokens=most)
    assert count_tokens("\n".join(lines)) <= most
    shown = [" " + hit["text"].split("\n")[0] in lines for hit in hits if "text" in hit]
    assert all(shown)


def test_what_does_not_fit_loses_its_text_from_the_last_hit_on() -> None:
    rows = [{"path": f"{name}.py", "lines": "1-9", "text": "word " * 20} for name in "abcd"]
    whole = hit_lines(rows, 1_000)
    assert whole.snippets == 4
    for tokens in range(1, count_tokens("\n".join(whole.lines)) + 1):
        some = hit_lines(rows, tokens)
        assert count_tokens("\n".join(some.lines)) <= tokens
        assert some.snippets <= whole.snippets
    assert hit_lines(rows, count_tokens("\n".join(whole.lines)) - 1).snippets == 3


def test_a_signature_is_cut(tmp_path: Path, environment: Mapping[str, str]) -> None:
    (tmp_path / "tree").mkdir()
    long = ", ".join(f"argument_number_{number}=None" for number in range(20))
    (tmp_path / "tree" / "long.py").write_text(f"def with_many_arguments({long}):\n    return 1\n")
    with line_server("--root", str(tmp_path / "tree"), environment=environment) as started:
        started.initialize()
        started.call(1, "index", {"action": "update"})
        _, hits = search(started, query="with_many_arguments")
    assert len(hits[0]["text"].split("\n")[0]) == LONGEST_SIGNATURE


def test_uses_in_one_function_are_one_line(tmp_path: Path, environment: Mapping[str, str]) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "twice.py").write_text("def once():\n    return 1\n\n\ndef twice():\n    once()\n    once()\n")
    with line_server("--root", str(tmp_path / "tree"), environment=environment) as started:
        started.initialize()
        started.call(1, "index", {"action": "update"})
        callers = started.call(2, "graph", {"name": "once", "relation": "callers"})
        callees = started.call(3, "graph", {"name": "twice", "relation": "callees"})
    assert [edge["line"] for edge in callers["structuredContent"]["edges"]] == [6, 7]
    assert "\ntwice.py:6,7 twice calls\n" in callers["content"][0]["text"]
    assert "\ntwice.py:6,7 calls once (twice.py:1)\n" in callees["content"][0]["text"]


def test_edges_name_a_path_once_and_not_what_was_asked_about(server: LineServer) -> None:
    callers = {"name": "Basket0.price_of_basket", "relation": "callers"}
    result = server.call(4, "graph", callers)
    edges, text = result["structuredContent"]["edges"], result["content"][0]["text"]
    assert len(edges) == 3
    _, head, *lines, coverage = text.split("\n")
    assert head.startswith("callers of shop.py:3 Basket0.price_of_basket, ")
    assert head.endswith(" unless marked:")
    assert [line.split(":")[0] for line in lines] == ["till.py", "", ""]
    assert not any("price_of_basket" in line.replace("print_basket_price", "") for line in lines)
    assert coverage == "coverage: fresh; 2 files"
