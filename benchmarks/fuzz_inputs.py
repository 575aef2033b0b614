"""Sound inputs of every kind that the fuzzer mutates."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path

from retold.archive import Archive
from retold.reading import Document
from retold.translation import TokenScores, TranslationCache

_DATA = Path(__file__).parents[1] / "tests" / "data"
ARTICLES = [json.loads(line)["text"] for line in (_DATA / "articles.jsonl").read_text(encoding="utf-8").splitlines()]
_SOUND: dict[str, Path] = {}


class Capitals:
    """An engine that translates into capitals."""

    name, pivot = "capitals", "pt"

    def round_trip(self, sentences: Sequence[str]) -> list[str]:
        """Capitals."""
        return [sentence.upper() for sentence in sentences]

    def force_decode(self, sentences: Sequence[str]) -> list[TokenScores | None]:
        """Nothing that could be decoded."""
        return [None] * len(sentences)


def sound_archive() -> Path:
    if "archive" not in _SOUND:
        path = Path(tempfile.mkdtemp()) / "a.archive"
        archive = Archive.create(path)
        archive.add(Document(str(i), text, f"{i}.txt") for i, text in enumerate(ARTICLES[:8]))
        archive.close()
        _SOUND["archive"] = path
    return _SOUND["archive"]


def files_of_each_kind() -> dict[str, bytes]:
    rows = [{"id": str(i), "text": text, "date": "2024-01-02"} for i, text in enumerate(ARTICLES[:3])]
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
    csv = "id,text\n" + "".join('{},"{}"\n'.format(r["id"], r["text"].replace('"', '""')) for r in rows)
    found = {
        "a.txt": ARTICLES[0].encode(), "a.md": b"# Head\n\n" + ARTICLES[0].encode(), "a.jsonl": lines,
        "a.jsonl.gz": gzip.compress(lines), "a.jsonl.xz": lzma.compress(lines), "a.csv": csv.encode(),
        "a.json": json.dumps(rows).encode(), "a.parquet": _parquet(rows),
        "a.html": "<html><head><title>T</title></head><body><nav><a href='/'>Home</a></nav><article><h1>Head</h1>{}</article>"
        "</body></html>".format("".join(f"<p>{p}</p>" for p in ARTICLES[0].split("\n"))).encode(),
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


def database(statements: Sequence[str]) -> bytes:
    path = Path(tempfile.mkdtemp()) / "db"
    with sqlite3.connect(path) as db:
        for statement in statements:
            db.execute(statement)
    db.close()
    return path.read_bytes()


def translations() -> bytes:
    path = Path(tempfile.mkdtemp()) / "cache"
    with TranslationCache(Capitals(), path) as cache:
        cache.round_trip(["Two."])
    return path.read_bytes()
