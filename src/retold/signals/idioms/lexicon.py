"""The expressions that ``idioms`` looks for, and the forms in which they break.

Expressions and some broken forms are listed by hand in ``idioms.tsv``; the other forms are made by rule, counted in English
news (``retold.training.fit.idiom_variants``) and kept in the model folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from retold.errors import ModelError
from retold.signals.fitted_tables import parse_fitted_table
from retold.text import Article
from retold.text.morphology import form_of, inflect, stem
from retold.text.phrase_matcher import ANY, OPEN, OWNER, SLOT, Match, parse
from retold.text.word_lists import read_table

FORMS_FILE = "idiom_forms.tsv"
FORMS_COLUMNS = ("expression", "rule", "form", "ordinary")
KINDS = ("binomial", "collocation", "compound", "discourse", "phrasal_verb", "verb_idiom")
RULES = ("listed", "content", "function", "order", "article")
# Small words that translation exchanges; pronouns, auxiliaries and conjunctions are what writers vary on purpose.
SMALL_WORDS = frozenset(
    "a an the about above across after against along among around at before behind below beneath beside between beyond "
    "by down during for from in inside into near of off on onto out outside over past through to toward towards under "
    "until up upon with within without".split()
)
# Ranks stand in any frame that holds one of them: "for the eighth time" is no broken "for the first time".
_RANKS = frozenset(
    "first second third fourth fifth sixth seventh eighth ninth tenth last next best worst only very".split()
)
# Words in -est of so many letters are no superlatives: "test", "guest".
_LONGEST_WORD_IN_EST = 5
# Words of grammar: one of these in the place of another is a broken frame, never a replaced content word.
GRAMMAR = frozenset(
    "a an the this that these those my your his her its our their one's and or but nor if as than so not no "
    "about above across after against along amid among around at before behind below beneath beside besides between "
    "beyond by despite down during for from in inside into like near of off on onto out outside over past per since "
    "through throughout till to toward towards under until up upon via with within without "
    "i me we us you he him she it they them who whom which what all any some both each every "
    "is are was were be been being am has have had do does did will would can could may might shall should must".split()
)

# Words in every article, under which no phrase is looked for if it has another.
COMMON = GRAMMAR | frozenset(
    "make take come get go give put keep set hold call bring turn say see look know work run back state president "
    "house time times way day year years first last one two new more most other people part place end while".split()
)


@dataclass(frozen=True, slots=True)
class Expression:
    """A fixed expression, its kind (one of ``KINDS``) and its elements, inflected words marked."""

    text: str
    kind: str
    elements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """A form in which an expression breaks.

    Attributes:
        expression: Position of the expression in ``expressions()``.
        rule: One of ``RULES``.
        elements: What to look for.
        open_place: Position of ``*`` among the elements, -1 if the form has none.
        ordinary: Stems that English does put there, the expression's own word among them.
    """

    expression: int
    rule: str
    elements: tuple[str, ...]
    open_place: int = -1
    ordinary: frozenset[str] = frozenset()


_NEVER_INFLECTED = GRAMMAR | {SLOT, OWNER}


def flexible(elements: Sequence[str], kind: str) -> tuple[str, ...]:
    """Mark with ``~`` the one word that inflects: the verb that opens a phrase, the head noun of a compound."""
    place = 0
    if kind == "compound" and len(elements) > 1 and elements[1] not in GRAMMAR:
        place = len(elements) - 1
    inflects = kind not in ("binomial", "discourse") and elements[place] not in _NEVER_INFLECTED
    return tuple("~" + e if inflects and i == place else e for i, e in enumerate(elements))


@cache
def expressions() -> tuple[Expression, ...]:
    """All expressions, in the order of ``idioms.tsv``."""
    return tuple(Expression(text, kind, flexible(parse(text), kind)) for text, kind, _ in read_table("idioms.tsv"))


@cache
def listed_forms() -> tuple[Form, ...]:
    """The broken forms listed by hand."""
    rows = enumerate(read_table("idioms.tsv"))
    return tuple(
        Form(i, "listed", flexible(parse(form), kind)) for i, (_, kind, broken) in rows for form in _listed(broken)
    )


def _listed(broken: str) -> list[str]:
    return [form.strip() for form in broken.split("|") if form.strip()]


def parse_forms(text: str) -> tuple[Form, ...]:
    """The broken forms made by rule and kept by count, from the text of ``FORMS_FILE``.

    A heading, then a line a form of four tab-separated columns: ``expression``, as in ``idioms.tsv``; ``rule``, one of
    ``RULES``; ``form``, what to look for; ``ordinary``, the stems that English puts in the open place of the form, separated
    by spaces. Lines that begin with ``#`` are comments; forms of expressions that ``idioms.tsv`` has no longer are left out.

    Raises:
        ModelError: if the text is no such table.
    """
    position = {expression.text: i for i, expression in enumerate(expressions())}
    rows = [row for row in parse_fitted_table(text, FORMS_FILE, FORMS_COLUMNS) if row[0] in position]
    forms = []
    for text, rule, form, ordinary in rows:
        elements = tuple(parse(form))
        if rule not in RULES or not _is_form_of(elements, expressions()[position[text]]):
            raise ModelError(f"{FORMS_FILE}: {form[:80]!r} is no form of {text!r} by a known rule; get the model anew")
        forms.append(_form(position[text], rule, elements, frozenset(ordinary.split())))
    return tuple(forms)


def _is_form_of(elements: Sequence[str], expression: Expression) -> bool:
    """True for elements that hold words, and an open place, if any, where the expression has a word."""
    place = elements.index(ANY) if ANY in elements else -1
    return "~" not in elements and not OPEN.issuperset(elements) and place < len(expression.elements)


def make_form(expression: int, rule: str, form: str, ordinary: frozenset[str] = frozenset()) -> Form:
    """Build a form from its text; the word of the expression that ``*`` stands for is ordinary there."""
    return _form(expression, rule, tuple(parse(form)), ordinary)


def _form(expression: int, rule: str, elements: tuple[str, ...], ordinary: frozenset[str]) -> Form:
    place = elements.index(ANY) if ANY in elements else -1
    own = expressions()[expression].elements[place].removeprefix("~") if place >= 0 else ""
    return Form(expression, rule, elements, place, ordinary | {stem(own)} if own else ordinary)


def is_filler(word: str, form: Form) -> bool:
    """True if a word, in its own case, may have displaced the expression's own in the open place of a form."""
    if stem(word) in form.ordinary or not word.islower():
        return False
    return word in SMALL_WORDS if form.rule == "function" else word not in GRAMMAR and not is_rank(word)


def is_rank(word: str) -> bool:
    """True for ordinals, superlatives and their like, lower case: they stand in each other's frames."""
    return word in _RANKS or (word.endswith("est") and len(word) > _LONGEST_WORD_IN_EST)


def running_words(article: Article) -> tuple[list[str], list[int]]:
    """The lower-case tokens without hyphens inside words, and the index of each among the article's tokens."""
    if "-" not in article.lower:
        return article.lower, list(range(len(article.lower)))
    starts, ends, lower = article.starts.tolist(), article.ends.tolist(), article.lower
    last = len(lower) - 1
    places = [
        i
        for i, word in enumerate(lower)
        if word != "-" or i in (0, last) or ends[i - 1] != starts[i] or ends[i] != starts[i + 1]
    ]
    return [lower[i] for i in places], places


def restored(form: Form, match: Match, words: Sequence[str]) -> list[str]:
    """The words that probably stood there: the expression with the slots and the inflection of what was found."""
    elements = expressions()[form.expression].elements
    filled = [list(words[a:b]) for e, (a, b) in zip(form.elements, match.spans, strict=True) if e in (SLOT, OWNER)]
    found = [words[a] for e, (a, _) in zip(form.elements, match.spans, strict=True) if e[0] == "~" or e == ANY]
    out: list[str] = []
    for element in elements:
        if element in (SLOT, OWNER):
            out += filled.pop(0) if filled else ["their"] if element == OWNER else []
        elif element[0] == "~":
            out.append(_in_form(element[1:], found))
        else:
            out.append(element)
    return out


def _in_form(word: str, found: Sequence[str]) -> str:
    """A word that inflects, in the form of what was found in its place."""
    same = [other for other in found if stem(other) == stem(word)]
    return same[0] if same else inflect(word, form_of(found[0])) if found else word
