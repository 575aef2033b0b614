"""``retold label``: articles that stand for the others, near-duplicates once, in a file that training reads."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from retold.cli.label import label
from retold.cli.main import main
from retold.errors import InputError
from retold.monitoring.active_learning import propose, uncertainty
from retold.training.data.examples import read_examples

ARTICLES = Path(__file__).parent / "data" / "articles.jsonl"
CERTAIN, UNSURE = [0.98, 0.01, 0.01], [0.4, 0.3, 0.3]


def articles(n):
    """Texts that share no three words in a row."""
    return [" ".join(f"word{i}x{j}" for j in range(60)) for i in range(n)]


def places(proposals):
    return [p.index for p in proposals]


def test_uncertainty_runs_from_certain_to_even():
    found = uncertainty(np.array([[1.0, 0, 0], CERTAIN, UNSURE, [1 / 3] * 3]))
    assert found[0] == 0
    assert found[-1] == pytest.approx(1)
    assert list(found) == sorted(found)


def test_the_unsure_are_shown_first():
    shares = np.array([UNSURE if i % 2 else CERTAIN for i in range(10)])
    found = propose(articles(10), np.random.default_rng(20).normal(size=(10, 5)), shares, 10)
    assert sorted(places(found)) == list(range(10))
    assert all(p.index % 2 for p in found[:5])


def test_kinds_of_articles_are_represented_as_they_are_frequent():
    kinds = np.repeat(np.eye(3) * 10, [70, 20, 10], axis=0)
    features = kinds + np.random.default_rng(20).normal(scale=0.1, size=kinds.shape)
    found = propose(articles(100), features, np.array([UNSURE] * 100), 10)
    assert np.bincount(kinds[places(found)].argmax(axis=1)).tolist() == [7, 2, 1]
    assert all(p.why.startswith("original 40% or") for p in found)
    assert sum(int(p.why.split("stands for ")[1].split()[0]) for p in found if "stands for" in p.why) > 90


def test_near_duplicates_are_proposed_once():
    texts = articles(6)
    texts = [*texts, *(text + " and one more" for text in texts)]
    found = propose(texts, np.random.default_rng(20).normal(size=(12, 5)), np.array([UNSURE] * 12), 12)
    assert places(found) == [0, 1, 2, 3, 4, 5]


def test_the_same_input_gives_the_same_proposals():
    features = np.random.default_rng(20).normal(size=(90, 5))
    shares = np.random.default_rng(21).dirichlet(np.ones(3), 90)
    one, two = (propose(articles(90), features, shares, 10) for _ in range(2))
    assert one == two
    assert len({p.index for p in one}) == 10
    assert [p.uncertainty for p in one] == sorted((p.uncertainty for p in one), reverse=True)


def test_articles_that_measure_alike_do_no_harm():
    found = propose(articles(30), np.zeros((30, 5)), np.array([UNSURE] * 30), 10)
    assert 1 <= len(found) <= 10
    assert propose([], np.empty((0, 5)), np.empty((0, 3)), 5) == []


@pytest.fixture
def unlabelled(tmp_path):
    rows = [json.loads(line) for line in ARTICLES.read_text().splitlines()]
    file = tmp_path / "unlabelled.jsonl"
    file.write_text("".join(json.dumps({"id": r["id"], "text": r["text"]}) + "\n" for r in rows[:30]))
    return file


@pytest.mark.parametrize("name", ["todo.jsonl", "todo.csv"])
def test_training_reads_what_was_filled_in_and_passes_over_the_rest(tmp_path, unlabelled, streams, name):
    output = tmp_path / name
    assert label([unlabelled], 5, output, streams=streams) == 0
    assert streams.output.getvalue().count("\n") == 6
    with pytest.raises(InputError, match="count once their label is filled in"):
        read_examples([output])
    texts = {json.loads(line)["id"]: json.loads(line)["text"] for line in unlabelled.read_text().splitlines()}
    rows = rows_of(output)
    assert len(rows) == 5
    assert all(row["text"] == texts[row["id"]] and row["why"] and row["label"] == "" for row in rows)
    rows[2]["label"] = "edited"
    write_rows(output, rows)
    (example,) = read_examples([output])
    assert (example.id, example.label, example.text) == (rows[2]["id"], "edited", rows[2]["text"])


def rows_of(file):
    if file.suffix == ".csv":
        with file.open(newline="") as lines:
            return list(csv.DictReader(lines))
    return [json.loads(line) for line in file.read_text().splitlines()]


def write_rows(file, rows):
    if file.suffix != ".csv":
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return
    with file.open("w", newline="") as lines:
        sheet = csv.DictWriter(lines, rows[0])
        sheet.writeheader()
        sheet.writerows(rows)


def test_a_row_without_a_label_is_still_an_error_if_nobody_proposed_it(tmp_path):
    (tmp_path / "mine.jsonl").write_text('{"text": "One.", "label": ""}\n')
    with pytest.raises(InputError, match=":1: no label"):
        read_examples([tmp_path / "mine.jsonl"])


def test_no_spreadsheet_runs_what_an_article_says(tmp_path, streams):
    text = "=HYPERLINK(1) said the council on Monday. " + "The bridge would close for a year, and they knew it. " * 6
    (tmp_path / "a.jsonl").write_text(json.dumps({"id": "@id", "text": text}) + "\n")
    assert label([tmp_path / "a.jsonl"], 5, tmp_path / "todo.csv", streams=streams) == 0
    (row,) = rows_of(tmp_path / "todo.csv")
    assert row["text"].startswith("'=")
    assert row["id"] == "'@id"


def test_what_cannot_be_judged_is_passed_over_and_named(tmp_path, unlabelled, streams):
    (tmp_path / "short.txt").write_text("Too short.")
    assert label([unlabelled, tmp_path / "short.txt"], 3, streams=streams) == 1
    assert "short.txt: too short to score: 2 words" in streams.errors.getvalue()
    assert label([tmp_path / "short.txt"], 3, streams=streams) == 2


@pytest.mark.parametrize("count", ["0", "-1", "many", "99999999"])
def test_counts_are_bounded(count, capsys):
    assert main(["label", str(ARTICLES), "--count", count]) == 2
    assert "whole number from 1" in capsys.readouterr().err


def test_it_works_from_the_command_line(tmp_path, unlabelled, capsys):
    assert main(["label", str(unlabelled), "--count", "2", "--output", str(tmp_path / "todo.jsonl")]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("document")
    assert "retold train --data" in said.err
