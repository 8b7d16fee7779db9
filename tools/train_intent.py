"""Fit the weights of intent detection on the development half of the labelled queries.

    cargo build -p pampax-engine --example intents
    python tools/train_intent.py --labels corpora/labelled/intents.jsonl --write rust/pampax-engine/data/intent.toml

The features are those of the engine itself (`intents --features`), so that there is one place that computes them;
queries that its rules decide take no part. The model is multinomial logistic regression with an L2 penalty, fitted by
gradient descent with momentum for a fixed number of steps from zero: the same labels give the same file. The penalty is
chosen by the log loss of 5-fold cross-validation within the development half. The test half is never read.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

INTENTS = ("symbol", "behaviour", "architecture", "error", "configuration", "path")
PENALTIES = (0.0003, 0.0006, 0.0012, 0.0025, 0.005, 0.01)
STEPS = 3000
FOLDS = 5

Matrix = NDArray[np.float64]


def fit(features: Matrix, labels: NDArray[np.int64], penalty: float) -> Matrix:
    """Weights by feature and intent that minimise the mean log loss plus `penalty` times half their squared sum."""
    rows = len(labels)
    wanted = np.eye(len(INTENTS))[labels]
    # The gradient changes at most this fast, so one step of its inverse never overshoots.
    rate = 1.0 / (0.5 * float(np.linalg.norm(features, 2)) ** 2 / rows + penalty)
    weights = ahead = np.zeros((features.shape[1], len(INTENTS)))
    for step in range(STEPS):
        sums = features @ ahead
        likely = np.exp(sums - sums.max(axis=1, keepdims=True))
        likely /= likely.sum(axis=1, keepdims=True)
        gradient = features.T @ (likely - wanted) / rows + penalty * ahead
        following = ahead - rate * gradient
        ahead = following + step / (step + 3) * (following - weights)
        weights = following
    return weights


def cross_validated(features: Matrix, labels: NDArray[np.int64], penalty: float) -> tuple[float, float]:
    """Of models fitted without a query's fold: the mean log loss, and the share of queries they get right."""
    fold = np.arange(len(labels)) % FOLDS
    loss, right = 0.0, 0
    for left_out in range(FOLDS):
        weights = fit(features[fold != left_out], labels[fold != left_out], penalty)
        sums, own = features[fold == left_out] @ weights, labels[fold == left_out]
        most = sums.max(axis=1)
        total = most + np.log(np.exp(sums - most[:, None]).sum(axis=1))
        loss += float((total - sums[np.arange(len(own)), own]).sum())
        right += int((np.argmax(sums, axis=1) == own).sum())
    return loss / len(labels), right / len(labels)


def with_weights(text: str, names: list[str], weights: Matrix) -> str:
    """The model's file with the tables of the intents replaced; its lists of words stay as they are."""
    lists = text[: text.index("\n[symbol]")].rstrip("\n") + "\n"
    for position, intent in enumerate(INTENTS):
        lists += f"\n[{intent}]\n"
        for name, weight in zip(names, weights[:, position].round(2), strict=True):
            if weight:
                lists += f'"{name}" = {weight:.2f}\n'
    return lists


def main() -> None:
    """Fit, say how well, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=Path, required=True, help="labelled queries, a JSON object a line")
    parser.add_argument("--write", type=Path, required=True, help="the model's file, whose lists of words are kept")
    parser.add_argument("--target", type=Path, default=Path("target"), help="cargo's target folder")
    arguments = parser.parse_args()
    command = [str(arguments.target / "debug/examples/intents"), "--features", str(arguments.labels), "development"]
    printed = subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout  # noqa: S603
    rows = [json.loads(line) for line in printed.splitlines()]
    rows = [row for row in rows if row["features"] is not None]
    names = sorted(rows[0]["features"])
    features = np.array([[row["features"][name] for name in names] for row in rows])
    labels = np.array([INTENTS.index(row["intent"]) for row in rows])
    scores = {penalty: cross_validated(features, labels, penalty) for penalty in PENALTIES}
    for penalty, (loss, share) in scores.items():
        print(f"penalty {penalty}: log loss {loss:.3f}, {share:.3f} of {len(rows)} queries right in cross-validation")
    best = min(PENALTIES, key=lambda penalty: scores[penalty][0])
    weights = fit(features, labels, best)
    fitted = (np.argmax(features @ weights, axis=1) == labels).mean()
    print(f"chosen: {best}; fitted on all: {fitted:.3f}")
    text = arguments.write.read_text(encoding="utf-8")
    arguments.write.write_text(with_weights(text, names, weights), encoding="utf-8")


if __name__ == "__main__":
    main()
