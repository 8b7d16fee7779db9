"""The crates depend on each other as the design says, and each heavy library is named by one crate only."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

BASE, ENGINE, BINDING = "pampax-base", "pampax-engine", "pampax-py"
# What only one crate may depend on, whatever the reason.
OWNERS = {
    "tantivy": "pampax-lexical",
    "usearch": "pampax-vector",
    "rusqlite": "pampax-store",
    "scip": "pampax-scip",
    "grep-regex": ENGINE,
    "grep-searcher": ENGINE,
    "gix": "pampax-history",
    "imara-diff": "pampax-history",
    "flate2": "pampax-archive",
    "notify": "pampax-watch",
    "pyo3": BINDING,
    "numpy": BINDING,
}
# The binding gives the primitives of these crates to Python directly; everything else it reaches through the engine.
PRIMITIVES = {"pampax-graph", "pampax-pack", "pampax-rank", "pampax-tokenize"}


@cache
def dependencies() -> dict[str, set[str]]:
    """Every crate of the workspace with the names of the packages it depends on in any way."""
    command = ["cargo", "metadata", "--no-deps", "--format-version", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=60)
    packages: list[dict[str, Any]] = json.loads(done.stdout)["packages"]
    return {package["name"]: {dependency["name"] for dependency in package["dependencies"]} for package in packages}


def allowed(crate: str) -> set[str]:
    """The crates of the workspace that `crate` may depend on."""
    if crate == BASE:
        return set()
    if crate == ENGINE:
        return dependencies().keys() - {ENGINE, BINDING}
    if crate == BINDING:
        return {BASE, ENGINE} | PRIMITIVES
    return {BASE}


def test_the_workspace_has_the_crates_of_the_design() -> None:
    assert len(dependencies()) >= 12
    assert {BASE, ENGINE, BINDING} <= dependencies().keys()
    folders = {manifest.parent.name for manifest in ROOT.glob("rust/*/Cargo.toml")}
    assert folders == dependencies().keys()


def test_crates_depend_only_downwards() -> None:
    arrows = {(crate, used) for crate, needs in dependencies().items() for used in needs & dependencies().keys()}
    assert (ENGINE, BASE) in arrows
    assert sorted((crate, used) for crate, used in arrows if used not in allowed(crate)) == []


def test_each_heavy_library_has_one_owner() -> None:
    users = {
        library: sorted(crate for crate, needs in dependencies().items() if library in needs) for library in OWNERS
    }
    assert users == {library: [owner] for library, owner in OWNERS.items()}
