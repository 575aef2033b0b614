"""The wheel is the same, byte for byte, whoever builds it, and an installation's size is measured."""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from benchmarks import installation_size

ROOT = Path(__file__).parents[1]
PARTS = ("pyproject.toml", "README.md", "LICENSE", "src", "models")


def wheel(folder, modified):
    """Build the wheel from a copy whose files bear a time, and return it."""
    folder.mkdir()
    for name in PARTS:
        place = ROOT / name
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(place, folder / name, ignore=ignore) if place.is_dir() else shutil.copy(place, folder / name)
    for path in folder.rglob("*"):
        os.utime(path, (modified, modified))
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist"]
    subprocess.run(
        command, cwd=folder, check=True, capture_output=True, env=os.environ | {"SOURCE_DATE_EPOCH": "1700000000"}
    )
    (built,) = (folder / "dist").iterdir()
    return built


def test_the_wheel_can_be_reproduced(tmp_path):
    first, second = wheel(tmp_path / "a", 1_600_000_000), wheel(tmp_path / "b", 1_650_000_000)
    assert hashlib.sha256(first.read_bytes()).digest() == hashlib.sha256(second.read_bytes()).digest()
    names = zipfile.ZipFile(first).namelist()
    assert "retold/models/news-en/manifest.json" in names
    assert "retold/py.typed" in names


def test_the_size_of_an_installation_is_measured(monkeypatch, capsys):
    monkeypatch.setattr(installation_size, "loaded", lambda: {"numpy", "scipy"})
    installation_size.main([])
    lines = capsys.readouterr().out.splitlines()
    pandas = next(line for line in lines if " pandas " in line)
    assert pandas.endswith("not loaded by scoring")
    assert 100 < float(lines[-1].split()[0]) < 400
    assert float(lines[-2].split()[0]) > float(lines[-1].split()[0])
