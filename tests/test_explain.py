"""The reasons of a verdict: contributions in words, families of pivots, and the explain command in both formats."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from fakes import verdict

import retold
from retold.channel.lexical_table import PIVOTS
from retold.cli.explain import explain as explain_command
from retold.cli.terminal import Streams
from retold.detector.classifier import CLASSIFIER_TARGETS, LinearClassifier
from retold.detector.explanation import Contribution, Explanation, strongest_contributions
from retold.detector.features import describe, feature_schema
from retold.detector.pivot_language import GROUPS, PivotClassifier, PivotGroup
from retold.report import render_explanation
from retold.text import Article, analyse, normalize

STORY = Path(__file__).parent / "data" / "story"
FARM = (STORY / "5-content-farm.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def detector():
    return retold.load()


def _classifier(coef: list[float]) -> LinearClassifier:
    n = len(coef)
    table = np.zeros((len(CLASSIFIER_TARGETS), n))
    table[0], table[1] = coef, 99.0
    return LinearClassifier(
        np.zeros(n), np.ones(n), table, np.zeros(len(CLASSIFIER_TARGETS)), np.zeros((1, n)), np.zeros(1)
    )


def test_columns_that_measure_one_thing_are_added_up() -> None:
    names = ["fluency_all_bits_3", "fluency_all_bits_4", "wording_machine", "idioms_broken"]
    found = strongest_contributions(_classifier([2.0, -1.5, -1.0, 0.1]), np.array([1.0, 1.0, 2.0, 1.0]), names)
    assert [(c.feature, round(c.log_odds, 6)) for c in found] == [
        ("choice of words", -2.0),
        ("how predictable its words are", 0.5),
        ("broken fixed expressions", 0.1),
    ]
    assert found[1].columns == ("fluency_all_bits_3", "fluency_all_bits_4")


def test_every_feature_has_words(detector) -> None:
    assert [name for name in feature_schema(detector.signals).names if describe(name).aspect == name] == []


def test_contributions_add_up_to_the_question(detector) -> None:
    """Each is the difference that its columns make: putting them at their means takes it away."""
    names = feature_schema(detector.signals).names
    row = detector.features([FARM]).to_numpy()[0]
    for c in strongest_contributions(detector.classifier, row, names):
        other = row.copy()
        columns = [names.index(column) for column in c.columns]
        other[columns] = detector.classifier.mean[columns]
        odds = [detector.classifier.log_odds(r[None])[0, CLASSIFIER_TARGETS.index("machine")] for r in (row, other)]
        assert odds[0] - odds[1] == pytest.approx(c.log_odds, abs=1e-9)


def test_an_explanation_holds_the_verdict_and_five_reasons(detector) -> None:
    found = detector.explain(FARM, "farm")
    assert found.verdict == detector.score(FARM, "farm")
    assert len(found.contributions) == 5
    weights = [abs(c.log_odds) for c in found.contributions]
    assert weights == sorted(weights, reverse=True)
    as_json = json.loads(json.dumps(found.as_dict()))
    assert set(as_json) == set(found.verdict.as_dict()) | {"contributions", "pivot_family", "machine_segment"}
    assert all(span["reason"] for span in as_json["evidence"])
    assert str(found).splitlines()[0] == str(found.verdict)
    assert "<td>choice of words</td>" in found._repr_html_()


def test_an_article_is_analysed_once(detector, monkeypatch) -> None:
    analysed = []

    def counting(text: str) -> Article:
        analysed.append(text)
        return analyse(text)

    monkeypatch.setattr("retold.detector.detector.analyse", counting)
    monkeypatch.setattr("retold.text.article.normalize", lambda text: analysed.append(text) or normalize(text))
    detector.explain(FARM)
    # Once by the detector, once in its analysis.
    assert analysed == [FARM, FARM]


@pytest.mark.parametrize(
    ("shares", "name"),
    [
        ({"da": 0.35, "sv": 0.3, "zh": 0.2}, "Nordic"),
        ({"es": 0.35, "it": 0.35, "zh": 0.2}, "Romance"),
        ({"es": 0.2, "ru": 0.2, "zh": 0.2}, None),
        ({"es": 0.3, "fr": 0.35, "zh": 0.2}, "Romance"),
    ],
)
def test_the_closest_family_is_named_where_no_pivot_is(shares: dict[str, float], name: str | None) -> None:
    row = np.full(len(PIVOTS), 1e-6)
    for code, share in shares.items():
        row[PIVOTS.index(code)] = share
    reader = PivotClassifier(np.zeros((len(PIVOTS), 2), np.float32), np.zeros(len(PIVOTS)), np.array([1.0, 0.6]))
    group = reader.group(row)
    assert (group.name if group else None) == name
    assert reader.top_k(row) == {}


def test_a_family_is_as_likely_as_its_pivots_together() -> None:
    reader = PivotClassifier(np.zeros((len(PIVOTS), 2), np.float32), np.zeros(len(PIVOTS)), np.array([1.0, 0.6]))
    row = np.full(len(PIVOTS), 1e-6)
    probabilities = []
    for share in (0.25, 0.35, 0.45):
        row[[PIVOTS.index("da"), PIVOTS.index("sv")]] = share
        group = reader.group(row)
        probabilities.append(group.probability if group else None)
    assert probabilities == [None, pytest.approx(0.7, abs=1e-4), pytest.approx(0.9, abs=1e-4)]
    row[:] = 0
    row[PIVOTS.index("sv")] = 1
    assert reader.group(row).probability <= 1


def test_groups_name_pivots_once_each() -> None:
    assert all(set(codes) <= set(PIVOTS) and len(set(codes)) == len(codes) for codes in GROUPS.values())


def test_the_report_says_what_weighed_and_which_family() -> None:
    family = PivotGroup("Nordic", ("da", "nb", "sv"), 0.61)
    reasons = (Contribution("choice of words", 2.345, ("wording_machine",)),)
    shown = render_explanation(Explanation(verdict("x", "back-translated"), "The text.", reasons, family))
    assert "probably through one of the Nordic languages (61%)" in shown
    assert "what weighed most (log-odds for and against machine English)\n  +2.35  choice of words" in shown


def test_no_number_is_shown_for_a_text_that_could_not_be_judged(detector) -> None:
    explanation = detector.explain("The short text.", "x")
    shown = render_explanation(explanation)
    assert shown.startswith("x: not judged\n3 words\nsignature: ")
    assert explanation.verdict.top_pivot is None
    assert "%" not in shown
    assert "weighed" not in shown


@pytest.mark.parametrize("format", ["text", "json"])
def test_the_command_explains_a_folder(detector, format: str) -> None:
    streams = Streams(io.BytesIO(), io.StringIO(), io.StringIO())
    assert explain_command(STORY, format=format, detector=detector, streams=streams) == 0
    out = streams.output.getvalue()
    if format == "json":
        rows = [json.loads(line) for line in out.splitlines()]
        assert [Path(row["id"]).stem for row in rows] == sorted(path.stem for path in STORY.glob("*.txt"))
        assert all(len(row["contributions"]) == 5 for row in rows)
    else:
        assert out.count("what weighed most") == len(list(STORY.glob("*.txt")))
