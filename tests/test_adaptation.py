"""Adapting the shipped model: honest on few articles, the same bytes for the same texts, one clear sentence for what is wrong."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import retold
from retold.cli.main import main, run_command
from retold.detector.adaptation import Adaptation
from retold.detector.classifier import LinearClassifier
from retold.detector.verdict import LABELS
from retold.errors import InputError, ModelError
from retold.model_store import bundled_model, read_model
from retold.training.data.examples import LabelledText, read_examples
from retold.training.data.own_examples import check_own_examples
from retold.training.evaluation.adaptation_gate import GateReport, enforce
from retold.training.evaluation.label_errors import DoubtfulLabel, doubtful_rows, reviewed
from retold.training.fit.adaptation import adapt, mixture_weights
from retold.training.fit.adaptation_candidates import CANDIDATES, OwnArticles
from retold.training.fit.nearness import everywhere

ARTICLES = Path(__file__).parent / "data" / "articles.jsonl"
ROWS = [json.loads(line) for line in ARTICLES.read_text(encoding="utf-8").splitlines()]
RNG = np.random.default_rng(20)


ELSEWHERE = RNG.normal(size=(400, 4)) - 1.5


def identity(n_features, prior=(0.6, 0.3, 0.1)):
    return Adaptation(np.ones(1), np.zeros((3, n_features)), np.zeros(3), np.array(prior), everywhere(n_features))


def drawn(n, strength=2.0, shift=(0.0, 0.0, 0.0)):
    """Articles of which a classifier knows something, some of it by a feature that it does not weigh."""
    labels = np.arange(n) % 3
    standard = RNG.normal(size=(n, 4))
    standard[:, 0] += strength * (labels == 2)
    logs = np.log(np.full((n, 3), 1 / 3)) + np.array(shift) + RNG.normal(scale=0.3, size=(n, 3))
    logs -= np.log(np.exp(logs).sum(axis=1, keepdims=True))
    groups = np.array([f"g{i // 2}" for i in range(n)], dtype=object)
    return OwnArticles(logs, standard, labels, groups, np.array([0.6, 0.3, 0.1]), np.ones(n))


@pytest.fixture(scope="module")
def plain():
    return LinearClassifier(np.zeros(4), np.ones(4), np.zeros((4, 4)), np.zeros(4), np.zeros((9, 4)), np.zeros(9))


def test_nothing_changed_changes_nothing():
    shares = RNG.dirichlet(np.ones(3), size=50)
    assert identity(5).probabilities(shares, RNG.normal(size=(50, 5))) == pytest.approx(shares, abs=1e-9)


def some(prior):
    parts = RNG.uniform(0.5, 2, 1), RNG.normal(size=(3, 5)), RNG.normal(size=3), np.array(prior), RNG.normal(size=6)
    return Adaptation(*parts)


def test_adaptations_follow_one_another_and_are_read_back():
    first, second = some([0.2, 0.3, 0.5]), some([0.6, 0.3, 0.1])
    shares, standard = RNG.dirichlet(np.ones(3) * 5, size=50), RNG.normal(size=(50, 5))
    expected = second.probabilities(first.probabilities(shares, standard), standard)
    both = second.after(first)
    assert both.probabilities(shares, standard) == pytest.approx(expected, abs=1e-12)
    again = Adaptation.from_arrays(both.arrays(), 5)
    assert again.probabilities(shares, standard) == pytest.approx(expected, abs=1e-12)
    assert again.prior.tolist() == second.prior.tolist()
    for _ in range(18):
        both = second.after(both)
    with pytest.raises(ModelError, match="adapted 20 times; adapt the shipped one"):
        second.after(both)


def test_what_is_unlike_the_articles_is_judged_as_before(plain):
    own = drawn(240, shift=(0, 0, 1))
    adaptation = adapt(plain, own, ELSEWHERE * 1.5 - 3).adaptation
    far = RNG.normal(size=(50, 4)) - 6
    shares = RNG.dirichlet(np.ones(3) * 5, size=50)
    assert np.abs(adaptation.probabilities(shares, far) - shares).max() < 0.02
    assert np.abs(adaptation.probabilities(np.exp(own.log_probabilities), own.standard) - 1 / 3).max() > 0.3


def test_what_the_classifier_overlooks_is_learned(plain):
    own = drawn(240)
    fit = adapt(plain, own, ELSEWHERE)
    before, after = (np.mean(p.argmax(axis=1) == own.labels) for p in (fit.alone, fit.held_out))
    assert after > before + 0.1
    assert fit.weights.sum() == pytest.approx(1)


@pytest.mark.parametrize("n", [20, 21, 41])
def test_few_articles_are_enough(plain, n):
    fit = adapt(plain, drawn(n), ELSEWHERE)
    assert np.isfinite(fit.held_out).all()
    assert np.allclose(fit.held_out.sum(axis=1), 1)


def test_few_articles_stay_near_the_usual_mixture():
    posteriors = np.log(RNG.dirichlet(np.ones(3), size=(len(CANDIDATES), 3)))
    usual = np.array([candidate.prior_weight for candidate in CANDIDATES])
    assert usual.sum() == pytest.approx(1)
    few = mixture_weights(posteriors, np.array([0, 1, 2]))
    many = mixture_weights(np.tile(posteriors, (1, 200, 1)), np.tile([0, 1, 2], 200))
    assert np.abs(few - usual).sum() < np.abs(many - usual).sum()


def test_flipped_labels_are_doubted():
    labels = np.arange(300) % 3
    shares = np.full((300, 3), 0.1)
    shares[np.arange(300), labels] = 0.8
    wrong = np.arange(0, 300, 10)
    given = labels.copy()
    given[wrong] = (given[wrong] + 1) % 3
    assert set(doubtful_rows(given, shares)) == set(wrong)
    assert len(doubtful_rows(labels, shares)) == 0


def test_few_labels_are_listed_and_most_of_them_are_wrong(plain):
    own = drawn(150)
    wrong = np.arange(0, 150, 7)
    given = own.labels.copy()
    given[wrong] = (given[wrong] + 1) % 3
    known = np.log(0.05 + 0.85 * np.eye(3)[own.labels])
    review = reviewed(plain, replace(own, labels=given, log_probabilities=known))
    assert review.probabilities.shape == (150, 3)
    assert 1 <= len(review.rows) <= 150 // 15
    assert np.isin(review.rows, wrong).mean() >= 0.7
    assert review.n_doubted >= len(wrong) / 2


def report(own, stored, n_doubted=5):
    return GateReport(60, (0.5, 0.5), own, 900, stored, n_doubted)


def test_only_what_is_worse_on_both_is_refused():
    doubtful = [DoubtfulLabel("a", "edited", "original", 0.9, "")]
    for passing in (report((0.5, 0.6), (0.8, 0.79)), report((0.6, 0.5), (0.8, 0.3))):
        assert enforce(passing, doubtful, False).startswith("gate passed: on your 60 articles")
    worse = report((0.5, 0.6), (0.8, 0.7))
    with pytest.raises(InputError, match=r"worse on both.*log loss 0\.600, was 0\.500.*looks original.*--force"):
        enforce(worse, doubtful, False)
    assert enforce(worse, doubtful, True).startswith("gate NOT PASSED")


@pytest.mark.parametrize(("n_doubted", "is_refused"), [(15, False), (21, True)])
def test_labels_that_disagree_are_refused_however_well_the_model_does(n_doubted, is_refused):
    better = report((0.6, 0.5), (0.8, 0.8), n_doubted)
    assert better.is_refused == is_refused
    if is_refused:
        with pytest.raises(InputError, match=r"^21 of your 60 labels look wrong, more than hard articles explain"):
            enforce(better, [], False)


def examples(n=12, labels=LABELS):
    return [
        LabelledText(f"{label}{i}", f"{label}{i}", label, f"Text number {i * 31} about {label} {i}.")
        for label in labels
        for i in range(n)
    ]


def near_duplicates():
    """Thirty variants of one text."""
    words = " ".join(f"word{i}" for i in range(200))
    labels = ["original", "edited"] * 15
    return [LabelledText(f"{i}", f"{i}", label, f"{words} and {i}.") for i, label in enumerate(labels)]


@pytest.mark.parametrize(
    ("own", "sentence"),
    [
        (
            examples(labels=["original"]),
            r"all examples \(12\) are original: a model learns from articles of two labels",
        ),
        (examples(3), r"too few examples to adapt to: 9 \(minimum 20\)"),
        (
            [*examples(), LabelledText("x", "x", "edited", "Text number 0  about original 0.")],
            r"the same text is labelled (original \(original0\) and edited \(x\)|edited \(x\) and original \(original0\))",
        ),
        (
            [replace(e, group="one") for e in examples()],
            r"too few stories .*\(original: 1, edited: 1, back-translated: 1;",
        ),
        ([replace(e, group=e.label) for e in examples()], "too few stories"),
        (near_duplicates(), r"too few stories .*\(original: 1, edited: 1; near-duplicates"),
    ],
)
def test_what_cannot_be_learned_from_is_one_sentence(own, sentence):
    with pytest.raises(InputError, match=sentence):
        check_own_examples(own)


def test_copies_count_once_and_absent_labels_are_told():
    own = examples(15, ["original", "back-translated"])
    checked = check_own_examples([*own, *own[:3], LabelledText("c", "c", "control", "A control.")])
    assert len(checked.examples) == 30
    notes = " ".join(checked.notes)
    assert "3 examples counted once" in notes
    assert "none of your examples is edited" in notes
    assert "1 example left out, since a verdict cannot" in notes


def test_the_order_of_rows_says_nothing():
    own = examples()
    names = ("text", "label", "group")
    one, two = (check_own_examples(order).examples for order in (own, own[::-1]))
    assert [[getattr(e, n) for n in names] for e in one] == [[getattr(e, n) for n in names] for e in two]


@pytest.mark.parametrize("named", ["by story", "by number"])
def test_a_folder_and_a_table_of_the_same_texts_are_the_same_examples(tmp_path, named):
    """Whatever the fits see, they see it in the same order and in the same groups."""
    names = [row["group"] if named == "by story" else f"{row['label']}-{i}" for i, row in enumerate(ROWS)]
    for name, row in zip(names, ROWS, strict=True):
        file = tmp_path / "folder" / row["label"] / f"{name}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{row['text']}\n", encoding="utf-8", newline="\r\n")
    stored = {(file.parent.name, file.stem) for file in (tmp_path / "folder").rglob("*.txt")}
    table = pd.DataFrame([
        {"id": name, "label": row["label"], "text": row["text"]} for name, row in zip(names, ROWS, strict=True)
    ])  # fmt: skip
    # A folder holds one version of a story a label: the last one written.
    table = table.drop_duplicates(["id", "label"], keep="last").sample(frac=1, random_state=20)
    assert len(table) == len(stored)
    table.to_csv(tmp_path / "mine.csv", index=False)
    one, two = (check_own_examples(read_examples([tmp_path / name])).examples for name in ("folder", "mine.csv"))
    assert [(e.text, e.label, e.group) for e in one] == [(e.text, e.label, e.group) for e in two]


@pytest.fixture(scope="module")
def adapted(tmp_path_factory):
    """The shipped model, adapted to the same articles as JSONL, as CSV in another order, and from Python."""
    folder = tmp_path_factory.mktemp("adapted")
    frame = pd.DataFrame(ROWS)
    frame.iloc[::-1].to_csv(folder / "mine.csv", index=False)
    shutil.copy(ARTICLES, folder / "mine.jsonl")
    for name, data in (("one", "mine.jsonl"), ("two", "mine.csv")):
        arguments = ["--data", str(folder / data), "--output", str(folder / name), "--cache", str(folder / "cache")]
        assert run_command(["train", *arguments, "--jobs", "1"]) == 0
    return folder


def test_the_same_texts_give_the_same_bytes(adapted):
    one, two = (read_model(adapted / name) for name in ("one", "two"))
    assert one.signature == two.signature


def test_an_adapted_model_knows_its_own_articles_and_says_how_well(adapted):
    card = read_model(adapted / "one").texts["CARD.md"]
    assert "gate passed: on your 60 articles, each held out in turn: macro-F1" in card
    shipped, mine = retold.load(), retold.load(adapted / "one")
    texts, labels = [row["text"] for row in ROWS], [row["label"] for row in ROWS]
    before, after = (np.mean([v.label == t for v, t in zip(d.score_many(texts, evidence=False), labels, strict=True)])
                     for d in (shipped, mine))  # fmt: skip
    assert after > before
    assert mine.config.prior == pytest.approx((24.6 / 61, 12.3 / 61, 24.1 / 61))
    assert mine.explain(texts[0]).contributions


def test_an_adapted_model_still_abstains_on_what_is_no_normal_english(adapted):
    salad = (Path(__file__).parent / "data" / "cases" / "word-salad.txt").read_text(encoding="utf-8")
    assert any("not normal English" in warning for warning in retold.load(adapted / "one").score(salad).warnings)


def test_an_adapted_model_is_adapted_again(adapted, tmp_path):
    arguments = ["--data", str(ARTICLES), "--add-to", str(adapted / "one"), "--output", str(tmp_path / "again")]
    assert run_command(["train", *arguments, "--cache", str(adapted / "cache"), "--jobs", "1"]) == 0
    assert retold.load(tmp_path / "again").classifier.adaptation is not None


def test_a_frame_adapts_the_shipped_model(adapted, tmp_path):
    context = retold.training.TrainingContext(adapted / "cache", 1, lambda line: None)
    notes = retold.train(pd.DataFrame(ROWS), tmp_path / "mine", context, adapt="shipped")
    assert any(note.startswith("gate passed") for note in notes)
    assert read_model(tmp_path / "mine").signature == read_model(adapted / "one").signature


def test_damaged_adaptations_are_one_error(adapted):
    arrays = dict(read_model(adapted / "one").arrays)
    for name, array in (("coef", np.zeros((3, 2))), ("prior", np.ones(3)), ("intercept", np.full(3, np.nan))):
        with pytest.raises(ModelError, match=f"adaptation_{name}"):
            LinearClassifier.from_arrays(arrays | {f"adaptation_{name}": array})


def test_what_does_not_go_together_is_told(tmp_path, capsys):
    arguments = ["train", "--data", str(ARTICLES), "--output", str(tmp_path / "mine")]
    assert main([*arguments, "--anew", "--add-to", "shipped"]) == 2
    assert "leave out --anew or --add-to" in capsys.readouterr().err
    assert main([*arguments, "--deep"]) == 2
    assert "add --anew" in capsys.readouterr().err
    assert not (tmp_path / "mine").exists()


def test_the_shipped_model_is_as_it_was():
    assert LinearClassifier.from_arrays(read_model(bundled_model()).arrays).adaptation is None
