"""Dates are used where they are known: a version hardly descends from a later one."""

from pathlib import Path

import pytest

from retold.compare import compare
from retold.reading import read

STORY = sorted((Path(__file__).parent / "data" / "story").glob("*.txt"))[:3]
TEXTS, NAMES = [p.read_text(encoding="utf-8") for p in STORY], [p.stem for p in STORY]


def source(dates):
    (cluster,) = compare(TEXTS, NAMES, dates=dates).clusters
    return cluster.source


def test_a_late_source_is_doubted():
    assert source(["2026-02-13", "2026-02-11", "2026-02-11"])["1-agency"] < source(None)["1-agency"] - 0.2


def test_dates_that_agree_take_nothing_away():
    assert source(["2026-02-11", "2026-02-12", "2026-02-12"])["1-agency"] >= source(None)["1-agency"]


def test_unknown_dates_change_nothing():
    assert source(["", "2026-02-11", ""]) == source(None)


@pytest.mark.parametrize(
    ("written", "read_as"),
    [('"2026-02-11"', "2026-02-11"), ('"2026-02-11T08:30:00Z"', "2026-02-11"), ('"last week"', ""), ("null", "")],
)
def test_dates_are_read_from_rows(tmp_path, written, read_as):
    (tmp_path / "a.jsonl").write_text(f'{{"text": "One.", "date": {written}}}\n')
    (document,) = read([tmp_path / "a.jsonl"])
    assert document.date == read_as


def test_dates_are_read_from_csv(tmp_path):
    (tmp_path / "a.csv").write_text("text,date\nOne.,2026-02-11\n")
    (document,) = read([tmp_path / "a.csv"])
    assert document.date == "2026-02-11"
