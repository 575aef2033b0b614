"""The packaged engine's model in NumPy: it must be the engine's, and files that are none must say so."""

import sqlite3
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from retold.errors import InputError, MissingPackageError, ModelError
from retold.translation import BundledEngine, TranslationCache
from retold.translation.forced_decoding import Marian
from retold.translation.marian_format import read_arrays

SENTENCES = [
    "The council voted on Tuesday to close two of the town's four libraries.",
    "Nobody had told the drivers, who learned of the strike from the radio.",
    "Prices rose by 3.2 percent in the year to March.",
]
ENGINE = BundledEngine()


def _favourite(model: Marian, source: str, longest: int = 60) -> str:
    """The translation whose every piece is the likeliest one."""
    end, found = 0, []
    encoded = model._encode([*model._vocabulary.encode(source), end])
    while len(found) < longest and (best := int(model._logits(encoded, found)[-1].argmax())) != end:
        found.append(best)
    return model._vocabulary.decode(found)


def test_the_likeliest_translation_is_the_engines_own():
    away, back = ENGINE._directions
    for sentence in SENTENCES:
        source = away.translate(sentence)
        assert _favourite(ENGINE._reader, source) == back.translate(source)


def test_what_the_engine_says_itself_costs_it_no_regret():
    echoes = ENGINE.round_trip(SENTENCES)
    for sentence, echo in zip(SENTENCES, echoes, strict=True):
        own = ENGINE._reader.read(ENGINE._away(sentence), echo)
        assert own.regret.max() < 1e-3
        assert own.pieces[-1] == "</s>"
        assert "".join(own.pieces[:-1]).replace("\u2581", " ").strip() == echo


def test_a_word_out_of_place_costs_regret_where_it_stands():
    (plain,) = ENGINE.read(["The council voted on Tuesday."])
    source = ENGINE._away("The council voted on Tuesday.")
    wrong = ENGINE._reader.read(source, "The council banana on Tuesday.")
    place = plain.pieces.index("\u2581voted")
    assert wrong.pieces[:place] == plain.pieces[:place]
    assert wrong.regret[place] > 5 > plain.regret[place]
    assert (np.exp(wrong.log_probability) <= 1 + 1e-6).all()


def test_sentences_beyond_the_engine_are_not_read():
    assert ENGINE.read(["", "word " * 300]) == [None, None]


def test_a_fresh_engine_reads_batch_after_batch():
    code = (
        "from retold.translation import BundledEngine\n"
        "engine = BundledEngine()\n"
        "for batch in range(4): print(len(engine.read([f'The {n} ships left port {batch}.' for n in range(40)])))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()) == (0, ["40"] * 4)


def test_a_memory_gives_readings_back_as_they_were(tmp_path: Path):
    asked = [*SENTENCES, "x" * 2_000]
    with TranslationCache(ENGINE, tmp_path / "said.sqlite") as memory:
        first = memory.read(asked)
    with TranslationCache(Silent(), tmp_path / "said.sqlite") as memory:
        again = memory.read(asked)
    assert first[3] is None
    assert again[3] is None
    for one, other, exact in zip(first[:3], again[:3], ENGINE.read(SENTENCES), strict=True):
        assert one.pieces == other.pieces == exact.pieces
        assert np.array_equal(one.regret, other.regret)
        assert np.allclose(one.log_probability, exact.log_probability, rtol=1e-3, atol=1e-3)


class Silent:
    """An engine of the packaged one's name that must not be asked."""

    name, pivot = ENGINE.name, "pt"

    def read(self, sentences):
        raise AssertionError(f"asked for {sentences}")


def test_a_damaged_reading_is_refused(tmp_path: Path):
    with TranslationCache(ENGINE, tmp_path / "said.sqlite") as memory:
        memory.read(SENTENCES[:1])
    with sqlite3.connect(tmp_path / "said.sqlite") as store:
        store.execute("UPDATE readings SET said = x'6100ff'")
    with (
        TranslationCache(ENGINE, tmp_path / "said.sqlite") as memory,
        pytest.raises(InputError, match="delete it or name another"),
    ):
        memory.read(SENTENCES[:1])


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
    with pytest.raises(ModelError, match=r"model\.alphas\.bin: no Marian model"):
        read_arrays(file)


def test_without_the_reader_of_word_pieces_the_line_that_installs_it_is_given(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "sentencepiece", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'retold\[deep\]'"):
        BundledEngine().read(SENTENCES[:1])


def test_a_folder_without_a_model_is_named(tmp_path: Path):
    with pytest.raises(ModelError, match="expected one file"):
        Marian(tmp_path)
