"""Vectors from an endpoint of the form that OpenAI's `/embeddings` has."""

from __future__ import annotations

import hashlib
import json
import math
import os
import threading
from array import array
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from pampax._core import InvalidInput
from pampax.remote.address import address, checked_key, key_for
from pampax.remote.endpoint import Bounds, CircuitBreaker, Endpoint, StatusError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

QUESTION_SECONDS = 5.0
"""A question waits no longer for its vector than this."""

CACHED_QUESTIONS = 256
"""So many questions are remembered with their vectors."""

_MOST_DIMENSIONS = 8192
_BYTES_OF_A_NUMBER = 32


class RemoteEmbedder:
    """Asks an endpoint for vectors. To be given to `pampax.open` as `remote_embedder`."""

    def __init__(
        self,
        url: str,
        *,
        model: str = "",
        dimensions: int = 0,
        key: str = "",
        batch_texts: int = 32,
        batch_bytes: int = 256 << 10,
        text_bytes: int = 4 << 10,
        requests_per_minute: int = 0,
        timeout_seconds: float = 30.0,
        attempts: int = 5,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        """`url` is the base that `/embeddings` is below, `model` what the endpoint calls its model.

        `dimensions` are asked for and checked if given. `key` is sent as a bearer token; without one it comes from
        `PAMPAX_EMBEDDER_API_KEY`, or for OpenAI's own host from `OPENAI_API_KEY`. A request holds at most `batch_texts`
        texts and about `batch_bytes` bytes; of a text `text_bytes` are sent. A request that fails in a way that may
        pass is made up to `attempts` times. Nothing is sent yet. Raises `ConfigurationError`.
        """
        where = address(url, "embeddings")
        key = checked_key(where, key, "`key`") if key else key_for(where, os.environ, "PAMPAX_EMBEDDER_API_KEY")
        self.name = f"{model or 'the model'} at {where.place}"
        self.batch_texts = batch_texts
        self.batch_bytes = batch_bytes
        self.text_bytes = text_bytes
        procedure = json.dumps([where.url, model, dimensions, text_bytes])
        self.identity = hashlib.sha256(procedure.encode()).hexdigest()
        self._fixed: dict[str, Any] = {"encoding_format": "float"}
        if model:
            self._fixed["model"] = model
        if dimensions:
            self._fixed["dimensions"] = dimensions
        self._dimensions = dimensions
        self._attempts = attempts
        self._timeout_seconds = timeout_seconds
        self._endpoint = Endpoint(where, self.name, key, requests_per_minute=requests_per_minute, breaker=breaker)
        self._questions: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def embed(self, texts: Sequence[str], question: bool, keep_going: Callable[[], bool]) -> bytes:
        """The vectors of `texts` one after the other, as 32-bit floats; those of a `question` are remembered.

        Raises `RemoteError`, `InvalidInput` for vectors that cannot be used, `KeyboardInterrupt`.
        """
        if not question:
            total = self._attempts * (self._timeout_seconds + 30.0)
            return self._ask(texts, self._attempts, self._timeout_seconds, total, keep_going)
        (text,) = texts
        with self._lock:
            if text in self._questions:
                self._questions.move_to_end(text)
                return self._questions[text]
        seconds = min(QUESTION_SECONDS, self._timeout_seconds)
        vector = self._ask(texts, 2, seconds, seconds, keep_going)
        with self._lock:
            self._questions[text] = vector
            if len(self._questions) > CACHED_QUESTIONS:
                self._questions.popitem(last=False)
        return vector

    def _ask(
        self,
        texts: Sequence[str],
        attempts: int,
        attempt_seconds: float,
        total_seconds: float,
        keep_going: Callable[[], bool],
    ) -> bytes:
        answer_bytes = len(texts) * (_MOST_DIMENSIONS * _BYTES_OF_A_NUMBER + 1024) + 65536
        bounds = Bounds(attempts, attempt_seconds, total_seconds, answer_bytes)
        try:
            answer = self._endpoint.post({"input": list(texts), **self._fixed}, bounds, keep_going)
        except StatusError as error:
            # Some endpoints take fewer texts at once than others.
            if error.status != 413 or len(texts) == 1:
                raise
            half = len(texts) // 2
            first = self._ask(texts[:half], attempts, attempt_seconds, total_seconds, keep_going)
            return first + self._ask(texts[half:], attempts, attempt_seconds, total_seconds, keep_going)
        rows = self._rows(answer, len(texts))
        expected = self._dimensions or len(rows[0])
        odd = next((len(row) for row in rows if len(row) != expected), None)
        if odd is not None:
            raise InvalidInput(
                f"{self.name} gives vectors of {odd} dimensions where {expected} are expected: "
                "set embedder_dimensions to what the model gives, or leave it out"
            )
        return b"".join(row.tobytes() for row in rows)

    def _rows(self, answer: Any, count: int) -> list[array[float]]:
        """The vectors of an answer in the order of the texts."""
        rows: list[array[float] | None] = [None] * count
        try:
            for item in answer["data"]:
                number, row = item["index"], array("f", item["embedding"])
                # A vector too many, or of numbers that are none, leaves a gap.
                if 0 <= number < count and row and all(map(math.isfinite, row)):
                    rows[number] = row if rows[number] is None else None
        except (KeyError, TypeError, ValueError, OverflowError):
            rows = [None]
        found = [row for row in rows if row is not None]
        if len(found) != count:
            raise self._endpoint.error("its answer is not one vector of numbers for each text")
        return found
