"""Learn which phrases machines put for which, and in which context, from aligned pairs."""

from __future__ import annotations

import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from retold.alignment.bitext import changes, sentence_pairs
from retold.alignment.words import anchor
from retold.channel.phrase_scoring import COLUMNS, CONTEXT_SCALE, PhraseMatch, PhraseScorer, strongest
from retold.channel.phrase_table import CONTEXT_BITS, PhraseTable
from retold.language_model import LanguageModel
from retold.language_model.batch import Batch
from retold.text import Article
from retold.text.morphology import Inflector
from retold.text.spelling import spelling_key
from retold.training.fit.lexical_table import AlignedPair, names_of

# Gaps of more words say less and less of which word stood for which.
_MAX_GAP = 3
# A pair counts if three originals show it, and if one use of the phrase observed in a hundred does.
_MIN_GROUPS, _MIN_SHARE, _MAX_CANDIDATES = 3, 0.01, 10
# Round trips that the weights are fitted to, at most, from each half of the groups: half a minute of work.
_MAX_FITTED = 3000
# Articles of fewer words are passages; they count half, since their topics are those of one encyclopaedia.
_ARTICLE_WORDS, _PASSAGE_WEIGHT = 150, 0.5
# Ridge of the fit and its steps; chosen among a few on held-out groups.
_C, _ITERATIONS = 0.5, 100
# Spans shown per 1,000 words of machine text: twice what a reader should find at least.
_SHOWN_PER_1000 = 4.0
_BATCH = 64
# Fewer gaps than this are no ground for a table.
_MIN_GAPS = 2000

Phrase = tuple[str, ...]
Gap = tuple[int, Phrase, Phrase]


def fit_phrase_table(
    examples: Sequence[AlignedPair], model: LanguageModel, gaps: Sequence[list[Gap]] | None = None
) -> PhraseTable | None:
    """Learn table and weights, about three minutes for 33,000 pairs; None if the pairs are too few to tell.

    Args:
        examples: The pairs.
        model: The language model.
        gaps: Those of each pair, if they were found before.
    """
    gaps = [list(gaps_of(example)) for example in examples] if gaps is None else gaps
    half = np.array([crc32(example.group.encode()) % 2 for example in examples])
    if (
        min((sum(len(g) for g, h in zip(gaps, half, strict=True) if h == side) for side in (0, 1)), default=0)
        < _MIN_GAPS
    ):
        return None
    tables = [_table(examples, gaps, model, half != side) for side in (0, 1)]
    # Weights are fitted where the table has not counted, or they would trust it too much.
    parts = [_described(examples, gaps, model, tables[side], np.flatnonzero(half == side)) for side in (0, 1)]
    return _fitted(_table(examples, gaps, model, np.ones(len(half), dtype=bool)), parts)


def gaps_of(example: AlignedPair) -> Iterator[Gap]:
    """Short gaps between words that came back unchanged: first token observed, words observed, words intended.

    A gap with nothing on the original's side is given with the words around it, so that it can be repaired.
    """
    intended, observed = example.intended, example.observed
    for i, k, j, m in sentence_pairs(intended, observed):
        a, b = intended.lower[i:k], observed.lower[j:m]
        matched = anchor(a, b)[0].tolist()
        used = set(matched)
        for first, last in _runs(matched):
            before = matched[first - 1] if first else -1
            after = matched[last] if last < len(b) else len(a)
            inside = range(before + 1, after)
            if last - first <= _MAX_GAP and after > before and len(inside) <= _MAX_GAP and used.isdisjoint(inside):
                yield from _gap(j, first, last, b, tuple(a[x] for x in inside))


def _runs(matched: list[int]) -> Iterator[tuple[int, int]]:
    """Stretches of words without a match."""
    first = -1
    for place, origin in enumerate([*matched, 0]):
        if origin < 0 and first < 0:
            first = place
        elif origin >= 0 and first >= 0:
            yield first, place
            first = -1


def _gap(offset: int, first: int, last: int, words: list[str], intended: Phrase) -> Iterator[Gap]:
    if not intended:
        if first == 0 or last == len(words) or last - first >= _MAX_GAP:
            return
        first, last = first - 1, last + 1
        intended = (words[first], words[last - 1])
    observed = tuple(words[first:last])
    if all(word.isalpha() for word in (*observed, *intended)):
        yield offset + first, observed, intended


def _table(
    examples: Sequence[AlignedPair], gaps: Sequence[list[Gap]], model: LanguageModel, use: NDArray[np.bool_]
) -> PhraseTable:
    """Pairs that enough originals show, with the share of the uses of the phrase observed that they explain; no weights."""
    count: Counter[tuple[Phrase, Phrase]] = Counter()
    groups: dict[tuple[Phrase, Phrase], set[str]] = defaultdict(set)
    for e in np.flatnonzero(use).tolist():
        for _, observed, intended in gaps[e]:
            count[observed, intended] += 1
            groups[observed, intended].add(examples[e].group)
    vocabulary, names = model.vocabulary.index, names_of([examples[e] for e in np.flatnonzero(use).tolist()])
    inflector = Inflector(vocabulary)
    kept = sorted(
        pair
        for pair, of in groups.items()
        if len(of) >= _MIN_GROUPS
        and all(word in vocabulary and word not in names for phrase in pair for word in phrase)
        and not is_same(*pair, inflector)
    )
    uses = _uses(examples, model, sorted({observed for observed, _ in kept}), use)
    ranked = sorted(kept, key=lambda pair: (pair[0], -count[pair], pair[1]))
    rank = {pair: i for i, pair in enumerate(ranked)}
    start = {observed: min(rank[p] for p in group) for observed, group in _by_seen(ranked).items()}
    rows = [
        pair
        for pair in ranked
        if count[pair] >= _MIN_SHARE * uses[pair[0]] and rank[pair] - start[pair[0]] < _MAX_CANDIDATES
    ]
    share = [count[pair] / max(uses[pair[0]], count[pair]) for pair in rows]
    return _untrained(rows, share, [count[pair] for pair in rows])


def _by_seen(pairs: Sequence[tuple[Phrase, Phrase]]) -> dict[Phrase, list[tuple[Phrase, Phrase]]]:
    found: dict[Phrase, list[tuple[Phrase, Phrase]]] = defaultdict(list)
    for pair in pairs:
        found[pair[0]].append(pair)
    return found


def _untrained(rows: Sequence[tuple[Phrase, Phrase]], share: Sequence[float], count: Sequence[int]) -> PhraseTable:
    n = len(COLUMNS)
    return PhraseTable(
        tuple((" ".join(observed), " ".join(intended)) for observed, intended in rows),
        np.array(share, dtype=np.float32),
        np.array(count, dtype=np.float32),
        np.zeros(n + 1),
        np.stack([np.zeros(n), np.ones(n)]),
        np.zeros(1 << CONTEXT_BITS, dtype=np.float16),
        np.array([0.0, 1.0, 0.0]),
    )


def _uses(
    examples: Sequence[AlignedPair], model: LanguageModel, phrases: Sequence[Phrase], use: NDArray[np.bool_]
) -> dict[Phrase, int]:
    """How often each phrase stands in the round trips."""
    table = PhraseScorer(
        _untrained([(phrase, phrase) for phrase in phrases], [0.5] * len(phrases), [1] * len(phrases)), model
    )
    total = np.zeros(len(phrases), dtype=np.int64)
    for rows in _batches(np.flatnonzero(use)):
        found = table.find(Batch([examples[e].observed for e in rows], model))
        total += np.bincount(found.row, minlength=len(phrases))
    return dict(zip(phrases, total.tolist(), strict=True))


def _batches(rows: NDArray[np.intp]) -> Iterator[list[int]]:
    for first in range(0, len(rows), _BATCH):
        yield rows[first : first + _BATCH].tolist()


def is_same(observed: Phrase, intended: Phrase, inflector: Inflector) -> bool:
    """True for phrases that differ in inflection, in the order of words or in a spelling of one side of the Atlantic."""
    keys = [
        (sorted(map(spelling_key, phrase)), sorted(map(inflector.fold, phrase)), "".join(phrase))
        for phrase in (observed, intended)
    ]
    return any(a == b for a, b in zip(*keys, strict=True))


@dataclass(frozen=True)
class Described:
    """Candidates of many articles with the truth about them; arrays of one length but for ``words``.

    Attributes:
        columns: float64 (n, len(COLUMNS)).
        contexts: int64 (n, 6).
        exact: bool (n,): the original has exactly this there.
        changed: bool (n,): the original does not have the phrase observed.
        weight: float64 (n,): versions of one original share what they count.
        found: Places, counted on from article to article, and rows.
        length: int64 (n_rows,): words of the phrase observed, for each row of the table.
        words: Words of all the articles.
    """

    columns: NDArray[np.float64]
    contexts: NDArray[np.int64]
    exact: NDArray[np.bool_]
    changed: NDArray[np.bool_]
    weight: NDArray[np.float64]
    found: PhraseMatch
    length: NDArray[np.int64]
    words: int


def _described(
    examples: Sequence[AlignedPair],
    gaps: Sequence[list[Gap]],
    model: LanguageModel,
    table: PhraseTable,
    rows: NDArray[np.intp],
) -> Described:
    """Describe a sample of round trips under a table that has not counted them."""
    long = np.array([examples[e].observed.n_words >= _ARTICLE_WORDS for e in rows], dtype=bool)
    rng = np.random.default_rng(len(rows))
    chosen = np.sort(np.concatenate([rng.permutation(part)[: _MAX_FITTED // 2] for part in (rows[long], rows[~long])]))
    versions = Counter(examples[e].group for e in chosen)
    reader, inflector = PhraseScorer(table, model), Inflector(model.vocabulary.index)
    parts: list[tuple[NDArray, ...]] = []
    offset = words = 0
    for chunk in _batches(chosen):
        batch = Batch([examples[e].observed for e in chunk], model)
        found = reader.find(batch)
        owner = batch.article_of(found.place)
        share = np.array([versions[examples[e].group] ** -0.5 for e in chunk])
        share *= [1.0 if examples[e].observed.n_words >= _ARTICLE_WORDS else _PASSAGE_WEIGHT for e in chunk]
        truths = [EditTruth.of(examples[e].intended, examples[e].observed, gaps[e], inflector) for e in chunk]
        judged = np.array(
            [
                truths[a].judge(p, *table.pairs[r])
                for a, p, r in zip(owner, found.place - batch.offsets[owner], found.row, strict=True)
            ]
        ).reshape(-1, 3)
        aligned = judged[:, 2]
        columns = (reader.describe(batch, found), reader.contexts(batch, found), *judged.T[:2], share[owner])
        parts.append(tuple(x[aligned] for x in (*columns, found.place + offset, found.row)))
        offset, words = offset + len(batch.ids), words + sum(article.n_words for article in batch.articles)
    columns_, contexts, exact, changed, weight, place, row = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Described(columns_, contexts, exact, changed, weight, PhraseMatch(place, row), reader.length, words)


@dataclass(frozen=True)
class EditTruth:
    """What a reader with the original at hand says of one round trip; see ``retold.alignment.bitext.changes``."""

    changed: NDArray[np.int8]
    instead: dict[int, list[str]]
    gaps: frozenset[Gap]

    @classmethod
    def of(cls, intended: Article, observed: Article, gaps: Sequence[Gap], inflector: Inflector) -> EditTruth:
        """Align one pair."""
        return cls(*changes(intended, observed, inflector), frozenset(gaps))

    def judge(self, place: int, observed: str, intended: str) -> tuple[bool, bool, bool]:
        """Whether the original has exactly ``intended`` there, does not have ``observed``, and whether it was aligned at all."""
        words, other = tuple(observed.split()), tuple(intended.split())
        span = range(int(place), int(place) + len(words))
        verdicts = [int(self.changed[x]) for x in span]
        if min(verdicts) < 0:
            return False, False, False
        new = [word for word in other if word not in words]
        near = {word for x in span for word in self.instead.get(x, ())}
        reworded = bool(new) and 1 in verdicts and near.issuperset(new)
        return reworded or (int(place), words, other) in self.gaps, 1 in verdicts, True


def _fitted(table: PhraseTable, parts: Sequence[Described]) -> PhraseTable | None:
    """The table with weights; None if every candidate was right, or none."""
    columns, weight, exact = (
        np.concatenate([getattr(p, name) for p in parts]) for name in ("columns", "weight", "exact")
    )
    if len(np.unique(exact)) < 2:
        return None
    mean, spread = columns.mean(0), columns.std(0) + 1e-9
    design = [hstack([csr_matrix((p.columns - mean) / spread), _one_hot(p.contexts)], format="csr") for p in parts]
    model = LogisticRegression(C=_C, max_iter=_ITERATIONS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the weights of rare contexts move on, the figures do not
        model.fit(vstack(design, format="csr"), exact, sample_weight=weight / weight.mean())
    coef = model.coef_[0]
    n = len(COLUMNS)
    odds = [d @ coef + model.intercept_[0] for d in design]
    return replace(
        table,
        weights=np.append(coef[:n], model.intercept_[0]),
        standard=np.stack([mean, spread]),
        context=coef[n:].astype(np.float16),
        settings=_settings(parts, odds),
    )


def _one_hot(contexts: NDArray[np.int64]) -> csr_matrix:
    """float64 CSR (n, 2**CONTEXT_BITS): ``CONTEXT_SCALE`` in the columns of each row's contexts."""
    n, kinds = contexts.shape
    data = np.full(n * kinds, CONTEXT_SCALE)
    return csr_matrix((data, contexts.ravel(), np.arange(0, n * kinds + 1, kinds)), shape=(n, 1 << CONTEXT_BITS))


def _settings(parts: Sequence[Described], odds: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Threshold by the rate of spans shown, and the chance that what is shown was not the original's."""
    kept = [strongest(p.found, p.length, o, -np.inf) for p, o in zip(parts, odds, strict=True)]
    score = np.concatenate([o[k] for o, k in zip(odds, kept, strict=True)])
    changed = np.concatenate([p.changed[k] for p, k in zip(parts, kept, strict=True)])
    order = np.argsort(-score, kind="stable")
    wanted = min(int(_SHOWN_PER_1000 * sum(p.words for p in parts) / 1000), len(order)) or 1
    shown = order[: 2 * wanted]
    floor = score[order[wanted - 1]]
    if changed[shown].all() or not changed[shown].any():
        share = (changed[shown].sum() + 1) / (len(shown) + 2)
        return np.array([floor, 0.0, np.log(share / (1 - share))])
    fit = LogisticRegression(C=1e3).fit(score[shown, None], changed[shown])
    return np.array([floor, fit.coef_[0, 0], fit.intercept_[0]])
