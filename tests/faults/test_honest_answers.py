"""Six faults, four surfaces: every answer says what it lacks.

The faults are made for real: files are deleted, indexing is stopped and killed, memory is short, an endpoint is gone.
What happens while files are edited is in `test_honest_while_editing.py`.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fault_harness import Sandbox, kill_group, wait_for, write_tree
from surfaces import JSON, PYTHON, SERVER, SURFACES, TEXT, Asker, Said, Subject, held_store, pairs

import pampax
from corpora import generate

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.timeout(300)

SHOP = {
    "shop/stock.py": 'def reserve_tea(amount):\n    """Reserve tea in the stock."""\n    return amount\n',
    "shop/order.py": "from shop.stock import reserve_tea\n\n\ndef place_order(amount):\n"
    '    """Place an order of tea."""\n    return reserve_tea(amount)\n',
    "shop/bill.py": "from shop.stock import reserve_tea\n\n\ndef bill_tea(amount):\n"
    '    """Bill tea that is reserved."""\n    return reserve_tea(amount)\n',
    "notes.md": "# Notes\n\nTea is reserved before it is billed.\n",
}
TEA = Subject("reserve tea in the stock", "reserve_tea", "shop/stock.py")
LOOKED_FOR = ("search", "assemble")
"""What compares vectors."""
BY_GRAPH = ("search", "assemble", "symbols", "graph", "outline", "map", "expand")
"""All but the exact search, which reads the files themselves."""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    """A folder with a home, shared by the questions about one fault: they change nothing."""
    return Sandbox(tmp_path_factory.mktemp("faults"))


def shop(sandbox: Sandbox, name: str, **more: str) -> Asker:
    """A small repository with an index and a bundle."""
    tree = write_tree(sandbox.folder / name / "tree", {**SHOP, **more})
    asker = Asker(sandbox, tree, sandbox.folder / name / "store", TEA)
    asker.index()
    asker.make_bundle()
    return asker


def coverage(said: Said) -> dict[str, object]:
    assert not said.failed, said.text
    assert said.coverage is not None, said.text
    return dict(said.coverage)


# ---------------------------------------------------------------------------------- 1. files deleted behind the index


@pytest.fixture(scope="module")
def deleted(sandbox: Sandbox) -> Iterator[Asker]:
    """A file is gone, and nobody can bring the index up to date."""
    asker = shop(sandbox, "deleted")
    (asker.tree / TEA.path).unlink()
    with held_store(asker.store):
        yield asker
        asker.close()


@pytest.mark.parametrize(("surface", "kind"), pairs())
def test_a_file_that_was_deleted(deleted: Asker, surface: str, kind: str) -> None:
    said = deleted.ask(surface, kind)
    if said.failed:  # its lines were asked for, and nothing else
        assert (kind, surface) in [*(("expand", one) for one in SURFACES), ("grep", SERVER)]
        assert TEA.path in said.text
        assert "changed since it was indexed" in said.text or "No such file" in said.text
        return
    assert "return amount" not in said.text, "no line of it is shown"
    if surface == TEXT:
        assert "1 file has changed since (pampax index)" in said.text
        return
    if surface == SERVER:
        assert "coverage: stale" in said.text
        assert "1 files changed since indexed" in said.text
    if said.coverage is None:
        assert (surface, kind) == (SERVER, "map")
        return
    facts = coverage(said)
    assert facts["state" if surface == SERVER else "freshness"] == "stale"
    assert facts["stale_files"] == 1
    if kind in ("search", "assemble", "symbols", "graph", "outline", "map"):
        assert facts["stale_paths"] == [TEA.path]


def test_a_bundle_is_still_known_after_a_run_that_found_no_change(sandbox: Sandbox) -> None:
    asker = shop(sandbox, "touched")
    os.utime(asker.tree / TEA.path, (1_000_000_000, 1_000_000_000))
    assert "0 added, 0 changed, 0 removed" in asker.run("index").stderr
    assert asker.run("expand", asker.bundle, asker.item).returncode == 0
    assert asker.run("expand", asker.bundle).returncode == 0


# ---------------------------------------------------------------------------------- 3. a half-built index


@pytest.fixture(scope="module")
def half_built(sandbox: Sandbox) -> Iterator[tuple[Asker, subprocess.Popen[bytes]]]:
    """A run that has made visible what it had, and stands still since."""
    tree, store = sandbox.folder / "half" / "tree", sandbox.folder / "half" / "store"
    # What is complete is made visible from two seconds on: files enough to take longer on a fast machine. With little
    # memory segments are small, so that some are sealed before the end.
    generate.generate(tree, files=3_000, seed=3)
    process = sandbox.start("index", str(tree), "--threads", "1", "--memory", "128MiB", store=store)
    try:
        reader = pampax.open(tree, store=store, freshness_ms=0)
        wait_for(lambda: reader.is_indexed or process.poll() is not None, 100, "a first part of the index")
        os.killpg(process.pid, signal.SIGSTOP)
        hits = reader.search("order total").hits
        function = next(hit for hit in hits if hit.kind == "function" and hit.symbol)
        assert function.symbol is not None
        asker = Asker(sandbox, tree, store, Subject("order total", function.symbol, function.path))
        asker.make_bundle()
        yield asker, process
        asker.close()
    finally:
        kill_group(process)


def check_pending(said: Said, surface: str) -> None:
    if surface in (TEXT, SERVER):
        assert "files not indexed yet" in said.text
        assert "all " not in said.text.splitlines()[-1]
    if said.coverage is not None:
        pending = coverage(said)["pending" if surface == SERVER else "files_pending"]
        assert isinstance(pending, int)
        assert pending > 0
        if surface == SERVER:
            assert said.coverage["state"] == "indexing"


@pytest.mark.parametrize(("surface", "kind"), pairs())
def test_an_index_that_is_still_being_made(
    half_built: tuple[Asker, subprocess.Popen[bytes]], surface: str, kind: str
) -> None:
    asker, process = half_built
    assert process.poll() is None
    said = asker.ask(surface, kind)
    check_pending(said, surface)
    if kind in ("graph", "map") and surface in (TEXT, SERVER):
        assert "how the code hangs together is not known yet" in said.text
        assert "there is no index" not in said.text
    if kind == "graph" and said.coverage is not None:
        behind = said.coverage["graph_behind" if surface == SERVER else "graph_files_behind"]
        assert behind == said.coverage["files" if surface == SERVER else "files_indexed"]


@pytest.mark.parametrize("kind", ["graph", "map"])
def test_a_graph_that_is_not_made_yet_is_no_missing_index(
    half_built: tuple[Asker, subprocess.Popen[bytes]], kind: str
) -> None:
    done = half_built[0].run(kind, *(["callers", half_built[0].subject.name] if kind == "graph" else []), "--json")
    assert json.loads(done.stdout)["empty_reason"] == "graph-not-made"


def test_an_index_whose_making_was_killed(half_built: tuple[Asker, subprocess.Popen[bytes]]) -> None:
    """Comes last of its kind: the run that stood still is killed."""
    asker, process = half_built
    asker.close()
    kill_group(process)
    for surface in (TEXT, JSON, PYTHON):
        for kind in ("search", "assemble", "symbols", "outline"):
            check_pending(asker.ask(surface, kind), surface)


# ---------------------------------------------------------------------------------- 4. languages that are not read


@pytest.fixture(scope="module")
def languages(sandbox: Sandbox) -> Iterator[Asker]:
    """A language without a grammar, and one whose imports and types are not read."""
    cobol = "       PROGRAM-ID. RESERVE.\n       PROCEDURE DIVISION.\n           PERFORM reserve_stock.\n"
    asker = shop(
        sandbox,
        "languages",
        **{"shop/reserve.cob": cobol, "shop/weigh.lua": "function weigh_tea(a)\n  return a\nend\nweigh_tea(1)\n"},
    )
    asker.subject = Subject("weigh tea", "weigh_tea", "shop/weigh.lua")
    asker.make_bundle()
    yield asker
    asker.close()


@pytest.mark.parametrize(("surface", "kind"), pairs(kinds=BY_GRAPH))
def test_a_language_whose_edges_go_by_names_alone(languages: Asker, surface: str, kind: str) -> None:
    said = languages.ask(surface, kind)
    assert not said.failed, said.text
    if said.coverage is not None:
        assert said.coverage["edges_by_name_only"] == {"lua": 1}
    if kind == "graph":
        assert "edges of lua (1 files) rest on names alone" in said.text


@pytest.fixture
def cobol(languages: Asker) -> Iterator[Asker]:
    before = languages.subject
    languages.subject = Subject("perform reserve_stock", "reserve_stock", "shop/reserve.cob")
    yield languages
    languages.subject = before


@pytest.mark.parametrize("surface", SURFACES)
def test_a_file_in_a_language_without_a_grammar(cobol: Asker, surface: str) -> None:
    outline = cobol.ask(surface, "outline")
    assert "no language that is parsed" in outline.text or "language-not-parsed" in outline.text
    # Its words are found all the same.
    assert "shop/reserve.cob" in cobol.ask(surface, "search").text


@pytest.mark.parametrize("kind", ["symbols", "graph"])
@pytest.mark.parametrize("surface", SURFACES)
def test_a_name_in_a_language_without_a_grammar_is_not_said_to_be_absent(cobol: Asker, surface: str, kind: str) -> None:
    said = cobol.ask(surface, kind)
    assert "not parsed" in said.text or "language-not-parsed" in said.text


# ---------------------------------------------------------------------------------- 5. memory is exhausted


@pytest.fixture(scope="module")
def little_memory(sandbox: Sandbox) -> Iterator[Asker]:
    """Files that take more than the ceiling to be parsed."""
    headers = {
        f"registers{file}.h": "".join(f"#define TEA_{file}_{number} {number}\n" for number in range(26_000))
        for file in range(2)
    }
    tree = write_tree(sandbox.folder / "memory" / "tree", {**SHOP, **headers})
    asker = Asker(
        sandbox,
        tree,
        sandbox.folder / "memory" / "store",
        TEA,
        options=("--memory", "128MiB"),
        opening=lambda: {"memory_bytes": 128 << 20},
    )
    assert asker.index() == ["symbols of large files"]
    asker.make_bundle()
    yield asker
    asker.close()


@pytest.mark.parametrize(("surface", "kind"), pairs(kinds=BY_GRAPH))
def test_files_that_memory_did_not_suffice_for(little_memory: Asker, surface: str, kind: str) -> None:
    said = little_memory.ask(surface, kind)
    if said.coverage is not None:
        assert said.coverage["without_symbols" if surface == SERVER else "files_without_symbols"] == 2
    if surface in (TEXT, SERVER):
        assert "2 large files without symbols" in said.text


@pytest.fixture(scope="module")
def no_vectors(sandbox: Sandbox) -> Iterator[Asker]:
    """An index without vectors, as a run leaves it that had no room for them: they would take a million chunks."""
    tree, store = write_tree(sandbox.folder / "words" / "tree", SHOP), sandbox.folder / "words" / "store"
    for _ in range(2):
        pampax.open(tree, store=store, vectors=False).index()
    asker = Asker(sandbox, tree, store, TEA)
    asker.make_bundle()
    with held_store(store):
        yield asker
        asker.close()


@pytest.mark.parametrize(("surface", "kind"), pairs(kinds=LOOKED_FOR))
def test_an_index_without_vectors(no_vectors: Asker, surface: str, kind: str) -> None:
    said = no_vectors.ask(surface, kind)
    assert "reserve_tea" in said.text, "it is answered from words"
    if said.coverage is not None:
        assert said.coverage["vectors"] == "absent"
    if surface in (TEXT, SERVER):
        assert "only words" in said.text
        assert "not meaning" in said.text


# ---------------------------------------------------------------------------------- 6. a dead embedder


def remote(url: str) -> dict[str, object]:
    from pampax.remote import RemoteEmbedder

    return {"remote_embedder": RemoteEmbedder(f"{url}/v1", model="packaged", attempts=1)}


@pytest.fixture(scope="module", params=["died later", "never answered"])
def dead_embedder(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[Asker]:
    """An endpoint for vectors that refuses; or did not while the index was made."""
    name = request.param.replace(" ", "-")
    tree, store = write_tree(sandbox.folder / name / "tree", SHOP), sandbox.folder / name / "store"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    if request.param == "died later":
        sys.path.insert(0, str(Path(__file__).parents[1] / "remote"))
        from server_process import ModelServer

        alive = ModelServer()
        url = alive.url
        for _ in range(2):
            report = pampax.open(tree, store=store, **remote(url)).index()  # type: ignore[arg-type]
        assert report.remote_vectors is not None
        assert report.remote_vectors["missing"] == 0
        alive.stop()
    asker = Asker(
        sandbox,
        tree,
        store,
        TEA,
        options=("--embedder", f"{url}/v1"),
        variables={"PAMPAX_EMBEDDER_MODEL": "packaged"},
        opening=lambda: remote(url),
    )
    if request.param == "never answered":
        for _ in range(2):
            assert asker.run("index").returncode == 4
    yield asker
    asker.close()


@pytest.mark.parametrize(("surface", "kind"), pairs(kinds=LOOKED_FOR))
def test_an_embedder_that_is_dead(dead_embedder: Asker, surface: str, kind: str) -> None:
    said = dead_embedder.ask(surface, kind)
    assert not said.failed, said.text
    assert "reserve_tea" in said.text, "it is answered without"
    assert "packaged at 127.0.0.1" in said.text, "and it is said who was not asked"
    assert "vectors of the local model were compared instead" in said.text
    if surface in (JSON, PYTHON):
        assert coverage(said)["vectors"] == "local"
