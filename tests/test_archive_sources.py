"""The source of a text is found in an archive, proven by comparison, and named in the verdict."""

import io
import json

import pytest
from tiny_corpus import ROWS

from retold.archive import Archive
from retold.cli.score import score
from retold.cli.terminal import Streams
from retold.reading import Document

ORIGINALS = [row for row in ROWS if row["label"] == "original"]
TRIPS = [row for row in ROWS if row["label"] == "back-translated"]
EDITS = [row for row in ROWS if row["label"] == "edited"]


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    path = tmp_path_factory.mktemp("archive") / "wire.archive"
    # The last four originals are not there: texts made from them have no source.
    documents = [Document(row["id"], row["text"], row["id"]) for row in ORIGINALS[:-4]]
    Archive.create(path).add(documents)
    return path


def verdicts(rows, archive, tmp_path):
    wire = tmp_path / "wire.jsonl"
    wire.write_text("".join(json.dumps({"id": row["id"], "text": row["text"]}) + "\n" for row in rows))
    streams = Streams(io.BytesIO(), io.StringIO(), io.StringIO())
    score([wire], "jsonl", archives=[archive], streams=streams)
    return [json.loads(line) for line in streams.output.getvalue().splitlines()]


def test_round_trips_and_edits_name_their_source(archive, tmp_path):
    known = {row["group"]: row["id"] for row in ORIGINALS[:-4]}
    rows = [row for row in (*TRIPS[:6], *EDITS[:6]) if row["group"] in known]
    found = verdicts(rows, archive, tmp_path)
    assert [v["source"]["id"] for v in found] == [known[row["group"]] for row in rows]
    assert [v["label"] for v in found] == [row["label"] for row in rows]
    assert all("rests on this text and on its comparison" in v["warnings"][-1] for v in found)


def test_what_has_no_source_is_judged_by_itself(archive, tmp_path):
    absent = {row["group"] for row in ORIGINALS[-4:]}
    rows = [row for row in (*ORIGINALS, *TRIPS) if row["group"] in absent]
    for verdict in verdicts(rows, archive, tmp_path):
        assert "source" not in verdict
        assert verdict["warnings"][-1] == "no source was found in the archive, so it is judged by itself"
