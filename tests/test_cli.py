"""The commands as functions: exit codes, results, remarks and files."""

import io
import json
import os

import pytest
from fakes import FakeDetector

from retold.cli import compare, explain, score, version
from retold.cli.arguments import parser
from retold.cli.main import main
from retold.cli.progress import Progress
from retold.cli.terminal import Streams
from retold.cli.unique_ids import UniqueIds
from retold.errors import InputError
from retold.limits import BATCH_DOCUMENTS

LONG = "Some words of an article. " * 20


@pytest.fixture
def streams():
    return Streams(io.BytesIO(), io.StringIO(), io.StringIO())


@pytest.fixture
def article(tmp_path):
    path = tmp_path / "article.txt"
    path.write_text("The colony was built. " + LONG)
    return path


def test_score_writes_a_table(article, streams):
    assert score([article], scorer=FakeDetector(), streams=streams) == 0
    header, row = streams.output.getvalue().splitlines()
    assert header.split() == ["document", "verdict", "sure", "words", "pivot", "evidence"]
    assert row.split()[1:] == ["back-translated", "90%", "104", "fr", "colony", "->", "settlement?"]
    assert streams.errors.getvalue() == ""


def test_score_jsonl_echoes_ids_and_offsets(streams):
    text = "A colony. " + LONG
    streams = Streams(io.BytesIO(json.dumps({"id": "é 1", "text": text}).encode()), streams.output, streams.errors)
    assert score(["-"], "jsonl", scorer=FakeDetector(), streams=streams) == 0
    result = json.loads(streams.output.getvalue())
    (found,) = result["evidence"]
    assert result["id"] == "é 1"
    assert text[found["start"] : found["end"]] == found["text"] == "colony"


def test_score_keeps_the_order_over_batches(tmp_path, streams):
    path, scorer, n = tmp_path / "a.jsonl", FakeDetector(), BATCH_DOCUMENTS + 3
    path.write_text("".join(json.dumps({"id": str(i), "text": LONG}) + "\n" for i in range(n)))
    assert score([path], "jsonl", scorer=scorer, streams=streams) == 0
    assert [json.loads(line)["id"] for line in streams.output.getvalue().splitlines()] == [str(i) for i in range(n)]
    assert scorer.batches == [BATCH_DOCUMENTS, 3]


def test_each_process_gets_a_batch(tmp_path, streams):
    path, scorer = tmp_path / "a.jsonl", FakeDetector()
    path.write_text((json.dumps({"text": LONG}) + "\n") * (2 * BATCH_DOCUMENTS + 1))
    assert score([path], "jsonl", jobs=2, scorer=scorer, streams=streams) == 0
    assert scorer.batches == [2 * BATCH_DOCUMENTS, 1]


def test_each_result_is_flushed(article):
    class Flushed(io.StringIO):
        times = 0

        def flush(self):
            self.times += 1

    out = Flushed()
    score([article] * 3, "jsonl", scorer=FakeDetector(), streams=Streams(io.BytesIO(), out, io.StringIO()))
    assert out.times == 3


def test_bad_inputs_are_named_and_the_others_scored(article, tmp_path, streams):
    absent = tmp_path / "absent.txt"
    assert score([absent, article], scorer=FakeDetector(), streams=streams) == 1
    assert len(streams.output.getvalue().splitlines()) == 2
    assert streams.errors.getvalue() == (
        f"retold: {absent}: No such file or directory; check the path and its permissions\n"
        "retold: 1 scored, 1 not read\n"
    )


def test_a_text_too_short_to_judge_gives_1(tmp_path, streams):
    (tmp_path / "a.txt").write_text("Too short.")
    assert score([tmp_path], scorer=FakeDetector(), streams=streams) == 1
    assert streams.errors.getvalue() == "retold: 0 scored, 1 not judged\n"


def test_nothing_readable_gives_2(tmp_path, streams):
    (tmp_path / "a.txt").write_bytes(b"\0")
    assert score([tmp_path], scorer=FakeDetector(), streams=streams) == 2


def test_a_guessed_encoding_is_a_warning_of_the_verdict(tmp_path, streams):
    (tmp_path / "a.txt").write_bytes(b"Caf\xe9 " + LONG.encode())
    score([tmp_path], "jsonl", scorer=FakeDetector(), streams=streams)
    assert "Windows-1252" in json.loads(streams.output.getvalue())["warnings"][0]


@pytest.mark.parametrize(("format", "start"), [("csv", "id,label"), ("html", "<!doctype html>"), ("table", "document")])
def test_output_is_a_whole_file(article, tmp_path, streams, format, start):
    target = tmp_path / "out"
    assert score([article], format, target, scorer=FakeDetector(), streams=streams) == 0
    assert target.read_text().startswith(start)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["article.txt", "out"]


def test_an_interruption_keeps_old_and_partial_results(tmp_path, streams):
    source, target = tmp_path / "a.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(json.dumps({"id": i, "text": LONG}) + "\n" for i in "abc"))
    target.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        score([source], "jsonl", target, scorer=FakeDetector(interrupt_at="c"), streams=streams)
    assert target.read_text() == "old"
    assert len((tmp_path / "out.jsonl.partial").read_text().splitlines()) == 2


def test_work_that_gave_nothing_leaves_earlier_partial_results_alone(tmp_path, streams):
    (tmp_path / "a.jsonl").write_text(json.dumps({"id": "a", "text": LONG}))
    kept = tmp_path / "out.jsonl.partial"
    kept.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        score(
            [tmp_path / "a.jsonl"],
            "jsonl",
            tmp_path / "out.jsonl",
            scorer=FakeDetector(interrupt_at="a"),
            streams=streams,
        )
    assert kept.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "out.jsonl.partial"]


def test_a_reference_that_cannot_be_read_says_why(article, tmp_path, streams):
    (tmp_path / "b.txt").write_bytes(b"\0")
    for name, says in (("absent.txt", "No such file"), ("b.txt", "binary"), (".", "more than one document")):
        with pytest.raises(InputError, match=says):
            score([article], reference=tmp_path / name, scorer=FakeDetector(), streams=streams)


def test_output_never_replaces_an_input(article, streams):
    with pytest.raises(InputError, match="also an input"):
        score([article], output=article, scorer=FakeDetector(), streams=streams)


def test_output_never_replaces_an_article_of_an_input_folder(article, tmp_path, streams):
    with pytest.raises(InputError, match="also an input"):
        score([tmp_path], output=article, scorer=FakeDetector(), streams=streams)
    (tmp_path / "results").write_text("earlier results, which no folder gives as an article")
    assert score([tmp_path], output=tmp_path / "results", scorer=FakeDetector(), streams=streams) == 0


def test_output_into_an_absent_folder_is_refused_at_once(article, tmp_path, streams):
    scorer = FakeDetector()
    with pytest.raises(InputError, match="run: mkdir -p"):
        score([article], output=tmp_path / "no" / "out", scorer=scorer, streams=streams)
    assert scorer.batches == []


def test_absent_inputs_leave_earlier_results_alone(tmp_path, streams):
    target = tmp_path / "out"
    target.write_text("old")
    with pytest.raises(InputError, match="no such file"):
        score([tmp_path / "absent"], output=target, scorer=FakeDetector(), streams=streams)
    assert target.read_text() == "old"


def test_output_to_a_device_is_written_in_place(article, streams):
    assert score([article], output=os.devnull, scorer=FakeDetector(), streams=streams) == 0
    assert not os.path.isfile(os.devnull)


def test_output_to_a_dash_is_standard_output(article, streams):
    assert score([article], "csv", output="-", scorer=FakeDetector(), streams=streams) == 0
    assert streams.output.getvalue().startswith("id,label")


def test_explain_marks_the_article(article, streams):
    assert explain(article, scorer=FakeDetector(), streams=streams) == 0
    assert "The [[colony]] was built." in streams.output.getvalue()
    assert streams.output.getvalue().endswith("terms\n  0.90  colony -> settlement?  fr\n")


@pytest.mark.parametrize("command", [score, explain, compare])
def test_a_format_that_is_not_written_is_refused(command, article, streams):
    with pytest.raises(InputError, match="unknown format 'xml'; choose one of"):
        command(article if command is explain else [article], format="xml", streams=streams)


def test_explain_of_a_binary_file(tmp_path, streams):
    (tmp_path / "a.txt").write_bytes(b"\0")
    assert explain(tmp_path / "a.txt", scorer=FakeDetector(), streams=streams) == 2
    assert "a binary file" in streams.errors.getvalue()


def test_names_that_are_alike_are_told_apart_at_once():
    names = UniqueIds()
    assert [names.free(name) for name in ("a", "a (2)", "a", "a", "b")] == ["a", "a (2)", "a (3)", "a (4)", "b"]
    # A search from 2 on for each would take minutes.
    assert len({names.free("same") for _ in range(100_000)}) == 100_000


def test_version(streams):
    assert version(streams) == 0
    assert streams.output.getvalue().startswith("retold 0.")


@pytest.mark.parametrize(
    "arguments", [[], ["guess"], ["score"], ["score", "a", "--jobs", "0"], ["score", "a", "--format", "x"]]
)
def test_usage_errors_give_2(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: retold" in capsys.readouterr().err


def test_errors_are_one_line_without_a_traceback(capsys):
    assert main(["score", "/absent/\x1b[31mfile"]) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err.count("\n")) == ("", 1)
    assert "\x1b" not in captured.err


def test_help_documents_commands_and_exit_codes():
    shown = parser().format_help()
    assert all(word in shown for word in ["score", "explain", "train", "evaluate", "version", "exit codes", "130"])


def test_progress_in_a_log_is_rare():
    seconds, stream = iter([0.0, 1.0, 2.5, 2.5, 5.0, 13.0, 13.0]), io.StringIO()
    progress = Progress(stream, in_place=False, clock=lambda: next(seconds))
    for count in range(4):
        progress.update(count)
    assert stream.getvalue() == "retold: 1\nretold: 3\n"


def test_progress_on_a_terminal_gives_way_to_remarks():
    stream = io.StringIO()
    progress = Progress(stream, in_place=True, clock=iter([0.0, 1.0, 1.0]).__next__)
    progress.update("5 scored")
    progress.remark("a\x1b[31m")
    assert stream.getvalue() == "\r\x1b[Kretold: 5 scored\r\x1b[Kretold: a[31m\n"
