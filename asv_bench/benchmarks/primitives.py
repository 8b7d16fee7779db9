"""Time of the primitives, and what a caller would do without them."""

from __future__ import annotations

import numpy as np

import pampax

K = 60.0


class ReleaseOnly:
    """A debug build is no measure of anything: asv skips a benchmark whose setup raises NotImplementedError."""

    def setup(self, *_parameters: object) -> None:
        if pampax.build_profile != "release":
            raise NotImplementedError("not a release build")


class Fuse(ReleaseOnly):
    """Three rankings of 1,000 ids out of so many."""

    params = (1_200, 2_000, 10_000)
    param_names = ("universe",)

    def setup(self, universe: int) -> None:
        super().setup()
        generator = np.random.default_rng(universe)
        self.rankings = [generator.permutation(universe)[:1_000].astype(np.uint64) for _ in range(3)]

    def time_fuse(self, _universe: int) -> None:
        pampax.fuse(self.rankings)

    def time_fuse_first_ten(self, _universe: int) -> None:
        pampax.fuse(self.rankings, limit=10)

    def time_plain_dictionary(self, _universe: int) -> None:
        scores: dict[int, float] = {}
        for ranking in self.rankings:
            for rank, identifier in enumerate(ranking.tolist(), start=1):
                scores[identifier] = scores.get(identifier, 0.0) + 1.0 / (K + rank)
        sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))


class Pack(ReleaseOnly):
    """Candidates for a budget of 8,000 tokens."""

    params = (1_000, 10_000)
    param_names = ("candidates",)

    def setup(self, candidates: int) -> None:
        super().setup()
        generator = np.random.default_rng(candidates)
        self.costs = generator.integers(20, 600, candidates).astype(np.uint32)
        self.values = generator.random(candidates)
        self.groups = (np.arange(candidates) // 4).astype(np.uint32)

    def time_pack(self, _candidates: int) -> None:
        pampax.pack(self.costs, self.values, 8_000)

    def time_pack_groups(self, _candidates: int) -> None:
        pampax.pack(self.costs, self.values, 8_000, self.groups)


class Text(ReleaseOnly):
    """8.6 KB of Python source."""

    def setup(self, *_parameters: object) -> None:
        super().setup()
        self.text = "def parse_headers(lines: list[str], *, strict: bool) -> dict[str, str]:\n    return {}\n" * 100

    def time_count_tokens(self) -> None:
        pampax.count_tokens(self.text)

    def time_tokenize(self) -> None:
        pampax.tokenize(self.text)


class Graph(ReleaseOnly):
    """100,000 edges between 20,000 nodes."""

    def setup(self, *_parameters: object) -> None:
        super().setup()
        generator = np.random.default_rng(3)
        self.sources, self.targets = generator.integers(0, 20_000, (2, 100_000)).astype(np.uint32)
        self.graph = pampax.Graph(self.sources, self.targets)

    def time_build(self) -> None:
        pampax.Graph(self.sources, self.targets)

    def time_bfs(self) -> None:
        self.graph.bfs([1, 2, 3], 2, 200)

    def time_pagerank(self) -> None:
        self.graph.pagerank([1, 2, 3], tolerance=1e-4)


class Import:
    """Starting Python and importing the package, as every command does."""

    timeout = 60

    def timeraw_import(self) -> str:
        return "import pampax"
