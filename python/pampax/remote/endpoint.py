"""An endpoint that takes JSON and gives JSON: patient with a busy one, quick to give up on a dead one, always bounded.

A request runs on a thread of its own, so that a server that sends a byte a second, or none, holds nobody longer than
the deadline, and Ctrl-C is heard at once. Redirects are not followed: the key is for the host that was named.
"""

from __future__ import annotations

import random
import threading
import time
import weakref
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple

from pampax._core import RemoteError
from pampax.remote.address import Address, need

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

CONNECT_SECONDS = 5.0
"""How long a connection may take to be made."""

TICK_SECONDS = 0.05
"""How often somebody who waits looks whether to stop."""

FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS = 0.5, 30.0
"""The wait before the second attempt doubles with each one, up to the longest; a random part of it is waited."""

_SHOWN_CHARACTERS = 200
"""Of what a server says about an error so much is quoted."""

_PASSING_STATUSES = frozenset((408, 425, 429, 500, 502, 503, 504, 529))
"""Statuses after which the same request may succeed."""


class Bounds(NamedTuple):
    """How long, how often and how much."""

    attempts: int
    """The most times a request is made."""
    attempt_seconds: float
    """The most time for one attempt."""
    total_seconds: float
    """The most time for all attempts and the waits between them."""
    answer_bytes: int
    """A longer answer is refused."""


class StatusError(RemoteError):
    """The endpoint refused a request; the same one would be refused again."""

    status = 0


class _Passing(Exception):
    """An attempt failed in a way that may pass."""

    def __init__(self, text: str, wait_seconds: float | None = None, *, alive: bool = False) -> None:
        super().__init__(text)
        self.wait_seconds = wait_seconds
        self.alive = alive


class CircuitBreaker:
    """After `threshold` failures in a row nothing is asked for `open_seconds`; then one request may try."""

    def __init__(self, threshold: int = 5, open_seconds: float = 30.0) -> None:
        """Closed: requests pass."""
        self.threshold = threshold
        self.open_seconds = open_seconds
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False
        self._lock = threading.Lock()

    def refusal_seconds(self) -> float | None:
        """None if a request may be made, which must then be told of; else how long it is not worth trying."""
        with self._lock:
            if self._opened_at is None:
                return None
            left = self._opened_at + self.open_seconds - time.monotonic()
            if left > 0 or self._probing:
                return max(left, 0.0)
            self._probing = True
            return None

    def tell(self, succeeded: bool | None) -> None:
        """How a request went; None if it was given up before that was known."""
        with self._lock:
            self._probing = False
            if succeeded is None:
                return
            self._failures = 0 if succeeded else self._failures + 1
            if succeeded:
                self._opened_at = None
            elif self._failures >= self.threshold:
                self._opened_at = time.monotonic()


class Pace:
    """Lets at most so many requests a minute begin, evenly spaced; 0 lets all."""

    def __init__(self, requests_per_minute: int) -> None:
        """The first request may begin at once."""
        self._interval_seconds = 60.0 / requests_per_minute if requests_per_minute else 0.0
        self._next = 0.0
        self._lock = threading.Lock()

    def wait_seconds(self, end: float) -> float:
        """How long to wait before the next request. Raises if that is not before `end`."""
        with self._lock:
            now = time.monotonic()
            begin = max(now, self._next)
            if begin > end:
                raise _Passing("the configured number of requests a minute leaves no time for this one", alive=True)
            self._next = begin + self._interval_seconds
            return begin - now


class Endpoint:
    """Asks one URL. May be used from several threads."""

    def __init__(
        self,
        where: Address,
        service: str,
        key: str = "",
        *,
        requests_per_minute: int = 0,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        """`service` is what errors call it; `key` is sent as a bearer token and shown nowhere. Sends nothing yet."""
        need("remote", "httpx", "tenacity")
        self.where = where
        self.service = service
        self.breaker = breaker or CircuitBreaker()
        self._key = key
        self._pace = Pace(requests_per_minute)
        self._client: httpx.Client | None = None
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        """Without the key."""
        return f"Endpoint({self.where.url!r})"

    def post(self, body: object, bounds: Bounds, keep_going: Callable[[], bool]) -> Any:
        """The answer to `body`, parsed.

        Raises `RemoteError` if there is none within `bounds`, `KeyboardInterrupt` if `keep_going` says no.
        """
        import json

        import tenacity

        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        end = time.monotonic() + bounds.total_seconds
        backoff = tenacity.wait_random_exponential(FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS)

        def wait_seconds(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked = error.wait_seconds if isinstance(error, _Passing) else None
            # Not all who were told to come back in 10 seconds should come in the same instant.
            return backoff(state) if asked is None else asked + random.uniform(0, 0.1 * asked)  # noqa: S311

        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(bounds.attempts) | tenacity.stop_before_delay(bounds.total_seconds),
            wait=wait_seconds,
            retry=tenacity.retry_if_exception_type(_Passing),
            sleep=lambda seconds: _sleep(seconds, keep_going),
            reraise=True,
        )
        try:
            answer: bytes = retrying(self._attempt, content, bounds, end, keep_going)
        except _Passing as error:
            raise self.error(str(error)) from None
        try:
            return json.loads(answer)
        except (ValueError, RecursionError):
            raise self.error("it answers something that is no JSON") from None

    def error(self, text: str) -> RemoteError:
        """The exception for something that went wrong."""
        return RemoteError(f"{self.service}: {self._plain(text)}")

    def _attempt(self, content: bytes, bounds: Bounds, end: float, keep_going: Callable[[], bool]) -> bytes:
        refusal = self.breaker.refusal_seconds()
        if refusal is not None:
            raise self.error(
                f"not asked, as it failed {self.breaker.threshold} times in a row; the next try is in {refusal:.0f} s"
            )
        succeeded: bool | None = None
        try:
            _sleep(self._pace.wait_seconds(end), keep_going)
            seconds = round(min(bounds.attempt_seconds, max(end - time.monotonic(), TICK_SECONDS)), 2)
            answer = self._bounded(content, seconds, bounds.answer_bytes, keep_going)
            succeeded = True
            return answer
        except StatusError:
            # It is there and answers: what it refuses is this request.
            succeeded = True
            raise
        except _Passing as error:
            succeeded = error.alive
            raise
        except RemoteError:
            succeeded = False
            raise
        finally:
            self.breaker.tell(succeeded)

    def _bounded(self, content: bytes, seconds: float, answer_bytes: int, keep_going: Callable[[], bool]) -> bytes:
        """Makes the request on another thread, which is left to itself if it takes too long."""
        results: SimpleQueue[bytes | Exception] = SimpleQueue()
        abandoned = threading.Event()

        def work() -> None:
            try:
                results.put(self._request(content, seconds, answer_bytes, abandoned))
            except Exception as error:  # noqa: BLE001 - raised again by the thread that waits
                results.put(error)

        threading.Thread(target=work, name="pampax request", daemon=True).start()
        end = time.monotonic() + seconds
        try:
            while True:
                if not keep_going():
                    raise KeyboardInterrupt
                try:
                    result = results.get(timeout=TICK_SECONDS)
                except Empty:
                    if time.monotonic() > end:
                        raise _Passing(f"no answer within {seconds:g} s") from None
                    continue
                if isinstance(result, Exception):
                    raise result
                return result
        finally:
            abandoned.set()

    def _request(self, content: bytes, seconds: float, answer_bytes: int, abandoned: threading.Event) -> bytes:
        import httpx

        timeout = httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
        answer = bytearray()
        try:
            with self._open_client().stream("POST", self.where.url, content=content, timeout=timeout) as response:
                for part in response.iter_bytes():
                    answer += part
                    if abandoned.is_set():
                        raise _Passing("given up")
                    if len(answer) > answer_bytes:
                        raise self.error(f"its answer is longer than {answer_bytes:,} bytes")
        except httpx.TimeoutException as error:
            what = "no connection" if isinstance(error, httpx.ConnectTimeout) else "no answer"
            raise _Passing(f"{what} within {seconds:g} s") from None
        except httpx.HTTPError as error:
            raise _Passing(_cause(error)) from None
        except (httpx.InvalidURL, httpx.StreamError) as error:
            raise self.error(_cause(error)) from None
        self._check(response, bytes(answer[:4096]))
        return bytes(answer)

    def _open_client(self) -> httpx.Client:
        import httpx

        with self._lock:
            if self._client is None:
                headers = {"Content-Type": "application/json", "Accept": "application/json"}
                # Compressed answers could be a thousand times as long as what is received.
                headers["Accept-Encoding"] = "identity"
                if self._key:
                    headers["Authorization"] = f"Bearer {self._key}"
                self._client = httpx.Client(headers=headers, follow_redirects=False)
                # Nobody is asked to close an embedder: its connections go when it does.
                weakref.finalize(self, self._client.close)
            return self._client

    def _check(self, response: httpx.Response, beginning: bytes) -> None:
        status = response.status_code
        if status == 200:
            return
        said = _message(beginning)
        text = f"HTTP status {status}" + (f": {said}" if said else "")
        if status in _PASSING_STATUSES:
            wait = _retry_after(response.headers.get("Retry-After", ""))
            if wait is not None:
                text += f" (come back in {wait:.0f} s)"
            raise _Passing(text, wait, alive=status == 429)
        if 300 <= status < 400:
            target = response.headers.get("Location", "").partition("?")[0]
            text = f"it redirects to {target or 'nowhere'}, which is not followed: give the URL that is meant"
        elif status in (401, 403):
            text += "; the key comes from the environment" + ("" if self._key else ", and none was found there")
        error = StatusError(f"{self.service}: {self._plain(text)}")
        error.status = status
        raise error

    def _plain(self, text: str) -> str:
        """`text` without the key, which a server may have sent back, and on one line."""
        if self._key:
            text = text.replace(self._key, "***")
        return "".join(letter if letter.isprintable() else " " for letter in text)[: 2 * _SHOWN_CHARACTERS]


def _sleep(seconds: float, keep_going: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if not keep_going():
            raise KeyboardInterrupt
        time.sleep(min(TICK_SECONDS, left))


def _cause(error: Exception) -> str:
    """What a failed request says, in a few words. The text of httpx never holds headers."""
    text = str(error) or type(error).__name__
    return text[:_SHOWN_CHARACTERS]


def _retry_after(text: str) -> float | None:
    """The seconds in a header `Retry-After`: a number, or a date (RFC 9110, 10.2.3); None if it makes no sense."""
    from email.utils import parsedate_to_datetime

    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(parsedate_to_datetime(text).timestamp() - time.time(), 0.0)
    except (ValueError, OverflowError):
        return None


def _message(beginning: bytes) -> str:
    """What the server says about an error, if it says it in one of the usual forms."""
    import json

    try:
        document = json.loads(beginning)
    except (ValueError, RecursionError):
        return ""
    for key in ("error", "message", "detail"):
        if isinstance(document, dict) and key in document:
            document = document[key]
    return document[:_SHOWN_CHARACTERS] if isinstance(document, str) else ""
