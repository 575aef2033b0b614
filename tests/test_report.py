"""Reports: exact output, and nothing an article says may steer a terminal, a browser or a spreadsheet."""

import csv
import html
import io
import json
import re

import pytest
from fakes import MODEL, evidence, verdict

from retold.detector.explanation import Explanation
from retold.printable import printable, printable_lines
from retold.reading import Unreadable
from retold.report import render_csv, render_explanation, render_html, render_jsonl, render_table
from retold.report.csv import guarded
from retold.report.formatting import split_at_evidence, verdict_words

TEXT = "The colony on the high hill.\n\nA <b>second</b> paragraph."
COLONY, HIGH = evidence(4, "colony", 0.9), evidence(18, "high", 0.8, suggestion="senior", signal="idioms", pivot=None)
FLAGGED = verdict(
    "x", "back-translated", evidence=(HIGH, COLONY), pivot={"es": 0.1, "fr": 0.7}, signals={"terms": 0.97}
)
HOSTILE = '\x1b[31m<script>alert("1")</script>\u202e=1+1'


def test_verdicts_in_words():
    cases = [verdict(), verdict(abstained=True), verdict(label=None)]
    assert [verdict_words(case) for case in cases] == ["original", "unsure: original", "not judged"]


def test_pieces_join_to_the_text():
    pieces = list(split_at_evidence(TEXT, [HIGH, COLONY]))
    assert "".join(piece for piece, _ in pieces) == TEXT
    assert [piece for piece, item in pieces if item] == ["colony", "high"]


@pytest.mark.parametrize("weak", [evidence(0, "The colony", 0.5), evidence(4, "colony on", 0.5), evidence(6, "l", 0.5)])
def test_of_overlapping_spans_the_stronger_is_marked(weak):
    outside = evidence(50, "beyond the end")
    assert [item for _, item in split_at_evidence(TEXT, [weak, COLONY, outside]) if item] == [COLONY]


def test_table():
    rows = [verdict("story/1.txt", abstained=True), FLAGGED, verdict("short", None, 12, warnings=("only 12 words",))]
    assert "".join(render_table(rows, 105)) == (
        "document             verdict           sure    words  pivot       evidence\n"
        "story/1.txt          original?          90%      100  -\n"
        "x                    back-translated    90%      100  French      colony -> settlement?, high -> senior?\n"
        "short                not judged           -       12  -           only 12 words\n"
        "signature: retold:0|model:stand-in\n"
    )


@pytest.mark.parametrize("width", [1, 60, 80, 100, 200])
def test_table_lines_fit_the_terminal(width):
    rows = [verdict("a-very-long-folder/" * 9 + "end.txt", evidence=(COLONY,) * 30)]
    shown = list(render_table(rows, width))
    assert all(len(line) <= max(width, 60) for line in shown[:-1])
    assert "end.txt" in shown[1]


def test_table_says_the_same_thing_once():
    again = evidence(90, "colony", 0.5)
    assert "".join(render_table([verdict(evidence=(COLONY, again))])).count("colony") == 1


def test_table_colours_only_when_asked():
    assert "\x1b[31mback-translated" in "".join(render_table([FLAGGED], colour=True))
    assert "\x1b" not in "".join(
        render_table([verdict(HOSTILE, evidence=(evidence(0, HOSTILE),), warnings=(HOSTILE,))])
    )


def test_table_comes_line_by_line():
    def endless():
        while True:
            yield verdict()

    rows = render_table(endless())
    assert [next(rows)[:8], next(rows)[:8]] == ["document", "a       "]


def test_jsonl_lines_are_one_ascii_object_each():
    (line,) = render_jsonl([verdict("é\n\x1b")])
    assert line.endswith("}\n")
    assert line.isascii()
    assert line.count("\n") == 1
    assert list(json.loads(line)) == [
        "id", "label", "probabilities", "abstained", "n_words", "language", "pivot", "signals", "evidence", "warnings",
        "model", "signature",
    ]  # fmt: skip


def test_no_number_that_json_cannot_hold_is_written():
    with pytest.raises(ValueError, match="not JSON compliant"):
        list(render_jsonl([verdict(probabilities={"original": float("nan")})]))


def test_csv():
    unjudged = verdict("y", None, 12, warnings=("too short",))
    assert "".join(render_csv([FLAGGED, unjudged])) == (
        "id,label,p_original,p_edited,p_back_translated,abstained,n_words,language,pivot,evidence,warnings,model,signature"
        "\r\nx,back-translated,0.0500,0.0500,0.9000,false,100,en,fr,colony -> settlement?; high -> senior?,,"
        f"{MODEL},retold:0|model:stand-in\r\n"
        f"y,,,,,true,12,en,,,too short,{MODEL},retold:0|model:stand-in\r\n"
    )


@pytest.mark.parametrize("unsafe", ["\x1b[31m", "\x07", "\x9b", "\u2028", "\u2029", "\ud800", "\ue000"])
def test_controls_are_escaped_in_every_format(unsafe):
    hostile = verdict(f"a{unsafe}b", "back-translated", evidence=(evidence(0, f"c{unsafe}d"),), warnings=(unsafe,))
    for rendered in (
        "".join(render_csv([hostile])),
        "".join(render_table([hostile])),
        "".join(render_html([(hostile, f"c{unsafe}d")])),
        "".join(render_jsonl([hostile])),
        render_explanation(Explanation(hostile, f"c{unsafe}d")),
        str(hostile),
        hostile._repr_html_(),
    ):
        assert unsafe[0] not in rendered
    assert r"a\x1b[31mb" in "".join(render_csv([verdict("a\x1b[31mb")]))


def test_what_prints_nothing_is_dropped_and_lines_end_alike():
    assert printable("a\u202e\u200bb \u2028 c\td") == "ab c d"
    assert printable_lines("a\x1bb\u200b\r\nc\u2028d\u2029e\x85f\tg") == "ab\nc\nd\ne\nf\tg"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1"])
def test_csv_guards_against_formulas(text):
    assert guarded(text) == "'" + text
    _, row = csv.reader(io.StringIO("".join(render_csv([verdict(text)])), newline=""))
    assert row[0] == "'" + text


def test_html_marks_words_in_place():
    shown = "".join(render_html([(FLAGGED, TEXT)]))
    assert 'The <mark title="terms: colony -&gt; settlement? through French (0.90)">colony</mark> on the ' in shown
    assert "A &lt;b&gt;second&lt;/b&gt; paragraph." in shown


def test_html_lets_nothing_through():
    item = evidence(0, HOSTILE, signal=HOSTILE, suggestion=HOSTILE, pivot=HOSTILE)
    hostile = verdict(HOSTILE, evidence=(item,), warnings=(HOSTILE,), model=HOSTILE)
    shown = "".join(render_html([(hostile, HOSTILE), Unreadable(HOSTILE, HOSTILE)]))
    assert "<script" not in shown
    assert not re.search(r"[\x1b\u202e]", shown)
    assert 'alert("' not in shown


def test_html_needs_nothing_from_outside():
    shown = "".join(render_html([(FLAGGED, TEXT)]))
    assert not re.search(r"(?:src|href)=|url\(|@import|https?:", shown)
    assert "default-src 'none'" in shown


def test_html_text_is_the_article():
    article = re.search(r"<article>(.*?)</article>", "".join(render_html([(FLAGGED, TEXT)])), re.DOTALL)[1]
    assert html.unescape(re.sub(r"</?mark[^>]*>", "", article)) == TEXT


def test_html_opens_its_first_document():
    shown = "".join(render_html([(FLAGGED, TEXT), (FLAGGED, TEXT)]))
    assert (shown.count("<details open>"), shown.count("<details>")) == (1, 1)


def test_html_shows_what_was_not_read():
    assert "bad.txt" in "".join(render_html([Unreadable("bad.txt", "a binary file")]))


def test_explanation():
    judged = verdict("x", "back-translated", evidence=(HIGH, COLONY), pivot={"fr": 0.7}, signals={"terms": 0.97},
                     warnings=("short text",))  # fmt: skip
    assert render_explanation(Explanation(judged, TEXT)) == (
        "x: back-translated (90%), probably through French (70%)\n"
        "100 words; original 5.0%, edited 5.0%, back-translated 90.0%\n"
        "signature: retold:0|model:stand-in\n\n"
        "The [[colony]] on the [[high]] hill.\n\nA <b>second</b> paragraph.\n\n"
        "terms (0.97)\n  0.90  colony -> settlement?  through French\nidioms\n  0.80  high -> senior?\n\n"
        "warning: short text\n"
    )


def test_explanation_wraps_and_colours():
    shown = render_explanation(Explanation(FLAGGED, "word " * 50 + TEXT), width=40, colour=True)
    assert all(len(re.sub(r"\x1b\[[\d;]*m", "", line)) <= 40 for line in shown.split("\n\n")[1].split("\n"))


def test_explanation_lets_no_controls_through():
    hostile = Explanation(verdict(HOSTILE, warnings=(HOSTILE,)), HOSTILE + "\ue000\x07\x9b31m\rnext")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ue000]", render_explanation(hostile))
