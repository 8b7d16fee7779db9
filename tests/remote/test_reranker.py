"""Hits in the order of a reranker behind an endpoint."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

import pampax
from pampax.configuration import ConfigurationError
from pampax.remote import RemoteReranker

if TYPE_CHECKING:
    from pathlib import Path

    from server_process import ModelServer

QUESTION = "say whether a basket is still valid"
FORMS = [("tei", "", ""), ("cohere", "/v2", "packaged"), ("jina", "/v1", "packaged")]


def reranker(server: ModelServer, form: str = "auto", path: str = "", **options: Any) -> RemoteReranker:
    return RemoteReranker(f"{server.url}{path}", form=form, **options)


def opened(tree: Path, store: Path, asked: object = None) -> pampax.Repository:
    repository = pampax.open(tree, store=store, reranker=asked)  # type: ignore[arg-type]
    repository.index()
    return repository


def places(answer: pampax.Answer) -> list[tuple[str, int]]:
    return [(hit.path, hit.start_line) for hit in answer.hits]


@pytest.mark.parametrize(("form", "path", "model"), FORMS)
def test_hits_are_in_the_order_of_the_reranker(
    tree: Path, tmp_path: Path, server: ModelServer, form: str, path: str, model: str
) -> None:
    plain = opened(tree, tmp_path / "store").search(QUESTION, limit=20)
    answer = opened(tree, tmp_path / "store", reranker(server, form, path, model=model)).search(QUESTION, limit=20)
    assert sorted(places(answer)) == sorted(places(plain))
    scores = [hit.reranked[0] for hit in answer.hits if hit.reranked]
    assert len(scores) == len(plain.hits) > 5
    assert scores == sorted(scores, reverse=True)
    before = {
        place: (number, hit.score) for number, (place, hit) in enumerate(zip(places(plain), plain.hits, strict=True), 1)
    }
    for hit in answer.hits:
        assert hit.reranked is not None
        assert before[(hit.path, hit.start_line)] == (hit.reranked[1], hit.score), "the ranker's own score stays"
        assert hit.why[-1].startswith(
            f"{model or 'the reranker'} at 127.0.0.1:{server.port} gives it {hit.reranked[0]:.3f}"
        )
    documents = [
        text for request in server.requests for text in request["body"].get("texts", request["body"].get("documents"))
    ]
    assert documents[0].startswith(f"{plain.hits[0].path}\ndef ")
    assert answer.coverage.notes == []
    rows = json.loads(answer.to_json())["hits"]
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    assert rows[0]["reranked"]["rank_before"] == answer.hits[0].reranked[1]  # type: ignore[index]


def test_what_is_sent_in_each_form(tree: Path, tmp_path: Path, server: ModelServer) -> None:
    for form, path, model in FORMS:
        opened(tree, tmp_path / "store", reranker(server, form, path, model=model)).search(QUESTION)
    bodies = [request["body"] for request in server.requests]
    assert [request["path"] for request in server.requests] == ["/rerank", "/v2/rerank", "/v1/rerank"]
    assert [sorted(body) for body in bodies] == [
        ["query", "texts", "truncate"],
        ["documents", "model", "query", "top_n"],
        ["documents", "model", "query", "return_documents", "top_n"],
    ]
    assert {body["query"] for body in bodies} == {QUESTION}


def test_what_is_spoken_where_nothing_is_said() -> None:
    def form(url: str, **options: Any) -> str:
        return RemoteReranker(url, **options).form

    assert form("http://localhost:8080") == "tei"
    assert form("http://localhost:8080", model="bge") == "cohere"
    assert form("https://api.cohere.com/v2") == "cohere"
    assert form("https://api.jina.ai/v1") == "jina"
    assert form("https://api.jina.ai/v1", form="tei") == "tei"
    with pytest.raises(ConfigurationError, match="one of auto, cohere, jina, tei"):
        form("http://localhost", form="voyage")


def test_many_hits_are_asked_about_in_parts_where_that_is_needed(
    tree: Path, tmp_path: Path, server: ModelServer
) -> None:
    for number in range(40):
        (tree / f"basket_again_{number}.py").write_text(f"def basket_{number}(value):\n    return value > {number}\n")
    repository = opened(tree, tmp_path / "store", reranker(server, candidates=50))
    answer = repository.search("which basket is valid by its value", limit=60)
    assert [len(request["body"]["texts"]) for request in server.requests] == [32, 18]
    scores = [hit.reranked[0] for hit in answer.hits if hit.reranked]
    assert len(scores) == 50
    assert scores == sorted(scores, reverse=True)
    assert all(hit.reranked is None for hit in answer.hits[50:])
    few = repository.search("which basket is valid by its value", limit=3)
    assert places(few) == places(answer)[:3], "a larger limit only adds"
    server.fails()
    opened(tree, tmp_path / "store", reranker(server, candidates=7)).search(QUESTION)
    assert [len(request["body"]["texts"]) for request in server.requests] == [7]


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ({"status": 500}, "HTTP status 500"),
        ({"status": 404}, "HTTP status 404"),
        ({"delay": 3}, "no answer within 0.5 s"),
        ({"cut": True}, "peer closed"),
        ({"raw": "{}"}, "not one score for each text"),
        ({"raw": '[{"index": 0, "score": 1}]'}, "not one score for each text"),
        ({"raw": '[{"index": 0, "score": NaN}]'}, "not one score for each text"),
        ({"raw": '[{"index": [], "score": 1}]'}, "not one score for each text"),
    ],
    ids=str,
)
def test_without_an_answer_hits_stay_as_they_were(
    tree: Path, tmp_path: Path, server: ModelServer, fault: dict[str, Any], problem: str
) -> None:
    plain = opened(tree, tmp_path / "store").search(QUESTION)
    repository = opened(tree, tmp_path / "store", reranker(server, timeout_seconds=0.5))
    server.fails(always=fault)
    started = time.monotonic()
    answer = repository.search(QUESTION)
    assert time.monotonic() - started < 2
    assert places(answer) == places(plain)
    assert all(hit.reranked is None for hit in answer.hits)
    assert problem in answer.coverage.notes[0]
    assert answer.coverage.notes[0].endswith("hits are in the order without a reranker")


def test_of_a_file_that_changed_only_its_names_are_sent(tree: Path, tmp_path: Path, server: ModelServer) -> None:
    repository = opened(tree, tmp_path / "store", reranker(server))
    (tree / "basket_1.py").write_text("PASSWORD = 'not indexed'\n")
    answer = repository.search(QUESTION)
    texts = [text for request in server.requests for text in request["body"]["texts"]]
    assert any(text == "basket_1.py\ncheck_basket" for text in texts)
    assert not any("PASSWORD" in text for text in texts)
    assert "basket_1.py" in answer.coverage.stale_paths


def test_nothing_is_sent_where_there_is_nothing_to_order(tree: Path, tmp_path: Path, server: ModelServer) -> None:
    repository = opened(tree, tmp_path / "store", reranker(server))
    assert repository.search("zzzzqqqq").hits == ()
    assert len(repository.search("basket", paths=["nowhere/**"]).hits) == 0
    assert server.requests == []
