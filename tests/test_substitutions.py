"""CalqueFinder that machines put for others: learned from gaps between equal words, found and judged in context."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from retold.channel.phrase_scoring import COLUMNS, PhraseMatch, PhraseScorer, strongest
from retold.channel.phrase_table import CONTEXT_BITS, PhraseTable, code, codes
from retold.language_model import LanguageModel
from retold.language_model.batch import Batch
from retold.language_model.kneser_ney import build_vocabulary, estimate
from retold.model_store import bundled_model
from retold.signals.terms.classifier import FILE, TermClassifier
from retold.signals.terms.phrase_evidence import PhraseEvidence
from retold.signals.terms.signal import LexicalMistranslation
from retold.text import analyse
from retold.text.morphology import Inflector
from retold.training.fit import phrase_table as training
from retold.training.fit.lexical_table import AlignedPair, examples, learn

NEWS = (
    ["lawmakers said the plan was late ."] * 30
    + ["the lawmakers met in the capital and the mayor said so ."] * 30
    + ["legislators and legislators of the town stated that the plan was late ."] * 5
    + ["in addition the mayor met the council ."] * 10
)
TEMPLATES = ("{} the plan for {} was late .", "The council met and {} the road to {} was open .")
TOWNS = ("bread", "water", "wool", "corn", "salt", "tea", "coal", "wood", "iron", "milk", "silk", "sand")


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    lines = [*NEWS, *(t.format("said", town).lower() for t in TEMPLATES for town in TOWNS)]
    sentences = [line.split() for line in lines]
    vocabulary = build_vocabulary(sentences)
    ids = np.concatenate([np.append(np.int32(0), vocabulary.ids(s)) for s in sentences]).astype(np.int32)
    return estimate(vocabulary, ids, np.concatenate([np.arange(len(s) + 1) for s in sentences]))


def _table(*pairs: tuple[str, str], settings: tuple[float, float, float] = (-5.0, 1.0, 2.0)) -> PhraseTable:
    n = len(pairs)
    weights = np.zeros(len(COLUMNS) + 1)
    weights[COLUMNS.index("gain")] = 4.0
    return PhraseTable(
        pairs,
        np.full(n, 0.3, np.float32),
        np.full(n, 9, np.float32),
        weights,
        np.stack([np.zeros(len(COLUMNS)), np.ones(len(COLUMNS))]),
        np.zeros(1 << CONTEXT_BITS, np.float16),
        np.array(settings),
    )


def _example(intended: str, observed: str, group: str = "g") -> AlignedPair:
    return AlignedPair(analyse(intended), analyse(observed), "fr", group)


@pytest.mark.parametrize(
    ("intended", "observed", "gaps"),
    [
        ("The lawmakers met.", "The legislators met.", [(1, ("legislators",), ("lawmakers",))]),
        ("He said it rained.", "He stated that it rained.", [(1, ("stated", "that"), ("said",))]),
        ("They said the plan was late.", "They said that the plan was late.", [(1, ("said", "that", "the"), ("said", "the"))]),
        ("He left in 1999.", "He left in 2001.", []),
        ("The plan was late.", "The plan was late.", []),
        ("One two three four met.", "Five six seven eight met.", []),
    ],
)  # fmt: skip
def test_gaps_between_equal_words(intended: str, observed: str, gaps: list) -> None:
    assert list(training.gaps_of(_example(intended, observed))) == gaps


@pytest.mark.parametrize(
    ("observed", "intended", "same"),
    [
        (("neighbouring",), ("neighboring",), True),
        (("has", "said"), ("said", "has"), True),
        (("percent",), ("per", "cent"), True),
        (("legislators",), ("lawmakers",), False),
    ],
)
def test_spelling_and_order_are_no_substitution(
    model: LanguageModel, observed: tuple[str, ...], intended: tuple[str, ...], same: bool
) -> None:
    assert training.is_same(observed, intended, Inflector(model.vocabulary.index)) is same


def test_phrases_are_found_whole_and_names_left_alone(model: LanguageModel) -> None:
    reader = PhraseScorer(_table(("legislators", "lawmakers"), ("stated that", "said")), model)
    batch = Batch([analyse("Legislators stated that. Legislators met Legislators stated. That was late.")], model)
    found = reader.find(batch)
    assert list(zip(found.place.tolist(), found.row.tolist(), strict=True)) == [(0, 0), (1, 1), (4, 0)]


def test_codes_tell_phrases_apart() -> None:
    ids = np.array([5, 6, 7, 5, 6], dtype=np.int32)
    two = codes(ids, 2)
    assert two[0] == two[3] == code([5, 6])
    assert len({*two[:3].tolist(), *codes(ids, 1)[:3].tolist(), code([6, 5])}) == 7


@pytest.mark.parametrize("phrase", [[0], [7], [5, 6], [6, -1, 5], [53_000, 12, -1, 9]])
def test_one_phrase_has_the_number_that_it_has_among_many(phrase: list[int]) -> None:
    ids = np.array([*phrase, 3, 1], dtype=np.int32)
    assert code(phrase) == codes(ids, len(phrase))[0]


def test_numbers_do_not_depend_on_the_batch(model: LanguageModel) -> None:
    reader = PhraseScorer(_table(("legislators", "lawmakers"), ("stated that", "said"), ("stated", "said")), model)
    texts = ["The legislators stated that the plan was late.", "", "In addition the legislators met."]
    together = Batch([analyse(t) for t in texts], model)
    found = reader.find(together)
    odds = reader.log_odds(together, found)
    assert np.isfinite(reader.describe(together, found)).all()
    alone = [Batch([analyse(t)], model) for t in texts if t]
    np.testing.assert_allclose(odds, np.concatenate([reader.log_odds(b, reader.find(b)) for b in alone]), rtol=1e-6)


def test_the_strongest_win_their_words() -> None:
    found = PhraseMatch(np.array([3, 3, 4, 9]), np.array([0, 1, 1, 1]))
    kept = strongest(found, np.array([2, 1]), np.array([0.5, 0.2, 0.9, -3.0]), -2.0)
    assert kept.tolist() == [2, 1]


def test_terms_show_substitutions_beside_a_machine_verdict_alone(model: LanguageModel) -> None:
    # Translation brings "legislators" in: a second sign besides what the table says.
    sentence = "The {} met in the {} ."
    rows = [{"group": t, "text": sentence.format("legislators", t), "pivot": "fr", "engine": "x"} for t in TOWNS]
    pairs = examples(rows, {t: sentence.format("lawmakers", t) for t in TOWNS})
    channel, table = learn(pairs, model.vocabulary), _table(("legislators", "lawmakers"))
    classifier = TermClassifier.from_json((bundled_model() / FILE).read_text(encoding="utf-8"))
    terms = LexicalMistranslation(channel, model, replace(classifier, threshold=1.0), phrase_table=table)
    text = "Then  the legislators met in the capital."
    (item,) = terms.find_evidence(Batch([analyse(text)], model))[0]
    assert (item.text, item.conditional) == ("legislators", True)
    assert "lawmakers" in item.reason
    assert text[item.start : item.end] == item.text


def test_a_phrase_needs_a_second_sign(model: LanguageModel) -> None:
    batch = Batch([analyse("Then the legislators met in the capital.")], model)
    scorer = PhraseScorer(_table(("legislators", "lawmakers")), model)
    plain = np.zeros(len(model.vocabulary))
    assert PhraseEvidence(scorer, plain).find(batch) == []
    brought_in = plain + (np.arange(len(plain)) == model.vocabulary.index["legislators"])
    (shown,) = PhraseEvidence(scorer, brought_in).find(batch)
    assert (shown.tokens, shown.intended) == (range(2, 3), "lawmakers")
    assert not shown.suggests  # the words beside it hardly speak for the other


def test_a_table_survives_storing_and_is_audited() -> None:
    table = _table(("legislators", "lawmakers"), ("stated that", "said"))
    again = PhraseTable.from_arrays(table.text(), table.arrays())
    assert again.pairs == table.pairs
    np.testing.assert_array_equal(again.share, table.share)
    for text in ("legislators\tlawmakers", table.text() + "\nno tab", ""):
        with pytest.raises(ValueError, match="belong together"):
            PhraseTable.from_arrays(text, table.arrays())


def test_learning_finds_what_machines_put_for_what(model: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "_MIN_GAPS", 5)
    pairs = [
        _example(t.format("said", town), t.format("stated that" if t is TEMPLATES[1] else "said", town), f"{town}{i}")
        for i, t in enumerate(TEMPLATES)
        for town in TOWNS
    ]
    kept = TEMPLATES[1].format("stated that", "{}")
    pairs += [_example(kept.format(town), kept.format(town), f"{town}2") for town in TOWNS[:6]]
    table = training.fit_phrase_table(pairs, model)
    assert ("stated that", "said") in table.pairs
    assert table.share[table.pairs.index(("stated that", "said"))] == pytest.approx(12 / 18)
    assert np.isfinite(table.weights).all()
    assert training.fit_phrase_table(pairs, model).text() == table.text()


def test_nothing_is_learned_where_every_candidate_is_right(
    model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "_MIN_GAPS", 1)
    pairs = [_example(TEMPLATES[1].format("said", t), TEMPLATES[1].format("stated that", t), t) for t in TOWNS]
    assert training.fit_phrase_table(pairs, model) is None


def test_too_few_pairs_teach_nothing(model: LanguageModel) -> None:
    assert training.fit_phrase_table([_example("He said it.", "He stated it.")], model) is None
