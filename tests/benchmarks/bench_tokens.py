"""Tokens that thirty real tasks cost an agent: with pampax, with ripgrep and reading, with semble.

    python tests/benchmarks/bench_tokens.py --files FOLDER [--rg PROGRAM] [--semble PYTHON] [--json FILE]

FOLDER holds the files of the pinned trees (`python corpora/fetch.py --list`). The tasks are in data/token_tasks.jsonl,
each with the files it needs. Every tool is asked with the question alone; docs/token-thrift.md says what is compared.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import measure
import token_arithmetic as arithmetic
from token_arithmetic import Course, Point
from token_grep import HEAD_LINES, Ripgrep, file_tokens
from token_pampax import LIMITS, serving

from pampax import count_tokens
from pampax.benchmarks import pinned

TASKS = Path(__file__).parent / "data" / "token_tasks.jsonl"
OURS, GREP, SEMBLE = "pampax", "grep + read", "semble"
SEMBLE_SNIPPETS = ("ten lines", "places: no text", "all text")
SEMBLE_SESSION = (5, 10, 20, 40, 80)


class Task(NamedTuple):
    """A question and the files that one must see."""

    tree: str
    question: str
    gold: frozenset[str]


Ways = dict[str, dict[str, list[Course]]]
"""Tool, way to use it, and its course for each task."""


def main() -> None:
    """The command line."""
    parser = measure.parser(__doc__)
    parser.add_argument("--files", type=Path, required=True, metavar="FOLDER", help="where the pinned files are")
    parser.add_argument("--rg", default=shutil.which("rg"), metavar="PROGRAM")
    parser.add_argument("--semble", metavar="PYTHON", help="a Python with semble")
    parser.add_argument("--semble-model", action="store_true", help="with its embedding model, which has to be there")
    parser.add_argument("--tree", action="append", help="only the tasks of this tree; may be given several times")
    options = parser.parse_args()
    if options.rg is None:
        sys.exit("no rg in the path: give --rg")
    tasks = [task for task in read_tasks() if options.tree is None or task.tree in options.tree]
    if not tasks:
        sys.exit("no task has such a tree")
    ways, reading = measured(tasks, options)
    report(tasks, ways, reading, options.json)


def read_tasks() -> list[Task]:
    """All tasks, those of one tree together."""
    rows = [json.loads(line) for line in TASKS.read_text(encoding="utf-8").splitlines()]
    return sorted((Task(row["tree"], row["question"], frozenset(row["gold"])) for row in rows), key=lambda t: t.tree)


def measured(tasks: Sequence[Task], options: Any) -> tuple[Ways, list[dict[str, int]]]:
    """The courses of every way, and what reading each wanted file costs, for each task."""
    ways: Ways = defaultdict(lambda: defaultdict(list))
    reading: list[dict[str, int]] = []
    for name in dict.fromkeys(task.tree for task in tasks):
        mine = [task for task in tasks if task.tree == name]
        print(f"{name}: {len(mine)} tasks", file=sys.stderr)
        with tempfile.TemporaryDirectory(prefix="pampax-tokens-") as folder:
            pin = pinned.find(name)
            tree = pinned.unpack(pin, pinned.verified(pin, options.files), Path(folder) / "tree")
            ask_pampax(ways[OURS], tree, Path(folder), mine)
            ask_grep(ways[GREP], options.rg, tree, mine)
            if options.semble:
                ask_semble(ways[SEMBLE], options, tree, mine)
            reading += [{path: file_tokens(tree / path, HEAD_LINES) for path in task.gold} for task in mine]
    return ways, reading


def ask_pampax(ways: dict[str, list[Course]], tree: Path, folder: Path, tasks: Sequence[Task]) -> None:
    """Adds the courses of all ways to use pampax."""
    with serving(tree, folder / "store", measure.child_environment(folder)) as pampax:
        for _, question, gold in tasks:
            ways["search"].append(pampax.search(question, gold))
            ways["places: search, no lines"].append(pampax.search(question, gold, lines=0))
            ways["alike: search, ten lines"].append(pampax.search(question, gold, lines=10, max_tokens=200_000))
            ways["assemble"].append(pampax.assemble(question, gold, None))
            ways["places: assemble, outline"].append(pampax.assemble(question, gold, "outline"))
            ways["session: search"].append(pampax.search_session(question, gold))
            ways["session: assemble with have"].append(pampax.assemble_session(question, gold, have=True))
            ways["session: assemble without have"].append(pampax.assemble_session(question, gold, have=False))


def ask_grep(ways: dict[str, list[Course]], program: str, tree: Path, tasks: Sequence[Task]) -> None:
    """Adds the courses of all ways to use ripgrep."""
    for source_only in (False, True):
        ripgrep = Ripgrep(program, tree, source_only=source_only)
        where = "sources" if source_only else "all files"
        for _, question, gold in tasks:
            ways[f"{where}, whole"].append(ripgrep.read(question, gold, whole=True))
            ways[f"{where}, {HEAD_LINES} lines"].append(ripgrep.read(question, gold, whole=False))
            ways[f"places: matching lines, {where}"].append(ripgrep.lines(question, gold))


def ask_semble(ways: dict[str, list[Course]], options: Any, tree: Path, tasks: Sequence[Task]) -> None:
    """Adds the courses of all ways to use semble."""
    asked = {"tree": str(tree), "questions": [task.question for task in tasks], "lexical": not options.semble_model}
    script = str(Path(__file__).with_name("semble_results.py"))
    done = subprocess.run(
        [options.semble, script], input=json.dumps(asked).encode(), stdout=subprocess.PIPE, check=True
    )
    for task, answer in zip(tasks, json.loads(done.stdout), strict=True):
        for name, rows in zip(SEMBLE_SNIPPETS, answer, strict=True):
            ways[name].append([semble_point(task, rows[:limit]) for limit in LIMITS])
        ways["alike: ten lines"].append(ways["ten lines"][-1])
        tokens, course = 0, []
        for limit in SEMBLE_SESSION:
            point = semble_point(task, answer[0][:limit])
            tokens += point.tokens
            course.append(Point(tokens, point.found))
        ways["session: search"].append(course)


def semble_point(task: Task, rows: list[dict[str, Any]]) -> Point:
    """So many results as its MCP tool prints them."""
    text = json.dumps({"query": task.question, "results": rows})
    return Point(count_tokens(text), task.gold & {row["file_path"].replace("\\", "/") for row in rows})


def report(tasks: Sequence[Task], ways: Ways, reading: Sequence[Mapping[str, int]], json_path: Path | None) -> None:
    """Prints the tables, and writes them."""
    gold = [len(task.gold) for task in tasks]
    rows = [
        way_row(f"{tool}: {name}", courses, gold) for tool, named in ways.items() for name, courses in named.items()
    ]
    header = ["way", f"found of {sum(gold)}", "to the first", "to all", "mean recall 0.5", "0.8", "0.9"]
    print(measure.table(header, rows), end="\n\n")
    kinds = {kind: best_ways(ways, gold, kind) for kind in ("code", "alike", "places", "session")}
    for kind, names in kinds.items():
        print(f"best for {kind}: " + "; ".join(f"{tool}: {name}" for tool, name in names.items()))
    per_task = [
        [f"{task.tree}: {task.question[:56]}"]
        + [task_cell(ways[tool][name][row], len(task.gold)) for tool, name in kinds["code"].items()]
        for row, task in enumerate(tasks)
    ]
    print("\n" + measure.table(["tokens to all that the tool finds", *kinds["code"]], per_task), end="\n\n")
    ratios = {
        what: {tool: compared(ways, kinds[kind], tool, read) for tool in kinds[kind] if tool != OURS}
        for what, kind, read in (
            ("returned, with code", "code", None),
            ("returned, wanted files read too", "code", reading),
            ("returned, ten lines of each hit", "alike", None),
            ("returned, places alone", "places", None),
            ("resident", "session", None),
        )
    }
    lines = [
        [f"{what}: pampax / {tool}", row["tasks"], row["ours"], row["theirs"]]
        + ["{:.3f} [{:.3f}, {:.3f}]".format(*row[figure]) for figure in ("ratio_of_totals", "median_ratio")]
        for what, of_tool in ratios.items()
        for tool, row in of_tool.items()
    ]
    print(measure.table(["tokens at equal recall", "tasks", "pampax", "other", "ratio of totals", "median"], lines))
    figures = {"ways": rows, "best": kinds, "tasks": per_task, "ratios": ratios}
    measure.finish("tokens", figures, json_path)


def way_row(name: str, courses: Sequence[Course], gold: Sequence[int]) -> list[object]:
    """What one way finds, and for how many tokens in all, or a task."""
    to_all = sum(arithmetic.cost(course, wanted) for course, wanted in zip(courses, gold, strict=True))
    to_first = sum(arithmetic.cost(course, 1) for course in courses)
    budgets = [arithmetic.tokens_at_mean_recall(courses, gold, mean) for mean in (0.5, 0.8, 0.9)]
    return [name, sum(map(arithmetic.reached, courses)), to_first, to_all, *budgets]


def task_cell(course: Course, gold: int) -> str:
    """Tokens to all that is found, and how much of what is wanted that is."""
    found = arithmetic.reached(course)
    return f"{arithmetic.cost(course, found):,}" + ("" if found == gold else f" ({found}/{gold})")


def best_ways(ways: Ways, gold: Sequence[int], kind: str) -> dict[str, str]:
    """The best way of a kind (see `kind_of`) for each tool. With ripgrep one call is as good as many."""
    chosen = {}
    for tool, named in ways.items():
        of_kind = "code" if tool == GREP and kind == "session" else kind
        fitting = {name: courses for name, courses in named.items() if kind_of(name) == of_kind}
        if fitting:
            chosen[tool] = arithmetic.best(fitting, gold)
    return chosen


def kind_of(name: str) -> str:
    """Places (that code has to be read at yet), ten lines of each hit (alike), sessions of several calls, or code."""
    head, found, _ = name.partition(": ")
    return head if found else "code"


def compared(
    ways: Ways, names: Mapping[str, str], tool: str, reading: Sequence[Mapping[str, int]] | None
) -> dict[str, Any]:
    """Pampax and another tool, each task at what both find. With `reading`, who reads nothing reads what is wanted."""
    ours, theirs = [], []
    for row, (mine, other) in enumerate(zip(ways[OURS][names[OURS]], ways[tool][names[tool]], strict=True)):
        target = min(arithmetic.reached(mine), arithmetic.reached(other))
        if not target:
            continue
        for course, costs, reads in ((mine, ours, True), (other, theirs, tool != GREP)):
            point = arithmetic.moment(course, target)
            read = sum(reading[row][path] for path in point.found) if reading is not None and reads else 0
            costs.append(point.tokens + read)
    figures = {"ratio_of_totals": arithmetic.ratio_of_totals, "median_ratio": arithmetic.median_ratio}
    totals = {"tasks": len(ours), "ours": sum(ours), "theirs": sum(theirs)}
    return totals | {name: list(figure(ours, theirs)) for name, figure in figures.items()}


if __name__ == "__main__":
    main()
