"""What the fit of comparison sees: versions of every kind, and what each text is alone where all were scored."""

import numpy as np
import pytest
from tiny_corpus import ROWS

from retold.training.fit.comparison import relation_rows, scored_texts


@pytest.fixture(scope="module")
def chosen():
    return [row for _, row in relation_rows(ROWS)]


def test_versions_are_chosen_once_and_stand_behind_their_original(chosen):
    assert len({row["id"] for row in chosen}) == len(chosen) > 3
    assert {row["label"] for row in chosen} <= {"edited", "back-translated"}
    assert relation_rows(ROWS[::-1])[0][1]["id"] == relation_rows(ROWS)[0][1]["id"]


def test_what_texts_are_alone_is_a_version_s_and_its_difference_from_the_original(chosen):
    originals = {row["group"]: row["id"] for row in reversed(ROWS) if row["label"] == "original"}
    log_odds = {row["id"]: np.full(4, float(len(row["text"]) % 5)) for row in ROWS}
    first = chosen[0]
    texts = scored_texts(ROWS, chosen, log_odds)
    assert texts[0, 0] == log_odds[first["id"]][0]
    assert texts[0, 4] == log_odds[first["id"]][0] - log_odds[originals[first["group"]]][0]
    del log_odds[first["id"]]
    assert scored_texts(ROWS, chosen, log_odds) is None
