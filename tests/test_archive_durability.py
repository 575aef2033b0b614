"""What was committed survives whatever ends the process: kill -9, a full disk."""

import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
from test_archive import stories, story

from retold.archive import Archive, repair, verify
from retold.errors import ArchiveError

N = 1_000
# Adds in commits of 25 articles and writes a line after each.
ADD = """
import sys
sys.path.insert(0, sys.argv[2])
from test_archive import stories
from retold.archive import Archive, intake
intake.COMMIT_ARTICLES = 25
Archive.open(sys.argv[1]).add(stories(int(sys.argv[3])), lambda summary: print(summary.added + summary.repeated, flush=True))
"""


def adding(path, n):
    command = [sys.executable, "-c", ADD, str(path), str(__file__).rpartition("/")[0], str(n)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(process):
    """How many articles a process committed, and its exit code."""
    output, _ = process.communicate()
    return max([0, *map(int, output.split())]), process.returncode


def test_a_run_that_is_killed_again_and_again_loses_nothing_and_goes_on(tmp_path):
    path, delays = tmp_path / "a", np.random.default_rng(4)
    Archive.create(path)
    held = 0
    for _ in range(6):
        process = adding(path, N)
        first = int(process.stdout.readline() or 0)
        time.sleep(delays.uniform(0, 0.4))
        process.send_signal(signal.SIGKILL)
        committed, _ = ended(process)
        archive = Archive.open(path)
        assert len(archive) >= max(committed, first, held)
        assert len(archive) % 25 == 0
        held = len(archive)
        assert archive.search(story(0))[0].article.id == "s0"
    assert ended(adding(path, N)) == (N, 0)
    assert len(Archive.open(path)) == N
    assert verify(path) == []


def test_what_the_index_has_of_a_commit_that_was_cut_short_is_dropped(tmp_path):
    archive = Archive.create(tmp_path / "a")
    archive.add(stories(10))
    with archive._index.writing() as writer:
        # What a process leaves that is killed between the commit of the index and that of the articles.
        writer.add(11, ["zyx"])
        writer.commit()
    # And one that is killed while it writes the files of a commit.
    (archive.path / "index" / f"{0:032x}.idx").write_bytes(b"half")
    assert archive.search("zyx") == []
    assert verify(archive.path) == []
    archive.add(stories(1, first=20))
    assert archive.search("zyx") == []
    assert archive.search(story(20))[0].article.id == "s20"
    assert verify(archive.path) == []


def test_a_removal_that_was_cut_short_is_finished_by_the_next_writer(tmp_path):
    archive = Archive.create(tmp_path / "a")
    archive.add(stories(10))
    with archive._store.transaction():
        archive._store.delete([3])
    assert all(hit.article.number != 3 for hit in archive.search(story(2)))
    assert verify(archive.path) == []
    archive.remove()
    assert (archive.n_indexed, verify(archive.path)) == (9, [])


# Opens an archive as someone who may read it but not write it, searches before and after somebody else has added an article, and tries
# to add one.
READING = """
import os, sys
sys.path.insert(0, sys.argv[2])
from test_archive import stories, story
from retold.archive import Archive, verify
from retold.errors import ArchiveError
Archive.create(sys.argv[3]).search("some words")
if os.geteuid() == 0:
    os.setuid(65534)
archive = Archive.open(sys.argv[1])
print(archive.search(story(7))[0].article.id, verify(sys.argv[1]), flush=True)
sys.stdin.readline()
archive._index.reload()
print(archive.search(story(20))[0].article.id)
try:
    archive.add(stories(1, first=30))
except ArchiveError as error:
    print(error)
"""


def test_an_archive_that_may_not_be_written_is_searched_all_the_same(tmp_path):
    # Others must be able to reach it.
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="retold-test-") as folder:
        path = Path(folder) / "a"
        Archive.create(path).add(stories(10))
        places = [Path(folder), path, *path.rglob("*")]
        Path(folder).chmod(0o755)
        for place in places:
            place.chmod(place.stat().st_mode & ~0o222)
        command = [sys.executable, "-c", READING, str(path), str(Path(__file__).parent), str(tmp_path / "b")]
        reader = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert reader.stdout.readline() == "s7 []\n"
        for place in places:
            place.chmod(place.stat().st_mode | 0o200)
        Archive.open(path).add(stories(1, first=20))
        output, _ = reader.communicate("go on\n")
        assert output.splitlines()[0] == "s20"
        assert f"{path} cannot be written, only searched" in output
        assert len(Archive.open(path)) == 11


@pytest.mark.parametrize("limit", [100_000, 300_000])
def test_a_full_disk_loses_nothing_that_was_added(tmp_path, limit):
    path = tmp_path / "a"
    Archive.create(path).add(stories(50))
    process = adding(path, N)
    # A limit on the size of files fails the writes of both index and articles, as a full disk does.
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (limit, limit))
    committed, code = ended(process)
    assert code == 1
    assert N > len(Archive.open(path)) >= max(committed, 50)
    assert ended(adding(path, N)) == (N, 0)
    assert len(Archive.open(path)) == N
    assert verify(path) == []


def test_an_archive_that_cannot_be_made_is_one_sentence_and_leaves_nothing(tmp_path):
    code = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)); from retold.cli.main import main; sys.exit(main())"
    articles = str(Path(__file__).parent / "data" / "articles.jsonl")
    ended = subprocess.run(
        [sys.executable, "-c", code, "archive", "add", tmp_path / "a", articles],
        stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert "free some space" in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_length_that_would_end_the_process_is_refused_before(tmp_path):
    archive = Archive.create(tmp_path / "a")
    archive.add(stories(8))
    archive.close()
    (store,) = (tmp_path / "a" / "index").glob("*.store")
    data = bytearray(store.read_bytes())
    data[4:16] = b"\x13\x00\x13\x00\x13\x80\x01\x00\xf0\x15\x00\x00"
    store.write_bytes(data)
    with pytest.raises(ArchiveError, match=r"damaged .*retold archive repair"):
        Archive.open(tmp_path / "a")


def test_a_file_is_no_archive(tmp_path):
    (tmp_path / "a").write_text("An article.")
    with pytest.raises(ArchiveError, match="is a file"):
        Archive.open(tmp_path / "a")


def test_a_full_disk_is_said_to_be_full(tmp_path, monkeypatch):
    archive = Archive.create(tmp_path / "a")
    archive._store._db.execute("PRAGMA max_page_count = 12")
    with pytest.raises(ArchiveError, match="full; free some space and run the same command again"):
        archive.add(stories(2_000))
    assert len(archive) == 0


# Fills a small disk, which is then made larger.
FILL = """
import subprocess, sys
sys.path.insert(0, sys.argv[2])
from test_archive import stories
from retold.archive import Archive, intake, verify
from retold.errors import ArchiveError
intake.COMMIT_ARTICLES = 25
path, n = sys.argv[1], int(sys.argv[3])
opened, committed = Archive.create(path + "/a"), 50
opened.add(stories(50))
try:
    opened.add(stories(n), lambda summary: globals().update(committed=summary.added + summary.repeated))
except ArchiveError as error:
    print("safe" in str(error) and "run the same command again" in str(error))
print(n > len(Archive.open(path + "/a")) >= committed >= 50)
subprocess.run(["mount", "-o", "remount,size=64m", path], check=True)
Archive.open(path + "/a").add(stories(n))
print(len(Archive.open(path + "/a")) == n, verify(path + "/a"))
"""


def test_a_disk_that_is_really_full_loses_nothing(tmp_path):
    mounting = [
        "unshare",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        'mount -t tmpfs -o size=700k none "$0" && exec "$@"',
    ]
    if not shutil.which("unshare") or subprocess.run([*mounting, tmp_path, "true"], capture_output=True).returncode:
        pytest.skip("no disk of its own can be mounted here")
    command = [*mounting, tmp_path, sys.executable, "-c", FILL, tmp_path, str(__file__).rpartition("/")[0], "1500"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert done.stdout.splitlines() == ["True", "True", "True []"], done.stderr


def test_a_repair_that_is_killed_is_repeated(tmp_path):
    path = tmp_path / "a"
    Archive.create(path).add(stories(N))
    for delay in (0.0, 0.02, 0.05):
        code = "import sys; from retold.archive import repair; print(flush=True); repair(sys.argv[1])"
        process = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE)
        process.stdout.readline()
        time.sleep(delay)
        process.kill()
        process.communicate()
    assert repair(path) == (N, [])
    assert verify(path) == []
    assert not list(path.glob(".index.*"))
