"""The encoder and its word pieces: what is stored is what was learned, and what is damaged says so."""

import numpy as np
import pytest
from stand_in_reader import LONGEST, NAMES, WIDTH, encoder, weights

from retold.encoder import Encoder, Pieces
from retold.encoder.encoder import MAPS, gelu, pack, pack_rows, unpack
from retold.encoder.pieces import MARKERS, UNKNOWN
from retold.errors import ModelError
from retold.transformer import attention, normalise

PIECES = Pieces(NAMES)


def _named(*tokens: str) -> list[str]:
    return [NAMES[number] for number in PIECES.encode(tokens)]


def test_words_are_cut_into_the_longest_known_pieces():
    assert _named("voting") == ["v", "##o", "##t", "##ing"]
    assert _named("the", "vote") == ["the", "vote"]
    assert _named("votes") == ["vote", "##s"]


def test_case_and_accents_do_not_matter():
    assert _named("VOTÉ") == _named("vote")


def test_punctuation_stands_alone_even_inside_a_token():
    assert _named("the's,") == ["the", "'", "s", ","]


def test_what_no_piece_fits_is_unknown():
    assert PIECES.encode(["日本", "7"]) == [UNKNOWN, UNKNOWN]
    assert PIECES.encode(["a" * 101]) == [UNKNOWN]
    assert PIECES.encode([]) == []


def test_a_vocabulary_without_markers_is_refused():
    with pytest.raises(ModelError, match="markers"):
        Pieces(["a", "b"])
    assert NAMES[: len(MARKERS)] == MARKERS


def test_packing_loses_no_more_than_half_a_step():
    rows = np.random.default_rng(2).normal(size=(5, WIDTH)).astype(np.float32)
    packed, scale = pack_rows(rows)
    assert packed.dtype == np.uint8
    assert packed.nbytes * 2 == rows.size
    assert (np.abs(unpack(packed, scale) - rows) <= scale[:, None] / 2 + 1e-6).all()
    # Rounding what was rounded changes nothing.
    assert np.array_equal(unpack(*pack_rows(unpack(packed, scale))), unpack(packed, scale))


def test_maps_keep_their_largest_numbers():
    learned, stored = weights(), pack(weights())
    for name in MAPS:
        again = stored[name] * stored[f"{name}_scale"][:, None, :]
        assert np.abs(again - learned[name]).max() <= stored[f"{name}_scale"].max() / 2 + 1e-6


def _by_hand(arrays, pieces):
    """The same answers by the formulas of the papers, a piece at a time."""
    w = {name: arrays[name].astype(float) * arrays[f"{name}_scale"][:, None, :] for name in MAPS}

    def norm(row, pair):
        return (row - row.mean()) / np.sqrt(row.var() + 1e-12) * pair[0] + pair[1]

    rows = unpack(arrays["embedding"][pieces], arrays["embedding_scale"][pieces]) + arrays["places"][: len(pieces)]
    rows = [norm(row, arrays["first_norm"]) for row in rows]
    for layer, (first, second) in enumerate(arrays["norms"]):
        parts = [np.split(row @ w["attend"][layer] + arrays["attend_bias"][layer], 3) for row in rows]
        after = []
        for row, (query, _, _) in zip(rows, parts, strict=True):
            seen = []
            for head in range(0, WIDTH, 32):
                at = slice(head, head + 32)
                odds = np.array([query[at] @ key[at] for _, key, _ in parts]) / np.sqrt(32)
                share = np.exp(odds - odds.max()) / np.exp(odds - odds.max()).sum()
                seen.append(sum(s * value[at] for s, (_, _, value) in zip(share, parts, strict=True)))
            joined = np.concatenate(seen) @ w["join"][layer] + arrays["join_bias"][layer]
            state = norm(row + joined, first)
            x = state @ w["up"][layer] + arrays["up_bias"][layer]
            x = x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
            after.append(norm(state + x @ w["down"][layer] + arrays["down_bias"][layer], second))
        rows = after
    pooled = np.concatenate([np.mean(rows, axis=0), np.max(rows, axis=0)])
    return pooled @ arrays["answers"] + arrays["answers_bias"]


def test_the_answer_is_that_of_the_formulas():
    read = encoder()
    pieces = [5, 9, 30, 4, 4]
    assert read.answer(pieces) == pytest.approx(_by_hand(read.arrays, [1, *pieces, 2]), abs=1e-3)


def test_the_order_of_the_pieces_matters():
    read = encoder()
    assert np.abs(read.answer([5, 9, 30]) - read.answer([30, 9, 5])).max() > 1e-3


def test_attention_is_a_mean_of_the_values():
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(6, WIDTH)).astype(np.float32)
    seen = attention(rows, rows, np.ones_like(rows), 2)
    assert seen == pytest.approx(np.ones_like(rows), abs=1e-5)


def test_normal_rows_have_mean_0_and_spread_1():
    rows = np.random.default_rng(4).normal(3, 7, size=(4, WIDTH)).astype(np.float32)
    normal = normalise(rows, np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32), 1e-12)
    assert normal.mean(axis=1) == pytest.approx(np.zeros(4), abs=1e-5)
    assert normal.std(axis=1) == pytest.approx(np.ones(4), abs=1e-4)


def test_gelu_keeps_large_numbers_and_drops_small_ones():
    assert gelu(np.array([-9.0, 0.0, 9.0], np.float32)).tolist() == pytest.approx([0, 0, 9], abs=1e-4)


@pytest.mark.parametrize("name", ["embedding", "places", "attend", "down_bias", "norms", "answers", "up_scale"])
def test_arrays_that_do_not_fit_are_refused(name):
    arrays = pack(weights())
    for broken in (np.zeros((2, 2), np.float32), None):
        damaged = {k: v for k, v in arrays.items() if k != name} | ({name: broken} if broken is not None else {})
        with pytest.raises(ModelError, match="damaged or of another version"):
            Encoder(damaged)


def test_it_knows_its_limits():
    assert encoder().longest == LONGEST - 2
    assert encoder().n_pieces == len(NAMES)
