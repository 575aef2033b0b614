"""Nothing is lost: whatever cuts a run short, the same command with --resume gives what an undisturbed run would have given."""

import io
import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
from fakes import ARTICLE, FakeDetector, evidence, verdict

from retold.cli.batches import Scored
from retold.cli.record import CompletionRecord
from retold.cli.record_forms import VERDICTS
from retold.cli.score import score
from retold.cli.terminal import Streams
from retold.errors import InputError
from retold.reading import Document

N = 300
# Takes 3 ms a document, writes the id of each down, and records what is finished every 50 ms.
RUN = """
import sys, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from fakes import FakeDetector
from retold.cli import main, record, score
record.RECORD_SECONDS = 0.05
class Slow(FakeDetector):
    def score(self, text, id=""):
        with Path(sys.argv[2]).open("a") as log:
            log.write(id + "\\n")
        time.sleep(0.003)
        return super().score(text, id)
score.load_detector = lambda *options: Slow()
sys.exit(main.main(["score", *sys.argv[3:]]))
"""


@pytest.fixture
def inputs(tmp_path):
    """A file of 300 documents; one in ten is too short, one line is not JSON."""
    rows = [json.dumps({"id": f"d{i}", "text": ARTICLE if i % 10 else "Too short."}) for i in range(N)]
    rows[7] = "{"
    (tmp_path / "in.jsonl").write_text("\n".join(rows))
    return tmp_path / "in.jsonl"


def start(inputs, output, *options, **changes):
    """The command as a process."""
    command = [sys.executable, "-c", RUN, os.path.dirname(__file__), inputs.parent / "log", inputs, "--output", output]
    return subprocess.Popen([*map(str, command), *options], stderr=subprocess.PIPE, text=True, **changes)


def undisturbed(inputs, format):
    streams = Streams(io.BytesIO(), io.StringIO(), io.StringIO())
    score([inputs], format, inputs.parent / "expected", detector=FakeDetector(), streams=streams)
    return (inputs.parent / "expected").read_bytes()


def scored(inputs):
    """Ids of the documents that were scored, as often as they were."""
    log = inputs.parent / "log"
    return log.read_text().split() if log.exists() else []


def leftovers(folder):
    """Files that a run leaves beside its output, without the drafts that only a hard stop does."""
    return sorted(path.name for path in folder.glob("out*"))


@pytest.mark.parametrize("format", ["jsonl", "html"])
def test_stopped_again_and_again_a_run_ends_with_the_same_bytes(inputs, format):
    output = inputs.parent / "out"
    for number, done in ((signal.SIGKILL, 60), (signal.SIGINT, 130), (signal.SIGKILL, 200)):
        process = start(inputs, output, "--format", format, "--resume")
        while process.poll() is None and len(scored(inputs)) < done:
            time.sleep(0.01)
        process.send_signal(number)
        assert process.wait(timeout=60) in (1, -number, 128 + number)
        process.stderr.close()
    process = start(inputs, output, "--format", format, "--resume")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1, errors
    assert output.read_bytes() == undisturbed(inputs, format)
    assert f"{N // 10} not judged, 1 not read" in errors
    # A hard stop costs what was finished within the last 50 ms and what was done until it came.
    assert len(scored(inputs)) < 2 * N
    assert not (inputs.parent / "out.record").exists()


def killed(inputs, output, *options):
    """Stop a run hard once half of it is written, and give the name of its draft."""
    process = start(inputs, output, *options)
    while len(scored(inputs)) < 150 and process.poll() is None:
        time.sleep(0.01)
    process.kill()
    process.wait(timeout=60)
    process.stderr.close()
    (draft,) = inputs.parent.glob(".out*")
    return draft


def test_what_a_hard_stop_left_is_shown_by_the_next_run_and_gone_after_it(inputs, tmp_path, streams):
    draft = killed(inputs, tmp_path / "out.jsonl")
    written = draft.read_bytes()
    assert written
    with pytest.raises(KeyboardInterrupt):
        score(
            [inputs], "jsonl", tmp_path / "out.jsonl", detector=FakeDetector(KeyboardInterrupt(), "d3"), streams=streams
        )
    assert (tmp_path / "out.jsonl.partial").read_bytes() == written
    assert f"what it had written is in {tmp_path / 'out.jsonl.partial'}" in streams.errors.getvalue()
    score([inputs], "jsonl", tmp_path / "out.jsonl", detector=FakeDetector(), streams=streams)
    assert [path.name for path in tmp_path.glob("*out*")] == ["out.jsonl", "out.jsonl.partial.2"]


def test_the_draft_of_another_run_is_left_alone(inputs, tmp_path, streams):
    process = start(inputs, tmp_path / "out.jsonl")
    while not list(tmp_path.glob(".out*")):
        time.sleep(0.01)
    score([inputs], "jsonl", tmp_path / "out.jsonl", detector=FakeDetector(), streams=streams)
    assert "had written" not in streams.errors.getvalue()
    process.communicate(timeout=60)
    assert process.returncode == 1
    assert leftovers(tmp_path) == ["out.jsonl"]


def test_what_is_finished_is_used_only_by_the_same_texts_and_options(inputs, tmp_path, streams):
    def run(**changes):
        detector = FakeDetector()
        options = {"output": tmp_path / "out", "resume": True, "detector": detector, "streams": streams} | changes
        with pytest.raises(KeyboardInterrupt):
            score([inputs], "jsonl", **options)
        return sum(detector.batches)

    class Stopped(FakeDetector):
        def score(self, text, id=""):
            if id == "d250":
                raise KeyboardInterrupt
            return super().score(text, id)

    class Counting(Stopped):
        times = 0

        def score(self, text, id=""):
            result = super().score(text, id)
            type(self).times += 1
            return result

    run(detector=Stopped())
    for changes, expected in (({}, 0), ({"evidence": False}, 249), ({"resume": False}, 249)):
        Counting.times = 0
        run(detector=Counting(), **changes)
        assert Counting.times == expected, changes
    inputs.write_text(inputs.read_text().replace('"d3"', '"other"').replace(ARTICLE, ARTICLE + "More.", 1))
    Counting.times = 0
    run(detector=Counting())
    assert Counting.times == 2


def test_the_end_says_how_to_go_on(inputs, tmp_path, streams):
    broken = FakeDetector(RuntimeError("broken"), "d100")
    with pytest.raises(RuntimeError) as caught:
        score([inputs], "csv", tmp_path / "out.csv", detector=broken, streams=streams)
    assert caught.value.__notes__ == [
        f"the results so far are in {tmp_path}/out.csv.partial",
        "to go on: the same command with --resume",
    ]
    assert score([inputs], "csv", tmp_path / "out.csv", resume=True, detector=FakeDetector(), streams=streams) == 1
    assert "holds 99 finished results of an earlier run; going on from there" in streams.errors.getvalue()
    assert leftovers(tmp_path) == ["out.csv"]


def limited():
    """As a disk that is full after 60 kB."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))


def test_a_full_disk_costs_nothing_that_was_finished(inputs, tmp_path):
    process = start(inputs, tmp_path / "out.jsonl", preexec_fn=limited)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 70
    assert "check the space" in errors
    assert "--resume" in errors
    before = len(scored(inputs))
    process = start(inputs, tmp_path / "out.jsonl", "--resume")
    process.communicate(timeout=60)
    assert (tmp_path / "out.jsonl").read_bytes() == undisturbed(inputs, "jsonl")
    assert 50 < before < N - 1 > len(scored(inputs)) - before


def test_two_processes_with_one_output_both_end_well(inputs, tmp_path):
    processes = [start(inputs, tmp_path / "out.jsonl") for _ in range(2)]
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 1
    assert (tmp_path / "out.jsonl").read_bytes() == undisturbed(inputs, "jsonl")
    assert leftovers(tmp_path) == ["out.jsonl"]


def test_resume_needs_a_file(inputs, streams):
    for output in (None, "-", "/dev/null"):
        with pytest.raises(InputError, match="--output FILE"):
            score([inputs], "jsonl", output, resume=True, detector=FakeDetector(), streams=streams)


def test_a_record_whose_schema_is_no_text_is_one_sentence(inputs, tmp_path, streams):
    record = tmp_path / "out.record"
    CompletionRecord(record, "", False, pytest.fail)._db.close()
    record.write_bytes(record.read_bytes().replace(b"KEY, verdict", b"KE\xbe, verdict"))
    with pytest.raises(InputError, match="delete it"):
        score([inputs], "jsonl", tmp_path / "out", resume=True, detector=FakeDetector(), streams=streams)


def test_a_place_for_no_record_is_no_place_for_the_output(inputs, streams):
    with pytest.raises(InputError, match="choose another place"):
        score([inputs], "jsonl", "/proc/out", detector=FakeDetector(), streams=streams)


def test_what_is_no_record_is_left_alone(inputs, tmp_path, streams):
    (tmp_path / "out.record").write_text("The record of the meeting. " * 100)
    with pytest.raises(InputError, match="cannot be used as a record"):
        score([inputs], "jsonl", tmp_path / "out", detector=FakeDetector(), streams=streams)
    assert (tmp_path / "out.record").read_text().startswith("The record")


@pytest.mark.parametrize("damage", ["{", "[]", '{"evidence": 1}', '{"evidence": [], "warnings": []}', "null", b"\xff"])
def test_a_damaged_result_is_scored_again(tmp_path, damage):
    record = CompletionRecord(tmp_path / "record", "options", True, pytest.fail)
    document, finished = (
        Document("a", "text", "a.txt"),
        verdict("a", "back-translated", evidence=(evidence(3, "colony"),)),
    )
    record.add(document, VERDICTS, Scored(finished, "text"))
    assert record.find(document, VERDICTS) == Scored(finished, "text")
    record.commit()
    with sqlite3.connect(tmp_path / "record") as other:
        other.execute("UPDATE results SET verdict = ?", (damage,))
    other.close()
    assert record.find(document, VERDICTS) is None
    assert record.close(is_finished=False)


def test_what_an_engine_that_failed_left_is_tried_again(inputs, tmp_path, streams):
    class Failing(FakeDetector):
        def score(self, text, id=""):
            if id == "d20":
                raise KeyboardInterrupt
            return super().score(text, id).with_warnings(["scored without the translation engine, which failed: gone"])

    with pytest.raises(KeyboardInterrupt):
        score([inputs], "jsonl", tmp_path / "out", detector=Failing(), streams=streams)
    assert leftovers(tmp_path) == ["out.partial"]
