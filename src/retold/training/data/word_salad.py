"""Word salad: what is left of a text after engines that fail, made by rule from text that an engine has already worsened.

Old engines and chains of them leave words of the source order, lose and double small words, and put alternatives in brackets
(the error classes of Vilar et al. 2006, "Error analysis of statistical machine translation output": missing words, word order,
incorrect words, unknown words). Each rule mixes these errors differently, so that one can be held out.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from retold.text.word_lists import function_words

_SENTENCE = re.compile(r"[^.!?]+[.!?]*\s*")


@dataclass(frozen=True)
class SaladRule:
    """How words are mixed.

    Attributes:
        name: Its name.
        window: Words that may change places with each other.
        lost: Share of the small words that are lost.
        doubled: Share of the words that come back a second time, half of them in brackets.
        misplaced: Share of the small words that are exchanged for another small word.
    """

    name: str
    window: int
    lost: float
    doubled: float
    misplaced: float


# From a text whose words are merely out of order to one of which little can be understood; chosen by judgement.
RULES = (
    SaladRule("order-4", 4, 0.0, 0.0, 0.0),
    SaladRule("order-8", 8, 0.1, 0.02, 0.1),
    SaladRule("grammar", 2, 0.3, 0.03, 0.4),
    SaladRule("chain", 5, 0.2, 0.06, 0.3),
    SaladRule("whole", 60, 0.0, 0.0, 0.0),
)


def scramble(text: str, rule: SaladRule, seed: str) -> str:
    """A text as word salad; the same for the same seed."""
    rng = random.Random(f"{rule.name} {seed}")  # noqa: S311  # an example to learn from, no secret
    small = sorted(function_words())
    return " ".join(_scrambled(sentence, rule, small, rng) for sentence in _SENTENCE.findall(text)).strip()


def _scrambled(sentence: str, rule: SaladRule, small: list[str], rng: random.Random) -> str:
    words = sentence.split()
    end = words[-1][-1] if words and words[-1][-1] in ".!?" else ""
    words = [word.strip(",;:.!?") for word in words]
    changed = [new for word in words for new in _changed(word, rule, small, rng)]
    for start in range(0, len(changed), rule.window):
        part = changed[start : start + rule.window]
        rng.shuffle(part)
        changed[start : start + rule.window] = part
    return " ".join(changed) + end


def _changed(word: str, rule: SaladRule, small: list[str], rng: random.Random) -> list[str]:
    is_small = word.lower() in function_words()
    if is_small and rng.random() < rule.lost:
        return []
    if is_small and rng.random() < rule.misplaced:
        word = rng.choice(small)
    if rng.random() < rule.doubled:
        return [word, f"({word})" if rng.random() < 0.5 else word]
    return [word]
