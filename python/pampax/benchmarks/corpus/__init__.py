"""Generated repositories of any size, the same bytes for the same seed: `generate`, and `queries` about them.

    from pampax.benchmarks import corpus

    corpus.generate("/tmp/tree", files=500, seed=1)

It needs nothing but the standard library. `corpora/generate.py` in pampax's repository is its command line.
"""

from pampax.benchmarks.corpus.generate import SIZES, PlannedFile, Renderer, Summary, generate, plan, queries

__all__ = ["SIZES", "PlannedFile", "Renderer", "Summary", "generate", "plan", "queries"]
