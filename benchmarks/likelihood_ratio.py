"""Two 4-gram models by KenLM, of originals and of back-translations, whose likelihoods are compared."""

from __future__ import annotations

import importlib
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

# Probability that stands for none, as the format has it.
_NEVER = 1e-99
# What is taken from each count for n-grams that were not seen; the usual value.
_DISCOUNT = 0.75

Gram: TypeAlias = tuple[str, ...]


class LikelihoodRatio:
    """A classifier that compares how likely two 4-gram models find a text."""

    def fit(self, texts: Sequence[str], labels: NDArray[np.int64]) -> LikelihoodRatio:
        """Estimate a model from the texts of each label."""
        kenlm = importlib.import_module("kenlm")
        self._models = []
        with tempfile.TemporaryDirectory() as folder:
            for label in (0, 1):
                file = Path(folder, f"{label}.arpa")
                file.write_text(arpa([text for text, own in zip(texts, labels, strict=True) if own == label]))
                self._models.append(kenlm.Model(str(file)))
        return self

    def decision_function(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """float64 (n,): log10 of the ratio, a word."""
        return np.array([self._ratio(text) for text in texts])

    def _ratio(self, text: str) -> float:
        sentences = sentences_of(text)
        scores = [sum(model.score(sentence) for sentence in sentences) for model in self._models]
        return float(scores[1] - scores[0]) / max(len(text.split()), 1)


def arpa(texts: Sequence[str], order: int = 4) -> str:
    """An n-gram model with absolute discounting (Ney, Essen and Kneser 1994), as text in the format of ARPA."""
    counts = _counts(texts, order)
    # Where a sentence starts is given, never predicted.
    words = {word: count for word, count in counts[0].items() if word != ("<s>",)}
    total = sum(words.values())
    estimates = {word: (count - _DISCOUNT) / total for word, count in words.items()}
    estimates |= {("<unk>",): _DISCOUNT * len(words) / total, ("<s>",): _NEVER}
    probabilities, weights = [estimates], []
    for longer in counts[1:]:
        estimates, weight = _estimates(longer, probabilities[-1])
        probabilities.append(estimates)
        weights.append(weight)
    lines = ["\\data\\", *(f"ngram {n}={len(grams)}" for n, grams in enumerate(probabilities, start=1))]
    for n, (grams, weight) in enumerate(zip(probabilities, [*weights, {}], strict=True), start=1):
        lines += ["", f"\\{n}-grams:", *(_line(gram, p, weight) for gram, p in sorted(grams.items()))]
    return "\n".join([*lines, "", "\\end\\", ""])


def _counts(texts: Sequence[str], order: int) -> list[Counter[Gram]]:
    """How often each n-gram stands in the texts, by its length."""
    counts: list[Counter[Gram]] = [Counter() for _ in range(order)]
    for sentence in (["<s>", *s.split(), "</s>"] for text in texts for s in sentences_of(text)):
        for n in range(order):
            counts[n].update(tuple(sentence[i : i + n + 1]) for i in range(len(sentence) - n))
    return counts


def _estimates(counts: Counter[Gram], shorter: Mapping[Gram, float]) -> tuple[dict[Gram, float], dict[Gram, float]]:
    """The probability of each n-gram's last word after the others, and the weight of shorter n-grams after these."""
    total: Counter[Gram] = Counter()
    kinds: Counter[Gram] = Counter()
    lower: dict[Gram, float] = defaultdict(float)
    for gram, count in counts.items():
        total[gram[:-1]] += count
        kinds[gram[:-1]] += 1
        lower[gram[:-1]] += shorter[gram[1:]]
    estimates = {gram: (count - _DISCOUNT) / total[gram[:-1]] for gram, count in counts.items()}
    # Where every word that is known follows, nothing is left to the others.
    return estimates, {h: _DISCOUNT * kinds[h] / total[h] / max(1 - lower[h], 1e-6) for h in total}


def _line(gram: Gram, p: float, weights: Mapping[Gram, float]) -> str:
    weight = f"\t{np.log10(weights.get(gram, 1.0)):.6f}" if weights else ""
    return f"{np.log10(p):.6f}\t{' '.join(gram)}{weight}"


def sentences_of(text: str) -> list[str]:
    """The sentences of a text in lower case, roughly."""
    return [" ".join(s.lower().split()) for s in text.replace("\n", ". ").split(". ") if s.strip()]
