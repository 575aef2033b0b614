"""The recipes of docs/tasks/scale.md run as they stand there, each on a real engine of two processes, where it is installed."""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest

import retold

ROOT = Path(__file__).parents[1]
RECIPES = dict(
    re.findall(r"```python\n# (\w+\.py)\n(.*?)```", (ROOT / "docs" / "tasks" / "scale.md").read_text(), re.S)
)
ROWS = [
    json.loads(line) for line in (ROOT / "tests" / "data" / "articles.jsonl").read_text(encoding="utf-8").splitlines()
]
N = 24

pytest.importorskip("pyarrow", reason="python -m pip install 'retold[parquet]'")


def needs(*modules, install):
    """Skip a test where a module is missing, with the line that installs it."""
    missing = [name for name in modules if find_spec(name) is None]
    return pytest.mark.skipif(bool(missing), reason=f"python -m pip install '{install}'")


@pytest.fixture
def folder(tmp_path):
    """A folder with the recipes, and articles in row groups of six, one of them missing."""
    for name, code in RECIPES.items():
        (tmp_path / name).write_text(code)
    texts = [row["text"] for row in ROWS[: N - 1]] + [None]
    frame = pd.DataFrame({"id": [f"d{i}" for i in range(N)], "text": pd.Series(texts, dtype="string")})
    frame.to_parquet(tmp_path / "news.parquet", row_group_size=6)
    return tmp_path


def run(folder, name):
    paths = os.pathsep.join([str(folder), *filter(None, sys.path)])
    environment = os.environ | {
        "PYTHONPATH": paths,
        "PYSPARK_PYTHON": sys.executable,
        "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
        "RAY_AUTH_MODE": "disabled",
    }
    ended = subprocess.run(
        [sys.executable, name], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr[-3000:]


def check_rows(folder):
    """Every row exactly once, with what this process says of it."""
    found = pd.read_parquet(folder / "scored").sort_values("id").reset_index(drop=True)
    frame = pd.read_parquet(folder / "news.parquet")
    expected = frame[["id"]].join(retold.score_frame(frame, evidence=None)).sort_values("id").reset_index(drop=True)
    assert found["id"].tolist() == expected["id"].tolist()
    assert found["label"].fillna("-").tolist() == expected["label"].fillna("-").tolist()
    probabilities = [name for name in expected if name.startswith("p_") and name != "p_pivot"]
    pd.testing.assert_frame_equal(found[probabilities], expected[probabilities], check_dtype=False, atol=1e-6)
    assert found[probabilities].isna().all(axis=1).tolist() == expected["label"].isna().tolist()


def test_every_recipe_is_run_here():
    assert sorted(RECIPES) == ["scoring.py", "with_dask.py", "with_datatrove.py", "with_ray.py", "with_spark.py"]


def test_the_columns_do_not_depend_on_the_rows(folder, monkeypatch):
    monkeypatch.syspath_prepend(folder)
    import scoring

    frame = pd.read_parquet(folder / "news.parquet")
    empty, some = scoring.scored(frame.head(0)), scoring.scored(frame.tail(2))
    pd.testing.assert_series_equal(empty.dtypes, some.dtypes)
    assert some["id"].tolist() == frame["id"].tail(2).tolist()


@needs("dask.dataframe" if find_spec("dask") else "dask", "distributed", install="dask[dataframe,distributed]")
def test_dask(folder):
    run(folder, "with_dask.py")
    check_rows(folder)


@needs("ray", install="ray[data]")
def test_ray(folder):
    run(folder, "with_ray.py")
    check_rows(folder)


@needs("pyspark", install="pyspark")
@pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java")
def test_spark(folder):
    run(folder, "with_spark.py")
    check_rows(folder)


@needs("datatrove", install="datatrove[io,processing]")
def test_datatrove(folder):
    run(folder, "with_datatrove.py")
    kept, removed = (
        [json.loads(line) for file in (folder / name).glob("*.jsonl") for line in file.read_text().splitlines()]
        for name in ("kept", "removed")
    )
    frame = pd.read_parquet(folder / "news.parquet").dropna()
    expected = retold.score_frame(frame, evidence=None)["p_back_translated"] > 0.9
    assert {row["id"] for row in removed} == {*frame["id"][expected]}
    assert {row["id"] for row in kept} == {*frame["id"][~expected]}
