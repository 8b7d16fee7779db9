"""What can be configured, where it is read from, and which source wins.

Every option is a row of `OPTIONS`. A value is taken from the first of these that gives one:

1. the command line,
2. the environment (`PAMPAX_` and the key in capitals, `search.limit` is `PAMPAX_SEARCH_LIMIT`),
3. the file named with `--config`,
4. the repository's own files: `pampax.toml`, then `pampax.json`, then `[tool.pampax]` in `pyproject.toml`,
5. the user's file, `$XDG_CONFIG_HOME/pampax/config.toml` (`~/.config/pampax/config.toml`),
6. the default.

All sources are checked, also where a stronger one overrides them: a misspelt key never goes unnoticed.

A repository's files are written by strangers. They cannot say where the store lies, the sizes they ask for are bounded
more tightly than the user's, and they are read only if they are ordinary files of a sane size inside the repository.

Only what is cheap is imported here: a TOML or JSON reader is loaded when there is a file to read.
"""

# pathlib takes longer to load than all of this package.
# ruff: noqa: PTH111, PTH117, PTH118

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Value = str | int | bool | None
"""What an option holds once it is read: text, a number (sizes are bytes), yes or no, or nothing."""

KIBIBYTE, MEBIBYTE, GIBIBYTE, TEBIBYTE = 1 << 10, 1 << 20, 1 << 30, 1 << 40


Intent = Literal["symbol", "behaviour", "architecture", "error", "configuration", "path"]
INTENTS: tuple[Intent, ...] = ("symbol", "behaviour", "architecture", "error", "configuration", "path")
"""What a query may be taken for."""

SOURCES = (
    "definition",
    "chunk_text",
    "chunk_names",
    "chunk_signature",
    "chunk_comments",
    "file_text",
    "file_path",
    "place",
    "vector",
)
"""What proposes candidates."""


CATEGORIES = ("code", "tests", "examples", "configuration", "documents", "comments")
"""What a packing profile weighs."""


class ConfigurationError(ValueError):
    """A configuration source holds something that cannot be used. The text says where, what, and what is accepted."""


class Option(NamedTuple):
    """One row of the table of options."""

    key: str
    kind: Literal["size", "number", "choice", "path", "place", "text", "variable", "switch", "policy", "profile"]
    default: Value
    help: str
    flag: str = ""
    """The option of the command line that sets it; empty if there is none."""
    least: int = 0
    most: int = 0
    most_in_repository: int = 0
    """The largest value a repository's own file may give; 0 means the same as `most`."""
    choices: tuple[str, ...] = ()
    danger: str = ""
    """What a repository's own file could do with it, which therefore may not set it; empty if it may."""

    @property
    def environment(self) -> str:
        """The environment variable that sets it."""
        return "PAMPAX_" + self.key.upper().replace(".", "_")

    @property
    def default_text(self) -> str:
        """The default as it would be written."""
        return value_text(self, self.default)

    @property
    def accepted(self) -> str:
        """The values it takes, in words."""
        if self.kind == "size":
            return f"a size from {size_text(self.least)} to {size_text(self.most)}, such as 512MiB or 1GiB"
        if self.kind == "number":
            return f"a whole number from {self.least} to {self.most}"
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices)
        if self.kind == "policy":
            return (
                'numbers such as "vector.limit=0, place.weight=2": SOURCE.limit (0 to 1000), SOURCE.weight (0 to 100), '
                "candidates (1 to 1000), symbols_per_name, symbols_per_prefix (0 to 1000), named (0 to 100), "
                f"where SOURCE is one of {', '.join(SOURCES)}"
            )
        if self.kind == "profile":
            return f'weights from 0 to 10 such as "tests=0.5, documents=0", of {", ".join(CATEGORIES)}'
        return _ACCEPTED[self.kind]


_ACCEPTED = {
    "switch": "true or false",
    "path": "a folder",
    "place": "a folder, or a URL that begins with http:// or https:// and holds no user, password, query or fragment",
    "text": "up to 200 characters",
    "variable": "the name of an environment variable (and not what it holds)",
}
"""What options take whose kind says it all, in words."""


_WRITES = "have pampax write anywhere"
_SENDS = "have code read or sent anywhere"

OPTIONS: tuple[Option, ...] = (
    Option(
        "memory",
        "size",
        GIBIBYTE,
        "The most memory that indexing and searching may take.",
        flag="--memory",
        least=128 * MEBIBYTE,
        most=TEBIBYTE,
        most_in_repository=8 * GIBIBYTE,
    ),
    Option(
        "threads",
        "number",
        0,
        "How many threads may work at once; 0 takes one per processor core.",
        flag="--threads",
        most=256,
        most_in_repository=64,
    ),
    Option(
        "max_file_size",
        "size",
        4 * MEBIBYTE,
        "Larger files are not indexed but counted as skipped.",
        least=KIBIBYTE,
        most=GIBIBYTE,
        most_in_repository=64 * MEBIBYTE,
    ),
    Option(
        "store",
        "path",
        None,
        "Where the index is kept. Without it: beside the repository's git data, else in the user's cache.",
        flag="--store",
        danger=_WRITES,
    ),
    Option(
        "embedder",
        "place",
        None,
        "The embedding model: a folder (model2vec's files) instead of the one in the package, or beside that one the "
        "base URL of an endpoint that has /embeddings.",
        flag="--embedder",
        danger=_SENDS,
    ),
    Option("embedder_model", "text", None, "What the embedding endpoint calls its model.", danger=_SENDS),
    Option(
        "embedder_dimensions",
        "number",
        None,
        "How many dimensions to ask the embedding endpoint for. Without it: what the model gives.",
        least=1,
        most=8192,
        danger=_SENDS,
    ),
    Option(
        "embedder_authorization",
        "variable",
        None,
        "The environment variable that holds the embedding endpoint's key, instead of PAMPAX_EMBEDDER_API_KEY.",
        danger=_SENDS,
    ),
    Option(
        "embedder_batch",
        "number",
        32,
        "The most texts of one request to the embedding endpoint.",
        least=1,
        most=2048,
        danger=_SENDS,
    ),
    Option(
        "embedder_text_size",
        "size",
        4 * KIBIBYTE,
        "Of a longer chunk so much is sent to the embedding endpoint.",
        least=256,
        most=MEBIBYTE,
        danger=_SENDS,
    ),
    Option(
        "embedder_requests_per_minute",
        "number",
        0,
        "The most requests a minute to the embedding endpoint; 0 sets no limit.",
        most=1_000_000,
        danger=_SENDS,
    ),
    Option(
        "embedder_timeout",
        "number",
        30,
        "How many seconds a request to the embedding endpoint may take while indexing; a question waits for at most 5.",
        least=1,
        most=600,
        danger=_SENDS,
    ),
    Option(
        "reranker",
        "place",
        None,
        "What orders the first hits of a search anew: the base URL of an endpoint that has /rerank, or the folder of a "
        "cross-encoder (ONNX).",
        flag="--reranker",
        danger=_SENDS,
    ),
    Option("reranker_model", "text", None, "What the reranking endpoint calls its model.", danger=_SENDS),
    Option(
        "reranker_format",
        "choice",
        "auto",
        "What the reranking endpoint speaks; auto goes by the host, and by whether a model is named.",
        choices=("auto", "cohere", "jina", "tei"),
        danger=_SENDS,
    ),
    Option(
        "reranker_authorization",
        "variable",
        None,
        "The environment variable that holds the reranking endpoint's key, instead of PAMPAX_RERANKER_API_KEY.",
        danger=_SENDS,
    ),
    Option(
        "reranker_candidates",
        "number",
        50,
        "How many hits the reranker is asked about.",
        least=2,
        most=200,
        danger=_SENDS,
    ),
    Option(
        "reranker_timeout",
        "number",
        10,
        "How many seconds the reranking endpoint may take.",
        least=1,
        most=600,
        danger=_SENDS,
    ),
    Option(
        "vectors",
        "switch",
        True,
        "Whether meaning is compared as well as words: chunks get vectors while indexing, and questions are compared.",
    ),
    Option("search.limit", "number", 10, "The most hits of one search.", flag="--limit", least=1, most=1000),
    Option(
        "search.context",
        "number",
        None,
        "Show the whole lines of a hit and this many around them. Without it: the first 6 lines.",
        flag="--context",
        most=500,
    ),
    *(
        Option(f"intents.{intent}", "policy", None, f"What differs from the package in how {what} is searched.")
        for intent, what in zip(
            INTENTS,
            (
                "a name",
                "a question about what code does",
                "a question about how parts work together",
                "an error or a stack trace",
                "a question about settings",
                "a path",
            ),
            strict=True,
        )
    ),
    Option(
        "assemble.budget",
        "number",
        8000,
        "The most tokens a bundle may cost.",
        flag="--budget",
        least=1,
        most=10_000_000,
        most_in_repository=1_000_000,
    ),
    Option(
        "assemble.encoding",
        "choice",
        "o200k_base",
        "The tokenizer that counts a bundle's tokens; characters is a bound for models whose tokenizer is not public.",
        flag="--encoding",
        choices=("o200k_base", "cl100k_base", "characters"),
    ),
    Option(
        "assemble.profile",
        "profile",
        None,
        "What counts how much in bundles: 1 leaves it as it is, 0 leaves it out.",
        flag="--profile",
    ),
    Option(
        "log.level",
        "choice",
        "warning",
        "The least important log lines to write to stderr.",
        flag="--log-level",
        choices=("debug", "info", "warning", "error"),
    ),
    Option(
        "log.format",
        "choice",
        "text",
        "Log lines for people (text) or one JSON object a line (json).",
        flag="--log-format",
        choices=("text", "json"),
    ),
    Option(
        "color",
        "choice",
        "auto",
        "Colours: on terminals only (auto), always, or never. NO_COLOR turns auto off.",
        flag="--color",
        choices=("auto", "always", "never"),
    ),
    Option(
        "freshness_ms",
        "number",
        150,
        "How many milliseconds an answer may look whether files have changed since they were indexed; 0 does not look.",
        flag="--freshness-ms",
        most=60_000,
    ),
    Option(
        "auto_index",
        "switch",
        True,
        "Whether a search in a repository without an index builds one first.",
    ),
    Option(
        "query_log",
        "choice",
        "hashed",
        "What the log of questions in the store keeps: nothing (off), none of their words (hashed), all (full).",
        choices=("off", "hashed", "full"),
        danger="have what is asked kept",
    ),
)

BY_KEY: dict[str, Option] = {option.key: option for option in OPTIONS}
_BY_VARIABLE: dict[str, Option] = {option.environment: option for option in OPTIONS}
_FOREIGN_VARIABLES = ("PAMPAX_TEST_", "PAMPAX_UPDATE_GOLDEN")
"""Variables that begin like ours and configure the project's own tests."""

REPOSITORY_FILES = ("pampax.toml", "pampax.json", "pyproject.toml")
"""The files of a repository that may configure it, the strongest first."""


class Setting(NamedTuple):
    """One value for one option, and who gave it."""

    option: Option
    value: Value
    origin: str
    """Where it comes from, for `pampax config show --origin`."""


class Configuration:
    """The value of every option and its origin."""

    def __init__(self, settings: Mapping[str, Setting]) -> None:
        """Takes the setting of every key of `OPTIONS`."""
        self.settings = dict(settings)

    def number(self, key: str) -> int:
        """The value of an option that holds a number or a size in bytes."""
        value = self.settings[key].value
        if not isinstance(value, int):
            raise TypeError(f"{key} holds no number")
        return value

    def optional_number(self, key: str) -> int | None:
        """The value of an option that holds a number or nothing."""
        return None if self.settings[key].value is None else self.number(key)

    def text(self, key: str) -> str:
        """The value of an option that holds text."""
        value = self.settings[key].value
        if not isinstance(value, str):
            raise TypeError(f"{key} holds no text")
        return value

    def optional_text(self, key: str) -> str | None:
        """The value of an option that holds text or nothing."""
        return None if self.settings[key].value is None else self.text(key)

    def switch(self, key: str) -> bool:
        """The value of an option that is on or off."""
        return self.settings[key].value is True


def resolve(
    command_line: Mapping[str, str] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    config_file: str | None = None,
    root: str | None = None,
) -> Configuration:
    """Read every source and return the value of every option.

    `command_line` maps keys to the text given there; `environment` is `os.environ` unless given; `root` is the
    repository's root, without which its files are not read. Raises `ConfigurationError`.
    """
    environment = os.environ if environment is None else environment
    settings: dict[str, Setting] = {}
    for setting in _all_settings(command_line or {}, environment, config_file, root):
        settings.setdefault(setting.option.key, setting)
    for option in OPTIONS:
        settings.setdefault(option.key, Setting(option, option.default, "default"))
    return Configuration({option.key: settings[option.key] for option in OPTIONS})


def _all_settings(
    command_line: Mapping[str, str], environment: Mapping[str, str], config_file: str | None, root: str | None
) -> Iterator[Setting]:
    """Every setting of every source, the strongest source first."""
    yield from _from_command_line(command_line)
    yield from _from_environment(environment)
    files: list[tuple[str, str | None]] = [] if config_file is None else [(config_file, None)]
    if root is not None:
        files += [(path, root) for path in repository_files(root)]
    user_path = user_file(environment)
    if user_path is not None and os.path.lexists(user_path):
        files.append((user_path, None))
    if files:
        from pampax.configuration_file import ConfigurationFile

        for path, repository in files:
            yield from ConfigurationFile(path, repository).settings()


def repository_files(root: str) -> list[str]:
    """The paths of the repository's own configuration files that exist, the strongest first."""
    paths = (os.path.join(root, name) for name in REPOSITORY_FILES)
    return [path for path in paths if os.path.lexists(path)]


def user_file(environment: Mapping[str, str]) -> str | None:
    """The path of the user's own configuration file, which need not exist. None if there is no home folder."""
    folder = environment.get("XDG_CONFIG_HOME", "")
    if not os.path.isabs(folder):  # the XDG specification: relative paths are to be ignored
        home = environment.get("HOME") or os.path.expanduser("~")
        if not os.path.isabs(home):
            return None
        folder = os.path.join(home, ".config")
    return os.path.join(folder, "pampax", "config.toml")


def _from_command_line(given: Mapping[str, str]) -> Iterator[Setting]:
    for key, text in given.items():
        option = BY_KEY[key]
        value = _read_text(option, text)
        if isinstance(value, Refused):
            raise ConfigurationError(f"{option.flag} {quoted(option, text)} is not accepted: {value.reason}")
        yield Setting(option, value, f"command line ({option.flag})")


def _from_environment(environment: Mapping[str, str]) -> Iterator[Setting]:
    # Sorted: which of two mistakes is reported does not depend on the order of the variables.
    for name in sorted(name for name in environment if name.startswith("PAMPAX_")):
        text = environment[name]
        if name.startswith(_FOREIGN_VARIABLES) or name.endswith("_API_KEY"):
            continue
        option = _BY_VARIABLE.get(name)
        if option is None:
            raise ConfigurationError(
                f"unknown environment variable {shown(name)}{nearest(name, list(_BY_VARIABLE), 'variables')}"
            )
        if not text:  # `PAMPAX_STORE= pampax …` is how a shell says "as if it were not set"
            continue
        value = _read_text(option, text)
        if isinstance(value, Refused):
            raise ConfigurationError(f"{name}={quoted(option, text)} is not accepted: {value.reason}")
        yield Setting(option, value, f"environment ({name})")


class Refused(NamedTuple):
    """Why a value cannot be used."""

    reason: str


_SWITCH_WORDS = dict.fromkeys(("1", "true", "yes", "on"), True) | dict.fromkeys(("0", "false", "no", "off"), False)


def _read_text(option: Option, text: str) -> Value | Refused:
    """The value that `text`, from the command line or the environment, stands for."""
    text = text.strip() if option.kind not in ("path", "place") else text
    if option.kind == "number":
        # int() would also take "1_0", " 7" and digits of other scripts, and thousands of them.
        return accept(option, int(text) if re.fullmatch(r"[+-]?[0-9]{1,18}", text) else text)
    if option.kind == "switch":
        return accept(option, _SWITCH_WORDS.get(text.lower(), text))
    return accept(option, text)


def accept(option: Option, raw: object) -> Value | Refused:
    """The value that `raw`, from a file, stands for."""
    refused = Refused(option.accepted)
    if option.kind == "switch":
        return raw if isinstance(raw, bool) else refused
    if option.kind in ("number", "size"):
        number = size_bytes(raw) if option.kind == "size" and isinstance(raw, str) else raw
        # Yes and no are integers to Python, but not to whoever wrote `threads = true`.
        if isinstance(number, int) and not isinstance(number, bool) and option.least <= number <= option.most:
            return number
        return refused
    if not isinstance(raw, str):
        return refused
    if option.kind == "policy":
        return raw if _is_policy(raw) else refused
    if option.kind == "profile":
        return raw if _is_profile(raw) else refused
    if option.kind == "choice":
        return raw.lower() if raw.lower() in option.choices else refused
    if option.kind == "text":
        return raw if 0 < len(raw) <= 200 and raw.isprintable() else refused
    if option.kind == "variable":
        return raw if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,99}", raw) else refused
    if option.kind == "place" and is_url(raw):
        return raw if not re.search(r"[@?#\s]", raw) and raw.isprintable() else refused
    return os.path.expanduser(raw) if raw and "\0" not in raw else refused


def _is_policy(text: str) -> bool:
    """Whether the engine will take `text` as changes of an intent's policy."""
    for pair in filter(None, map(str.strip, text.split(","))):
        match = re.fullmatch(r"([a-z_.]+)\s*=\s*([0-9]{1,6}(?:\.[0-9]{1,6})?)", pair, re.ASCII)
        if match is None:
            return False
        source, _, field = match[1].rpartition(".")
        is_weight = match[1] == "named" or (source in SOURCES and field == "weight")
        is_count = match[1] in ("candidates", "symbols_per_name", "symbols_per_prefix") or (
            source in SOURCES and field == "limit"
        )
        least, most = (1 if field == "candidates" else 0), (100 if is_weight else 1000)
        if not (is_weight or (is_count and match[2].isdigit())) or not least <= float(match[2]) <= most:
            return False
    return True


def _is_profile(text: str) -> bool:
    """Whether the engine will take `text` as a packing profile."""
    pairs = filter(None, map(str.strip, text.split(",")))
    matches = [re.fullmatch(r"([a-z]+)\s*=\s*([0-9]{1,6}(?:\.[0-9]{1,6})?)", pair, re.ASCII) for pair in pairs]
    return all(match is not None and match[1] in CATEGORIES and float(match[2]) <= 10 for match in matches)


def is_url(place: str) -> bool:
    """Whether a value of kind "place" is a URL and no folder."""
    return place.lower().startswith(("http://", "https://"))


def quoted(option: Option, raw: object) -> str:
    """A value that was refused, as it is quoted in a message; one that may hold a secret is not."""
    hidden = option.kind == "variable" or (option.kind == "place" and isinstance(raw, str) and is_url(raw))
    return "(what was given)" if hidden else shown(raw)


_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,6})?)\s*([a-z]*)", re.ASCII | re.IGNORECASE)
_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12} | {
    unit + suffix: 1 << (10 * power) for power, unit in enumerate("kmgt", 1) for suffix in ("", "ib")
}


def size_bytes(text: str) -> int | None:
    """The bytes in a size such as `512MiB`, `1.5 GiB`, `64M` (binary) or `2GB` (decimal); None if it is no size."""
    match = _SIZE.fullmatch(text.strip())
    unit = _UNITS.get(match[2].lower()) if match else None
    if match is None or unit is None:
        return None
    whole, _, fraction = match[1].partition(".")
    # In whole numbers, for a product of floats would round large sizes.
    return int(whole) * unit + (int(fraction) * unit // 10 ** len(fraction) if fraction else 0)


def value_text(option: Option, value: Value) -> str:
    """A value as it would be written in a configuration file, without quotes; empty if there is none."""
    if isinstance(value, bool):
        return str(value).lower()
    if option.kind == "size" and isinstance(value, int):
        return size_text(value)
    return "" if value is None else str(value)


def size_text(size: int) -> str:
    """`size` bytes as the shortest text that `size_bytes` reads back to the same number: `1GiB`, `1000`."""
    for unit, name in ((TEBIBYTE, "TiB"), (GIBIBYTE, "GiB"), (MEBIBYTE, "MiB"), (KIBIBYTE, "KiB")):
        if size >= unit and size % unit == 0:
            return f"{size // unit}{name}"
    return str(size)


def shown(raw: object) -> str:
    """A value as it is quoted in a message: short, on one line, without control characters."""
    if isinstance(raw, bool):
        return str(raw).lower()
    if isinstance(raw, list | dict):
        return "a list" if isinstance(raw, list) else "a table"
    if isinstance(raw, int) and abs(raw) > 10**30:
        return "a number beyond all measure"
    text = f'"{raw}"' if isinstance(raw, str) else str(raw)
    text = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text[:200])
    return text if len(text) <= 80 else text[:79] + "…"


def nearest(name: str, known: list[str], what: str) -> str:
    """`: did you mean …?`, or the list of what is known."""
    import difflib

    close = difflib.get_close_matches(name[:200], known, n=1)
    return f": did you mean {close[0]}?" if close else f"; the known {what} are {', '.join(known)}"
