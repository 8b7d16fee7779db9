"""Looks a model over: its size, names in its vocabulary, what rounding cost, what its words are close to.

The figure that counts is that of the ranker with the model's vectors on repositories left out of the fit:

    pampax train-ranker --sets SETS.toml --embedder MODEL
"""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

PROBES = ("parse", "connection", "retry", "encrypt", "delete", "thread", "middleware", "matrix")
LARGEST_MODEL = 12_000_000
# Half a step of a row's 127 steps.
LARGEST_LOSS = 0.005


def neighbours(table: np.ndarray, vocabulary: dict[str, int], word: str, count: int = 8) -> list[str]:
    """The words whose vectors have the largest cosine with that of a word."""
    names = {number: token for token, number in vocabulary.items()}
    lengths = np.linalg.norm(table, axis=1) + 1e-9
    cosines = table @ table[vocabulary[word]] / lengths / lengths[vocabulary[word]]
    best = [names[number] for number in np.argsort(-cosines)[: count * 2]]
    return [name for name in best if name != word and not name.startswith("##")][:count]


def evaluate(work: Path, model: Path) -> None:
    """Prints what is to be known of a model; exits with an error if it is too large or rounding spoilt it."""
    size = sum(path.stat().st_size for path in model.iterdir())
    vocabulary = json.loads((model / "tokenizer.json").read_text())["model"]["vocab"]
    tensors = load_file(model / "model.safetensors")
    table = tensors["embeddings"].astype(np.float32)
    print(f"{size} bytes, {len(vocabulary)} tokens, {table.shape[1]} dimensions")
    for word in PROBES:
        if word in vocabulary:
            print(f"{word:12} {', '.join(neighbours(table, vocabulary, word))}")
    exact = np.load(work / "vectors.npy") * (tensors["weights"] > 0)[:, None]
    rounded = table * tensors["weights"][:, None]
    lost = float(np.abs(rounded - exact).max() / np.abs(exact).max())
    print(f"rounding changed no number by more than {lost:.2%} of the largest")
    heavy = np.argsort(-np.linalg.norm(rounded, axis=1))[:20]
    names = {number: token for token, number in vocabulary.items()}
    print("heaviest:", ", ".join(names[int(number)] for number in heavy))
    left_out = json.loads((work / "words.json").read_text())["left out"]
    print(
        f"{sum(word in vocabulary for word in left_out)} of {len(left_out)} frequent words of few projects are tokens"
    )
    if lost > LARGEST_LOSS:
        raise SystemExit("the model is not that of vectors.npy")
    if size > LARGEST_MODEL:
        raise SystemExit(f"the model is larger than {LARGEST_MODEL} bytes")
