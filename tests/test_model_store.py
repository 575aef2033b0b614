"""Model folders: what was written comes back, and nothing else is accepted."""

import json
from pathlib import Path

import numpy as np
import pytest

from retold.errors import InputError, ModelError
from retold.model_store import check_replaceable, read_model, write_model


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


def toy(path, inputs=(), **meta):
    """Write a model without arrays."""
    write_model(path, {"name": "new", **meta}, {}, {"CARD.md": "A card.\n"}, inputs)


def tree(folder):
    """Every file below a folder, with its content."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def _articles(folder):
    (folder / "original").mkdir(parents=True)
    (folder / "original" / "a.txt").write_text("An article.")


def _models(folder):
    toy(folder / "one")
    toy(folder / "two")


def _file(folder):
    folder.write_text("A thesis.")


def _model_with_notes(folder):
    toy(folder)
    (folder / "notes.txt").write_text("Mine.")


def _foreign_manifest(folder):
    folder.mkdir()
    (folder / "manifest.json").write_text('{"name": "my app", "files": {}}')


@pytest.mark.parametrize("make", [_articles, _models, _file, _model_with_notes, _foreign_manifest])
def test_nothing_but_a_model_is_replaced(tmp_path, make):
    make(tmp_path / "work")
    before = tree(tmp_path)
    with pytest.raises(InputError, match="name another folder"):
        toy(tmp_path / "work")
    assert tree(tmp_path) == before


def test_a_model_and_an_empty_folder_are_replaced(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(folder)
    for path in (folder, tmp_path / "empty", tmp_path / "link", tmp_path / "new" / "model"):
        toy(path)
        assert read_model(path).meta == {"name": "new"}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["empty", "link", "model", "new"]


def test_a_model_is_never_written_over_an_input(folder, tmp_path):
    for one in (folder, folder / "CARD.md", tmp_path / "model" / "deep" / "a.jsonl"):
        with pytest.raises(InputError, match="is or holds the input"):
            check_replaceable(folder, [one])
    check_replaceable(folder, [tmp_path / "articles.jsonl"])


def test_what_a_hard_stop_left_behind_is_in_nobodys_way(folder, tmp_path):
    for name in (".model.old", ".model.draft"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "left").write_text("over")
    toy(folder)
    assert read_model(folder).meta == {"name": "new"}
    assert (tmp_path / ".model.old" / "left").exists()


def test_a_model_that_cannot_take_its_place_leaves_the_old_one(folder, monkeypatch):
    rename = Path.rename

    def fails(self, target):
        if target == folder:
            monkeypatch.undo()
            raise OSError("disk trouble")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fails)
    with pytest.raises(OSError, match="disk trouble"):
        toy(folder)
    assert read_model(folder).meta == {"name": "toy"}
    assert [p.name for p in folder.parent.iterdir()] == ["model"]
