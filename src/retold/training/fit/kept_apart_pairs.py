"""Which words that engines exchange does news keep apart? Counted in running news.

Of the pairs that the hand-written lexicon lists with the word that engines favour, one is kept if few articles that use the
intended word twice or more also use the engines' word, once: writers vary "announced" with "said", but not "settlement"
with "colony". Inflected forms count together. One sense per discourse: Gale, Church and Yarowsky (1992).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Set
from functools import cache

from retold.channel.curated_lexicon import default_senses
from retold.text.morphology import Inflector

# At most this share of the articles that use the intended word may use the other one, too; by judgement of the list. Half an
# article is added to those that have both (Krichevsky and Trofimov 1981), so that rare words prove nothing.
_MAX_SHARE, _PRIOR = 0.015, 0.5
_WORD = re.compile(r"[a-z]+")
_HEADING = "observed\tintended"


def kept_apart_pairs(articles: Iterable[str], inflector: Inflector) -> str:
    """Count pairs in articles; return the table ``kept_apart.tsv`` of a model folder.

    Args:
        articles: Running news, in lower case; 20 M words take about a minute.
        inflector: The morphology over the vocabulary of the language model.

    Returns:
        Tab-separated lemmas under a heading: the word that engines favour, and the word that was intended.
    """
    lemmas = {(inflector.analyse(a)[0], inflector.analyse(b)[0]) for a, b in default_senses(inflector)}
    rows = ("\t".join(pair) for pair in sorted(_apart(articles, lemmas, inflector)))
    return "\n".join([_HEADING, *rows]) + "\n"


def _apart(articles: Iterable[str], pairs: Set[tuple[str, str]], inflector: Inflector) -> set[tuple[str, str]]:
    fold = cache(inflector.fold)
    partners: dict[str, set[str]] = defaultdict(set)
    for observed, intended in pairs:
        partners[fold(intended)].add(fold(observed))
    uses, mixed = Counter[str](), Counter[tuple[str, str]]()
    for article in articles:
        counts = Counter(map(fold, _WORD.findall(article)))
        for intended in partners.keys() & {word for word, n in counts.items() if n > 1}:
            uses[intended] += 1
            mixed.update((observed, intended) for observed in partners[intended] if counts[observed] == 1)
    return {
        (observed, intended)
        for observed, intended in pairs
        if (mixed[fold(observed), fold(intended)] + _PRIOR) / (uses[fold(intended)] + 1) <= _MAX_SHARE
    }
