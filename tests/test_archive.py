import json
import os
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from retold.archive import FIELDS, Archive, repair, search, verify
from retold.archive.words import digest, index_words
from retold.errors import ArchiveError, InputError, MissingPackageError
from retold.reading import Document, read

# Invented words, so that every story has names of its own, between common ones.
SYLLABLES = ["ka", "ro", "mi", "tel", "van", "dor", "sep", "lun", "gri", "pha", "bo", "zet"]
COMMON = "the of and to in said that for was on with as by at from it his an were are which have or had".split()


def story(seed, n_words=120):
    """An article with names of its own."""
    generator = np.random.default_rng(seed)
    names = ["".join(generator.choice(SYLLABLES, 3)) for _ in range(n_words // 4)]
    is_name = generator.random(n_words) < 0.3
    words = [str(generator.choice(names if name else COMMON)) for name in is_name]
    return " ".join(words).capitalize() + "."


def stories(n, first=0, date="", **fields):
    return [Document(f"s{i}", story(i), f"wire.jsonl:{i}", (), date, fields) for i in range(first, first + n)]


@pytest.fixture
def archive(tmp_path):
    archive = Archive.create(tmp_path / "wire.archive")
    archive.add(stories(30, date="2024-05-01", outlet="Wire"))
    archive.add(stories(10, first=30, date="2023-01-01", outlet="Daily"))
    return archive


def first(hits):
    return hits[0].article.id


# --- words


def test_typography_accents_and_case_do_not_make_other_words():
    plain = 'Erdogan\'s "co-operation" & Malmo'
    assert index_words(plain) == index_words("ERDO\u011eAN\u2019S \u201cCo\u2010opera\u00adtion\u201d &amp; Malm\u00f6")


def test_articles_share_a_digest_only_if_they_share_all_words_in_order():
    assert digest(["one", "two"]) == digest(["one", "two"])
    assert len({digest(words) for words in (["one", "two"], ["two", "one"], ["one"], [])}) == 4


# --- adding and searching


def test_an_article_is_found_by_its_text_and_by_a_passage_of_it(archive):
    assert first(archive.search(story(7))) == "s7"
    assert first(archive.search(" ".join(story(7).split()[30:90]))) == "s7"


def test_a_text_without_a_word_in_common_finds_nothing(archive):
    assert archive.search("Xylophone quintets!") == archive.search("") == []


def test_what_an_article_says_of_itself_is_kept(tmp_path):
    archive = Archive.create(tmp_path / "a")
    fields = {"url": "https://example.org/1", "outlet": "Wire"}
    archive.add([Document("x", story(1), "f.txt", (), "2024-02-03", fields)])
    article = archive.search(story(1))[0].article
    assert (article.id, article.date, article.url) == ("x", "2024-02-03", "https://example.org/1")
    assert (article.outlet, article.place) == ("Wire", "f.txt")
    assert archive.text(article) == story(1)


def test_rows_of_a_file_keep_their_fields(tmp_path):
    row = {"text": story(1), "id": 7, "date": "2024-02-03T10:00:00", "url": "https://example.org", "outlet": "Wire"}
    (tmp_path / "a.jsonl").write_text(json.dumps(row))
    pd.DataFrame([row]).to_csv(tmp_path / "a.csv", index=False)
    pd.DataFrame([row]).to_parquet(tmp_path / "a.parquet")
    for name in ("a.jsonl", "a.csv", "a.parquet"):
        archive = Archive.create(tmp_path / f"{name}.archive")
        archive.add(read([tmp_path / name], fields=FIELDS))
        (article,) = archive
        assert (article.id, article.date) == ("7", "2024-02-03")
        assert (article.url, article.outlet) == ("https://example.org", "Wire")


def test_the_same_article_is_added_once(archive):
    again = [
        Document("other", story(3).replace(" ", "\n"), "elsewhere"),
        *stories(2, first=60),
        stories(1, first=60)[0],
    ]
    summary = archive.add(again)
    assert (summary.added, summary.repeated) == (2, 2)
    assert len(archive) == archive.n_indexed == 42


def test_documents_without_words_are_counted_and_left_out(archive, tmp_path):
    summary = archive.add([Document("e", " ... ", "e"), *read([tmp_path / "missing.txt"])])
    assert (summary.added, summary.empty, summary.unreadable) == (0, 1, 1)


def test_frames_go_in(tmp_path):
    archive = Archive.create(tmp_path / "a")
    frame = pd.DataFrame({"text": [story(1), None, story(2)], "date": pd.to_datetime(["2024-05-01", None, None])})
    assert archive.add(frame).added == 2
    assert archive.search(story(1))[0].article.date == "2024-05-01"
    with pytest.raises(InputError, match="no column 'text'"):
        archive.add(pd.DataFrame({"body": ["x"]}))


def test_several_archives_are_searched_as_one(tmp_path):
    whole = Archive.create(tmp_path / "whole")
    whole.add(stories(40))
    parts = [Archive.create(tmp_path / name) for name in ("a", "b")]
    parts[0].add(stories(35))
    parts[1].add(stories(5, first=35))
    for seed in (3, 37):
        expected, found = whole.search(story(seed), 5), search(parts, story(seed), 5)
        assert [h.article.id for h in found] == [h.article.id for h in expected]
        # Equal up to the mean length of the articles of each part, which BM25 divides by.
        assert [h.score for h in found] == pytest.approx([h.score for h in expected], rel=0.02)


def test_a_reader_sees_what_was_committed_when_it_opened(archive):
    reader = Archive.open(archive.path)
    archive.remove(ids=["s3"])
    assert [h for h in reader.search(story(3)) if h.article.id == "s3"] == []
    assert len(Archive.open(archive.path)) == 39


# --- removing, merging, verifying


@pytest.mark.parametrize("kind", ["ids", "urls", "outlets"])
def test_one_name_is_no_list_of_names(archive, kind):
    with pytest.raises(InputError, match=r"got one string; put it into a list: \['s12'\]"):
        archive.remove(**{kind: "s12"})
    assert len(archive) == 40


@pytest.mark.parametrize(
    ("chosen", "left"),
    [({"ids": ["s1", "s2", "no"]}, 38), ({"outlets": ["Daily"]}, 30), ({"before": "2024-01-01"}, 30), ({}, 40)],
)
def test_articles_are_removed_by_what_they_say_of_themselves(archive, chosen, left):
    assert archive.remove(**chosen) == 40 - left
    assert len(archive) == archive.n_indexed == left
    assert verify(archive.path) == []


def test_the_number_of_a_removed_article_is_never_given_again(archive):
    archive.remove(ids=["s39"])
    archive.add(stories(1, first=50))
    assert archive.search(story(50))[0].article.number == 41


def test_archives_merge(archive, tmp_path):
    other = Archive.create(tmp_path / "other")
    other.add(stories(5, first=38, url="https://example.org"))
    summary = archive.add(other.documents())
    assert (summary.added, summary.repeated, len(archive)) == (3, 2, 43)
    assert archive.search(story(42))[0].article.url == "https://example.org"


def test_info_counts(archive):
    info = archive.info()
    assert (info.articles, info.first_date, info.last_date) == (40, "2023-01-01", "2024-05-01")
    assert info.outlets == {"Wire": 30, "Daily": 10}
    assert info.words == 40 * 120
    assert info.bytes > 10_000


def test_an_archive_without_texts_reads_them_where_they_were(tmp_path, monkeypatch):
    rows = [json.dumps({"id": f"r{i}", "text": story(i)}) for i in range(3)]
    (tmp_path / "rows.jsonl").write_text("\n".join(rows))
    (tmp_path / "one.txt").write_text(story(8))
    monkeypatch.chdir(tmp_path)
    archive = Archive.create("a", keep_texts=False)
    archive.add(read(["rows.jsonl", "one.txt"]))
    monkeypatch.chdir("/")
    archive = Archive.open(tmp_path / "a")
    assert [archive.text(a) for a in archive] == [story(0), story(1), story(2), story(8)]
    (tmp_path / "one.txt").write_text(story(9))
    assert archive.text(archive.search(story(8))[0].article) is None
    assert verify(archive.path) == []


def test_repair_makes_index_and_manifest_anew(archive):
    shutil.rmtree(archive.path / "index")
    (archive.path / "manifest.json").write_text("{")
    assert repair(archive.path) == (40, [])
    assert verify(archive.path) == []
    assert first(Archive.open(archive.path).search(story(7))) == "s7"


def test_repair_drops_articles_whose_text_is_damaged(archive):
    archive._store._db.execute("UPDATE texts SET text = x'00' WHERE number = 5")
    assert verify(archive.path) == ["the text of s4 (article 5) is damaged"]
    assert repair(archive.path) == (39, ["s4"])
    assert verify(archive.path) == []


# --- what is refused


def damage(file, at, by=b"\xff" * 8):
    with file.open("r+b") as stream:
        stream.seek(at, 2 if at < 0 else 0)
        stream.write(by)


def foreign_file(path):
    (path / "articles.db").unlink()
    with sqlite3.connect(path / "articles.db") as db:
        db.execute("CREATE TABLE articles(headline TEXT)")


def foreign_index(path):
    import tantivy

    shutil.rmtree(path / "index")
    (path / "index").mkdir()
    fields = tantivy.SchemaBuilder()
    fields.add_text_field("title", stored=True)
    tantivy.Index(fields.build(), path=str(path / "index"))


def newer_index(path):
    meta = path / "index" / "meta.json"
    meta.write_text(json.dumps(json.loads(meta.read_text()) | {"schema": [{"name": "words", "type": "vector"}]}))


def replace(file, data):
    """Put another file in the place of one that a thread of an index that is still open may have mapped: cut short, it would end the process."""
    file.unlink()
    file.write_bytes(data)


def cut(path, pattern):
    file = max(path.glob(pattern), key=lambda file: file.stat().st_size)
    replace(file, file.read_bytes()[: file.stat().st_size // 2])


def newer(path):
    (path / "manifest.json").write_text('{"format": "retold-archive", "version": 2, "made_by": "retold 9"}')


@pytest.mark.parametrize(
    ("harm", "advice"),
    [
        (shutil.rmtree, "retold archive add"),
        (lambda path: (path / "manifest.json").unlink(), "is no archive"),
        (lambda path: (path / "manifest.json").write_text("[" * 9_000), "retold archive repair"),
        (lambda path: (path / "manifest.json").write_text('{"format": "other", "version": 1}'), "is not the manifest"),
        (newer, "retold 9, format 2.*pip install --upgrade retold"),
        (lambda path: (path / "articles.db").unlink(), "restore it from a copy"),
        (lambda path: damage(path / "articles.db", 0), r"move .* away and run: retold archive add .* PATH"),
        (lambda path: cut(path, "articles.db"), r"restore it from a copy, or move .* away"),
        (lambda path: os.truncate(path / "articles.db", 0), r"restore it from a copy, or move .* away"),
        (foreign_file, r"restore it from a copy, or move .* away"),
        (foreign_index, "retold archive repair"),
        (newer_index, "retold archive repair"),
        (lambda path: cut(path, "index/*.idx"), "retold archive repair"),
        (lambda path: shutil.rmtree(path / "index"), "retold archive repair"),
        (lambda path: (path / "index" / "meta.json").write_text("{}"), "retold archive repair"),
        (lambda path: damage(next((path / "index").glob("*.term")), -8), "retold archive repair"),
    ],
)
def test_what_is_no_sound_archive_is_refused_with_what_to_run(archive, harm, advice):
    harm(archive.path)
    with pytest.raises(ArchiveError, match=advice):
        Archive.open(archive.path)


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: (path / "manifest.json").write_bytes(bytes(range(256))),
        lambda path: ((path / "manifest.json").unlink(), (path / "manifest.json").mkdir()),
        lambda path: (shutil.rmtree(path / "index"), (path / "index").write_text("no folder")),
        foreign_index,
        newer_index,
        lambda path: cut(path, "index/*.idx"),
    ],
)
def test_repair_mends_whatever_became_of_manifest_and_index(archive, harm):
    harm(archive.path)
    assert repair(archive.path) == (40, [])
    assert verify(archive.path) == []


def test_repair_leaves_the_archive_of_a_newer_program_alone(archive):
    newer(archive.path)
    with pytest.raises(ArchiveError, match=r"retold 9, format 2.*pip install --upgrade retold"):
        repair(archive.path)
    assert json.loads((archive.path / "manifest.json").read_text())["version"] == 2


def test_values_of_a_wrong_kind_are_read_as_text(archive):
    archive._store._db.execute("UPDATE articles SET id = CAST(x'ff00ff' AS TEXT), n_words = 'many' WHERE number = 3")
    archive._store._db.execute("UPDATE articles SET date = x'ff', outlet = x'ff' WHERE number = 4")
    archive.close()
    opened = Archive.open(archive.path)
    json.dumps(asdict(opened.info()))
    assert first(opened.search(story(3))) == "s3"
    assert verify(archive.path) == []


def test_verify_finds_bits_that_changed_in_the_index(archive):
    damage(next((archive.path / "index").glob("*.idx")), 100)
    assert any(".idx is damaged" in fault for fault in verify(archive.path))


def test_a_text_that_unpacks_to_more_than_any_article_is_refused_in_bounded_memory(archive):
    import zlib

    packing = zlib.compressobj(zdict=archive._store._dictionary)
    bomb = packing.compress(b"a" * 50_000_000) + packing.flush()
    archive._store._db.execute("UPDATE texts SET text = ? WHERE number = 1", (bomb,))
    assert len(archive.text(next(iter(archive)))) == 4_000_000


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "precious").touch()
    with pytest.raises(ArchiveError, match="is there already"):
        Archive.create(tmp_path / "a")


def test_without_tantivy_the_line_that_installs_it_is_given(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tantivy", None)
    with pytest.raises(MissingPackageError, match="python -m pip install tantivy"):
        Archive.create(tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_one_process_writes_at_a_time_and_others_read(archive):
    code = (
        "import sys; from retold.archive import Archive; from retold.errors import ArchiveError\n"
        "archive = Archive.open(sys.argv[1]); print(len(archive.search(sys.argv[2])))\n"
        "try: archive.remove(ids=['s1'])\n"
        "except ArchiveError as error: print(error)"
    )
    with archive._writing():
        command = [sys.executable, "-c", code, str(archive.path), story(7)]
        found, refusal = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert int(found) > 0
    assert "being written to by another process; wait until it ends" in refusal
    assert archive.remove(ids=["s1"]) == 1
