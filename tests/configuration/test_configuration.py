"""Where configuration is read from, which source wins, and what is refused."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pampax.configuration import (
    BY_KEY,
    OPTIONS,
    ConfigurationError,
    Option,
    resolve,
    size_bytes,
    size_text,
    user_file,
    value_text,
)
from pampax.configuration_file import LARGEST_FILE_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    Write = Callable[[str, str], Path]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The root of a repository without files."""
    folder = tmp_path / "repository"
    folder.mkdir()
    return folder


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment whose home folder is empty."""
    return {"HOME": str(tmp_path / "home"), "XDG_CONFIG_HOME": str(tmp_path / "home" / ".config")}


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def refusal(root: Path, environment: dict[str, str]) -> str:
    """The message with which the configuration is refused."""
    with pytest.raises(ConfigurationError) as caught:
        resolve(environment=environment, root=str(root))
    return str(caught.value)


def test_defaults_are_those_of_the_table(environment: dict[str, str]) -> None:
    configuration = resolve(environment=environment)
    for option in OPTIONS:
        setting = configuration.settings[option.key]
        assert (setting.value, setting.origin) == (option.default, "default")


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.key)
def test_every_default_is_itself_accepted(option: Option, environment: dict[str, str]) -> None:
    if option.default is None:
        return
    environment[option.environment] = value_text(option, option.default)
    setting = resolve(environment=environment).settings[option.key]
    assert setting.value == option.default
    assert setting.origin == f"environment ({option.environment})"


def test_the_strongest_source_wins_and_the_weaker_ones_show_one_by_one(
    root: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    key = "search.limit"
    user = write(tmp_path / "home" / ".config" / "pampax" / "config.toml", "[search]\nlimit = 6\n")
    project = write(root / "pyproject.toml", "[project]\nname = 'x'\n[tool.pampax.search]\nlimit = 5\n")
    as_json = write(root / "pampax.json", '{"search": {"limit": 4}}')
    as_toml = write(root / "pampax.toml", "[search]\nlimit = 3\n")
    named = write(tmp_path / "named.toml", "search.limit = 2\n")
    environment["PAMPAX_SEARCH_LIMIT"] = "1"
    command_line = {key: "99"}
    config_file: str | None = str(named)

    def now() -> tuple[object, str]:
        found = resolve(command_line, environment=environment, config_file=config_file, root=str(root)).settings[key]
        return found.value, found.origin

    assert now() == (99, "command line (--limit)")
    command_line.clear()
    assert now() == (1, "environment (PAMPAX_SEARCH_LIMIT)")
    del environment["PAMPAX_SEARCH_LIMIT"]
    assert now() == (2, str(named))
    config_file = None
    for expected, path in ((3, as_toml), (4, as_json), (5, project), (6, user)):
        assert now() == (expected, str(path))
        path.unlink()
    assert now() == (10, "default")


def test_files_of_a_repository_add_up_key_by_key(root: Path, environment: dict[str, str]) -> None:
    write(root / "pampax.toml", "threads = 2\n")
    write(root / "pyproject.toml", "[tool.pampax]\nthreads = 3\nmemory = '512MiB'\n")
    configuration = resolve(environment=environment, root=str(root))
    assert configuration.number("threads") == 2
    assert configuration.number("memory") == 512 << 20


def test_without_a_root_the_files_of_the_repository_are_not_read(root: Path, environment: dict[str, str]) -> None:
    write(root / "pampax.toml", "nonsense = 1\n")
    resolve(environment=environment)


@pytest.mark.parametrize("text", ["[project]\nname = 'x'\n", "[project]\nname = 'pampax-user'\n", "not toml at all ["])
def test_a_pyproject_that_is_not_about_us_is_left_alone(root: Path, environment: dict[str, str], text: str) -> None:
    write(root / "pyproject.toml", text)
    assert resolve(environment=environment, root=str(root)).number("threads") == 0


# What is refused, and how it is said


def test_an_unknown_key_is_refused_with_the_nearest_one_and_its_line(root: Path, environment: dict[str, str]) -> None:
    path = write(root / "pampax.toml", "threads = 1\nmemroy = '1GiB'\n")
    assert refusal(root, environment) == f'{path}, line 2: unknown key "memroy": did you mean memory?'


def test_an_unknown_key_in_a_table_is_found_on_its_line(root: Path, environment: dict[str, str]) -> None:
    path = write(root / "pyproject.toml", "[project]\nlimits = 1\n\n[tool.pampax.search]\nlimits = 5\n")
    assert refusal(root, environment) == f'{path}, line 5: unknown key "search.limits": did you mean search.limit?'


def test_an_unknown_key_like_no_other_lists_all(root: Path, environment: dict[str, str]) -> None:
    write(root / "pampax.json", '{"zzzzzzzz": 1}')
    message = refusal(root, environment)
    assert all(key in message for key in BY_KEY)


def test_a_table_given_as_a_value_names_its_keys(root: Path, environment: dict[str, str]) -> None:
    write(root / "pampax.toml", "search = 5\n")
    assert "its keys are search.limit, search.context" in refusal(root, environment)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("memory = 'lots'", 'memory = "lots"'),
        ("memory = '1KiB'", 'memory = "1KiB"'),
        ("memory = -1", "memory = -1"),
        ("memory = 1.5", "memory = 1.5"),
        ("threads = true", "threads = true"),
        ("threads = '4'", 'threads = "4"'),
        ("threads = -1", "threads = -1"),
        ("threads = 0x" + "f" * 6000, "threads = a number beyond all measure"),
        ("threads = [1]", "threads = a list"),
        ("max_file_size = '1B'", 'max_file_size = "1B"'),
        ("search.limit = 0", "search.limit = 0"),
        ("search.context = -1", "search.context = -1"),
        ("assemble.budget = 0", "assemble.budget = 0"),
        ("assemble.encoding = 'utf-8'", 'assemble.encoding = "utf-8"'),
        ("log.level = 'loud'", 'log.level = "loud"'),
        ("log.format = 'xml'", 'log.format = "xml"'),
        ("color = true", "color = true"),
        ("auto_index = 'yes'", 'auto_index = "yes"'),
    ],
)
def test_a_bad_value_is_refused_with_file_line_and_what_is_accepted(
    root: Path, environment: dict[str, str], text: str, quoted: str
) -> None:
    path = write(root / "pampax.toml", f"# a comment\n{text}\n")
    option = BY_KEY[text.partition(" ")[0]]
    assert refusal(root, environment) == f"{path}, line 2: {quoted} is not accepted: {option.accepted}"


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.key)
def test_a_bad_environment_variable_is_named(option: Option, environment: dict[str, str], root: Path) -> None:
    environment[option.environment] = "\0"
    # What was given for the name of a variable may be the secret that is to stand in it.
    given = "(what was given)" if option.kind == "variable" else '"\\x00"'
    assert refusal(root, environment) == f"{option.environment}={given} is not accepted: {option.accepted}"


def test_a_bad_value_on_the_command_line_names_the_option(environment: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match=r'^--threads "many" is not accepted: a whole number from 0 to 256$'):
        resolve({"threads": "many"}, environment=environment)


def test_an_unknown_variable_is_refused_with_the_nearest_one(root: Path, environment: dict[str, str]) -> None:
    environment["PAMPAX_MEMROY"] = "1GiB"
    assert refusal(root, environment) == ('unknown environment variable "PAMPAX_MEMROY": did you mean PAMPAX_MEMORY?')


def test_variables_of_the_tests_are_not_taken_for_options(environment: dict[str, str]) -> None:
    resolve(environment=environment | {"PAMPAX_UPDATE_GOLDEN": "1", "PAMPAX_TEST_SOMETHING": "x"})


def test_an_empty_variable_counts_as_not_set(environment: dict[str, str]) -> None:
    assert resolve(environment=environment | {"PAMPAX_STORE": ""}).optional_text("store") is None


@pytest.mark.parametrize("digits", ["1_0", "\uff11", "1" * 5000, "0x10", "1e3", ""])
def test_only_plain_digits_are_a_number(digits: str, environment: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError):
        resolve({"threads": digits}, environment=environment)


def test_a_weaker_source_is_checked_too(tmp_path: Path, environment: dict[str, str]) -> None:
    write(tmp_path / "home" / ".config" / "pampax" / "config.toml", "threads = 'x'\n")
    with pytest.raises(ConfigurationError, match=r"config\.toml, line 1"):
        resolve({"threads": "1"}, environment=environment)


@pytest.mark.parametrize(
    ("name", "text"),
    [("pampax.toml", "threads ="), ("pampax.json", "{"), ("pampax.json", "[1]"), ("pyproject.toml", "pampax = [")],
)
def test_a_file_that_cannot_be_parsed_is_named(root: Path, environment: dict[str, str], name: str, text: str) -> None:
    path = write(root / name, text)
    assert refusal(root, environment).startswith(f"{path} cannot be read: ")


def test_a_file_that_is_not_there_is_named(environment: dict[str, str], tmp_path: Path) -> None:
    path = str(tmp_path / "none.toml")
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        resolve(environment=environment, config_file=path)


# A repository's own files are hostile input


@pytest.mark.parametrize("store", ["'/etc/pampax'", "'../outside'", "'~/x'", "'inside'", "5"])
def test_a_repository_cannot_say_where_the_store_lies(root: Path, environment: dict[str, str], store: str) -> None:
    path = write(root / "pampax.toml", f"store = {store}\n")
    message = refusal(root, environment)
    assert message.startswith(f"{path}, line 1: a repository's own file may not set store")
    assert "--store, PAMPAX_STORE" in message


def test_the_user_can_say_where_the_store_lies(tmp_path: Path, environment: dict[str, str], root: Path) -> None:
    path = write(tmp_path / "home" / ".config" / "pampax" / "config.toml", "store = 'stores/one'\n")
    found = resolve(environment=environment, root=str(root)).optional_text("store")
    assert found == str(path.parent / "stores" / "one"), "relative to the file that says it"
    assert resolve({"store": "here"}, environment=environment).optional_text("store") == "here"
    environment["PAMPAX_STORE"] = "there"
    assert resolve(environment=environment).optional_text("store") == "there"


@pytest.mark.parametrize(
    ("key", "text"),
    [("memory", "'9GiB'"), ("threads", "65"), ("max_file_size", "'65MiB'"), ("assemble.budget", "1000001")],
)
def test_a_repository_may_ask_for_less_than_the_user(
    root: Path, tmp_path: Path, environment: dict[str, str], key: str, text: str
) -> None:
    path = write(root / "pampax.toml", f"{key} = {text}\n")
    assert "is more than a repository's own file may ask for" in refusal(root, environment)
    path.unlink()
    write(tmp_path / "home" / ".config" / "pampax" / "config.toml", f"{key} = {text}\n")
    assert resolve(environment=environment, root=str(root)).number(key) > BY_KEY[key].most_in_repository


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pampax.json", '{"a":' * 100_000 + "1" + "}" * 100_000),
        ("pampax.json", "[" * 100_000),
        ("pampax.toml", "a = " + "[" * 100_000),
        ("pampax.toml", ".".join("a" * 20_000) + " = 1"),
        ("pampax.toml", "threads = " + "9" * 100_000),
        ("pampax.json", '{"threads": ' + "9" * 100_000 + "}"),
        ("pampax.toml", f"'{'x' * 100_000}\\\u001b[2J' = 1"),
        ("pampax.json", '{"\\u001b[2J\\ud800": 1}'),
    ],
    ids=["deep", "open", "list", "dotted", "digits", "json-digits", "long-key", "escape"],
)
def test_hostile_files_are_refused_in_one_short_printable_line(
    root: Path, environment: dict[str, str], name: str, text: str
) -> None:
    write(root / name, text)
    message = refusal(root, environment)
    assert len(message) < 1000
    assert message.isprintable()


def test_an_endless_file_is_refused(root: Path, environment: dict[str, str]) -> None:
    write(root / "pampax.toml", "#" * (LARGEST_FILE_BYTES + 1))
    assert refusal(root, environment).endswith("is larger than 1MiB")


@pytest.mark.skipif(os.name == "nt", reason="needs links and pipes of a POSIX system")
def test_links_out_of_the_repository_and_pipes_are_refused(
    root: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    outside = write(tmp_path / "repository-other" / "secret.toml", "threads = 1\n")
    path = root / "pampax.toml"
    path.symlink_to(outside)
    assert "a link that leads out of the repository" in refusal(root, environment)
    path.unlink()
    path.symlink_to("/dev/zero")
    assert "not an ordinary file" in refusal(root, environment)
    path.unlink()
    os.mkfifo(path)
    assert "not an ordinary file" in refusal(root, environment)
    path.unlink()
    write(root / "inner" / "real.toml", "threads = 7\n")
    path.symlink_to(root / "inner" / "real.toml")
    assert resolve(environment=environment, root=str(root)).number("threads") == 7


# Small things


def test_the_users_file_follows_the_xdg_specification() -> None:
    assert user_file({"XDG_CONFIG_HOME": "/x", "HOME": "/h"}) == str(Path("/x/pampax/config.toml"))
    expected = str(Path("/h/.config/pampax/config.toml"))
    assert user_file({"HOME": "/h"}) == expected
    assert user_file({"XDG_CONFIG_HOME": "relative", "HOME": "/h"}) == expected
    assert user_file({"XDG_CONFIG_HOME": "", "HOME": "/h"}) == expected


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1GiB", 1 << 30),
        ("512MiB", 512 << 20),
        ("64M", 64 << 20),
        ("2 GB", 2 * 10**9),
        ("1.5gib", 3 << 29),
        ("0.1kb", 100),
        ("100", 100),
        (" 7 b ", 7),
        ("1PiB", None),
        ("GiB", None),
        ("-1", None),
        ("1..5", None),
        ("1e9", None),
        ("٣", None),
    ],
)
def test_sizes(text: str, size: int | None) -> None:
    assert size_bytes(text) == size


@pytest.mark.parametrize("size", [0, 1, 1023, 1024, 1025, 1 << 20, 3 << 29, (1 << 40) + 1024])
def test_a_size_is_read_back_as_it_was_written(size: int) -> None:
    assert size_bytes(size_text(size)) == size


def test_the_table_is_described_in_full_in_the_documentation() -> None:
    text = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
    for option in OPTIONS:
        row = next((line for line in text.split("\n") if line.startswith(f"| `{option.key}` |")), None)
        assert row is not None, f"{option.key} is missing in docs/configuration.md"
        assert f"`{option.environment}`" in row
        assert not option.flag or f"`{option.flag}`" in row
        assert json.dumps(value_text(option, option.default)).strip('"') in row
