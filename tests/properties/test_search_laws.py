"""Laws of every answer: the same on any number of threads, longer lists extend shorter ones, filters only remove."""

from __future__ import annotations

import fnmatch
import json
import os
from pathlib import Path
from typing import Any

import pytest
from fault_harness import comparable_status
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import pampax
from corpora import generate

# Each example searches a real index: fewer of them than where an example costs microseconds.
SLOW = os.environ.get("HYPOTHESIS_PROFILE") == "slow"
EXAMPLES = settings(max_examples=1000 if SLOW else 50, deadline=None, suppress_health_check=list(HealthCheck))
pytestmark = [pytest.mark.property, pytest.mark.timeout(3600 if SLOW else 300)]

QUERIES = generate.queries(files=150, seed=9, count=24)
EVERYTHING = 1_000

queries = st.one_of(
    st.sampled_from(QUERIES),
    st.lists(st.sampled_from(" ".join(QUERIES).split()), min_size=1, max_size=6).map(" ".join),
    st.text(min_size=1, max_size=40).filter(lambda text: bool(text.strip()) and "\0" not in text),
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated repository of 150 files."""
    folder = tmp_path_factory.mktemp("laws") / "tree"
    generate.generate(folder, files=150, seed=9)
    return folder


@pytest.fixture(scope="module")
def repository(tree: Path) -> Any:
    """Its index."""
    made = pampax.open(tree, store=tree.parent / "store")
    made.index()
    return made


@pytest.fixture(scope="module")
def small_repository(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The index of 30 files: so few that a search looks at all of them and its answer is complete."""
    folder = tmp_path_factory.mktemp("complete")
    generate.generate(folder / "tree", files=30, seed=9)
    made = pampax.open(folder / "tree", store=folder / "store", vectors=False)
    made.index()
    return made


def spans_of(answer: Any) -> list[tuple[str, int, int]]:
    """Where the hits are, without their scores."""
    return [(hit.path, hit.start_line, hit.end_line) for hit in answer.hits]


def hits_of(answer: Any) -> list[tuple[Any, ...]]:
    """The hits as values that can be compared."""
    return [(hit.path, hit.start_line, hit.end_line, hit.symbol, hit.kind, hit.score) for hit in answer.hits]


def test_the_number_of_threads_changes_nothing(tree: Path) -> None:
    """For indexing with so many threads and for searching with so many; on one store byte for byte."""
    told, first = {}, tree.parent / "threads1"
    for threads in (1, 2, 4):
        # Time enough for the look for changes on a busy machine: answers say what came of it.
        built = pampax.open(tree, store=tree.parent / f"threads{threads}", threads=threads, freshness_ms=60_000)
        built.index()
        answers = [json.loads(built.search(query, limit=30, explain=True).to_json()) for query in QUERIES]
        # The id of a bundle names the store it came from.
        bundles = [json.loads(built.assemble(query, budget=2_000).to_json()) | {"id": ""} for query in QUERIES[:6]]
        for made in answers + bundles:  # on a busy machine a run may make visible what it has before it ends
            del made["coverage"]["generation"]
        same_store = pampax.open(tree, store=first, threads=threads, freshness_ms=60_000)
        exact = [same_store.assemble(query, budget=2_000).to_json() for query in QUERIES[:6]]
        exact += [same_store.search(query, limit=30, explain=True).to_json() for query in QUERIES]
        told[threads] = (answers, bundles, exact, comparable_status(json.loads(built.status().to_json())))
    assert told[1] == told[2]
    assert told[1] == told[4]


def test_little_memory_changes_nothing(tree: Path, repository: Any) -> None:
    """The ceiling decides how the work is cut into pieces, not what comes out."""
    made = pampax.open(tree, store=tree.parent / "small-memory", memory_bytes=128 << 20)
    made.index()
    for query in QUERIES:
        assert hits_of(made.search(query, limit=30)) == hits_of(repository.search(query, limit=30))


@EXAMPLES
@given(query=queries)
def test_the_same_question_has_the_same_answer(repository: Any, query: str) -> None:
    assert repository.search(query).to_json() == repository.search(query).to_json()


@EXAMPLES
@given(query=queries, short=st.integers(1, 30), more=st.integers(0, 80))
def test_a_longer_list_extends_a_shorter_one(repository: Any, query: str, short: int, more: int) -> None:
    few, many = hits_of(repository.search(query, limit=short)), hits_of(repository.search(query, limit=short + more))
    assert len(few) <= short
    assert few == many[: len(few)]
    assert len(few) == short or len(many) == len(few), "the short list stopped early"


LANGUAGES = ["python", "typescript", "go", "markdown", "yaml", "cpp"]
KINDS = ["function", "method", "class", "struct", "section"]
GLOBS = ["services/**", "**/*.py", "!services/**", "docs/**/*.md", "no/such/**"]

filters = st.fixed_dictionaries(
    {},
    optional={
        "languages": st.lists(st.sampled_from(LANGUAGES), max_size=2, unique=True),
        "kinds": st.lists(st.sampled_from(KINDS), max_size=2, unique=True),
        "paths": st.lists(st.sampled_from(GLOBS), max_size=1),
        "tests": st.booleans(),
    },
)


@EXAMPLES
@given(query=queries, chosen=filters)
def test_hits_obey_the_filters(repository: Any, query: str, chosen: dict[str, Any]) -> None:
    answer = repository.search(query, limit=EVERYTHING, **chosen)
    for hit in answer.hits:
        assert not chosen.get("languages") or hit.language in chosen["languages"]
        assert not chosen.get("kinds") or hit.kind in chosen["kinds"]
        for glob in chosen.get("paths", []):
            assert fnmatch.fnmatch(hit.path, glob.lstrip("!").replace("**/", "*")) != glob.startswith("!")
    if not answer.hits and repository.search(query).hits:
        assert answer.empty_reason == "filtered-out"


@EXAMPLES
@given(query=queries, chosen=filters)
def test_filters_only_remove(small_repository: Any, query: str, chosen: dict[str, Any]) -> None:
    """Where an answer is complete. A truncated one may leave out what a filter makes room for, and says `truncated`.

    A file that is found as a whole (by its path, say) is shown by its best lines of the kinds asked for, so with
    `kinds` the law holds for files only.
    """
    everything = small_repository.search(query, limit=EVERYTHING)
    assume(not everything.coverage.truncated)
    left = spans_of(small_repository.search(query, limit=EVERYTHING, **chosen))
    if chosen.get("kinds"):
        assert {path for path, _, _ in left} <= {path for path, _, _ in spans_of(everything)}
    else:
        assert set(left) <= set(spans_of(everything))


@EXAMPLES
@given(query=queries)
def test_with_and_without_tests_are_the_two_halves(small_repository: Any, query: str) -> None:
    both = small_repository.search(query, limit=EVERYTHING)
    assume(not both.coverage.truncated)
    only = spans_of(small_repository.search(query, limit=EVERYTHING, tests=True))
    none = spans_of(small_repository.search(query, limit=EVERYTHING, tests=False))
    assert sorted(only + none) == sorted(spans_of(both))


@EXAMPLES
@given(query=queries)
def test_hits_are_real_lines_of_real_files(tree: Path, repository: Any, query: str) -> None:
    answer = repository.search(query, limit=50)
    for hit in answer.hits:
        assert not hit.path.startswith(("/", "..", "./"))
        lines = (tree / hit.path).read_text(encoding="utf-8").count("\n")
        assert 1 <= hit.start_line <= hit.end_line <= lines + 1
        assert hit.why
    spans = [(hit.path, hit.start_line, hit.end_line) for hit in answer.hits]
    assert len(set(spans)) == len(spans)
    assert [hit.score for hit in answer.hits] == sorted((hit.score for hit in answer.hits), reverse=True)
    assert bool(answer.hits) == (answer.empty_reason is None)


def test_definitions_are_found_where_they_are(tree: Path, repository: Any) -> None:
    """Every definition the generator promises is known as a symbol of its file, in every language."""
    planned = [file for file in generate.plan(150, 9) if file.kind == "code"]
    languages = {file.language for file in planned}
    assert len(languages) >= 10
    missing = []
    for file in planned:
        for name in file.functions:
            found = [hit for hit in repository.symbols(name, limit=EVERYTHING) if hit.path == file.path and hit.exact]
            text = (tree / file.path).read_text(encoding="utf-8").splitlines()
            if not any(name in line for hit in found for line in text[hit.start_line - 1 : hit.end_line]):
                missing.append(f"{name} in {file.path}")
    assert not missing, missing[:20]
