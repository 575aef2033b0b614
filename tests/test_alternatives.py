"""The comparison with what a user would pick instead runs, and names what is missing."""

import pytest

from benchmarks import alternatives


def test_what_is_installed_is_measured_and_what_is_not_is_named(capsys, monkeypatch):
    broken = dict(alternatives.ALTERNATIVES)
    broken["spacy-small"] = (broken["spacy-small"][0], "python -m pip install nothing")
    monkeypatch.setattr(alternatives, "ALTERNATIVES", broken)
    alternatives.compare(["langdetect", "spacy-small"], 2)
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].split()[0] == "langdetect"
    assert lines[2].split()[-1] == "-"
    assert lines[3].startswith("spacy-small")
    assert "left out" not in lines[3] or "pip install nothing" in lines[3]


def test_accuracy_is_that_of_stories_held_out():
    name = "tfidf"
    assert 0.5 < alternatives.accuracy(name, alternatives.ALTERNATIVES[name][0]()) < 1


def test_an_unknown_name_is_refused():
    with pytest.raises(SystemExit):
        alternatives.main(["--articles", "1", "abacus"])
