"""Trains the token vectors: questions come close to their code and away from other code of the same project.

A text's vector is the sum of its tokens' vectors times their weights, brought to length 1. The loss is symmetric
InfoNCE over batches that are put together from groups of one project, so that most wrong answers are of the kind that a
search has to tell apart. Everything is NumPy and a small C kernel; an epoch over a million pairs takes about a minute
on two cores.
"""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from kernel import Bags, Floats, Kernel
from numpy.typing import NDArray
from tokenizers import Tokenizer

# How people begin questions about code; put before a part of the queries, so that these words weigh nothing.
TEMPLATES = (
    "how does work", "how is implemented", "how are handled", "how is handled", "how does the code", "how do",
    "how to", "how is represented", "how does internally", "how does the project", "how does the library",
    "how are managed", "how does interact with", "where is", "where is implemented", "where is the code that",
    "where does it", "where are defined", "where do we", "which function", "which class", "which method",
    "which file", "which module is responsible for", "which part of the code", "what handles", "what happens when",
    "what is responsible for", "what are the", "what does do", "what code", "code that", "code for",
    "the code responsible for", "function that", "function to", "method that", "class that", "class for",
    "implementation of", "logic for", "logic that", "find where", "find the", "show me", "explain how", "when",
    "why does", "mechanism for", "support for", "flow of", "definition of", "used to", "helper that",
    "the place where",
)  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """What can be chosen about a training run."""

    dimensions: int = 256
    epochs: int = 2
    batch: int = 2048
    # Pairs of one project that stand together in a batch.
    group: int = 256
    temperature: float = 0.05
    rate: float = 0.01
    weight_rate: float = 0.01
    token_dropout: float = 0.1
    # Share of the codes that get their file's path in front, as every chunk has in use.
    path_share: float = 0.7
    template_share: float = 0.3
    # Share of the codes from which all tokens of the query are taken, so that the rest must tell what it does.
    shared_dropout: float = 0.2
    # Whether other definitions of the same file are wrong answers, unless the query is about the file.
    same_file_negatives: bool = True
    # Share of the groups that are taken file by file, so that many wrong answers are of the same file.
    neighbours: float = 0.0
    # A token's first weight is `rarity / (rarity + its share of all tokens)`.
    rarity: float = 1e-3
    seed: int = 0
    # Share of the projects that are kept aside to look at.
    aside: float = 0.02


class Pairs:
    """The arrays of pairs.npz and the bags made of them."""

    def __init__(self, work: Path) -> None:
        stored = np.load(work / "pairs.npz")
        self.query = Bags(
            stored["query_tokens"].astype(np.int32),
            np.ones(len(stored["query_tokens"]), np.float32),
            stored["query_offsets"],
        )
        self.code = Bags(stored["code_tokens"].astype(np.int32), stored["code_counts"], stored["code_offsets"])
        self.path = Bags(
            stored["path_tokens"].astype(np.int32),
            np.ones(len(stored["path_tokens"]), np.float32),
            stored["path_offsets"],
        )
        self.project, self.file, self.chunk = (stored[f"{name}_number"] for name in ("project", "file", "chunk"))
        self.query_number, self.kind, self.language = (
            stored[f"{name}_number"] for name in ("query", "kind", "language")
        )
        self.kinds, self.languages = list(stored["kinds"]), list(stored["languages"])
        self.frequency = stored["frequency"]


def gather(bags: Bags, rows: NDArray[np.int64]) -> Bags:
    """The bags of some rows, in their order."""
    lengths = bags.offsets[rows + 1] - bags.offsets[rows]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    entries = np.repeat(bags.offsets[rows] - offsets[:-1], lengths) + np.arange(offsets[-1])
    return Bags(bags.tokens[entries], bags.factors[entries], offsets)


def drop(bags: Bags, share: float, rng: np.random.Generator) -> Bags:
    """The bags with a share of their entries counted for nothing."""
    kept = (rng.random(len(bags.tokens), dtype=np.float32) >= share).astype(np.float32)
    return Bags(bags.tokens, bags.factors * kept, bags.offsets)


def joined(left: Bags, right: Bags, chosen: NDArray[np.bool_]) -> Bags:
    """Row by row the entries of `left`, and those of `right` too where chosen."""
    left_lengths, right_lengths = np.diff(left.offsets), np.diff(right.offsets)
    added = right_lengths * chosen
    offsets = np.concatenate([[0], np.cumsum(left_lengths + added)]).astype(np.int64)
    tokens, factors = np.empty(offsets[-1], np.int32), np.empty(offsets[-1], np.float32)
    places = np.repeat(offsets[:-1] - left.offsets[:-1], left_lengths) + np.arange(len(left.tokens))
    tokens[places], factors[places] = left.tokens, left.factors
    kept = np.repeat(chosen, right_lengths)
    starts = np.concatenate([[0], np.cumsum(added)])
    places = np.repeat(offsets[:-1] + left_lengths - starts[:-1], added) + np.arange(starts[-1])
    tokens[places], factors[places] = right.tokens[kept], right.factors[kept]
    return Bags(tokens, factors, offsets)


def without_shared(code: Bags, query: Bags, chosen: NDArray[np.bool_]) -> Bags:
    """The codes of the chosen rows without the tokens that their queries have."""

    def keys(bags: Bags) -> NDArray[np.int64]:
        return np.repeat(np.arange(len(bags)), np.diff(bags.offsets)) * 65536 + bags.tokens

    lost = np.isin(keys(code), keys(query)) & np.repeat(chosen, np.diff(code.offsets))
    return Bags(code.tokens, np.where(lost, np.float32(0), code.factors), code.offsets)


def normalised(sums: Floats) -> tuple[Floats, Floats]:
    """Vectors of length 1 and the lengths they had."""
    lengths = np.linalg.norm(sums, axis=1, keepdims=True) + np.float32(1e-9)
    return sums / lengths, lengths


class Trainer:
    """The vectors and all that changes while they are trained."""

    def __init__(self, work: Path, settings: Settings) -> None:
        self.settings = settings
        self.rng = np.random.default_rng(settings.seed)
        self.kernel = Kernel(work)
        self.pairs = Pairs(work)
        tokens = len(self.pairs.frequency)
        share = self.pairs.frequency / self.pairs.frequency.sum()
        vectors = self.rng.normal(size=(tokens, settings.dimensions)).astype(np.float32)
        self.vectors, _ = normalised(vectors)
        self.weights = np.log(settings.rarity / (settings.rarity + share)).astype(np.float32)
        self.table = np.ascontiguousarray(self.vectors * np.exp(self.weights)[:, None])
        self.gradient = np.zeros_like(self.vectors)
        # Adam's averages: of the vectors and of the weights.
        self.averages = [np.zeros_like(array) for array in (self.vectors, self.vectors, self.weights, self.weights)]
        self.step = 0
        self.templates = self.template_bags(work)
        self.path_kind = self.pairs.kinds.index("path") if "path" in self.pairs.kinds else -1
        # Kinds of queries that ask for a file rather than for one of its definitions.
        broad = np.isin(self.pairs.kinds, ("path", "header", "guide")) | (not settings.same_file_negatives)
        self.broad_kind = broad.astype(np.int32)
        projects = np.unique(self.pairs.project)
        self.aside = np.random.default_rng(1).choice(
            projects, max(1, int(settings.aside * len(projects))), replace=False
        )

    @staticmethod
    def template_bags(work: Path) -> Bags:
        """The tokens of the templates."""
        tokenizer = Tokenizer.from_file(str(work / "tokenizer.json"))
        rows = [tokenizer.encode(template, add_special_tokens=False).ids for template in TEMPLATES]
        tokens = np.array([token for row in rows for token in row], np.int32)
        offsets = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
        return Bags(tokens, np.ones(len(tokens), np.float32), offsets)

    def batches(self) -> list[NDArray[np.int64]]:
        """The pairs of one epoch: groups of one project each, mixed anew."""
        settings, pairs = self.settings, self.pairs
        rows = np.flatnonzero(~np.isin(pairs.project, self.aside))
        rows = self.rng.permutation(rows)
        rows = rows[np.argsort(pairs.project[rows], kind="stable")]
        groups: list[NDArray[np.int64]] = []
        for members in np.split(rows, np.flatnonzero(np.diff(pairs.project[rows])) + 1):
            ordered = members
            if self.rng.random() < settings.neighbours:
                ordered = members[np.argsort(pairs.file[members], kind="stable")]
            groups += [ordered[start : start + settings.group] for start in range(0, len(ordered), settings.group)]
        mixed = np.concatenate([groups[number] for number in self.rng.permutation(len(groups))])
        return [
            mixed[start : start + settings.batch] for start in range(0, len(mixed) - settings.batch + 1, settings.batch)
        ]

    def texts(self, rows: NDArray[np.int64]) -> tuple[Bags, Bags]:
        """Queries and codes of some pairs, varied as the settings say."""
        settings, pairs, rng = self.settings, self.pairs, self.rng
        query, code = gather(pairs.query, rows), gather(pairs.code, rows)
        if settings.shared_dropout:
            code = without_shared(code, query, rng.random(len(rows)) < settings.shared_dropout)
        query, code = drop(query, settings.token_dropout, rng), drop(code, settings.token_dropout, rng)
        template = gather(self.templates, rng.integers(0, len(self.templates), len(rows)))
        query = joined(query, template, rng.random(len(rows)) < settings.template_share)
        # A query that is the path would be answered by the path alone.
        with_path = (rng.random(len(rows)) < settings.path_share) & (pairs.kind[rows] != self.path_kind)
        return query, joined(code, gather(pairs.path, pairs.file[rows].astype(np.int64)), with_path)

    def train_batch(self, rows: NDArray[np.int64], progress: float) -> float:
        """One step; `progress` is the share of all steps done. Returns the loss."""
        settings, pairs = self.settings, self.pairs
        query_bags, code_bags = self.texts(rows)
        query, query_lengths = normalised(self.kernel.sum_tokens(self.table, query_bags))
        code, code_lengths = normalised(self.kernel.sum_tokens(self.table, code_bags))
        cosines = query @ code.T
        broad = self.broad_kind[pairs.kind[rows]]
        numbers = (pairs.chunk[rows], pairs.query_number[rows], pairs.file[rows], broad)
        loss = self.kernel.contrast(cosines, numbers, 1 / settings.temperature)
        query_gradient, code_gradient = cosines @ code, cosines.T @ query
        # Only what is at right angles to a vector changes its direction.
        query_gradient -= (query_gradient * query).sum(1, keepdims=True) * query
        code_gradient -= (code_gradient * code).sum(1, keepdims=True) * code
        gradient = np.concatenate([query_gradient / query_lengths, code_gradient / code_lengths])
        both = Bags(
            np.concatenate([query_bags.tokens, code_bags.tokens]),
            np.concatenate([query_bags.factors, code_bags.factors]),
            np.concatenate([query_bags.offsets[:-1], code_bags.offsets + query_bags.offsets[-1]]),
        )
        tokens = self.kernel.spread_gradient(gradient, both, self.gradient)
        self.step += 1
        scale = min(1.0, self.step / 50) * max(0.02, 0.5 * (1 + np.cos(np.pi * progress)))
        arrays = [self.vectors, self.weights, self.table, *self.averages, self.gradient]
        self.kernel.adam(arrays, tokens, (settings.rate * scale, settings.weight_rate * scale), self.step)
        return loss

    def look(self) -> str:
        """The mean reciprocal rank of the right definition within each project kept aside, by kind of query."""
        pairs = self.pairs
        ranks: dict[str, list[float]] = {}
        for project in self.aside:
            rows = np.flatnonzero(pairs.project == project)[:3000]
            if len(rows) < 50:
                continue
            code_bags = joined(
                gather(pairs.code, rows),
                gather(pairs.path, pairs.file[rows].astype(np.int64)),
                np.ones(len(rows), bool),
            )
            query, _ = normalised(self.kernel.sum_tokens(self.table, gather(pairs.query, rows)))
            code, _ = normalised(self.kernel.sum_tokens(self.table, code_bags))
            cosines = query @ code.T
            rank = (cosines > np.diag(cosines)[:, None]).sum(1) + 1
            for kind, value in zip(pairs.kind[rows], rank, strict=True):
                ranks.setdefault(pairs.kinds[kind], []).append(1 / value)
        return ", ".join(f"{kind} {np.mean(values):.3f}" for kind, values in sorted(ranks.items()))


def train(work: Path, settings: Settings) -> None:
    """Trains and writes `work`/vectors.npy, f32 [tokens, dimensions], weights multiplied in."""
    trainer = Trainer(work, settings)
    start = time.time()
    steps = 0
    total = len(trainer.batches()) * settings.epochs
    print(settings)
    for epoch in range(settings.epochs):
        losses = []
        for rows in trainer.batches():
            losses.append(trainer.train_batch(rows, min(1.0, steps / max(1, total))))
            steps += 1
        print(f"epoch {epoch}: loss {np.mean(losses):.3f}, {time.time() - start:.0f} s; {trainer.look()}", flush=True)
    trainer.table[:2] = 0
    np.save(work / "vectors.npy", trainer.table)
