"""From the configuration to the models it names. Loaded only if it names some."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pampax.remote.address import address, key_for
from pampax.remote.cross_encoder import OnnxReranker
from pampax.remote.embedder import RemoteEmbedder
from pampax.remote.reranker import RemoteReranker

if TYPE_CHECKING:
    from pampax.configuration import Configuration


def configured_embedder(configuration: Configuration) -> RemoteEmbedder:
    """The embedder whose URL is configured. Raises `ConfigurationError`."""
    url = configuration.text("embedder")
    variable = configuration.optional_text("embedder_authorization")
    return RemoteEmbedder(
        url,
        model=configuration.optional_text("embedder_model") or "",
        dimensions=configuration.optional_number("embedder_dimensions") or 0,
        key=key_for(address(url, "embeddings"), os.environ, "PAMPAX_EMBEDDER_API_KEY", variable),
        batch_texts=configuration.number("embedder_batch"),
        text_bytes=configuration.number("embedder_text_size"),
        requests_per_minute=configuration.number("embedder_requests_per_minute"),
        timeout_seconds=configuration.number("embedder_timeout"),
    )


def configured_reranker(configuration: Configuration) -> RemoteReranker | OnnxReranker:
    """The reranker that is configured. Raises `ConfigurationError`."""
    place = configuration.text("reranker")
    candidates = configuration.number("reranker_candidates")
    if not place.startswith(("http://", "https://")):
        return OnnxReranker(place, candidates=candidates, threads=configuration.number("threads"))
    variable = configuration.optional_text("reranker_authorization")
    return RemoteReranker(
        place,
        model=configuration.optional_text("reranker_model") or "",
        form=configuration.text("reranker_format"),
        key=key_for(address(place, "rerank"), os.environ, "PAMPAX_RERANKER_API_KEY", variable),
        candidates=candidates,
        timeout_seconds=configuration.number("reranker_timeout"),
    )
