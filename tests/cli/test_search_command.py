"""`pampax search` as a process."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from command_process import Pampax

HEADING = re.compile(r"^(?P<path>\S.*):(?P<start>\d+)-(?P<end>\d+)  (?P<rest>.*)$")


def headings(text: str) -> list[re.Match[str]]:
    return [match for line in text.splitlines() if (match := HEADING.match(line))]


def numbered(text: str) -> list[str]:
    """The lines of files that are shown, with their numbers."""
    return [line for line in text.splitlines() if re.match(r"^ *\d+  ", line)]


def test_a_first_search_indexes_and_says_so(pampax: Pampax) -> None:
    first = pampax("search", "sign session cookie")
    assert first.code == 0, first.err
    assert "has no index yet: building it first" in first.err
    assert re.search(r"^indexed 5 files .* 1 skipped: 1 binary", first.err, re.MULTILINE)
    assert headings(first.out)[0]["path"] == "shop/session.py"
    second = pampax("search", "sign session cookie")
    assert second.out == first.out
    assert "building" not in second.err


def test_a_hit_is_shown_with_its_place_symbol_kind_score_and_lines(pampax: Pampax) -> None:
    result = pampax("search", "sign_cookie", "--limit", "1")
    (hit,) = headings(result.out)
    assert hit["path"] == "shop/session.py"
    assert re.search(r"sign_cookie  \(method\)  -?\d+\.\d{3}$", hit["rest"])
    shown = numbered(result.out)
    assert len(shown) <= 6
    assert shown[0].split()[0] == hit["start"]
    assert "why: " in result.out


def test_context_shows_the_whole_span_and_lines_around_it(pampax: Pampax) -> None:
    result = pampax("search", "sign_cookie", "--limit", "1", "--context", "2")
    (hit,) = headings(result.out)
    numbers = [int(line.split()[0]) for line in numbered(result.out)]
    assert numbers == list(range(int(hit["start"]) - 2, int(hit["end"]) + 3))
    assert "more line" not in result.out


def test_context_at_the_edges_of_a_file_is_cut_off(pampax: Pampax) -> None:
    result = pampax("search", "total_amount", "--limit", "1", "--context", "100")
    numbers = [int(line.split()[0]) for line in numbered(result.out)]
    assert numbers == list(range(1, 7))


def test_hits_of_one_file_stand_together(pampax: Pampax) -> None:
    pampax("index")
    paths = [hit["path"] for hit in headings(pampax("search", "customer session basket amount retry").out)]
    assert len(paths) > len(set(paths)), "the question fits several places of one file"
    assert all(paths.index(path) + paths.count(path) > place for place, path in enumerate(paths))


def test_coverage_goes_to_stderr(pampax: Pampax) -> None:
    result = pampax("search", "basket")
    assert result.err.splitlines()[-1].startswith("1 of 6 files skipped (pampax status --skipped)")
    assert re.search(r"generation \d+", result.err.splitlines()[-1])
    assert "generation" not in result.out


def test_a_changed_file_is_marked(pampax: Pampax, repository: Path) -> None:
    pampax("index")
    path = repository / "shop" / "invoice.py"
    path.write_text("# moved\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    result = pampax("search", "total_amount", "--limit", "1")
    assert "changed since it was indexed" in result.out
    assert "changed since" in result.err


def test_a_removed_file_is_no_failure(pampax: Pampax, repository: Path) -> None:
    pampax("index")
    (repository / "shop" / "invoice.py").unlink()
    result = pampax("search", "total_amount")
    assert result.code in (0, 1)
    assert "Traceback" not in result.err


def test_nothing_found_is_exit_code_1_with_the_reason(pampax: Pampax) -> None:
    result = pampax("search", "qzxwvqzxwv")
    assert result.code == 1
    assert result.out == ""
    assert "nothing found" in result.err


def test_filters_that_leave_nothing_are_named(pampax: Pampax) -> None:
    result = pampax("search", "sign_cookie", "--path", "nowhere/**")
    assert result.code == 1
    assert "filters" in result.err


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--path", "shop/**"), "shop/"),
        (("--language", "javascript"), "web/basket.js"),
        (("--language", "go"), "server/retry.go"),
        (("--path", "!shop/**", "--path", "!web/**", "--path", "!README.md"), "server/"),
    ],
)
def test_filters(pampax: Pampax, options: tuple[str, ...], expected: str) -> None:
    result = pampax("search", "customer basket amount retry session", *options)
    found = [hit["path"] for hit in headings(result.out)]
    assert found
    assert all(path.startswith(expected) for path in found)


def test_kinds(pampax: Pampax) -> None:
    result = pampax("search", "customer session", "--kind", "class")
    assert headings(result.out)
    assert all("(class)" in hit["rest"] for hit in headings(result.out))


def test_an_unknown_language_is_a_usage_error(pampax: Pampax) -> None:
    result = pampax("search", "x", "--language", "klingon")
    assert result.code == 2
    assert "klingon" in result.err


def test_limit(pampax: Pampax) -> None:
    everything = headings(pampax("search", "customer session basket amount retry").out)
    assert len(everything) > 2
    assert len(headings(pampax("search", "customer session basket amount retry", "--limit", "2").out)) == 2


def test_json_is_the_answer_and_nothing_else(pampax: Pampax) -> None:
    pampax("index")
    result = pampax("search", "sign session cookie", "--json")
    answer = json.loads(result.out)
    assert answer["schema"] == "pampax.answer/1"
    assert answer["query"] == "sign session cookie"
    assert answer["hits"][0]["path"] == "shop/session.py"
    assert "timings_ms" not in answer
    assert result.err == ""
    assert pampax("search", "sign session cookie", "--json").out_bytes == result.out_bytes
    assert "timings_ms" in json.loads(pampax("search", "basket", "--json", "--timings").out)


def test_json_of_an_empty_answer_says_why_and_exits_with_1(pampax: Pampax) -> None:
    result = pampax("search", "qzxwvqzxwv", "--json")
    assert result.code == 1
    assert json.loads(result.out)["empty_reason"] == "confirmed-absent"


def test_timings_go_to_stderr(pampax: Pampax) -> None:
    result = pampax("search", "basket", "--timings")
    assert re.search(r"\d+\.\d\d ms", result.err)
    assert " ms" not in result.out


def test_the_explanation_adds_up_to_the_score(pampax: Pampax) -> None:
    result = pampax("search", "sign session cookie", "--limit", "1", "--explain")
    products = [
        (float(match[1]), float(match[2]), float(match[3]))
        for match in re.finditer(r"feature .* (\S+) \u00d7 +(\S+) = +(\S+)$", result.out, re.MULTILINE)
    ]
    assert products
    assert all(abs(value * weight - product) < 1e-3 for value, weight, product in products)
    assert re.search(r"source +\S+ +rank \d+", result.out)
    (score,) = re.findall(r"^ +score +(\S+)$", result.out, re.MULTILINE)
    assert sum(product for _, _, product in products) == pytest.approx(float(score), abs=1e-4)
    assert headings(result.out)[0]["rest"].endswith(f"{float(score):.3f}")


# The question


def test_the_question_may_come_through_a_pipe(pampax: Pampax) -> None:
    expected = pampax("search", "sign session cookie").out
    assert expected
    assert pampax("search", stdin=b"sign session cookie\n").out == expected
    assert pampax("search", "-", stdin=b"sign session cookie\r\n").out == expected
    assert pampax("search", "sign", "session", "cookie", stdin=b"not read").out == expected


@pytest.mark.parametrize(
    "arguments", [("search",), ("search", "-"), ("search", ""), ("search", " \t\n"), ("assemble",)]
)
def test_an_empty_question_is_a_usage_error(pampax: Pampax, arguments: tuple[str, ...]) -> None:
    result = pampax(*arguments)
    assert result.code == 2
    assert "is empty" in result.err
    assert len(result.err.splitlines()) == 1


@pytest.mark.parametrize(
    "question",
    [
        b"--weird -x --json",
        b"sign\x00cookie",
        b"\xff\xfe sign \xc3\x28",
        "ünïcödé 🫖 \u202e\u2028 \U0010ffff".encode(),
        b'AND OR NOT ( ) [ ] { } "unbalanced * ? ~2 ^3 field:value \\',
        b"\x1b[31m\r\n\t\x07",
        b"a" * 200_000,
        b"sign " * 50_000,
        b"((((" * 10_000,
    ],
    ids=["options", "nul", "bytes", "unicode", "syntax", "control", "long-word", "many-words", "brackets"],
)
def test_any_characters_may_stand_in_a_question(pampax: Pampax, question: bytes) -> None:
    result = pampax("search", "--json", "-", stdin=question)
    assert result.code in (0, 1), result.err[:500]
    assert json.loads(result.out)["query"]
    assert "Traceback" not in result.err


def test_words_that_look_like_options_come_after_two_dashes(pampax: Pampax) -> None:
    result = pampax("search", "--json", "--", "--weird", "-x")
    assert json.loads(result.out)["query"] == "--weird -x"


def test_arguments_that_are_no_utf8_are_searched_for_all_the_same(pampax: Pampax) -> None:
    result = pampax("search", "--json", b"basket \xff\xfe")
    assert result.code == 0, result.err
    assert json.loads(result.out)["query"] == "basket \ufffd\ufffd"


def test_more_than_a_megabyte_of_question_is_refused(pampax: Pampax) -> None:
    result = pampax("search", stdin=b"a " * 600_000)
    assert result.code == 2
    assert "longer than 1,000,000 bytes" in result.err
