"""Evidence: what is ordinary on either side of the Atlantic, literal phrases and figures in tables are no evidence."""

from pathlib import Path

import pytest

import retold
from retold.language_model.batch import Batch
from retold.signals.atlantic import CommonEnglishBatch, counterparts, is_atlantic_pair, phrase_tokens
from retold.signals.base import Evidence
from retold.signals.evidence import find_evidence
from retold.text import analyse

CASES = Path(__file__).parent / "data" / "cases"
# Ordinary sentences of an article in American spelling around what a test looks at.
AMERICAN = "The labor secretary said the center would open its theater in gray weather. {}"


@pytest.fixture(scope="module")
def detector():
    return retold.load()


def case(name: str) -> str:
    return (CASES / f"{name}.txt").read_text(encoding="utf-8")


def flagged(detector, text: str, *groups: str, is_machine: bool = True) -> list[tuple[str, str | None]]:
    """What is flagged of one text, and the suggestions."""
    batch = Batch([analyse(text)], detector.components.language_model)
    (found,) = find_evidence(batch, detector.signals, [is_machine])
    return [(e.text, e.suggestion) for e in found if not groups or e.signal in groups]


@pytest.mark.parametrize("is_machine", [False, True])
def test_british_news_is_ordinary_english(detector, is_machine):
    assert flagged(detector, case("british-newsroom"), is_machine=is_machine) == []
    assert detector.score(case("british-newsroom")).evidence == ()


@pytest.mark.parametrize("name", ["figures-400-737", "figures-table"])
def test_figures_side_by_side_are_no_artefacts(detector, name):
    assert flagged(detector, case(name), "artefacts") == []
    assert flagged(detector, case(name)) == flagged(detector, case(f"{name}-control"))


@pytest.mark.parametrize(
    "text",
    [
        "Some 12 000 people came\nto the town of 74\n100 houses.",
        "Growth of 12 000 people was 74 100% more than in 2015.",
        "Name\tTotal\nSmith\t12 000\nBrown\t14 500\n\nThe 12 000 people of the town voted.",
    ],
)
def test_thousands_are_joined_within_a_sentence_alone(detector, text):
    assert flagged(detector, text, "artefacts") == [("12 000", "12,000")]


def test_round_thousands_speak_for_the_others(detector):
    assert flagged(detector, "There were 12 345 people.", "artefacts") == []
    both = flagged(detector, "There were 12 345 people and 140 000 trees.", "artefacts")
    assert both == [("12 345", "12,345"), ("140 000", "140,000")]


@pytest.mark.parametrize("habit", ["It happened on the 24 February.", "It begins at 8 o'clock."])
def test_british_dates_and_hours_are_artefacts_only_in_other_articles(detector, habit):
    british = "The labour minister said the centre would open its theatre in grey weather. {}"
    assert flagged(detector, british.format(habit), "artefacts") == []
    assert len(flagged(detector, AMERICAN.format(habit), "artefacts")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Users point the device at the screen and press a button.",
        "They sat in the four-boat that won at Henley.",
        "The game runs on a regular console and a cheap screen.",
    ],
)
def test_a_literal_phrase_is_a_broken_idiom_only_in_machine_text_and_has_no_suggestion(detector, text):
    assert flagged(detector, text, "idioms", is_machine=False) == []
    assert [suggestion for _, suggestion in flagged(detector, text, "idioms")] == [None]


def test_what_the_channel_produces_is_a_broken_idiom_anywhere(detector):
    text = "The minister has paid cold water on the idea of a deal."
    assert flagged(detector, text, "idioms", is_machine=False) == [("paid cold water on", "poured cold water on")]


@pytest.mark.parametrize(
    "text",
    ["The Union for trade called off the strike.", "The company said that the Horizon system is in the Horizon."],
)
def test_words_with_a_capital_belong_to_a_name_and_to_no_broken_idiom(detector, text):
    assert flagged(detector, text, "idioms") == []


def test_a_story_may_use_two_words_for_one_thing(detector):
    story = "A baby was found in the park. The baby was well. Police said the baby would stay in care. The child slept."
    assert "child" not in {text for text, _ in flagged(detector, story, "terms")}


@pytest.mark.parametrize("text", ["Sales rose to 12.5 bn in the first quarter.", "The club paid 30 m for him."])
def test_abbreviations_of_british_desks_are_phrases_of_one_side(text):
    article = analyse(text)
    assert [article.tokens[i] for i in phrase_tokens(article)] in (["bn"], ["m"])


@pytest.mark.parametrize("rank", ["longest", "third", "worst"])
def test_ranks_stand_in_each_others_frames(detector, rank):
    assert flagged(detector, f"She had been open for the {rank} time on record.", "idioms") == []


def test_words_of_both_sides_are_counterparts():
    assert "gasoline" in counterparts()["petrol"]
    assert "lines" in counterparts()["queues"]
    assert counterparts()["favoured"] == {"favored"}
    assert not any(word in others for word, others in counterparts().items())


@pytest.mark.parametrize(
    ("words", "others", "is_pair"),
    [
        ("autumn", "fall", True),
        ("the petrol station", "the gas station", True),
        ("the kremlin", "the kremlin", False),
        ("colony", "settlement", False),
        ("petrol", "gas station", False),
    ],
)
def test_pairs_differ_in_words_of_the_two_sides(words, others, is_pair):
    assert is_atlantic_pair(words.split(), others.split()) == is_pair


def test_a_batch_in_common_english_keeps_its_tokens(detector):
    model = detector.components.language_model
    articles = [analyse("Queues formed outside."), analyse("The labour vote, in autumn.")]
    common = CommonEnglishBatch(articles, model)
    shown = [model.vocabulary.words[i] for i in common.ids]
    assert shown == "lines formed outside . the labor vote , in fall .".split()
    assert common.is_replaced.tolist() == [word in ("lines", "labor", "fall") for word in shown]
    assert CommonEnglishBatch([], model).is_replaced.tolist() == []


def test_mistranslations_stay_beside_british_words(detector):
    text = "In autumn the minister has paid cold water on the labour deal."
    assert flagged(detector, text, "idioms") == [("paid cold water on", "poured cold water on")]


class _Suggests:
    """Suggests the same for every text, over the first word."""

    def __init__(self, signal: str, suggestion: str) -> None:
        self.signal, self.suggestion = signal, suggestion

    def find_evidence(self, batch):
        first = [(article, article.raw.split()[0]) for article in batch.articles]
        return [[Evidence(0, len(w), w, self.signal, self.suggestion, None, 0.9, "")] for _, w in first]


@pytest.mark.parametrize(
    ("signal", "text", "suggestion", "is_shown"),
    [
        ("terms", "facade after facade", "façade", False),
        ("terms", "colony after colony", "settlement", True),
        ("artefacts", "kyiv said no", "Kyiv", True),
    ],
)
def test_accents_are_a_spelling_and_capitals_no_accents(detector, monkeypatch, signal, text, suggestion, is_shown):
    monkeypatch.setattr("retold.signals.evidence.EvidenceFinder", _Suggests)
    batch = Batch([analyse(text)], detector.components.language_model)
    assert bool(find_evidence(batch, [_Suggests(signal, suggestion)], [True])[0]) == is_shown


def test_no_articles_have_no_evidence(detector):
    assert find_evidence(Batch([], detector.components.language_model), detector.signals, []) == []
    assert flagged(detector, "") == []
