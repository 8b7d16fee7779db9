"""Writes the trained vectors as a model that pampax opens."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

LONGEST_TEXT_TOKENS = 96
# Given names and surnames, one a line. Example code is full of them, so that counting projects does not find them.
NAMES = Path(__file__).with_name("names.txt")
UNUSED = "[unused{}]"


def without_names(tokenizer: dict[str, Any], names: frozenset[str]) -> list[int]:
    """Gives the tokens that are names of people a text that no word has, in place; returns their numbers."""
    vocabulary: dict[str, int] = tokenizer["model"]["vocab"]
    removed = [number for token, number in vocabulary.items() if token in names]
    gone = set(removed)
    tokenizer["model"]["vocab"] = {
        UNUSED.format(number) if number in gone else token: number for token, number in vocabulary.items()
    }
    return removed


def export(work: Path, model: Path) -> None:
    """Writes `model`: config.json, tokenizer.json, model.safetensors.

    Each row of the table becomes int8 with a scale of its own, which is the token's weight: i8 [tokens, dimensions] in
    `embeddings`, f32 [tokens] in `weights`.
    """
    table = np.load(work / "vectors.npy")
    tokenizer = json.loads((work / "tokenizer.json").read_text())
    removed = without_names(tokenizer, frozenset(NAMES.read_text().split()))
    table[removed] = 0
    print(f"{len(removed)} tokens were names of people")
    weights = (np.abs(table).max(axis=1) / 127).astype(np.float32)
    rows = np.round(table / np.maximum(weights, np.float32(1e-20))[:, None]).astype(np.int8)
    model.mkdir(parents=True, exist_ok=True)
    save_file({"embeddings": rows, "weights": weights}, model / "model.safetensors")
    (model / "tokenizer.json").write_text(json.dumps(tokenizer, separators=(",", ":")))
    (model / "config.json").write_text(json.dumps({"max_length": LONGEST_TEXT_TOKENS}) + "\n")
    for path in sorted(model.iterdir()):
        print(path.name, path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())
