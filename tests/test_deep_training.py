import numpy as np
import pandas as pd

from retold.detector.deep import FEATURES
from retold.detector.verdict import BACK_TRANSLATED, EDITED, ORIGINAL
from retold.signals import echo
from retold.training import deep
from retold.training.examples import Example
from retold.training.metrics import auroc
from retold.training.triples import ECHO, PASSAGE, Triples, triples
from retold.translation import Memory

TEXT = "The harbour master closed the port on Monday. Two ferries turned back before the storm broke. " * 20


def _example(i: int, **known: str) -> Example:
    usual = {"label": ORIGINAL, "kind": "english_original", "source": "wmt-systems", "domain": "news"}
    return Example(id=f"e{i:03d}", group=f"g{i}", text=TEXT, **{**usual, **known})


class Upper:
    name, pivot = "upper", "pt"

    def round_trip(self, sentences):
        return [s.upper() for s in sentences]


def test_the_sample_is_the_same_for_the_same_examples_in_any_order():
    examples = [_example(i, source=["wmt-systems", "bbc2004"][i % 2]) for i in range(200)]
    chosen = deep.sample(examples)
    assert chosen == deep.sample(examples[::-1])
    assert 50 < len(chosen) < 200
    beginning = {e.source for e in chosen[:10]}
    assert beginning == {"wmt-systems", "bbc2004"}


def test_what_no_question_needs_is_not_echoed():
    assert deep.sample([_example(1, domain="blog")]) == []
    assert deep.sample([_example(1, label=BACK_TRANSLATED, kind="round_trip", engine="nllb", pivot="fr")]) != []


def test_passages_and_echoes_stay_in_the_group_of_their_article():
    ((passage, echoed, alike),) = deep.echoes_of([_example(1)], Memory(Upper()), lambda line: None)
    assert (passage.label, echoed.label) == (PASSAGE, ECHO)
    assert passage.group == echoed.group == "g1"
    assert TEXT.startswith(passage.text)
    assert echoed.text == passage.text.upper()
    assert alike[echo.FEATURES.index("echo_recall_1")] == 1


def test_triples_find_their_rows_and_keep_together_in_a_split():
    ids = ["b", "a", "a#passage", "a#echo", "b#passage", "b#echo"]
    known = triples(pd.DataFrame({"id": ids}), {"a": np.zeros(len(echo.FEATURES)), "b": np.ones(len(echo.FEATURES))})
    assert known.article.tolist() == [1, 0]
    within = known.within(np.array([0, 4, 5]))
    assert [part.tolist() for part in (within.article, within.passage, within.echo)] == [[0], [1], [2]]
    assert within.similarity[0, 0] == 1


def _features(n: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    label = rng.choice([ORIGINAL, EDITED, BACK_TRANSLATED], n)
    features = rng.normal(size=(n, len(FEATURES)))
    features[:, FEATURES.index("echo_recall_4")] += np.where(label == BACK_TRANSLATED, 1.5, 0)
    table = pd.DataFrame({"label": label, "kind": "", "source": "s", "domain": "news", "family": "", "n_words": 300})
    return table.assign(group=[f"g{i}" for i in range(n)]), features


def test_a_deep_head_learns_what_the_echo_says():
    head = deep.fit_deep(*_features(3_000, 1))
    table, features = _features(1_000, 2)
    p = head.probabilities(features)[:, 2]
    machine = (table["label"] == BACK_TRANSLATED).to_numpy()
    assert auroc(p[~machine], p[machine]) > 0.8


def test_without_triples_there_is_no_deep_head():
    assert deep.fit_triples(pd.DataFrame(), None, np.array([0]), np.zeros((1, 4)), np.zeros(1)) is None
    assert isinstance(triples(pd.DataFrame({"id": ["a"]}), {}), Triples)
