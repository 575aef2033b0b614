"""Ways in which a fixed expression breaks, made by rule; counts in English news then decide which of them are kept.

The rules follow what the literature on idioms calls lexical and syntactic fixedness (Fazly, Cook and Stevenson 2009,
"Unsupervised type and token identification of idiomatic expressions"): an idiom resists another word in the place of
its own and another order. A form that English news does use is ordinary, however odd it looks, and is dropped.
Exchanging singular and plural was tried as a rule too: originals do it as often as back-translations, so only listed
forms do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from retold.signals.idioms.lexicon import (
    COMMON,
    GRAMMAR,
    SMALL_WORDS,
    Form,
    expressions,
    is_filler,
    make_form,
    running_words,
)
from retold.text import Article
from retold.text.morphology import stem
from retold.text.phrase_matcher import ANY, OWNER, SLOT, PhraseIndex

# An expression seen less often in the counted text is too rare to say what else may stand in its place.
MIN_INTACT = 4
# A broken form may occur in the counted text this often, and once for so many times that the expression stands whole.
MAX_BROKEN = 2
MIN_INTACT_PER_BROKEN = 100
# What an open place will hold next is new with the probability that a filler seen once has (Good 1953, "The population
# frequencies of species"), so an expression must stand whole so many times for each filler of its frame seen once.
MIN_INTACT_PER_SINGLE = {"content": 30, "function": 40}
_ARTICLES = ("a", "an", "the")
_PREPOSITIONS = frozenset("in on at of to for with by from into onto over under behind".split())


_HEADING = "expression\trule\tform\tordinary"


def idiom_forms(articles: Iterable[Article]) -> str:
    """Make every broken form by rule and keep those that English avoids: the table ``idiom_forms.tsv`` of a model folder.

    Args:
        articles: Running news; 20 M words take about five minutes on one core.

    Returns:
        Tab-separated text with a heading: the expression, the rule that breaks it, the form, and the stems that English does
        put into its open place.
    """
    made = [
        (i, rule, form)
        for i, expression in enumerate(expressions())
        for rule, form in dict.fromkeys(broken_forms(expression.elements, expression.kind))
    ]
    forms = [make_form(*row) for row in made]
    counts = count(articles, forms)
    rows = [
        "\t".join([expressions()[i].text, rule, form, " ".join(sorted(counts.fillers.get(n, {})))])
        for n, (i, rule, form) in enumerate(made)
        if is_kept(counts, n, forms[n])
    ]
    return "\n".join([_HEADING, *rows]) + "\n"


def broken_forms(elements: Sequence[str], kind: str) -> Iterator[tuple[str, str]]:
    """Yield (rule, form) for every way in which the rules break an expression."""
    content = [i for i, element in enumerate(elements) if _is_content(element)]
    for i, element in enumerate(elements):
        if element in (SLOT, OWNER) or not element[-1].isalpha():
            continue
        yield from _with_content_broken(elements, i) if i in content else _with_grammar_broken(elements, i, content)
    yield from (("order", form) for form in _reordered(elements, kind))


def _is_content(element: str) -> bool:
    return element not in (SLOT, OWNER, ",") and element.removeprefix("~") not in GRAMMAR


def _with_content_broken(elements: Sequence[str], i: int) -> Iterator[tuple[str, str]]:
    """Another word in its place, where others remain."""
    remaining = sum(_is_content(e) for e in elements) - 1
    beside_slot = SLOT in elements[max(i - 1, 0) : i + 2]  # no telling where the slot ends
    if len(elements) >= 3 and remaining and not beside_slot:
        yield "content", _joined(elements, i, ANY)


def _with_grammar_broken(elements: Sequence[str], i: int, content: Sequence[int]) -> Iterator[tuple[str, str]]:
    """Another small word in its place; an article lost, or put before a noun that has none."""
    if content and i and len(elements) >= 3:
        if elements[i] in SMALL_WORDS and i + 1 < len(elements):  # at the end another word may begin another phrase
            yield "function", _joined(elements, i, ANY)
        if elements[i] in _ARTICLES:
            yield "article", _joined(elements, i)
    if elements[i] in _PREPOSITIONS and i + 1 in content:
        yield "article", _joined(elements, i, elements[i], "the")


def _joined(elements: Sequence[str], i: int, *replacement: str) -> str:
    return " ".join([*elements[:i], *replacement, *elements[i + 1 :]])


def _reordered(elements: Sequence[str], kind: str) -> Iterator[str]:
    """A pair the wrong way round; a compound taken apart with *of*, as Romance languages do."""
    if len(elements) == 3 and elements[1] in ("and", "or"):
        yield " ".join(elements[::-1])
    if kind == "compound" and len(elements) == 2:
        modifier, head = (element.removeprefix("~") for element in elements)
        yield from (f"~{head} {link} ~{modifier}" for link in ("of", "of the", "of a", "for"))


@dataclass
class Counts:
    """How often whole expressions and forms occur, by position, and the stems in a form's open place."""

    intact: Counter[int] = field(default_factory=Counter)
    forms: Counter[int] = field(default_factory=Counter)
    fillers: dict[int, Counter[str]] = field(default_factory=dict)


def count(articles: Iterable[Article], forms: Sequence[Form]) -> Counts:
    """Count the expressions and some forms of them in articles."""
    counts, whole = Counts(), len(expressions())
    index = PhraseIndex([*(e.elements for e in expressions()), *(f.elements for f in forms)], COMMON)
    for article in articles:
        words, places = running_words(article)
        for match in index.find(words):
            if match.phrase < whole:
                counts.intact[match.phrase] += 1
                continue
            form = forms[match.phrase - whole]
            token = article.tokens[places[match.spans[form.open_place][0]]] if form.open_place >= 0 else ""
            if not token or is_filler(token, form):
                _add(counts, match.phrase - whole, stem(token) if token else "")
    return counts


def _add(counts: Counts, form: int, filler: str) -> None:
    counts.forms[form] += 1
    if filler:
        counts.fillers.setdefault(form, Counter())[filler] += 1


def is_kept(counts: Counts, number: int, form: Form) -> bool:
    """True if counts show that English keeps the expression and avoids the form."""
    intact, seen = counts.intact[form.expression], counts.forms[number]
    if form.open_place >= 0:
        singles = sum(n == 1 for n in counts.fillers.get(number, Counter()).values())
        return intact >= max(MIN_INTACT, MIN_INTACT_PER_SINGLE[form.rule] * singles)
    avoided = seen <= MAX_BROKEN and intact >= MIN_INTACT_PER_BROKEN * seen
    return avoided and (form.rule == "listed" or intact >= MIN_INTACT)
