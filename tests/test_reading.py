"""Reading: every kind of input, and every way in which one can be broken."""

import gzip
import io
import json
import lzma
import os
import sys
from pathlib import Path

import pytest

from retold import limits
from retold.errors import InputError
from retold.reading import Document, Unreadable, read
from retold.reading.documents import row_document
from retold.reading.encoding import decode
from retold.reading.html import extract_article
from retold.reading.markdown import markdown_text


def put(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def only(path: Path) -> Document | Unreadable:
    (result,) = read([path])
    return result


def reason(path: Path) -> str:
    result = only(path)
    assert isinstance(result, Unreadable)
    return result.reason


def texts(path: Path) -> list[str]:
    return [result.text for result in read([path]) if isinstance(result, Document)]


def test_plain_text_keeps_every_character(tmp_path):
    path = put(tmp_path, "a.txt", "One.\r\n\r\n“Two”  three\t\n")
    assert only(path) == Document(str(path), "One.\r\n\r\n“Two”  three\t\n", str(path))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_unicode_with_or_without_mark(tmp_path, encoding):
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    document = only(put(tmp_path, "a.txt", (mark + "“Café”").encode(encoding)))
    assert (document.text, document.warnings) == ("“Café”", ())


def test_windows_1252_is_read_with_a_warning(tmp_path):
    document = only(put(tmp_path, "a.txt", b"\x93Caf\xe9\x94"))
    assert document.text == "“Café”"
    assert "Windows-1252" in document.warnings[0]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"text\0text", "binary"),
        (bytes(range(1, 9)) * 20, "binary"),
        (b"%PDF-1.7 ...", "pdftotext"),
        (gzip.compress(b"text"), "gunzip"),
        (b"\xff\xfea\xd8", "UTF-16"),
        ("text".encode("utf-32"), "UTF-32"),
        (b"a" * limits.SNIFFED_BYTES + b"\xff\0", "binary"),
    ],
)
def test_what_is_not_text_is_refused_with_advice(content, says):
    with pytest.raises(InputError, match=says):
        decode(content)


def test_a_file_over_the_limit_is_refused(tmp_path):
    path = tmp_path / "a.txt"
    with path.open("wb") as stream:
        stream.truncate(limits.MAX_FILE_BYTES + 1)
    assert "larger than 50,000,000 bytes" in reason(path)


def test_a_document_over_the_limit_is_refused(tmp_path):
    path = put(tmp_path, "a.txt", "a" * (limits.MAX_DOCUMENT_CHARACTERS + 1))
    assert "split the document" in reason(path)


def test_one_bad_file_does_not_cost_the_others(tmp_path):
    good, bad = put(tmp_path, "good.txt", "Good."), put(tmp_path, "bad.txt", b"\0")
    results = list(read([bad, tmp_path / "absent.txt", good]))
    assert [type(result) for result in results] == [Unreadable, Unreadable, Document]
    assert results[1].reason.startswith("No such file")


def test_reading_is_lazy(tmp_path):
    first, second = put(tmp_path, "1.txt", "One."), put(tmp_path, "2.txt", "Two.")
    results = read([first, second])
    next(results)
    second.unlink()
    assert isinstance(next(results), Unreadable)


def test_jsonl_reads_each_line_on_its_own(tmp_path):
    lines = ['{"id": "x", "text": "One."}', "", "{broken", "[1]", '{"id": 7, "text": "Two."}', '{"id": "z"}']
    path = put(tmp_path, "a.jsonl", "\ufeff" + "\n".join(lines))
    results = list(read([path]))
    assert [result.id for result in results] == ["x", f"{path}:3", f"{path}:4", "7", "z"]
    assert [isinstance(result, Document) for result in results] == [True, False, False, True, False]


def test_jsonl_keys_may_have_capitals_and_a_row_without_text_names_its_keys(tmp_path):
    found, missing = read([put(tmp_path, "a.jsonl", '{"ID": 7, "Text": "One."}\n{"id": "x", "body": "Two."}\n')])
    assert (found.id, found.text) == ("7", "One.")
    assert 'no "text" (found: id, body)' in missing.reason


def test_jsonl_without_ids_is_named_by_its_lines(tmp_path):
    path = put(tmp_path, "a.jsonl", '{"text": "One."}\n{"text": "Two."}\n')
    assert [result.id for result in read([path])] == [f"{path}:1", f"{path}:2"]


def test_a_jsonl_line_over_the_limit_is_passed_over(tmp_path):
    path = put(tmp_path, "a.jsonl", '{"text": "' + "a" * 2 * limits.MAX_ROW + '"}\n{"text": "Two."}\n')
    first, second = read([path])
    assert (first.id, second.text) == (f"{path}:1", "Two.")


@pytest.mark.parametrize("line", ["[" * 100_000, '{"text": ' + "9" * 5_000 + "}", '{"text": null}', '{"text": ["a"]}'])
def test_hostile_json_costs_only_its_line(tmp_path, line):
    path = put(tmp_path, "a.jsonl", line + '\n{"text": "Two."}')
    first, second = read([path])
    assert isinstance(first, Unreadable)
    assert second.text == "Two."


def test_jsonl_in_utf_16_says_what_to_save_it_as(tmp_path):
    assert "save it as UTF-8" in reason(put(tmp_path, "a.jsonl", '{"text": "One."}\n'.encode("utf-16")))


@pytest.mark.parametrize(("name", "content"), [("a.jsonl", ""), ("a.jsonl", "\n \n"), ("a.csv", "id,text\n")])
def test_a_file_without_documents_is_not_passed_over_in_silence(tmp_path, name, content):
    path = put(tmp_path, name, content)
    assert only(path).id == str(path)
    assert "no documents" in reason(path)


def test_lone_surrogates_are_replaced_in_place(tmp_path):
    document = only(put(tmp_path, "a.jsonl", r'{"id": "\ud800", "text": "a\ud800b \ud83d\ude00"}'))
    assert (document.id, document.text) == ("\ufffd", "a\ufffdb 😀")


def test_the_articles_of_the_tests_are_all_read():
    path = Path(__file__).parent / "data" / "articles.jsonl"
    expected = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [(d.id, d.text) for d in read([path])] == [(row["id"], row["text"]) for row in expected]


def test_csv_rows_are_documents(tmp_path):
    path = put(tmp_path, "a.csv", 'id,text\nx,"One, ""two"".\nThree."\n,Four.\ny\n')
    first, second, third = read([path])
    assert (first.id, first.text) == ("x", 'One, "two".\nThree.')
    assert (second.id, second.text) == (f"{path}:2", "Four.")
    assert "missing" in third.reason


def test_csv_columns_may_have_capitals_and_blanks(tmp_path):
    document = only(put(tmp_path, "a.csv", " ID , Date,TEXT\n7,2024-05-01,Words.\n"))
    assert (document.id, document.date, document.text) == ("7", "2024-05-01", "Words.")
    assert only(put(tmp_path, "b.csv", "Text,text\nno,yes\n")).text == "yes"


def test_csv_in_windows_1252(tmp_path):
    document = only(put(tmp_path, "a.csv", b"text\nCaf\xe9\n"))
    assert document.text == "Café"
    assert document.warnings


def test_csv_without_a_text_column_names_what_it_has(tmp_path):
    assert "(found: id, body)" in reason(put(tmp_path, "a.csv", "id,body\n1,One.\n"))


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_csv_may_have_another_separator(tmp_path, mark):
    document = only(put(tmp_path, "a.csv", f'"id"{mark}Text\n1{mark}"One, two{mark} three."\n'))
    assert (document.id, document.text, document.warnings) == ("1", f"One, two{mark} three.", ())
    assert "(found: id, body, date)" in reason(put(tmp_path, "b.csv", f"id{mark}body{mark}date\n1{mark}One.{mark}\n"))


def test_tab_separated_files_are_read(tmp_path):
    assert texts(put(tmp_path, "a.tsv", "id\ttext\n1\tOne.\n2\tTwo.\n")) == ["One.", "Two."]


def test_a_text_without_quotation_marks_that_csv_cuts_is_remarked_on(tmp_path):
    whole, cut = read([put(tmp_path, "a.csv", "id,text\n1,One.,\n2,On Monday, the council met.\n")])
    assert (whole.text, whole.warnings) == ("One.", ())
    assert cut.text == "On Monday"
    assert "3 cells for 2 columns" in cut.warnings[0]


def test_a_quotation_mark_that_is_never_closed_swallows_no_rows(tmp_path):
    first, second = read([put(tmp_path, "a.csv", '\ntext\n"One,\ntwo."\n"Three.\nFour.\n')])
    assert first.text == "One,\ntwo."
    assert "line 5: a quotation mark is not closed" in second.reason


def test_blank_lines_before_the_header_of_csv_are_passed_over(tmp_path):
    assert texts(put(tmp_path, "a.csv", "\r\n\r\ntext\r\nOne.\r\n")) == ["One."]


def test_a_csv_cell_too_long_for_a_document_costs_only_its_row(tmp_path):
    path = put(tmp_path, "a.csv", "text\n" + "a" * (limits.MAX_DOCUMENT_CHARACTERS + 1) + "\nTwo.\n")
    first, second = read([path])
    assert (first.id, second.text) == (f"{path}:1", "Two.")
    assert "split the document" in first.reason


@pytest.mark.parametrize("row", ["a" * (limits.MAX_ROW + 1), '"' + "a\n" * limits.MAX_ROW, '"a\n",' * 2_000_000])
def test_csv_rows_are_bounded(tmp_path, row):
    path = put(tmp_path, "a.csv", "text\nOne.\n" + row)
    first, second = read([path])
    assert first.text == "One."
    assert "were not read" in second.reason


def test_many_long_csv_rows_are_within_the_bound_for_one(tmp_path):
    rows = 2 * limits.MAX_ROW // limits.MAX_DOCUMENT_CHARACTERS
    path = put(tmp_path, "a.csv", "text\n" + ("a" * limits.MAX_DOCUMENT_CHARACTERS + "\n") * rows)
    assert len(texts(path)) == rows


def test_parquet_columns_may_have_capitals(tmp_path):
    pytest.importorskip("pyarrow")
    import pandas as pd

    pd.DataFrame({"ID": ["x"], "Text": ["One."], "Date": ["2024-05-01"]}).to_parquet(tmp_path / "a.parquet")
    document = only(tmp_path / "a.parquet")
    assert (document.id, document.text, document.date) == ("x", "One.", "2024-05-01")


def test_parquet_rows_are_documents(tmp_path):
    pytest.importorskip("pyarrow")
    import pandas as pd

    path = tmp_path / "a.parquet"
    pd.DataFrame({"id": ["x", "y"], "other": [1, 2], "text": ["One.", None]}).to_parquet(path)
    first, second = read([path])
    assert (first.id, first.text, second.id) == ("x", "One.", "y")


def test_damaged_parquet_is_refused(tmp_path):
    pytest.importorskip("pyarrow")
    assert "not a sound Parquet file" in reason(put(tmp_path, "a.parquet", b"PAR1" + b"x" * 50 + b"PAR1"))


def test_a_damaged_page_of_parquet_is_not_blamed_on_permissions(tmp_path):
    parquet, pyarrow = pytest.importorskip("pyarrow.parquet"), pytest.importorskip("pyarrow")
    path = tmp_path / "a.parquet"
    parquet.write_table(pyarrow.table({"text": ["word " * 5_000] * 20}), path, compression="gzip")
    data = bytearray(path.read_bytes())
    data[200:260] = bytes(60)
    path.write_bytes(data)
    assert "not a sound Parquet file" in reason(path)


def test_a_parquet_date_that_python_cannot_hold_costs_only_the_date(tmp_path):
    parquet, pyarrow = pytest.importorskip("pyarrow.parquet"), pytest.importorskip("pyarrow")
    path = tmp_path / "a.parquet"
    dates = pyarrow.array([2**62, 0], pyarrow.timestamp("us"))
    parquet.write_table(pyarrow.table({"text": ["One.", "Two."], "date": dates}), path)
    assert [(d.text, d.date) for d in read([path])] == [("One.", ""), ("Two.", "1970-01-01")]


def test_parquet_text_that_is_not_utf8_costs_only_its_row(tmp_path):
    parquet, pyarrow = pytest.importorskip("pyarrow.parquet"), pytest.importorskip("pyarrow")
    path = tmp_path / "a.parquet"
    texts = pyarrow.array([b"\xff\xfe", b"Two."], pyarrow.binary()).view(pyarrow.string())
    parquet.write_table(pyarrow.table({"text": texts}), path)
    first, second = read([path])
    assert isinstance(first, Unreadable)
    assert second.text == "Two."


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_columns_that_the_caller_names_are_kept(tmp_path, suffix):
    import pandas as pd

    rows = [{"id": "x", "text": "One.", "date": "2024-02-01", "url": "http://a/b", "outlet": None, "other": "no"}]
    path, frame = tmp_path / f"a{suffix}", pd.DataFrame(rows)
    {".jsonl": lambda: frame.to_json(path, orient="records", lines=True), ".csv": lambda: frame.to_csv(path, index=False),
     ".parquet": lambda: frame.to_parquet(path)}[suffix]()  # fmt: skip
    (document,) = read([path], fields=("url", "outlet"))
    assert (document.date, document.fields) == ("2024-02-01", {"url": "http://a/b"})
    assert only(path).fields == {}


@pytest.mark.parametrize("module", [gzip, lzma])
def test_compressed_jsonl_is_read_and_a_damaged_one_named(tmp_path, module):
    suffix = {gzip: "gz", lzma: "xz"}[module]
    data = module.compress(b'{"text": "One."}\n' * 20_000)
    assert len(texts(put(tmp_path, f"a.jsonl.{suffix}", data))) == 20_000
    assert texts(tmp_path) == ["One."] * 20_000
    *_, last = read([put(tmp_path, f"b.jsonl.{suffix}", data[:-20])])
    assert "damaged" in last.reason
    assert "damaged" in reason(put(tmp_path, f"c.jsonl.{suffix}", b"no archive"))


def test_parquet_without_pyarrow_names_the_command(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert reason(put(tmp_path, "a.parquet", b"")).endswith("run: python -m pip install pyarrow")


def test_folders_are_walked_in_order(tmp_path):
    for name in ["b.txt", "a/z.md", "a/y.txt", ".hidden/x.txt", "a/.x.txt", "c.png", "d.png", "e"]:
        put(tmp_path, name, "Text.")
    notes: list[str] = []
    names = [Path(result.id).relative_to(tmp_path).as_posix() for result in read([tmp_path], notes.append)]
    assert names == ["a/y.txt", "a/z.md", "b.txt"]
    assert notes == [f"{tmp_path}: passed over 2 .png files, 1 unsuffixed file"]


def test_folders_with_loops_and_pipes_end(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe.txt")
    put(tmp_path, "a.txt", "Text.")
    notes: list[str] = []
    assert len(list(read([tmp_path], notes.append))) == 1
    assert notes == [f"{tmp_path}: passed over 1 special file, 1 symbolic link"]


def test_an_empty_folder_says_what_it_looked_for(tmp_path):
    assert ".jsonl" in reason(tmp_path)


def test_file_names_that_are_not_utf8(tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9.txt")
    put(tmp_path, path.name, "Text.")
    assert only(path).id == str(tmp_path / "caf\ufffd.txt")


def test_standard_input_is_one_article():
    (document,) = read(["-"], stdin=io.BytesIO(b"First line.\nSecond."))
    assert (document.id, document.text) == ("-", "First line.\nSecond.")


def test_standard_input_that_begins_with_a_brace_is_jsonl():
    stream = io.BytesIO(b' {"text": "One."}\n{"id": "x", "text": "Two."}\n')
    assert [(d.id, d.text) for d in read(["-"], stdin=stream)] == [("-:1", "One."), ("x", "Two.")]


def test_json_in_one_piece_is_refused_with_advice(tmp_path):
    assert "jsonl" in reason(put(tmp_path, "a.json", "[]"))


@pytest.mark.parametrize(
    ("rows", "advice"),
    [
        ('[{"text": "One."}]', ".jsonl"),
        ('\n[\n  {\n    "text": "One."}]', ".jsonl"),
        ("id,text\n1,One.\n", ".csv"),
        ('\ufeff"Text"\t"Id"\r\nOne.\t1\r\n', ".csv"),
    ],
)
def test_rows_are_not_judged_as_one_text(tmp_path, rows, advice):
    (piped,) = read(["-"], stdin=io.BytesIO(rows.encode()))
    assert advice in piped.reason
    assert advice in reason(put(tmp_path, "a.txt", rows))


@pytest.mark.parametrize(
    "text",
    [
        "Text, photos and more\nOne.",
        "[Editor's note] One.",
        "text\nOne.",
        "{One} two.",
        'One "line\rand\r"another.',
        " ",
    ],
)
def test_an_article_that_begins_like_rows_is_an_article(tmp_path, text):
    assert texts(put(tmp_path, "a.txt", text)) == [text]


@pytest.mark.parametrize("name", ["a.eml", "a.mht", "a.MHTML"])
def test_mail_is_refused_with_advice(tmp_path, name):
    assert "save the text as .txt" in reason(put(tmp_path, name, "From: desk@example.org\n\nOne.\n"))


CASES = Path(__file__).parent / "data" / "cases"
PARAGRAPH = "The council said on Monday, after a long debate, that the bridge over the river would stay closed."


def article(page: str) -> str:
    return extract_article(page).text


@pytest.mark.parametrize("name", ["page-div", "page-br", "page-p-with-furniture"])
def test_the_article_is_taken_out_of_a_page_whole_and_alone(name):
    document = only(CASES / f"{name}.html")
    assert document.text.startswith("NORTHFIELD \u2014 A jury on Monday")
    assert document.text.endswith("which were allegedly ignored.")
    assert (document.text.count("\n"), len(document.text.split()), document.warnings) == (7, 300, ())
    assert '"Nothing will bring him back," she said.' in document.text


def test_html_keeps_the_article_alone():
    page = (
        f"<title>T</title><nav><ul><li>{PARAGRAPH}</li></ul></nav><h1>Headline</h1><p title='a > b'>{PARAGRAPH}<br>two "
        f"<a href=x>three</a> &amp; all.<p>{PARAGRAPH}<script>if (a<b) '<p>x'</script><aside><p>No</p></aside><!-- <p>No -->"
        f"<blockquote><p>Five</p></blockquote><p>{PARAGRAPH}</p><div class='relatedLinks'>{PARAGRAPH}</div><!--><p>{PARAGRAPH}"
        f"<footer><p>No</footer>"
    )
    assert article(page).split("\n") == [f"{PARAGRAPH} two three & all.", PARAGRAPH, "Five", PARAGRAPH, PARAGRAPH]


def test_html_skips_nested_elements_whole():
    assert article(f"<nav><p>No<nav><p>No</nav><p>No</nav><p>{PARAGRAPH}") == PARAGRAPH


def test_a_name_that_holds_the_whole_page_is_no_furniture():
    page = (
        f"<div class='has-sidebar social'>{f'<p>{PARAGRAPH}</p>' * 5}<div class='comments'><p>{PARAGRAPH}</div></div>"
    )
    assert extract_article(page) == ("\n".join([PARAGRAPH] * 5), ())


def test_a_doubtful_article_is_marked():
    list_of_links = "<ul>" + "<li><a href=x>Ten things to read this weekend</a></li>" * 300 + "</ul>"
    (short,) = extract_article(f"<div>{PARAGRAPH * 5}</div>{list_of_links}").warnings
    assert short.startswith("only 86 of the page's 1,886 words seem to be the article; check with: retold extract")
    (none,) = extract_article(list_of_links).warnings
    assert none.startswith("no clear article in this page")
    (paid,) = extract_article(f'<p>{PARAGRAPH * 5}</p><script>{{"isAccessibleForFree": "False"}}</script>').warnings
    assert "cut short" in paid


def test_html_without_text_says_so(tmp_path):
    assert "no text" in reason(put(tmp_path, "a.html", "<div><img src=x></div>"))


UNITS = ["<!--", "<a ", "</", "<!", "<a b='", '<p "', "<p>", "<p>a", "<div>", "<nav>", "&#", "<script ", "<li>", "</p>",
         "<br>", "a<br><br>", "<span>", "<a>x</a>", "<div class='ad'>", "<div class='"]  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
def test_broken_html_takes_linear_time(unit):
    # A quadratic search would take minutes here, and nested calls would overflow.
    assert isinstance(article(unit * 50_000), str)


def test_html_entities_are_bounded():
    assert article("<p>&#" + "9" * 5000 + "; &eacute;") == "&#" + "9" * 5000 + "; é"


def test_markdown_leaves_the_running_text():
    source = (
        "---\ntitle: x\n---\n# LinearClassifier #\n\nSome *em*, __strong__ and a [link](http://a.b/c_(d))\nwrapped, `code`, "
        "2 * 3 * 4, snake_case_name.\n\n```\ncode\n```\n- one\n- two\n  more\n\n> quote\n> on\n\n![pic](x.png)\n"
        "\n[ref]: http://x\n<!-- no -->\\*no em\\*\n"
    )
    assert markdown_text(source).split("\n") == [
        "LinearClassifier",
        "Some em, strong and a link wrapped, code, 2 * 3 * 4, snake_case_name.",
        "one",
        "two more",
        "quote on",
        "*no em*",
    ]


@pytest.mark.parametrize("unit", ["[", "![", "[a](", "**a ", "_a ", "`a", "<a ", "<!--", "> ", "- - ", "#"])
def test_broken_markdown_takes_linear_time(unit):
    assert isinstance(markdown_text(unit * 50_000), str)


@pytest.mark.parametrize(
    ("date", "doubted"), [("28/05/2024", True), ("2024-05-28", False), (None, False), ("nan", False)]
)
def test_a_date_that_is_not_understood_is_named(date, doubted):
    document = row_document({"text": "Rain fell.", "date": date}, "wire.jsonl:1", ())
    assert any("write it as 2024-05-28" in warning for warning in document.warnings) == doubted
    assert bool(document.date) == (date == "2024-05-28")
