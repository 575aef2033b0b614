"""The packaged engine's model in NumPy: it must be the engine's, and files that are none must say so."""

import sqlite3
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEngine

from retold.errors import MissingPackageError, ModelError
from retold.translation import BundledEngine, TranslationCache
from retold.translation.forced_decoding import MarianModel
from retold.translation.marian_format import read_arrays

SENTENCES = [
    "The council voted on Tuesday to close two of the town's four libraries.",
    "Nobody had told the drivers, who learned of the strike from the radio.",
    "Prices rose by 3.2 percent in the year to March.",
]
ENGINE = BundledEngine()


def _greedy(model: MarianModel, source: str, longest: int = 60) -> str:
    """Greedy decoding."""
    end, found = 0, []
    encoded = model._encode([*model._vocabulary.encode(source), end])
    while len(found) < longest and (best := int(model._logits(encoded, found)[-1].argmax())) != end:
        found.append(best)
    return model._vocabulary.decode(found)


def test_the_likeliest_translation_is_the_engines_own():
    forward, backward = ENGINE._directions
    for sentence in SENTENCES:
        source = forward.translate(sentence)
        assert _greedy(ENGINE._backward_model, source) == backward.translate(source)


def test_the_engines_own_round_trip_has_no_gap():
    round_trips = ENGINE.round_trip(SENTENCES)
    for sentence, round_trip in zip(SENTENCES, round_trips, strict=True):
        own = ENGINE._backward_model.score(ENGINE._forward(sentence), round_trip)
        assert own.gap_to_argmax.max() < 1e-3
        assert own.pieces[-1] == "</s>"
        assert "".join(own.pieces[:-1]).replace("\u2581", " ").strip() == round_trip


def test_a_word_out_of_place_has_a_gap_where_it_stands():
    (plain,) = ENGINE.force_decode(["The council voted on Tuesday."])
    source = ENGINE._forward("The council voted on Tuesday.")
    wrong = ENGINE._backward_model.score(source, "The council banana on Tuesday.")
    place = plain.pieces.index("\u2581voted")
    assert wrong.pieces[:place] == plain.pieces[:place]
    assert wrong.gap_to_argmax[place] > 5 > plain.gap_to_argmax[place]
    assert (np.exp(wrong.log_probability) <= 1 + 1e-6).all()


def test_sentences_that_do_not_fit_are_not_scored():
    assert ENGINE.force_decode(["", "word " * 300]) == [None, None]


def test_a_fresh_engine_scores_batch_after_batch():
    code = (
        "from retold.translation import BundledEngine\n"
        "engine = BundledEngine()\n"
        "for batch in range(4): print(len(engine.force_decode([f'The {n} ships left port {batch}.' for n in range(40)])))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()) == (0, ["40"] * 4)


def test_a_cache_returns_scores_as_they_were(tmp_path: Path):
    sentences = [*SENTENCES, "x" * 2_000]
    with TranslationCache(ENGINE, tmp_path / "cache") as cache:
        first = cache.force_decode(sentences)
    with TranslationCache(NeverRun(name=ENGINE.name), tmp_path / "cache") as cache:
        again = cache.force_decode(sentences)
    assert first[3] is again[3] is None
    for one, other, exact in zip(first[:3], again[:3], ENGINE.force_decode(SENTENCES), strict=True):
        assert one.pieces == other.pieces == exact.pieces
        assert np.array_equal(one.gap_to_argmax, other.gap_to_argmax)
        assert np.allclose(one.log_probability, exact.log_probability, rtol=1e-3, atol=1e-3)


class NeverRun(FakeEngine):
    def force_decode(self, sentences):
        raise AssertionError(f"run on {sentences}")


@pytest.mark.parametrize("value", [b"a\0\xff", "text", b"a", b"a\0" + 8 * b"\xff"])
def test_damaged_scores_are_computed_again(tmp_path: Path, value: bytes | str):
    with TranslationCache(ENGINE, tmp_path / "cache") as cache:
        first = cache.force_decode(SENTENCES[:1])
    with sqlite3.connect(tmp_path / "cache") as database:
        database.execute("UPDATE token_scores SET value = ?", (value,))
    with TranslationCache(ENGINE, tmp_path / "cache") as cache:
        assert cache.force_decode(SENTENCES[:1])[0].pieces == first[0].pieces


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a model" * 10,
        struct.pack("<QQ", 1, 10**15),
        struct.pack("<QQ4Q", 1, 1, 2, 0x404, 1, 4) + b"x\0" + struct.pack("<iQ", 9, 0) + b"\0" * 4,
        struct.pack("<QQ4Q", 1, 1, 2, 0x4101, 2, 4) + b"x\0" + struct.pack("<iiQ", -3, 9, 0) + b"\0" * 4,
    ],
)
def test_files_that_are_no_models_are_named(tmp_path: Path, content: bytes):
    file = tmp_path / "model.alphas.bin"
    file.write_bytes(content)
    with pytest.raises(ModelError, match=r"model\.alphas\.bin: not a readable Marian model"):
        read_arrays(file)


def test_without_sentencepiece_the_line_that_installs_it_is_given(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "sentencepiece", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'retold\[deep\]'"):
        BundledEngine()


def test_a_folder_without_a_model_is_named(tmp_path: Path):
    with pytest.raises(ModelError, match="expected one file"):
        MarianModel(tmp_path)
