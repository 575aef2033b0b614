"""The HTML report in a real browser: what a reader sees, by mouse and keyboard, and that no text ever runs."""

from datetime import date

import pytest
from browser import chromium
from fakes import ARTICLE, FakeDetector, evidence, verdict

from retold.cli.score import score
from retold.compare.reference import compare_pair
from retold.compare.version import Version
from retold.detector.explanation import Contribution, Explanation
from retold.reading import Unreadable
from retold.report import render_html
from retold.report.beside_source import beside_source

TEXT = "The colony on the high hill.\n\nA second paragraph, about nothing.\n" * 3
HOSTILE = (
    "</script><script>window.hit=1</script><img src=x onerror=window.hit=1>\"' onmouseover='window.hit=1' "
    "</title></style></div></details><svg onload=window.hit=1><a href=javascript:window.hit=1>\u202e\u2066 \u05d0\u05d1 &#60;b&#62;"
)


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The report of six articles and an input that was not read."""
    found = (evidence(4, "colony", 0.9), evidence(18, "high", 0.8, suggestion="senior", signal="idioms", pivot=None))
    reasons = (Contribution("choice of words", 2.5, ()), Contribution("length of the article", -0.4, ()))
    translated = [
        verdict(f"north/{i}.txt", "back-translated", evidence=found, pivot={"pt": 0.8}, warnings=("short text",))
        for i in range(2)
    ]
    others = [verdict("south/a.txt"), verdict("south/b.txt", "edited", 900), verdict("c", abstained=True)]
    results = [*(Explanation(v, TEXT, reasons) for v in translated), *(Explanation(v, TEXT) for v in others)]
    results += [Explanation(verdict("d", None, 3), "Too short."), Unreadable("bad.txt", "a binary file")]
    return written(tmp_path_factory.mktemp("report") / "report.html", results)


def written(path, results, beside=None):
    path.write_text("".join(render_html(results, made=date(2024, 2, 29), beside=beside)), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_readers_out_or_runs_over_the_edge(browser, report, width, scheme):
    browser.open(report, width, scheme)
    browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    browser.run("document.querySelectorAll('button.m').forEach((one) => one.click())")
    assert browser.faults() == []
    assert browser.run("return document.documentElement.scrollWidth") == width
    assert browser.violations_of_policy() == []


def test_colours_follow_the_scheme(browser, report):
    papers = []
    for scheme in ("light", "dark"):
        browser.open(report, scheme=scheme)
        papers.append(browser.run("return getComputedStyle(document.body).backgroundColor"))
    assert papers == ["rgb(251, 250, 247)", "rgb(25, 24, 22)"]


def test_a_mark_opens_its_reason_by_keyboard_and_closes_it(browser, report):
    browser.open(report)
    browser.run("document.querySelector('details').open = true; document.querySelector('button.m').focus()")
    browser.press("\ue007")
    mark = "const m = document.querySelector('button.m'); return [m.ariaExpanded, m.nextElementSibling?.textContent]"
    expanded, reason = browser.run(mark)
    assert expanded == "true"
    assert reason == "colony \u2192 settlement? through French (terms, 90%)"
    browser.press("\ue00c")
    assert browser.run(mark)[0] == "false"


def shown_ids(browser):
    return browser.run(
        "return [...document.querySelectorAll('#articles tbody tr:not([hidden]) a')].map(a => a.textContent)"
    )


def test_the_table_filters_and_the_texts_with_it(browser, report):
    browser.open(report)
    change = "const f = document.forms[0]; f[arguments[0]].value = arguments[1]; f.dispatchEvent(new Event('input'))"
    for name, value, ids in (
        ("label", "back-translated", ["north/0.txt", "north/1.txt"]),
        ("folder", "south", ["south/a.txt", "south/b.txt"]),
        ("pivot", "Portuguese", ["north/0.txt", "north/1.txt"]),
        ("words", "500", ["south/b.txt"]),
        ("p", "50", ["north/0.txt", "north/1.txt"]),
    ):
        browser.run("document.forms[0].reset()")
        browser.run(change, name, value)
        assert shown_ids(browser) == ids
        assert browser.run("return document.querySelectorAll('details.article:not([hidden])').length") == len(ids)
        assert browser.run("return document.querySelector('output').textContent") == f"{len(ids)} of 6 shown"


def test_the_table_sorts(browser, report):
    browser.open(report)
    browser.run("document.querySelector('th[data-key=words] button').click()")
    assert shown_ids(browser)[0] == "south/b.txt"
    browser.run("document.querySelector('th[data-key=words] button').click()")
    assert shown_ids(browser)[0] == "d"
    assert browser.run("return document.querySelector('th[data-key=words]').ariaSort") == "ascending"


def test_a_row_leads_to_its_text(browser, report):
    browser.open(report)
    browser.run("document.querySelector('#articles tbody a').click()")
    assert browser.run(
        "return new Promise(done => setTimeout(() => done(document.querySelector('details').open), 100))"
    )


def test_on_paper_every_text_is_open(browser, report):
    browser.open(report, media="print")
    texts = "return [...document.querySelectorAll('.text')].every(one => one.checkVisibility({contentVisibilityAuto: true}))"
    assert browser.run(texts)
    assert not browser.run("return document.getElementById('filters').checkVisibility()")


@pytest.mark.parametrize(
    ("width", "scheme", "media"),
    [(1280, "light", "screen"), (390, "dark", "screen"), (1280, "light", "print"), (390, "light", "print")],
)
def test_no_text_ever_runs(browser, tmp_path, width, scheme, media):
    item = evidence(0, HOSTILE, signal=HOSTILE, suggestion=HOSTILE, pivot=HOSTILE)
    text = HOSTILE + "w" * 1_000_000 + HOSTILE
    hostile = verdict(
        HOSTILE, "back-translated", evidence=(item,), warnings=(HOSTILE,), model=HOSTILE, signature=HOSTILE
    )
    results = [Explanation(hostile, text, (Contribution(HOSTILE, 1.0, ()),)), Unreadable(HOSTILE, HOSTILE)]
    browser.open(written(tmp_path / "hostile.html", results, beside=hostile_source), width, scheme, media)
    browser.run("document.querySelectorAll('button.m').forEach((one) => one.click())")
    assert browser.run("return window.hit ?? null") is None
    assert browser.run("return document.scripts.length") == 1
    assert browser.run("return document.querySelectorAll('img, svg[onload], [onmouseover], [onerror]').length") == 0
    assert browser.run("return document.documentElement.scrollWidth") == width
    assert browser.run("return document.querySelectorAll('details.article').length") == 1
    assert browser.run("return document.querySelectorAll('table.sides').length") == 1


def hostile_source(explanation):
    """An article beside a source of which every field and word is hostile."""
    source = Version.of(HOSTILE, f"{HOSTILE} It cost 12 million. {HOSTILE}", HOSTILE)
    version = Version.of(HOSTILE, f"{HOSTILE} It cost 21 million. {HOSTILE}")
    changes = compare_pair(source, version, FakeDetector().comparison_weights)
    return beside_source(source, version, changes, HOSTILE)


@pytest.fixture(scope="module")
def beside(tmp_path_factory):
    """The report of an article beside its original, and of one that tells another story."""
    folder = tmp_path_factory.mktemp("beside")
    story = (
        "The council approved 45 new homes on Monday. Residents of the old settlement had asked for a park instead. "
        * 4
    )
    texts = {
        "original.txt": story,
        "copy.txt": story.replace("45", "54")
        .replace("settlement", "colony")
        .replace("Residents of", "Inhabitants from"),
        "other.txt": ARTICLE,
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    given = [folder / "copy.txt", folder / "other.txt"]
    score(given, "html", folder / "report.html", reference=folder / "original.txt", detector=FakeDetector())
    return folder / "report.html"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_two_columns_keep_nobody_out_and_stay_on_the_page(browser, beside, width, scheme):
    browser.open(beside, width, scheme)
    browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert browser.faults() == []
    assert browser.run("return document.documentElement.scrollWidth") == width
    assert browser.violations_of_policy() == []


def test_an_article_stands_beside_its_original_with_the_changed_facts_first(browser, beside):
    browser.open(beside)
    browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert browser.run("return document.querySelectorAll('table.sides').length") == 1
    facts = browser.run("return [...document.querySelectorAll('.facts-changed li')].map((one) => one.textContent)")
    assert facts[0] == "number: 45 \u2192 54"
    cells = "return [...document.querySelectorAll('table.sides tbody tr:first-child td')].map((one) => one.offsetTop)"
    left, right = browser.run(cells)
    assert left == right
    marked = "return getComputedStyle(document.querySelector('table.sides mark.number')).fontWeight"
    assert browser.run(marked) == "700"
    browser.run("document.getElementById('show-number').click()")
    assert browser.run(marked) == "400"


def test_the_summary_speaks_of_comparison_and_of_texts_by_themselves(browser, beside):
    browser.open(beside)
    head = browser.run("return document.querySelector('header').textContent")
    assert "1 article was compared with the source that stands beside it" in head
    assert "Of articles without a source the following holds" in head
    assert "by itself betrays nothing" in head


def test_where_all_have_a_source_nothing_is_said_of_texts_by_themselves(browser, beside):
    page = beside.parent / "all.html"
    score([beside.parent / "copy.txt"], "html", page, reference=beside.parent / "original.txt", detector=FakeDetector())
    browser.open(page)
    head = browser.run("return document.querySelector('header').textContent")
    assert "not a proof" in head
    assert "by itself betrays nothing" not in head


def test_on_a_phone_the_columns_follow_each_other_with_their_names(browser, beside):
    browser.open(beside, 390)
    browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    cells = "return [...document.querySelectorAll('table.sides tbody tr:first-child td')].map((one) => [one.offsetTop, getComputedStyle(one, '::before').content])"
    (upper, first), (lower, second) = browser.run(cells)
    assert upper < lower
    assert (first, second) == ('"original.txt"', '"copy.txt"')


def test_the_policy_stops_a_script_that_slipped_through(browser, report, tmp_path):
    page = tmp_path / "slipped.html"
    slipped = "<script>window.hit = 1</script><img src=x onerror='window.hit = 1'>"
    page.write_text(report.read_text(encoding="utf-8").replace("<main>", "<main>" + slipped), encoding="utf-8")
    browser.open(page)
    assert browser.run("return window.hit ?? null") is None
    assert browser.violations_of_policy()
