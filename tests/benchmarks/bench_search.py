#!/usr/bin/env python3
"""How long a search takes inside a Python program that has the repository open.

    bench_search.py [--files 5000] [--queries 320] [--rounds 3] [--json FILE]

The questions are of the kinds people ask: names, words, configuration keys, paths, error messages, stack traces; no
two are equal, so no answer comes from a cache of answers. One round warms up (files mapped, pages read); the rounds
after it count. Bundles of 8,000 tokens are timed on a part of the same questions.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable

import measure


def timed(calls: list[Callable[[], object]], rounds: int) -> list[float]:
    """Milliseconds of each call of `rounds` rounds, in a new order each round, after one round that does not count."""
    samples = []
    for number in range(rounds + 1):
        order = list(calls)
        random.Random(number).shuffle(order)
        for call in order:
            started = time.perf_counter()
            call()
            if number:
                samples.append((time.perf_counter() - started) * 1e3)
    return samples


def main() -> None:
    """The command line."""
    parser = measure.parser(__doc__)
    parser.add_argument("--files", type=int, default=5_000)
    parser.add_argument("--queries", type=int, default=320)
    parser.add_argument("--bundles", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    measure.require_release_build(options.allow_debug)
    import pampax

    sys.path.insert(0, str(measure.ROOT))
    from corpora import generate

    queries = generate.queries(options.files, options.seed, options.queries)
    with measure.generated_tree(options.files, options.seed) as tree, tempfile.TemporaryDirectory() as folder:
        repository = pampax.open(tree, store=f"{folder}/store")
        repository.index()
        empty = sum(not repository.search(query).hits for query in queries)
        searches = timed([lambda query=query: repository.search(query) for query in queries], options.rounds)  # type: ignore[misc]
        chosen = queries[: options.bundles]
        bundles = timed([lambda query=query: repository.assemble(query) for query in chosen], 1)  # type: ignore[misc]
    figures = {"files": options.files, "queries": len(queries), "queries_without_hits": empty,
               "search_ms": measure.summary(searches), "assemble_ms": measure.summary(bundles)}  # fmt: skip
    columns = ["p50", "p95", "p99", "max", "count"]
    rows = [[name, *(summary[column] for column in columns)] for name, summary in
            (("search", measure.summary(searches)), ("assemble, 8,000 tokens", measure.summary(bundles)))]  # fmt: skip
    print(measure.table(["milliseconds", *columns], rows))
    print(f"{empty} of {len(queries)} queries found nothing")
    measure.finish("search", figures, options.json)


if __name__ == "__main__":
    main()
