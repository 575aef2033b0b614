"""The network learns which words fit where they stand, the same each time, and judges an article alike in any batch."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from retold.detector.components import ModelComponents
from retold.detector.replaced_words import ReplacedWordDetector, content_words
from retold.errors import ModelError
from retold.language_model import LanguageModel
from retold.language_model.batch import Batch
from retold.model_store import bundled_model, read_model
from retold.text import analyse
from retold.training.fit.replaced_words import fit_replaced_words

HARBOUR = product(("captain", "sailor", "fisherman"), ("steered", "anchored", "repaired"), ("boat", "ship", "vessel"))
COURT = product(("judge", "lawyer", "prosecutor"), ("dismissed", "postponed", "examined"), ("case", "appeal", "trial"))


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    return ModelComponents.from_folder(read_model(bundled_model())).language_model


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Articles of two worlds whose words never meet."""
    worlds = [[f"The {a} {b} the {c} in the morning." for a, b, c in world] for world in (HARBOUR, COURT)]
    rng = np.random.default_rng(0)
    articles = [" ".join(rng.permutation(worlds[i % 2])[:20].tolist()) for i in range(600)]
    path = tmp_path_factory.mktemp("news") / "news.txt"
    path.write_text("\n\n".join(articles), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def learned(news: Path, model: LanguageModel) -> ReplacedWordDetector:
    return fit_replaced_words(news, model, 1, lambda line: None)


def test_words_of_another_world_do_not_fit(learned: ReplacedWordDetector, model: LanguageModel) -> None:
    text = "The captain dismissed the boat in the morning. The judge examined the vessel in the morning. " * 3
    batch = Batch([analyse(text)], model)
    places, log_odds = learned.misfits(batch, 0)
    words = [batch.articles[0].lower[place] for place in places]
    exchanged = [word in ("dismissed", "vessel") for word in words if word != "morning"]
    known = [value for word, value in zip(words, log_odds, strict=True) if word != "morning"]
    assert roc_auc_score(exchanged, known) > 0.9


def test_it_learns_the_same_each_time(learned: ReplacedWordDetector, news: Path, model: LanguageModel) -> None:
    again = fit_replaced_words(news, model, 2, lambda line: None)
    for name, array in learned.arrays().items():
        np.testing.assert_array_equal(array, again.arrays()[name], err_msg=name)


def test_an_article_fits_alike_in_any_batch(learned: ReplacedWordDetector, model: LanguageModel) -> None:
    articles = [analyse(f"The captain repaired the {word} in the morning, again.") for word in ("boat", "appeal")]
    together = Batch(articles, model)
    alone = [learned.mean_misfit(Batch([article], model), 0) for article in articles]
    assert [learned.mean_misfit(together, row) for row in range(2)] == alone
    assert alone[1] > alone[0]


def test_names_and_grammar_are_not_judged(model: LanguageModel) -> None:
    batch = Batch([analyse("Yesterday the mayor of Boston met him, and Boston was in 1995 what it is now.")], model)
    judged = [w for w, is_one in zip(batch.articles[0].tokens, content_words(batch), strict=True) if is_one]
    assert "mayor" in judged
    assert not {"Boston", "the", "him", "1995", ","} & set(judged)


def test_a_text_without_words_of_content_fits(learned: ReplacedWordDetector, model: LanguageModel) -> None:
    assert learned.mean_misfit(Batch([analyse("He is in it.")], model), 0) == 0.0
    assert learned.mean_misfit(Batch([analyse("")], model), 0) == 0.0


def test_the_time_of_a_long_article_is_bounded(learned: ReplacedWordDetector, model: LanguageModel) -> None:
    batch = Batch([analyse("The captain repaired the boat in the morning. " * 500)], model)
    places, _ = learned.misfits(batch, 0)
    assert len(places) == 400
    assert places[0] < 5
    assert places[-1] > len(batch.ids) - 5


def test_it_is_stored_and_found_again(learned: ReplacedWordDetector) -> None:
    found = ReplacedWordDetector.from_arrays(learned.arrays())
    np.testing.assert_array_equal(found.vectors, learned.vectors)
    for name in learned.arrays():
        with pytest.raises(ModelError, match="retold train"):
            ReplacedWordDetector.from_arrays({k: v for k, v in learned.arrays().items() if k != name})
    narrow = learned.arrays() | {"first": learned.arrays()["first"][:-1]}
    with pytest.raises(ModelError, match="retold train"):
        ReplacedWordDetector.from_arrays(narrow)
