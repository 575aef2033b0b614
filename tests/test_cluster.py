"""``retold score --scheduler`` on a real cluster of processes: every document once, in order, though a worker is killed."""

import json
import os
import signal
import threading
import time

import pandas as pd
import pytest
from tiny_corpus import ROWS

from retold.cli.main import main
from retold.limits import BATCH_DOCUMENTS

distributed = pytest.importorskip("distributed", reason="python -m pip install 'retold[dask]'")
pytest.importorskip("pyarrow", reason="python -m pip install 'retold[parquet]'")
# Enough batches for both workers to have some when one of them is killed.
N = 5 * BATCH_DOCUMENTS


@pytest.fixture
def cluster(tmp_path):
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", local_directory=str(tmp_path / "dask")
    ) as cluster:
        yield cluster


@pytest.fixture
def documents(tmp_path):
    """Two Parquet files of short texts, each of its own id."""
    texts = [" ".join(ROWS[i % len(ROWS)]["text"].split()[:45]) for i in range(N)]
    frame = pd.DataFrame({"id": [f"d{i:05}" for i in range(N)], "text": texts})
    frame[: N // 2].to_parquet(tmp_path / "a.parquet")
    frame[N // 2 :].to_parquet(tmp_path / "b.parquet")
    return frame


def kill_a_worker_that_works(cluster):
    """Kill the first worker that has something to do."""
    with distributed.Client(cluster) as client:
        while not (busy := [address for address, keys in client.processing().items() if keys]):
            time.sleep(0.01)
        os.kill(client.run(os.getpid, workers=busy[:1])[busy[0]], signal.SIGKILL)


def test_every_document_once_though_a_worker_is_killed(cluster, documents, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    killer = threading.Thread(target=kill_a_worker_that_works, args=(cluster,))
    killer.start()
    arguments = ["score", "*.parquet", "--no-evidence", "--format", "jsonl"]
    assert main([*arguments, "--scheduler", cluster.scheduler_address, "--output", "far.jsonl"]) in (0, 1)
    killer.join()
    far = [json.loads(line) for line in (tmp_path / "far.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["id"].rpartition("#")[2] for row in far] == documents["id"].tolist()
    # Texts alone make these verdicts, so that a few of them are enough to see that they are those of this process.
    assert main(["score", "a.parquet", "--no-evidence", "--format", "jsonl", "--output", "near.jsonl"]) in (0, 1)
    near = [json.loads(line) for line in (tmp_path / "near.jsonl").read_text(encoding="utf-8").splitlines()]
    assert near == far[: N // 2]


def test_nobody_at_the_address_is_one_sentence(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("retold.cli.cluster._CONNECTING", 1)
    (tmp_path / "a.txt").write_text(ROWS[0]["text"])
    assert main(["score", str(tmp_path / "a.txt"), "--scheduler", "tcp://127.0.0.1:1"]) == 2
    assert "no Dask scheduler answers there" in capsys.readouterr().err
