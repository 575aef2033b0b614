"""Rule-made copy-desk edits, for stories of the corpus that no newsroom edited.

Whole sentences are cut, mostly late ones; phrases are trimmed, put into another house style or into plainer words; now and
then neighbours change places or a line of background is added. The kinds of change are those that Clough, Gaizauskas,
Piao and Wilks (2002, "METER: MEasuring TExt Reuse") found between agencies and newspapers. The shares were chosen by judgement.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np

# Sentences that a text must have for some to be cut, and for any change at all.
_MIN_TO_CUT, _MIN_SENTENCES = 6, 3
# Share of the edits that cut sentences, and the most that they cut.
_CUTS, _MAX_CUT = 0.65, 0.45
# Chance of each phrase to be changed in a light and in a heavy edit, of two neighbours to change places, and of an added line.
_LIGHT, _HEAVY, _SWAP, _ADD = 0.15, 0.6, 0.15, 0.25
_SENTENCE_END = re.compile(r'(?<=[.!?])["\')]?\s+(?=["\'(]?[A-Z0-9])|\n+')
# Pattern and replacement; whole words, as copy desks write one for the other.
_PHRASES: Final = tuple(
    (re.compile(rf"(?<!\w){pattern}(?!\w)"), replacement)
    for pattern, replacement in (
        (" percent", " per cent"), (" per cent", " percent"), (r"U\.S\.", "US"), (r"U\.K\.", "UK"), (" also", ""),
        (" that", ""), ("said on", "said"), (" told reporters", " said"), (" said", " told reporters"),
        ("approximately", "about"), ("around", "about"), ("about", "some"), ("prior to", "before"),
        ("purchased", "bought"), ("additional", "more"), ("individuals", "people"), ("numerous", "many"),
        ("however", "but"), ("However,", "But"), ("in order to", "to"), ("due to", "because of"), ("currently", "now"),
        ("did not", "didn't"), ("was not", "wasn't"), ("is not", "isn't"), ("do not", "don't"), ("didn't", "did not"),
        ("isn't", "is not"), ("attempted", "tried"), ("obtained", "got"), ("following", "after"), ("while", "as"),
        ("began", "started"), ("started", "began"), ("children", "youngsters"), ("including", "among them"),
        ("announced", "said"), ("stated", "said"), ("very", ""), ("really", ""), ("already", ""), ("still", ""),
        ("President", "Pres."), ("million", "m"), ("company", "firm"), ("killed", "left dead"), ("big", "large"),
        ("nearly", "almost"), ("almost", "nearly"), ("more than", "over"), ("over", "more than"), ("sought", "asked for"),
        ("help", "aid"), ("plan", "scheme"), ("show", "suggest"), ("must", "has to"), ("police", "officers"),
        (r", according to [^,.]{4,40}(?=,|\.)", ""), (r" \([^()]{3,40}\)", ""), (r", who [^,.]{5,60},", ""),
    )
)  # fmt: skip
_BACKGROUND: Final = (
    "The story is developing.",
    "No further details were available.",
    "A spokesman declined to comment.",
    "It was not immediately clear what would happen next.",
    "Calls for comment were not returned.",
    "More details are expected in the coming days.",
)


def desk_edit(text: str, rng: np.random.Generator) -> str | None:
    """Edit a text as a copy desk would.

    Returns:
        The edited text in one paragraph, or None if it is too short or chance changed nothing: nobody could say which of two
        copies came first.
    """
    sentences = [s.strip() for s in _SENTENCE_END.split(text) if s.strip()]
    if len(sentences) < _MIN_SENTENCES:
        return None
    kept = _cut(sentences, rng)
    chance = _HEAVY if rng.random() < 0.5 else _LIGHT
    edited = [_rephrased(sentence, chance, rng) for sentence in kept]
    edited = _reordered(edited, rng)
    if rng.random() < _ADD:
        edited.append(_BACKGROUND[int(rng.integers(len(_BACKGROUND)))])
    return " ".join(edited) if edited != sentences else None


def _cut(sentences: list[str], rng: np.random.Generator) -> list[str]:
    if len(sentences) < _MIN_TO_CUT or rng.random() >= _CUTS:
        return sentences
    chances = rng.uniform(0.05, _MAX_CUT) * np.linspace(0.4, 1.6, len(sentences))
    kept = [s for s, chance in zip(sentences, chances, strict=True) if rng.random() > chance]
    return kept if len(kept) >= _MIN_SENTENCES else sentences


def _rephrased(sentence: str, chance: float, rng: np.random.Generator) -> str:
    for pattern, replacement in _PHRASES:
        if pattern.search(sentence) and rng.random() < chance:
            sentence = pattern.sub(replacement, sentence, count=1)
    return re.sub(r"\s+([,.;])", r"\1", re.sub(r" {2,}", " ", sentence))


def _reordered(sentences: list[str], rng: np.random.Generator) -> list[str]:
    out = list(sentences)
    for i in range(1, len(out) - 1):
        if rng.random() < _SWAP / len(out):
            out[i], out[i + 1] = out[i + 1], out[i]
    return out
