"""Passages: whole sentences, offsets of the reader's text, and a part named only where it stands out."""

import io
from itertools import pairwise

import numpy as np
import pytest
from fakes import FakeDetector

import retold
from retold.cli.explain import explain
from retold.cli.terminal import Streams
from retold.detector.segments import SEGMENT_WORDS, Passage, machine_segment, score_segments, strongest_part
from retold.text import analyse

SENTENCE = "The council met on Monday and said that the bridge would close. "
MACHINE = "The advice met on Monday and said that the colony would close. "


def judge(texts):
    """Calls what has a colony in it back-translated, the more the surer."""
    found = np.array([0.02 + 0.96 * t.count("colony") / max(t.count("Monday"), 1) for t in texts])
    return np.stack([1 - found, np.zeros(len(found)), found], axis=1)


def row(*probabilities, n_words=SEGMENT_WORDS):
    return [Passage(i * 10, i * 10 + 9, n_words, p) for i, p in enumerate(probabilities)]


@pytest.mark.parametrize("n_sentences", [30, 61, 200])
def test_passages_are_whole_sentences_and_cover_the_text(n_sentences):
    text = "\u201cQuoted.\u201d\n" + SENTENCE * n_sentences
    found = score_segments(text, judge)
    assert sum(p.n_words for p in found) == analyse(text).n_words
    assert all(text[p.start : p.end].startswith("The council") for p in found[1:])
    assert all(text[p.start : p.end].endswith(".") for p in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert max(p.n_words for p in found) < 1.5 * SEGMENT_WORDS


@pytest.mark.parametrize("text", ["", "Short.", SENTENCE * 15, "word " * 2000])
def test_what_cannot_be_divided_has_no_passages(text):
    assert score_segments(text, judge) == ()
    assert machine_segment(()) is None


@pytest.mark.parametrize("first", [True, False])
def test_the_half_that_reads_machine_made_is_named(first):
    halves = (MACHINE * 50, SENTENCE * 50) if first else (SENTENCE * 50, MACHINE * 50)
    text = "".join(halves)
    part = machine_segment(score_segments(text, judge))
    assert part.is_beginning == first
    share = text[part.start : part.end].count("colony") / 50
    assert share > 0.85
    assert text[part.start : part.end].count("council") <= 8


@pytest.mark.parametrize(
    "probabilities",
    [
        (0.02,) * 6,
        (0.98,) * 6,
        (0.02, 0.98, 0.02),
        (0.3, 0.02, 0.3),
        (0.02, 0.6, 0.02, 0.02),
        (0.0, 0.0),
        (1.0, 1.0),
    ],
)
def test_articles_in_one_piece_are_left_alone(probabilities):
    assert machine_segment(row(*probabilities)) is None


def test_certainty_does_not_break_it():
    assert strongest_part(row(0.0, 1.0)).contrast == pytest.approx(8 / 2**0.5)


def test_explain_names_the_part(tmp_path):
    class Judging(FakeDetector):
        predict_proba = staticmethod(judge)

    (tmp_path / "mixed.txt").write_text(MACHINE * 50 + SENTENCE * 50)
    (tmp_path / "whole.txt").write_text(SENTENCE * 100)
    for name, expected in (("mixed.txt", True), ("whole.txt", False)):
        out = io.StringIO()
        assert explain(tmp_path / name, detector=Judging(), streams=Streams(io.BytesIO(), out, io.StringIO())) == 0
        assert ("one part reads machine-made" in out.getvalue()) == expected
        assert ("the first 6" in out.getvalue()) == expected


def test_the_shipped_detector_judges_passages():
    found = score_segments(SENTENCE * 40, retold.load().predict_proba)
    assert len(found) == 3
    assert all(0 <= p.probability <= 1 for p in found)
