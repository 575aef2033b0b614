"""Model folders: what was written comes back, and nothing else is accepted."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from retold.drafts import draft_folder
from retold.errors import InputError, ModelError
from retold.model_store import bundled_model, check_replaceable, parse_json, read_model, write_model
from retold.model_store.schema import ARRAYS, array_faults

META = {"name": "toy", "version": "1"}


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "model"
    write_model(path, META, {"replay_features": np.arange(6.0).reshape(2, 3)}, {"CARD.md": "A card.\n"})
    return path


def test_what_was_written_comes_back(folder):
    model = read_model(folder)
    assert model.meta == META
    assert model.texts == {"CARD.md": "A card.\n"}
    np.testing.assert_array_equal(model.arrays["replay_features"], np.arange(6.0).reshape(2, 3))


def test_arrays_are_mapped_read_only(folder):
    with pytest.raises(ValueError, match="read-only"):
        read_model(folder).arrays["replay_features"][0, 0] = 1


def test_same_content_gives_the_same_signature(folder, tmp_path):
    write_model(tmp_path / "b", META, {"replay_features": np.arange(6.0).reshape(2, 3)}, {"CARD.md": "A card.\n"})
    assert read_model(folder).signature == read_model(tmp_path / "b").signature


def test_one_changed_byte_is_noticed(folder):
    raw = bytearray((folder / "replay_features.npy").read_bytes())
    raw[-1] ^= 1
    (folder / "replay_features.npy").write_bytes(bytes(raw))
    with pytest.raises(ModelError, match=r"replay_features.npy was changed"):
        read_model(folder)


def test_a_missing_file_is_named(folder):
    (folder / "CARD.md").unlink()
    with pytest.raises(ModelError, match=r"CARD.md is missing"):
        read_model(folder)


def _forge(folder, change):
    manifest = json.loads((folder / "manifest.json").read_text())
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))


def _sign(folder):
    """Make the manifest list what lies in the folder, as whoever tampers with a model would."""
    files = {f.name: f.read_bytes() for f in folder.iterdir() if f.name != "manifest.json"}
    entries = {name: {"bytes": len(b), "sha256": hashlib.sha256(b).hexdigest()} for name, b in files.items()}
    _forge(folder, lambda m: m.update(files=entries))


def test_paths_that_leave_the_folder_are_refused(folder):
    _forge(folder, lambda m: m["files"].update({"../evil.npy": {"bytes": 1, "sha256": ""}}))
    with pytest.raises(ModelError, match="no array of a model"):
        read_model(folder)


def _npz(file):
    with file.open("wb") as stream:
        np.savez(stream, a=np.zeros((2, 3)))


def _pickle(file):
    np.save(file, np.array([{"a": 1}], dtype=object), allow_pickle=True)


def _huge(file):
    header = {"descr": "<f8", "fortran_order": False, "shape": (10**12, 3)}
    with file.open("wb") as stream:
        np.lib.format.write_array_header_1_0(stream, header)


@pytest.mark.parametrize(
    "make", [_npz, _pickle, _huge, lambda file: file.write_bytes(b""), lambda file: file.write_text("x")]
)
def test_what_is_no_array_is_refused_though_it_is_signed(folder, make):
    make(folder / "replay_features.npy")
    _sign(folder)
    with pytest.raises(ModelError, match="not a readable array"):
        read_model(folder)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("other.npy", b""),
        ("other.txt", b"x"),
        ("run.py", b"x"),
        ("CARD.md", b"\xff\xfe"),
        ("CARD.md", b"x" * 1_000_001),
    ],
)
def test_files_that_are_not_declared_are_refused_though_they_are_signed(folder, name, content):
    (folder / name).write_bytes(content)
    _sign(folder)
    with pytest.raises(ModelError):
        read_model(folder)


def test_the_size_of_a_whole_folder_is_bounded(folder, monkeypatch):
    monkeypatch.setattr("retold.model_store.model_folder._MAX_MODEL_BYTES", 100)
    with pytest.raises(ModelError, match="larger than 100 bytes"):
        read_model(folder)


@pytest.mark.parametrize("change", [{"name": 1}, {"version": None}, {"name": "a\x1b[31m"}, {"name": "x" * 101}])
def test_what_is_shown_of_a_model_is_checked(folder, change):
    _forge(folder, lambda m: m.update(change))
    with pytest.raises(ModelError, match="is not a line"):
        read_model(folder)
    with pytest.raises(InputError, match="is not a line"):
        write_model(folder, META | change, {}, {})


SHIPPED = read_model(bundled_model()).arrays


def test_every_array_of_the_shipped_model_is_declared_and_sound():
    assert array_faults(SHIPPED) == []


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_an_array_that_was_tampered_with_is_named(name):
    original = SHIPPED[name]
    tampered = [original[None], original.astype("c16"), original.astype("U1"), original.astype(bool)]
    # Nothing else in the arrays says how many rows are replayed, or needs the last row of those that are pointed into.
    tampered += [original[:-1]] if name not in ("replay_features", "channel_learned_pivot_bits") else []
    if original.dtype.kind == "f":
        first = np.arange(original.size).reshape(original.shape) == 0
        tampered += [original * np.nan, np.where(first, np.inf, original)]
    for array in tampered:
        assert array_faults(SHIPPED | {name: array})


@pytest.mark.parametrize("name", [name for name, schema in ARRAYS.items() if schema.values and name in SHIPPED])
@pytest.mark.parametrize("value", [-2, 10**9])
def test_values_out_of_range_are_named(name, value):
    array = np.array(SHIPPED[name])
    array[0] = value
    (fault,) = array_faults(SHIPPED | {name: array})
    assert fault.startswith(name)
    assert any(words in fault for words in ("out of range", "does not rise", "not finite, or beyond"))


@pytest.mark.parametrize("text", ["", "{", "NaN", '{"a": Infinity}', "[" * 100_000])
def test_json_that_is_not_json_names_its_file(text):
    with pytest.raises(ModelError, match=r"a\.json: not valid JSON"):
        parse_json(text, "a.json")


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
        write_model(folder, META | {"libraries": object()}, {}, {})
    assert read_model(folder).meta == META
    assert [p.name for p in folder.parent.iterdir()] == ["model"]


def toy(path, inputs=(), **meta):
    """Write a model without arrays."""
    write_model(path, META | {"name": "new"} | meta, {}, {"CARD.md": "A card.\n"}, inputs)


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
        assert read_model(path).meta == META | {"name": "new"}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["empty", "link", "model", "new"]


def test_a_model_is_never_written_over_an_input(folder, tmp_path):
    for one in (folder, folder / "CARD.md", tmp_path / "model" / "deep" / "a.jsonl"):
        with pytest.raises(InputError, match="is or holds the input"):
            check_replaceable(folder, [one])
    check_replaceable(folder, [tmp_path / "articles.jsonl"])


def test_what_a_hard_stop_left_behind_is_cleared_away_and_nothing_else(folder, tmp_path):
    for name in (".model.old", ".model.draft-0a1b2c3d", ".model.replaced-0a1b2c3d", ".other.draft-0a1b2c3d"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "left").write_text("over")
    toy(folder)
    assert read_model(folder).meta == META | {"name": "new"}
    assert sorted(path.name for path in tmp_path.iterdir()) == [".model.old", ".other.draft-0a1b2c3d", "model"]


def test_a_model_that_a_hard_stop_left_aside_is_put_back(folder, tmp_path):
    folder.rename(tmp_path / ".model.replaced-0a1b2c3d")
    with pytest.raises(TypeError):
        write_model(folder, META | {"libraries": object()}, {}, {})
    assert read_model(folder).meta == META


def test_the_draft_of_another_process_is_left_alone(folder, tmp_path):
    with draft_folder(folder) as draft:
        toy(folder)
        assert draft.is_dir()


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
    assert read_model(folder).meta == META
    assert [p.name for p in folder.parent.iterdir()] == ["model"]
