"""The language of a text and its foreign passages are told without raising on odd input."""

from __future__ import annotations

import json
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from retold.language_model import LanguageModel
from retold.language_model.batch import Batch
from retold.signals.stylometry import language
from retold.signals.stylometry.language import Language, foreign_share, language_of
from retold.text import analyse

ARTICLES = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "articles.jsonl").read_text(encoding="utf-8").splitlines()
]
ENGLISH = ARTICLES[0]["text"]
GERMAN = (
    "Der Minister sagte am Dienstag, dass die Regierung den Plan nicht weiter verfolgen werde. Die Opposition "
    "begr\u00fc\u00dfte die Entscheidung und forderte eine neue Abstimmung im Parlament noch vor dem Sommer."
)
FRENCH = "Le ministre a déclaré que le gouvernement ne poursuivrait pas ce projet avant la fin de l'année."
RUSSIAN = "Министр сказал во вторник, что план отменён."
CHINESE = "部长周二表示政府不会继续推进该计划。"


@pytest.mark.parametrize(("text", "code"), [(GERMAN, "de"), (FRENCH, "fr"), (RUSSIAN, "ru"), (ENGLISH, "en")])
def test_languages_are_told_apart(text: str, code: str) -> None:
    assert language_of(text) == code


def test_langdetect_is_not_asked_about_plain_english() -> None:
    with patch.object(language, "detect", side_effect=AssertionError):
        assert {language_of(row["text"]) for row in ARTICLES} == {"en"}
        assert all(foreign_share(analyse(row["text"])) == 0 for row in ARTICLES)


def test_function_words_alone_part_english_from_other_languages() -> None:
    def share(text: str) -> float:
        return language._english_share(analyse(text).words)

    assert min(share(row["text"]) for row in ARTICLES) > 1.5 * language._PLAIN_SHARE
    assert max(map(share, (GERMAN, FRENCH, RUSSIAN))) < language._DOUBTFUL_SHARE / 1.5


@pytest.mark.parametrize("foreign", [GERMAN, FRENCH * 3, CHINESE * 4])
def test_a_foreign_passage_is_found(foreign: str) -> None:
    mixed = analyse(f"{ENGLISH}\n{foreign}\n{ENGLISH}")
    share = len(foreign) / len(mixed.text)
    assert share / 2 < foreign_share(mixed) < share * 2


@pytest.mark.parametrize("text", ["", " ", "12 34 56", "?!", "\ud800", "\u0000", "xq zk", "a" * 10_000])
def test_odd_texts_do_not_raise(text: str) -> None:
    batch = Batch([analyse(text)], LanguageModel.__new__(LanguageModel))
    values = Language().extract(batch)
    assert values.shape == (1, len(Language.feature_names))
    assert np.isfinite(values).all()
    assert isinstance(language_of(text), str)


def test_nothing_to_read_is_undetermined() -> None:
    assert language_of("") == language_of("123 456") == "und"


def test_the_answer_is_always_the_same() -> None:
    assert len({language_of("Ministerio plan national general") for _ in range(5)}) == 1
