"""The one reader of the curated lists that the package carries, and the lists that several rooms share.

A list is UTF-8 text. Lines that begin with ``#`` are comments; the first of them names source and licence. A ``.txt`` file
holds words separated by white space, a ``.tsv`` file a heading and rows of fields separated by tabs.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

_FOLDER = files("retold") / "data"


def read_words(name: str) -> frozenset[str]:
    """The words of a ``.txt`` list of the package."""
    return frozenset(word for line in _content(_text(_FOLDER / name)) for word in line.split())


def read_table(name: str) -> list[list[str]]:
    """The rows of a ``.tsv`` list of the package; see ``parse_table``."""
    return parse_table(_text(_FOLDER / name))


def read_tables(folder: str) -> Iterator[tuple[str, list[list[str]]]]:
    """(name without ``.tsv``, rows) of every table in a folder of the package's lists, in order of their names."""
    for path in sorted((_FOLDER / folder).iterdir(), key=lambda path: path.name):
        if path.name.endswith(".tsv"):
            yield path.name.removesuffix(".tsv"), parse_table(_text(path))


def parse_table(text: str) -> list[list[str]]:
    """The rows of a table below its heading; short rows are filled up with empty fields."""
    heading, *rows = (line.split("\t") for line in _content(text))
    return [row + [""] * (len(heading) - len(row)) for row in rows]


def _text(path: Traversable) -> str:
    return path.read_text(encoding="utf-8")


def _content(text: str) -> Iterator[str]:
    return (line for line in text.splitlines() if line and not line.startswith("#"))


@cache
def function_words() -> frozenset[str]:
    """Words that carry grammar rather than topic, lower case (function words of stylometry: Mosteller and Wallace 1964)."""
    return read_words("function_words.txt")


@cache
def content_light_verbs() -> frozenset[str]:
    """Those function words among which translators choose: light verbs ("give", "take"), light nouns, adjectives of degree."""
    return read_words("content_light_verbs.txt")


@cache
def closed_class_words() -> frozenset[str]:
    """Function words of which there is no choice: the channel leaves them to other signals."""
    return function_words() - content_light_verbs()
