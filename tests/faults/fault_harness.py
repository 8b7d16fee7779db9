"""How the fault and property tests run pampax, and how they compare what it says.

Nothing here mocks anything: commands are processes, trees and stores are files. Two answers are compared without the
parts that may differ between two indexes of the same tree: the number of the generation and the notes about it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

STORE_ERRORS = {"IndexCorrupt", "NewerFormat", "NotIndexed", "StoreError"}
"""What a damaged store may be answered with; anything else is a crash with a name."""

PROBE = """
import json, sys
import pampax

request = json.load(sys.stdin)
for step in request["steps"]:
    said = {"error": None, "answers": None, "status": None, "skipped": None, "report": None, "symbols": None}
    try:
        # On a busy machine the usual time may not do for the look for changes, of which answers say what came of it.
        options = {"freshness_ms": 60_000, **step.get("options", {})}
        repository = pampax.open(request["root"], store=step.get("store", request["store"]), **options)
        said["indexed"] = repository.is_indexed
        if step.get("index"):
            said["report"] = json.loads(repository.index(force=step.get("force", False)).to_json())
        if step.get("queries") is not None:
            said["answers"] = [json.loads(repository.search(query, limit=20).to_json()) for query in step["queries"]]
        if step.get("symbols"):
            found = repository.symbols(step["symbols"], limit=1000)
            said["symbols"] = sorted({hit.path for hit in found})
        if step.get("status"):
            said["status"] = json.loads(repository.status().to_json())
            said["skipped"] = [[file.path, file.reason] for file in repository.skipped()]
        if step.get("flip"):
            del repository
            path, offset, mask = step["flip"]
            with open(path, "r+b") as file:
                file.seek(offset)
                byte = file.read(1)[0]
                file.seek(offset)
                file.write(bytes([byte ^ mask]))
    except pampax.PampaxError as error:
        said["error"] = {"type": type(error).__name__, "text": str(error)}
        said["error"]["bases"] = [base.__name__ for base in type(error).__mro__]
    print(json.dumps(said), flush=True)
"""


@dataclass(frozen=True)
class Result:
    """How a process ended."""

    code: int
    out: str
    err: str
    seconds: float

    def json(self) -> Any:
        """Its standard output, which has to be one JSON value."""
        return json.loads(self.out)


@dataclass
class Sandbox:
    """A folder with a home of its own, in which pampax is run."""

    folder: Path
    prefix: list[str] = field(default_factory=list)
    """What every command line starts with."""

    def __post_init__(self) -> None:
        """Make the home."""
        (self.folder / "home").mkdir(parents=True, exist_ok=True)

    def environment(self) -> dict[str, str]:
        """Variables without anything of the person who runs the tests: no configuration, no cache, no colours."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PAMPAX_", "XDG_", "GIT_"))}
        home = str(self.folder / "home")
        own = {"HOME": home, "XDG_CACHE_HOME": f"{home}/.cache", "XDG_CONFIG_HOME": f"{home}/.config", "NO_COLOR": "1"}
        # Python's own renames and writes would be counted as ours where system calls are made to fail.
        own["PYTHONDONTWRITEBYTECODE"] = "1"
        return kept | own

    def command(self, *arguments: str, store: Path | None = None) -> list[str]:
        """The command line of `pampax ARGUMENTS` with the Python that runs the tests."""
        options = ["--store", str(store)] if store is not None else []
        return [*self.prefix, sys.executable, "-m", "pampax", *arguments, *options]

    def run(
        self,
        *arguments: str,
        store: Path | None = None,
        cwd: Path | None = None,
        timeout_s: float = 120,
        before_exec: Callable[[], None] | None = None,
        prefix: Sequence[str] = (),
    ) -> Result:
        """Run `pampax ARGUMENTS` to its end, started by `prefix`. Not ending in time fails the test."""
        started = time.monotonic()
        done = subprocess.run(
            [*prefix, *self.command(*arguments, store=store)],
            cwd=cwd or self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            check=False,
            preexec_fn=before_exec,
        )
        seconds = time.monotonic() - started
        return Result(
            done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"), seconds
        )

    def start(self, *arguments: str, store: Path | None = None) -> subprocess.Popen[bytes]:
        """Start `pampax ARGUMENTS` in a process group of its own, with its output in pipes."""
        return subprocess.Popen(
            self.command(*arguments, store=store),
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def probe_steps(
        self,
        root: Path,
        store: Path,
        steps: Sequence[Mapping[str, Any]],
        timeout_s: float = 300,
    ) -> tuple[list[dict[str, Any]], int, str]:
        """Run steps of the Python interface in one process. Gives what each said, the exit code and stderr.

        A step may `index` (with `force`), search for `queries`, list the files that define `symbols`, ask for the
        `status`, and `flip` a byte of a file at its end. Fewer results than steps: the process died in between.
        """
        request = json.dumps({"root": str(root), "store": str(store), "steps": list(steps)})
        done = subprocess.run(
            [*self.prefix, sys.executable, "-c", PROBE],
            input=request.encode(),
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )
        said = [json.loads(line) for line in done.stdout.decode().splitlines()]
        return said, done.returncode, done.stderr.decode("utf-8", "replace")

    def probe(self, root: Path, store: Path, **step: Any) -> dict[str, Any]:
        """One step of the Python interface in a process of its own, which has to end well."""
        timeout_s = step.pop("timeout_s", 120)
        said, code, err = self.probe_steps(root, store, [step], timeout_s=timeout_s)
        assert code == 0, f"the process ended with {code}:\n{err[-3000:]}"
        return said[0]

    def indexed(self, root: Path, store: Path, queries: Sequence[str] = (), **step: Any) -> dict[str, Any]:
        """Index `root` and give the report, the status, the skipped files and the answers; errors fail the test."""
        said = self.probe(root, store, index=True, status=True, queries=list(queries), **step)
        assert said["error"] is None, said["error"]
        return said


def without_rights() -> list[str]:
    """The start of a command line under which the bits of files hold. Only root needs one: it passes all bits."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


def comparable(answers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Answers without the generation's number and the notes: equal for equal trees, whatever the store went through."""
    made = []
    for answer in answers:
        coverage = {key: value for key, value in answer["coverage"].items() if key not in ("generation", "notes")}
        made.append({**answer, "coverage": coverage})
    return made


def comparable_status(status: Mapping[str, Any]) -> dict[str, Any]:
    """What a status counts: equal for equal trees."""
    return {key: status[key] for key in ("files", "chunks", "symbols", "bytes", "skipped", "languages")}


def assert_same_index(found: Mapping[str, Any], expected: Mapping[str, Any], context: object = "") -> None:
    """Two probes with `queries` and `status` say the same."""
    assert found["error"] is None, f"{context}: {found['error']}"
    assert comparable_status(found["status"]) == comparable_status(expected["status"]), context
    assert found["skipped"] == expected["skipped"], context
    for left, right in zip(comparable(found["answers"]), comparable(expected["answers"]), strict=True):
        assert left == right, f"{context}: the answers to {right['query']!r} differ"


def assert_clear_error(result: Result, code: int = 3, mentions: str = "") -> None:
    """The command failed as people expect: the right code, nothing on stdout, one line that says what is wrong."""
    assert result.code == code, f"exit {result.code} instead of {code}\n{result.err}"
    assert result.out == "", result.out
    lines = [line for line in result.err.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("pampax: error")]
    assert len(errors) == 1, f"not one error line:\n{result.err}"
    assert lines[-1] == errors[0], f"the error is not the last line:\n{result.err}"
    for word in ("Traceback", "panicked", "RUST_BACKTRACE", "unwrap()"):
        assert word not in result.err, result.err
    assert mentions in errors[0], f"{mentions!r} is missing in: {errors[0]}"


def store_files(store: Path) -> list[Path]:
    """All files of a store that are not empty, sorted."""
    return sorted(path for path in store.rglob("*") if path.is_file() and path.stat().st_size > 0)


def folder_bytes(folder: Path) -> int:
    """Size of all files below `folder`."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def replace_tree(source: Path, target: Path) -> None:
    """Make `target` a copy of `source`."""
    if target.exists():
        shutil.rmtree(target)
    shutil.copytree(source, target, symlinks=True)


def write_tree(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files given by their path below `root`; missing folders are made."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def python_file(name: str, *words: str) -> str:
    """A small Python file that defines the function `name` with a comment of `words`."""
    return f'def {name}(value):\n    """{" ".join(words) or "Does its work."}"""\n    return value + 1\n'


def wait_for(condition: Callable[[], bool], timeout_s: float, what: str) -> None:
    """Wait until `condition` holds."""
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, f"waited {timeout_s} s for {what}"
        time.sleep(0.002)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a process started by `Sandbox.start` and everything it started, and wait for its end."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
