"""How right the edges of the graph are, against a SCIP index that a compiler's front end made of the same tree.

    python tests/benchmarks/bench_graph_quality.py --tree TREE=INDEX.scip [--tree ...] [--json FILE]

The index says what each name in the text refers to. For each kind of edge:

* precision: of our edges at or above the confidence, the share that leads where the index says. An edge whose use the
  index does not resolve at all is not judged, and counted apart.
* recall: of the uses that the index resolves to a function, method or class of the tree, the share for which we have
  the right edge at or above the confidence.

A use is a name on a line of a file: two uses of one name on one line count once. A class and its constructor count as
the same thing. Uses are told apart by the text around them: a bracket behind the name is a call, the head of a class
names its bases, an import statement imports, all else is a reference.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pampax

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFINITION = 1
KINDS = ("calls", "inherits", "implements", "references")
CONSTRUCTORS = ("__init__", "<constructor>", "constructor")


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a protobuf message: number and value (varint or bytes)."""
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        key = varint()
        match key & 7:
            case 0:
                yield key >> 3, varint()
            case 2:
                length = varint()
                yield key >> 3, data[at : at + length]
                at += length
            case 1:
                at += 8
            case 5:
                at += 4
            case other:
                raise ValueError(f"wire type {other}")


def varints(data: bytes) -> list[int]:
    """A packed list of numbers."""
    numbers, value, shift = [], 0, 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(value)
            value = shift = 0
    return numbers


class Use(NamedTuple):
    """A name at a place, and the symbol the index says it is."""

    path: str
    line: int
    start: int
    end: int
    symbol: str
    roles: int


class Place(NamedTuple):
    """A definition."""

    path: str
    name: str
    line: int

    def is_same(self, other: Place) -> bool:
        """Whether both are one: indexers leave out the functions around a nested one, and overloads have many lines."""
        return self.path == other.path and (self.line == other.line or (self.name == other.name != ""))


def any_same(one: set[Place], other: set[Place]) -> bool:
    """Whether they have a definition in common."""
    return any(place.is_same(known) for place in one for known in other)


def uses_of(index: Path) -> list[Use]:
    """All occurrences in an index whose names stand on one line."""
    found = []
    for number, document in fields(index.read_bytes()):
        if number != 2 or not isinstance(document, bytes):
            continue
        path, occurrences = "", []
        for part, value in fields(document):
            if part == 1 and isinstance(value, bytes):
                path = value.decode()
            elif part == 2 and isinstance(value, bytes):
                occurrences.append(value)
        for occurrence in occurrences:
            place: list[int] = []
            symbol, roles = "", 0
            for part, value in fields(occurrence):
                if part == 1 and isinstance(value, bytes):
                    place = varints(value)
                elif part == 2 and isinstance(value, bytes):
                    symbol = value.decode()
                elif part == 3 and isinstance(value, int):
                    roles = value
            if len(place) == 3:
                found.append(Use(path, place[0] + 1, place[1], place[2], symbol, roles))
    return found


def qualified(symbol: str) -> str:
    """The dotted name of a symbol within its file: `Session.sign`; empty for a module, a parameter, a local."""
    if symbol.startswith("local ") or symbol.endswith((")", "]", "/", ":")):
        return ""
    descriptors = re.sub(r"^\S+ \S+ \S+ \S+ ", "", symbol)
    # What stands before the last slash outside of backticks is the module.
    parts = re.findall(r"`(?:[^`]|``)*`|[\w$+\-]+|[/#.:!()\[\]]", descriptors)
    last = max((number for number, part in enumerate(parts) if part == "/"), default=-1)
    names = [part.strip("`") for part in parts[last + 1 :] if part not in "/#.:!()[]"]
    return bare(".".join(names))


def bare(name: str) -> str:
    """Without the constructor at its end, and without the numbers some indexers give to equal names."""
    names = [part for part in name.split(".") if not re.fullmatch(r"[+]?\d+", part)]
    while len(names) > 1 and names[-1] in CONSTRUCTORS:
        names.pop()
    return ".".join(names)


class Tree:
    """A tree with the texts of its files, its index by SCIP and ours."""

    def __init__(self, root: Path, index: Path) -> None:
        """Reads the SCIP index."""
        self.root = root
        self.uses = uses_of(index)
        self.lines: dict[str, list[str]] = {}
        self.defined = {
            self.identity(use): Place(use.path, qualified(use.symbol), use.line)
            for use in self.uses
            if use.roles & DEFINITION and use.symbol
        }

    def identity(self, use: Use) -> tuple[str, str]:
        """What names a symbol: those that are local to a file are numbered in it."""
        return (use.path if use.symbol.startswith("local ") else "", use.symbol)

    def line(self, path: str, number: int) -> str:
        """One line of a file."""
        if path not in self.lines:
            file = self.root / path
            text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
            self.lines[path] = text.split("\n")
        lines = self.lines[path]
        return lines[number - 1] if number <= len(lines) else ""

    def kind_of(self, use: Use) -> str:
        """What the text does with a name."""
        line = self.line(use.path, use.line)
        before, after = line[: use.start], line[use.end :]
        if re.search(r"\b(def|function|get|set)\s+$", before):
            return "definitions"
        if re.match(r"\s*(import|from|export)\b[^(=]*$", before) and not re.search(r"=|\bclass\b|\bfunction\b", before):
            return "imports"
        if re.search(r"\bclass\s+\w+\s*(<[^{]*>)?\s*\(", before) or re.search(
            r"\b(class|interface)\b.*\bextends\s+[\w.<>, ]*$", before
        ):
            return "inherits"
        if re.search(r"\bimplements\s+[\w.<>, ]*$", before):
            return "implements"
        if re.match(r"\s*(<[^<>()]*>)?\s*(\?\.)?\(", after):
            return "calls"
        return "references"


def measure(root: Path, index: Path, confidence: float) -> dict[str, dict[str, float]]:
    """Precision and recall of each kind of edge of one tree."""
    tree = Tree(root, index)
    # What each name on each line is: the definitions of the tree, None for something from outside.
    truth: dict[tuple[str, int, str], set[Place | None]] = defaultdict(set)
    wanted: dict[str, dict[tuple[str, int, str], set[Place]]] = {kind: defaultdict(set) for kind in KINDS}
    for use in tree.uses:
        if use.roles & DEFINITION or not use.symbol:
            continue
        name = tree.line(use.path, use.line)[use.start : use.end]
        key = (use.path, use.line, name)
        place = tree.defined.get(tree.identity(use))
        # A local has no name that others could know, but a line.
        is_known = place is not None and (bool(place.name) or use.symbol.startswith("local "))
        truth[key].add(place if is_known else None)
        kind = tree.kind_of(use)
        if is_known and place is not None and use.symbol.endswith(("#", ").", ")")) and kind in wanted:
            wanted[kind][key].add(place)
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        repository = pampax.open(root, store=Path(folder) / "store", vectors=False)
        repository.index()
        found: dict[str, dict[tuple[str, int, str], set[Place]]] = {kind: defaultdict(set) for kind in KINDS}
        for path in sorted({use.path for use in tree.uses}):
            for edge in repository.edges(path):
                if edge.kind in found and edge.target.symbol and edge.confidence >= confidence - 1e-6:
                    target = Place(edge.target.path, bare(edge.target.symbol), edge.target.line)
                    # A class may be known here by another name than at home, a constructor as `super`.
                    found[edge.kind][(path, edge.line, edge.target.symbol.rsplit(".")[-1])].add(target)
        for kind in KINDS:
            right = wrong = unjudged = 0
            for key, targets in found[kind].items():
                known = truth.get(key)
                if known is None:
                    unjudged += len(targets)
                    continue
                for target in targets:
                    if any_same({target}, {place for place in known if place is not None}):
                        right += 1
                    else:
                        wrong += 1
            hit = sum(1 for key, places in wanted[kind].items() if any_same(places, found[kind].get(key, set())))
            figures[kind] = {
                "edges": right + wrong + unjudged,
                "right": right,
                "wrong": wrong,
                "unjudged": unjudged,
                "precision": right / (right + wrong) if right + wrong else float("nan"),
                "uses": len(wanted[kind]),
                "recall": hit / len(wanted[kind]) if wanted[kind] else float("nan"),
            }
        if "examples" in globals():
            globals()["examples"].extend(mistakes(found["calls"], wanted["calls"], truth))
    return figures


def mistakes(found: dict, wanted: dict, truth: dict) -> list[str]:
    """The first wrong and missing calls, to look at."""
    wrong = [
        f"wrong   {key} -> {sorted(targets)} is {sorted(map(str, truth[key]))}"
        for key, targets in sorted(found.items())
        if key in truth and not any_same(targets, {place for place in truth[key] if place is not None})
    ]
    missing = [
        f"missing {key} is {sorted(places)}"
        for key, places in sorted(wanted.items())
        if not any_same(places, found.get(key, set()))
    ]
    return wrong + missing


def main() -> None:
    """Reads the command line and prints a table."""
    parser = argparse.ArgumentParser(description="Edges of the graph against SCIP.")
    parser.add_argument("--tree", action="append", required=True, metavar="TREE=INDEX", help="A tree and its index.")
    parser.add_argument("--confidence", type=float, default=0.6, help="The least confidence of edges that count.")
    parser.add_argument("--json", type=Path, help="Write the figures to this file.")
    parser.add_argument(
        "--mistakes", type=int, default=0, metavar="N", help="Show N wrong and missing calls of each tree."
    )
    arguments = parser.parse_args()
    if arguments.mistakes:
        globals()["examples"] = []
    everything = {}
    print(f"{'tree':16} {'kind':11} {'edges':>7} {'unjudged':>8} {'precision':>9} {'uses':>7} {'recall':>7}")
    for pair in arguments.tree:
        tree, _, index = pair.partition("=")
        figures = measure(Path(tree), Path(index), arguments.confidence)
        everything[Path(tree).name] = figures
        for kind, row in figures.items():
            print(
                f"{Path(tree).name:16} {kind:11} {row['edges']:7} {row['unjudged']:8} {row['precision']:9.3f} "
                f"{row['uses']:7} {row['recall']:7.3f}"
            )
        for line in globals().get("examples", [])[: arguments.mistakes * 2]:
            print("   ", line)
    if arguments.json:
        arguments.json.write_text(json.dumps(everything, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
