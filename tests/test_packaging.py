"""The wheel is the same, byte for byte, whoever builds it, and from the source distribution, too; it works; and an installation's size is measured."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from benchmarks import installation_size

ROOT = Path(__file__).parents[1]
PARTS = ("pyproject.toml", "README.md", "LICENSE", "src", "models")


def copied(folder):
    """The parts of the checkout that the wheel is made of."""
    folder.mkdir()
    for name in PARTS:
        place = ROOT / name
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(place, folder / name, ignore=ignore) if place.is_dir() else shutil.copy(place, folder / name)
    return folder


def build(target, folder, modified):
    """Build the source distribution or the wheel of a folder whose files bear a time, and return it."""
    for path in folder.rglob("*"):
        os.utime(path, (modified, modified))
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", "dist"]
    environment = os.environ | {"SOURCE_DATE_EPOCH": "1700000000"}
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=environment)
    (built,) = (folder / "dist").iterdir()
    return built


def unpacked(file, folder):
    with tarfile.open(file) as archive:
        archive.extractall(folder, filter="data")
    (root,) = folder.iterdir()
    return root


def test_the_wheel_can_be_reproduced_from_the_source_distribution_and_works(tmp_path):
    checkout = copied(tmp_path / "a")
    first = build("wheel", checkout, 1_600_000_000)
    shutil.move(first, tmp_path)
    sources = unpacked(build("sdist", checkout, 1_600_000_000), tmp_path / "b")
    second = build("wheel", sources, 1_650_000_000)
    assert (tmp_path / first.name).read_bytes() == second.read_bytes()
    names = zipfile.ZipFile(second).namelist()
    assert "retold/models/news-en/manifest.json" in names
    assert "retold/py.typed" in names
    shutil.unpack_archive(second, tmp_path / "installed", "zip")
    article = json.loads((ROOT / "tests" / "data" / "articles.jsonl").read_text(encoding="utf-8").splitlines()[0])
    command = [sys.executable, "-m", "retold", "score", "-", "--format", "jsonl"]
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "installed")}
    ended = subprocess.run(
        command, input=article["text"], cwd=tmp_path, check=True, capture_output=True, text=True, env=environment
    )
    assert json.loads(ended.stdout)["label"]


def test_the_size_of_an_installation_is_measured(monkeypatch, capsys):
    monkeypatch.setattr(installation_size, "loaded", lambda: {"numpy", "scipy"})
    installation_size.main([])
    lines = capsys.readouterr().out.splitlines()
    pandas = next(line for line in lines if " pandas " in line)
    assert pandas.endswith("not loaded by scoring")
    assert 100 < float(lines[-1].split()[0]) < 400
    assert float(lines[-2].split()[0]) > float(lines[-1].split()[0])
