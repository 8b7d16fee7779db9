"""Files that are not what they seem. Each costs itself alone, is counted with a reason, and never hangs a run."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from fault_harness import Sandbox, assert_same_index, python_file, write_tree

pytestmark = pytest.mark.timeout(300)

GOOD = {"src/good.py": python_file("perfectly_good_function", "Stands beside the broken ones.")}


def index_beside_good(
    sandbox: Sandbox, tree: Path, store: Path, queries: list[str] | None = None, seconds: float = 30
) -> dict[str, Any]:
    """Add a good file, index within `seconds`, and check that the good file is found whatever the others are."""
    write_tree(tree, GOOD)
    said = sandbox.indexed(tree, store, ["perfectly_good_function", *(queries or [])], timeout_s=seconds)
    assert said["answers"][0]["hits"][0]["path"] == "src/good.py"
    return said


def skipped(said: dict[str, Any]) -> dict[str, str]:
    """Path and reason of what was skipped."""
    return dict(said["skipped"])


def assert_all_counted(said: dict[str, Any], paths: int) -> None:
    """Every file is either indexed or skipped with a reason; the counts by reason agree with the list."""
    assert said["status"]["files"] + len(said["skipped"]) == paths, said["skipped"]
    reasons = [reason for _, reason in said["skipped"]]
    assert said["status"]["skipped"] == {reason: reasons.count(reason) for reason in set(reasons)}


def test_names_that_are_not_unicode(sandbox: Sandbox, store: Path, tree: Path) -> None:
    folder = os.fsencode(tree)
    try:
        with open(folder + b"/caf\xe9.py", "wb") as file:
            file.write(python_file("latin_named").encode())
    except OSError:
        pytest.skip("this file system only takes names in UTF-8")
    os.mkdir(folder + b"/d\xff")
    with open(folder + b"/d\xff/inner.py", "wb") as file:
        file.write(python_file("latin_folder").encode())
    said = index_beside_good(sandbox, tree, store, ["latin_named"])
    assert {reason for _, reason in said["skipped"]} == {"not-utf8-path"}
    assert said["status"]["files"] == 1


def test_names_with_odd_but_valid_characters(sandbox: Sandbox, store: Path, tree: Path) -> None:
    names = ["sp ace.py", "tab\t.py", "new\nline.py", "quote\"'.py", "-dash.py", "héß.py", "日本.py",
             "[brackets]{x}.py", "*.py", "a" * 250 + ".py", "\u202egnp.py", "back\\slash.py"]  # fmt: skip
    write_tree(tree, {name: python_file(f"odd_name_{number}") for number, name in enumerate(names)})
    said = index_beside_good(sandbox, tree, store, [f"odd_name_{number}" for number in range(len(names))])
    for name, answer in zip(names, said["answers"][1:], strict=True):
        assert answer["hits"], f"{name!r} is not found"
        assert answer["hits"][0]["path"] == name


def test_encodings(sandbox: Sandbox, store: Path, tree: Path) -> None:
    """Latin-1 is read with replacements; UTF-16 is read or said to be binary; NUL bytes make a file binary."""
    write_tree(
        tree,
        {
            "latin.py": "# Grüße an alle Empfänger\ndef greet_recipient():\n    pass\n".encode("latin-1"),
            "utf16.py": "# Greetings\ndef wide_letters():\n    pass\n".encode("utf-16"),
            "nul.py": b"def with_nul():\n    pass\n" + b"\0" * 100,
            "bytes.bin": bytes(range(256)) * 40,
            "cut.py": "# é".encode()[:-1] + b"\ndef cut_character():\n    pass\n",
            "surrogate.py": b"# \xed\xa0\x80\ndef lone_surrogate():\n    pass\n",
        },
    )
    said = index_beside_good(
        sandbox, tree, store, ["greet_recipient", "cut_character", "lone_surrogate", "wide_letters"]
    )
    assert_all_counted(said, 7)
    found = [answer["hits"][0]["path"] if answer["hits"] else None for answer in said["answers"][1:]]
    assert found[:3] == ["latin.py", "cut.py", "surrogate.py"]
    reasons = skipped(said)
    assert reasons.get("nul.py") == reasons.get("bytes.bin") == "binary"
    assert (found[3] == "utf16.py") != (reasons.get("utf16.py") == "binary")


def test_byte_order_mark_and_line_ends(sandbox: Sandbox, store: Path, tree: Path) -> None:
    """Neither moves a line number."""
    text = "import os\n\n\ndef {name}(value):\n    return os.path.join(value)\n"
    write_tree(
        tree,
        {
            "bom.py": b"\xef\xbb\xbf" + text.format(name="after_the_mark").encode(),
            "crlf.py": text.format(name="carriage_return").replace("\n", "\r\n").encode(),
            "cr.py": text.format(name="only_returns").replace("\n", "\r").encode(),
            "no_end.py": text.format(name="unfinished_line").rstrip("\n"),
        },
    )
    said = index_beside_good(sandbox, tree, store, ["after_the_mark", "carriage_return", "unfinished_line"])
    for answer, path in zip(said["answers"][1:], ["bom.py", "crlf.py", "no_end.py"], strict=True):
        first = answer["hits"][0]
        assert (first["path"], first["start_line"], first["end_line"]) == (path, 4, 5)


def test_empty_and_blank_files(sandbox: Sandbox, store: Path, tree: Path) -> None:
    write_tree(
        tree,
        {"empty.py": b"", "lines.py": b"\n" * 5_000, "blanks.md": b"  \t \n" * 50, "one.txt": b"x", "nl.txt": b"\n"},
    )
    said = index_beside_good(sandbox, tree, store, ["x"])
    assert_all_counted(said, 6)


def test_a_sparse_file_of_two_gigabytes_takes_no_time(sandbox: Sandbox, store: Path, tree: Path) -> None:
    for name in ("huge.py", "huge.bin"):
        with open(tree / name, "wb") as file:
            file.truncate(2 << 30)
    said = index_beside_good(sandbox, tree, store, seconds=15)
    assert skipped(said) == {"huge.bin": "too-large", "huge.py": "too-large"}


def test_files_just_below_and_above_the_limit(sandbox: Sandbox, store: Path, tree: Path) -> None:
    line = "limit_value = compute(limit_value)\n"
    below = line * ((4 << 20) // len(line) - 1)
    write_tree(tree, {"below.py": below, "above.py": below + line * 20})
    said = index_beside_good(sandbox, tree, store, seconds=60)
    assert skipped(said) == {"above.py": "too-large"}


def test_pipes_sockets_and_devices(sandbox: Sandbox, store: Path, tree: Path) -> None:
    """Opening a pipe waits for its other end; reading a device may never end. Neither is opened."""
    os.mkfifo(tree / "pipe.py")
    names = ["pipe.py"]
    unix = socket.socket(socket.AF_UNIX)
    here = os.getcwd()
    try:
        os.chdir(tree)  # the path of a socket is limited to about 100 characters
        unix.bind("socket.py")
        names.append("socket.py")
    finally:
        os.chdir(here)
    try:
        os.mknod(tree / "zero.py", stat.S_IFCHR | 0o666, os.makedev(1, 5))
        names.append("zero.py")
    except PermissionError:
        pass
    said = index_beside_good(sandbox, tree, store, seconds=15)
    unix.close()
    assert skipped(said) == dict.fromkeys(names, "not-a-file")


def test_links(sandbox: Sandbox, store: Path, tree: Path, tmp_path: Path) -> None:
    """Loops end, nothing outside the root is read, nothing is found twice."""
    outside = write_tree(
        tmp_path / "outside", {"secret.py": python_file("outside_secret"), "d/e.py": python_file("outside_too")}
    )
    write_tree(tree, {"real/inner.py": python_file("inside_target")})
    links = {
        "loop/back": tree,
        "a": tree / "b",
        "b": tree / "a",
        "itself.py": tree / "itself.py",
        "nowhere.py": tree / "missing.py",
        "escape.py": outside / "secret.py",
        "escape_folder": outside,
        "relative.py": Path("../outside/secret.py"),
        "inside.py": Path("real/inner.py"),
        "chain.py": tree / "escape.py",
        "password.py": Path("/etc/passwd"),
    }
    for name, target in links.items():
        (tree / name).parent.mkdir(exist_ok=True)
        (tree / name).symlink_to(target)
    said = index_beside_good(
        sandbox, tree, store, ["outside_secret", "outside_too", "inside_target", "root daemon nologin"]
    )
    paths = {hit["path"] for answer in said["answers"] for hit in answer["hits"]}
    assert paths <= {"src/good.py", "real/inner.py", "inside.py"}, paths
    inside = [hit["path"] for hit in said["answers"][3]["hits"]]
    assert inside.count("real/inner.py") == 1
    escaped = {path for path, reason in said["skipped"] if reason == "symlink-outside"}
    assert {"escape.py", "relative.py", "password.py"} <= escaped
    again = sandbox.indexed(tree, store)
    assert again["report"]["added"] == again["report"]["changed"] == again["report"]["removed"] == 0


def test_a_root_that_is_a_link(sandbox: Sandbox, store: Path, tree: Path, tmp_path: Path) -> None:
    write_tree(tree, GOOD)
    (tmp_path / "link").symlink_to(tree)
    expected = sandbox.indexed(tree, store, ["perfectly_good_function"])
    said = sandbox.indexed(tmp_path / "link", store, ["perfectly_good_function"])
    assert_same_index(said, expected)


def test_a_file_that_changes_while_it_is_read(sandbox: Sandbox, store: Path, tree: Path, tmp_path: Path) -> None:
    """It is indexed as of one moment or skipped with a reason; once it is quiet, nothing of it is left."""
    write_tree(tree, GOOD | {f"quiet_{number}.py": python_file(f"quiet_{number}") for number in range(50)})
    stop = threading.Event()

    def scribble() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            text = python_file(f"restless_{number % 7}") * (1 + number * 37 % 900)
            if number % 3:
                (tree / "restless.py").write_text(text)
            else:  # as editors save
                (tree / "restless.new").write_text(text)
                (tree / "restless.new").rename(tree / "restless.py")

    writer = threading.Thread(target=scribble)
    writer.start()
    try:
        for _ in range(8):
            said = index_beside_good(sandbox, tree, store)
            unexpected = {reason for path, reason in said["skipped"] if not path.startswith("restless")}
            assert not unexpected
    finally:
        stop.set()
        writer.join()
    queries = ["restless_1", "restless_2", "quiet_3"]
    settled = sandbox.indexed(tree, store, queries)
    assert_same_index(settled, sandbox.indexed(tree, tmp_path / "clean", queries))


DEEP = 10_000


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("deep.json", "[" * DEEP + "]" * DEEP),
        ("deep_object.json", '{"a":' * DEEP + "1" + "}" * DEEP),
        ("deep.py", "x = " + "(" * DEEP + "1" + ")" * DEEP),
        ("deep_blocks.py", "".join(f"{' ' * depth}if x:\n" for depth in range(900)) + " " * 900 + "pass\n"),
        ("deep.js", "f(" * DEEP + ")" * DEEP),
        ("deep_open.js", "{" * DEEP),
        ("deep_arrow.ts", "() => " * DEEP + "1"),
        ("deep.rs", "fn main() { let x = " + "(" * DEEP + "1" + ")" * DEEP + "; }"),
        ("deep.c", "int main() " + "{" * DEEP + "}" * DEEP),
        ("deep.cpp", "std::vector<" * DEEP + "int" + ">" * DEEP + " x;"),
        ("deep.go", "package x\nvar y = " + "(" * DEEP + "1" + ")" * DEEP),
        ("deep.java", "class A {" * DEEP + "}" * DEEP),
        ("deep.rb", "x = " + "[" * DEEP + "]" * DEEP),
        ("deep_closing.js", "}" * DEEP + ")" * DEEP),
        ("deep.html", "<div>" * DEEP + "</div>" * DEEP),
        ("deep.yaml", "".join(f"{' ' * depth}a:\n" for depth in range(2_000))),
        ("deep_flow.yaml", "a: " + "[" * DEEP + "]" * DEEP),
        ("deep.md", "> " * DEEP + "text\n"),
        ("deep_list.md", "".join(f"{'  ' * depth}- a\n" for depth in range(1_000))),
        ("deep.toml", "a = " + "[" * DEEP + "]" * DEEP),
        ("deep.sql", "SELECT " + "(" * DEEP + "1" + ")" * DEEP + ";"),
        ("deep.hs", "x = " + "(" * DEEP + "1" + ")" * DEEP),
        ("deep.sh", "$(" * DEEP + ")" * DEEP),
        ("deep.css", "a {" * DEEP + "}" * DEEP),
        ("quotes.py", '"""' * 3_001),
        ("templates.js", "`${" * DEEP),
        ("comments.c", "/*" * 100_000),
        ("generics.cs", "List<" * DEEP + "int" + ">" * DEEP + " x;"),
    ],
)
def test_deep_nesting(sandbox: Sandbox, store: Path, tree: Path, name: str, content: str) -> None:
    """Ten thousand levels neither overflow a stack nor take minutes; the file is still indexed, if only by lines."""
    write_tree(tree, {name: content + "\n"})
    said = index_beside_good(sandbox, tree, store, seconds=20)
    assert_all_counted(said, 2)


def test_one_line_of_a_megabyte(sandbox: Sandbox, store: Path, tree: Path) -> None:
    statement = "function bundled_name(a,b){return a+b*a-b};var c=bundled_name(1,2);"
    write_tree(
        tree,
        {
            "bundle.js": statement * ((1 << 20) // len(statement)),
            "data.json": '{"a":"' + "x" * (1 << 20) + '"}',
            "words.txt": "word " * 200_000,
            "one_word.txt": "w" * (1 << 20),
            "digits.py": "x = " + "1" * (1 << 20),
            "two_long_lines.js": (statement * 3_000 + "\n") * 2,
        },
    )
    said = index_beside_good(sandbox, tree, store, ["bundled_name", "w" * 200], seconds=30)
    assert_all_counted(said, 7)
    for answer in said["answers"]:
        assert len(str(answer)) < 200_000, "a hit carries the whole line"


def test_many_definitions_in_one_file(sandbox: Sandbox, store: Path, tree: Path) -> None:
    write_tree(tree, {"many.py": "".join(f"def number_{number}(): pass\n" for number in range(20_000))})
    said = index_beside_good(sandbox, tree, store, ["number_12345"], seconds=60)
    first = said["answers"][1]["hits"][0]
    assert first["path"] == "many.py"
    assert first["start_line"] <= 12_346 <= first["end_line"]


def test_deep_folders(sandbox: Sandbox, store: Path, tree: Path) -> None:
    """Paths longer than the system takes in one call, made step by step: read all the same, or counted."""
    here = os.getcwd()
    try:
        os.chdir(tree)
        for _ in range(60):
            os.mkdir("d" * 100)
            os.chdir("d" * 100)
        with open("bottom.py", "w", encoding="utf-8") as file:
            file.write(python_file("at_the_bottom"))
    finally:
        os.chdir(here)
    said = index_beside_good(sandbox, tree, store, ["at_the_bottom"])
    assert said["answers"][1]["hits"] or said["skipped"], "neither found nor counted"


def test_file_becomes_folder_and_back(sandbox: Sandbox, store: Path, tree: Path) -> None:
    write_tree(tree, {"thing": python_file("plain_thing"), "other.py": python_file("other")})
    sandbox.indexed(tree, store)
    (tree / "thing").unlink()
    write_tree(tree, {"thing/inner.py": python_file("inner_thing")})
    said = sandbox.indexed(tree, store, symbols="inner_thing")
    assert said["symbols"] == ["thing/inner.py"]
    (tree / "thing" / "inner.py").unlink()
    (tree / "thing").rmdir()
    write_tree(tree, {"thing": "no code any more\n"})
    said = sandbox.indexed(tree, store, symbols="inner_thing")
    assert said["symbols"] == []
    assert said["status"]["files"] == 2


def test_an_edit_that_keeps_size_and_time_is_seen(sandbox: Sandbox, store: Path, tree: Path) -> None:
    """The time of content can be set back by anyone; the time of status cannot."""
    write_tree(tree, {"file.py": python_file("first_name")})
    sandbox.indexed(tree, store)
    before = (tree / "file.py").stat()
    (tree / "file.py").write_text(python_file("other_name"))
    os.utime(tree / "file.py", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (tree / "file.py").stat().st_size == before.st_size
    said = sandbox.indexed(tree, store, symbols="other_name")
    assert said["symbols"] == ["file.py"]


def test_quick_edits_of_equal_size_are_seen(sandbox: Sandbox, store: Path, tree: Path) -> None:
    """Edits within one tick of the file system's clock, before and right after indexing, without a pause."""
    script = """
import sys, pampax
path = sys.argv[1] + "/file.py"
repository = pampax.open(sys.argv[1], store=sys.argv[2])
for number in range(1000, 1040):
    with open(path, "w") as file:
        file.write(f"def quick_{number}():\\n    pass\\n")
    repository.index()
    found = [hit.name for hit in repository.symbols("quick_", prefix=True)]
    assert found == [f"quick_{number}"], (number, found)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tree), str(store)],
        env=sandbox.environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_hundred_thousand_files_in_one_folder(sandbox: Sandbox, store: Path, tree: Path) -> None:
    for number in range(100_000):
        with open(tree / f"file_{number:06}.py", "w", encoding="utf-8") as file:
            file.write(f"def crowded_{number}():\n    return {number}\n")
    said = index_beside_good(sandbox, tree, store, ["crowded_99999"], seconds=900)
    assert said["status"]["files"] == 100_001
    assert said["answers"][1]["hits"][0]["path"] == "file_099999.py"
    again = sandbox.indexed(tree, store, timeout_s=300)
    assert again["report"]["unchanged"] == 100_001
