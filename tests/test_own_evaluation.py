"""``retold evaluate --model``: figures with intervals on one's own articles, whatever is known of them."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import retold
from retold.cli.main import main, run_command
from retold.detector.verdict import LABELS
from retold.errors import InputError
from retold.model_store import bundled_model
from retold.report.evaluation_html import calibration_svg
from retold.training.evaluation import bootstrap, metrics
from retold.training.evaluation.tables import false_alarms, translations, unseen_translations

ARTICLES = Path(__file__).parent / "data" / "articles.jsonl"
ROWS = [json.loads(line) for line in ARTICLES.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def measured():
    return retold.evaluate(None, pd.DataFrame(ROWS), compare_with=bundled_model())


def test_figures_are_those_of_the_verdicts(measured):
    table = measured.predictions
    verdicts = [retold.load().score(row["text"]) for row in ROWS]
    expected = np.mean([v.label == row["label"] for v, row in zip(verdicts, ROWS, strict=True)])
    assert measured.figures["accuracy"]["value"] == pytest.approx(expected)
    f1 = metrics.macro_f1(table["label"].to_numpy(object), table["called"].to_numpy(object))
    assert measured.figures["macro-F1"]["value"] == pytest.approx(f1)
    for figure in measured.figures.values():
        assert figure["low"] <= figure["value"] <= figure["high"]
    assert sum(sum(row.values()) for row in measured.confusion.values()) == len(ROWS)


def test_a_model_is_no_better_than_itself(measured):
    assert all(figure["difference"] == figure["low"] == figure["high"] == 0 for figure in measured.comparison.values())


def test_mistakes_are_the_gravest_with_evidence(measured):
    given = [mistake["probability_of_label"] for mistake in measured.mistakes]
    assert given == sorted(given)
    assert all(mistake["label"] != mistake["called"] for mistake in measured.mistakes)
    # Articles written for the tests that are missed show little: the field is there, and may be empty.
    assert all("evidence" in mistake for mistake in measured.mistakes)


def test_auroc_is_that_of_scikit_learn():
    rng = np.random.default_rng(20)
    low, high = rng.normal(size=90).round(1), rng.normal(1, size=70).round(1)
    assert bootstrap.auroc(low, high) == pytest.approx(metrics.auroc(low, high))


def test_versions_of_a_story_are_drawn_together():
    groups = np.array(["a", "a", "b", "c", "c", "c"], dtype=object)
    for rows in bootstrap.resamples(groups, 20):
        counts = np.bincount(rows, minlength=6)
        assert counts[0] == counts[1]
        assert counts[3] == counts[4] == counts[5]
        assert counts[0] + counts[2] + counts[3] == 3


@pytest.mark.parametrize("labels", [["original"], ["original", "back-translated"], list(LABELS)])
def test_what_is_not_known_is_said_in_words(labels):
    rows = [{"text": r["text"], "label": r["label"]} for r in ROWS if r["label"] in labels]
    found = retold.evaluate(None, pd.DataFrame([*rows, {"text": "Too short.", "label": "original"}]))
    notes = " ".join(found.notes)
    assert "no figures by source: no article names its source" in notes
    assert "no figures by engine" in notes
    assert "1 articles were not judged" in notes
    assert notes.count("nothing is said of that label") == 3 - len(labels)
    json.dumps(found.as_dict(), allow_nan=False)
    assert "macro-F1" in str(found)


def test_nothing_to_measure_is_one_sentence():
    with pytest.raises(InputError, match="no article is left"):
        retold.evaluate(None, pd.DataFrame([{"text": "Too short.", "label": "original"}]))


def test_table_json_and_page(tmp_path, capsys):
    arguments = ["evaluate", "--model", "shipped", "--data", str(ARTICLES), "--jobs", "1"]
    assert run_command(arguments) == 0
    assert "originals called back-translated" in capsys.readouterr().out
    assert run_command([*arguments, "--output", str(tmp_path / "report.json")]) == 0
    found = json.loads((tmp_path / "report.json").read_text())
    assert found["figures"]["macro-F1"]["low"] < found["figures"]["macro-F1"]["high"]
    assert run_command([*arguments, "--compare-with", "shipped", "--output", str(tmp_path / "report.html")]) == 0
    page = (tmp_path / "report.html").read_text()
    assert page.count('<svg class="calibration"') == 3
    assert "style=" not in page
    assert "Compared with" in page


def test_a_drawing_holds_no_markup_of_a_label():
    assert "<b>" not in calibration_svg("<b>", [{"probability": 0.5, "share": 0.4, "articles": 10}])


def test_what_needs_a_model_asks_for_one(capsys):
    assert main(["evaluate", "--data", str(ARTICLES), "--compare-with", "shipped"]) == 2
    assert "name it with --model" in capsys.readouterr().err


def test_texts_that_say_nothing_of_their_kind_are_originals_or_left_out():
    labels = ["original"] * 4 + ["back-translated"] * 2
    table = pd.DataFrame({"id": list("abcdef"), "label": labels, "kind": "", "domain": "", "n_words": 300})
    table = table.assign(p_original=[0.9, 0.8, 0.7, 0.1, 0.1, 0.1], p_edited=0.05, edited_from=0.5)
    table["p_back-translated"] = 0.95 - table["p_original"]
    written, rates = false_alarms(table.assign(**{"low-fpr": False, "balanced": False}))
    assert "| originals, all | 4 | 0.250" in written
    assert "nan" not in written
    assert rates["originals, all"] == 0.25


def test_what_reads_as_translated_and_is_not_called_so_is_counted_by_its_kind():
    kinds = ["english_original"] * 2 + ["human_translation"] * 2 + ["mt_of_foreign_original"] * 20
    table = pd.DataFrame({"id": range(24), "kind": kinds, "label": "", "domain": "news", "n_words": 300})
    table["p_back-translated"] = [0.1, 0.1, 0.1, 0.1] + [0.9] * 5 + [0.1] * 15
    table = table.assign(p_edited=0.0, p_original=1 - table["p_back-translated"], family="", held_out="google")
    table["edited_from"] = 0.5
    table["translated"] = [False, False, True, False] + [True] * 15 + [False] * 5
    table.loc[4:, "family"] = "google"
    written = translations(table)
    assert "| human translations | 2 | 0.000 | 0.500 |" in written
    assert "| machine translations of foreign news | 20 | 0.250 | 0.500 |" in written
    assert "| google | machine translations of foreign news | 20 | 0.250 | 0.500 |" in unseen_translations(table)
