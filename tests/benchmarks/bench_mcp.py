#!/usr/bin/env python3
"""What an answer costs an agent: the start of a server, a search over a pipe, many HTTP clients while files change.

    bench_mcp.py [--files 50000] [--requests 300] [--clients 8] [--client-requests 1000] [--json FILE]

Over the pipe the round trip is that of the bytes: a line out, a line in, read by this process without the SDK. Over
HTTP each client is a process with one kept connection; meanwhile a file is edited ten times a second, and every
answer's generation is compared with the one before: it never goes back. All of it, clients, server and editor, shares
the machine's cores.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import measure

TOKEN = "a-token-for-measuring"  # noqa: S105
VERSION = "2025-11-25"
EDITS_PER_SECOND = 10
INITIALIZE = {"protocolVersion": VERSION, "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}


def main() -> None:
    """The command line."""
    parser = measure.parser(__doc__)
    parser.add_argument("--files", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--client-requests", type=int, default=1_000)
    options = parser.parse_args()
    measure.require_release_build(options.allow_debug)
    sys.path.insert(0, str(measure.ROOT))
    from corpora import generate

    queries = generate.queries(options.files, options.seed, options.requests)
    with measure.generated_tree(options.files, options.seed) as tree, tempfile.TemporaryDirectory() as folder:
        environment = measure.child_environment(Path(folder))
        place = ["--store", f"{folder}/store"]
        index = [sys.executable, "-m", "pampax", "index", str(tree), *place]
        subprocess.run(index, env=environment, check=True, stderr=subprocess.DEVNULL)
        command = [sys.executable, "-m", "pampax", "mcp", "--root", str(tree), *place]
        rows = {
            "start until initialize": measure.summary([start_milliseconds(command, environment) for _ in range(7)]),
            "search over a pipe": measure.summary(pipe_milliseconds(command, environment, queries)),
        }
        with serving(command, environment) as port, editing(Path(tree)) as edits:
            started = time.perf_counter()
            with ProcessPoolExecutor(options.clients) as pool:
                work = [(port, queries, options.client_requests, number) for number in range(options.clients)]
                results = list(pool.map(http_client, work))
            seconds = time.perf_counter() - started
        name = f"search over HTTP, {options.clients} clients"
        rows[name] = measure.summary([sample for samples, _ in results for sample in samples])
    columns = ["median", "p95", "p99", "min", "max"]
    print(measure.table(["milliseconds", *columns], [[n, *(s[c] for c in columns)] for n, s in rows.items()]))
    errors = sum(errors for _, errors in results)
    total = options.clients * options.client_requests
    print(f"{total} requests in {seconds:.1f} s with {len(edits)} edits: {errors} errors or generations that went back")
    measure.finish("mcp", {"rows": rows, "errors": errors, "edits": len(edits)}, options.json)


def start_milliseconds(command: list[str], environment: Mapping[str, str]) -> float:
    """From the start of the process to the answer to `initialize`."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    ask(process, 0, "initialize", INITIALIZE)
    elapsed = (time.perf_counter() - started) * 1e3
    process.kill()
    process.communicate()
    return elapsed


def ask(process: subprocess.Popen[bytes], identity: int, method: str, params: object) -> dict[str, Any]:
    """Send a request down the pipe and read the answer."""
    assert process.stdin is not None
    assert process.stdout is not None
    message = {"jsonrpc": "2.0", "id": identity, "method": method, "params": params}
    process.stdin.write(json.dumps(message).encode() + b"\n")
    process.stdin.flush()
    answer: dict[str, Any] = json.loads(process.stdout.readline())
    return answer


def pipe_milliseconds(command: list[str], environment: Mapping[str, str], queries: list[str]) -> list[float]:
    """The round trips of searches; the first five, which load the index, do not count."""
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdin is not None
    ask(process, 0, "initialize", INITIALIZE)
    process.stdin.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
    samples = []
    for number, query in enumerate(queries, 1):
        started = time.perf_counter()
        answer = ask(process, number, "tools/call", {"name": "search", "arguments": {"query": query}})
        elapsed = (time.perf_counter() - started) * 1e3
        if answer["result"].get("isError"):
            sys.exit(f"the search for {query!r} failed: {answer}")
        if number > 5:
            samples.append(elapsed)
    process.communicate()
    return samples


@contextmanager
def serving(command: list[str], environment: Mapping[str, str]) -> Iterator[int]:
    """A server over HTTP; gives its port."""
    process = subprocess.Popen(
        [*command, "--http", "0"], env={**environment, "PAMPAX_MCP_API_KEY": TOKEN}, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    try:
        match = re.search(rb":([0-9]+)/mcp", process.stderr.readline())
        assert match is not None
        yield int(match[1])
    finally:
        process.terminate()
        process.communicate()


@contextmanager
def editing(tree: Path) -> Iterator[list[str]]:
    """Edits one file after the other, as long as the block runs; gives the list of what was edited."""
    files = sorted(tree.rglob("*.py"))
    done: list[str] = []
    ended = threading.Event()

    def edit() -> None:
        while not ended.wait(1 / EDITS_PER_SECOND):
            path = files[len(done) * 7919 % len(files)]
            with path.open("a") as file:
                file.write(f"\n# edit {len(done)}\n")
            done.append(str(path))

    editor = threading.Thread(target=edit)
    editor.start()
    try:
        yield done
    finally:
        ended.set()
        editor.join()


def http_client(work: tuple[int, list[str], int, int]) -> tuple[list[float], int]:
    """Milliseconds of each request of one client, and how many went wrong."""
    port, queries, requests, client = work
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {
        "Authorization": f"Bearer {TOKEN}",
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": VERSION,
    }

    def post(message: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
        connection.request("POST", "/mcp", json.dumps({"jsonrpc": "2.0", **message}), headers)
        response = connection.getresponse()
        text = response.read().decode()
        lines = [line[6:] for line in text.split("\n") if line.startswith("data: {")]
        return json.loads(lines[-1] if lines else text or "{}"), response.headers["mcp-session-id"]

    _, session = post({"id": 0, "method": "initialize", "params": INITIALIZE})
    headers["Mcp-Session-Id"] = session or ""
    post({"method": "notifications/initialized"})
    samples, errors, generation = [], 0, 0
    for number in range(1, requests + 1):
        params = {"name": "search", "arguments": {"query": queries[(client * 37 + number) % len(queries)]}}
        started = time.perf_counter()
        answer, _ = post({"id": number, "method": "tools/call", "params": params})
        samples.append((time.perf_counter() - started) * 1e3)
        result = answer.get("result", {})
        seen = result.get("structuredContent", {}).get("coverage", {}).get("generation", 0)
        errors += bool(result.get("isError", not result)) or seen < generation
        generation = seen
    return samples, errors


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")
    main()
