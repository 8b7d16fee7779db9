from __future__ import annotations

import argparse
import csv
import sys
from datetime import date

from .occupancy import Observation, OccupancyModel


def read(path: str) -> list[Observation]:
    with open(path, newline="", encoding="utf-8") as file:
        return [
            Observation(row["route"], date.fromisoformat(row["day"]), row["departure"], float(row["share"]))
            for row in csv.DictReader(file)
        ]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("history")
    parser.add_argument("--route", required=True)
    parser.add_argument("--departure", required=True)
    parser.add_argument("--day", type=date.fromisoformat, default=date.today())
    options = parser.parse_args()
    model = OccupancyModel()
    model.learn(read(options.history))
    expected = model.predict(options.route, options.departure, options.day)
    print(f"{expected:.0%}")
    if expected > 0.95:
        print("put on an extra ship", file=sys.stderr)
    return 0
