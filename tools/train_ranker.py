#!/usr/bin/env python3
"""Fit the weights of the linear ranker to labelled queries.

    train_ranker.py --trees TREES --labels DIR [--write rust/pampax-engine/data/ranker.toml]

LABELS holds `nl.jsonl`, `functions.jsonl` and `commits.jsonl` (one JSON object a line with "repo", "query" and the
answers), TREES the trees they are about, as `TREES/<set>/<repo>`. Every figure printed is for repositories that
were left
out of the fit (five folds of whole repositories). Needs NumPy, SciPy and the installed pampax.

The model: the score of a candidate is features x weights, the probability of a candidate the softmax of the
scores of all
candidates of its query (of the best candidate of each file, where files are labelled), the loss the negative
logarithm of
the probability of the right ones, with an L2 penalty that pulls an intent's weights to those of all intents.
"""

import argparse
import datetime as dt
import json
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

import pampax

CANDIDATES = 200
FOLDS = 5
SETS = ("nl", "functions", "commits")
# What a set weighs in the fit: each counts the same, however many queries it has.
INTENTS = ("symbol", "behaviour", "architecture", "error", "configuration", "path")


@dataclass
class Question:
    """A query with its candidates: features, the group (file) of each, and which are right."""

    repository: str
    set: str
    intent: str
    features: np.ndarray
    group: np.ndarray
    right: np.ndarray
    rules: np.ndarray
    start: np.ndarray
    answers: int


# What each earlier hit of a file takes from a score, chosen on the held-out repositories: who asks for a name or for
# how parts work together wants files, who asks for behaviour may want several functions of one. `--penalty` is that of
# all other intents: words alone tell the functions of a file apart less well than words and vectors do.
PENALTIES = {"symbol": 3.0, "architecture": 3.0, "path": 3.0}
# What the query names is what it asks for: rules, not fitted, as labelled questions hold too few of them. Greater
# than all that the other features of a candidate may add up to against it.
RULES = {"chunk_named": 10.0, "chunk_at_place": 10.0}


def same(left: str, right: str) -> bool:
    return left == right or left.endswith("/" + right) or right.endswith("/" + left)


def is_right(hit: dict, question: dict, kind: str) -> bool:
    if kind == "functions":
        overlaps = not (hit["end_line"] < question["start"] or hit["start_line"] > question["end"])
        return hit["path"] == question["path"] and overlaps
    targets = question["targets"] if kind == "nl" else question["files"]
    for target in targets:
        overlaps = "start" not in target or not (hit["end_line"] < target["start"] or hit["start_line"] > target["end"])
        if overlaps and same(hit["path"], target["path"]):
            return True
    return False


def questions(
    trees: Path, labels: Path, roots: dict[str, str], store: Path, **options: object
) -> tuple[list[Question], list[str]]:
    """Asks every labelled query and keeps the features of all its candidates."""
    found, shares = [], []
    for kind in SETS:
        by_repository = defaultdict(list)
        for line in (labels / f"{kind}.jsonl").read_text().splitlines():
            by_repository[json.loads(line)["repo"]].append(json.loads(line))
        for repository, rows in sorted(by_repository.items()):
            tree = trees / kind / repository / (roots.get(repository, "") if kind == "nl" else "")
            if not tree.is_dir():
                continue
            repo = pampax.open(tree, store=store / f"{kind}-{repository}", **options)
            repo.index()
            for row in rows:
                answer = repo.search(row["query"], limit=CANDIDATES, explain=True).to_dict()
                hits = answer["hits"]
                if not hits:
                    continue
                shares.append([{row["feature"]: row["value"] for row in hit["explain"]["features"]} for hit in hits])
                files: dict[str, int] = {}
                prefix = roots.get(repository, "") + "/" if kind == "nl" and roots.get(repository) else ""
                for hit in hits:
                    hit["path"] = prefix + hit["path"]
                group = np.array([files.setdefault(hit["path"], len(files)) for hit in hits])
                right = np.array([is_right(hit, row, kind) for hit in hits])
                start = np.array([hit["start_line"] for hit in hits])
                answers = 1 if kind == "functions" else len(row["targets" if kind == "nl" else "files"])
                found.append(
                    Question(repository, kind, answer["intent"], np.empty(0), group, right, np.empty(0), start, answers)
                )
            print(kind, repository, len(rows), file=sys.stderr, flush=True)
    # The penalty for further hits of a file is not a feature of a candidate: it is chosen apart.
    names = sorted({name for rows in shares for row in rows for name in row} - {"repeat_penalty", *RULES})
    for question, rows in zip(found, shares, strict=True):
        question.features = np.array([[row.get(name, 0.0) for name in names] for row in rows], dtype=np.float64)
        question.rules = np.array([sum(row.get(name, 0.0) * weight for name, weight in RULES.items()) for row in rows])
    return found, names


def ranked(question: Question, weights: np.ndarray, penalty: float) -> np.ndarray:
    """Positions of the candidates, best first, with the penalty for further hits of a file."""
    scores = question.features @ weights + question.rules
    order = np.lexsort((question.start, question.group, -scores))
    seen: dict[int, int] = defaultdict(int)
    for position in order:
        scores[position] -= penalty * seen[question.group[position]]
        seen[question.group[position]] += 1
    return np.lexsort((question.start, question.group, -scores))


def measure(
    found: list[Question], weights_of: dict[str, np.ndarray], penalty: float, own: dict[str, float]
) -> dict[str, float]:
    """The figures of the harness: means over repositories of the means over queries."""
    rows: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for question in found:
        order = ranked(question, weights_of[question.intent], own.get(question.intent, penalty))
        if question.set == "commits":
            files = list(dict.fromkeys(question.group[order[:50]]))[:10]
            gold = set(question.group[question.right])
            rows["commits recall@10"][question.repository].append(len(gold & set(files)) / question.answers)
            first = next((1 / rank for rank, file in enumerate(files, 1) if file in gold), 0.0)
            rows["commits mrr"][question.repository].append(first)
        elif question.set == "functions":
            right = question.right[order[:10]]
            rank = int(np.argmax(right)) + 1 if right.any() else 0
            rows["functions mrr"][question.repository].append(1 / rank if rank else 0.0)
            rows["functions recall@10"][question.repository].append(float(rank > 0))
        else:
            ranks = set()
            gold = set(question.group[question.right])
            for file in gold:
                for rank, position in enumerate(order[:10], 1):
                    if question.group[position] == file and question.right[position]:
                        ranks.add(rank)
                        break
            gain = sum(1 / np.log2(rank + 1) for rank in ranks)
            ideal = sum(1 / np.log2(rank + 2) for rank in range(min(10, question.answers)))
            rows["nl ndcg"][question.repository].append(gain / ideal)
    return {
        name: float(np.mean([np.mean(values) for values in by_repository.values()]))
        for name, by_repository in sorted(rows.items())
    }


def loss(weights: np.ndarray, found: list[Question], prior: np.ndarray, strength: float) -> tuple[float, np.ndarray]:
    total, gradient = 0.0, np.zeros_like(weights)
    count = defaultdict(int)
    for question in found:
        count[question.set] += 1
    for question in found:
        scores = question.features @ weights + question.rules
        if question.set == "functions":
            chosen = np.arange(len(scores))
        else:
            # The best candidate of each file stands for it; of right files, the best right one.
            value = np.where(question.right | ~np.isin(question.group, question.group[question.right]), scores, -np.inf)
            order = np.lexsort((-value, question.group))
            order = order[np.isfinite(value[order])]
            chosen = order[np.unique(question.group[order], return_index=True)[1]]
        right = question.right[chosen]
        if not right.any() or right.all():
            continue
        share = scores[chosen] - scores[chosen].max()
        probability = np.exp(share) / np.exp(share).sum()
        target = right / right.sum()
        weight = 1.0 / count[question.set]
        total -= weight * float((target * np.log(probability + 1e-12)).sum())
        gradient += weight * (question.features[chosen].T @ (probability - target))
    difference = weights - prior
    return total + strength * float(difference @ difference), gradient + 2 * strength * difference


def fit(found: list[Question], prior: np.ndarray, strength: float) -> np.ndarray:
    start = prior.copy()
    result = minimize(loss, start, args=(found, prior, strength), jac=True, method="L-BFGS-B", options={"maxiter": 200})
    return np.asarray(result.x)


def fit_intents(found: list[Question], names: list[str], strength: float, own: float) -> dict[str, np.ndarray]:
    shared = fit(found, np.zeros(len(names)), strength)
    weights = dict.fromkeys(INTENTS, shared)
    for intent in INTENTS:
        rows = [question for question in found if question.intent == intent]
        if len(rows) >= 40:
            weights[intent] = fit(rows, shared, own)
    return weights


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trees", required=True, type=Path)
    parser.add_argument("--labels", required=True, type=Path)
    parser.add_argument("--strength", type=float, default=0.002, help="pull of all weights to zero")
    parser.add_argument(
        "--own-strength", type=float, default=0.02, help="pull of an intent's weights to the shared ones"
    )
    parser.add_argument("--words-alone", action="store_true", help="fit the weights for answers without vectors")
    parser.add_argument(
        "--embedder", type=Path, help="the folder of an embedding model: fit the weights with its vectors"
    )
    parser.add_argument("--penalty", type=float, default=1.0, help="what each earlier hit of a file takes from a score")
    parser.add_argument("--write", type=Path, help="write the weights fitted to all repositories")
    arguments = parser.parse_args()
    options = {"embedder": arguments.embedder, "vectors": not arguments.words_alone}
    roots = {row["name"]: row.get("root") or "" for row in json.loads((arguments.labels / "repos.json").read_text())}
    with tempfile.TemporaryDirectory() as store:
        found, names = questions(arguments.trees, arguments.labels, roots, Path(store), **options)
    repositories = sorted({question.repository for question in found})
    fitted = {}
    for fold in range(FOLDS):
        held = set(repositories[fold::FOLDS])
        train = [question for question in found if question.repository not in held]
        fitted[fold] = fit_intents(train, names, arguments.strength, arguments.own_strength)
    for penalty, own in [(value, {}) for value in (0.0, 0.3, 0.7, 1.0, 1.5, 2.0)] + [(arguments.penalty, PENALTIES)]:
        figures = defaultdict(list)
        for fold in range(FOLDS):
            held = set(repositories[fold::FOLDS])
            test = [question for question in found if question.repository in held]
            for name, value in measure(test, fitted[fold], penalty, own).items():
                figures[name].append((value, len({q.repository for q in test if name.startswith(q.set)})))
        summary = {
            name: sum(value * size for value, size in rows) / sum(size for _, size in rows)
            for name, rows in figures.items()
        }
        print(
            f"penalty {penalty} {own}: " + "  ".join(f"{name} {value:.4f}" for name, value in summary.items()),
            flush=True,
        )
    weights = fit_intents(found, names, arguments.strength, arguments.own_strength)
    for position in np.argsort(-np.abs(weights["behaviour"])):
        print(f"{names[position]:28s} " + "  ".join(f"{weights[intent][position]:7.3f}" for intent in INTENTS))
    if arguments.write:
        write(arguments.write, names, weights, summary, arguments.penalty)


def write(
    path: Path, names: list[str], weights: dict[str, np.ndarray], summary: dict[str, float], penalty: float
) -> None:
    lines = [
        "# Weights of the linear ranker: score = sum of feature x weight (features: rust/pampax-rank/src/features.rs).",
        "# [default] holds for every intent; a table named after an intent overrides single weights.",
        f"# Fitted by tools/train_ranker.py on {dt.datetime.now(dt.UTC).date().isoformat()}.",
        "# Figures on repositories left out of the fit:",
        "# " + ", ".join(f"{name} {value:.3f}" for name, value in summary.items()),
        "[default]",
    ]
    lines += [f"{name} = {value:.3f}" for name, value in zip(names, weights["path"], strict=True)]
    lines += [f"{name} = {value:.1f}" for name, value in RULES.items()]
    lines.append(f"repeat_penalty = {penalty}")
    for intent in INTENTS:
        changed = [
            f"{name} = {value:.3f}"
            for name, value, default in zip(names, weights[intent], weights["path"], strict=True)
            if abs(value - default) >= 0.0005
        ]
        if intent in PENALTIES:
            changed.append(f"repeat_penalty = {PENALTIES[intent]}")
        if changed:
            lines += ["", f"[{intent}]", *changed]
    path.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
