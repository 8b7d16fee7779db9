"""The command line with models that are asked: what is configured is used, what fails is said, secrets stay secret."""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Protocol

import pytest
from server_process import KEY

from pampax.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from server_process import ModelServer

QUESTION = "how is it decided that a basket is still valid"


class Finished(Protocol):
    """What a process left behind."""

    returncode: int
    stdout: str
    stderr: str


class Run(Protocol):
    """Runs the command in the tree of the test."""

    def __call__(self, *arguments: str, **variables: str) -> Finished:
        """Run `pampax` with `arguments`; `variables` are added to its environment."""


@pytest.fixture
def run(tree: Path, tmp_path: Path) -> Run:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PAMPAX_", "XDG_"))}

    def run(*arguments: str, **variables: str) -> Finished:
        return subprocess.run(
            [sys.executable, "-m", "pampax", *arguments],
            cwd=tree,
            env=kept | {"HOME": str(tmp_path), "PAMPAX_STORE": str(tmp_path / "store")} | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )

    return run


def configure(tmp_path: Path, text: str) -> None:
    path = tmp_path / ".config" / "pampax" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_an_endpoint_for_vectors(run: Run, server: ModelServer) -> None:
    indexed = run("index", "--embedder", f"{server.url}/v1", PAMPAX_EMBEDDER_MODEL="packaged")
    assert indexed.returncode == 0, indexed.stderr
    assert f"vectors by packaged at 127.0.0.1:{server.port}" in indexed.stderr
    found = run("search", QUESTION, "--json", "--embedder", f"{server.url}/v1", PAMPAX_EMBEDDER_MODEL="packaged")
    assert json.loads(found.stdout)["coverage"]["vectors"] == "remote"
    assert QUESTION in server.texts
    assert json.loads(run("search", QUESTION, "--json").stdout)["coverage"]["vectors"] == "present"


def test_every_option_of_the_embedder(run: Run, key_server: ModelServer, tmp_path: Path) -> None:
    configure(
        tmp_path,
        f"""
        embedder = "{key_server.url}/v1"
        embedder_model = "some-model"
        embedder_dimensions = 24
        embedder_authorization = "THE_KEY"
        embedder_batch = 3
        embedder_text_size = 256
        embedder_requests_per_minute = 1200
        embedder_timeout = 3
        """,
    )
    indexed = run("index", "--log-level", "debug", THE_KEY=KEY)
    assert indexed.returncode == 0, indexed.stderr
    requests = key_server.requests
    assert {request["body"]["model"] for request in requests} == {"some-model"}
    assert {request["body"]["dimensions"] for request in requests} == {24}
    assert {request["headers"]["Authorization"] for request in requests} == {f"Bearer {KEY}"}
    assert max(len(request["body"]["input"]) for request in requests) == 3
    assert max(len(text) for text in key_server.texts) <= 256
    times = [request["time"] for request in requests]
    assert all(after - before > 0.045 for before, after in itertools.pairwise(times[1:])), (
        "50 ms apart, but for what the first one waited"
    )
    key_server.fails(always={"delay": 4})
    slow = run("search", QUESTION, THE_KEY=KEY)
    assert slow.returncode == 0
    assert "no answer within 3 s" in slow.stderr
    for text in (indexed.stdout, indexed.stderr, slow.stdout, slow.stderr, run("config", "show", THE_KEY=KEY).stdout):
        assert KEY not in text
    assert "THE_KEY, which is to hold a key, is not set" in run("search", QUESTION).stderr


def test_every_option_of_the_reranker(run: Run, key_server: ModelServer, tmp_path: Path) -> None:
    configure(
        tmp_path,
        f"""
        reranker = "{key_server.url}/v1"
        reranker_model = "some-model"
        reranker_format = "jina"
        reranker_authorization = "THE_KEY"
        reranker_candidates = 4
        reranker_timeout = 1
        """,
    )
    found = run("search", QUESTION, "--json", THE_KEY=KEY)
    assert found.returncode == 0, found.stderr
    (request,) = key_server.requests
    assert request["headers"]["Authorization"] == f"Bearer {KEY}"
    assert (request["body"]["model"], request["body"]["return_documents"]) == ("some-model", False)
    assert len(request["body"]["documents"]) == 4
    hits = json.loads(found.stdout)["hits"]
    assert ["reranked" in hit for hit in hits] == [True] * 4 + [False] * (len(hits) - 4)
    shown = run("search", QUESTION, THE_KEY=KEY)
    assert "some-model at 127.0.0.1" in shown.stdout, "it is among the reasons"
    key_server.fails(always={"delay": 2})
    slow = run("search", QUESTION, THE_KEY=KEY)
    assert "no answer within 1 s: hits are in the order without a reranker" in slow.stderr
    assert KEY not in slow.stderr + shown.stdout + shown.stderr + found.stdout


def test_a_reranker_given_on_the_command_line(run: Run, server: ModelServer) -> None:
    found = run("search", QUESTION, "--json", "--reranker", server.url)
    assert json.loads(found.stdout)["hits"][0]["reranked"]["rank_before"] >= 1


def test_an_index_run_without_its_vectors_is_a_failure_of_the_network(run: Run, server: ModelServer) -> None:
    server.fails(always={"status": 401, "message": "no such key"})
    done = run("index", "--json", "--embedder", f"{server.url}/v1")
    assert done.returncode == 4
    report = json.loads(done.stdout)
    assert report["files"] == 10
    assert report["remote_vectors"]["embedded"] == 0
    assert report["remote_vectors"]["missing"] == report["chunks"]
    assert "HTTP status 401: no such key" in report["remote_vectors"]["problem"]
    last = done.stderr.splitlines()[-1]
    assert last.startswith("pampax: error: the model at 127.0.0.1")
    assert last.endswith(f"{report['chunks']} chunks without its vectors, the rest is indexed")
    found = run("search", QUESTION, "--embedder", f"{server.url}/v1")
    assert found.returncode == 0, "the answer is there"
    assert "chunks have no vectors of the model at" in found.stderr


def test_a_search_that_has_to_index_first_is_answered_all_the_same(run: Run, server: ModelServer) -> None:
    server.fails(always={"status": 400})
    found = run("search", QUESTION, "--embedder", f"{server.url}/v1")
    assert found.returncode == 0
    assert "check_basket" in found.stdout


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("PAMPAX_EMBEDDER", "https://me:hunter2@example.org/v1"),
        ("PAMPAX_RERANKER", "https://example.org/rerank?api_key=hunter2"),
        ("PAMPAX_EMBEDDER_AUTHORIZATION", "sk-hunter2"),
    ],
)
def test_a_secret_in_the_wrong_place_is_not_shown(run: Run, option: str, value: str) -> None:
    done = run("search", "basket", **{option: value})
    assert done.returncode == 2
    assert option in done.stderr
    assert "hunter2" not in done.stderr


def test_a_repository_cannot_have_its_code_sent_away(run: Run, tree: Path, server: ModelServer) -> None:
    for line in (
        f"embedder = '{server.url}'",
        f"reranker = '{server.url}'",
        "embedder_model = 'x'",
        "embedder_authorization = 'AWS_SECRET_ACCESS_KEY'",
        "reranker_candidates = 200",
    ):
        (tree / "pampax.toml").write_text(line + "\n")
        done = run("search", QUESTION)
        assert done.returncode == 2
        assert "a repository's own file may not set" in done.stderr
        assert "could have code read or sent anywhere" in done.stderr
    assert server.requests == []


@pytest.mark.parametrize(
    ("arguments", "missing", "command"),
    [
        (["--embedder", "http://127.0.0.1:9/v1"], "httpx", "pip install 'pampax[remote]'"),
        (["--embedder", "http://127.0.0.1:9/v1"], "tenacity", "pip install 'pampax[remote]'"),
        (["--reranker", "http://127.0.0.1:9"], "httpx", "pip install 'pampax[remote]'"),
        (["--reranker", "."], "onnxruntime", "pip install 'pampax[rerank]'"),
    ],
)
def test_what_is_not_installed_is_named(
    tree: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    missing: str,
    command: str,
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else real(name))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    assert main(["-C", str(tree), "search", "basket", "--store", str(tmp_path / "store"), *arguments]) == 2
    error = capsys.readouterr().err
    assert f"{missing} cannot be found" in error
    assert command in error


@pytest.mark.parametrize("command", [["index"], ["search", QUESTION]])
def test_ctrl_c_is_heard_while_an_endpoint_is_waited_for(
    run: Run, tree: Path, tmp_path: Path, server: ModelServer, command: list[str]
) -> None:
    if command[0] == "search":
        run("index", "--embedder", f"{server.url}/v1")
    server.fails(always={"delay": 20})
    process = subprocess.Popen(
        [sys.executable, "-m", "pampax", *command, "--embedder", f"{server.url}/v1"],
        cwd=tree,
        env=os.environ | {"HOME": str(tmp_path), "PAMPAX_STORE": str(tmp_path / "store")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    while not server.requests:
        assert process.poll() is None
        time.sleep(0.01)
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=10)
    assert process.returncode == 130, error
    assert time.monotonic() - started < 1.0
    assert b"interrupted" in error


def test_a_search_asks_nobody_unless_it_is_told_to(run: Run, tree: Path, tmp_path: Path) -> None:
    """With sockets forbidden, indexing and searching work: there is no code on the way that opens one."""
    program = """
import socket, sys
def refused(*_, **__):
    raise AssertionError("a socket")
socket.socket = socket.create_connection = socket.getaddrinfo = refused
from pampax.cli import main
code = main(sys.argv[1:])
loaded = {"httpx", "tenacity", "onnxruntime", "pampax.remote"} & set(sys.modules)
sys.exit(code or len(loaded))
"""
    for command in (["index"], ["search", QUESTION], ["assemble", QUESTION], ["status"]):
        done = subprocess.run(
            [sys.executable, "-c", program, *command, "--store", str(tmp_path / "quiet")],
            cwd=tree,
            env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
