"""Everything that ships is made by one command: from a tiny corpus and tiny news to a model that scores."""

import json

import numpy as np
import pytest
from tiny_corpus import ROWS, write_corpus

import retold
from retold.cli.main import run_command
from retold.model_store import read_model
from retold.training.fit import language_model

# What a model folder holds beside its arrays, all of it made by training.
TEXTS = {
    *("CARD.md", "channel.json", "comparison.json", "idiom_forms.tsv", "kept_apart.tsv", "replay.csv", "signals.json"),
    *("term_classifier.json", "vocabulary.txt"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("end-to-end")
    (place / "corpus").mkdir()
    corpus = write_corpus(place / "corpus")
    pairs = [row | {"group": f"n{row['group']}", "id": f"n{row['id']}"} for row in ROWS if row["label"] != "edited"]
    (place / "pairs.jsonl").write_text("\n".join(map(json.dumps, pairs[:8])), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language_model, "MIN_NEWS_WORDS", 1_000)
        command = ["train", "--data", corpus, "--jobs", "1", "--force"]
        command += ["--pairs", place / "pairs.jsonl", "--cache", place / "cache", "--output", place / "model"]
        assert run_command(list(map(str, command))) == 0
    return place / "model"


def test_every_file_of_a_model_is_made(folder):
    assert set(read_model(folder).texts) == TEXTS


def test_the_model_scores_explains_and_compares(folder):
    detector = retold.load(folder)
    original, trip = ROWS[0]["text"], next(r["text"] for r in ROWS if r["label"] == "back-translated")
    probabilities = detector.predict_proba([original, trip])
    assert probabilities.shape == (2, 3)
    assert np.allclose(probabilities.sum(axis=1), 1)
    assert detector.explain(trip).contributions
    assert len(detector.compare([original, trip]).documents) == 2


def test_finished_steps_are_taken_from_the_cache(folder):
    names = {file.name.rsplit("-", 1)[0] for file in (folder.parent / "cache").iterdir()}
    assert {"language-model", "channel", "idiom-forms", "kept-apart", "comparison"} <= names
