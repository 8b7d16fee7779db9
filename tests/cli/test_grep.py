"""`grep`: what it writes, and that it finds what ripgrep finds."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import pampax
from corpora.generate import generate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from command_process import Pampax

REPOSITORY = Path(__file__).resolve().parents[2]
PATTERNS = 600
OPTIONS = (("-i", "ignore_case"), ("-w", "word"), ("-F", "fixed"))


def ripgrep() -> str:
    """The real ripgrep: `$RG`, that of requirements-dev.txt beside Python, or that on the path."""
    beside = Path(sys.executable).with_name("rg")
    found = os.environ.get("RG") or (str(beside) if beside.exists() else shutil.which("rg"))
    assert found, "there is no ripgrep: `make setup` installs it"
    return found


# What it writes


def test_lines_counts_and_files(pampax: Pampax) -> None:
    result = pampax("grep", r"sign_\w+\(")
    assert result.code == 0
    assert result.out == "shop/session.py:13:    def sign_cookie(self, value):\n"
    assert pampax("grep", "-c", "-i", "BASKET").out == "web/basket.js:4\n"
    assert pampax("grep", "-l", "return").out == "server/retry.go\nshop/invoice.py\nshop/session.py\nweb/basket.js\n"
    assert (
        pampax("grep", "-F", "sum(line", "shop").out
        == "shop/invoice.py:6:    return sum(line.amount for line in lines)\n"
    )
    assert pampax("grep", "-F", "sum(line", "web", "./server/").code == 1


def test_context_and_limits(pampax: Pampax) -> None:
    result = pampax("grep", "-C", "1", "^A shop")
    assert result.out == "README.md-2-\nREADME.md:3:A shop that sells tea.\n"
    assert pampax("grep", "-A1", "-m1", "return", "-g", "*.go").out.splitlines() == [
        "server/retry.go:8:\t\t\treturn nil",
        "server/retry.go-9-\t\t}",
    ]
    limited = pampax("grep", "--limit", "2", "return")
    assert len(limited.out.splitlines()) == 2
    assert "more than the limits" in limited.err


def test_json(pampax: Pampax) -> None:
    document = json.loads(pampax("grep", "--json", "Shop$").out)
    assert document["schema"] == "pampax.grep/1"
    assert document["files"] == [
        {"path": "README.md", "matches": 1, "lines": [{"line": 1, "text": "# Shop", "spans": [[2, 6]]}]}
    ]
    assert document["planned"] is True
    assert document["coverage"]["truncated"] is False


def test_nothing_found_and_a_bad_pattern(pampax: Pampax) -> None:
    assert pampax("grep", "nowhere_at_all").code == 1
    bad = pampax("grep", "(unclosed")
    assert (bad.code, bad.out) == (2, "")
    assert "unclosed group" in bad.err
    assert pampax("grep", "-l", "-c", "x").code == 2


def test_a_pattern_that_reads_everything_says_so(pampax: Pampax) -> None:
    assert "were read" in pampax("grep", "a.b").err
    assert "were read" not in pampax("grep", "customer").err


def test_colours_only_where_wanted(pampax: Pampax) -> None:
    assert "\x1b" not in pampax("grep", "customer").out
    coloured = pampax("--color", "always", "grep", "tea")
    assert coloured.out == "\x1b[35mREADME.md\x1b[0m\n\x1b[32m3\x1b[0m:A shop that sells \x1b[1;31mtea\x1b[0m.\n"


def test_the_root_is_given_before_the_command(pampax: Pampax, repository: Path) -> None:
    assert pampax("-C", str(repository), "grep", "-C", "0", "tea", cwd=repository.parent).code == 0


def test_from_python(repository: Path, tmp_path: Path) -> None:
    opened = pampax_open(repository, tmp_path)
    answer = opened.grep("CUSTOMER", ignore_case=True, mode="counts")
    assert (answer.matches, answer.planned, answer.candidates, answer.notes) == (4, True, 1, [])
    assert answer.to_dict()["files"] == [{"path": "shop/session.py", "matches": 4}]
    with pytest.raises(pampax.InvalidInput):
        opened.grep("x", mode="words")  # type: ignore[arg-type]


# The same as ripgrep


def pampax_open(root: Path, folder: Path) -> pampax.Repository:
    opened = pampax.open(root, store=folder / "store", vectors=False)
    opened.index()
    return opened


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, pampax.Repository]]:
    """A copy of this repository, a generated one, and files in odd encodings, all indexed."""
    folder = tmp_path_factory.mktemp("trees")
    own = folder / "own"
    names = ("rust", "python", "tests", "docs", "scripts", "README.md", "Cargo.lock", ".gitignore", "pyproject.toml")
    for name in names:
        source, target = REPOSITORY / name, own / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.so", "model", ".hypothesis")
            shutil.copytree(source, target, ignore=ignored)
        else:
            target.parent.mkdir(exist_ok=True)
            shutil.copy(source, target)
    generated = folder / "generated"
    generate(generated, files=400, seed=7)
    odd = folder / "odd"
    odd.mkdir()
    text = "Straße ẞ ſtop Kelvin \u212a café CAFÉ\nline two naïve\r\nthird ΣΊΣΥΦΟΣ σίσυφος\n"
    (odd / "utf8.txt").write_text(text, encoding="utf-8", newline="")
    (odd / "bom.txt").write_text(text, encoding="utf-8-sig", newline="")
    (odd / "utf16.txt").write_text(text, encoding="utf-16", newline="")
    (odd / "latin.txt").write_bytes("café été naïve Straße\nplain line\n".encode("latin-1"))
    (odd / "late.txt").write_bytes(b"naive first\n" + b"filler line\n" * 20_000 + b"\0 stop naive\n")
    (odd / "binary.bin").write_bytes(b"stop\0line\n")
    (odd / "empty.txt").write_bytes(b"")
    (odd / "no-end.txt").write_bytes(b"stop line")
    (odd / "long.min.js").write_text(("var stop=1;" * 200 + "\n") * 20)
    return [(root, pampax_open(root, folder / "stores" / root.name)) for root in (own, generated, odd)]


def questions(roots: list[Path], seed: int) -> Iterator[tuple[int, str, list[str]]]:
    """Patterns made from the text of the trees: which tree, the pattern, and flags of ripgrep."""
    chance = random.Random(seed)
    lines: list[list[str]] = []
    for root in roots:
        files = sorted(path for path in root.rglob("*") if path.is_file())
        texts = [path.read_bytes().decode("utf-8", "ignore").splitlines() for path in files]
        lines.append([line for text in texts for line in text if 4 <= len(line) < 200 and "\0" not in line])
    for number in range(PATTERNS):
        tree = number % len(roots)
        yield tree, *question(chance, lines[tree])


def question(chance: random.Random, lines: list[str]) -> tuple[str, list[str]]:
    """One pattern with its flags."""

    def piece(longest: int = 12) -> str:
        line = chance.choice(lines)
        start = chance.randrange(len(line))
        return line[start : start + chance.randint(1, longest)] or "x"

    def escaped(longest: int = 12) -> str:
        return "".join(
            sign if sign.isalnum() or sign in " _" or ord(sign) > 127 else rf"\x{{{ord(sign):x}}}"
            for sign in piece(longest)
        )

    forms = (
        lambda: escaped(20),
        lambda: f"{escaped()}.*{escaped(5)}",
        lambda: f"({escaped()}|{escaped()}|{escaped()})",
        lambda: f"^{escaped()}",
        lambda: rf"^\s*{escaped()}",
        lambda: f"{escaped()}$",
        lambda: rf"\b{escaped(6)}\b",
        lambda: rf"{escaped(4)}[a-z0-9_]{escaped(4)}",
        lambda: rf"{escaped(4)}\w+{escaped(4)}",
        lambda: rf"(?i:{escaped(8)}){escaped(3)}?",
        lambda: rf"({escaped(3)})+{escaped(5)}",
        lambda: rf"{escaped(5)}{{1,2}}",
        lambda: rf"[{chance.choice('aeiouAE')}{chance.choice('xyzſßé')}]{escaped(5)}",
        lambda: rf"\p{{Lu}}{escaped(5)}",
        lambda: rf"{escaped(5)}\s{escaped(3)}",
    )
    flags = [flag for flag, _ in OPTIONS if chance.random() < 0.3]
    return (piece(20) if "-F" in flags else chance.choice(forms)()), flags


@pytest.mark.timeout(600)
def test_the_same_lines_as_ripgrep(trees: list[tuple[Path, pampax.Repository]]) -> None:
    program = ripgrep()
    found, planned = 0, 0
    for tree, pattern, flags in questions([root for root, _ in trees], seed=20):
        root, repository = trees[tree]
        command = [
            program,
            "--no-config",
            "--hidden",
            "--no-require-git",
            "--no-heading",
            "--color=never",
            "-n",
            "--sort=path",
        ]
        finished = subprocess.run(
            [*command, *flags, "--", pattern, "."], cwd=root, capture_output=True, check=False, timeout=60
        )
        assert finished.returncode in (0, 1), (pattern, flags, finished.stderr)
        expected = comparable(line.removeprefix(b"./") for line in finished.stdout.split(b"\n"))
        options = {name: flag in flags for flag, name in OPTIONS}
        answer = repository.grep(pattern, limit=10_000_000, **options)  # type: ignore[arg-type]
        assert comparable(answer.to_lines().split(b"\n")) == expected, (pattern, flags)
        found += bool(expected)
        planned += answer.planned
    # Most questions are about something that is there, and most can be planned: else nothing was tested.
    assert found > PATTERNS / 3
    assert planned > PATTERNS / 3


def comparable(lines: Iterable[bytes]) -> list[bytes]:
    """Lines in one order, without ripgrep's words on NUL bytes, and none so long that only its beginning is shown."""
    return sorted(line[:4000] for line in lines if line and b"WARNING: stopped searching binary file" not in line)
