"""What each group of signals contributes: engines held out again, each time without one group, or with that group alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray

from retold.detector.verdict import BACK_TRANSLATED, ORIGINAL
from retold.signals.registry import FEATURE_GROUPS
from retold.training.data.feature_store import FeatureStore
from retold.training.evaluation import metrics
from retold.training.evaluation import tables as summary
from retold.training.evaluation.protocols import Configuration, configurations, stored_features
from retold.training.fit.classifier import machine_log_odds

_EVERYTHING = "everything"


def run(corpus: FeatureStore, folder: Path, jobs: int, report: Callable[[str], None]) -> str:
    """A Markdown table of mean AUROC over the engines held out, news of the headline length, without and with a family."""
    runs = list(configurations(corpus.table, "engine"))
    work = (delayed(_configuration)(corpus, c, folder) for c in runs)
    parts = []
    for part, done in zip(Parallel(n_jobs=jobs, return_as="generator", max_nbytes="1M")(work), runs, strict=True):
        parts.append(part)
        report(f"ablation {len(parts)}/{len(runs)}: held out {done.name}, fold {done.fold}")
    areas = _areas(pd.concat(parts, ignore_index=True))
    full = areas[_EVERYTHING]
    rows = [
        [family, areas[f"without {family}"], areas[f"without {family}"] - full, areas[f"only {family}"]]
        for family in FEATURE_GROUPS
    ]
    head = ["family", "AUROC without it", "difference", "AUROC of it alone"]
    return summary.markdown(head, [[_EVERYTHING, full, 0.0, full], *rows])


def _configuration(corpus: FeatureStore, configuration: Configuration, folder: Path) -> pd.DataFrame:
    """Scores of one run's headline texts, a column a variant."""
    seen, unseen = stored_features(corpus, configuration, folder)
    test = corpus.table.iloc[configuration.test]
    kept = summary.same_story_news(test)
    columns = {
        name: machine_log_odds(corpus.table.iloc[configuration.train], seen[:, mask], unseen[kept][:, mask])
        for name, mask in _variants(corpus.schema.groups).items()
    }
    return test[kept][["label"]].assign(engine=configuration.name, fold=configuration.fold, **columns)


def _variants(groups: tuple[str, ...]) -> dict[str, NDArray[np.bool_]]:
    names = np.array(groups)
    masks = {_EVERYTHING: np.ones(len(names), dtype=bool)}
    for family in FEATURE_GROUPS:
        masks[f"without {family}"], masks[f"only {family}"] = names != family, names == family
    return masks


def _areas(scores: pd.DataFrame) -> dict[str, float]:
    """Mean over engines of each variant's AUROC."""
    variants = [c for c in scores.columns if c not in ("label", "engine", "fold")]
    per_engine = [
        [
            metrics.auroc(
                part.loc[part["label"] == ORIGINAL, v].to_numpy(),
                part.loc[part["label"] == BACK_TRANSLATED, v].to_numpy(),
            )
            for v in variants
        ]
        for _, part in scores.groupby("engine")
    ]
    return dict(zip(variants, np.mean(per_engine, axis=0).tolist(), strict=True))
