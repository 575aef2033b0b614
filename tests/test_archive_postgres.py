"""An archive in PostgreSQL finds what one in a folder finds; a real server is started where one is installed."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from test_archive import stories, story
from tiny_corpus import ROWS

from retold.archive import Archive, PostgresArchive, search
from retold.archive.words import index_words
from retold.cli.main import main
from retold.errors import ArchiveError
from retold.reading import Document

# Where Debian puts the programs of a server, which are not on the path.
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
LETTERS = "αβγδεζηθικλμνξοπρστυφχψω"
ORIGINALS = [row for row in ROWS if row["label"] == "original"]


def program(name):
    found = shutil.which(name, path=os.pathsep.join([*map(str, PROGRAMS[::-1]), os.environ["PATH"]]))
    return found or pytest.skip(
        f"no PostgreSQL server here: {name} is not installed (Debian: apt-get install postgresql)"
    )


@pytest.fixture(scope="module")
def server():
    """Address of an empty server that ends with the tests; it refuses to be run by root."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: pip install retold[postgres]")
    initdb, control = program("initdb"), program("pg_ctl")
    user = "postgres" if os.geteuid() == 0 else None
    # Sockets may have no longer path than 107 characters, and the server's user must reach them.
    folder = Path(tempfile.mkdtemp(prefix="retold-pg-", dir="/tmp"))
    if user:
        shutil.chown(folder, user)
    quiet = {"user": user, "cwd": folder, "check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([initdb, "-D", folder / "data", "--auth=trust", "-U", "desk"], **quiet)
    options = f"-k {folder} -c listen_addresses= -c fsync=off -c shared_buffers=16MB"
    start = [control, "-D", folder / "data", "-o", options, "-l", folder / "log", "-w", "start"]
    subprocess.run(start, **quiet)
    yield f"postgresql://desk@/postgres?host={folder}"
    subprocess.run([control, "-D", folder / "data", "-m", "immediate", "stop"], **quiet)
    shutil.rmtree(folder)


@pytest.fixture
def database(server):
    """Address of the server, which holds nothing of retold's."""
    import psycopg

    with psycopg.connect(server, autocommit=True) as db:
        db.execute("SET client_min_messages TO warning")
        db.execute("DROP SCHEMA IF EXISTS retold CASCADE")
    return server


def test_it_finds_what_a_folder_finds(database, tmp_path):
    folder, archive = Archive.create(tmp_path / "a"), PostgresArchive.create(database)
    for one in (folder, archive):
        assert str(one.add(stories(60, date="2024-05-01", outlet="Wire"))) == "60 added"
    for number in range(0, 60, 7):
        text = " ".join(story(number).split()[30:90])
        (found, *_), (expected, *_) = archive.search(text), folder.search(text)
        assert (found.article.id, found.article.digest) == (expected.article.id, expected.article.digest)
        assert archive.text(found.article) == story(number)
    assert archive.search("!") == []
    # Both searched as one: the article is in each.
    assert [hit.article.id for hit in search([folder, archive], story(3), 2)] == ["s3", "s3"]


def test_each_article_is_added_once_and_all_of_a_batch_or_none(database, monkeypatch):
    archive = PostgresArchive.create(database)
    archive.add(stories(20))
    assert str(archive.add(stories(30))) == "10 added, 20 already there"
    monkeypatch.setattr("retold.archive.postgres_statements.COUNT", "INSERT INTO retold.nothing VALUES (%s, %s)")
    with pytest.raises(ArchiveError, match=r"fails \(.*nothing.*psql"):
        archive.add(stories(5, first=50))
    opener, arguments = archive.__reduce__()
    again = opener(*arguments)
    assert len(again) == 30
    assert again.state == PostgresArchive(database).state


def test_what_a_server_cannot_hold_is_left_out_of_a_text(database):
    archive = PostgresArchive.create(database)
    archive.add([Document("a", f"one\0two {'x' * 5000} three", "a", (), "", {"url": None})])
    assert archive.text(archive.search("three")[0].article).startswith("one two xxx")


def test_an_article_of_more_words_than_a_server_takes_is_added_with_its_batch(database):
    archive = PostgresArchive.create(database)
    # Greek letters take two bytes each: 1.6 MB of different words.
    words = " ".join(f"{a}{b}{c}{d}λόγος" for a in LETTERS for b in LETTERS for c in LETTERS for d in LETTERS[:6])
    archive.add([Document("long", words, "long", (), "", {}), *stories(3)])
    assert len(archive) == 4
    assert archive.search(" ".join(words.split()[:60]))[0].article.id == "long"


ADD = """
import sys
sys.path.insert(0, sys.argv[2])
from test_archive import stories
from retold.archive import PostgresArchive, intake
intake.COMMIT_ARTICLES = 25
PostgresArchive(sys.argv[1]).add(stories(200), lambda summary: print(summary.added + summary.repeated, flush=True))
"""


def test_writers_that_are_killed_leave_whole_batches_and_count_every_word_once(database):
    PostgresArchive.create(database)
    command = [sys.executable, "-c", ADD, database, str(Path(__file__).parent)]
    writers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for writer in writers:
        writer.stdout.readline()
        writer.kill()
        writer.communicate()
    assert len(PostgresArchive(database)) % 25 == 0
    archive = PostgresArchive(database)
    archive.add(stories(200))
    assert len(archive) == 200
    words = {word for number in range(5) for word in index_words(story(number))}
    counted = Counter(word for number in range(200) for word in set(index_words(story(number))))
    assert archive.document_frequencies(words) == {word: counted[word] for word in words}


def test_an_archive_of_a_newer_program_is_refused(database):
    archive = PostgresArchive.create(database)
    archive._db.execute("COMMENT ON SCHEMA retold IS 'retold-archive 2'")
    for opening in (PostgresArchive, PostgresArchive.create):
        with pytest.raises(ArchiveError, match=r"retold-archive 2; this one reads 1.*pip install --upgrade retold"):
            opening(database)


def test_the_commands_take_an_address(database, tmp_path, capsys):
    wire = tmp_path / "wire.jsonl"
    with wire.open("w") as stream:
        stream.writelines(json.dumps({"id": row["id"], "text": row["text"]}) + "\n" for row in ORIGINALS[:8])
    trip = next(row for row in ROWS if row["label"] == "back-translated" and row["group"] == ORIGINALS[0]["group"])
    text = tmp_path / "trip.txt"
    text.write_text(trip["text"])
    assert main(["archive", "add", database, str(wire)]) == 0
    assert main(["archive", "info", database]) == 0
    assert "8 articles" in capsys.readouterr().out
    assert main(["trace", str(text), "--archive", database, "--format", "jsonl"]) == 0
    assert json.loads(capsys.readouterr().out)["sources"][0]["id"] == ORIGINALS[0]["id"]
    assert main(["archive", "verify", database]) == 2
    assert "use psql" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("postgresql://desk:secret@localhost/news", "no password; put it into ~/.pgpass"),
        ("postgresql://desk@localhost/news?sslmode=require&password=secret", "no password; put it into ~/.pgpass"),
        ("postgresql://desk@/news?host=/nowhere", "fails .*psql postgresql://desk"),
    ],
)
def test_what_cannot_be_opened_is_refused(address, message):
    pytest.importorskip("psycopg")
    with pytest.raises(ArchiveError, match=message) as error:
        PostgresArchive(address)
    assert "secret" not in str(error.value)


def test_a_database_without_an_archive_says_how_to_make_one(database):
    with pytest.raises(ArchiveError, match="retold archive add postgresql://"):
        PostgresArchive(database)
