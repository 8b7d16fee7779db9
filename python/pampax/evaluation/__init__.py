"""How good the answers are: labelled questions, the metrics of what a repository answers, and comparison with a run.

    import pampax
    from pampax import evaluation

    repository = pampax.open(".")
    repository.index()
    run = evaluation.evaluate(repository, evaluation.read_questions("questions.jsonl"))
    print(run.metrics["ndcg@10"].mean, run.metrics["ndcg@10"].low)
    run.save("run.json")
    comparison = evaluation.compare(run, evaluation.load_run("base.json"))
    assert not comparison.regression

It is what `pampax eval` does; docs/evaluation.md tells what the figures mean. Needs NumPy and nothing else.
"""

from pampax.evaluation.bootstrap import CONFIDENCE, RESAMPLES, SEED, Estimate, estimates
from pampax.evaluation.compare import THRESHOLD, Comparison, compare
from pampax.evaluation.labels import LabelError, Place, Question, read_questions
from pampax.evaluation.metrics import measures, names_of_measures, ndcg, recall, reciprocal_rank
from pampax.evaluation.resolve import Target, resolve
from pampax.evaluation.run import LEVELS, LIMIT, Result, Run, Shown, evaluate, join
from pampax.evaluation.saved import RunError, load_run

__all__ = [
    "CONFIDENCE",
    "LEVELS",
    "LIMIT",
    "RESAMPLES",
    "SEED",
    "THRESHOLD",
    "Comparison",
    "Estimate",
    "LabelError",
    "Place",
    "Question",
    "Result",
    "Run",
    "RunError",
    "Shown",
    "Target",
    "compare",
    "estimates",
    "evaluate",
    "join",
    "load_run",
    "measures",
    "names_of_measures",
    "ndcg",
    "read_questions",
    "recall",
    "reciprocal_rank",
    "resolve",
]
