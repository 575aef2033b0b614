"""What is fuzzed, and what must hold of each whatever becomes of its bytes."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import retold
from benchmarks.fuzz_inputs import ARTICLES, Capitals, database, files_of_each_kind, sound_archive, translations
from retold.archive import Archive
from retold.cli.main import main as retold_main
from retold.model_store import bundled_model
from retold.reading import Document, read
from retold.translation import TranslationCache

Check = Callable[[bytes, Path], None]


@dataclass(frozen=True)
class Target:
    """Something that takes bytes.

    Attributes:
        seeds: Sound inputs.
        check: Tries one example in an empty folder; raises for a finding.
    """

    seeds: Sequence[bytes]
    check: Check


def check_documents(name: str) -> Check:
    def check(data: bytes, folder: Path) -> None:
        (folder / name).write_bytes(data)
        for item in read([folder / name]):
            json.dumps([item.id, item.text if isinstance(item, Document) else item.reason]).encode()
            item.id.encode()

    return check


def check_verdict(text: str) -> None:
    explanation = retold.load().explain(text, text[:20])
    row = json.loads(json.dumps(explanation.as_dict(), allow_nan=False))
    verdict = explanation.verdict
    if (verdict.label is None) != (verdict.probabilities is None):
        raise AssertionError(f"label {verdict.label} with probabilities {verdict.probabilities}")
    if verdict.probabilities and abs(sum(verdict.probabilities.values()) - 1) > 1e-5:
        raise AssertionError(f"probabilities that do not sum to 1: {row}")
    for span in verdict.evidence:
        if text[span.start : span.end] != span.text or not span.text:
            raise AssertionError(f"evidence that is not in the text: {span}")


def check_text(data: bytes, folder: Path) -> None:
    check_verdict(data.decode("utf-8", "replace"))


def check_pair(data: bytes, folder: Path) -> None:
    text = data.decode("utf-8", "replace")
    compared = retold.load().compare([ARTICLES[0], text, text[: len(text) // 2]])
    json.dumps(compared.as_dict(), allow_nan=False)


def check_model(name: str, is_signed: bool) -> Check:
    def check(data: bytes, folder: Path) -> None:
        model = folder / "model"
        model.mkdir()
        for file in bundled_model().iterdir():
            if file.name != name:
                _link(file, model / file.name)
        (model / name).write_bytes(data)
        if is_signed:
            manifest = json.loads((model / "manifest.json").read_text())
            manifest["files"][name] |= {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            # Written anew, since the one that lies there may be linked.
            (model / "manifest.json").unlink()
            (model / "manifest.json").write_text(json.dumps(manifest))
        verdict = retold.load(model).score(ARTICLES[0])
        json.dumps(verdict.as_dict(), allow_nan=False)

    return check


def _link(file: Path, place: Path) -> None:
    """Put a file into another folder, without a copy where that can be."""
    try:
        place.hardlink_to(file)
    except OSError:
        shutil.copyfile(file, place)


def check_archive(name: str) -> Check:
    def check(data: bytes, folder: Path) -> None:
        shutil.copytree(sound_archive(), folder / "a.archive")
        (folder / "a.archive" / name).write_bytes(data)
        archive = Archive.open(folder / "a.archive")
        archive.search(ARTICLES[1])
        archive.info()
        list(archive.documents())
        archive.file_faults()
        archive.close()

    return check


def check_record(data: bytes, folder: Path) -> None:
    (folder / "in.jsonl").write_text(json.dumps({"id": "a", "text": ARTICLES[0]}))
    (folder / "out.jsonl.record").write_bytes(data)
    command = ["score", str(folder / "in.jsonl"), "--output", str(folder / "out.jsonl"), "--resume"]
    code = _quiet(command)
    if code not in (0, 2):
        raise AssertionError(f"exit code {code} of {command}")
    if code == 0 and json.loads((folder / "out.jsonl").read_text())["id"] != "a":
        raise AssertionError("another result than that of the input")


def check_cache(data: bytes, folder: Path) -> None:
    (folder / "cache").write_bytes(data)
    with TranslationCache(Capitals(), folder / "cache", lambda sentence: None) as cache:
        if cache.round_trip(["One sentence.", "Two."])[1] not in ("TWO.", "Zwei."):
            raise AssertionError("a translation of something else")
        cache.force_decode(["One sentence."])


def _quiet(command: list[str]) -> int:
    saved, sys.stderr = sys.stderr, io.StringIO()
    try:
        return retold_main(command)
    finally:
        sys.stderr = saved


def targets() -> dict[str, Target]:
    """What is fuzzed, by name."""
    model = bundled_model()
    found = {f"read {name}": Target([data], check_documents(name)) for name, data in files_of_each_kind().items()}
    texts = [text.encode() for text in ARTICLES[:20]]
    found |= {"text": Target(texts, check_text), "compare": Target(texts, check_pair)}
    for name in ("manifest.json", "channel.json", "term_classifier.json", "idiom_forms.tsv", "classifier_coef.npy"):
        found[f"model {name}"] = Target([(model / name).read_bytes()], check_model(name, False))
    for name in sorted(file.name for file in model.iterdir() if file.name not in ("manifest.json", "CARD.md")):
        found[f"model signed {name}"] = Target([(model / name).read_bytes()], check_model(name, True))
    for file in sorted(path for path in sound_archive().rglob("*") if path.is_file()):
        name = str(file.relative_to(sound_archive()))
        found[f"archive {name}"] = Target([file.read_bytes()], check_archive(name))
    table = "CREATE TABLE results (key BLOB PRIMARY KEY, verdict TEXT NOT NULL)"
    found["record"] = Target([database([table, "INSERT INTO results VALUES (x'00', '{}')"])], check_record)
    found["cache"] = Target([translations()], check_cache)
    return found
