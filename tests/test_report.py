"""Reports: exact output, and nothing an article says may steer a terminal, a browser or a spreadsheet."""

import base64
import csv
import hashlib
import html
import io
import json
import re
from datetime import date

import pytest
from fakes import MODEL, evidence, verdict

from retold.detector.explanation import Contribution, Explanation
from retold.detector.normality import READS_TRANSLATED
from retold.printable import printable, printable_lines
from retold.reading import Unreadable
from retold.report import render_csv, render_explanation, render_html, render_jsonl, render_table
from retold.report.csv import guarded
from retold.report.false_alarms import false_alarm_sentence
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
    rows += [
        verdict(name, abstained=True, warnings=("only 50 words", READS_TRANSLATED)) for name in ("farm/1", "farm/2")
    ]
    assert "".join(render_table(rows, 105)) == (
        "document             verdict           sure    words  pivot       evidence\n"
        "story/1.txt          original?          90%      100  -\n"
        "x                    back-translated    90%      100  French      colony -> settlement?, high -> senior?\n"
        "short                not judged           -       12  -           only 12 words\n"
        "farm/1               original?          90%      100  -           only 50 words\n"
        "farm/2               original?          90%      100  -           only 50 words\n"
        f"? on 2: {READS_TRANSLATED}\n"
        "? on 1: no label is probable enough\n"
        "signature: retold:0|model:stand-in\n"
    )


@pytest.mark.parametrize("width", [1, 60, 80, 100, 200])
def test_table_lines_fit_the_terminal(width):
    rows = [verdict("a-very-long-folder/" * 9 + "end.txt", evidence=(COLONY,) * 30)]
    shown = list(render_table(rows, width))
    assert all(len(line) <= max(width, 60) for line in shown[:-1])
    assert "end.txt" in shown[1]


def test_ids_are_cut_in_the_middle_and_never_for_another_program():
    id = "archive/" + "deep/" * 20 + "17-council-votes.txt"
    shown = "".join(render_table([verdict(id)], 80)).splitlines()[1].split("  ")[0]
    head, _, tail = shown.partition("...")
    assert id.startswith(head)
    assert id.endswith(tail)
    assert head
    assert len(tail) > len(head)
    assert id in "".join(render_table([verdict(id)], 80, cut_ids=False))


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
        "".join(render_html([Explanation(hostile, f"c{unsafe}d")])),
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


def report(*results, **options):
    """The HTML report of explanations, made on a fixed day."""
    return "".join(render_html(results, made=date(2024, 2, 29), **options))


def test_html_marks_words_in_place_and_gives_their_reasons_in_the_same_order():
    shown = report(Explanation(FLAGGED, TEXT))
    assert re.search(r'The <button [^>]*data-reason="a1-1">colony<sup>1</sup></button> on the <button', shown)
    assert '<li id="a1-1"><b>colony \u2192 settlement?</b> through French (terms, 90%)</li>' in shown
    assert '<li id="a1-2"><b>high \u2192 senior?</b>' in shown
    assert "A &lt;b&gt;second&lt;/b&gt; paragraph." in shown


def test_html_lets_nothing_through():
    item = evidence(0, HOSTILE, signal=HOSTILE, suggestion=HOSTILE, pivot=HOSTILE)
    hostile = verdict(HOSTILE, evidence=(item,), warnings=(HOSTILE,), model=HOSTILE, signature=f"prior:{HOSTILE}")
    reasons = (Contribution(HOSTILE, 1.0, ()),)
    shown = report(Explanation(hostile, HOSTILE, reasons), Unreadable(HOSTILE, HOSTILE))
    assert shown.count("<script") == 1
    assert not re.search(r"[\x1b\u202e]", shown)
    assert 'alert("' not in shown


def test_html_needs_nothing_from_outside_and_runs_only_what_it_was_made_with():
    shown = report(Explanation(FLAGGED, TEXT))
    assert not re.search(r"src=|href=(?!.#)|url\(|@import|https?:| style=| on\w+=", shown)
    script = re.search(r"<script>(.*?)</script>", shown, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'sha256-" in shown


def test_html_text_is_the_article():
    shown = re.search(r'<div class="text"[^>]*>(.*?)</div>', report(Explanation(FLAGGED, TEXT)), re.DOTALL)[1]
    assert html.unescape(re.sub(r"<sup>\d+</sup>|</?button[^>]*>", "", shown)) == TEXT


def test_html_counts_and_puts_the_most_suspicious_first():
    unsure, short = verdict("unsure", "edited", abstained=True), verdict("short", None, 3)
    results = [short, verdict("plain"), unsure, FLAGGED]
    shown = report(*(Explanation(v, TEXT) for v in results), Unreadable("bad.txt", "a binary file"))
    assert "<h1>4 articles: 1 looks back-translated, 1 original, 1 unsure, 1 not judged, 1 not read</h1>" in shown
    assert re.findall(r'<a href="#a\d"><bdi>(\w+)', shown) == ["x", "plain", "unsure", "short"]
    assert re.findall(r"<h3><bdi>(\w+)", shown) == ["x", "plain", "unsure", "short"]
    assert "a binary file" in shown
    assert "<dd>2024-02-29</dd>" in shown


CARD = """
### Groups held out: false alarms

| texts | documents | called back-translated | at low-fpr | at balanced |
| --- | --- | --- | --- | --- |
| originals, all | 10,602 | 0.018 (0.016 to 0.021) | 0.005 (0.004 to 0.007) | 0.055 (0.051 to 0.060) |
| human translations | 2,976 | 0.149 (0.136 to 0.162) | 0.037 (0.030 to 0.044) | 0.563 (0.545 to 0.581) |

### The same false alarms with `--deep`

| texts | documents | called back-translated | at low-fpr | at balanced |
| --- | --- | --- | --- | --- |
| originals, all | 1,976 | nan (nan to nan) | 0.004 (0.002 to 0.007) | 0.101 (0.088 to 0.115) |

### Sources held out, a sixth of them at a time

| source held out | originals | called back-translated | at low-fpr | at balanced | called edited |
| --- | --- | --- | --- | --- | --- |
| allsides | 990 | 0.015 (0.009 to 0.025) | 0.003 (0.001 to 0.009) | 0.038 (0.028 to 0.052) | 0.113 |
| **all** | 11,982 | 0.023 (0.020 to 0.025) | 0.006 (0.005 to 0.007) | 0.083 (0.078 to 0.088) | 0.088 |
"""


@pytest.mark.parametrize(
    ("prior", "point", "rescoring", "figures"),
    [
        (
            "0.6,0.3,0.1",
            "none",
            "none",
            "2 of 100 originals and 15 of 100 human translations, of stories that it had not seen in training; of originals from sources that it had not seen either, 2 of 100.",
        ),
        ("0.8,0.1,0.1", "low-fpr", "none", "sources that it had not seen either, 6 of 1,000."),
        ("0.6,0.3,0.1", "balanced", "bergamot", "10 of 100 originals, of stories that it had not seen in training."),
        ("0.6,0.3,0.1", "none", "bergamot", None),
        ("0.8,0.1,0.1", "none", "none", None),
    ],
)
def test_false_alarms_are_those_that_the_card_states_for_the_setting(prior, point, rescoring, figures):
    sentence = false_alarm_sentence(CARD, {"prior": prior, "point": point, "rescoring": rescoring})
    assert figures in sentence if figures else sentence == ""


def test_no_card_no_figures():
    assert false_alarm_sentence("# A card\n\n### Groups held out: false alarms\n\n| a |", {"point": "low-fpr"}) == ""


def test_html_of_work_that_was_cut_short_keeps_what_came():
    def results():
        yield Explanation(FLAGGED, TEXT)
        raise KeyboardInterrupt

    pieces = []
    with pytest.raises(KeyboardInterrupt):
        pieces.extend(render_html(results()))
    shown = "".join(pieces)
    assert "cut short" in shown
    assert shown.endswith("</html>\n")


def test_html_says_what_weighed_where_few_words_betray_a_text():
    reasons = (Contribution("choice of words", 2.5, ()), Contribution("length", -1.0, ()))
    shown = report(Explanation(verdict("x", "back-translated"), TEXT, reasons))
    assert "No single word betrays this text" in shown
    assert '<rect x="50" width="31"' in shown
    assert '<rect class="away" x="38" width="12"' in shown


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
