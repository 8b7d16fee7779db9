"""Fitting the weights of the ranker to labelled questions: what `pampax train-ranker` does.

The model: the score of a candidate is features times weights, the probability of a candidate the softmax of the scores
of all candidates of its question (of the best candidate of each file, where files are judged), the loss the negative
logarithm of the probability of the right ones (ListNet with one target: Z. Cao et al., "Learning to rank: from pairwise
approach to listwise approach", ICML 2007), with an L2 penalty that pulls weights to zero, and those
of an intent to those of all.

A question's weights are those of its intent plus what each form adds, in the shares that the model of forms says. That
model is fitted here too, for each part on the repositories that are not left out.

Every figure is for repositories that were left out of the fit. Fitting needs SciPy (`pampax[train]`).
"""

from pampax.training.candidates import Candidates, ask
from pampax.training.figures import held_out, ranked
from pampax.training.labelled_sets import FORMS, JUDGES, LabelledRepository, SetError, read_sets
from pampax.training.weights import FORM_PENALTIES, PENALTIES, RULED, RULES, Weights, forms_text, weights_text

__all__ = [
    "FORMS",
    "FORM_PENALTIES",
    "JUDGES",
    "PENALTIES",
    "RULED",
    "RULES",
    "Candidates",
    "LabelledRepository",
    "SetError",
    "Weights",
    "ask",
    "forms_text",
    "held_out",
    "ranked",
    "read_sets",
    "weights_text",
]
