"""Check one's own labelled articles before a model is adapted to them, and put them into an order of their own."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from retold.detector.verdict import LABELS
from retold.errors import InputError
from retold.printable import counted
from retold.training.data.checks import ValidationReport, check_examples
from retold.training.data.examples import LabelledText

# Fewer articles cannot show whether an adaptation helps: with 20, two fewer mistakes are within chance.
LEAST_OWN = 20
# Contradictions shown in one message; a reader takes in no more.
_SHOWN = 5


def check_own_examples(examples: Sequence[LabelledText]) -> ValidationReport:
    """Check articles that a model is to be adapted to: copies once, near-duplicates in one group, in the order of their texts.

    Raises:
        InputError: naming the texts that have two labels, or saying what is too few.
    """
    usable = [e for e in examples if e.label in LABELS]
    _raise_for_contradictions(usable)
    distinct = list({_key(e): e for e in reversed(usable)}.values())
    _raise_for_size(distinct)
    notes = [
        _counted(len(examples) - len(usable), "left out, since a verdict cannot have their labels"),
        _counted(len(usable) - len(distinct), "counted once, since they are copies of others with the same label"),
        *(_absence(label) for label in LABELS if all(e.label != label for e in distinct)),
    ]
    checked = check_examples(_in_order(distinct), needed=())
    _raise_for_stories(checked.examples)
    return ValidationReport(checked.examples, (*filter(None, notes), *checked.notes))


def _raise_for_contradictions(examples: Sequence[LabelledText]) -> None:
    by_text: dict[str, list[LabelledText]] = defaultdict(list)
    for example in examples:
        by_text[_key(example)].append(example)
    found = [
        f"the same text is labelled {' and '.join(f'{e.label} ({e.id})' for e in _one_a_label(same))}"
        for same in by_text.values()
        if len({e.label for e in same}) > 1
    ]
    if found:
        more = f"; and {len(found) - _SHOWN:,} more" if len(found) > _SHOWN else ""
        raise InputError(f"{'; '.join(found[:_SHOWN])}{more}. Keep each text under one label")


def _raise_for_size(examples: Sequence[LabelledText]) -> None:
    counts = Counter(e.label for e in examples)
    if len(counts) == 1:
        (label,) = counts
        raise InputError(
            f"all examples ({len(examples):,}) are {label}: a model learns from articles of two labels or more "
            f"({', '.join(LABELS)}); add some of another"
        )
    if len(examples) < LEAST_OWN:
        raise InputError(
            f"too few examples to adapt to: {len(examples)} (minimum {LEAST_OWN}). Label more; retold label proposes which"
        )


def _raise_for_stories(examples: Sequence[LabelledText]) -> None:
    """Refuse what leaves nothing to test on once a story is held out."""
    stories: dict[str, set[str]] = defaultdict(set)
    for example in examples:
        stories[example.label].add(example.group)
    if sum(len(groups) > 1 for groups in stories.values()) < 2:
        counts = ", ".join(f"{label}: {len(stories[label])}" for label in LABELS if stories[label])
        raise InputError(
            f"too few stories to hold some out and measure on them ({counts}; near-duplicates count as one story): add articles"
            " of other stories, until two labels have two or more"
        )


def _in_order(examples: Sequence[LabelledText]) -> list[LabelledText]:
    """Examples in the order of their texts, groups named after the first of them, so that how they were stored says nothing."""
    named = sorted((hashlib.sha256(_key(e).encode()).hexdigest(), e) for e in examples)
    first: dict[str, str] = {}
    for digest, example in named:
        first.setdefault(example.group, digest[:16])
    return [replace(example, group=first[example.group]) for _, example in named]


def _key(example: LabelledText) -> str:
    """What makes two texts the same: their words, whatever the white space between them."""
    return " ".join(example.text.split())


def _one_a_label(examples: Sequence[LabelledText]) -> list[LabelledText]:
    return list({e.label: e for e in reversed(examples)}.values())[::-1]


def _counted(number: int, words: str) -> str:
    return f"{counted(number, 'example')} {words}" if number else ""


def _absence(label: str) -> str:
    return (
        f"none of your examples is {label}: the adapted model takes such articles to be rare where these come from; state "
        "other shares with --prior when you score"
    )
