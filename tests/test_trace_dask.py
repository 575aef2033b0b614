"""Texts traced by a cluster of processes: shards are opened once a process, and a killed worker loses and repeats no text."""

import os
import signal

import pandas as pd
import pytest
from tiny_corpus import ROWS

import retold
from retold.archive import Archive
from retold.archive.tracing import opened_once
from retold.reading import Document

distributed = pytest.importorskip("distributed")
ORIGINALS = [row for row in ROWS if row["label"] == "original"]
VERSIONS = [row for row in ROWS if row["label"] != "original"]


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shards")
    for name, rows in (("a", ORIGINALS[::2]), ("b", ORIGINALS[1::2])):
        Archive.create(folder / name).add([Document(row["id"], row["text"], row["id"]) for row in rows])
    return [str(folder / "a"), str(folder / "b")]


@pytest.fixture
def client(tmp_path):
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0", local_directory=str(tmp_path)
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def openings():
    """The process, and how often it opened an archive."""
    return os.getpid(), opened_once.cache_info().misses


def trace_part(part, shards, fault):
    """Trace a part; the first process that comes to the fourth is killed, as by a lack of memory."""
    if part.index[0] == 3 and not fault.exists():
        fault.write_text(str(os.getpid()))
        os.kill(os.getpid(), signal.SIGKILL)
    return retold.trace_frame(part, shards)


def test_each_text_once_though_a_worker_is_killed(client, shards, tmp_path):
    frame = pd.DataFrame(VERSIONS[:8])[["id", "text"]]
    parts = [frame.iloc[i : i + 1] for i in range(len(frame))]
    traces = client.map(trace_part, parts, shards=shards, fault=tmp_path / "fault", pure=False)
    result = pd.concat(client.gather(traces))
    assert (tmp_path / "fault").exists()
    pd.testing.assert_frame_equal(result, retold.trace_frame(frame, shards))
    assert list(result.index) == list(frame.index)
    # The killed process is replaced, so it may open them, too.
    counts = dict(client.run(openings).values())
    assert set(counts.values()) <= {0, len(shards)}
    assert int((tmp_path / "fault").read_text()) not in counts
