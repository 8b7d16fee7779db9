"""Every class of the binding is frozen: Python may share its objects between threads."""

from __future__ import annotations

import re
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "rust" / "pampax-py" / "src"
# Raise it when classes are added, so that a moved folder does not let this test pass on nothing.
CLASSES_AT_LEAST = 1
PYCLASS = re.compile(r"#\[(?:pyo3::)?pyclass(?P<arguments>\(.*?\))?\]", re.DOTALL)


def test_every_class_is_frozen() -> None:
    found = [
        (path.name, declaration.group("arguments") or "")
        for path in sorted(SOURCES.rglob("*.rs"))
        for declaration in PYCLASS.finditer(path.read_text(encoding="utf-8"))
    ]
    assert len(found) >= CLASSES_AT_LEAST
    assert [name for name, arguments in found if not re.search(r"\bfrozen\b", arguments)] == []


def test_the_interpreter_is_let_go_in_one_place_only() -> None:
    users = {path.name for path in SOURCES.rglob("*.rs") if re.search(r"\.detach\(", path.read_text(encoding="utf-8"))}
    assert users == {"gate.rs"}
