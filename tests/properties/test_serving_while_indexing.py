"""While a long run goes on, what it has can be searched, and every answer says how many files are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import pampax
from corpora import generate

if TYPE_CHECKING:
    from pathlib import Path

FILES = 4_000
MEMORY_BYTES = 128 << 20
"""With little memory segments are small, and what is complete is made visible every two seconds."""
LONG_SECONDS = 5.0
"""A run as long as this has made something visible."""


@pytest.mark.timeout(600)
def test_a_long_run_can_be_searched_before_it_ends(tmp_path: Path) -> None:
    tree, store = tmp_path / "tree", tmp_path / "store"
    generate.generate(tree, files=FILES)
    (tree / "vendor").mkdir()
    (tree / "vendor" / "copied.py").write_text("def copied_from_elsewhere():\n    return 1\n")
    reader = pampax.open(tree, store=store, freshness_ms=0)
    seen: list[tuple[int, int, int]] = []

    def look(_progress: object) -> None:
        if not reader.is_indexed:
            return
        answer = reader.search("where is the request handled")
        coverage = answer.coverage
        assert answer.hits, "what is visible is searched"
        assert all((tree / hit.path).is_file() for hit in answer.hits)
        if coverage.files_pending:
            assert coverage.files_indexed + coverage.files_pending >= FILES
            # Copied code is read last.
            assert reader.symbols("copied_from_elsewhere") == []
        seen.append((coverage.generation or 0, coverage.files_indexed, coverage.files_pending))

    # One thread: the run takes long enough also on a fast machine, unless the build is optimised.
    report = pampax.open(tree, store=store, threads=1, memory_bytes=MEMORY_BYTES).index(progress=look)
    if report.seconds < LONG_SECONDS:
        pytest.skip(f"the run took only {report.seconds:.1f} s: nothing of it was visible before its end")
    partial = [state for state in seen if state[2]]
    assert partial, "nothing was visible before the end"
    assert seen == sorted(seen, key=lambda state: state[0]), "generations do not go back"
    final = reader.search("where is the request handled")
    assert final.coverage.files_pending == 0
    clean = pampax.open(tree, store=tmp_path / "clean")
    clean.index()
    expected = [(hit.path, hit.start_line, hit.score) for hit in clean.search("where is the request handled").hits]
    assert [(hit.path, hit.start_line, hit.score) for hit in final.hits] == expected
