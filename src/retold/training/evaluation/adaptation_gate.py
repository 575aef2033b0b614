"""The quality gate of an adapted model: first how it does on one's own held-out articles, then what it forgets.

It is refused only if it is worse on both. Doing better on one's own articles is what it was adapted for, and costs
something elsewhere; a model that does worse on both has learned nothing but mistakes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retold.detector.verdict import LABELS
from retold.errors import InputError
from retold.training.adapting import AdaptedModel
from retold.training.evaluation import metrics

# Macro-F1 that may be lost on the stored examples before the model counts as worse on them; as in ``quality_gate``.
_FORGOTTEN = 0.02
# Doubtful labels named in the message of a refusal; all are in the notes.
_SHOWN = 10


@dataclass(frozen=True)
class GateReport:
    """What the gate measured.

    Attributes:
        n_own: One's own articles.
        own: Macro-F1 on them, before and after, held out.
        own_loss: Mean negative log-probability of their labels, before and after, held out.
        n_stored: The stored examples.
        stored: Macro-F1 on them at a uniform prior, before and after.
    """

    n_own: int
    own: tuple[float, float]
    own_loss: tuple[float, float]
    n_stored: int
    stored: tuple[float, float]

    @property
    def is_worse_on_own(self) -> bool:
        """True if the labels of held-out articles are predicted worse than before."""
        return self.own_loss[1] > self.own_loss[0]

    @property
    def is_worse_on_stored(self) -> bool:
        """True if more was forgotten than is usual."""
        return self.stored[1] < self.stored[0] - _FORGOTTEN

    def __str__(self) -> str:
        return (
            f"on your {self.n_own:,} articles, each held out in turn: macro-F1 {self.own[1]:.3f}, was {self.own[0]:.3f}; log loss "
            f"{self.own_loss[1]:.3f}, was {self.own_loss[0]:.3f}; on {self.n_stored:,} stored examples of the old model's training: "
            f"macro-F1 {self.stored[1]:.3f}, was {self.stored[0]:.3f}"
        )


def measure(adapted: AdaptedModel) -> GateReport:
    """Measure an adapted model beside the one before."""
    table, features = adapted.trained.replay
    n_stored = len(table) - len(adapted.labels)
    judged = np.flatnonzero(table["label"].iloc[:n_stored].isin(LABELS))
    truth = table["label"].to_numpy(object)[judged]
    classifiers = (adapted.base, adapted.trained.classifier)
    before, after = (_macro_f1(truth, c.probabilities(features[judged])) for c in classifiers)
    own = tuple(_macro_f1(adapted.labels, p) for p in (adapted.fit.alone, adapted.fit.held_out))
    loss = tuple(_log_loss(adapted.labels, p) for p in (adapted.fit.alone, adapted.fit.held_out))
    return GateReport(len(adapted.labels), (own[0], own[1]), (loss[0], loss[1]), len(judged), (before, after))


def enforce(report: GateReport, adapted: AdaptedModel, force: bool) -> str:
    """A note on what was measured, for the card.

    Raises:
        InputError: if the model is worse on both and ``force`` is False; it says so and names labels that look wrong.
    """
    is_refused = report.is_worse_on_own and report.is_worse_on_stored
    if is_refused and not force:
        doubted = "; ".join(map(str, adapted.doubtful[:_SHOWN]))
        raise InputError(
            f"the adapted model is worse on both and was not written: {report}. "
            + (f"Labels that look wrong: {doubted}. " if doubted else "")
            + "Correct what is wrong, or label more; to write the model all the same, add --force"
        )
    return f"gate {'NOT PASSED' if is_refused else 'passed'}: {report}"


def _macro_f1(labels: NDArray[np.object_], probabilities: NDArray[np.float64]) -> float:
    return metrics.macro_f1(labels, np.array(LABELS, dtype=object)[probabilities.argmax(axis=1)])


def _log_loss(labels: NDArray[np.object_], probabilities: NDArray[np.float64]) -> float:
    index = [LABELS.index(label) for label in labels]
    return float(-np.log(np.maximum(probabilities[np.arange(len(index)), index], 1e-12)).mean())
