"""Random choices, names and sentences, the same on every machine."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, TypeVar

from pampax.benchmarks.corpus.vocabulary import NOUNS, QUALIFIERS, REASONS, VERBS, third_person

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Value = TypeVar("Value")

# Quantiles of a log-normal distribution with median 80 lines and sigma 1.0, at 0, 1/32, …, 1; the ends are cut. Written
# out because `math.exp` may differ in the last bit from one system to the next.
_LENGTH_QUANTILES = (
    8, 12, 17, 21, 25, 29, 33, 37, 41, 45, 49, 54, 58, 63, 69, 74, 80,
    86, 93, 101, 110, 119, 130, 142, 157, 174, 194, 219, 253, 299, 371, 515, 2000,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """A name as words, and the ways to write it."""

    words: tuple[str, ...]

    def written(self, case: str) -> str:
        """As `snake`, `camel`, `pascal`, `kebab` or `upper` (snake in capitals)."""
        match case:
            case "snake":
                return "_".join(self.words)
            case "pascal":
                return "".join(word.capitalize() for word in self.words)
            case "camel":
                return self.words[0] + "".join(word.capitalize() for word in self.words[1:])
            case "kebab":
                return "-".join(self.words)
            case "upper":
                return "_".join(self.words).upper()
        raise ValueError(case)


def _zipf_table(words: Sequence[str], size: int = 2048) -> tuple[str, ...]:
    """`size` words in which the word of rank r stands in proportion to 1/r, each at least once."""
    total = sum(1_000_000 // rank for rank in range(1, len(words) + 1))
    table = []
    for rank, word in enumerate(words, 1):
        table += [word] * max(1, size * (1_000_000 // rank) // total)
    return tuple(table)


NOUN_TABLE, VERB_TABLE, QUALIFIER_TABLE = _zipf_table(NOUNS), _zipf_table(VERBS), _zipf_table(QUALIFIERS)


class Chance:
    """Random choices from one stream of numbers."""

    __slots__ = ("random",)

    def __init__(self, *seed: object) -> None:
        self.random: Callable[[], float] = Random("/".join(map(str, seed))).random  # noqa: S311

    def pick(self, values: Sequence[Value]) -> Value:
        """One of `values`."""
        return values[int(self.random() * len(values))]

    def below(self, end: int) -> int:
        """A number from 0 to end - 1."""
        return int(self.random() * end)

    def often(self, probability: float) -> bool:
        """True with `probability`."""
        return self.random() < probability

    def length(self) -> int:
        """A file's length in lines."""
        place = self.random() * (len(_LENGTH_QUANTILES) - 1)
        left = int(place)
        low, high = _LENGTH_QUANTILES[left], _LENGTH_QUANTILES[left + 1]
        return low + int((high - low) * (place - left))


def sentence(chance: Chance, nouns: Sequence[str]) -> str:
    """One English sentence about the package's things, such as a developer writes above a function."""
    pick = chance.pick
    verb, other = third_person(pick(VERB_TABLE)).capitalize(), third_person(pick(VERB_TABLE))
    qualifier, one, two = pick(QUALIFIER_TABLE), pick(nouns), pick(nouns)
    match chance.below(6):
        case 0:
            return f"{verb} the {qualifier} {one} of a {two}."
        case 1:
            return f"{verb} each {qualifier} {one} and {other} its {two}."
        case 2:
            return f"{verb} the {one} {pick(REASONS)}."
        case 3:
            return f"{verb} a {two} for the {qualifier} {one} {pick(REASONS)}."
        case 4:
            return f"{verb} the {one} before the {two} {other} it."
    return f"{verb} every {one} whose {two} is {qualifier}."


def unique(chance: Chance, taken: set[tuple[str, ...]], make: Callable[[], tuple[str, ...]]) -> Words:
    """A name that `make` gives, with a qualifier more if it is taken; `taken` learns it."""
    words = make()
    while words in taken:
        words = (words[0], chance.pick(QUALIFIERS), *words[1:])
    taken.add(words)
    return Words(words)
