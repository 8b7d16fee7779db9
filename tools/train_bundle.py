#!/usr/bin/env python3
"""Fit what pieces of code are worth in a bundle, and measure bundles of repositories that were left out.

    cargo build --release -p pampax-engine --example bundle_pieces
    tools/train_bundle.py --trees TREES --labels FILE [--write rust/pampax-engine/data/bundle.toml]

FILE has a JSON object a line: `repo` (a folder of TREES, indexed before), `query` (the subject of a commit), `files`
(`path` and the `lines` that the commit changed, as pairs). The value of a hit is log-linear in what the ranking says
of it, fitted by Poisson regression to the share of the changed lines it holds; the factors of the surroundings are
fitted on top, by expectation maximisation, and never fall below what is written here, as a reader needs more than
what is going to change. Printed are the lines and files found in bundles of repositories that took no part in the fit
(five parts in turn), packed by a plain copy of the packer with estimated costs, so they are a few hundredths from what
the engine gives. It needs NumPy and SciPy.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "target" / "release" / "examples" / "bundle_pieces"
MODEL = ROOT / "python" / "pampax" / "model"
FLOORS = {
    "container": 0.05, "definition": 0.06, "caller": 0.06, "test": 0.08, "type": 0.04, "base": 0.06, "route": 0.1,
    "key": 0.1, "reader": 0.1,
}  # fmt: skip
DATA = ROOT / "rust" / "pampax-engine" / "data" / "bundle.toml"
CURRENT = tomllib.loads(DATA.read_text(encoding="utf-8"))
LEVELS = CURRENT["levels"] | {"full": 1.0}
PARTS = 5
BYTES_PER_TOKEN = 3.6
Task = dict[str, Any]


def load(trees: Path, labels: Path) -> list[Task]:
    """The tasks with their pieces, and for each piece and level the share of the changed lines that it holds."""
    rows = [json.loads(line) for line in labels.read_text(encoding="utf-8").splitlines()]
    asked = "".join(json.dumps({"root": str(trees / row["repo"]), "query": row["query"]}) + "\n" for row in rows)
    done = subprocess.run([EXAMPLE, MODEL], input=asked, capture_output=True, text=True, check=True)  # noqa: S603
    tasks = []
    for row, line in zip(rows, done.stdout.splitlines(), strict=True):
        document = json.loads(line)
        changed = {
            file["path"]: {number for first, last in file["lines"] for number in range(first, last + 1)}
            for file in row["files"]
        }
        total = sum(map(len, changed.values()))
        for piece in document["pieces"]:
            lines = changed.get(piece["path"], set())
            piece["share"] = sum(piece["start"] <= line <= piece["end"] for line in lines) / total
            for level in piece["levels"]:
                inside = [any(first <= line <= last for first, last in level["spans"]) for line in lines]
                level["share"] = sum(inside) / total
                is_line = len(level["spans"]) == 1 and level["spans"][0][0] == level["spans"][0][1]
                level["cost"] = (level["bytes"] + piece["why"] + (16 if is_line else 60)) / BYTES_PER_TOKEN
        tasks.append({
            "repo": row["repo"], "pieces": document["pieces"], "features": document["features"], "files": set(changed),
        })  # fmt: skip
    return tasks


def fit_hits(tasks: list[Task], strength: float) -> np.ndarray:
    """The weights of the features of a hit, ridge-penalised in units of their spread."""
    hits = [piece for task in tasks for piece in task["pieces"] if piece["features"]]
    features, shares = np.array([hit["features"] for hit in hits]), np.array([hit["share"] for hit in hits])
    mean, spread = features.mean(0), features.std(0) + 1e-9
    mean[0], spread[0] = 0, 1
    scaled = (features - mean) / spread
    pull = strength * len(tasks) / 100

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        logarithm = np.clip(scaled @ weights, -30, 5)
        expected = np.exp(logarithm)
        free = np.r_[0, weights[1:]]
        return float(np.sum(expected - shares * logarithm) + pull * free @ free), (
            scaled.T @ (expected - shares) + 2 * pull * free
        )

    weights = minimize(loss, np.r_[-4, np.zeros(scaled.shape[1] - 1)], jac=True, method="L-BFGS-B").x
    raw = weights / spread
    raw[0] = weights[0] - np.sum(weights[1:] * mean[1:] / spread[1:])
    return raw


def hit_value(weights: np.ndarray, piece: dict[str, Any]) -> float:
    """What a piece is worth by itself."""
    return float(np.exp(np.clip(weights @ np.array(piece["features"]), -30, 3))) if piece["features"] else 0.0


def fit_surroundings(tasks: list[Task], weights: np.ndarray) -> dict[str, float]:
    """What a piece is worth that is reached from another, as a share of that one."""
    rows = []
    for task in tasks:
        base = [hit_value(weights, piece) for piece in task["pieces"]]
        for own, piece in zip(base, task["pieces"], strict=True):
            if piece["reached"]:
                given: dict[str, float] = defaultdict(float)
                for kind, centre, confidence in piece["reached"]:
                    given[kind] += base[centre] * confidence
                rows.append((own, given, piece["share"]))
    factors = dict.fromkeys(FLOORS, 0.1)
    for _ in range(60):
        taken, total = dict.fromkeys(FLOORS, 0.002), dict.fromkeys(FLOORS, 0.02)
        for own, given, share in rows:
            expected = own + sum(factors[kind] * value for kind, value in given.items()) + 1e-9
            for kind, value in given.items():
                taken[kind] += factors[kind] * value / expected * share
                total[kind] += value
        factors = {kind: taken[kind] / total[kind] for kind in FLOORS}
    return {kind: max(factors[kind], FLOORS[kind]) for kind in FLOORS}


def values(task: Task, weights: np.ndarray, factors: dict[str, float]) -> list[float]:
    """What every piece of a task is worth."""
    base = [hit_value(weights, piece) for piece in task["pieces"]]
    reached = [
        sum(factors[kind] * base[centre] * confidence for kind, centre, confidence in piece["reached"])
        for piece in task["pieces"]
    ]
    return [own + more for own, more in zip(base, reached, strict=True)]


def pack(task: Task, worth: list[float], budget: int, opening: dict[str, float]) -> tuple[float, float]:
    """The shares of changed lines and of changed files in a bundle: greedy by value for cost, as the engine does it."""
    pieces, chosen, opened, room = task["pieces"], {}, set(), float(budget)

    def step(number: int) -> tuple[float, int, float] | None:
        piece = pieces[number]
        now = piece["levels"][chosen[number]] if number in chosen else None
        spent = now["cost"] if now else 0.0
        had = worth[number] * LEVELS[now["level"]] if now else 0.0
        is_open = piece["path"] in opened
        extra = 0.0 if is_open else len(piece["path"]) / BYTES_PER_TOKEN + 1
        bonus = 0.0 if is_open else opening.get(piece["path"], 0.0)
        best = None
        for level, offered in enumerate(piece["levels"]):
            value, cost = worth[number] * LEVELS[offered["level"]], offered["cost"] + extra - spent
            if value > had and cost <= room:
                rate = (value + bonus - had) / max(cost, 0.01)
                if best is None or rate > best[0]:
                    best = (rate, level, cost)
        return best

    waiting = {number: found for number in range(len(pieces)) if (found := step(number))}
    while waiting:
        number = max(waiting, key=lambda candidate: (waiting[candidate][0], -candidate))
        _, level, cost = waiting.pop(number)
        current = step(number)
        if current is None:
            continue
        if current[1:] != (level, cost):
            waiting[number] = current
            continue
        room -= cost
        chosen[number] = level
        if pieces[number]["path"] not in opened:
            opened.add(pieces[number]["path"])
            for other in list(waiting):
                if pieces[other]["path"] == pieces[number]["path"] and (again := step(other)):
                    waiting[other] = again
        if more := step(number):
            waiting[number] = more
    lines = sum(pieces[number]["levels"][level]["share"] for number, level in chosen.items())
    return lines, len(opened & task["files"]) / len(task["files"])


def openings(task: Task, worth: list[float], packing: dict[str, float]) -> dict[str, float]:
    """What it is worth for each file that it is shown at all."""
    by_file: dict[str, float] = defaultdict(float)
    aside = {}
    for piece, value in zip(task["pieces"], worth, strict=True):
        by_file[piece["path"]] += value
        aside[piece["path"]] = 1.0 if piece["category"] == "code" else packing["opening_aside"]
    order = sorted(by_file, key=lambda path: -by_file[path])[: int(packing["opening_files"])]
    decay = packing["opening_decay"]
    return {path: packing["opening"] * aside[path] * np.exp(-rank / decay) for rank, path in enumerate(order)}


def left_out(tasks: list[Task], packing: dict[str, float], strength: float) -> None:
    """Print what bundles of repositories that took no part in the fit hold."""
    repositories = sorted({task["repo"] for task in tasks})
    part = {name: number % PARTS for number, name in enumerate(repositories)}
    models = []
    for number in range(PARTS):
        rest = [task for task in tasks if part[task["repo"]] != number]
        weights = fit_hits(rest, strength)
        models.append((weights, fit_surroundings(rest, weights)))
    for budget in (2000, 4000, 8000):
        found: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for task in tasks:
            worth = values(task, *models[part[task["repo"]]])
            found[task["repo"]].append(pack(task, worth, budget, openings(task, worth, packing)))
        lines, files = np.mean([np.mean(rows, axis=0) for rows in found.values()], axis=0)
        print(f"left out, {budget} tokens: line recall {lines:.3f}, file recall {files:.3f}")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trees", type=Path, required=True)
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--strength", type=float, default=2.0, help="pull of the weights to zero")
    parser.add_argument("--write", type=Path, help="renew [hit] and [surroundings] of this file")
    options = parser.parse_args()
    tasks = load(options.trees, options.labels)
    left_out(tasks, CURRENT["packing"], options.strength)
    weights = fit_hits(tasks, options.strength)
    factors = fit_surroundings(tasks, weights)
    hit = "".join(f"{name} = {weight:.3f}\n" for name, weight in zip(tasks[0]["features"], weights, strict=True))
    near = "".join(f"{name} = {factor:.3f}\n" for name, factor in factors.items())
    print(f"\n[hit]\n{hit}\n[surroundings]\n{near}")
    if options.write:
        text = options.write.read_text(encoding="utf-8")
        for table, body in (("hit", hit), ("surroundings", near)):
            text = re.sub(rf"(\[{table}\]\n)(?:[a-z_]+ = \S+\n)+", rf"\g<1>{body}", text)
        options.write.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
