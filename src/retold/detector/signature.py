"""The signature of a verdict: everything that its numbers depend on, in one line, in the manner of sacrebleu (Post 2018)."""

from __future__ import annotations

import hashlib
import re

from retold import __version__
from retold.detector.scoring import Scorer
from retold.model_store import ModelFolder

# Digits of a digest: enough to tell data sets apart by eye.
_DIGEST_DIGITS = 12


def signature_of(scorer: Scorer) -> str:
    """Version, model, training data, prior, operating point and engine, as ``name:value`` joined by "|"."""
    config = scorer.config
    fields = {
        "retold": __version__,
        "model": scorer.name,
        "data": scorer.training_data,
        "prior": ",".join(f"{share:.6g}" for share in config.prior),
        "point": config.operating_point or "none",
        "rescoring": config.mt_engine.engine.name if config.mt_engine is not None else "none",
    }
    return "|".join(f"{name}:{_without_separators(value)}" for name, value in fields.items())


def training_data_of(folder: ModelFolder) -> str:
    """What a model's manifest calls its training data, else the digest of the training rows that are stored in it."""
    stored = folder.texts.get("replay.csv")
    digest = hashlib.sha256(stored.encode()).hexdigest()[:_DIGEST_DIGITS] if stored is not None else "unknown"
    return str(folder.meta.get("training_data", digest))


def _without_separators(value: str) -> str:
    return re.sub(r"[\s|()]+", "-", value).strip("-")
