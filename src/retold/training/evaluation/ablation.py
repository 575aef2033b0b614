"""What each group of signals contributes: engines held out again, each time without one group, or with that group alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retold.detector.features import FeatureSchema
from retold.detector.verdict import BACK_TRANSLATED, ORIGINAL
from retold.signals.registry import FEATURE_GROUPS
from retold.training.data.feature_store import FeatureStore
from retold.training.estimates import TrainingContext
from retold.training.evaluation import metrics
from retold.training.evaluation import tables as summary
from retold.training.evaluation.protocols import Configuration, configurations, held_out_features
from retold.training.fit.classifier import machine_log_odds, sees
from retold.training.fit.cross_fitting import CrossFit

_EVERYTHING = "everything"


def run(corpus: FeatureStore, fitted: CrossFit, context: TrainingContext) -> str:
    """A Markdown table of mean AUROC over the engines held out, news of the headline length, without and with a family."""
    runs = list(configurations(corpus.table, "engine"))
    parts = []
    for done in runs:
        parts.append(_configuration(corpus, fitted, done, context))
        context.report(f"ablation {len(parts)}/{len(runs)}: held out {done.name}, fold {done.fold}")
    areas = _areas(pd.concat(parts, ignore_index=True))
    full = areas[_EVERYTHING]
    rows = [
        [family, areas[f"without {family}"], areas[f"without {family}"] - full, areas[f"only {family}"]]
        for family in FEATURE_GROUPS
    ]
    head = ["family", "AUROC without it", "difference", "AUROC of it alone"]
    return summary.markdown(head, [[_EVERYTHING, full, 0.0, full], *rows])


def _configuration(
    corpus: FeatureStore, fitted: CrossFit, configuration: Configuration, context: TrainingContext
) -> pd.DataFrame:
    """Scores of one run's headline texts, a column a variant."""
    place, seen, unseen = held_out_features(corpus, fitted, configuration, context)
    train = corpus.table.iloc[fitted.rows[place]]
    test = corpus.table.iloc[configuration.test]
    kept = summary.same_story_news(test)
    columns = {
        name: machine_log_odds(train, seen[:, mask], unseen[kept][:, mask])
        for name, mask in _variants(corpus.schema).items()
    }
    return test[kept][["label"]].assign(engine=configuration.name, fold=configuration.fold, **columns)


def _variants(schema: FeatureSchema) -> dict[str, NDArray[np.bool_]]:
    names, used = np.array(schema.groups), sees(schema, "machine")
    masks = {_EVERYTHING: used}
    for family in FEATURE_GROUPS:
        masks[f"without {family}"], masks[f"only {family}"] = used & (names != family), used & (names == family)
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
