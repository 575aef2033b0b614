"""Evidence of all signals; what is odd on one side of the Atlantic alone is left out.

A language model and a channel learned from news find a word odd where most of that news was of the other side. So a span is
shown only if it is found, too, where each word is replaced by its counterpart of the side on which it is commoner, if it is
no phrase of one side, and if its suggestion is more than the other side's word or spelling for the same thing. Accents are no more
than a spelling, too ("facade", "façade").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from retold.language_model.batch import Batch
from retold.language_model.rescoring import REACH
from retold.signals.atlantic import CommonEnglishBatch, is_atlantic_pair, phrase_tokens
from retold.signals.base import Evidence, EvidenceFinder, FeatureExtractor
from retold.signals.terms.spans import GROUP as TERMS
from retold.text import Article
from retold.text.normalization import without_accents
from retold.text.tokenization import words_of


def find_evidence(
    batch: Batch, signals: Iterable[FeatureExtractor], is_machine: Sequence[bool]
) -> list[list[Evidence]]:
    """The spans that the signals find in each article, signal by signal, those of a signal strongest first.

    Args:
        batch: The articles.
        signals: The signals; those without evidence are passed over.
        is_machine: Whether each article is called machine-made; conditional spans are for those alone.
    """
    finders = [signal for signal in signals if isinstance(signal, EvidenceFinder)]
    found: list[list[Evidence]] = [[] for _ in batch.articles]
    for finder in finders:
        for spans, of_article, shows_all in zip(found, finder.find_evidence(batch), is_machine, strict=True):
            spans += [e for e in of_article if shows_all or not e.conditional]
    kept = [_without_usage(*pair) for pair in zip(batch.articles, found, strict=True)]
    return _confirmed(batch, finders, kept)


def _without_usage(article: Article, spans: list[Evidence]) -> list[Evidence]:
    """Spans that are no phrase of one side, and whose suggestion is not the other side's word or spelling."""
    if not spans:
        return spans
    usage = phrase_tokens(article)
    return [
        e
        for e, tokens in _with_tokens(article, spans)
        if not usage.issuperset(tokens)
        and not (e.suggestion and is_atlantic_pair(_words(e.text), _words(e.suggestion)))
        and not _is_accent(e)
    ]


def _is_accent(e: Evidence) -> bool:
    """True if a word and what is suggested for it differ by accents alone."""
    return e.signal == TERMS and without_accents(e.text.lower()) == without_accents((e.suggestion or "").lower())


def _confirmed(
    batch: Batch, finders: Sequence[EvidenceFinder], found: Sequence[list[Evidence]]
) -> list[list[Evidence]]:
    """Spans that do not depend on which side's words stand near them."""
    kept = [list(spans) for spans in found]
    rows = [row for row, spans in enumerate(found) if spans]
    doubtful = _near_replaced(CommonEnglishBatch([batch.articles[row] for row in rows], batch.model), rows, found)
    common = CommonEnglishBatch([batch.articles[row] for row in doubtful], batch.model)
    again = [finder.find_evidence(common) for finder in finders] if doubtful else []
    for i, (row, spans) in enumerate(doubtful.items()):
        confirmed = {_key(e) for of_finder in again for e in of_finder[i]}
        kept[row] = [e for e in found[row] if e not in spans or _key(e) in confirmed]
    return kept


def _near_replaced(
    common: CommonEnglishBatch, rows: Sequence[int], found: Sequence[list[Evidence]]
) -> dict[int, set[Evidence]]:
    """Row -> its spans within the language model's reach of a word that has a commoner counterpart."""
    near: dict[int, set[Evidence]] = {}
    for article, row, offset in zip(common.articles, rows, common.offsets.tolist(), strict=False):
        is_replaced = common.is_replaced[offset : offset + len(article.tokens)]
        for e, tokens in _with_tokens(article, found[row]):
            if is_replaced[max(tokens.start - REACH, 0) : tokens.stop + REACH].any():
                near.setdefault(row, set()).add(e)
    return near


def _with_tokens(article: Article, spans: Iterable[Evidence]) -> Iterator[tuple[Evidence, range]]:
    """Each span with the tokens that it covers."""
    spans = list(spans)
    starts, ends = article.canonical.starts[article.starts], article.canonical.ends[article.ends - 1]
    # All at once: each search may copy the offsets into another type, which would take quadratic time.
    first = np.searchsorted(ends, [e.start for e in spans], "right").tolist()
    last = np.searchsorted(starts, [e.end for e in spans], "left").tolist()
    for e, start, stop in zip(spans, first, last, strict=True):
        yield e, range(start, stop)


def _key(evidence: Evidence) -> tuple[str, int, int, str | None]:
    return evidence.signal, evidence.start, evidence.end, evidence.suggestion


def _words(text: str) -> list[str]:
    return words_of(text.lower())
