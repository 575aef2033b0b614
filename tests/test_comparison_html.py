"""The HTML page of a comparison: the lineage as drawn, versions side by side, and hostile names and texts."""

import html
import re
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from browser import chromium

from retold.compare.alignment import align
from retold.compare.changes import KINDS
from retold.compare.result import Change, Cluster, ComparedDocument, Comparison, LineageEdge
from retold.compare.version import Version
from retold.reading import Unreadable
from retold.report.comparison_html import render_comparison_html
from retold.report.lineage_svg import lineage_svg
from retold.report.side_by_side import MEANINGS, side_by_side
from retold.report.story_words import story_sentence

A = "The mayor opened the bridge on Monday. It cost 67 million. Nobody from Aldersey came to watch the ribbon fall."
B = "Nobody from Aldersey came to watch the ribbon fall. The mayor inaugurated the bridge on Monday. It cost 76 million. More is to follow soon."
HOSTILE = "</script><script>window.hit=1</script><img src=x onerror=window.hit=1>\"'\u202e"


def document(id, label="original", pivot=None):
    shares = {name: 0.98 if name == label else 0.01 for name in ("original", "edited", "back-translated")}
    return ComparedDocument(id, 0, label, shares, pivot or {}, True)


def change(a, b, kind, before, after, risk="none"):
    spans = (a.article.raw.index(before), b.article.raw.index(after))
    found = [(start, start + len(piece)) for start, piece in zip(spans, (before, after), strict=True)]
    return Change(a.id, b.id, kind, *found, before, after, risk, fact=kind if risk == "fact" else None)


def example(name="b"):
    """Two versions, the second translated back from the first, and a third that neither was made from."""
    a, b, c = Version.of("north/a", A, "2024-02-28"), Version.of(name, B + HOSTILE), Version.of("c", A)
    changes = [change(a, b, "number", "67", "76", "fact"), change(a, b, "retranslation", "opened", "inaugurated")]
    edges = (LineageEdge(a.id, b.id, "back-translated", "pt", 0.97), LineageEdge(a.id, "c", "edited", None, 0.9))
    documents = (document(a.id), document(b.id, "back-translated", {"pt": 0.42}), document("c", "edited"))
    cluster = Cluster(0, (a.id, b.id, "c"), {a.id: 0.99}, edges)
    return Comparison(documents, (cluster,), tuple(changes)), (a, b, c), changes


def rendered(name="b"):
    comparison, versions, _ = example(name)
    page = render_comparison_html(
        comparison,
        versions,
        lambda a, b: [],
        date(2024, 2, 29),
        outlets={name: name},
        unread=[Unreadable(name, HOSTILE)],
        program=[("Model", name)],
    )
    return "".join(page)


def drawn(edges, ids="abc"):
    cluster = Cluster(0, tuple(ids), {}, tuple(edges))
    return lineage_svg(cluster, {id: document(id) for id in ids}, {})


def test_a_pivot_bears_its_own_probability_and_the_relation_its_own():
    comparison, versions, _ = example()
    svg = lineage_svg(
        comparison.clusters[0], {d.id: d for d in comparison.documents}, {versions[0].id: versions[0].date}
    )
    assert ">back-translated 97%</text>" in svg
    assert ">through Portuguese 42%</text>" in svg
    assert ">2024-02-28 \u00b7 north</text>" in svg


def test_children_stand_right_of_their_parents_and_no_cards_overlap():
    svg = drawn([LineageEdge("a", "b", "edited", None, 1.0), LineageEdge("b", "c", "copied", None, 1.0),
                 LineageEdge("a", "d", "edited", None, 1.0)], "abcd")  # fmt: skip
    places = re.findall(r"<title>(\w)</title><rect x=\"(\d+)\" y=\"([\d.]+)\"", svg)
    x = {id: int(x) for id, x, _ in places}
    assert x["a"] < x["b"] < x["c"]
    assert x["d"] == x["b"]
    assert len({(x, y) for _, x, y in places}) == 4
    assert 'class="absent"' not in svg


def test_versions_without_a_parent_hang_from_a_missing_one():
    svg = drawn([LineageEdge("a", "b", "edited", None, 1.0)])
    assert svg.count('<path class="absent"') == 2
    assert svg.count('<rect class="absent"') == 1


def test_every_kind_of_change_is_explained():
    assert tuple(MEANINGS) == KINDS


def test_a_card_names_the_outlet_where_it_is_known():
    cluster = Cluster(0, ("a", "b"), {}, (LineageEdge("a", "b", "edited", None, 1.0),))
    svg = lineage_svg(cluster, {id: document(id) for id in "ab"}, {"a": "2024-02-28"}, {"a": "The Gazette"})
    assert ">2024-02-28 \u00b7 The Gazette</text>" in svg


def test_a_long_chain_is_no_deep_recursion():
    ids = [f"{n}" for n in range(1500)]
    edges = [LineageEdge(a, b, "edited", None, 1.0) for a, b in pairwise(ids)]
    assert drawn(edges, ids).count("<rect") == 1500


def test_side_by_side_holds_both_texts_with_their_changes_in_place():
    _, (a, b, _), changes = example()
    rows = re.findall(r"<tr><td[^>]*>(.*?)</td><td[^>]*>(.*?)</td></tr>", side_by_side(align(a, b), changes), re.DOTALL)
    assert any(
        '<mark class="number" title="number">67<' in x and '<mark class="number" title="number">76<' in y
        for x, y in rows
    )
    assert any("Nobody from" in x and "Nobody from" in y and 'class="moved"' in y for x, y in rows)
    assert any(x == "" and "More is to follow" in y for x, y in rows)
    shown = [html.unescape(re.sub(r"<sup.*?</span>|<[^>]*>", "", cell)) for pair in rows for cell in pair]
    assert all(sentence in " ".join(shown) for sentence in ("It cost 67 million.", "It cost 76 million."))


def test_the_page_says_what_was_compared_with_what_and_what_was_not_read():
    page = rendered("b")
    assert "<h1>3 documents, 1 story in several versions, 2 changes, 1 not read</h1>" in page
    assert "<dt>Model</dt><dd>b</dd>" in page
    assert "By the likeliest lineage north/a is the source (99%); of the others, 1 was translated back" in page
    assert '<h2 id="unread">Not read</h2>' in page
    assert ">2024-02-28</td>" in page


@pytest.mark.parametrize(
    ("edges", "words"),
    [
        ([LineageEdge("a", "b", "back-translated", "pt", 0.9)], "By the likeliest lineage a is the source (75%); the other was translated back by machine through Portuguese."),
        ([], "By the likeliest lineage the source is not among these (15%): 2 descend from a version that is missing."),
    ],
)  # fmt: skip
def test_a_story_in_a_sentence(edges, words):
    cluster = Cluster(0, ("a", "b"), {"a": 0.75, "b": 0.1}, tuple(edges))
    assert story_sentence(cluster, {id: document(id) for id in "ab"}) == words


def test_an_original_whose_own_source_may_be_missing_is_shown_as_unsure():
    comparison, versions, _ = example()
    first, *others = comparison.documents
    doubtful = replace(comparison, documents=(replace(first, abstained=True), *others))
    page = "".join(render_comparison_html(doubtful, versions, lambda a, b: []))
    assert "north/a is the source (99%), unless its own source is missing here; of the others" in page
    assert "unsure: original</span> 98%" in page
    assert 'class="unsure" x=' in page


def test_a_story_without_changed_facts_says_so():
    comparison, versions, _ = example()
    page = "".join(render_comparison_html(replace(comparison, changes=()), versions, lambda a, b: []))
    assert "No changed facts were found" in page


def test_facts_come_before_the_texts_and_every_pair_is_there():
    page = rendered()
    assert 0 < page.index("Changed facts") < page.index('<details class="pair"')
    assert page.count('<details class="pair"') == 3
    assert "back-translated through Portuguese, 2 changes" in page
    assert "neither made from the other" in page


def test_a_prompt_shows_one_line():
    assert (
        repr(Comparison((document("a"),), (), ()))
        == "<Comparison: 1 document, 0 stories in several versions, 0 changes>"
    )


def test_a_notebook_shows_the_lineage_and_the_facts_without_a_script():
    shown = example("<b>")[0]._repr_html_()
    assert '<svg class="lineage"' in shown
    assert "<td>number</td>" in shown
    assert "<script" not in shown
    assert "<b>" not in shown


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture
def page(tmp_path) -> Path:
    path = tmp_path / "comparison.html"
    path.write_text(rendered(HOSTILE), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(("scheme", "media"), [("light", "screen"), ("dark", "screen"), ("light", "print")])
@pytest.mark.parametrize("name", [HOSTILE, "folder_" * 30 + "/" + "w" * 300], ids=["hostile", "long"])
def test_nothing_keeps_readers_out_or_runs(browser, tmp_path, name, width, scheme, media):
    page = tmp_path / "comparison.html"
    page.write_text(rendered(name), encoding="utf-8")
    browser.open(page, width, scheme, media)
    browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert browser.faults() == []
    assert browser.run("return document.documentElement.scrollWidth") == width
    assert browser.run("return window.hit ?? null") is None
    assert browser.run("return document.querySelectorAll('img, [onerror]').length") == 0
    assert browser.violations_of_policy() == []


def test_two_choices_show_one_pair(browser, page):
    browser.open(page)
    visible = "return [...document.querySelectorAll('details.pair')].filter(one => one.checkVisibility()).map(one => one.dataset.b)"
    assert browser.run(visible) == ["1"]
    choose = (
        "const f = document.forms[0]; f.a.value = '2'; f.b.value = arguments[0]; f.dispatchEvent(new Event('input'))"
    )
    browser.run(choose, "1")
    assert len(browser.run(visible)) == 1
    browser.run(choose, "2")
    assert browser.run(visible) == []
    assert "different" in browser.run("return document.querySelector('output').textContent")


def test_the_legend_hides_a_kind(browser, page):
    browser.open(page)
    background = "return getComputedStyle(document.querySelector('td mark.number')).backgroundColor"
    marked = browser.run(background)
    browser.run("document.getElementById('show-number').click()")
    assert browser.run(background) == "rgba(0, 0, 0, 0)" != marked


def test_on_paper_every_pair_is_there(browser, page):
    browser.open(page, media="print")
    hidden = "return [...document.querySelectorAll('table.sides')].filter(one => !one.checkVisibility()).length"
    assert browser.run(hidden) == 0
