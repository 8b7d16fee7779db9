"""What goes wrong between client and server, on real connections: waited for, tried again or given up, in bounds."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Any

import pytest
from server_process import KEY

from pampax import RemoteError
from pampax.remote.address import address
from pampax.remote.endpoint import Bounds, CircuitBreaker, Endpoint

if TYPE_CHECKING:
    from server_process import ModelServer

BODY = {"input": ["a text"], "model": "packaged"}
BOUNDS = Bounds(attempts=4, attempt_seconds=2, total_seconds=10, answer_bytes=100_000)


def endpoint(server: ModelServer, key: str = "", **options: Any) -> Endpoint:
    return Endpoint(address(f"{server.url}/v1", "embeddings"), "the test", key, **options)


def always() -> bool:
    return True


def post(asked: Endpoint, **changes: Any) -> Any:
    return asked.post(BODY, BOUNDS._replace(**changes), always)


def failure(asked: Endpoint, **changes: Any) -> str:
    with pytest.raises(RemoteError) as caught:
        post(asked, **changes)
    text = str(caught.value)
    assert text.startswith("the test: ")
    assert "\n" not in text
    assert len(text) < 500
    return text


@pytest.mark.parametrize(
    "fault",
    [{"status": 429}, {"status": 500}, {"status": 502}, {"status": 503}, {"cut": True}, {"delay": 3}],
    ids=str,
)
def test_what_may_pass_is_tried_again(server: ModelServer, fault: dict[str, Any]) -> None:
    server.fails(fault, fault)
    assert post(endpoint(server), attempt_seconds=0.4)["data"]
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_what_will_not_pass_is_not_tried_again(server: ModelServer, status: int) -> None:
    server.fails(always={"status": status, "message": "no such\nmodel"})
    assert f"HTTP status {status}: no such model" in failure(endpoint(server))
    assert len(server.requests) == 1


def test_it_gives_up_after_so_many_attempts_with_growing_waits(server: ModelServer) -> None:
    server.fails(always={"status": 500})
    assert "HTTP status 500: as ordered" in failure(endpoint(server))
    assert len(server.requests) == 4


def test_it_comes_back_when_it_was_told_to(server: ModelServer) -> None:
    server.fails({"status": 429, "Retry-After": 1})
    assert post(endpoint(server))["data"]
    first, second = (request["time"] for request in server.requests)
    assert 1.0 <= second - first < 1.5
    in_two_seconds = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=2)
    server.fails({"status": 503, "Retry-After": in_two_seconds.strftime("%a, %d %b %Y %H:%M:%S GMT")})
    assert post(endpoint(server))["data"]
    first, second = (request["time"] for request in server.requests)
    assert 0.9 <= second - first < 2.6


def test_it_does_not_wait_longer_than_there_is_time(server: ModelServer) -> None:
    server.fails(always={"status": 429, "Retry-After": 3600})
    started = time.monotonic()
    assert "come back in 3600 s" in failure(endpoint(server))
    assert time.monotonic() - started < 1
    assert len(server.requests) == 1


@pytest.mark.parametrize("header", ["soon", "-5", "1e9", "٣", "Mon, 99 Foo 2000"])
def test_a_retry_after_without_sense_counts_as_none(server: ModelServer, header: str) -> None:
    server.fails({"status": 429, "Retry-After": header.encode("utf-8").decode("latin-1")})
    assert post(endpoint(server))["data"]


@pytest.mark.parametrize("fault", [{"delay": 5}, {"drip": 0.05}])
def test_a_slow_answer_is_not_waited_for(server: ModelServer, fault: dict[str, Any]) -> None:
    """A byte now and then keeps a connection alive for ever: what counts is when the whole answer is there."""
    server.fails(always=fault)
    started = time.monotonic()
    assert "no answer within 0.5 s" in failure(endpoint(server), attempt_seconds=0.5, attempts=2)
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "<html>busy</html>",
        '{"data": [',
        "[" * 50_000,
        "NaN" * 3,
        "\udcff".encode("utf-16", "surrogatepass").decode("latin-1"),
    ],
)
def test_an_answer_that_is_no_json(server: ModelServer, raw: str) -> None:
    server.fails({"raw": raw})
    assert "no JSON" in failure(endpoint(server))


def test_a_huge_answer_is_not_read(server: ModelServer) -> None:
    server.fails(always={"huge": 1 << 30})
    started = time.monotonic()
    assert "longer than 100,000 bytes" in failure(endpoint(server))
    assert time.monotonic() - started < 2
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(server: ModelServer, key_server: ModelServer, status: int) -> None:
    server.fails(always={"status": status, "Location": f"{key_server.url}/v1/embeddings?secret=1"})
    text = failure(endpoint(server, KEY))
    assert f"redirects to {key_server.url}/v1/embeddings, which is not followed" in text
    assert "secret" not in text
    assert key_server.requests == []


def test_the_key_is_sent_and_shown_nowhere(key_server: ModelServer) -> None:
    asked = endpoint(key_server, KEY)
    assert post(asked)["data"]
    assert key_server.requests[0]["headers"]["Authorization"] == f"Bearer {KEY}"
    assert KEY not in repr(asked)
    wrong = endpoint(key_server, "sk-wrong-1")
    text = failure(wrong)
    assert "HTTP status 401: Incorrect API key provided: Bearer ***; the key comes from the environment" in text
    assert "none was found there" in failure(endpoint(key_server))


def test_a_server_that_is_not_there(server: ModelServer) -> None:
    nowhere = Endpoint(address("http://127.0.0.1:9", "embeddings"), "the test")
    started = time.monotonic()
    assert "refused" in failure(nowhere, attempts=2)
    assert time.monotonic() - started < 3


def test_a_proxy_of_the_environment_is_used(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.url)
    for name in ("NO_PROXY", "no_proxy", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    asked = Endpoint(address("http://models.invalid/v1", "embeddings"), "the test")
    assert post(asked)["data"]
    assert server.requests[0]["path"] == "http://models.invalid/v1/embeddings"


def test_the_circuit_opens_lets_one_try_and_closes(server: ModelServer) -> None:
    asked = endpoint(server, breaker=CircuitBreaker(threshold=3, open_seconds=0.6))
    server.fails(always={"status": 500})
    for _ in range(3):
        assert "HTTP status 500" in failure(asked, attempts=1)
    for _ in range(5):
        assert "failed 3 times in a row" in failure(asked)
    assert len(server.requests) == 3
    time.sleep(0.65)
    assert "HTTP status 500" in failure(asked, attempts=1), "one may try"
    assert "in a row" in failure(asked), "and as it failed, the circuit is open again"
    assert len(server.requests) == 4
    server.fails()
    time.sleep(0.65)
    assert post(asked)["data"]
    server.fails(*[{"status": 500}] * 2)
    for _ in range(2):
        assert "HTTP status 500" in failure(asked, attempts=1)
    assert post(asked)["data"], "the count began anew"


def test_only_one_request_tries_whether_the_circuit_may_close(server: ModelServer) -> None:
    breaker = CircuitBreaker(threshold=1, open_seconds=0.0)
    breaker.tell(False)
    assert breaker.refusal_seconds() is None
    assert breaker.refusal_seconds() == 0.0
    breaker.tell(None)
    assert breaker.refusal_seconds() is None, "one that was given up says nothing"


def test_a_refused_request_and_a_busy_server_do_not_open_the_circuit(server: ModelServer) -> None:
    asked = endpoint(server, breaker=CircuitBreaker(threshold=1))
    for status in (400, 413, 429):
        server.fails(always={"status": status})
        assert f"HTTP status {status}" in failure(asked, attempts=1)
    server.fails()
    assert post(asked)["data"]


def test_so_many_requests_a_minute(server: ModelServer) -> None:
    asked = endpoint(server, requests_per_minute=300)
    for _ in range(4):
        post(asked)
    times = [request["time"] for request in server.requests]
    # The server sees each a little late, so only the whole is sure: three pauses of a fifth of a second.
    assert times[-1] - times[0] > 0.5
    slow = endpoint(server, requests_per_minute=1)
    post(slow)
    started = time.monotonic()
    assert "requests a minute" in failure(slow, total_seconds=1)
    assert time.monotonic() - started < 2


@pytest.fixture
def stop_after() -> Any:
    def make(seconds: float) -> Any:
        end = time.monotonic() + seconds
        return lambda: time.monotonic() < end

    return make


@pytest.mark.parametrize("fault", [{"delay": 10}, {"status": 429, "Retry-After": 5}, {"drip": 0.01}])
def test_whoever_waits_can_stop(server: ModelServer, stop_after: Any, fault: dict[str, Any]) -> None:
    server.fails(always=fault)
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        endpoint(server).post(BODY, BOUNDS._replace(attempt_seconds=8), stop_after(0.3))
    assert time.monotonic() - started < 0.6
