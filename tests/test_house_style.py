"""House style reads spellings, courtesy titles, attribution, numbers, dates and leftovers of pages."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from retold.language_model import LanguageModel
from retold.language_model.batch import Batch
from retold.signals.atlantic import spelling_counts
from retold.signals.stylometry.house_style import HouseStyle, naming_habits
from retold.text import analyse

ARTICLES = Path(__file__).parent / "data" / "articles.jsonl"


def measure(*texts: str) -> dict[str, np.ndarray]:
    batch = Batch([analyse(text) for text in texts], LanguageModel.__new__(LanguageModel))
    return dict(zip(HouseStyle.feature_names, HouseStyle().extract(batch).T, strict=True))


@pytest.mark.parametrize(
    ("words", "counts"),
    [
        ("the labour centre organised travelling neighbours", (5, 0)),
        ("the labor center organized traveling neighbors", (0, 5)),
        ("our four advised men exercise and promise to rise at a meter", (0, 0)),
        ("organisation and organization", (1, 1)),
    ],
)
def test_spellings_take_sides(words: str, counts: tuple[int, int]) -> None:
    assert spelling_counts(words.split()) == counts


def test_mixed_spellings_show() -> None:
    values = measure("The labour party honoured its defence.", "The labour party honored its defense.")
    assert values["house_mixed"][0] == 0 < values["house_mixed"][1]
    assert values["house_side"][0] > values["house_side"][1]


def test_courtesy_titles_are_told_from_bare_surnames() -> None:
    first = "Jurek Damsohl won the vote. "
    assert naming_habits(analyse(first + "Mr Damsohl left. Mr. Damsohl slept."))[:2] == (2, 2 / 3)
    assert naming_habits(analyse(first + "Later Damsohl left."))[:2] == (0, 0)


def test_a_surname_that_nothing_introduced_is_counted() -> None:
    assert naming_habits(analyse("The vote was late, Oblak said."))[2] == 1
    assert naming_habits(analyse("Petra Oblak was there. It was late, Oblak said."))[2] == 0


def test_attribution_has_an_order() -> None:
    assert naming_habits(analyse("It is late, said Oblak."))[3] == 0.5
    assert naming_habits(analyse("It is late, Oblak said."))[3] == 0


def test_numbers_and_dates_keep_their_style() -> None:
    values = measure("Prices rose 4% on Tuesday, March 4, to 6 crowns.", "They rose four per cent yesterday, 4 March.")
    names = "percent_sign per_cent small_digits number_words month_first day_first weekday relative_day".split()
    shown = [tuple(values[f"house_{name}"] > 0) for name in names]
    assert shown[:5] == [(True, False), (False, True), (True, True), (False, True), (True, False)]
    assert shown[5:] == [(False, True), (True, False), (False, True)]


def test_leftovers_of_a_page_show() -> None:
    values = measure("The vote was lost. Read more: sign up for our news", "The vote was lost after a long day.")
    assert values["house_leftovers"][0] > 0 == values["house_leftovers"][1]


def test_quotation_marks_and_breaks_move_nothing() -> None:
    text = json.loads(ARTICLES.read_text(encoding="utf-8").splitlines()[0])["text"]
    changed = text.replace("\n", " ").replace('"', "\u00bb").replace("'", "\u2019")
    for name, (before, after) in measure(text, changed).items():
        assert before == pytest.approx(after), name


@pytest.mark.parametrize("text", ["", "!", "Mr", "said", "per", "\u4e2d\u6587 2020"])
def test_odd_texts_give_finite_numbers(text: str) -> None:
    assert all(np.isfinite(value).all() for value in measure(text).values())
