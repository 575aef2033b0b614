"""Benchmarks run, on a handful of texts, and print what they promise; figures are not asserted."""

import json
import lzma
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from tiny_corpus import write_corpus

import retold
from retold.detector.verdict import LABELS
from retold.model_store import bundled_model, read_model
from retold.text import analyse
from retold.training.fit import language_model
from retold.training.package import read_replay

ROOT = Path(__file__).parents[1]
MODEL = str(bundled_model())
# Module, its arguments after the corpus, and words that its report holds.
RUNS = {
    "archive_recall": (["a.archive", "--most", "4", "--words", "40"], "among the first 5"),
    "archive_size": (["a.archive", "--articles", "60", "--cold", "1"], "warm, passages"),
    "archive_verdicts": (["a.archive", "r.jsonl", "--most", "2", "--originals", "2"], "independent reports"),
    "changed_facts": (["--cases", str(ROOT / "tests" / "data" / "cases"), "--pairs", "3"], "planted named rightly"),
    "comparison": (["--stories", "4"], "macro-F1"),
    "comparison_speed": (["--words", "10", "900", "--jobs", "1"], "the same with any number"),
    "independent_reports": (["--articles", "20", "--versions", "4"], "linked to their original"),
    "blind_comparison": (["--stories", "4"], "originals recognised"),
    "distortions": (["--documents", "1000", "--cache", "cache"], "not normal English"),
    "evidence": (["--documents", "4", "--engines", "bergamot", "--no-pivots"], "per 1,000"),
    "fluency": (["--documents", "4"], "per 1,000"),
    "idioms": ([], "intact"),
    "learning_curve": (["--families", "bergamot", "--shares", "1"], "AUROC"),
    "pivot_language": ([], "pivot"),
    "seen_stories": (["--families", "bergamot"], "difference"),
    "robustness": ([MODEL, "--documents", "4"], "AUROC"),
}
# Those that need no corpus.
ALONE = {
    "growth": (["--documents", "3", "--words", "40"], "microseconds a word"),
    "sentence_tints": (["--windows", "3"], "502 sentences"),
}
# Run by tests of their own, here and in other files.
ELSEWHERE = {
    *(
        "active_learning",
        "adaptation",
        "alternatives",
        "drift",
        "exchanged_words",
        "extraction",
        "fuzz",
        "gate",
        "installation_size",
    ),
    *("news_passages", "same_verdicts"),
}
# Not run by tests: they take minutes, a browser or a cluster.
BY_HAND = {"dask_million", "own_engine", "report_picture", "report_size", "speed"}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.mark.parametrize("name", RUNS)
def test_a_benchmark_runs_on_a_handful_of_texts(name, corpus, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(language_model, "MIN_NEWS_WORDS", 1_000)
    arguments, words = RUNS[name]
    import_module(f"benchmarks.{name}").main([str(corpus), *arguments])
    assert words in capsys.readouterr().out


@pytest.mark.parametrize("name", ALONE)
def test_a_benchmark_runs_on_the_articles_of_the_project(name, capsys):
    arguments, words = ALONE[name]
    import_module(f"benchmarks.{name}").main(arguments)
    assert words in capsys.readouterr().out


def test_articles_are_taken_out_of_pages_as_people_marked_them(tmp_path, capsys):
    text = " ".join(f"The harbour of town {n} was closed on Monday, officials said." for n in range(12))
    html = f"<html><body><nav>Home</nav><article><p>{text}</p></article></body></html>"
    with lzma.open(tmp_path / "pages.jsonl.xz", "wt", encoding="utf-8") as lines:
        lines.write(json.dumps({"html": html, "text": text}) + "\n")
    import_module("benchmarks.extraction").main([str(tmp_path / "pages.jsonl.xz")])
    report = capsys.readouterr().out
    assert "precision 1.000, recall 1.000" in report
    assert "label equal on 1 of 1" in report


def test_words_that_are_marked_in_a_copy_are_looked_up_in_its_original(corpus, tmp_path, capsys):
    lines = map(json.loads, lzma.decompress((corpus / "originals.jsonl.xz").read_bytes()).splitlines())
    copies = [
        row | {"id": f"{row['id']}.any-30.own", "engine": "spun:any-30.own", "label": "edited", "kind": "spun"}
        for row in lines
    ]
    for row in copies:
        row["text"] = row["text"].replace(" said", " sang").replace(" on ", " upon ")
    file = tmp_path / "spun.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in copies), encoding="utf-8")
    import_module("benchmarks.exchanged_words").main([str(corpus), str(file), "--copies-each", "3"])
    rule, number, *_ = [cell.strip() for cell in capsys.readouterr().out.splitlines()[2].strip("|").split("|")]
    assert (rule, number) == ("any-30.own", "3")


def test_adaptation_is_measured_on_what_was_held_out_and_goes_on_where_it_was(tmp_path, monkeypatch, capsys):
    corpus = write_corpus(tmp_path)
    for file in tmp_path.glob("*.jsonl.xz"):
        rows = [json.loads(line) for line in lzma.decompress(file.read_bytes()).splitlines()]
        rows = [row | {"source": "river-post"} if len(row["group"]) % 2 else row for row in rows]
        with lzma.open(file, "wt", encoding="utf-8") as lines:
            lines.writelines(json.dumps(row) + "\n" for row in rows)
    held_out = import_module("benchmarks.held_out")
    monkeypatch.setattr(held_out, "DOMAINS", {"harbour-daily": "daily"})
    monkeypatch.setattr(held_out, "_LEAST", 2)
    # Of so few stories most have to be trained on.
    monkeypatch.setattr(held_out, "_folds", lambda stories: {story: len(story) % 8 // 7 for story in stories})
    arguments = [str(corpus), "--cache", str(tmp_path), "--seeds", "1", "--sizes", "20", "--domains", "daily"]
    adaptation, gate, learning = (
        import_module(f"benchmarks.{name}") for name in ("adaptation", "gate", "active_learning")
    )
    adaptation.main(arguments)
    first = capsys.readouterr().out
    assert "mean of domains" in first
    monkeypatch.setattr(adaptation, "_draw", None)
    adaptation.main(arguments)
    assert capsys.readouterr().out == first
    gate.main(arguments)
    first = capsys.readouterr().out
    assert "refused or precision 0.7" in first
    monkeypatch.setattr(gate, "measured", None)
    gate.main(arguments)
    assert capsys.readouterr().out == first
    learning.main([*arguments[:3], "--draws", "1", "--count", "4", "--random", "4", "--domains", "daily"])
    assert "4 proposed against 4 at random" in capsys.readouterr().out


def test_drift_is_measured_on_outlets_that_are_known_and_that_are_not(monkeypatch, capsys):
    drift = import_module("benchmarks.drift")
    table, rows = read_replay(read_model(bundled_model()))
    own = (table["source"] == "reuters_c50").to_numpy() & (table["label"] == "original").to_numpy()
    monkeypatch.setattr(drift, "_articles", lambda *arguments: {"reuters_c50": rows[own]})
    drift.main(["corpus", "--articles", "30", "--draws", "1"])
    report = capsys.readouterr().out
    assert "all known" in report
    assert "all unknown" in report


def test_verdicts_that_did_not_change_are_the_same(corpus, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    same_verdicts = import_module("benchmarks.same_verdicts")
    for mode in ("record", "check"):
        monkeypatch.setattr("sys.argv", ["x", mode, str(tmp_path / "v.json"), "--corpus", str(corpus), "--texts", "4"])
        assert same_verdicts.main() == 0
    assert "largest difference 0, 0 other differences" in capsys.readouterr().out


def test_passages_of_news_are_long_enough_and_the_hardest_come_first(corpus, tmp_path, capsys):
    arguments = [str(corpus / "news.txt.xz"), str(tmp_path / "out"), "--words", "60", "--documents", "20"]
    import_module("benchmarks.news_passages").main(arguments)
    files = sorted((tmp_path / "out").glob("passages-*.jsonl"))
    rows = [[json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] for file in files]
    assert f"in {len(files)} files" in capsys.readouterr().out
    assert all(len(analyse(row["text"]).tokens) >= 60 for part in rows for row in part)
    detector, column = retold.load(), LABELS.index("back-translated")
    hard, rest = (detector.predict_proba([row["text"] for row in part])[:, column] for part in rows[:2])
    assert (np.diff(hard) <= 0).all()
    assert hard.min() >= rest.max()


def test_no_benchmark_is_left_out():
    scripts = [file for file in (ROOT / "benchmarks").glob("*.py") if "__main__" in file.read_text(encoding="utf-8")]
    assert {script.stem for script in scripts} == {*RUNS, *ALONE, *ELSEWHERE, *BY_HAND}
