"""A server of models on loopback, and a small repository to ask it about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from server_process import KEY, ModelServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUBJECTS = ("session", "basket", "invoice", "retry", "upload", "cache", "search", "token", "user", "order")


@pytest.fixture(scope="session")
def running_server() -> Iterator[ModelServer]:
    server = ModelServer()
    yield server
    server.stop()


@pytest.fixture
def server(running_server: ModelServer) -> ModelServer:
    """A server without faults."""
    running_server.fails()
    return running_server


@pytest.fixture(scope="session")
def running_key_server() -> Iterator[ModelServer]:
    server = ModelServer("--key", KEY)
    yield server
    server.stop()


@pytest.fixture
def key_server(running_key_server: ModelServer) -> ModelServer:
    """A server that wants a key."""
    running_key_server.fails()
    return running_key_server


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PAMPAX_EMBEDDER_API_KEY", "PAMPAX_RERANKER_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    for number, subject in enumerate(SUBJECTS):
        text = (
            f'def open_{subject}(name):\n    """Make a new {subject} and give its number."""\n    return {number}\n\n\n'
            f'def check_{subject}(value):\n    """Say whether a {subject} is still valid."""\n'
            f"    return value > {number}\n"
        )
        (folder / f"{subject}_{number}.py").write_text(text)
    return folder
