"""Model components: what a folder must hold before signals are built from it."""

from dataclasses import replace

import pytest

import retold
from retold.detector.components import ModelComponents, build_signals
from retold.detector.features import describe, feature_schema
from retold.errors import ModelError
from retold.model_store import bundled_model, read_model
from retold.signals.base import EvidenceFinder
from retold.signals.idioms.lexicon import parse_forms
from retold.signals.registry import FEATURE_GROUPS, SIGNALS


@pytest.fixture(scope="module")
def folder():
    return read_model(bundled_model())


def test_components_survive_storing(folder):
    components = ModelComponents.from_folder(folder)
    assert components.texts().items() <= folder.texts.items()
    assert components.arrays().keys() <= folder.arrays.keys()
    again = ModelComponents.from_arrays(components.arrays(), components.texts())
    assert again.texts() == components.texts()


def test_features_in_another_order_are_refused(folder):
    names = folder.meta["features"]
    backwards = replace(folder, meta={**folder.meta, "features": names[::-1]})
    with pytest.raises(ModelError, match=r"column 1 is 'length' in the model and 'fluency_all_bits_1'.*retold train"):
        ModelComponents.from_folder(backwards)


@pytest.mark.parametrize(
    ("features", "difference"),
    [(None, "0 columns"), ("length", "0 columns"), ([], "0 columns"), ([{}], "column 1"), (["x" * 9999], "column 1")],
)
def test_odd_lists_of_features_are_refused(folder, features, difference):
    with pytest.raises(ModelError, match=difference) as caught:
        ModelComponents.from_folder(replace(folder, meta={**folder.meta, "features": features}))
    assert len(str(caught.value)) < 400


def test_fewer_features_are_refused(folder):
    names = folder.meta["features"]
    with pytest.raises(ModelError, match=f"the model has {len(names) - 1} columns, this version {len(names)}"):
        ModelComponents.from_folder(replace(folder, meta={**folder.meta, "features": names[:-1]}))


@pytest.mark.parametrize("file", sorted({file for signal in SIGNALS for file in getattr(signal, "tables", ())}))
@pytest.mark.parametrize("text", [None, "", "{}", "a\tb\nc", "[" * 10_000, "expression\nall or nothing"])
def test_a_table_that_is_missing_or_damaged_is_named(folder, file, text):
    texts = {name: held for name, held in folder.texts.items() if name != file}
    if text is not None:
        texts[file] = text
    with pytest.raises(ModelError, match=rf"{file}.*(retold train|get the model anew)$"):
        ModelComponents.from_folder(replace(folder, texts=texts))


@pytest.mark.parametrize(
    "row", ["x\tnothing or all", "order\t_ *", "order\t", "content\tall or nothing at all *", "order\t~ all"]
)
def test_a_form_that_cannot_be_one_is_refused(row):
    with pytest.raises(ModelError, match="is no form of 'all or nothing'"):
        parse_forms(f"expression\trule\tform\tordinary\nall or nothing\t{row}\t")


def test_a_model_without_a_part_is_refused(folder):
    with pytest.raises(ModelError, match="incomplete or damaged"):
        ModelComponents.from_arrays(folder.arrays, {"vocabulary.txt": "<s>"})


def test_a_model_trained_before_a_signal_existed_goes_on_without_it(folder):
    components = ModelComponents.from_folder(folder)
    fewer = replace(components, handcrafted=tuple(n for n in components.handcrafted if n != "artefacts"))
    schema = feature_schema(build_signals(fewer))
    assert "artefacts" in FEATURE_GROUPS
    assert "artefacts" not in schema.group_names


def test_every_signal_has_a_name_and_words_of_its_own():
    assert len({signal.name for signal in SIGNALS}) == len({signal.title for signal in SIGNALS}) == len(SIGNALS)
    assert all(describe(name).aspect != name for signal in SIGNALS for name in signal.feature_names)


def test_only_signals_that_have_evidence_look_for_it():
    finders = [signal.name for signal in retold.load().signals if isinstance(signal, EvidenceFinder)]
    assert finders == ["fluency", "terms", "idioms", "artefacts"]


@pytest.mark.parametrize("change", [lambda words: words + "\nzyx", lambda words: words.rpartition("\n")[0]])
def test_words_that_are_more_or_fewer_than_the_numbers_about_them_are_refused(folder, change):
    texts = {**folder.texts, "vocabulary.txt": change(folder.texts["vocabulary.txt"])}
    with pytest.raises(ModelError, match="words in the vocabulary, numbers for"):
        ModelComponents.from_folder(replace(folder, texts=texts))
