"""The pages of ``retold trace``: where texts come from, and who took the articles of an archive, in a real browser."""

import json
import re

import pytest
from browser import chromium
from fakes import verdict
from tiny_corpus import ROWS

import retold
from retold.archive import Archive
from retold.archive.sources import Source
from retold.archive.tracing import Trace, trace_one
from retold.cli.main import main
from retold.compare.reference import compare_pair
from retold.compare.version import Version
from retold.detector.explanation import Explanation
from retold.reading import Document, Unreadable
from retold.report.beside_source import beside_source
from retold.report.taken_html import render_taken_html
from retold.report.trace_html import TracedText, render_traces_html

HOSTILE = (
    "</script><script>window.hit=1</script><img src=x onerror=window.hit=1>\"' onmouseover='window.hit=1' "
    "</title></style></div></details><svg onload=window.hit=1><a href=javascript:window.hit=1>\u202e\u2066 \u05d0\u05d1 &#60;b&#62;"
)
ORIGINALS = {row["group"]: row["text"] for row in ROWS if row["label"] == "original"}
TRIPS = {row["group"]: row["text"] for row in ROWS if row["label"] == "back-translated"}
FIRST, SECOND, ABSENT = sorted(TRIPS)[:3]
OPEN_ALL = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
BY = ("text", "source")


def corrupted(text):
    """A text with its first whole number of two digits changed."""
    number = next(word for word in text.split() if word.isdigit() and len(word) == 2)
    return text.replace(f" {number} ", f" {int(number) + 7} ", 1), number, str(int(number) + 7)


WITH_NUMBER = next(group for group in sorted(ORIGINALS) if group not in (FIRST, SECOND, ABSENT))
CHANGED, BEFORE, AFTER = corrupted(ORIGINALS[WITH_NUMBER])


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Both pages of seven texts, one of two articles, one without a source, one too short, and an input that was not read."""
    folder = tmp_path_factory.mktemp("trace")
    held = [FIRST, SECOND, WITH_NUMBER]
    Archive.create(folder / "wire.archive").add(
        Document(
            f"wire/{group}", ORIGINALS[group], "", (), "2024-05-10", {"outlet": "Wire", "url": f"https://w/{group}"}
        )
        for group in held
    )
    rows = [
        {"id": "farm/trip", "text": TRIPS[FIRST], "date": "2024-05-12", "outlet": "Farm"},
        {"id": "daily/copy", "text": ORIGINALS[FIRST], "date": "2024-05-11", "outlet": "Daily"},
        {"id": "daily/changed", "text": CHANGED, "date": "2024-05-13", "outlet": "Daily"},
        {"id": "farm/mosaic", "text": f"{TRIPS[FIRST]}\n{TRIPS[SECOND]}"},
        {"id": "stranger", "text": TRIPS[ABSENT]},
        {"id": "short", "text": "Too short."},
        {"id": "unread"},
    ]
    return traced(folder, rows, folder / "wire.archive")


def traced(folder, rows, archive):
    given = folder / "suspects.jsonl"
    given.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    for by in BY:
        assert (
            main(["trace", str(given), "--archive", str(archive), "--by", by, "--output", str(folder / f"{by}.html")])
            < 2
        )
    return {by: folder / f"{by}.html" for by in BY}


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")])
def test_nothing_keeps_readers_out_or_runs_over_the_edge(browser, pages, by, width, scheme):
    browser.open(pages[by], width, scheme)
    browser.run(OPEN_ALL)
    assert browser.faults() == []
    assert browser.run("return document.documentElement.scrollWidth") == width
    assert browser.violations_of_policy() == []


def headline(browser):
    return browser.run("return document.querySelector('h1').textContent")


def cells(browser, row):
    """The cells of a row of the table by the keys of their columns."""
    script = (
        "const t = document.getElementById('articles'); const row = [...t.tBodies[0].rows].find(r => r.cells[0].textContent === arguments[0]);"
        "return Object.fromEntries([...t.tHead.rows[0].cells].map((head, n) => [head.dataset.key, row.cells[n].textContent]))"
    )
    return browser.run(script, row)


def test_by_text_counts_sources_and_says_what_was_not_read(browser, pages):
    browser.open(pages["text"])
    assert headline(browser) == (
        "6 texts: 4 made from articles of the archive, 1 without a source in it, 1 not judged, 1 not read"
    )
    header = browser.run("return document.querySelector('header').textContent")
    assert "wire.archive (3 articles)" in header
    assert "of 100" in header or "of 1,000" in header
    assert "unread" in browser.run("return document.querySelector('#unread + table').textContent")


def test_by_text_a_row_names_the_source_and_the_changed_facts(browser, pages):
    browser.open(pages["text"])
    row = cells(browser, "farm/trip")
    assert (row["source"], row["date"], row["outlet"]) == (f"wire/{FIRST}", "2024-05-12", "Farm")
    assert row["label"] == "\u25b2 back-translated"
    assert cells(browser, "daily/copy")["label"] == "\u25cf copied word for word"
    assert cells(browser, "daily/changed")["facts"] == "1"
    assert cells(browser, "stranger")["source"] == ""
    facts = browser.run(
        "return [...document.querySelectorAll('#articles + h2 + table tbody td')].map(one => one.textContent)"
    )
    assert facts[:3] == ["number", BEFORE, AFTER]


def test_by_text_a_text_stands_beside_every_source_with_its_changed_facts_first(browser, pages):
    browser.open(pages["text"])
    browser.run(OPEN_ALL)
    section = "const s = [...document.querySelectorAll('details.article')].find(one => one.querySelector('h3').textContent === arguments[0]);"
    assert browser.run(f"{section} return s.querySelectorAll('table.sides').length", "farm/mosaic") == 2
    assert browser.run(f"{section} return s.querySelectorAll('table.sides').length", "stranger") == 0
    assert browser.run(f"{section} return s.querySelector('.text').textContent.length", "stranger") > 500
    order = (
        f"{section} return s.querySelector('.facts-changed').compareDocumentPosition(s.querySelector('table.sides'))"
    )
    following = 4
    assert browser.run(order, "daily/changed") == following


def test_both_pages_sort_and_filter(browser, pages):
    shown = "return [...document.querySelectorAll('#articles tbody tr:not([hidden]) a')].map(a => a.textContent)"
    change = "const f = document.forms[0]; f[arguments[0]].value = arguments[1]; f.dispatchEvent(new Event('input'))"
    browser.open(pages["text"])
    for name, value, ids in (
        ("label", "copied", {"daily/copy"}),
        ("outlet", "Daily", {"daily/copy", "daily/changed"}),
        ("source", f"wire/{WITH_NUMBER}", {"daily/changed"}),
        ("folder", "farm", {"farm/trip", "farm/mosaic"}),
    ):
        browser.run("document.forms[0].reset()")
        browser.run(change, name, value)
        assert set(browser.run(shown)) == ids
        assert browser.run("return document.querySelectorAll('details.article:not([hidden])').length") == len(ids)
    browser.open(pages["source"])
    browser.run(change, "texts", "2")
    assert browser.run(shown) == [f"wire/{FIRST}"]
    browser.run("document.forms[0].reset()")
    for first in (True, False):
        browser.run("document.querySelector('th[data-key=texts] button').click()")
        assert (browser.run(shown)[0] == f"wire/{FIRST}") is first


def test_by_source_every_taker_is_there_in_the_order_of_days(browser, pages):
    browser.open(pages["source"])
    assert headline(browser) == "3 articles of the archive were taken, by 4 texts"
    row = cells(browser, f"wire/{FIRST}")
    assert (row["texts"], row["first"], row["last"]) == ("3", "2024-05-11", "2024-05-12")
    browser.run(OPEN_ALL)
    assert browser.run("return document.querySelectorAll('details.pair table.sides').length") == 5
    takers = "return [...document.querySelectorAll('details.article table:not(.sides) tbody')[0].rows].map(row => row.cells[1].textContent)"
    assert browser.run(takers) == ["daily/copy", "farm/trip", "farm/mosaic"]
    without = browser.run("return document.querySelector('#without + table').textContent")
    assert "stranger" in without
    assert "short" in without
    assert "unread" in browser.run("return document.querySelector('#unread + table').textContent")


@pytest.mark.parametrize("by", BY)
def test_on_paper_everything_is_open(browser, pages, by):
    browser.open(pages[by], media="print")
    hidden = "return [...document.querySelectorAll('table.sides')].filter(one => !one.checkVisibility({contentVisibilityAuto: true})).length"
    assert browser.run(hidden) == 0
    assert not browser.run("return document.getElementById('filters').checkVisibility()")


@pytest.fixture(scope="module")
def hostile_pages(tmp_path_factory):
    """Pages of which every name, word and reason is hostile, and one word has a million letters."""
    folder = tmp_path_factory.mktemp("hostile")
    source = Source(
        HOSTILE, HOSTILE, "javascript:window.hit=1", HOSTILE, HOSTILE, 0.9, 0.8, 0.7, {HOSTILE: 0.6}, HOSTILE
    )
    texts = [f"{HOSTILE} It cost {cost} million. {HOSTILE} {'w' * 1_000_000}" for cost in (12, 21)]
    article, version = (Version.of(HOSTILE, text, HOSTILE) for text in texts)
    changes = compare_pair(article, version, retold.load().comparison_weights)
    judged = verdict(
        HOSTILE, "back-translated", warnings=(HOSTILE,), model=HOSTILE, signature=HOSTILE, pivot={HOSTILE: 1.0}
    )
    trace = Trace(judged, HOSTILE, HOSTILE, HOSTILE, (source,), tuple(changes))
    stranger = Trace(judged, HOSTILE, HOSTILE, HOSTILE, (), ())
    beside = beside_source(article, version, changes, HOSTILE, HOSTILE)
    results = [
        TracedText(trace, Explanation(judged, texts[1]), (beside,)),
        TracedText(stranger, Explanation(judged, texts[1]), ()),
        Unreadable(HOSTILE, HOSTILE),
    ]
    for by, render in (("text", render_traces_html), ("source", render_taken_html)):
        (folder / f"{by}.html").write_text("".join(render(results, HOSTILE)), encoding="utf-8")
    return {by: folder / f"{by}.html" for by in BY}


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize(
    ("width", "scheme", "media"), [(1280, "light", "screen"), (390, "dark", "screen"), (390, "light", "print")]
)
def test_no_text_ever_runs(browser, hostile_pages, by, width, scheme, media):
    browser.open(hostile_pages[by], width, scheme, media)
    browser.run(OPEN_ALL)
    assert browser.run("return window.hit ?? null") is None
    assert browser.run("return document.scripts.length") == 1
    assert (
        browser.run(
            "return document.querySelectorAll('img, svg[onload], [onmouseover], [onerror], a:not([href^=\"#\"])').length"
        )
        == 0
    )
    assert browser.run("return document.querySelectorAll('table.sides').length") == 1
    assert browser.run("return document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("render", [render_traces_html, render_taken_html])
def test_a_page_of_many_texts_stays_small_and_says_what_it_leaves_out(monkeypatch, render):
    monkeypatch.setattr("retold.report.html_report._LARGE", 0)
    monkeypatch.setattr("retold.report.html_report._AT_LEAST", 1)
    article, version = (
        Version.of("wire", "It cost 12 million. Nobody came.", ""),
        Version.of("t", "It cost 21 million. Nobody came."),
    )
    changes = compare_pair(article, version, retold.load().comparison_weights)
    beside = beside_source(article, version, changes)
    source = Source("wire", "", "", "", "edited", 0.9, 0.8, 0.7, {}, "a")
    judged = [verdict(f"t{n}", "edited") for n in range(3)]
    traced = [Trace(one, "", "", "", (source,), tuple(changes)) for one in judged]
    shown = "".join(render([TracedText(t, Explanation(t.verdict, version.article.raw), (beside,)) for t in traced]))
    assert shown.count('<table class="sides">') == 1
    assert shown.count("The two are not shown side by side") == 2
    assert shown.count("<li>number: 12 million \u2192 21 million</li>") == 3
    n_changes = sum(c.kind == "number" for c in changes)
    assert re.search(r'<mark class="number">number<sup[^>]*>#</sup></mark> (\d+)', shown)[1] == str(n_changes)


def test_a_source_whose_text_is_gone_is_named_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr("retold.cli.html_results._archived", lambda *_: None)
    Archive.create(tmp_path / "a").add([Document("wire/first", ORIGINALS[FIRST], "")])
    for page in traced(tmp_path, [{"id": "trip", "text": TRIPS[FIRST]}], tmp_path / "a").values():
        shown = page.read_text(encoding="utf-8")
        assert "The archive no longer has its text" in shown
        assert "Beside its source: <bdi>wire/first</bdi>" in shown


def test_a_page_that_was_cut_short_has_what_came(tmp_path, monkeypatch):
    Archive.create(tmp_path / "a").add([Document("wire/first", ORIGINALS[FIRST], "")])
    given = tmp_path / "given.jsonl"
    given.write_text(
        "".join(json.dumps({"id": f"t{n}", "text": TRIPS[FIRST]}) + "\n" for n in range(3)), encoding="utf-8"
    )
    monkeypatch.setattr("retold.detector.batches.BATCH_DOCUMENTS", 1)
    monkeypatch.setattr("retold.archive.tracing.trace_one", interrupted_after(1))
    main(["trace", str(given), "--archive", str(tmp_path / "a"), "--output", str(tmp_path / "page.html")])
    (partial,) = tmp_path.glob("page.html.partial*")
    shown = partial.read_text(encoding="utf-8")
    assert "cut short" in shown
    assert "1 text: 1 made from an article of the archive" in shown


def interrupted_after(n):
    """The real ``trace_one`` n times, then Ctrl-C."""
    calls = iter(range(n))

    def trace_one_or_stop(*arguments):
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return trace_one(*arguments)

    return trace_one_or_stop
