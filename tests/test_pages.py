"""Web pages: one article in the shapes of page that content farms use, and each rule by itself."""

import io
import json
from pathlib import Path

import pytest

from retold.reading import Document, read
from retold.reading.html import extract_article

PAGES = Path(__file__).parent / "data" / "pages"
ARTICLE = (PAGES / "article.txt").read_text(encoding="utf-8").rstrip("\n")
# Pages of fewer than 40 words are left whole.
PARAGRAPH = (
    "The council said on Monday, after a long debate, that the bridge over the river would stay closed until the summer, and that the "
    "town, which has no other, would hire a boat, as it did in the flood, for all who live across the water."
)
OTHER = "Nobody who was there, neither the mayor nor the engineers, could say how long the repair would take."


def article(page: str) -> list[str]:
    return extract_article(page).text.split("\n")


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.html")), ids=lambda page: page.stem)
def test_the_article_of_a_farm_page_is_judged_whole_and_alone(page):
    (document,) = read([page])
    assert isinstance(document, Document)
    assert document.text == ARTICLE
    expected = {"script-only": ["tells search engines"], "windows-1252": ["Windows-1252"]}.get(page.stem, [])
    assert len(document.warnings) == len(expected)
    assert all(part in warning for part, warning in zip(expected, document.warnings, strict=True))


def test_the_source_of_a_quotation_stays_and_a_link_below_it_goes():
    page = (
        f"<p>{PARAGRAPH}</p><blockquote><p>{OTHER}</p></blockquote><p>[<a href=x>The Daily Wire</a>]</p>"
        f"<blockquote><p>{OTHER}</p></blockquote><p><a href=x>Ten bridges that will take your breath away</a></p><p>{PARAGRAPH}</p>"
    )
    assert article(page) == [PARAGRAPH, OTHER, "[The Daily Wire]", OTHER, PARAGRAPH]


def test_what_is_quoted_from_a_social_network_stays():
    post = f"<div class='social-embed'><blockquote><p>{OTHER}</p></blockquote></div>"
    buttons = (
        "<div class='social-buttons'><p>Share it with your friends, your family, and all of your colleagues.</p></div>"
    )
    assert article(f"<p>{PARAGRAPH}</p>{post}{buttons}<p>{PARAGRAPH}</p>") == [PARAGRAPH, OTHER, PARAGRAPH]


def test_a_sentence_beside_a_link_is_a_paragraph():
    item = "<li><a href=x>The mayor of the town has resigned over the bridge</a>, who had been in office since the spring.</li>"
    assert len(article(f"<p>{PARAGRAPH}</p><ul>{item * 3}</ul><p>{PARAGRAPH}</p>")) == 5


@pytest.mark.parametrize(
    "text",
    ["Read also: the mayor resigns", "RELATED | Bridges of the world", "Don\u2019t miss", "Advertisement", "You may also like:",
     "Read more \u2013 the bridge in pictures", "Story continues below", "More from The Wire"],
)  # fmt: skip
def test_what_leads_elsewhere_is_left_out_wherever_it_stands(text):
    assert article(f"<p>{PARAGRAPH}</p><p>{text}</p><p>{PARAGRAPH}</p>") == [PARAGRAPH, PARAGRAPH]


@pytest.mark.parametrize(
    "text",
    ["Read it again, he said.", "Related costs will be paid by the town.", "Share prices fell.", "Now: nothing.",
     "By Monday the bridge will be closed.", "\u201cSee for yourself,\u201d she said: \u201cIt is gone.\u201d"],
)  # fmt: skip
def test_short_sentences_of_an_article_stay(text):
    assert article(f"<p>{PARAGRAPH}</p><p>{text}</p><p>{PARAGRAPH}</p>")[1] == text


@pytest.mark.parametrize("line", ["By Anna Berg", "Published: 12 May 2024, 10:42", "Written by Anna Berg, The Wire"])
def test_a_byline_before_the_article_is_left_out(line):
    assert article(f"<p>{line}</p><p>{PARAGRAPH}</p><p>{line}</p><p>{OTHER}</p>") == [PARAGRAPH, line, OTHER]


@pytest.mark.parametrize(
    "line",
    [
        "Reach the writer at anna@example.org or by post.",
        "Follow her on Twitter, too.",
        "The post appeared first on Wire.",
    ],
)
def test_a_notice_after_the_article_is_left_out(line):
    assert article(f"<p>{PARAGRAPH}</p><p>{PARAGRAPH}</p><p>{line}</p>") == [PARAGRAPH, PARAGRAPH]


def test_a_page_saved_as_text_or_piped_is_read_as_a_page(tmp_path):
    page = (PAGES / "wordpress.html").read_bytes()
    (tmp_path / "page.txt").write_bytes(page)
    for (document,) in (read([tmp_path / "page.txt"]), read(["-"], stdin=io.BytesIO(page))):
        assert document.text == ARTICLE
        assert document.warnings == ("read as HTML, since it begins as a page does",)


@pytest.mark.parametrize("text", ["<p>One.</p>", "Write <html> at the beginning.", "<headline>One</headline>"])
def test_text_that_only_holds_a_tag_stays_as_it_is(tmp_path, text):
    (tmp_path / "a.txt").write_text(text)
    (document,) = read([tmp_path / "a.txt"])
    assert document.text == text


def test_markup_in_a_row_or_a_feed_is_warned_of(tmp_path):
    (tmp_path / "rows.jsonl").write_text(
        json.dumps({"text": "<p>One.</p><br/>" * 3}) + '\n{"text": "a < b, <b>so</b>, <p>."}\n'
    )
    marked, plain = read([tmp_path / "rows.jsonl"])
    assert "holds HTML tags" in marked.warnings[0]
    assert plain.warnings == ()


def test_sections_of_one_article_are_joined_and_two_articles_are_not():
    section = f"<div><div><div class='part'><p>{PARAGRAPH}</p><p>{PARAGRAPH}</p></div></div></div><div><b>Ad</b></div>"
    assert len(article(f"<div>{section * 3}</div>")) == 6
    assert len(article(f"<div>{section * 2}</div><h2><a href=x>Next</a></h2><div>{section}</div>")) == 4


def test_each_paragraph_may_have_an_element_of_its_own():
    page = "".join(f"<div>{text}</div>" for text in (PARAGRAPH, OTHER, PARAGRAPH))
    assert article(f"<div><div>Home</div><div>News</div></div><div>{page}</div>") == [PARAGRAPH, OTHER, PARAGRAPH]


@pytest.mark.parametrize(
    "names", ["overflow-hidden", "has-sidebar", "field label-hidden", "hentry tag-comment", "widget Blog"]
)
def test_names_that_only_sound_like_furniture(names):
    page = f"<div class='{names}'><p>{PARAGRAPH}</p><p>{OTHER}</p></div>" + f"<div><a href=x>{OTHER * 5}</a></div>"
    assert article(page) == [PARAGRAPH, OTHER]


def test_an_attribute_may_hold_markup_and_lack_a_quotation_mark():
    assert article(f"""<p>{PARAGRAPH}<img alt="<b>no</b>" x='<i>no</i>'></p><p class="a>{OTHER}</p><p>{OTHER}</p>""") == [
        PARAGRAPH, OTHER, OTHER
    ]  # fmt: skip


@pytest.mark.parametrize(
    "unit", ["<a '\"", "<a \"<a '", "<a =\"<a =' ", '<a b="<" ', "<pre>\n\n", "<p style='", "<span hidden>"]
)
def test_broken_attributes_take_linear_time(unit):
    assert isinstance(extract_article(unit * 50_000).text, str)


@pytest.mark.parametrize(
    "data", ['{"articleBody": ', "[" * 50_000 + '"articleBody"', '{"articleBody": 3}', '"articleBody"', ""]
)
def test_data_of_a_page_that_cannot_be_read_costs_nothing(data):
    page = f"<p>{PARAGRAPH}</p><p>{OTHER}</p><script type='application/ld+json'>{data}</script>"
    assert article(page) == [PARAGRAPH, OTHER]


def test_the_data_of_a_page_is_not_used_where_the_page_shows_the_article():
    data = f'<script type="application/ld+json">{{"articleBody": "{PARAGRAPH} {OTHER}"}}</script>'
    assert extract_article(f"{data}<p>{PARAGRAPH}</p><p>{PARAGRAPH}</p><p>{PARAGRAPH}</p>").warnings == ()
