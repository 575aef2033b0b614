"""Lexical tables and phrase tables that are learned without some family of engines and without a third of the stories."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.evidence_texts import FOLD, family
from retold.channel import LexicalTable
from retold.channel.phrase_table import PhraseTable
from retold.language_model import LanguageModel
from retold.training.data.examples import LabelledText
from retold.training.data.splits import fold_of, is_anonymous_online
from retold.training.fit import lexical_table as channels
from retold.training.fit.phrase_table import Gap, fit_phrase_table, gaps_of


@dataclass(frozen=True)
class Lexicon:
    """What was learned without some engine."""

    channel: LexicalTable
    substitutions: PhraseTable | None


def lexicons(
    engines: Sequence[str],
    trips: list[LabelledText],
    originals: dict[str, str],
    model: LanguageModel,
    cache: Path,
    remark: Callable[[str], None],
) -> Iterator[tuple[str, Lexicon]]:
    """What is learned without each family of engines, one after another; pairs are aligned once for all."""
    cache.mkdir(parents=True, exist_ok=True)
    seen = [e for e in trips if fold_of([e.group])[0] != FOLD]
    pairs: list[channels.AlignedPair] = []
    gaps: list[list[Gap]] = []
    for engine in engines:
        file = cache / f"without-{engine}.npz"
        if not file.exists():
            if not pairs:
                rows = [{"text": e.text, "pivot": e.pivot, "engine": e.engine, "group": e.group} for e in seen]
                pairs = channels.examples(rows, originals)
                gaps = [list(gaps_of(pair)) for pair in pairs]
            _learn([_is_allowed(e, engine) for e in seen], pairs, gaps, model, file)
        remark(f"learned without {engine}")
        yield engine, _stored(file)


def _is_allowed(example: LabelledText, engine: str) -> bool:
    """WMT's unnamed commercial engines may be Google, so they go with it."""
    return family(example) != engine and not (engine == "google" and is_anonymous_online(example.engine))


def _learn(
    use: list[bool], pairs: list[channels.AlignedPair], gaps: list[list[Gap]], model: LanguageModel, file: Path
) -> None:
    chosen = [i for i, allowed in enumerate(use) if allowed]
    allowed_pairs = [pairs[i] for i in chosen]
    channel = channels.learn(allowed_pairs, model.vocabulary)
    substitutions = fit_phrase_table(allowed_pairs, model, [gaps[i] for i in chosen])
    arrays = {f"channel_{name}": array for name, array in channel.arrays().items()}
    arrays["header"] = np.frombuffer(json.dumps(channel.header()).encode(), dtype=np.uint8)
    if substitutions is not None:
        arrays |= {f"substitution_{name}": array for name, array in substitutions.arrays().items()}
        arrays["text"] = np.frombuffer(substitutions.text().encode(), dtype=np.uint8)
    np.savez(file.with_suffix(".part.npz"), allow_pickle=False, **arrays)
    file.with_suffix(".part.npz").rename(file)


def _stored(file: Path) -> Lexicon:
    with np.load(file, allow_pickle=False) as z:
        parts = {
            side: {name.removeprefix(side): z[name] for name in z.files if name.startswith(side)}
            for side in ("channel_", "substitution_")
        }
        channel = LexicalTable.from_arrays(json.loads(z["header"].tobytes()), parts["channel_"])
        text = z["text"].tobytes().decode() if "text" in z.files else ""
    return Lexicon(channel, PhraseTable.from_arrays(text, parts["substitution_"]) if text else None)
