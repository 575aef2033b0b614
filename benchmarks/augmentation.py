"""Measure whether more kinds of training text help, by one learned signal and an engine and stories kept out.

The signal ``wording`` is trained on whole examples, and again with copies of them beside them: cut into passages, as
``train.py`` does, misspelt, machine text put right at a tenth of its words, or with running news as further originals. Each is
asked about texts as they are, misspelt, and put right. A first look that takes minutes: what helps here must still show in the
whole detector, trained and evaluated anew.

Run: python benchmarks/augmentation.py CORPUS [--engines google nllb] [--jobs 2]
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import disturbances
import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from sklearn.svm import LinearSVC

from retold.detector.components import ModelComponents
from retold.detector.verdict import BACK_TRANSLATED, ORIGINAL
from retold.language_model import LanguageModel
from retold.language_model.batch import Batch
from retold.model_store import bundled_model, read_model
from retold.signals.ngrams.words import WordNgrams
from retold.text import analyse
from retold.training.data import labels as targets
from retold.training.data.checks import check_examples
from retold.training.data.examples import LabelledText, read_examples
from retold.training.data.feature_store import _describe
from retold.training.data.segments import count_passages
from retold.training.data.splits import FOLDS, held_out_engine
from retold.training.evaluation import metrics
from retold.training.evaluation.tables import HEADLINE_WORDS, markdown
from retold.training.fit.language_model import _articles
from retold.training.fit.ngram_classifiers import _C, _ITERATIONS, _TOLERANCE, _with_passages

_SEED = 20
_CHUNK = 500
# Which of the articles of running news are taken: every tenth.
_NEWS_STEP = 10
_MISSPELT, _PUT_RIGHT = 0.03, 0.1
_HEAD = ["trained on", "asked about", "engine kept out", "AUROC", "TPR at 1% FPR", "AUROC, under 150 words"]

Counts = csr_matrix
# Rows of the table, their answers and their weights, (n,) each; and the same with what is seen of the rows in their place.
Asked = tuple[NDArray[np.intp], NDArray[np.int8], NDArray[np.float64]]
Taught = tuple[Counts, NDArray[np.int8], NDArray[np.float64]]


@dataclass(frozen=True)
class Copies:
    """Further examples: ``counts`` (n, n_columns), and the row ``of`` the table that each was made from, intp (n,)."""

    counts: Counts
    of: NDArray[np.intp]


def main(argv: list[str] | None = None) -> None:
    """Read the arguments, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument("--engines", nargs="+", default=["google", "nllb"], help="engines to keep out in turn")
    parser.add_argument(
        "--cache", type=Path, default=Path(".cache/retold"), help="finished steps, shared with train.py"
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    args = parser.parse_args(argv)
    examples = check_examples(read_examples([args.corpus])).examples
    news = _articles(args.corpus / "news.txt.xz")[::_NEWS_STEP]
    print(study(examples, news, args.engines, args.cache, args.jobs))


def study(examples: Sequence[LabelledText], news: Sequence[str], engines: Sequence[str], cache: Path, jobs: int) -> str:
    """The table of figures, Markdown."""
    folder = read_model(bundled_model())
    model = ModelComponents.from_folder(folder).language_model
    table = _describe(examples).assign(n_words=[len(example.text.split()) for example in examples])
    texts = [example.text for example in examples]
    plain = count(texts, model, jobs)
    misspelt = _misspelt(texts, model, jobs)
    put_right = _put_right(examples, table, model, jobs)
    cut = count_passages(texts, model, cache, jobs, print)
    passages = Copies(cut.views[WordNgrams.name], cut.of)
    more = count(news, model, jobs)
    asks = {"texts as they are": None, "misspelt": misspelt, "put right": put_right}
    ways: Mapping[str, Callable[[Asked], Taught]] = {
        "the examples": lambda asked: (plain[asked[0]], asked[1], asked[2]),
        "and misspelt copies": lambda asked: with_copies(plain, misspelt, asked),
        "and copies put right": lambda asked: with_copies(plain, put_right, asked),
        "and their passages": lambda asked: with_copies(plain, passages, asked),
        "and running news": lambda asked: with_originals(plain, more, asked),
    }
    rows = []
    for way, examples_of in ways.items():
        for engine in engines:
            scores = scored(table, plain, engine, examples_of, asks)
            rows += [[way, asked, engine, *figures(table, found, engine)] for asked, found in scores.items()]
    return markdown(_HEAD, rows)


def count(texts: Sequence[str], model: LanguageModel, jobs: int) -> Counts:
    """What ``wording`` sees of texts, float32 (n, n_columns)."""
    chunks = [texts[start : start + _CHUNK] for start in range(0, len(texts), _CHUNK)]
    return vstack(Parallel(n_jobs=jobs)(delayed(_counted)(chunk, model) for chunk in chunks), format="csr")


def _counted(texts: Sequence[str], model: LanguageModel) -> Counts:
    return WordNgrams.count(Batch([analyse(text) for text in texts], model))


def _misspelt(texts: Sequence[str], model: LanguageModel, jobs: int) -> Copies:
    chance, disturb = random.Random(_SEED), disturbances.misspellings(_MISSPELT)  # noqa: S311  # drawn, not secret
    return Copies(count([disturb(text, chance) for text in texts], model, jobs), np.arange(len(texts)))


def _put_right(examples: Sequence[LabelledText], table: pd.DataFrame, model: LanguageModel, jobs: int) -> Copies:
    """Round trips of news with a tenth of their words as in their originals."""
    originals = {e.group: e.text for e in reversed(examples) if e.label == ORIGINAL}
    chosen = (table["label"] == BACK_TRANSLATED) & (table["n_words"] >= HEADLINE_WORDS) & (table["domain"] == "news")
    rows = np.flatnonzero(chosen & table["group"].isin(set(originals)))
    chance = random.Random(_SEED)  # noqa: S311  # drawn, not secret
    texts = [
        disturbances.repaired(examples[i].text, originals[examples[i].group], _PUT_RIGHT, chance) for i in rows.tolist()
    ]
    return Copies(count(texts, model, jobs), rows)


def with_copies(plain: Counts, copies: Copies, asked: Asked) -> Taught:
    """Examples with their copies; an example and all its copies weigh what it weighed alone, half of it the copies."""
    rows, answer, weight = asked
    mine, of, shared = _with_passages(copies.of, rows, weight)
    return vstack([plain[rows], copies.counts[mine]], format="csr"), answer[of], shared


def with_originals(plain: Counts, more: Counts, asked: Asked) -> Taught:
    """Examples with running news as originals, which together weigh half of what the other originals weigh."""
    rows, answer, weight = asked
    extra = np.full(more.shape[0], weight[answer == 0].sum() / 2 / more.shape[0])
    heavier = np.where(answer == 1, weight * 1.5, weight)
    answers = np.concatenate([answer, np.zeros(more.shape[0], np.int8)])
    return vstack([plain[rows], more], format="csr"), answers, np.concatenate([heavier, extra])


def scored(
    table: pd.DataFrame,
    plain: Counts,
    engine: str,
    examples_of: Callable[[Asked], Taught],
    asks: Mapping[str, Copies | None],
) -> dict[str, NDArray[np.float64]]:
    """For each way of asking, the score of every text that can be judged, float64 (n,), NaN for the others."""
    out = held_out_engine(table, engine)
    fold, family = table["fold"].to_numpy(), table["family"].to_numpy()
    scores = {name: np.full(len(table), np.nan) for name in asks}
    for k in range(FOLDS):
        coef, intercept = _fitted(*examples_of(_asked(table, np.flatnonzero((fold != k) & ~out))))
        test = np.flatnonzero((fold == k) & ((family == engine) | (family == "")))
        for name, copies in asks.items():
            scores[name][test] = plain[test] @ coef + intercept
            if copies is not None:
                mine = np.flatnonzero(np.isin(copies.of, test))
                scores[name][copies.of[mine]] = copies.counts[mine] @ coef + intercept
    return scores


def _asked(table: pd.DataFrame, rows: NDArray[np.intp]) -> Asked:
    chosen = table.iloc[rows]
    answer = targets.answers(chosen, "machine")
    asked = answer >= 0
    return rows[asked], answer[asked], targets.weights(chosen[asked], answer[asked])


def _fitted(counts: Counts, answer: NDArray[np.int8], weight: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    model = LinearSVC(C=_C, tol=_TOLERANCE, max_iter=_ITERATIONS, dual=True, random_state=_SEED)
    model.fit(counts, answer, sample_weight=weight)
    return model.coef_[0], float(model.intercept_[0])


def figures(table: pd.DataFrame, score: NDArray[np.float64], engine: str) -> list[float]:
    """AUROC and TPR at 1% FPR on news of 150 words and more, and AUROC below, against the originals of the same stories."""
    known = ~np.isnan(score)
    machine = known & (table["label"] == BACK_TRANSLATED).to_numpy() & (table["family"] == engine).to_numpy()
    original = known & (table["label"] == ORIGINAL).to_numpy()
    news = ((table["domain"] == "news") & (table["n_words"] >= HEADLINE_WORDS)).to_numpy()
    short = (table["n_words"] < HEADLINE_WORDS).to_numpy()
    return [
        metrics.auroc(score[_same(table, original & news, machine & news)], score[machine & news]),
        metrics.true_positives_at(score[original & news], score[machine & news], 0.01),
        metrics.auroc(score[_same(table, original & short, machine & short)], score[machine & short]),
    ]


def _same(table: pd.DataFrame, original: NDArray[np.bool_], machine: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Those originals whose stories are among the round trips, too."""
    return np.asarray(original & table["group"].isin(set(table["group"][machine])).to_numpy())


if __name__ == "__main__":
    main()
