"""What `semble` answers: run by bench_tokens.py in a Python that has it. JSON in, JSON out.

Its embedding model has to be downloaded. where it cannot be ("lexical"), its words and its own ranking are used alone:
the model is replaced by noise and given no weight.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile

os.environ["SEMBLE_CACHE_LOCATION"] = tempfile.mkdtemp()
logging.disable(logging.CRITICAL)

SNIPPET_LINES = (10, 0, None)
"""As its MCP tool gives results by default, without text, and with all text."""
MOST = 100


def noise_model() -> str:
    """A folder with a model that has no meaning."""
    import numpy as np
    from model2vec import StaticModel  # type: ignore[import-not-found]
    from tokenizers import Tokenizer, models, pre_tokenizers

    folder = tempfile.mkdtemp()
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "a": 1}, unk_token="[UNK]"))  # noqa: S106
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    StaticModel(np.random.default_rng(0).normal(size=(2, 8)).astype("f4"), tokenizer).save_pretrained(folder)
    return folder


def main() -> None:
    """Reads `{"tree", "questions", "lexical"}`; prints for each question the rows of each number of snippet lines."""
    from semble import SembleIndex  # type: ignore[import-not-found]
    from semble.search import search  # type: ignore[import-not-found]
    from semble.utils import format_results  # type: ignore[import-not-found]

    asked = json.load(sys.stdin)
    index = SembleIndex.from_path(asked["tree"], **({"model_path": noise_model()} if asked["lexical"] else {}))
    answers = []
    for question in asked["questions"]:
        if asked["lexical"]:
            words, vectors = index._bm25_index, index._semantic_index
            results = search(question, index.model, vectors, words, index.chunks, MOST, alpha=0.0)
        else:
            results = index.search(question, top_k=MOST)
        answers.append([format_results(question, results, lines)["results"] for lines in SNIPPET_LINES])
    json.dump(answers, sys.stdout, default=float)


if __name__ == "__main__":
    main()
