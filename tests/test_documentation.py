"""README and documentation: the site is built strictly and without a network, and every command and snippet in them runs."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from browser import chromium

from retold.cli.main import build_parser, main
from retold.detector.verdict import LABELS
from retold.language_names import language_name
from retold.model_store import bundled_model
from retold.signals.registry import FEATURE_GROUPS

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
ARTICLES = ROOT / "tests" / "data" / "articles.jsonl"
# Commands that train or need an engine have a test of their own.
SLOW = {"train", "evaluate", "corpus", "label", "drift"}


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)


def commands(page):
    """The commands of ``retold`` on a page, without what a shell does with their input and output."""
    lines = [line.partition("#")[0].strip() for block in blocks(page, "sh") for line in block.splitlines()]
    found = [line[line.index("retold ") :] for line in lines if re.search(r"(^|/|\| )retold ", line)]
    return [line.partition(" > ")[0].partition(" && ")[0] for line in found]


ALL = [(page, command) for page in PAGES for command in commands(page)]


def test_there_are_commands():
    assert len(ALL) > 30


@pytest.mark.parametrize("command", sorted({command for _, command in ALL}))
def test_commands_are_understood(command):
    if "--print-completion" not in command:
        build_parser().parse_args(shlex.split(command)[1:])


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder with every file that the documentation names."""
    story = ROOT / "tests" / "data" / "story"
    for folder in ("folder", "story", "tests/data/story"):
        shutil.copytree(story, tmp_path / folder)
    first, last = (sorted(story.iterdir())[i].read_text(encoding="utf-8") for i in (0, -1))
    for name in ("article.txt", "original.txt", "folder/a.txt"):
        (tmp_path / name).write_text(first, encoding="utf-8")
    for name in ("suspect.txt", "folder/b.txt"):
        (tmp_path / name).write_text(last, encoding="utf-8")
    (tmp_path / "page.html").write_text(
        f"<html><body><article><p>{first}</p></article></body></html>", encoding="utf-8"
    )
    for name in ("more", "wire", "suspects"):
        text = last if name == "suspects" else first
        pd.DataFrame({"id": [name], "text": [text]}).to_json(tmp_path / f"{name}.jsonl", orient="records", lines=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def training_desk(desk, monkeypatch):
    """The files that the page on training names: articles to measure, labelled ones, and an engine of one's own."""
    monkeypatch.setenv("RETOLD_CACHE", str(desk / "cache"))
    rows = [json.loads(line) for line in ARTICLES.read_text(encoding="utf-8").splitlines()]
    for i, row in enumerate(rows[:24]):
        (desk / "folder" / f"{i}.txt").write_text(row["text"], encoding="utf-8")
    for name in ("mine", "test"):
        shutil.copy(ARTICLES, desk / f"{name}.jsonl")
    engine = (
        "import sys\nfor line in sys.stdin: print(line.strip().replace('said', 'declared').replace('the ', 'this '))\n"
    )
    (desk / "my_engine.py").write_text(engine, encoding="utf-8")
    return desk


def test_commands_that_train_run(training_desk, capfd):
    for command in dict.fromkeys(commands(ROOT / "docs" / "tasks" / "train.md")):
        words = shlex.split(command.replace("python my_engine.py", f"{sys.executable} my_engine.py"))[1:]
        # The packaged engine takes minutes, tests/test_marian.py runs it; training anew wants more than sixty articles.
        if words[:2] == ["corpus", "roundtrip"] and "--engine" not in words:
            continue
        words += ["--force"] if "--anew" in words else []
        assert main(words) == 0, f"{command}: {capfd.readouterr().err}"


def test_commands_run(desk, monkeypatch, capfd):
    for command in dict.fromkeys(command for _, command in ALL):
        words = shlex.split(command)[1:]
        # A server of PostgreSQL or Dask is there in tests of their own only.
        if words[0] in SLOW or {"--deep", "--model"} & set(words) or "://" in command:
            continue
        with (desk / "article.txt").open(encoding="utf-8") as piped:
            monkeypatch.setattr(sys, "stdin", piped)
            code = main(words)
        assert code in ({0, 3} if "--fail-on" in words else {0}), f"{command}: {capfd.readouterr().err}"


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=lambda page: page.stem)
def test_python_runs(page, desk):
    mpl = pytest.importorskip("matplotlib")
    mpl.use("Agg")
    texts = [path.read_text(encoding="utf-8") for path in sorted((desk / "story").iterdir())]
    names = {"text": texts[0], "texts": texts, "frame": pd.DataFrame({"text": texts}), "groups": ["a"] * len(texts)}
    names["labelled"] = pd.read_json(ARTICLES, lines=True)
    names["labels"] = ["original", *["edited"] * (len(texts) - 2), "back-translated"]
    for block in blocks(page, "python"):
        if "retold" in block and "class " not in block and "def " not in block:
            exec(block, names)  # noqa: S102


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the site, which was built strictly."""
    pytest.importorskip("mkdocs", reason="needs retold[docs]")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    return folder


def test_the_site_loads_nothing_from_elsewhere(site):
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 15
    for page in pages:
        found = re.findall(
            r"<(?:script|img|link|iframe)\b[^>]*\b(?:src|href)=\"?(?:https?:)?//[^\">]*", page.read_text("utf-8")
        )
        assert found == [], page.name


def test_the_site_follows_the_scheme_of_the_system_and_keeps_nobody_out(site):
    with chromium() as browser:
        # A reader whose system turns dark after the first visit.
        for scheme, width, paper in (("light", 1280, "default"), ("dark", 1280, "slate"), ("dark", 390, "slate")):
            for page in ("measured.html", "measured/labels.html", "tasks/score.html", "tasks/compare.html"):
                browser.open(site / page, width, scheme)
                assert browser.run("return document.body.dataset.mdColorScheme") == paper
                assert browser.faults() == []
                assert browser.run("return document.documentElement.scrollWidth") == width


def test_the_glossary_knows_labels_signals_and_pivots():
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    pivots = json.loads((bundled_model() / "channel.json").read_text(encoding="utf-8"))["pivots"]
    assert [name for name in (*LABELS, *FEATURE_GROUPS, *pivots) if f"`{name}`" not in glossary] == []
    assert [code for code in pivots if f"| `{code}` | {language_name(code)} |" not in glossary] == []


def numbers(text):
    return set(re.findall(r"\d[\d.,]*%?(?<![.,])", text))


def test_each_figure_in_short_stands_on_its_page():
    index = (ROOT / "docs" / "measured.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| .+? \| (.+) \| \[.+\]\((measured/.+)\) \|$", index, re.M)
    assert len(rows) == len(list((ROOT / "docs" / "measured").glob("*.md")))
    for figures, page in rows:
        assert numbers(figures) - numbers((ROOT / "docs" / page).read_text(encoding="utf-8")) == set(), page


def test_each_benchmark_stands_beside_its_figures():
    pages = "".join(page.read_text(encoding="utf-8") for page in (ROOT / "docs" / "measured").glob("*.md"))
    pages += (ROOT / "docs" / "measured.md").read_text(encoding="utf-8")
    scripts = [path for path in (ROOT / "benchmarks").glob("*.py") if "__main__" in path.read_text(encoding="utf-8")]
    named = set(re.findall(r"(?:benchmarks[./]|`)(\w+)\b", pages))
    assert sorted({script.stem for script in scripts} - named) == []


@pytest.mark.parametrize("page", ["docs/ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_each_module_that_a_page_names_is_there(page):
    named = set(
        re.findall(r"`((?:[a-z_]+/)*[a-z_]+\.py|(?:[a-z_]+/)+[a-z_]+)`", (ROOT / page).read_text(encoding="utf-8"))
    )
    bases = (ROOT, ROOT / "src" / "retold", ROOT / "src" / "retold" / "signals")
    assert len(named) > 3
    assert sorted(name for name in named if not any((base / name).exists() for base in bases)) == []


def test_readme_is_a_screen_and_a_half():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 95


def test_each_fault_names_a_test_that_tries_it():
    page = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("|") and not line.startswith(("| ---", "| fault"))]
    assert [row for row in rows if "`test_" not in row] == []
    for file, start in re.findall(r"`(test_\w+)`\s+`(test_\w+)`", page):
        assert f"\ndef {start}" in (ROOT / "tests" / f"{file}.py").read_text(encoding="utf-8"), (file, start)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    assert [link for link in links if link and not (page.parent / link).exists()] == []
