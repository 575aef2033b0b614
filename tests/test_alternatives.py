"""The comparison with what a user would pick instead runs, and names what is missing."""

import pytest

from benchmarks import alternatives
from benchmarks.likelihood_ratio import arpa


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


def test_the_probabilities_of_an_ngram_model_sum_to_one():
    grams, section = {}, 0
    for line in arpa(["A dog saw a cat. A cat saw a dog. The dog ran."], order=3).splitlines():
        if line.endswith("-grams:"):
            section = int(line[1])
        elif section and "\t" in line:
            probability, words, *weight = line.split("\t")
            grams[tuple(words.split())] = 10 ** float(probability), 10 ** float(weight[0]) if weight else 1.0
    assert sum(p for gram, (p, _) in grams.items() if len(gram) == 1) == pytest.approx(1, abs=1e-4)
    for history in (("a",), ("dog",), ("a", "cat"), ("<s>", "a")):
        seen = [gram for gram in grams if gram[:-1] == history and len(gram) > 1]
        rest = 1 - sum(grams[gram[1:]][0] for gram in seen)
        assert sum(grams[gram][0] for gram in seen) + grams[history][1] * rest == pytest.approx(1, abs=1e-4)
