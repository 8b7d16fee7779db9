"""Files that people read stay short, and the binding stays thin."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINES_MAXIMUM = 1_000
# Mostly the documented properties of its classes; what is decided is decided in the engine.
BINDING_SHARE_MAXIMUM = 0.08
# Below this the share says little: the binding has a fixed part.
SHARE_COUNTS_FROM_LINES = 10_000


def lines_of(*patterns: str) -> dict[str, int]:
    """Every file that fits a pattern with its number of lines."""
    paths = {path for pattern in patterns for path in ROOT.glob(pattern) if "__pycache__" not in path.parts}
    return {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in sorted(paths)}


def test_no_hand_written_file_is_long() -> None:
    lines = lines_of(
        "rust/*/src/**/*.rs",
        "rust/*/tests/**/*.rs",
        "rust/*/benches/**/*.rs",
        "rust/*/build.rs",
        "rust/*/queries/**/*.scm",
        "python/pampax/**/*.py",
        "python/pampax/**/*.pyi",
        "scripts/**/*.py",
        "tests/**/*.py",
        "asv_bench/benchmarks/**/*.py",
    )
    assert len(lines) >= 60
    assert {name: count for name, count in lines.items() if count > LINES_MAXIMUM} == {}


def test_the_binding_is_thin() -> None:
    lines = lines_of("rust/*/src/**/*.rs")
    binding = sum(count for name, count in lines.items() if name.startswith("rust/pampax-py/"))
    total = sum(lines.values())
    assert 0 < binding < total
    if total > SHARE_COUNTS_FROM_LINES:
        assert binding <= BINDING_SHARE_MAXIMUM * total, f"{binding} of {total} lines"
