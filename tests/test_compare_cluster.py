"""Stories found among others, and their lineage, on articles invented for the tests."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import retold
from retold.cli.main import main
from retold.compare import compare
from retold.compare.pair_features import PAIR_FEATURES, VERSION_PAIR_COLUMNS
from retold.compare.reference import against_reference as beside
from retold.compare.reference import relation_to
from retold.compare.relations import log_relation_types, text_features
from retold.compare.version import Version
from retold.compare.weights import LogisticWeights, WithTexts
from retold.detector.verdict import LABELS

ARTICLES = Path(__file__).parent / "data" / "articles.jsonl"
STORY = Path(__file__).parent / "data" / "story"


def against_reference(reference, texts):
    detector = retold.load()
    return beside(reference, texts, detector.comparison_weights, detector.article_log_odds)


@pytest.fixture(scope="module")
def rows():
    return {row["id"]: row for row in map(json.loads, ARTICLES.read_text(encoding="utf-8").splitlines())}


@pytest.fixture(scope="module")
def result(rows):
    return compare([row["text"] for row in rows.values()], list(rows))


def test_every_story_is_found_and_none_is_mixed(rows, result):
    found = {frozenset(c.documents) for c in result.clusters}
    groups = {row["group"] for row in rows.values()}
    assert found == {frozenset(i for i, row in rows.items() if row["group"] == group) for group in groups}


def test_labels_beside_the_original(rows, result):
    right = [d.label == rows[d.id]["label"] for d in result.documents]
    assert sum(right) >= 58, f"{sum(right)} of {len(right)}"


def test_sources_and_parents(rows, result):
    stories = [c for c in result.clusters if c.source]
    assert sum(rows[max(c.source, key=c.source.get)]["label"] == "original" for c in stories) >= 23
    edges = [e for c in stories for e in c.edges]
    assert sum(rows[e.parent]["label"] == "original" for e in edges) >= 34


def test_round_trips_through_portuguese_name_it(rows, result):
    trips = [d for d in result.documents if rows[d.id]["kind"] == "round_trip"]
    named = [next(iter(d.pivot), "") for d in trips]
    assert named.count("pt") >= len(trips) // 2, named


def test_without_the_original_none_of_two_round_trips_is_sure_to_be_it(rows):
    trips = [row["text"] for row in rows.values() if row["group"] == "shipping" and row["label"] != "original"]
    found = compare(trips)
    assert max(found.clusters[0].source.values()) < 0.95


def test_a_document_that_stands_alone_and_cannot_be_judged_has_no_label(rows):
    unknown = np.full((1, 3), np.nan)
    (document,) = compare([next(iter(rows.values()))["text"]], probabilities=unknown).documents
    assert not document.uses_comparison
    assert document.label is document.probabilities is None


def test_the_command_line_compares(capsys):
    assert main(["compare", str(STORY), "--show", "1-agency.txt", "5-content-farm.txt"]) == 0
    assert "(retranslation fr)" in capsys.readouterr().out.replace("\n", " ")


def test_the_command_line_refuses_half_a_pair(capsys):
    assert main(["compare", str(STORY), "--show", "1-agency.txt"]) == 2
    assert "expected 2 arguments" in capsys.readouterr().err


def test_a_reference_of_another_story_says_nothing(rows):
    texts = [row["text"] for row in rows.values() if row["label"] == "original"]
    assert against_reference(texts[0], texts[1:]) == [None] * (len(texts) - 1)


def test_beside_a_reference_every_version_is_told_right(rows):
    for original in (row for row in rows.values() if row["label"] == "original"):
        versions = [r for r in rows.values() if r["group"] == original["group"] and r is not original]
        found = against_reference(original["text"], [r["text"] for r in versions])
        labels = [LABELS[int(np.argmax(judged[0]))] if judged else "" for judged in found]
        assert labels == [r["label"] for r in versions]


def test_a_copy_of_the_reference_is_the_original(rows):
    text = rows["shipping"]["text"]
    ((shares, pivot),) = against_reference(text, [text])
    assert shares.tolist() == [1, 0, 0]
    assert pivot == {}


def test_a_source_is_told_from_a_stranger(rows):
    weights = retold.load().comparison_weights
    source, other = (Version.of("", rows[id]["text"]) for id in ("shipping", "obituary"))
    versions = [r for r in rows.values() if r["group"] == "shipping"]
    found = {r["id"]: relation_to(source, Version.of("", r["text"]), weights) for r in versions}
    assert found["shipping"].relation == "copied"
    assert found["shipping"].shared == 1
    assert {found[r["id"]].relation for r in versions if r["label"] == "back-translated"} == {"back-translated"}
    assert relation_to(source, other, weights).relation == "unrelated"


def test_several_processes_say_the_same_as_one(rows):
    texts, ids = [row["text"] for row in rows.values()], list(rows)
    one, two = (compare(texts, ids, retold.load(), jobs=jobs).as_dict() for jobs in (1, 2))
    assert one == two
    assert len({d["cluster"] for d in one["documents"]}) > 2


def test_a_copy_is_one_word_for_word_and_a_cut_is_an_edit(rows):
    weights, text = retold.load().comparison_weights, rows["shipping"]["text"]
    source = Version.of("", text)
    cut = text[: text.rindex(".", 0, len(text) - 1) + 1]
    assert relation_to(source, Version.of("", text.replace("\n", "\n\n")), weights).relation == "copied"
    assert relation_to(source, Version.of("", cut), weights).relation == "edited"


def test_what_each_text_is_alone_takes_part_where_both_were_scored():
    features = np.zeros((2, len(PAIR_FEATURES)))
    n = len(VERSION_PAIR_COLUMNS) + 8
    coef = np.zeros((1, n + n * (n + 1) // 2))
    coef[0, len(VERSION_PAIR_COLUMNS) + 4] = 2.0
    relations = retold.load().comparison_weights.relations
    beside = WithTexts(np.zeros(8), np.ones(8), LogisticWeights(coef, np.zeros(1)))
    first = np.array([[-3.0, 0, 0, 0], [np.nan] * 4])
    texts = text_features(first, np.array([[1.0, 0, 0, 0], [0.0] * 4]))
    found = log_relation_types(features, replace(relations, beside_texts=beside), texts)
    assert found[0].tolist() == pytest.approx([-8.000335, -0.000335], abs=1e-5)
    assert found[1].tolist() == log_relation_types(features, relations)[1].tolist()
