"""A small shop with everything that bundles are shaped by: routes, types, tests, settings, documents, a history."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

import pampax

FILES = {
    "shop/__init__.py": "",
    "shop/models.py": (
        'class Order:\n    """What a customer ordered.\n\n    It has lines, each with a product and a number.\n'
        '    Prices are those of the day.\n    Nothing here knows of payment.\n    """\n\n'
        "    def __init__(self, lines):\n        self.lines = lines\n\n"
        "    def total_price(self):\n        return sum(line.price for line in self.lines)\n"
    ),
    "shop/storage.py": (
        "from shop.models import Order\n\n\nclass OrderStorage:\n    def __init__(self):\n        self.rows = []\n\n"
        '    def persist_order(self, order: Order):\n        """Write an order down for good."""\n'
        "        self.rows.append(order)\n        return len(self.rows)\n\n\n"
        "def reserve_stock(order: Order):\n    for line in order.lines:\n        line.product.stock -= line.number\n"
    ),
    "shop/web.py": (
        "from flask import Flask\n\nfrom shop.models import Order\n"
        "from shop.storage import OrderStorage, reserve_stock\n\n"
        "server = Flask(__name__)\nstorage = OrderStorage()\n\n\n"
        "@server.route('/orders/new')\ndef create_order(request) -> Order:\n    order = Order(request.lines)\n"
        "    reserve_stock(order)\n    storage.persist_order(order)\n    return order\n"
    ),
    "shop/settings.py": (
        "import yaml\n\n\ndef checkout_timeout():\n    config = yaml.safe_load(open('conf.yaml'))\n"
        "    return config['checkout']['timeout_s']\n"
    ),
    "conf.yaml": "checkout:\n  timeout_s: 30\n  retries: 2\n",
    "tests/test_storage.py": (
        "from shop.models import Order\nfrom shop.storage import reserve_stock\n\n\n"
        "def test_reserve_stock_takes_from_the_shelf():\n    reserve_stock(Order([]))\n"
    ),
    "docs/orders.md": "# Orders\n\nAn order reserves stock when it is made.\n\n## Payment\n\nComes later.\n",
    "examples/order.py": "from shop.models import Order\n\nprint(Order([]).total_price())\n",
}


class Shop:
    """The shop as a git repository with an index."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "shop-project"
        for path, text in FILES.items():
            self.write(path, text)
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit("a shop")
        self.repository = pampax.open(self.root, store=folder / "store", vectors=False)
        self.repository.index()

    def write(self, path: str, text: str) -> None:
        """Write a file."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def git(self, *arguments: str) -> str:
        """Run git, untouched by whoever runs the tests."""
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.root), "GIT_CONFIG_NOSYSTEM": "1"}
        identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
        command = ["git", *identity, *arguments]
        return subprocess.run(
            command, cwd=self.root, env=environment, check=True, capture_output=True, text=True, timeout=60
        ).stdout.strip()

    def commit(self, subject: str) -> str:
        """Commit everything; gives the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", subject)
        return self.git("rev-parse", "HEAD")

    def index(self) -> None:
        """Bring the index up to date."""
        self.repository.index()


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)
