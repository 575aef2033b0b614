"""A corpus in the form of the real one, made of the project's own articles: for benchmarks and training in tests."""

import json
import lzma
import random
from pathlib import Path

ARTICLES = Path(__file__).parent / "data" / "articles.jsonl"
ROWS = [json.loads(line) for line in ARTICLES.read_text(encoding="utf-8").splitlines()]
_FILE_OF = {"original": "originals", "back-translated": "backtranslated", "edited": "edited"}
# Fields that every document of the corpus has, for the articles' kinds.
_FIELDS = {
    "original": {"source": "harbour-daily", "domain": "news"},
    "back-translated": {"source": "harbour-daily", "domain": "news", "engine": "bergamot-tiny", "forward": "mt"},
    "edited": {"source": "harbour-daily", "domain": "news", "edit_distance": 0.1},
}


def running_news(copies):
    """The originals' sentences over and over in other orders, as articles between blank lines."""
    shuffled = random.Random(1)  # noqa: S311  # an order, no secret
    sentences = [s + "." for row in ROWS if row["label"] == "original" for s in row["text"].split(". ")]
    articles = []
    for _ in range(copies):
        shuffled.shuffle(sentences)
        articles += [" ".join(sentences[i : i + 20]) for i in range(0, len(sentences), 20)]
    return "\n\n".join(articles)


def write_corpus(folder, copies=20):
    """Write the files of a corpus into a folder: labelled documents and running news."""
    files = {name: [] for name in ("originals", "backtranslated", "edited", "translated", "controls")}
    for number, row in enumerate(ROWS):
        engine = {"engine": ("bergamot-tiny", "opus-mt-tiny")[number % 2]} if row["label"] == "back-translated" else {}
        files[_FILE_OF[row["label"]]].append(row | _FIELDS[row["label"]] | engine)
    # Originals of another outlet, without round trips: the second halves of some articles.
    for row in files["originals"][:8]:
        half = {"id": f"{row['id']}.half", "group": f"{row['group']}.half", "source": "inland-times"}
        files["originals"].append(row | half | {"text": row["text"][len(row["text"]) // 2 :]})
    # Stand-ins: the real files hold texts whose originals are foreign.
    trip, edit = files["backtranslated"][0], files["edited"][0]
    files["translated"] = [trip | {"id": "mt", "group": "mt", "label": "machine-translated", "kind": "mt"}]
    files["controls"] = [edit | {"id": "ht", "group": "ht", "label": None, "kind": "human_translation"}]
    for name, rows in files.items():
        with lzma.open(folder / f"{name}.jsonl.xz", "wt", encoding="utf-8") as lines:
            lines.writelines(json.dumps(row) + "\n" for row in rows)
    with lzma.open(folder / "news.txt.xz", "wt", encoding="utf-8") as news:
        news.write(running_news(copies))
    return folder
