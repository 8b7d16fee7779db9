"""How much is shown, what is left out, and how a bundle is gone back to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import pampax

if TYPE_CHECKING:
    from conftest import Shop

TASK = "how does an order reserve stock"


def lines(bundle: pampax.Bundle) -> set[tuple[str, int]]:
    """All lines shown."""
    return {(item.path, line) for item in bundle.items for first, last in item.spans for line in range(first, last + 1)}


# levels, going back


def test_a_level_is_the_most_that_is_shown(shop: Shop) -> None:
    outline = shop.repository.assemble(TASK, level="outline", budget=600)
    assert {item.level for item in outline.items} == {"outline"}
    assert all(len(item.spans) == 1 and item.spans[0][0] == item.spans[0][1] for item in outline.items)
    assert len(outline.items) > len({item.path for item in outline.items})
    signature = shop.repository.assemble(TASK, level="signature", budget=600)
    assert {item.level for item in signature.items} <= {"outline", "signature"}
    with pytest.raises(pampax.InvalidInput, match="outline, signature, trimmed, full"):
        shop.repository.assemble(TASK, level="all")


def test_items_are_expanded_one_by_one(shop: Shop) -> None:
    outline = shop.repository.assemble(TASK, level="outline", budget=600)
    wanted = [item for item in outline.items if item.symbol in ("reserve_stock", "create_order")]
    expanded = shop.repository.expand(outline.id, [item.id for item in wanted])
    assert {item.symbol for item in expanded.items} == {"reserve_stock", "create_order"}
    assert all(item.level == "full" for item in expanded.items)
    assert "line.product.stock -= line.number" in expanded.to_markdown()
    assert expanded.tokens == pampax.count_tokens(expanded.to_text())
    with pytest.raises(pampax.BudgetTooSmall, match=str(expanded.tokens)):
        shop.repository.expand(outline.id, [item.id for item in wanted], budget=expanded.tokens - 1)
    within = shop.repository.expand(outline.id, [wanted[0].id], level="signature", budget=500)
    assert within.items[0].level == "signature"


def test_an_id_gives_its_bundle_again_until_the_index_moves_on(shop: Shop) -> None:
    bundle = shop.repository.assemble(TASK, budget=500)
    expanded = shop.repository.expand(bundle.id, ["i1"])
    assert shop.repository.bundle(bundle.id).to_json() == bundle.to_json()
    assert shop.repository.bundle(expanded.id).to_json() == expanded.to_json()
    shop.write("shop/new.py", "def unrelated():\n    return 1\n")
    shop.index()
    for call in (lambda: shop.repository.bundle(bundle.id), lambda: shop.repository.expand(bundle.id, ["i1"])):
        with pytest.raises(pampax.InvalidInput, match=r"generation 1, and the index is at 2"):
            call()


def test_a_bundle_is_known_wherever_its_files_lie_in_the_store(shop: Shop, tmp_path: Path) -> None:
    """Edits and what they leave behind, merging and collecting garbage change where entries lie, and no answer."""
    shop.write("shop/kept.py", "def unrelated():\n    return 1\n")
    for number in range(2):
        shop.write("shop/edited.py", f"def unrelated():\n    return {number}\n")
        shop.index()
    bundle = shop.repository.assemble(TASK, budget=500)
    assert json.loads(shop.repository.gc())["segments_rewritten"] == 1
    assert shop.repository.bundle(bundle.id).to_json() == bundle.to_json()
    assert shop.repository.expand(bundle.id, ["i1"]).items[0].path == bundle.items[0].path
    clean = pampax.open(shop.root, store=tmp_path / "clean", vectors=False)
    clean.index()
    assert clean.assemble(TASK, budget=500).id == bundle.id


@pytest.mark.parametrize("identity", ["0123456789abcdef", "xyz", "../../etc/passwd", ""])
def test_an_unknown_bundle_is_refused(shop: Shop, identity: str) -> None:
    with pytest.raises(pampax.InvalidInput, match="bundle"):
        shop.repository.expand(identity, ["i1"])


def test_an_unknown_item_is_refused_by_name(shop: Shop) -> None:
    bundle = shop.repository.assemble(TASK, budget=500)
    with pytest.raises(pampax.InvalidInput, match=rf"has no item i99: it has i1 to i{len(bundle.items)}"):
        shop.repository.expand(bundle.id, ["i99"])


def test_a_damaged_record_is_an_error_of_that_bundle_alone(shop: Shop) -> None:
    bundle = shop.repository.assemble(TASK, budget=500)
    (record,) = Path(shop.repository.store).glob("bundles/*.json")
    record.write_bytes(record.read_bytes()[:50])
    with pytest.raises(pampax.InvalidInput, match="cannot be read"):
        shop.repository.expand(bundle.id, ["i1"])
    assert shop.repository.assemble(TASK, budget=500).to_json() == bundle.to_json()


# what is held


def test_what_is_held_is_not_given_again(shop: Shop) -> None:
    first = shop.repository.assemble(TASK, budget=200)
    second = shop.repository.assemble(TASK, budget=4000, have=[first.id])
    assert first.items
    assert second.items
    assert not lines(first) & lines(second)
    every = shop.repository.assemble(TASK, budget=100_000)
    # Blank lines between what is held and what is not are nobody's.
    rest = lines(every) - lines(first) - lines(second)
    assert all(not shop.repository.text(path, line, line).strip() for path, line in rest)


def test_paths_and_lines_can_be_held(shop: Shop) -> None:
    bundle = shop.repository.assemble(TASK, budget=4000, have=["shop/storage.py", "shop/web.py:1-11", "gone.py"])
    shown = lines(bundle)
    assert not any(path == "shop/storage.py" for path, _ in shown)
    assert not any(path == "shop/web.py" and line <= 11 for path, line in shown)
    assert any(path == "shop/web.py" for path, _ in shown)
    assert "gone.py is not counted as held: the index does not have it" in bundle.coverage.notes
    assert any(dropped.reason == "all its lines are held already" for dropped in bundle.dropped)


def test_lines_of_a_changed_file_are_not_held_any_more(shop: Shop) -> None:
    first = shop.repository.assemble("reserve_stock", budget=300)
    assert any(item.path == "shop/storage.py" for item in first.items)
    shop.write("shop/storage.py", "def reserve_stock(order):\n    return order\n")
    shop.index()
    second = shop.repository.assemble("reserve_stock", budget=300, have=[first.id])
    assert any(item.path == "shop/storage.py" for item in second.items)
    assert any("have changed since" in note for note in second.coverage.notes)


@pytest.mark.parametrize("have", ["0123456789abcdef", "shop/web.py:9-7", "shop/web.py:x"])
def test_what_cannot_be_held_is_refused(shop: Shop, have: str) -> None:
    with pytest.raises(pampax.InvalidInput, match=r"bundle|have"):
        shop.repository.assemble(TASK, have=[have])


def test_nothing_is_left_if_all_is_held(shop: Shop) -> None:
    everything = [str(path.relative_to(shop.root)) for path in shop.root.rglob("*.*") if ".git" not in path.parts]
    bundle = shop.repository.assemble(TASK, have=everything)
    assert (bundle.items, bundle.empty_reason) == ((), "all-held-or-left-out")


# profiles


def test_a_profile_weighs_and_leaves_out(shop: Shop) -> None:
    plain = shop.repository.assemble(TASK, budget=2000)
    assert {"tests", "documents"} <= {item.category for item in plain.items}
    weighed = shop.repository.assemble(TASK, budget=2000, profile="tests=0, documents=0, examples=0")
    assert {item.category for item in weighed.items} <= {"code", "configuration"}
    assert any("profile" in dropped.reason for dropped in weighed.dropped)
    test = {item.path: item.score for item in plain.items}["tests/test_storage.py"]
    raised = shop.repository.assemble(TASK, budget=2000, profile="tests=10")
    scores = {item.path: item.score for item in raised.items}
    assert scores["tests/test_storage.py"] == pytest.approx(10 * test, rel=0.01)


def test_comments_of_no_weight_are_not_shown(shop: Shop) -> None:
    assert "Prices are those of the day" in shop.repository.assemble("class Order", budget=2000).to_markdown()
    bundle = shop.repository.assemble("class Order", budget=2000, profile="comments=0")
    assert any(item.symbol == "Order" for item in bundle.items)
    assert "Prices are those of the day" not in bundle.to_markdown()


@pytest.mark.parametrize("profile", ["test=1", "tests=11", "tests", "code=-1"])
def test_a_wrong_profile_is_refused(shop: Shop, profile: str) -> None:
    with pytest.raises(pampax.InvalidInput, match="packing profile"):
        shop.repository.assemble(TASK, profile=profile)


# formats and counts


@pytest.mark.parametrize("form", ["markdown", "report", "xml"])
def test_the_budget_bounds_the_text_of_each_format(shop: Shop, form: str) -> None:
    bundle = shop.repository.assemble(TASK, budget=700, format=form)
    assert bundle.format == form
    assert bundle.to_text() == getattr(bundle, f"to_{form}")()
    assert pampax.count_tokens(bundle.to_text()) == bundle.tokens <= 700


def test_a_report_has_the_evidence(shop: Shop) -> None:
    bundle = shop.repository.assemble("reserve_stock", budget=1500, format="report")
    text = bundle.to_text()
    assert "| File | Lines | Symbol | Level | Reason | Edge | Rank | Tokens |" in text
    assert "| caller of reserve_stock (" in text
    for part in ("# Context for: reserve_stock", "## Why it stops", "## Tokens", "## Code", f"Bundle {bundle.id}"):
        assert part in text
    for item in bundle.items:
        first, last = item.spans[0]
        place = f"{item.path}:{first}" if first == last else f"{item.path}:{first}-{last}"
        assert f"\n### {place}" in text


def test_tags_cannot_be_left_by_code(shop: Shop) -> None:
    shop.write("shop/odd.py", "def odd_order():\n    return '<a> & ]]> </item>'\n")
    shop.index()
    import xml.etree.ElementTree as ET

    bundle = shop.repository.assemble("odd_order", budget=500, format="xml")
    root = ET.fromstring(bundle.to_text())  # noqa: S314 - it is our own
    texts = ["".join(item.itertext()) for item in root.iter("item")]
    assert any("return '<a> & ]]> </item>'" in text for text in texts)
    assert len(texts) == len(bundle.items)


def test_a_bound_says_that_it_is_one(shop: Shop) -> None:
    exact = shop.repository.assemble(TASK, budget=500)
    bound = shop.repository.assemble(TASK, budget=500, encoding="characters")
    assert (exact.exact, bound.exact, bound.encoding) == (True, False, "characters")
    assert pampax.count_tokens(bound.to_text(), encoding="o200k_base") < bound.tokens <= 500
    with pytest.raises(pampax.InvalidInput, match="no encoding"):
        shop.repository.assemble(TASK, encoding="claude")


def test_why_it_stops_and_what_more_would_give(shop: Shop) -> None:
    small = shop.repository.assemble(TASK, budget=150)
    assert small.stop_reason.startswith("the budget is used up: the smallest of the ")
    assert small.more["budget"] == 187
    assert small.more["worth"] > 0
    assert len(small.more["first"]) == min(5, small.more["items"])
    assert small.dropped_total == len(small.dropped) > 0
    assert all(dropped.reason and dropped.tokens for dropped in small.dropped)
    document = json.loads(small.to_json())
    assert document["schema"] == "pampax.bundle/1"
    assert {"shape", "format", "exact", "dropped_total", "stop_reason", "more"} <= document.keys()
    assert {"rank", "edge", "category"} <= document["items"][0].keys()


def test_the_same_bundle_is_the_same_bytes_in_another_process_state(shop: Shop) -> None:
    texts = {
        pampax.open(shop.root, store=shop.repository.store, vectors=False, threads=threads)
        .assemble(TASK, budget=600, format="report")
        .to_json()
        for threads in (1, 2, 0)
    }
    assert len(texts) == 1


def test_a_name_with_ten_thousand_definitions_and_cycles_is_bounded(tmp_path: Path) -> None:
    root = tmp_path / "many"
    root.mkdir()
    for number in range(100):
        lines = "".join(
            f"class C{one}:\n    def run_it(self):\n        return self.run_it()\n\n\n" for one in range(100)
        )
        (root / f"module_{number}.py").write_text(lines, encoding="utf-8")
    repository = pampax.open(root, store=tmp_path / "many-store", vectors=False)
    repository.index()
    bundle = repository.assemble("run_it", budget=1000)
    assert 0 < bundle.tokens == pampax.count_tokens(bundle.to_text()) <= 1000
    assert all((item.symbol and item.symbol.endswith("run_it")) or item.edge for item in bundle.items)
    answer = repository.graph("run_it", "callers", depth=3)
    assert len(answer.edges) == 50
    assert answer.truncated


def test_threads_that_keep_the_same_bundle_do_not_disturb_each_other(shop: Shop) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        bundles = list(pool.map(lambda _: shop.repository.assemble(TASK, budget=500), range(64)))
    assert len({bundle.to_json() for bundle in bundles}) == 1
    assert not any("cannot be expanded" in note for bundle in bundles for note in bundle.coverage.notes)
    assert [path.suffix for path in Path(shop.repository.store).glob("bundles/*")] == [".json"]
