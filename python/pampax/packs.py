"""Context packs: named scopes of a repository, as TOML files in it (`.pampax/packs/NAME.toml`).

    from pampax import packs

    pack = packs.load_pack(repository.root, "server")
    repository.search("retry", **pack.filters())

A pack narrows where is looked and says how bundles are filled; what is asked for beside it narrows further, and never
goes beyond it. Everything a pack may say is something the engine does: there are no keys without an effect.

A pack is written by strangers like any file of the repository: its file passes the guards of configuration files.
"""

# pathlib takes longer to load than all of this package.
# ruff: noqa: PTH103, PTH105, PTH107, PTH118, PTH123, PTH208

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from pampax.configuration import BY_KEY, CATEGORIES, INTENTS, ConfigurationError, Intent, nearest, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypedDict

    from pampax._core import Repository

    class Filters(TypedDict):
        """What `search`, `assemble` and `graph` take."""

        paths: list[str]
        languages: list[str]
        kinds: list[str]
        tests: bool | None


SCHEMA = 1
"""The version of the format, which each file names."""
FOLDER = os.path.join(".pampax", "packs")
ACTIVE_FILE = "active-pack"
"""The file in the store that names the pack in use."""
NONE = "none"
"""The name that no pack may have: it stands for no pack."""
MOST_PACKS = 1_000
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_KEYS = (
    "schema", "version", "description", "tags", "paths", "languages", "kinds", "tests", "intent", "budget", "weights",
)  # fmt: skip
_MOST_ENTRIES, _LONGEST_ENTRY = 200, 1_000


class PackError(ConfigurationError):
    """A pack does not exist, or its file holds something that cannot be used; the text says where and what."""


class Pack(NamedTuple):
    """One pack."""

    name: str
    version: str = ""
    """Of the pack itself, as its authors count."""
    description: str = ""
    tags: tuple[str, ...] = ()
    """Words to list it by."""
    paths: tuple[str, ...] = ()
    """Globs of which one must fit; those with "!" leave out."""
    languages: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    tests: bool | None = None
    intent: Intent | None = None
    budget: int | None = None
    """Tokens of its bundles."""
    weights: tuple[tuple[str, float], ...] = ()
    """What counts how much in its bundles: pairs of a category and a weight."""

    def filters(self) -> Filters:
        """Where is looked, as arguments of `search`, `assemble` and `graph`."""
        return {
            "paths": list(self.paths),
            "languages": list(self.languages),
            "kinds": list(self.kinds),
            "tests": self.tests,
        }

    def profile(self, stronger: str = "") -> str:
        """The packing profile: the pack's weights, and over them those of `stronger`."""
        pairs = {name: f"{weight:g}" for name, weight in self.weights}
        for pair in filter(None, map(str.strip, stronger.split(","))):
            name, _, weight = pair.partition("=")
            pairs[name.strip()] = weight.strip()
        return ", ".join(f"{name}={weight}" for name, weight in pairs.items())

    def to_toml(self) -> str:
        """The pack as its file: `parse_pack` reads it back to the same."""
        import json

        def text(value: object) -> str:
            # A string of JSON is one of TOML, but for DEL, which TOML wants escaped.
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

        lines = [f"schema = {SCHEMA}"]
        for key in _KEYS[1:-1]:
            value = getattr(self, key)
            if value not in ("", (), None):
                lines.append(f"{key} = {text(list(value) if isinstance(value, tuple) else value)}")
        if self.weights:
            lines += ["", "[weights]", *(f"{name} = {weight!r}" for name, weight in self.weights)]
        return "\n".join(lines) + "\n"


def narrowed(pack: Pack | None, filters: Filters) -> Filters:
    """What is asked for within a pack; raises `PackError` where the two leave nothing or cannot be combined."""
    if pack is None:
        return filters
    own = pack.filters()
    if _has_positive(filters["paths"]) and _has_positive(pack.paths):
        raise PackError(
            f"pack {pack.name} has paths of its own, which others cannot be combined with but to leave some out "
            '("!GLOB"): ask without the pack'
        )
    if None not in (own["tests"], filters["tests"]) and own["tests"] != filters["tests"]:
        about = "only about" if own["tests"] else "without"
        raise PackError(f"pack {pack.name} is {about} tests: ask without the pack")
    return {
        "paths": [*own["paths"], *filters["paths"]],
        "languages": _common(pack.name, "languages", own["languages"], filters["languages"]),
        "kinds": _common(pack.name, "kinds", own["kinds"], filters["kinds"]),
        "tests": own["tests"] if filters["tests"] is None else filters["tests"],
    }


def _has_positive(globs: Sequence[str]) -> bool:
    return any(not glob.startswith("!") for glob in globs)


def _common(name: str, what: str, own: list[str], given: list[str]) -> list[str]:
    if not own or not given:
        return own or given
    both = [one for one in given if one.lower() in {known.lower() for known in own}]
    if not both:
        raise PackError(f"pack {name} has none of the {what} {', '.join(given)}: it has {', '.join(own)}")
    return both


# ------------------------------------------------------------------------------------ files


def load_pack(root: str, name: str) -> Pack:
    """The pack of that name in the repository at `root`; raises `PackError`."""
    path = os.path.join(root, FOLDER, f"{_checked_name(name)}.toml")
    if not os.path.lexists(path):
        names = pack_names(root)
        known = nearest(name, names, "packs") if names else "; there are none: .pampax/packs/NAME.toml is one"
        raise PackError(f'there is no pack "{name}"{known}')
    from pampax.configuration_file import read_bounded

    content = read_bounded(path, root)
    try:
        return parse_pack(name, content.decode("utf-8-sig"), path)
    except UnicodeDecodeError:
        raise PackError(f"{path} is not UTF-8") from None


def pack_names(root: str) -> list[str]:
    """The names of the packs of a repository, sorted."""
    try:
        files = os.listdir(os.path.join(root, FOLDER))
    except OSError:
        return []
    names = (file.removesuffix(".toml") for file in files if file.endswith(".toml"))
    return sorted(name for name in names if _NAME.fullmatch(name) and name != NONE)[:MOST_PACKS]


def parse_pack(name: str, text: str, where: str = "the pack") -> Pack:
    """The pack in a TOML text; raises `PackError` that names `where`."""
    from pampax.configuration_file import parse_toml

    try:
        table = parse_toml(text)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise PackError(f"{where} cannot be read: {reason}") from None
    for key in table:
        if key not in _KEYS:
            raise PackError(f"{where}: unknown key {shown(key)}{nearest(key, list(_KEYS), 'keys')}")
    if table.get("schema") != SCHEMA or isinstance(table.get("schema"), bool):
        raise PackError(f"{where}: schema = {SCHEMA} is missing, or another one: this pampax reads {SCHEMA}")
    tests = table.get("tests")
    if not isinstance(tests, bool | None):
        raise PackError(f"{where}: tests = {shown(tests)} is not accepted: true (only tests) or false (no tests)")
    return Pack(
        _checked_name(name),
        _text(table, "version", where),
        _text(table, "description", where),
        _texts(table, "tags", where),
        _texts(table, "paths", where),
        _texts(table, "languages", where),
        _texts(table, "kinds", where),
        tests,
        _intent(table, where),
        _budget(table, where),
        _weights(table, where),
    )


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name) or name == NONE:
        raise PackError(f"{shown(name)} is no name of a pack: small letters, digits, - and _, at most 64")
    return name


def _text(table: Mapping[str, object], key: str, where: str) -> str:
    value = table.get(key, "")
    if not isinstance(value, str) or len(value) > _LONGEST_ENTRY or not value.isprintable():
        accepted = f"a text of at most {_LONGEST_ENTRY} characters"
        raise PackError(f"{where}: {key} = {shown(value)} is not accepted: {accepted}")
    return value


def _texts(table: Mapping[str, object], key: str, where: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if (
        not isinstance(value, list)
        or len(value) > _MOST_ENTRIES
        or not all(isinstance(one, str) and 0 < len(one) <= _LONGEST_ENTRY and one.isprintable() for one in value)
    ):
        raise PackError(f"{where}: {key} = {shown(value)} is not accepted: a list of at most {_MOST_ENTRIES} texts")
    return tuple(value)


def _intent(table: Mapping[str, object], where: str) -> Intent | None:
    value = table.get("intent")
    known: Intent | None = next((intent for intent in INTENTS if intent == value), None)
    if value is not None and known is None:
        raise PackError(f"{where}: intent = {shown(value)} is not accepted: one of {', '.join(INTENTS)}")
    return known


def _budget(table: Mapping[str, object], where: str) -> int | None:
    value, option = table.get("budget"), BY_KEY["assemble.budget"]
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not option.least <= value <= option.most_in_repository:
        accepted = f"a whole number of tokens from {option.least} to {option.most_in_repository}"
        raise PackError(f"{where}: budget = {shown(value)} is not accepted: {accepted}")
    return value


def _weights(table: Mapping[str, object], where: str) -> tuple[tuple[str, float], ...]:
    value = table.get("weights", {})
    if not isinstance(value, dict):
        raise PackError(f"{where}: weights is to be a table, such as [weights] and below it tests = 0.5")
    for name, weight in value.items():
        if name not in CATEGORIES:
            raise PackError(f"{where}: unknown weight {shown(name)}{nearest(name, list(CATEGORIES), 'weights')}")
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight <= 10:
            raise PackError(f"{where}: weights.{name} = {shown(weight)} is not accepted: a number from 0 to 10")
    return tuple((name, round(float(weight), 6)) for name, weight in value.items())


# ------------------------------------------------------------------------------------ the pack in use


def active_pack(repository: Repository) -> str | None:
    """The name of the pack that is in use for all questions to a repository; None if none is."""
    try:
        with open(os.path.join(repository.store, ACTIVE_FILE), encoding="utf-8") as file:
            return file.read(100).strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def use_pack(repository: Repository, name: str | None) -> None:
    """Use a pack for all questions that do not name another one; None uses none."""
    path = os.path.join(repository.store, ACTIVE_FILE)
    if name is None:
        if os.path.lexists(path):
            os.remove(path)
        return
    load_pack(repository.root, name)
    os.makedirs(repository.store, exist_ok=True)
    beside = f"{path}.{os.getpid()}.new"
    with open(beside, "w", encoding="utf-8") as file:
        file.write(name + "\n")
    os.replace(beside, path)


def chosen_pack(repository: Repository, name: str | None) -> Pack | None:
    """The pack that a question is asked within: the one it names ("none" for none), else the one in use."""
    name = active_pack(repository) if name is None else name
    return None if name is None or name == NONE else load_pack(repository.root, name)


def check_pack(repository: Repository, pack: Pack) -> None:
    """Have the engine say whether it takes what the pack names; raises `PackError`."""
    from pampax import _core

    try:
        repository.search("a", limit=1, intent=pack.intent, **pack.filters())
    except _core.InvalidInput as error:
        raise PackError(f"pack {pack.name}: {error}") from None
