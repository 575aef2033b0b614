"""What words become: alignment, inflection and the learned table, on pairs written for the purpose."""

import numpy as np
import pytest

from retold.alignment.bitext import changes, outcomes, sentence_pairs
from retold.alignment.sentences import align_sentences
from retold.alignment.words import anchor
from retold.channel import PIVOTS, LexicalTable
from retold.channel.curated_lexicon import DefaultSenses, calques, curated_pairs, default_senses
from retold.channel.lexical_table import LANGUAGE_FAMILIES
from retold.language_model import Vocabulary
from retold.text import analyse
from retold.text.morphology import Inflector
from retold.training.fit.lexical_table import examples, learn

WORDS = (
    "the settlement settlements colony colonies council hold held talks talk grew approved near town said senior high "
    "official officials minister met mayor labour labor plan planned visit visited wish list"
).split()
VOCABULARY = Vocabulary(["<s>", "<unk>", "<year>", "<num>", *WORDS])
INFLECTOR = Inflector(VOCABULARY.index)
ORIGINALS = {
    "a": "The settlement grew near the town. The mayor met senior officials.",
    "b": "The council approved the settlement. The minister held talks.",
    "c": "The settlement near the town grew. A senior official met the mayor.",
}
RETURNS = {
    "a": "The colony grew near the town. The mayor met high officials.",
    "b": "The council approved the colony. The minister held talks.",
    "c": "The colony near the town grew. A high official met the mayor.",
}
ROWS = [{"group": g, "text": text, "pivot": "fr", "engine": "one"} for g, text in RETURNS.items()]
ROWS += [{"group": g, "text": text, "pivot": "de", "engine": "two"} for g, text in ORIGINALS.items()]


@pytest.fixture(scope="module")
def channel() -> LexicalTable:
    return learn(examples(ROWS, ORIGINALS), VOCABULARY)


def pair_bits(channel: LexicalTable, observed: str, intended: str) -> tuple[float, np.ndarray]:
    table, s, m = channel.learned, channel.words.index(observed), channel.words.index(intended)
    at = next(k for k in range(table.start[s], table.start[s + 1]) if table.intended[k] == m)
    return float(table.bits[at]), table.pivot_bits[table.row[at]]


def test_sentences_split_in_two_align_with_their_source() -> None:
    common = np.array([[3.0, 4.0, 0.0], [0.0, 0.0, 5.0]])
    assert align_sentences(common, np.array([7.0, 5.0]), np.array([3.0, 4.0, 5.0])) == [(0, 1, 0, 2), (1, 2, 2, 3)]


def test_a_dropped_sentence_is_left_out() -> None:
    intended = analyse("The council met. Rain fell all night long. The mayor held talks.")
    observed = analyse("The council met. The mayor held talks.")
    ranges = sentence_pairs(intended, observed)
    assert [(intended.lower[i], observed.lower[j]) for i, _, j, _ in ranges] == [("the", "the"), ("the", "the")]
    assert ranges[1][0] > 4


def test_anchors_follow_words_that_moved() -> None:
    matched, expected = anchor("the wish list of the mayor".split(), "the list of wishes of the mayor".split())
    assert matched.tolist() == [0, 2, -1, -1, 3, 4, 5] or matched.tolist() == [0, 2, 3, -1, -1, 4, 5]
    assert expected[0] == 0


def test_changes_ignore_inflection_and_name_what_stood_there() -> None:
    verdict, instead = changes(
        analyse("The settlements grew near the town."), analyse("The settlement grew near the colony."), INFLECTOR
    )
    assert verdict.tolist() == [0, 0, 0, 0, 0, 1, 0]
    assert list(instead) == [5]
    assert "town" in instead[5]


def test_outcomes_link_replaced_words() -> None:
    pairs = [(analyse(ORIGINALS[g]), analyse(RETURNS[g])) for g in sorted(RETURNS)]
    found = outcomes(pairs, INFLECTOR)
    names = np.array([*found.words, ""])
    changed = {(names[m], names[s]) for m, s in zip(found.intended, found.observed, strict=True) if m != s}
    assert changed == {("settlement", "colony"), ("senior", "high")}


def test_learned_pair_prefers_the_pivot_that_makes_it(channel: LexicalTable) -> None:
    bits, pivot_bits = pair_bits(channel, "colony", "settlement")
    assert -3 < bits < 0
    assert pivot_bits[PIVOTS.index("fr")] > 0 > pivot_bits[PIVOTS.index("de")]
    assert pivot_bits[PIVOTS.index("fr")] > pivot_bits[PIVOTS.index("es")] > pivot_bits[PIVOTS.index("ru")]


def test_a_pair_seen_in_the_singular_serves_the_plural(channel: LexicalTable) -> None:
    words = {"settlements", "colonies"} & set(channel.words)
    assert words == {"settlements", "colonies"}
    bits, _ = pair_bits(channel, "colonies", "settlements")
    assert np.isfinite(bits)


def test_what_was_never_changed_is_not_learned(channel: LexicalTable) -> None:
    s = channel.words.index("talks")
    assert channel.learned.start[s] == channel.learned.start[s + 1]
    assert channel.p_unchanged[s] > channel.p_unchanged[channel.words.index("settlement")]


def test_groups_and_engines_can_be_left_out() -> None:
    kept = examples(ROWS, ORIGINALS, leave_out_groups={"a"}, leave_out_engines=["two"])
    assert [(e.group, e.pivot) for e in kept] == [("b", "fr"), ("c", "fr")]


def test_a_channel_survives_storage(channel: LexicalTable) -> None:
    again = LexicalTable.from_arrays(channel.header(), channel.arrays())
    assert again.words == channel.words
    assert again.calques == channel.calques
    np.testing.assert_array_equal(again.learned.pivot_bits, channel.learned.pivot_bits)


def test_a_channel_over_other_pivots_is_refused(channel: LexicalTable) -> None:
    with pytest.raises(ValueError, match="another version"):
        LexicalTable.from_arrays({**channel.header(), "pivots": ["fr"]}, channel.arrays())


def test_lists_are_read_and_inflected() -> None:
    pairs, matrix = curated_pairs(INFLECTOR)
    found = {(s, m): row for s, m, _, row in pairs}
    assert ("colonies", "settlements") in found
    assert matrix[found["colonies", "settlements"], PIVOTS.index("ar")] > 0
    assert ("keep talks", "hold talks") in {(s, m) for s, m, _ in calques(INFLECTOR)}


def test_every_pivot_has_one_family() -> None:
    assert sum(len(codes) for codes in LANGUAGE_FAMILIES.values()) == len(set(PIVOTS)) == 58


def test_pairs_looked_up_one_by_one_are_those_of_the_whole_list() -> None:
    whole, senses = default_senses(INFLECTOR), DefaultSenses(INFLECTOR)
    observed, intended = ([pair[i] for pair in sorted(whole)] for i in (0, 1))
    # Those of the list, and as many of its words that were put together otherwise.
    for pair in [*whole, *zip(observed, reversed(intended), strict=True), *zip(intended, observed, strict=True)]:
        assert senses.has(*pair) == (pair in whole)
