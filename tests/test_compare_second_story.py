"""A second story in the manner of a real one, longer: its texts alone count as undecided."""

from pathlib import Path

import numpy as np
import pytest

from retold.compare import compare

STORY = Path(__file__).parent / "data" / "second_story"
AGENCY, FARM = "1-agency.txt", "5-farm.txt"


@pytest.fixture(scope="module")
def result():
    texts = {path.name: path.read_text(encoding="utf-8") for path in sorted(STORY.glob("*.txt"))}
    return compare(list(texts.values()), list(texts), probabilities=np.full((len(texts), 3), 1 / 3))


def test_every_version_has_its_label(result):
    assert [d.label for d in result.documents] == ["original", "edited", "edited", "edited", "back-translated"]


def test_the_agency_is_the_source_and_the_farm_went_through_french(result):
    (story,) = result.clusters
    assert max(story.source, key=story.source.get) == AGENCY
    (edge,) = [e for e in story.edges if e.child == FARM]
    assert (edge.relation, edge.pivot) == ("back-translated", "fr")
    assert edge.parent != FARM


def test_colony_for_settlement_is_among_the_evidence(result):
    found = [c for c in result.changes if (c.from_text, c.to_text) == ("settlement", "colony")]
    assert len(found) == 2
    assert {(c.kind, c.pivot, c.to_id) for c in found} == {("retranslation", "fr", FARM)}
