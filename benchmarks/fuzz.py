"""Feed mutated input to every reader of files: ``python benchmarks/fuzz.py [--minutes N] [--seed N] [--targets NAME...]``.

Each target takes sound bytes that were mutated (bits flipped, pieces cut, repeated, swapped, or replaced by what breaks parsers)
and checks what must hold whatever they are: no error but one sentence of ``RetoldError``, verdicts that are valid JSON without
NaN, evidence that indexes the text, and no example over the time limit. A failing example is kept in ``--keep`` (its file is
written before it is tried, so that one that kills the process is there, too) and printed with its place in the code; the exit
code is 1. The same seed makes the same examples. The end says how long each target ran and what it found.

Targets: documents of every kind of file, texts, pairs of versions, model folders (as they are, and signed anew over the
mutated part), archives, the record of a run, and the cache of translations.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import lzma
import os
import random
import shutil
import sqlite3
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import retold
from retold.archive import Archive
from retold.cli.main import main as retold_main
from retold.detector.time_limit import limited
from retold.errors import RetoldError
from retold.model_store import bundled_model
from retold.reading import Document, read
from retold.translation import TokenScores, TranslationCache

_DATA = Path(__file__).parents[1] / "tests" / "data"
# Seconds of the processor that an example may take; the slowest sound one takes a tenth.
_SECONDS = 60.0
# What has broken parsers and tables before: ends of types, controls, half characters, formulas, deep nesting, huge numbers.
_TOKENS = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\x1b[31m", b"\r", b"\n\n", b"\t", b'"', b"'", b",", b"{", b"}", b"[",
    b"]", b"<!--", b"<script>", b"]]>", b"&#x110000;", b"&amp;", b"=1+1", b"NaN", b"Infinity", b"1e999", b"-1", b"null",
    b"true", b"\\ud800", b"\\", b"%s", b"../", b"9" * 40, b"[" * 2_000, b"<b>" * 500, b"a" * 5_000, "\u2028".encode(),
    "\ufdfa".encode() * 50, "e\u0301".encode() * 200, "\u202e".encode(), "\U0001f468\u200d\U0001f469".encode(),
    b"make a decision " * 100, b"the the " * 200, b"U.S." * 200, b"--" * 500, b"'s " * 300,
)  # fmt: skip

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


@dataclass
class Tally:
    """What became of a target's examples."""

    examples: int = 0
    seconds: float = 0.0
    findings: Counter[str] = field(default_factory=Counter)


def mutated(data: bytes, generator: random.Random) -> bytes:
    """A few mutations of sound bytes."""
    out = bytearray(data)
    for _ in range(generator.choice((1, 1, 2, 4, 16))):
        at = generator.randrange(len(out) + 1)
        length = generator.choice((1, 2, 8, 64, 1_024))
        kind = generator.randrange(6)
        if kind == 0 and at < len(out):
            out[at] ^= 1 << generator.randrange(8)
        elif kind == 1:
            out[at:at] = generator.choice(_TOKENS)
        elif kind == 2:
            del out[at : at + length]
        elif kind == 3:
            out[at:at] = out[at : at + length] * generator.choice((1, 3, 40))
        elif kind == 4:
            out[at : at + length] = generator.randbytes(length)
        else:
            other = generator.randrange(len(out) + 1)
            out[at:at] = out[other : other + length]
    return bytes(out)


# --- what must hold


def _check_documents(name: str) -> Check:
    def check(data: bytes, folder: Path) -> None:
        (folder / name).write_bytes(data)
        for item in read([folder / name]):
            json.dumps([item.id, item.text if isinstance(item, Document) else item.reason]).encode()
            item.id.encode()

    return check


def _check_verdict(text: str) -> None:
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


def _check_text(data: bytes, folder: Path) -> None:
    _check_verdict(data.decode("utf-8", "replace"))


def _check_pair(data: bytes, folder: Path) -> None:
    text = data.decode("utf-8", "replace")
    compared = retold.load().compare([_ARTICLES[0], text, text[: len(text) // 2]])
    json.dumps(compared.as_dict(), allow_nan=False)


def _check_model(name: str, is_signed: bool) -> Check:
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
        verdict = retold.load(model).score(_ARTICLES[0])
        json.dumps(verdict.as_dict(), allow_nan=False)

    return check


def _link(file: Path, place: Path) -> None:
    """Put a file into another folder, without a copy where that can be."""
    try:
        place.hardlink_to(file)
    except OSError:
        shutil.copyfile(file, place)


def _check_archive(name: str) -> Check:
    def check(data: bytes, folder: Path) -> None:
        shutil.copytree(_sound_archive(), folder / "a.archive")
        (folder / "a.archive" / name).write_bytes(data)
        archive = Archive.open(folder / "a.archive")
        archive.search(_ARTICLES[1])
        archive.info()
        list(archive.documents())
        archive.file_faults()
        archive.close()

    return check


def _check_record(data: bytes, folder: Path) -> None:
    (folder / "in.jsonl").write_text(json.dumps({"id": "a", "text": _ARTICLES[0]}))
    (folder / "out.jsonl.record").write_bytes(data)
    command = ["score", str(folder / "in.jsonl"), "--output", str(folder / "out.jsonl"), "--resume"]
    code = _quiet(command)
    if code not in (0, 2):
        raise AssertionError(f"exit code {code} of {command}")
    if code == 0 and json.loads((folder / "out.jsonl").read_text())["id"] != "a":
        raise AssertionError("another result than that of the input")


def _check_cache(data: bytes, folder: Path) -> None:
    (folder / "cache").write_bytes(data)
    with TranslationCache(_Engine(), folder / "cache", lambda sentence: None) as cache:
        if cache.round_trip(["One sentence.", "Two."])[1] not in ("TWO.", "Zwei."):
            raise AssertionError("a translation of something else")
        cache.force_decode(["One sentence."])


class _Engine:
    name, pivot = "capitals", "pt"

    def round_trip(self, sentences: Sequence[str]) -> list[str]:
        return [sentence.upper() for sentence in sentences]

    def force_decode(self, sentences: Sequence[str]) -> list[TokenScores | None]:
        return [None] * len(sentences)


def _quiet(command: list[str]) -> int:
    saved, sys.stderr = sys.stderr, io.StringIO()
    try:
        return retold_main(command)
    finally:
        sys.stderr = saved


# --- sound inputs

_ARTICLES = [json.loads(line)["text"] for line in (_DATA / "articles.jsonl").read_text(encoding="utf-8").splitlines()]
_SOUND: dict[str, Path] = {}


def _sound_archive() -> Path:
    if "archive" not in _SOUND:
        path = Path(tempfile.mkdtemp()) / "a.archive"
        archive = Archive.create(path)
        archive.add(Document(str(i), text, f"{i}.txt") for i, text in enumerate(_ARTICLES[:8]))
        archive.close()
        _SOUND["archive"] = path
    return _SOUND["archive"]


def _tables() -> dict[str, bytes]:
    rows = [{"id": str(i), "text": text, "date": "2024-01-02"} for i, text in enumerate(_ARTICLES[:3])]
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
    csv = "id,text\n" + "".join('{},"{}"\n'.format(r["id"], r["text"].replace('"', '""')) for r in rows)
    found = {
        "a.txt": _ARTICLES[0].encode(), "a.md": b"# Head\n\n" + _ARTICLES[0].encode(), "a.jsonl": lines,
        "a.jsonl.gz": gzip.compress(lines), "a.jsonl.xz": lzma.compress(lines), "a.csv": csv.encode(),
        "a.json": json.dumps(rows).encode(), "a.parquet": _parquet(rows),
        "a.html": "<html><head><title>T</title></head><body><nav><a href='/'>Home</a></nav><article><h1>Head</h1>{}</article>"
        "</body></html>".format("".join(f"<p>{p}</p>" for p in _ARTICLES[0].split("\n"))).encode(),
    }  # fmt: skip
    return {name: data for name, data in found.items() if data}


def _parquet(rows: list[dict[str, str]]) -> bytes:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        return b""
    sink = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(rows), sink)
    return sink.getvalue()


def _sqlite(statements: Sequence[str]) -> bytes:
    path = Path(tempfile.mkdtemp()) / "db"
    with sqlite3.connect(path) as db:
        for statement in statements:
            db.execute(statement)
    db.close()
    return path.read_bytes()


def _cache() -> bytes:
    path = Path(tempfile.mkdtemp()) / "cache"
    with TranslationCache(_Engine(), path) as cache:
        cache.round_trip(["Two."])
    return path.read_bytes()


def targets() -> dict[str, Target]:
    """What is fuzzed, by name."""
    model = bundled_model()
    found = {f"read {name}": Target([data], _check_documents(name)) for name, data in _tables().items()}
    texts = [text.encode() for text in _ARTICLES[:20]]
    found |= {"text": Target(texts, _check_text), "compare": Target(texts, _check_pair)}
    for name in ("manifest.json", "channel.json", "term_classifier.json", "idiom_forms.tsv", "classifier_coef.npy"):
        found[f"model {name}"] = Target([(model / name).read_bytes()], _check_model(name, False))
    for name in sorted(file.name for file in model.iterdir() if file.name not in ("manifest.json", "CARD.md")):
        found[f"model signed {name}"] = Target([(model / name).read_bytes()], _check_model(name, True))
    for file in sorted(path for path in _sound_archive().rglob("*") if path.is_file()):
        name = str(file.relative_to(_sound_archive()))
        found[f"archive {name}"] = Target([file.read_bytes()], _check_archive(name))
    table = "CREATE TABLE results (key BLOB PRIMARY KEY, verdict TEXT NOT NULL)"
    found["record"] = Target([_sqlite([table, "INSERT INTO results VALUES (x'00', '{}')"])], _check_record)
    found["cache"] = Target([_cache()], _check_cache)
    return found


# --- the run


def try_one(target: Target, generator: random.Random, keep: Path) -> str:
    """Try one example; what failed, or an empty string."""
    data = mutated(generator.choice(target.seeds), generator)
    pending = keep / f"{os.getpid()}.pending"
    pending.write_bytes(data)
    try:
        # A thread of tantivy may still write a lock into what is deleted.
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, limited(_SECONDS):
            target.check(data, Path(folder))
    except RetoldError:
        return ""
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        finding = f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}: {str(error)[:100]}"
        name = hashlib.sha256(finding.encode()).hexdigest()[:12]
        pending.rename(keep / name)
        return f"{finding} ({keep / name})"
    finally:
        pending.unlink(missing_ok=True)
    return ""


def fuzz(names: Sequence[str], seconds: float, seed: int, keep: Path, most: int = sys.maxsize) -> dict[str, Tally]:
    """Try examples, of each kind of target equally often, until the time is over or there were ``most``."""
    keep.mkdir(parents=True, exist_ok=True)
    chosen = {name: t for name, t in targets().items() if any(name.startswith(start) for start in names or [""])}
    kinds: dict[str, list[str]] = {}
    for name in chosen:
        kinds.setdefault(name.rpartition(" ")[0] or name, []).append(name)
    tallies: dict[str, Tally] = {kind: Tally() for kind in kinds}
    end = time.monotonic() + seconds
    for number in range(most):
        if time.monotonic() > end:
            break
        generator = random.Random(f"{seed} {number}")  # noqa: S311  the same examples in every run
        kind = sorted(kinds)[number % len(kinds)]
        name, tally = generator.choice(kinds[kind]), tallies[kind]
        start = time.process_time()
        finding = try_one(chosen[name], generator, keep)
        tally.seconds += time.process_time() - start
        tally.examples += 1
        if finding:
            tally.findings[finding] += 1
            print(f"{name}, example {number} of seed {seed}: {finding}", file=sys.stderr, flush=True)
    return tallies


def main(argv: Sequence[str] | None = None) -> int:
    """Fuzz, and print what was tried and found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0, help="how long; default: 1")
    parser.add_argument("--most", type=int, default=sys.maxsize, help="examples; default: no limit")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="default: the time")
    parser.add_argument("--targets", nargs="*", default=[], help="beginnings of their names; default: all")
    parser.add_argument(
        "--keep", type=Path, default=Path(tempfile.gettempdir()) / "retold-fuzz", help="failing examples"
    )
    options = parser.parse_args(argv)
    tallies = fuzz(options.targets, 60 * options.minutes, options.seed, options.keep, options.most)
    for name, tally in tallies.items():
        print(f"{name}: {tally.examples:,} examples, {tally.seconds:.1f} s, {len(tally.findings)} findings")
    examples, found = sum(t.examples for t in tallies.values()), sum(len(t.findings) for t in tallies.values())
    hours = sum(t.seconds for t in tallies.values()) / 3600
    print(f"seed {options.seed}: {examples:,} examples in {hours:.2f} hours of the processor, {found} findings")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
