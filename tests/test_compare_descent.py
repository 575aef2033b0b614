"""Reports of one event in words of their own are no versions of one another."""

from pathlib import Path

import numpy as np
import pytest

from retold import load
from retold.compare import compare
from retold.compare.reference import INDEPENDENT, against_reference, relation_to
from retold.compare.version import Version
from retold.report.comparison import render_comparison

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def reports():
    return {
        p.name: p.read_text(encoding="utf-8") for p in sorted((DATA / "cases" / "independent-reports").glob("*.txt"))
    }


@pytest.fixture(scope="module")
def weights():
    return load().comparison_weights


def test_two_reports_of_one_event_are_two_stories_of_the_same_event(reports):
    result = compare(list(reports.values()), list(reports), probabilities=np.array([[0.7, 0.2, 0.1]] * 2))
    assert [c.documents for c in result.clusters] == [(id,) for id in reports]
    assert [c.same_event for c in result.clusters] == [(1,), (0,)]
    assert not result.changes
    assert result.as_dict()["clusters"][0]["same_event"] == [1]


def test_an_independent_report_keeps_the_label_that_it_has_alone(reports):
    alone = np.array([[0.7, 0.2, 0.1], [0.1, 0.2, 0.7]])
    result = compare(list(reports.values()), list(reports), probabilities=alone)
    assert [d.label for d in result.documents] == ["original", "back-translated"]
    assert not any(d.uses_comparison for d in result.documents)
    assert [list(d.probabilities.values()) for d in result.documents] == alone.tolist()


def test_an_independent_report_beside_versions_stays_outside_their_lineage(reports):
    agency, abroad = reports["agency.txt"], reports["abroad.txt"]
    edit = agency.rpartition("\n\n")[0].replace("said Thursday", "has said").replace("spotted", "had seen")
    result = compare([agency, abroad, edit], ["agency", "abroad", "edit"])
    assert [c.documents for c in result.clusters] == [("agency", "edit"), ("abroad",)]
    assert [c.same_event for c in result.clusters] == [(1,), (0,)]
    assert "story 0 and story 1: independent reports of one event" in render_comparison(result)


def test_a_report_is_independent_of_an_article_and_its_edit_is_not(reports, weights):
    agency, abroad = (Version.of(name, text) for name, text in sorted(reports.items(), reverse=True))
    found = relation_to(agency, abroad, weights)
    assert (found.relation, found.is_descent) == (INDEPENDENT, False)
    assert 0.5 < found.probability <= 1
    assert against_reference(agency.article.raw, [abroad.article.raw], weights) == [None]


def test_every_version_of_a_story_descends_from_its_agency(weights):
    texts = [path.read_text(encoding="utf-8") for path in sorted((DATA / "story").glob("*.txt"))]
    agency = Version.of("", texts[0])
    assert all(relation_to(agency, Version.of("", text), weights).is_descent for text in texts[1:])


def test_names_numbers_and_quotations_are_no_shared_wording():
    version = Version.of("", 'The mayor, Ann Harlow, counted 400 boats. "We lost the quay," Harlow said on the quay.')
    prose = [token for token, is_prose in zip(version.article.tokens, version.is_prose, strict=True) if is_prose]
    assert prose == ["The", "mayor", "counted", "boats", "said", "on", "the", "quay"]


def test_a_quotation_mark_that_is_never_closed_hides_nothing():
    version = Version.of("", '"We lost the quay.\n\nThe water came at night and took the boats.')
    assert version.is_prose.sum() == 13
