"""Segments: whole sentences, offsets of the user's text, and a part named only where it stands out."""

from itertools import pairwise

import numpy as np
import pytest
from fakes import verdict

import retold
from retold.detector.explanation import Explanation
from retold.detector.segments import (
    SEGMENT_WORDS,
    ScoredSegment,
    machine_segment,
    score_segments,
    segment_spans,
    strongest_segment,
)
from retold.report import render_explanation
from retold.text import analyse

SENTENCE = "The council met on Monday and said that the bridge would close. "
MACHINE = "The advice met on Monday and said that the colony would close. "


def score(articles):
    """Calls what has a colony in it back-translated, the more the surer."""
    counts = [(a.tokens.count("colony"), a.tokens.count("Monday")) for a in articles]
    found = np.array([0.02 + 0.96 * colonies / max(sentences, 1) for colonies, sentences in counts])
    return np.stack([1 - found, np.zeros(len(found)), found], axis=1)


def scored(text):
    return score_segments(analyse(text), score)


def row(*probabilities, n_words=SEGMENT_WORDS):
    return [ScoredSegment(i * 10, i * 10 + 9, n_words, p) for i, p in enumerate(probabilities)]


@pytest.mark.parametrize("n_sentences", [30, 61, 200])
def test_segments_are_whole_sentences_and_cover_the_text(n_sentences):
    text = "\u201cQuoted.\u201d\n" + SENTENCE * n_sentences
    found = scored(text)
    assert sum(p.n_words for p in found) == analyse(text).n_words
    assert all(text[p.start : p.end].startswith("The council") for p in found[1:])
    assert all(text[p.start : p.end].endswith(".") for p in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert max(p.n_words for p in found) < 1.5 * SEGMENT_WORDS
    assert [(p.start, p.end, p.n_words) for p in found] == segment_spans(analyse(text))


@pytest.mark.parametrize("text", ["", "Short.", SENTENCE * 15, "word " * 2000])
def test_what_cannot_be_divided_has_no_segments(text):
    assert scored(text) == ()
    assert machine_segment(()) is None


def test_segments_are_scored_in_one_batch_as_if_each_were_an_article():
    batches = []

    def remember(articles):
        batches.append([(a.tokens, a.text, a.sentences.tolist(), a.starts.tolist()) for a in articles])
        return score(articles)

    text = "A &ldquo;first&rdquo; sentence.\n" + SENTENCE * 40
    found = score_segments(analyse(text), remember)
    alone = [analyse(text[p.start : p.end]) for p in found]
    assert batches == [[(a.tokens, a.text, a.sentences.tolist(), a.starts.tolist()) for a in alone]]


@pytest.mark.parametrize("first", [True, False])
def test_the_half_that_reads_machine_made_is_named(first):
    halves = (MACHINE * 50, SENTENCE * 50) if first else (SENTENCE * 50, MACHINE * 50)
    text = "".join(halves)
    part = machine_segment(scored(text))
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
    assert strongest_segment(row(0.0, 1.0)).contrast == pytest.approx(8 / 2**0.5)


def test_the_terminal_names_the_segment():
    for text, place in ((MACHINE * 50 + SENTENCE * 50, "the first 6"), (SENTENCE * 50 + MACHINE * 50, "the last 6")):
        shown = render_explanation(Explanation(verdict(), text, machine_segment=machine_segment(scored(text))))
        assert f"\none part reads machine-made and the rest does not: {place}" in shown
    assert "one part" not in render_explanation(Explanation(verdict(), SENTENCE))


def test_the_shipped_detector_scores_segments():
    detector = retold.load()
    found = detector.segments(SENTENCE * 40)
    assert len(found) == 3
    assert all(0 <= p.probability <= 1 for p in found)
    equal = detector.with_options(prior="1,1,1")
    alone = equal.predict_proba([(SENTENCE * 40)[p.start : p.end] for p in found])[:, 2]
    assert [p.probability for p in found] == pytest.approx(alone)
