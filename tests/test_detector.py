"""The shipped detector: stable under typography, batches and processes; evidence that points at its text."""

import html
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit

import retold
from retold.detector import LABELS, Detector
from retold.detector.batches import batches
from retold.detector.classifier import VETO_FLOOR, LinearClassifier, combine
from retold.errors import InputError, ModelError
from retold.limits import BATCH_CHARACTERS, BATCH_DOCUMENTS

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


def test_the_content_farm_is_under_suspicion_and_its_words_are_shown(detector):
    verdict = detector.score(STORY["5-content-farm"])
    assert verdict.p > 3 * max(detector.score(text).p for name, text in STORY.items() if name != "5-content-farm")
    assert verdict.p > 0.2
    suspicious = detector.with_options(prior="0.3,0.2,0.5").score(STORY["5-content-farm"])
    assert suspicious.label == "back-translated"
    found = {(e.text, e.suggestion) for e in suspicious.evidence}
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
        "model", "signature",
    ]  # fmt: skip
    assert list(verdict["evidence"][0]) == ["start", "end", "text", "signal", "suggestion", "pivot", "score"]
    assert sum(verdict["probabilities"].values()) == pytest.approx(1, abs=2e-6)


@pytest.mark.parametrize("text", [None, b"An article.", 3, ["An article."]])
def test_what_is_no_text_is_refused_in_a_sentence(detector, text):
    with pytest.raises(InputError, match="expected a text, got"):
        detector.score(text)
    with pytest.raises(InputError, match=r"text 1 is .* not a string"):
        list(detector.score_many(["A text.", text]))


UNJUDGEABLE = {path.stem: path.read_text(encoding="utf-8") for path in sorted((DATA / "cases").glob("unjudgeable-*"))}
FRENCH = "Le conseil municipal a rejeté mardi le budget que le maire avait présenté la semaine dernière. " * 6


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        (UNJUDGEABLE["unjudgeable-empty"], "too short to score: 0 words (minimum 40)"),
        (UNJUDGEABLE["unjudgeable-four-words"], "too short to score: 4 words (minimum 40)"),
        (UNJUDGEABLE["unjudgeable-korean"], "not English, so it is not scored (it looks Korean)"),
        ("Word.", "too short to score: 1 word (minimum 40)"),
        ("\x00\ud800\u200b", "too short to score: 0 words (minimum 40)"),
        (FRENCH, "not English, so it is not scored (it looks French)"),
    ],
)
@pytest.mark.parametrize("operating_point", [None, "low-fpr"])
def test_what_cannot_be_judged_has_no_label(detector, text, warning, operating_point):
    verdict = detector.with_options(operating_point=operating_point).score(text)
    assert verdict.warnings == (warning,)
    assert verdict.label is verdict.probabilities is None
    assert verdict.abstained
    assert verdict.signals == verdict.pivot == {}
    assert np.isnan(verdict.p)
    as_json = json.loads(json.dumps(verdict.as_dict(), allow_nan=False))
    assert as_json["label"] is as_json["probabilities"] is None
    assert "not judged" in str(verdict)
    assert np.isnan(detector.predict_proba([text])).all()


def test_what_cannot_be_judged_leaves_the_others_as_they_are(detector):
    shares = detector.predict_proba([TEXTS[0], "Too short.", TEXTS[1]])
    assert np.isnan(shares).all(axis=1).tolist() == [False, True, False]
    assert np.array_equal(shares[[0, 2]], detector.predict_proba(TEXTS[:2]))


def test_few_words_are_a_weak_verdict(detector):
    verdict = detector.score(" ".join(STORY["1-agency"].split()[:60]))
    assert verdict.warnings == ("only 59 words: verdicts on fewer than 80 words are weak",)
    assert verdict.label in LABELS


def test_probabilities_need_no_evidence(detector, monkeypatch):
    """``predict_proba`` is features and classifier and nothing else."""
    expected = detector.predict_proba(TEXTS[:3])
    monkeypatch.setattr("retold.detector.detector.build_verdicts", None)
    for signal in detector.signals:
        monkeypatch.setattr(type(signal), "find_evidence", None, raising=False)
    assert np.array_equal(detector.predict_proba(TEXTS[:3]), expected)


def test_probabilities_are_those_of_verdicts(detector):
    shares = [list(v.probabilities.values()) for v in detector.score_many(TEXTS[:8])]
    assert detector.predict_proba(TEXTS[:8]) == pytest.approx(np.array(shares), abs=1e-6)
    assert detector.predict_proba([]).shape == (0, 3)


@pytest.mark.parametrize("missing", [None, float("nan"), b"bytes"])
def test_what_is_no_text_is_named_by_its_place(detector, missing):
    with pytest.raises(InputError, match=r"text 1 is .*; leave it out"):
        detector.predict_proba(["A text.", missing])


def test_one_string_is_not_a_list_of_texts(detector):
    for call in (detector.predict_proba, detector.score_many, detector.compare, detector.features, retold.compare):
        with pytest.raises(InputError, match="got one string"):
            call(TEXTS[0])


def test_a_stream_is_scored_as_it_comes(detector):
    taken = []

    def stream():
        for text in TEXTS[:4] * 200:
            taken.append(text)
            yield text

    next(detector.score_many(stream(), jobs=1))
    assert len(taken) == BATCH_DOCUMENTS


def test_batches_are_bounded_by_documents_and_by_characters():
    assert [len(b) for b in batches(["a"] * (BATCH_DOCUMENTS + 1), str)] == [BATCH_DOCUMENTS, 1]
    assert [len(b) for b in batches(["a" * BATCH_CHARACTERS, "b", "c"], str)] == [1, 2]


def test_a_signature_names_all_that_the_numbers_depend_on(detector):
    fields = dict(pair.split(":", 1) for pair in detector.score(TEXTS[0]).signature.split("|"))
    assert list(fields) == ["retold", "model", "data", "prior", "point", "rescoring"]
    assert fields["retold"] == retold.__version__
    assert fields["model"].startswith("news-en-3-")
    assert (fields["prior"], fields["point"], fields["rescoring"]) == ("0.6,0.3,0.1", "none", "none")
    other = detector.with_options(prior="1,1,2", operating_point="balanced").signature
    assert "|prior:0.25,0.25,0.5|point:balanced|" in other


@pytest.mark.parametrize("damage", [np.nan, np.inf])
def test_a_model_whose_numbers_are_not_finite_is_refused(detector, damage):
    arrays = detector.classifier.arrays()
    for name in arrays:
        damaged = arrays[name].copy()
        damaged.flat[0] = damage
        with pytest.raises(ModelError):
            LinearClassifier.from_arrays(arrays | {name: damaged})
    broken = replace(detector.classifier, intercept=detector.classifier.intercept + damage * 0)
    with pytest.raises(ModelError, match="not finite"):
        Detector(detector.components, broken, "broken").score(TEXTS[0])


def test_features_are_named_and_finite(detector):
    table = detector.features(["", *TEXTS[:3]])
    assert table.columns.is_unique
    assert np.isfinite(table.to_numpy()).all()


def test_a_veto_hides_no_order_among_doubtful_texts():
    machine_log_odds = np.linspace(-6, 4, 20)
    vetoed = np.column_stack([machine_log_odds, np.full((20, 2), -9.0), np.zeros(20)])
    assert (np.diff(combine(vetoed)) > 0).all()


def test_a_veto_decides_the_ranking():
    sure, allowed, slightly = combine(np.array([[5.0, -9.0, 9.0, 0.0], [5.0, 9.0, 9.0, 0.0], [9.0, -1.0, 9.0, 0.0]]))
    assert sure == pytest.approx(expit(VETO_FLOOR), abs=0.02)
    assert allowed > 0.98
    # What is surely a machine's outweighs a slight veto.
    assert slightly > 0.99


def test_verdicts_show_themselves_escaped(detector):
    assert "<script>" not in detector.score("x", id="<script>")._repr_html_()
