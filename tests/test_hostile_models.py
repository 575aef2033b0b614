"""Models whose manifest was signed anew over tampered parts: one clear error, or verdicts that are finite; never a traceback."""

import hashlib
import json
import os
import random
from contextlib import suppress

import numpy as np
import pytest

import retold
from retold.errors import ModelError
from retold.model_store import bundled_model, read_model
from retold.model_store.schema import ARRAYS, TEXTS

TEXT = "The council said on Monday that the bridge over the river would stay closed for another year. " * 4
SHIPPED = bundled_model()
CONTENT = {name: (SHIPPED / name).read_text(encoding="utf-8") for name in read_model(SHIPPED).texts}
# Shown to people, and read by training alone.
UNUSED = ("CARD.md", "replay.csv")


@pytest.fixture
def tampered(tmp_path):
    """A function that puts a file into a copy of the shipped model and signs it."""

    def make(name, content):
        folder = tmp_path / "model"
        folder.mkdir()
        for file in SHIPPED.iterdir():
            if file.name not in (name, "manifest.json"):
                os.link(file, folder / file.name) if _can_link(file, folder) else (folder / file.name).write_bytes(
                    file.read_bytes()
                )
        manifest = json.loads((SHIPPED / "manifest.json").read_text())
        if isinstance(content, np.ndarray):
            np.save(folder / name, content)
        else:
            (folder / name).write_bytes(content)
        data = (folder / name).read_bytes()
        manifest["files"][name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        (folder / "manifest.json").write_text(json.dumps(manifest))
        return folder

    return make


def _can_link(file, folder):
    return file.stat().st_dev == folder.stat().st_dev


def use(folder):
    """Load a model and score, explain and compare with it; whatever it says must be valid JSON without NaN."""
    detector = retold.load(folder)
    json.dumps(detector.explain(TEXT).as_dict(), allow_nan=False)
    json.dumps(detector.compare([TEXT, TEXT.replace("year", "month")]).as_dict(), allow_nan=False)


def mutations(text, seed):
    """The text of a JSON file with one value after another replaced or left out."""
    generator = random.Random(seed)  # noqa: S311  the same mutations in every run
    for _ in range(3):
        root = json.loads(text)
        node, key, depth = [root], 0, generator.randint(1, 4)
        while depth and isinstance(node[key], dict | list) and node[key]:
            node, depth = node[key], depth - 1
            key = generator.choice(sorted(node)) if isinstance(node, dict) else generator.randrange(len(node))
        node[key] = generator.choice([None, [], {}, "x", -1, 10**9, 1e308, float("nan"), True])
        yield json.dumps(root)


def hostile_texts():
    for name in sorted(CONTENT.keys() - set(UNUSED)):
        kinds = ["\0\t\t\n" * 9, CONTENT[name][: len(CONTENT[name]) // 2]]
        kinds += list(mutations(CONTENT[name], name)) if name.endswith(".json") else [CONTENT[name].replace("1", "nan")]
        yield from (pytest.param(name, kind, id=f"{name}-{i}") for i, kind in enumerate(kinds))


@pytest.mark.parametrize(("name", "content"), list(hostile_texts()))
def test_a_text_that_was_tampered_with_is_one_error_or_harmless(tampered, name, content):
    folder = tampered(name, content.encode())
    with suppress(ModelError):
        use(folder)


def first_array(values):
    """The first array whose declared range begins so."""
    return next(name for name, schema in ARRAYS.items() if schema.values.startswith(values))


@pytest.mark.parametrize(
    ("name", "value"),
    [("classifier_coef", np.nan), ("classifier_scale", 0.0), ("lm_unigrams", np.inf), ("calibration_coef", 1e300),
     (first_array("<"), 2**31 - 1), (first_array("offsets"), -1), ("grammar_weights", np.nan)],
)  # fmt: skip
def test_an_array_that_was_tampered_with_is_refused(tampered, name, value):
    array = np.load(SHIPPED / f"{name}.npy")
    array.flat[array.size // 2] = value
    with pytest.raises(ModelError, match=f"damaged: {name}"):
        use(tampered(f"{name}.npy", array))


def test_every_text_of_the_shipped_model_is_declared_with_room():
    assert all(10 * len(content) <= TEXTS[name] for name, content in CONTENT.items())
