"""What is remembered is recalled, with its evidence, in its scope, for its time."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import pampax
from pampax.memory import MemoryRefused, open_memory
from pampax.memory import memories as module

if TYPE_CHECKING:
    from pampax import Repository

INVOICE = '''"""Invoices."""


def total_amount(lines):
    """Add up the amounts of an invoice."""
    return sum(line.amount for line in lines)
'''


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home" / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home" / "cache"))


def make(root: Path) -> Repository:
    root.mkdir(parents=True)
    (root / "invoice.py").write_text(INVOICE)
    (root / "basket.py").write_text("def add(article):\n    return article\n")
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    repository = pampax.open(root)
    repository.index()
    return repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return make(tmp_path / "work" / "shop")


def test_what_is_remembered_is_recalled_by_its_words(repository: Repository) -> None:
    notes = open_memory(repository)
    kept = notes.remember("Amounts of invoices are in cents", kind="gotcha", evidence=["invoice.py:4-6"])
    notes.remember("Baskets are kept for 30 days", kind="fact")
    assert kept.new
    assert kept.memory.state == "current"
    found = notes.recall("in which unit is the amount of an invoice")
    assert [one.memory.id for one in found] == [kept.memory.id]
    assert found[0].why == ["words"]
    assert len(notes.recall()) == 2
    assert notes.recall("completely unrelated zebra") == []
    assert [one.memory.kind for one in notes.recall(kinds=["fact"])] == ["fact"]


def test_evidence_in_a_file_recalls_whatever_the_words(repository: Repository) -> None:
    notes = open_memory(repository)
    kept = notes.remember("Never negative", evidence=["invoice.py:4-6"])
    found = notes.recall("zebra", paths=["invoice.py"])
    assert [(one.memory.id, one.why) for one in found] == [(kept.memory.id, ["place"])]


def test_evidence_goes_stale_when_its_lines_change_and_not_when_they_move(repository: Repository) -> None:
    notes = open_memory(repository)
    notes.remember("Amounts are in cents", evidence=["invoice.py:4-6"])
    path = Path(repository.root) / "invoice.py"

    def state() -> tuple[str, str]:
        memory = notes.recall("cents")[0].memory
        return memory.state, memory.evidence[0][1]

    assert state() == ("current", "current")
    path.write_text("import math\n\n" + INVOICE)
    assert state() == ("current", "current")
    path.write_text(INVOICE.replace("line.amount", "line.amount * 100"))
    assert state() == ("stale", "changed")
    assert "STALE" in notes.recall("cents")[0].memory.line()
    path.unlink()
    assert state() == ("stale", "gone")


def test_what_is_stale_stands_behind_what_is_not(repository: Repository) -> None:
    notes = open_memory(repository)
    old = notes.remember("Amounts are in cents", evidence=["invoice.py:4-6"]).memory
    new = notes.remember("Amounts are in euros", evidence=["basket.py:1-2"]).memory
    (Path(repository.root) / "invoice.py").write_text("def total_amount(lines):\n    return 0\n")
    assert [one.memory.id for one in notes.recall("amounts")] == [new.id, old.id]


@pytest.mark.parametrize(
    "place",
    ["../outside.py:1", "/etc/passwd", "invoice.py:1-99", "invoice.py:3-2", "m0123456789ab", "0123456789abcdef"],
)
def test_only_indexed_code_is_evidence(repository: Repository, place: str) -> None:
    """Above all, no memory and no bundle, in which memories may stand."""
    with pytest.raises(pampax.InvalidInput, match="evidence"):
        open_memory(repository).remember("x", evidence=[place])


def test_recalling_changes_nothing(repository: Repository) -> None:
    notes = open_memory(repository)
    for number in range(5):
        notes.remember(f"fact number {number} about amounts")
    first = [(one.memory, one.score) for one in notes.recall("amounts")]
    for _ in range(20):
        notes.recall("fact number 3")
    assert [(one.memory, one.score) for one in notes.recall("amounts")] == first


def test_the_same_text_again_is_the_same_memory(repository: Repository) -> None:
    notes = open_memory(repository)
    first = notes.remember("Amounts are in cents")
    again = notes.remember("  Amounts are in cents ", weight=3)
    assert not again.new
    assert again.memory.id == first.memory.id
    assert [one.memory.weight for one in notes.recall()] == [3]


def test_weight_and_pins_count(repository: Repository) -> None:
    notes = open_memory(repository)
    light = notes.remember("Amounts are rounded up", weight=0.1).memory
    heavy = notes.remember("Amounts are rounded down", weight=5).memory
    assert [one.memory.id for one in notes.recall("amounts rounded")] == [heavy.id, light.id]
    rule = notes.remember("Write tests first", kind="rule").memory
    assert rule.id not in {one.memory.id for one in notes.recall("amounts")}
    assert notes.pin(rule.id)
    assert rule.id in {one.memory.id for one in notes.recall("amounts")}
    assert notes.pin(rule.id, False)
    assert rule.id not in {one.memory.id for one in notes.recall("amounts")}
    assert not notes.pin("m000000000000")


def test_a_memory_ends_unless_it_is_pinned(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = open_memory(repository)
    short = notes.remember("Release on Friday", kind="plan", days=2).memory
    pinned = notes.remember("Keep this", days=2, pinned=True).memory
    assert short.expires is not None
    now = module.time.time()
    monkeypatch.setattr(module.time, "time", lambda: now + 3 * module.DAY_SECONDS)
    assert {one.memory.id for one in notes.recall()} == {pinned.id}
    assert notes.forget(expired=True) == 1
    monkeypatch.undo()
    assert {one.memory.id for one in open_memory(repository).recall()} <= {pinned.id}


def test_scopes_reach_as_far_as_they_say(tmp_path: Path, repository: Repository) -> None:
    beside, far = make(tmp_path / "work" / "bank"), make(tmp_path / "else" / "farm")
    notes = open_memory(repository)
    for scope in ("repository", "workspace", "global"):
        notes.remember(f"known in the {scope}", scope=scope, evidence=["invoice.py:1"])

    def known(where: Repository) -> set[str]:
        return {one.memory.scope for one in open_memory(where).recall()}

    assert known(repository) == {"repository", "workspace", "global"}
    assert known(beside) == {"workspace", "global"}
    assert known(far) == {"global"}
    assert open_memory(far).recall()[0].memory.state == "unproven"
    assert open_memory(far).recall()[0].memory.evidence[0][1] == "elsewhere"


def test_worktrees_share_what_is_known_of_the_repository(tmp_path: Path, repository: Repository) -> None:
    git = ["git", "-C", repository.root, "-c", "user.name=x", "-c", "user.email=x@x"]
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "--quiet", "-m", "x"], check=True)
    subprocess.run([*git, "worktree", "add", "--quiet", str(tmp_path / "second")], check=True, capture_output=True)
    open_memory(repository).remember("Amounts are in cents")
    assert len(open_memory(pampax.open(tmp_path / "second")).recall("amounts")) == 1


def test_what_is_forgotten_is_gone_from_the_disk(repository: Repository) -> None:
    notes = open_memory(repository)
    kept = notes.remember("an-unmistakable-sentence")
    path = Path(notes.path("repository"))
    assert notes.forget([kept.memory.id]) == 1
    assert notes.forget([kept.memory.id]) == 0
    assert notes.recall() == []
    for file in path.parent.iterdir():
        assert b"an-unmistakable-sentence" not in file.read_bytes()


def test_nobody_else_may_read_it_and_an_index_leaves_it_alone(repository: Repository) -> None:
    notes = open_memory(repository)
    notes.remember("Amounts are in cents")
    path = Path(notes.path("repository"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    repository.index(force=True)
    assert len(notes.recall("amounts")) == 1


def test_it_can_be_remembered_before_there_is_an_index(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "a.py").write_text("x = 1\n")
    repository = pampax.open(tmp_path / "new")
    open_memory(repository).remember("Amounts are in cents")
    assert repository.index().files == 1
    assert len(open_memory(repository).recall("amounts")) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"text": " "}, "from 1 to"),
        ({"text": "x" * 5000}, "from 1 to"),
        ({"kind": "poem"}, "kind"),
        ({"scope": "galaxy"}, "scope"),
        ({"weight": -1}, "weight"),
        ({"weight": float("nan")}, "weight"),
        ({"days": 0}, "days"),
    ],
)
def test_what_is_not_accepted_is_named(repository: Repository, arguments: dict[str, object], message: str) -> None:
    with pytest.raises(MemoryRefused, match=message):
        open_memory(repository).remember(**{"text": "x", **arguments})  # type: ignore[arg-type]


@pytest.mark.concurrency
def test_several_write_at_once(repository: Repository) -> None:
    def write(writer: int) -> None:
        notes = open_memory(repository)
        for number in range(10):
            notes.remember(f"fact {number} of writer {writer}")

    program = (
        "import sys, pampax\nfrom pampax.memory import open_memory\n"
        "notes = open_memory(pampax.open(sys.argv[1]))\n"
        "for number in range(10): notes.remember(f'fact {number} of process {sys.argv[2]}')\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", program, repository.root, str(one)]) for one in range(2)]
    threads = [threading.Thread(target=write, args=(one,)) for one in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [process.wait(30) for process in processes] == [0, 0]
    assert len(open_memory(repository).recall(limit=100)) == 50


def test_a_damaged_file_is_an_error_that_says_what_to_do(repository: Repository) -> None:
    notes = open_memory(repository)
    path = Path(notes.path("repository"))
    path.parent.mkdir()
    path.write_bytes(b"no database at all" * 500)
    with pytest.raises(pampax.PampaxError, match="move the file away"):
        notes.recall()


@pytest.mark.parametrize("budget", [300, 1000])
def test_a_section_fits_what_a_bundle_leaves(repository: Repository, budget: int) -> None:
    notes = open_memory(repository)
    assert notes.reserve(budget) == 0
    for number in range(30):
        notes.remember(f"Amounts of kind {number} are in cents and never negative", evidence=["invoice.py:4-6"])
    bundle = repository.assemble("total amount of an invoice", budget=budget - notes.reserve(budget))
    section = notes.section_for(bundle, budget)
    assert section.memories
    assert "untrusted" in section.text
    assert pampax.count_tokens(bundle.to_text() + "\n" + section.text) <= budget
