"""The files of a generated repository that are not source code: pages, configuration, fixtures, migrations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pampax.benchmarks.corpus.chance import Chance, sentence
from pampax.benchmarks.corpus.vocabulary import NOUNS, QUALIFIERS, SETTINGS, VERBS, third_person

if TYPE_CHECKING:
    from collections.abc import Callable

    from pampax.benchmarks.corpus.generate import Package, PlannedFile, Renderer


def text(renderer: Renderer, file: PlannedFile, chance: Chance) -> str:
    """The content of `file`, which is of one of the kinds below."""
    return _WRITERS[file.kind](renderer, file, chance)


def _sentences(package: Package, chance: Chance, count: int) -> str:
    return " ".join(sentence(chance, package.nouns) for _ in range(count))


def _page(renderer: Renderer, file: PlannedFile, chance: Chance) -> str:
    package = renderer.packages[file.package]
    sources = renderer.sources[file.package]
    title = " ".join(file.stem.words if file.kind == "page" else package.name.words)
    lines = [f"# {title.capitalize()}", "", _sentences(package, chance, 3), ""]
    while len(lines) < file.lines:
        lines += [f"## {chance.pick(VERBS).capitalize()} the {chance.pick(package.nouns)}", ""]
        for _ in range(1 + chance.below(3)):
            lines += [_sentences(package, chance, 2 + chance.below(3)), ""]
        if sources and chance.often(0.7):
            source = chance.pick(sources)
            name = chance.pick(source.functions)
            lines += [f"`{name}` in `{source.path}` {third_person(chance.pick(VERBS))} it:", ""]
            lines += ["```" + package.language, f"{name}({chance.pick(package.nouns)}, {chance.below(90)})", "```", ""]
        if chance.often(0.4):
            lines += [f"- `{key}`: {_sentences(package, chance, 1)}" for key in package.keys[: 2 + chance.below(4)]]
            lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def _root_readme(renderer: Renderer, _file: PlannedFile, _chance: Chance) -> str:
    lines = [
        "# The monorepo",
        "",
        "Everything the company runs, in one repository.",
        "",
        "| package | language |",
        "|---|---|",
    ]
    lines += [f"| [{' '.join(p.name.words)}]({p.folder}) | {p.language} |" for p in renderer.packages[:200]]
    return "\n".join(lines) + "\n"


def _workflow(renderer: Renderer, _file: PlannedFile, chance: Chance) -> str:
    lines = ["name: build", "on: [push, pull_request]", "jobs:"]
    for package in renderer.packages[:8]:
        lines += [f"  {package.name.written('kebab')}:", "    runs-on: ubuntu-latest", "    steps:",
                  "      - uses: actions/checkout@v4", f"      - name: {chance.pick(VERBS)} {package.name.words[0]}",
                  f"        run: make -C {package.folder} check"]  # fmt: skip
    return "\n".join(lines) + "\n"


def _yaml(renderer: Renderer, file: PlannedFile, chance: Chance) -> str:
    package = renderer.packages[file.package]
    groups: dict[str, dict[str, None]] = {}
    for key in package.keys:
        _, group, setting = key.split(".")
        groups.setdefault(group, {})[setting] = None
    lines = [f"# {_sentences(package, chance, 1)}", f"{package.name.written('snake')}:"]
    for group, settings in groups.items():
        lines.append(f"  {group}:")
        for setting in settings:
            lines += [f"    # {_sentences(package, chance, 1)}", f"    {setting}: {_setting(setting, chance)}"]
    known = set(groups)
    while len(lines) < file.lines // 2:
        group = f"{chance.pick(QUALIFIERS)}_{chance.pick(NOUNS)}"
        if group not in known:
            known.add(group)
            chosen = dict.fromkeys(chance.pick(SETTINGS) for _ in range(1 + chance.below(5)))
            lines.append(f"  {group}:")
            lines += [f"    {setting}: {_setting(setting, chance)}" for setting in chosen]
    return "\n".join(lines) + "\n"


def _setting(name: str, chance: Chance) -> object:
    match name:
        case "enabled":
            return "true" if chance.often(0.6) else "false"
        case "region" | "level" | "prefix" | "strategy":
            return chance.pick(QUALIFIERS)
        case "path" | "endpoint":
            return f'"/{chance.pick(NOUNS)}/{chance.pick(NOUNS)}"'
    return chance.below(5_000)


def _manifest(renderer: Renderer, file: PlannedFile, chance: Chance) -> str:
    package = renderer.packages[file.package]
    others = dict.fromkeys(chance.pick(renderer.packages).name.written("kebab") for _ in range(4))
    lines = [
        "[package]",
        f'name = "{package.name.written("kebab")}"',
        f'version = "{chance.below(9)}.{chance.below(30)}.0"',
        f'description = "{_sentences(package, chance, 1)}"',
        "",
        "[dependencies]",
    ]
    lines += [f'{name} = {{ path = "../{name}" }}' for name in others]
    lines += ["", "[settings]"]
    lines += [f'"{key}" = {chance.below(400)}' for key in package.keys]
    return "\n".join(lines) + "\n"


def _json(renderer: Renderer, file: PlannedFile, chance: Chance) -> str:
    package = renderer.packages[file.package]
    rows = []
    for number in range(1 + file.lines // 8):
        row = {"id": f"{package.name.words[0]}-{number}", "description": _sentences(package, chance, 1)}
        fields = {f"{chance.pick(QUALIFIERS)}_{chance.pick(package.nouns)}": chance.below(9_999) for _ in range(4)}
        rows.append(row | fields)
    return json.dumps({"fixture": file.stem.written("snake"), "rows": rows}, indent=2) + "\n"


def _sql(renderer: Renderer, file: PlannedFile, chance: Chance) -> str:
    package = renderer.packages[file.package]
    lines = [f"-- {_sentences(package, chance, 1)}"]
    tables: set[str] = set()
    while not tables or len(lines) < file.lines // 2:
        table = f"{package.name.written('snake')}_{chance.pick(package.nouns)}s"
        while table in tables:
            table = f"{chance.pick(QUALIFIERS)}_{table}"
        tables.add(table)
        columns = dict.fromkeys(
            f"{chance.pick(QUALIFIERS)}_{chance.pick(package.nouns)}" for _ in range(2 + chance.below(6))
        )
        lines += [f"CREATE TABLE {table} (", "    id INTEGER PRIMARY KEY,"]
        lines += [
            f"    {column} {'TEXT' if chance.often(0.4) else 'INTEGER NOT NULL DEFAULT 0'}," for column in columns
        ]
        lines += ["    created_at TIMESTAMP NOT NULL", ");", ""]
        first = next(iter(columns))
        lines += [f"CREATE INDEX {table}_by_{first} ON {table} ({first});", ""]
        if chance.often(0.3):
            lines.append(f"-- {_sentences(package, chance, 1)}")
            lines += [f"UPDATE {table} SET {first} = {chance.below(100)} WHERE id > {chance.below(1000)};", ""]  # noqa: S608
    return "\n".join(lines).rstrip("\n") + "\n"


_WRITERS: dict[str, Callable[[Renderer, PlannedFile, Chance], str]] = {
    "readme": _page,
    "page": _page,
    "root-readme": _root_readme,
    "workflow": _workflow,
    "yaml": _yaml,
    "manifest": _manifest,
    "json": _json,
    "sql": _sql,
}
