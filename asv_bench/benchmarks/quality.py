"""How good the answers to the labelled questions of this repository are (corpora/labelled)."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from corpora import labelled

Figures = dict[str, dict[str, float]]


class Quality:
    """Both sets: about this repository, and about the sample project."""

    params = (tuple(labelled.ROOTS),)
    param_names = ("set",)
    unit = "share"
    timeout = 300

    def setup_cache(self) -> Figures:
        with tempfile.TemporaryDirectory() as folder:
            runs = {name: labelled.measure(name, Path(folder) / name) for name in labelled.ROOTS}
        return {name: {metric: found.mean for metric, found in run.metrics.items()} for name, run in runs.items()}

    def track_ndcg10(self, figures: Figures, name: str) -> float:
        return figures[name]["ndcg@10"]

    def track_mrr10(self, figures: Figures, name: str) -> float:
        return figures[name]["mrr@10"]

    def track_recall10(self, figures: Figures, name: str) -> float:
        return figures[name]["recall@10"]
