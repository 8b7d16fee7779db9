"""A program that uses `pampax.Repository` for as long as `bench_soak.py` wants.

    soak_program.py TREE STORE FILES SEED FRESHNESS_MS

Each line of its input is a request, each line of its output a reply, both JSON. `load` asks questions in some threads
for some seconds; `check` gives the answers to a fixed set of questions. Without an index, one is made first.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from same_answers import ask, mixed_questions

import pampax
from pampax.benchmarks import corpus

if TYPE_CHECKING:
    from same_answers import Question

LOAD = "load"
CHECK = "check"
CHECKED = 24
LOADED = 300
FAILURES_KEPT = 20


def load(
    repository: pampax.Repository, questions: list[Question], seconds: float, threads: int, seed: int
) -> dict[str, Any]:
    """Ask in `threads` threads for `seconds`: how many questions, and what failed."""
    ends = time.monotonic() + seconds
    asked = [0] * threads
    failed: list[str] = []

    def work(number: int) -> None:
        chance = random.Random(f"{seed}/{number}")
        while time.monotonic() < ends:
            question = chance.choice(questions)
            asked[number] += 1
            try:
                ask(repository, question, limit=chance.randint(5, 25))
            except (pampax.PampaxError, OSError) as error:
                if len(failed) < FAILURES_KEPT:
                    failed.append(f"{question}: {type(error).__name__}: {error}")

    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return {"asked": sum(asked), "failed": failed}


def main() -> None:
    """Serve the requests."""
    tree, store, files, seed, freshness_ms = sys.argv[1:]
    repository = pampax.open(tree, store=store, freshness_ms=int(freshness_ms))
    if not repository.is_indexed:
        repository.index()
    texts = corpus.queries(int(files), int(seed), LOADED)
    questions = mixed_questions(texts)
    checked = mixed_questions(texts[:CHECKED])
    for line in sys.stdin:
        request = json.loads(line)
        reply: Any
        if request.pop("do") == LOAD:
            reply = load(repository, questions, **request)
        else:
            reply = [(question, ask(repository, question)) for question in checked]
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
