"""The command as a process: how fast it answers, and what it does where a stream or its user cuts it short."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from fakes import ARTICLE as LONG
from test_translation import is_gone

from retold.limits import BATCH_DOCUMENTS


def python(code, *arguments, **options):
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)], text=True, stdout=-1, stderr=-1, **options
    )


def test_help_is_quick_since_it_loads_nothing():
    code = "import sys; from retold.cli.main import main; main(['score', '--help']); print({'numpy'} & {*sys.modules})"
    assert python(code).communicate()[0].endswith("set()\n")


def test_scoring_loads_neither_tables_nor_learning():
    code = "import sys, retold; retold.load().score('Two words.'); print({'pandas', 'sklearn'} & {*sys.modules})"
    assert python(code).communicate()[0] == "set()\n"


def test_help_takes_under_half_a_second():
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    assert "usage: retold" in python("from retold.cli.main import main; main(['--help'])").communicate()[0]
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 0.5


FOREVER = """
import signal, sys, threading
from itertools import count
sys.path.insert(0, sys.argv[1])
from fakes import FakeDetector
from retold.cli import main, score
score.load_detector = lambda *options: FakeDetector()
sys.exit(main.main(["score", "-", "--format", "jsonl"]))
"""


def feed_a_batch(process):
    process.stdin.write((json.dumps({"text": LONG}) + "\n") * BATCH_DOCUMENTS)
    process.stdin.flush()


@pytest.fixture
def endless():
    """A command that scores from a pipe until it is stopped."""
    folder = os.path.dirname(__file__)
    process = python(FOREVER, folder, stdin=subprocess.PIPE)
    feed_a_batch(process)
    # Byte by byte: what readline() takes in advance, communicate() would never see.
    while os.read(process.stdout.fileno(), 1) != b"\n":
        pass
    yield process
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        with suppress(OSError):
            pipe.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_end_is_quiet_and_keeps_results(endless, number):
    endless.send_signal(number)
    out, err = endless.communicate(timeout=20)
    assert endless.returncode == 128 + number
    assert err == "retold: interrupted; to start again: retold score - --format jsonl\n"
    assert all(json.loads(line) for line in out.splitlines())


def test_a_closed_pipe_is_quiet(endless):
    endless.stdout.close()
    # The first batch may have fitted into the pipe; the next one meets its end.
    with suppress(BrokenPipeError):
        feed_a_batch(endless)
    assert endless.wait(timeout=20) == 141
    assert endless.stderr.read() == ""


def test_a_pipe_closed_before_the_end_is_quiet(article):
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "retold", "compare", article, article]
    ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (141, b"")


def test_a_closed_standard_output_is_an_error(article):
    command = ["sh", "-c", '"$1" -m retold compare "$2" "$2" >&-', "sh", sys.executable, article]
    ended = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert "standard output is closed" in ended.stderr


def test_results_do_not_depend_on_whether_remarks_can_be_written(tmp_path):
    article = tmp_path / "article.txt"
    article.write_text(LONG)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from fakes import FakeDetector; from retold.cli import main, score\n"
        "score.load_detector = lambda *options: FakeDetector()\n"
        "sys.exit(main.main(['score', '--format', 'jsonl', *sys.argv[2:]]))"
    )
    given = [os.path.dirname(__file__), str(tmp_path / "absent.txt"), str(article)]
    for errors in ("2>&-", "2>/dev/full"):
        command = ["sh", "-c", f'"$0" -c "$@" {errors}', sys.executable, code, *given]
        ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        rows = [json.loads(line) for line in ended.stdout.splitlines()]
        assert (ended.returncode, [(row["id"], row["label"]) for row in rows]) == (
            1,
            [(given[1], None), (given[2], "original")],
        )


@pytest.fixture
def with_workers(tmp_path):
    """A command that scores thousands of short articles in two processes, and the ids of these once they are there."""
    sentence = "The council said on Monday that the bridge over the river would stay closed for another year. "
    (tmp_path / "a.jsonl").write_text("".join(json.dumps({"text": sentence * 3}) + "\n" for _ in range(20_000)))
    command = [sys.executable, "-m", "retold", "score", tmp_path / "a.jsonl", "--format", "jsonl", "--jobs", "2"]
    process = subprocess.Popen([*command, "--output", tmp_path / "out.jsonl"], stderr=subprocess.PIPE, text=True)
    workers = []
    while len(workers) < 2 and process.poll() is None:
        time.sleep(0.1)
        workers = [pid for pid in children(process.pid) if "popen_loky" in Path(f"/proc/{pid}/cmdline").read_text()]
    yield process, workers
    process.kill()
    process.wait()
    process.stderr.close()


def children(pid):
    """The ids of a process's children."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs the children of a process from /proc")
def test_a_killed_worker_is_one_sentence_and_a_code(with_workers):
    process, workers = with_workers
    os.kill(workers[0], signal.SIGKILL)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 70
    assert errors.splitlines()[-1].startswith("retold: a worker process was killed")
    assert all(is_gone(pid) for pid in workers)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs the children of a process from /proc")
def test_workers_end_with_a_command_that_is_asked_to_end(with_workers):
    process, workers = with_workers
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert errors.splitlines()[-1].startswith("retold: interrupted")
    assert all(is_gone(pid) for pid in workers)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs the children of a process from /proc")
def test_workers_end_with_a_command_that_is_killed(with_workers, tmp_path):
    process, workers = with_workers
    # Until a first batch is done: one that never got a text ends after joblib's five minutes.
    while not any(file.stat().st_size for file in tmp_path.glob(".out.jsonl.draft-*")) and process.poll() is None:
        time.sleep(0.1)
    process.kill()
    process.wait(timeout=60)
    end = time.monotonic() + 60
    while not all(is_gone(pid) for pid in workers) and time.monotonic() < end:
        time.sleep(0.1)
    assert all(is_gone(pid) for pid in workers)
