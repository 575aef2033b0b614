"""The shipped detector: stable under typography, batches and processes; evidence that points at its text."""

import html
import json
from pathlib import Path

import numpy as np
import pytest

import retold
from retold.detector import LABELS
from retold.detector.classifier import VETO_FLOOR, combine

DATA = Path(__file__).parent / "data"
ROWS = [json.loads(line) for line in (DATA / "articles.jsonl").read_text(encoding="utf-8").splitlines()]
TEXTS = [row["text"] for row in ROWS]
STORY = {path.stem: path.read_text(encoding="utf-8") for path in sorted((DATA / "story").glob("*.txt"))}
TYPOGRAPHY = {
    "curly quotes": lambda t: t.replace('"', "\u201c").replace("'", "\u2019"),
    "entities": lambda t: html.escape(t),
    "dashes": lambda t: t.replace(" - ", " \u2014 ").replace("-", "\u2010"),
    "one line": lambda t: " ".join(t.split()),
    "a line a sentence": lambda t: t.replace(". ", ".\n"),
    "paragraphs": lambda t: t.replace("\n", "\r\n\r\n"),
    "zero width": lambda t: t.replace("e", "e\u200b"),
}


@pytest.fixture(scope="module")
def detector():
    return retold.load()


def machine(detector, texts):
    return detector.predict_proba(texts)[:, LABELS.index("back-translated")]


@pytest.mark.parametrize("change", TYPOGRAPHY.values(), ids=TYPOGRAPHY.keys())
def test_typography_moves_nothing(detector, change):
    before, after = machine(detector, TEXTS[::5]), machine(detector, [change(t) for t in TEXTS[::5]])
    assert np.abs(before - after).max() < 0.01


def test_alone_or_in_a_batch(detector):
    together = list(detector.score_many(TEXTS[:12]))
    assert [detector.score(text) for text in TEXTS[:12]] == together


def test_one_process_or_two(detector):
    many = TEXTS * 5
    assert list(detector.score_many(many, jobs=2)) == list(detector.score_many(many))


def test_evidence_points_at_its_text(detector):
    for text in [*TEXTS, *STORY.values()]:
        for found in detector.score(text).evidence:
            assert text[found.start : found.end] == found.text
            assert found.text.strip()


def test_evidence_points_at_its_text_in_messy_typography(detector):
    text = STORY["5-content-farm"].replace(" ", "\u00a0 ").replace('"', "&quot;")
    verdict = detector.score(text)
    assert verdict.evidence
    assert all(text[e.start : e.end] == e.text for e in verdict.evidence)


def test_the_content_farm_is_called_back_translated(detector):
    verdict = detector.score(STORY["5-content-farm"])
    assert verdict.label == "back-translated"
    found = {(e.text, e.suggestion) for e in verdict.evidence}
    assert {("list of wishes", "wish list"), ("colony", "settlement"), ("high", "senior")} <= found


def test_colonies_that_are_colonies_are_left_alone(detector):
    text = f"{STORY['1-agency']} A colony of bees lives in Hong Kong, a British colony until 1997."
    assert "colony" not in {e.text for e in detector.score(text).evidence}


@pytest.mark.parametrize("name", [name for name in STORY if not name.startswith("5")])
def test_newsroom_versions_are_not(detector, name):
    assert detector.score(STORY[name]).label != "back-translated"


def test_originals_and_round_trips_come_out_in_order(detector):
    labels = np.array([row["label"] for row in ROWS])
    scores = machine(detector, TEXTS)
    assert np.median(scores[labels == "back-translated"]) > np.quantile(scores[labels == "original"], 0.9)


def test_json_has_the_documented_names(detector):
    verdict = json.loads(json.dumps(detector.score(STORY["5-content-farm"], "farm").as_dict()))
    assert list(verdict) == [
        "id", "label", "probabilities", "abstained", "n_words", "language", "pivot", "signals", "evidence", "warnings",
        "model",
    ]  # fmt: skip
    assert list(verdict["evidence"][0]) == ["start", "end", "text", "signal", "suggestion", "pivot", "score"]
    assert sum(verdict["probabilities"].values()) == pytest.approx(1, abs=2e-6)


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("", "only 0 words"),
        ("Too short to say.", "too short to judge"),
        ("\x00\ud800\u200b", "only 0 words"),
        (
            "Le conseil municipal a rejeté mardi le budget que le maire avait présenté la semaine dernière. " * 6,
            "not to be English",
        ),
        (" ".join(STORY["1-agency"].split()[:60]), "is weak"),
    ],
)
def test_what_cannot_be_judged_is_said(detector, text, warning):
    verdict = detector.score(text)
    assert any(warning in w for w in verdict.warnings)
    assert verdict.label in LABELS


def test_features_are_named_and_finite(detector):
    table = detector.features(["", *TEXTS[:3]])
    assert table.columns.is_unique
    assert np.isfinite(table.to_numpy()).all()


def test_a_veto_hides_no_order_among_doubtful_texts():
    machine_log_odds = np.linspace(-6, -1, 20)
    vetoed = np.column_stack([machine_log_odds, np.full((20, 2), -9.0), np.zeros(20)])
    assert (np.diff(combine(vetoed)) > 0).all()


def test_a_veto_decides_the_ranking():
    sure = combine(np.array([[9.0, -9.0, 9.0, 0.0]]))[0]
    assert sure == pytest.approx(VETO_FLOOR, abs=1e-3)


def test_verdicts_show_themselves_escaped(detector):
    assert "<script>" not in detector.score("x", id="<script>")._repr_html_()
