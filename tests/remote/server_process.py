"""The server of `model_server.py`, started and talked to."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

KEY = "sk-test-5f2c9a7d41"
"""The key of the server that wants one."""


class ModelServer:
    """One such process."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, str(Path(__file__).with_name("model_server.py")), *arguments]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}"

    def fails(self, *faults: dict[str, Any], always: dict[str, Any] | None = None) -> None:
        """Sets the faults of the next requests, and that of all after them; forgets the requests so far."""
        self._talk("POST", {"faults": faults, "lasting": always or {}})

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The requests since then."""
        return list(self._talk("GET"))

    @property
    def texts(self) -> list[str]:
        """The texts that were embedded, or were to be."""
        return [text for request in self.requests for text in request["body"]["input"]]

    def _talk(self, method: str, body: object = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, "/control", json.dumps(body))
        document = json.loads(connection.getresponse().read())
        connection.close()
        return document

    def stop(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()
