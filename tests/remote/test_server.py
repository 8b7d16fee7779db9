"""The official clients understand the server of these tests: it speaks the real protocols."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cohere
import httpx
import numpy as np
import openai
import pytest
from model2vec import StaticModel
from model_server import MODEL_FOLDER
from server_process import KEY

if TYPE_CHECKING:
    from server_process import ModelServer

TEXTS = ["where are sessions signed", "def sign(session):\n    return session", "a basket of fruit"]


def embeddings(server: ModelServer, key: str = "any", **options: Any) -> openai.types.CreateEmbeddingResponse:
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key=key, max_retries=0) as client:
        return client.embeddings.create(model="packaged", input=TEXTS, **options)


@pytest.mark.parametrize("options", [{}, {"encoding_format": "float"}])
def test_openai_s_client_gets_the_vectors_of_the_model(server: ModelServer, options: dict[str, Any]) -> None:
    answer = embeddings(server, **options)
    rows = np.array([row.embedding for row in sorted(answer.data, key=lambda row: row.index)])
    expected = StaticModel.from_pretrained(str(MODEL_FOLDER)).encode(TEXTS)
    np.testing.assert_allclose(rows, expected, atol=1e-6)
    assert answer.model == "packaged"


def test_openai_s_client_asks_for_dimensions(server: ModelServer) -> None:
    answer = embeddings(server, dimensions=32)
    assert {len(row.embedding) for row in answer.data} == {32}


def test_openai_s_client_understands_its_errors(server: ModelServer, key_server: ModelServer) -> None:
    with pytest.raises(openai.AuthenticationError):
        embeddings(key_server, "wrong")
    assert embeddings(key_server, KEY).data
    server.fails({"status": 429, "Retry-After": 1}, {"status": 500})
    with pytest.raises(openai.RateLimitError):
        embeddings(server)
    with pytest.raises(openai.InternalServerError):
        embeddings(server)


def test_cohere_s_client_gets_scores(server: ModelServer) -> None:
    with httpx.Client() as http_client:
        client = cohere.ClientV2(api_key="any", base_url=server.url, httpx_client=http_client)
        answer = client.rerank(model="packaged", query=TEXTS[0], documents=TEXTS[1:], top_n=2)
    assert [row.index for row in answer.results] == [0, 1]
    assert answer.results[0].relevance_score > answer.results[1].relevance_score
