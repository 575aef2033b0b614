"""``retold score --deep`` with engines and caches that fail: no article loses its verdict."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from test_translation import is_gone

from retold.cli.main import main

ARTICLES = Path(__file__).parent / "data" / "articles.jsonl"
# What an engine that works does with a line.
HEALTHY = "print(line.strip().lower())"


@pytest.fixture(scope="module")
def articles(tmp_path_factory):
    """A file of the first eight test articles."""
    path = tmp_path_factory.mktemp("articles") / "articles.jsonl"
    path.write_text("".join(ARTICLES.read_text(encoding="utf-8").splitlines(keepends=True)[:8]), encoding="utf-8")
    return path


@pytest.fixture
def scored(articles, tmp_path, capsys):
    """A function that scores the articles with options, and returns the exit code, the verdicts and the remarks."""

    def score(*options):
        code = main(["score", str(articles), "--format", "jsonl", *map(str, options)])
        captured = capsys.readouterr()
        return code, [json.loads(line) for line in captured.out.splitlines()], captured.err

    return score


def engine(tmp_path, code):
    """The command line of an engine that runs ``code`` for each ``line``."""
    file = tmp_path / "engine.py"
    file.write_text(f"import os, sys, time\nfor line in sys.stdin:\n    {code}\n")
    return f"'{sys.executable}' '{file}'"


def core(verdict):
    """What must not change because an engine failed."""
    return {key: verdict[key] for key in ("id", "label", "probabilities", "abstained")}


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("os.abort()", "ended with code -6"),
        ("sys.exit('no model here')", "ended with code 1: no model here"),
        ("print('only this line') if sys.stdin.read() or True else 0", "wrote 1 lines for"),
        ("time.sleep(60)", "no output within 1 seconds"),
        ("sys.stdout.buffer.write(b'\\xff\\n')", "not UTF-8"),
    ],
    ids=["dies", "fails", "too few lines", "hangs", "not UTF-8"],
)
def test_an_engine_that_fails_costs_no_article_its_verdict(scored, tmp_path, code, message):
    _, plain, _ = scored()
    start = time.monotonic()
    found = scored("--deep", "--engine", engine(tmp_path, code), "--engine-timeout", "1", "--cache", tmp_path / "cache")
    assert time.monotonic() - start < 30
    assert found[0] == 0
    assert [core(v) for v in found[1]] == [core(v) for v in plain]
    warnings = [w for v in found[1] for w in v["warnings"] if "without the translation engine" in w]
    assert message in warnings[0]


def test_a_cache_that_is_damaged_costs_no_article_its_rescoring(scored, tmp_path):
    command = ["--deep", "--engine", engine(tmp_path, HEALTHY), "--cache", tmp_path / "cache"]
    _, rescored, remarks = scored(*command)
    assert "cache" not in remarks
    data = bytearray((tmp_path / "cache").read_bytes())
    data[1024:] = b"\xa5" * (len(data) - 1024)
    (tmp_path / "cache").write_bytes(data)
    code, again, remarks = scored(*command)
    assert (code, again) == (0, rescored)
    assert remarks.count("cannot be used as a translation cache") == 1


def test_a_locked_cache_costs_no_article_its_rescoring(scored, tmp_path, monkeypatch):
    monkeypatch.setattr("retold.translation.cache._LOCK_SECONDS", 0.1)
    command = ["--deep", "--engine", engine(tmp_path, HEALTHY), "--cache", tmp_path / "cache"]
    _, rescored, _ = scored(*command)
    lock = sqlite3.connect(tmp_path / "cache")
    lock.execute("DELETE FROM round_trips")
    lock.commit()
    lock.execute("BEGIN EXCLUSIVE")
    code, again, remarks = scored(*command)
    assert (code, again) == (0, rescored)
    assert "locked" in remarks


def test_two_processes_share_a_cache(articles, tmp_path):
    command = [sys.executable, "-m", "retold", "score", articles, "--format", "jsonl", "--deep"]
    command += ["--engine", engine(tmp_path, HEALTHY), "--cache", tmp_path / "cache"]
    runs = [subprocess.Popen(command, stdout=-1, stderr=-1, text=True) for _ in range(2)]
    (first, _), (second, errors) = (run.communicate(timeout=120) for run in runs)
    assert first == second != ""
    assert "cache" not in errors


def test_an_interrupted_run_ends_its_engine(articles, tmp_path):
    slow = engine(tmp_path, f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(60)")
    command = [sys.executable, "-m", "retold", "score", articles, "--deep", "--engine", slow]
    run = subprocess.Popen([*command, "--cache", tmp_path / "cache"], stdout=-1, stderr=-1, text=True)
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        time.sleep(0.1)
    run.send_signal(signal.SIGTERM)
    _, errors = run.communicate(timeout=20)
    assert run.returncode == 128 + signal.SIGTERM
    assert errors.startswith("retold: interrupted; to start again: retold score ")
    assert is_gone(int((tmp_path / "pid").read_text()))
    assert os.path.exists(tmp_path / "cache")
