"""Article spinning: copies in which a thesaurus has replaced words, as farms make them to pass for new text.

Spinning was studied as a threat to plagiarism detection (Zhang, Wang and Voelker 2014, "DSpin: detecting automatically spun
content on the web"): spinners replace a share of the words by any synonym that a thesaurus lists, whatever the sense, and keep
the inflection. Each rule below is such a spinner; the rules differ in which synonym they take and how much they replace, so that one
can be held out to measure what a detector makes of a spinner that it has not seen.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from retold.errors import InputError
from retold.language_model import LanguageModel
from retold.text.morphology import form_of, inflect, stem
from retold.text.word_lists import function_words

# Sense and part of speech go unread, as spinners do not read them; what MyThes marks so is no synonym.
_NO_SYNONYM = ("generic", "related", "antonym")
_WORD = re.compile(r"[A-Za-z]+(?:'[a-z]+)?")
# Words of a phrase that may stand for a word; longer entries are definitions.
_MAX_PHRASE = 3
# Shortest word that is replaced: shorter ones are mostly grammar.
_MIN_LETTERS = 3


@dataclass(frozen=True)
class SpinningRule:
    """How a spinner works: the share of words that it replaces, which synonym it takes, and whether phrases count."""

    name: str
    share: float
    choice: str
    with_phrases: bool


# Shares from a light spin to one that leaves hardly a word, as Zhang et al. report 20 to 80% of a page's words.
RULES = (
    SpinningRule("first-30", 0.3, "first", False),
    SpinningRule("first-60", 0.6, "first", True),
    SpinningRule("any-30", 0.3, "any", True),
    SpinningRule("any-60", 0.6, "any", False),
    SpinningRule("short-45", 0.45, "short", False),
    SpinningRule("long-45", 0.45, "long", True),
    SpinningRule("common-30", 0.3, "common", False),
    SpinningRule("common-60", 0.6, "common", False),
)
# Of the synonyms that are commonest in news, one of so many is taken, as spinners with a list of their own do: "mentioned" for "said".
_COMMONEST = 3


def _choose(found: Sequence[str], choice: str, thesaurus: Thesaurus, rng: random.Random) -> str:
    """One of the synonyms of a word, as a rule's ``choice`` says."""
    if choice in ("short", "long"):
        pick = min if choice == "short" else max
        return pick(found, key=lambda word: (len(word), word))
    if choice == "common":
        found = sorted(found, key=thesaurus.frequency, reverse=True)[:_COMMONEST]
    return found[0] if choice == "first" else rng.choice(found)


class Thesaurus:
    """Synonyms by lower-case lemma, in the order in which the thesaurus lists them, and how common a word is."""

    def __init__(self, synonyms: Mapping[str, Sequence[str]], model: LanguageModel) -> None:
        self._synonyms = synonyms
        self._unigrams = dict(zip(model.vocabulary.words, model.unigrams.tolist(), strict=True))
        self._by_stem = {stem(word): word for word in sorted(synonyms, reverse=True) if " " not in word}

    @classmethod
    def read(cls, path: Path, model: LanguageModel) -> Thesaurus:
        """Read a thesaurus in the form of MyThes (``th_en_US_v2.dat``; Debian: mythes-en-us, made from WordNet 3.0).

        Or in that of Moby's, a word and its synonyms a line, with commas (``words.txt`` of the npm package moby; public domain).

        Args:
            path: The file.
            model: Its frequencies say which words are common.

        Raises:
            InputError: if the file cannot be read or holds no entries.
        """
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{path}: cannot be read as a thesaurus: {error}") from error
        synonyms = _mythes(lines) or _moby(lines)
        kept = {word: list(dict.fromkeys(found)) for word, found in synonyms.items() if found}
        if not kept:
            raise InputError(
                f"{path}: no thesaurus in the form of MyThes or Moby's; Debian's package mythes-en-us has one"
            )
        return cls(kept, model)

    def frequency(self, phrase: str) -> float:
        """Probability of the rarest word of a phrase in running news."""
        return min(self._unigrams.get(word, 0.0) for word in phrase.split())

    def of(self, word: str, with_phrases: bool) -> list[str]:
        """Synonyms of a word in its inflection, lower case."""
        lower = word.lower()
        lemma = lower if lower in self._synonyms else self._by_stem.get(stem(lower), "")
        form = form_of(lower) if lemma != lower else ""
        found = [s for s in self._synonyms.get(lemma, ()) if with_phrases or " " not in s]
        return [_inflected(synonym, form) for synonym in found]


def _mythes(lines: Iterable[str]) -> dict[str, list[str]]:
    synonyms: dict[str, list[str]] = {}
    word = ""
    for line in lines:
        head, _, number = line.rpartition("|")
        if number.isdigit() and not line.startswith("("):
            word = head.lower()
        elif line.startswith("(") and word:
            synonyms.setdefault(word, []).extend(_synonyms(line, word))
    return synonyms


def _moby(lines: Iterable[str]) -> dict[str, list[str]]:
    entries = (line.partition(",") for line in lines)
    return {word.lower(): _synonyms(f"|{rest.replace(',', '|')}", word.lower()) for word, _, rest in entries if rest}


def _synonyms(line: str, word: str) -> list[str]:
    marked = (entry.partition(" (") for entry in line.split("|")[1:])
    entries = (entry for entry, _, mark in marked if not mark.startswith(_NO_SYNONYM))
    return [e for e in entries if e.lower() != word and e.islower() and len(e.split()) <= _MAX_PHRASE]


def _inflected(synonym: str, form: str) -> str:
    """A synonym in a form; of a phrase the first word is inflected as a verb is, the last as a noun."""
    words = synonym.split()
    place = -1 if form == "s" else 0
    words[place] = inflect(words[place], form)
    return " ".join(words)


def spin(text: str, thesaurus: Thesaurus, rule: SpinningRule, seed: str) -> str:
    """A spun copy: each word that has synonyms is replaced with the rule's probability, names and grammar never.

    Args:
        text: The article.
        thesaurus: Where the synonyms come from.
        rule: The spinner.
        seed: What makes it the same each time, such as the article's id.
    """
    rng = random.Random(f"{rule.name} {seed}")  # noqa: S311  # an example to learn from, no secret

    def replaced(match: re.Match[str]) -> str:
        word = match[0]
        if rng.random() >= rule.share or not _is_spun(text, match):
            return word
        found = thesaurus.of(word, rule.with_phrases)
        if not found:
            return word
        chosen = _choose(found, rule.choice, thesaurus, rng)
        return chosen.capitalize() if word[0].isupper() else chosen

    return _WORD.sub(replaced, text)


def _is_spun(text: str, match: re.Match[str]) -> bool:
    word = match[0]
    is_first = not text[: match.start()].rstrip(" \"'\n") or text[: match.start()].rstrip(" \"'\n")[-1] in ".!?"
    is_name = not word.islower() and not (is_first and word.istitle())
    return len(word) >= _MIN_LETTERS and not is_name and word.lower() not in function_words()
