#!/usr/bin/env python3
"""An agent without a model: five tasks, end to end, over the MCP server, with the official SDK's client.

    agent_loop.py [--root .] [--write docs/agents.md]

What a model would decide is written down here: which tool is called next, with arguments taken from the answer before.
Each step checks what the next one needs, so the script fails if the tools do not carry the task. `--write` puts the
transcript between the marks in a document; it is made against this repository.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import anyio
from mcp import Client, StdioServerParameters, stdio_client

import pampax

BEGIN, END = "<!-- transcript -->", "<!-- /transcript -->"
SHOWN_LINES = 9
ROOT = Path(__file__).resolve().parents[1]


class Agent:
    """Calls tools and writes down what it did."""

    def __init__(self, client: Client) -> None:
        """`client` is connected."""
        self._client = client
        self.lines: list[str] = []
        self.tokens = 0

    def task(self, text: str) -> None:
        """A new task begins."""
        self.lines += ["", f"# {text}"]

    def note(self, text: str) -> None:
        """What the agent makes of it."""
        self.lines.append(f"= {text}")

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool; fails if it does."""
        result = await self._client.call_tool(tool, arguments)
        text = "\n".join(getattr(part, "text", "") for part in result.content)
        if result.is_error or result.structured_content is None:
            sys.exit(f"{tool} {arguments} failed: {text}")
        cost = pampax.count_tokens(text)
        self.tokens += cost
        given = json.dumps(arguments, ensure_ascii=False)
        self.lines.append(f"> {tool} {given if len(given) <= 160 else given[:159] + '…'}")
        shown = [line for line in text.split("\n")[1:] if line.strip()]
        self.lines += [f"  {line[:110]}" for line in shown[:SHOWN_LINES]]
        if len(shown) > SHOWN_LINES:
            self.lines.append(f"  … {len(shown) - SHOWN_LINES} more lines; {cost} tokens in all")
        found: dict[str, Any] = result.structured_content
        return found


async def understand(agent: Agent) -> None:
    agent.task("1. Where is a generation of the store committed, and how?")
    found = await agent.call("search", query="where is a generation of the store committed", paths=["rust/**"], limit=3)
    best = found["hits"][0]
    await agent.call("read", id=f"{best['path']}:{best['lines']}", max_tokens=400)
    await agent.call("graph", name="Writer.commit", relation="callers")
    agent.note(f"answered from {best['path']}")


async def impact(agent: Agent) -> None:
    agent.task("2. What breaks if `mask_secrets` changes what it returns?")
    found = await agent.call("graph", name="mask_secrets", relation="definitions")
    place = found["definitions"][0]
    callers = await agent.call("graph", name="mask_secrets", relation="callers", limit=20)
    tests = await agent.call("graph", name="mask_secrets", relation="tests", limit=5)
    if not callers["edges"]:
        sys.exit("no caller of mask_secrets was found")
    files = sorted({edge["path"] for edge in callers["edges"]} | {edge["path"] for edge in tests["edges"]})
    agent.note(f"{place['path']}:{place['lines']} is used in {', '.join(files)}")


async def change(agent: Agent) -> None:
    agent.task("3. Prepare: let `pampax log export` write only the events since a day")
    task = "pampax log export: an option that writes only the events of the query log since a day"
    bundle = await agent.call("assemble", task=task, budget=900, paths=["python/**"])
    if not any(item["path"].endswith("query_log.py") for item in bundle["items"]):
        sys.exit("the bundle does not hold the query log")
    more = await agent.call("assemble", task=f"{task}; with its tests", budget=600, tests=True, have=[bundle["bundle"]])
    item = bundle["items"][0]
    await agent.call("read", id=bundle["bundle"], items=[item["id"]], level="full", max_tokens=600)
    await agent.call("memory", action="used", id=bundle["bundle"], items=[item["id"]])
    agent.note(f"edit {item['path']}; tests: {', '.join(sorted({one['path'] for one in more['items']}))}")


async def error(agent: Agent) -> None:
    agent.task("4. A user's trace: what went wrong?")
    trace = (
        "Traceback (most recent call last):\n"
        '  File "/usr/lib/python3.12/site-packages/pampax/packs.py", line 140, in load_pack\n'
        "    content = read_bounded(path, root)\n"
        '  File "/usr/lib/python3.12/site-packages/pampax/configuration_file.py", line 130, in read_bounded\n'
        "pampax.configuration.ConfigurationError: server.toml is a link that leads out of the repository\n"
    )
    found = await agent.call("search", query=trace, limit=3)
    best = found["hits"][0]
    if not best["path"].startswith("python/pampax/"):
        sys.exit(f"the trace led to {best['path']}")
    await agent.call("graph", name=best["symbol"], relation="callers")
    agent.note(f"raised in {best['path']}, {best['symbol']}: packs that are links out of the tree are refused")


async def learn(agent: Agent) -> None:
    agent.task("5. Keep what was learnt, for the next session")
    found = await agent.call("graph", name="read_bounded", relation="definitions")
    place = found["definitions"][0]
    kept = await agent.call(
        "memory",
        action="remember",
        kind="gotcha",
        text="Files of a repository are read with read_bounded alone: it refuses links out of the tree and huge files",
        evidence=[f"{place['path']}:{place['lines']}"],
    )
    recalled = await agent.call("memory", action="recall", text="how do I read a file that strangers wrote?")
    if recalled["memories"][0]["id"] != kept["memories"][0]["id"]:
        sys.exit("what was remembered was not recalled")
    bundle = await agent.call("assemble", task="read a new kind of file from the repository", budget=500, memories=True)
    if not bundle["memories"]:
        sys.exit("the bundle does not hold the memory")
    agent.note("the next session starts with it")


async def run(root: Path) -> Agent:
    """All tasks over one server, with a store and a home folder of their own."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "XDG_DATA_HOME": folder, "HOME": folder}
        arguments = ["-m", "pampax", "mcp", "--root", str(root), "--store", f"{folder}/store"]
        parameters = StdioServerParameters(command=sys.executable, args=arguments, env=environment)
        async with Client(stdio_client(parameters)) as client:
            await client.list_tools()
            agent = Agent(client)
            await client.call_tool("index", {"action": "update"})
            for task in (understand, impact, change, error, learn):
                await task(agent)
    return agent


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=ROOT)
    parser.add_argument("--write", type=Path, help="put the transcript into this document")
    options = parser.parse_args()
    agent = anyio.run(run, options.root.resolve())
    text = "\n".join(agent.lines).strip()
    print(text)
    print(f"\nfive tasks, {agent.tokens} tokens", file=sys.stderr)
    if options.write:
        document = options.write.read_text(encoding="utf-8")
        block = f"{BEGIN}\n````text\n{text}\n\n(five tasks, {agent.tokens} tokens of answers)\n````\n{END}"
        new = re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: block, document, flags=re.DOTALL)
        options.write.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
