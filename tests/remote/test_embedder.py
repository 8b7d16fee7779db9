"""Vectors from an endpoint: made after the words, kept as far as they came, compared where they are complete."""

from __future__ import annotations

import json
import shutil
import time
from typing import TYPE_CHECKING, Any

import pytest

import pampax
from pampax.configuration import ConfigurationError
from pampax.remote import RemoteEmbedder
from pampax.remote.address import address, key_for
from pampax.remote.endpoint import CircuitBreaker

if TYPE_CHECKING:
    from pathlib import Path

    from server_process import ModelServer

QUESTION = "how is it decided that a basket is still valid"


def embedder(server: ModelServer, **options: Any) -> RemoteEmbedder:
    options = {"model": "packaged", "batch_texts": 4, "attempts": 1} | options
    return RemoteEmbedder(f"{server.url}/v1", **options)


def opened(tree: Path, store: Path, server: ModelServer, **options: Any) -> pampax.Repository:
    return pampax.open(tree, store=store, remote_embedder=embedder(server, **options))


def vectors_report(report: pampax.IndexReport) -> dict[str, Any]:
    assert report.remote_vectors is not None
    return report.remote_vectors


def test_the_packaged_model_behind_an_endpoint_answers_as_it_does_here(
    tree: Path, tmp_path: Path, server: ModelServer
) -> None:
    """The other side runs model2vec's own code, so this also holds our reading of the model against another."""
    here = pampax.open(tree, store=tmp_path / "here")
    here.index()
    there = opened(tree, tmp_path / "there", server)
    report = vectors_report(there.index())
    assert (report["missing"], report["problem"]) == (0, None)
    assert report["embedded"] == there.status().chunks
    expected, answer = here.search(QUESTION, explain=True), there.search(QUESTION, explain=True)
    assert (expected.coverage.vectors, answer.coverage.vectors) == ("present", "remote")
    assert [(hit.path, hit.symbol) for hit in answer.hits] == [(hit.path, hit.symbol) for hit in expected.hits]
    for hit, other in zip(answer.hits, expected.hits, strict=True):
        assert hit.score == pytest.approx(other.score, abs=0.05)
        assert hit.explain is not None
        assert other.explain is not None
        sources = {source["source"] for source in hit.explain["sources"]}
        assert sources == {source["source"] for source in other.explain["sources"]}
    assert any(
        source["source"] == "vector" for hit in answer.hits for source in (hit.explain or {"sources": []})["sources"]
    )


def test_each_model_has_a_set_of_its_own_beside_that_of_the_package(
    tree: Path, tmp_path: Path, server: ModelServer
) -> None:
    store = tmp_path / "store"
    opened(tree, store, server).index()
    assert len(list(store.glob("segments/*/vectors[0-9]*-*"))) == 1
    assert len(list(store.glob("segments/*/remote[0-9]*-*"))) == 1
    other = opened(tree, store, server, model="another")
    assert other.search(QUESTION).coverage.vectors == "local"
    other.index()
    assert len(list(store.glob("segments/*/remote[0-9]*-*"))) == 2
    assert other.search(QUESTION).coverage.vectors == "remote"
    assert other.verify() == []


def test_requests_hold_so_many_texts_and_bytes(tree: Path, tmp_path: Path, server: ModelServer) -> None:
    opened(tree, tmp_path / "one", server, batch_texts=3).index()
    sizes = [len(request["body"]["input"]) for request in server.requests]
    assert max(sizes) == 3
    assert len(sizes) < len(server.texts)
    assert all("\n" in text and text.partition("\n")[0].endswith(".py") for text in server.texts), "path, then code"
    server.fails()
    opened(tree, tmp_path / "two", server, batch_texts=100, batch_bytes=300).index()
    lengths = [[len(text) for text in request["body"]["input"]] for request in server.requests]
    assert all(sum(row) <= 300 or len(row) == 1 for row in lengths)
    assert max(map(len, lengths)) > 1
    server.fails()
    (tree / "long.py").write_text("def long():\n    return '" + "é" * 5000 + "'\n")
    opened(tree, tmp_path / "three", server, text_bytes=301).index()
    assert max(len(text.encode()) for text in server.texts) in (300, 301), "cut between letters"


def test_an_endpoint_that_fails_leaves_words_and_local_vectors_and_the_next_run_goes_on(
    tree: Path, tmp_path: Path, server: ModelServer
) -> None:
    server.fails({}, {}, always={"status": 503, "message": "the model is loading"})
    repository = opened(tree, tmp_path / "store", server)
    report = repository.index()
    made = vectors_report(report)
    assert report.files == 10
    assert made["embedded"] == 8
    assert made["missing"] == report.chunks - 8
    assert "HTTP status 503: the model is loading" in made["problem"]
    first = server.texts
    answer = repository.search(QUESTION)
    assert answer.hits[0].symbol == "check_basket"
    assert answer.coverage.vectors == "local"
    assert (
        f"{made['missing']} of {report.chunks} chunks have no vectors of packaged at 127.0.0.1"
        in answer.coverage.notes[0]
    )

    server.fails()
    made = vectors_report(opened(tree, tmp_path / "store", server).index())
    assert (made["embedded"], made["missing"], made["problem"]) == (report.chunks - 8, 0, None)
    assert not set(server.texts) & set(first[:8]), "nothing is asked for twice"
    answer = repository.search(QUESTION)
    assert (answer.coverage.vectors, answer.coverage.notes) == ("remote", [])
    assert len(list((tmp_path / "store").glob("segments/*/remote[0-9]*-*"))) == 1, "the smaller set is gone"
    assert repository.verify() == []


def test_a_question_that_gets_no_vector_is_answered_by_the_local_model(
    tree: Path, tmp_path: Path, server: ModelServer
) -> None:
    local = pampax.open(tree, store=tmp_path / "store")
    repository = opened(tree, tmp_path / "store", server)
    repository.index()
    server.fails(always={"status": 500})
    answer = repository.search(QUESTION)
    assert answer.coverage.vectors == "local"
    assert answer.coverage.notes[0].endswith("vectors of the local model were compared instead")
    assert "HTTP status 500" in answer.coverage.notes[0]
    expected = local.search(QUESTION)
    assert [(hit.path, hit.score) for hit in answer.hits] == [(hit.path, hit.score) for hit in expected.hits]
    bundle = repository.assemble(QUESTION, budget=1000)
    assert bundle.items
    assert bundle.coverage.vectors == "local"
    server.fails()
    other = repository.assemble(QUESTION, budget=1000)
    assert other.coverage.vectors == "remote"
    assert other.id != bundle.id, "what differs has another name"


def test_a_slow_endpoint_holds_a_question_for_the_timeout_only(tree: Path, tmp_path: Path, server: ModelServer) -> None:
    repository = opened(tree, tmp_path / "store", server, timeout_seconds=0.5)
    repository.index()
    server.fails(always={"delay": 3})
    started = time.monotonic()
    answer = repository.search(QUESTION)
    assert time.monotonic() - started < 2
    assert answer.coverage.vectors == "local"
    assert "no answer within" in answer.coverage.notes[0]


def test_only_questions_in_words_are_sent_and_each_once(tree: Path, tmp_path: Path, server: ModelServer) -> None:
    repository = opened(tree, tmp_path / "store", server)
    repository.index()
    server.fails()
    assert repository.search("check_basket").hits
    assert repository.symbols("check_basket")
    assert server.requests == []
    repository.search(QUESTION)
    repository.search(QUESTION, limit=3)
    repository.assemble(QUESTION, budget=1000)
    assert server.texts == [QUESTION]
    for number in range(300):
        repository.search(f"{QUESTION} {number}")
    repository.search(QUESTION)
    assert server.texts.count(QUESTION) == 2, "the memory for questions is bounded"


def test_without_vectors_nothing_is_sent(tree: Path, tmp_path: Path, server: ModelServer) -> None:
    repository = pampax.open(tree, store=tmp_path / "store", remote_embedder=embedder(server), vectors=False)
    assert repository.index().remote_vectors is None
    assert repository.search(QUESTION).coverage.vectors == "absent"
    assert server.requests == []


def test_an_edit_costs_the_chunks_of_its_file_also_where_segments_are_merged(
    tree: Path, tmp_path: Path, server: ModelServer
) -> None:
    repository = opened(tree, tmp_path / "store", server)
    repository.index()
    for number in range(8):
        server.fails()
        (tree / "basket_1.py").write_text(f"def check_basket(value):\n    return value > {number + 50}\n")
        made = vectors_report(repository.index())
        assert made["missing"] == 0
        assert {text.partition("\n")[0] for text in server.texts} == {"basket_1.py"}
        assert made["embedded"] == len(server.texts)
    assert repository.status().segments < 8, "some were merged"
    clean = opened(tree, tmp_path / "clean", server)
    clean.index()

    def answer(of: pampax.Repository) -> object:
        document = json.loads(of.search(QUESTION, explain=True).to_json())
        del document["coverage"]["generation"]
        return document

    assert answer(repository) == answer(clean)
    assert repository.verify() == []


def test_a_second_worktree_is_asked_about_where_it_differs(tree: Path, tmp_path: Path, server: ModelServer) -> None:
    opened(tree, tmp_path / "store", server).index()
    other_tree = tmp_path / "other"
    shutil.copytree(tree, other_tree)
    (other_tree / "order_9.py").write_text("def order_again():\n    return 'tea'\n")
    server.fails()
    other = opened(other_tree, tmp_path / "store", server)
    assert other.search(QUESTION).empty_reason == "not-indexed"
    assert vectors_report(other.index())["missing"] == 0
    assert {text.partition("\n")[0] for text in server.texts} == {"order_9.py"}
    assert other.search(QUESTION).coverage.vectors == "remote"


def test_vectors_that_only_another_worktree_lacks_are_made_for_it(
    tree: Path, tmp_path: Path, server: ModelServer
) -> None:
    """A segment of both, made without the endpoint: the first asks for what it sees, the second for the rest."""
    plain = pampax.open(tree, store=tmp_path / "store")
    plain.index()
    other_tree = tmp_path / "other"
    shutil.copytree(tree, other_tree)
    pampax.open(other_tree, store=tmp_path / "store").index()
    (tree / "order_9.py").unlink()
    first = opened(tree, tmp_path / "store", server)
    assert vectors_report(first.index())["missing"] == 0
    assert "order_9.py" not in {text.partition("\n")[0] for text in server.texts}
    server.fails()
    second = opened(other_tree, tmp_path / "store", server)
    answer = second.search(QUESTION)
    assert answer.coverage.vectors == "local"
    assert vectors_report(second.index())["missing"] == 0
    assert {text.partition("\n")[0] for text in server.texts} == {"order_9.py"}
    assert second.search(QUESTION).coverage.vectors == "remote"
    assert second.verify() == []


def test_a_model_that_was_exchanged_is_noticed(tree: Path, tmp_path: Path, server: ModelServer) -> None:
    repository = opened(tree, tmp_path / "store", server)
    repository.index()
    (tree / "new.py").write_text("def entirely_new():\n    return 1\n")
    server.fails(always={"dimensions": 16})
    with pytest.raises(pampax.InvalidInput, match=r"16 dimensions, those in the index have .*pampax index --force"):
        repository.index()
    answer = repository.search("entirely new function of this file")
    assert answer.hits[0].path == "new.py", "the words are committed all the same"
    assert answer.coverage.vectors == "local"
    report = vectors_report(repository.index(force=True))
    assert (report["missing"], report["problem"]) == (0, None)
    assert repository.search(QUESTION).coverage.vectors == "remote"
    server.fails()
    answer = repository.search(QUESTION + " and why")
    assert answer.coverage.vectors == "local"
    assert "pampax index --force" in answer.coverage.notes[0]


def test_dimensions_are_asked_for_and_checked(tree: Path, tmp_path: Path, server: ModelServer) -> None:
    repository = opened(tree, tmp_path / "store", server, dimensions=32)
    repository.index()
    assert {request["body"]["dimensions"] for request in server.requests} == {32}
    assert repository.search(QUESTION).coverage.vectors == "remote"
    server.fails(always={"dimensions": 16})
    with pytest.raises(pampax.InvalidInput, match="16 dimensions where 32 are expected"):
        opened(tree, tmp_path / "other", server, dimensions=32).index()


def test_a_changed_file_is_no_reason_to_stop(tree: Path, tmp_path: Path, server: ModelServer) -> None:
    """A file that changes between words and vectors gets its vectors from the next run."""
    server.fails(always={"delay": 0.2})
    repository = opened(tree, tmp_path / "store", server)

    def change(progress: pampax.Progress) -> None:
        if progress.stage == "vectors":
            (tree / "user_8.py").write_text("def somebody():\n    return 'changed'\n")

    report = repository.index(progress=change)
    server.fails()
    made = vectors_report(report)
    assert made["problem"] is None
    if made["missing"]:
        assert repository.search(QUESTION).coverage.vectors == "local"
    assert vectors_report(repository.index())["missing"] == 0
    assert repository.search(QUESTION).coverage.vectors == "remote"


def test_stopping_is_heard_while_an_answer_is_waited_for_and_keeps_what_came(
    tree: Path, tmp_path: Path, server: ModelServer
) -> None:
    server.fails({}, {}, always={"delay": 15})
    repository = opened(tree, tmp_path / "store", server)
    stopped = 0.0

    def stop(progress: pampax.Progress) -> None:
        nonlocal stopped
        if progress.stage == "vectors":
            # The engine waits for an answer meanwhile: it is told of the stop while it does.
            while len(server.requests) < 3:
                time.sleep(0.01)
            stopped = time.monotonic()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        repository.index(progress=stop)
    assert time.monotonic() - stopped < 2
    server.fails()
    assert 0 < vectors_report(repository.index())["embedded"] < repository.status().chunks


def test_what_a_killed_run_left_half_written_is_not_taken_for_vectors(
    tree: Path, tmp_path: Path, server: ModelServer
) -> None:
    opened(tree, tmp_path / "store", server).index()
    (whole,) = (tmp_path / "store").glob("segments/*/remote[0-9]*-*")
    half = whole.with_name(whole.name + "-2")
    half.write_bytes(whole.read_bytes()[:100])
    opened(tree, tmp_path / "store", server, model="another").index()
    assert not half.exists()
    repository = opened(tree, tmp_path / "store", server)
    assert repository.search(QUESTION).coverage.vectors == "remote"
    assert repository.verify() == []


def test_a_search_that_repairs_the_index_does_not_ask_for_vectors(
    tree: Path, tmp_path: Path, server: ModelServer
) -> None:
    opened(tree, tmp_path / "store", server).index()
    (damaged,) = (tmp_path / "store").glob("segments/*/facts")
    damaged.write_bytes(b"no facts" + damaged.read_bytes()[8:])
    server.fails()
    repository = opened(tree, tmp_path / "store", server)
    answer = repository.search(QUESTION)
    assert answer.hits[0].symbol == "check_basket"
    assert answer.coverage.vectors == "local"
    assert any("built anew" in note for note in answer.coverage.notes)
    assert server.requests == []
    assert vectors_report(repository.index())["missing"] == 0
    assert repository.search(QUESTION).coverage.vectors == "remote"


def test_an_endpoint_that_fails_again_and_again_is_left_alone(tree: Path, tmp_path: Path, server: ModelServer) -> None:
    repository = opened(tree, tmp_path / "store", server, breaker=CircuitBreaker(threshold=2, open_seconds=60))
    repository.index()
    server.fails(always={"status": 500})
    assert "HTTP status 500" in repository.search(QUESTION).coverage.notes[0]
    assert len(server.requests) == 2
    started = time.monotonic()
    assert "failed 2 times in a row" in repository.search(QUESTION).coverage.notes[0]
    assert time.monotonic() - started < 0.5
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/v1",
        "https://",
        "localhost:8080",
        "https://name:hunter2@host/v1",
        "https://host/v1?key=hunter2",
        "https://host/v1#hunter2",
        "https://host:port/v1",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        RemoteEmbedder(url)
    assert "hunter2" not in str(caught.value)


def test_which_key_goes_where() -> None:
    environment = {"PAMPAX_EMBEDDER_API_KEY": "", "OPENAI_API_KEY": "sk-openai", "OTHER": "sk-other"}

    def key(url: str, named: str | None = None, **more: str) -> str:
        return key_for(address(url, "embeddings"), environment | more, "PAMPAX_EMBEDDER_API_KEY", named)

    assert key("https://api.openai.com/v1") == "sk-openai"
    assert key("https://API.OpenAI.com:443/v1") == "sk-openai"
    for url in ("https://api.openai.com.example.org/v1", "https://example.org/api.openai.com", "http://localhost:1/v1"):
        assert key(url) == ""
    assert key("https://api.openai.com/v1", PAMPAX_EMBEDDER_API_KEY="sk-ours") == "sk-ours"
    assert key("https://example.org/v1", "OTHER") == "sk-other"
    assert key("http://127.0.0.1:9/v1", "OTHER") == "sk-other"
    for named, problem in (("MISSING", "is not set"), ("ODD", "no key")):
        with pytest.raises(ConfigurationError, match=problem) as caught:
            key("https://example.org", named, ODD="sk-odd\nx: y")
        assert "sk-" not in str(caught.value)
    with pytest.raises(ConfigurationError, match="without encryption") as caught:
        key("http://example.org/v1", "OTHER")
    assert "sk-other" not in str(caught.value)
    with pytest.raises(ConfigurationError, match="without encryption"):
        key("http://127.0.0.1.example.org/v1", "OTHER")


class Odd:
    """An embedder of somebody else's that does not keep to its word."""

    identity = "0123456789abcdef"
    name = "odd"
    batch_texts = 4
    batch_bytes = 1000
    text_bytes = 1000

    def __init__(self, answer: bytes | Exception) -> None:
        self.answer = answer

    def embed(self, texts: list[str], question: bool, keep_going: object) -> bytes:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"", pampax.InvalidInput),
        (b"\0" * 4 * 7, pampax.InvalidInput),
        (b"\0" * 4 * 4 * 9000, pampax.InvalidInput),
        (ValueError("what is this"), pampax.InternalError),
    ],
)
def test_whatever_an_embedder_does_the_words_are_indexed(
    tree: Path, tmp_path: Path, answer: bytes | Exception, kind: type[Exception]
) -> None:
    repository = pampax.open(tree, store=tmp_path / "store", remote_embedder=Odd(answer))
    with pytest.raises(kind):
        repository.index()
    found = repository.search(QUESTION)
    assert found.hits
    assert found.coverage.vectors == "local"


@pytest.mark.parametrize("identity", ["short", "../../../../etc/passwd", "0123456789ABCDEF"])
def test_an_identity_is_part_of_a_file_name(tree: Path, identity: str) -> None:
    odd = Odd(b"")
    odd.identity = identity
    with pytest.raises(pampax.InvalidInput, match="hexadecimal"):
        pampax.open(tree, remote_embedder=odd)


def test_fewer_texts_are_sent_to_an_endpoint_that_takes_fewer(tree: Path, tmp_path: Path, server: ModelServer) -> None:
    server.fails(always={"most_texts": 3})
    repository = opened(tree, tmp_path / "store", server, batch_texts=16)
    made = vectors_report(repository.index())
    assert (made["missing"], made["problem"]) == (0, None)
    expected = opened(tree, tmp_path / "whole", server)
    server.fails()
    expected.index()
    scores = [[(hit.path, hit.score) for hit in found.search(QUESTION).hits] for found in (repository, expected)]
    assert scores[0] == scores[1], "in the right order"


@pytest.mark.parametrize(
    "fault",
    [
        {"dropped": 1},
        {"raw": "[]"},
        {"raw": '{"data": null}'},
        {"raw": '{"data": [{"index": 0, "embedding": []}]}'},
        {"raw": '{"data": [{"index": 0, "embedding": ["a"]}]}'},
        {"raw": '{"data": [{"index": 0, "embedding": [NaN, 1]}]}'},
        {"raw": '{"data": [{"index": 0, "embedding": [1e300, 1]}]}'},
        {"raw": '{"data": [{"index": 1, "embedding": [1, 2]}]}'},
        {"raw": '{"data": [{"index": -1, "embedding": [1, 2]}]}'},
        {"raw": '{"data": [{"index": "0", "embedding": [1, 2]}]}'},
        {"raw": '{"data": [{"index": 0, "embedding": [1, 2]}, {"index": 0, "embedding": [1, 2]}]}'},
    ],
    ids=str,
)
def test_an_answer_that_is_not_what_was_asked_for(server: ModelServer, fault: dict[str, Any]) -> None:
    server.fails(fault)
    with pytest.raises(pampax.RemoteError, match="not one vector of numbers for each text"):
        embedder(server).embed(["a text"], True, lambda: True)
