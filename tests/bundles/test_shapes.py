"""What is in a bundle, by the kind of task it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import pampax

if TYPE_CHECKING:
    from conftest import Shop

TRACE = (
    "Traceback (most recent call last):\n"
    '  File "/srv/app/shop/web.py", line 13, in create_order\n    reserve_stock(order)\n'
    '  File "/srv/app/shop/storage.py", line 16, in reserve_stock\n    line.product.stock -= line.count\n'
    "AttributeError: 'Line' object has no attribute 'count'\n"
)


def symbols(bundle: pampax.Bundle) -> set[str | None]:
    """The symbols of all items."""
    return {item.symbol for item in bundle.items}


def of(bundle: pampax.Bundle, symbol: str) -> pampax.Item:
    """The item of a symbol."""
    return next(item for item in bundle.items if item.symbol == symbol)


def test_a_symbol_comes_with_a_use_and_its_test(shop: Shop) -> None:
    bundle = shop.repository.assemble("reserve_stock", budget=300)
    assert bundle.shape == "symbol"
    assert {"reserve_stock", "create_order", "test_reserve_stock_takes_from_the_shelf"} <= symbols(bundle)
    assert of(bundle, "reserve_stock").level == "full"
    assert of(bundle, "create_order").edge == ("caller", "reserve_stock", pytest.approx(0.9, abs=0.11))
    assert "calls reserve_stock" in of(bundle, "create_order").why
    assert of(bundle, "test_reserve_stock_takes_from_the_shelf").edge is not None


def test_a_route_comes_with_its_handler_its_registration_and_its_types(shop: Shop) -> None:
    bundle = shop.repository.assemble("what answers the route /orders/new", budget=600)
    assert bundle.shape == "api"
    handler = of(bundle, "create_order")
    assert "@server.route('/orders/new')" in bundle.to_markdown()
    assert handler.path == "shop/web.py"
    assert "Order" in symbols(bundle)


def test_a_configuration_key_comes_with_its_default_and_its_reader(shop: Shop) -> None:
    bundle = shop.repository.assemble("where is the setting checkout timeout_s configured", budget=400)
    assert bundle.shape == "configuration"
    assert "timeout_s: 30" in bundle.to_markdown()
    assert "checkout_timeout" in symbols(bundle)


def test_an_incident_raises_what_changed_lately(shop: Shop) -> None:
    before = shop.root.joinpath("shop/storage.py").read_text(encoding="utf-8")
    shop.write("shop/storage.py", before.replace("line.number\n", "line.count\n"))
    commit = shop.commit("Count lines instead of numbering them")
    shop.index()
    bundle = shop.repository.assemble(TRACE, budget=500)
    assert bundle.shape == "error"
    assert {"reserve_stock", "create_order"} <= symbols(bundle)
    reasons = of(bundle, "reserve_stock").why
    assert f"changed lately: {commit[:10]} Count lines instead of numbering them" in reasons
    assert not any("changed lately" in reason for reason in of(bundle, "create_order").why)


def test_a_file_whose_history_is_damaged_hides_no_other(shop: Shop) -> None:
    damaged = shop.git("rev-parse", "HEAD:shop/web.py")
    for path, old, new in (("shop/storage.py", "line.number\n", "line.count\n"), ("shop/web.py", "server", "service")):
        shop.write(path, shop.root.joinpath(path).read_text(encoding="utf-8").replace(old, new))
    shop.commit("Count lines")
    shop.index()
    (shop.root / ".git" / "objects" / damaged[:2] / damaged[2:]).unlink()
    bundle = shop.repository.assemble(TRACE, budget=500)
    assert any("changed lately" in reason for reason in of(bundle, "reserve_stock").why)
    assert not any("changed lately" in reason for reason in of(bundle, "create_order").why)


def test_behaviour_spreads_over_files(shop: Shop) -> None:
    bundle = shop.repository.assemble("how does ordering reserve stock and persist", budget=700)
    assert bundle.shape in ("behaviour", "architecture")
    assert len({item.path for item in bundle.items}) >= 4


def test_the_intent_can_be_said(shop: Shop) -> None:
    assert shop.repository.assemble("reserve_stock", intent="architecture").shape == "architecture"
    with pytest.raises(pampax.InvalidInput, match="intent"):
        shop.repository.assemble("reserve_stock", intent="novel")  # type: ignore[arg-type]


# changes


def test_a_change_comes_with_who_depends_on_it_and_what_tests_it(shop: Shop) -> None:
    base = shop.git("rev-parse", "HEAD")
    before = shop.root.joinpath("shop/storage.py").read_text(encoding="utf-8")
    shop.write("shop/storage.py", before.replace("stock -= line.number", "stock -= max(0, line.number)"))
    shop.index()
    bundle = shop.repository.assemble(diff="HEAD", budget=800)
    assert (bundle.shape, bundle.base, bundle.task) == ("change", base, "")
    changed = of(bundle, "reserve_stock")
    assert changed.why[0] == f"changed since {base[:10]}"
    assert {"create_order", "test_reserve_stock_takes_from_the_shelf"} <= symbols(bundle)
    best = max(bundle.items, key=lambda item: item.score)
    assert best.symbol == "reserve_stock"
    with_words = shop.repository.assemble("payment", diff="HEAD", budget=2000)
    assert any(item.path == "docs/orders.md" for item in with_words.items)
    assert of(with_words, "reserve_stock").why[0].startswith("changed since")


def test_a_branch_is_reviewed_from_where_it_left(shop: Shop) -> None:
    left = shop.git("rev-parse", "HEAD")
    shop.git("switch", "--quiet", "--create", "topic")
    shop.write("shop/gift.py", "def wrap(order):\n    return order\n")
    shop.commit("Gifts")
    shop.git("switch", "--quiet", "main")
    shop.write("shop/models.py", FILES_MODELS_CHANGED)
    shop.commit("Tax")
    shop.git("switch", "--quiet", "topic")
    shop.index()
    bundle = shop.repository.assemble(diff="main...", budget=800)
    assert bundle.base == left
    assert "wrap" in symbols(bundle)
    assert not any("changed since" in reason for item in bundle.items if item.symbol != "wrap" for reason in item.why)


FILES_MODELS_CHANGED = "class Order:\n    def total_price(self):\n        return 1\n"


def test_what_is_gone_or_not_there_is_said(shop: Shop) -> None:
    assert shop.repository.assemble(diff="HEAD").empty_reason == "no-changes"
    (shop.root / "shop" / "settings.py").unlink()
    shop.write("shop/models.py", FILES_MODELS_CHANGED)
    shop.index()
    bundle = shop.repository.assemble(diff="HEAD")
    assert "1 files were removed: shop/settings.py" in bundle.coverage.notes
    with pytest.raises(pampax.InvalidInput, match="no-such-branch"):
        shop.repository.assemble(diff="no-such-branch")
