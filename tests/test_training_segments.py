"""Segments as further examples: what is cut, whose they are, and what they weigh."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

import retold
from retold.language_model.batch import Batch
from retold.signals.ngrams.hashing import BUCKETS
from retold.signals.registry import NGRAM_CLASSIFIERS
from retold.text import analyse
from retold.training.data.segments import WORDS, Segments, count_segments
from retold.training.fit.ngram_classifiers import fit_target, with_segments

SENTENCE = "The harbour master closed the port on Monday and two ferries turned back before the big storm. "
LONG = SENTENCE * (3 * WORDS // len(SENTENCE.split()))


@pytest.fixture(scope="module")
def model():
    return retold.load().components.language_model


def _silent(line: str) -> None:
    pass


def test_a_long_text_is_cut_and_a_short_one_is_not(model, tmp_path):
    found = count_segments([SENTENCE, LONG, "", LONG], model, tmp_path, 1, _silent)
    assert found.of.tolist() == [1, 1, 1, 3, 3, 3]
    assert all(found.ngram_counts[classifier.name].shape == (6, BUCKETS) for classifier in NGRAM_CLASSIFIERS)


def test_a_passage_is_counted_as_a_text_of_its_own(model, tmp_path):
    half = SENTENCE * 5
    found = count_segments([half + half], model, tmp_path, 1, _silent)
    alone = Batch([analyse(half)], model)
    for classifier in NGRAM_CLASSIFIERS:
        assert (found.ngram_counts[classifier.name] != classifier.count(alone)[[0, 0]]).nnz == 0


def test_finished_chunks_are_not_cut_again(model, tmp_path):
    first = count_segments([LONG], model, tmp_path, 1, _silent)
    (file,) = tmp_path.iterdir()
    file.touch()
    before = file.stat().st_mtime_ns
    again = count_segments([LONG], model, tmp_path, 1, _silent)
    assert file.stat().st_mtime_ns == before
    assert np.array_equal(first.of, again.of)
    assert (first.ngram_counts["grammar"] != again.ngram_counts["grammar"]).nnz == 0


def test_nothing_to_cut_is_no_passages(model, tmp_path):
    found = count_segments([SENTENCE, ""], model, tmp_path, 1, _silent)
    assert len(found.of) == 0
    assert found.ngram_counts["wording"].shape == (0, BUCKETS)


def test_a_row_weighs_with_its_passages_what_it_weighed_alone():
    mine, of, weight = with_segments(np.array([0, 0, 2, 5, 5]), np.array([5, 2, 1]), np.array([2.0, 3.0, 4.0]))
    assert mine.tolist() == [2, 3, 4]
    assert of.tolist() == [0, 1, 2, 1, 0, 0]
    assert np.bincount(of, weight).tolist() == [2.0, 3.0, 4.0]
    assert weight.tolist() == [1.0, 1.5, 4.0, 1.5, 0.5, 0.5]


def _table(n: int) -> pd.DataFrame:
    label = np.where(np.arange(n) % 2, "back-translated", "original")
    known = {"kind": "", "source": "s", "domain": "news", "family": "", "n_words": 300}
    return pd.DataFrame({"label": label, **known})


def _ones(columns: list[int]) -> csr_matrix:
    rows = np.arange(len(columns))
    return csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=(len(rows), BUCKETS))


@pytest.mark.parametrize(("question", "learns"), [("machine", True), ("edited", False)])
def test_what_only_passages_show_is_learned_where_a_part_answers_for_the_whole(question, learns):
    n = 40
    table = _table(n)
    if question == "edited":
        table["label"] = np.where(table["label"] == "original", "original", "edited")
    segments = Segments({"wording": _ones([7 if i % 2 else 8 for i in range(n)])}, np.arange(n))
    weights, _ = fit_target(_ones([1] * n), table, segments, "wording", np.arange(n), question)
    assert (weights[7] > 0 > weights[8]) == learns


def test_passages_of_rows_that_are_kept_out_are_not_seen():
    n = 40
    segments = Segments({"wording": _ones([7 if i % 2 else 8 for i in range(n)])}, np.arange(n))
    weights, _ = fit_target(_ones([1] * n), _table(n), segments, "wording", np.arange(20), "machine")
    other = Segments({"wording": _ones([7 if i % 2 else 8 for i in range(20)] + [9] * 20)}, np.arange(n))
    again, _ = fit_target(_ones([1] * n), _table(n), other, "wording", np.arange(20), "machine")
    assert np.array_equal(weights, again)
    assert weights[9] == again[9] == 0
