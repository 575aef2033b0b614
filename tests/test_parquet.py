"""Verdicts as Parquet: written by row groups, whole even where the work was cut short, with the columns of a frame."""

import json

import pytest
from fakes import ARTICLE, FakeDetector

from retold.cli.score import score
from retold.detector.columns import TYPES
from retold.errors import InputError
from retold.report import parquet as module

pytest.importorskip("pyarrow", reason="python -m pip install 'retold[parquet]'")
from pyarrow import parquet


@pytest.fixture
def inputs(tmp_path):
    rows = [{"id": f"d{i}", "text": f"A colony. {ARTICLE}" if i % 2 else "Too short."} for i in range(10)]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path / "in.jsonl"


def test_verdicts_are_written_by_row_groups(inputs, tmp_path, streams, monkeypatch):
    monkeypatch.setattr(module, "_GROUP_ROWS", 4)
    assert score([inputs], "parquet", tmp_path / "out.parquet", detector=FakeDetector(), streams=streams) == 1
    file = parquet.ParquetFile(tmp_path / "out.parquet")
    assert file.schema_arrow.names == ["id", *TYPES]
    assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [4, 4, 2]
    rows = file.read().to_pylist()
    assert [row["id"] for row in rows] == [f"d{i}" for i in range(10)]
    assert (rows[0]["label"], rows[0]["p_original"], rows[0]["signal_terms"]) == (None, None, None)
    assert (rows[1]["label"], rows[1]["p_back_translated"], rows[1]["pivot"]) == ("back-translated", 0.9, "fr")
    assert json.loads(rows[1]["evidence"])[0]["text"] == "colony"


def test_an_interrupted_run_leaves_a_whole_file_and_goes_on(inputs, tmp_path, streams):
    stopped = FakeDetector(KeyboardInterrupt(), "d7")
    with pytest.raises(KeyboardInterrupt):
        score([inputs], "parquet", tmp_path / "out.parquet", detector=stopped, streams=streams)
    assert parquet.read_table(tmp_path / "out.parquet.partial")["id"].to_pylist() == [f"d{i}" for i in range(7)]
    score([inputs], "parquet", tmp_path / "out.parquet", resume=True, detector=FakeDetector(), streams=streams)
    assert parquet.read_table(tmp_path / "out.parquet")["id"].to_pylist() == [f"d{i}" for i in range(10)]


def test_parquet_needs_a_file(inputs, streams):
    with pytest.raises(InputError, match="--output"):
        score([inputs], "parquet", detector=FakeDetector(), streams=streams)


def test_half_a_file_that_nothing_can_read_is_not_kept(inputs, tmp_path, streams):
    draft = tmp_path / ".out.parquet.draft-0a1b2c3d"
    draft.write_bytes(b"PAR1" + b"rows" * 100)
    score([inputs], "parquet", tmp_path / "out.parquet", detector=FakeDetector(), streams=streams)
    assert [path.name for path in tmp_path.glob("*out*")] == ["out.parquet"]
