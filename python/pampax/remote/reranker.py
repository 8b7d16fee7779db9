"""Second opinions on hits from an endpoint of the form that Cohere's, Jina's or TEI's `/rerank` has."""

from __future__ import annotations

import math
import os
import time
from array import array
from typing import TYPE_CHECKING, Any

from pampax.configuration import ConfigurationError
from pampax.remote.address import address, checked_key, key_for
from pampax.remote.endpoint import Bounds, CircuitBreaker, Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_COHERE_HOSTS = ("api.cohere.com", "api.cohere.ai")
_JINA_HOST = "api.jina.ai"
_TEI_TEXTS = 32
"""Text Embeddings Inference takes so many texts at once unless it is told otherwise."""

_ANSWER_BYTES = 1 << 20


class RemoteReranker:
    """Asks an endpoint how well texts answer a question. To be given to `pampax.open` as `reranker`."""

    def __init__(
        self,
        url: str,
        *,
        model: str = "",
        form: str = "auto",
        key: str = "",
        candidates: int = 50,
        text_bytes: int = 4 << 10,
        timeout_seconds: float = 10.0,
        attempts: int = 2,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        """`url` is the base that `/rerank` is below, `model` what the endpoint calls its model.

        `form` is what is spoken: `cohere`, `jina` or `tei`. With `auto` it is what the host is known for; elsewhere
        `cohere` if there is a model to name, else `tei`, which serves one model and takes no name. `key` is as for
        `RemoteEmbedder`, from `PAMPAX_RERANKER_API_KEY`. The first `candidates` hits are asked about, each with up to
        `text_bytes` bytes; all of it may take `timeout_seconds`. Nothing is sent yet. Raises `ConfigurationError`.
        """
        where = address(url, "rerank")
        key = checked_key(where, key, "`key`") if key else key_for(where, os.environ, "PAMPAX_RERANKER_API_KEY")
        if form == "auto":
            known = "cohere" if where.host in _COHERE_HOSTS else "jina" if where.host == _JINA_HOST else ""
            form = known or ("cohere" if model else "tei")
        if form not in ("cohere", "jina", "tei"):
            raise ConfigurationError("the form of a reranker is one of auto, cohere, jina, tei")
        self.form = form
        self.name = f"{model or 'the reranker'} at {where.place}"
        self.candidates = candidates
        self.text_bytes = text_bytes
        self._model = model
        self._attempts = attempts
        self._timeout_seconds = timeout_seconds
        self._endpoint = Endpoint(where, self.name, key, breaker=breaker)

    def score(self, question: str, texts: Sequence[str], keep_going: Callable[[], bool]) -> bytes:
        """A score for each of `texts`, higher is better, as 32-bit floats.

        Raises `RemoteError`, `KeyboardInterrupt`.
        """
        step = _TEI_TEXTS if self.form == "tei" else len(texts)
        scores = array("f")
        end = time.monotonic() + self._timeout_seconds
        for start in range(0, len(texts), step):
            part = list(texts[start : start + step])
            left = max(end - time.monotonic(), 0.0)
            bounds = Bounds(self._attempts, left, left, _ANSWER_BYTES)
            answer = self._endpoint.post(self._body(question, part), bounds, keep_going)
            scores.extend(self._scores(answer, len(part)))
        return scores.tobytes()

    def _body(self, question: str, texts: list[str]) -> dict[str, Any]:
        if self.form == "tei":
            return {"query": question, "texts": texts, "truncate": True}
        body: dict[str, Any] = {"query": question, "documents": texts, "top_n": len(texts)}
        if self._model:
            body["model"] = self._model
        if self.form == "jina":
            body["return_documents"] = False
        return body

    def _scores(self, answer: Any, count: int) -> list[float]:
        """The scores of an answer in the order of the texts."""
        scores: dict[int, float] = {}
        try:
            rows = answer if self.form == "tei" else answer["results"]
            for row in rows:
                scores[row["index"]] = float(row["score" if self.form == "tei" else "relevance_score"])
        except (KeyError, TypeError, ValueError, OverflowError):
            scores = {}
        if sorted(scores) != list(range(count)) or not all(map(math.isfinite, scores.values())):
            raise self._endpoint.error(f"its answer is not one score for each text in the form of {self.form}")
        return [scores[number] for number in range(count)]
