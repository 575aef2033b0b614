"""Running news in which words were exchanged for others: what the network of replaced words learns from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from retold.detector.replaced_words import NEAR, content_words
from retold.language_model import LanguageModel
from retold.language_model.batch import Batch
from retold.text import analyse
from retold.text.morphology import form_of
from retold.training.fit.language_model import news_articles

# Tokens that are exchanged together, and shares of the words of content that are, by stretches of so many tokens: from hardly spun to
# half, so that the words around a word are as spun as it is.
_STRETCH, _SHARES, _SHARE_TOKENS = 200_000, (0.05, 0.15, 0.3, 0.5), 200
# Articles a worker analyses at a time.
_CHUNK = 500


@dataclass(frozen=True)
class News:
    """Running news: vocabulary ids (n,), padding between articles, and which are words of content, bool (n,)."""

    ids: NDArray[np.int32]
    is_content: NDArray[np.bool_]

    def part(self, start: int, end: int) -> News:
        """Its tokens from one place to another."""
        return News(self.ids[start:end], self.is_content[start:end])


def read_news(news: Path, model: LanguageModel, jobs: int) -> News:
    """Read a file of running news, in so many processes, in the ids of a model's vocabulary."""
    articles = news_articles(news)
    chunks = (articles[i : i + _CHUNK] for i in range(0, len(articles), _CHUNK))
    parts = Parallel(n_jobs=jobs)(delayed(_analysed)(chunk, model) for chunk in chunks)
    return News(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def _analysed(articles: Sequence[str], model: LanguageModel) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Ids and words of content of articles, with padding before each."""
    batch = Batch([analyse(text) for text in articles], model)
    starts = np.repeat(batch.offsets[:-1], NEAR)
    return (
        np.insert(batch.ids, starts, len(model.vocabulary)).astype(np.int32),
        np.insert(content_words(batch), starts, False),
    )


class Exchange:
    """Exchanges words of content for others of the same inflection, each as often as it occurs in the news.

    Args:
        news: Says how frequent words are.
        words: The vocabulary.
    """

    def __init__(self, news: News, words: Sequence[str]) -> None:
        frequency = np.bincount(news.ids[news.is_content], minlength=len(words) + 1).astype(float)
        forms = [form_of(word) for word in words]
        kinds = sorted(set(forms))
        self._kind = np.array([kinds.index(form) for form in forms] + [len(kinds)])
        self._members = [np.flatnonzero((self._kind == k) & (frequency > 0)) for k in range(len(kinds))]
        self._shares = [np.cumsum(frequency[m]) / max(frequency[m].sum(), 1.0) for m in self._members]

    def __call__(self, news: News, rng: np.random.Generator) -> tuple[News, NDArray[np.intp], NDArray[np.bool_]]:
        """A copy with words exchanged; the places of its words of content, (m,), and which were exchanged, bool (m,)."""
        places = np.flatnonzero(news.is_content)
        share = rng.choice(_SHARES, size=len(news.ids) // _SHARE_TOKENS + 1)[places // _SHARE_TOKENS]
        chosen = rng.random(len(places)) < share
        ids = news.ids.copy()
        ids[places[chosen]] = self._others(news.ids[places[chosen]], rng)
        return News(ids, news.is_content), places, ids[places] != news.ids[places]

    def _others(self, ids: NDArray[np.int32], rng: np.random.Generator) -> NDArray[np.int32]:
        out, kind = ids.copy(), self._kind[ids]
        for k, (members, shares) in enumerate(zip(self._members, self._shares, strict=True)):
            own = np.flatnonzero(kind == k)
            if len(own) and len(members):
                out[own] = members[np.searchsorted(shares, rng.random(len(own))).clip(max=len(members) - 1)]
        return out


def stretches(news: News, examples: int, rng: np.random.Generator) -> Iterator[News]:
    """Stretches of the news at random places, enough for so many words of content."""
    seen = 0
    while seen < examples:
        start = int(rng.integers(0, max(len(news.ids) - _STRETCH, 1)))
        stretch = news.part(start, start + _STRETCH)
        seen += int(stretch.is_content.sum())
        yield stretch
