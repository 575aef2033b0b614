"""A text is linked to the article whose wording it owes to, not to one that shares a template, a subject or a quotation with it."""

import pytest
from tiny_corpus import ROWS

import retold
from retold.archive import Archive
from retold.archive.search import rarities
from retold.archive.sources import find_sources
from retold.archive.wording import has_own_wording, may_be_source, shares_wording
from retold.archive.words import index_words
from retold.compare.relations import align_pair
from retold.compare.version import Version
from retold.reading import Document

ORIGINALS = [row for row in ROWS if row["label"] == "original"]
TRIPS = {row["group"]: row for row in ROWS if row["label"] == "back-translated"}
# What a newsletter says in every issue: a fifth of a text.
TEMPLATE = " ".join(ORIGINALS[0]["text"].split()[:70]) + "."


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    archive = Archive.create(tmp_path_factory.mktemp("wording") / "wire.archive")
    issues = [Document(row["id"], f"{TEMPLATE}\n{row['text']}", row["id"]) for row in ORIGINALS[1:12]]
    archive.add(issues)
    return archive


def test_a_template_is_no_source(archive):
    weights = retold.load().comparison_weights
    for row in ORIGINALS[12:15]:
        assert find_sources(f"{TEMPLATE}\n{row['text']}", [archive], weights) == []


def test_a_round_trip_owes_its_wording_and_another_article_does_not(archive):
    first, second = ORIGINALS[1], ORIGINALS[2]
    text = TRIPS[first["group"]]["text"]
    words = index_words(text)
    rarity = rarities([archive], words)
    found = {}
    for row in (first, second):
        article, version = Version.of("", row["text"]), Version.of("", text)
        found[row["id"]] = shares_wording(align_pair(article, version).starting_from(article), rarity)
    assert found == {first["id"]: True, second["id"]: False}
    assert may_be_source(words, index_words(first["text"]), rarity)
    assert not may_be_source(words, ["the", "a"], rarity)


def test_what_other_articles_share_too_speaks_for_no_source():
    bodies = [index_words(row["text"]) for row in ORIGINALS[1:7]]
    template = index_words(ORIGINALS[0]["text"])[:60]
    text, *issues = [[*template, *body] for body in bodies]
    rarity = dict.fromkeys([word for issue in (text, *issues) for word in issue], 2.0)
    assert not has_own_wording(text, issues[0], issues[1:], rarity)
    assert has_own_wording(text, issues[0], bodies[2:], rarity)


def test_an_edition_of_an_article_takes_nothing_from_it():
    words = index_words(TRIPS[ORIGINALS[1]["group"]]["text"])
    article = index_words(ORIGINALS[1]["text"])
    edition = [*article[5:], "corrected", "version"]
    assert has_own_wording(words, article, [edition], dict.fromkeys([*words, *article], 2.0))
