"""English inflection by rule, and the irregular forms that rules do not make.

One table of irregular forms (``irregular.tsv``) and one set of rules of spelling answer three questions:

* ``inflect``: a lemma in a form, without any list of words.
* ``stem``: a key that the inflections of a word share, without any list of words (in the manner of step 1 of Porter 1980).
  It serves matching, where only sameness counts, so that a rare collision costs less than a slow analysis.
* ``Inflector``: lemma and form of a word by a vocabulary, which tells "links" (link) from "Athens". A lemma is accepted if
  its form is spelt like the word, the vocabulary holds it, and it is frequent beside the word.

Forms are named by their ending: "" (base), "s" (plural or third person), "ed" (past), "en" (past participle), "ing".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

from retold.text.spelling import spelling_key
from retold.text.word_lists import read_table

_SIBILANTS = ("s", "x", "z", "ch", "sh")
_VOWELS = "aeiou"
_VOWEL = re.compile("[aeiouy]")
# One short syllable, whose last consonant is doubled: "stop", "quit".
_SHORT = re.compile(r"\A(?:qu|[^aeiou])*[aeiou][^aeiouwxy]")
# Longer words that double their last consonant, too, since their last syllable is stressed.
_STRESSED_LAST = frozenset(
    "abet abhor acquit admit allot annul backlog begin beset commit compel concur confer control corral debug defer deter dispel "
    "embed emit enrol equip excel expel extol forbid forget format handicap impel incur infer input inter kidnap occur offset "
    "omit outfit output outrun outwit overlap overrun patrol permit prefer program propel rebel rebut recap recur refer regret "
    "remit repel reset sidestep submit transfer transmit undercut unplug unwrap upset".split()
)
# Words in -o that take -es; the others, newer ones among them, take -s.
_PLURAL_OES = frozenset(
    "cargo domino echo embargo go hero mango mosquito motto potato tomato tornado torpedo undergo veto volcano".split()
)
_TAKES_K = frozenset("frolic mimic panic picnic traffic".split())
# Pronouns and particles, of which "uses", "hers", "ins" and "noted" are no forms.
_UNINFLECTED = frozenset(
    "a am an and as at but by for he her him his i if in it me my no nor not of on or our she so the to us we".split()
)
_NOUNS_IN_IE = frozenset(
    "birdie bookie brownie calorie cookie foodie genie hippie junkie movie prairie rookie selfie zombie".split()
)
# Words that end like inflections and are none.
_UNCHANGED_ENDINGS = ("ss", "us", "is", "'s")
_KEEPS_E = frozenset({"for", "her", "not"})  # what "fore", "here" and "note" would become
# What the two finite forms of "be" that have no column in the table are forms of.
_FORMS_OF_BE = ("am", "are")
# Words whose stems are remembered: ample for the distinct words of any batch.
_CACHED_WORDS = 1 << 17
# A lemma so much deeper in a list by frequency than its form is an accident: "unite" beside "united".
_MAX_RANK_RATIO, _MAX_RANK_GAP = 5, 5_000


@cache
def _irregular_forms() -> dict[tuple[str, str], str]:
    """(lemma, form) -> the irregular form; the first that the table lists."""
    found: dict[tuple[str, str], str] = {}
    for lemma, past, participle, plural, present in read_table("irregular.tsv"):
        for form, word in (("ed", past), ("en", participle), ("s", plural), ("ing", present)):
            if word:
                found.setdefault((lemma, form), word)
    return found


@cache
def _irregular_lemmas() -> dict[str, tuple[str, str]]:
    """Irregular form -> (lemma, form); a word that is its own past ("put") has the form ""."""
    found = dict.fromkeys(_FORMS_OF_BE, ("be", ""))
    for lemma, past, participle, plural, present in read_table("irregular.tsv"):
        for form, word in (("en", participle), ("ed", past), ("s", plural), ("ing", present)):
            if word:
                found[word] = (lemma, form if word != lemma else "")
    return found


def inflect(lemma: str, form: str) -> str:
    """A lemma in a form, by the irregular table or by rule."""
    return lemma if not form else _irregular_forms().get((lemma, form)) or _regular_forms(lemma, form)[0]


def form_of(word: str) -> str:
    """The form that a lower-case word seems to stand in, without any list of words."""
    if word in _irregular_lemmas():
        return _irregular_lemmas()[word][1]
    if _without_ending(word) == word:
        return ""
    return next((ending for ending in ("ing", "ed", "s") if word.endswith(ending)), "")


@lru_cache(maxsize=_CACHED_WORDS)
def stem(word: str) -> str:
    """The key that the inflections of a lower-case word share; not itself a word."""
    lemma = _irregular_lemmas().get(word, (word, ""))[0]
    base = _level(_without_ending(lemma), lemma)
    if len(base) > 3 and base[-1] == "e" and base[-2] != "e" and base[:-1] not in _KEEPS_E:
        base = base[:-1]
    if len(base) > 3 and base[-1] == base[-2] and base[-1] not in _VOWELS:
        base = base[:-1]
    return base


def _level(base: str, word: str) -> str:
    """A word without its ending, brought to what its other inflections become."""
    if base != word and word.endswith("s"):  # "hundreds" loses what "hundred" loses
        base = _without_ending(base)
    if base != word and base in _KEEPS_E:  # "noted" is no form of "not"
        return base + "e"
    if base.removesuffix("k") in _TAKES_K:
        return base.removesuffix("k")
    return base[:-1] + "ie" if word.endswith("ies") and base[:-1] + "ie" in _NOUNS_IN_IE else base


def _without_ending(word: str) -> str:
    """The word without -s, -ed or -ing."""
    if len(word) < 4 or word.endswith(_UNCHANGED_ENDINGS):
        return word
    if word.endswith("eed"):  # "agreed", but "need" and "proceed"
        return word[:-1] if _VOWEL.search(word[:-3]) and not word.endswith("ceed") else word
    if word.endswith(("ies", "ied")):
        return word[:-1] if len(word) == 4 else word[:-3] + "y"
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= 2 and _VOWEL.search(rest):
            cut_short = len(rest) == 2 and rest[1] not in _VOWELS  # "used", "icing", but "going"
            return rest + "e" if cut_short else rest
    return word.removesuffix("s")


def _regular_forms(lemma: str, form: str) -> list[str]:
    """Spellings of a regular form, likeliest first."""
    consonant_y = lemma.endswith("y") and lemma[-2:-1] not in _VOWELS
    if form == "s":
        if consonant_y:
            return [lemma[:-1] + "ies"]
        plain, longer = lemma + "s", lemma + "es"
        if lemma.endswith("o"):
            return [longer, plain] if lemma in _PLURAL_OES else [plain, longer]
        return [longer] if lemma.endswith(_SIBILANTS) else [plain]
    ending = "ing" if form == "ing" else "ed"
    if lemma.endswith("e"):
        return (
            [lemma[:-1] + "ing" if not lemma.endswith(("ee", "oe", "ye")) else lemma + "ing"]
            if form == "ing"
            else [lemma + "d"]
        )
    if consonant_y and ending == "ed":
        return [lemma[:-1] + "ied"]
    if lemma in _TAKES_K:
        return [lemma + "k" + ending]
    doubled, plain = lemma + lemma[-1:] + ending, lemma + ending
    if _SHORT.fullmatch(lemma) or lemma in _STRESSED_LAST:
        return [doubled]
    # "Traveled" in America, "travelled" in Britain.
    return [plain, doubled] if re.search("[aeiou]l$", lemma) else [plain]


class Inflector:
    """Analyses and forms words against a vocabulary.

    Args:
        index: Word -> rank by frequency, 0 the most frequent; ``Vocabulary.index`` serves.
    """

    def __init__(self, index: Mapping[str, int]) -> None:
        self._index = index
        self._analyses: dict[str, tuple[str, str]] = {}
        self._folds: dict[str, str] = {}

    def analyse(self, word: str) -> tuple[str, str]:
        """(lemma, form) of a lower-case word; (word, "") for one that is no inflection of a word of the vocabulary."""
        found = self._analyses.get(word)
        if found is None:
            found = self._analyses[word] = _irregular_lemmas().get(word) or self._regular(word)
        return found

    def fold(self, word: str) -> str:
        """Spelling key of the lemma: two words with one fold are no evidence of translation."""
        found = self._folds.get(word)
        if found is None:
            found = self._folds[word] = spelling_key(self.analyse(word)[0])
        return found

    def forms(self, lemma: str, form: str) -> list[str]:
        """The spellings of a form that the vocabulary holds, most frequent first; "ed" covers participles."""
        if not form:
            return [lemma]
        forms = ("ed", "en") if form in ("ed", "en") else (form,)
        irregular = dict.fromkeys(_irregular_forms()[lemma, f] for f in forms if (lemma, f) in _irregular_forms())
        if irregular:
            return sorted(irregular, key=self._rank)
        return sorted((word for word in _regular_forms(lemma, form) if word in self._index), key=self._rank)[:1]

    def _rank(self, word: str) -> int:
        return self._index.get(word, len(self._index))

    def _regular(self, word: str) -> tuple[str, str]:
        if len(word) < 4:
            return word, ""
        rank = self._rank(word)
        options = [
            (self._index[lemma], lemma, form)
            for lemma, form in _candidates(word)
            if lemma in self._index and self._index[lemma] < _MAX_RANK_RATIO * rank + _MAX_RANK_GAP
        ]
        return min(options)[1:] if options else (word, "")


# Form -> what goes from the end of a word and what comes in its place, to make the lemma.
_ENDINGS = {
    "s": (("s", ""), ("es", ""), ("ies", "y")),
    "ed": (("ed", ""), ("d", ""), ("ied", "y"), ("ked", "")),
    "ing": (("ing", ""), ("ing", "e"), ("king", "")),
}


def _candidates(word: str) -> Iterator[tuple[str, str]]:
    """(lemma, form) of which a word of four letters or more may be the regular spelling."""
    for form, endings in _ENDINGS.items():
        lemmas = [word.removesuffix(ending) + restored for ending, restored in endings if word.endswith(ending)]
        if form != "s" and word.endswith(form):
            lemmas.append(word.removesuffix(form)[:-1])  # of a doubled consonant
        yield from ((lemma, form) for lemma in lemmas if _may_be_form(word, lemma, form))


def _may_be_form(word: str, lemma: str, form: str) -> bool:
    # "Ads", but "added" is no form of "ad", "ring" none of "re" and "lies" none of "ly".
    if len(lemma) < (2 if word == lemma + "s" else 3) or lemma in _UNINFLECTED:
        return False
    return word in _regular_forms(lemma, form)
