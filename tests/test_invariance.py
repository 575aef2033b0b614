"""The same bytes whatever the locale, the time zone, the order of hashes, the folder and the processor's kernels."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ARTICLES = (Path(__file__).parent / "data" / "articles.jsonl").read_text(encoding="utf-8").splitlines()[:3]
SURROUNDINGS = {
    "locale": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "time zone": {"TZ": "Pacific/Kiritimati"},
    "hashes": {"PYTHONHASHSEED": "1"},
    "processor": {"OPENBLAS_CORETYPE": "Prescott", "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3 AVX512F AVX512CD AVX512_SKX"},
    "jobs": {},
}


def scored(folder, *options, **changes):
    """What the command writes about three articles in a folder of their own."""
    folder.mkdir()
    (folder / "a.jsonl").write_text("\n".join(ARTICLES), encoding="utf-8")
    command = [sys.executable, "-m", "retold", "score", "a.jsonl", "--format", "jsonl", *options]
    environment = os.environ | {"PYTHONHASHSEED": "0", "TZ": "UTC", "PYTHONWARNINGS": "ignore"} | changes
    # What NumPy remarks on features that this processor does not have is no concern of ours.
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return scored(tmp_path_factory.mktemp("expected") / "folder")


@pytest.mark.parametrize("name", SURROUNDINGS)
def test_surroundings_move_nothing(expected, tmp_path, name):
    options = ("--jobs", "2") if name == "jobs" else ()
    assert scored(tmp_path / "an other folder", *options, **SURROUNDINGS[name]) == expected
