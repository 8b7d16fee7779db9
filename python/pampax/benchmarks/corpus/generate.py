"""Writes a repository of any size whose every byte follows from two numbers: how many files, and a seed.

What comes out looks like the monorepo of a company: packages in ten programming languages that import and call each
other, with tests, Markdown pages, configuration in YAML, TOML and JSON, and SQL migrations. Lengths follow a log-normal
distribution (median 80 lines, up to 2,000), words follow Zipf's law, and each package prefers words of its own, so
that a search in it is neither trivial nor hopeless. All code parses in its language; none of it is meant to run.

The bytes are the same on every machine: the only source of chance is `random.Random.random`, whose sequence Python
promises to keep, and no floating-point function of the system's library takes part.

>>> first = plan(60)[0]
>>> first.language, plan(60)[0] == first
('python', True)
"""

from __future__ import annotations

import posixpath
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pampax.benchmarks.corpus import documents, sources
from pampax.benchmarks.corpus.chance import NOUN_TABLE, VERB_TABLE, Chance, Words, sentence, unique
from pampax.benchmarks.corpus.dialects import DIALECTS, Dialect
from pampax.benchmarks.corpus.vocabulary import NOUNS, QUALIFIERS, ROLES, SETTINGS, VERBS, past, plural

if TYPE_CHECKING:
    import os

SIZES = {"small": 500, "medium": 5_000, "large": 50_000}

_DIALECT = {dialect.language: dialect for dialect in DIALECTS}


@dataclass(frozen=True, slots=True)
class Package:
    """A folder with one language, its own favourite words and its own configuration keys."""

    number: int
    name: Words
    language: str
    folder: str
    nouns: tuple[str, ...]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file before it is written. `functions` and `class_name` are definitions that it will hold, as written in it."""

    number: int
    path: str
    language: str
    kind: str
    package: int
    stem: Words
    class_name: str
    functions: tuple[str, ...]
    lines: int
    subject: int
    """For a test or a header: the number of the file it belongs to; else its own."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What was written."""

    files: int
    bytes: int
    lines: int
    languages: dict[str, int]


def _packages(files: int, seed: int) -> tuple[list[Package], list[int]]:
    """The packages, and how many files each gets."""
    count = max(1, min(files, max(len(DIALECTS), files // 40)))
    chance = Chance(seed, "packages")
    names: set[tuple[str, ...]] = set()
    weights = [1 + chance.below(4) + (2 if number < 3 else 0) for number in range(count)]
    sizes = [max(1, files * weight // sum(weights)) for weight in weights]
    sizes[0] += files - sum(sizes)
    while sizes[0] < 1:  # only when there are hardly more files than packages
        largest = sizes.index(max(sizes))
        sizes[largest] -= 1
        sizes[0] += 1
    packages = []
    for number in range(count):
        name = unique(chance, names, lambda: (chance.pick(NOUNS), chance.pick(NOUNS)))
        # The first ten packages have one language each; later ones prefer the first languages.
        dialect = DIALECTS[number] if number < len(DIALECTS) else DIALECTS[min(chance.below(10), chance.below(14))]
        topics = [*name.words, *(chance.pick(NOUNS) for _ in range(6))]
        nouns = tuple([chance.pick(topics) for _ in range(64)] + [chance.pick(NOUN_TABLE) for _ in range(64)])
        keys: list[str] = []
        for _ in range(4 + chance.below(5)):
            group = chance.pick(topics)
            keys += [f"{name.written('snake')}.{group}.{chance.pick(SETTINGS)}" for _ in range(1 + chance.below(3))]
        folder = f"{dialect.folder}/{name.written('snake')}"
        keys = list(dict.fromkeys(keys))
        packages.append(Package(number, name, dialect.language, folder, nouns, tuple(keys)))
    return packages, sizes


_FIRST_SLOTS = ("code", "readme", "code", "test", "yaml", "manifest", "sql", "code", "json", "code", "test")


def _slot(number: int, dialect: Dialect) -> str:
    """What the file at place `number` of a package is."""
    if dialect.language in ("c", "cpp") and number % 4 == 2:
        return "header"
    if number < len(_FIRST_SLOTS):
        return _FIRST_SLOTS[number]
    for every, kind in ((29, "sql"), (23, "json"), (17, "yaml"), (13, "page"), (4, "test")):
        if number % every == 0:
            return kind
    return "code"


_ROOT_FILES = (("README.md", "markdown", "root-readme"), (".github/workflows/build.yml", "yaml", "workflow"))


def plan(files: int = 5_000, seed: int = 1) -> list[PlannedFile]:
    """The files of the repository (`files` of them, at least 20), in the order they are written."""
    if files < 20:
        raise ValueError(f"files: {files} is too few, at least 20 are needed for ten languages")
    packages, sizes = _packages(files - len(_ROOT_FILES), seed)
    planned = [
        PlannedFile(number, path, language, kind, 0, Words(("root",)), "", (), 60, number)
        for number, (path, language, kind) in enumerate(_ROOT_FILES)
    ]
    for package, size in zip(packages, sizes, strict=True):
        _plan_package(package, size, seed, planned)
    return planned


def _plan_package(package: Package, size: int, seed: int, planned: list[PlannedFile]) -> None:
    chance, dialect = Chance(seed, "package", package.number), _DIALECT[package.language]
    stems: set[tuple[str, ...]] = set()
    folders = ["", *{chance.pick(package.nouns): None for _ in range(1 + size // 25)}]
    last_code: PlannedFile | None = None
    functions: set[tuple[str, ...]] = set()
    for slot in range(size):
        kind, number = _slot(slot, dialect), len(planned)
        if kind in ("test", "header") and last_code is not None:
            stem, lines = last_code.stem, max(8, chance.length() // 2) if kind == "test" else 30
            path = _path(package, dialect, kind, posixpath.dirname(last_code.path), stem)
            language = package.language
            made = PlannedFile(number, path, language, kind, package.number, stem, last_code.class_name,
                               last_code.functions, lines, last_code.number)  # fmt: skip
            last_code = None
        elif kind in ("code", "test", "header"):
            stem = unique(chance, stems, lambda: (chance.pick(package.nouns), chance.pick(VERBS + NOUNS)))
            lines = chance.length()
            exported = [
                unique(chance, functions, lambda: (chance.pick(VERB_TABLE), chance.pick(package.nouns)))
                for _ in range(1 if lines < 40 else 3)
            ]
            class_name = Words((*stem.words, chance.pick(ROLES))).written("pascal")
            path = _path(package, dialect, "code", chance.pick(folders), stem, class_name)
            made = PlannedFile(number, path, package.language, "code", package.number, stem, class_name,
                               tuple(name.written(dialect.case) for name in exported), lines, number)  # fmt: skip
            last_code = made
        else:
            stem = unique(chance, stems, lambda: (chance.pick(package.nouns), chance.pick(package.nouns)))
            language, path = _document_path(package, kind, slot, stem)
            made = PlannedFile(number, path, language, kind, package.number, stem, "", (), chance.length(), number)
        planned.append(made)


def _path(package: Package, dialect: Dialect, kind: str, folder: str, stem: Words, class_name: str = "") -> str:
    """Where a source file lies. For a test or header `folder` is the one of its source file."""
    name, extension = stem.written("snake"), dialect.extension
    base = package.folder
    if kind == "code":
        match dialect.language:
            case "java":
                base = f"{base}/src/main/java/com/example/{package.name.written('snake')}"
                name = class_name
            case "csharp":
                name = class_name
            case "typescript" | "javascript":
                base, name = f"{base}/src", stem.written("kebab")
            case "rust" | "cpp":
                base = f"{base}/src"
            case "ruby":
                base = f"{base}/lib/{package.name.written('snake')}"
        return posixpath.join(base, folder, f"{name}.{extension}")
    if kind == "header":
        return posixpath.join(folder, f"{name}.{'h' if dialect.language == 'c' else 'hpp'}")
    match dialect.language:
        case "go":
            return f"{folder}/{name}_test.go"
        case "typescript" | "javascript":
            return f"{folder}/{stem.written('kebab')}.test.{extension}"
        case "java":
            return f"{folder.replace('/src/main/', '/src/test/', 1)}/{stem.written('pascal')}Test.java"
        case "csharp":
            return f"{folder}/{stem.written('pascal')}Tests.cs"
        case "ruby":
            return f"{base}/spec/{folder.removeprefix(base).strip('/').replace('/', '_')}_{name}_spec.rb"
    relative = folder.removeprefix(base).strip("/").replace("/", "_")
    return f"{base}/tests/test_{relative}_{name}.{extension}" if relative else f"{base}/tests/test_{name}.{extension}"


def _document_path(package: Package, kind: str, slot: int, stem: Words) -> tuple[str, str]:
    name = stem.written("kebab")
    match kind:
        case "readme":
            return "markdown", f"{package.folder}/README.md"
        case "page":
            return "markdown", f"docs/{package.name.written('kebab')}/{name}.md"
        case "yaml":
            return "yaml", f"{package.folder}/config/{'default' if slot < 11 else name}.yaml"
        case "json":
            return "json", f"{package.folder}/fixtures/{name}.json"
        case "sql":
            return "sql", f"db/migrations/{package.name.written('snake')}/{slot:04d}_{stem.written('snake')}.sql"
        case "manifest":
            return "toml", f"{package.folder}/{'Cargo' if package.language == 'rust' else 'package'}.toml"
    raise ValueError(kind)


class Renderer:
    """Turns planned files into text. Holds the plan, since files name each other."""

    def __init__(self, files: int, seed: int) -> None:
        self.seed = seed
        self.files = plan(files, seed)
        self.packages, _ = _packages(files - len(_ROOT_FILES), seed)
        self.sources: dict[int, list[PlannedFile]] = {package.number: [] for package in self.packages}
        self.by_language: dict[str, list[PlannedFile]] = {}
        for file in self.files:
            if file.kind == "code":
                self.sources[file.package].append(file)
                self.by_language.setdefault(file.language, []).append(file)

    def text(self, file: PlannedFile) -> str:
        """The content of `file`."""
        chance = Chance(self.seed, "file", file.number)
        if file.kind in ("code", "test", "header"):
            return sources.SourceWriter(self, file, chance).text()
        return documents.text(self, file, chance)


def generate(path: str | os.PathLike[str], files: int = 5_000, seed: int = 1) -> Summary:
    """Write the repository below `path`, which is made if it is not there. Gives the sums of what was written."""
    renderer, root = Renderer(files, seed), Path(path)
    languages: Counter[str] = Counter()
    made: set[str] = set()
    total_bytes = total_lines = 0
    prefix = str(root)
    for file in renderer.files:
        content = renderer.text(file).encode()
        target = f"{prefix}/{file.path}"
        folder = target.rpartition("/")[0]
        if folder not in made:
            Path(folder).mkdir(parents=True, exist_ok=True)
            made.add(folder)
        Path(target).write_bytes(content)
        languages[file.language] += 1
        total_bytes += len(content)
        total_lines += content.count(b"\n")
    return Summary(len(renderer.files), total_bytes, total_lines, dict(sorted(languages.items())))


def queries(files: int = 5_000, seed: int = 1, count: int = 300) -> list[str]:
    """`count` different questions of the kinds people ask about the generated repository.

    By turns: a function's name, a class's name, words from a comment, a question in words, a configuration key, a path
    fragment, an error message, and a Python or Java stack trace.
    """
    renderer, chance = Renderer(files, seed), Chance(seed, "queries")
    sources = [file for group in renderer.sources.values() for file in group]
    made: dict[str, None] = {}
    turn = 0
    while len(made) < count:
        file = chance.pick(sources)
        package = renderer.packages[file.package]
        made.setdefault(_query(turn % 8, file, package, renderer, chance))
        turn += 1
    return list(made)


def _query(kind: int, file: PlannedFile, package: Package, renderer: Renderer, chance: Chance) -> str:
    nouns = package.nouns
    match kind:
        case 0:
            return chance.pick(file.functions)
        case 1:
            return file.class_name
        case 2:
            return sentence(chance, nouns).rstrip(".")
        case 3:
            return (f"where are {chance.pick(QUALIFIERS)} {plural(chance.pick(nouns))} {past(chance.pick(VERBS))} "
                    f"in {' '.join(package.name.words)}")  # fmt: skip
        case 4:
            return chance.pick(package.keys)
        case 5:
            return file.path.partition("/")[2]
        case 6:
            return f"{chance.pick(QUALIFIERS)} {chance.pick(nouns)} has no {chance.pick(nouns)}"
    frames = []
    for _ in range(3 + chance.below(5)):
        other = chance.pick(renderer.sources[file.package])
        name, line = chance.pick(other.functions), chance.below(max(2, other.lines)) + 1
        if package.language == "java":
            frames.append(f"\tat com.example.{other.class_name}.{name}({other.class_name}.java:{line})")
        else:
            frames.append(f'  File "/srv/app/{other.path}", line {line}, in {name}')
    error = file.stem.written("pascal") + "Error"
    message = f"{chance.pick(QUALIFIERS)} {chance.pick(nouns)} has no {chance.pick(nouns)}"
    if package.language == "java":
        return "\n".join([f'Exception in thread "main" com.example.{error}: {message}', *frames])
    return "\n".join(["Traceback (most recent call last):", *frames, f"{error}: {message}"])
