"""Recorded sessions, replayed over real standard input and output: the wire is as it was.

A line of a recording is a message that is sent (`>`) or received (`<`). What differs from run to run is replaced by its
name. `PAMPAX_UPDATE_GOLDEN=1` records anew what is received.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from servers import line_server

if TYPE_CHECKING:
    from collections.abc import Mapping

SESSIONS = sorted((Path(__file__).parent / "sessions").glob("*.jsonl"))

VOLATILE = (
    (r"\b(?!0123456789abcdef)[0-9a-f]{16}\b", "BUNDLE"),
    (r'"created":"[^"]*"', '"created":"CREATED"'),
    (r'"checked_seconds_ago":[0-9.]+', '"checked_seconds_ago":0'),
    (r'"store_bytes":\d+', '"store_bytes":0'),
    (r'"version":"\d[^"]*"', '"version":"VERSION"'),
    # Whether the first look at the tree was done in time: that is so or not by the load of the machine.
    (r'"indexing":\{[^}]*\},?', ""),
    # And whether the watch stood already.
    (r'"watch":\{"by":"(system|looking)"\}', '"watch":{"by":"WATCH"}'),
    (r'"state":"(unchecked|indexing)"', '"state":"fresh"'),
    (r"coverage: (indexing|index not compared with the tree yet)", "coverage: fresh"),
    (r"; indexing: [^;\"]*", ""),
)


def settled(message: object, root: Path) -> str:
    """The message as one line, without what differs from run to run."""
    line = json.dumps(message, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    line = line.replace(str(root), "ROOT")
    for pattern, name in VOLATILE:
        line = re.sub(pattern, name, line)
    return line


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_a_recorded_session_goes_as_it_went(indexed: Path, environment: Mapping[str, str], path: Path) -> None:
    recorded = path.read_text(encoding="utf-8").splitlines()
    replayed = []
    with line_server("--root", str(indexed), environment=environment) as server:
        for line in recorded:
            if not line.startswith(">"):
                continue
            message = json.loads(line[1:])
            replayed.append(line)
            server.send(message)
            if "id" in message:
                replayed.append("<" + settled(server.receive(), indexed))
        assert server.close() == 0
    if os.environ.get("PAMPAX_UPDATE_GOLDEN"):
        path.write_text("\n".join(replayed) + "\n", encoding="utf-8")
    assert replayed == recorded


def test_there_are_recordings() -> None:
    assert len(SESSIONS) >= 3
