"""Which texts can be scored, and what a user is warned of; every warning on a verdict is worded here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from retold.language_names import language_name
from retold.limits import MIN_WORDS, WEAK_WORDS
from retold.signals.stylometry.language import UNDETERMINED, LanguageProfile
from retold.text import Article

# How the warnings of what another try may give begin.
_WITHOUT_ENGINE: Final = "scored without the translation engine"
_TOOK_TOO_LONG: Final = "took too long"
# Share of an article in another language from which a user is warned; chosen by judgement: a quotation stays below.
_FOREIGN_SHARE: Final = 0.1


def rejection_reason(article: Article, language: str) -> str:
    """Why a text cannot be scored, in words; empty if it can.

    Args:
        article: The analysed text.
        language: Its language, as ``language_of_article`` returns it.
    """
    if article.n_words < MIN_WORDS:
        counted = "1 word" if article.n_words == 1 else f"{article.n_words} words"
        return f"too short to score: {counted} (minimum {MIN_WORDS})"
    if language == "en":
        return ""
    found = "language unknown" if language == UNDETERMINED else f"it looks {language_name(language)}"
    return f"not English, so it is not scored ({found})"


def warnings_about(
    article: Article, language: LanguageProfile, engine_failure: str | None = None, abnormal: str = ""
) -> tuple[str, ...]:
    """What a user should know beside a verdict, the reason why there is none among them.

    Args:
        article: The analysed text.
        language: Its language.
        engine_failure: Why the engine could not rescore it.
        abnormal: Why the detector abstains on it, if it does.
    """
    reason = rejection_reason(article, language.code)
    if reason:
        return (reason,)
    warnings = [abnormal] if abnormal else []
    if article.n_words < WEAK_WORDS:
        warnings.append(f"only {article.n_words} words: verdicts on fewer than {WEAK_WORDS} words are weak")
    if language.foreign_share > _FOREIGN_SHARE:
        warnings.append(f"{language.foreign_share:.0%} of the text is in another language")
    if engine_failure is not None:
        warnings.append(f"{_WITHOUT_ENGINE}, which failed: {engine_failure}")
    return tuple(warnings)


def is_lasting(warnings: Iterable[str]) -> bool:
    """False for a verdict that lacks what another try may give: an engine had failed, or the time was over."""
    return not any(warning.startswith((_WITHOUT_ENGINE, _TOOK_TOO_LONG)) for warning in warnings)


def too_long(seconds: float | None) -> str:
    """The warning on a text whose time was over."""
    return f"{_TOOK_TOO_LONG}: more than {seconds:g} seconds of the processor"
