"""Every option of the configuration has an effect, from every kind of source."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pampax import _core
from pampax.cli import main
from pampax.configuration import INTENTS, OPTIONS, SOURCES

if TYPE_CHECKING:
    from command_process import Pampax

SHOWN_HERE = {
    "search.limit",
    "search.context",
    "assemble.budget",
    "assemble.encoding",
    "assemble.profile",
    "log.level",
    "log.format",
    "color",
    "auto_index",
    "max_file_size",
    "store",
    "memory",
    "threads",
    "embedder",
    "vectors",
    *(f"intents.{intent}" for intent in INTENTS),
    "query_log",
    "freshness_ms",
}
SHOWN_ELSEWHERE = {
    "embedder_model",
    "embedder_dimensions",
    "embedder_authorization",
    "embedder_batch",
    "embedder_text_size",
    "embedder_requests_per_minute",
    "embedder_timeout",
    "reranker",
    "reranker_model",
    "reranker_format",
    "reranker_authorization",
    "reranker_candidates",
    "reranker_timeout",
}
"""In `tests/remote/test_command.py`, where there is a server to ask."""


def test_every_option_has_a_test() -> None:
    assert {option.key for option in OPTIONS} == SHOWN_HERE | SHOWN_ELSEWHERE
    elsewhere = (Path(__file__).parents[1] / "remote/test_command.py").read_text(encoding="utf-8")
    assert [key for key in SHOWN_ELSEWHERE if f"        {key} = " not in elsewhere] == []


def test_the_query_log_holds_what_it_was_told_to(pampax: Pampax, repository: Path) -> None:
    pampax("index")
    log = repository / ".git" / "pampax" / "queries" / "log.jsonl"
    pampax("search", "basket", PAMPAX_QUERY_LOG="off")
    assert not log.exists()
    pampax("search", "basket")
    assert "query_hash" in log.read_text()
    assert '"query":"basket"' not in log.read_text()
    pampax("search", "basket", PAMPAX_QUERY_LOG="full")
    assert '"query":"basket"' in log.read_text()


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        ("memory = '256MiB'", {"memory_bytes": 256 << 20}),
        ("threads = 2", {"threads": 2}),
        ("max_file_size = '1MiB'", {"max_file_bytes": 1 << 20}),
    ],
)
def test_the_engine_is_opened_as_the_repository_says(
    repository: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    toml: str,
    expected: dict[str, object],
) -> None:
    given: list[dict[str, object]] = []
    real = _core.open

    def recording(path: str, **options: object) -> object:
        given.append(options)
        return real(path, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(_core, "open", recording)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    (repository / "pampax.toml").write_text(toml, encoding="utf-8")
    assert main(["-C", str(repository), "index"]) == 0
    assert given[-1].items() >= expected.items()
    assert len(given) == 2, "opened once to find the root, once as its file says"
    given.clear()
    (repository / "pampax.toml").unlink()
    assert main(["-C", str(repository), "status"]) == 0
    assert len(given) == 1


def test_embedder_is_the_model_that_is_used(repository: Path, pampax: Pampax, tmp_path: Path) -> None:
    model = Path(__file__).parents[2] / "rust/pampax-embed/tests/data/identifier-i8-clustered"
    store = tmp_path / "store"
    pampax("-C", str(repository), "index", "--store", str(store), "--embedder", str(model))
    assert len(list(store.glob("segments/*/vectors[0-9]*-*"))) == 1
    pampax("-C", str(repository), "index", "--store", str(store))
    assert len(list(store.glob("segments/*/vectors[0-9]*-*"))) == 2, "the package's own model has its own vectors"


def test_vectors(repository: Path, pampax: Pampax, tmp_path: Path) -> None:
    arguments = ["-C", str(repository), "search", "where is the total added up", "--json"]
    both = json.loads(pampax(*arguments, "--store", str(tmp_path / "both")).out)
    words = json.loads(pampax(*arguments, "--store", str(tmp_path / "words"), PAMPAX_VECTORS="false").out)
    assert (words["coverage"]["vectors"], both["coverage"]["vectors"]) == ("absent", "present")


def test_memory_and_threads_from_command_line_and_environment(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given: dict[str, object] = {}
    real = _core.open

    def recording(path: str, **options: object) -> object:
        given.update(options)
        return real(path, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(_core, "open", recording)
    monkeypatch.setenv("PAMPAX_MEMORY", "128MiB")
    store = str(tmp_path / "store")
    assert main(["-C", str(repository), "index", "--threads", "1", "--store", store]) == 0
    assert (given["memory_bytes"], given["threads"], given["store"]) == (128 << 20, 1, store)


def test_max_file_size(pampax: Pampax, repository: Path) -> None:
    (repository / "large.py").write_text("x = 1\n" * 1000, encoding="utf-8")
    assert "6 files" in pampax("index").err
    (repository / "pampax.toml").write_text("max_file_size = '2KiB'\n", encoding="utf-8")
    pampax("index", "--force")
    assert "too-large" in pampax("status", "--skipped").out


@pytest.mark.parametrize("way", ["option", "variable", "user file", "named file"])
def test_store(pampax: Pampax, tmp_path: Path, way: str) -> None:
    store = tmp_path / "elsewhere" / "store"
    text = f"store = {json.dumps(str(store))}\n"
    if way == "option":
        result = pampax("--store", str(store), "index")
    elif way == "variable":
        result = pampax("index", PAMPAX_STORE=str(store))
    elif way == "user file":
        user = tmp_path / "home" / ".config" / "pampax" / "config.toml"
        user.parent.mkdir(parents=True)
        user.write_text(text, encoding="utf-8")
        result = pampax("index")
    else:
        (tmp_path / "named.toml").write_text(text, encoding="utf-8")
        result = pampax("index", "--config", str(tmp_path / "named.toml"))
    assert result.code == 0, result.err
    assert any(store.iterdir())


def test_a_repository_cannot_move_the_store(pampax: Pampax, repository: Path, tmp_path: Path) -> None:
    store = tmp_path / "outside"
    (repository / "pampax.toml").write_text(f"store = {json.dumps(str(store))}\n", encoding="utf-8")
    result = pampax("index")
    assert result.code == 2
    assert "may not set store" in result.err
    assert not store.exists()


def test_search_limit_and_context(pampax: Pampax, repository: Path) -> None:
    (repository / "pyproject.toml").write_text("[tool.pampax.search]\nlimit = 1\ncontext = 0\n", encoding="utf-8")
    result = pampax("search", "customer session basket amount", "--path", "shop/**")
    (heading,) = re.findall(r"^\S+:(\d+)-(\d+)  ", result.out, re.MULTILINE)
    shown = re.findall(r"^ *(\d+)  ", result.out, re.MULTILINE)
    assert (shown[0], shown[-1]) == heading, "the whole span, and no line more"
    answer = json.loads(pampax("search", "customer session basket amount", "--limit", "2", "--json").out)
    assert len(answer["hits"]) == 2


def test_assemble_budget_and_encoding(pampax: Pampax, repository: Path) -> None:
    (repository / "pampax.json").write_text(
        '{"assemble": {"budget": 500, "encoding": "cl100k_base"}}', encoding="utf-8"
    )
    bundle = json.loads(pampax("assemble", "session cookies", "--json").out)
    assert (bundle["budget"], bundle["encoding"]) == (500, "cl100k_base")


def test_assemble_profile(pampax: Pampax, repository: Path) -> None:
    (repository / "pampax.toml").write_text('[assemble]\nprofile = "code=0"\n', encoding="utf-8")
    bundle = json.loads(pampax("assemble", "session cookie", "--json").out)
    assert all(item["category"] != "code" for item in bundle["items"])
    assert any("profile" in dropped["reason"] for dropped in bundle["dropped"])
    again = json.loads(pampax("assemble", "session cookie", "--json", "--profile", "code=2").out)
    assert any(item["category"] == "code" for item in again["items"])
    result = pampax("assemble", "session cookie", "--profile", "cod=2")
    assert result.code == 2
    assert "weights from 0 to 10" in result.err
    bundle = json.loads(pampax("assemble", "session cookies", "--json", "--budget", "600").out)
    assert bundle["budget"] == 600


def test_log_level_and_format(pampax: Pampax, repository: Path) -> None:
    pampax("index")
    assert "op=search" not in pampax("search", "basket").err
    assert re.search(
        r"INFO +cli: search ok +op=search corr_id=[0-9a-f]{16} .*hits=",
        pampax("search", "basket", "--log-level", "info").err,
    )
    (repository / "pampax.toml").write_text("[log]\nlevel = 'info'\nformat = 'json'\n", encoding="utf-8")
    result = pampax("index", "--force")
    lines = [json.loads(line) for line in result.err.splitlines()]
    assert {line["op"] for line in lines} == {"index"}
    assert {line["component"] for line in lines} == {"cli", "engine"}
    assert len({line["corr_id"] for line in lines}) == 1
    last = lines[-1]
    assert (last["op"], last["status"], last["exit_code"]) == ("index", "ok", 0)
    quiet = pampax("search", "basket", PAMPAX_LOG_LEVEL="warning")
    assert quiet.err == "", "with log lines as JSON, notices are log lines too"
    failed = pampax("search", "x", "--limit", "0", "--log-format", "json")
    assert json.loads(failed.err)["level"] == "error"
    assert failed.code == 2


def test_the_question_is_not_logged(pampax: Pampax) -> None:
    result = pampax("search", "basket", "hunter2", "--log-level", "debug")
    assert "hunter2" not in result.err


def test_color(pampax: Pampax, repository: Path) -> None:
    (repository / "pampax.toml").write_text("color = 'always'\n", encoding="utf-8")
    assert "\x1b[" in pampax("search", "basket").out
    assert "\x1b[" not in pampax("search", "basket", "--color", "never").out


def test_auto_index(pampax: Pampax) -> None:
    result = pampax("search", "basket", PAMPAX_AUTO_INDEX="no")
    assert (result.code, result.out) == (1, "")
    assert "pampax index" in result.err
    assert "not indexed yet" in pampax("status").out
    assert pampax("search", "basket").code == 0


def test_freshness_is_looked_for_as_long_as_is_allowed(pampax: Pampax) -> None:
    pampax("index")

    def freshness(*options: str, **variables: str) -> str:
        return json.loads(pampax("search", "basket", "--json", *options, **variables).out)["coverage"]["freshness"]

    assert freshness() == "fresh"
    assert freshness("--freshness-ms", "0") == "unchecked"
    assert freshness(PAMPAX_FRESHNESS_MS="0") == "unchecked"


@pytest.mark.parametrize("intent", INTENTS)
def test_an_intents_policy(pampax: Pampax, repository: Path, intent: str) -> None:
    arguments = ["search", "--intent", intent, "--json", "shop invoice total"]
    before = json.loads(pampax(*arguments).out)
    assert before["intent"] == intent
    assert len(before["hits"]) > 1
    (repository / "pampax.toml").write_text(f"[intents]\n{intent} = 'candidates=1'\n", encoding="utf-8")
    assert len(json.loads(pampax(*arguments).out)["hits"]) == 1
    other = INTENTS[INTENTS.index(intent) - 1]
    assert len(json.loads(pampax("search", "--intent", other, "--json", "shop invoice total").out)["hits"]) > 1
    variable = {f"PAMPAX_INTENTS_{intent.upper()}": "candidates=2, definition.limit=0"}
    assert len(json.loads(pampax(*arguments, **variable).out)["hits"]) == 2


@pytest.mark.parametrize("source", SOURCES)
def test_the_engine_knows_every_source(repository: Path, source: str) -> None:
    _core.open(repository, intents={"error": f"{source}.limit=1, {source}.weight=0.5"})


def test_the_configuration_refuses_what_the_engine_refuses(repository: Path, pampax: Pampax) -> None:
    wrong = "candidates=0; candidate=1; place=1; place.limit=1001; place.limit=1.5; place.weight=-1; place; x.y=1"
    for text in wrong.split("; "):
        with pytest.raises(_core.InvalidInput):
            _core.open(repository, intents={"error": text})
        result = pampax("search", "total", PAMPAX_INTENTS_ERROR=text)
        assert result.code == 2
        assert "PAMPAX_INTENTS_ERROR" in result.err
    right = "candidates=1; place.limit=1000 ,named=0.5; symbols_per_name=0,symbols_per_prefix=7; place.weight=100"
    for text in right.split("; "):
        _core.open(repository, intents={"error": text})
        assert pampax("search", "total", PAMPAX_INTENTS_ERROR=text).code == 0
    with pytest.raises(_core.InvalidInput, match="errors"):
        _core.open(repository, intents={"errors": ""})
    with pytest.raises(_core.InvalidInput, match="symbols"):
        _core.open(repository).search("total", intent="symbols")  # type: ignore[arg-type]
    assert pampax("search", "--intent", "symbols", "total").code == 2
