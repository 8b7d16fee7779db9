"""Mines pairs of a query and the code it asks for out of the archives.

| kind | query | code |
|---|---|---|
| documentation | the first sentence or paragraph of a definition's documentation | the definition |
| comment | a comment inside of a definition | the definition |
| name | the words of a definition's name, often with those of its type | the definition without its name |
| path | the words of the file's path | a definition of the file |
| message | a sentence in a string, an error message mostly | the definition without it |
| test | what a test says it tests | the test without it, or the definition that the test is named after |
| header | the comment that heads a file | a definition of the file |
| guide | the sentence before an example in a text of documentation | the example |

Documentation and comments are taken out of a part of the code sides: what is asked for is often not documented.
"""

import pickle
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from archives import SourceFile, lines_of_trees, source_files
from languages import LANGUAGES, WORD_BOUNDARY
from prose import is_prose, prose, shorten
from structure import Comment, Definition, chunk_end, comments, definitions, indentation

KEEP_DOCUMENTATION = 0.4
# A second pair of a definition's documentation, with the whole paragraph.
WHOLE_PARAGRAPHS = 0.3
NAMES = 0.5
COMMENTS_OF_A_DEFINITION = 3
SHORTEST_CODE, LONGEST_CODE = 60, 3000
DEFINITIONS_OF_A_FILE = 60
PAIRS_OF_A_SOURCE = 20_000
LONGEST_LINE = 240

TEST_TITLE = re.compile(
    r"""\b(?:it|test|describe|context|specify|scenario|feature|should|t\.Run|Run|@test|group|testWidgets)\s*\(?\s*(["'`])([^"'`\n]{12,120})\1"""
)
STRING = re.compile(r"\"([A-Za-z][^\"\\\n]{18,140})\"|'([A-Za-z][^'\\\n]{18,140})'")
PLACEHOLDER = re.compile(r"%[-\w.]+|[#$]?\{[^}]*\}|\$\w+|\\[ntr]")
MEANINGLESS_STEMS = frozenset({"index", "main", "mod", "lib", "__init__", "init", "types", "package", "util", "utils"})
TEST_PATH = re.compile(
    r"(^|/)(tests?|specs?|__tests__|testing|testsuite)(/|$)|_test\.|\.test\.|\.spec\.|(^|/)test_", re.IGNORECASE
)
MEANINGLESS_FOLDERS = frozenset(
    {"src", "lib", "main", "java", "kotlin", "scala", "include", "com", "org", "io", "net", "source", "sources"}
)


@dataclass(frozen=True)
class Pair:
    """A query and its code. `chunk` tells which definition of which file the code is: such code is no wrong answer."""

    kind: str
    query: str
    code: str
    path: str
    chunk: str
    language: str


def name_words(name: str) -> str:
    """The words of an identifier, in lower case, with spaces between them."""
    return " ".join(re.sub(r"[_\W]+", " ", WORD_BOUNDARY.sub(" ", name)).split()).lower()


class FileMiner:
    """Mines one file."""

    def __init__(self, file: SourceFile, rng: random.Random) -> None:
        self.file = file
        self.rng = rng
        self.lines = [line[:LONGEST_LINE] for line in file.text.split("\n")]
        language = LANGUAGES[file.language]
        self.comments = comments(self.lines, language)
        self.definitions = definitions(self.lines, file.language, self.comments)
        self.commented = {line for comment in self.comments for line in range(comment.start, comment.end)}
        self.documenting = {comment.start for inner in self.definitions for comment in inner.documentation}
        self.is_test = bool(TEST_PATH.search(file.path))

    def code(self, definition: Definition, end: int, documented: bool) -> str:
        """The text of a definition's chunk, with or without all comments."""
        hidden: set[int] = set()
        if not documented:
            hidden = self.commented | {
                line for comment in definition.documentation for line in range(comment.start, comment.end)
            }
        lines = []
        if documented:
            for comment in definition.documentation:
                if comment.end <= definition.start:
                    lines += self.lines[comment.start : min(comment.end, comment.start + 20)]
        lines += [self.lines[line] for line in range(definition.start, end) if line not in hidden]
        return "\n".join(lines)[:LONGEST_CODE]

    def pair(self, kind: str, query: str, code: str, definition: Definition) -> Pair:
        """A pair about a definition of this file."""
        path = self.file.path
        return Pair(kind, query, code, path, f"{path}:{definition.start}", self.file.language)

    def either(self, definition: Definition, end: int, bare: str) -> str:
        """The code with its documentation in a part of the cases, else without any comments."""
        return self.code(definition, end, documented=True) if self.rng.random() < KEEP_DOCUMENTATION else bare

    def pairs(self) -> Iterator[Pair]:
        """All pairs of the file."""
        following: list[Definition | None] = [*self.definitions[1:], None][: len(self.definitions)]
        numbered = [
            (definition, chunk_end(definition, after), owner)
            for definition, after, owner in zip(self.definitions, following, self.owners(), strict=True)
        ]
        chosen = self.rng.sample(numbered, min(len(numbered), DEFINITIONS_OF_A_FILE))
        for definition, end, owner in chosen:
            bare = self.code(definition, end, documented=False)
            if len(bare) < SHORTEST_CODE:
                continue
            yield from self.of_documentation(definition, end, bare)
            yield from self.of_comments(definition, end, bare)
            yield from self.of_name(definition, owner, self.either(definition, end, bare))
            yield from self.of_messages(definition, bare)
        yield from self.of_titles()
        yield from self.of_file(numbered)

    def owners(self) -> list[str]:
        """For each definition the name of the type around it, or nothing."""
        owners = []
        around: list[Definition] = []
        for definition in self.definitions:
            while around and around[-1].end <= definition.start:
                around.pop()
            owners.append(around[-1].name if around else "")
            if definition.is_type:
                around.append(definition)
        return owners

    def of_documentation(self, definition: Definition, end: int, bare: str) -> Iterator[Pair]:
        """What the documentation of a definition says."""
        for comment in definition.documentation:
            text = prose(comment.lines)
            if not text:
                continue
            queries = [text.first]
            if text.full != text.first and self.rng.random() < WHOLE_PARAGRAPHS:
                queries.append(text.full)
            for query in queries:
                yield self.pair("documentation", query, self.either(definition, end, bare), definition)

    def of_comments(self, definition: Definition, end: int, bare: str) -> Iterator[Pair]:
        """The comments inside of a definition that document no other definition."""
        inner = [c for c in self.comments if definition.start < c.start < end and c.start not in self.documenting]
        self.rng.shuffle(inner)
        found = 0
        for comment in inner:
            text = prose(comment.lines, 4)
            if text and found < COMMENTS_OF_A_DEFINITION:
                found += 1
                yield self.pair("comment", text.first, bare, definition)

    def of_name(self, definition: Definition, owner: str, code: str) -> Iterator[Pair]:
        """The words of a definition's name."""
        if self.rng.random() > NAMES:
            return
        query = name_words(definition.name)
        test = re.match(r"tests? (.+)", query) or re.match(r"(.+) tests?$", query)
        if test and len(test[1].split()) >= 3:
            yield self.pair("test", test[1], code.replace(definition.name, " "), definition)
            return
        if len(definition.name) < 4 or len(query) < 4:
            return
        if owner and self.rng.random() < 0.6:
            query = f"{query} {name_words(owner)}" if self.rng.random() < 0.5 else f"{name_words(owner)} {query}"
        if len(query.split()) >= 2:
            keep = self.rng.random() < 0.25
            yield self.pair("name", query, code if keep else code.replace(definition.name, " "), definition)

    def of_messages(self, definition: Definition, bare: str) -> Iterator[Pair]:
        """The sentences in the strings of a definition."""
        found = 0
        for match in STRING.finditer(bare):
            string = match[1] or match[2]
            query = PLACEHOLDER.sub(" ", string)
            if found < 2 and " " in string and is_prose(query, 4) and self.rng.random() < 0.6:
                found += 1
                yield self.pair("message", shorten(query), bare.replace(string, " "), definition)

    def of_titles(self) -> Iterator[Pair]:
        """Tests whose titles are strings."""
        if not self.is_test:
            return
        found = 0
        for position, line in enumerate(self.lines):
            match = TEST_TITLE.search(line) if len(line) < 200 else None
            if not match or found >= 20 or not is_prose(match[2], 3):
                continue
            end = position + 1
            while end < len(self.lines) and end < position + 40:
                if self.lines[end].strip() and indentation(self.lines[end]) <= indentation(line):
                    break
                end += 1
            code = "\n".join(line for line in self.lines[position:end]).replace(match[2], " ")
            if len(code) >= SHORTEST_CODE:
                found += 1
                yield self.pair("test", match[2], code, Definition(match[2], position, end, False))

    def of_file(self, numbered: list[tuple[Definition, int, str]]) -> Iterator[Pair]:
        """What heads the file and its path, each with a few definitions of the file."""
        if not numbered or len(self.lines) < 15:
            return
        heading = next((text for c in self.comments if c.start < 40 and (text := prose(c.lines, 4))), None)
        if self.file.language == "python" and (comment := module_docstring(self.lines)):
            heading = prose(comment.lines, 4) or heading
        stem = PurePosixPath(self.file.path).stem
        folders = [folder for folder in PurePosixPath(self.file.path).parts[:-1] if folder not in MEANINGLESS_FOLDERS]
        words_of_path = name_words(stem) if stem.lower() not in MEANINGLESS_STEMS else ""
        if folders and self.rng.random() < 0.6:
            words_of_path = f"{name_words(folders[-1])} {words_of_path}"
        for definition, end, _ in self.rng.sample(numbered, min(2, len(numbered))):
            bare = self.code(definition, end, False)
            if len(bare) < SHORTEST_CODE:
                continue
            if heading and self.rng.random() < 0.6:
                yield self.pair("header", heading.first, bare, definition)
            elif len(words_of_path.split()) >= 2 or len(words_of_path) > 5:
                yield self.pair("path", words_of_path.strip(), bare, definition)


def module_docstring(lines: list[str]) -> Comment | None:
    """The docstring at the top of a Python file."""
    for position, line in enumerate(lines[:30]):
        if line.lstrip().startswith(('"""', "'''", 'r"""')):
            quotes = '"""' if '"""' in line else "'''"
            text = "\n".join(lines[position : position + 40]).split(quotes)
            return Comment(position, position + 1, text[1].split("\n")) if len(text) > 1 else None
        if line.strip() and not line.startswith("#"):
            return None
    return None


def guide_pairs(file: SourceFile, rng: random.Random) -> Iterator[Pair]:
    """Examples in a text of documentation with the sentence before them and the heading above."""
    heading, paragraph = "", ""
    parts = re.split(r"^(?:```|~~~)[^\n]*\n(.*?)^(?:```|~~~)[^\n]*$", file.text, flags=re.MULTILINE | re.DOTALL)
    for number, part in enumerate(parts[:80]):
        if number % 2:
            query = f"{heading} {paragraph}" if rng.random() < 0.3 else paragraph or heading
            if len(part) >= SHORTEST_CODE and is_prose(query.strip().rstrip(":"), 4):
                place = Definition(heading, number, number, False)
                yield Pair(
                    "guide",
                    shorten(query.strip()),
                    part[:LONGEST_CODE],
                    file.path,
                    f"{file.path}:{place.start}",
                    "markdown",
                )
        else:
            headings = re.findall(r"^#+ +(.+)$", part, re.MULTILINE)
            heading = re.sub(r"[`*]", "", headings[-1]) if headings else heading
            paragraphs = [p for p in re.split(r"\n\s*\n", part) if p.strip() and not p.startswith("#")]
            text = prose(paragraphs[-1].split("\n")) if paragraphs else None
            paragraph = text.full if text else ""


def tested_pairs(pairs: list[Pair], named: dict[str, list[Pair]], rng: random.Random) -> Iterator[Pair]:
    """The names of tests with the definitions that they are named after."""
    for pair in pairs:
        if pair.kind != "test":
            continue
        words_of_test = name_words(pair.query).split()
        for length in range(min(4, len(words_of_test) - 1), 1, -1):
            starts = range(len(words_of_test) - length + 1)
            hits = [hit for start in starts for hit in named.get(" ".join(words_of_test[start : start + length]), [])]
            if 0 < len(hits) <= 4:
                hit = rng.choice(hits)
                yield Pair("test", pair.query, hit.code, hit.path, hit.chunk, hit.language)
                break


def mine_source(folder: Path, output: Path, held_out: frozenset[int]) -> Counter[str]:
    """Mines one downloaded source into a file of pairs; returns bytes and pairs by language."""
    target = output / f"{folder.name}.pickle"
    counts: Counter[str] = Counter()
    rng = random.Random(folder.name)  # noqa: S311 nothing here is secret
    pairs: list[Pair] = []
    named: dict[str, list[Pair]] = {}
    taken: dict[str, int] = {}
    for file in source_files(folder, held_out, taken):
        if file.language == "markdown":
            pairs += guide_pairs(file, rng)
            continue
        miner = FileMiner(file, rng)
        found = list(miner.pairs())
        pairs += found
        if not miner.is_test:
            for definition, pair in ((pair.query, pair) for pair in found if pair.kind == "name"):
                named.setdefault(definition, []).append(pair)
    pairs += list(tested_pairs(pairs, named, rng))
    unique = list({(pair.query.lower(), pair.code[:200]): pair for pair in pairs}.values())
    rng.shuffle(unique)
    unique = unique[:PAIRS_OF_A_SOURCE]
    for language, size in taken.items():
        counts[f"bytes {language}"] += size
    for pair in unique:
        counts[f"pairs {pair.language}"] += 1
        counts[f"kind {pair.kind}"] += 1
    target.with_suffix(".part").write_bytes(pickle.dumps([tuple(pair.__dict__.values()) for pair in unique]))
    target.with_suffix(".part").rename(target)
    return counts


def mine(work: Path, trees: Path | None, processes: int = 2) -> None:
    """Mines every downloaded source that is not mined yet."""
    output = work / "mined"
    output.mkdir(exist_ok=True)
    held_out = lines_of_trees(trees) if trees else frozenset()
    print(f"{len(held_out)} lines are held out")
    folders = [path.parent for path in sorted((work / "archives").glob("*/source.json"))]
    folders = [folder for folder in folders if not (output / f"{folder.name}.pickle").exists()]
    totals: Counter[str] = Counter()
    start = time.time()
    # The largest first, so that none is left alone at the end.
    folders.sort(key=lambda folder: -sum(path.stat().st_size for path in folder.iterdir()))
    with ProcessPoolExecutor(processes) as pool:
        for counts in pool.map(partial(mine_source, output=output, held_out=held_out), folders):
            totals.update(counts)
    for name, count in sorted(totals.items()):
        print(f"{name:24} {count:12}")
    print(f"{len(folders)} sources mined in {time.time() - start:.0f} s")
