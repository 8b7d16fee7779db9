"""`pampax train-ranker`."""

from __future__ import annotations

import datetime as dt
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pampax.cli.figures import count_text
from pampax.cli.options import PampaxCommand
from pampax.configuration import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pampax._core import Repository
    from pampax.cli.request import Request
    from pampax.training import Candidates, LabelledRepository, Weights

EXAMPLES = """
pampax train-ranker --sets sets.toml --write ranker-vectors.toml --write-forms form.toml
pampax train-ranker --sets sets.toml --words-alone --penalty 1.5 --write ranker.toml
pampax train-ranker --set shop ../shop shop.jsonl --set till ../till till.jsonl --judge span
"""

PENALTIES_TRIED = (0.0, 0.3, 0.7, 1.0, 1.5, 2.0)


@click.command("train-ranker", cls=PampaxCommand, epilog=EXAMPLES)
@click.option("--sets", "sets_file", metavar="FILE", type=click.Path(),
              help="A list of sets of labelled questions, TOML or JSON.")  # fmt: skip
@click.option("--set", "given", metavar="NAME ROOT QUESTIONS", nargs=3, multiple=True,
              help="A repository and its labelled questions. May be given several times.")  # fmt: skip
@click.option("--judge", type=click.Choice(["hit", "span", "file"]), default="span", show_default=True,
              help="How the questions of --set are judged.")  # fmt: skip
@click.option("--strength", metavar="X", type=click.FloatRange(0), default=0.002, show_default=True,
              help="The pull of all weights to zero.")  # fmt: skip
@click.option("--own-strength", metavar="X", type=click.FloatRange(0), default=0.02, show_default=True,
              help="The pull of an intent's weights to the shared ones.")  # fmt: skip
@click.option("--form-strength", metavar="X", type=click.FloatRange(0), default=0.003, show_default=True,
              help="The pull to zero of what a form adds to the weights.")  # fmt: skip
@click.option("--penalty", metavar="X", type=click.FloatRange(0), default=1.0, show_default=True,
              help="What each earlier hit of a file takes from a score.")  # fmt: skip
@click.option("--words-alone", is_flag=True, help="Fit the weights for answers without vectors.")
@click.option("--write", "target", metavar="FILE", type=click.Path(),
              help="Write the weights, fitted to all repositories, to FILE.")  # fmt: skip
@click.option("--write-forms", "forms_target", metavar="FILE", type=click.Path(exists=True, dir_okay=False),
              help="Renew the weights of the model of forms in FILE; its lists of words stay.")  # fmt: skip
@click.pass_obj
def command(
    request: Request,
    sets_file: str | None,
    given: tuple[tuple[str, str, str], ...],
    judge: str,
    strength: float,
    own_strength: float,
    form_strength: float,
    penalty: float,
    words_alone: bool,
    target: str | None,
    forms_target: str | None,
) -> int:
    """Fit the weights of the ranker to labelled questions.

    The questions have the form that `pampax eval` reads. Every figure is for repositories that were left out of the
    fit, five parts of them in turn. Repositories are indexed in a temporary folder, or below --store to be kept.
    """
    try:
        from pampax.training.fit import fit_weights
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "scipy":
            raise
        raise ConfigurationError("fitting needs SciPy: python -m pip install 'pampax[train]'") from None
    from pampax import training
    from pampax.training.figures import folds_of

    repositories = _repositories(sets_file, given, judge)
    with ExitStack() as stack:
        store = request.configuration.optional_text("store")
        folder = Path(store or stack.enter_context(tempfile.TemporaryDirectory(prefix="pampax-train-")))
        found, names = training.ask(repositories, _opener(request, folder, words_alone), _teller(request))
    left_out = folds_of(found)
    if len(left_out) < 2:
        raise ConfigurationError("training needs two repositories with answered questions at least: one is left out")
    ruled = [names.index(name) for name in training.RULED if name in names]

    def fitted(questions: Sequence[Candidates]) -> Weights:
        return fit_weights(questions, len(names), strength, own_strength, form_strength, ruled)

    folds = []
    for number, held in enumerate(left_out, 1):
        folds.append((held, fitted([question for question in found if question.repository not in held])))
        request.notice(f"fitted {number} of {len(left_out)} without {', '.join(held)}")
    for tried in PENALTIES_TRIED:
        _draw_figures(request, f"penalty {tried}", training.held_out(found, folds, tried))
    figures = training.held_out(found, folds, penalty)
    _draw_figures(request, f"penalty {penalty}, chosen", figures)
    weights = fitted(found)
    _draw_weights(request, names, weights)
    request.log.add(questions=len(found), features=len(names))
    if target is not None:
        text = training.weights_text(names, weights, penalty, _provenance(found, figures, words_alone))
        Path(target).write_text(text, encoding="utf-8")
    if forms_target is not None:
        file = Path(forms_target)
        file.write_text(training.forms_text(file.read_text(encoding="utf-8"), weights), encoding="utf-8")
    return 0


def _repositories(sets_file: str | None, given: Sequence[tuple[str, str, str]], judge: str) -> list[LabelledRepository]:
    from pampax.training import JUDGES, LabelledRepository, read_sets

    if (sets_file is None) == (not given):
        raise click.UsageError("give either --sets FILE or --set NAME ROOT QUESTIONS", click.get_current_context())
    if sets_file is not None:
        return read_sets(sets_file)
    names = [name for name, _, _ in given]
    if len(set(names)) != len(names):
        raise click.UsageError("two repositories have the same name", click.get_current_context())
    judged = next(known for known in JUDGES if known == judge)
    return [LabelledRepository("questions", judged, name, Path(root), Path(path)) for name, root, path in given]


def _opener(request: Request, folder: Path, words_alone: bool) -> Callable[[LabelledRepository], Repository]:
    """Opens a repository without its own configuration files: figures are to depend on what is given here alone."""
    from pampax import _core

    options = request.open_arguments()
    if words_alone:
        options["vectors"] = False

    def opened(labelled: LabelledRepository) -> Repository:
        options["store"] = str(folder / f"{labelled.set}-{labelled.name}")
        repository = _core.open(labelled.root, **options)
        repository.index()
        return repository

    return opened


def _teller(request: Request) -> Callable[[LabelledRepository, int], None]:
    def tell(labelled: LabelledRepository, questions: int) -> None:
        request.notice(f"{labelled.set} {labelled.name}: {count_text(questions, 'question')}")

    return tell


def _draw_figures(request: Request, title: str, figures: Mapping[str, float]) -> None:
    values = "  ".join(f"{name} {value:.4f}" for name, value in figures.items())
    request.out.line(request.out.field(f"{title}: {values}"))


def _draw_weights(request: Request, names: Sequence[str], weights: Weights) -> None:
    """The weights of names, those shared by all other questions, and what each form adds; the heaviest first."""
    from pampax.training import FORMS

    shared = weights.intents["behaviour"]
    columns = {"symbol": weights.intents["symbol"], "shared": shared}
    columns |= {f"+{form}": weights.forms[at] for at, form in enumerate(FORMS)}
    request.out.line()
    request.out.line(f"{'':28s} " + "  ".join(f"{name[:12]:>12s}" for name in columns))
    for position in sorted(range(len(names)), key=lambda at: -abs(shared[at])):
        values = "  ".join(f"{column[position]:12.3f}" for column in columns.values())
        request.out.line(f"{names[position]:28s} {values}")


def _provenance(found: Sequence[Candidates], figures: Mapping[str, float], words_alone: bool) -> list[str]:
    """Where weights come from: date, data, and the figures on repositories left out."""
    from pampax import _core

    today = dt.datetime.now(dt.UTC).date().isoformat()
    sets: dict[str, list[Candidates]] = {}
    for question in found:
        sets.setdefault(question.set, []).append(question)
    data = ", ".join(
        f"{name} ({count_text(len(rows), 'question')}, {len({row.repository for row in rows})} repositories)"
        for name, rows in sets.items()
    )
    compared = "words alone" if words_alone else "with vectors"
    return [
        f"Fitted by pampax {_core.__version__} train-ranker on {today}, {compared}.",
        f"Data: {data}.",
        "Figures on repositories left out of the fit:",
        ", ".join(f"{name} {value:.3f}" for name, value in figures.items()),
    ]
