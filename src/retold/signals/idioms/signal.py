"""Fixed expressions, whole and broken.

Hypothesis: an expression that means more than its words survives in English hands and breaks in a translation channel,
which renders its words: "pour cold water on" comes back as "put cold water on", "seat at the table" as "seat on the
table", "wish list" as "list of wishes". Idioms are fixed in their words and in their order (Fazly, Cook and Stevenson
2009, "Unsupervised type and token identification of idiomatic expressions"), and machine translation is known to render
them word by word (Fadaee, Bisazza and Monz 2018, "Examining the tip of the iceberg: a data set for idiom translation").
So a near miss is evidence for the machine, and a high density of whole expressions is evidence against it.

Broken forms are of two kinds: those listed by hand in ``idioms.tsv`` and those made by rule in ``idiom_forms.tsv``,
kept only if counts in English news show that English avoids them. What is found must also convince the language model.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from retold.language_model.batch import Batch
from retold.signals.base import Evidence, FeatureDescription, HandcraftedSignal, ModelParts
from retold.signals.idioms.judgement import BrokenExpression, find_broken
from retold.signals.idioms.lexicon import (
    FORMS_FILE,
    KINDS,
    RULES,
    Form,
    expressions,
    listed_forms,
    parse_forms,
)
from retold.signals.idioms.matching import ExpressionMatcher
from retold.text import Article

_REASONS = {
    "listed": "a broken form of the fixed expression",
    "content": "one word of a fixed expression replaced",
    "function": "a small word of a fixed expression changed",
    "order": "the words of a fixed expression taken apart or reordered",
    "article": "an article lost or added in a fixed expression",
}
# Rules whose forms are shown with the whole expression, and without a machine verdict, too.
_REPAIRED = ("listed", "order")
_INTACT, _BROKEN = (FeatureDescription(f"{state} fixed expressions") for state in ("whole", "broken"))


class Idioms(HandcraftedSignal):
    """Whole and broken fixed expressions; see the module.

    Args:
        forms: Broken forms to look for beside those listed by hand; see ``parse_forms``.
    """

    name = group = "idioms"
    title = "fixed expressions"
    descriptions: ClassVar = {
        **{f"idioms_intact_{kind}": _INTACT for kind in KINDS},
        **{f"idioms_broken_{rule}": _BROKEN for rule in RULES},
        "idioms_broken": _BROKEN,
        "idioms_broken_score": _BROKEN,
        "idioms_broken_share": FeatureDescription(_BROKEN.aspect, "broken expressions"),
    }
    tables = (FORMS_FILE,)

    def __init__(self, forms: Sequence[Form] = ()) -> None:
        self._forms = (*listed_forms(), *forms)

    @classmethod
    def from_parts(cls, parts: ModelParts) -> Self:
        """See ``HandcraftedSignal``."""
        return cls(parse_forms(parts.table(FORMS_FILE)))

    @cached_property
    def _matcher(self) -> ExpressionMatcher:
        return ExpressionMatcher(self._forms)

    def extract(self, batch: Batch) -> NDArray[np.float64]:
        """float64 array (n_articles, 14): expressions per 1,000 words by kind, broken ones by rule, and their sums.

        The last column is the share of broken ones among all, with one imagined whole one to steady short texts.
        """
        rows = [_row(*of_article) for of_article in zip(batch.articles, *self._analyse(batch), strict=True)]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(self.feature_names))

    def find_evidence(self, batch: Batch) -> list[list[Evidence]]:
        """Broken expressions of each article, those with the highest score first; the reason names the whole one.

        The whole one is suggested for forms listed by hand and for reordered ones. Where one word differs or an article, none of 20
        suggestions was right on round trips, though nearly all stood on changed words, and a literal phrase may differ from an
        expression by chance ("point the device at"): these are shown beside a machine verdict alone, without one. Words with a
        capital belong to a name ("Union for trade", "in the Horizon") and are not shown.
        """
        _, broken = self._analyse(batch)
        return [
            [
                _span(article, e)
                for e in sorted(found, key=lambda e: -e.score)
                if not batch.is_name[offset + e.restoration.first : offset + e.restoration.last + 1].any()
            ]
            for article, found, offset in zip(batch.articles, broken, batch.offsets.tolist(), strict=False)
        ]

    def _analyse(self, batch: Batch) -> tuple[list[NDArray[np.int64]], list[list[BrokenExpression]]]:
        """Whole expressions of each article by kind, and its broken ones; computed once."""
        return batch.shared(self, lambda: self._analysis(batch))

    def _analysis(self, batch: Batch) -> tuple[list[NDArray[np.int64]], list[list[BrokenExpression]]]:
        matched = self._matcher.match(batch.articles)
        return [counts for counts, _ in matched], find_broken(batch, [restorations for _, restorations in matched])


def _span(article: Article, expression: BrokenExpression) -> Evidence:
    restoration, is_plain = expression.restoration, expression.restoration.form.rule in _REPAIRED
    start, end = article.raw_span(restoration.first, restoration.last)
    text, whole = article.raw[start:end], " ".join(restoration.words)
    suggestion = whole[:1].upper() + whole[1:] if text[:1].isupper() else whole
    reason = f"{_REASONS[restoration.form.rule]}: {expressions()[restoration.form.expression].text}"
    shown = suggestion if is_plain else None
    return Evidence(start, end, text, "idioms", shown, None, expression.score, reason, conditional=not is_plain)


def _row(article: Article, intact: NDArray[np.int64], broken: Sequence[BrokenExpression]) -> list[float]:
    per_thousand = 1000 / max(article.n_words, 1)
    rules = [expression.restoration.form.rule for expression in broken]
    return [
        *(float(count) * per_thousand for count in intact),
        *(rules.count(rule) * per_thousand for rule in RULES),
        len(broken) * per_thousand,
        sum(expression.score for expression in broken) * per_thousand,
        len(broken) / (len(broken) + int(intact.sum()) + 1),
    ]
