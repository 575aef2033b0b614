"""Estimate the language model from running news, as it is read: compressed or plain, articles between blank lines."""

from __future__ import annotations

import lzma
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from retold.errors import InputError
from retold.language_model import LanguageModel, Vocabulary
from retold.language_model.kneser_ney import build_vocabulary, estimate
from retold.text import analyse

# Articles handed to a worker at a time: about two seconds of work.
_CHUNK = 500
# Fewer words than this give a model that knows no usage; the shipped one is better for any text.
MIN_NEWS_WORDS = 1_000_000


def estimate_from_news(path: Path, jobs: int, report: Callable[[str], None]) -> LanguageModel:
    """Estimate a model from ``path``; 20 M words take two minutes and 5 GB on two cores.

    Raises:
        InputError: if the file holds too little.
    """
    sentences = list(_sentences(news_articles(path), jobs))
    words = sum(map(len, sentences))
    if words < MIN_NEWS_WORDS:
        raise InputError(f"{path}: too few words for a language model: {words:,} (minimum {MIN_NEWS_WORDS:,})")
    report(f"counting {words:,} words of news")
    vocabulary = build_vocabulary(sentences)
    return estimate(vocabulary, *_stream(vocabulary, sentences))


def news_articles(path: Path) -> list[str]:
    """The articles of a file of running news, compressed with xz or plain, between blank lines."""
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8") as stream:
        return [block for block in stream.read().split("\n\n") if block.strip()]


def _sentences(articles: Sequence[str], jobs: int) -> Iterator[list[str]]:
    chunks = (articles[i : i + _CHUNK] for i in range(0, len(articles), _CHUNK))
    for part in Parallel(n_jobs=jobs, return_as="generator")(delayed(_split)(chunk) for chunk in chunks):
        yield from part


def _split(articles: Sequence[str]) -> list[list[str]]:
    out = []
    for article in map(analyse, articles):
        bounds = article.sentences
        out += [article.lower[i:j] for i, j in pairwise(bounds)]
    return out


def _stream(vocabulary: Vocabulary, sentences: Sequence[list[str]]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The ids of all sentences, each after its start symbol, and the depth of each."""
    start = np.zeros(1, np.int32)
    ids = np.concatenate([part for s in sentences for part in (start, vocabulary.ids(s))])
    lengths = np.array([len(s) + 1 for s in sentences])
    first = np.repeat(np.cumsum(lengths) - lengths, lengths)
    return ids, (np.arange(len(ids)) - first).astype(np.int32)
