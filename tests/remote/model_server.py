"""A server of models as a process of its own: the wire formats of OpenAI, Cohere and Text Embeddings Inference.

The model is the one in pampax's package, read by the library model2vec and not by our own code. What the official
clients make of this server is tested in `test_server.py`; that makes it a fair opposite for ours.

    python model_server.py [--key KEY]

prints its port and serves on loopback until its input ends. `POST /control` sets faults, one for each request to come,
and `GET /control` gives the requests that came.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from model2vec import StaticModel

MODEL_FOLDER = Path(__file__).parents[2] / "python/pampax/model"


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, key: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.model = StaticModel.from_pretrained(str(MODEL_FOLDER))
        self.max_length = json.loads((MODEL_FOLDER / "config.json").read_text())["max_length"]
        self.key = key
        self.lock = threading.Lock()
        self.faults: list[dict[str, Any]] = []
        self.lasting: dict[str, Any] = {}
        self.requests: list[dict[str, Any]] = []

    def vectors(self, texts: list[str]) -> np.ndarray:
        return self.model.encode(texts, max_length=self.max_length)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Else an answer waits 40 ms, as its head and its body are written one after the other.
    disable_nagle_algorithm = True
    server: Server

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""

    def do_GET(self) -> None:
        with self.server.lock:
            self.answer(200, self.server.requests)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/control":
            with self.server.lock:
                self.server.faults = body.get("faults", [])
                self.server.lasting = body.get("lasting", {})
                self.server.requests = []
            return self.answer(200, {})
        with self.server.lock:
            fault = self.server.faults.pop(0) if self.server.faults else self.server.lasting
            entry = {"path": self.path, "body": body, "headers": dict(self.headers), "time": time.monotonic()}
            self.server.requests.append(entry)
        if self.server.key and self.headers["Authorization"] != f"Bearer {self.server.key}":
            # As some servers do, it sends back what it got.
            said = f"Incorrect API key provided: {self.headers['Authorization']}"
            return self.answer(
                401, {"error": {"message": said, "type": "invalid_request_error", "code": "invalid_api_key"}}
            )
        if self.fails(fault, body):
            return None
        if self.path.endswith("/embeddings"):
            return self.embeddings(body, fault)
        if self.path.endswith("/v2/rerank") or self.path.endswith("/v1/rerank"):
            scores = self.scores(body["query"], body["documents"])
            order = sorted(range(len(scores)), key=lambda number: -scores[number])[: body.get("top_n")]
            rows = [{"index": number, "relevance_score": scores[number]} for number in order]
            meta = {"api_version": {"version": "2"}, "billed_units": {"search_units": 1}}
            return self.answer(200, {"id": "8ee56cfd-7b4e-4d13-8f2c-5f3e1d8b6a01", "results": rows, "meta": meta})
        if self.path == "/rerank":
            if len(body["texts"]) > 32:
                return self.answer(
                    413, {"error": "batch size > maximum allowed batch size 32", "error_type": "Validation"}
                )
            scores = self.scores(body["query"], body["texts"])
            rows = [{"index": number, "score": score} for number, score in enumerate(scores)]
            return self.answer(200, sorted(rows, key=lambda row: -row["score"]))
        return self.answer(404, {"error": {"message": "no such path"}})

    def scores(self, query: str, texts: list[str]) -> list[float]:
        """Cosines of the question and the texts, between 0 and 1 as the real ones are."""
        vectors = self.server.vectors([query, *texts])
        return [float(value) for value in (vectors[1:] @ vectors[0] + 1) / 2]

    def embeddings(self, body: dict[str, Any], fault: dict[str, Any]) -> None:
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        if len(texts) > fault.get("most_texts", len(texts)):
            return self.answer(413, {"error": {"message": "too many texts"}})
        vectors = self.server.vectors(texts)
        dimensions = fault.get("dimensions") or body.get("dimensions")
        if dimensions:
            vectors = vectors[:, :dimensions]
            vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        rows: list[dict[str, Any]] = []
        for number, vector in enumerate(vectors.astype(np.float32)):
            as_text = body.get("encoding_format") == "base64"
            value = base64.b64encode(vector.tobytes()).decode() if as_text else [float(part) for part in vector]
            rows.append({"object": "embedding", "index": number, "embedding": value})
        rows = rows[fault.get("dropped", 0) :]
        # The order of the answer is not promised, the index is.
        rows.reverse()
        usage = {"prompt_tokens": sum(map(len, texts)), "total_tokens": sum(map(len, texts))}
        return self.answer(
            200, {"object": "list", "data": rows, "model": body.get("model", "the-model"), "usage": usage}
        )

    def fails(self, fault: dict[str, Any], body: dict[str, Any]) -> bool:
        """Does what a fault asks for; whether that was all."""
        time.sleep(fault.get("delay", 0))
        if "status" in fault:
            headers = {name: str(fault[name]) for name in ("Retry-After", "Location") if name in fault}
            self.answer(fault["status"], {"error": {"message": fault.get("message", "as ordered")}}, headers)
        elif "raw" in fault:
            self.answer(200, fault["raw"].encode())
        elif "huge" in fault:
            self.send_response(200)
            self.send_header("Content-Length", str(fault["huge"]))
            self.end_headers()
            sent = 0
            while sent < fault["huge"]:
                sent += self.wfile.write(b" " * 65536)
        elif "cut" in fault:
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"data": [')
            self.wfile.flush()
            self.close_connection = True
        elif "drip" in fault:
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            for _ in range(100000):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(fault["drip"])
        else:
            return False
        return True

    def answer(self, status: int, document: object, headers: dict[str, str] | None = None) -> None:
        content = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def handle(self) -> None:
        # Clients that give up early are part of what is tested.
        try:
            super().handle()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--key", default="")
    server = Server(parser.parse_args().key)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
