"""How full a sailing will be, from how full its like were."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from statistics import fmean


@dataclass(frozen=True)
class Observation:
    route: str
    day: date
    departure: str
    share: float


class OccupancyModel:
    def __init__(self, half_life_days: float = 60.0, prior: float = 0.45, prior_weight: float = 3.0) -> None:
        self.half_life_days = half_life_days
        self.prior = prior
        self.prior_weight = prior_weight
        self._history: dict[tuple[str, str, int], list[Observation]] = defaultdict(list)

    def learn(self, observations: list[Observation]) -> None:
        for seen in observations:
            self._history[seen.route, seen.departure, seen.day.weekday()].append(seen)

    def predict(self, route: str, departure: str, day: date) -> float:
        """Old sailings count less; with few of them the guess stays near the company's average."""
        weight, total = self.prior_weight, self.prior_weight * self.prior
        for seen in self._history.get((route, departure, day.weekday()), []):
            age = (day - seen.day).days
            if age <= 0:
                continue
            fading = 0.5 ** (age / self.half_life_days)
            weight += fading
            total += fading * seen.share
        return min(1.0, total / weight)


def mean_absolute_error(model: OccupancyModel, later: list[Observation]) -> float:
    return fmean(abs(model.predict(seen.route, seen.departure, seen.day) - seen.share) for seen in later)
