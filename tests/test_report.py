"""Reports: exact output, and nothing an article says may steer a terminal, a browser or a spreadsheet."""

import csv
import html
import io
import json
import re

import pytest
from fakes import MODEL, evidence, verdict

from retold.reading import Unreadable
from retold.report import explain, lines, page, sheet, table
from retold.report.csv import guarded
from retold.report.formatting import segments, verdict_words

TEXT = "The colony on the high hill.\n\nA <b>second</b> paragraph."
COLONY, HIGH = evidence(4, "colony", 0.9), evidence(18, "high", 0.8, suggestion="senior", signal="idioms", pivot=None)
FLAGGED = verdict(
    "x", "back-translated", evidence=(HIGH, COLONY), pivot={"es": 0.1, "fr": 0.7}, signals={"terms": 0.97}
)
HOSTILE = '\x1b[31m<script>alert("1")</script>\u202e=1+1'


def test_verdicts_in_words():
    cases = [verdict(), verdict(abstained=True), verdict(n_words=39), verdict(language="de")]
    assert [verdict_words(case) for case in cases] == ["original", "unsure: original", "not judged", "not judged"]


def test_segments_join_to_the_text():
    pieces = list(segments(TEXT, [HIGH, COLONY]))
    assert "".join(piece for piece, _ in pieces) == TEXT
    assert [piece for piece, item in pieces if item] == ["colony", "high"]


@pytest.mark.parametrize("weak", [evidence(0, "The colony", 0.5), evidence(4, "colony on", 0.5), evidence(6, "l", 0.5)])
def test_of_overlapping_spans_the_stronger_is_marked(weak):
    outside = evidence(50, "beyond the end")
    assert [item for _, item in segments(TEXT, [weak, COLONY, outside]) if item] == [COLONY]


def test_table():
    rows = [verdict("story/1.txt", abstained=True), FLAGGED, verdict("short", n_words=12, warnings=("only 12 words",))]
    assert "".join(table(rows, 100)) == (
        "document             verdict           sure    words  pivot  evidence\n"
        "story/1.txt          original?          90%      100  -\n"
        "x                    back-translated    90%      100  fr     colony -> settlement?, high -> senior?\n"
        "short                not judged           -       12  -      only 12 words\n"
    )


@pytest.mark.parametrize("width", [1, 60, 80, 100, 200])
def test_table_lines_fit_the_terminal(width):
    rows = [verdict("a-very-long-folder/" * 9 + "end.txt", evidence=(COLONY,) * 30)]
    shown = list(table(rows, width))
    assert all(len(line) <= max(width, 60) for line in shown)
    assert "end.txt" in shown[1]


def test_table_says_the_same_thing_once():
    again = evidence(90, "colony", 0.5)
    assert "".join(table([verdict(evidence=(COLONY, again))])).count("colony") == 1


def test_table_colours_only_when_asked():
    assert "\x1b[31mback-translated" in "".join(table([FLAGGED], colour=True))
    assert "\x1b" not in "".join(table([verdict(HOSTILE, evidence=(evidence(0, HOSTILE),), warnings=(HOSTILE,))]))


def test_table_comes_line_by_line():
    def endless():
        while True:
            yield verdict()

    rows = table(endless())
    assert [next(rows)[:8], next(rows)[:8]] == ["document", "a       "]


def test_lines_are_one_ascii_object_each():
    (line,) = lines([verdict("é\n\x1b")])
    assert line.endswith("}\n")
    assert line.isascii()
    assert line.count("\n") == 1
    assert list(json.loads(line)) == [
        "id", "label", "probabilities", "abstained", "n_words", "language", "pivot", "signals", "evidence", "warnings",
        "model",
    ]  # fmt: skip


def test_sheet():
    assert "".join(sheet([FLAGGED])) == (
        "id,label,p_original,p_edited,p_back_translated,abstained,n_words,language,pivot,evidence,warnings,model\r\n"
        "x,back-translated,0.0500,0.0500,0.9000,false,100,en,fr,colony -> settlement?; high -> senior?,,"
        f"{MODEL}\r\n"
    )


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1"])
def test_sheet_guards_against_formulas(text):
    assert guarded(text) == "'" + text
    _, row = csv.reader(io.StringIO("".join(sheet([verdict(text)])), newline=""))
    assert row[0] == "'" + text


def test_page_marks_words_in_place():
    shown = "".join(page([(FLAGGED, TEXT)]))
    assert 'The <mark title="terms: colony -&gt; settlement? through fr (0.90)">colony</mark> on the ' in shown
    assert "A &lt;b&gt;second&lt;/b&gt; paragraph." in shown


def test_page_lets_nothing_through():
    item = evidence(0, HOSTILE, signal=HOSTILE, suggestion=HOSTILE, pivot=HOSTILE)
    hostile = verdict(HOSTILE, evidence=(item,), warnings=(HOSTILE,), model=HOSTILE)
    shown = "".join(page([(hostile, HOSTILE), Unreadable(HOSTILE, HOSTILE)]))
    assert "<script" not in shown
    assert not re.search(r"[\x1b\u202e]", shown)
    assert 'alert("' not in shown


def test_page_needs_nothing_from_outside():
    shown = "".join(page([(FLAGGED, TEXT)]))
    assert not re.search(r"(?:src|href)=|url\(|@import|https?:", shown)
    assert "default-src 'none'" in shown


def test_page_text_is_the_article():
    article = re.search(r"<article>(.*?)</article>", "".join(page([(FLAGGED, TEXT)])), re.DOTALL)[1]
    assert html.unescape(re.sub(r"</?mark[^>]*>", "", article)) == TEXT


def test_page_opens_its_first_document():
    shown = "".join(page([(FLAGGED, TEXT), (FLAGGED, TEXT)]))
    assert (shown.count("<details open>"), shown.count("<details>")) == (1, 1)


def test_page_shows_what_was_not_read():
    assert "bad.txt" in "".join(page([Unreadable("bad.txt", "a binary file")]))


def test_explain():
    judged = verdict("x", "back-translated", evidence=(HIGH, COLONY), pivot={"fr": 0.7}, signals={"terms": 0.97},
                     warnings=("short text",))  # fmt: skip
    assert explain(judged, TEXT) == (
        "x: back-translated (90%), probably through fr (70%)\n"
        "100 words; original 5.0%, edited 5.0%, back-translated 90.0%\n"
        f"model {MODEL}\n\n"
        "The [[colony]] on the [[high]] hill.\n\nA <b>second</b> paragraph.\n\n"
        "terms (0.97)\n  0.90  colony -> settlement?  fr\nidioms\n  0.80  high -> senior?\n\n"
        "warning: short text\n"
    )


def test_explain_wraps_and_colours():
    shown = explain(FLAGGED, "word " * 50 + TEXT, width=40, colour=True)
    assert all(len(re.sub(r"\x1b\[[\d;]*m", "", line)) <= 40 for line in shown.split("\n\n")[1].split("\n"))


def test_explain_lets_no_controls_through():
    shown = explain(verdict(HOSTILE, warnings=(HOSTILE,)), HOSTILE + "\ue000\x07\x9b31m\rnext")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ue000]", shown)
