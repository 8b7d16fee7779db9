"""Laws of every answer: the same on any number of threads, longer lists extend shorter ones, filters only remove."""

from __future__ import annotations

import fnmatch
import json
import os
from pathlib import Path
from typing import Any

import pytest
from fault_harness import comparable_status
from hypothesis import HealthCheck, given, settings
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


def hits_of(answer: Any) -> list[tuple[Any, ...]]:
    """The hits as values that can be compared."""
    return [(hit.path, hit.start_line, hit.end_line, hit.symbol, hit.kind, hit.score) for hit in answer.hits]


def test_the_number_of_threads_changes_nothing(tree: Path) -> None:
    """Byte for byte, for indexing with so many threads and for searching with so many."""
    told = {}
    for threads in (1, 2, 4):
        made = pampax.open(tree, store=tree.parent / f"threads{threads}", threads=threads)
        made.index()
        answers = [made.search(query, limit=30, explain=True).to_json() for query in QUERIES]
        bundles = [made.assemble(query, budget=2_000).to_json() for query in QUERIES[:6]]
        told[threads] = (answers, bundles, comparable_status(json.loads(made.status().to_json())))
    assert told[1] == told[2] == told[4]


def test_little_memory_changes_nothing(tree: Path, repository: Any) -> None:
    """The ceiling decides how the work is cut into pieces, not what comes out."""
    made = pampax.open(tree, store=tree.parent / "small-memory", memory_bytes=64 << 20)
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


@EXAMPLES
@given(
    query=queries,
    languages=st.lists(
        st.sampled_from(["python", "typescript", "go", "markdown", "yaml", "cpp"]), max_size=2, unique=True
    ),
    kinds=st.lists(st.sampled_from(["function", "method", "class", "struct", "section"]), max_size=2, unique=True),
    glob=st.sampled_from([None, "services/**", "**/*.py", "!services/**", "docs/**/*.md", "no/such/**"]),
    tests=st.sampled_from([None, True, False]),
)
def test_filters_only_remove(
    repository: Any, query: str, languages: list[str], kinds: list[str], glob: str | None, tests: bool | None
) -> None:
    everything = hits_of(repository.search(query, limit=EVERYTHING))
    paths = [] if glob is None else [glob]
    answer = repository.search(query, limit=EVERYTHING, languages=languages, kinds=kinds, paths=paths, tests=tests)
    left = hits_of(answer)
    remaining = iter(everything)
    assert all(hit in remaining for hit in left), (
        "a hit that the search without filters does not have, or another order"
    )
    for hit in answer.hits:
        assert not languages or hit.language in languages
        assert not kinds or hit.kind in kinds
        if glob is not None:
            assert fnmatch.fnmatch(hit.path, glob.lstrip("!").replace("**/", "*")) != glob.startswith("!")
    if everything and not left:
        assert answer.empty_reason == "filtered-out"


@EXAMPLES
@given(query=queries)
def test_with_and_without_tests_are_the_two_halves(repository: Any, query: str) -> None:
    both = hits_of(repository.search(query, limit=EVERYTHING))
    only = hits_of(repository.search(query, limit=EVERYTHING, tests=True))
    none = hits_of(repository.search(query, limit=EVERYTHING, tests=False))
    assert sorted(map(repr, only + none)) == sorted(map(repr, both))


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
