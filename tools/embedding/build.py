"""Builds pampax's static code-embedding model from nothing: fetch, mine, vocabulary, encode, train, export, evaluate.

    python tools/embedding/build.py --work DIR [--stage fetch mine …] [--held-out TREES] [--set epochs=3 …]

Needs NumPy, safetensors and tokenizers, a C compiler, and the clients of the registries. See README.md.
"""

import argparse
import dataclasses
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from encode import encode
from evaluate import evaluate
from export import export
from fetch import fetch
from mine import mine
from train import Settings, train
from vocabulary import TOKENS, build_vocabulary

STAGES = ("fetch", "mine", "vocabulary", "encode", "train", "export", "evaluate")


def settings_of(changes: list[str]) -> Settings:
    """The settings of training with changes like `epochs=2`."""
    kinds = {field.name: type(field.default) for field in dataclasses.fields(Settings)}
    values = {}
    for change in changes:
        name, _, value = change.partition("=")
        if name not in kinds:
            raise SystemExit(f"there is no setting {name}; there are: {', '.join(kinds)}")
        values[name] = value in {"1", "true", "yes"} if kinds[name] is bool else kinds[name](value)
    return Settings(**values)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder for downloads, arrays and the model")
    parser.add_argument("--stage", nargs="+", choices=STAGES, default=STAGES, help="stages to run (all)")
    parser.add_argument("--model", type=Path, help="folder of the model (WORK/model)")
    parser.add_argument("--held-out", type=Path, help="trees that are measured on: files that share lines are left out")
    parser.add_argument("--lock", action="store_true", help="write versions, licences and checksums into sources.toml")
    parser.add_argument("--registries", default="", help="fetch from these registries only, with commas between them")
    parser.add_argument("--tokens", type=int, default=TOKENS, help="size of the vocabulary")
    parser.add_argument("--set", nargs="+", default=[], metavar="NAME=VALUE", help="settings of training, see train.py")
    options = parser.parse_args()
    work: Path = options.work.resolve()
    model: Path = options.model or work / "model"
    work.mkdir(parents=True, exist_ok=True)
    for stage in (stage for stage in STAGES if stage in options.stage):
        start = time.time()
        match stage:
            case "fetch":
                fetch(work, options.lock, options.registries)
            case "mine":
                mine(work, options.held_out)
            case "vocabulary":
                build_vocabulary(work, options.tokens)
            case "encode":
                encode(work)
            case "train":
                train(work, settings_of(options.set))
            case "export":
                export(work, model)
            case "evaluate":
                evaluate(work, model)
        print(f"stage {stage}: {time.time() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
