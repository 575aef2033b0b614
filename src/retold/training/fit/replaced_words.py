"""Learn from running news which words do not fit where they stand: a share of them is exchanged, and a network finds which.

Dense layers are fitted by Adam (Kingma and Ba 2015), word vectors by Adagrad with one rate a word (Duchi et al. 2011), since most words
of a vocabulary are rare.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from retold.detector.replaced_words import NEAR, ReplacedWordDetector
from retold.language_model import LanguageModel
from retold.training.fit.exchanged_news import Exchange, News, read_news, stretches

_SEED = 0
# Sizes of a word's vector and of the hidden layers, by judgement: 5 MB of model.
_VECTOR, _HIDDEN, _SECOND = 48, 96, 32
# How often each of the words of content is judged, exchanged or not, on average; and words judged in one step.
_PASSES, _STEP = 12, 4_096
# Last tokens of the news, which are not learned from, and words of them that the progress is measured on.
_HELD_OUT, _MEASURED = 400_000, 20_000
# Rates at the start, which fall in a line to a fiftieth, and deviation of vectors before they are learned. By trial: after ten million
# words, vectors of 0.5, 0.1, 0.1 and 0.03 at rates of 0.03, 0.03, 0.1 and 0.2 tell exchanged words with AUROC 0.55, 0.78, 0.84 and 0.85.
_RATE, _VECTOR_RATE, _LEAST = 2e-3, 0.2, 0.02
_SCALE = 0.03
# Of Adam, as its authors propose.
_FIRST_MOMENT, _SECOND_MOMENT, _TINY = 0.9, 0.999, 1e-8
# Examples between two lines of progress.
_REPORTED = 5_000_000

Report = Callable[[str], None]


def fit_replaced_words(news: Path, model: LanguageModel, jobs: int, report: Report) -> ReplacedWordDetector:
    """Fit the network to running news.

    Args:
        news: Running news, as for the language model.
        model: Gives the vocabulary.
        jobs: Processes that read the news.
        report: Receives lines of progress.
    """
    rng = np.random.default_rng(_SEED)
    read = read_news(news, model, jobs)
    examples = _PASSES * int(read.is_content.sum())
    report(f"learning which words fit from {int(read.is_content.sum()):,} words of news")
    exchange = Exchange(read, model.vocabulary.words)
    learned = read.part(0, max(len(read.ids) - _HELD_OUT, len(read.ids) // 2))
    held_out = read.part(len(learned.ids), len(read.ids))
    fitting = _Fitting(_initial(len(model.vocabulary), rng), examples)
    for stretch in stretches(learned, examples, rng):
        fitting.learn(*exchange(stretch, rng), rng)
        if fitting.seen // _REPORTED > (fitting.seen - fitting.last) // _REPORTED:
            area = _area(fitting.network, *exchange(held_out, np.random.default_rng(_SEED)))
            report(f"{fitting.seen:,} of {examples:,} words judged; AUROC of exchanged words {area:.3f}")
    return ReplacedWordDetector.from_arrays(fitting.network.arrays())


def _initial(n_words: int, rng: np.random.Generator) -> ReplacedWordDetector:
    """Small random vectors, and layers as He et al. 2015 propose for rectified linear units."""
    vectors = rng.normal(size=(n_words + 1, _VECTOR)) * _SCALE
    vectors[-1] = 0
    sizes = ((2 * NEAR + 2) * _VECTOR, _HIDDEN, _SECOND, 1)
    first, second, output = (rng.normal(size=(n, m)) * np.sqrt(2 / n) for n, m in pairwise(sizes))
    arrays = (vectors, first, np.zeros(_HIDDEN), second, np.zeros(_SECOND), output[:, 0], np.zeros(1))
    return ReplacedWordDetector(*(array.astype(np.float32) for array in arrays))


class _Fitting:
    """Fits a network in place, step by step.

    Args:
        network: Where to begin.
        examples: Words that will be judged in all, over which the rates fall.
    """

    def __init__(self, network: ReplacedWordDetector, examples: int) -> None:
        self.network = network
        self.seen = self.last = 0
        self._examples = examples
        n = network
        self._dense = [n.first, n.first_bias, n.second, n.second_bias, n.output, n.output_bias]
        self._moments = [(np.zeros_like(a), np.zeros_like(a)) for a in self._dense]
        self._squares = np.full(len(n.vectors), 1e-6, dtype=np.float32)
        self._steps = 0

    def learn(
        self, news: News, places: NDArray[np.intp], exchanged: NDArray[np.bool_], rng: np.random.Generator
    ) -> None:
        """One pass over the words at these places, in random order."""
        near, topics = self.network.inputs(news.ids, news.is_content, places)
        order = rng.permutation(len(places))
        self.last = len(order)
        for start in range(0, len(order), _STEP):
            rows = order[start : start + _STEP]
            self._step(near[rows], topics[rows], exchanged[rows])
        self.seen += len(order)

    def _step(self, near: NDArray[np.int32], topics: NDArray[np.float32], exchanged: NDArray[np.bool_]) -> None:
        seen, first, second, log_odds = self.network.layers(near, topics)
        wrong = ((expit(log_odds) - exchanged) / len(near)).astype(np.float32)
        to_second = np.outer(wrong, self.network.output) * (second > 0)
        to_first = (to_second @ self.network.second.T) * (first > 0)
        gradients = [seen.T @ to_first, to_first.sum(0), first.T @ to_second, to_second.sum(0), second.T @ wrong]
        gradients.append(wrong.sum(keepdims=True))
        to_vectors = to_first @ self.network.first[: near.shape[1] * _VECTOR].T
        rate = max(1 - self.seen / self._examples, _LEAST)
        self._adam(gradients, _RATE * rate)
        self._adagrad(near.ravel(), to_vectors.reshape(-1, _VECTOR), _VECTOR_RATE * rate)

    def _adam(self, gradients: Sequence[NDArray[np.float32]], rate: float) -> None:
        self._steps += 1
        correct = [1 - moment**self._steps for moment in (_FIRST_MOMENT, _SECOND_MOMENT)]
        for array, gradient, (mean, square) in zip(self._dense, gradients, self._moments, strict=True):
            mean += (1 - _FIRST_MOMENT) * (gradient - mean)
            square += (1 - _SECOND_MOMENT) * (gradient**2 - square)
            array -= np.float32(rate) * (mean / correct[0]) / (np.sqrt(square / correct[1]) + _TINY)

    def _adagrad(self, words: NDArray[np.int32], gradients: NDArray[np.float32], rate: float) -> None:
        rows, number = np.unique(words, return_inverse=True)
        one = np.ones(len(words), dtype=np.float32)
        added = csr_matrix((one, (number, np.arange(len(words)))), shape=(len(rows), len(words))) @ gradients
        self._squares[rows] += (added**2).mean(axis=1)
        self.network.vectors[rows] -= np.float32(rate) * added / np.sqrt(self._squares[rows])[:, None]
        self.network.vectors[-1] = 0


def _area(network: ReplacedWordDetector, news: News, places: NDArray[np.intp], exchanged: NDArray[np.bool_]) -> float:
    """AUROC of exchanged words among the others; nan where there are not both."""
    rows = np.linspace(0, len(places) - 1, min(_MEASURED, len(places))).astype(int)
    near, topics = network.inputs(news.ids, news.is_content, places[rows])
    if len(set(exchanged[rows].tolist())) < 2:
        return float("nan")
    return float(roc_auc_score(exchanged[rows], network.layers(near, topics)[-1]))
