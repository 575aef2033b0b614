"""Model folders: what was written comes back, and nothing else is accepted."""

import json

import numpy as np
import pytest

from retold.errors import ModelError
from retold.model_store import read_model, write_model


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "model"
    write_model(path, {"name": "toy"}, {"weights": np.arange(6.0).reshape(2, 3)}, {"CARD.md": "A card.\n"})
    return path


def test_what_was_written_comes_back(folder):
    model = read_model(folder)
    assert model.meta == {"name": "toy"}
    assert model.texts == {"CARD.md": "A card.\n"}
    np.testing.assert_array_equal(model.arrays["weights"], np.arange(6.0).reshape(2, 3))


def test_arrays_are_mapped_read_only(folder):
    with pytest.raises(ValueError, match="read-only"):
        read_model(folder).arrays["weights"][0, 0] = 1


def test_same_content_gives_the_same_signature(folder, tmp_path):
    write_model(tmp_path / "b", {"name": "toy"}, {"weights": np.arange(6.0).reshape(2, 3)}, {"CARD.md": "A card.\n"})
    assert read_model(folder).signature == read_model(tmp_path / "b").signature


def test_one_changed_byte_is_noticed(folder):
    raw = bytearray((folder / "weights.npy").read_bytes())
    raw[-1] ^= 1
    (folder / "weights.npy").write_bytes(bytes(raw))
    with pytest.raises(ModelError, match=r"weights.npy was changed"):
        read_model(folder)


def test_a_missing_file_is_named(folder):
    (folder / "CARD.md").unlink()
    with pytest.raises(ModelError, match=r"CARD.md is missing"):
        read_model(folder)


def _forge(folder, change):
    manifest = json.loads((folder / "manifest.json").read_text())
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_paths_that_leave_the_folder_are_refused(folder):
    _forge(folder, lambda m: m["files"].update({"../evil.npy": {"bytes": 1, "sha256": ""}}))
    with pytest.raises(ModelError, match="unsafe file name"):
        read_model(folder)


def test_pickled_arrays_never_load(folder, tmp_path):
    np.save(folder / "weights.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    import hashlib

    raw = (folder / "weights.npy").read_bytes()
    entry = {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest(), "dtype": "|O", "shape": [1]}
    _forge(folder, lambda m: m["files"].update({"weights.npy": entry}))
    with pytest.raises(ModelError, match="not a readable array"):
        read_model(folder)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": 1}', '{"format": 99, "files": {}}', "[" * 100_000])
def test_broken_manifests_are_one_sentence(folder, text):
    (folder / "manifest.json").write_text(text)
    with pytest.raises(ModelError):
        read_model(folder)


def test_an_empty_folder_says_how_to_train(tmp_path):
    with pytest.raises(ModelError, match="retold train"):
        read_model(tmp_path)


def test_a_failed_write_leaves_the_old_model(folder):
    with pytest.raises(TypeError):
        write_model(folder, {"name": object()}, {}, {})
    assert read_model(folder).meta == {"name": "toy"}
    assert [p.name for p in folder.parent.iterdir()] == ["model"]
