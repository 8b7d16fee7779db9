"""Vectors of a model that is given by path: made while indexing, kept in step, asked while searching."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import pampax

MODEL = Path(__file__).parents[2] / "rust/pampax-embed/tests/data/identifier-i8-clustered"
OTHER_MODEL = MODEL.parent / "bert-f32"
QUESTION = "where are the cookies of a session signed"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    for number in range(12):
        text = f"def sign_{number}(cookie):\n    return cookie\n\n\ndef load_{number}(session):\n    return session\n"
        (folder / f"session_{number}.py").write_text(text)
    return folder


def vectors_of(repository: pampax.Repository) -> str:
    return repository.search(QUESTION).coverage.vectors


def sources_of(repository: pampax.Repository) -> set[str]:
    hits = repository.search(QUESTION, explain=True).hits
    return {source["source"] for hit in hits if hit.explain for source in hit.explain["sources"]}


def test_without_a_model_vectors_are_absent_and_with_one_they_propose_hits(tree: Path, tmp_path: Path) -> None:
    plain = pampax.open(tree, store=tmp_path / "plain", vectors=False)
    plain.index()
    assert vectors_of(plain) == "absent"
    assert "vector" not in sources_of(plain)
    repository = pampax.open(tree, store=tmp_path / "store", embedder=MODEL)
    repository.index()
    assert vectors_of(repository) == "present"
    assert "vector" in sources_of(repository)


def test_the_package_has_a_model_of_its_own(tree: Path, tmp_path: Path) -> None:
    repository = pampax.open(tree, store=tmp_path / "store")
    repository.index()
    assert vectors_of(repository) == "present"


def test_a_model_that_comes_later_gives_the_index_its_vectors_without_parsing(tree: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    pampax.open(tree, store=store, vectors=False).index()
    repository = pampax.open(tree, store=store, embedder=MODEL)
    assert vectors_of(repository) == "absent"
    report = repository.index()
    assert (report.unchanged, report.added) == (12, 0)
    coverage = repository.search(QUESTION).coverage
    assert (coverage.vectors, coverage.notes) == ("present", [])
    assert repository.verify() == []


def test_sets_of_two_models_lie_side_by_side(tree: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    first = pampax.open(tree, store=store, embedder=MODEL)
    first.index()
    second = pampax.open(tree, store=store, embedder=OTHER_MODEL)
    assert vectors_of(second) == "absent"
    second.index()
    assert (vectors_of(first), vectors_of(second)) == ("present", "present")
    assert second.verify() == []


def test_an_index_built_by_edits_answers_as_a_clean_one(tree: Path, tmp_path: Path) -> None:
    """Enough runs that segments are merged, and their vectors with them."""
    repository = pampax.open(tree, store=tmp_path / "store", embedder=MODEL)
    for number in range(12):
        (tree / f"session_{number}.py").write_text(f"def sign_cookie_{number}(secret):\n    return secret + {number}\n")
        repository.index()
    clean = pampax.open(tree, store=tmp_path / "clean", embedder=MODEL)
    clean.index()

    def answer(of: pampax.Repository) -> object:
        document = json.loads(of.search(QUESTION, explain=True).to_json())
        del document["coverage"]["generation"]
        return document

    assert vectors_of(repository) == "present"
    assert answer(repository) == answer(clean)


def test_merging_loses_no_vectors_to_segments_that_have_none(tree: Path, tmp_path: Path) -> None:
    """Segments without vectors, of runs without a model, are not merged with those that have some."""
    store = tmp_path / "store"
    plain = pampax.open(tree, store=store, vectors=False)
    repository = pampax.open(tree, store=store, embedder=MODEL)

    def edit(number: int) -> None:
        (tree / "session_0.py").write_text(f"def sign_0(cookie):\n    return {number}\n")

    plain.index()
    for number in range(2):
        edit(number)
        plain.index()
    # What the first of these edits left is seen by nobody, and gets no vectors.
    repository.index()
    for number in range(2, 6):
        edit(number)
        repository.index()
        assert vectors_of(repository) == "present"
    for number in range(6, 11):
        edit(number)
        plain.index()
    assert vectors_of(repository) == "partial", "those of the files that were not edited are still there"
    assert repository.verify() == []


def test_a_model_that_is_none_stops_indexing_and_only_dulls_answers(tree: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    pampax.open(tree, store=store, vectors=False).index()
    broken = tmp_path / "model"
    shutil.copytree(MODEL, broken)
    (broken / "model.safetensors").write_bytes(b"\x08\x00\x00\x00\x00\x00\x00\x00{}      ")
    repository = pampax.open(tree, store=store, embedder=broken)
    with pytest.raises(pampax.PampaxError, match=r"model\.safetensors"):
        repository.index()
    answer = repository.search(QUESTION)
    assert answer.hits
    assert answer.coverage.vectors == "absent"
    assert any("embedding model" in note for note in answer.coverage.notes)


def test_a_search_has_vectors_after_what_needs_none(tree: Path, tmp_path: Path) -> None:
    """Looking up a name opens the index without reading the model; the next question still compares vectors."""
    pampax.open(tree, store=tmp_path / "store").index()
    repository = pampax.open(tree, store=tmp_path / "store")
    assert repository.symbols("sign_1")
    assert repository.status().files == 12
    assert vectors_of(repository) == "present"
    assert "vector" in sources_of(repository)
