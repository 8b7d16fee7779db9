"""Turns the mined pairs into arrays of token numbers.

`work`/pairs.npz holds, for P pairs and F files, rows of tokens (row r is `tokens[offsets[r]:offsets[r + 1]]`):

| array | shape | what |
|---|---|---|
| query_tokens, query_offsets | u16 […], i64 [P + 1] | the tokens of the queries |
| code_tokens, code_offsets | u16 […], i64 [P + 1] | the different tokens of the codes |
| code_counts | f32 […] | how often each of these comes |
| path_tokens, path_offsets | u16 […], i64 [F + 1] | the tokens of the files' paths |
| project_number, file_number, chunk_number, query_number | i32 [P] | equal where project, file, chunk or query are |
| kind_number, language_number | i32 [P] | positions in `kinds` and `languages` |
| frequency | i64 [tokens] | how often each token comes |
"""

import random
import time
from array import array
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
from languages import words
from tokenizers import Tokenizer
from vocabulary import read_pairs

LONGEST_QUERY, LONGEST_CODE, LONGEST_PATH = 64, 320, 24
# Of one query at most this many pairs: "initialise the module" tells nothing.
SAME_QUERIES = 4
# Of one language at most this many pairs, so that none outweighs the others.
PAIRS_OF_A_LANGUAGE = 150_000


class WordTokens:
    """Looks up the tokens of words; each different word goes through the tokenizer once."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.known: dict[str, list[int]] = {}

    def __call__(self, text: str, longest: int) -> list[int]:
        """The tokens of a text without those of unknown words (1) and padding (0)."""
        tokens: list[int] = []
        for word in words(text):
            pieces = self.known.get(word)
            if pieces is None:
                pieces = [token for token in self.tokenizer.encode(word, add_special_tokens=False).ids if token > 1]
                self.known[word] = pieces
            tokens += pieces
            if len(tokens) >= longest:
                break
        return tokens[:longest]


class Rows:
    """Rows of different lengths, appended one by one."""

    def __init__(self) -> None:
        self.tokens = array("H")
        self.offsets = array("q", [0])

    def append(self, tokens: list[int]) -> None:
        """Adds a row."""
        self.tokens.extend(tokens)
        self.offsets.append(len(self.tokens))


def choose(work: Path) -> list[tuple[str, tuple[str, str, str, str, str, str]]]:
    """The pairs to train on with their projects: balanced over languages, few with the same query."""
    rng = random.Random(0)  # noqa: S311 nothing here is secret
    by_language: dict[str, list[tuple[str, tuple[str, str, str, str, str, str]]]] = defaultdict(list)
    queries: Counter[str] = Counter()
    for path in sorted((work / "mined").glob("*.pickle")):
        for pair in read_pairs(path):
            query = pair[1].lower()
            queries[query] += 1
            if queries[query] <= SAME_QUERIES:
                by_language[pair[5]].append((path.stem, pair))
    chosen = []
    for language, pairs in sorted(by_language.items()):
        kept = pairs if len(pairs) <= PAIRS_OF_A_LANGUAGE else rng.sample(pairs, PAIRS_OF_A_LANGUAGE)
        print(f"{language:12} {len(pairs):8} pairs, {len(kept):7} kept")
        chosen += kept
    chosen.sort(key=lambda entry: entry[0])
    return chosen


def encode(work: Path) -> None:
    """Writes `work`/pairs.npz."""
    start = time.time()
    tokenizer = Tokenizer.from_file(str(work / "tokenizer.json"))
    lookup = WordTokens(tokenizer)
    chosen = choose(work)
    query_rows, code_rows, path_rows = Rows(), Rows(), Rows()
    code_counts = array("f")
    numbers: dict[str, dict[str, int]] = {
        name: {} for name in ("project", "file", "chunk", "query", "kind", "language")
    }
    columns: dict[str, array[int]] = {name: array("i") for name in numbers}
    for project, (kind, query, code, path, chunk, language) in chosen:
        query_tokens = lookup(query, LONGEST_QUERY)
        code_tokens = Counter(lookup(code, LONGEST_CODE))
        if not query_tokens or len(code_tokens) < 4:
            continue
        file = f"{project}/{path}"
        if file not in numbers["file"]:
            path_rows.append(lookup(path, LONGEST_PATH))
        query_rows.append(query_tokens)
        code_rows.append(list(code_tokens))
        code_counts.extend(code_tokens.values())
        keys = (project, file, f"{project}/{chunk}", query.lower(), kind, language)
        for name, key in zip(numbers, keys, strict=True):
            columns[name].append(numbers[name].setdefault(key, len(numbers[name])))
    arrays = {
        f"{name}_{part}": np.frombuffer(values, dtype=kind)
        for name, rows in (("query", query_rows), ("code", code_rows), ("path", path_rows))
        for part, values, kind in (("tokens", rows.tokens, np.uint16), ("offsets", rows.offsets, np.int64))
    }
    counts = np.frombuffer(code_counts, dtype=np.float32)
    size = tokenizer.get_vocab_size()
    frequency = np.bincount(arrays["query_tokens"], minlength=size) + np.bincount(
        arrays["code_tokens"], weights=counts, minlength=size
    ).astype(np.int64)
    np.savez(
        work / "pairs.npz",
        **arrays,
        **{f"{name}_number": np.frombuffer(values, dtype=np.int32) for name, values in columns.items()},
        code_counts=counts,
        frequency=frequency,
        kinds=np.array(list(numbers["kind"])),
        languages=np.array(list(numbers["language"])),
        projects=np.array(list(numbers["project"])),
    )
    print(f"{len(columns['project'])} pairs, {len(code_rows.tokens)} tokens of code, {time.time() - start:.0f} s")
