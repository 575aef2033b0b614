"""Where texts come from, and who took the articles of an archive: on the command line and in Python."""

import csv
import io
import json
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from tiny_corpus import ROWS

import retold
from retold.archive import Archive
from retold.cli.main import main
from retold.compare.reference import relation_to
from retold.compare.version import Version
from retold.errors import ArchiveError, InputError
from retold.reading import Document
from retold.report.formatting import pivot_shares

ORIGINALS = {row["group"]: row for row in ROWS if row["label"] == "original"}
TRIPS = {row["group"]: row for row in ROWS if row["label"] == "back-translated"}
EDITS = {row["group"]: row for row in ROWS if row["label"] == "edited"}
# Two stories that have a version of every kind, and one that the archive does not hold.
FIRST, SECOND, ABSENT = sorted(set(TRIPS) & set(EDITS))[:3]

# Writes the id of each text down that it traces, and puts each trace on the disk.
RUN = """
import sys
from pathlib import Path
from retold.archive import tracing
from retold.cli import main, record
record.RECORD_SECONDS = 0
trace_one = tracing.trace_one
def logged(document, *others):
    with Path(sys.argv[1]).open("a") as log:
        log.write(document.id + "\\n")
    return trace_one(document, *others)
tracing.trace_one = logged
sys.exit(main.main(["trace", *sys.argv[2:]]))
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    held = [row for group, row in sorted(ORIGINALS.items()) if group != ABSENT]
    fields = {"outlet": "Wire"}
    documents = [
        Document(r["id"], r["text"], r["id"], (), "2024-05-10", fields | {"url": f"w/{r['id']}"}) for r in held
    ]
    path = tmp_path_factory.mktemp("trace") / "wire.archive"
    Archive.create(path).add(documents)
    return path


@pytest.fixture(scope="module")
def suspects(tmp_path_factory):
    path = tmp_path_factory.mktemp("suspects") / "suspects.jsonl"
    rows = [
        {"id": "trip", "text": TRIPS[FIRST]["text"], "date": "2024-05-12", "outlet": "Farm"},
        {"id": "edit", "text": EDITS[FIRST]["text"], "date": "2024-05-11", "outlet": "Daily"},
        {"id": "mosaic", "text": f"{TRIPS[FIRST]['text']}\n{TRIPS[SECOND]['text']}"},
        {"id": "stranger", "text": TRIPS[ABSENT]["text"]},
        {"id": "early", "text": TRIPS[SECOND]["text"], "date": "2024-05-09"},
        {"id": "short", "text": "Too short."},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def traced(suspects, archive, tmp_path, name, *options):
    output = tmp_path / name
    assert main(["trace", str(suspects), "--archive", str(archive), "--output", str(output), *options]) == 1
    return output.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def rows(suspects, archive, tmp_path_factory):
    text = traced(suspects, archive, tmp_path_factory.mktemp("rows"), "traces.jsonl")
    return {row["id"]: row for row in map(json.loads, text.splitlines())}


def sources(row):
    return {source["id"] for source in row["sources"]}


def test_a_text_names_its_source_and_how_it_was_made(rows):
    assert list(rows) == ["trip", "edit", "mosaic", "stranger", "early", "short"]
    for id, label in (("trip", "back-translated"), ("edit", "edited")):
        (source,) = rows[id]["sources"]
        expected = {"id": ORIGINALS[FIRST]["id"], "date": "2024-05-10", "outlet": "Wire", "relation": label}
        assert {key: source[key] for key in expected} == expected
        assert rows[id]["label"] == label
        assert source["shared"] > 0.4
        assert source["covered"] > 0.8


def test_a_text_of_two_articles_names_both(rows):
    assert sources(rows["mosaic"]) == {ORIGINALS[FIRST]["id"], ORIGINALS[SECOND]["id"]}
    assert sum(source["covered"] for source in rows["mosaic"]["sources"]) == pytest.approx(1, abs=0.1)
    assert "of it comes from" in rows["mosaic"]["warnings"][-1]


def test_what_is_older_than_an_article_was_not_made_from_it(rows, suspects, archive, tmp_path):
    assert not rows["early"]["sources"]
    output = tmp_path / "scores.jsonl"
    assert main(["score", str(suspects), "--archive", str(archive), "--output", str(output)]) == 1
    scores = {row["id"]: row for row in map(json.loads, output.read_text(encoding="utf-8").splitlines())}
    assert "source" not in scores["early"]
    assert scores["mosaic"]["source"]["id"] in {ORIGINALS[FIRST]["id"], ORIGINALS[SECOND]["id"]}


def test_a_text_whose_source_is_not_there_has_none(rows):
    assert not rows["stranger"]["sources"]
    assert "no source was found" in rows["stranger"]["warnings"][-1]
    assert rows["short"]["label"] is None


def test_changed_facts_come_first(archive):
    text = ORIGINALS[FIRST]["text"]
    number = next(word for word in text.split() if word.isdigit() and len(word) < 4)
    changed = text.replace(f" {number} ", f" {int(number) + 7} ", 1).replace(" said ", " says ", 1)
    trace = retold.load().trace(changed, archive)
    assert trace.changes[0].fact
    assert str(int(number) + 7) in trace.changes[0].to_text
    assert [bool(change.fact) for change in trace.changes] == sorted(
        (bool(c.fact) for c in trace.changes), reverse=True
    )


def test_by_source_says_who_took_an_article_and_when(suspects, archive, tmp_path):
    text = traced(suspects, archive, tmp_path, "taken.jsonl", "--by", "source")
    articles = [json.loads(line) for line in text.splitlines()]
    assert [(a["id"], [t["id"] for t in a["takers"]]) for a in articles] == [
        (ORIGINALS[FIRST]["id"], ["edit", "trip", "mosaic"]),
        (ORIGINALS[SECOND]["id"], ["mosaic"]),
    ]
    taker = articles[0]["takers"][1]
    assert (taker["date"], taker["outlet"], taker["relation"]) == ("2024-05-12", "Farm", "back-translated")


def test_tables_and_csv_hold_a_row_for_each(suspects, archive, tmp_path, capsys):
    by_text = list(csv.DictReader(io.StringIO(traced(suspects, archive, tmp_path, "a.csv"))))
    assert [row["source"] for row in by_text][1::2] == [ORIGINALS[FIRST]["id"], "", ""]
    assert by_text[2]["second_source"]
    by_source = list(csv.DictReader(io.StringIO(traced(suspects, archive, tmp_path, "b.csv", "--by", "source"))))
    assert (by_source[0]["n_texts"], by_source[0]["taker"]) == ("3", "edit; trip; mosaic")
    assert (by_source[0]["first_date"], by_source[0]["last_date"]) == ("2024-05-11", "2024-05-12")
    for by, lines in (("text", 1 + 6 + 1), ("source", 2 + 4)):
        assert main(["trace", str(suspects), "--archive", str(archive), "--by", by]) == 1
        assert len(capsys.readouterr().out.splitlines()) == lines


def test_processes_and_one_process_agree(suspects, archive, tmp_path, rows, monkeypatch):
    monkeypatch.setattr("retold.detector.batches.BATCH_DOCUMENTS", 2)
    text = traced(suspects, archive, tmp_path, "traces.jsonl", "--jobs", "2")
    assert [json.loads(line) for line in text.splitlines()] == list(rows.values())


@pytest.mark.parametrize(("name", "by"), [("traces.jsonl", "text"), ("taken.html", "source")])
def test_a_run_that_is_stopped_again_and_again_ends_with_the_same_bytes(suspects, archive, tmp_path, name, by):
    rows = [json.loads(line) for line in suspects.read_text(encoding="utf-8").splitlines()]
    lines = [json.dumps(row | {"id": f"{row['id']} {i}"}) + "\n" for i in range(8) for row in rows]
    (tmp_path / "many.jsonl").write_text("".join([*lines[:9], "{\n", *lines[9:]]), encoding="utf-8")
    expected = traced(tmp_path / "many.jsonl", archive, tmp_path, f"expected-{name}", "--by", by)
    log, output = tmp_path / "log", tmp_path / name
    command = [
        sys.executable,
        "-c",
        RUN,
        log,
        tmp_path / "many.jsonl",
        "--archive",
        archive,
        "--by",
        by,
        "--output",
        output,
        "--resume",
    ]
    for number, done in ((signal.SIGKILL, 10), (signal.SIGINT, 24), (None, 0)):
        with subprocess.Popen([*map(str, command)], cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
            while number and process.poll() is None and (not log.exists() or len(log.read_text().split("\n")) <= done):
                time.sleep(0.005)
            process.send_signal(number or 0)
            _, errors = process.communicate(timeout=60)
            assert (
                process.returncode
                == {signal.SIGKILL: -signal.SIGKILL, signal.SIGINT: 128 + signal.SIGINT, None: 1}[number]
            )
    assert "going on from there" in errors
    assert "many.jsonl:10" in errors
    assert output.read_text(encoding="utf-8").replace(name, f"expected-{name}") == expected
    # The text at hand when the run was stopped, twice.
    assert len(lines) <= len(log.read_text().splitlines()) <= len(lines) + 2
    assert not (tmp_path / f"{name}.record").exists()


def test_frames_in_and_out(suspects, archive, rows, tmp_path):
    frame = pd.read_json(suspects, lines=True)
    before = frame.copy()
    traced = retold.trace_frame(frame, archive)
    pd.testing.assert_frame_equal(frame, before)
    assert list(traced.index) == list(frame.index)
    assert traced["source_id"].isna().tolist() == [not row["sources"] for row in rows.values()]
    assert json.loads(traced["sources"][2]) == rows["mosaic"]["sources"]
    traced.to_parquet(tmp_path / "t.parquet")
    empty = retold.trace_frame(frame.iloc[:0], [Archive.open(archive)])
    assert empty.dtypes.equals(traced.dtypes)
    taken = retold.trace_frame(frame, archive, by="source")
    assert taken["n_texts"].tolist() == [3, 1]
    assert pickle.loads(pickle.dumps(retold.trace_frame)) is retold.trace_frame  # noqa: S301  # our own bytes


def test_what_cannot_be_traced_is_refused(archive, tmp_path):
    detector = retold.load()
    with pytest.raises(InputError, match="not a date"):
        detector.trace("text", archive, date="yesterday")
    with pytest.raises(ArchiveError, match="there is no archive"):
        detector.trace("text", tmp_path / "none.archive")
    with pytest.raises(InputError, match="no column"):
        retold.trace_frame(pd.DataFrame({"body": []}), archive)
    assert main(["trace", str(archive / "manifest.json"), "--archive", str(tmp_path)]) == 2


@pytest.mark.parametrize(
    ("pivot", "words"),
    [
        ({}, ""),
        ({"fr": 0.71, "ru": 0.07}, "French 71%"),
        ({"pt": 0.42, "fr": 0.34, "de": 0.1}, "one of the Romance languages: Portuguese 42% or French 34%"),
        ({"fr": 0.245, "de": 0.233}, "French 24% or German 23%"),
    ],
)
def test_pivots_that_are_close_are_both_named_with_the_family_that_they_share(pivot, words):
    assert pivot_shares(pivot) == words


@pytest.mark.parametrize("folder", ["story", "second_story"])
def test_french_comes_first_beside_every_version_that_the_farm_may_have_had(folder):
    files = sorted((Path(__file__).parent / "data" / folder).glob("*.txt"))
    *others, farm = [Version.of("", file.read_text(encoding="utf-8")) for file in files]
    related = [relation_to(other, farm, retold.load().comparison_weights) for other in others]
    pivots = [next(iter(found.pivot)) for found in related if found.relation == "back-translated"]
    assert len(pivots) > 2
    assert set(pivots) == {"fr"}
