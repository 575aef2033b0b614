"""What stands on top of the HTML report: how many articles of each kind, at which setting, and what the figures mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from retold.report.false_alarms import false_alarm_sentence
from retold.report.html_page import facts, text

_KINDS = {
    "back-translated": "look back-translated",
    "edited": "edited",
    "original": "original",
    "unsure": "unsure",
    "unjudged": "not judged",
}
_LABELS = ("original", "edited", "back-translated")
_POINTS = {
    "none": "none: each article gets its most probable label",
    "low-fpr": "low-fpr: back-translated only where at most 1 of 100 originals would be",
    "balanced": "balanced: finds more back-translations and wrongs more originals than low-fpr",
}


def count_words(standings: Sequence[str], n_unread: int) -> str:
    """The counts, such as "100 articles: 15 look back-translated, 85 original, 4 not read"."""
    counts = Counter(standings)
    parts = [_counted(counts[kind], words) for kind, words in _KINDS.items() if counts[kind]]
    parts += [f"{n_unread:,} not read"] if n_unread else []
    noun = "article" if len(standings) == 1 else "articles"
    return f"{len(standings):,} {noun}" + (f": {', '.join(parts)}" if parts else "")


def _counted(count: int, words: str) -> str:
    return f"{count:,} {words.replace('look ', 'looks ') if count == 1 else words}"


def summary_html(
    headline: str,
    made: date,
    model: str,
    signature: str,
    card: str,
    archives: str = "",
    notes: Sequence[str] = (),
    judged_alone: bool = True,
) -> str:
    """The head of the page.

    Args:
        headline: The counts.
        made: The day the report was made.
        model: Name, version and digest of the model; empty if nothing was scored.
        signature: Signature of the verdicts.
        card: The model card; empty if there is none.
        archives: The archives that were searched, in words.
        notes: What a reader must know besides, a paragraph each; they come first.
        judged_alone: Whether the page shows verdicts on texts by themselves, so that how these were made matters.
    """
    setting = signature_fields(signature)
    program = f"retold {setting.get('retold', '')}".strip()
    pairs = [("Date", made.isoformat()), ("Program", program), ("Model", model), ("Archive", archives)]
    pairs += _setting_words(setting) if judged_alone else []
    meaning = [f"{_meaning(setting)} {false_alarm_sentence(card, setting)}"] if judged_alone else []
    paragraphs = "".join(f"<p>{text(note)}</p>\n" for note in [*notes, *meaning])
    return f"<h1>{text(headline)}</h1>\n{facts((name, value) for name, value in pairs if value)}{paragraphs}"


def _setting_words(setting: Mapping[str, str]) -> list[tuple[str, str]]:
    """What verdicts on texts by themselves depend on."""
    pairs = [("Expected beforehand", _prior_words(setting["prior"]))] if "prior" in setting else []
    pairs += [("Operating point", _POINTS.get(setting["point"], setting["point"]))] if "point" in setting else []
    return pairs + ([("Second look", _second_look(setting["rescoring"]))] if "rescoring" in setting else [])


def signature_fields(signature: str) -> dict[str, str]:
    """The fields of a signature, ``name:value`` joined by "|"."""
    return {name: value for name, colon, value in (part.partition(":") for part in signature.split("|")) if colon}


def _prior_words(prior: str) -> str:
    shares = prior.split(",")
    if len(shares) != len(_LABELS):
        return prior
    return ", ".join(f"{float(share):.0%} {label}" for share, label in zip(shares, _LABELS, strict=True))


def _second_look(engine: str) -> str:
    return "none" if engine == "none" else f"doubtful articles were translated there and back with {engine}"


def _meaning(setting: Mapping[str, str]) -> str:
    given = ", if articles come in the shares expected beforehand" if "prior" in setting else ""
    return (
        f"The percentage under \u201cBack-translated\u201d is the probability that an article was translated by machine into another "
        f"language and back{given}; beside a label stands how sure that label is. It is a reason to read on, not a proof, and says "
        "nothing of who did it. Original means that the text by itself betrays nothing, not that it was the first: a copy that a "
        "newsroom edited well shows only beside its source. Articles marked unsure carry too little to tell."
    )
