#!/usr/bin/env python3
"""Convert labels of an older form into the files that `pampax eval` and `pampax train-ranker` read.

    convert_labels.py --trees TREES --labels DIR --out FOLDER

DIR holds `repos.json` (a list of {"name", "root"?}) and up to three sets, a JSON object a line with "repo" and "query":
`nl.jsonl` (answers as "targets", paths with or without the folders above the root), `functions.jsonl` ("path", "start",
"end") and `commits.jsonl` ("files"). TREES holds the trees as `TREES/<set>/<repo>`. FOLDER gets a file of questions for
each set and repository, and `sets.toml`, the list of them.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

JUDGES = {"nl": "hit", "functions": "span", "commits": "file"}
FORMS = {"nl": "topic", "functions": "description", "commits": "task"}


def answers(kind: str, row: dict[str, Any], prefix: str) -> list[dict[str, Any]]:
    if kind == "functions":
        return [{"path": row["path"], "start_line": row["start"], "end_line": row["end"]}]
    if kind == "commits":
        return [{"path": file["path"]} for file in row["files"]]
    found = []
    for target in row["targets"]:
        place = {"path": target["path"].removeprefix(prefix)}
        if "start" in target:
            place |= {"start_line": target["start"], "end_line": target["end"]}
        found.append(place)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trees", required=True, type=Path)
    parser.add_argument("--labels", required=True, type=Path)
    parser.add_argument("--out", required=True, type=Path)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    roots = {row["name"]: row.get("root") or "" for row in json.loads((arguments.labels / "repos.json").read_text())}
    listed: list[str] = []
    for kind, judge in JUDGES.items():
        by_repository: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for line in (arguments.labels / f"{kind}.jsonl").read_text().splitlines():
            row = json.loads(line)
            by_repository[row["repo"]].append(row)
        listed.append(f'[sets.{kind}]\njudge = "{judge}"\nform = "{FORMS[kind]}"\n')
        for name, rows in sorted(by_repository.items()):
            root = roots.get(name, "") if kind == "nl" else ""
            tree = arguments.trees / kind / name / root
            if not tree.is_dir():
                continue
            prefix = f"{root}/" if root else ""
            questions = [
                {"id": f"{kind}-{name}-{number}", "query": row["query"], "answers": answers(kind, row, prefix)}
                for number, row in enumerate(rows, 1)
            ]
            file = f"{kind}-{name}.jsonl"
            (arguments.out / file).write_text("".join(json.dumps(question) + "\n" for question in questions))
            fields = {"name": name, "root": str(tree.resolve()), "questions": file}
            listed.append(f"[[sets.{kind}.repositories]]\n")
            listed += [f"{key} = {json.dumps(value)}\n" for key, value in fields.items()]
    (arguments.out / "sets.toml").write_text("".join(listed))


if __name__ == "__main__":
    main()
