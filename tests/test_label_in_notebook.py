"""``retold.label``: driven by its buttons, every answer is on disk at once and training takes the file."""

import json
import sys
from pathlib import Path

import pandas as pd
import pytest

import retold
from retold.errors import InputError, MissingPackageError
from retold.training.data.examples import examples_of_frame

ARTICLES = Path(__file__).parent / "data" / "articles.jsonl"
ROWS = [json.loads(line) for line in ARTICLES.read_text(encoding="utf-8").splitlines()]
FRAME = pd.DataFrame(ROWS[:4])[["id", "group", "text"]].set_index("id")


@pytest.fixture
def labelling(tmp_path):
    pytest.importorskip("ipywidgets")
    return lambda frame=FRAME: retold.label(frame, tmp_path / "labels.jsonl")


def saved(tmp_path):
    return [json.loads(line) for line in (tmp_path / "labels.jsonl").read_text(encoding="utf-8").splitlines()]


def test_each_answer_is_saved_at_once_and_the_next_article_shown(labelling, tmp_path):
    asking = labelling()
    assert ROWS[0]["text"].split(",")[0] in asking.shown
    assert "1 of 4" in asking.shown
    assert FRAME.index[0] in asking.shown
    asking.buttons["original"].click()
    assert [(row["id"], row["label"], row["group"]) for row in saved(tmp_path)] == [
        (FRAME.index[0], "original", ROWS[0]["group"])
    ]
    asking.buttons["skip"].click()
    assert len(saved(tmp_path)) == 1
    assert "3 of 4" in asking.shown
    asking.buttons["back-translated"].click()
    asking.buttons["edited"].click()
    assert "No article is left. 3 answers were saved" in asking.shown
    assert all(button.disabled for button in asking.buttons.values())
    asking.buttons["edited"].click()
    assert [row["label"] for row in saved(tmp_path)] == ["original", "back-translated", "edited"]


def test_who_comes_back_goes_on_and_training_takes_the_file(labelling, tmp_path):
    asking = labelling()
    asking.buttons["original"].click()
    again = labelling()
    assert "1 of 3" in again.shown
    again.buttons["edited"].click()
    examples = examples_of_frame(pd.read_json(tmp_path / "labels.jsonl", lines=True))
    assert sorted(e.label for e in examples) == ["edited", "original"]
    assert {e.text for e in examples} == {row["text"].strip() for row in ROWS[:2]}


def test_markup_of_an_article_is_text(labelling):
    shown = labelling(pd.DataFrame({"text": ["<script>alert(1)</script> " * 40, None]})).shown
    assert "<script>" not in shown
    assert "1 of 1" in shown


def test_nothing_else_is_written_over(labelling, tmp_path):
    (tmp_path / "labels.jsonl").write_text("my notes\n")
    with pytest.raises(InputError, match="holds no answers"):
        labelling()
    assert (tmp_path / "labels.jsonl").read_text() == "my notes\n"
    with pytest.raises(InputError, match="no column 'text'"):
        labelling(pd.DataFrame({"body": []}))


def test_a_widget_is_shown_by_the_last_line_of_a_cell(labelling, monkeypatch):
    import IPython.display

    shown = []
    monkeypatch.setattr(IPython.display, "display", shown.append)
    asking = labelling()
    asking._ipython_display_()
    assert shown == [asking.widget]


def test_without_the_extra_the_line_to_install_it_is_given(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(MissingPackageError, match="pip install ipywidgets"):
        retold.label(FRAME, tmp_path / "labels.jsonl")
