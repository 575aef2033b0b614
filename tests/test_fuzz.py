"""What must hold whatever the input: mutations of files of every kind, and properties of texts; ``benchmarks/fuzz.py`` goes on."""

import csv
import io
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import retold
from benchmarks import fuzz, fuzz_targets
from retold.errors import ModelError
from retold.model_store import bundled_model
from retold.report import render_csv, render_jsonl
from retold.text import analyse
from retold.text.normalization import normalize

# Characters of every category, among them those that were found to break something.
ODD = st.text(
    st.one_of(st.characters(), st.sampled_from("aeE. ,'\"-\u2028\ufdfa\u0301\u202e\x1b\ud800&<*_#")), max_size=300
)
WORDS = "the colony said it would poured cold water on a settlement ties links U.S. 5 % '' -- don't Mr. 400 737 make decision"
# Texts that are long enough to be judged, with odd pieces between the words.
TEXTS = st.lists(st.one_of(st.sampled_from(WORDS.split()), ODD.filter(bool)), min_size=45, max_size=120).map(" ".join)
QUICK = settings(max_examples=40, deadline=None, database=None, derandomize=True)


def test_mutated_input_of_every_kind_does_no_harm(tmp_path):
    tallies = fuzz.fuzz([], 120, 1, tmp_path / "kept", most=48)
    assert sorted(tallies) == ["archive", "cache", "compare", "model", "model signed", "read", "record", "text"]
    assert all(tally.examples == 6 and not tally.findings for tally in tallies.values()), tallies


def test_the_same_seed_makes_the_same_examples(tmp_path, capsys):
    first, second = (fuzz.fuzz(["read"], 60, 3, tmp_path, most=5)["read"].examples for _ in range(2))
    assert first == second == 5
    assert fuzz.main(["--most", "2", "--targets", "cache", "--keep", str(tmp_path), "--seed", "5"]) == 0
    assert "seed 5: 2 examples" in capsys.readouterr().out


def test_what_fails_is_kept_and_named(tmp_path):
    def fail(data, folder):
        raise ValueError("no")

    finding = fuzz.try_one(fuzz_targets.Target([b"sound"], fail), fuzz.random.Random(1), tmp_path)
    assert finding.startswith("ValueError at test_fuzz.py:")
    assert len(list(tmp_path.iterdir())) == 1


@given(TEXTS)
@QUICK
def test_every_verdict_is_whole(text):
    verdict = retold.load().score(text)
    assert json.loads(next(render_jsonl([verdict])))["n_words"] == verdict.n_words
    assert len(list(csv.reader(io.StringIO("".join(render_csv([verdict])), newline="")))) == 2
    assert verdict.probabilities is None or math.isclose(sum(verdict.probabilities.values()), 1, abs_tol=1e-5)
    assert all(text[e.start : e.end] == e.text and e.text for e in verdict.evidence)


@given(st.lists(TEXTS, min_size=2, max_size=4))
@settings(QUICK, max_examples=10)
def test_a_verdict_does_not_depend_on_its_neighbours(texts):
    detector = retold.load()
    alone = np.vstack([detector.predict_proba([text]) for text in texts])
    np.testing.assert_allclose(detector.predict_proba(texts), alone, atol=1e-6)


@given(ODD)
@settings(QUICK, max_examples=200)
def test_canonical_text_is_canonical_and_maps_back(text):
    canonical = normalize(text)
    assert len(canonical.text) == len(canonical.starts) == len(canonical.ends)
    assert (canonical.starts < canonical.ends).all()
    assert (np.diff(canonical.starts) >= 0).all()
    assert canonical.text == canonical.text.strip(" ")
    assert "\n" not in canonical.text


@given(ODD)
@settings(QUICK, max_examples=200)
def test_tokens_stand_in_the_text(text):
    article = analyse(text)
    assert [article.text[a:b] for a, b in zip(article.starts, article.ends, strict=True)] == article.tokens
    assert article.sentences[-1] == len(article.tokens)


def test_a_header_that_is_no_python_is_a_damaged_model(tmp_path):
    sound = (bundled_model() / "pivot_settings.npy").read_bytes()
    check = fuzz_targets.check_model("pivot_settings.npy", is_signed=True)
    with pytest.raises(ModelError, match="not a readable array"):
        check(sound.replace(b"{'descr'", b"{'(((((("), tmp_path)
