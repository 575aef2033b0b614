"""The commands as functions: exit codes, results, remarks and files."""

import io
import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from fakes import ARTICLE as LONG
from fakes import FakeDetector, verdict
from joblib.externals.loky.process_executor import TerminatedWorkerError

import retold
from retold.cli import evaluate, fail_on
from retold.cli.compare import compare
from retold.cli.completion import SHELLS
from retold.cli.explain import explain
from retold.cli.extract import extract
from retold.cli.fail_on import FailOn
from retold.cli.main import COMMANDS, build_parser, main
from retold.cli.output_checks import check_output, format_of
from retold.cli.progress import Progress
from retold.cli.score import score
from retold.cli.terminal import Streams
from retold.cli.unique_ids import UniqueIds
from retold.detector.verdict import LABELS
from retold.errors import InputError, ModelError
from retold.limits import BATCH_DOCUMENTS
from retold.training.evaluation.protocols import PROTOCOLS


def test_score_writes_a_table(article, streams):
    assert score([article], detector=FakeDetector(), streams=streams) == 0
    header, row, signature = streams.output.getvalue().splitlines()
    assert header.split() == ["document", "verdict", "sure", "words", "pivot", "evidence"]
    assert row.split()[1:] == ["back-translated", "90%", "104", "French", "colony", "->", "settlement?"]
    assert signature.startswith("signature: retold:")
    assert streams.errors.getvalue() == ""


def test_score_jsonl_echoes_ids_and_offsets(streams):
    text = "A colony. " + LONG
    streams = Streams(io.BytesIO(json.dumps({"id": "é 1", "text": text}).encode()), streams.output, streams.errors)
    assert score(["-"], "jsonl", detector=FakeDetector(), streams=streams) == 0
    result = json.loads(streams.output.getvalue())
    (found,) = result["evidence"]
    assert result["id"] == "é 1"
    assert text[found["start"] : found["end"]] == found["text"] == "colony"


def test_score_keeps_the_order_over_batches(tmp_path, streams):
    path, scorer, n = tmp_path / "a.jsonl", FakeDetector(), BATCH_DOCUMENTS + 3
    path.write_text("".join(json.dumps({"id": str(i), "text": LONG}) + "\n" for i in range(n)))
    assert score([path], "jsonl", detector=scorer, streams=streams) == 0
    assert [json.loads(line)["id"] for line in streams.output.getvalue().splitlines()] == [str(i) for i in range(n)]
    assert scorer.batches == [BATCH_DOCUMENTS, 3]


def test_each_result_is_flushed(article):
    class Flushed(io.StringIO):
        times = 0

        def flush(self):
            self.times += 1

    out = Flushed()
    score([article] * 3, "jsonl", detector=FakeDetector(), streams=Streams(io.BytesIO(), out, io.StringIO()))
    assert out.times == 3


def test_bad_inputs_are_named_and_the_others_scored(article, tmp_path, streams):
    absent = tmp_path / "absent.txt"
    assert score([absent, article], detector=FakeDetector(), streams=streams) == 1
    assert [line.split()[1] for line in streams.output.getvalue().splitlines()[1:3]] == ["not", "back-translated"]
    assert streams.errors.getvalue() == (
        "retold: 1 scored, 1 not read\n"
        f"retold: {absent}: not read: No such file or directory; check the path and its permissions\n"
    )


def test_a_text_too_short_to_judge_gives_1(tmp_path, streams):
    (tmp_path / "a.txt").write_text("Too short.")
    assert score([tmp_path], detector=FakeDetector(), streams=streams) == 1
    assert streams.errors.getvalue() == (
        f"retold: 0 scored, 1 not judged\nretold: {tmp_path / 'a.txt'}: not judged: too short to score\n"
    )


def test_nothing_readable_gives_2(tmp_path, streams):
    (tmp_path / "a.txt").write_bytes(b"\0")
    assert score([tmp_path], detector=FakeDetector(), streams=streams) == 2


def test_a_guessed_encoding_is_a_warning_of_the_verdict(tmp_path, streams):
    (tmp_path / "a.txt").write_bytes(b"Caf\xe9 " + LONG.encode())
    score([tmp_path], "jsonl", detector=FakeDetector(), streams=streams)
    assert "Windows-1252" in json.loads(streams.output.getvalue())["warnings"][0]


@pytest.mark.parametrize(("format", "start"), [("csv", "id,label"), ("html", "<!doctype html>"), ("table", "document")])
def test_output_is_a_whole_file(article, tmp_path, streams, format, start):
    target = tmp_path / "out"
    assert score([article], format, target, detector=FakeDetector(), streams=streams) == 0
    assert target.read_text().startswith(start)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["article.txt", "out"]


@pytest.mark.parametrize(
    ("output", "format"),
    [("a/report.HTML", "html"), ("a.csv", "csv"), ("a.txt", "table"), ("-", "table"), (None, "table")],
)
def test_the_format_is_what_the_name_of_the_output_ends_in(output, format):
    assert format_of(output, ("table", "csv", "html")) == format


@pytest.mark.parametrize("output", ["a.pdf", "a.xlsx", "a.JSON"])
def test_a_name_that_promises_another_format_is_refused(output):
    with pytest.raises(InputError, match=r"not written here; let the name end in \.csv, \.html, or \.txt for a table"):
        format_of(output, ("table", "csv", "html"))


def test_nothing_is_written_into_an_archive_or_a_model(tmp_path):
    (tmp_path / "wire.archive").mkdir()
    with pytest.raises(InputError, match="a model or an archive; name another file"):
        check_output(tmp_path / "wire.archive" / "x.csv", [], None, tmp_path / "wire.archive")


def interrupted(source, target, streams, at):
    """Score until Ctrl-C at the document of an id; returns the notes for the user."""
    with pytest.raises(KeyboardInterrupt) as caught:
        score([source], "jsonl", target, detector=FakeDetector(KeyboardInterrupt(), at), streams=streams)
    return [note for note in getattr(caught.value, "__notes__", []) if "--resume" not in note]


@pytest.fixture
def abc(tmp_path):
    """A file of three documents, "a", "b" and "c"."""
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps({"id": i, "text": LONG}) + "\n" for i in "abc"))
    return path


def test_an_interruption_keeps_old_and_partial_results(abc, tmp_path, streams):
    target = tmp_path / "out.jsonl"
    target.write_text("old")
    assert interrupted(abc, target, streams, "c") == [f"the results so far are in {target}.partial"]
    assert target.read_text() == "old"
    assert len((tmp_path / "out.jsonl.partial").read_text().splitlines()) == 2


def test_work_that_gave_nothing_leaves_earlier_partial_results_alone(abc, tmp_path, streams):
    kept = tmp_path / "out.jsonl.partial"
    kept.write_text("old")
    assert interrupted(abc, tmp_path / "out.jsonl", streams, "a") == []
    assert kept.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "out.jsonl.partial"]


def test_an_interrupted_rerun_replaces_only_what_it_begins_with(abc, tmp_path, streams):
    target, partial = tmp_path / "out.jsonl", tmp_path / "out.jsonl.partial"
    interrupted(abc, target, streams, "b")
    first = partial.read_text()
    interrupted(abc, target, streams, "c")
    second = partial.read_text()
    assert second.startswith(first)
    assert interrupted(abc, target, streams, "b") == [f"the results so far are in {partial}.2"]
    assert (partial.read_text(), (tmp_path / "out.jsonl.partial.2").read_text()) == (second, first)


def test_an_interruption_names_the_file_and_how_to_go_on(abc, tmp_path, monkeypatch, capsys):
    target = tmp_path / "with space.jsonl"
    monkeypatch.setattr("retold.cli.score.load_detector", lambda *options: FakeDetector(KeyboardInterrupt(), "c"))
    assert main(["score", str(abc), "--output", str(target)]) == 130
    command = shlex.join(["retold", "score", str(abc), "--output", str(target), "--resume"])
    expected = f"interrupted; the results so far are in {target}.partial; to go on: {command}"
    assert capsys.readouterr().err.splitlines()[-1] == f"retold: {expected}"


def test_a_command_that_keeps_its_steps_says_how_to_go_on(article, monkeypatch, capsys):
    def interrupted(options):
        raise KeyboardInterrupt

    monkeypatch.setattr("retold.cli.train.run", interrupted)
    assert main(["train", "--data", str(article), "--output", "new"]) == 130
    assert capsys.readouterr().err == f"retold: interrupted; to go on: retold train --data {article} --output new\n"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("back-translated", 3),
        ("back-translated:0.9", 3),
        ("back-translated:0.91", 0),
        ("original", 0),
        ("edited:0.05", 3),
        ("edited", 0),
    ],
)
def test_fail_on_a_verdict(article, streams, value, code):
    wanted = FailOn.parse(value)
    assert score([article], detector=FakeDetector(), streams=streams, fail_on=wanted) == code
    assert streams.errors.getvalue() == (f"retold: 1 scored, 1 found by --fail-on {value}\n" if code else "")


def test_fail_on_passes_over_verdicts_that_are_not_sure():
    assert FailOn.parse("original:0.1").matches(verdict())
    assert not FailOn.parse("original:0.1").matches(verdict(abstained=True))
    assert not FailOn.parse("original:0").matches(verdict(label=None))


def test_a_verdict_to_fail_on_goes_before_inputs_that_were_not_read(article, tmp_path, streams):
    given = [article, tmp_path / "absent"]
    assert score(given, detector=FakeDetector(), streams=streams, fail_on=FailOn("back-translated")) == 3
    (tmp_path / "binary").write_bytes(bytes(9))
    assert score([tmp_path / "binary"], detector=FakeDetector(), streams=streams, fail_on=FailOn("original")) == 2


@pytest.mark.parametrize("value", ["machine", "", "original:", "original:2", "original:nan", "original:x"])
def test_a_verdict_to_fail_on_is_checked(article, value, capsys):
    assert main(["score", str(article), "--fail-on", value]) == 2
    assert "--fail-on" in capsys.readouterr().err


def test_fail_on_knows_every_label():
    assert fail_on.LABELS == LABELS


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_knows_commands_options_and_files(shell, capsys):
    assert main(["--print-completion", shell]) == 0
    printed = capsys.readouterr().out
    assert all(word in printed for word in ("roundtrip", "operating-point", "low-fpr"))
    if shell == "bash":
        assert "pos_0_COMPGEN=_shtab_compgen_files" in printed


def test_bash_takes_the_completion(tmp_path, capsys):
    assert main(["--print-completion", "bash"]) == 0
    (tmp_path / "completion").write_text(capsys.readouterr().out, encoding="utf-8")
    words = "COMP_WORDS=(retold sco) COMP_CWORD=1; _shtab_retold; echo ${COMPREPLY[@]}"
    bash = shutil.which("bash") or pytest.skip("needs bash")
    command = [bash, "-c", f"source {tmp_path}/completion && {words}"]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == "score\n"


def test_a_reference_that_cannot_be_read_says_why(article, tmp_path, streams):
    (tmp_path / "b.txt").write_bytes(b"\0")
    for name, message in (("absent.txt", "No such file"), ("b.txt", "binary"), (".", "found several")):
        with pytest.raises(InputError, match=message):
            score([article], reference=tmp_path / name, detector=FakeDetector(), streams=streams)


def test_output_never_replaces_an_input(article, streams):
    with pytest.raises(InputError, match="also an input"):
        score([article], output=article, detector=FakeDetector(), streams=streams)


def test_output_never_replaces_an_article_of_an_input_folder(article, tmp_path, streams):
    with pytest.raises(InputError, match="also an input"):
        score([tmp_path], output=article, detector=FakeDetector(), streams=streams)
    (tmp_path / "results").write_text("earlier results, which no folder gives as an article")
    assert score([tmp_path], output=tmp_path / "results", detector=FakeDetector(), streams=streams) == 0


@pytest.mark.parametrize("name", ["ref.txt", "link.txt", "hard.txt"])
def test_output_never_replaces_the_reference(article, tmp_path, streams, name):
    (tmp_path / "ref.txt").write_text(LONG)
    (tmp_path / "link.txt").symlink_to(tmp_path / "ref.txt")
    (tmp_path / "hard.txt").hardlink_to(tmp_path / "ref.txt")
    with pytest.raises(InputError, match="also an input"):
        score([article], output=tmp_path / name, reference=tmp_path / "ref.txt", streams=streams)


def test_partial_results_never_replace_an_input(tmp_path, streams):
    (tmp_path / "out.jsonl.partial").write_text(json.dumps({"text": LONG}))
    with pytest.raises(InputError, match="also an input"):
        score([tmp_path / "out.jsonl.partial"], output=tmp_path / "out.jsonl", streams=streams)


def test_output_never_goes_into_the_model(article, tmp_path, streams):
    (tmp_path / "model").mkdir()
    with pytest.raises(InputError, match="a model or an archive"):
        score([article], output=tmp_path / "model" / "manifest.json", model=tmp_path / "model", streams=streams)


@pytest.mark.parametrize("name", ["article.txt", "out.jsonl"])
def test_a_cache_is_neither_an_input_nor_the_output(article, tmp_path, capsys, name):
    arguments = ["score", str(article), "--output", str(tmp_path / "out.jsonl"), "--deep", "--engine", "cat"]
    assert main([*arguments, "--cache", str(tmp_path / name)]) == 2
    assert "also an input" in capsys.readouterr().err


def test_output_into_an_absent_folder_is_refused_at_once(article, tmp_path, streams):
    scorer = FakeDetector()
    with pytest.raises(InputError, match="run: mkdir -p"):
        score([article], output=tmp_path / "no" / "out", detector=scorer, streams=streams)
    assert scorer.batches == []


def test_absent_inputs_leave_earlier_results_alone(tmp_path, streams):
    target = tmp_path / "out"
    target.write_text("old")
    with pytest.raises(InputError, match="no such file"):
        score([tmp_path / "absent"], output=target, detector=FakeDetector(), streams=streams)
    assert target.read_text() == "old"


def test_output_to_a_device_is_written_in_place(article, streams):
    assert score([article], output=os.devnull, detector=FakeDetector(), streams=streams) == 0
    assert not os.path.isfile(os.devnull)


def test_output_to_a_dash_is_standard_output(article, streams):
    assert score([article], "csv", output="-", detector=FakeDetector(), streams=streams) == 0
    assert streams.output.getvalue().startswith("id,label")


def test_explain_marks_the_article(article, streams):
    assert explain(article, detector=FakeDetector(), streams=streams) == 0
    assert "The [[colony]] was built." in streams.output.getvalue()
    assert streams.output.getvalue().endswith("terms\n  0.90  colony -> settlement?  through French\n")


@pytest.mark.parametrize("command", [score, explain, compare])
def test_a_format_that_is_not_written_is_refused(command, article, streams):
    with pytest.raises(InputError, match="unknown format 'xml'; choose one of"):
        command(article if command is explain else [article], format="xml", streams=streams)


@pytest.mark.parametrize("data", [b"\0", bytes(range(1, 256)) * 2], ids=["zero", "every other byte"])
def test_explain_of_a_binary_file(tmp_path, streams, data):
    (tmp_path / "a.txt").write_bytes(data)
    assert explain(tmp_path / "a.txt", detector=FakeDetector(), streams=streams) == 2
    assert "a binary file" in streams.errors.getvalue()


def test_extract_prints_what_would_be_scored(tmp_path, streams):
    page = Path(__file__).parent / "data" / "cases" / "page-br.html"
    (tmp_path / "a.txt").write_bytes(b"\0")
    assert extract([page, tmp_path / "a.txt"], streams=streams) == 1
    header, first, *_ = streams.output.getvalue().splitlines()
    assert header == f"== {page} =="
    assert first.startswith("NORTHFIELD")
    assert "a.txt: a binary file" in streams.errors.getvalue()


def test_extracted_articles_can_be_scored(tmp_path, streams):
    (tmp_path / "page.html").write_text(f"<p>A colony, {LONG}</p>")
    assert extract([tmp_path / "page.html"], "jsonl", tmp_path / "a.jsonl", streams=streams) == 0
    assert score([tmp_path / "a.jsonl"], "csv", detector=FakeDetector(), streams=streams) == 0
    assert "back-translated" in streams.output.getvalue()


def test_names_that_are_alike_are_told_apart_at_once():
    names = UniqueIds()
    assert [names.free(name) for name in ("a", "a (2)", "a", "a", "b")] == ["a", "a (2)", "a (3)", "a (4)", "b"]
    # A search from 2 on for each would take minutes.
    assert len({names.free("same") for _ in range(100_000)}) == 100_000


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"retold {retold.__version__}\n"


@pytest.mark.parametrize(
    "arguments", [[], ["guess"], ["score"], ["score", "a", "--jobs", "0"], ["score", "a", "--format", "x"]]
)
def test_usage_errors_give_2(arguments, capsys):
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("retold: ")
    assert error.endswith("--help\n")
    assert error.count("\n") == 1


def test_errors_are_one_line_without_a_traceback(capsys):
    assert main(["score", "/absent/\x1b[31mfile"]) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err.count("\n")) == ("", 1)
    assert "\x1b" not in captured.err


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (ZeroDivisionError("division by zero"), 70, "internal error (ZeroDivisionError: division by zero)"),
        (MemoryError(), 70, "out of memory"),
        (TerminatedWorkerError("killed"), 70, "a worker process was killed"),
        (OSError(28, "No space left on device"), 70, "No space left on device"),
        (ModelError("no model here"), 2, "no model here"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_what_stops_the_work_is_one_sentence_and_a_code(article, monkeypatch, capsys, error, code, message):
    monkeypatch.setattr("retold.cli.score.load_detector", lambda *options: FakeDetector(error))
    assert main(["score", str(article)]) == code
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"retold: {message}")


def test_an_internal_error_shows_its_traceback_on_request(article, monkeypatch, capsys):
    monkeypatch.setenv("RETOLD_DEBUG", "1")
    monkeypatch.setattr("retold.cli.score.load_detector", lambda *options: FakeDetector(ZeroDivisionError()))
    assert main(["score", str(article)]) == 70
    assert "Traceback" in capsys.readouterr().err


def test_help_documents_commands_and_exit_codes():
    shown = build_parser().format_help()
    names = [module.__name__.rpartition(".")[2] for module in COMMANDS]
    assert all(f"\n    {name} " in shown for name in names)
    assert all(word in shown for word in ["--version", "exit codes", "130"])


@pytest.mark.parametrize(
    "command", [["score"], ["explain"], ["compare"], ["corpus", "roundtrip"], ["label"], ["train"]]
)
def test_help_of_a_command_has_examples(command, capsys):
    assert main([*command, "--help"]) == 0
    assert f"examples:\n  retold {' '.join(command)}" in capsys.readouterr().out


def test_protocols_are_those_of_training():
    assert evaluate.PROTOCOLS == PROTOCOLS


def test_progress_in_a_log_is_rare():
    seconds, stream = iter([0.0, 1.0, 2.5, 2.5, 5.0, 13.0, 13.0]), io.StringIO()
    progress = Progress(stream, in_place=False, clock=lambda: next(seconds))
    for count in range(4):
        progress.update(count)
    assert stream.getvalue() == "retold: 1\nretold: 3\n"


def test_the_last_line_of_a_log_is_true(article, streams, monkeypatch):
    monkeypatch.setattr("retold.cli.progress.QUIET_SECONDS", 0.0)
    assert score([article] * 3, "jsonl", detector=FakeDetector(), streams=streams) == 0
    assert streams.errors.getvalue() == "retold: 1 scored\nretold: 3 scored\n"


def test_progress_on_a_terminal_gives_way_to_remarks():
    stream = io.StringIO()
    progress = Progress(stream, in_place=True, clock=iter([0.0, 1.0, 1.0]).__next__)
    progress.update("5 scored")
    progress.remark("a\x1b[31m")
    assert stream.getvalue() == "\r\x1b[Kretold: 5 scored\r\x1b[Kretold: a\\x1b[31m\n"
