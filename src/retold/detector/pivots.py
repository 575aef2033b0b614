"""Which pivot language the evidence votes for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from retold.signals.base import Evidence

# One span proves nothing about the language: below two votes' worth the pivot stays unsaid.
_MIN_VOTES = 2
_SHOWN = 5


def pivot_votes(evidence: Sequence[Evidence]) -> dict[str, float]:
    """Share of the score-weighted votes that each pivot gets, strongest first; empty where too few spans name one."""
    votes: defaultdict[str, float] = defaultdict(float)
    named = [e for e in evidence if e.pivot]
    for e in named:
        votes[str(e.pivot)] += e.score
    if len(named) < _MIN_VOTES:
        return {}
    total = sum(votes.values())
    ranked = sorted(votes.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]
    return {pivot: round(vote / total, 6) for pivot, vote in ranked}
