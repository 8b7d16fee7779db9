"""The query log: what it holds by default and on request, feedback, export and removal."""

from __future__ import annotations

import json
import stat
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import pampax as package
from pampax import query_log
from pampax.query_log import QueryLog, json_line

if TYPE_CHECKING:
    from command_process import Pampax


def events(pampax: Pampax, **variables: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in pampax("log", "export", **variables).out.splitlines()]


def test_by_default_no_words_are_kept(pampax: Pampax, repository: Path) -> None:
    for _ in range(2):
        pampax("search", "where are session cookies signed")
    pampax("search", "xyzzyplugh")
    first, again, nothing = events(pampax)
    assert first["event"] == "search"
    assert first["surface"] == "cli"
    assert first["hits"][0].startswith("shop/session.py:")
    assert first["query_hash"] == again["query_hash"] != nothing["query_hash"]
    assert first["query_words"] == 5
    assert "query" not in first
    assert nothing["empty"] == "confirmed-absent"
    log = repository / ".git" / "pampax" / "queries" / "log.jsonl"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert "cookies" not in log.read_text()


def test_words_are_kept_on_request_with_secrets_masked_and_nothing_when_it_is_off(pampax: Pampax) -> None:
    secret = "ghp_" + "a1B2" * 9
    pampax("search", f'cookie "{secret}"', PAMPAX_QUERY_LOG="full")
    pampax("search", "cookie", PAMPAX_QUERY_LOG="off")
    (event,) = events(pampax)
    assert event["query"] == 'cookie "[secret: GitHub token]"'


def test_a_repository_cannot_have_words_kept(pampax: Pampax, repository: Path) -> None:
    (repository / "pampax.toml").write_text('query_log = "full"\n')
    result = pampax("search", "cookie")
    assert result.code == 2
    assert "may not set query_log" in result.err


def test_what_became_of_a_bundle_is_noted(pampax: Pampax) -> None:
    bundle = json.loads(pampax("assemble", "--json", "sign session cookies").out)
    item = bundle["items"][0]["id"]
    assert pampax("expand", bundle["id"], item).code == 0
    assert pampax("feedback", bundle["id"], "--good", "--used", item).code == 0
    assert pampax("feedback", bundle["id"], "--bad", item).code == 0
    found = events(pampax)
    assert [event["event"] for event in found] == ["assemble", "expand", "feedback", "feedback", "feedback"]
    assert {event["bundle"] for event in found} == {bundle["id"]}
    assert found[0]["hits"][0].startswith(f"{item} shop/session.py:")
    assert [event["verdict"] for event in found[2:]] == ["good", "used", "bad"]
    assert found[3]["items"] == [item]

    assert pampax("log", "clear").code == 0
    assert pampax("log", "export").code == 1
    assert pampax("feedback", bundle["id"], "--good").code == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("0123456789abcdef", "--good"), "knows no bundle"),
        (("{bundle}",), "--good, --bad or --used"),
        (("{bundle}", "--good", "--bad"), "exclude each other"),
        (("{bundle}", "i1", "--used", "i1"), "belong to"),
        (("{bundle}", "--used", "i999"), "has no item i999"),
    ],
)
def test_feedback_that_makes_no_sense_is_refused(pampax: Pampax, arguments: tuple[str, ...], message: str) -> None:
    bundle = json.loads(pampax("assemble", "--json", "sign session cookies").out)["id"]
    result = pampax("feedback", *(argument.format(bundle=bundle) for argument in arguments))
    assert result.code == 2
    assert message in result.err
    assert pampax("feedback", bundle, "--good", PAMPAX_QUERY_LOG="off").code == 2


def indexed(tmp_path: Path) -> package.Repository:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a.py").write_text("def alpha():\n    return 1\n")
    repository = package.open(tmp_path / "tree", store=tmp_path / "store")
    repository.index()
    return repository


def test_it_is_bounded_and_many_may_write_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_log, "LARGEST_FILE_BYTES", 20_000)
    repository = indexed(tmp_path)
    answer = repository.search("alpha")

    def write(writer: int) -> None:
        log = QueryLog(repository, "hashed", "api", str(writer))
        for number in range(200):
            log.answered(f"{writer} {number}", answer)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log = QueryLog(repository, "hashed", "api")
    lines = list(log.lines())
    assert all(json.loads(line)["event"] == "search" for line in lines)
    assert sum(map(len, lines)) <= 2 * 20_000 + 10_000
    assert len(lines) >= 50


def test_clients_that_ask_at_once_for_the_first_time_hash_alike(tmp_path: Path) -> None:
    repository = indexed(tmp_path)
    answer = repository.search("alpha")
    clients = 8

    def ask(start: threading.Barrier) -> None:
        start.wait(10)
        QueryLog(repository, "hashed", "api").answered("alpha", answer)

    log = QueryLog(repository, "hashed", "api")
    for _ in range(50):
        log.clear()
        start = threading.Barrier(clients)
        threads = [threading.Thread(target=ask, args=(start,)) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        hashes = [json.loads(line)["query_hash"] for line in log.lines()]
        assert len(hashes) == clients
        assert len(set(hashes)) == 1
        assert sorted(file.name for file in Path(log.folder).iterdir()) == ["log.jsonl", "salt"]


def test_a_salt_that_was_cut_short_is_made_anew(tmp_path: Path) -> None:
    repository = indexed(tmp_path)
    log = QueryLog(repository, "hashed", "api")
    log.answered("alpha", repository.search("alpha"))
    (Path(log.folder) / "salt").write_bytes(b"short")
    log.answered("alpha", repository.search("alpha"))
    log.answered("alpha", repository.search("alpha"))
    _, second, third = [json.loads(line)["query_hash"] for line in log.lines()]
    assert second == third
    assert (Path(log.folder) / "salt").stat().st_size == 16


def test_a_log_that_cannot_be_written_spoils_no_answer(tmp_path: Path) -> None:
    repository = indexed(tmp_path)
    (tmp_path / "store" / "queries").write_text("in the way")
    log = QueryLog(repository, "hashed", "api")
    log.answered("alpha", repository.search("alpha"))
    assert not log.feedback("x", "good")


@pytest.mark.parametrize("text", ["", 'a"b\\c\n\0\x1f\x7f\u2028\u0085', "ä€😀", "\ud800"])
def test_the_lines_are_json(text: str) -> None:
    line = json_line({"text": text, "number": 1.5, "none": None, "list": [text, 2], "yes": True})
    assert line.count("\n") == 1
    assert len(line.splitlines()) == 1
    expected = {"text": text, "number": 1.5, "list": [text, 2], "yes": True}
    assert json.loads(line) == expected
