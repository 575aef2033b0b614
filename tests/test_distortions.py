"""Spun copies keep inflection, names and grammar; word salad keeps the words; both are the same each time and are labelled examples."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import retold
from retold.cli.main import main
from retold.detector.normality import SPUN
from retold.errors import InputError
from retold.training.data.spinning import RULES, SpinningRule, Thesaurus, spin
from retold.training.data.word_salad import RULES as SALADS
from retold.training.data.word_salad import scramble
from retold.training.package import replay_sample

DATA = Path(__file__).parent / "data"
THESAURUS = """\
UTF-8
close|2
(verb)|shut|close up|open (antonym)
(adj)|near (similar term)
town|1
(noun)|borough|Townsville|municipality (generic term)
harbour|1
(noun)|haven
"""
MODEL = retold.load().components.language_model
TEXT = 'The council closed two schools in the towns of Harbour Bay. "Harbour prices rose," said Ann Town. '


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "thesaurus.dat"
    path.write_text(THESAURUS, encoding="utf-8")
    return path


def test_synonyms_keep_the_inflection_and_antonyms_and_names_are_none(file: Path) -> None:
    thesaurus = Thesaurus.read(file, MODEL)
    assert thesaurus.of("closed", with_phrases=True) == ["shut", "closed up", "neared"]
    assert thesaurus.of("towns", with_phrases=False) == ["boroughs"]
    assert thesaurus.of("council", with_phrases=True) == []


def test_a_thesaurus_of_plain_lines_is_read(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("close,shut,bring to an end at last\ntown,borough,Town\n", encoding="utf-8")
    thesaurus = Thesaurus.read(tmp_path / "words.txt", MODEL)
    assert thesaurus.of("closed", with_phrases=True) == ["shut"]
    assert thesaurus.of("towns", with_phrases=False) == ["boroughs"]


def test_a_spun_copy_replaces_words_and_spares_names(file: Path) -> None:
    rule = SpinningRule("all", 1.0, "first", False)
    copy = spin(TEXT, Thesaurus.read(file, MODEL), rule, "a")
    assert copy == 'The council shut two schools in the boroughs of Harbour Bay. "Haven prices rose," said Ann Town. '
    assert spin(TEXT, Thesaurus.read(file, MODEL), RULES[2], "a") == spin(
        TEXT, Thesaurus.read(file, MODEL), RULES[2], "a"
    )


def test_spinners_with_a_list_of_their_own_take_common_words(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("claim,averment,charge,demand,request,postulation\n", encoding="utf-8")
    thesaurus = Thesaurus.read(tmp_path / "words.txt", MODEL)
    copies = {
        spin("A claim was made.", thesaurus, SpinningRule("all", 1.0, "common", False), str(i)) for i in range(20)
    }
    assert copies == {"A charge was made.", "A demand was made.", "A request was made."}


def test_a_file_that_is_no_thesaurus_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.dat").write_text("no thesaurus", encoding="utf-8")
    for name in ("x.dat", "absent.dat"):
        with pytest.raises(InputError, match=name):
            Thesaurus.read(tmp_path / name, MODEL)


@pytest.mark.parametrize("rule", SALADS, ids=lambda rule: rule.name)
def test_word_salad_is_another_order_of_much_the_same_words(rule) -> None:
    salad = scramble(TEXT * 3, rule, "a")
    assert salad == scramble(TEXT * 3, rule, "a")
    assert salad != TEXT * 3
    kept = set(salad.lower().replace(".", " ").split()) & set(TEXT.lower().replace(".", " ").split())
    assert {"schools", "council", "prices"} <= kept


def test_the_commands_write_labelled_examples_of_the_same_stories(file: Path, tmp_path: Path, capsys) -> None:
    rows = [{"id": f"{n}", "group": f"g{n}", "source": "desk", "text": TEXT * 8} for n in range(6)]
    data = tmp_path / "originals.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    spun, salad = tmp_path / "spun.jsonl", tmp_path / "salad.jsonl"
    assert main(["corpus", "spin", str(data), "--thesaurus", str(file), "--output", str(spun)]) == 0
    assert main(["corpus", "scramble", str(data), "--output", str(salad)]) == 0
    assert "6 copies made" in capsys.readouterr().err
    for path, label, kind in ((spun, "edited", "spun"), (salad, "machine-translated", "word_salad")):
        made = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        assert [row["group"] for row in made] == [row["group"] for row in rows]
        assert {(row["label"], row["kind"], row["source"]) for row in made} == {(label, kind, "desk")}
        assert len({row["engine"] for row in made}) >= 5


def test_what_others_add_examples_to_holds_no_copies() -> None:
    """The classifiers learn no label from them, so an adaptation must not either."""
    kinds = ["spun", "human_edit", "english_original", "word_salad", ""]
    labels = ["edited", "edited", "original", "machine-translated", "original"]
    table = pd.DataFrame({"kind": kinds, "label": labels, "source": "desk", "family": ""})
    assert replay_sample(table, 0).tolist() == [1, 2, 4]


def test_copies_by_a_thesaurus_that_nobody_has_seen_are_told_and_marked() -> None:
    """By one written for this test, which changes a word in twenty-five; half of the copies are found and no original is."""
    own = Thesaurus.read(DATA / "thesaurus.dat", MODEL)
    rows = [json.loads(line) for line in (DATA / "articles.jsonl").read_text(encoding="utf-8").splitlines()]
    originals = [row["text"] for row in rows if row["label"] == "original"]
    copies = [spin(text, own, SpinningRule("own", 1.0, "first", False), str(n)) for n, text in enumerate(originals)]
    detector = retold.load()
    found = [(text, detector.score(copy)) for text, copy in zip(originals, copies, strict=True)]
    spun = [(text, verdict) for text, verdict in found if SPUN in verdict.warnings]
    assert len(spun) >= len(copies) / 3
    assert all(verdict.label == "edited" and verdict.abstained for _, verdict in spun)
    assert not any(SPUN in detector.score(text).warnings for text in originals)
    marked = [(e.text.lower(), text) for text, verdict in spun for e in verdict.evidence if "exchanged" in e.reason]
    assert sum(word not in text.lower() for word, text in marked) > len(marked) / 2
